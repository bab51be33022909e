/* SPDX-License-Identifier: Apache-2.0 */
/* Which mutants rules of each shape have, by path, place and text. */
#include "tests/unit/mutants.h"

#include "base/timefmt.h"

static void assert_texts(const struct mutants *mutants, const char *expected)
{
	_cleanup_(buf) struct buf b = BUF_INIT;

	for (size_t i = 0; i < mutants->n; i++) {
		const struct mutant *m = &mutants->item[i];

		if (m->at.source)
			buf_printf(&b, "%u:%u ", m->at.line, m->at.col);
		mutant_write(m, &b);
		buf_char(&b, '\n');
	}
	buf_char(&b, '\0');
	if (strcmp(b.p, expected) != 0)
		fail_msg("got\n%s\nnot\n%s", b.p, expected);
}

static void assert_mutants(const char *yaml, const char *expected)
{
	struct fixture f;

	mutants_from(&f, yaml);
	assert_int_equal(f.mutants.n_left, 0);
	assert_texts(&f.mutants, expected);
	mutants_done(&f);
}

#define RULE "version: 1\nlists: { shells: [sh, bash] }\nrules:\n  - id: a\n    match:\n"

static void test_scalar(void **state)
{
	assert_mutants(RULE "      comm: a\n", "6:7 dropping `match.comm` (comm 'a')\n");
	assert_mutants("version: 1\nrules: [{ id: a, match: {} }]\n", "");
	assert_mutants(RULE "      comm: a\n      uid: 0\n",
		       "6:7 dropping `match.comm` (comm 'a')\n"
		       "7:7 dropping `match.uid` (uid 0)\n");
}

#define SHELLS                                                                                              \
	"2:19 dropping `lists.shells[0]` ('sh')\n"                                                          \
	"2:23 dropping `lists.shells[1]` ('bash')\n"

/* A named list is one value beside its entries; the only value of a test is the test. */
static void test_values(void **state)
{
	assert_mutants(RULE "      comm: [a, b]\n",
		       "6:7 dropping `match.comm` (comm 'a' and 1 more)\n"
		       "6:14 dropping `match.comm[0]` (comm 'a')\n"
		       "6:17 dropping `match.comm[1]` (comm 'b')\n");
	assert_mutants(RULE "      comm: [$shells]\n", "6:7 dropping `match.comm` (comm [$shells])\n" SHELLS);
	assert_mutants(RULE "      exe: { suffix: [/a, $shells, /b] }\n",
		       "6:7 dropping `match.exe` (exe suffix '/a' and 3 more)\n"
		       "6:23 dropping `match.exe.suffix[0]` (exe suffix '/a')\n"
		       "6:22 dropping `match.exe.suffix[$shells]` (2 values)\n" SHELLS
		       "6:36 dropping `match.exe.suffix[2]` (exe suffix '/b')\n");
	assert_mutants(RULE "      argv: { re: [x.y, 'a\\tb'] }\n",
		       "6:7 dropping `match.argv` (argv re)\n"
		       "6:20 dropping `match.argv.re[0]` (argv re)\n"
		       "6:25 dropping `match.argv.re[1]` (argv re)\n");
}

/* Without it the rule would say the same. */
static void test_repeated_value(void **state)
{
	assert_mutants(RULE "      comm: [$shells, sh, x]\n",
		       "6:7 dropping `match.comm` (comm 'sh' and 3 more)\n"
		       "6:13 dropping `match.comm[$shells]` (2 values)\n"
		       "2:23 dropping `lists.shells[1]` ('bash')\n"
		       "6:27 dropping `match.comm[2]` (comm 'x')\n");
}

static void test_long_list(void **state)
{
	_cleanup_(buf) struct buf b = BUF_INIT;
	struct fixture f;

	buf_text(&b, RULE "      uid: [");
	for (int i = 0; i < MUTANT_VALUES_MAX; i++)
		buf_printf(&b, "%s%d", i ? ", " : "", i);
	buf_text(&b, ", 5000]\n");
	buf_char(&b, '\0');
	mutants_from(&f, b.p);
	assert_texts(&f.mutants, "6:7 dropping `match.uid` (uid 0 and 1000 more)\n");
	assert_int_equal(f.mutants.n_left, MUTANT_VALUES_MAX + 1);
	mutants_done(&f);
}

/* As many as are dropped one by one, then one more: each use counts. */
static void test_long_named_list(void **state)
{
	_cleanup_(buf) struct buf b = BUF_INIT;
	struct fixture f;

	for (int more = 0; more < 2; more++) {
		buf_reset(&b);
		buf_text(&b, "version: 1\nlists:\n  l: [");
		for (int i = 0; i < MUTANT_VALUES_MAX + more; i++)
			buf_printf(&b, "%s%d", i ? ", " : "", i);
		buf_text(&b, "]\nrules: [{ id: a, match: { uid: [$l], gid: [$l] } }]\n");
		buf_char(&b, '\0');
		mutants_from(&f, b.p);
		assert_int_equal(f.mutants.n, more ? 2 : 2 + MUTANT_VALUES_MAX);
		assert_int_equal(f.mutants.n_left, more ? 2 * (MUTANT_VALUES_MAX + 1) : 0);
		mutants_done(&f);
	}
}

#define NESTED "version: 1\nlists: { inner: [b, c], outer: [a, $inner, d], one: [x], twice: [$one, $one] }\n"

/* An entry is one mutant of its rule, by the name and in the place where an operand comes upon it first. */
static void test_entries(void **state)
{
	/* In `not`, a second field, a macro and an exception. */
	assert_mutants("version: 1\n"
		       "lists: { l: [a, b] }\n"
		       "macros: { m: { parent.comm: [$l], uid: 1 } }\n"
		       "rules:\n"
		       "  - { id: a, match: { macro: m, comm: [$l], exe: { suffix: [$l], not: [$l] } },\n"
		       "      except: [{ id: x, match: { name: [$l], arg: { all: [$l] } } }] }\n",
		       "5:30 dropping `match.macro.m` (macro m)\n"
		       "3:16 dropping `macros.m.parent.comm` (parent.comm [$l])\n"
		       "2:14 dropping `lists.l[0]` ('a')\n"
		       "2:17 dropping `lists.l[1]` ('b')\n"
		       "3:35 dropping `macros.m.uid` (uid 1)\n"
		       "5:33 dropping `match.comm` (comm [$l])\n"
		       "5:45 dropping `match.exe` (exe suffix [$l], not exe [$l])\n"
		       "5:60 dropping `match.exe.suffix` (exe suffix [$l])\n"
		       "5:66 dropping `match.exe.not` (not exe [$l])\n"
		       "6:22 dropping `except.x` (name [$l], arg all of 2)\n"
		       "6:34 dropping `except.x.match.name` (name [$l])\n"
		       "6:53 dropping `except.x.match.arg` (arg all of 2)\n");
	assert_mutants(NESTED "rules: [{ id: a, match: { comm: [z, $outer], name: [$inner] } }]\n",
		       "3:27 dropping `match.comm` (comm 'z' and 4 more)\n"
		       "3:34 dropping `match.comm[0]` (comm 'z')\n"
		       "3:33 dropping `match.comm[$outer]` (4 values)\n"
		       "2:33 dropping `lists.outer[0]` ('a')\n"
		       "2:18 dropping `lists.outer[1]` ('b')\n"
		       "2:21 dropping `lists.outer[2]` ('c')\n"
		       "2:44 dropping `lists.outer[3]` ('d')\n"
		       "3:46 dropping `match.name` (name [$inner])\n");
	assert_mutants(NESTED "rules: [{ id: a, match: { comm: [$inner], arg: { all: [$outer] } } }]\n",
		       "3:27 dropping `match.comm` (comm [$inner])\n"
		       "2:18 dropping `lists.inner[0]` ('b')\n"
		       "2:21 dropping `lists.inner[1]` ('c')\n"
		       "3:50 dropping `match.arg` (arg all of 4)\n"
		       "2:33 dropping `lists.outer[0]` ('a')\n"
		       "2:44 dropping `lists.outer[3]` ('d')\n");
	/* Of numbers and of regexes. */
	assert_mutants("version: 1\nlists: { n: [1, 2], r: ['^a', b$] }\n"
		       "rules: [{ id: a, match: { uid: [$n], argv: { re: [$r] } } }]\n",
		       "3:27 dropping `match.uid` (uid [$n])\n"
		       "2:14 dropping `lists.n[0]` (1)\n"
		       "2:17 dropping `lists.n[1]` (2)\n"
		       "3:38 dropping `match.argv` (argv re [$r])\n"
		       "2:25 dropping `lists.r[0]` ('^a')\n"
		       "2:31 dropping `lists.r[1]` ('b$')\n");
}

/* No list is empty: an entry goes only from operands that have another. */
static void test_lone_entry(void **state)
{
	assert_mutants(NESTED "rules: [{ id: a, match: { comm: [$one] } }]\n",
		       "3:27 dropping `match.comm` (comm [$one])\n");
	assert_mutants(NESTED "rules: [{ id: a, match: { comm: [$twice], name: [$one, $one] } }]\n",
		       "3:27 dropping `match.comm` (comm [$twice])\n"
		       "3:43 dropping `match.name` (name [$one])\n");
	assert_mutants(NESTED "rules: [{ id: a, match: { comm: [$one, y, $one] } }]\n",
		       "3:27 dropping `match.comm` (comm 'x' and 2 more)\n"
		       "2:54 dropping `lists.one[0]` ('x')\n"
		       "3:40 dropping `match.comm[1]` (comm 'y')\n");
	/* Where the value itself stands beside it, the rule would say the same; elsewhere it would not. */
	assert_mutants(NESTED "rules: [{ id: a, match: { comm: [$one, x], name: [$one, y] } }]\n",
		       "3:27 dropping `match.comm` (comm 'x' and 1 more)\n"
		       "3:44 dropping `match.name` (name 'x' and 1 more)\n"
		       "3:50 dropping `match.name[$one]` (1 value)\n"
		       "2:54 dropping `lists.one[0]` ('x')\n"
		       "3:57 dropping `match.name[1]` (name 'y')\n");
}

static void test_operators(void **state)
{
	assert_mutants(RULE "      exe: { suffix: [A, b], contains: x, not: [/x, /y], set: true, "
			    "nocase: true }\n",
		       "6:7 dropping `match.exe` (exe suffix 'A' and 1 more, exe contains 'x', "
		       "not exe '/x' and 1 more, exe set true)\n"
		       "6:22 dropping `match.exe.suffix` (exe suffix 'A' and 1 more)\n"
		       "6:23 dropping `match.exe.suffix[0]` (exe suffix 'A')\n"
		       "6:26 dropping `match.exe.suffix[1]` (exe suffix 'b')\n"
		       "6:40 dropping `match.exe.contains` (exe contains 'x')\n"
		       "6:43 dropping `match.exe.not` (not exe '/x' and 1 more)\n"
		       "6:49 dropping `match.exe.not[0]` (exe '/x')\n"
		       "6:53 dropping `match.exe.not[1]` (exe '/y')\n"
		       "6:58 dropping `match.exe.set` (exe set true)\n"
		       "6:7 dropping `match.exe.nocase`\n");
	assert_mutants(RULE "      name: { same_as: exe }\n",
		       "6:7 dropping `match.name` (name same_as exe)\n");
	assert_mutants(RULE "      arg: { all: [-a, $shells] }\n",
		       "6:14 dropping `match.arg` (arg all of 3)\n"
		       "6:20 dropping `match.arg.all[0]` (arg '-a')\n"
		       "6:19 dropping `match.arg.all[$shells]` (2 values)\n" SHELLS);
	assert_mutants(RULE "      arg: { in: [a, b], all: [c, d] }\n",
		       "6:7 dropping `match.arg` (arg 'a' and 1 more, arg all of 2)\n"
		       "6:18 dropping `match.arg.in` (arg 'a' and 1 more)\n"
		       "6:19 dropping `match.arg.in[0]` (arg 'a')\n"
		       "6:22 dropping `match.arg.in[1]` (arg 'b')\n"
		       "6:26 dropping `match.arg.all` (arg all of 2)\n"
		       "6:32 dropping `match.arg.all[0]` (arg 'c')\n"
		       "6:35 dropping `match.arg.all[1]` (arg 'd')\n");
	assert_mutants(RULE "      arg: { not: { prefix: a, suffix: b } }\n",
		       "6:14 dropping `match.arg` (not arg prefix 'a', arg suffix 'b')\n"
		       "6:29 dropping `match.arg.not.prefix` (arg prefix 'a')\n"
		       "6:40 dropping `match.arg.not.suffix` (arg suffix 'b')\n");
}

/* Where it makes a difference. */
static void test_nocase(void **state)
{
	assert_mutants(RULE "      cwd: { prefix: /0, nocase: true }\n",
		       "6:7 dropping `match.cwd` (cwd prefix '/0')\n");
	assert_mutants(RULE "      result: { in: FAILED, nocase: true }\n",
		       "6:7 dropping `match.result` (result 'failed')\n");
	assert_mutants(RULE "      arg: { not: { suffix: b, nocase: true } }\n",
		       "6:14 dropping `match.arg` (not arg suffix 'b')\n"
		       "6:14 dropping `match.arg.not.nocase`\n");
	assert_mutants(RULE "      arg: { not: b, nocase: true }\n",
		       "6:14 dropping `match.arg` (not arg 'b')\n"
		       "6:14 dropping `match.arg.nocase`\n");
	assert_mutants(RULE "      arg: { all: [b, c], nocase: true }\n",
		       "6:14 dropping `match.arg` (arg all of 2)\n"
		       "6:20 dropping `match.arg.all[0]` (arg 'b')\n"
		       "6:23 dropping `match.arg.all[1]` (arg 'c')\n"
		       "6:14 dropping `match.arg.nocase`\n");
}

static void test_bounds(void **state)
{
	assert_mutants(RULE "      duration: { ge: 250ms }\n"
			    "      uid: { gt: 10, le: 20 }\n"
			    "      time: { lt: 2026-01-31T12:00:00Z }\n",
		       "6:7 dropping `match.duration` (duration ge 250ms)\n"
		       "6:23 shifting `match.duration.ge+1` (duration gt 250ms)\n"
		       "7:7 dropping `match.uid` (uid gt 10, uid le 20)\n"
		       "7:18 dropping `match.uid.gt` (uid gt 10)\n"
		       "7:18 shifting `match.uid.gt-1` (uid ge 10)\n"
		       "7:26 dropping `match.uid.le` (uid le 20)\n"
		       "7:26 shifting `match.uid.le-1` (uid lt 20)\n"
		       "8:7 dropping `match.time` (time lt 2026-01-31T12:00:00.000000000Z)\n"
		       "8:19 shifting `match.time.lt+1` (time le 2026-01-31T12:00:00.000000000Z)\n");
}

static void test_trees(void **state)
{
	assert_mutants(RULE "      any: [{ comm: a, uid: 1 }, { exe: { suffix: ' (deleted)' } }]\n",
		       "6:7 dropping `match.any` (any of 2)\n"
		       "6:13 dropping `match.any[0]` (comm 'a', uid 1)\n"
		       "6:15 dropping `match.any[0].comm` (comm 'a')\n"
		       "6:24 dropping `match.any[0].uid` (uid 1)\n"
		       "6:36 dropping `match.any[1]` (exe suffix ' (deleted)')\n");
	assert_mutants(RULE "      none: [{ comm: a }, { comm: [b, c] }]\n",
		       "6:7 dropping `match.none` (none of 2)\n"
		       "6:16 dropping `match.none[0]` (comm 'a')\n"
		       "6:29 dropping `match.none[1]` (comm 'b' and 1 more)\n"
		       "6:36 dropping `match.none[1].comm[0]` (comm 'b')\n"
		       "6:39 dropping `match.none[1].comm[1]` (comm 'c')\n");
	assert_mutants(RULE "      not: { comm: a, uid: 1 }\n",
		       "6:7 dropping `match.not` (not all of 2)\n"
		       "6:14 dropping `match.not.comm` (comm 'a')\n"
		       "6:23 dropping `match.not.uid` (uid 1)\n");
	/* One alone is the same as what holds it. */
	assert_mutants(RULE "      all: [{ not: { any: [{ comm: a }] } }]\n      env.A.b: x\n",
		       "6:7 dropping `match.all` (all of 1)\n"
		       "7:7 dropping `match.env.A.b` (env.A.b 'x')\n");
}

#define MACROS                                                                                              \
	"version: 1\n"                                                                                      \
	"macros:\n"                                                                                         \
	"  web: { any: [{ parent.comm: [nginx, httpd] }, { ancestors.comm: nginx, uid: 3 }] }\n"            \
	"  deep: { macro: web, uid: 5 }\n"                                                                  \
	"  same: { macro: deep }\n"                                                                         \
	"rules:\n"                                                                                          \
	"  - id: a\n"                                                                                       \
	"    match:\n"

/* What is in a macro has a path of its own, whoever uses it and how often. */
static void test_macros(void **state)
{
	static const char web[] =
		"3:18 dropping `macros.web.any[0]` (parent.comm 'nginx' and 1 more)\n"
		"3:32 dropping `macros.web.any[0].parent.comm[0]` (parent.comm 'nginx')\n"
		"3:39 dropping `macros.web.any[0].parent.comm[1]` (parent.comm 'httpd')\n"
		"3:49 dropping `macros.web.any[1]` (ancestors.comm 'nginx', uid 3)\n"
		"3:51 dropping `macros.web.any[1].ancestors.comm` (ancestors.comm 'nginx')\n"
		"3:74 dropping `macros.web.any[1].uid` (uid 3)\n";
	char expected[4096];

	snprintf(expected, sizeof(expected), "%s%s", "9:14 dropping `match.macro.web` (macro web)\n", web);
	assert_mutants(MACROS "      macro: web\n", expected);
	snprintf(expected, sizeof(expected), "%s%s%s", "9:7 dropping `match.macro` (2 macros)\n"
		 "9:15 dropping `match.macro.same` (macro same)\n"
		 "4:18 dropping `macros.deep.macro.web` (macro web)\n", web,
		 "4:23 dropping `macros.deep.uid` (uid 5)\n"
		 "9:21 dropping `match.macro.web` (macro web)\n"
		 "10:7 dropping `match.not` (not macro web)\n"
		 "12:15 dropping `except.x` (macro deep)\n"
		 "12:34 dropping `except.x.match.macro.deep` (macro deep)\n");
	assert_mutants(MACROS "      macro: [same, web]\n"
			      "      not: { macro: web }\n"
			      "    except:\n"
			      "      - { id: x, match: { macro: deep } }\n", expected);
}

static void test_exceptions(void **state)
{
	assert_mutants(RULE "      comm: a\n"
			    "    except:\n"
			    "      - { id: certbot-hook, why: renewal, match: { user: root, "
			    "argv: { contains: x } } }\n",
		       "6:7 dropping `match.comm` (comm 'a')\n"
		       "8:15 dropping `except.certbot-hook` (user 'root', argv contains 'x')\n"
		       "8:52 dropping `except.certbot-hook.match.user` (user 'root')\n"
		       "8:64 dropping `except.certbot-hook.match.argv` (argv contains 'x')\n");
}

/* Nobody who names things so is helped much, but each path is still one mutant's. */
static void test_same_paths(void **state)
{
	assert_mutants(RULE "      comm: a\n"
			    "    except:\n"
			    "      - { id: x, match: { user: root } }\n"
			    "      - { id: x.match.user, match: { uid: 0 } }\n",
		       "6:7 dropping `match.comm` (comm 'a')\n"
		       "8:15 dropping `except.x` (user 'root')\n"
		       "8:27 dropping `except.x.match.user` (user 'root')\n"
		       "9:15 dropping `except.x.match.user#2` (uid 0)\n"
		       "9:38 dropping `except.x.match.user.match.uid` (uid 0)\n");
}

static struct field_ref field(const char *name)
{
	struct field_ref ref;

	assert_int_equal(field_ref_parse(str_of(name), &ref), 0);
	return ref;
}

static void assert_windows(const struct threshold *threshold, const struct throttle *throttle,
			   const char *expected)
{
	const struct cond everything = { .kind = COND_TRUE };
	struct rule rule = { .match = &everything, .threshold = threshold, .throttle = throttle };
	struct arena arena = ARENA_INIT;
	struct mutants mutants;

	assert_int_equal(mutants_find(&rule, &arena, &mutants), 0);
	assert_texts(&mutants, expected);
	for (size_t i = 0; i < mutants.n; i++) {
		struct rule made;

		assert_int_equal(mutant_make(&rule, &mutants.item[i], &arena, &made), 0);
		assert_ptr_equal(made.match, rule.match);
		assert_int_not_equal(made.threshold == threshold, made.throttle == throttle);
		if (made.threshold)
			assert_true(made.threshold->count >= 1 && made.threshold->count <= 10000 &&
				    made.threshold->within_ns > 0);
	}
	arena_done(&arena);
}

static void test_windows(void **state)
{
	static const struct str names[] = { STR("unit"), STR("filename") };
	const struct field_ref by[] = { field("unit"), field("filename") };
	struct threshold threshold = {
		.count = 20, .within_ns = 60 * NS_PER_S, .by = { by, names, 2 }, .has_distinct = true,
		.distinct = field("argv"),
	};
	const struct throttle throttle = { .every_ns = NS_PER_S, .by = { by, names, 1 } };

	assert_windows(&threshold, &throttle,
		       "shifting `threshold.count+1` (21 in place of 20)\n"
		       "shifting `threshold.count-1` (19 in place of 20)\n"
		       "shifting `threshold.within+1` (61s in place of 1m)\n"
		       "shifting `threshold.within-1` (59s in place of 1m)\n"
		       "dropping `threshold.distinct` (argv)\n"
		       "dropping `threshold.by.unit`\n"
		       "dropping `threshold.by.filename`\n"
		       "dropping `throttle`\n"
		       "dropping `throttle.by.unit`\n");
	threshold = (struct threshold){ .count = 1, .within_ns = 1 };
	assert_windows(&threshold, NULL,
		       "shifting `threshold.count+1` (2 in place of 1)\n"
		       "shifting `threshold.within+1` (2ns in place of 1ns)\n");
	threshold = (struct threshold){ .count = 10000, .within_ns = INT64_MAX };
	assert_windows(&threshold, NULL,
		       "shifting `threshold.count-1` (9999 in place of 10000)\n"
		       "shifting `threshold.within-1` (9223372036.854775806s in place of "
		       "9223372036.854775807s)\n");
	threshold = (struct threshold){ .count = 2, .within_ns = 600 * NS_PER_S };
	assert_windows(&threshold, NULL,
		       "shifting `threshold.count+1` (3 in place of 2)\n"
		       "shifting `threshold.count-1` (1 in place of 2)\n"
		       "shifting `threshold.within+1` (11m in place of 10m)\n"
		       "shifting `threshold.within-1` (9m in place of 10m)\n");
}

static void test_too_many(void **state)
{
	_cleanup_(buf) struct buf b = BUF_INIT;
	struct fixture f;

	buf_text(&b, RULE "      any:\n");
	for (int i = 0; i < MUTANTS_MAX; i++)
		buf_printf(&b, "        - uid: %d\n", i);
	buf_char(&b, '\0');
	mutants_from(&f, b.p);
	assert_int_equal(f.mutants.n, MUTANTS_MAX);
	/* `match.any`, the first of all, is one of them. */
	assert_int_equal(f.mutants.n_left, 1);
	mutants_done(&f);
}

/* Nothing in a path can end the line. */
static void test_control_bytes(void **state)
{
	assert_mutants(RULE "      \"env.A\\nB\": \"a\\nb\"\n",
		       "6:7 dropping `match.env.A\\nB` (env.A\\nB 'a\\nb')\n");
	assert_mutants(RULE "      comm: '0123456789012345678901234567890123456789012'\n",
		       "6:7 dropping `match.comm` (comm '0123456789012345678901234567890123456789...')\n");
	assert_mutants(RULE "      comm: '012345678901234567890123456789012345678\xc3\xa9'\n",
		       "6:7 dropping `match.comm` (comm '012345678901234567890123456789012345678...')\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_scalar),
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_repeated_value),
		cmocka_unit_test(test_long_list),
		cmocka_unit_test(test_long_named_list),
		cmocka_unit_test(test_entries),
		cmocka_unit_test(test_lone_entry),
		cmocka_unit_test(test_operators),
		cmocka_unit_test(test_nocase),
		cmocka_unit_test(test_bounds),
		cmocka_unit_test(test_trees),
		cmocka_unit_test(test_macros),
		cmocka_unit_test(test_exceptions),
		cmocka_unit_test(test_same_paths),
		cmocka_unit_test(test_windows),
		cmocka_unit_test(test_too_many),
		cmocka_unit_test(test_control_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
