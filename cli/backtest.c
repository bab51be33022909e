/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A backtest; see backtest.h. Each record goes through both engines, and what they raised for it is held
 * against each other: a rule alerts once at most for a record, and both lists are in the order of rule ids.
 * Summaries of a throttle come when time has passed, not with a record, so they are counted and no more.
 */
#include "cli/backtest.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "cli/clock.h"

/* What is kept to be shown of a summary. */
#define MAX_SUMMARY 400

/* Of the record at hand, until it has been held against the other side's. */
static void keep_raised(struct backtest_side *s, const struct alert *a)
{
	struct raised *raised = &s->raised[s->n_raised];

	*raised = (struct raised){
		.row = s->row[a->rule - s->rules->rules],
		.severity = a->rule->severity,
		.time_ns = a->time_ns,
		.host = s->text.len,
		.summary = s->text.len + a->host.len,
		.end = s->text.len + a->host.len + a->summary.len,
	};
	buf_str(&s->text, a->host);
	buf_str(&s->text, a->summary);
	s->n_raised += !s->text.error;
}

static void take_alert(void *ctx, const struct alert *a)
{
	struct backtest_side *s = ctx;
	struct backtest *t = s->test;
	size_t rule;
	int r = 0;

	if (a->kind != ALERT_MATCH && a->kind != ALERT_THRESHOLD)
		return;
	rule = (size_t)(a->rule - s->rules->rules);
	if (s == &t->side[0]) {
		t->rules[s->row[rule]].n_undecided += a->undecided;
		r = noise_add(t->noise, rule, a->event);
	}
	if (t->side[1].rules)
		keep_raised(s, a);
	if (r < 0 || s->text.error)
		t->error = -ENOMEM;
}

static int init_side(struct backtest *t, struct backtest_side *s, const struct ruleset *rules)
{
	const struct engine_options options = {
		.host = STR("-"), .backend = STR("replay"), .raise = take_alert, .ctx = s
	};

	s->rules = rules;
	s->test = t;
	s->row = calloc(rules->n_rules + 1, sizeof(*s->row));
	s->raised = calloc(rules->n_rules + 1, sizeof(*s->raised));
	if (!s->row || !s->raised)
		return -ENOMEM;
	return engine_new(rules, &options, &s->engine);
}

/* The rules of both sides by id, those of the same id as one. */
static int join_rules(struct backtest *t)
{
	const struct ruleset *rules = t->side[0].rules, *old = t->side[1].rules;
	size_t n_old = old ? old->n_rules : 0, i = 0, k = 0;

	t->rules = calloc(rules->n_rules + n_old + 1, sizeof(*t->rules));
	if (!t->rules)
		return -ENOMEM;
	while (i < rules->n_rules || k < n_old) {
		struct backtest_rule *row = &t->rules[t->n_rules];
		int order = i == rules->n_rules ? 1 : k == n_old ? -1 :
			    str_cmp(rules->rules[i].id, old->rules[k].id);

		if (order <= 0) {
			t->side[0].row[i] = t->n_rules;
			row->index = i;
			row->rule = &rules->rules[i++];
		}
		if (order >= 0) {
			t->side[1].row[k] = t->n_rules;
			row->old_index = k;
			row->old = &old->rules[k++];
		}
		t->n_rules++;
	}
	return 0;
}

int backtest_init(struct backtest *t, const struct ruleset *rules, const struct ruleset *old)
{
	int r;

	*t = (struct backtest){ .error = 0 };
	r = survey_init(&t->survey);
	if (r == 0)
		r = init_side(t, &t->side[0], rules);
	if (r == 0 && old)
		r = init_side(t, &t->side[1], old);
	if (r == 0)
		r = join_rules(t);
	if (r == 0)
		r = noise_new(&t->noise);
	/* Only what is looked at is timed, and of that all: a rule that seldom is would else have no cost. */
	if (r == 0)
		r = engine_count_costs(t->side[0].engine, clock_monotonic, 1);
	return r;
}

void backtest_done(struct backtest *t)
{
	for (size_t i = 0; i < ARRAY_SIZE(t->side); i++) {
		engine_free(t->side[i].engine);
		free(t->side[i].row);
		free(t->side[i].raised);
		buf_done(&t->side[i].text);
	}
	noise_free(t->noise);
	survey_done(&t->survey);
	arena_done(&t->arena);
	free(t->rules);
}

static struct told_alert told_alert(const struct backtest_side *s, const struct raised *raised)
{
	const char *text = s->text.p;

	return (struct told_alert){
		.time_ns = raised->time_ns,
		.host = { text + raised->host, raised->summary - raised->host },
		.summary = utf8_cut((struct str){ text + raised->summary, raised->end - raised->summary },
				    MAX_SUMMARY),
	};
}

/* An alert of one side only. */
static void tell(struct backtest *t, const struct backtest_side *s, const struct raised *raised)
{
	enum difference d = s == &t->side[0] ? DIFF_NEW : DIFF_GONE;
	struct backtest_rule *row = &t->rules[raised->row];
	struct told_alert told = told_alert(s, raised);

	if (t->show)
		t->show(t->ctx, d, d == DIFF_NEW ? row->rule : row->old, &told);
	if (row->n[d] < BACKTEST_EXAMPLES) {
		struct told_alert *example = &row->example[d][row->n[d]];

		*example = told;
		example->host = arena_str(&t->arena, told.host);
		example->summary = arena_str(&t->arena, told.summary);
		if (!str_known(example->host) || !str_known(example->summary))
			t->error = -ENOMEM;
	}
	row->n[d]++;
}

static bool is_changed(const struct backtest *t, const struct raised *now, const struct raised *old)
{
	return now->severity != old->severity || !str_eq(told_alert(&t->side[0], now).summary,
							 told_alert(&t->side[1], old).summary);
}

static void compare(struct backtest *t)
{
	struct backtest_side *now = &t->side[0], *old = &t->side[1];
	size_t i = 0, k = 0;

	while (i < now->n_raised || k < old->n_raised) {
		const struct raised *a = &now->raised[i], *b = &old->raised[k];

		if (k == old->n_raised || (i < now->n_raised && a->row < b->row)) {
			tell(t, now, a);
			i++;
		} else if (i == now->n_raised || b->row < a->row) {
			tell(t, old, b);
			k++;
		} else {
			t->rules[a->row].n[DIFF_CHANGED] += is_changed(t, a, b);
			i++;
			k++;
		}
	}
}

static void feed(struct backtest_side *s, const struct event *ev)
{
	s->n_raised = 0;
	buf_reset(&s->text);
	engine_feed(s->engine, ev);
}

void backtest_run(struct backtest *t, struct records *records)
{
	struct event ev;

	while (!t->error && !ferror(stdout) && records_next(records, &ev)) {
		survey_add(&t->survey, &ev, records->has_seq, records->n_files);
		feed(&t->side[0], &ev);
		if (t->side[1].rules) {
			feed(&t->side[1], &ev);
			compare(t);
		}
	}
	for (size_t i = 0; i < ARRAY_SIZE(t->side); i++)
		if (t->side[i].engine)
			engine_finish(t->side[i].engine);
}

uint64_t backtest_differences(const struct backtest *t, enum difference d)
{
	uint64_t n = 0;

	for (size_t i = 0; i < t->n_rules; i++)
		n += t->rules[i].n[d];
	return n;
}
