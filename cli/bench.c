/* SPDX-License-Identifier: Apache-2.0 */
/*
 * execwatch bench: what matching costs. All records are read first, so that nothing but the matcher is timed;
 * the clock is the thread's CPU time, which a busy machine disturbs least.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "base/log.h"
#include "base/regex.h"
#include "base/timefmt.h"
#include "cli/clock.h"
#include "cli/records.h"
#include "cli/rounds.h"
#include "cli/rules.h"
#include "cli/verb.h"
#include "event/json.h"

struct bench_options {
	struct rule_options rules;
	int64_t rounds;
	int engine;
};

enum { ENGINE_MATCHER, ENGINE_PLAIN };
static const char *const engines[] = { "matcher", "plain", NULL };

static const struct cli_option options[] = {
	RULE_OPTIONS(struct bench_options, rules),
	{ "rounds", 0, OPTION_COUNT, offsetof(struct bench_options, rounds), "N", NULL,
	  "how often all records are matched; default 10" },
	{ "engine", 0, OPTION_CHOICE, offsetof(struct bench_options, engine), "matcher|plain", engines,
	  "plain: every rule, conditions in written order" },
	{ 0 },
};

static void init(void *into)
{
	struct bench_options *o = into;

	rule_options_init(&o->rules);
	o->rounds = 10;
}

static long peak_rss_kib(void)
{
	struct rusage usage;

	return getrusage(RUSAGE_SELF, &usage) == 0 ? usage.ru_maxrss : 0;
}

static void print_result(const struct bench_options *o, const struct ruleset *rules,
			 const struct event_list *list, int64_t load_ns, int64_t match_ns, uint64_t matches)
{
	double events = (double)list->n * (double)o->rounds, ns = events > 0 ? (double)match_ns / events : 0;

	printf("{\"rules\":%zu,\"records\":%zu,\"rounds\":%" PRId64 ",\"ns_per_event\":%.1f,", rules->n_rules,
	       list->n, o->rounds, ns);
	printf("\"events_per_s\":%.0f,\"load_ms\":%.1f,\"matches\":%" PRIu64 ",\"rss_kib\":%ld,",
	       ns > 0 ? (double)NS_PER_S / ns : 0, (double)load_ns / 1e6, matches, peak_rss_kib());
	printf("\"engine\":\"%s\",\"simd\":\"none\",\"jit\":%s}\n", engines[o->engine],
	       regex_has_jit() ? "true" : "false");
}

static int open_contender(const struct bench_options *o, const struct ruleset *rules, struct contender *c)
{
	if (o->engine == ENGINE_MATCHER)
		return open_matcher(rules, &c->matcher, &c->scratch);
	if (plain_new(rules, &c->plain) == 0)
		return EXIT_FINE;
	log_error("out of memory for %zu rules", rules->n_rules);
	return EXIT_SYSTEM;
}

static int measure(const struct bench_options *o, const struct ruleset *rules, int64_t started_ns,
		   struct records *records)
{
	_cleanup_(contender) struct contender contender = { NULL };
	_cleanup_(event_list) struct event_list list = { 0 };
	struct held held = { 0 };
	int64_t load_ns, start_ns;
	int r;

	r = open_contender(o, rules, &contender);
	if (r != EXIT_FINE)
		return r;
	load_ns = clock_monotonic() - started_ns;
	r = event_list_read(&list, records);
	start_ns = clock_thread_cpu();
	for (int64_t round = 0; r == EXIT_FINE && round < o->rounds; round++)
		held = rounds_run(&contender, &list);
	if (r == EXIT_FINE)
		print_result(o, rules, &list, load_ns, clock_thread_cpu() - start_ns, held.matches);
	return r;
}

static int bench(const void *opts, const char *const *arg, size_t n_args)
{
	_cleanup_(sources) struct sources sources = SOURCES_INIT;
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
	r = load_rules(&o->rules, &(struct rule_load){ 0 }, &sources, &rules);
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
	.details = "Prints one JSON object. `matches` counts the (record, rule) pairs of one round.",
	.options = options,
	.options_size = sizeof(struct bench_options),
	.init = init,
	.run = bench,
};
