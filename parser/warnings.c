/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is valid and still not what the author means: conditions that can never hold, regexes that cost too
 * much, exceptions that open too wide. Nothing here changes a rule.
 */
#include <errno.h>
#include <string.h>

#include "base/nearest.h"
#include "parser/attack.h"
#include "parser/checker.h"
#include "parser/codes.h"
#include "parser/compare.h"
#include "parser/regex_lint.h"
#include "parser/satisfy.h"

/* TASK_COMM_LEN of the kernel's include/linux/sched.h is 16 with the NUL. */
#define COMM_MAX 15
/* Two trees with a larger product of sizes are not compared. */
#define MAX_COMPARISONS ((size_t)1000000)
/* How far conditions are looked through for whether they can hold: each, and all together. */
#define MAX_STEPS 2000
#define MAX_ALL_STEPS 1000000

bool warns(const struct scope *s)
{
	return s->checker->options->warnings;
}

void warn_comm(struct scope *s, const struct field_ref *ref, enum op op, struct entry *e)
{
	struct str name = str_of(ref->field->name);
	struct diags *ds = s->checker->ds;
	bool whole = op == OP_IN || op == OP_PREFIX || op == OP_SUFFIX || op == OP_CONTAINS;

	if (!warns(s) || !whole || e->told || e->text.len <= COMM_MAX)
		return;
	if (!str_eq(name, STR_LIT("comm")) && !str_has_suffix(name, STR_LIT(".comm")))
		return;
	e->told = true;
	diag_warning(ds, &code_comm_length, e->node->at, "`%.*s` can never equal a comm", STR_ARG(e->text));
	diag_label(ds, "%zu bytes; the kernel cuts comm to %d", e->text.len, COMM_MAX);
	if (op == OP_IN)
		diag_help(ds, "use `%.*sexe: { suffix: /%.*s }`", (int)(name.len - 4), name.p,
			  STR_ARG(e->text));
}

/* Fields of whole command lines, where any text may stand. */
static bool has_words(const struct field_ref *ref)
{
	return ref->field->type == FT_WORDS || ref->field->type == FT_MAP ||
	       str_has_suffix(str_of(ref->field->name), STR_LIT("arg"));
}

/* `tty: false`, where no tty is meant: a field that is not known where the thing itself is missing. */
static bool means_presence(const struct field_ref *ref, const struct entry *e)
{
	static const char *const words[] = { "true", "false", "null" };
	static const char *const fields[] = {
		"tty", "login", "unit", "container.id", "container.runtime", "cgroup", "exe", "parent.exe",
	};
	bool is_word = false, is_field = false;

	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		is_word |= str_eq(e->text, str_of(words[i]));
	for (size_t i = 0; i < ARRAY_SIZE(fields); i++)
		is_field |= strcmp(ref->field->name, fields[i]) == 0;
	return is_word && is_field && e->node->style == SCALAR_PLAIN;
}

/* A text where a pattern, a comparison or a truth seems to be meant. */
void warn_text(struct scope *s, const struct field_ref *ref, enum op op, struct entry *e)
{
	static const char *const comparisons[] = { "!=", "==", "in (", "not in (" };
	struct diags *ds = s->checker->ds;
	const char *help = NULL;

	if (!warns(s) || e->told || has_words(ref) || op == OP_GLOB)
		return;
	if (memchr(e->text.p, '*', e->text.len))
		help = "a pattern is `{ glob: ... }`";
	for (size_t i = 0; op == OP_IN && i < ARRAY_SIZE(comparisons); i++)
		if (str_has_prefix(e->text, str_of(comparisons[i])))
			help = "values are a list, `[a, b]`; what must not be is `{ not: ... }`";
	if (op == OP_IN && means_presence(ref, e))
		help = "whether there is one is `{ set: true }` or `{ set: false }`";
	if (!help)
		return;
	e->told = true;
	diag_warning(ds, &code_plain_text, e->node->at, "`%.*s` is compared as it stands", STR_ARG(e->text));
	diag_help(ds, "%s", help);
}

/* A plain regex that goes on behind ` #` in the file. */
static void warn_comment(struct scope *s, const struct entry *e)
{
	struct str rest = str_skip(e->node->at.source->text, e->node->offset + e->node->text.len);
	size_t blanks = 0;

	if (e->node->style != SCALAR_PLAIN || e->node->at.end_col == 0)
		return;
	while (blanks < rest.len && rest.p[blanks] == ' ')
		blanks++;
	if (blanks == 0 || blanks >= rest.len || rest.p[blanks] != '#')
		return;
	diag_warning(s->checker->ds, &code_regex_comment, e->node->at,
		     "the regex ends where the comment begins");
	diag_help(s->checker->ds, "if ` #` belongs to the regex, put it in single quotes");
}

void warn_regex(struct scope *s, struct entry *e, const struct regex *re)
{
	struct diags *ds = s->checker->ds;
	struct regex_lint lint;

	if (!warns(s) || e->told)
		return;
	e->told = true;
	warn_comment(s, e);
	if (regex_matches_empty(re, s->checker->scratch)) {
		diag_warning(ds, &code_regex_empty, e->node->at, "the regex matches the empty text");
		diag_label(ds, "holds for every known value");
		return;
	}
	lint = regex_lint(e->text);
	if (lint.is_literal) {
		diag_warning(ds, &code_regex_literal, e->node->at, "the regex is a plain text");
		diag_help(ds, "`contains` finds it faster");
		return;
	}
	if (lint.has_nested_repeat) {
		diag_warning(ds, &code_regex_nested, node_place(e->node, lint.nested_at, 1),
			     "an unbounded repeat of something that repeats without bounds itself");
		diag_help(ds, "a text that almost fits may take so long that the match is undecided");
	}
	if (!lint.has_literal) {
		diag_warning(ds, &code_regex_slow, e->node->at, "no text is in every match of the regex");
		diag_label(ds, "tried on every exec");
	}
}

static void warn_tag(struct scope *s, const struct node *n)
{
	struct nearest nearest;
	struct str name;

	if (n->kind != NODE_SCALAR || !str_has_prefix_nocase(n->text, STR_LIT("attack.")) ||
	    attack_tag(n->text, &name) != ATTACK_NONE)
		return;
	nearest = (struct nearest)NEAREST_INIT(str_skip(n->text, STR_LIT("attack.").len));
	for (size_t i = 0; attack_tactics[i]; i++)
		nearest_try(&nearest, str_of(attack_tactics[i]));
	diag_warning(s->checker->ds, &code_attack_tag, n->at, "`%.*s` is no ATT&CK tag", STR_ARG(n->text));
	if (str_known(nearest.best))
		diag_help(s->checker->ds, "did you mean `attack.%.*s`?", STR_ARG(nearest.best));
	else
		diag_help(s->checker->ds, "a technique is attack.t1059 or attack.t1059.004");
}

static void for_each_text(struct scope *s, const struct node *n,
			  void (*look)(struct scope *s, const struct node *text))
{
	if (n->kind == NODE_SCALAR)
		look(s, n);
	for (size_t i = 0; n->kind == NODE_LIST && i < n->n; i++)
		look(s, n->items[i]);
}

void warn_tags(struct scope *s, const struct node *n)
{
	if (warns(s))
		for_each_text(s, n, warn_tag);
}

static void warn_output(struct scope *s, const struct node *n)
{
	const char *const *outputs = s->checker->options->outputs;
	struct nearest nearest = NEAREST_INIT(n->text);

	if (n->kind != NODE_SCALAR || !outputs)
		return;
	for (; *outputs; outputs++) {
		if (str_eq(n->text, str_of(*outputs)))
			return;
		nearest_try(&nearest, str_of(*outputs));
	}
	diag_warning(s->checker->ds, &code_unknown_output, n->at, "no output is named `%.*s`",
		     STR_ARG(n->text));
	if (str_known(nearest.best))
		diag_help(s->checker->ds, "did you mean `%.*s`?", STR_ARG(nearest.best));
}

/* Also where no other warnings are wanted: it is the configuration that is looked at, not the rule. */
void warn_route(struct scope *s, const struct node *n)
{
	for_each_text(s, n, warn_output);
}

/* Chosen by whoever makes the call. */
static bool caller_controls(const struct field_ref *ref)
{
	static const char *const names[] = {
		"argv", "arg", "given_argv", "argc", "argv_bytes", "argv_state", "comm", "caller.comm",
		"name", "filename", "cwd", "env",
	};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (strcmp(ref->field->name, names[i]) == 0)
			return true;
	return false;
}

static bool all_controlled(const struct cond *c)
{
	bool all = c->kind != COND_FIELD || caller_controls(c->field);

	for (size_t i = 0; i < c->n_children && all; i++)
		all = all_controlled(c->children[i]);
	return all;
}

void warn_exception(struct scope *s, const struct rule *rule, const struct exception *x, size_t n_comparisons)
{
	struct diags *ds = s->checker->ds;

	warn_never(s, x->match);
	if (!warns(s) || n_comparisons > MAX_COMPARISONS)
		return;
	if (cond_implies(rule->match, x->match)) {
		diag_warning(ds, &code_wide_exception, x->at, "exception `%.*s` holds whenever its rule does",
			     STR_ARG(x->id));
		diag_label(ds, "the rule can never alert");
		return;
	}
	if (all_controlled(x->match)) {
		diag_warning(ds, &code_caller_controlled, x->at,
			     "exception `%.*s` rests only on what the caller chooses", STR_ARG(x->id));
		diag_help(ds, "add what the caller does not choose: `user`, `unit`, `exe`, `parent.exe`");
	}
}

/* Does the condition ask for what only the new image of a successful exec has? */
static bool wants_image(const struct cond *c)
{
	struct str name;

	if (c->kind != COND_FIELD || (c->tests[0].op == OP_SET && c->tests[0].numbers[0] == 0))
		return false;
	name = str_of(c->field->field->name);
	return str_has_prefix(name, STR_LIT("file.")) || str_eq(name, STR_LIT("exe")) ||
	       str_has_prefix(name, STR_LIT("exe_"));
}

/* Is it yet to be said of that place that it can never hold? A macro's conditions are looked at with each
 * use. Without memory it is said again. */
static bool tell_never(struct checker *c, struct loc at)
{
	uintptr_t place[] = { (uintptr_t)at.source, at.line, at.col };
	struct str name = { (const char *)place, sizeof(place) };
	size_t number;

	if (names_find(&c->never, name, &number) == 0)
		return false;
	name = arena_str(c->arena, name);
	if (name.p)
		names_add(&c->never, name, 0, &number);
	return true;
}

/* One part: no value satisfies its own tests. */
static void warn_alone(struct scope *s, const struct cond *c)
{
	struct diags *ds = s->checker->ds;

	if (!cond_excludes_itself(c) || !tell_never(s->checker, cond_at(c)))
		return;
	if (op_table[c->tests[0].op].operand == OPERAND_BOUND)
		diag_warning(ds, &code_never, cond_at(c), "no number is within these bounds");
	else
		diag_warning(ds, &code_never, cond_at(c), "no value satisfies all of this");
	diag_label(ds, "can never match");
	if (strcmp(c->field->field->name, "retval") == 0)
		diag_help(ds, "`retval` is 0, or minus the number of the errno");
}

/* Two ANDed parts. */
static void warn_pair(struct scope *s, const struct cond *a, const struct cond *b, unsigned int *steps)
{
	struct diags *ds = s->checker->ds;
	bool alone = cond_excludes_itself(a) || cond_excludes_itself(b);

	if (!alone && conds_exclude(a, b, steps) && tell_never(s->checker, cond_at(b))) {
		diag_warning(ds, &code_never, cond_at(b), "this and the condition above exclude each other");
		diag_label(ds, "can never match");
		diag_second(ds, cond_at(a), "the other one");
	}
	if ((wants_failure(a) && wants_image(b)) || (wants_image(a) && wants_failure(b))) {
		const struct cond *image = wants_image(a) ? a : b;

		diag_warning(ds, &code_failed_exe, cond_at(image), "`%s` is unknown where the exec failed",
			     image->field->field->name);
		diag_second(ds, cond_at(image == a ? b : a), "this asks for a failed one");
		diag_help(ds, "the path as handed to the call is `filename`");
	}
}

/* Numbers that the kernel gives out again, and what stays unique. */
void warn_key(struct scope *s, const struct node *n, const struct field_ref *ref)
{
	static const char *const reused[][2] = {
		{ "pid", "id" },	  { "tid", "id" },	  { "ns_pid", "id" },
		{ "ppid", "parent.id" }, { "parent.pid", "parent.id" },
	};
	struct diags *ds = s->checker->ds;
	bool of_ancestor = strcmp(ref->field->name, "ancestors.pid") == 0;

	for (size_t i = 0; i < ARRAY_SIZE(reused) && warns(s); i++) {
		if (strcmp(ref->field->name, reused[i][0]) != 0)
			continue;
		diag_warning(ds, &code_key_reused, n->at, "`%s` is given out again", reused[i][0]);
		diag_help(ds, "use `%s`, which is unique", reused[i][1]);
	}
	if (of_ancestor && warns(s)) {
		diag_warning(ds, &code_key_reused, n->at, "`%.*s` is given out again", STR_ARG(n->text));
		diag_help(ds, "use `ancestors[%d].id`, which is unique", ref->index);
	}
}

#define MAX_PARTS 64

static size_t collect_parts(const struct cond *c, const struct cond **parts, size_t n)
{
	if (c->kind != COND_ALL) {
		if (n < MAX_PARTS)
			parts[n++] = c;
		return n;
	}
	for (size_t i = 0; i < c->n_children && n < MAX_PARTS; i++)
		n = collect_parts(c->children[i], parts, n);
	return n;
}

/* What is ANDed at @c, and below it. */
static void warn_tree(struct scope *s, const struct cond *c, unsigned int *steps)
{
	const struct cond *parts[MAX_PARTS];
	size_t n = collect_parts(c, parts, 0);

	for (size_t i = 0; i < n && *steps > 0; i++) {
		--*steps;
		warn_alone(s, parts[i]);
		for (size_t k = i + 1; k < n; k++)
			warn_pair(s, parts[i], parts[k], steps);
		for (size_t k = 0; k < parts[i]->n_children; k++)
			warn_tree(s, parts[i]->children[k], steps);
	}
}

void warn_never(struct scope *s, const struct cond *match)
{
	struct checker *c = s->checker;
	unsigned int steps = MAX_STEPS;

	if (!warns(s) || c->n_steps >= MAX_ALL_STEPS)
		return;
	warn_tree(s, match, &steps);
	c->n_steps += MAX_STEPS - steps;
}

static void warn_definition(struct checker *c, const struct definition *def, const char *what)
{
	if (!def->used && def->state == STATE_READY)
		diag_warning(c->ds, &code_unused, def->at, "%s `%.*s` is not used", what, STR_ARG(def->name));
}

/* A file without rules is there to be included, perhaps by one that is not loaded now. */
/* Does the test hold the rule to be silent? One that counts alerts and wants some does not. */
static bool wants_silence(const struct expect *x)
{
	if (x->kind == EXPECT_DETAILS)
		return x->alerts.known && x->alerts.value == 0;
	return x->kind == EXPECT_NONE || x->kind == EXPECT_EXCEPTED;
}

void warn_tests(struct scope *s, const struct rule *rule, size_t n)
{
	struct diags *ds = s->checker->ds;
	size_t n_silent = 0;

	if (!warns(s) || rule->mode == MODE_OFF || n == 0 || rule->n_tests != n)
		return;
	for (size_t i = 0; i < n; i++)
		n_silent += wants_silence(&rule->tests[i].expect);
	if (n_silent == n) {
		diag_warning(ds, &code_untested, rule->at, "rule `%.*s` has no test that alerts",
			     STR_ARG(rule->id));
		diag_help(ds, "add an exec that it is there for, with `expect: alert`");
	} else if (n_silent == 0) {
		diag_warning(ds, &code_untested, rule->at, "rule `%.*s` has no test that must not alert",
			     STR_ARG(rule->id));
		diag_help(ds, "add an exec that looks much like it and is fine, with `expect: none`");
	}
}

void warn_untested(struct scope *s, const struct rule *first, size_t n)
{
	struct diags *ds = s->checker->ds;

	if (!warns(s) || !s->checker->options->authoring || n == 0)
		return;
	diag_warning(ds, &code_untested, first->at, "rule `%.*s` has no tests", STR_ARG(first->id));
	if (n > 1)
		diag_label(ds, "nor %s %zu other%s of this file", n == 2 ? "has" : "have", n - 1,
			   n == 2 ? "" : "s");
	diag_help(ds, "`tests` beside `match`: an exec that alerts, one that looks like it and must not");
}

void warn_unused(struct checker *c)
{
	if (!c->options->warnings)
		return;
	for (const struct module *m = c->modules; m; m = m->next) {
		if (!m->has_rules || m->incomplete)
			continue;
		for (size_t i = 0; i < m->n_lists; i++)
			warn_definition(c, &m->lists[i].def, "list");
		for (size_t i = 0; i < m->n_macros; i++)
			warn_definition(c, &m->macros[i].def, "macro");
	}
}
