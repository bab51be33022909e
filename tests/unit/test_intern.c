/* SPDX-License-Identifier: Apache-2.0 */
/* What rules have in common is kept once, and what only looks alike is not. */
#include <errno.h>

#include "parser/intern.h"
#include "parser/load.h"
#include "tests/unit/failing_malloc.h"
#include "tests/unit/test.h"

#define RULES                                                                                               \
	"version: 1\n"                                                                                      \
	"lists: { l: [b] }\n"                                                                               \
	"macros: { m: { comm: [a, b], exe: { same_as: filename } } }\n"                                     \
	"rules:\n"                                                                                          \
	"  - { id: a, match: { comm: [a, $l], exe: { same_as: filename } } }\n"                             \
	"  - { id: b, match: { macro: m } }\n"                                                              \
	"  - { id: c, match: { comm: { in: [a, b], nocase: true }, exe: { same_as: filename } } }\n"        \
	"  - { id: d, match: { any: [{ uid: [1, 2] }, { not: { uid: 1 } }, { uid: { ge: 1 } }] } }\n"       \
	"  - { id: e, match: { any: [{ uid: [1, 2] }, { not: { uid: 1 } }, { uid: { le: 1 } }] } }\n"       \
	"  - { id: f, match: { not: { all: [{ uid: [1, 2] }] } } }\n"                                       \
	"  - { id: g, match: { any: [{ env.A: x }, { env.B: x }, { 'argv[0]': x }, { 'argv[1]': x }] } }\n"

struct fixture {
	struct sources sources;
	struct diags ds;
	struct ruleset *rs;
	const struct rule *rule;
};

static void load(struct fixture *f, bool authoring)
{
	const struct load_options options = {
		.now_ns = INT64_MIN, .max_severity = N_SEVERITIES, .authoring = authoring,
	};

	*f = (struct fixture){ SOURCES_INIT, DIAGS_INIT, NULL, NULL };
	assert_int_equal(rules_load_text(STR_LIT("a.yaml"), STR_LIT(RULES), &options, &f->sources, &f->ds,
					 &f->rs), 0);
	assert_int_equal(f->rs->n_rules, 7);
	f->rule = f->rs->rules;
}

static void done(struct fixture *f)
{
	ruleset_free(f->rs);
	diags_done(&f->ds);
	sources_done(&f->sources);
}

static const struct cond *part(const struct rule *rule, size_t i)
{
	assert_true(i < rule->match->n_children);
	return rule->match->children[i];
}

/* However they are written. */
static void test_same_conditions(void **state)
{
	struct fixture f;
	const struct rule *r;

	load(&f, false);
	r = f.rule;
	assert_ptr_equal(r[0].match, r[1].match);
	assert_ptr_not_equal(r[0].match, r[2].match);
	assert_ptr_not_equal(part(&r[0], 0), part(&r[2], 0));
	assert_ptr_equal(part(&r[0], 1), part(&r[2], 1));
	assert_ptr_equal(part(&r[0], 0)->tests[0].texts[1].p, part(&r[2], 0)->tests[0].texts[1].p);
	assert_ptr_equal(part(&r[3], 0), part(&r[4], 0));
	assert_ptr_equal(part(&r[3], 1), part(&r[4], 1));
	assert_ptr_not_equal(part(&r[3], 2), part(&r[4], 2));
	assert_ptr_equal(part(&r[5], 0)->children[0], part(&r[3], 0));
	assert_ptr_not_equal(part(&r[6], 0), part(&r[6], 1));
	assert_ptr_not_equal(part(&r[6], 1), part(&r[6], 2));
	assert_string_equal(part(&r[6], 1)->field->key.p, "B");
	done(&f);
}

/* Each has its own place, by which an author finds it. */
static void test_same_conditions_for_authors(void **state)
{
	struct fixture f;
	const struct rule *r;

	load(&f, true);
	r = f.rule;
	assert_ptr_not_equal(r[0].match, r[1].match);
	assert_int_equal(cond_at(part(&r[0], 0)).line, 5);
	assert_int_equal(cond_at(part(&r[1], 0)).line, 3);
	assert_ptr_not_equal(part(&r[3], 0), part(&r[4], 0));
	assert_int_equal(cond_at(part(&r[4], 0)).line, 9);
	done(&f);
}

/* More than the tables begin with. */
static void test_many_texts(void **state)
{
	struct arena arena = ARENA_INIT;
	struct intern in = { .arena = &arena };
	const struct str *kept[1000];
	char text[16];

	for (size_t i = 0; i < ARRAY_SIZE(kept); i++) {
		snprintf(text, sizeof(text), "%zu", i);
		kept[i] = intern_text(&in, str_of(text));
		assert_string_equal(kept[i]->p, text);
	}
	for (size_t i = 0; i < ARRAY_SIZE(kept); i++) {
		snprintf(text, sizeof(text), "%zu", i);
		assert_ptr_equal(intern_text(&in, str_of(text)), kept[i]);
	}
	/* Neither its end nor a NUL in it makes a text the same as another. */
	assert_ptr_not_equal(intern_text(&in, STR_LIT("1\0")), kept[1]);
	assert_int_equal(intern_text(&in, STR_LIT(""))->len, 0);
	intern_done(&in);
	arena_done(&arena);
}

/* Each allocation fails in turn: nothing is lost or kept half. */
static void test_out_of_memory(void **state)
{
	const struct load_options options = { .now_ns = INT64_MIN, .max_severity = N_SEVERITIES };
	size_t n_failed = 0;

	for (failing = 0; n_failed == failing; failing++) {
		struct sources sources = SOURCES_INIT;
		struct ruleset *rs = NULL;
		struct diags ds = DIAGS_INIT;
		int err;

		n_allocations = n_failures = 0;
		err = rules_load_text(STR_LIT("a.yaml"), STR_LIT(RULES), &options, &sources, &ds, &rs);
		assert_int_equal(err, n_failures ? -ENOMEM : 0);
		n_failed += n_failures;
		ruleset_free(rs);
		diags_done(&ds);
		sources_done(&sources);
	}
	failing = SIZE_MAX;
	assert_true(n_failed > 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_same_conditions),
		cmocka_unit_test(test_same_conditions_for_authors),
		cmocka_unit_test(test_many_texts),
		cmocka_unit_test(test_out_of_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
