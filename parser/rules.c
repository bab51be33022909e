/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One rule: its keys, each read by its own row, and what becomes of a rule that has an error. Such a rule is
 * left out and listed; the others never notice.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/grow.h"
#include "parser/checker.h"
#include "parser/codes.h"
#include "parser/elsewhere.h"
#include "parser/keys.h"
#include "parser/node_pack.h"
#include "parser/read.h"

const char *const severity_names[N_SEVERITIES + 1] = {
	"emergency", "alert", "critical", "error", "warning", "notice", "info", "debug", NULL
};
const char *const status_names[] = {
	"stable", "test", "experimental", "deprecated", "unsupported", NULL
};
const char *const mode_names[] = { "alert", "observe", "off", NULL };

static const struct template_var rule_vars[N_RULE_VARS] = {
	[RULE_VAR_TITLE] = { "title", { NULL, 0 } },
	[RULE_VAR_ID] = { "id", { NULL, 0 } },
	[RULE_VAR_SEVERITY] = { "severity", { NULL, 0 } },
	[RULE_VAR_COUNT] = { "count", { NULL, 0 } },
	[RULE_VAR_WINDOW] = { "window_s", { NULL, 0 } },
};
const struct template_vars rule_template_vars = { rule_vars, N_RULE_VARS };
const struct str rule_default_summary = STR("{{title}}: {{argv|trunc:200}}");

const struct node *required(struct scope *s, const struct node *map, const char *what, const char *key)
{
	const struct node *n = node_get(map, key);

	/* Of a map that was not read to its end enough has been said. */
	if (!n && !map->incomplete)
		diag_error(s->checker->ds, &code_missing_key, map->at, "%s has no `%s`", what, key);
	return n;
}

int id_read(struct scope *s, const struct node *n, const char *what, struct str *ret)
{
	struct diags *ds = s->checker->ds;
	struct str id;
	int err = read_text(n, what, ds, &id);

	if (err < 0)
		return err;
	for (size_t i = 0; i < id.len; i++) {
		char c = id.p[i];

		if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || strchr("._-", c))
			continue;
		diag_error(ds, &code_bad_name, node_place(n, i, 1), "%s cannot hold this character", what);
		diag_help(ds, "an id has a-z, 0-9, `.`, `_` and `-`");
		return -EINVAL;
	}
	if (id.len == 0 || id.len > MAX_ID)
		return diag_error(ds, &code_bad_name, n->at, "%s has 1 to %d characters", what, MAX_ID);
	*ret = arena_str(s->checker->arena, id);
	return ret->p ? 0 : -ENOMEM;
}

int text_read(struct scope *s, const struct node *map, const char *key, struct str *ret)
{
	const struct node *n = node_get(map, key);
	char what[WHAT_SIZE];
	struct str text;
	int err;

	if (!n)
		return 0;
	name_thing(what, "", str_of(key));
	err = read_text(n, what, s->checker->ds, &text);
	if (err < 0)
		return err;
	*ret = arena_str(s->checker->arena, text);
	return ret->p ? 0 : -ENOMEM;
}

int tags_read(struct scope *s, const struct node *n, struct strs *ret)
{
	int err = read_texts(n, "`tags`", s->checker->arena, s->checker->ds, ret);

	if (err == 0)
		warn_tags(s, n);
	return err;
}

int route_read(struct scope *s, const struct node *n, struct strs *ret)
{
	int err = read_texts(n, "`route`", s->checker->arena, s->checker->ds, ret);

	if (err == 0)
		warn_route(s, n);
	return err;
}

int claim_id(struct scope *s, const struct rule *rule)
{
	struct checker *c = s->checker;
	size_t other;
	int err = grow_array(&c->id_places, c->n_ids, &c->cap_ids, sizeof(*c->id_places));

	if (err < 0)
		return err;
	err = names_add(&c->ids, rule->id, c->n_ids, &other);
	if (err == -EEXIST) {
		diag_error(c->ds, &code_duplicate_id, rule->at, "two rules `%.*s`", STR_ARG(rule->id));
		diag_second(c->ds, c->id_places[other], "the first one");
		return -EINVAL;
	}
	if (err == 0)
		c->id_places[c->n_ids++] = rule->at;
	return err;
}

static int read_id(struct scope *s, const struct node *map, struct rule *rule)
{
	const struct node *n = node_get(map, "id");
	int err;

	if (!n)
		return -EINVAL;
	rule->at = n->at;
	err = id_read(s, n, "a rule's `id`", &rule->id);
	return err < 0 ? err : claim_id(s, rule);
}

/* Few rules of a large set say any of it. */
static int keep_about(struct scope *s, const struct rule_about *about, struct rule *rule)
{
	struct rule_about *kept;

	if (!about->why.p && !about->author.p && !about->version.p && !about->runbook.p &&
	    !about->status.p && about->references.n == 0 && about->falsepositives.n == 0)
		return 0;
	kept = arena_alloc(s->checker->arena, sizeof(*kept));
	if (!kept)
		return -ENOMEM;
	*kept = *about;
	rule->about = kept;
	return 0;
}

static int read_status(struct scope *s, const struct node *map, struct rule_about *about)
{
	const struct node *n = node_get(map, "status");
	int err = 0, number;

	if (n)
		err = read_choice(n, "`status`", status_names, s->checker->ds, &number);
	if (n && err == 0)
		about->status = str_of(status_names[number]);
	return err;
}

static int read_about(struct scope *s, const struct node *map, struct rule *rule)
{
	struct rule_about about = { 0 };
	const struct {
		const char *key;
		struct str *value;
	} texts[] = {
		{ "title", &rule->title }, { "why", &about.why }, { "author", &about.author },
		{ "version", &about.version }, { "runbook", &about.runbook },
	};
	const struct {
		const char *key, *what;
		struct strs *value;
	} lists[] = {
		{ "references", "`references`", &about.references },
		{ "falsepositives", "`falsepositives`", &about.falsepositives },
	};
	int err = 0, bad;

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		bad = text_read(s, map, texts[i].key, texts[i].value);
		err = worse(err, bad);
	}
	for (size_t i = 0; i < ARRAY_SIZE(lists); i++) {
		const struct node *n = node_get(map, lists[i].key);

		bad = n ? read_texts(n, lists[i].what, s->checker->arena, s->checker->ds, lists[i].value) : 0;
		err = worse(err, bad);
	}
	bad = read_status(s, map, &about);
	err = worse(err, bad);
	bad = keep_about(s, &about, rule);
	return worse(err, bad);
}

static int read_tags_and_route(struct scope *s, const struct node *map, struct rule *rule)
{
	const struct node *n = node_get(map, "tags");
	int err, bad;

	err = n ? tags_read(s, n, &rule->tags) : 0;
	n = node_get(map, "route");
	bad = n ? route_read(s, n, &rule->route) : 0;
	return worse(err, bad);
}

static int read_choices(struct scope *s, const struct node *map, struct rule *rule)
{
	const struct node *severity = node_get(map, "severity"), *mode = node_get(map, "mode");
	int n = (int)rule->severity, err = 0, bad = 0;

	if (severity)
		err = read_choice(severity, "`severity`", severity_names, s->checker->ds, &n);
	rule->severity = (enum severity)n;
	n = (int)rule->mode;
	if (mode)
		bad = read_choice(mode, "`mode`", mode_names, s->checker->ds, &n);
	rule->mode = (enum rule_mode)n;
	return worse(err, bad);
}

static int parse_template(struct scope *s, struct str text, const struct template_vars *vars,
			  const struct node *n, const struct template **ret)
{
	struct diags *ds = s->checker->ds;
	struct template_error error;
	struct str name;
	int err = template_parse(text, vars, s->checker->arena, &error, ret);

	if (err != -EINVAL)
		return err;
	name = (struct str){ text.p + error.offset, error.length };
	diag_error(ds, &code_bad_template, node_place(n, error.offset, error.length), "%s", error.message);
	if (str_has_prefix(str_skip(text, error.offset), STR_LIT("key.")) && vars->n == N_RULE_VARS)
		diag_help(ds, "`key.FIELD` is a field of `by`, and neither `threshold` nor `throttle` "
			      "has one here");
	else if (elsewhere_field(name))
		diag_help(ds, "that is `%s` here", elsewhere_field(name));
	else if (error.help[0])
		diag_help(ds, "%s", error.help);
	return -EINVAL;
}

/* @map: where to say what is wrong with it, which never is. */
static int standard_summary(struct scope *s, const struct node *map, struct rule *rule)
{
	int err;

	if (!s->checker->default_summary) {
		err = parse_template(s, rule_default_summary, &rule_template_vars, map,
				     &s->checker->default_summary);
		if (err < 0)
			return err;
	}
	rule->summary = s->checker->default_summary;
	return 0;
}

static int read_summary(struct scope *s, const struct node *map, struct rule *rule)
{
	const struct node *n = node_get(map, "summary");
	struct str text = { NULL, 0 };
	int err;

	if (!n)
		return standard_summary(s, map, rule);
	err = text_read(s, map, "summary", &text);
	return err < 0 ? err : parse_template(s, text, rule->vars, n, &rule->summary);
}

static int read_match(struct scope *s, const struct node *map, struct rule *rule)
{
	const struct node *match = node_get(map, "match"), *except = node_get(map, "except");
	struct tally tally = { 0 };
	int err = -EINVAL, bad;

	if (match)
		err = condition_read(s, match, "`match`", &tally, &rule->match);
	rule->reads_outcome = tally.reads_outcome;
	if (err == 0)
		warn_never(s, rule->match);
	else
		rule->match = NULL;
	bad = except ? exceptions_read(s, except, rule, tally.conditions) : 0;
	return worse(err, bad);
}

/* "file:line", or "file" where the place is the whole of it. */
static int source_write(struct checker *c, struct loc at, struct str *ret)
{
	_cleanup_(buf) struct buf b = BUF_INIT;

	buf_str(&b, at.source->path);
	if (at.line > 0)
		buf_printf(&b, ":%u", at.line);
	*ret = arena_str(c->arena, buf_get(&b));
	return b.error || !ret->p ? -ENOMEM : 0;
}

/* Is there an error in its YAML? One in what only authors read does not count, where it left nothing open. */
static bool is_faulty(const struct node *map)
{
	const struct node *tests = node_get(map, "tests"), *mutants = node_get(map, "mutants");
	size_t elsewhere = map->n_faults;

	if (map->incomplete)
		return true;
	elsewhere -= tests ? tests->n_faults : 0;
	elsewhere -= mutants ? mutants->n_faults : 0;
	return elsewhere > 0;
}

static int read_rule(struct scope *s, const struct node *map, const struct defaults *defaults,
		     struct rule *rule)
{
	static int (*const parts[])(struct scope *s, const struct node *map, struct rule *rule) = {
		read_id, read_choices, read_about, read_tags_and_route, read_match, windows_read,
		read_summary, mutants_read,
	};
	int err, bad;

	*rule = (struct rule){
		.at = map->at, .severity = defaults->severity, .mode = defaults->mode, .tags = defaults->tags,
		.route = defaults->route, .throttle = defaults->throttle,
	};
	err = read_map(map, "a rule", s->checker->ds);
	if (err == 0) {
		err = keys_check(map, "a rule", MAP_RULE, s->checker->ds);
		for (size_t i = 0; i < ARRAY_SIZE(parts) && err != -ENOMEM; i++) {
			bad = parts[i](s, map, rule);
			err = worse(err, bad);
		}
		if (err != -ENOMEM)
			err = worse(tests_read(s, map, err == 0, rule), err);
	}
	if (!str_known(rule->title))
		rule->title = rule->id;
	if (err == 0 && is_faulty(map))
		err = -EINVAL;
	if (err == 0 && node_get(map, "tests"))
		warn_tests(s, rule, node_get(map, "tests")->n);
	if (err != -ENOMEM && source_write(s->checker, rule->at, &rule->source) < 0)
		err = -ENOMEM;
	return err;
}

static bool is_before(struct loc a, struct loc b)
{
	return a.line != b.line ? a.line < b.line : a.col < b.col;
}

/* The error in the YAML of a rule, @next being the rule behind it; NULL: none. Faults are recorded in the
 * order of the rules, all but a syntax error, so the search goes on where it found the one before, then once
 * around. */
static const struct diag *find_fault(struct scope *s, size_t n, const struct node *map, struct loc next)
{
	const struct diags *ds = s->checker->ds;
	size_t first = s->module->first_diag, start = s->fault > first ? s->fault : first;

	for (size_t i = 0; i < n - first; i++) {
		size_t k = start + i < n ? start + i : start + i - n + first;
		const struct diag *d = &ds->items[k];

		if (d->level != DIAG_ERROR || d->at.source != map->at.source || is_before(d->at, map->at) ||
		    !is_before(d->at, next))
			continue;
		s->fault = k;
		return d;
	}
	return NULL;
}

/* Why a rule is skipped: the first of the errors recorded since @first, or one in its YAML. */
static struct str first_message(struct scope *s, size_t first, const struct node *map, struct loc next)
{
	const struct diags *ds = s->checker->ds;
	const struct diag *fault = NULL;

	for (size_t i = first; i < ds->n; i++)
		if (ds->items[i].level == DIAG_ERROR && ds->items[i].code != &code_expired)
			return ds->items[i].message;
	if (map->faulty)
		fault = find_fault(s, first, map, next);
	return fault ? fault->message : STR_LIT("a list, macro, line or file that it needs has an error");
}

int skip_rule(struct checker *c, struct str id, struct loc at, struct str message)
{
	int err = grow_array(&c->skipped, c->n_skipped, &c->cap_skipped, sizeof(*c->skipped));
	struct skipped_rule *skipped;

	if (err < 0)
		return err;
	skipped = &c->skipped[c->n_skipped++];
	*skipped = (struct skipped_rule){ .id = id, .message = arena_str(c->arena, message) };
	return skipped->message.p ? source_write(c, at, &skipped->source) : -ENOMEM;
}

static int keep_rule(struct checker *c, const struct rule *rule)
{
	int err = grow_array(&c->rules, c->n_rules, &c->cap_rules, sizeof(*c->rules));

	if (err == 0)
		c->rules[c->n_rules++] = *rule;
	return err;
}

int foreign_rule_add(struct scope *s, const struct node *map, struct loc next, size_t first, int err,
		     struct rule *rule)
{
	if (err == -ENOMEM || source_write(s->checker, rule->at, &rule->source) < 0)
		return -ENOMEM;
	if (err < 0)
		return skip_rule(s->checker, rule->id, rule->at, first_message(s, first, map, next));
	if (!str_known(rule->title))
		rule->title = rule->id;
	if (standard_summary(s, map, rule) < 0)
		return -ENOMEM;
	return keep_rule(s->checker, rule);
}

/* Has the rule, as far as it was read, no test at all? */
static bool is_untested(const struct node *map, const struct rule *rule)
{
	const struct node *tests = node_get(map, "tests");

	if (rule->mode == MODE_OFF || map->incomplete)
		return false;
	return !tests || (tests->kind == NODE_LIST && tests->n == 0 && !tests->incomplete);
}

/* Those of a file that have no tests. */
struct untested {
	size_t n, first;		/* the first's number among the checker's rules */
};

/* The rule, kept or skipped. @next: the place of the one behind it. 0, -EINVAL: it is skipped, -ENOMEM. */
static int add_rule(struct scope *s, const struct node *map, const struct defaults *defaults, struct loc next,
		    struct untested *untested)
{
	struct checker *c = s->checker;
	size_t first = c->ds->n;
	struct rule rule;
	int err = read_rule(s, map, defaults, &rule);

	if (err == -EINVAL)
		return skip_rule(c, rule.id, rule.at, first_message(s, first, map, next)) < 0 ? -ENOMEM : err;
	if (err < 0)
		return err;
	if (is_untested(map, &rule) && untested->n++ == 0)
		untested->first = c->n_rules;
	return keep_rule(c, &rule);
}

/* One rule after the other is unpacked, so that memory for nodes is needed for one. */
int rules_read(struct scope *s, const struct node *rules, const struct defaults *defaults)
{
	const struct loc end = { .line = UINT32_MAX };
	struct untested untested = { 0, 0 };
	struct arena *scratch = s->scratch, nodes = ARENA_INIT;
	struct checker *c = s->checker;
	int err = read_list(rules, "`rules`", c->ds);

	if (err < 0)
		return skip_rule(c, (struct str){ NULL, 0 }, rules->at, STR_LIT("`rules` is no list"));
	s->scratch = &nodes;
	for (size_t i = 0; i < rules->n && err != -ENOMEM; i++) {
		struct loc next = i + 1 < rules->n ? rules->items[i + 1]->at : end;
		const struct node *map = node_unpack(rules->items[i], &nodes);
		int bad = map ? add_rule(s, map, defaults, next, &untested) : -ENOMEM;

		err = worse(err, bad);
		arena_reset(&nodes);
	}
	s->scratch = scratch;
	arena_done(&nodes);
	if (err != -ENOMEM && untested.n > 0)
		warn_untested(s, &c->rules[untested.first], untested.n);
	return err;
}
