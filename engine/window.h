/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Windows: what lasts longer than one event. A threshold counts matches until there are enough, a throttle
 * holds alerts back and sums them up.
 *
 * Time is that of the events, for each host by itself: the latest end of an exec seen there, which a tick
 * moves on too. All memory is there from the start. Where it does not suffice, or a rule has more keys than
 * it may, keys go: then there may be alerts too early or too many, and none is missing. Each operation takes
 * O(log n), but for freeing what was counted, which takes as many steps as counting it took.
 */
#ifndef ENGINE_WINDOW_H
#define ENGINE_WINDOW_H

#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "engine/keep.h"
#include "engine/key.h"
#include "engine/uuid.h"
#include "event/event.h"
#include "parser/rule.h"

#define WINDOW_MAX_KEYS 65536		/* of one threshold or throttle */
#define WINDOW_MEMORY ((size_t)64 << 20)
#define WINDOW_MEMORY_MIN ((size_t)4 << 20)	/* one key of a threshold always fits */
#define WINDOW_MEMORY_MAX ((size_t)4 << 30)
/* Hosts that have a clock of their own; a recording of more has one for all those beyond. */
#define WINDOW_MAX_HOSTS 1024
/* Silences that end at one event, and on a host at one tick; what is due beyond waits for the next. */
#define WINDOW_ENDS_PER_EVENT 64
#define WINDOW_ENDS_PER_TICK 1024

struct windows;

/* A summary that has to be raised now. */
struct owed {
	const struct rule *rule;
	int64_t since_ns, time_ns;	/* the silence that it ends */
	uint64_t suppressed;		/* not 0 */
	struct str first_id;		/* of the alert that began it; unknown: that was not raised */
	const struct key_values *key;	/* of the rule's throttle, and the host */
	struct str record;		/* what was kept of the last event; unknown: nothing */
	char id[UUID_TEXT_SIZE];	/* for the receiver to fill in: that of the summary, or "" */
};

/* Everything in @o is valid during the call only. */
typedef void (*owed_fn)(void *ctx, struct owed *o);

struct windows_options {
	size_t memory;			/* bytes for all rules */
	uint32_t max_keys;		/* of one threshold or throttle */
	uint64_t seed;
	owed_fn owed;
	void *ctx;
};

/* Borrows @rules. 0 or -ENOMEM. */
int windows_new(const struct ruleset *rules, const struct windows_options *options, struct windows **ret);
struct windows *windows_free(struct windows *w);

/* Moves a host's clock on to @now_ns (INT64_MIN: not at all) and ends what is due there. The host's number is
 * for the functions below. */
uint16_t windows_advance(struct windows *w, struct str host, int64_t now_ns);
/* The same for all hosts that have been seen. */
void windows_tick(struct windows *w, int64_t now_ns);
/* Ends all silences, each at its host's time. */
void windows_finish(struct windows *w);
/* Takes over from @from the clocks and all that is in windows which @w has too, by rule id, as they were. @w
 * must not have seen an event. */
void windows_adopt(struct windows *w, struct windows *from);

/* A match of a rule that has a threshold. True: there are enough, and the key starts anew. *ret_count is what
 * its window holds with this one; 0 where it does not count. */
bool threshold_take(struct windows *w, size_t rule, struct str host, uint16_t host_number,
		    const struct event *ev, uint32_t *ret_count);

/* An alert of a rule that has a throttle. True: nothing of its key has been raised for long enough, so raise
 * it and call throttle_begin(). False: it is held back, and counted. */
bool throttle_take(struct windows *w, size_t rule, struct str host, uint16_t host_number,
		   const struct event *ev);
/* Begins the silence behind the alert @id (UUID_TEXT_SIZE bytes; "": not raised). */
void throttle_begin(struct windows *w, size_t rule, struct str host, uint16_t host_number,
		    const struct event *ev, const char *id);

/* Keys that had to go while they still counted for something. */
uint64_t windows_evicted(const struct windows *w);

DEFINE_CLEANUP(struct windows *, windows_free)

#endif
