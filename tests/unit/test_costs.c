/* SPDX-License-Identifier: Apache-2.0 */
/* What rules cost: of samples the whole, the order; one row as JSON. */
#include "tests/unit/test.h"

#include "cli/costs.h"

static const struct rule rules[] = {
	{ .id = STR("a") }, { .id = STR("b") }, { .id = STR("c") }, { .id = STR("d") },
};

static void test_whole(void **state)
{
	const struct rule_cost sampled = { .candidates = 640, .regex_runs = 7, .timed = 10, .ns = 1000 };
	const struct rule_cost never_timed = { .candidates = 63, .ns = 0 };
	const struct rule_cost never_asked = { 0 };
	struct cost_row row = cost_row(&rules[0], &sampled, 3, true);

	assert_ptr_equal(row.rule, &rules[0]);
	assert_int_equal(row.candidates, 640);
	assert_int_equal(row.regex_runs, 7);
	assert_int_equal(row.matches, 3);
	assert_true(row.always);
	/* 100 ns each, 640 times. */
	assert_int_equal((int64_t)row.ns, 64000);
	assert_int_equal((int64_t)cost_row(&rules[0], &never_timed, 0, false).ns, 0);
	assert_int_equal((int64_t)cost_row(&rules[0], &never_asked, 0, false).ns, 0);
}

static void test_order(void **state)
{
	struct cost_row rows[] = {
		{ &rules[3], .candidates = 2 },
		{ &rules[1], .candidates = 2 },
		{ &rules[2], .candidates = 1, .ns = 5 },
		{ &rules[0], .candidates = 9 },
	};

	cost_rows_sort(rows, ARRAY_SIZE(rows));
	assert_ptr_equal(rows[0].rule, &rules[2]);
	assert_ptr_equal(rows[1].rule, &rules[0]);
	assert_ptr_equal(rows[2].rule, &rules[1]);
	assert_ptr_equal(rows[3].rule, &rules[3]);
	cost_rows_sort(NULL, 0);
}

static void assert_row(const struct cost_row *row, uint64_t events, const char *want)
{
	_cleanup_(buf) struct buf b = BUF_INIT;
	struct json j = JSON_INIT(&b);

	cost_row_write(&j, row, events);
	json_end_object(&j);
	assert_true(str_eq(buf_get(&b), str_of(want)));
}

static void test_json(void **state)
{
	const struct cost_row row = { &rules[1], .candidates = 4, .regex_runs = 2, .matches = 1, .ns = 500,
				      .always = true };
	const struct cost_row none = { .rule = &rules[2] };

	assert_row(&row, 8, "{\"rule\":\"b\",\"candidates\":4,\"always\":true,\"regex_runs\":2,"
			    "\"matches\":1,\"ns_per_event\":62.50,\"ns_per_candidate\":125.00}");
	assert_row(&none, 0, "{\"rule\":\"c\",\"candidates\":0,\"always\":false,\"regex_runs\":0,"
			     "\"matches\":0,\"ns_per_event\":0.00,\"ns_per_candidate\":0.00}");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_whole),
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_json),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
