/* SPDX-License-Identifier: Apache-2.0 */
/*
 * execwatch bench: what matching costs. All records are read first, so that nothing but the matcher is timed;
 * the clock is the thread's CPU time, which a busy machine disturbs least. For what is to be known of each
 * record or of each rule, one that is quicker to read is read more often; rules are timed in rounds of their
 * own.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/regex.h"
#include "base/timefmt.h"
#include "cli/clock.h"
#include "cli/costs.h"
#include "cli/records.h"
#include "cli/rounds.h"
#include "cli/rules.h"
#include "cli/verb.h"
#include "event/json.h"

struct bench_options {
	struct rule_options rules;
	int64_t rounds, top;
	int engine;
	bool per_rule, percentiles;
};

enum { ENGINE_MATCHER, ENGINE_PLAIN };
static const char *const engines[] = { "matcher", "plain", NULL };

static const struct cli_option options[] = {
	RULE_OPTIONS(struct bench_options, rules),
	{ "rounds", 0, OPTION_COUNT, offsetof(struct bench_options, rounds), "N", NULL,
	  "how often all records are matched; default 10" },
	{ "engine", 0, OPTION_CHOICE, offsetof(struct bench_options, engine), "matcher|plain", engines,
	  "plain: every rule, conditions in written order" },
	{ "percentiles", 0, OPTION_FLAG, offsetof(struct bench_options, percentiles), NULL, NULL,
	  "p50_ns, p99_ns and max_ns of single records" },
	{ "per-rule", 0, OPTION_FLAG, offsetof(struct bench_options, per_rule), NULL, NULL,
	  "what each rule costs, in as many rounds more" },
	{ "top", 0, OPTION_LIMIT, offsetof(struct bench_options, top), "N", NULL,
	  "with --per-rule: the N dearest, 0 for all; default 20" },
	{ 0 },
};

static void init(void *into)
{
	struct bench_options *o = into;

	rule_options_init(&o->rules);
	o->rounds = 10;
	o->top = 20;
}

/* What was measured. */
struct result {
	const struct ruleset *rules;
	size_t records;
	int64_t load_ns;		/* from the first file to a matcher that is ready */
	int64_t rss_kib, peak_rss_kib;	/* then: resident, and the most so far; -1: not known */
	double ns_per_event;
	struct held held;		/* of one round */
	int64_t *fastest_ns;		/* with --percentiles: by record, of its rounds; ascending */
	struct cost_row *rows;		/* with --per-rule: of all rules, one round, the dearest first */
};

static void result_cleanup(struct result *r)
{
	free(r->fastest_ns);
	free(r->rows);
}

/* A line of /proc/self/status in KiB, such as "VmRSS"; -1: it is not there. */
static int64_t memory_kib(const char *name)
{
	_cleanup_(fclose) FILE *f = fopen("/proc/self/status", "re");
	char line[128], format[32];
	int64_t kib;

	snprintf(format, sizeof(format), "%s: %%" SCNd64, name);
	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, format, &kib) == 1)
			return kib;
	return -1;
}

static int compare_ns(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

static int run_rounds(const struct bench_options *o, struct contender *c, const struct event_list *list,
		      struct result *ret)
{
	double events = (double)list->n * (double)o->rounds;
	struct took took = { 0 };

	if (o->percentiles) {
		ret->fastest_ns = calloc(list->n + 1, sizeof(*ret->fastest_ns));
		if (!ret->fastest_ns)
			return -ENOMEM;
		for (size_t i = 0; i < list->n; i++)
			ret->fastest_ns[i] = INT64_MAX;
		c->fastest_ns = ret->fastest_ns;
	}
	for (int64_t round = 0; round < o->rounds; round++)
		ret->held = rounds_run(c, list, &took);
	c->fastest_ns = NULL;
	if (events > 0 && took.cpu_ns > 0)
		ret->ns_per_event = (double)took.cpu_ns / events;
	if (o->percentiles)
		qsort(ret->fastest_ns, list->n, sizeof(*ret->fastest_ns), compare_ns);
	return 0;
}

/* Further rounds, in which each rule's evaluations are timed. */
static int run_per_rule(const struct bench_options *o, struct contender *c, const struct event_list *list,
			struct result *ret)
{
	size_t n = ret->rules->n_rules;
	_cleanup_(free) struct rule_cost *costs = calloc(n + 1, sizeof(*costs));
	_cleanup_(free) uint64_t *matches = calloc(n + 1, sizeof(*matches));
	uint64_t rounds = (uint64_t)o->rounds;
	struct took took = { 0 };
	double share;

	ret->rows = calloc(n + 1, sizeof(*ret->rows));
	if (!costs || !matches || !ret->rows)
		return -ENOMEM;
	c->matches = matches;
	c->first = ret->rules->rules;
	match_scratch_count(c->scratch, costs, clock_monotonic, 1);
	for (uint64_t round = 0; round < rounds; round++)
		rounds_run(c, list, &took);
	match_scratch_count(c->scratch, NULL, NULL, 0);
	c->matches = NULL;
	/* The rules' clock went on while the processor was somebody else's. */
	share = took.cpu_ns > 0 && took.cpu_ns < took.ns ? (double)took.cpu_ns / (double)took.ns : 1;
	for (size_t i = 0; i < n; i++) {
		struct cost_row *row = &ret->rows[i];

		*row = cost_row(&ret->rules->rules[i], &costs[i], matches[i],
				matcher_asks_always(c->matcher, &ret->rules->rules[i]));
		row->candidates /= rounds;
		row->regex_runs /= rounds;
		row->matches /= rounds;
		row->ns *= share / (double)rounds;
	}
	cost_rows_sort(ret->rows, n);
	return 0;
}

/* The least value that @percent of all records do not exceed. */
static int64_t percentile(const struct result *r, unsigned int percent)
{
	return r->records ? r->fastest_ns[(r->records * percent + 99) / 100 - 1] : 0;
}

static void write_per_rule(const struct result *r, size_t top, struct json *j)
{
	uint64_t candidates = 0, regex_runs = 0, always = 0;
	double records = r->records ? (double)r->records : 1;
	size_t n = r->rules->n_rules;

	for (size_t i = 0; i < n; i++) {
		candidates += r->rows[i].candidates;
		regex_runs += r->rows[i].regex_runs;
		always += r->rows[i].always;
	}
	json_decimal(j, "candidates_per_event", (double)candidates / records);
	json_decimal(j, "regex_runs_per_event", (double)regex_runs / records);
	json_int(j, "always", (int64_t)always);
	json_list(j, "per_rule");
	for (size_t i = 0; i < n && (!top || i < top); i++) {
		double ns = r->rows[i].ns / records;

		cost_row_write(j, &r->rows[i], r->records);
		json_decimal(j, "percent", r->ns_per_event > 0 ? 100 * ns / r->ns_per_event : 0);
		json_end_object(j);
	}
	json_end_list(j);
}

static void write_memory(const struct result *r, struct json *j)
{
	if (r->rss_kib >= 0)
		json_int(j, "rss_kib", r->rss_kib);
	if (r->peak_rss_kib >= 0)
		json_int(j, "peak_rss_kib", r->peak_rss_kib);
}

static void write_result(const struct bench_options *o, const struct result *r, struct buf *b)
{
	struct json j = JSON_INIT(b);

	json_object(&j, NULL);
	json_int(&j, "rules", (int64_t)r->rules->n_rules);
	json_int(&j, "records", (int64_t)r->records);
	json_int(&j, "rounds", o->rounds);
	json_decimal(&j, "ns_per_event", r->ns_per_event);
	json_int(&j, "events_per_s", r->ns_per_event > 0 ? (int64_t)((double)NS_PER_S / r->ns_per_event) : 0);
	if (o->percentiles) {
		json_int(&j, "p50_ns", percentile(r, 50));
		json_int(&j, "p99_ns", percentile(r, 99));
		json_int(&j, "max_ns", percentile(r, 100));
	}
	json_decimal(&j, "load_ms", (double)r->load_ns / 1e6);
	json_int(&j, "matches", (int64_t)r->held.matches);
	json_int(&j, "undecided", (int64_t)r->held.undecided);
	write_memory(r, &j);
	json_text(&j, "engine", engines[o->engine]);
	json_text(&j, "simd", o->engine == ENGINE_MATCHER ? matcher_simd() : "none");
	json_bool(&j, "jit", regex_has_jit());
	if (o->per_rule)
		write_per_rule(r, (size_t)o->top, &j);
	json_end_object(&j);
	buf_char(b, '\n');
}

static int no_memory(size_t n_rules)
{
	log_error("out of memory for %zu rules", n_rules);
	return EXIT_SYSTEM;
}

static int open_contender(const struct bench_options *o, const struct ruleset *rules, struct contender *c)
{
	if (o->engine == ENGINE_MATCHER)
		return open_matcher(rules, &c->matcher, &c->scratch);
	return plain_new(rules, &c->plain) == 0 ? EXIT_FINE : no_memory(rules->n_rules);
}

static int measure(const struct bench_options *o, const struct ruleset *rules, int64_t started_ns,
		   struct records *records)
{
	_cleanup_(contender) struct contender contender = { 0 };
	_cleanup_(event_list) struct event_list list = { 0 };
	_cleanup_(result) struct result result = { .rules = rules };
	_cleanup_(buf) struct buf line = BUF_INIT;
	int r;

	r = open_contender(o, rules, &contender);
	if (r != EXIT_FINE)
		return r;
	result.load_ns = clock_monotonic() - started_ns;
	result.rss_kib = memory_kib("VmRSS");
	result.peak_rss_kib = memory_kib("VmHWM");
	r = event_list_read(&list, records);
	if (r != EXIT_FINE)
		return r;
	result.records = list.n;
	if (run_rounds(o, &contender, &list, &result) < 0 ||
	    (o->per_rule && run_per_rule(o, &contender, &list, &result) < 0))
		return no_memory(rules->n_rules);
	write_result(o, &result, &line);
	if (line.error)
		return no_memory(rules->n_rules);
	fwrite(buf_get(&line).p, 1, line.len, stdout);
	return EXIT_FINE;
}

static int bench(const void *opts, const char *const *arg, size_t n_args)
{
	_cleanup_(ruleset_free) struct ruleset *rules = NULL;
	_cleanup_(records) struct records records;
	const struct bench_options *o = opts;
	int64_t started_ns = clock_monotonic();
	int r;

	records_open(&records, arg, n_args);
	if (n_args == 0) {
		log_error("`bench` needs files of exec records (`-` is standard input)");
		return EXIT_USAGE;
	}
	if (o->per_rule && o->engine == ENGINE_PLAIN) {
		log_error("--per-rule is of the matcher: with --engine plain each rule looks at each record");
		return EXIT_USAGE;
	}
	r = load_rules(&o->rules, &(struct rule_load){ 0 }, NULL, &rules);
	if (r == EXIT_FINE)
		r = measure(o, rules, started_ns, &records);
	if (r == EXIT_FINE)
		r = records_exit_code(&records);
	return r == EXIT_FINE && rules->n_skipped ? EXIT_FINDINGS : r;
}

const struct verb verb_bench = {
	.name = "bench",
	.arguments = "[options] FILE...",
	.summary = "measure what matching costs",
	.details = "Prints one JSON object. `matches` and `undecided` count the (record, rule) pairs of one\n"
		   "round; load_ms is from the first rule file to a matcher that is ready, rss_kib what is\n"
		   "resident then, peak_rss_kib the most until then, no record being read yet.\n"
		   "\n"
		   "--percentiles tells of single records, of each the fastest of its rounds.\n"
		   "\n"
		   "--per-rule adds `per_rule`, the dearest rules first. `candidates` are the records that\n"
		   "gave a reason to evaluate the rule, `always` says that all of them do; regex_runs are\n"
		   "searches that nothing cheaper decided, `percent` is of ns_per_event. What rules have in\n"
		   "common counts for the first that asks; what finding the candidates takes is nobody's.",
	.options = options,
	.options_size = sizeof(struct bench_options),
	.init = init,
	.run = bench,
};
