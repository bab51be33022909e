/* SPDX-License-Identifier: Apache-2.0 */
/* The whole table of three-valued truth. */
#include "tests/unit/test.h"

#include "base/truth.h"

#define N TRUTH_NO
#define Y TRUTH_YES
#define U TRUTH_UNDECIDED

static void negation(void **state)
{
	assert_int_equal(truth_not(N), Y);
	assert_int_equal(truth_not(Y), N);
	assert_int_equal(truth_not(U), U);
	assert_int_equal(truth_of(true), Y);
	assert_int_equal(truth_of(false), N);
}

static void conjunction_and_disjunction(void **state)
{
	static const struct {
		enum truth a, b, and, or;
	} table[] = {
		{ N, N, N, N }, { N, Y, N, Y }, { N, U, N, U },
		{ Y, N, N, Y }, { Y, Y, Y, Y }, { Y, U, U, Y },
		{ U, N, N, U }, { U, Y, U, Y }, { U, U, U, U },
	};

	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		assert_int_equal(truth_and(table[i].a, table[i].b), table[i].and);
		assert_int_equal(truth_or(table[i].a, table[i].b), table[i].or);
		/* De Morgan, so that a rule may be written either way round. */
		assert_int_equal(truth_not(truth_and(table[i].a, table[i].b)),
				 truth_or(truth_not(table[i].a), truth_not(table[i].b)));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(negation),
		cmocka_unit_test(conjunction_and_disjunction),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
