/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Short needles; see shorts.h. They stand in lists, one set of lists for each way to find them. Within a
 * text there is one look at each pair of neighbouring bytes: in a table of bits, case and all. What has one
 * byte is in there with whatever may be behind that.
 */
#include "engine/shorts.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "engine/frequency.h"
#include "engine/scan.h"

enum kind { AT_START, AT_END, OF_BYTE, OF_PAIR, N_KINDS };

/* By byte, and by a number made of a pair. */
#define N_LISTS 256
#define N_PAIRS (1 << 16)

/* With its text, so that the needle need not be looked at. */
struct short_needle {
	uint32_t needle;
	uint8_t offset;			/* of its byte or pair */
	uint8_t len;
	bool nocase;
	char text[SCAN_MARK - 1];
};

struct shorts {
	/* The needles of list k are items[first[k]] to items[first[k + 1]], the end not counted. */
	uint32_t first[N_KINDS][N_LISTS + 1];
	struct short_needle *items[N_KINDS];
	bool within;			/* there are needles OF_BYTE or OF_PAIR */
	uint64_t pairs[N_PAIRS / 64];	/* there may be a needle where those two bytes are */
};

static bool is_common(char c)
{
	c = ascii_lower(c);
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || memchr(" /.-_=", c, 6);
}

bool is_short_needle(const struct needle *n)
{
	if (n->place < NEEDLE_IN || n->len == 0 || n->len >= SCAN_MARK)
		return false;
	return n->len > 1 || n->place == NEEDLE_START || n->place == NEEDLE_END || !is_common(n->text[0]);
}

static enum kind kind_of(const struct needle *n)
{
	if (n->place == NEEDLE_START)
		return AT_START;
	if (n->place == NEEDLE_END)
		return AT_END;
	return n->len == 1 ? OF_BYTE : OF_PAIR;
}

static uint32_t list_of_byte(char c)
{
	return (unsigned char)ascii_lower(c);
}

static uint32_t list_of_pair(char a, char b)
{
	return (list_of_byte(a) * 37 + list_of_byte(b)) % N_LISTS;
}

static uint32_t choose_pair(const struct needle *n)
{
	float least = 0, share;
	uint32_t best = 0;

	for (uint32_t i = 0; i + 1 < n->len; i++) {
		const char lower[] = { ascii_lower(n->text[i]), ascii_lower(n->text[i + 1]) };

		share = frequency_in_line((struct str){ lower, 2 });
		if (i == 0 || share < least) {
			least = share;
			best = i;
		}
	}
	return best;
}

static uint32_t offset_of(const struct needle *n)
{
	if (kind_of(n) == OF_PAIR)
		return choose_pair(n);
	return kind_of(n) == AT_END ? n->len - 1 : 0;
}

static uint32_t list_of(const struct needle *n, uint32_t offset)
{
	return kind_of(n) == OF_PAIR ? list_of_pair(n->text[offset], n->text[offset + 1]) :
				       list_of_byte(n->text[offset]);
}

static inline unsigned int load_pair(const char *p)
{
	uint16_t pair;

	memcpy(&pair, p, sizeof(pair));
	return pair;
}

static void set_pair(struct shorts *s, unsigned int a, unsigned int b)
{
	const char bytes[] = { (char)a, (char)b };
	unsigned int pair = load_pair(bytes);

	s->pairs[pair / 64] |= UINT64_C(1) << pair % 64;
}

/* May @c stand where the needle has @own? */
static bool stands_for(const struct needle *n, unsigned int c, char own)
{
	return c == (unsigned char)own || (n->nocase && ascii_lower((char)c) == own);
}

static void set_pairs(struct shorts *s, const struct needle *n, uint32_t offset)
{
	for (unsigned int a = 0; a < 256; a++) {
		if (!stands_for(n, a, n->text[offset]))
			continue;
		for (unsigned int b = 0; b < 256; b++)
			if (n->len == 1 || stands_for(n, b, n->text[offset + 1]))
				set_pair(s, a, b);
	}
	s->within = true;
}

/* Counts, then sums, then fills in from the back, so that each list begins where its sum has come to. */
static int fill(struct shorts *s, const struct needle *needles, size_t n, unsigned int haystack,
		uint32_t *offsets)
{
	for (size_t i = 0; i < n; i++) {
		enum kind kind = kind_of(&needles[i]);

		if (needles[i].haystack != haystack || !is_short_needle(&needles[i]))
			continue;
		offsets[i] = offset_of(&needles[i]);
		s->first[kind][list_of(&needles[i], offsets[i])]++;
		if (kind == OF_BYTE || kind == OF_PAIR)
			set_pairs(s, &needles[i], offsets[i]);
	}
	for (int kind = 0; kind < N_KINDS; kind++) {
		uint32_t total = 0;

		for (int k = 0; k <= N_LISTS; k++) {
			total += s->first[kind][k];
			s->first[kind][k] = total;
		}
		s->items[kind] = calloc((size_t)total + 1, sizeof(*s->items[kind]));
		if (!s->items[kind])
			return -ENOMEM;
	}
	for (size_t i = n; i-- > 0;) {
		enum kind kind = kind_of(&needles[i]);
		struct short_needle *item;

		if (needles[i].haystack != haystack || !is_short_needle(&needles[i]))
			continue;
		item = &s->items[kind][--s->first[kind][list_of(&needles[i], offsets[i])]];
		*item = (struct short_needle){
			.needle = (uint32_t)i,
			.offset = (uint8_t)offsets[i],
			.len = (uint8_t)needles[i].len,
			.nocase = needles[i].nocase,
		};
		memcpy(item->text, needles[i].text, needles[i].len);
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
	for (int kind = 0; kind < N_KINDS; kind++)
		free(s->items[kind]);
	free(s);
	return NULL;
}

static bool is_at(const struct short_needle *item, const char *p)
{
	for (uint8_t i = 0; i < item->len; i++)
		if ((item->nocase ? ascii_lower(p[i]) : p[i]) != item->text[i])
			return false;
	return true;
}

/* Those in the list whose byte or pair is at @at. */
static void compare(const struct shorts *s, enum kind kind, uint32_t list, struct str text, size_t at,
		    struct hits *hits)
{
	for (uint32_t i = s->first[kind][list]; i < s->first[kind][list + 1]; i++) {
		const struct short_needle *item = &s->items[kind][i];
		size_t start = at - item->offset;

		if (item->offset <= at && item->len <= text.len - start && is_at(item, text.p + start))
			hits_add(hits, item->needle, start);
	}
}

/* Apart from the loop that calls it, for which there are enough registers then. */
static __attribute__((noinline)) void compare_pair(const struct shorts *s, struct str text, size_t at,
						   struct hits *hits)
{
	compare(s, OF_PAIR, list_of_pair(text.p[at], text.p[at + 1]), text, at, hits);
	compare(s, OF_BYTE, list_of_byte(text.p[at]), text, at, hits);
}

void shorts_run(const struct shorts *s, struct str text, struct hits *hits)
{
	const uint64_t *pairs = s->pairs;
	const char *last;

	if (text.len == 0)
		return;
	last = text.p + text.len - 1;
	compare(s, AT_START, list_of_byte(text.p[0]), text, 0, hits);
	compare(s, AT_END, list_of_byte(*last), text, text.len - 1, hits);
	if (!s->within)
		return;
#pragma GCC unroll 4
	for (const char *p = text.p; p < last; p++) {
		unsigned int pair = load_pair(p);

		if (pairs[pair / 64] >> pair % 64 & 1)
			compare_pair(s, text, (size_t)(p - text.p), hits);
	}
	compare(s, OF_BYTE, list_of_byte(*last), text, text.len - 1, hits);
}
