/* SPDX-License-Identifier: Apache-2.0 */
/*
 * YAML text as nodes with places. Shape only: what a node means is for its reader to say, and so is a
 * scalar's type (`no` is a word here).
 *
 * Refused while reading, each with its place: anchors, aliases, tags, merge keys, duplicate keys, a second
 * document, keys that are no scalars, bytes that are no UTF-8, control bytes and NUL (also as an escape),
 * line breaks other than LF and CR LF, nesting over YAML_MAX_DEPTH, more than YAML_MAX_NODES nodes, files
 * over YAML_MAX_BYTES.
 */
#ifndef PARSER_YAML_H
#define PARSER_YAML_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/diag.h"
#include "base/str.h"

#define YAML_MAX_BYTES ((size_t)16 << 20)
#define YAML_MAX_DEPTH 32
#define YAML_MAX_NODES 2000000

enum node_kind { NODE_SCALAR, NODE_LIST, NODE_MAP };
enum scalar_style { SCALAR_PLAIN, SCALAR_SINGLE_QUOTED, SCALAR_DOUBLE_QUOTED, SCALAR_LITERAL, SCALAR_FOLDED };

struct node {
	struct loc at;			/* of a scalar all of it; of a list or map its first character */
	/* In the source: its first byte, quotes and brackets included, and the byte behind its last. A list
	 * or map that is not in brackets begins with its first dash or key; its end is none to rely on. */
	uint32_t offset, end;
	uint32_t n_faults;		/* errors in it and in what it holds, but those that left it open */
	enum node_kind kind : 8;
	enum scalar_style style : 8;	/* scalar */
	bool flow;			/* a list or map in brackets, or `a: b` as an entry of such a list */
	/* Left open by a syntax error (keys may be missing), a root with another document behind it, or a
	 * scalar of which only the error is known: what is wrong with it has been said, and a reader says
	 * nothing more. */
	bool incomplete;
	bool faulty;			/* an error was found in it or in what it holds */
	struct str text;		/* scalar; a NUL stands behind it, none is in it */
	/* list: its elements. map: its values; the key of the value i is keys[i]. */
	size_t n;
	const struct node *const *items;
	const struct node *const *keys;
	/* Of an entry that yaml_read_packed() has left packed: what it holds, and nothing above but its place
	 * and what is wrong with it, is to be had by node_unpack(). Else NULL. */
	const unsigned char *packed;
};

/* Reads @src. *ret is the root, NULL for a file without content, and what stood before the error where
 * there was one; nodes live in @a. Errors go to @ds. 0, -EINVAL after errors, -ENOMEM. */
int yaml_read(const struct source *src, struct diags *ds, struct arena *a, const struct node **ret);

/* The same, but the entries of a list under the key @packed of the outermost map stay packed, each for
 * itself. */
int yaml_read_packed(const struct source *src, struct diags *ds, struct arena *a, const char *packed,
		     const struct node **ret);

/* One document of a source. All zeros is in front of the first one. */
struct yaml_part {
	size_t from, to;		/* bytes of the source */
	uint32_t line;			/* of the first of them, from 0 */
};

/* Steps to the next document; each but the first begins with its `---`. False: there is none. */
bool yaml_next_part(struct str text, struct yaml_part *part);
/* The same as yaml_read_packed() of that document alone: what is wrong with one keeps no other from being
 * read. */
int yaml_read_part(const struct source *src, const struct yaml_part *part, struct diags *ds, struct arena *a,
		   const char *packed, const struct node **ret);

/* The value under @key of a map; NULL: none. */
const struct node *node_get(const struct node *map, const char *key);

/* The place of @length bytes from byte @offset of a scalar's text in its file, through quotes, escapes and
 * line breaks. Where it cannot be told, the place of the whole scalar. */
struct loc node_place(const struct node *scalar, size_t offset, size_t length);

#endif
