/* SPDX-License-Identifier: Apache-2.0 */
/* Callouts in patterns: where they stand, what is left to PCRE2, and that they change no answer. */
#include "tests/unit/test.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "base/regex.h"
#include "base/regex_meter.h"

static void where_work_is_counted(void **state)
{
	static const struct {
		const char *pattern, *metered;	/* NULL: not understood */
	} rows[] = {
		{ "", "" },
		{ "curl", "curl" },
		{ "a{3}b", "a{3}b" },
		/* Runs, from both sides; what is given back, from behind. */
		{ "a.*b", "a(?C0).*(?C0)b" },
		{ "a.*", "a(?C0).*" },
		{ "ab+?c", "a(?C0)b+?(?C0)c" },
		{ "a[^]x]*+b", "a(?C0)[^]x]*+(?C0)b" },
		{ "a[[:alpha:]\\]]+b", "a(?C0)[[:alpha:]\\]]+(?C0)b" },
		{ "a\\x41+\\x{42}+\\.+b", "a(?C0)\\x41+(?C0)\\x{42}+(?C0)\\.+(?C0)b" },
		{ "https?://", "https?(?C0)://" },
		{ "ab{2,9}c", "ab{2,9}(?C0)c" },
		{ "[ab]{40,}c", "(?C2)[ab]{40,}(?C0)c" },
		{ "a{60000}c", "(?C253)a{60000}c" },
		{ "$\\{a{x}{", "$\\{a{x}{" },
		/* Groups: behind them, and each time they are repeated. */
		{ "(a|b)c", "(a|b)(?C0)c" },
		{ "(?:a|b)*c", "(?:(?C0)a|b)*(?C0)c" },
		{ "(?i:a(?<n>b){2})c", "(?i:a(?<n>(?C0)b){2}(?C0))(?C0)c" },
		{ "(?P<n>a)?b(?=c)", "(?P<n>a)?(?C0)b(?=c)" },
		{ "(?<!x)a(?>b)(?|c)d", "(?<!x)(?C0)a(?>b)(?C0)(?|c)(?C0)d" },
		/* What is optional at the start is left out, and only there. */
		{ ".*a", "a" },
		{ "(?i)\\s*[\\w.-]{0,50}?(?:b|c)d", "(?i)(?:b|c)(?C0)d" },
		{ "x?(?s:y?(z*b)c)", "(?s:(b)(?C0)c)" },
		{ "x*+b", "(?C0)x*+(?C0)b" },
		{ "x+b", "(?C0)x+(?C0)b" },
		{ "^x?b", "^x?(?C0)b" },
		{ "b|x*c", "b|(?C0)x*(?C0)c" },
		{ "(?:x*b){2}", "(?:(?C0)x*(?C0)b){2}" },
		{ "(?:x*b)?c", "(?:(?C0)x*(?C0)b)?(?C0)c" },
		{ "(?=x*b)c", "(?=(?C0)x*(?C0)b)(?C0)c" },
		{ "(?>x*b)c", "(?>(?C0)x*(?C0)b)(?C0)c" },
		/* Not understood. */
		{ "(?x)a b", NULL },
		{ "(?i-x:a)", NULL },
		{ "a\\Q*\\E", NULL },
		{ "[\\Q]\\E]", NULL },
		{ "[\\c]]", NULL },
		{ "(a)\\1", NULL },
		{ "(a)\\g{1}", NULL },
		{ "(a)(?1)", NULL },
		{ "(?R)?a", NULL },
		{ "(?(?=a)b|c)", NULL },
		{ "(*COMMIT)a", NULL },
		{ "(?C7)a", NULL },
		{ "a(?#b)*", NULL },
		{ "a{,3}", NULL },
		{ "a{ 1,3}", NULL },
		{ "a{2}{3}", NULL },
		{ "[[:<:]]+a", NULL },
		{ "\\pL+", NULL },
		{ "\\101+", NULL },
		{ "\\x{zz}", NULL },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_cleanup_(buf) struct buf b = BUF_INIT;
		bool understood = regex_meter(str_of(rows[i].pattern), &b);

		if (understood != (rows[i].metered != NULL) ||
		    (understood && !str_eq(buf_get(&b), str_of(rows[i].metered))))
			fail_msg("%s: got %d, %.*s", rows[i].pattern, understood, STR_ARG(buf_get(&b)));
	}
}

/* As PCRE2 has it, with no limit that matters and no help. */
static int search_plainly(struct str pattern, struct str subject)
{
	pcre2_match_data *data = pcre2_match_data_create(1, NULL);
	PCRE2_SIZE offset;
	int error, r;
	pcre2_code *code = pcre2_compile((PCRE2_SPTR)pattern.p, pattern.len,
					 PCRE2_DOTALL | PCRE2_DOLLAR_ENDONLY | PCRE2_NEVER_BACKSLASH_C,
					 &error, &offset, NULL);

	assert_non_null(code);
	r = pcre2_match(code, (PCRE2_SPTR)subject.p, subject.len, 0, 0, data, NULL);
	pcre2_code_free(code);
	pcre2_match_data_free(data);
	return r;
}

static const char *const pieces[] = {
	"a", "a", "b", "b", "c", "ab", ".", "\\w", "\\s", "[ab]", "[^a]", "[]b]", "\\b", "^", "$", "\\.", " ",
	"a*", "a+", ".*", ".?", "\\w+", "[ab]*?", "\\s{0,2}", "b{2}", "[^b]{1,}", "\\x61?", "c??", "a++",
	"b*+", "(a|b)", "(?:a|ab)*", "(?i:b|.)+", "(?:.*b)?", "(?=.*c)", "(?!a)", "(?<=a)", "(?>a*b)",
	"(?|a*b|c)", "(?:", "(", "(?:", ")", ")", ")*", ")+", ")?", "|", "|", "*", "?", "(?i)", "(?x)", "\\1",
	"\\Q*\\E", "(?#x)", "\\G", "\\K", "(*SKIP)", "(?R)", "(?1)", "[[:<:]]", "(?(1)a|b)",
};

static struct str pick(char *into, size_t size, const char *const *from, size_t n, unsigned int *seed)
{
	size_t len = 0, piece;

	for (int i = rand_r(seed) % 12; i >= 0; i--) {
		const char *p = from[(size_t)rand_r(seed) % n];

		piece = strlen(p);
		if (len + piece > size)
			break;
		memcpy(into + len, p, piece);
		len += piece;
	}
	return (struct str){ into, len };
}

static bool recurses(struct str pattern)
{
	return str_contains(pattern, STR_LIT("(?R)")) || str_contains(pattern, STR_LIT("(?1)"));
}

/* Of what is decided; and nearly all is. */
static void callouts_change_no_answer(void **state)
{
	static const char *const letters[] = { "a", "b", "c", "A", " ", ".", "ab", "\n", "]" };
	_cleanup_(regex_scratch_free) struct regex_scratch *s = NULL;
	size_t n_patterns = 0, n_metered = 0, n_found = 0, n_searches = 0, n_undecided = 0;
	unsigned int seed = 1;

	assert_int_equal(regex_scratch_new(&s), 0);
	for (int round = 0; round < 60000; round++) {
		_cleanup_(regex_free) struct regex *re = NULL;
		_cleanup_(buf) struct buf b = BUF_INIT;
		char pattern_bytes[128], text[64];
		struct regex_error error;
		struct str pattern;

		pattern = pick(pattern_bytes, sizeof(pattern_bytes), pieces, ARRAY_SIZE(pieces), &seed);
		if (regex_new(pattern, 0, &error, &re) < 0)
			continue;
		assert_int_equal(regex_prepare(re, round % 2), 0);
		n_patterns++;
		n_metered += regex_meter(pattern, &b);
		for (int i = 0; i < 8; i++) {
			struct str subject = pick(text, sizeof(text), letters, ARRAY_SIZE(letters), &seed);
			enum truth got = regex_search(re, subject, false, s);
			int want = search_plainly(pattern, subject);

			if (want < 0 && want != PCRE2_ERROR_NOMATCH)
				continue;
			n_searches++;
			/* Recursion that reads nothing goes on until a limit. */
			n_undecided += got == TRUTH_UNDECIDED && !recurses(pattern);
			n_found += got == TRUTH_YES;
			if (got != TRUTH_UNDECIDED && (got == TRUTH_YES) != (want >= 0))
				fail_msg("%.*s (%.*s) on \"%.*s\": got %d, PCRE2 has %d", STR_ARG(pattern),
					 STR_ARG(buf_get(&b)), STR_ARG(subject), got, want);
		}
	}
	assert_true(n_patterns > 5000 && n_metered > n_patterns / 3);
	assert_true(n_found > n_searches / 8 && n_searches - n_found > n_searches / 8);
	assert_true(n_undecided < n_searches / 1000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(where_work_is_counted),
		cmocka_unit_test(callouts_change_no_answer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
