/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a rule file: either something is said against it or all of it is loaded, and what is loaded is
 * what the engine may rely on. Lines `#file` part it into files that may include each other. */
#include <errno.h>
#include <stdint.h>

#include "engine/mutant.h"
#include "engine/trial.h"
#include "parser/load.h"
#include "tests/fuzz/checked.h"

/* Of a rule with many mutants, or large ones, only the first are looked at. */
#define MUTANTS_LOOKED_AT 64

static void check_mutants(const struct rule *r)
{
	struct arena found = ARENA_INIT, made = ARENA_INIT;
	struct mutants mutants;

	CHECK(mutants_find(r, &found, &mutants) == 0 && mutants.n <= MUTANTS_MAX);
	for (size_t i = 0; i < mutants.n && i < MUTANTS_LOOKED_AT; i++) {
		struct rule mutant;

		CHECK(mutants.item[i].path.len > 0);
		place_check(mutants.item[i].at);
		for (size_t j = 0; j < i; j++)
			CHECK(!str_eq(mutants.item[i].path, mutants.item[j].path));
		CHECK(mutant_make(r, &mutants.item[i], &made, &mutant) == 0);
		CHECK(mutant.match != r->match || mutant.exceptions != r->exceptions ||
		      mutant.threshold != r->threshold || mutant.throttle != r->throttle);
		check_rule(&mutant);
		arena_reset(&made);
	}
	arena_done(&made);
	arena_done(&found);
}

/* Execs of a test that is also run. */
#define EXECS_RUN 32
#define TESTS_LOOKED_AT 8

/* What the parser calls a record the reader takes, and every test can be tried. */
static void check_rule_test(const struct rule *r, const struct rule_test *test)
{
	struct trial_result got;
	struct trial *trial;
	size_t n = 0;

	CHECK(test->name.len > 0 && test->n_steps > 0);
	place_check(test->at);
	for (size_t i = 0; i < test->n_steps; i++) {
		CHECK(str_known(test->steps[i].record) && test->steps[i].repeat > 0);
		CHECK(test->steps[i].at_ns >= 0 && test->steps[i].every_ns >= 0);
		n += test->steps[i].repeat;
	}
	CHECK(n <= 100000);
	CHECK(test->expect.kind != EXPECT_EXCEPTED || test->expect.exception.len > 0);
	if (n > EXECS_RUN)
		return;
	CHECK(trial_new(test, &trial) == 0);
	CHECK(trial_run(trial, r, false, &got) == 0);
	CHECK(got.execs == n && got.counters.matches + got.counters.excepted + got.counters.undecided <= n);
	trial_misses(&test->expect, &got);
	trial_free(trial);
}

/* Enough for a chain of includes that is too long. */
#define MAX_FILES 13

static size_t part(struct str input, struct rule_text *files)
{
	static const struct str names[MAX_FILES] = {
		STR("x.yaml"), STR("b"), STR("c"), STR("d/e"), STR("d/f"), STR("g"), STR("h"), STR("i"),
		STR("j"), STR("k"), STR("l"), STR("m"), STR("n"),
	};
	static const struct str line = STR("#file\n");
	size_t n = 0;

	while (n + 1 < MAX_FILES) {
		const char *end = input.len ? memmem(input.p, input.len, line.p, line.len) : NULL;

		if (!end)
			break;
		files[n] = (struct rule_text){ names[n], { input.p, (size_t)(end - input.p) } };
		input = str_skip(input, files[n++].text.len + line.len);
	}
	files[n] = (struct rule_text){ names[n], input };
	return n + 1;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const outputs[] = { "soc", NULL };
	/* 2026-11-22 */
	struct load_options options = {
		.now_ns = INT64_C(1795305600) * 1000000000, .warnings = true, .outputs = outputs,
		.max_severity = N_SEVERITIES, .authoring = true,
	};
	struct sources sources = SOURCES_INIT;
	struct diags ds = DIAGS_INIT;
	struct rule_text files[MAX_FILES];
	struct ruleset *rs = NULL;
	size_t n_files;
	int err;

	n_files = part((struct str){ (const char *)data, size }, files);
	err = rules_load_texts(files, n_files, &options, &sources, &ds, &rs);
	CHECK(err == 0 && rs);
	CHECK(rs->n_files > 0 && rs->n_files <= n_files);
	check_ruleset(rs, &ds);
	for (size_t i = 0; i < rs->n_rules; i++) {
		check_mutants(&rs->rules[i]);
		for (size_t k = 0; k < rs->rules[i].n_tests && k < TESTS_LOOKED_AT; k++)
			check_rule_test(&rs->rules[i], &rs->rules[i].tests[k]);
	}
	ruleset_free(rs);
	diags_done(&ds);
	sources_done(&sources);
	return 0;
}
