/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Short needles; see shorts.h. They stand in lists by their byte, one set of lists for each way to find
 * them. A text is walked only where there are needles within texts, with one look at each byte.
 */
#include "engine/shorts.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "engine/fold.h"
#include "engine/scan.h"

enum edge { AT_START, AT_END, WITHIN, N_EDGES };

struct short_needle {
	uint32_t needle;
	uint32_t offset;		/* of its byte */
};

struct shorts {
	const struct needle *needles;
	/* The needles of byte c are items[first[c]] to items[first[c + 1]], the end not counted. */
	uint32_t first[N_EDGES][257];
	struct short_needle *items[N_EDGES];
	uint8_t within[256];		/* 1: there are needles with that byte */
};

static bool is_common(char c)
{
	c = ascii_lower(c);
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || memchr(" /.-_=", c, 6);
}

static enum edge edge_of(const struct needle *n)
{
	return n->place == NEEDLE_START ? AT_START : n->place == NEEDLE_END ? AT_END : WITHIN;
}

bool is_short_needle(const struct needle *n)
{
	bool found = edge_of(n) != WITHIN;

	if (n->place < NEEDLE_IN || n->len == 0 || n->len >= SCAN_MARK)
		return false;
	for (size_t i = 0; i < n->len && !found; i++)
		found = !is_common(n->text[i]);
	return found;
}

/* Where its byte is: of those that may be taken, one that few have so far. */
static uint32_t choose_byte(const struct shorts *s, const struct needle *n)
{
	uint32_t best = UINT32_MAX, least = UINT32_MAX;

	if (edge_of(n) == AT_START)
		return 0;
	if (edge_of(n) == AT_END)
		return n->len - 1;
	for (uint32_t i = 0; i < n->len; i++) {
		uint32_t crowd = s->first[WITHIN][(unsigned char)n->text[i]];

		if (!is_common(n->text[i]) && crowd < least) {
			least = crowd;
			best = i;
		}
	}
	return best;
}

static unsigned char byte_of(const struct needle *n, uint32_t offset)
{
	return (unsigned char)ascii_lower(n->text[offset]);
}

/* Counts, then sums, then fills in from the back, so that each list begins where its sum has come to. */
static int fill(struct shorts *s, const struct needle *needles, size_t n, unsigned int haystack,
		uint32_t *offsets)
{
	for (size_t i = 0; i < n; i++) {
		if (needles[i].haystack != haystack || !is_short_needle(&needles[i]))
			continue;
		offsets[i] = choose_byte(s, &needles[i]);
		s->first[edge_of(&needles[i])][byte_of(&needles[i], offsets[i])]++;
	}
	for (int edge = 0; edge < N_EDGES; edge++) {
		uint32_t total = 0;

		for (int c = 0; c < 256; c++) {
			s->within[c] |= edge == WITHIN && s->first[edge][c] > 0;
			total += s->first[edge][c];
			s->first[edge][c] = total;
		}
		s->first[edge][256] = total;
		s->items[edge] = calloc((size_t)total + 1, sizeof(*s->items[edge]));
		if (!s->items[edge])
			return -ENOMEM;
	}
	for (size_t i = n; i-- > 0;) {
		enum edge edge = edge_of(&needles[i]);

		if (needles[i].haystack != haystack || !is_short_needle(&needles[i]))
			continue;
		s->items[edge][--s->first[edge][byte_of(&needles[i], offsets[i])]] =
			(struct short_needle){ (uint32_t)i, offsets[i] };
	}
	return 0;
}

int shorts_new(const struct needle *needles, size_t n, unsigned int haystack, struct shorts **ret)
{
	_cleanup_(shorts_free) struct shorts *s = NULL;
	_cleanup_(free) uint32_t *offsets = NULL;
	size_t n_short = 0;
	int r;

	for (size_t i = 0; i < n; i++)
		n_short += needles[i].haystack == haystack && is_short_needle(&needles[i]);
	*ret = NULL;
	if (n_short == 0)
		return 0;
	s = calloc(1, sizeof(*s));
	offsets = calloc(n, sizeof(*offsets));
	if (!s || !offsets)
		return -ENOMEM;
	s->needles = needles;
	r = fill(s, needles, n, haystack, offsets);
	if (r < 0)
		return r;
	*ret = TAKE_PTR(s);
	return 0;
}

struct shorts *shorts_free(struct shorts *s)
{
	if (!s)
		return NULL;
	for (int edge = 0; edge < N_EDGES; edge++)
		free(s->items[edge]);
	free(s);
	return NULL;
}

/* Those whose byte is at @at. */
static void compare(const struct shorts *s, enum edge edge, struct str text, size_t at, struct hits *hits)
{
	unsigned char c = (unsigned char)ascii_lower(text.p[at]);

	for (uint32_t i = s->first[edge][c]; i < s->first[edge][c + 1]; i++) {
		const struct short_needle *item = &s->items[edge][i];
		const struct needle *n = &s->needles[item->needle];
		size_t start = at - item->offset;

		if (item->offset > at || n->len > text.len - start)
			continue;
		if (n->nocase ? folds_to(text.p + start, n->text, n->len) :
				memcmp(text.p + start, n->text, n->len) == 0)
			hits_add(hits, item->needle, start);
	}
}

void shorts_run(const struct shorts *s, struct str text, struct hits *hits)
{
	const uint8_t *within = s->within;
	const unsigned char *p = (const unsigned char *)text.p;
	size_t i = 0;

	if (text.len == 0)
		return;
	compare(s, AT_START, text, 0, hits);
	compare(s, AT_END, text, text.len - 1, hits);
	if (s->first[WITHIN][256] == 0)
		return;
	while (i < text.len) {
		if (i + 8 <= text.len &&
		    !(within[p[i]] | within[p[i + 1]] | within[p[i + 2]] | within[p[i + 3]] |
		      within[p[i + 4]] | within[p[i + 5]] | within[p[i + 6]] | within[p[i + 7]])) {
			i += 8;
			continue;
		}
		for (size_t end = i + 8 < text.len ? i + 8 : text.len; i < end; i++)
			if (within[p[i]])
				compare(s, WITHIN, text, i, hits);
	}
}
