/* SPDX-License-Identifier: Apache-2.0 */
/* A fast hash for tables of what an administrator wrote. Whoever chooses the texts can make them collide; for
 * what comes from processes there is siphash. */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

static inline uint64_t hash_word(uint64_t h, uint64_t word)
{
	h = (h ^ word) * UINT64_C(0x9e3779b97f4a7c15);
	return h ^ h >> 32;
}

/* Goes on from @h, whatever that is. */
static inline uint64_t hash_bytes(uint64_t h, const void *bytes, size_t n)
{
	const char *p = bytes;
	uint64_t word = 0;

	h = hash_word(h, n);
	for (; n >= sizeof(word); n -= sizeof(word), p += sizeof(word)) {
		memcpy(&word, p, sizeof(word));
		h = hash_word(h, word);
	}
	word = 0;
	if (n > 0)
		memcpy(&word, p, n);
	return hash_word(h, word);
}

#endif
