/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a recording covers: when it begins and ends, of how many hosts it speaks, and what is missing in it.
 *
 * A gap is a jump of `seq` from one record of a host to its next in the same file: records that were written
 * are not here. Where `seq` goes back, another recording begins. That nothing was started for a while is no
 * gap: machines sleep; the longest such while is told for what it is.
 */
#ifndef CLI_SURVEY_H
#define CLI_SURVEY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/heavy.h"
#include "event/event.h"

/* As many hosts are told apart. */
#define SURVEY_HOSTS 4096

struct survey {
	uint64_t records;
	uint64_t untimed;		/* records without a time */
	int64_t first_ns, last_ns;	/* the earliest and the latest; valid where records > untimed */
	/* The longest while without a record, in the order of reading, and the time before it. */
	int64_t silence_ns, silence_from_ns;
	uint64_t numbered;		/* records that have a seq: only those show gaps */
	uint64_t gaps, missing;		/* places, and records that are not there */
	struct heavy *hosts;
	struct survey_host *by_host;	/* beside the places of hosts */
};

/* 0 or -ENOMEM; to be released in any case. */
int survey_init(struct survey *s);
void survey_done(struct survey *s);

/* @has_seq: its seq is its own; @file counts the files from 1. */
void survey_add(struct survey *s, const struct event *ev, bool has_seq, size_t file);

/* Records with a time: from the first to the last. 0 where there is no such time. */
int64_t survey_span(const struct survey *s);
/* Hosts that were named; *ret_more: there were more. */
size_t survey_hosts(const struct survey *s, bool *ret_more);

static inline void survey_cleanup(struct survey *s)
{
	survey_done(s);
}

#endif
