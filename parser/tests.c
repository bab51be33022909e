/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `tests` of a rule: execs in virtual time, and what the rule has to make of them. A test with an error is
 * left out and its rule stays: tests say something of a rule, they are no part of it.
 */
#include <errno.h>
#include <string.h>

#include "base/nearest.h"
#include "base/timefmt.h"
#include "parser/checker.h"
#include "parser/codes.h"
#include "parser/keys.h"
#include "parser/read.h"
#include "parser/test_record.h"

/* All execs of one test, with what `repeat` makes of them. */
#define MAX_EXECS 100000
/* When the last exec may be, from the zero of the test: so far no sum of times overflows. */
#define MAX_DAYS 36500
#define NS_PER_DAY (NS_PER_S * 86400)

/* The tests of one rule while they are read. */
struct reading {
	struct scope *s;
	const struct rule *rule;
	bool whole;			/* the rule has no error: what tests name of it must be there */
	struct record_leaves common, own;
	struct record_writer writer;
	size_t n_execs;			/* of the test that is read */
};

static int refuse_step_keys(struct reading *r, const struct node *map)
{
	struct diags *ds = r->s->checker->ds;
	int err = 0;

	for (size_t i = 0; map->kind == NODE_MAP && i < map->n; i++) {
		const struct node *key = map->keys[i];

		if (!is_step_key(key))
			continue;
		err = diag_error(ds, &code_unknown_key, key->at, "`%.*s` is no key of a record",
				 STR_ARG(key->text));
		diag_help(ds, "an entry of `events` may have it");
	}
	return err;
}

/* A record with nothing of a step in it: `event`, `common`. */
static int read_plain(struct reading *r, const struct node *n, const char *what, struct record_leaves *ret)
{
	int err = refuse_step_keys(r, n);

	return worse(err, record_leaves_read(r->s, n, what, ret));
}

static int count_execs(struct reading *r, const struct rule_test_step *step, struct loc at)
{
	r->n_execs += step->repeat;
	if (r->n_execs <= MAX_EXECS)
		return 0;
	return diag_error(r->s->checker->ds, &code_too_big, at, "a test has at most %d execs", MAX_EXECS);
}

static int read_offset(struct reading *r, const struct node *map, const char *key, int64_t *ret_ns)
{
	const struct node *n = node_get(map, key);
	char what[WHAT_SIZE];

	name_thing(what, "", str_of(key));
	return n ? read_duration(n, what, r->s->checker->ds, ret_ns) : 0;
}

/* `at`, `repeat` and `every`. */
static int read_schedule(struct reading *r, const struct node *map, struct rule_test_step *step)
{
	struct diags *ds = r->s->checker->ds;
	const struct node *n = node_get(map, "repeat");
	int64_t repeat = 1, length, end;
	int err, bad;

	err = read_offset(r, map, "at", &step->at_ns);
	bad = read_offset(r, map, "every", &step->every_ns);
	err = worse(err, bad);
	bad = n ? read_int(n, "`repeat`", 1, MAX_EXECS, ds, &repeat) : 0;
	err = worse(err, bad);
	if (node_get(map, "every") && !required(r->s, map, "an event with `every`", "repeat"))
		err = worse(err, -EINVAL);
	step->repeat = (uint32_t)repeat;
	if (err < 0)
		return err;
	if (__builtin_mul_overflow(step->every_ns, repeat - 1, &length) ||
	    __builtin_add_overflow(step->at_ns, length, &end) || end > MAX_DAYS * NS_PER_DAY)
		return diag_error(ds, &code_out_of_range, map->at, "a test may last %d days", MAX_DAYS);
	return count_execs(r, step, map->at);
}

/* Only one of them can say when it was. */
static int check_time(struct reading *r, const struct node *map)
{
	const struct record_leaves *maps[] = { &r->own, &r->common };
	const struct field *time = field_find(STR_LIT("time"));

	for (size_t k = 0; k < ARRAY_SIZE(maps); k++) {
		for (size_t i = 0; i < maps[k]->n && node_get(map, "at"); i++) {
			if (maps[k]->item[i].field != time)
				continue;
			diag_error(r->s->checker->ds, &code_contradiction, node_get(map, "at")->at,
				   "`at` beside a `time`");
			diag_second(r->s->checker->ds, maps[k]->item[i].at, "the record says when it was");
			return -EINVAL;
		}
	}
	return 0;
}

static int write_step(struct reading *r, struct rule_test_step *step)
{
	return record_leaves_write(r->s, &r->writer, &r->common, &r->own, step->at, &step->record);
}

static int read_step(struct reading *r, const struct node *map, struct rule_test_step *step)
{
	int err = record_leaves_read(r->s, map, "an event", &r->own), bad;

	*step = (struct rule_test_step){ .at = map->at, .repeat = 1 };
	if (map->kind != NODE_MAP)
		return err;
	bad = read_schedule(r, map, step);
	err = worse(err, bad);
	bad = check_time(r, map);
	err = worse(err, bad);
	return err < 0 ? err : write_step(r, step);
}

static int read_event(struct reading *r, const struct node *map, struct rule_test_step *step)
{
	int err = read_plain(r, map, "`event`", &r->own);

	*step = (struct rule_test_step){ .at = map->at, .repeat = 1 };
	return err < 0 ? err : write_step(r, step);
}

static int read_events(struct reading *r, const struct node *list, struct rule_test_step *steps)
{
	int err = 0, bad;

	/* Behind the last exec that a test may have, nothing is looked at. */
	for (size_t i = 0; i < list->n && err != -ENOMEM && r->n_execs <= MAX_EXECS; i++) {
		bad = read_step(r, list->items[i], &steps[i]);
		err = worse(err, bad);
	}
	return err;
}

/* Exactly one of `event` and `events`. */
static int read_execs(struct reading *r, const struct node *map, struct rule_test *test)
{
	const struct node *event = node_get(map, "event"), *events = node_get(map, "events");
	const struct node *common = node_get(map, "common");
	struct diags *ds = r->s->checker->ds;
	struct rule_test_step *steps;
	int err = 0, bad = 0;

	r->common.n = 0;
	r->n_execs = 0;
	if (common)
		err = read_plain(r, common, "`common`", &r->common);
	if (event && events) {
		diag_error(ds, &code_contradiction, events->at, "a test has one of `event` and `events`");
		diag_second(ds, event->at, "the other");
		return worse(err, -EINVAL);
	}
	if (!event && !events && map->incomplete)
		return -EINVAL;
	if (!event && !events)
		return worse(err, diag_error(ds, &code_missing_key, map->at,
					     "a test has neither `event` nor `events`"));
	if (events)
		bad = read_list(events, "`events`", ds);
	if (bad == 0 && events && events->n == 0)
		bad = diag_error(ds, &code_empty_list, events->at, "`events` is an empty list");
	if (bad < 0)
		return worse(err, bad);
	test->n_steps = events ? events->n : 1;
	steps = arena_array(r->s->checker->arena, test->n_steps, sizeof(*steps));
	if (!steps)
		return -ENOMEM;
	test->steps = steps;
	return worse(err, events ? read_events(r, events, steps) : read_event(r, event, steps));
}

static int read_exception(struct reading *r, const struct node *n, struct expect *x)
{
	struct diags *ds = r->s->checker->ds;
	struct nearest nearest;
	int err = id_read(r->s, n, "an exception's id", &x->exception);

	x->kind = EXPECT_EXCEPTED;
	if (err < 0 || !r->whole)
		return err;
	nearest = (struct nearest)NEAREST_INIT(x->exception);
	for (size_t i = 0; i < r->rule->n_exceptions; i++) {
		if (str_eq(r->rule->exceptions[i].id, x->exception))
			return 0;
		nearest_try(&nearest, r->rule->exceptions[i].id);
	}
	diag_error(ds, &code_unknown_exception, n->at, "the rule has no exception `%.*s`",
		   STR_ARG(x->exception));
	if (str_known(nearest.best))
		diag_help(ds, "did you mean `%.*s`?", STR_ARG(nearest.best));
	return -EINVAL;
}

/* Are alerts of the rule told apart by that field? */
static bool is_key_field(const struct rule *rule, struct str name, struct nearest *nearest)
{
	const struct key_fields *by[] = {
		rule->threshold ? &rule->threshold->by : NULL, rule->throttle ? &rule->throttle->by : NULL,
	};

	for (size_t k = 0; k < ARRAY_SIZE(by); k++) {
		for (size_t i = 0; by[k] && i < by[k]->n; i++) {
			if (str_eq(by[k]->name[i], name))
				return true;
			nearest_try(nearest, by[k]->name[i]);
		}
	}
	return false;
}

static int check_key_field(struct reading *r, const struct node *key)
{
	struct nearest nearest = NEAREST_INIT(key->text);
	struct diags *ds = r->s->checker->ds;

	if (!r->whole || is_key_field(r->rule, key->text, &nearest))
		return 0;
	diag_error(ds, &code_expectation, key->at, "`%.*s` is not in `by` of the rule", STR_ARG(key->text));
	if (str_known(nearest.best))
		diag_help(ds, "did you mean `%.*s`?", STR_ARG(nearest.best));
	return -EINVAL;
}

/* As an alert's key writes it. */
static int read_key_value(struct reading *r, const struct node *key, const struct node *n, struct str *ret)
{
	_cleanup_(buf) struct buf b = BUF_INIT;
	struct entry entry = { .node = n };
	const struct field_ref *ref;
	char what[WHAT_SIZE];
	struct value v = { 0 };
	int err = field_read(r->s, key, &ref);

	if (err < 0)
		return err;
	name_thing(what, "", key->text);
	if (field_ref_is_number(ref)) {
		err = number_read(r->s, ref->field, what, n, &v.number);
	} else {
		err = read_text(n, what, r->s->checker->ds, &entry.text);
		v.text = entry.text;
		if (err == 0 && ref->field->type == FT_ENUM)
			err = enum_read(r->s, ref->field, what, &entry, n, false, &v.text);
	}
	if (err < 0)
		return err;
	value_write(ref->field->type, &v, &b);
	*ret = arena_str(r->s->checker->arena, buf_get(&b));
	return b.error || !ret->p ? -ENOMEM : check_key_field(r, key);
}

static int read_key(struct reading *r, const struct node *map, struct expect *x)
{
	struct arena *arena = r->s->checker->arena;
	int err = read_map(map, "`key`", r->s->checker->ds), bad;
	struct pair *pairs;

	if (err < 0)
		return err;
	pairs = arena_array(arena, map->n, sizeof(*pairs));
	if (!pairs)
		return -ENOMEM;
	for (size_t i = 0; i < map->n && err != -ENOMEM; i++) {
		pairs[i].name = arena_str(arena, map->keys[i]->text);
		bad = pairs[i].name.p ? read_key_value(r, map->keys[i], map->items[i], &pairs[i].value)
				      : -ENOMEM;
		err = worse(err, bad);
	}
	x->key = pairs;
	x->n_key = map->n;
	return err;
}

static int read_count(struct reading *r, const struct node *map, const char *key, struct num *ret)
{
	const struct node *n = node_get(map, key);
	char what[WHAT_SIZE];
	int64_t count;
	int err;

	if (!n)
		return 0;
	name_thing(what, "", str_of(key));
	err = read_int(n, what, 0, MAX_EXECS, r->s->checker->ds, &count);
	if (err == 0)
		*ret = NUM(count);
	return err;
}

/* What is said of the first alert needs one; summaries need a throttle. */
static int check_details(struct reading *r, const struct node *map, const struct expect *x)
{
	static const char *const of_first[] = { "at", "key", "summary", "route" };
	struct diags *ds = r->s->checker->ds;
	const struct node *alerts = node_get(map, "alerts");
	int err = 0;

	for (size_t i = 0; i < ARRAY_SIZE(of_first) && x->alerts.known && x->alerts.value == 0; i++) {
		const struct node *n = node_get(map, of_first[i]);

		if (!n)
			continue;
		err = diag_error(ds, &code_expectation, n->at, "`%s` is of the first alert", of_first[i]);
		diag_second(ds, alerts->at, "and there is none");
	}
	if (r->whole && x->summaries.known && x->summaries.value > 0 && !r->rule->throttle)
		err = diag_error(ds, &code_expectation, node_get(map, "summaries")->at,
				 "only a rule with `throttle` raises summaries");
	return err;
}

static int read_details(struct reading *r, const struct node *map, struct expect *x)
{
	const struct node *at = node_get(map, "at"), *key = node_get(map, "key");
	const struct node *route = node_get(map, "route");
	struct scope *s = r->s;
	int err = keys_known(map, "`expect`", MAP_EXPECT, s->checker->ds), bad;

	x->kind = EXPECT_DETAILS;
	bad = read_count(r, map, "alerts", &x->alerts);
	err = worse(err, bad);
	bad = read_count(r, map, "summaries", &x->summaries);
	err = worse(err, bad);
	bad = at ? read_duration(at, "`at`", s->checker->ds, &x->at_ns.value) : 0;
	x->at_ns.known = at && bad == 0;
	err = worse(err, bad);
	bad = key ? read_key(r, key, x) : 0;
	err = worse(err, bad);
	bad = text_read(s, map, "summary", &x->summary);
	err = worse(err, bad);
	bad = route ? read_texts(route, "`route`", s->checker->arena, s->checker->ds, &x->route) : 0;
	x->has_route = route != NULL;
	err = worse(err, bad);
	return err < 0 ? err : check_details(r, map, x);
}

static int read_expect_map(struct reading *r, const struct node *map, struct expect *x)
{
	const struct node *excepted = node_get(map, "excepted");
	struct diags *ds = r->s->checker->ds;
	int err = 0;

	if (map->n == 0)
		return diag_error(ds, &code_empty_value, map->at, "`expect` is an empty map");
	if (!excepted)
		return read_details(r, map, x);
	for (size_t i = 0; i < map->n; i++)
		if (map->items[i] != excepted)
			err = diag_error(ds, &code_unknown_key, map->keys[i]->at,
					 "`excepted` stands alone in `expect`");
	return worse(err, read_exception(r, excepted, x));
}

static int read_expect(struct reading *r, const struct node *n, struct expect *x)
{
	static const char *const words[] = { "alert", "none", NULL };
	int word, err;

	x->at = n->at;
	if (n->kind == NODE_MAP)
		return read_expect_map(r, n, x);
	err = read_choice(n, "`expect`", words, r->s->checker->ds, &word);
	if (err == 0)
		x->kind = word == 0 ? EXPECT_ALERT : EXPECT_NONE;
	return err;
}

static int read_test(struct reading *r, const struct node *map, struct rule_test *test)
{
	struct diags *ds = r->s->checker->ds;
	const struct node *name = node_get(map, "name"), *expect = node_get(map, "expect");
	int err = read_map(map, "a test", ds), bad;

	if (err < 0)
		return err;
	*test = (struct rule_test){ .at = map->at };
	err = keys_check(map, "a test", MAP_TEST, ds);
	bad = text_read(r->s, map, "name", &test->name);
	if (name)
		test->at = name->at;
	if (name && bad == 0 && test->name.len == 0)
		bad = diag_error(ds, &code_empty_value, name->at, "the name of a test is empty");
	err = worse(err, bad);
	bad = read_execs(r, map, test);
	err = worse(err, bad);
	bad = expect ? read_expect(r, expect, &test->expect) : 0;
	err = worse(err, bad);
	return err == 0 && map->faulty ? -EINVAL : err;
}

/* -EINVAL where another test has its name. */
static int claim_name(struct reading *r, struct names *names, const struct rule_test *tests, size_t i)
{
	struct diags *ds = r->s->checker->ds;
	size_t other;
	int err = names_add(names, tests[i].name, i, &other);

	if (err != -EEXIST)
		return err;
	diag_error(ds, &code_duplicate_test, tests[i].at, "two tests `%.*s` in one rule",
		   STR_ARG(tests[i].name));
	diag_second(ds, tests[other].at, "the first one");
	return -EINVAL;
}

static int read_list_of_tests(struct reading *r, const struct node *list, struct rule *rule)
{
	_cleanup_(names) struct names names = NAMES_INIT;
	struct rule_test *tests = arena_array(r->s->checker->arena, list->n, sizeof(*tests));
	size_t n = 0;
	int err = tests ? 0 : -ENOMEM;

	for (size_t i = 0; i < list->n && err != -ENOMEM; i++) {
		err = read_test(r, list->items[i], &tests[n]);
		if (err == 0)
			err = claim_name(r, &names, tests, n);
		n += err == 0;
	}
	rule->tests = tests;
	rule->n_tests = n;
	return err == -ENOMEM ? err : 0;
}

static int read_tests(struct scope *s, const struct node *list, bool whole, struct rule *rule)
{
	struct reading r = { .s = s, .rule = rule, .whole = whole, .writer = RECORD_WRITER_INIT };
	int err = read_list(list, "`tests`", s->checker->ds);

	if (err == 0)
		err = read_list_of_tests(&r, list, rule);
	record_leaves_done(&r.common);
	record_leaves_done(&r.own);
	record_writer_done(&r.writer);
	return err == -ENOMEM ? err : 0;
}

int tests_read(struct scope *s, const struct node *map, bool whole, struct rule *rule)
{
	const struct node *list = node_get(map, "tests");

	return list && s->checker->options->authoring ? read_tests(s, list, whole, rule) : 0;
}
