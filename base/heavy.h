/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Heavy hitters: which texts of a stream come most often, in memory that does not depend on its length.
 *
 * Space-saving (Metwally, Agrawal, El Abbadi, 2005): a newcomer to a full table takes the place of the text
 * that came least, and its count with it. With N places every text that makes more than 1/N of the stream is
 * in the table at the end, and no count is too low. As long as no place was taken over, counts are exact.
 */
#ifndef BASE_HEAVY_H
#define BASE_HEAVY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "base/str.h"

struct heavy;

struct heavy_item {
	struct str text;		/* the table's copy */
	uint64_t count;			/* how often it came, and at most @error more */
	uint64_t error;
};

/* @n places, 1 to 1,048,576. 0 or -ENOMEM. */
int heavy_new(size_t n, struct heavy **ret);
struct heavy *heavy_free(struct heavy *h);

/*
 * Counts @text once; the unknown one is the empty one. 0 with its place, which is its own until another takes
 * it over, so that the caller may keep an array beside the table; *ret_new: it has just come there. -ENOMEM:
 * there was no memory for the copy, and it was not counted.
 */
int heavy_add(struct heavy *h, struct str text, size_t *ret_place, bool *ret_new);

/* Places in use: 0 to heavy_count() - 1. */
size_t heavy_count(const struct heavy *h);
/* How often a place was taken over; 0: all counts are exact, and every text is there. */
uint64_t heavy_evictions(const struct heavy *h);
/* Borrowed until the next heavy_add(). */
struct heavy_item heavy_get(const struct heavy *h, size_t place);

DEFINE_CLEANUP(struct heavy *, heavy_free)

#endif
