/* SPDX-License-Identifier: Apache-2.0 */
/* What both forms of a summary rest on, and the JSON form; see summary.h. */
#include "cli/summary.h"

#include <string.h>

#include "base/timefmt.h"
#include "cli/costs.h"
#include "cli/numbers.h"
#include "event/json.h"

#define MAX_NOISY 5
#define MAX_VALUES 5

const char *const difference_names[N_DIFFERENCES] = { "new", "gone", "changed" };

static double cost_of(const struct engine *e, const struct backtest_rule *rule)
{
	struct rule_cost cost = engine_rule_cost(e, rule->index);
	uint64_t events = engine_counters(e).events;

	return events ? cost_row(rule->rule, &cost, 0, false).ns / (double)events : 0;
}

struct figures figures_of(const struct backtest *t, const struct backtest_rule *rule)
{
	struct figures f = { .cost_ns = 0 };

	if (rule->rule) {
		f.counters = engine_rule_counters(t->side[0].engine, rule->index);
		f.counters.alerts += rule->n_undecided;
		f.messages = f.counters.alerts;
		if (rule->rule->mode != MODE_OBSERVE)
			f.messages += f.counters.summaries;
		f.cost_ns = cost_of(t->side[0].engine, rule);
	}
	if (rule->old)
		f.old_summaries = engine_rule_counters(t->side[1].engine, rule->old_index).summaries;
	for (size_t i = 0; i < N_DIFFERENCES; i++)
		f.n[i] = rule->n[i];
	return f;
}

void figures_add(struct figures *to, const struct figures *f)
{
	to->counters.matches += f->counters.matches;
	to->counters.excepted += f->counters.excepted;
	to->counters.undecided += f->counters.undecided;
	to->counters.counted += f->counters.counted;
	to->counters.suppressed += f->counters.suppressed;
	to->counters.observed += f->counters.observed;
	to->counters.alerts += f->counters.alerts;
	to->counters.summaries += f->counters.summaries;
	to->messages += f->messages;
	to->old_summaries += f->old_summaries;
	to->cost_ns += f->cost_ns;
	for (size_t i = 0; i < N_DIFFERENCES; i++)
		to->n[i] += f->n[i];
}

static uint64_t alerts_of(const struct backtest *t, const struct backtest_rule *rule)
{
	return figures_of(t, rule).counters.alerts;
}

size_t summary_noisiest(const struct backtest *t, const struct backtest_rule **ret, size_t max)
{
	size_t n = 0;

	for (size_t i = 0; i < t->n_rules; i++) {
		uint64_t alerts = alerts_of(t, &t->rules[i]);
		size_t at = n;

		if (alerts == 0)
			continue;
		while (at > 0 && alerts_of(t, ret[at - 1]) < alerts)
			at--;
		if (at == max)
			continue;
		n += n < max;
		for (size_t k = n - 1; k > at; k--)
			ret[k] = ret[k - 1];
		ret[at] = &t->rules[i];
	}
	return n;
}

size_t summary_noise(const struct backtest *t, const struct backtest_rule *rule, struct noise_value *ret,
		     size_t max)
{
	struct noise_value values[MAX_VALUES + 1];
	bool more, one_host = survey_hosts(&t->survey, &more) == 1;
	size_t n = noise_top(t->noise, rule->index, values, MAX_VALUES + 1), n_ret = 0;

	for (size_t i = 0; i < n && n_ret < max; i++)
		if (!one_host || strcmp(values[i].field, "host") != 0)
			ret[n_ret++] = values[i];
	return n_ret;
}

static void json_alert(struct json *j, const struct told_alert *alert)
{
	json_time(j, "time", alert->time_ns);
	json_str(j, "host", alert->host);
	json_str(j, "summary", alert->summary);
}

void summary_write_alert_json(enum difference d, const struct rule *rule, const struct told_alert *alert,
			      struct buf *b)
{
	struct json j = JSON_INIT(b);

	json_object(&j, NULL);
	json_text(&j, "difference", difference_names[d]);
	json_str(&j, "rule", rule->id);
	json_alert(&j, alert);
	json_end_object(&j);
	buf_char(b, '\n');
}

static void json_survey(struct json *j, const struct summary *s)
{
	const struct survey *survey = &s->test->survey;
	int64_t span = survey_span(survey);
	bool more;

	json_int(j, "files", (int64_t)s->n_files);
	json_int(j, "records", (int64_t)survey->records);
	json_int(j, "bad_lines", (int64_t)s->n_bad);
	json_int(j, "hosts", (int64_t)survey_hosts(survey, &more));
	if (survey->records > survey->untimed) {
		json_time(j, "first", survey->first_ns);
		json_time(j, "last", survey->last_ns);
		json_int(j, "span_ns", span);
	}
	json_int(j, "without_time", (int64_t)survey->untimed);
	json_int(j, "longest_silence_ns", survey->silence_ns);
	if (survey->silence_ns)
		json_time(j, "longest_silence_from", survey->silence_from_ns);
	if (survey->numbered) {
		json_int(j, "gaps", (int64_t)survey->gaps);
		json_int(j, "missing", (int64_t)survey->missing);
	}
	json_int(j, "evicted", (int64_t)engine_counters(s->test->side[0].engine).evicted);
	json_int(j, "elapsed_ns", s->elapsed_ns);
	json_int(j, "records_per_s",
		 (int64_t)((double)survey->records * (double)NS_PER_S / (double)s->elapsed_ns));
}

static void json_figures(struct json *j, const struct summary *s, const struct figures *f)
{
	const struct rule_counters *c = &f->counters;
	int64_t span = survey_span(&s->test->survey);

	json_int(j, "matches", (int64_t)c->matches);
	json_int(j, "excepted", (int64_t)c->excepted);
	json_int(j, "undecided", (int64_t)c->undecided);
	json_int(j, "counted", (int64_t)c->counted);
	json_int(j, "throttled", (int64_t)c->suppressed);
	json_int(j, "observed", (int64_t)c->observed);
	json_int(j, "alerts", (int64_t)c->alerts);
	json_int(j, "summaries", (int64_t)c->summaries);
	if (span >= SUMMARY_MIN_SPAN_NS) {
		double days = (double)span / (86400.0 * (double)NS_PER_S);

		json_decimal(j, "per_day", (double)f->messages / days);
	}
	json_decimal(j, "ns_per_exec", f->cost_ns < 1 ? f->cost_ns : (double)round_two((uint64_t)f->cost_ns));
	if (!s->test->side[1].rules)
		return;
	for (size_t i = 0; i < N_DIFFERENCES; i++)
		json_int(j, difference_names[i], (int64_t)f->n[i]);
	json_int(j, "old_summaries", (int64_t)f->old_summaries);
}

static void json_examples(struct json *j, const struct backtest_rule *rule)
{
	static const char *const keys[] = { "first_new", "first_gone" };

	for (size_t d = 0; d < ARRAY_SIZE(keys); d++) {
		if (rule->n[d] == 0)
			continue;
		json_list(j, keys[d]);
		for (size_t i = 0; i < rule->n[d] && i < BACKTEST_EXAMPLES; i++) {
			json_object(j, NULL);
			json_alert(j, &rule->example[d][i]);
			json_end_object(j);
		}
		json_end_list(j);
	}
}

static void json_rules(struct json *j, const struct summary *s)
{
	struct figures total = { .cost_ns = 0 };

	json_list(j, "rules");
	for (size_t i = 0; i < s->test->n_rules; i++) {
		const struct backtest_rule *rule = &s->test->rules[i];
		struct figures f = figures_of(s->test, rule);

		json_object(j, NULL);
		json_str(j, "id", rule->rule ? rule->rule->id : rule->old->id);
		if (s->test->side[1].rules)
			json_text(j, "in", !rule->old ? "new" : !rule->rule ? "old" : "both");
		json_figures(j, s, &f);
		json_examples(j, rule);
		json_end_object(j);
		figures_add(&total, &f);
	}
	json_end_list(j);
	json_object(j, "total");
	json_figures(j, s, &total);
	json_end_object(j);
}

static void json_noise(struct json *j, const struct summary *s)
{
	const struct backtest_rule *noisy[MAX_NOISY];
	size_t n_noisy = summary_noisiest(s->test, noisy, MAX_NOISY);

	json_list(j, "noise");
	for (size_t i = 0; i < n_noisy; i++) {
		struct noise_value values[MAX_VALUES];
		size_t n = summary_noise(s->test, noisy[i], values, MAX_VALUES);

		json_object(j, NULL);
		json_str(j, "rule", noisy[i]->rule->id);
		json_int(j, "alerts", (int64_t)alerts_of(s->test, noisy[i]));
		json_list(j, "values");
		for (size_t k = 0; k < n; k++) {
			json_object(j, NULL);
			json_text(j, "field", values[k].field);
			json_str(j, "value", values[k].value);
			json_int(j, "alerts", (int64_t)values[k].count);
			json_end_object(j);
		}
		json_end_list(j);
		json_end_object(j);
	}
	json_end_list(j);
}

void summary_write_json(const struct summary *s, struct buf *b)
{
	struct json j = JSON_INIT(b);

	json_object(&j, NULL);
	json_survey(&j, s);
	json_rules(&j, s);
	json_noise(&j, s);
	json_end_object(&j);
	buf_char(b, '\n');
}
