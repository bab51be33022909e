/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Trials; see trial.h. Every run has an engine of its own over the one rule, so that a test meets what `run`
 * would, and nothing of the test before it.
 */
#include "engine/trial.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "engine/key.h"
#include "event/record.h"

/* When one exec is, and which step it repeats. */
struct exec {
	int64_t time_ns;
	uint32_t step, number;
};

struct trial {
	const struct rule_test *test;
	struct exec *execs;		/* by time */
	size_t n_execs;
	int64_t zero_ns;
	/* The record that was read last, and its step; n_steps: none. */
	struct event event;
	struct arena arena;
	size_t event_step;
	/* Of the first alert. */
	struct buf summary;
	struct pair key[2 * RULE_MAX_BY];
	struct key_values of_threshold, of_throttle;
	struct trial_result result;	/* of the run that is on */
	size_t at;			/* its exec */
	int error;			/* while an alert was taken */
};

/* The record of a step in t->event. */
static int read_step(struct trial *t, size_t step)
{
	struct record_error error;
	int r;

	if (t->event_step == step)
		return 0;
	t->event_step = t->test->n_steps;
	arena_reset(&t->arena);
	r = record_read(t->test->steps[step].record, &t->arena, &t->event, &error);
	/* The parser has read it, too. */
	if (r < 0)
		return -ENOMEM;
	t->event_step = step;
	return 0;
}

static int by_time(const void *a, const void *b)
{
	const struct exec *l = a, *r = b;

	if (l->time_ns != r->time_ns)
		return l->time_ns < r->time_ns ? -1 : 1;
	if (l->step != r->step)
		return l->step < r->step ? -1 : 1;
	return l->number < r->number ? -1 : l->number > r->number;
}

static int64_t add_clamped(int64_t a, int64_t b)
{
	int64_t sum;

	return __builtin_add_overflow(a, b, &sum) ? INT64_MAX : sum;
}

/* The execs of one step, from its own time or from the zero of the test. */
static void schedule(struct trial *t, size_t number, struct num own, int64_t zero_ns)
{
	const struct rule_test_step *step = &t->test->steps[number];
	int64_t first = own.known ? own.value : zero_ns + step->at_ns;

	for (uint32_t i = 0; i < step->repeat; i++)
		t->execs[t->n_execs++] = (struct exec){
			add_clamped(first, step->every_ns * i), (uint32_t)number, i,
		};
}

/* Where every record says when it was, the test begins with the first of them. */
static int schedule_all(struct trial *t)
{
	const struct rule_test *test = t->test;
	bool timed = true;
	int r;

	for (size_t i = 0; i < test->n_steps; i++) {
		r = read_step(t, i);
		if (r < 0)
			return r;
		schedule(t, i, t->event.time, TRIAL_ZERO_NS);
		timed &= t->event.time.known;
	}
	qsort(t->execs, t->n_execs, sizeof(*t->execs), by_time);
	t->zero_ns = timed ? t->execs[0].time_ns : TRIAL_ZERO_NS;
	return 0;
}

int trial_new(const struct rule_test *test, struct trial **ret)
{
	_cleanup_(trial_free) struct trial *t = calloc(1, sizeof(*t));
	size_t n = 0;
	int r;

	if (!t)
		return -ENOMEM;
	t->test = test;
	t->event_step = test->n_steps;
	for (size_t i = 0; i < test->n_steps; i++)
		n += test->steps[i].repeat;
	t->execs = calloc(n, sizeof(*t->execs));
	if (!t->execs)
		return -ENOMEM;
	r = schedule_all(t);
	if (r < 0)
		return r;
	*ret = TAKE_PTR(t);
	return 0;
}

struct trial *trial_free(struct trial *t)
{
	if (t) {
		free(t->execs);
		arena_done(&t->arena);
		buf_done(&t->summary);
	}
	free(t);
	return NULL;
}

size_t trial_execs(const struct trial *t)
{
	return t->n_execs;
}

int trial_event(struct trial *t, size_t ordinal, const struct event **ret)
{
	const struct exec *exec = &t->execs[ordinal];
	int r = read_step(t, exec->step);

	if (r < 0)
		return r;
	t->event.time = NUM(exec->time_ns);
	*ret = &t->event;
	return 0;
}

/* The fields of one `by` that the key does not have yet. */
static void add_key(struct trial *t, const struct key_fields *by, struct key_values *values,
		    const struct alert *a)
{
	size_t n = t->result.n_key;

	key_values(by, a->host, a->event, values);
	for (size_t i = 0; i < by->n; i++) {
		bool there = false;

		for (size_t k = 0; k < n && !there; k++)
			there = str_eq(t->key[k].name, by->name[i]);
		if (!there)
			t->key[t->result.n_key++] = (struct pair){ by->name[i], values->value[i] };
	}
}

static void take_first(struct trial *t, const struct alert *a)
{
	if (a->rule->threshold)
		add_key(t, &a->rule->threshold->by, &t->of_threshold, a);
	if (a->rule->throttle)
		add_key(t, &a->rule->throttle->by, &t->of_throttle, a);
	t->result.key = t->key;
	t->result.first_alert = t->at;
	t->result.at_ns = NUM(a->time_ns - t->zero_ns);
	t->result.route = &a->rule->route;
	buf_reset(&t->summary);
	buf_str(&t->summary, a->summary);
	t->error = t->summary.error;
}

static void take_alert(void *ctx, const struct alert *a)
{
	struct trial *t = ctx;

	switch (a->kind) {
	case ALERT_MATCH:
	case ALERT_THRESHOLD:
		if (t->result.alerts++ == 0)
			take_first(t, a);
		break;
	case ALERT_SUMMARY:
		t->result.summaries++;
		break;
	case ALERT_SELF:
		break;
	}
}

/* Remembers where first something happened, or nothing. */
static void note(struct trial *t, const struct rule_counters *before, const struct rule_counters *after)
{
	struct trial_result *r = &t->result;

	if (after->undecided != before->undecided && r->first_undecided == t->n_execs)
		r->first_undecided = t->at;
	if (after->matches == before->matches && r->first_silent == t->n_execs)
		r->first_silent = t->at;
}

static int feed(struct trial *t, struct engine *e)
{
	for (t->at = 0; t->at < t->n_execs; t->at++) {
		struct rule_counters before = engine_rule_counters(e, 0), after;
		const struct event *ev;
		int r = trial_event(t, t->at, &ev);

		if (r < 0)
			return r;
		engine_feed(e, ev);
		after = engine_rule_counters(e, 0);
		note(t, &before, &after);
	}
	engine_finish(e);
	return t->error;
}

/* How often the exception that the test names applied; a mutant may have none of that name. */
static size_t exception_uses(const struct trial *t, const struct engine *e, const struct rule *rule)
{
	for (size_t i = 0; i < rule->n_exceptions; i++)
		if (str_eq(rule->exceptions[i].id, t->test->expect.exception))
			return engine_excepted(e, 0, i);
	return 0;
}

int trial_run(struct trial *t, const struct rule *rule, bool plain, struct trial_result *ret)
{
	_cleanup_(engine_free) struct engine *e = NULL;
	struct engine_options options = {
		.host = STR("-"), .backend = STR("test"), .raise = take_alert, .ctx = t,
		.plain = plain,
	};
	struct rule tried = *rule;
	const struct ruleset rules = { .rules = &tried, .n_rules = 1 };
	int r;

	tried.mode = MODE_ALERT;
	t->result = (struct trial_result){
		.execs = t->n_execs, .first_silent = t->n_execs, .first_undecided = t->n_execs,
		.first_alert = t->n_execs,
	};
	t->error = 0;
	r = engine_new(&rules, &options, &e);
	if (r == 0)
		r = feed(t, e);
	if (r < 0)
		return r;
	t->result.counters = engine_rule_counters(e, 0);
	t->result.counters.peak_ns -= t->zero_ns;
	t->result.exception_uses = exception_uses(t, e, rule);
	t->result.summary = t->result.alerts ? buf_get(&t->summary) : (struct str){ NULL, 0 };
	if (t->result.route)
		t->result.route = &rule->route;
	*ret = t->result;
	return 0;
}

/* @pattern as an expected summary has it: only * is special. */
static bool fits(struct str pattern, struct str text)
{
	size_t p = 0, i = 0, star = SIZE_MAX, from = 0;

	while (i < text.len) {
		if (p < pattern.len && pattern.p[p] == '*') {
			star = p++;
			from = i;
		} else if (p < pattern.len && pattern.p[p] == text.p[i]) {
			p++;
			i++;
		} else if (star != SIZE_MAX) {
			p = star + 1;
			i = ++from;
		} else {
			return false;
		}
	}
	while (p < pattern.len && pattern.p[p] == '*')
		p++;
	return p == pattern.len;
}

static bool is_in(struct str text, const struct strs *list)
{
	for (size_t i = 0; i < list->n; i++)
		if (str_eq(text, list->item[i]))
			return true;
	return false;
}

/* The same names, in whatever order. */
static bool same_route(const struct strs *a, const struct strs *b)
{
	for (size_t i = 0; i < a->n; i++)
		if (!is_in(a->item[i], b))
			return false;
	for (size_t i = 0; i < b->n; i++)
		if (!is_in(b->item[i], a))
			return false;
	return true;
}

static bool has_key(const struct trial_result *got, const struct pair *want)
{
	for (size_t i = 0; i < got->n_key; i++)
		if (str_eq(got->key[i].name, want->name))
			return str_eq(got->key[i].value, want->value);
	return false;
}

static unsigned int details_misses(const struct expect *want, const struct trial_result *got)
{
	bool of_first = want->at_ns.known || str_known(want->summary) || want->has_route || want->n_key;
	unsigned int misses = 0;

	if (want->alerts.known ? (size_t)want->alerts.value != got->alerts : of_first && got->alerts == 0)
		misses |= MISS_ALERTS;
	if (want->summaries.known && (size_t)want->summaries.value != got->summaries)
		misses |= MISS_SUMMARIES;
	if (got->alerts == 0)
		return misses;
	if (want->at_ns.known && want->at_ns.value != got->at_ns.value)
		misses |= MISS_AT;
	for (size_t i = 0; i < want->n_key; i++)
		misses |= has_key(got, &want->key[i]) ? 0 : MISS_KEY;
	if (str_known(want->summary) && !fits(want->summary, got->summary))
		misses |= MISS_SUMMARY;
	if (want->has_route && !same_route(&want->route, got->route))
		misses |= MISS_ROUTE;
	return misses;
}

unsigned int trial_misses(const struct expect *want, const struct trial_result *got)
{
	unsigned int misses = 0;

	switch (want->kind) {
	case EXPECT_ALERT:
		return got->alerts ? 0 : MISS_ALERTS;
	case EXPECT_EXCEPTED:
		misses = got->exception_uses ? 0 : MISS_EXCEPTED;
		__attribute__((fallthrough));
	case EXPECT_NONE:
		misses |= got->alerts ? MISS_ALERTS : 0;
		misses |= got->summaries ? MISS_SUMMARIES : 0;
		return misses | (got->counters.undecided && !got->alerts ? MISS_UNDECIDED : 0);
	case EXPECT_DETAILS:
		return details_misses(want, got);
	}
	return misses;
}
