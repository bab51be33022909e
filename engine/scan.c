/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The scanner; see scan.h. Marks are compared without regard to case and to the kind of blank, whatever
 * their needles ask for. The text is folded in pieces that stay in the nearest cache, so that it may be of
 * any length; comparing is done in the text itself, so that no needle is cut by the border of a piece.
 */
#include "engine/scan.h"

#include <errno.h>

#include "engine/fold.h"
#include "engine/frequency.h"

/* Bytes folded at once. */
#define PIECE 1024
/* Bits in the table of marks for each mark: one of so many lets a wrong one through. */
#define BITS_PER_MARK 32
/* A needle's mark is sought in so many bytes at its start. */
#define MARK_REACH 64
/* A mark that so many needles have already is as bad as one that is so much more frequent. */
#define CROWD_PENALTY 0.0002f

/* One of the needles with a mark, and what most of them fail by, so that they need not be looked at. */
struct bearer {
	uint32_t needle;
	uint32_t len;
	uint32_t check;			/* four more of its bytes, in lower case: the last ones */
	uint16_t offset;		/* of the mark in the needle */
	bool is_last;			/* with this mark */
};

struct mark {
	uint32_t bytes;
	uint32_t first;			/* of its bearers; FREE: there is no mark here */
};

#define FREE UINT32_MAX

/* Estimates made before, while a scanner is built. */
#define ESTIMATE_BITS 14

struct estimates {
	struct estimate {
		uint32_t bytes;
		float share;		/* 0: none */
	} item[1 << ESTIMATE_BITS];
};

struct scan {
	const struct needle *needles;
	uint64_t *bits;
	unsigned int shift;		/* of a hash, to a number of a bit */
	struct mark *marks;		/* open addressing */
	unsigned int mark_shift;	/* of a hash, to a number of a mark */
	uint32_t mask;
	struct bearer *bearers;
};

static uint32_t hash_of(uint32_t bytes)
{
	return bytes * UINT32_C(2654435761);
}

static struct mark *find_mark(const struct scan *s, uint32_t bytes)
{
	uint32_t i = hash_of(bytes) >> s->mark_shift;

	while (s->marks[i].first != FREE && s->marks[i].bytes != bytes)
		i = (i + 1) & s->mask;
	return &s->marks[i];
}

static bool is_scanned(const struct needle *n, unsigned int haystack)
{
	return n->haystack == haystack && n->place >= NEEDLE_IN && n->len >= SCAN_MARK;
}

/* As marks are compared. */
static uint32_t folded_half(const char *p)
{
	char folded[SCAN_MARK];

	fold_blanks(folded, p, SCAN_MARK);
	return load_half(folded);
}

/* Of four bytes: needles have most of theirs in common with others. */
static float estimate(struct estimates *known, const char *lower)
{
	uint32_t bytes = load_half(lower);
	struct estimate *e = &known->item[hash_of(bytes) >> (32 - ESTIMATE_BITS)];

	if (e->share == 0 || e->bytes != bytes)
		*e = (struct estimate){ bytes, frequency_in_line((struct str){ lower, SCAN_MARK }) };
	return e->share;
}

/* While the scanner is built, a mark's `first` counts its bearers. */
static uint16_t choose_mark(const struct scan *s, const struct needle *n, struct estimates *known)
{
	size_t end = n->len < MARK_REACH ? n->len : MARK_REACH;
	char lower[MARK_REACH];
	float least = 0;
	uint16_t best = 0;

	fold_blanks(lower, n->text, end);
	for (size_t i = 0; i + SCAN_MARK <= end; i++) {
		const struct mark *m = find_mark(s, load_half(lower + i));
		float badness = estimate(known, lower + i);

		if (m->first != FREE)
			badness += (float)m->first * CROWD_PENALTY;
		if (i == 0 || badness < least) {
			least = badness;
			best = (uint16_t)i;
		}
	}
	return best;
}

/* @n needles, each with a mark of its own at worst. */
static int allocate(struct scan *s, size_t n)
{
	size_t n_bits = 64, n_marks = 4;

	while (n_bits < n * BITS_PER_MARK)
		n_bits *= 2;
	while (n_marks < n * 2)
		n_marks *= 2;
	if (n_bits > UINT32_MAX / 2)
		return -ENOMEM;
	s->shift = (unsigned int)__builtin_clzll(n_bits) - 31;
	s->mark_shift = (unsigned int)__builtin_clzll(n_marks) - 31;
	s->mask = (uint32_t)n_marks - 1;
	s->bits = calloc(n_bits / 64, sizeof(*s->bits));
	s->marks = malloc(n_marks * sizeof(*s->marks));
	s->bearers = calloc(n, sizeof(*s->bearers));
	if (!s->bits || !s->marks || !s->bearers)
		return -ENOMEM;
	for (size_t i = 0; i < n_marks; i++)
		s->marks[i].first = FREE;
	return 0;
}

static void set_bit(struct scan *s, uint32_t bytes)
{
	uint32_t bit = hash_of(bytes) >> s->shift;

	s->bits[bit / 64] |= UINT64_C(1) << bit % 64;
}

/* Gives each needle its mark, then each mark its part of the bearers. */
static void fill(struct scan *s, const struct needle *needles, size_t n, unsigned int haystack,
		 uint16_t *offsets, struct estimates *known)
{
	uint32_t next = 0;

	for (size_t i = 0; i < n; i++) {
		struct mark *m;

		if (!is_scanned(&needles[i], haystack))
			continue;
		offsets[i] = choose_mark(s, &needles[i], known);
		m = find_mark(s, folded_half(needles[i].text + offsets[i]));
		m->bytes = folded_half(needles[i].text + offsets[i]);
		m->first = m->first == FREE ? 1 : m->first + 1;
		set_bit(s, m->bytes);
	}
	for (uint32_t i = 0; i <= s->mask; i++) {
		if (s->marks[i].first == FREE)
			continue;
		next += s->marks[i].first;
		s->bearers[next - 1].is_last = true;
		s->marks[i].first = next;
	}
	/* From the back, so that each mark ends up at the first of its own. */
	for (size_t i = n; i-- > 0;) {
		struct bearer *b;

		if (!is_scanned(&needles[i], haystack))
			continue;
		b = &s->bearers[--find_mark(s, folded_half(needles[i].text + offsets[i]))->first];
		b->needle = (uint32_t)i;
		b->len = needles[i].len;
		b->offset = offsets[i];
		b->check = folded_half(needles[i].text + needles[i].len - SCAN_MARK);
	}
}

int scan_new(const struct needle *needles, size_t n, unsigned int haystack, struct scan **ret)
{
	_cleanup_(scan_free) struct scan *s = NULL;
	_cleanup_(free) struct estimates *known = NULL;
	_cleanup_(free) uint16_t *offsets = NULL;
	size_t n_scanned = 0;
	int r;

	for (size_t i = 0; i < n; i++)
		n_scanned += is_scanned(&needles[i], haystack);
	*ret = NULL;
	if (n_scanned == 0)
		return 0;
	s = calloc(1, sizeof(*s));
	offsets = calloc(n, sizeof(*offsets));
	known = calloc(1, sizeof(*known));
	if (!s || !offsets || !known)
		return -ENOMEM;
	s->needles = needles;
	r = allocate(s, n_scanned);
	if (r < 0)
		return r;
	fill(s, needles, n, haystack, offsets, known);
	*ret = TAKE_PTR(s);
	return 0;
}

struct scan *scan_free(struct scan *s)
{
	if (!s)
		return NULL;
	free(s->bits);
	free(s->marks);
	free(s->bearers);
	free(s);
	return NULL;
}

/* Is the needle at @raw, if all blanks were spaces? */
static bool blanks_to(const char *raw, const struct needle *n)
{
	for (size_t i = 0; i < n->len; i++) {
		char c = is_blank(raw[i]) ? ' ' : raw[i];

		if ((n->nocase ? ascii_lower(c) : c) != n->text[i])
			return false;
	}
	return true;
}

/* Is the needle at @at, and is it there where it should be? */
static bool is_there(const struct needle *n, struct str text, size_t at)
{
	if (n->place == NEEDLE_START && at != 0)
		return false;
	if (n->place == NEEDLE_END && at + n->len != text.len)
		return false;
	if (n->blanks)
		return blanks_to(text.p + at, n);
	return n->nocase ? folds_to(text.p + at, n->text, n->len) :
			   memcmp(text.p + at, n->text, n->len) == 0;
}

/* All that have the mark @bytes, which is at @at of the text. Apart from the loop that calls it, for which
 * there are enough registers then. */
static __attribute__((noinline)) void compare(const struct scan *s, uint32_t bytes, struct str text,
					      size_t at, struct hits *hits)
{
	const struct mark *m = find_mark(s, bytes);
	const struct bearer *b;

	if (m->first == FREE)
		return;
	b = &s->bearers[m->first];
	do {
		size_t start = at - b->offset;

		if (b->offset > at || b->len > text.len - start)
			continue;
		if (folded_half(text.p + start + b->len - SCAN_MARK) == b->check &&
		    is_there(&s->needles[b->needle], text, start))
			hits_add(hits, b->needle, start);
	} while (!b++->is_last);
}

void scan_run(const struct scan *s, struct str text, struct hits *hits)
{
	const uint64_t *bits = s->bits;
	unsigned int shift = s->shift;
	char lower[PIECE + SCAN_MARK];

	for (size_t from = 0; from + SCAN_MARK <= text.len; from += PIECE) {
		size_t rest = text.len - from,
		       n = rest < PIECE + SCAN_MARK - 1 ? rest : PIECE + SCAN_MARK - 1;
		const char *end = lower + n - (SCAN_MARK - 1);

		fold_blanks(lower, text.p + from, n);
#pragma GCC unroll 4
		for (const char *p = lower; p < end; p++) {
			uint32_t bit = hash_of(load_half(p)) >> shift;

			if (bits[bit / 64] >> bit % 64 & 1)
				compare(s, load_half(p), text, from + (size_t)(p - lower), hits);
		}
	}
}
