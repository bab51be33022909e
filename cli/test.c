/* SPDX-License-Identifier: Apache-2.0 */
/* execwatch test: runs the tests that stand in rule files, in virtual time. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "cli/mutation.h"
#include "cli/rules.h"
#include "cli/test_report.h"
#include "cli/test_words.h"
#include "cli/verb.h"
#include "engine/trial.h"
#include "parser/load.h"

struct test_options {
	struct rule_options rules;
	int format;
};

enum { FORMAT_TEXT, FORMAT_JUNIT, FORMAT_JSON };
static const char *const formats[] = { "text", "junit", "json", NULL };

static const struct cli_option options[] = {
	{ "format", 0, OPTION_CHOICE, offsetof(struct test_options, format), "text|junit|json", formats,
	  "text, JUnit XML, or one JSON object" },
	RULE_CHOICE_OPTIONS(struct test_options, rules),
	{ "strict", 0, OPTION_FLAG, offsetof(struct test_options, rules.strict), NULL, NULL,
	  "fail where a mutant survives without a reason, or a reason is stale" },
	{ 0 },
};

static void init(void *into)
{
	rule_options_init(&((struct test_options *)into)->rules);
}

/* Runs one test; of a failed one also what to say of it. 0 or -ENOMEM. */
static int run_test(const struct rule *rule, const struct rule_test *test, struct arena *a,
		    struct test_outcome *ret)
{
	_cleanup_(trial_free) struct trial *trial = NULL;
	struct trial_result result;
	int r = trial_new(test, &trial);

	if (r == 0)
		r = trial_run(trial, rule, false, &result);
	if (r < 0)
		return r;
	*ret = (struct test_outcome){ .test = test, .passed = trial_misses(&test->expect, &result) == 0 };
	return ret->passed ? 0 : test_words(rule, trial, test, &result, a, ret);
}

static int run_rule(const struct rule *rule, struct arena *a, struct rule_outcome *ret)
{
	struct test_outcome *tests = arena_array(a, rule->n_tests, sizeof(*tests));
	int r = tests ? 0 : -ENOMEM;

	*ret = (struct rule_outcome){ .rule = rule, .tests = tests, .n_tests = rule->n_tests };
	for (size_t i = 0; i < rule->n_tests && r == 0; i++) {
		r = run_test(rule, &rule->tests[i], a, &tests[i]);
		ret->n_failed += r == 0 && !tests[i].passed;
	}
	return r;
}

static int run_rules(const struct ruleset *rules, struct arena *a, struct test_run *run)
{
	struct rule_outcome *outcomes = arena_array(a, rules->n_rules, sizeof(*outcomes));
	int r = outcomes ? 0 : -ENOMEM;

	run->rules = outcomes;
	run->n_rules = rules->n_rules;
	for (size_t i = 0; i < rules->n_rules && r == 0; i++) {
		r = run_rule(&rules->rules[i], a, &outcomes[i]);
		run->n_tests += outcomes[i].n_tests;
		run->n_failed += outcomes[i].n_failed;
	}
	return r;
}

static int print_run(const struct test_run *run, int format)
{
	_cleanup_(buf) struct buf text = BUF_INIT;

	switch (format) {
	case FORMAT_JUNIT: test_report_junit(run, &text); break;
	case FORMAT_JSON: test_report_json(run, &text); break;
	default: test_report_text(run, use_colour(stdout), &text); break;
	}
	fwrite(buf_get(&text).p, 1, text.len, stdout);
	return text.error;
}

static int test(const void *opts, const char *const *arg, size_t n_args)
{
	_cleanup_(sources) struct sources sources = SOURCES_INIT;
	_cleanup_(diags) struct diags ds = DIAGS_INIT;
	_cleanup_(ruleset_free) struct ruleset *rules = NULL;
	_cleanup_(arena) struct arena arena = ARENA_INIT;
	const struct test_options *o = opts;
	struct rule_choice_storage storage;
	struct load_options load = { .now_ns = INT64_MIN, .authoring = true };
	struct mutation mutation;
	struct test_run run = { .diags = &ds, .mutation = &mutation, .strict = o->rules.strict };
	int loaded, r;

	if (n_args == 0) {
		log_error("`test` needs rule files or directories");
		return EXIT_USAGE;
	}
	rule_options_apply(&o->rules, &storage, &load);
	loaded = rules_load(arg, n_args, &load, &sources, &ds, &rules);
	diags_sort(&ds);
	print_diags(&ds, stderr);
	if (!rules)
		return no_rules(loaded);
	warn_of_choice(&o->rules, rules);
	r = run_rules(rules, &arena, &run);
	if (r == 0)
		r = mutation_check(run.rules, run.n_rules, &arena, &mutation);
	if (r == 0)
		r = print_run(&run, o->format);
	if (r < 0) {
		log_error("the tests were not run: %s", strerror(-r));
		return EXIT_SYSTEM;
	}
	if (loaded < 0)
		return EXIT_SYSTEM;
	if (run.n_failed || ds.n_errors || (run.strict && (mutation.n_survived || mutation.n_stale)))
		return EXIT_FINDINGS;
	return EXIT_FINE;
}

const struct verb verb_test = {
	.name = "test",
	.arguments = "[options] PATH...",
	.summary = "run the tests that stand in rule files",
	.details =
		"Then each part of a rule is dropped or shifted in turn: a mutant that fails no test has\n"
		"survived. A test that needs the part kills it; `mutants: [{ keep: PATH, why: TEXT }]` in\n"
		"the rule lets it be.\n"
		"\n"
		"The JSON object counts rules, tests, passed, failed and errors (of the files; they\n"
		"are told on standard error), lists the rules that are untested, and under results\n"
		"each test: rule, test, file, line, col, passed, and where it failed expected, got\n"
		"and trace as text. mutation counts mutants, survived and kept (survivors that their\n"
		"rule gives a reason for), the rules that are unchecked, since a test failed, and the\n"
		"mutants that are left_out, since there are too many; it lists survivors (rule,\n"
		"mutant, text, why, place) and stale reasons.",
	.options = options,
	.options_size = sizeof(struct test_options),
	.init = init,
	.run = test,
};
