/* SPDX-License-Identifier: Apache-2.0 */
/* Inheritances; see inherit.h. */
#include "engine/inherit.h"

#include <string.h>

int64_t slice_of(int64_t ns, int64_t within_ns)
{
	int64_t length = within_ns / SLICES + (within_ns % SLICES != 0);

	return ns / length - (ns % length < 0);
}

void inheritance_move(struct inheritance *h, int64_t newest)
{
	uint64_t by = (uint64_t)newest - (uint64_t)h->newest;

	h->newest = newest;
	if (by > SLICES) {
		memset(h->n, 0, sizeof(h->n));
		return;
	}
	memmove(h->n + by, h->n, (SLICES + 1 - by) * sizeof(h->n[0]));
	memset(h->n, 0, by * sizeof(h->n[0]));
}

void inheritance_raise(struct inheritance *h, const struct inheritance *by)
{
	struct inheritance other = *by;

	if (other.newest < h->newest)
		inheritance_move(&other, h->newest);
	else
		inheritance_move(h, other.newest);
	for (size_t i = 0; i <= SLICES; i++)
		if (other.n[i] > h->n[i])
			h->n[i] = other.n[i];
}

uint32_t inheritance_count(const struct inheritance *h, int64_t oldest)
{
	if (oldest > h->newest)
		return 0;
	return h->n[h->newest - oldest > SLICES ? SLICES : h->newest - oldest];
}
