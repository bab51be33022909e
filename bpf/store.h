/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A bounded store of byte strings by key, for what one event tells and a later one needs. All memory is
 * taken when it is made. What is used stays, and what was not used for longest is given up for what is new.
 */
#ifndef BPF_STORE_H
#define BPF_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "base/str.h"

struct store;

/* Any two numbers: the address of a kernel object, a counter. */
struct store_key {
	uint64_t a, b;
};

struct store_counts {
	uint64_t hits, misses;		/* of store_get() */
	uint64_t puts;			/* values that were taken */
	uint64_t evicted;		/* values given up to make room for others */
	size_t entries;			/* values held now */
};

/*
 * @bytes of memory for values, at least STORE_MIN_BYTES, of which each takes 16 more than its length; its
 * length is at most a quarter of @bytes. At most @max_entries values, which is at least 1. Whoever chooses
 * the keys must not know @seed. 0, -ENOMEM, -EINVAL: a size that cannot be.
 */
#define STORE_MIN_BYTES 128
int store_new(size_t bytes, size_t max_entries, uint64_t seed, struct store **ret);
struct store *store_free(struct store *s);

/*
 * Keeps the pieces, one behind the other, as the value of @key instead of the one that it had. They must
 * not lie in the store. 0; -E2BIG: too long, @key has no value now.
 */
int store_put(struct store *s, struct store_key key, const struct str *pieces, size_t n_pieces);

/*
 * The value of @key, which counts as used by that; unknown: none. Borrowed until the next call of any
 * function here but store_counts(), also of this one: a value in use may be moved.
 */
struct str store_get(struct store *s, struct store_key key);

/* False: there was none. */
bool store_remove(struct store *s, struct store_key key);

/* No key has a value any more; they count as evicted. */
void store_clear(struct store *s);

struct store_counts store_counts(const struct store *s);

DEFINE_CLEANUP(struct store *, store_free)

#endif
