/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers in texts: what is one, what is none, and that all of a long one counts. */
#include "tests/unit/test.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/decimal.h"

static void numbers(void **state)
{
	static const struct {
		const char *text;
		double want;
	} rows[] = {
		{ "0", 0 }, { "-0", 0 }, { "007", 7 }, { "5", 5 }, { "+5", 5 }, { "-5", -5 }, { "5.", 5 },
		{ ".5", 0.5 }, { "1e3", 1000 }, { "1E-2", 0.01 }, { "1_000.5_0", 1000.5 }, { "1e1_0", 1e10 },
		{ " \t5\n", 5 }, { "inf", INFINITY }, { "-Infinity", -INFINITY }, { "1e999", INFINITY },
		{ "1e99999999999999999999", INFINITY }, { "1e-99999999999999999999", 0 }, { "0e999", 0 },
		{ "0.000000000000000000000000001e27", 1 }, { "9007199254740993", 9007199254740992.0 },
		{ "9007199254740993.00000000000000000000000001", 9007199254740994.0 },
		{ "2.2250738585072011e-308", 2.2250738585072011e-308 }, { "5e-324", 5e-324 },
	};
	double got;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (!decimal_parse(str_of(rows[i].text), &got) || got != rows[i].want)
			fail_msg("`%s`", rows[i].text);
	assert_true(decimal_parse(STR_LIT("NaN"), &got) && isnan(got));
}

static void no_numbers(void **state)
{
	static const char *const bad[] = {
		"", " ", "+", "-", ".", "e5", "5e", "5e+", "5e1.5", "1__0", "_1", "1_", "1_.5", "1._5",
		"1e_5", "1e5_", "0x10",
		"5 5", "--5", "5x", "in", "infinit", "infx", "nan(1)", ("\x1c" "5"), "5\xa0",
	};
	double untouched = 42;

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		if (decimal_parse(str_of(bad[i]), &untouched))
			fail_msg("`%s` was read", bad[i]);
	assert_false(decimal_parse(str_of(NULL), &untouched));
	assert_false(decimal_parse((struct str)STR("5\0"), &untouched));
	assert_true(untouched == 42);
}

/* Behind hundreds of digits one still decides whether half is more than half. */
static void long_numbers(void **state)
{
	size_t n = 100000;
	char *text = malloc(n + 64);
	double got;

	assert_non_null(text);
	memset(text, '0', n + 63);
	memcpy(text, "9007199254740993.", 17);
	assert_true(decimal_parse((struct str){ text, n }, &got) && got == 9007199254740992.0);
	text[n - 1] = '1';
	assert_true(decimal_parse((struct str){ text, n }, &got) && got == 9007199254740994.0);
	memset(text, '0', n);
	snprintf(text + n, 64, "5e-5");
	assert_true(decimal_parse((struct str){ text, n + 4 }, &got) && got == 5e-5);
	text[0] = '1';
	assert_true(decimal_parse((struct str){ text, n }, &got) && isinf(got));
	snprintf(text + n, 64, "e-%zu", n - 1);
	assert_true(decimal_parse((struct str){ text, n + strlen(text + n) }, &got) && got == 1);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers),
		cmocka_unit_test(no_numbers),
		cmocka_unit_test(long_numbers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
