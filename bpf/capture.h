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
#include "bpf/backend.h"
#include "bpf/fills.h"
#include "event/event.h"

struct capture;

/* Bytes of argv, NULs counted: what the kernel lets nobody exceed. */
#define CAPTURE_MAX_ARGV (6 << 20)
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
	/* Bytes of argv, NULs counted, beyond which it is cut; 0: CAPTURE_DEFAULT_ARGV. */
	uint64_t max_argv;
	/* Nanoseconds after which a call that has not returned is reported without; 0: the default. */
	int64_t return_timeout_ns;
	/* Calls that a return probe follows at a time, and that run at a time; 0: as many as there can be.
	 * Fewer show what is done when they are too few. */
	unsigned int max_active, max_in_flight;
	/* Names of the environment variables to report; at most CAPTURE_MAX_ENV, each of at most
	 * CAPTURE_ENV_NAME bytes. NULL: the default ones. */
	const struct str *env;
	size_t n_env;
	/* Something that nobody on the machine can guess, for tables whose keys others choose. */
	uint64_t seed;
	/* Receives each event; borrowed for the call. */
	void (*event)(void *ctx, const struct event *ev);
	void *ctx;
};

#define CAPTURE_DEFAULT_ARGV ((uint64_t)2 << 20)
#define CAPTURE_RETURN_TIMEOUT_NS INT64_C(30000000000)

/*
 * What was counted since the start. Each field is a kind of fact of its own.
 *
 *	entries = returns + in_flight + missed + lost_start
 */
struct capture_counters {
	uint64_t entries;		/* calls that entered */
	uint64_t returns;		/* ... that were seen to return, or to have made a new image */
	uint64_t in_flight;		/* ... that run */
	uint64_t missed;		/* ... whose return was missed: their task ended or entered again */
	uint64_t lost_start;		/* ... for which the start map had no room */
	uint64_t overdue;		/* ... reported without a return, as they took too long */
	uint64_t execs;			/* successes by sched_process_exec, the witness */
	uint64_t from_kernel;		/* ... that the kernel itself started */
	uint64_t delivered;		/* events handed on */
	uint64_t lost_ring;		/* records for which the ring had no room */
	uint64_t lost_argv;		/* large argvs without room: cut, or without given_argv */
	uint64_t lost_scratch;		/* records for which the CPU's scratch memory was in use */
	uint64_t malformed;		/* records that the decoder refused */
	uint64_t kernel_missed;		/* entries at which, says the kernel, no program was run */
	uint64_t kernel_missed_returns;	/* the same of returns; they are among those missed or in flight */
	uint64_t unaccounted;		/* entries by which the equation was wrong for seconds */
	uint64_t unmatched;		/* returns without an entry: that was before the start, or denied */
	uint64_t argv_cut;		/* argv over the limit */
	uint64_t argv_partial;		/* argv with words that could not be read */
	uint64_t env_cut;		/* environments of which not all that is to be reported was read */
	uint64_t image_hits, image_misses;	/* images of others that were asked for */
};

/* Losses: anything that means that an exec or a part of it was not reported. */
uint64_t capture_lost(const struct capture_counters *c);

/*
 * Loads and attaches; events come from capture_consume() only. EXECWATCH_DEBUG in the environment shows
 * libbpf's own messages on stderr. On failure a sentence that a user can act on is appended to @why; for
 * BACKEND_AUTO also on success where a better backend could not be had. 0 or -errno (-EPERM: no privilege,
 * -EOPNOTSUPP: the kernel lacks it, -EINVAL: env).
 *
 * Afterwards no privilege is needed any more, not even to detach.
 */
int capture_open(const struct capture_options *options, struct buf *why, struct capture **ret);
struct capture *capture_free(struct capture *c);

/* Another offset for the events to come: the clock was set, or the machine slept. */
void capture_set_epoch(struct capture *c, int64_t epoch_offset_ns);

const char *capture_backend(const struct capture *c);

/* Becomes readable when there is something to do for capture_consume(). */
int capture_fd(const struct capture *c);

/* Hands on all records that are there, but not without end what comes meanwhile. Their number, or -errno. */
int capture_consume(struct capture *c);

/* Ends the watch: detaches, and hands on all that was seen. The counters stay as they are then. 0, or
 * -errno where not all could be read. */
int capture_stop(struct capture *c);

/* To be called every second, with CLOCK_MONOTONIC: hands on what has not returned in time, and checks the
 * account. */
void capture_tick(struct capture *c, int64_t now_ns);

struct capture_counters capture_counters(const struct capture *c);

/* Can a field have a value in events of this capture? See fills(). */
enum fill capture_fills(const struct capture *c, const char *field_name, struct value *ret_only,
			const char **ret_why);

DEFINE_CLEANUP(struct capture *, capture_free)

#endif
