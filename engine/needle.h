/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A needle: a text that some rule looks for at a certain place of a certain haystack. Equal ones of all
 * rules are one, known by a number. What is found of them in an event is gathered in a struct hits.
 */
#ifndef ENGINE_NEEDLE_H
#define ENGINE_NEEDLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

enum needle_place {
	NEEDLE_WHOLE,		/* the text is the value */
	NEEDLE_NAME,		/* "/name", and no other slash: the end of a path */
	NEEDLE_IN,		/* anywhere in it */
	NEEDLE_IN_WORD,		/* the same, of words: where it is in their text, one may have it */
	NEEDLE_START,
	NEEDLE_END,
};

struct needle {
	const char *text;		/* in lower case where nocase */
	uint32_t len;
	uint16_t haystack;		/* number of the haystack */
	uint8_t place;
	bool nocase;			/* A to Z */
	bool blanks;			/* its spaces stand for any blank (fold.h) */
};

static inline struct str needle_text(const struct needle *n)
{
	return (struct str){ n->text, n->len };
}

/* Is it where it should be in that value? Not of one with blanks, which are only found by a scan. */
bool needle_holds(const struct needle *n, struct str value);

/* The first and the last place of a needle, in bytes of its value. */
struct hit_places {
	uint32_t first, last;
};

/* Which needles were found, and the rules that are to be looked at for that. */
struct hits {
	uint64_t *bits;			/* by needle */
	struct hit_places *places;	/* by needle; of one that was found */
	uint32_t *found;		/* needles in the order in which they were found */
	size_t n;
	/* By needle n: its rules are rules[first_rule[n]] to rules[first_rule[n + 1]], the end not
	 * counted. */
	const uint32_t *first_rule, *rules;
	uint64_t *candidates;		/* by rule */
	uint64_t *words;		/* by word of candidates: one of its bits is set */
};

static inline bool hits_have(const struct hits *h, uint32_t needle)
{
	return h->bits[needle / 64] >> needle % 64 & 1;
}

static inline void hits_add_rule(struct hits *h, uint32_t rule)
{
	h->candidates[rule / 64] |= UINT64_C(1) << rule % 64;
	h->words[rule / 4096] |= UINT64_C(1) << rule / 64 % 64;
}

/* Once for each place, from the first to the last. */
static inline void hits_add(struct hits *h, uint32_t needle, size_t at)
{
	uint64_t bit = UINT64_C(1) << needle % 64;

	h->places[needle].last = (uint32_t)at;
	if (h->bits[needle / 64] & bit)
		return;
	h->bits[needle / 64] |= bit;
	h->places[needle].first = (uint32_t)at;
	h->found[h->n++] = needle;
	for (uint32_t i = h->first_rule[needle]; i < h->first_rule[needle + 1]; i++)
		hits_add_rule(h, h->rules[i]);
}

#endif
