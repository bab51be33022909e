/* SPDX-License-Identifier: Apache-2.0 */
/* What is said of regexes from reading them. */
#include "base/regex.h"
#include "parser/regex_lint.h"
#include "tests/unit/test.h"

#define NOT_NESTED ((size_t)-1)

static const struct {
	const char *pattern;
	bool is_literal, has_literal;
	size_t nested_at;
} rows[] = {
	{ "plain", true, true, NOT_NESTED },
	{ "a\\.b", true, true, NOT_NESTED },
	{ "a.b", false, true, NOT_NESTED },
	{ "^a$", false, true, NOT_NESTED },
	{ "\\n\\t", false, true, NOT_NESTED },
	{ "\\d+", false, false, NOT_NESTED },
	{ "[abc]", false, false, NOT_NESTED },
	{ "[]a]", false, false, NOT_NESTED },
	{ "[[:alpha:]]]", false, true, NOT_NESTED },
	{ "[\\]]", false, false, NOT_NESTED },
	{ "a?", false, false, NOT_NESTED },
	{ "a{0,3}", false, false, NOT_NESTED },
	{ "a{2}", false, true, NOT_NESTED },
	{ "a{x}", true, true, NOT_NESTED },
	{ "a+", false, true, NOT_NESTED },
	{ "(a|b)", false, true, NOT_NESTED },
	{ "(a|\\d)", false, false, NOT_NESTED },
	{ "(a|)", false, false, NOT_NESTED },
	{ "a|\\d", false, false, NOT_NESTED },
	{ "(?:a)*", false, false, NOT_NESTED },
	{ "(?=a)\\d", false, false, NOT_NESTED },
	{ "(?i)foo", false, true, NOT_NESTED },
	{ "(?#a)\\d", false, false, NOT_NESTED },
	{ "(?<n>a)\\k<n>", false, true, NOT_NESTED },
	{ "\\Qa+\\E", false, true, NOT_NESTED },
	{ "(a+)+", false, true, 4 },
	{ "(a*)*b", false, true, 4 },
	{ "(?:a|b+){2,}", false, true, 8 },
	{ "((a+))+", false, true, 6 },
	{ "(.*,)+", false, true, 5 },
	{ "(a+b)+", false, true, NOT_NESTED },
	{ "(a+){2,3}", false, true, NOT_NESTED },
	{ "(a++)+", false, true, NOT_NESTED },
	{ "(a+)++", false, true, NOT_NESTED },
	{ "(a{1,9})+", false, true, NOT_NESTED },
	{ "(?=(a+))+b", false, true, NOT_NESTED },
};

static void test_rows(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct regex_lint lint = regex_lint(str_of(rows[i].pattern));
		size_t nested_at = lint.has_nested_repeat ? lint.nested_at : NOT_NESTED;

		if (lint.is_literal != rows[i].is_literal || lint.has_literal != rows[i].has_literal ||
		    nested_at != rows[i].nested_at)
			fail_msg("%s: literal %d, has literal %d, nested at %zd", rows[i].pattern,
				 lint.is_literal, lint.has_literal, (ssize_t)nested_at);
	}
}

/* The rows are regexes, or they would prove nothing. */
static void test_rows_compile(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_cleanup_(regex_free) struct regex *re = NULL;
		struct regex_error error;

		if (regex_new(str_of(rows[i].pattern), 0, &error, &re) < 0)
			fail_msg("%s: %s", rows[i].pattern, error.message);
	}
}

/* Unfinished texts end the reader, too. */
static void test_any_prefix(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct str pattern = str_of(rows[i].pattern);

		for (; pattern.len > 0; pattern.len--)
			assert_true(regex_lint(pattern).nested_at <= pattern.len);
	}
	assert_false(regex_lint(STR_LIT("")).is_literal);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_rows_compile),
		cmocka_unit_test(test_any_prefix),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
