/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fast hashes of texts, for tables in which a collision costs a comparison and nothing else. Where
 * processes choose what goes into a table, it has to be siphash().
 */
#ifndef ENGINE_HASH_H
#define ENGINE_HASH_H

#include "base/str.h"
#include "engine/fold.h"

static inline uint64_t hash_mix(uint64_t h, uint64_t word)
{
	h = (h ^ word) * UINT64_C(0x9e3779b97f4a7c15);
	return h ^ h >> 32;
}

static inline uint64_t hash_text(uint64_t h, struct str s)
{
	size_t i = 0;

	h = hash_mix(h, s.len);
	for (; i + 8 <= s.len; i += 8)
		h = hash_mix(h, load_word(s.p + i));
	return i < s.len ? hash_mix(h, load_rest(s.p + i, s.len - i)) : h;
}

/* The same for texts that differ only in the case of A to Z. */
static inline uint64_t hash_folded(uint64_t h, struct str s)
{
	size_t i = 0;

	h = hash_mix(h, s.len);
	for (; i + 8 <= s.len; i += 8)
		h = hash_mix(h, fold_word(load_word(s.p + i)));
	return i < s.len ? hash_mix(h, fold_word(load_rest(s.p + i, s.len - i))) : h;
}

#endif
