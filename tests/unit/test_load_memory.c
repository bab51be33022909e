/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Loading with each allocation failing in turn: it says -ENOMEM, or goes on where the loss is of a message
 * only; it never crashes or leaks. The linker sends the program's malloc and its kin here (--wrap).
 */
#include <errno.h>
#include <stdlib.h>

#include "parser/load.h"
#include "tests/unit/failing_malloc.h"
#include "tests/unit/test.h"

/* That a rule has no tests is said of those alone that are on: nothing is to be said here. */
static const char good[] =
	"version: 1\n"
	"lists: { shells: [sh, bash], more: [$shells, zsh] }\n"
	"macros: { web: { any: [{ parent.comm: nginx }, { env.A: x }] } }\n"
	"defaults: { tags: [a, b], route: soc }\n"
	"rules:\n"
	"  - id: a\n"
	"    title: t\n"
	"    match: { comm: [$more], macro: web, argv: { re: ['x+', 'y.z'], not: q },\n"
	"             uid: { in: [1, 2], ge: 0 } }\n"
	"    except: [{ id: x, why: y, until: 2030-01-01, match: { user: root } }]\n"
	"    summary: 'ran {{argv|trunc:20}} {{key.exe}} {{count}}'\n"
	"    threshold: { count: 3, within: 1s, by: [exe, env.A], distinct: user }\n"
	"    throttle: { every: 1m, by: comm }\n"
	"    mutants: [{ keep: match.comm, why: w }]\n"
	"    tests:\n"
	"      - name: n\n"
	"        common: { comm: sh, parent: { comm: x, argv: [a, b] }, env: { A: a, B: b }, env.C: c }\n"
	"        events: [{ ancestors: [{ comm: x }, {}], argv: [a], env.A: x, errno: EPERM },\n"
	"                 { at: 1s, repeat: 3, every: 1s, labels: { l: m } }]\n"
	"        expect: { alerts: 1, summaries: 0, at: 1s, key: { exe: y, env.A: a }, summary: s,\n"
	"                  route: [soc] }\n"
	"      - { name: o, event: {}, expect: { excepted: x } }\n"
	"  - { id: b, mode: off, match: { arg: { all: [a, b], set: true }, exe: { same_as: filename } } }\n";

/* Everything of it has something said against it. */
static const char bad[] =
	"version: 1\n"
	"lists: { a: [$b], b: [$a], c: [$nowhere] }\n"
	"macros: { m: { macro: m } }\n"
	"rules:\n"
	"  - { id: a, id: a, match: { com: x, comm: { re: '(' }, exe: { glob: '[' }, errno: X,\n"
	"                             pid: { pref: 1 } } }\n"
	"  - { id: t, match: {}, threshold: { count: 0, within: 0s, by: [arg, exe, exe, nix] },\n"
	"      throttle: { by: pid }, summary: '{{key.uid}}' }\n"
	"  - { id: u, match: { comm: x }, tests: [{ name: n, event: { com: x, parent: { com: y, name: z },\n"
	"      argv: x, argv[0]: y, ancestors: [{ com: x }], pid: x, fd.in: y }, expect: alrt },\n"
	"      { name: o, event: { errno: EPERM, retval: 0, parent.comm: x, ancestors: [{ comm: y }],\n"
	"        at: 1s }, expect: { excepted: x } },\n"
	"      { name: p, events: [{ repeat: 0 }], expect: { key: { uid: 1 } } },\n"
	"      { name: q, event: {}, expect: none }, { name: q, event: {}, expect: none }] }\n"
	"  - { id: B, match: { &x comm: *y, result: okay, traced: yes }, summary: '{{', severity: x }\n"
	"\t- x\n";

/* What can be included is seen from two sides, what cannot is told. */
static const struct rule_text including[] = {
	{ STR("a.yaml"), STR("version: 1\ninclude: [b.yaml, d/c.yaml]\nlists: { l: [$m] }\n"
			     "rules: [{ id: a, mode: off,\n"
			     "  match: { comm: [$l], macro: n, exe: { re: [$p] } } }]\n") },
	{ STR("b.yaml"), STR("version: 1\ninclude: [d/c.yaml]\nlists: { m: [a, $$a, $o] }\n") },
	{ STR("d/c.yaml"), STR("version: 1\nlists: { o: [b], p: ['x+', 'y.z'] }\nmacros: { n: { user: c } }\n"
			       "rules: [{ id: c, mode: off, match: { macro: n } }]\n") },
};
static const struct rule_text not_including[] = {
	{ STR("a.yaml"), STR("version: 1\ninclude: [a.yaml, b.yaml, nowhere, c.yaml]\nlists: { l: [$m] }\n"
			     "rules: [{ id: a, match: { comm: [$l, $x] } }]\n") },
	{ STR("b.yaml"), STR("version: 1\ninclude: [a.yaml]\nlists: { l: [a] }\nmacros: { 1: {} }\n") },
	{ STR("c.yaml"), STR("version: 2\n") },
};

/* @must_fail: no message is lost instead. */
static void fail_each(const struct rule_text *texts, size_t n_texts, bool must_fail)
{
	const struct load_options options = {
		.now_ns = INT64_MIN, .warnings = true, .max_severity = N_SEVERITIES, .authoring = true,
	};
	size_t n_reported = 0;

	for (size_t n = 0; ; n++) {
		struct sources sources = SOURCES_INIT;
		struct diags ds = DIAGS_INIT;
		struct ruleset *rs = NULL;
		int err;

		n_allocations = n_failures = 0;
		failing = n;
		err = rules_load_texts(texts, n_texts, &options, &sources, &ds, &rs);
		failing = SIZE_MAX;
		assert_true(err == 0 || err == -ENOMEM);
		assert_true((err == 0) == (rs != NULL));
		assert_true(err == 0 || n_failures == 1);
		if (must_fail)
			assert_true(err == -ENOMEM || n_failures == 0);
		n_reported += err == -ENOMEM;
		ruleset_free(rs);
		diags_done(&ds);
		sources_done(&sources);
		if (n_failures == 0)
			break;
	}
	/* At least the ruleset, its arena, the nodes' arena, tables. */
	assert_true(n_reported > 10);
}

static void failures_of_good_rules(void **state)
{
	fail_each(&(struct rule_text){ STR("t.yaml"), STR(good) }, 1, true);
	fail_each(including, ARRAY_SIZE(including), true);
}

static void failures_of_bad_rules(void **state)
{
	fail_each(&(struct rule_text){ STR("t.yaml"), STR(bad) }, 1, false);
	fail_each(not_including, ARRAY_SIZE(not_including), false);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(failures_of_good_rules),
		cmocka_unit_test(failures_of_bad_rules),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
