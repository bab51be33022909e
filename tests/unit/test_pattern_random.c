/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Random patterns on random texts: what is read from a pattern must be what PCRE2 makes of it.
 *
 * Sequences must be found exactly where PCRE2 finds the pattern; else all that is said to be in every match
 * must be there. The patterns are made of everything that is understood, of what is not, and of the corners
 * between; the texts of what is in them.
 */
#include "tests/unit/test.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/regex.h"
#include "tests/unit/patterns.h"

#define ROUNDS 60000
#define TEXTS 12

struct world {
	uint64_t seed;
	struct buf pattern, text;
	struct arena arena;
	struct regex_scratch *scratch;
	size_t n_exact, n_factors, n_leads, n_yes;
};

static size_t pick(struct world *w, size_t n)
{
	w->seed = w->seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (w->seed >> 33) % n;
}

#define PICK(w, of) ((of)[pick(w, ARRAY_SIZE(of))])

static const char *const bytes[] = {
	"a",   "a",   "b",   "ab",  "abc",   "A",	"B",   "-",	   " ",	       "_",
	"1",   "ab1", "\\.", "\\n", "\\x41", "\\x{62}", "\\t", "\\041",	   "\\Qa*\\E", "\\Q\\E",
	"\\E", "}",   "]",   "{",   "a{,2}", "{1",	"\\-", "\xc3\xa4", "\\xe4",
};
static const char *const sets[] = {
	".",
	".",
	"\\s",
	"\\s",
	"\\S",
	"\\w",
	"\\W",
	"\\d",
	"\\D",
	"\\h",
	"\\v",
	"\\N",
	"[ab]",
	"[aA]",
	"[^a]",
	"[^\\n]",
	"[a-c]",
	"[a-c-]",
	"[-a]",
	"[\\w-]",
	"[\\s\\S]",
	"[[:upper:]]",
	"[[:^lower:]]",
	"[]a]",
	"[^]a]",
	"[\\x00-\\x20]",
	"[a\\]b]",
	"[.]",
	"[a-]",
	"[b-b]",
	"[A-Z_]",
	"[^\\w ]",
	"[[:space:]a]",
	"[\\b]",
	"[^\\s\\S]",
	"[a[]",
	"[+--]",
	"[a-b-]",
	"\\R",
	"\\p{L}",
};
static const char *const places[] = {
	"^",   "$",   "^",     "$",	"\\A",	  "\\z",    "\\Z", "\\b",
	"\\b", "\\B", "(?=a)", "(?!a)", "(?<=b)", "(?<!b)", "\\1", "\\G",
};
static const char *const settings[] = {
	"(?i)", "(?-i)", "(?s)", "(?-s)", "(?i-s)", "(?m)", "(?-m)", "(?n)", "(?#a)", "(?x)", "(?U)",
};
static const char *const groups[] = {
	"(",	"(",	 "(?:",	  "(?:", "(?:", "(?i:", "(?-i:",
	"(?s:", "(?-s:", "(?<n>", "(?>", "(?|", "(?m:", "(?'q'",
};
static const char *const quantifiers[] = {
	"*",  "*",  "+",  "+",	    "?",  "?",	"{2}",	"{0,2}", "{1,3}", "{2,}", "{0}",
	"*?", "+?", "??", "{1,2}?", "++", "*+", "{2}+", "{,2}",	 "{1,1}", "{0,}",
};

static void put_branch(struct world *w, size_t depth);

static void put_choice(struct world *w, size_t depth)
{
	put_branch(w, depth);
	while (pick(w, 3) == 0) {
		buf_char(&w->pattern, '|');
		put_branch(w, depth);
	}
}

static void put_item(struct world *w, size_t depth)
{
	size_t kind = pick(w, 24);

	if (kind < 9) {
		buf_text(&w->pattern, PICK(w, bytes));
	} else if (kind < 14) {
		buf_text(&w->pattern, PICK(w, sets));
	} else if (kind < 17) {
		buf_text(&w->pattern, pick(w, 3) ? ".*" : "\\s+");
		return;
	} else if (kind < 19) {
		buf_text(&w->pattern, PICK(w, places));
		return;
	} else if (kind == 19) {
		buf_text(&w->pattern, PICK(w, settings));
		return;
	} else if (depth > 0) {
		buf_text(&w->pattern, PICK(w, groups));
		put_choice(w, depth - 1);
		buf_char(&w->pattern, ')');
	}
	if (pick(w, 4) == 0)
		buf_text(&w->pattern, PICK(w, quantifiers));
}

static void put_branch(struct world *w, size_t depth)
{
	for (size_t n = pick(w, 5) + (pick(w, 8) > 0); n > 0; n--)
		put_item(w, depth);
}

/* Bytes of the pattern, which also are what its escapes and sets stand for, and now and then any other. */
static void put_text(struct world *w, struct str pattern)
{
	static const char common[] = "aaabbcABC--  __11..\n\n\t!*\xe4\x85";

	w->text.len = 0;
	for (size_t n = pick(w, 14); n > 0; n--) {
		size_t kind = pick(w, 8);

		if (kind == 0 && pattern.len > 0)
			buf_char(&w->text, pattern.p[pick(w, pattern.len)]);
		else if (kind == 1)
			buf_text(&w->text, PICK(w, bytes));
		else if (kind == 2)
			buf_char(&w->text, (char)pick(w, 256));
		else
			buf_char(&w->text, common[pick(w, sizeof(common) - 1)]);
	}
}

/* From the first occurrence of the literal on nothing else may be found than from the start. */
static bool is_found_from_hit(const struct sequence *s, struct str text)
{
	for (size_t i = 0; i < text.len; i++)
		if (literal_at(&s->literal, text, i))
			return sequence_in(s, text, i, false) == sequence_in(s, text, 0, false);
	return !sequence_in(s, text, 0, false);
}

static struct regex *compiled(struct str pattern, unsigned int flags)
{
	struct regex_error error;
	struct regex *re = NULL;

	if (regex_new(pattern, flags, &error, &re) == 0)
		assert_int_equal(regex_prepare(re, false), 0);
	return re;
}

/* Does a match begin where one of the literals that are in the text lets it? */
static bool is_within_lead(struct world *w, const struct regex *re, const struct pattern *p, struct str text)
{
	const struct factor *f = &p->factors[0];

	for (size_t i = 0; i < text.len; i++)
		for (size_t k = 0; k < f->n_literals; k++)
			if (literal_at(&f->literals[k], text, i) &&
			    regex_search_between(re, text, i > p->lead ? i - p->lead : 0, i, w->scratch))
				return true;
	return false;
}

static void fail_on(const char *what, struct world *w, unsigned int flags)
{
	struct str pattern = buf_get(&w->pattern), text = buf_get(&w->text);

	print_message("pattern (flags %u): %.*s\ntext:", flags, STR_ARG(pattern));
	for (size_t i = 0; i < text.len; i++)
		print_message(" %02x", (unsigned char)text.p[i]);
	fail_msg(" %s", what);
}

static void check_exact(struct world *w, unsigned int flags, const struct regex *re, const struct pattern *p,
			enum truth want)
{
	struct str text = buf_get(&w->text);
	bool part;

	if (want != truth_of(sequences_in(p, text, false)))
		fail_on(want ? "is not found" : "is found", w, flags);
	for (size_t i = 0; i < p->n_sequences; i++)
		if (!is_found_from_hit(&p->sequences[i], text))
			fail_on("is not found from the hit", w, flags);
	for (size_t i = 0; i < p->n_sequences; i++)
		if (sequence_in(&p->sequences[i], text, 0, false) && !rarest_are_in(&p->sequences[i], text))
			fail_on("is found without its rarest text", w, flags);

	/* What is in a part stays so, however the text goes on, and all is found that is sure to stay. */
	text.len = pick(w, text.len + 1);
	part = sequences_in(p, text, true);
	if (part && want == TRUTH_NO)
		fail_on("is found in a part only", w, flags);
	if (!part && regex_search(re, text, true, w->scratch) == TRUTH_YES)
		fail_on("is not found in a part", w, flags);
}

static void check_factors(struct world *w, unsigned int flags, const struct regex *re,
			  const struct pattern *p)
{
	struct str text = buf_get(&w->text);

	for (size_t i = 0; i < p->n_factors; i++)
		if (!factor_holds(&p->factors[i], text))
			fail_on("matches, and a factor does not hold", w, flags);
	if (p->n_factors > 0 && p->factors[0].n_literals > 0 && p->lead != SIZE_MAX) {
		w->n_leads++;
		if (!is_within_lead(w, re, p, text))
			fail_on("matches, but not near a literal", w, flags);
	}
}

static void check_pattern(struct world *w, const struct regex *re, unsigned int flags)
{
	struct str pattern = buf_get(&w->pattern);
	struct pattern p;
	enum truth want;

	assert_int_equal(pattern_read(pattern, flags, &w->arena, &p), 0);
	w->n_exact += p.n_sequences > 0;
	w->n_factors += p.n_factors > 0;
	for (size_t i = 0; i < TEXTS; i++) {
		put_text(w, pattern);
		want = regex_search(re, buf_get(&w->text), false, w->scratch);
		if (want == TRUTH_UNDECIDED)
			continue;
		w->n_yes += want == TRUTH_YES;
		if (want == TRUTH_YES && w->text.len < p.min_length)
			fail_on("matches, and is shorter than any match", w, flags);
		if (p.n_sequences > 0)
			check_exact(w, flags, re, &p, want);
		else if (want == TRUTH_YES)
			check_factors(w, flags, re, &p);
	}
}

static void is_what_pcre2_makes_of_it(void **state)
{
	struct world w = { .seed = 1, .pattern = BUF_INIT, .text = BUF_INIT, .arena = ARENA_INIT };
	const char *rounds = getenv("ROUNDS"), *seed = getenv("SEED");
	size_t n = rounds ? (size_t)strtoul(rounds, NULL, 10) : ROUNDS, taken = 0;
	struct regex *re;

	if (seed)
		w.seed = strtoul(seed, NULL, 10);
	assert_int_equal(regex_scratch_new(&w.scratch), 0);
	for (size_t i = 0; i < n; i++) {
		unsigned int flags = pick(&w, 3) == 0 ? REGEX_SIGMA : 0;

		w.pattern.len = 0;
		if (pick(&w, 4) == 0)
			buf_text(&w.pattern, "(?i)");
		put_choice(&w, 2);
		assert_int_equal(w.pattern.error, 0);
		re = compiled(buf_get(&w.pattern), flags);
		if (!re)
			continue;
		check_pattern(&w, re, flags);
		regex_free(re);
		arena_reset(&w.arena);
		taken++;
	}
	print_message("# %zu patterns, %zu exact, %zu with factors; %zu matches, %zu of them with a lead\n",
		      taken, w.n_exact, w.n_factors, w.n_yes, w.n_leads);
	/* Each kind is there, or this tests nothing. */
	assert_true(taken > n / 2 && w.n_exact > n / 20 && w.n_yes > n);
	regex_scratch_free(w.scratch);
	arena_done(&w.arena);
	buf_done(&w.pattern);
	buf_done(&w.text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(is_what_pcre2_makes_of_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
