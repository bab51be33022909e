/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Live capture: loads and attaches the BPF programs and hands on what they saw, as events.
 */
#ifndef BPF_CAPTURE_H
#define BPF_CAPTURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "event/event.h"

struct capture;

enum backend { BACKEND_AUTO, BACKEND_KPROBE, BACKEND_RAW_TP };
extern const char *const backend_names[];	/* by enum backend, NULL at the end */

/* Bytes of argv, NULs counted, that a record holds at most; what is longer is cut. */
#define CAPTURE_MAX_ARGV (256 << 10)
#define CAPTURE_MAX_ENV 32
#define CAPTURE_ENV_NAME 31
/* The variables by which loaders, shells and interpreters are misled. */
extern const struct str capture_default_env[];
extern const size_t capture_n_default_env;

struct capture_options {
	enum backend backend;
	/* Offset that makes a time since the epoch of a CLOCK_MONOTONIC one, nanoseconds. */
	int64_t epoch_offset_ns;
	/* Borrowed until capture_free(), as everything that they point to. */
	struct str host, boot;
	struct pairs labels;
	/* Bytes of argv, NULs counted, beyond which it is cut; 0 or more than CAPTURE_MAX_ARGV: that. */
	uint64_t max_argv;
	/* Names of the environment variables to report; at most CAPTURE_MAX_ENV, each of at most
	 * CAPTURE_ENV_NAME bytes. NULL: the default ones. */
	const struct str *env;
	size_t n_env;
	/* Receives each event; borrowed for the call. */
	void (*event)(void *ctx, const struct event *ev);
	void *ctx;
};

/* What the kernel side counted since the start. Each field is a kind of fact of its own. */
struct capture_counters {
	uint64_t entries;		/* calls that entered */
	uint64_t returns;		/* ... that were seen to return */
	uint64_t execs;			/* successes by sched_process_exec, the witness */
	uint64_t delivered;		/* records read from the ring */
	uint64_t lost_ring;		/* records for which the ring had no room */
	uint64_t lost_start;		/* entries for which the start map had no room */
	uint64_t lost_return;		/* entries whose return was missed, by the task's end or next exec */
	uint64_t lost_scratch;		/* returns for which the CPU's scratch memory was in use */
	uint64_t unmatched;		/* returns without an entry: that was before the start, or denied */
	uint64_t malformed;		/* records that the decoder refused */
	uint64_t argv_cut;		/* argv over the limit */
	uint64_t argv_partial;		/* argv with words that could not be read */
};

/* Losses: anything that means an exec was not reported. */
uint64_t capture_lost(const struct capture_counters *c);

/*
 * Loads and attaches; events come from capture_consume() only. EXECWATCH_DEBUG in the environment shows
 * libbpf's own messages on stderr. On failure a sentence that a user can act on is appended to @why; for
 * BACKEND_AUTO also on success where a better backend could not be had. 0 or -errno (-EPERM: no privilege,
 * -EOPNOTSUPP: the kernel lacks it, -EINVAL: env).
 */
int capture_open(const struct capture_options *options, struct buf *why, struct capture **ret);
struct capture *capture_free(struct capture *c);

/* Another offset for the events to come: the clock was set, or the machine slept. */
void capture_set_epoch(struct capture *c, int64_t epoch_offset_ns);

const char *capture_backend(const struct capture *c);
/* Becomes readable when there is something to consume. */
int capture_fd(const struct capture *c);
/* Hands on all records that are there, but not without end what comes meanwhile. Their number, or -errno. */
int capture_consume(struct capture *c);
struct capture_counters capture_counters(const struct capture *c);

DEFINE_CLEANUP(struct capture *, capture_free)

#endif
