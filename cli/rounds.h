/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rounds over records that are all in memory: what `bench` times. rounds_run() is what tests/bench counts
 * the instructions of, by its name.
 */
#ifndef CLI_ROUNDS_H
#define CLI_ROUNDS_H

#include <stddef.h>
#include <stdint.h>

#include "cli/records.h"
#include "engine/matcher.h"
#include "engine/plain.h"
#include "event/event.h"

struct event_list {
	struct event *item;
	size_t n, cap;
};

/* All of @records, whose memory the events borrow. An enum exit_code. */
int event_list_read(struct event_list *list, struct records *records);
void event_list_done(struct event_list *list);

/* One of the two: @plain, or a matcher with its scratch. */
struct contender {
	struct matcher *matcher;
	struct match_scratch *scratch;
	struct plain *plain;
	/* By index into the rules of @first: matches are counted for each, too. NULL: not. */
	uint64_t *matches;
	const struct rule *first;
};

void contender_done(struct contender *c);

/* (record, rule) pairs: decided and not excepted; not decided. */
struct held {
	uint64_t matches, undecided;
};

struct held rounds_run(const struct contender *c, const struct event_list *list);

/* The same with a clock read around each record: @fastest_ns, by record, is lowered to what this round took.
 * @reading_ns, what reading the clock takes, is off it. */
struct held rounds_run_timed(const struct contender *c, const struct event_list *list, int64_t reading_ns,
			     int64_t *fastest_ns);

static inline void event_list_cleanup(struct event_list *list)
{
	event_list_done(list);
}

static inline void contender_cleanup(struct contender *c)
{
	contender_done(c);
}

#endif
