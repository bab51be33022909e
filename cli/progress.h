/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How far the reading of files has come: one line on a terminal that is drawn anew a few times a second and
 * is gone at the end. Where standard error is no terminal there is none.
 */
#ifndef CLI_PROGRESS_H
#define CLI_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

struct progress {
	int fd;				/* of the terminal; -1: none */
	uint64_t total;			/* bytes of all files; 0: not known */
	uint64_t ended;			/* bytes of the files that were read */
	int64_t started_ns, next_ns;	/* on the monotonic clock */
	bool is_drawn;
};

/* To @fd, if that is a terminal, about the files @paths ("-" is standard input): their total is known where
 * all of them are regular files. */
void progress_open(struct progress *p, int fd, const char *const *paths, size_t n_paths, int64_t now_ns);

/* A further record came out of @from, @n_records in all: draws where it is time. Cheap enough for each. */
void progress_step(struct progress *p, int from, uint64_t n_records);
/* @from has been read. */
void progress_file_end(struct progress *p, int from);
/* Takes the line away: before anything else is said, and at the end. */
void progress_hide(struct progress *p);

/* The line itself: @done of p->total bytes and @n_records read by @now_ns. */
void progress_write(const struct progress *p, uint64_t done, uint64_t n_records, int64_t now_ns,
		    struct buf *b);

#endif
