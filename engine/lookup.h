/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Needles that are a whole value, or the file name at the end of a path, found by a hash of the value: that
 * costs the same for one of them and for ten thousand.
 */
#ifndef ENGINE_LOOKUP_H
#define ENGINE_LOOKUP_H

#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "base/str.h"
#include "engine/needle.h"

struct lookup;

/* Of needles 0 to @n - 1 those with place WHOLE and NAME. Borrows @needles. 0 or -ENOMEM. */
int lookup_new(const struct needle *needles, size_t n, struct lookup **ret);
struct lookup *lookup_free(struct lookup *l);

/* Adds what @value is of the needles of @haystack and that @place, WHOLE or NAME. */
void lookup_run(const struct lookup *l, unsigned int haystack, enum needle_place place, struct str value,
		struct hits *hits);

DEFINE_CLEANUP(struct lookup *, lookup_free)

#endif
