/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the engine share: engine.c, and self.c with what execwatch has to say of itself. */
#ifndef ENGINE_STATE_H
#define ENGINE_STATE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "engine/engine.h"
#include "engine/plain.h"
#include "engine/stamp.h"
#include "engine/summary.h"
#include "engine/window.h"

/* What the engine remembers of a rule. */
struct rule_state {
	struct rule_counters counters;
	int64_t undecided_said_ns;	/* INT64_MIN: never */
	bool *expired_said;		/* by exception */
	uint64_t *excepted;		/* by exception */
};

/* What an alert says of its key. */
struct alert_key {
	struct key_values values;
	struct pair pair[RULE_MAX_BY];
	size_t n;
};

struct engine {
	const struct ruleset *rules;
	struct engine_options options;	/* its texts are the arena's */
	struct arena arena;
	struct matcher *matcher;
	struct match_scratch *scratch;
	struct rule_cost *costs;	/* by rule; NULL: not counted */
	struct plain *plain;		/* instead of these two */
	struct rule_state *states;	/* by rule */
	struct windows *windows;
	struct stamps stamps;
	struct engine_counters counters;
	int64_t now_ns;			/* the latest time seen */
	struct arena kept_arena;
	struct event kept;		/* of a summary that is being raised */
	struct summary summary;
};

/* Where and when an event's alerts are. */
static inline struct str host_of(const struct engine *e, const struct event *ev)
{
	return str_known(ev->host) ? ev->host : e->options.host;
}

static inline int64_t time_of(const struct engine *e, const struct event *ev)
{
	return ev->time.known ? ev->time.value : e->now_ns;
}

static inline struct rule_state *state_of(struct engine *e, const struct rule *rule)
{
	return &e->states[rule - e->rules->rules];
}

static inline void engine_advance(struct engine *e, int64_t now_ns)
{
	if (now_ns > e->now_ns)
		e->now_ns = now_ns;
}

/* Hands on an alert that is complete but for its stamps. @about is what tells it from others of its
 * rule, as @key does; each may be unknown, or NULL. */
void engine_raise(struct engine *e, struct alert *a, struct str about, const struct alert_key *key);

/* self.c */
/* Once for each exception. */
void engine_say_expired(struct engine *e, const struct event *ev, const struct match *m);
/* Counts it, and says it of each rule from time to time. */
void engine_count_undecided(struct engine *e, const struct event *ev, const struct rule *rule);

#endif
