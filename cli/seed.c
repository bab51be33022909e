/* SPDX-License-Identifier: Apache-2.0 */
/* A number that nobody can guess; see seed.h. */
#include "cli/seed.h"

#include <sys/random.h>
#include <unistd.h>

#include "cli/clock.h"

uint64_t random_seed(void)
{
	uint64_t seed = 0;

	/* Fails only where the kernel has no randomness yet, just after a boot. */
	if (getrandom(&seed, sizeof(seed), GRND_NONBLOCK) != sizeof(seed))
		seed = (uint64_t)clock_realtime() ^ (uint64_t)getpid() << 32;
	return seed;
}
