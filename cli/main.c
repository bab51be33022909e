/* SPDX-License-Identifier: Apache-2.0 */
/* execwatch VERB ...: the table of verbs, and the way into one of them. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "base/nearest.h"
#include "cli/descriptors.h"
#include "cli/verb.h"

static const struct verb *const verbs[] = {
	&verb_run, &verb_check, &verb_test, &verb_explain, &verb_replay, &verb_learn, &verb_fmt, &verb_schema,
	&verb_fields, &verb_convert, &verb_record, &verb_bench, &verb_status,
};

static void print_usage(FILE *to)
{
	fprintf(to,
		"usage: execwatch VERB [options] [FILE...]\n\n"
		"Watches every program that this machine starts, and says when one should not have been.\n\n"
		"verbs:\n");
	for (size_t i = 0; i < ARRAY_SIZE(verbs); i++)
		fprintf(to, "  %-8s %s\n", verbs[i]->name, verbs[i]->summary);
	fprintf(to, "\n`execwatch VERB --help` tells what a verb takes, `--version` which build this is.\n");
}

static const struct verb *verb_find(const char *name)
{
	struct nearest nearest = NEAREST_INIT(str_of(name));

	for (size_t i = 0; i < ARRAY_SIZE(verbs); i++) {
		if (strcmp(verbs[i]->name, name) == 0)
			return verbs[i];
		nearest_try(&nearest, str_of(verbs[i]->name));
	}
	if (str_known(nearest.best))
		log_error("no verb `%s`; did you mean `%.*s`?", name, STR_ARG(nearest.best));
	else
		log_error("no verb `%s`; see `execwatch --help`", name);
	return NULL;
}

static int run_verb(const struct verb *verb, int argc, char **argv)
{
	_cleanup_(free) void *options = calloc(1, verb->options_size);
	const char *const *rest;
	size_t n_rest;
	int r;

	if (!options) {
		log_error("out of memory");
		return EXIT_SYSTEM;
	}
	r = options_parse(verb, argc, argv, options, &rest, &n_rest);
	if (r > 0)
		return EXIT_FINE;
	if (r < 0)
		return EXIT_USAGE;
	return verb->run(options, rest, n_rest);
}

/* Results that did not reach their reader are no success: a full disk must not look like "no findings". */
static int flush_results(int code)
{
	errno = 0;
	if (fflush(stdout) == 0 && !ferror(stdout))
		return code;
	log_error("cannot write the results: %s", errno ? strerror(errno) : "a write failed");
	return EXIT_SYSTEM;
}

/* @of: a verb, or NULL. */
static int help(const char *of)
{
	const struct verb *verb = of ? verb_find(of) : NULL;

	if (of && !verb)
		return EXIT_USAGE;
	if (verb)
		options_print_help(verb);
	else
		print_usage(stdout);
	return flush_results(EXIT_FINE);
}

int main(int argc, char **argv)
{
	const struct verb *verb;
	int r = descriptors_hold_standard();

	if (r < 0) {
		log_error("a standard stream is closed, and /dev/null cannot take its place: %s",
			  strerror(-r));
		return EXIT_SYSTEM;
	}
	if (argc < 2) {
		print_usage(stderr);
		return EXIT_USAGE;
	}
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 || strcmp(argv[1], "help") == 0)
		return help(argv[2]);
	if (strcmp(argv[1], "--version") == 0) {
		printf("execwatch %s\n", EXECWATCH_VERSION);
		return flush_results(EXIT_FINE);
	}
	verb = verb_find(argv[1]);
	return verb ? flush_results(run_verb(verb, argc - 1, argv + 1)) : EXIT_USAGE;
}
