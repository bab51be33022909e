/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A summary as a table; see summary.h. A column that would be all zeros, and means something only where a
 * rule asks for it, is left out.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/timefmt.h"
#include "cli/numbers.h"
#include "cli/rules.h"
#include "cli/summary.h"

#define WIDTH 100
#define LABEL_WIDTH 9
/* What is told of the noise: rules, values of each, and what is too little to tell of. */
#define MAX_NOISY 3
#define MIN_ALERTS 10
#define MAX_VALUES 3
#define MIN_PERCENT 50		/* of a value behind the first */
#define MIN_FIRST_PERCENT 5	/* what `learn` proposes nothing for tells nothing here */
#define MAX_VALUE 40
/* A shorter silence is no news. */
#define MIN_SILENCE_NS (3600 * NS_PER_S)
/* Lines of alerts that are new, and that are gone. */
#define MAX_EXAMPLES 20

static void write_label(const char *label, struct buf *b)
{
	buf_printf(b, "%-*s ", LABEL_WIDTH, label);
}

static void write_plural(uint64_t n, const char *what, struct buf *b)
{
	write_grouped(n, b);
	buf_printf(b, " %s%s", what, plural(n));
}

/* To the second. */
static void write_time(int64_t ns, struct buf *b)
{
	size_t start = b->len;

	time_write(ns, b);
	if (b->error)
		return;
	buf_cut(b, start + strlen("2026-01-01T00:00:00"));
	buf_char(b, 'Z');
}

/* What somebody may have chosen, short and on one line. */
static void write_value(struct str value, struct buf *b)
{
	size_t len = 0, n;

	while (len < value.len && len < MAX_VALUE) {
		n = utf8_length(str_skip(value, len));
		len += n ? n : 1;
	}
	if (memchr(value.p, ' ', value.len))
		buf_char(b, '"');
	escape_controls((struct str){ value.p, len < value.len ? len : value.len }, b);
	if (len < value.len)
		buf_text(b, "...");
	if (memchr(value.p, ' ', value.len))
		buf_char(b, '"');
}

static void write_gaps(const struct survey *s, struct buf *b)
{
	if (s->numbered == 0) {
		buf_text(b, "unknown: the records have no seq\n");
	} else if (s->gaps == 0) {
		buf_text(b, "none\n");
	} else {
		write_plural(s->missing, "record", b);
		buf_text(b, " missing: seq jumps in ");
		write_plural(s->gaps, "place", b);
		buf_char(b, '\n');
	}
}

static void write_origin(const char *label, const struct ruleset *rules, struct str path, struct buf *b)
{
	write_label(label, b);
	write_plural(rules->n_rules, "rule", b);
	buf_text(b, " of ");
	buf_str(b, path);
	buf_char(b, '\n');
}

static void write_read(const struct summary *s, struct buf *b)
{
	const struct survey *survey = &s->test->survey;
	bool more;
	size_t hosts = survey_hosts(survey, &more);

	write_label("read", b);
	write_plural(survey->records, "exec", b);
	buf_text(b, " in ");
	write_plural(s->n_files, "file", b);
	if (hosts) {
		buf_printf(b, " of %s", more ? "more than " : "");
		write_plural(hosts, "host", b);
	}
	if (s->n_bad) {
		buf_text(b, "; ");
		write_plural(s->n_bad, "line", b);
		buf_text(b, " skipped");
	}
	buf_char(b, '\n');
}

static void write_span(const struct survey *s, struct buf *b)
{
	write_label("time", b);
	write_time(s->first_ns, b);
	buf_text(b, " to ");
	write_time(s->last_ns, b);
	buf_text(b, ", ");
	duration_write(survey_span(s), b);
	if (s->untimed) {
		buf_text(b, "; ");
		write_plural(s->untimed, "exec", b);
		buf_text(b, " without a time");
	}
	buf_char(b, '\n');
}

static void write_head(const struct summary *s, struct buf *b)
{
	const struct survey *survey = &s->test->survey;
	uint64_t evicted = engine_counters(s->test->side[0].engine).evicted;

	write_read(s, b);
	if (survey->records > survey->untimed)
		write_span(survey, b);
	if (survey->records) {
		write_label("gaps", b);
		write_gaps(survey, b);
	}
	if (survey->silence_ns >= MIN_SILENCE_NS) {
		write_label("silence", b);
		duration_write(survey->silence_ns, b);
		buf_text(b, " without an exec, from ");
		write_time(survey->silence_from_ns, b);
		buf_char(b, '\n');
	}
	if (evicted) {
		write_label("evicted", b);
		write_plural(evicted, "key", b);
		buf_text(b, " of thresholds and throttles, for want of room\n");
	}
	write_origin(s->test->side[1].rules ? "new" : "rules", s->test->side[0].rules, s->rules, b);
	if (s->test->side[1].rules)
		write_origin("old", s->test->side[1].rules, s->old, b);
	buf_char(b, '\n');
}

/* A line of the table: a rule, the others together, or all. */
struct line {
	struct figures f;
	struct str name;
	const struct backtest_rule *rule;	/* NULL: no single one */
};

/* Summaries belong to no exec: all that can be said is how many more there are. */
static void write_summaries(const struct figures *f, bool space, struct buf *b)
{
	uint64_t now = f->counters.summaries, old = f->old_summaries;

	if (now == old)
		return;
	buf_text(b, space ? " " : "");
	buf_char(b, now > old ? '+' : '-');
	write_grouped(now > old ? now - old : old - now, b);
	buf_text(b, now - old == 1 || old - now == 1 ? " summary" : " summaries");
}

static void write_difference(const struct line *l, struct buf *b)
{
	static const char signs[] = { '+', '-', '~' };
	size_t start = b->len;

	if (l->rule && !l->rule->old)
		buf_text(b, "new");
	if (l->rule && !l->rule->rule)
		buf_text(b, "gone");
	for (size_t i = 0; i < N_DIFFERENCES; i++) {
		if (l->f.n[i] == 0)
			continue;
		if (b->len > start)
			buf_char(b, ' ');
		buf_char(b, signs[i]);
		write_grouped(l->f.n[i], b);
	}
	write_summaries(&l->f, b->len > start, b);
	if (b->len == start)
		buf_char(b, '=');
}

static void write_rate_by_day(const struct summary *s, const struct line *l, struct buf *b)
{
	int64_t span = survey_span(&s->test->survey);

	if (span < SUMMARY_MIN_SPAN_NS)
		buf_char(b, '-');
	else
		write_per_day(l->f.messages, span, b);
}

/* Either a counter, or written by a function. */
struct column {
	const char *title;
	bool always;
	size_t counter;
	void (*write)(const struct summary *s, const struct line *l, struct buf *b);
};

static void write_versus(const struct summary *s, const struct line *l, struct buf *b)
{
	write_difference(l, b);
}

static void write_cost(const struct summary *s, const struct line *l, struct buf *b)
{
	if (l->f.cost_ns > 0 && l->f.cost_ns < 1)
		buf_text(b, "<1");
	else
		write_grouped(round_two((uint64_t)l->f.cost_ns), b);
}

#define COUNTER(member) offsetof(struct rule_counters, member), NULL
static const struct column columns[] = {
	{ "matches", true, COUNTER(matches) },
	{ "excepted", true, COUNTER(excepted) },
	{ "undecided", false, COUNTER(undecided) },
	{ "counted", false, COUNTER(counted) },
	{ "throttled", false, COUNTER(suppressed) },
	{ "observed", false, COUNTER(observed) },
	{ "alerts", true, COUNTER(alerts) },
	{ "summaries", false, COUNTER(summaries) },
	{ "/day", true, 0, write_rate_by_day },
	{ "vs old", false, 0, write_versus },
	{ "ns/exec", true, 0, write_cost },
};
#define N_COLUMNS ARRAY_SIZE(columns)

static uint64_t counter(const struct column *c, const struct line *l)
{
	return *(const uint64_t *)((const char *)&l->f.counters + c->counter);
}

static void write_cell(const struct summary *s, const struct column *c, const struct line *l, struct buf *b)
{
	if (c->write)
		c->write(s, l, b);
	else
		write_grouped(counter(c, l), b);
}

/* What the lines need, 0: the column is left out. All of the table is in one buffer, so a cell is measured
 * by writing it and taking it back. */
static size_t measure(const struct summary *s, const struct column *c, const struct line *lines, size_t n,
		      struct buf *b)
{
	size_t width = strlen(c->title), start = b->len;

	if (c->write == write_versus && !s->test->side[1].rules)
		return 0;
	/* The last line is the total. */
	if (!c->always && !c->write && counter(c, &lines[n - 1]) == 0)
		return 0;
	for (size_t i = 0; i < n && !b->error; i++) {
		write_cell(s, c, &lines[i], b);
		if (b->len - start > width)
			width = b->len - start;
		if (!b->error)
			buf_cut(b, start);
	}
	return width;
}

static void write_cells(const struct summary *s, const struct line *l, const size_t *width, struct buf *b)
{
	for (size_t i = 0; i < N_COLUMNS; i++) {
		char memory[128];
		struct buf cell;

		if (width[i] == 0)
			continue;
		buf_init_fixed(&cell, memory, sizeof(memory));
		if (l)
			write_cell(s, &columns[i], l, &cell);
		else
			buf_text(&cell, columns[i].title);
		buf_printf(b, "  %*.*s", (int)width[i], STR_ARG(buf_get(&cell)));
	}
	buf_char(b, '\n');
}

static void write_table(const struct summary *s, const struct line *lines, size_t n, struct buf *b)
{
	size_t width[N_COLUMNS], name = strlen("total");

	for (size_t i = 0; i < N_COLUMNS; i++)
		width[i] = measure(s, &columns[i], lines, n, b);
	for (size_t i = 0; i < n; i++)
		if (lines[i].name.len > name)
			name = lines[i].name.len;
	buf_printf(b, "%-*s", (int)name, "rule");
	write_cells(s, NULL, width, b);
	for (size_t i = 0; i < n; i++) {
		buf_str(b, lines[i].name);
		buf_printf(b, "%*s", (int)(name - lines[i].name.len), "");
		write_cells(s, &lines[i], width, b);
	}
}

/* Nothing to tell of: one of many such, mostly. */
static bool is_silent(const struct backtest_rule *rule, const struct figures *f)
{
	return rule->rule && !f->counters.matches && !f->counters.excepted && !f->counters.undecided &&
	       !f->n[DIFF_NEW] && !f->n[DIFF_GONE];
}

static void write_silent(const struct backtest *t, size_t n_silent, struct buf *b)
{
	size_t n = 0, used = LABEL_WIDTH + 1;

	write_label("no match", b);
	for (size_t i = 0; i < t->n_rules; i++) {
		struct figures f = figures_of(t, &t->rules[i]);
		struct str id;

		if (!is_silent(&t->rules[i], &f))
			continue;
		id = t->rules[i].rule->id;
		if (n > 0 && used + id.len + strlen(", ") > WIDTH)
			break;
		buf_text(b, n++ ? ", " : "");
		buf_str(b, id);
		used += id.len + strlen(", ");
	}
	if (n < n_silent)
		buf_printf(b, " and %zu more", n_silent - n);
	buf_char(b, '\n');
}

static void write_rules(const struct summary *s, struct line *lines, struct buf *b)
{
	const struct backtest *t = s->test;
	struct line total = { .name = STR("total") }, silent = { .name = STR("(no match)") };
	size_t n = 0, n_silent = 0;

	for (size_t i = 0; i < t->n_rules; i++) {
		struct line l = { .f = figures_of(t, &t->rules[i]), .rule = &t->rules[i] };

		figures_add(&total.f, &l.f);
		if (is_silent(&t->rules[i], &l.f)) {
			figures_add(&silent.f, &l.f);
			n_silent++;
			continue;
		}
		l.name = l.rule->rule ? l.rule->rule->id : l.rule->old->id;
		lines[n++] = l;
	}
	if (n_silent)
		lines[n++] = silent;
	lines[n++] = total;
	write_table(s, lines, n, b);
	buf_char(b, '\n');
	if (n_silent)
		write_silent(t, n_silent, b);
}

/* "92 % exe=/usr/bin/snap, 88 % user=root" */
static void write_values(const struct noise_value *values, size_t n, uint64_t alerts, struct buf *b)
{
	for (size_t i = 0; i < n; i++) {
		unsigned int percent = percent_of(values[i].count, alerts);

		if (i > 0 && percent < MIN_PERCENT)
			break;
		buf_printf(b, "%s%u %% %s=", i ? ", " : "", percent, values[i].field);
		write_value(values[i].value, b);
	}
}

static void write_noise(const struct summary *s, struct buf *b)
{
	const struct backtest_rule *noisy[MAX_NOISY];
	size_t n = summary_noisiest(s->test, noisy, MAX_NOISY);
	bool any = false;

	for (size_t i = 0; i < n; i++) {
		uint64_t alerts = figures_of(s->test, noisy[i]).counters.alerts;
		struct noise_value values[MAX_VALUES];
		size_t n_values = summary_noise(s->test, noisy[i], values, MAX_VALUES);

		if (alerts < MIN_ALERTS || n_values == 0 ||
		    percent_of(values[0].count, alerts) < MIN_FIRST_PERCENT)
			continue;
		write_label(any ? "" : "noise", b);
		buf_str(b, noisy[i]->rule->id);
		buf_text(b, ": ");
		write_values(values, n_values, alerts, b);
		buf_char(b, '\n');
		any = true;
	}
	if (any) {
		write_label("", b);
		buf_text(b, "(`execwatch learn RULE FILE...` proposes exceptions)\n");
	}
}

static void write_alert(const struct rule *rule, const struct told_alert *alert, struct buf *b)
{
	write_time(alert->time_ns, b);
	buf_char(b, ' ');
	escape_controls(alert->host, b);
	buf_char(b, ' ');
	buf_str(b, rule->id);
	buf_text(b, ": ");
	buf_str(b, alert->summary);
	buf_char(b, '\n');
}

void summary_write_alert_text(enum difference d, const struct rule *rule, const struct told_alert *alert,
			      struct buf *b)
{
	buf_text(b, d == DIFF_NEW ? "+ " : "- ");
	write_alert(rule, alert, b);
}

/* The first alert of each rule, as many as fit; then second ones. */
static void write_examples(const struct backtest *t, enum difference d, struct buf *b)
{
	size_t shown = 0;

	for (size_t k = 0; k < BACKTEST_EXAMPLES && shown < MAX_EXAMPLES; k++) {
		for (size_t i = 0; i < t->n_rules && shown < MAX_EXAMPLES; i++) {
			const struct backtest_rule *rule = &t->rules[i];

			if (rule->n[d] <= k)
				continue;
			write_label("", b);
			write_alert(d == DIFF_NEW ? rule->rule : rule->old, &rule->example[d][k], b);
			shown++;
		}
	}
	if (shown < backtest_differences(t, d)) {
		write_label("", b);
		buf_printf(b, "(--show %s lists all)\n", difference_names[d]);
	}
}

static void write_differences(const struct backtest *t, struct buf *b)
{
	for (enum difference d = DIFF_NEW; d < N_DIFFERENCES; d++) {
		uint64_t n = backtest_differences(t, d), n_rules = 0;

		for (size_t i = 0; i < t->n_rules; i++)
			n_rules += t->rules[i].n[d] > 0;
		write_label(difference_names[d], b);
		if (n == 0) {
			buf_text(b, "no alert\n");
			continue;
		}
		write_plural(n, "alert", b);
		buf_text(b, " of ");
		write_plural(n_rules, "rule", b);
		buf_text(b, d == DIFF_CHANGED ? ": another severity or summary\n" : "\n");
		if (d != DIFF_CHANGED)
			write_examples(t, d, b);
	}
}

void summary_write_text(const struct summary *s, struct buf *b)
{
	/* With two lines for what is summed up. */
	_cleanup_(free) struct line *lines = calloc(s->test->n_rules + 2, sizeof(*lines));

	if (!lines) {
		b->error = -ENOMEM;
		return;
	}
	write_head(s, b);
	write_rules(s, lines, b);
	write_noise(s, b);
	if (s->test->side[1].rules)
		write_differences(s->test, b);
	/* The table is parted from what follows, if anything does. */
	if (!b->error && str_has_suffix(buf_get(b), STR_LIT("\n\n")))
		buf_cut(b, b->len - 1);
}
