/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A regular tree as lines: alternatives without any choice in them but how long a run is. Only the files of
 * pattern.h use this.
 */
#ifndef ENGINE_PATTERN_LINES_H
#define ENGINE_PATTERN_LINES_H

#include <stddef.h>

#include "engine/pattern_tree.h"

/* A run, or a place in the text. */
struct item {
	enum part_kind kind;	/* PART_SET: a run */
	struct run run;
};

struct line {
	const struct item *items;
	size_t n;
	/* Most lines are a text and nothing else, perhaps at the start or the end: then there are no
	 * items. */
	struct literal text;
	bool at_start, at_end;
};

struct lines {
	struct line lines[PATTERN_MAX_ALTERNATIVES];
	size_t n;
};

/*
 * Of the places only PART_START, at the beginning of a line, and PART_END, at its end, are left.
 * Alternatives that nothing matches are left out. Items are in @scratch, sets in @a. 0, -ENOMEM, or -E2BIG:
 * it does not come to few enough lines.
 */
int lines_of_tree(const struct part *root, struct arena *scratch, struct arena *a, struct lines *ret);

/* 0 or -E2BIG. */
int lines_add(struct lines *lines, struct line line);

/* Appends what is left of @line, any places in it, when all but start and end is expressed by sets. For
 * lines_of_tree(), with its errors. @steps is what may still be tried. */
int lines_settle(struct line line, struct arena *scratch, struct arena *a, size_t *steps, struct lines *ret);

/* The sequence that a settled line is. *ret_exact: it is one; otherwise *ret is not written. 0 or
 * -ENOMEM. */
int sequence_of_line(struct line line, struct arena *scratch, struct arena *a, struct sequence *ret,
		     bool *ret_exact);

#endif
