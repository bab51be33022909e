/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How many matches a key may have had that is not there any more, and when: by slices of time, a window's
 * sixteenth each, on one grid for all keys. A match counts as if it had come at the end of its slice, so a
 * count is never too small, and since the grid stands still, passing it on makes nothing younger.
 */
#ifndef ENGINE_INHERIT_H
#define ENGINE_INHERIT_H

#include <stdint.h>

#define SLICES 16

struct inheritance {
	int64_t newest;			/* number of a slice */
	uint16_t n[SLICES + 1];		/* matches in the slice newest - i and newer ones */
};

/* The slice of a time, for windows of @within_ns. */
int64_t slice_of(int64_t ns, int64_t within_ns);
/* Makes @newest, which is not older, the newest slice. */
void inheritance_move(struct inheritance *h, int64_t newest);
/* No key of the one or of the other had more, whichever slices still count. */
void inheritance_raise(struct inheritance *h, const struct inheritance *by);
/* Matches in @oldest and newer slices. */
uint32_t inheritance_count(const struct inheritance *h, int64_t oldest);

#endif
