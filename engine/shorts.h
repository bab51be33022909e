/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Needles that are too short for a scan: at the start or the end of a text they are found by the byte at
 * that edge, within it by two bytes of theirs, the rarest, and those of one byte by that.
 */
#ifndef ENGINE_SHORTS_H
#define ENGINE_SHORTS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/cleanup.h"
#include "base/str.h"
#include "engine/needle.h"

struct shorts;

/* Is it one of those? A single byte within a text has to be neither letter nor digit nor one of
 * " /.-_=", which are found everywhere. */
bool is_short_needle(const struct needle *n);

/* Of needles 0 to @n - 1 those of @haystack that is_short_needle() is true of. *ret is NULL where there
 * are none. 0 or -ENOMEM. */
int shorts_new(const struct needle *needles, size_t n, unsigned int haystack, struct shorts **ret);
struct shorts *shorts_free(struct shorts *s);

/* Adds what is in @text. */
void shorts_run(const struct shorts *s, struct str text, struct hits *hits);

DEFINE_CLEANUP(struct shorts *, shorts_free)

#endif
