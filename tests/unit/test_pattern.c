/* SPDX-License-Identifier: Apache-2.0 */
/* What is read from the pattern of a regex, by shape; that sets are PCRE2's; that no text takes long. */
#include "tests/unit/test.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/regex.h"
#include "engine/pattern.h"

/* Patterns and texts in one notation: [a-z]{1,} is a run, "abc" a literal, with i in front in any case,
 * ... a gap, ^ and $ the ends. */

static void write_byte(struct buf *b, unsigned int c)
{
	if (c >= ' ' && c < 0x7f)
		buf_char(b, (char)c);
	else
		buf_printf(b, "\\x%02x", c);
}

static void write_run(struct buf *b, const struct run *run)
{
	buf_char(b, '[');
	for (unsigned int c = 0, last; c < 256; c = last + 1) {
		last = c;
		if (!byte_set_has(run->set, (unsigned char)c))
			continue;
		while (last < 255 && byte_set_has(run->set, (unsigned char)(last + 1)))
			last++;
		write_byte(b, c);
		if (last > c + 1)
			buf_char(b, '-');
		if (last > c)
			write_byte(b, last);
	}
	buf_printf(b, "]{%u", run->min);
	if (run->max == RUN_NO_END)
		buf_char(b, ',');
	else if (run->max != run->min)
		buf_printf(b, ",%u", run->max);
	buf_char(b, '}');
}

static void write_literal(struct buf *b, const struct literal *l)
{
	if (l->nocase)
		buf_char(b, 'i');
	buf_char(b, '"');
	for (size_t i = 0; i < l->text.len; i++)
		write_byte(b, (unsigned char)l->text.p[i]);
	buf_char(b, '"');
}

static void write_sequence(struct buf *b, const struct sequence *s)
{
	for (; s; s = s->then) {
		if (s->at_start)
			buf_char(b, '^');
		for (size_t i = s->n_before; i > 0; i--)
			write_run(b, &s->before[i - 1]);
		write_literal(b, &s->literal);
		if (s->rarest) {
			buf_char(b, '<');
			write_literal(b, s->rarest);
			buf_char(b, '>');
		}
		for (size_t i = 0; i < s->n_after; i++)
			write_run(b, &s->after[i]);
		if (s->at_end)
			buf_char(b, '$');
		if (s->then)
			buf_text(b, "...");
	}
}

static void write_factor(struct buf *b, const struct factor *f)
{
	if (f->n_literals == 0)
		write_run(b, &f->run);
	for (size_t i = 0; i < f->n_literals; i++) {
		if (i > 0)
			buf_char(b, '|');
		write_literal(b, &f->literals[i]);
	}
}

/* The sequences, a bar between them; or "needs" and the factors. */
static void write_pattern(struct buf *b, const struct pattern *p)
{
	for (size_t i = 0; i < p->n_sequences; i++) {
		buf_text(b, i > 0 ? " | " : "");
		write_sequence(b, &p->sequences[i]);
	}
	if (p->n_sequences > 0)
		return;
	buf_text(b, "needs");
	for (size_t i = 0; i < p->n_factors; i++) {
		buf_text(b, i > 0 ? " & " : " ");
		write_factor(b, &p->factors[i]);
	}
	if (p->lead != SIZE_MAX)
		buf_printf(b, ", lead %zu", p->lead);
}

struct row {
	const char *pattern, *want;
};

static void check_rows(const struct row *rows, size_t n, unsigned int flags)
{
	struct arena arena = ARENA_INIT;
	struct buf b = BUF_INIT;
	struct regex_error error;
	struct pattern p;
	struct regex *re;

	for (size_t i = 0; i < n; i++) {
		/* Only of what PCRE2 takes. */
		if (regex_new(str_of(rows[i].pattern), flags, &error, &re) < 0)
			fail_msg("%s: %s", rows[i].pattern, error.message);
		regex_free(re);
		assert_int_equal(pattern_read(str_of(rows[i].pattern), flags, &arena, &p), 0);
		b.len = 0;
		write_pattern(&b, &p);
		if (!str_eq(buf_get(&b), str_of(rows[i].want)))
			fail_msg("%s\n gives %.*s\n want  %s", rows[i].pattern, STR_ARG(buf_get(&b)),
				 rows[i].want);
	}
	buf_done(&b);
	arena_done(&arena);
}

#define S "[\\x09-\\x0d ]"

static void texts_runs_and_gaps(void **state)
{
	static const struct row rows[] = {
		{ "abc", "\"abc\"" },
		{ "(?i)C:/Temp-1", "i\"c:/temp-1\"" },
		{ "(?i)(?: add |Set\\-Item)", "i\" add \" | i\"set-item\"" },
		{ "(?i)/(?:vi|vim)$", "i\"/vi\"$ | i\"/vim\"$" },
		{ "(^|\\s)-c", "^\"-c\" | " S "{1}\"-c\"" },
		/* The rarest text is in the run behind it again and again, so that it cannot be begun
		 * with. */
		{ "fm1[ar]_[a-z0-9]{100,};",
		  "[f]{1}[m]{1}[1]{1}[ar]{1}[_]{1}[0-9a-z]{100,}\";\"<\"fm1\">" },
		{ "(^|\\s)-c\\s+.*echo", "^\"-c\"" S "{1}...\"echo\" | " S "{1}\"-c\"" S "{1}...\"echo\"" },
		{ "net\\s+user", "[n]{1}[e]{1}[t]{1}" S "{1,}\"user\"" },
		{ "(?i)\\s+\\-t\\s+", S "{1}i\"-t\"" S "{1}" },
		{ "(?is)^\\+R\\ //.*\\.cui$", "^i\"+r //\"...i\".cui\"$" },
		{ "glptt-[0-9a-f]{40}", "\"glptt-\"[0-9a-f]{40}" },
		{ "xoxb-[0-9]{10,13}-[0-9]+[a-z]*", "\"xoxb-\"[0-9]{10,13}[-]{1}[0-9]{1}" },
		/* A gap swallows what may be long next to it. */
		{ "ab\\d+.*.+\\s*cd", "\"ab\"[0-9]{1}[\\x00-\\xff]{1}...\"cd\"" },
		{ "^.*ab.+$", "\"ab\"[\\x00-\\xff]{1}" },
		{ "^a.{2}.*b", "^\"a\"[\\x00-\\xff]{2}...\"b\"" },
		{ "https?://", "\"http\"[s]{0,1}[:]{1}[/]{2}" },
		{ "^\\s*ab\\s*$", "^" S "{0,}\"ab\"" S "{0,}$" },
		/* The other case only in a part. */
		{ "KEY(?i)[a-f]{4}-x", "\"KEY\"[A-Fa-f]{4}[-]{1}[Xx]{1}" },
		{ "[Rr][uU]n32", "[Rr]{1}[Uu]{1}\"n32\"" },
		{ "(?i)a(?-i:b)c|d", "[Aa]{1}\"b\"[Cc]{1} | i\"d\"" },
		{ "x(a(?i)b|c)", "\"xa\"[Bb]{1} | \"x\"[Cc]{1}" },
		/* What is optional at an end is nothing, what is in a group several times is written
		 * out. */
		{ "(?:ab)*cd(?:ef)?", "\"cd\"" },
		{ "(?:ab){2}c", "\"ababc\"" },
		{ "a(?:bc){0,2}d", "\"ad\" | \"abcd\" | \"abcbcd\"" },
		{ "a{3}b", "\"aaab\"" },
		{ "(?<n>ab)(?#c)(?'m'c)\\Q.*\\E\\.", "\"abc.*.\"" },
		{ "[']|\"", "\"\"\" | \"'\"" },
	};

	check_rows(rows, ARRAY_SIZE(rows), 0);
}

static void borders(void **state)
{
	static const struct row rows[] = {
		{ "\\bab", "[\\x00-/:-@[-^`{-\\xff]{1}\"ab\" | ^\"ab\"" },
		{ "-\\b", "\"-\"[0-9A-Z_a-z]{1}" },
		{ "ab\\b c", "\"ab c\"" },
		{ "ab\\Bc", "\"abc\"" },
		{ "ab\\b.", "\"ab\"[\\x00-/:-@[-^`{-\\xff]{1}" },
		{ "a\\b\\b$", "\"a\"$" },
		{ "^\\b-a|b", "\"b\"" },
		{ "ab\\bc|d", "\"d\"" },
		{ "a^b|d", "\"d\"" },
		{ "a$b|d", "\"d\"" },
		{ "x*^y*ab", "^[y]{0,}\"ab\"" },
	};

	check_rows(rows, ARRAY_SIZE(rows), 0);
}

static void what_sigma_expects(void **state)
{
	static const struct row rows[] = {
		{ "ab$", "\"ab\"$ | \"ab\\x0a\"$" },
		{ "ab\\z", "\"ab\"$" },
		{ "(?s)ab.*cd", "\"ab\"...\"cd\"" },
		{ "a.cde", "[a]{1}[\\x00-\\x09\\x0b-\\xff]{1}\"cde\"" },
		/* Not past a newline. */
		{ "ab.*cd", "needs \"ab\" & \"cd\", lead 0" },
	};

	check_rows(rows, ARRAY_SIZE(rows), REGEX_SIGMA);
}

static void what_else_every_match_holds(void **state)
{
	static const struct row rows[] = {
		{ "(?i)[\\w.-]{0,50}?(?:sumo)(?:[ \\t\\w.-]{0,20})[\\s'\"]{0,3}(?:=|>|:{1,3}=|\\|\\||:|=>)"
		  "([a-z0-9]{64})(?:[\\x60'\"\\s;]|\\\\[nr]|$)",
		  "needs i\"sumo\" & [0-9A-Za-z]{64,}, lead 0" },
		{ "[a-f0-9]{40}", "needs [0-9a-f]{40,}" },
		{ "\\d", "needs [0-9]{1,}" },
		{ "[0-9a-f]{8}-[^ ]+ab", "needs \"ab\" & [0-9a-f]{8,}" },
		{ "a?b+", "\"b\"" },
		{ "(?:powershell|pwsh)[^\\n]{0,9}-enc", "needs \"powershell\"|\"pwsh\" & \"-enc\", lead 0" },
		{ "[0-9]{2,5}[1-3]{0,4}secret", "needs \"secret\", lead 6" },
		{ "(?:abc|def)[^\\n]*(?:bc|c)", "needs \"abc\"|\"def\", lead 0" },
		/* What looks around, or refers to a group, may match less; the rest holds. */
		{ "abcd(?=e)", "needs \"abcd\", lead 0" },
		{ "a*(?!b)cde", "needs \"cde\"" },
		{ "(a|b)\\1cde", "needs \"cde\"" },
		{ "a++bcd", "needs \"abcd\"" },
		{ "(?m)^abc$", "needs \"abc\", lead 0" },
		{ "abc\\Rdef", "needs \"abc\" & \"def\", lead 0" },
	};

	check_rows(rows, ARRAY_SIZE(rows), 0);
}

static void what_is_not_understood(void **state)
{
	static const char *const patterns[] = {
		"(*NO_JIT)abc",	    "(?x)a b c",    "(?U)abc",	  "abc\\Kd",	       "\\Gabc",
		"a{,3}bcd",	    "a{1, 2}bcd",   "(a)(?1)bcd", "(a)?(?(1)bcd|bcd)", "(?R)?bcd",
		"[[:<:]]abc",	    "[\\Qa\\E]bcd", "a{0}bcd",	  "\\cAbcd",	       "abc\\101",
		"(?<n>a)\\k<n>bcd", "(a)\\g1bcd",   "abc(?C1)d",  "(?^)abc",	       "",
	};
	struct arena arena = ARENA_INIT;
	struct regex_error error;
	struct regex *re;
	struct pattern p;

	for (size_t i = 0; i < ARRAY_SIZE(patterns); i++) {
		if (regex_new(str_of(patterns[i]), 0, &error, &re) < 0)
			fail_msg("%s: %s", patterns[i], error.message);
		regex_free(re);
		assert_int_equal(pattern_read(str_of(patterns[i]), 0, &arena, &p), 0);
		if (p.n_sequences > 0 || p.n_factors > 0 || p.min_length > 0 || p.lead != SIZE_MAX)
			fail_msg("%s: something is claimed", patterns[i]);
	}
	arena_done(&arena);
}

/* Nothing is lost by it but speed. */
static void too_large(void **state)
{
	struct arena arena = ARENA_INIT;
	struct buf b = BUF_INIT;
	struct pattern p;

	/* More alternatives than are written out, but of each four bytes are known. */
	for (unsigned int i = 0; i < 2000; i++)
		buf_printf(&b, "%sabc%u", i > 0 ? "|" : "", i);
	assert_int_equal(pattern_read(buf_get(&b), 0, &arena, &p), 0);
	assert_int_equal(p.n_sequences, 0);
	assert_true(p.n_factors > 0);
	assert_int_equal(p.factors[0].n_literals, 10);
	assert_str(p.factors[0].literals[0].text, "abc0");
	assert_int_equal(p.lead, 0);
	assert_int_equal(p.min_length, 4);

	/* A text too long to look for as a whole. */
	b.len = 0;
	for (size_t i = 0; i < 30000; i++)
		buf_text(&b, "ab");
	assert_int_equal(pattern_read(buf_get(&b), 0, &arena, &p), 0);
	assert_int_equal(p.n_sequences, 0);
	assert_int_equal(p.factors[0].literals[0].text.len, 128);
	assert_int_equal(p.min_length, 60000);

	/* Choices that multiply, borders that could be anywhere, repetitions of repetitions of nothing. */
	b.len = 0;
	for (size_t i = 0; i < 5000; i++)
		buf_text(&b, "(?:ab|c)x?\\b");
	assert_int_equal(pattern_read(buf_get(&b), 0, &arena, &p), 0);
	assert_int_equal(p.n_sequences, 0);
	assert_int_equal(pattern_read(STR_LIT("(((){60000}){60000}){60000}abc"), 0, &arena, &p), 0);
	assert_int_equal(p.min_length, 3);
	assert_int_equal(pattern_read(STR_LIT("((?:ab){60000}){60000}"), 0, &arena, &p), 0);
	assert_true(p.min_length == (size_t)60000 * 60000 * 2);
	buf_done(&b);
	arena_done(&arena);
}

static const char *const sets[] = {
	".",
	"\\d",
	"\\D",
	"\\w",
	"\\W",
	"\\s",
	"\\S",
	"\\h",
	"\\H",
	"\\v",
	"\\V",
	"\\N",
	"[[:alnum:]]",
	"[[:alpha:]]",
	"[[:ascii:]]",
	"[[:blank:]]",
	"[[:cntrl:]]",
	"[[:digit:]]",
	"[[:graph:]]",
	"[[:lower:]]",
	"[[:print:]]",
	"[[:punct:]]",
	"[[:space:]]",
	"[[:upper:]]",
	"[[:word:]]",
	"[[:xdigit:]]",
	"[[:^upper:]]",
	"[^[:^lower:]]",
	"(?i)[[:upper:]]",
	"(?i)[[:^lower:]]",
	"(?i)[k-s]",
	"(?i)[^k-s]",
	"(?i)\\xe4",
	"(?i)[\\xc0-\\xdf]",
	"[\\d\\W]",
	"[^\\s\\w]",
	"[a-f-]",
	"[]-a]",
	"[\\b\\e-\\x1f]",
	"(?i)k",
	"(?i)K",
	"(?i)[@-\\[]",
	"\\0",
	"\\012",
	"\\x",
	"\\x4",
	"\\x{4b}",
	"\\a|\\f|\\r",
};

/* Each set, between letters, against PCRE2 on each byte. */
static void sets_are_those_of_pcre2(void **state)
{
	struct arena arena = ARENA_INIT;
	struct regex_scratch *scratch;
	struct regex_error error;
	char pattern[64], text[] = "x?y";
	struct regex *re;
	struct pattern p;

	assert_int_equal(regex_scratch_new(&scratch), 0);
	for (size_t i = 0; i < 2 * ARRAY_SIZE(sets); i++) {
		unsigned int flags = i % 2 ? REGEX_SIGMA : 0;

		snprintf(pattern, sizeof(pattern), "x(?:%s)y", sets[i / 2]);
		assert_int_equal(regex_new(str_of(pattern), flags, &error, &re), 0);
		assert_int_equal(regex_prepare(re, false), 0);
		assert_int_equal(pattern_read(str_of(pattern), flags, &arena, &p), 0);
		assert_true(p.n_sequences > 0);
		for (unsigned int c = 0; c < 256; c++) {
			struct str subject = { text, 3 };
			bool found = false;

			text[1] = (char)c;
			for (size_t k = 0; k < p.n_sequences; k++)
				found |= sequence_in(&p.sequences[k], subject, 0, false);
			if (truth_of(found) != regex_search(re, subject, false, scratch))
				fail_msg("%s, byte %02x: %d", pattern, c, found);
		}
		regex_free(re);
	}
	regex_scratch_free(scratch);
	arena_done(&arena);
}

struct found {
	const char *pattern, *text;
	bool whole, part;
};

static void found_in_the_whole_and_in_a_part(void **state)
{
	static const struct found rows[] = {
		{ "abc", "xxabc", true, true },
		{ "(?i)aBc", "xxAbC", true, true },
		{ "(?i)abc", "ab ABC", true, true },
		{ "^abc", "xabc", false, false },
		{ "^abc", "abcabc", true, true },
		{ "abc$", "abcxabc", true, false },
		{ "^abc$", "abc", true, false },
		{ "ab.*b", "ab", false, false },
		{ "ab.*bc", "abbc", true, true },
		{ "ab.*ab\\d", "ab1ab ab2", true, true },
		{ "a\\s+b.*a\\s+c", "a ba  c", true, true },
		{ "ab.*\\s+cd", "abcd", false, false },
		{ "ab\\b", "ab", true, false },
		{ "ab\\b", "ab-", true, true },
		{ "x\\d{2,3}y", "x1y x1234y x123y", true, true },
		{ "\\w\\s?key", "akeykey", true, true },
		{ "abc", "", false, false },
		{ "aaab", "aaaaaab", true, true },
	};
	struct arena arena = ARENA_INIT;
	struct pattern p;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		bool whole = false, part = false;

		assert_int_equal(pattern_read(str_of(rows[i].pattern), 0, &arena, &p), 0);
		assert_true(p.n_sequences > 0);
		for (size_t k = 0; k < p.n_sequences; k++) {
			whole |= sequence_in(&p.sequences[k], str_of(rows[i].text), 0, false);
			part |= sequence_in(&p.sequences[k], str_of(rows[i].text), 0, true);
		}
		if (whole != rows[i].whole || part != rows[i].part)
			fail_msg("%s in %s: %d %d", rows[i].pattern, rows[i].text, whole, part);
	}
	/* The first of the literals must begin at @from or later. */
	assert_int_equal(pattern_read(STR_LIT("a.*b"), 0, &arena, &p), 0);
	assert_true(sequence_in(&p.sequences[0], STR_LIT("aab"), 1, false));
	assert_false(sequence_in(&p.sequences[0], STR_LIT("aab"), 2, false));
	assert_false(sequence_in(&p.sequences[0], STR_LIT("aab"), 4, false));
	assert_false(sequence_in(&p.sequences[0], (struct str){ NULL, 0 }, 0, false));
	arena_done(&arena);
}

/* Where a run could be read again from each occurrence of the literal, PCRE2 with its bounds does it. */
static void what_could_take_long_is_no_sequence(void **state)
{
	static const char *const patterns[] = {
		"^[a-z ]*foo",
		"ab[ab]+c",
		"x[a-y]{0,9999}z",
		"a[^b]{5000}c",
	};
	struct arena arena = ARENA_INIT;
	struct pattern p;

	for (size_t i = 0; i < ARRAY_SIZE(patterns); i++) {
		assert_int_equal(pattern_read(str_of(patterns[i]), 0, &arena, &p), 0);
		assert_int_equal(p.n_sequences, 0);
		assert_true(p.n_factors > 0);
	}
	arena_done(&arena);
}

/* 1 MiB of what each would like to read most often: were any of them quadratic, this would not end in
 * time. */
static void no_text_takes_long(void **state)
{
	static const struct row rows[] = {
		{ "ab\\s+cd", "ab " },
		{ "ab\\s+cd", "ab     " },
		{ "(?i)aaaaaaab", "aA" },
		{ "aaaaaaab", "a" },
		{ "^\\s*ab\\s*$", " ab" },
		{ "^\\s*ab", " " },
		{ "x[a-w]{0,9999}z", "xaaa" },
		{ "k-[a-z-]{32}=", "k-" },
		{ "a\\d+b\\d+c\\d+d", "a1b1c1" },
		{ "ab.*cd.*ef", "abcd" },
		{ "a\\s+b.*c\\s+d", "a bc" },
		{ "[a-f]{9}\\d+-[0-9a-f]{60}$", "a1-" },
		{ "(?i)-\\s+[a-z]+\\s*=", "- a" },
		{ "(?i)-p\\s+", "-p" },
		{ "(?i)irm\\s+", "IRM" },
	};
	struct arena arena = ARENA_INIT;
	struct buf text = BUF_INIT;
	struct pattern p;
	size_t n = 0;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		assert_int_equal(pattern_read(str_of(rows[i].pattern), 0, &arena, &p), 0);
		text.len = 0;
		while (text.len < 1 << 20)
			buf_text(&text, rows[i].want);
		for (size_t k = 0; k < p.n_sequences; k++, n++)
			assert_false(sequence_in(&p.sequences[k], buf_get(&text), 0, false));
	}
	assert_true(n >= ARRAY_SIZE(rows));
	buf_done(&text);
	arena_done(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(texts_runs_and_gaps),
		cmocka_unit_test(borders),
		cmocka_unit_test(what_sigma_expects),
		cmocka_unit_test(what_else_every_match_holds),
		cmocka_unit_test(what_is_not_understood),
		cmocka_unit_test(too_large),
		cmocka_unit_test(sets_are_those_of_pcre2),
		cmocka_unit_test(found_in_the_whole_and_in_a_part),
		cmocka_unit_test(what_could_take_long_is_no_sequence),
		cmocka_unit_test(no_text_takes_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
