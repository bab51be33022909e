/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a regex asks of a text, found by reading the pattern. PCRE2 says only whether a pattern is right;
 * how to find out without it that a text can match, or cannot, has to be read from the pattern.
 *
 * Only a part of the syntax is understood. Of what is not, nothing is claimed: never a guess. "In a text"
 * always means: the regex, searched unanchored, is found in it.
 */
#ifndef ENGINE_PATTERN_H
#define ENGINE_PATTERN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/str.h"

struct byte_set {
	uint64_t bits[4];
};

static inline bool byte_set_has(const struct byte_set *set, unsigned char c)
{
	return set->bits[c / 64] >> c % 64 & 1;
}

#define RUN_NO_END UINT32_MAX

/* As many bytes out of @set as there are: @min to @max of them (RUN_NO_END: any number). */
struct run {
	const struct byte_set *set;
	uint32_t min, max;
};

/* A text to look for. Never empty. */
struct literal {
	struct str text;		/* in lower case where nocase */
	bool nocase;			/* A to Z */
};

/*
 * A literal and what stands right before and behind it. Each run takes all that it can: the sets are such
 * that it could never have to give back.
 */
struct sequence {
	struct literal literal;
	const struct run *before;	/* from the literal outwards */
	const struct run *after;
	uint16_t n_before, n_after;
	bool at_start, at_end;		/* nothing is before, behind it */
	/* A rarer text that is somewhere in what the literal and the runs stand for; NULL: there is none. */
	const struct literal *rarest;
	const struct sequence *then;	/* to be found anywhere behind the end of this one; NULL: no more */
};

/* One of the literals; or, where there are none, so many bytes out of a set in a row. */
struct factor {
	const struct literal *literals;
	size_t n_literals;
	struct run run;			/* max is RUN_NO_END */
};

struct pattern {
	/* The regex is in a text if and only if one of these is. Otherwise n_sequences is 0. */
	const struct sequence *sequences;
	size_t n_sequences;
	/* Of every text that the regex is in, all of these hold. Not filled in where there are sequences.
	 * The first is the one with literals that promises most. */
	const struct factor *factors;
	size_t n_factors;
	/* A match begins at most so many bytes before each occurrence of a literal of factors[0] that it
	 * holds; SIZE_MAX: no such bound. */
	size_t lead;
	size_t min_length;		/* no shorter text matches */
};

/* Alternatives, literals and sequences that one pattern may come to; beyond that less is claimed. */
#define PATTERN_MAX_ALTERNATIVES 256

/*
 * Reads a pattern that PCRE2 takes, with @flags of regex_new(). What *ret points to is in @a. 0, also where
 * nothing is understood, or -ENOMEM.
 */
int pattern_read(struct str pattern, unsigned int flags, struct arena *a, struct pattern *ret);

/*
 * Is the sequence in @text, with the first of its literals beginning at @from or behind it? Takes time
 * linear in the length, whatever the text. @cut: the text goes on behind what is there, so that its end is
 * not known.
 */
bool sequence_in(const struct sequence *s, struct str text, size_t from, bool cut);

#endif
