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

/* Two documents of Sigma, with what a user says of names. */
static const char sigma[] =
	"title: t\n"
	"author: [a, b]\n"
	"description: d\n"
	"references: [x]\n"
	"tags: [y]\n"
	"logsource: { category: process_creation }\n"
	"detection:\n"
	"  a: { Image|endswith: [/a, 'b*c', '?d', 5, 1.5, ~, true], CommandLine|re|i: [x+, y.z] }\n"
	"  b: [one, { User|expand: '%u%x', LogonId: [1, '2', '3*'] }]\n"
	"  c: { CommandLine|windash|contains: [' -a', '-a -b -c'], Image|fieldref: ParentImage }\n"
	"  d: { CommandLine|wide|base64offset|contains: abc, Custom|cidr: 10.0.0.0/8, UtcTime|hour|gt: 3 }\n"
	"  e: { Image|exists: true, Errno: EFOO, CommandLine|contains|all: [a, b], User|neq: x }\n"
	"  condition: [1 of * and not (a or b), c]\n"
	"---\n"
	"title: u\n"
	"logsource: { category: process_creation }\n"
	"detection: { a: { Duration|gte: 1.5 }, condition: a }\n";
static const char bad_sigma[] =
	"title: t\n"
	"logsource: { category: process_creation }\n"
	"detection:\n"
	"  a: { Image|endwith: x, image: y, CommandLine|re: '(', User|expand: '%v%', LogonId: 010 }\n"
	"  condition: [1 of b*, a and, c]\n"
	"--- [x]\n"
	"--- { logsource: { product: windows, category: process_creation }, detection: {} }\n"
	"--- { correlation: {} }\n"
	"--- { x: [ }\n";
static const char mapping[] = "Custom: [cwd, env.A]\nOther: []\n";
static const char bad_mapping[] = "Custom: [cmd, env]\nOther: { a: b }\n";
static const char placeholders[] = "u: [v, w]\nx: y\n";

/* @must_fail: no message is lost instead. */
static void fail_each(const struct rule_text *texts, size_t n_texts, bool must_fail)
{
	const struct load_options options = {
		.now_ns = INT64_MIN, .warnings = true, .max_severity = N_SEVERITIES, .authoring = true,
		.sigma_mapping = n_texts > 1 && str_is(texts[1].path, "mapping") ? "mapping" : NULL,
		.placeholders = n_texts > 2 && str_is(texts[2].path, "placeholders") ? "placeholders" : NULL,
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
		/* A mapping with errors ends the loading, too. */
		assert_true(err == 0 || err == -ENOMEM || (err == -EINVAL && options.sigma_mapping));
		assert_true((err == 0) == (rs != NULL));
		assert_true(err != -ENOMEM || n_failures == 1);
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
	assert_true(n_reported > 5);
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

static void failures_of_sigma_rules(void **state)
{
	const struct rule_text good_files[] = {
		{ STR("s.yml"), STR(sigma) }, { STR("mapping"), STR(mapping) },
		{ STR("placeholders"), STR(placeholders) },
	};
	const struct rule_text bad_files[] = {
		{ STR("s.yml"), STR(bad_sigma) }, { STR("mapping"), STR(mapping) },
	};
	const struct rule_text bad_mapping_files[] = {
		{ STR("s.yml"), STR(sigma) }, { STR("mapping"), STR(bad_mapping) },
	};

	fail_each(good_files, ARRAY_SIZE(good_files), false);
	fail_each(bad_files, ARRAY_SIZE(bad_files), false);
	fail_each(bad_mapping_files, ARRAY_SIZE(bad_mapping_files), false);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(failures_of_good_rules),
		cmocka_unit_test(failures_of_bad_rules),
		cmocka_unit_test(failures_of_sigma_rules),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
