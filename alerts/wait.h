/* SPDX-License-Identifier: Apache-2.0 */
/* Waiting on an output's own thread, so that it can be called off. */
#ifndef ALERTS_WAIT_H
#define ALERTS_WAIT_H

#include <stdatomic.h>
#include <stdint.h>

/* How long after it was set *cancelled may go unnoticed. */
#define WAIT_SLICE_MS 100

#define WAIT_FOREVER INT64_MAX

/*
 * Waits until @fd (negative: nothing, only time passes) has one of @events, or an error that the next system
 * call on it will tell. 0, -ETIMEDOUT, -ECANCELED or -errno of poll(2).
 */
int wait_fd(int fd, short events, int64_t timeout_ns, const atomic_bool *cancelled);

#endif
