/* SPDX-License-Identifier: Apache-2.0 */
/* One record out of a file: the first, or the one that the user names. */
#ifndef CLI_EXPLAIN_RECORD_H
#define CLI_EXPLAIN_RECORD_H

#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "event/event.h"

/* Which one; 0 and unknown: the first. */
struct record_choice {
	int64_t line;			/* from 1 */
	struct num seq;			/* the record's own, or its line from 0 */
};

struct picked_record {
	struct event event;
	struct arena arena;		/* the event's */
	const char *path;		/* as messages name it */
	uint64_t line;			/* where it begins */
	uint64_t n_records;		/* in the file */
};

/*
 * @path as lines_open() takes it. A record is a line, as in recordings; a `{` alone in a line begins one that
 * goes on to the line with its `}` in the first column, as jq and python print them. What is wrong is told on
 * stderr. EXIT_FINE, EXIT_SYSTEM, or EXIT_FINDINGS: there is no such record (its line is 0 then) or a bad
 * one, in its place or among those that a seq was looked for in. Release @ret in any case.
 */
int record_pick(const char *path, const struct record_choice *choice, struct picked_record *ret);

static inline void picked_record_cleanup(struct picked_record *r)
{
	arena_done(&r->arena);
}

#endif
