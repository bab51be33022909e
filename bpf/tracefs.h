/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Events of the kernel's tracing file system: kprobes that are made there, which unlike those that perf
 * makes may say how many calls they follow at a time, and tracepoints.
 *
 * Probes are named execwatch_PID/NAME. They outlive the process that made them, so that they are removed at
 * its end and, after a kill, by the next one that opens this.
 */
#ifndef BPF_TRACEFS_H
#define BPF_TRACEFS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/cleanup.h"

struct tracefs;

/*
 * Opens the file system where it is mounted, else a mount of its own that nobody else sees. What is needed
 * to remove the probes stays open, so that it can be done without any privilege. @probes: tracefs_kprobe()
 * will be called, which takes more of it. 0, or -errno with a sentence that a user can act on appended to
 * @why.
 */
int tracefs_open(bool probes, struct buf *why, struct tracefs **ret);

/* Removes all probes that tracefs_kprobe() made; they must not be in use any more. */
struct tracefs *tracefs_free(struct tracefs *t);

/* Makes a probe at the beginning of a kernel function. A descriptor of a perf event that is to be attached
 * to, or -errno (-ENOENT: no such function). */
int tracefs_kprobe(struct tracefs *t, const char *name, const char *function);

/* The same at its return; it follows @max_active calls at a time (0: as many as the kernel allows). */
int tracefs_kretprobe(struct tracefs *t, const char *name, const char *function, unsigned int max_active);

/* A descriptor of a perf event for the tracepoint @system/@name, or -errno. */
int tracefs_tracepoint(const struct tracefs *t, const char *system, const char *name);

/* Calls that the kernel says its probes of this process have missed, at the beginning and at the return of
 * functions. Unchanged where it does not say. */
void tracefs_missed(const struct tracefs *t, uint64_t *entries, uint64_t *returns);

DEFINE_CLEANUP(struct tracefs *, tracefs_free)

#endif
