/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The engine: events in, alerts out. It joins the matcher with what lasts longer than one event: the
 * numbering of alerts, the alerts about itself, counters.
 *
 * Single-threaded; feeding allocates nothing. Time comes with the events and by engine_tick().
 */
#ifndef ENGINE_ENGINE_H
#define ENGINE_ENGINE_H

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
	uint64_t seed;			/* of alert ids; take it from the system's random numbers */
	bool live;			/* raise execwatch.rule_skipped and execwatch.exception_expired */
	alert_fn raise;
	void *ctx;
};

struct engine_counters {
	uint64_t events;
	uint64_t matches;		/* rules that held and were not excepted, the observed too */
	uint64_t excepted;
	uint64_t undecided;		/* rules that were neither decided nor excepted */
	uint64_t observed;		/* would have been alerts, had the mode not been observe */
	uint64_t alerts;		/* raised, those about execwatch itself included */
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
/* @now_ns since the epoch: lets time pass where no event does. */
void engine_tick(struct engine *e, int64_t now_ns);

/* An alert about execwatch itself, @id such as "execwatch.loss". Of @detail the first text, if any, tells
 * apart troubles of the same kind (see struct alert, fingerprint). Control bytes of @summary are escaped. */
void engine_raise_self(struct engine *e, int64_t now_ns, const char *id, enum severity severity,
		       struct str summary, const struct detail *detail, size_t n_detail);

struct engine_counters engine_counters(const struct engine *e);

DEFINE_CLEANUP(struct engine *, engine_free)

#endif
