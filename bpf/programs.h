/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The BPF programs: which of them a way to watch (a backend) consists of, loading, attaching, and the
 * account that the kernel keeps of them. What is made of their records is capture.h's.
 */
#ifndef BPF_PROGRAMS_H
#define BPF_PROGRAMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/str.h"
#include "bpf/backend.h"
#include "bpf/wire.h"

struct programs;

struct programs_options {
	uint32_t max_argv;		/* bytes that are kept, at most WIRE_MAX_ARGV */
	unsigned int max_active;	/* calls that a kretprobe follows at a time; 0: the kernel's limit */
	unsigned int max_in_flight;	/* calls in the start map; 0: its default */
	const struct str *env;		/* names of variables, borrowed for the call */
	size_t n_env;
};

/* Loads and attaches one backend, which is not BACKEND_AUTO. 0, or -errno with a sentence that a user can
 * act on appended to @why. */
int programs_open(enum backend backend, const struct programs_options *options, struct buf *why,
		  struct programs **ret);

/* Detaches: nothing is counted or reported any more, and what was before stays. */
void programs_detach(struct programs *p);

/* Detaches and removes all traces of them. */
struct programs *programs_free(struct programs *p);

/* Descriptors of the ring and of the map of calls that run. */
int programs_ring(const struct programs *p);
int programs_starts(const struct programs *p);

/* Slots that records may name. */
size_t programs_slots(const struct programs *p);

/* What the programs counted so far, and how many calls run. */
void programs_counters(const struct programs *p, struct wire_counters *ret, uint64_t *in_flight);

/* Calls that the kernel says it did not run the programs for: by probes at entries and returns, and because
 * one was running on that CPU already. */
void programs_missed(const struct programs *p, uint64_t *entries, uint64_t *returns);

/* True while the consumer looks into the ring by itself every few milliseconds. */
void programs_set_awake(struct programs *p, bool awake);

/* Is the head attached that sees what a script's caller gave? */
bool programs_see_given(const struct programs *p);

DEFINE_CLEANUP(struct programs *, programs_free)

#endif
