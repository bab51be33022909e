/* SPDX-License-Identifier: Apache-2.0 */
/* The clocks; see clock.h. clock_gettime cannot fail for these three. */
#include "cli/clock.h"

#include <time.h>

#include "base/timefmt.h"

static int64_t read_clock(clockid_t id)
{
	struct timespec t;

	clock_gettime(id, &t);
	return t.tv_sec * NS_PER_S + t.tv_nsec;
}

int64_t clock_realtime(void)
{
	return read_clock(CLOCK_REALTIME);
}

int64_t clock_monotonic(void)
{
	return read_clock(CLOCK_MONOTONIC);
}

int64_t clock_thread_cpu(void)
{
	return read_clock(CLOCK_THREAD_CPUTIME_ID);
}

int64_t clock_reading(int64_t (*clock)(void))
{
	int64_t least = INT64_MAX, before = clock(), now;

	for (int i = 0; i < 16; i++, before = now) {
		now = clock();
		if (now - before < least)
			least = now - before;
	}
	return least;
}
