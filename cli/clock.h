/* SPDX-License-Identifier: Apache-2.0 */
/* The clocks. Nothing outside this folder reads one; others are handed a time. All in nanoseconds. */
#ifndef CLI_CLOCK_H
#define CLI_CLOCK_H

#include <stdint.h>

int64_t clock_realtime(void);	/* since the epoch, UTC */
int64_t clock_monotonic(void);	/* CLOCK_MONOTONIC: the clock of bpf_ktime_get_ns() */
int64_t clock_thread_cpu(void);	/* CPU time of the calling thread */

/* What reading @clock takes, nanoseconds: the least of a few times. */
int64_t clock_reading(int64_t (*clock)(void));

#endif
