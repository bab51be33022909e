/* SPDX-License-Identifier: Apache-2.0 */
/* The mutation check: which mutants survive, those that rules share, and what happens without memory. */
#include <errno.h>

#include "cli/mutation.h"
#include "tests/unit/failing_malloc.h"
#include "tests/unit/rules.h"

struct fixture {
	struct loaded loaded;
	struct rule_outcome outcomes[4];
	struct arena arena;
	struct mutation mutation;
};

/* Every rule counts as one whose tests pass. */
static void load(struct fixture *f, const char *yaml)
{
	rules_from(&f->loaded, yaml);
	f->arena = (struct arena)ARENA_INIT;
	assert_true(f->loaded.rules->n_rules <= ARRAY_SIZE(f->outcomes));
	for (size_t i = 0; i < f->loaded.rules->n_rules; i++) {
		const struct rule *rule = &f->loaded.rules->rules[i];

		f->outcomes[i] = (struct rule_outcome){ .rule = rule, .n_tests = rule->n_tests };
	}
}

static void check(struct fixture *f)
{
	assert_int_equal(mutation_check(f->outcomes, f->loaded.rules->n_rules, &f->arena, &f->mutation), 0);
}

static void done(struct fixture *f)
{
	arena_done(&f->arena);
	rules_done(&f->loaded);
}

static void assert_survivors(const struct mutation *m, const char *expected)
{
	_cleanup_(buf) struct buf b = BUF_INIT;

	for (size_t i = 0; i < m->n_survivors; i++)
		buf_printf(&b, "%.*s %.*s%s\n", STR_ARG(m->survivors[i].rule->id),
			   STR_ARG(m->survivors[i].mutant->path), m->survivors[i].kept ? " kept" : "");
	buf_char(&b, '\0');
	assert_string_equal(b.p, expected);
}

#define MACRO                                                                                               \
	"version: 1\n"                                                                                      \
	"macros: { m: { comm: [a, b] } }\n"                                                                 \
	"defaults: { throttle: { every: 1m, by: user } }\n"                                                 \
	"rules:\n"
/* Each holds one half of the macro. */
#define FIRST                                                                                               \
	"  - id: first\n"                                                                                   \
	"    match: { macro: m }\n"                                                                         \
	"    tests:\n"                                                                                      \
	"      - { name: a, event: { comm: a }, expect: alert }\n"
#define SECOND                                                                                              \
	"  - id: second\n"                                                                                  \
	"    match: { macro: m }\n"                                                                         \
	"    tests:\n"                                                                                      \
	"      - { name: b, event: { comm: b }, expect: alert }\n"                                          \
	"      - { name: c, event: { comm: c }, expect: none }\n"                                           \
	"      - name: once\n"                                                                              \
	"        events: [{ comm: b, user: u }, { comm: b, user: v }, { comm: b, user: v }]\n"              \
	"        expect: { alerts: 2 }\n"

static void test_shared(void **state)
{
	struct fixture f;

	load(&f, MACRO FIRST);
	check(&f);
	assert_survivors(&f.mutation,
			 "first match.macro.m\n"
			 "first macros.m.comm[1]\n"
			 "first throttle\n"
			 "first throttle.by.user\n");
	assert_int_equal(f.mutation.n_mutants, 5);
	done(&f);
	load(&f, MACRO FIRST SECOND);
	check(&f);
	assert_survivors(&f.mutation, "first match.macro.m\n");
	/* Each its use; the two halves, and two of the throttle. */
	assert_int_equal(f.mutation.n_mutants, 6);
	assert_int_equal(f.mutation.n_survived, 1);
	done(&f);
}

/* One entry under two names: whoever notices it, it is noticed. */
static void test_shared_entries(void **state)
{
	struct fixture f;

	load(&f, "version: 1\n"
		 "lists: { inner: [a, b, c, d], outer: [o, $inner] }\n"
		 "rules:\n"
		 "  - id: first\n"
		 "    match: { comm: [$outer] }\n"
		 "    tests:\n"
		 "      - name: some\n"
		 "        events: [{ comm: o }, { comm: a }, { comm: x }]\n"
		 "        expect: { alerts: 2 }\n"
		 "    mutants: [{ keep: 'lists.outer[3]', why: x }]\n"
		 "  - id: second\n"
		 "    match: { comm: [$inner] }\n"
		 "    tests:\n"
		 "      - { name: b, event: { comm: b }, expect: alert }\n"
		 "      - { name: x, event: { comm: x }, expect: none }\n");
	check(&f);
	assert_survivors(&f.mutation, "first lists.outer[3] kept\nfirst lists.outer[4]\n");
	/* The entries, and one condition of each rule. */
	assert_int_equal(f.mutation.n_mutants, 7);
	assert_int_equal(f.mutation.n_stale, 0);
	done(&f);
}

/* The reason of any rule that has the mutant is one. */
static void test_kept(void **state)
{
	struct fixture f;

	load(&f, "version: 1\n"
		 "macros: { m: { comm: [a, b] } }\n"
		 "rules:\n" FIRST
		 "  - id: other\n"
		 "    match: { macro: m }\n"
		 "    tests:\n"
		 "      - { name: c, event: { comm: c }, expect: none }\n"
		 "    mutants:\n"
		 "      - { keep: 'macros.m.comm[1]', why: x }\n"
		 "      - { keep: 'macros.m.comm[0]', why: x }\n"
		 "      - { keep: 'macros.m.comm[2]', why: x }\n");
	check(&f);
	assert_survivors(&f.mutation, "first match.macro.m\nfirst macros.m.comm[1] kept\n");
	assert_int_equal(f.mutation.n_kept, 1);
	assert_int_equal(f.mutation.n_survived, 1);
	assert_int_equal(f.mutation.n_stale, 2);
	assert_true(f.mutation.stale[0].noticed);
	assert_string_equal(f.mutation.stale[0].kept->path.p, "macros.m.comm[0]");
	assert_false(f.mutation.stale[1].noticed);
	assert_string_equal(f.mutation.stale[1].nearest.p, "macros.m.comm[0]");
	assert_string_equal(f.mutation.stale[1].rule->id.p, "other");
	done(&f);
}

/* Of a rule that fails a test nobody can say what its tests hold; one without tests has none that could. */
static void test_unchecked(void **state)
{
	struct fixture f;

	load(&f, MACRO FIRST SECOND
	     "  - { id: third, match: { comm: x }, mutants: [{ keep: x, why: x }] }\n");
	f.outcomes[0].n_failed = 1;
	check(&f);
	assert_int_equal(f.mutation.n_unchecked, 1);
	assert_int_equal(f.mutation.n_stale, 0);
	assert_survivors(&f.mutation, "second macros.m.comm[0]\n");
	done(&f);
}

static void test_windows(void **state)
{
	struct fixture f;

	load(&f, "version: 1\n"
		 "rules:\n"
		 "  - id: a\n"
		 "    match: { comm: [a] }\n"
		 "    threshold: { count: 3, within: 10s, by: user, distinct: cwd }\n"
		 "    tests:\n"
		 "      - name: just in time\n"
		 "        events: [{ comm: a, cwd: /1 }, { comm: x, cwd: /9 },\n"
		 "                 { comm: a, cwd: /2, at: 5s }, { comm: a, cwd: /3, at: 10s }]\n"
		 "        expect: { alerts: 1, at: 10s }\n"
		 "      - name: too late\n"
		 "        events: [{ comm: a, cwd: /1 }, { comm: a, cwd: /2, at: 5s },\n"
		 "                 { comm: a, cwd: /3, at: 11s }]\n"
		 "        expect: none\n"
		 "      - name: the same twice\n"
		 "        events: [{ comm: a, cwd: /1 }, { comm: a, cwd: /2 }, { comm: a, cwd: /2 }]\n"
		 "        expect: none\n");
	check(&f);
	assert_survivors(&f.mutation, "a threshold.by.user\n");
	assert_int_equal(f.mutation.n_mutants, 7);
	done(&f);
}

static void test_more(void **state)
{
	_cleanup_(buf) struct buf b = BUF_INIT;
	struct fixture f;

	buf_text(&b, "version: 1\n"
		     "rules:\n"
		     "  - id: a\n"
		     "    tests: [{ name: x, event: { uid: 2 }, expect: alert }]\n"
		     "    match:\n"
		     "      any:\n");
	for (int i = 0; i < MUTANTS_MAX; i++)
		buf_printf(&b, "        - uid: %d\n", i + 1);
	buf_char(&b, '\0');
	load(&f, b.p);
	check(&f);
	assert_int_equal(f.mutation.n_cut, 1);
	assert_int_equal(f.mutation.n_left, 1);
	assert_int_equal(f.mutation.n_mutants, MUTANTS_MAX);
	assert_int_equal(f.mutation.n_survived, MUTANTS_MAX - 1);
	done(&f);
}

/* Of all shapes but windows: an engine that has some takes memory for them that is slow to fill, where the
 * allocator is told to. */
#define SHAPES                                                                                              \
	"version: 1\n"                                                                                      \
	"lists: { l: [a, b] }\n"                                                                            \
	"macros: { m: { comm: [c, d] } }\n"                                                                 \
	"rules:\n"                                                                                          \
	"  - id: first\n"                                                                                   \
	"    match: { macro: m, exe: { not: [$l] }, arg: { all: [$l] } }\n"                                 \
	"    except: [{ id: x, match: { arg: { all: [a, B], nocase: true } } }]\n"                          \
	"    tests: [{ name: x, event: { argv: [a, b], comm: c }, expect: { excepted: x } }]\n"             \
	"  - id: second\n"                                                                                  \
	"    match:\n"                                                                                      \
	"      macro: m\n"                                                                                  \
	"      cwd: { prefix: A, nocase: true }\n"                                                          \
	"      any: [{ uid: [1, 7], pid: { ge: 1 } }]\n"                                                    \
	"    tests: [{ name: x, event: { comm: d, cwd: a, uid: 7, pid: 1 }, expect: alert }]\n"             \
	"    mutants: [{ keep: 'match.any[0].uid', why: x }, { keep: match.cwd, why: x }]\n"

/* Without memory it says so, and neither crashes nor leaks. */
static void test_no_memory(void **state)
{
	size_t n_reported = 0;
	struct fixture f;

	load(&f, SHAPES);
	do {
		int r;

		n_allocations = n_failures = 0;
		failing = n_reported;
		r = mutation_check(f.outcomes, f.loaded.rules->n_rules, &f.arena, &f.mutation);
		failing = SIZE_MAX;
		assert_int_equal(r, n_failures ? -ENOMEM : 0);
		n_reported += r == -ENOMEM;
		arena_done(&f.arena);
		f.arena = (struct arena)ARENA_INIT;
	} while (n_failures > 0);
	assert_true(n_reported > 50);
	done(&f);
}

#define LONG                                                                                                \
	"  - id: long\n"                                                                                    \
	"    tests: [{ name: x, event: { uid: 7 }, expect: alert }]\n"                                      \
	"    threshold: { count: 1, within: 1s, by: exe, distinct: user }\n"                                \
	"    except: [{ id: x, match: { arg: { all: [a, B], nocase: true } } }]\n"                          \
	"    match:\n"                                                                                      \
	"      cwd: { prefix: A, nocase: true }\n"                                                          \
	"      exe: { not: [$l] }\n"                                                                        \
	"      arg: { all: [$l] }\n"                                                                        \
	"      any:\n"                                                                                      \
	"        - { uid: [1, 7], pid: { ge: 1 } }\n"

static int make_all(const struct rule *rule, struct arena *a)
{
	struct mutants mutants;
	int r = mutants_find(rule, a, &mutants);

	for (size_t i = 0; r == 0 && i < mutants.n; i++) {
		struct rule made;

		r = mutant_make(rule, &mutants.item[i], a, &made);
	}
	return r;
}

/* The same of a rule whose mutants fill many blocks of an arena. */
static void test_no_memory_for_many(void **state)
{
	_cleanup_(buf) struct buf b = BUF_INIT;
	size_t n_reported = 0;
	struct fixture f;

	buf_text(&b, "lists: { l: [k, l, m] }\n" MACRO LONG);
	for (int i = 0; i < 40; i++)
		buf_printf(&b, "        - { uid: [%d, 7], macro: m, not: { env.X%d: x } }\n", i, i);
	buf_char(&b, '\0');
	load(&f, b.p);
	do {
		int r;

		n_allocations = n_failures = 0;
		failing = n_reported;
		r = make_all(f.outcomes[0].rule, &f.arena);
		failing = SIZE_MAX;
		assert_int_equal(r, n_failures ? -ENOMEM : 0);
		n_reported += r == -ENOMEM;
		arena_done(&f.arena);
		f.arena = (struct arena)ARENA_INIT;
	} while (n_failures > 0);
	assert_true(n_reported > 20);
	done(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_shared),
		cmocka_unit_test(test_shared_entries),
		cmocka_unit_test(test_kept),
		cmocka_unit_test(test_unchecked),
		cmocka_unit_test(test_windows),
		cmocka_unit_test(test_more),
		cmocka_unit_test(test_no_memory),
		cmocka_unit_test(test_no_memory_for_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
