/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sets of bytes, as regexes name them. Only the files of pattern.h use this.
 *
 * The sets of one byte, and of one letter in both cases, are always the ones of a constant table, so that
 * what is a literal is seen by the pointer.
 */
#ifndef ENGINE_PATTERN_SET_H
#define ENGINE_PATTERN_SET_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/str.h"
#include "engine/pattern.h"

extern const struct byte_set set_any, set_not_newline;
extern const struct byte_set set_word, set_not_word;

/* The set of @c, with @nocase of both cases of a letter. Constant. */
const struct byte_set *set_of_byte(unsigned char c, bool nocase);

/* Is @set one of those? *ret_byte is in lower case where *ret_nocase. */
bool set_is_literal(const struct byte_set *set, unsigned char *ret_byte, bool *ret_nocase);

/* The letter of d, D, w, W, s, S, h, H, v, V or N; NULL: it names no set. Constant. */
const struct byte_set *set_of_escape(char letter);

/* The set of [:NAME:]; NULL: there is none. Constant. */
const struct byte_set *set_of_class(struct str name);

/* A set equal to @set that lasts: out of the table, one of the named ones, or a copy in @a; NULL: no
 * memory. */
const struct byte_set *set_keep(const struct byte_set *set, struct arena *a);

void set_add(struct byte_set *set, const struct byte_set *other);
void set_add_byte(struct byte_set *set, unsigned char c);
/* The other case of each letter in it. */
void set_fold(struct byte_set *set);
void set_invert(struct byte_set *set);

struct byte_set set_and(const struct byte_set *a, const struct byte_set *b);
bool set_is_empty(const struct byte_set *set);
bool set_equal(const struct byte_set *a, const struct byte_set *b);
bool set_within(const struct byte_set *part, const struct byte_set *whole);
bool set_disjoint(const struct byte_set *a, const struct byte_set *b);
unsigned int set_size(const struct byte_set *set);

#endif
