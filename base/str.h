/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Byte strings: a pointer and a length, no terminator, any byte inside.
 *
 * What comes from a process (argv, filenames, comm) is bytes, so nothing here looks at the locale. Case
 * folding, where offered, is of A to Z only.
 *
 * `p == NULL` means "not known", which differs from "known and empty": a rule can tell HISTFILE= from no
 * HISTFILE at all. A struct str owns nothing; who made it says how long it lives.
 */
#ifndef BASE_STR_H
#define BASE_STR_H

#include <stdbool.h>
#include <stddef.h>

struct str {
	const char *p;
	size_t len;
};

/* A literal as a string; works in static initialisers. */
#define STR(literal) { (literal), sizeof(literal) - 1 }
#define STR_LIT(literal) ((struct str)STR(literal))
/* For printf: "%.*s", STR_ARG(s). Cut at INT_MAX bytes and at a NUL. */
#define STR_ARG(s) ((s).len > 0x7fffffff ? 0x7fffffff : (int)(s).len), ((s).p ? (s).p : "")

/* @text may be NULL, which gives the unknown string. Borrows @text. */
struct str str_of(const char *text);

static inline bool str_known(struct str s)
{
	return s.p != NULL;
}

/* Two unknown strings are equal, an unknown one equals no known one. */
bool str_eq(struct str a, struct str b);
bool str_eq_nocase(struct str a, struct str b);
/* The same as str_eq(s, str_of(text)), without a look at all of @text. */
static inline bool str_is(struct str s, const char *text)
{
	for (size_t i = 0; i < s.len; i++)
		if (text[i] == '\0' || text[i] != s.p[i])
			return false;
	return s.p && text[s.len] == '\0';
}

/* Byte order, a shorter string before its extensions: <0, 0, >0. */
int str_cmp(struct str a, struct str b);

bool str_has_prefix(struct str s, struct str prefix);
bool str_has_prefix_nocase(struct str s, struct str prefix);
bool str_has_suffix(struct str s, struct str suffix);
bool str_has_suffix_nocase(struct str s, struct str suffix);
/* The empty needle is in every known string. */
bool str_contains(struct str s, struct str needle);
bool str_contains_nocase(struct str s, struct str needle);
/* Where it is first, at @from or behind it; SIZE_MAX: nowhere. */
size_t str_find(struct str s, struct str needle, size_t from);
size_t str_find_nocase(struct str s, struct str needle, size_t from);

/* What follows the last '/', the whole where there is none; unknown of unknown. */
struct str str_basename(struct str path);

/* The bytes from @from (clamped to the length) on. */
struct str str_skip(struct str s, size_t from);

static inline char ascii_lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
}

#endif
