/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A pattern as a tree. Only the files of pattern.h use this.
 *
 * What the tree says of a text is what PCRE2 says, if it is `regular`. Otherwise it says less than PCRE2
 * asks: where PCRE2 finds the pattern the tree does too, but a match of a part of it need not be one for
 * PCRE2.
 */
#ifndef ENGINE_PATTERN_TREE_H
#define ENGINE_PATTERN_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/str.h"
#include "engine/pattern.h"

enum part_kind {
	PART_TEXT,
	PART_SET,		/* one byte out of it */
	PART_CONCAT,		/* the children in turn; without any: nothing */
	PART_CHOICE,		/* one of the children */
	PART_REPEAT,		/* the only child, as often as `run` says */
	PART_UNKNOWN,		/* as many bytes as `run` says, perhaps with a look at others */
	/* Places in the text, of no length. */
	PART_START,
	PART_END,
	PART_LAST,		/* the end, or before a newline there */
	PART_BORDER,		/* \b */
	PART_NO_BORDER,
};

struct part {
	enum part_kind kind;
	bool nocase;		/* of a text, which is in lower case then */
	struct str text;	/* never empty */
	struct run run;		/* of a set, a repetition, and what is unknown */
	struct part *first, *last, *next;
};

struct tree {
	struct part *root;	/* NULL: the pattern is not understood */
	bool regular;
};

/* Parts and texts come into @scratch, sets into @a. 0, also if it is not understood, or -ENOMEM. */
int tree_parse(struct str pattern, unsigned int flags, struct arena *scratch, struct arena *a,
	       struct tree *ret);

/* The set of a part that is one byte; NULL: it is not. */
const struct byte_set *part_is_byte(const struct part *n);

/*
 * The class whose bracket is at *@at, which is moved behind it. *ret_set is in @a or constant. 0,
 * -ENOMEM, or -EINVAL: not understood.
 */
int tree_parse_class(struct str pattern, size_t *at, bool nocase, struct arena *a,
		     const struct byte_set **ret_set);

/*
 * The escape of a single byte whose backslash is at *@at, which is moved behind it: what is no letter or
 * digit, \xHH and the like. False, and *at as it was: it is another one.
 */
bool tree_parse_byte(struct str pattern, size_t *at, unsigned char *ret);

/* The length of the quantifier at the start of @s, without what makes it lazy; 0: there is none. */
size_t tree_parse_quantifier(struct str s, struct run *ret);

/* Is, at the start of @s, a brace that begins a quantifier, or does in some versions of PCRE2? */
bool tree_is_quantifier(struct str s);

#endif
