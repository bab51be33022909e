/* SPDX-License-Identifier: Apache-2.0 */
/*
 * poll(2) in slices. An output must notice that it is being closed even while its peer is silent; looking
 * ten times a second costs nothing and needs no second descriptor in every wait.
 */
#include "alerts/wait.h"

#include <errno.h>
#include <poll.h>

#include "base/timefmt.h"

#define NS_PER_MS (NS_PER_S / 1000)

int wait_fd(int fd, short events, int64_t timeout_ns, const atomic_bool *cancelled)
{
	struct pollfd p = { .fd = fd, .events = events };
	int64_t left_ms = timeout_ns / NS_PER_MS;
	int n;

	for (;;) {
		if (atomic_load(cancelled))
			return -ECANCELED;
		n = poll(&p, 1, left_ms < WAIT_SLICE_MS ? (int)left_ms : WAIT_SLICE_MS);
		if (n > 0)
			return 0;
		if (n < 0 && errno != EINTR)
			return -errno;
		if (left_ms <= WAIT_SLICE_MS)
			return -ETIMEDOUT;
		if (timeout_ns != WAIT_FOREVER)
			left_ms -= WAIT_SLICE_MS;
	}
}
