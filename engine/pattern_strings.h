/* SPDX-License-Identifier: Apache-2.0 */
/* Sets of texts, of which one is at some place in every match. Only the files of pattern.h use this. */
#ifndef ENGINE_PATTERN_STRINGS_H
#define ENGINE_PATTERN_STRINGS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "engine/pattern.h"

/* Texts may be empty here. None at all: nothing is known. */
struct strings {
	const struct literal *list;
	size_t n;
};

/* All of these return 0 or -ENOMEM; what they make is in @a. @ret may be one of the operands. */

int strings_of_text(struct str text, bool nocase, struct arena *a, struct strings *ret);
/* Nothing known where the set is large. */
int strings_of_set(const struct byte_set *set, struct arena *a, struct strings *ret);
/* One out of either. Nothing known where that is so of one of them, or they are too many. */
int strings_or(const struct strings *x, const struct strings *y, struct arena *a, struct strings *ret);
/* The same, but where they are too many, only the beginnings, with @at_end the ends, of the texts. */
int strings_or_parts(const struct strings *x, const struct strings *y, bool at_end, struct arena *a,
		     struct strings *ret);
/* Each of the first with each of the second behind it. Nothing known as above, also if it is not worth it. */
int strings_join(const struct strings *x, const struct strings *y, struct arena *a, struct strings *ret);

size_t strings_shortest(const struct strings *s);
/* All bytes that are in them. */
struct byte_set strings_bytes(const struct strings *s);

/*
 * The same said in fewer and shorter texts: one in which another is goes, and none is long. *lead, how far
 * in front of a text a match may begin, is raised to what it is of those that are left.
 */
int strings_reduce(const struct strings *s, struct arena *a, struct strings *ret, size_t *lead);

/* The share of command lines in which one of them is to be expected. */
float strings_share(const struct strings *s);

/* The same of one literal. */
float literal_share(const struct literal *l);

#endif
