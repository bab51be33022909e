/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The outputs of a run: each with its own bounded queue and its own thread, so that a slow or dead one
 * delays neither matching nor the others. What a full queue cannot take is dropped and counted.
 */
#ifndef ALERTS_OUTPUTS_H
#define ALERTS_OUTPUTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "alerts/output.h"
#include "base/cleanup.h"
#include "engine/alert.h"

/* One output as configured. */
struct output_config {
	struct str name;
	const struct output_type *type;
	void *self;			/* type->size bytes, settings filled in */
	int min_severity;		/* this severity or worse; N_SEVERITIES: all */
	uint32_t queue_alerts;		/* at most this many wait; 0: the default */
};

#define OUTPUT_QUEUE_ALERTS 1024
#define OUTPUT_QUEUE_BYTES ((size_t)16 << 20)

struct outputs;

/*
 * Opens every output. Borrows the configs, not the options. On error the name of the output at fault is in
 * @error. 0 or -errno.
 */
int outputs_open(const struct output_config *configs, size_t n, const struct outputs_options *options,
		 char *error, size_t size, struct outputs **ret);

/*
 * Starts the threads, once; what was raised before has waited in the queues. They block all signals, and have
 * the capabilities of the thread that calls (capset(2) changes one thread only), so a process that gives up
 * its own does so between opening and starting. 0 or -errno with @error filled, after which only closing and
 * freeing are left.
 */
int outputs_start(struct outputs *o, char *error, size_t size);

/*
 * An alert_fn: queues the alert for every output that its rule's route names (all where it names none that
 * is known) and whose min_severity lets it pass. Never blocks, allocates nothing. Called by one thread only.
 * Rules in mode observe are not passed on.
 *
 * An alert that finds no room is tried once more with its argument vectors cut, which the record says in
 * argv_state; then it is dropped.
 */
void outputs_raise(void *outputs, const struct alert *a);

/* raised = delivered + failed + dropped + pending, at every moment. */
struct output_counters {
	struct str name;
	const char *type;
	uint64_t raised;
	uint64_t delivered, failed, dropped, pending;
	bool gone;			/* nobody will ever read this output again */
	char last_error[160];		/* "" when there was none */
};

/* Of the first @max outputs; returns how many were written. Any thread may ask. */
size_t outputs_counters(struct outputs *o, struct output_counters *ret, size_t max);

/*
 * Lets the queues drain for @grace_ns, then gives up; what is left counts as dropped. Afterwards only
 * outputs_counters() and outputs_free() may be called. Returns within a second after the grace.
 *
 * False: an output is stuck in a system call that nothing can interrupt (a file on a dead network mount).
 * Its thread is left behind, and its config must stay until the process ends.
 */
bool outputs_close(struct outputs *o, int64_t grace_ns);
/* Closes without grace what is still open. NULL in, NULL out. */
struct outputs *outputs_free(struct outputs *o);

DEFINE_CLEANUP(struct outputs *, outputs_free)

#endif
