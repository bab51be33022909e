/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A regular tree as lines, alternatives without any choice in them but how long a run is, which become
 * sequences. Only the files of pattern.h use this.
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
	/* Most lines are but a text, perhaps at the start or the end: then there are no items. */
	struct literal text;
	bool at_start, at_end;
};

/* What the lines have become. */
struct sequences {
	struct sequence list[PATTERN_MAX_ALTERNATIVES];
	size_t n;
};

/*
 * All of these return 0, -ENOMEM, or -E2BIG: there is something that is no sequence, or they are too many.
 * What the sequences point to is in @a.
 */
int sequences_of_tree(const struct part *root, struct arena *scratch, struct arena *a, struct sequences *ret);

/* Rids @line of its places, which may make several of it, or none where nothing matches it, and adds what is
 * left. @steps is what may still be tried. */
int sequences_settle(struct line line, struct arena *scratch, struct arena *a, size_t *steps,
		     struct sequences *ret);

/* Of the places in @line there is only PART_START, as its first item, and PART_END, as its last. */
int sequences_add(struct line line, struct arena *scratch, struct arena *a, struct sequences *ret);

#endif
