/* SPDX-License-Identifier: Apache-2.0 */
/* Each operator on one value: whole, cut and partial texts, numbers; globs against a naive matcher. */
#include "tests/unit/test.h"

#include <string.h>

#include "engine/operators.h"

#define NO TRUTH_NO
#define YES TRUTH_YES
#define MAYBE TRUTH_UNDECIDED

static const char *const truth_names[] = { "no", "yes", "undecided" };

/* One operand against one text in the three states. */
static const struct text_row {
	enum op op;
	const char *operand, *text;
	bool nocase;
	enum truth whole, cut, partial;
} text_rows[] = {
	{ OP_IN, "abc", "abc", false, YES, MAYBE, MAYBE },
	{ OP_IN, "abc", "ab", false, NO, MAYBE, MAYBE },
	{ OP_IN, "abc", "ac", false, NO, NO, MAYBE },
	{ OP_IN, "abc", "ca", false, NO, NO, NO },
	{ OP_IN, "abc", "abcd", false, NO, NO, NO },
	{ OP_IN, "abc", "", false, NO, MAYBE, MAYBE },
	{ OP_IN, "", "", false, YES, MAYBE, MAYBE },
	{ OP_IN, "", "a", false, NO, NO, NO },
	{ OP_IN, "ABC", "abc", false, NO, NO, NO },
	{ OP_IN, "ABC", "abc", true, YES, MAYBE, MAYBE },
	{ OP_IN, "ABC", "b", true, NO, NO, MAYBE },
	/* A to Z is all that has a case: not the umlauts of Latin-1, nor the neighbours of the letters. */
	{ OP_IN, "\xc4", "\xe4", true, NO, NO, NO },
	{ OP_IN, "@[", "`{", true, NO, NO, NO },

	{ OP_PREFIX, "/usr", "/usr/bin", false, YES, YES, MAYBE },
	{ OP_PREFIX, "/usr", "/us", false, NO, MAYBE, MAYBE },
	{ OP_PREFIX, "/usr", "/u/", false, NO, NO, MAYBE },
	{ OP_PREFIX, "/usr", "/usr", false, YES, YES, MAYBE },
	{ OP_PREFIX, "/USR", "/usr/bin", true, YES, YES, MAYBE },
	{ OP_PREFIX, "/USR", "/us", true, NO, MAYBE, MAYBE },
	{ OP_PREFIX, "", "", false, YES, YES, YES },

	{ OP_SUFFIX, "/sh", "/bin/sh", false, YES, MAYBE, MAYBE },
	{ OP_SUFFIX, "/sh", "/bin/bash", false, NO, MAYBE, MAYBE },
	{ OP_SUFFIX, "/SH", "/bin/sh", false, NO, MAYBE, MAYBE },
	{ OP_SUFFIX, "/SH", "/bin/sh", true, YES, MAYBE, MAYBE },
	{ OP_SUFFIX, "", "x", false, YES, YES, YES },

	{ OP_CONTAINS, "curl", "sh -c curl x", false, YES, YES, YES },
	{ OP_CONTAINS, "c curl", "sh -c curl x", false, YES, YES, MAYBE },
	{ OP_CONTAINS, "wget", "sh -c curl x", false, NO, MAYBE, MAYBE },
	{ OP_CONTAINS, "CURL", "sh -c curl x", false, NO, MAYBE, MAYBE },
	{ OP_CONTAINS, "CURL", "sh -c curl x", true, YES, YES, YES },
	{ OP_CONTAINS, "", "", false, YES, YES, YES },

	{ OP_GLOB, "*.sh", "/tmp/x.sh", false, YES, MAYBE, MAYBE },
	{ OP_GLOB, "/tmp/*", "/tmp/x.sh", false, YES, YES, MAYBE },
	{ OP_GLOB, "/var/*", "/tmp/x.sh", false, NO, NO, MAYBE },
	{ OP_GLOB, "/tmp/x.sh", "/tmp/x.sh", false, YES, MAYBE, MAYBE },
	{ OP_GLOB, "/tmp/x", "/tmp/x.sh", false, NO, NO, MAYBE },
	{ OP_GLOB, "*curl*", "a curl b", false, YES, YES, MAYBE },
	{ OP_GLOB, "*wget*", "a curl b", false, NO, MAYBE, MAYBE },
	{ OP_GLOB, "/TMP/?.[A-S]*", "/tmp/x.sh", false, NO, NO, MAYBE },
	{ OP_GLOB, "/TMP/?.[A-S]*", "/tmp/x.sh", true, YES, YES, MAYBE },
	{ OP_GLOB, "**", "anything", false, YES, YES, YES },
	{ OP_GLOB, "", "", false, YES, MAYBE, MAYBE },

	{ OP_CIDR, "10.0.0.0/8", "10.1.2.3", false, YES, MAYBE, MAYBE },
	{ OP_CIDR, "10.0.0.0/8", "11.1.2.3", false, NO, MAYBE, MAYBE },
	{ OP_CIDR, "10.0.0.0/8", "10.1.2.3:80", false, NO, MAYBE, MAYBE },
	{ OP_CIDR, "10.0.0.0/8", "http://10.1.2.3", false, NO, NO, MAYBE },
	{ OP_CIDR, "10.0.0.0/8", "", false, NO, MAYBE, MAYBE },
	{ OP_CIDR, "fe80::/10", "FE80::1%eth0", false, YES, MAYBE, MAYBE },

	{ OP_GE, "5", "5", false, YES, MAYBE, MAYBE },
	{ OP_GE, "5", " 5.0 ", false, YES, MAYBE, MAYBE },
	{ OP_GT, "5", "5", false, NO, MAYBE, MAYBE },
	{ OP_GT, "5", "1e3", false, YES, MAYBE, MAYBE },
	{ OP_LE, "-1.5", "-2", false, YES, MAYBE, MAYBE },
	{ OP_LT, "5", "4.999", false, YES, MAYBE, MAYBE },
	{ OP_LT, "5", "sh", false, NO, NO, NO },
	{ OP_LT, "5", "", false, NO, MAYBE, MAYBE },
	{ OP_LE, "5", "nan", false, NO, MAYBE, MAYBE },

	{ OP_RE, "cu+rl", "a cuurl b", false, YES, YES, MAYBE },
	{ OP_RE, "b$", "a curl b", false, YES, MAYBE, MAYBE },
	{ OP_RE, "wget", "a curl b", false, NO, MAYBE, MAYBE },
};

static enum truth run(const struct test *t, const char *text, enum text_state state)
{
	struct regex_scratch *scratch;
	struct value v = { .text = str_of(text) };
	enum truth truth;

	assert_int_equal(regex_scratch_new(&scratch), 0);
	truth = test_value(t, FT_TEXT, &v, state, scratch);
	regex_scratch_free(scratch);
	return truth;
}

static void texts_in_three_states(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(text_rows); i++) {
		const struct text_row *row = &text_rows[i];
		const enum truth want[] = { row->whole, row->cut, row->partial };
		const struct str operand = str_of(row->operand);
		struct test t = { .op = row->op, .nocase = row->nocase, .n = 1, .texts = &operand };
		struct regex_error error;
		struct regex *re = NULL;

		if (row->op == OP_RE) {
			assert_int_equal(regex_new(operand, 0, &error, &re), 0);
			assert_int_equal(regex_prepare(re, false), 0);
			t.form = FORM_REGEXES;
			t.regexes = &re;
		}
		for (int s = TEXT_WHOLE; s <= TEXT_PARTIAL; s++) {
			enum truth got = run(&t, row->text, (enum text_state)s);

			if (got != want[s])
				fail_msg("%s `%s` on `%s`, state %d: got %s, want %s", op_table[row->op].name,
					 row->operand, row->text, s, truth_names[got], truth_names[want[s]]);
		}
		regex_free(re);
	}
}

static void lists_are_any_of(void **state)
{
	const struct str texts[] = { STR("sh"), STR("bash"), STR("zsh") };
	struct test t = { .op = OP_IN, .n = 3, .texts = texts };

	assert_int_equal(run(&t, "bash", TEXT_WHOLE), YES);
	assert_int_equal(run(&t, "fish", TEXT_WHOLE), NO);
	/* One that cannot be told is outdone by one that holds, not by one that does not. */
	t.op = OP_PREFIX;
	assert_int_equal(run(&t, "ba", TEXT_CUT), MAYBE);
	assert_int_equal(run(&t, "shx", TEXT_CUT), YES);
	t.n = 0;
	assert_int_equal(run(&t, "sh", TEXT_WHOLE), NO);
}

static bool number(enum op op, int64_t operand, int64_t n)
{
	const int64_t operands[] = { operand, 77 };
	const struct test t = {
		.op = op, .form = FORM_NUMBERS, .n = op == OP_IN ? 2 : 1, .numbers = operands,
	};
	struct value v = { .number = n };

	return test_value(&t, FT_INT, &v, TEXT_WHOLE, NULL) == YES;
}

static void numbers(void **state)
{
	assert_true(number(OP_IN, 5, 5));
	assert_true(number(OP_IN, 5, 77));
	assert_false(number(OP_IN, 5, 6));
	assert_true(number(OP_GE, 5, 5));
	assert_false(number(OP_GE, 5, 4));
	assert_true(number(OP_GT, 5, 6));
	assert_false(number(OP_GT, 5, 5));
	assert_true(number(OP_LE, 5, 5));
	assert_false(number(OP_LE, 5, 6));
	assert_true(number(OP_LT, -1, INT64_MIN));
	assert_false(number(OP_LT, 5, 5));
	/* Its text has a prefix, it has none. */
	assert_false(number(OP_PREFIX, 5, 5));
}

/* Numbers as records have them. */
static void texts_of_numbers(void **state)
{
	static const struct {
		enum field_type type;
		int64_t number;
		enum op op;
		const char *operand;
		bool nocase, want;
	} rows[] = {
		{ FT_INT, 1000, OP_PREFIX, "10", false, true },
		{ FT_INT, 1000, OP_SUFFIX, "10", false, false },
		{ FT_INT, -13, OP_GLOB, "-1?", false, true }, { FT_INT, 0, OP_CONTAINS, "", false, true },
		{ FT_INT, INT64_MIN, OP_SUFFIX, "-9223372036854775808", false, true },
		{ FT_BOOL, 1, OP_PREFIX, "tr", false, true }, { FT_BOOL, 0, OP_CONTAINS, "ALS", true, true },
		{ FT_DURATION, 250000000, OP_GLOB, "250000000", false, true },
		{ FT_TIME, 0, OP_PREFIX, "1970-01-01t00:", true, true },
		{ FT_TIME, 0, OP_PREFIX, "1970-01-01t00:", false, false },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct str operand = str_of(rows[i].operand);
		const struct test t = {
			.op = rows[i].op, .form = FORM_TEXTS, .nocase = rows[i].nocase, .n = 1,
			.texts = &operand,
		};
		struct value v = { .number = rows[i].number };

		if (test_value(&t, rows[i].type, &v, TEXT_WHOLE, NULL) != truth_of(rows[i].want))
			fail_msg("row %zu", i);
	}
}

/* A text and another for its operand, of either of which there may be more. */
static void two_that_may_go_on(void **state)
{
	static const struct {
		enum op op;
		const char *text;
		enum text_state state;
		const char *operand;
		enum text_state operand_state;
		bool nocase;
		enum truth want;
	} rows[] = {
		{ OP_SAME_AS, "ab", TEXT_WHOLE, "ab", TEXT_WHOLE, false, YES },
		{ OP_SAME_AS, "ab", TEXT_WHOLE, "AB", TEXT_WHOLE, false, NO },
		{ OP_SAME_AS, "ab", TEXT_WHOLE, "AB", TEXT_WHOLE, true, YES },
		{ OP_IN, "ab", TEXT_WHOLE, "abc", TEXT_WHOLE, false, NO },
		{ OP_IN, "ab", TEXT_CUT, "abc", TEXT_WHOLE, false, MAYBE },
		{ OP_IN, "abc", TEXT_WHOLE, "ab", TEXT_CUT, false, MAYBE },
		{ OP_IN, "abc", TEXT_WHOLE, "AB", TEXT_CUT, true, MAYBE },
		{ OP_IN, "ab", TEXT_WHOLE, "abc", TEXT_CUT, false, NO },
		{ OP_IN, "abc", TEXT_CUT, "ab", TEXT_CUT, false, MAYBE },
		{ OP_IN, "abc", TEXT_CUT, "AB", TEXT_CUT, true, MAYBE },
		{ OP_IN, "xy", TEXT_CUT, "ab", TEXT_CUT, false, NO },
		{ OP_IN, "xy", TEXT_PARTIAL, "ab", TEXT_CUT, false, MAYBE },
		{ OP_PREFIX, "abc", TEXT_WHOLE, "AB", TEXT_WHOLE, true, YES },
		{ OP_PREFIX, "abc", TEXT_WHOLE, "ab", TEXT_CUT, false, MAYBE },
		{ OP_PREFIX, "abc", TEXT_WHOLE, "bc", TEXT_CUT, false, NO },
		{ OP_SUFFIX, "abc", TEXT_WHOLE, "bc", TEXT_WHOLE, false, YES },
		{ OP_SUFFIX, "abcd", TEXT_WHOLE, "bc", TEXT_CUT, false, MAYBE },
		{ OP_SUFFIX, "abcd", TEXT_WHOLE, "x", TEXT_CUT, false, NO },
		{ OP_CONTAINS, "abc", TEXT_CUT, "b", TEXT_WHOLE, false, YES },
		{ OP_CONTAINS, "abc", TEXT_CUT, "b", TEXT_CUT, false, MAYBE },
		{ OP_CONTAINS, "abc", TEXT_WHOLE, "x", TEXT_CUT, false, NO },
		{ OP_CONTAINS, "abc", TEXT_WHOLE, "x", TEXT_PARTIAL, false, MAYBE },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct seen_text text = { str_of(rows[i].text), rows[i].state };
		const struct seen_text operand = { str_of(rows[i].operand), rows[i].operand_state };

		if (texts_compare(rows[i].op, rows[i].nocase, text, operand) != rows[i].want)
			fail_msg("row %zu", i);
	}
}

static const struct glob_row {
	const char *pattern, *text;
	bool fits;
} glob_rows[] = {
	{ "", "", true },		{ "", "a", false },		{ "*", "", true },
	{ "?", "", false },		{ "?", "/", true },		{ "a*c", "a/b/c", true },
	{ "a*b*c", "abxbc", true },	{ "a*b*c", "acb", false },	{ "[abc]", "b", true },
	{ "[a-c]x", "bx", true },	{ "[a-c]", "d", false },	{ "[!a-c]", "d", true },
	{ "[!a-c]", "b", false },	{ "[]]", "]", true },		{ "[]a]", "a", true },
	{ "[!]]", "]", false },		{ "[!]]", "a", true },		{ "[a-]", "-", true },
	{ "[-a]", "-", true },		{ "[^a]", "^", true },		{ "[c-a]", "b", false },
	{ "[a", "[a", true },		{ "[", "[", true },		{ "[!", "[!", true },
	{ "[]", "[]", true },		{ "a[", "a", false },		{ "\\*", "*", true },
	{ "\\*", "x", false },		{ "\\[a]", "[a]", true },	{ "\\", "\\", true },
	{ "a\\", "a\\", true },		{ "[\\]]", "]", true },		{ "[\\a]", "\\", false },
	{ "[a\\-z]", "m", false },	{ "[a\\-z]", "-", true },	{ "*a", "ba", true },
	{ "*a", "ab", false },		{ "*aab", "aaaab", true },	{ "*.[ch]", "x.c", true },
	{ "[\x80-\xff]", "\xc3", true }, { "?", "\xc3\xa4", false },
};

static void globs(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(glob_rows); i++) {
		const struct glob_row *row = &glob_rows[i];

		if (glob_matches(str_of(row->pattern), str_of(row->text), false) != row->fits)
			fail_msg("`%s` on `%s`: want %d", row->pattern, row->text, row->fits);
	}
}

static void globs_without_case(void **state)
{
	assert_true(glob_matches(STR_LIT("/Tmp/[A-C]?z"), STR_LIT("/tMP/bXZ"), true));
	assert_true(glob_matches(STR_LIT("[a-c]"), STR_LIT("B"), true));
	assert_true(glob_matches(STR_LIT("[X-z]"), STR_LIT("y"), true));
	assert_false(glob_matches(STR_LIT("[!a]"), STR_LIT("A"), true));
	assert_false(glob_matches(STR_LIT("[a-c]"), STR_LIT("B"), false));
	assert_false(glob_matches(STR_LIT("[[-`]"), STR_LIT("m"), true));
}

/* As the language page says it, without a thought of cost; the sets are those of the rows above. */
static bool naive(const char *pattern, const char *text)
{
	if (*pattern == '\0')
		return *text == '\0';
	if (*pattern == '*')
		return naive(pattern + 1, text) || (*text && naive(pattern, text + 1));
	if (*text == '\0')
		return false;
	if (strncmp(pattern, "[ab]", 4) == 0)
		return (*text == 'a' || *text == 'b') && naive(pattern + 4, text + 1);
	if (strncmp(pattern, "[!a]", 4) == 0)
		return *text != 'a' && naive(pattern + 4, text + 1);
	return (*pattern == '?' || *pattern == *text) && naive(pattern + 1, text + 1);
}

static uint64_t next_random(uint64_t *seed)
{
	*seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return *seed >> 33;
}

static void random_pattern(uint64_t *seed, char *pattern)
{
	static const char *const pieces[] = { "a", "b", "/", "*", "*", "?", "[ab]", "[!a]" };
	size_t n = next_random(seed) % 7;

	*pattern = '\0';
	while (n-- > 0)
		strcat(pattern, pieces[next_random(seed) % ARRAY_SIZE(pieces)]);
}

static void random_text(uint64_t *seed, char *text)
{
	size_t n = next_random(seed) % 9;

	while (n-- > 0)
		*text++ = "ab/"[next_random(seed) % 3];
	*text = '\0';
}

static void globs_agree_with_the_naive_matcher(void **state)
{
	uint64_t seed = 1;
	size_t fitting = 0;
	char pattern[64], text[16];

	for (int i = 0; i < 200000; i++) {
		bool want;

		random_pattern(&seed, pattern);
		random_text(&seed, text);
		want = naive(pattern, text);
		fitting += want;
		if (glob_matches(str_of(pattern), str_of(text), false) != want)
			fail_msg("`%s` on `%s`: want %d", pattern, text, want);
	}
	assert_in_range(fitting, 20000, 180000);
}

/* What is said of a cut text must be true of every text that goes on from there. */
static void cut_globs_never_lie(void **state)
{
	uint64_t seed = 2;
	size_t decided = 0;
	char pattern[64], text[16];

	for (int i = 0; i < 200000; i++) {
		struct str whole, cut;
		enum truth said;

		random_pattern(&seed, pattern);
		random_text(&seed, text);
		whole = str_of(text);
		cut = (struct str){ whole.p, next_random(&seed) % (whole.len + 1) };
		said = glob_matches_cut(str_of(pattern), cut, false);
		if (said == MAYBE)
			continue;
		decided++;
		if (truth_of(naive(pattern, text)) != said)
			fail_msg("`%s` on the first %zu of `%s`: said %s", pattern, cut.len, text,
				 truth_names[said]);
	}
	assert_in_range(decided, 20000, 190000);
}

/* Exponential in the stars for a naive matcher; the bound is that this ends at all. */
static void many_stars_end(void **state)
{
	char pattern[202], text[4001];

	for (size_t i = 0; i < 200; i += 2)
		memcpy(pattern + i, "*a", 2);
	strcpy(pattern + 200, "b");
	memset(text, 'a', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	assert_false(glob_matches(str_of(pattern), str_of(text), false));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(texts_in_three_states),
		cmocka_unit_test(lists_are_any_of),
		cmocka_unit_test(numbers),
		cmocka_unit_test(texts_of_numbers),
		cmocka_unit_test(two_that_may_go_on),
		cmocka_unit_test(globs),
		cmocka_unit_test(globs_without_case),
		cmocka_unit_test(globs_agree_with_the_naive_matcher),
		cmocka_unit_test(cut_globs_never_lie),
		cmocka_unit_test(many_stars_end),
	};

	return cmocka_run_group_tests_name("operators", tests, NULL, NULL);
}
