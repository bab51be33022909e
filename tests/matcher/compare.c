/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The matcher against the plain matcher on rules and recordings of any size:
 *
 *	compare [--every N] [--hide] -r RULES [-r RULES]... RECORDING...
 *
 * Every rule on every record, or on every Nth; with --hide also on what is left of each record when its argv
 * is cut in the middle, and when it is partial. Prints the first ten differences in full and the counts.
 * The exit code is 1 when there are differences, 2 for a usage error and 3 for what cannot be read.
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/diag.h"
#include "event/record.h"
#include "parser/load.h"
#include "tests/matcher/agree.h"
#include "tests/matcher/make.h"

#define MAX_PATHS 16
#define SHOWN 10

struct job {
	const char *rule_paths[MAX_PATHS];
	size_t n_rule_paths;
	size_t every;
	bool hide;
	size_t n_records, n_shown;
	struct engines engines;
	struct random random;
	struct arena arena;
};

static int usage(void)
{
	fprintf(stderr, "usage: compare [--every N] [--hide] -r RULES [-r RULES]... RECORDING...\n");
	return 2;
}

static void show(void *ctx, const struct event *ev, const struct difference *d)
{
	_cleanup_(buf) struct buf b = BUF_INIT;
	struct job *job = ctx;

	if (job->n_shown++ >= SHOWN)
		return;
	difference_write(d, &b);
	record_write(ev, &b);
	printf("%.*s\n", STR_ARG(buf_get(&b)));
}

static void compare_record(struct job *job, const struct event *ev)
{
	struct event seen;

	engines_compare(&job->engines, ev, NULL, show, job);
	if (!job->hide || !ev->argv.known || event_argv_state(ev) != ARGV_COMPLETE)
		return;
	for (size_t i = 0; i < 2; i++) {
		event_hide(&job->random, ev, &job->arena, &seen);
		engines_compare(&job->engines, &seen, ev, show, job);
	}
}

static int compare_recording(struct job *job, const char *path)
{
	_cleanup_(fclose) FILE *f = fopen(path, "re");
	_cleanup_(free) char *line = NULL;
	struct record_error error;
	size_t cap = 0, number = 0;
	ssize_t len;

	if (!f) {
		fprintf(stderr, "%s: %s\n", path, strerror(errno));
		return -errno;
	}
	while ((len = getline(&line, &cap, f)) > 0) {
		struct event ev;

		if (number++ % job->every != 0)
			continue;
		arena_reset(&job->arena);
		if (record_read((struct str){ line, (size_t)len }, &job->arena, &ev, &error) < 0) {
			fprintf(stderr, "%s:%zu: %s\n", path, number, error.message);
			return -EINVAL;
		}
		job->n_records++;
		compare_record(job, &ev);
	}
	return 0;
}

static int compare(struct job *job, char **recordings)
{
	const struct load_options options = { .now_ns = INT64_MIN, .max_severity = N_SEVERITIES };
	_cleanup_(sources) struct sources sources = SOURCES_INIT;
	_cleanup_(diags) struct diags diags = DIAGS_INIT;
	_cleanup_(ruleset_free) struct ruleset *rules = NULL;
	_cleanup_(buf) struct buf b = BUF_INIT;
	int r;

	r = rules_load(job->rule_paths, job->n_rule_paths, &options, &sources, &diags, &rules);
	if (r == 0)
		r = engines_new(rules, &job->engines);
	if (r < 0) {
		fprintf(stderr, "%s: %s\n", job->rule_paths[0], strerror(-r));
		return 3;
	}
	for (; *recordings && r == 0; recordings++)
		r = compare_recording(job, *recordings);
	counts_write(&job->engines.counts, &b);
	printf("%zu rules, %zu that did not load, %zu records: %.*s\n", rules->n_rules, rules->n_skipped,
	       job->n_records, STR_ARG(buf_get(&b)));
	engines_done(&job->engines);
	arena_done(&job->arena);
	return r < 0 ? 3 : job->engines.counts.differences > 0;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "rules", required_argument, NULL, 'r' },
		{ "every", required_argument, NULL, 'e' },
		{ "hide", no_argument, NULL, 'h' },
		{ 0 },
	};
	struct job job = { .every = 1, .random = { 1 }, .arena = ARENA_INIT };
	int c;

	while ((c = getopt_long(argc, argv, "r:", options, NULL)) != -1) {
		if (c == 'r' && job.n_rule_paths < MAX_PATHS)
			job.rule_paths[job.n_rule_paths++] = optarg;
		else if (c == 'e')
			job.every = strtoul(optarg, NULL, 10);
		else if (c == 'h')
			job.hide = true;
		else
			return usage();
	}
	if (job.n_rule_paths == 0 || job.every == 0 || optind == argc)
		return usage();
	return compare(&job, argv + optind);
}
