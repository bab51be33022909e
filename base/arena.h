/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An arena: many small allocations that die together.
 *
 * Rules live in one arena, so freeing a ruleset is freeing its arena. A record reader resets one per
 * record: the blocks stay, so that reading allocates only while a record is larger than any before it.
 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stddef.h>

#include "base/str.h"

struct arena_block;

struct arena {
	struct arena_block *first, *current;
};

/* All zeros is a valid, empty arena. */
#define ARENA_INIT { NULL, NULL }

void arena_done(struct arena *a);
/* Everything handed out becomes invalid; the memory stays with the arena. */
void arena_reset(struct arena *a);

/* Of all that arena_alloc() gives: enough for every type but long double and what is larger. */
#define ARENA_ALIGN ((size_t)8)

/* Zeroed, aligned, valid until reset or done. NULL: out of memory. */
void *arena_alloc(struct arena *a, size_t size);
/* The same for @n elements of @size; NULL also where n * size overflows. */
void *arena_array(struct arena *a, size_t n, size_t size);
/* A copy with a NUL behind it, which is not counted in len; it is not aligned. The result's p is NULL
 * when out of memory; of the unknown string it is the unknown string. */
struct str arena_str(struct arena *a, struct str s);

/* Bytes held, for reports. */
size_t arena_size(const struct arena *a);

static inline void arena_cleanup(struct arena *a)
{
	arena_done(a);
}

#endif
