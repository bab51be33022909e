/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Regexes on texts that are long, or made to be slow: what is decided, what is undecided, and that it ends.
 * No clock is read: without its bound, a test here would outlast whoever waits for it.
 */
#include "tests/unit/test.h"

#include <stdlib.h>
#include <string.h>

#include "base/regex.h"

static int scratch_setup(void **state)
{
	return regex_scratch_new((struct regex_scratch **)state);
}

static int scratch_teardown(void **state)
{
	regex_scratch_free(*state);
	return 0;
}

static struct regex *compiled(struct str pattern)
{
	struct regex_error error;
	struct regex *re = NULL;

	if (regex_new(pattern, 0, &error, &re) != 0)
		fail_msg("%.*s: %s", STR_ARG(pattern), error.message);
	assert_int_equal(regex_prepare(re, true), 0);
	return re;
}

/* Compiled code would run out of its stack here; the interpreter's bound is what counts. */
static void long_subjects(void **state)
{
	const size_t len = 2 << 20;
	char *text = malloc(len);
	struct str subject = { text, len };
	struct regex *plain = compiled(STR_LIT("needle"));
	struct regex *groups = compiled(STR_LIT("(?:a|b)*needle"));

	assert_non_null(text);
	memset(text, 'a', len);
	assert_int_equal(regex_search(plain, subject, false, *state), TRUTH_NO);
	memcpy(text + len - 6, "needle", 6);
	assert_int_equal(regex_search(plain, subject, false, *state), TRUTH_YES);
	assert_int_equal(regex_search(plain, subject, true, *state), TRUTH_YES);
	assert_int_equal(regex_search(groups, subject, false, *state), TRUTH_UNDECIDED);
	regex_free(plain);
	regex_free(groups);
	free(text);
}

/* PCRE2's limit is for each start, and of runs it counts only where they are gone back to: unbounded, each of
 * these takes minutes, or years. */
static void bounded_over_all_starts(void **state)
{
	static const struct {
		const char *pattern, *unit, *end;
	} cases[] = {
		{ "a.*b[0-9]", "ab", "y" },
		{ "a[^y]*y[0-9]", "ab", "y" },
		{ "(a|c).*b.*[0-9]y", "ab", "y" },
		{ "(.+b)+[0-9]", "ab", "y" },
		{ "([a-z]+\\.)+exe", "ab", " exe" },
		{ "[a-z]+\\.[a-z]+\\.exe", "ab", ". .exe" },
		{ "(?=[^z]*z)a[0-9]", "ab", "y0" },
		{ "(?:.[^z]*z|.)*\\d", "ab", "y" },
		{ "(?:[ab]+[ab]+)+c", "ab", " c" },
		{ "(?:a?){60}c", "a", " c" },
		{ "(a|b|ab)(a|b|ab)(a|b|ab)(a|b|ab)(a|b|ab)(a|b|ab)(a|b|ab)(a|b|ab)(a|b|ab)c", "ab", " c" },
		{ "a{3000}c", "a", " c" },
		{ "(?:a|b){1,300}c", "ab", " c" },
		{ "([ab]{1,10}){1,10}[0-9]", "ab", "y" },
		{ "(?>a[^z]*)[0-9]|b[^z]*[0-9]", "ab", "y" },
		{ "a++b(?:.[^y]++)*[0-9]", "ab", "y" },
		{ "a.*(?<=0)[0-9]", "ab", "y" },
		/* With what only PCRE2 can read. */
		{ "(?x)a.*b[0-9] # a comment", "ab", "y" },
		{ "(?<n>a).*\\k<n>[0-9]", "ab", "y" },
		{ "a(.+)\\1\\1[0-9]", "ab", "y" },
		{ "(*NO_START_OPT)(?:.[^z]*z|.)*\\d", "ab", "y" },
	};
	const size_t len = 200000;
	char *text = malloc(len + 8);

	assert_non_null(text);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_(regex_free) struct regex *re = compiled(str_of(cases[i].pattern));
		struct str subject = { text, len + strlen(cases[i].end) };

		for (size_t k = 0; k < len; k++)
			text[k] = cases[i].unit[k % strlen(cases[i].unit)];
		memcpy(text + len, cases[i].end, strlen(cases[i].end));
		for (int cut = 0; cut < 2; cut++)
			if (regex_search(re, subject, cut, *state) != TRUTH_UNDECIDED)
				fail_msg("%s is decided", cases[i].pattern);
	}
	free(text);
}

/* All searches of an event have one budget; what is over it is not "no". */
static void bounded_over_all_searches(void **state)
{
	_cleanup_(regex_free) struct regex *dear = compiled(STR_LIT("(?:.[^z]*z|.)*\\d"));
	_cleanup_(regex_free) struct regex *cheap = compiled(STR_LIT("c+d"));
	_cleanup_(regex_scratch_free) struct regex_scratch *s = NULL;
	const size_t len = 200000;
	char *text = malloc(len);
	struct str subject = { text, len };

	assert_non_null(text);
	for (size_t i = 0; i < len; i++)
		text[i] = "ab"[i % 2];
	assert_int_equal(regex_scratch_new(&s), 0);
	/* Without an event there is no end to it. */
	for (int i = 0; i < 20; i++)
		assert_int_equal(regex_search(dear, subject, false, s), TRUTH_UNDECIDED);
	assert_int_equal(regex_search(cheap, subject, false, s), TRUTH_NO);
	for (int event = 0; event < 2; event++) {
		regex_scratch_refill(s);
		assert_int_equal(regex_search(cheap, subject, false, s), TRUTH_NO);
		for (int i = 0; i < 20; i++)
			assert_int_equal(regex_search(dear, subject, false, s), TRUTH_UNDECIDED);
		assert_int_equal(regex_search(cheap, subject, false, s), TRUTH_UNDECIDED);
		assert_int_equal(regex_search_between(cheap, subject, 5, 9, s), TRUTH_UNDECIDED);
	}
	free(text);
}

/* What costs little is decided, however many places there are to begin at. */
static void long_texts_are_no_limit(void **state)
{
	static const char *const patterns[] = {
		"(?i)[\\w.-]{0,50}?(?:auth|key)(?:[ \\t\\w.-]{0,20})[\\s']{0,3}(?:=|>)([a-z0-9]{15})",
		"(?i)[\\w.-]{0,50}?(?i:[\\w.-]{0,50}?(?:sumo|okta)(?:[ \\t\\w.-]{0,20})[\\s'\"]{0,3})=x",
		"[A-Za-z]{1,8}://x", "\\ba.{0,10}b\\b", "(?:ab|ac|ad)z", "a*b?\\s*z$", "[^ab]+z",
	};
	const size_t len = 1 << 20;
	char *text = malloc(len);

	assert_non_null(text);
	memset(text, 'a', len);
	for (size_t i = 0; i < ARRAY_SIZE(patterns); i++) {
		_cleanup_(regex_free) struct regex *re = compiled(str_of(patterns[i]));

		assert_int_equal(regex_search(re, (struct str){ text, len }, false, *state), TRUTH_NO);
	}
	free(text);
}

/* What is padded behind a match does not hide it; without one, what was not tried is not a "no". */
static void padding_hides_nothing(void **state)
{
	static const char *const patterns[] = { "[a-z]+://x", "\\w+=evil", "\\S+\\s+-e\\b" };
	static const struct str front = STR("nc -e http://x a=evil ");
	const size_t len = 1 << 20;
	char *text = malloc(len);

	assert_non_null(text);
	memset(text, 'c', len);
	for (size_t i = 0; i < ARRAY_SIZE(patterns); i++) {
		_cleanup_(regex_free) struct regex *re = compiled(str_of(patterns[i]));

		memset(text, 'c', front.len);
		assert_int_equal(regex_search(re, (struct str){ text, len }, false, *state), TRUTH_UNDECIDED);
		memcpy(text, front.p, front.len);
		assert_int_equal(regex_search(re, (struct str){ text, len }, false, *state), TRUTH_YES);
	}
	free(text);
}

/* One of many starts gets what it needs where the others need little. */
static void one_start_may_need_more(void **state)
{
	_cleanup_(regex_free) struct regex *re = compiled(STR_LIT("a(?:b|c)*d"));
	_cleanup_(regex_free) struct regex *commented = compiled(STR_LIT("(?x)a(?:b|c)*d # the same"));
	char text[11004];
	const struct str subject = { text, sizeof(text) };

	memset(text, 'a', 8000);
	for (size_t i = 8000; i < 11000; i++)
		text[i] = "bc"[i % 2];
	memcpy(text + 11000, "ed d", 4);
	assert_int_equal(regex_search(re, subject, false, *state), TRUTH_NO);
	assert_int_equal(regex_search(commented, subject, false, *state), TRUTH_NO);
	text[11000] = 'd';
	assert_int_equal(regex_search(re, subject, false, *state), TRUTH_YES);
}

/* The budgets are for the starts in the window: there are fewer, and each may take more. */
static void budgets_are_for_the_window(void **state)
{
	_cleanup_(regex_free) struct regex *re = compiled(STR_LIT("a(?:b|c)*d"));
	_cleanup_(regex_free) struct regex *run = compiled(STR_LIT("[a-z]+://x"));
	const size_t len = 1 << 20;
	char *text = malloc(len);
	struct str subject = { text, len }, small = subject;

	assert_non_null(text);
	memset(text, 'a', 8000);
	for (size_t i = 8000; i < 11000; i++)
		text[i] = "bc"[i % 2];
	text[11000] = 'd';
	small.len = 11001;
	assert_int_equal(regex_search_between(re, small, 0, 11000, *state), TRUTH_YES);
	assert_int_equal(regex_search_between(re, small, 7000, 7999, *state), TRUTH_YES);
	assert_int_equal(regex_search_between(re, small, 0, 7998, *state), TRUTH_NO);
	assert_int_equal(regex_search_between(re, small, 0, 100, *state), TRUTH_NO);


	memset(text, 'c', len);
	assert_int_equal(regex_search(run, subject, false, *state), TRUTH_UNDECIDED);
	assert_int_equal(regex_search_between(run, subject, 0, len, *state), TRUTH_UNDECIDED);
	assert_int_equal(regex_search_between(run, subject, len / 2, len / 2 + 100, *state), TRUTH_NO);
	assert_int_equal(regex_search_between(run, subject, len - 100, len, *state), TRUTH_NO);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(long_subjects),
		cmocka_unit_test(bounded_over_all_starts),
		cmocka_unit_test(bounded_over_all_searches),
		cmocka_unit_test(long_texts_are_no_limit),
		cmocka_unit_test(padding_hides_nothing),
		cmocka_unit_test(one_start_may_need_more),
		cmocka_unit_test(budgets_are_for_the_window),
	};

	return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
