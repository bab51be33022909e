/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Finding needles, by scan and by hash, against looking for each of them by itself; on texts that cross the
 * borders of the pieces in which a scan works, and through the cache of texts.
 */
#include "tests/unit/test.h"

#include <string.h>

#include "base/cleanup.h"
#include "engine/lookup.h"
#include "engine/scan.h"
#include "engine/shorts.h"
#include "engine/text_cache.h"

#define N_NEEDLES 300
#define MOST_TEXT 5000

struct world {
	uint64_t seed;
	struct needle needles[N_NEEDLES];
	char memory[N_NEEDLES][40];
	uint32_t first_rule[N_NEEDLES + 1];
	uint64_t bits[N_NEEDLES / 64 + 1], candidates[1], words[1];
	struct hit_places places[N_NEEDLES];
	uint32_t found[N_NEEDLES];
	struct hits hits;
};

static size_t pick(struct world *w, size_t n)
{
	w->seed = w->seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (w->seed >> 33) % n;
}

/* Few letters, so that needles overlap, hold each other and come often. */
static void fill_text(struct world *w, char *to, size_t n, bool lower)
{
	static const char letters[] = "aAbB/-|\xe4";

	for (size_t i = 0; i < n; i++) {
		to[i] = letters[pick(w, sizeof(letters) - 1)];
		if (lower)
			to[i] = ascii_lower(to[i]);
	}
}

static void fill_needles(struct world *w)
{
	for (size_t i = 0; i < N_NEEDLES; i++) {
		struct needle *n = &w->needles[i];

		n->place = (uint8_t)pick(w, NEEDLE_END + 1);
		n->nocase = pick(w, 2);
		n->haystack = (uint16_t)pick(w, 2);
		n->len = (uint32_t)(1 + pick(w, pick(w, 2) ? 12 : 4));
		fill_text(w, w->memory[i], n->len, n->nocase);
		/* A single byte has to be one that is not common. */
		if (n->place >= NEEDLE_IN && n->len == 1)
			w->memory[i][0] = pick(w, 2) ? '|' : '\xe4';
		if (n->place == NEEDLE_NAME)
			for (size_t k = 0; k < n->len; k++)
				w->memory[i][k] = k == 0		   ? '/'
						  : w->memory[i][k] == '/' ? 'a'
									   : w->memory[i][k];
		n->text = w->memory[i];
	}
}

static void forget(struct world *w)
{
	memset(w->bits, 0, sizeof(w->bits));
	w->hits = (struct hits){
		.bits = w->bits, .places = w->places, .found = w->found, .first_rule = w->first_rule,
		.candidates = w->candidates, .words = w->words,
	};
}

/* The first and the last place of a needle that may be anywhere. */
static void check_places(const struct needle *n, struct str text, const struct hit_places *places)
{
	size_t first = SIZE_MAX, last = 0;

	for (size_t i = 0; i + n->len <= text.len; i++) {
		struct str part = { text.p + i, n->len };

		if (n->nocase ? !str_eq_nocase(part, needle_text(n)) : !str_eq(part, needle_text(n)))
			continue;
		first = first == SIZE_MAX ? i : first;
		last = i;
	}
	assert_int_equal(places->first, first);
	assert_int_equal(places->last, last);
}

static size_t check(struct world *w, unsigned int haystack, struct str text)
{
	size_t n = 0;

	for (uint32_t i = 0; i < N_NEEDLES; i++) {
		const struct needle *needle = &w->needles[i];
		bool holds = needle->haystack == haystack && needle_holds(needle, text);

		if (hits_have(&w->hits, i) != holds)
			fail_msg("needle %.*s place %d nocase %d in %.*s: %d", (int)needle->len, needle->text,
				 needle->place, needle->nocase, STR_ARG(text), !holds);
		n += holds;
		if (holds && (needle->place == NEEDLE_IN || needle->place == NEEDLE_IN_WORD))
			check_places(needle, text, &w->hits.places[i]);
	}
	assert_int_equal(w->hits.n, n);
	return n;
}

static void search(struct world *w, const struct scan *scan, const struct shorts *shorts,
		   const struct lookup *lookup, unsigned int haystack, struct str text)
{
	const char *slash = text.len ? memrchr(text.p, '/', text.len) : NULL;

	lookup_run(lookup, haystack, NEEDLE_WHOLE, text, &w->hits);
	if (slash)
		lookup_run(lookup, haystack, NEEDLE_NAME, str_skip(text, (size_t)(slash - text.p)),
			   &w->hits);
	shorts_run(shorts, text, &w->hits);
	scan_run(scan, text, &w->hits);
}

static void finds_what_is_there(void **state)
{
	static struct world w = { .seed = 7 };
	static char text[MOST_TEXT];
	size_t found = 0;

	for (int round = 0; round < 40; round++) {
		_cleanup_(scan_free) struct scan *one = NULL;
		_cleanup_(scan_free) struct scan *other = NULL;
		_cleanup_(shorts_free) struct shorts *shorts = NULL;
		_cleanup_(shorts_free) struct shorts *other_shorts = NULL;
		_cleanup_(lookup_free) struct lookup *lookup = NULL;

		fill_needles(&w);
		assert_int_equal(scan_new(w.needles, N_NEEDLES, 0, &one), 0);
		assert_int_equal(scan_new(w.needles, N_NEEDLES, 1, &other), 0);
		assert_int_equal(shorts_new(w.needles, N_NEEDLES, 0, &shorts), 0);
		assert_int_equal(shorts_new(w.needles, N_NEEDLES, 1, &other_shorts), 0);
		assert_int_equal(lookup_new(w.needles, N_NEEDLES, &lookup), 0);
		for (int k = 0; k < 60; k++) {
			size_t len = k % 20 == 0 ? pick(&w, MOST_TEXT) : pick(&w, 40);
			unsigned int haystack = (unsigned int)pick(&w, 2);

			fill_text(&w, text, len, pick(&w, 3) == 0);
			forget(&w);
			search(&w, haystack ? other : one, haystack ? other_shorts : shorts, lookup, haystack,
			       (struct str){ text, len });
			found += check(&w, haystack, (struct str){ text, len });
		}
	}
	assert_true(found > 1000);
}

static void crosses_borders(void **state)
{
	static struct world w;
	static char text[MOST_TEXT];
	struct needle *n = &w.needles[0];

	*n = (struct needle){ .text = "needle in the hay", .len = 17, .place = NEEDLE_IN };
	for (size_t at = 0; at + n->len <= 2100; at++) {
		_cleanup_(scan_free) struct scan *scan = NULL;

		memset(text, 'n', 2100);
		memcpy(text + at, n->text, n->len);
		assert_int_equal(scan_new(n, 1, 0, &scan), 0);
		forget(&w);
		scan_run(scan, (struct str){ text, 2100 }, &w.hits);
		assert_int_equal(w.hits.n, 1);
		assert_int_equal(w.places[0].first, at);
		assert_int_equal(w.places[0].last, at);
	}
}

static void nothing_to_scan_for(void **state)
{
	static struct world w;
	struct scan *scan;

	w.needles[0] = (struct needle){ .text = "whole", .len = 5, .place = NEEDLE_WHOLE };
	w.needles[1] = (struct needle){ .text = "elsewhere", .len = 9, .place = NEEDLE_IN, .haystack = 1 };
	assert_int_equal(scan_new(w.needles, 2, 0, &scan), 0);
	assert_null(scan);
	assert_int_equal(scan_new(w.needles, 0, 0, &scan), 0);
	assert_null(scan);
}

static void gathers_rules(void **state)
{
	static struct world w;
	static const uint32_t first_rule[] = { 0, 2, 2, 3 }, rules[] = { 5, 63, 5 };

	forget(&w);
	w.hits.first_rule = first_rule;
	w.hits.rules = rules;
	hits_add(&w.hits, 1, 9);
	assert_int_equal(w.words[0], 0);
	hits_add(&w.hits, 0, 9);
	hits_add(&w.hits, 0, 12);
	hits_add(&w.hits, 2, 0);
	assert_true(w.candidates[0] == (UINT64_C(1) << 5 | UINT64_C(1) << 63));
	assert_int_equal(w.words[0], 1);
	assert_int_equal(w.hits.n, 3);
	assert_int_equal(w.places[0].first, 9);
	assert_int_equal(w.places[0].last, 12);
}

static void remembers_texts(void **state)
{
	static struct world w;
	_cleanup_(text_cache_free) struct text_cache *cache = NULL;
	struct str text = STR_LIT("a text that comes again"),
		   same_length = STR_LIT("a text that came before");

	assert_int_equal(text_cache_new(&cache), 0);
	assert_true(text_cache_takes(text.len));
	assert_false(text_cache_takes(1));
	assert_false(text_cache_takes(100000));
	forget(&w);
	assert_false(text_cache_recall(cache, 3, text, &w.hits));
	hits_add(&w.hits, 8, 1);
	hits_add(&w.hits, 4, 2);
	hits_add(&w.hits, 4, 6);
	hits_add(&w.hits, 70, 5);
	/* The first of them is not the text's. */
	text_cache_keep(cache, 3, text, &w.hits, 1);

	forget(&w);
	memset(w.places, 0, sizeof(w.places));
	assert_false(text_cache_recall(cache, 2, text, &w.hits));
	assert_false(text_cache_recall(cache, 3, same_length, &w.hits));
	assert_int_equal(w.hits.n, 0);
	assert_true(text_cache_recall(cache, 3, text, &w.hits));
	assert_int_equal(w.hits.n, 2);
	assert_false(hits_have(&w.hits, 8));
	assert_true(hits_have(&w.hits, 4));
	assert_true(hits_have(&w.hits, 70));
	assert_int_equal(w.places[4].first, 2);
	assert_int_equal(w.places[4].last, 6);

	/* Too much was found to keep it. */
	forget(&w);
	assert_false(text_cache_recall(cache, 3, same_length, &w.hits));
	for (uint32_t i = 0; i < N_NEEDLES; i++)
		hits_add(&w.hits, i, i);
	text_cache_keep(cache, 3, same_length, &w.hits, 0);
	assert_false(text_cache_recall(cache, 3, same_length, &w.hits));
}

/* A text of its own for each number, of any length that is kept. */
static struct str numbered(char *buf, size_t n)
{
	size_t len = 8 + n * 7919 % 4089;

	memset(buf, 'a' + (int)(n % 26), len);
	memcpy(buf, &n, sizeof(n));
	return (struct str){ buf, len };
}

/* Many times what there is room for. What is still there is right, and the last one always is. */
static void forgets_old_texts(void **state)
{
	static struct world w;
	_cleanup_(text_cache_free) struct text_cache *cache = NULL;
	size_t remembered = 0, newest = 3000;
	char buf[8192];

	assert_int_equal(text_cache_new(&cache), 0);
	for (size_t n = 0; n < newest; n++) {
		struct str text = numbered(buf, n);

		assert_true(text_cache_takes(text.len));
		forget(&w);
		assert_false(text_cache_recall(cache, 0, text, &w.hits));
		hits_add(&w.hits, (uint32_t)(n % N_NEEDLES), n % 8);
		text_cache_keep(cache, 0, text, &w.hits, 0);
		forget(&w);
		assert_true(text_cache_recall(cache, 0, text, &w.hits));
	}
	for (size_t n = 0; n < newest; n++) {
		forget(&w);
		if (!text_cache_recall(cache, 0, numbered(buf, n), &w.hits))
			continue;
		remembered++;
		assert_int_equal(w.hits.n, 1);
		assert_int_equal(w.found[0], n % N_NEEDLES);
		assert_int_equal(w.places[n % N_NEEDLES].first, n % 8);
	}
	assert_in_range(remembered, 100, newest / 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_what_is_there),
		cmocka_unit_test(crosses_borders),
		cmocka_unit_test(nothing_to_scan_for),
		cmocka_unit_test(gathers_rules),
		cmocka_unit_test(remembers_texts),
		cmocka_unit_test(forgets_old_texts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
