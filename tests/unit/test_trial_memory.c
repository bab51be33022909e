/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Trials with each allocation failing in turn: they say -ENOMEM and lose nothing. The linker sends the
 * program's malloc and its kin here (--wrap).
 */
#include <errno.h>

#include "engine/trial.h"
#include "tests/unit/failing_malloc.h"
#include "tests/unit/rules.h"

static const char yaml[] =
	"version: 1\n"
	"rules:\n"
	"  - id: r\n"
	"    match: { comm: sh }\n"
	"    except: [{ id: x, match: { user: root } }]\n"
	"    threshold: { count: 2, within: 1m, by: [exe] }\n"
	"    throttle: { every: 1m, by: user }\n"
	"    tests:\n"
	"      - name: n\n"
	"        common: { comm: sh, argv: [a, b], env: { A: b } }\n"
	"        events: [{ repeat: 4, every: 1s, user: root }, { repeat: 9, every: 2s, exe: /bin/sh }]\n"
	"        expect: { alerts: 1, summaries: 3, at: 2s, key: { exe: /bin/sh } }\n";

static int run(const struct rule *rule, unsigned int *ret_misses)
{
	_cleanup_(trial_free) struct trial *trial = NULL;
	struct trial_result got;
	int r = trial_new(&rule->tests[0], &trial);

	if (r == 0)
		r = trial_run(trial, rule, false, &got);
	if (r == 0)
		*ret_misses = trial_misses(&rule->tests[0].expect, &got);
	return r;
}

static void each_failure_is_told(void **state)
{
	unsigned int misses = 0, wanted = 0;
	size_t n_told = 0;
	struct loaded l;

	rules_from(&l, yaml);
	assert_int_equal(run(&l.rules->rules[0], &wanted), 0);
	for (size_t n = 0; ; n++) {
		int r;

		n_allocations = n_failures = 0;
		failing = n;
		r = run(&l.rules->rules[0], &misses);
		failing = SIZE_MAX;
		assert_true(r == (n_failures ? -ENOMEM : 0));
		if (r == 0)
			break;
		n_told++;
	}
	assert_int_equal(misses, wanted);
	/* The trial, its execs, the arena; the engine and its parts; the summary. */
	assert_true(n_told > 8);
	rules_done(&l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_failure_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
