/* SPDX-License-Identifier: Apache-2.0 */
/*
 * UUIDs, version 7 (RFC 9562, section 5.7): a time in milliseconds, then random bits. Those of one source are
 * unique and, as text, in the order in which they were made, also where time stands still or goes back: then
 * the last time is kept and the random bits grow (section 6.2, method 2).
 */
#ifndef ENGINE_UUID_H
#define ENGINE_UUID_H

#include <stdint.h>

#define UUID_TEXT_SIZE 37		/* with a NUL */

struct uuid_source {
	uint64_t random;		/* state of the generator */
	uint64_t ms;			/* of the last one, since the epoch */
	uint64_t high, low;		/* its 12 and 62 random bits */
};

/* The same seed gives the same UUIDs for the same times. */
void uuid_source_init(struct uuid_source *source, uint64_t seed);
/* @time_ns since the epoch; before it counts as the epoch. */
void uuid_next(struct uuid_source *source, int64_t time_ns, char ret[UUID_TEXT_SIZE]);

#endif
