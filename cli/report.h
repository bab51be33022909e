/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The books of a run: what was lost, which outputs fail. Looked at every second; said to the operator on
 * stderr and, by the engine, as alerts about execwatch itself.
 */
#ifndef CLI_REPORT_H
#define CLI_REPORT_H

#include <stdbool.h>
#include <stdint.h>

#include "alerts/outputs.h"
#include "base/timefmt.h"
#include "cli/session.h"
#include "engine/engine.h"

#define MAX_OUTPUTS 64

struct report {
	/* Borrowed; set before the first tick. */
	const struct session *session;
	const struct ruleset *rules;
	struct engine *engine;
	struct outputs *outputs;
	int64_t since_ns;		/* since the epoch */

	/* On the monotonic clock: when failures, and losses, may be said again. */
	int64_t say_next_ns, tell_loss_next_ns;
	struct capture_counters told;	/* the losses that an alert has told of */
	struct output_health {
		uint64_t delivered, undelivered;
		bool failing;
	} health[MAX_OUTPUTS];
	/* The outputs that are not failing: those that can tell of the others. */
	struct str healthy[MAX_OUTPUTS];
	size_t n_healthy;
};

/* How long to be silent about failures that were said. Whoever makes a report adds it to @say_next_ns. */
#define REPORT_SAY_EVERY_NS (60 * NS_PER_S)

/* @now_ns since the epoch is the time of what is raised; how long ago something was said is measured on the
 * monotonic clock, @mono_ns, which cannot be set back. False: no output can ever deliver again. */
bool report_tick(struct report *r, int64_t now_ns, int64_t mono_ns);

/* Alerts on what was lost and has not been told yet: true if there was any. */
bool report_loss(struct report *r, int64_t now_ns);

/* The books as they stand, for `execwatch status`: lines for people, or one JSON object and a newline. Rules
 * are told with their costs, the dearest first, as many as there is room for: ten for people, a thousand. */
void report_write_text(const struct report *r, int64_t now_ns, struct buf *b);
void report_write_json(const struct report *r, int64_t now_ns, struct buf *b);

/* The whole account; false when there were alerts and not one was delivered. */
bool report_end(struct report *r);

#endif
