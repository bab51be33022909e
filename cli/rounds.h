/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rounds over records that are all in memory: what `bench` times.
 *
 * A watcher matches an exec right after it was decoded, from memory that it has just written. Here records
 * wait in more memory than any cache has, so before some are matched all that matching may read of them is
 * fetched, which is not timed: else a large part of a round would be the waiting for records.
 *
 * tests/bench counts the instructions of matcher_run() by round, which it tells by the name of rounds_run().
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
	/* By record: lowered to what it took, where that is less, by a clock that is read around each. NULL:
	 * none is. */
	int64_t *fastest_ns;
};

void contender_done(struct contender *c);

/* (record, rule) pairs: decided and not excepted; not decided. */
struct held {
	uint64_t matches, undecided;
};

/* What matching took: of the thread's CPU time; by the monotonic clock, which goes on while others run. */
struct took {
	int64_t cpu_ns, ns;
};

/* One round; what it took is added to @took. What reading the clocks takes is off all. */
struct held rounds_run(const struct contender *c, const struct event_list *list, struct took *took);

static inline void event_list_cleanup(struct event_list *list)
{
	event_list_done(list);
}

static inline void contender_cleanup(struct contender *c)
{
	contender_done(c);
}

#endif
