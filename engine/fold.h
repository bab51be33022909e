/* SPDX-License-Identifier: Apache-2.0 */
/* Lower case of many bytes at once; A to Z, whatever else a byte may mean. */
#ifndef ENGINE_FOLD_H
#define ENGINE_FOLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/str.h"

#define FOLD_ONES UINT64_C(0x0101010101010101)

/* Of eight bytes; no sum here carries from one byte into the next. */
static inline uint64_t fold_word(uint64_t w)
{
	uint64_t low = w & 0x7f * FOLD_ONES;
	uint64_t from_a = low + (0x80 - 'A') * FOLD_ONES, above_z = low + (0x7f - 'Z') * FOLD_ONES;
	uint64_t upper = from_a & ~above_z & ~w & 0x80 * FOLD_ONES;

	return w | upper >> 2;
}

static inline uint64_t load_word(const char *p)
{
	uint64_t w;

	memcpy(&w, p, sizeof(w));
	return w;
}

static inline uint32_t load_half(const char *p)
{
	uint32_t w;

	memcpy(&w, p, sizeof(w));
	return w;
}

/* The last @n bytes, 1 to 7, that do not make up a word, with zeros behind them. */
static inline uint64_t load_rest(const char *p, size_t n)
{
	uint64_t w = 0;

	memcpy(&w, p, n);
	return w;
}

/* Sixteen bytes at once, where the compiler has instructions for that; FOLD_PORTABLE: not even then. */
#if (defined(__SSE2__) || defined(__ARM_NEON)) && !defined(FOLD_PORTABLE)
#define FOLD_VECTORS 1
typedef unsigned char fold_vector __attribute__((vector_size(16)));
#endif

/* Of @n bytes. */
static inline void fold_bytes(char *restrict to, const char *restrict from, size_t n)
{
	size_t i = 0;
	uint64_t w;

#ifdef FOLD_VECTORS
	for (; i + 16 <= n; i += 16) {
		fold_vector v;

		memcpy(&v, from + i, sizeof(v));
		v |= (fold_vector)((fold_vector)(v - 'A') < 26) & 0x20;
		memcpy(to + i, &v, sizeof(v));
	}
#endif
	for (; i + 8 <= n; i += 8) {
		w = fold_word(load_word(from + i));
		memcpy(to + i, &w, sizeof(w));
	}
	if (i < n) {
		w = fold_word(load_rest(from + i, n - i));
		memcpy(to + i, &w, n - i);
	}
}

/* What regexes call \s. */
static inline bool is_blank(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

/* Of @n bytes, and blanks of all kinds to spaces: two texts that differ may be the same then. */
static inline void fold_blanks(char *restrict to, const char *restrict from, size_t n)
{
	size_t i = 0;

#ifdef FOLD_VECTORS
	for (; i + 16 <= n; i += 16) {
		fold_vector v, blank;

		memcpy(&v, from + i, sizeof(v));
		v |= (fold_vector)((fold_vector)(v - 'A') < 26) & 0x20;
		blank = (fold_vector)((fold_vector)(v - '\t') < 5);
		v = (v & ~blank) | (blank & ' ');
		memcpy(to + i, &v, sizeof(v));
	}
#endif
	for (; i < n; i++)
		to[i] = is_blank(from[i]) ? ' ' : ascii_lower(from[i]);
}

/* Are the @n bytes at @raw, folded, those at @lower? */
static inline bool folds_to(const char *raw, const char *lower, size_t n)
{
	size_t i = 0;

	for (; i + 8 <= n; i += 8)
		if (fold_word(load_word(raw + i)) != load_word(lower + i))
			return false;
	return i == n || fold_word(load_rest(raw + i, n - i)) == load_rest(lower + i, n - i);
}

#endif
