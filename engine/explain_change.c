/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One change of the nearest miss, in the author's words: what to do and where, and what makes it the nearest.
 *
 * That a value added to a list, or taken from it, makes the rule match is tried on a copy of the condition
 * before it is said, since the list may be used in more places than one.
 */
#include "engine/explain_nearest.h"

#include <errno.h>
#include <string.h>

#include "engine/eval.h"

#define DISTANCE_BYTES 64

struct making {
	const struct explanation *x;
	struct regex_scratch *scratch;
	struct arena *arena;
	int error;
};

/* What `match` says once the change, in all of the list or in the test alone, has been made. */
struct trial {
	struct making *m;
	const struct explain_change *change;
	struct str list;		/* unknown: the test alone */
};

/* What a macro holds is in each of its uses. */
static bool is_same(const struct test *a, const struct test *b)
{
	struct loc x = test_at(a), y = test_at(b);

	return a == b || (x.source && x.source == y.source && x.line == y.line && x.col == y.col);
}

static bool is_changed(const struct trial *t, const struct test *test)
{
	const struct operand_place *places = test_places(test);
	const struct test *changed = t->change->test;

	if (is_same(test, changed) && test->op == changed->op)
		return true;
	if (!str_known(t->list) || !places || (test->form == FORM_NUMBERS) != (changed->form == FORM_NUMBERS))
		return false;
	for (size_t i = 0; i < test->n; i++)
		if (str_eq(places[i].list, t->list))
			return true;
	return false;
}

static bool is_value(const struct trial *t, const struct test *test, size_t i)
{
	const struct test *changed = t->change->test;

	if (t->change->hold)
		return false;
	if (test->form == changed->form)
		return test_same_operand(test, i, changed, t->change->operand);
	return str_eq(test_operand_text(test, i), test_operand_text(changed, t->change->operand));
}

static bool change_test(const struct trial *t, const struct test *from, struct test *ret)
{
	const struct value *added = t->change->hold ? t->change->value : NULL;
	size_t size = test_operand_size(from);
	char *operands = arena_array(t->m->arena, from->n + 1, size), *end = operands;

	*ret = *from;
	if (!operands)
		return false;
	for (size_t i = 0; i < from->n; i++) {
		if (is_value(t, from, i))
			continue;
		memcpy(end, (const char *)from->texts + i * size, size);
		end += size;
	}
	/* A pattern that names the list would have to be compiled; it is left as it is. */
	if (added && from->form != FORM_REGEXES) {
		memcpy(end, from->form == FORM_TEXTS ? (const void *)&added->text : &added->number, size);
		end += size;
	}
	ret->n = (uint32_t)((size_t)(end - operands) / size);
	ret->texts = (const void *)operands;
	return true;
}

/* A copy with the change in it; NULL: out of memory. */
static const struct cond *change_cond(const struct trial *t, const struct cond *c)
{
	struct cond *copy = arena_alloc(t->m->arena, sizeof(*copy));
	const struct cond **children = arena_array(t->m->arena, c->n_children, sizeof(*children));
	struct test *tests = arena_array(t->m->arena, c->n_tests, sizeof(*tests));

	if (!copy || !children || !tests)
		return NULL;
	*copy = *c;
	for (size_t i = 0; i < c->n_children; i++) {
		children[i] = change_cond(t, c->children[i]);
		if (!children[i])
			return NULL;
	}
	for (size_t i = 0; i < c->n_tests; i++) {
		tests[i] = c->tests[i];
		if (is_changed(t, &c->tests[i]) && !change_test(t, &c->tests[i], &tests[i]))
			return NULL;
	}
	if (c->kind == COND_FIELD)
		copy->tests = tests;
	else
		copy->children = children;
	return copy;
}

static bool holds_changed(const struct trial *t, const struct cond *c)
{
	const struct cond *changed = change_cond(t, c);

	if (!changed)
		t->m->error = -ENOMEM;
	return changed && cond_eval(changed, t->m->x->event, t->m->scratch) == TRUTH_YES;
}

/* And no exception comes to apply by the same change. */
static bool would_match(struct making *m, const struct explain_change *c, struct str list)
{
	const struct trial trial = { m, c, list };
	const struct rule *rule = m->x->rule;
	bool match = holds_changed(&trial, rule->match);

	for (size_t i = 0; i < rule->n_exceptions && match && !m->x->excepted_by; i++)
		match = m->x->exceptions[i].expired || !holds_changed(&trial, rule->exceptions[i].match);
	return match;
}

static void write_place(struct loc at, struct buf *b)
{
	if (!at.source)
		return;
	buf_text(b, " (");
	loc_write(at, b);
	buf_char(b, ')');
}

/* The test as a condition: "tty = pts/0". */
static void write_condition(const struct explain_change *c, struct buf *b)
{
	struct cond alone = *c->node->cond;
	const struct explain_node n = { .cond = &alone };

	alone.origin = NULL;
	alone.tests = c->test;
	alone.n_tests = 1;
	buf_char(b, '`');
	explain_write_condition(&n, b);
	buf_char(b, '`');
}

static void write_field(const struct explain_change *c, struct buf *b)
{
	buf_char(b, '`');
	explain_write_field(c->node->cond->field, b);
	buf_char(b, '`');
}

static void write_value(const struct explain_change *c, struct buf *b)
{
	buf_char(b, '`');
	explain_write_value(c->node->cond->field, c->value, b);
	buf_char(b, '`');
}

static void write_operand(const struct explain_change *c, size_t i, struct buf *b)
{
	buf_char(b, '`');
	explain_write_operand(c->node->cond->field, c->test, i, b);
	buf_char(b, '`');
}

/* What can be said of a change: what to do, and why that. */
struct said {
	struct buf what, why;
};

/* The list that a value goes to or comes from; where nothing is near, the last that the test names. */
static size_t place_in_list(const struct explain_change *c)
{
	const struct operand_place *places = test_places(c->test);
	size_t n = c->test->n;

	if (!places || c->operand < n)
		return c->operand;
	for (size_t i = n; i > 0; i--)
		if (str_known(places[i - 1].list))
			return i - 1;
	return n;
}

/* Would nothing be left where the operand is taken away? A list of no values does not load, and a condition
 * that is gone altogether asks for nothing. */
static bool is_last(const struct explain_change *c, struct str list)
{
	size_t n = 0;

	for (size_t i = 0; i < c->test->n && str_known(list); i++)
		n += str_eq(test_places(c->test)[i].list, list);
	return c->node->is_entry || (str_known(list) ? n : c->test->n) == 1;
}

static void say_values(const struct explain_change *c, struct str list, struct buf *b)
{
	const char *of_field = !c->hold && is_last(c, list) ? "" : "the values of ";

	if (c->hold) {
		buf_text(b, c->node->is_entry ? "" : "adding ");
		write_value(c, b);
		buf_text(b, c->node->is_entry ? " in place of " : " to ");
	} else {
		buf_text(b, is_last(c, list) ? "another value than " : "removing ");
		write_operand(c, c->operand, b);
		buf_text(b, !is_last(c, list) ? " from " : str_known(list) ? " in " : " for ");
	}
	if (c->hold && c->node->is_entry) {
		write_operand(c, 0, b);
	} else if (str_known(list)) {
		buf_printf(b, "list `%.*s`", STR_ARG(list));
	} else {
		buf_text(b, of_field);
		write_field(c, b);
	}
}

/* Adding to a list, or taking from it. */
static void say_in(struct making *m, struct explain_change *c, struct said *to)
{
	const struct operand_place *places = test_places(c->test);
	size_t at = place_in_list(c);
	struct str list = places && at < c->test->n ? places[at].list : (struct str){ NULL, 0 };
	struct buf *b = &to->what;

	if (m->x->n_needed == 1) {
		c->sure = would_match(m, c, list);
		if (!c->sure && str_known(list)) {
			list = (struct str){ NULL, 0 };
			c->sure = would_match(m, c, list);
		}
	}
	if (places && c->node->is_entry)
		c->at = places[0].at;
	else if (places && at < c->test->n && (str_known(list) || !c->hold))
		c->at = places[at].at;
	say_values(c, list, b);
	write_place(c->at, b);
	if (c->hold && c->operand < c->test->n && !c->node->is_entry) {
		buf_text(&to->why, "closest is ");
		write_operand(c, c->operand, &to->why);
	}
}

static void say_bound(const struct explain_change *c, struct said *to)
{
	bool lower = (c->test->op == OP_GE || c->test->op == OP_GT) == c->hold;
	bool strict = c->test->op == OP_GT || c->test->op == OP_LT;
	const struct field_ref *ref = c->node->cond->field;
	struct value off = { .number = (int64_t)explain_distance(c->value->number, c->test->numbers[0]) };

	buf_printf(&to->what, "%s `%s` from ", lower ? "lowering" : "raising", op_table[c->test->op].name);
	write_operand(c, 0, &to->what);
	buf_text(&to->what, strict != c->hold ? " to " : lower ? " below " : " above ");
	write_value(c, &to->what);
	write_place(c->at, &to->what);
	if (ref->field->type == FT_TIME || off.number <= 0)
		return;
	explain_write_shown(ref, &off, DISTANCE_BYTES, false, &to->why);
	buf_text(&to->why, " away");
}

/* prefix, suffix, contains, glob, cidr, re; bounds of texts */
static void say_pattern(struct making *m, struct explain_change *c, struct said *to)
{
	static const char *const fits[N_OPERATORS] = {
		[OP_PREFIX] = "begins with", [OP_SUFFIX] = "ends with", [OP_CONTAINS] = "contains",
		[OP_GLOB] = "fits", [OP_RE] = "is found by", [OP_CIDR] = "is within",
		[OP_GE] = "reaches", [OP_GT] = "exceeds", [OP_LE] = "does not exceed",
		[OP_LT] = "is less than",
	};
	const struct operand_place *places = test_places(c->test);
	const char *name = op_table[c->test->op].name;

	if (!c->hold) {
		struct str list = { NULL, 0 };

		if (places) {
			c->at = places[c->operand].at;
			list = places[c->operand].list;
		}
		if (m->x->n_needed == 1)
			c->sure = would_match(m, c, list);
		buf_printf(&to->what, is_last(c, list) ? "another %s than " : "removing %s ", name);
		write_operand(c, c->operand, &to->what);
		write_value(c, &to->why);
		buf_printf(&to->why, " %s it", fits[c->test->op]);
	} else {
		buf_printf(&to->what, "another `%s`, one that ", name);
		write_value(c, &to->what);
		buf_printf(&to->what, " %s", fits[c->test->op]);
		if (c->operand < c->test->n) {
			buf_text(&to->why, "closest is ");
			write_operand(c, c->operand, &to->why);
			buf_printf(&to->why, ", of which %d %% are there", c->closeness / 9);
		}
	}
	write_place(c->at, &to->what);
}

static void say_record(const struct explain_change *c, struct said *to)
{
	buf_text(&to->what, "a record in which ");
	write_condition(c, &to->what);
	buf_text(&to->what, c->hold ? " holds" : " does not hold");
	if (c->node->hidden || c->node->state != TEXT_WHOLE) {
		write_field(c, &to->why);
		buf_text(&to->why, " could not be seen whole in this one");
	} else if (c->value) {
		buf_text(&to->why, "here it is ");
		write_value(c, &to->why);
	} else {
		write_field(c, &to->why);
		buf_text(&to->why, " is not known in this one");
	}
}

static void say_undecided(const struct explain_change *c, struct said *to)
{
	if (c->node->state != TEXT_WHOLE || c->node->hidden) {
		say_record(c, to);
		return;
	}
	buf_text(&to->what, "a regex that needs fewer steps than ");
	write_operand(c, 0, &to->what);
	write_place(c->at, &to->what);
}

static void say_nocase(const struct explain_change *c, struct said *to)
{
	if (c->test->op == OP_RE)
		buf_text(&to->what, "`(?i)` in front of the regex");
	else
		buf_printf(&to->what, "`nocase: true` beside `%s`", op_table[c->test->op].name);
	write_place(c->at, &to->what);
	write_value(c, &to->why);
	buf_text(&to->why, " differs in upper and lower case alone");
}

static void say(struct making *m, struct explain_change *c, struct said *to)
{
	enum operand_kind operand = op_table[c->test->op].operand;

	if (c->node->outcome == TRUTH_UNDECIDED)
		say_undecided(c, to);
	else if (!c->value || operand == OPERAND_PRESENCE || c->test->form == FORM_FIELD ||
		 (!c->hold && c->operand == c->test->n))
		say_record(c, to);
	else if (c->hold && c->closeness == EXPLAIN_NOCASE)
		say_nocase(c, to);
	else if (operand == OPERAND_BOUND && c->test->form == FORM_NUMBERS)
		say_bound(c, to);
	else if (c->test->op == OP_IN)
		say_in(m, c, to);
	else
		say_pattern(m, c, to);
}

int explain_say_change(const struct explanation *x, struct regex_scratch *scratch, struct arena *a,
		       struct explain_change *c)
{
	struct making m = { .x = x, .scratch = scratch, .arena = a };
	struct said said = { BUF_INIT, BUF_INIT };

	say(&m, c, &said);
	c->what = arena_str(a, buf_get(&said.what));
	c->why = arena_str(a, buf_get(&said.why));
	if (said.what.error || said.why.error || !c->what.p || !c->why.p)
		m.error = -ENOMEM;
	buf_done(&said.what);
	buf_done(&said.why);
	return m.error;
}
