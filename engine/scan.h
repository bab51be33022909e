/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One pass over a text that finds all needles of a haystack in it, be they one or ten thousand.
 *
 * Four bytes of each needle, those that are rarest, are its mark. The marks are in a table of bits, by
 * hash; at each place of the text, four bytes in lower case are looked up there. Nearly all places end with
 * that one look. What it lets through is compared, first by the mark itself and then as a whole.
 */
#ifndef ENGINE_SCAN_H
#define ENGINE_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "base/str.h"
#include "engine/needle.h"

/* Shorter needles have no mark and cannot be scanned for. */
#define SCAN_MARK 4

struct scan;

/* Of needles 0 to @n - 1 those of @haystack that are within it and have SCAN_MARK bytes at
 * least. Borrows @needles. *ret is NULL where there are none. 0 or -ENOMEM. */
int scan_new(const struct needle *needles, size_t n, unsigned int haystack, struct scan **ret);
struct scan *scan_free(struct scan *s);

/* Adds what is in @text. */
void scan_run(const struct scan *s, struct str text, struct hits *hits);

DEFINE_CLEANUP(struct scan *, scan_free)

#endif
