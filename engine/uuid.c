/* SPDX-License-Identifier: Apache-2.0 */
/*
 * UUIDs of version 7. They tell alerts apart and keep them in order; they are no secret, so a small generator
 * (splitmix64 by Sebastiano Vigna) that starts at the system's random numbers will do.
 */
#include "engine/uuid.h"

#include <stdio.h>

#define NS_PER_MS 1000000
#define HIGH_BITS 12
#define LOW_BITS 62
#define LOW_MASK ((UINT64_C(1) << LOW_BITS) - 1)

static uint64_t next_random(struct uuid_source *source)
{
	uint64_t z = source->random += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

void uuid_source_init(struct uuid_source *source, uint64_t seed)
{
	*source = (struct uuid_source){ .random = seed };
}

/* The highest bit starts as zero, so that there is room to grow. */
static void draw(struct uuid_source *source, uint64_t ms)
{
	source->ms = ms;
	source->high = next_random(source) >> (64 - HIGH_BITS + 1);
	source->low = next_random(source) & LOW_MASK;
}

/* By a random step, so that one id does not tell the next. */
static void grow(struct uuid_source *source)
{
	source->low += 1 + (next_random(source) >> 32);
	if (source->low <= LOW_MASK)
		return;
	source->low &= LOW_MASK;
	if (++source->high >> HIGH_BITS)
		draw(source, source->ms + 1);
}

void uuid_next(struct uuid_source *source, int64_t time_ns, char ret[UUID_TEXT_SIZE])
{
	uint64_t ms = time_ns > 0 ? (uint64_t)time_ns / NS_PER_MS : 0;

	/* All zeros is a source that has not made any. */
	if (ms > source->ms || (source->ms | source->high | source->low) == 0)
		draw(source, ms);
	else
		grow(source);

	snprintf(ret, UUID_TEXT_SIZE, "%08x-%04x-7%03x-%04x-%012llx",
		 (unsigned int)(source->ms >> 16 & 0xffffffff), (unsigned int)(source->ms & 0xffff),
		 (unsigned int)source->high, (unsigned int)(0x8000 | source->low >> 48),
		 (unsigned long long)(source->low & UINT64_C(0xffffffffffff)));
}
