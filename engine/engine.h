/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The engine: events in, alerts out. It joins the matcher with what lasts longer than one event: thresholds
 * and throttles, the numbering of alerts, the alerts about itself, counters.
 *
 * Single-threaded; feeding allocates nothing. Time comes with the events and by engine_tick().
 */
#ifndef ENGINE_ENGINE_H
#define ENGINE_ENGINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "engine/alert.h"
#include "engine/matcher.h"
#include "event/event.h"
#include "parser/rule.h"

struct engine;

struct engine_options {
	struct str host;		/* for alerts without an event, and events without a host */
	struct str backend;		/* "kprobe", "replay", ... */
	/* Of alert ids, and of the hash that keeps the tables of windows fast; take it from the system's
	 * random numbers. */
	uint64_t seed;
	size_t window_memory;		/* bytes for the windows of all rules; 0: WINDOW_MEMORY */
	/* Evaluate each rule on each event: for a few of both, where building a matcher costs more than it
	 * saves. */
	bool plain;
	bool live;			/* raise execwatch.rule_skipped and execwatch.exception_expired */
	alert_fn raise;
	void *ctx;
};

struct engine_counters {
	uint64_t events;
	uint64_t matches;		/* rules that held and were not excepted, the observed too */
	uint64_t excepted;
	uint64_t undecided;		/* rules that were neither decided nor excepted */
	uint64_t counted;		/* matches that a threshold took without raising anything */
	uint64_t suppressed;		/* alerts that a throttle held back, the observed too */
	uint64_t observed;		/* would have been alerts, had the mode not been observe */
	uint64_t alerts;		/* raised, summaries and those about execwatch itself included */
	uint64_t summaries;		/* raised */
	uint64_t evicted;		/* keys of windows that had to go for want of room */
};

/* What became of one rule's matches. matches = alerts + observed + suppressed + counted; undecided ones are
 * apart, and so are the alerts that they raise. */
struct rule_counters {
	uint64_t matches, excepted, undecided;
	uint64_t counted, suppressed;	/* as above */
	uint64_t alerts;		/* raised, summaries not among them */
	uint64_t observed;
	uint64_t summaries;		/* raised, or with mode observe would have been */
	uint32_t peak;			/* the most that a threshold's window held at once */
	int64_t peak_ns;		/* the time of the exec that first made it so */
};

/* Builds the matcher and all tables. Borrows @rules until engine_free(), copies @options. 0 or -ENOMEM. */
int engine_new(const struct ruleset *rules, const struct engine_options *options, struct engine **ret);
struct engine *engine_free(struct engine *e);

/* Says what has to be said about the loading of the rules, once. */
void engine_start(struct engine *e, int64_t now_ns);
/*
 * Raises what the rules have to say of @ev, before it returns. A rule that cannot be decided alerts at
 * severity error and worse; execwatch.undecided says so at most once in ten minutes for each rule. Alerts
 * have the event's time and host; where it has none, the latest time seen and the host of the options.
 */
void engine_feed(struct engine *e, const struct event *ev);
/* @now_ns since the epoch: lets time pass where no event does. Summaries that are due are raised by this
 * and by feeding, with the time at which they were due. */
void engine_tick(struct engine *e, int64_t now_ns);
/* The source is at its end: raises the summaries that are still owed, at the latest time seen. */
void engine_finish(struct engine *e);
/*
 * For new rules that take the place of old ones. @e, which has been fed nothing yet, takes over from @old
 * the numbering of alerts, the clocks, what has been said once, and what thresholds and throttles hold: by
 * rule id, where they are as they were. Of all others @old raises the summaries that it owes. @old is then
 * only good for engine_free().
 */
void engine_adopt(struct engine *e, struct engine *old);

/* An alert about execwatch itself, @id such as "execwatch.loss". Of @detail the first text, if any,
 * tells apart troubles of the same kind (see struct alert, fingerprint). Control bytes of @summary are
 * escaped. */
void engine_raise_self(struct engine *e, int64_t now_ns, const char *id, enum severity severity,
		       struct str summary, const struct detail *detail, size_t n_detail);

struct engine_counters engine_counters(const struct engine *e);
/* @rule: an index into the ruleset's rules. */
struct rule_counters engine_rule_counters(const struct engine *e, size_t rule);
/* From now on counts what each rule costs; on every @every-th exec that is timed with @clock, 0: never.
 * Not of an engine that is plain. 0 or -ENOMEM. */
int engine_count_costs(struct engine *e, clock_fn clock, unsigned int every);
/* All zeros where that is not counted. */
struct rule_cost engine_rule_cost(const struct engine *e, size_t rule);
/* See matcher_asks_always(). Not of an engine that is plain. */
bool engine_asks_always(const struct engine *e, size_t rule);
/* How often an exception of that rule applied. */
uint64_t engine_excepted(const struct engine *e, size_t rule, size_t exception);

DEFINE_CLEANUP(struct engine *, engine_free)

#endif
