/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SipHash-2-4 (Aumasson and Bernstein, 2012): a hash under a secret key. Who does not know the key cannot
 * choose texts that collide, so that tables over what processes choose (paths, words) stay fast.
 */
#ifndef BASE_SIPHASH_H
#define BASE_SIPHASH_H

#include <stdint.h>

#include "base/str.h"

struct siphash_key {
	uint64_t a, b;
};

/* Of the eight bytes of @first, lowest first, followed by @s. The hash of one text is the @first of the next
 * where several are hashed together: no two lists of texts are then the same bytes. */
uint64_t siphash(const struct siphash_key *key, uint64_t first, struct str s);

#endif
