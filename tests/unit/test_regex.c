/* SPDX-License-Identifier: Apache-2.0 */
/* Regexes: what matches, what is undecided, and what an author is told. */
#include "tests/unit/test.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

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

static struct regex *compiled(struct str pattern, unsigned int flags)
{
	struct regex_error error;
	struct regex *re = NULL;

	if (regex_new(pattern, flags, &error, &re) != 0)
		fail_msg("%.*s: %s", STR_ARG(pattern), error.message);
	assert_int_equal(regex_prepare(re, true), 0);
	return re;
}

#define PIPE_TO_SHELL "(?i)\\b(curl|wget)\\b.*\\|\\s*(ba|da|z)?sh\\b"

struct search {
	const char *pattern;
	struct str subject;
	enum truth want;
};

static void run(const struct search *cases, size_t n, unsigned int flags, bool cut, struct regex_scratch *s)
{
	for (size_t i = 0; i < n; i++) {
		_cleanup_(regex_free) struct regex *re = compiled(str_of(cases[i].pattern), flags);
		enum truth got = regex_search(re, cases[i].subject, cut, s);

		if (got != cases[i].want)
			fail_msg("%s on \"%.*s\": got %d, want %d", cases[i].pattern,
				 STR_ARG(cases[i].subject), got, cases[i].want);
	}
}

static void bytes_newlines_and_ends(void **state)
{
	static const struct search cases[] = {
		{ "b", STR("abc"), TRUTH_YES },
		{ "d", STR("abc"), TRUTH_NO },
		{ "", STR(""), TRUTH_YES },
		{ "a", STR(""), TRUTH_NO },
		{ "^abc$", STR("abc"), TRUTH_YES },
		/* A newline in argv hides nothing, neither what follows it nor the end. */
		{ "curl.*sh", STR("curl x |\nsh"), TRUTH_YES },
		{ "^abc$", STR("abc\n"), TRUTH_NO },
		{ "^b", STR("a\nb"), TRUTH_NO },
		{ "a$", STR("a\nb"), TRUTH_NO },
		{ "(?m)^b$", STR("a\nb\nc"), TRUTH_YES },
		/* Bytes, not characters: one bad byte breaks nothing. */
		{ "tmp/.+evil", STR("tmp/\xff/evil"), TRUTH_YES },
		{ "^..$", STR("\xc3\xa9"), TRUTH_YES },
		{ "é", STR("caf\xc3\xa9"), TRUTH_YES },
		{ "\\xff", STR("\xff"), TRUTH_YES },
		{ "a.b", STR("a\0b"), TRUTH_YES },
		{ "a\\x00b", STR("a\0b"), TRUTH_YES },
		{ "(?i)CURL", STR("cUrL"), TRUTH_YES },
		/* Case is ASCII's. */
		{ "(?i)\\xc4", STR("\xe4"), TRUTH_NO },
		{ PIPE_TO_SHELL, STR("sh -c curl -s http://x/a | sh"), TRUTH_YES },
		{ PIPE_TO_SHELL, STR("curl -s http://x/a | shred"), TRUTH_NO },
		{ "(a)(b)(c)\\3\\2\\1", STR("abccba"), TRUTH_YES },
	};

	run(cases, ARRAY_SIZE(cases), 0, false, *state);
}

static void sigma_flags(void **state)
{
	static const struct search cases[] = {
		{ "curl.*sh", STR("curl x |\nsh"), TRUTH_NO },
		{ "^abc$", STR("abc\n"), TRUTH_YES },
		{ "tmp/.+evil", STR("tmp/\xff/evil"), TRUTH_YES },
	};

	run(cases, ARRAY_SIZE(cases), REGEX_SIGMA, false, *state);
}

/* What is there goes on beyond the end: only what does not rest on the end is proven. */
static void cut_subjects(void **state)
{
	static const struct search cases[] = {
		{ "curl", STR("run curl now"), TRUTH_YES },
		{ "^run", STR("run curl now"), TRUTH_YES },
		{ "curl$", STR("run curl"), TRUTH_UNDECIDED },
		{ "now$", STR("run curl now"), TRUTH_UNDECIDED },
		{ "curl\\b", STR("run curl"), TRUTH_UNDECIDED },
		{ "curl\\b", STR("run curl now"), TRUTH_YES },
		{ "curl(?!x)", STR("run curl"), TRUTH_UNDECIDED },
		{ "curl(?!x)", STR("run curl "), TRUTH_YES },
		{ "wget", STR("run curl"), TRUTH_UNDECIDED },
		{ "wget", STR("run wge"), TRUTH_UNDECIDED },
		{ "^$", STR(""), TRUTH_UNDECIDED },
		{ "x\\z", STR("x"), TRUTH_UNDECIDED },
		/* Takes all that is there, and could do with less. */
		{ "curl.*sh", STR("curl x | sh -c y"), TRUTH_YES },
		{ "(?i)\\b(curl|wget)\\b.*\\|\\s*(ba|da|z)?sh\\b", STR("curl x | sh -c y"), TRUTH_YES },
		{ "[a-z]+://", STR("curl http://x ab"), TRUTH_YES },
		{ "a{2,}?b", STR("aab a"), TRUTH_YES },
		{ "cu.*\\.$", STR("curl. x."), TRUTH_UNDECIDED },
		{ "curl.*sh\\b", STR("curl | sh"), TRUTH_UNDECIDED },
		{ "curl.*sh(?!x)", STR("curl sh x"), TRUTH_UNDECIDED },
		{ "(?>curl.*h) x", STR("curl h xy"), TRUTH_UNDECIDED },
		{ "c[a-z]*+l", STR("cu-c-curl"), TRUTH_UNDECIDED },
		{ "cu.*\\Rx", STR("curl\r"), TRUTH_UNDECIDED },
		{ "cu.*[[:>:]]", STR("curl"), TRUTH_UNDECIDED },
		{ "cu.*[a[:b](?!x)l", STR("cubl:]"), TRUTH_UNDECIDED },
		/* What begins differently, however it goes on. */
		{ "^curl", STR("run"), TRUTH_NO },
		{ "^run$", STR("run curl"), TRUTH_NO },
		{ "^run curl", STR("run"), TRUTH_UNDECIDED },
		{ "^run", STR(""), TRUTH_UNDECIDED },
		{ "^a|b", STR("run"), TRUTH_UNDECIDED },
		{ "(?m)\\G[^a]^", STR("\n"), TRUTH_UNDECIDED },
	};

	run(cases, ARRAY_SIZE(cases), 0, true, *state);
	run(cases, ARRAY_SIZE(cases), REGEX_SIGMA, true, *state);
}

/* Each of these takes exponentially many steps. Ending "no" here would let padding hide a command. */
static void limits_are_undecided(void **state)
{
	static const struct search cases[] = {
		{ "(a+)+$", STR("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab"), TRUTH_UNDECIDED },
		{ "^(a|a)*b$", STR("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaabc"), TRUTH_UNDECIDED },
		{ "(x+x+)+y$", STR("xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxyx"), TRUTH_UNDECIDED },
		/* A pattern may lower the limits, not lift them. */
		{ "(*LIMIT_MATCH=4000000000)(a+)+$", STR("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab"),
		  TRUTH_UNDECIDED },
	};

	run(cases, ARRAY_SIZE(cases), 0, false, *state);
	run(cases, ARRAY_SIZE(cases), REGEX_SIGMA, false, *state);
	run(cases, ARRAY_SIZE(cases), 0, true, *state);
}

/* Of these PCRE2's compiled code says something else. */
static void the_interpreter_is_right(void **state)
{
	static const struct search cases[] = {
		{ "ab(?R).(*SKIP)x|(?:b|.)+", STR("abA.ca\n  "), TRUTH_YES },
	};

	run(cases, ARRAY_SIZE(cases), 0, false, *state);
}

/* PCRE2's own shortcuts miss each of these, in compiled code, in the interpreter or in both. */
static void no_shortcut_misses_a_match(void **state)
{
	static const struct search cases[] = {
		{ "(?: |[ab]|^)a*a", STR("a"), TRUTH_YES },
		{ "(?=a)(?:bc)?a", STR("a"), TRUTH_YES },
		{ "(?:a|.*b){0}c", STR("-c"), TRUTH_YES },
		{ "(?:a|.*b){0,0}c", STR("-c"), TRUTH_YES },
		{ "\\s(b|)a*?bc{0,2}", STR("\n b"), TRUTH_YES },
		{ "\\w(?:.|)b+?b", STR("cbba1"), TRUTH_YES },
		{ "(?>[ab]+?)$", STR("ba"), TRUTH_YES },
		{ "(?>\\s*?[a-c]|(bab)*?) .", STR("-1cA  ca\nb"), TRUTH_NO },
	};

	run(cases, ARRAY_SIZE(cases), 0, false, *state);
}

/* Only where a match begins is bounded: what it looks at is the whole subject. */
static void only_what_begins_in_a_window(void **state)
{
	static const struct {
		const char *pattern;
		struct str subject;
		size_t from, to;
		enum truth want;
	} cases[] = {
		{ "abc", STR("abcabc"), 0, 6, TRUTH_YES },
		{ "abc", STR("abcabc"), 0, 0, TRUTH_YES },
		{ "abc", STR("abcabc"), 1, 2, TRUTH_NO },
		{ "abc", STR("abcabc"), 1, 3, TRUTH_YES },
		{ "abc", STR("abcabc"), 3, 3, TRUTH_YES },
		{ "abc", STR("abcabc"), 4, SIZE_MAX, TRUTH_NO },
		{ "[ab]+c", STR("abcabc"), 2, 2, TRUTH_NO },
		{ "a", STR("aaa"), 2, 1, TRUTH_NO },
		{ "", STR("aaa"), 2, 1, TRUTH_NO },
		{ "", STR("aaa"), 3, 3, TRUTH_YES },
		{ "", STR("aaa"), 4, 9, TRUTH_NO },
		{ "", STR(""), 0, 0, TRUTH_YES },
		{ "x*", STR("aaa"), 1, 1, TRUTH_YES },
		{ "$", STR("aaa"), 1, 2, TRUTH_NO },
		{ "$", STR("aaa"), 1, 3, TRUTH_YES },
		/* Anchored: at the start of the subject, not of the window. */
		{ "^a", STR("aaa"), 0, 2, TRUTH_YES },
		{ "^a", STR("aaa"), 1, 2, TRUTH_NO },
		{ "(?m)^b", STR("a\nb"), 1, 2, TRUTH_YES },
		{ "(?m)^b", STR("ab"), 1, 2, TRUTH_NO },
		/* PCRE2 tries such a pattern at one place only; another would do, too. */
		{ ".*b", STR("aab"), 1, 2, TRUTH_YES },
		{ ".*b", STR("baa"), 1, 2, TRUTH_NO },
		/* What is before the window counts. */
		{ "\\bcurl", STR("a curl"), 2, 2, TRUTH_YES },
		{ "\\bcurl", STR("acurl"), 1, 1, TRUTH_NO },
		{ "(?<=a)b", STR("ab"), 1, 1, TRUTH_YES },
		{ "(?<!a)b", STR("ab"), 1, 1, TRUTH_NO },
		/* Behind it, too. */
		{ "curl.*sh", STR("curl x | sh"), 0, 0, TRUTH_YES },
		/* \K tells where a match ended up to begin, not where it was tried. */
		{ "a+\\Kb", STR("aaab"), 0, 0, TRUTH_YES },
		/* Whatever the places before decide has to be asked there. */
		{ "\\Gb", STR("ab"), 1, 1, TRUTH_NO },
		{ "a(*COMMIT)b|c", STR("xaxc"), 3, 3, TRUTH_NO },
		{ "a(*SKIP)b|c", STR("xaxc"), 3, 3, TRUTH_YES },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_(regex_free) struct regex *re = compiled(str_of(cases[i].pattern), 0);
		enum truth got = regex_search_between(re, cases[i].subject, cases[i].from, cases[i].to,
						      *state);

		if (got != cases[i].want)
			fail_msg("%s on \"%.*s\", %zu to %zu: got %d, want %d", cases[i].pattern,
				 STR_ARG(cases[i].subject), cases[i].from, cases[i].to, got, cases[i].want);
		/* No window outlives its search. */
		got = regex_search_between(re, cases[i].subject, 0, SIZE_MAX, *state);
		assert_int_equal(got, regex_search(re, cases[i].subject, false, *state));
	}
}

static void nothing_is_searched_unprepared(void **state)
{
	_cleanup_(regex_free) struct regex *re = NULL;
	struct regex_error error;

	assert_int_equal(regex_new(STR_LIT("(?i)A"), REGEX_SIGMA, &error, &re), 0);
	assert_int_equal(regex_search(re, STR_LIT("a"), false, *state), TRUTH_UNDECIDED);
	assert_int_equal(regex_search_between(re, STR_LIT("a"), 0, 1, *state), TRUTH_UNDECIDED);
	assert_false(regex_matches_empty(re, *state));
	assert_true(str_eq(regex_pattern(re), STR_LIT("(?i)A")));
	assert_int_equal(regex_flags(re), REGEX_SIGMA);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(regex_prepare(re, i > 0), 0);
		assert_int_equal(regex_search(re, STR_LIT("a"), false, *state), TRUTH_YES);
		assert_int_equal(regex_search(re, STR_LIT("b"), false, *state), TRUTH_NO);
	}
}

/* PR_SET_MDWE, which linux/prctl.h has since 6.3. */
#define SET_MDWE 65
#define REFUSE_EXEC_GAIN 1

/* What a process answers where memory that it wrote must not be run; 77: it cannot be forbidden here. */
static int search_without_jit(void)
{
	struct regex_scratch *s;
	struct regex_error error;
	struct regex *re;
	bool right;

	if (prctl(SET_MDWE, REFUSE_EXEC_GAIN, 0, 0, 0) < 0)
		return 77;
	if (regex_new(STR_LIT(PIPE_TO_SHELL), 0, &error, &re) < 0 || regex_prepare(re, true) < 0 ||
	    regex_scratch_new(&s) < 0)
		return 1;
	right = !regex_has_jit() &&
		regex_search(re, STR_LIT("curl http://x | sh"), false, s) == TRUTH_YES &&
		regex_search(re, STR_LIT("curl http://x | sed"), false, s) == TRUTH_NO &&
		regex_search_between(re, STR_LIT("curl http://x | sh"), 1, 9, s) == TRUTH_NO;
	regex_scratch_free(s);
	regex_free(re);
	return !right;
}

/* Before all other tests: memory that these were given is kept for more, and would be the child's, too. */
static void where_no_memory_is_writable_and_executable(void **state)
{
	pid_t child = fork();
	int status;

	assert_true(child >= 0);
	if (child == 0)
		_exit(search_without_jit());
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status) == 77)
		skip();
	assert_int_equal(WEXITSTATUS(status), 0);
}

static void matching_the_empty_text(void **state)
{
	static const struct {
		const char *pattern;
		bool want;
	} cases[] = {
		{ "", true }, { "a*", true }, { "^$", true }, { "a?|b", true },
		{ "a", false }, { "a+", false }, { "\\b", false }, { ".", false },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_(regex_free) struct regex *prepared = compiled(str_of(cases[i].pattern), 0);
		_cleanup_(regex_free) struct regex *re = NULL;
		struct regex_error error;

		assert_int_equal(regex_new(str_of(cases[i].pattern), 0, &error, &re), 0);
		assert_int_equal(regex_matches_empty(re, *state), cases[i].want);
		assert_int_equal(regex_matches_empty(prepared, *state), cases[i].want);
	}
}

static const struct {
	struct str pattern;
	size_t offset;
	const char *message, *label;
} bad[] = {
	{ STR("\\b(curl|wget\\b.*\\|\\s*(ba)?sh"), 2, "missing closing parenthesis",
	  "this group is never closed" },
	{ STR("(a"), 0, "missing closing parenthesis", "this group is never closed" },
	{ STR("\\((a[(]\\Q(\\E(?#()b"), 2, "missing closing parenthesis", "this group is never closed" },
	{ STR("(x[^]()]y(?:[[:alpha:]()])"), 0, "missing closing parenthesis", "this group is never closed" },
	{ STR("(?i:a(b)"), 0, "missing closing parenthesis", "this group is never closed" },
	{ STR("a[bc"), 1, "missing closing bracket", "this class is never closed" },
	{ STR("[a]b[]c"), 4, "missing closing bracket", "this class is never closed" },
	{ STR("(a)(?#b"), 3, "missing closing parenthesis of a comment", "this comment is never closed" },
	{ STR("a)b"), 1, "unmatched closing parenthesis", "no group is open here" },
	{ STR("*.sh"), 0, "nothing to repeat", "nothing to repeat here" },
	{ STR("a++*"), 3, "nothing to repeat", "nothing to repeat here" },
	{ STR("ab\\"), 2, "backslash at the end", "nothing follows" },
	{ STR("xa{3,1}b"), 2, "numbers of a repetition out of order", "the first number is the larger one" },
	{ STR("a{70000}"), 1, "repetition too large", "at most 65535" },
	{ STR("[z-a]"), 3, "range out of order in character class", "less than the start of the range" },
	{ STR("x[\\d-z]"), 2, "invalid range in character class", "stands for many characters" },
	{ STR("[:alpha:]"), 0, "POSIX class outside of a class", "only within brackets" },
	{ STR("a\\jb"), 1, "unknown escape", "no such escape" },
	{ STR("a\\u0041"), 1, "unknown escape", "no such escape" },
	{ STR("(a)\\2"), 3, "reference to a group that does not exist", "no such group" },
	{ STR("x(?<=a+)b"), 1, "lookbehind without a fixed length", "matches texts of different lengths" },
	{ STR("a\\C"), 1, "`\\C` is not available", "not available" },
	{ STR("(*UTF)a"), 0, "UTF mode is not available", "not available" },
	{ STR("(*UCP)a"), 0, "Unicode properties are not available", "not available" },
	{ STR("\\x{20ac}"), 0, "a byte is at most 0xff", "at most `\\xff`" },
	{ STR("(?<n>a)(?<n>b)"), 7, "two groups have the same name", "a group before has this name" },
	{ STR("(?:a{1,60000}){1,6000}"), 0, "regular expression is too large",
	  "too large when its repetitions are written out" },
	{ STR("a\bb"), 1, "control byte in a regex", "byte 0x08" },
	{ STR("a\tb"), 1, "control byte in a regex", "byte 0x09" },
	{ STR("a\n"), 1, "control byte in a regex", "byte 0x0a" },
	{ STR("\0"), 0, "control byte in a regex", "byte 0x00" },
	{ STR("ab\x7f"), 2, "control byte in a regex", "byte 0x7f" },
};

static void errors_name_the_culprit(void **state)
{
	struct regex *untouched = NULL;
	struct regex_error e;

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		if (regex_new(bad[i].pattern, 0, &e, &untouched) != -EINVAL)
			fail_msg("%.*s was accepted", STR_ARG(bad[i].pattern));
		if (e.offset != bad[i].offset)
			fail_msg("%.*s: got offset %zu, want %zu", STR_ARG(bad[i].pattern), e.offset,
				 bad[i].offset);
		assert_string_equal(e.message, bad[i].message);
		assert_string_equal(e.label, bad[i].label);
	}
	assert_null(untouched);
}

static void errors_say_what_to_write(void **state)
{
	struct regex *re = NULL;
	struct regex_error e;

	assert_int_equal(regex_new(STR_LIT("(a"), 0, &e, &re), -EINVAL);
	assert_string_equal(e.help, "add `)` or write `\\(` for a literal parenthesis");
	assert_int_equal(regex_new(STR_LIT("\b"), 0, &e, &re), -EINVAL);
	assert_string_equal(e.help, "in double quotes `\\b` is a backspace; "
				    "for a word boundary put the regex in single quotes");
	assert_int_equal(regex_new(STR_LIT("\t"), 0, &e, &re), -EINVAL);
	assert_string_equal(e.help, "write `\\t`, in single quotes");
	assert_int_equal(regex_new(STR_LIT("\x1b"), 0, &e, &re), -EINVAL);
	assert_string_equal(e.help, "write `\\x1b`, in single quotes");
	/* PCRE2's own words where there is no row, and a place inside the pattern. */
	assert_int_equal(regex_new(STR_LIT("a(?z)"), 0, &e, &re), -EINVAL);
	assert_string_equal(e.message, "unrecognized character after (? or (?-");
	assert_int_equal(e.offset, 3);
	assert_string_equal(e.help, "");
}

static void size_and_nesting_are_bounded(void **state)
{
	char *text = malloc(REGEX_MAX_PATTERN + 1);
	struct regex *re = NULL;
	struct regex_error e;

	assert_non_null(text);
	memset(text, 'a', REGEX_MAX_PATTERN + 1);
	assert_int_equal(regex_new((struct str){ text, REGEX_MAX_PATTERN + 1 }, 0, &e, &re), -EINVAL);
	assert_string_equal(e.message, "longer than 65536 bytes");
	assert_int_equal(regex_new((struct str){ text, 10000 }, 0, &e, &re), 0);
	re = regex_free(re);
	assert_null(re);

	memset(text, '(', 51);
	memset(text + 51, ')', 51);
	assert_int_equal(regex_new((struct str){ text, 102 }, 0, &e, &re), -EINVAL);
	assert_string_equal(e.message, "parentheses are too deeply nested");
	assert_int_equal(e.offset, 50);
	assert_int_equal(regex_new((struct str){ text + 1, 100 }, 0, &e, &re), 0);
	regex_free(re);
	memset(text, '(', 1000);
	assert_int_equal(regex_new((struct str){ text, 1000 }, 0, &e, &re), -EINVAL);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(where_no_memory_is_writable_and_executable),
		cmocka_unit_test(bytes_newlines_and_ends),
		cmocka_unit_test(sigma_flags),
		cmocka_unit_test(cut_subjects),
		cmocka_unit_test(limits_are_undecided),
		cmocka_unit_test(the_interpreter_is_right),
		cmocka_unit_test(no_shortcut_misses_a_match),
		cmocka_unit_test(only_what_begins_in_a_window),
		cmocka_unit_test(nothing_is_searched_unprepared),
		cmocka_unit_test(matching_the_empty_text),
		cmocka_unit_test(errors_name_the_culprit),
		cmocka_unit_test(errors_say_what_to_write),
		cmocka_unit_test(size_and_nesting_are_bounded),
	};

	return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
