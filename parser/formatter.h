/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of formatting, for parser/format*.c alone. */
#ifndef PARSER_FORMATTER_H
#define PARSER_FORMATTER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/diag.h"
#include "parser/keys.h"
#include "parser/yaml.h"

/* Columns of a line, where it can be broken at all, and of one level. */
#define FORMAT_WIDTH 120
#define INDENT 2

/* A comment in its source. */
struct comment {
	struct str text;		/* from the # on, without blanks at its end; borrowed of the source */
	size_t offset;
	size_t col;			/* blanks in front of it, where the line is its own */
	bool own_line;
	bool blank_above;		/* the line is its own, and an empty one stands above */
};

struct comments {
	struct comment *items;		/* in the order of the source */
	size_t n, cap;
};

/* All comments of @src, whose nodes are @root (NULL: none). 0 or -ENOMEM; to be released in any case. */
int comments_read(const struct source *src, const struct node *root, struct comments *ret);
void comments_done(struct comments *c);
/* The first at or behind this byte of the source; n: none. */
size_t comments_from(const struct comments *c, size_t offset);
/* Does an empty line stand above the one that begins here? */
bool blank_line_above(struct str text, size_t line_start);

static inline void comments_cleanup(struct comments *c)
{
	comments_done(c);
}

/*
 * Scalars. A text keeps its quotes, or its lack of them, where a reader might tell `5` from '5': see
 * scalar_plainness_counts().
 */

/* Numbers, booleans, nothing, `$list`: texts that mean something else, or may, when they are not quoted. */
bool scalar_plainness_counts(struct str text);
/* Is it written over several lines, quoted or plain? Block scalars are another matter. */
bool scalar_spans_lines(const struct node *n);
/* One that does, and would lose something on one line: a plain text with empty lines within, escapes. */
bool scalar_keeps_lines(const struct node *n);
/* A block scalar that has to stay one: it has text. */
bool scalar_is_block(const struct node *n);
/* At the start of a line it would begin or end a document. */
bool scalar_looks_like_marker(struct str text);
/* Nothing at all, as in `key:`. */
bool scalar_is_void(const struct node *n);
/* Which texts that could do without quotes have them all the same. */
enum quoting {
	QUOTE_LITTLE,			/* none */
	QUOTE_PHRASES,			/* within brackets: all but single words, if they had them */
	QUOTE_ALL,			/* regexes: also those that had none */
};

/* A text of UTF-8 in double quotes, where every character can be written. */
void scalar_quote(struct str text, struct buf *b);
/* On one line. */
void scalar_write(const struct node *n, enum quoting quoting, struct buf *b);
/* One that spans lines, with the breaks where they are; all but the first line begin at column @indent. */
void scalar_write_lines(const struct node *n, size_t indent, struct buf *b);
/* The head of a block scalar, such as `>-`, and its lines, each begun by a line break. @parent: the column
 * that an explicit indentation counts from. */
void scalar_write_head(const struct node *n, size_t parent, struct buf *b);
void scalar_write_block(const struct node *n, size_t parent, size_t indent, struct buf *b);

/* What is known of a node by where it stands. NULL: nothing, and nothing of what is below. */
struct shape {
	bool ordered;			/* the keys have the order of keys.def */
	enum key_map map;		/* then */
	const struct shape *item;	/* of a list's items */
	bool apart;			/* an empty line between items */
	bool sections;			/* an empty line around values that take several lines */
};

extern const struct shape shape_file;

/* Where @key comes; keys that are not known come last, all with one rank. */
size_t shape_rank(const struct shape *s, struct str key);
/* @key NULL: of a list's item. */
const struct shape *shape_below(const struct shape *s, const struct node *key);

/* An entry of a list or map, in canonical order. */
struct member {
	const struct node *key, *value;	/* key NULL: of a list, or the root */
	size_t index, rank;
	size_t lo, hi;			/* the comments that are its own */
};

/* The entries of @n, the comments left 0. *ret is allocated; NULL where there are none. 0 or -ENOMEM. */
int members_of(const struct node *n, const struct shape *s, struct member **ret);

enum form {
	FORM_LINE,			/* on one line */
	FORM_LINES,			/* a quoted or plain text, broken as it was */
	FORM_BLOCK_TEXT,
	FORM_FILLED,			/* a list in brackets over several lines */
	FORM_ENTRIES,
};

/* How an entry is written, beside what it is. */
struct place {
	size_t col;			/* of its key, or its value where there is none */
	size_t parent;			/* in the source, where explicit indentation counts from */
	const struct shape *shape;	/* of the value */
	bool regex;			/* the value is one, or holds some */
};

/* Which of them @e takes. */
enum form form_of(const struct member *e, const struct place *p, const struct comments *comments);
/* Column at which the value of @e begins where it is on the line of its key. */
size_t columns_before_value(const struct member *e, const struct place *p);
void member_key_write(const struct node *key, enum quoting quoting, struct buf *b);
bool member_takes_regex(const struct node *key);
/* All of it on one line. */
void inline_write(const struct node *n, const struct place *p, struct buf *b);
/* A list in brackets, as many items on a line as there is room for: the first behind @used columns, the
 * others from @indent on. */
void filled_write(const struct node *n, const struct place *p, size_t used, size_t indent, struct buf *b);
void buf_spaces(struct buf *b, size_t n);

/* Writes it all. 0 or -ENOMEM. */
int format_write(const struct source *src, const struct node *root, const struct comments *comments,
		 struct buf *b);

/* Does @text hold what @root of @src does: keys in canonical order, values, comments? 0, -EBADMSG: no,
 * -ENOMEM. */
int format_verify(const struct source *src, const struct node *root, struct str text);

#endif
