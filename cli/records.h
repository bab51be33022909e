/* SPDX-License-Identifier: Apache-2.0 */
/* Exec records out of files, one after the other; a line that is none is named, and the rest goes on. */
#ifndef CLI_RECORDS_H
#define CLI_RECORDS_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "cli/lines.h"
#include "cli/progress.h"
#include "event/event.h"

struct records {
	const char *const *paths;
	size_t n_paths, next_path;
	struct lines lines;
	struct arena arena;		/* of the record handed out last */
	uint64_t n_read, n_bad;
	bool has_seq;			/* the record handed out last had a seq of its own */
	size_t n_files;			/* opened so far; the record is out of the last of them */
	struct progress *progress;	/* borrowed, may be set after opening; NULL: none is shown */
	bool keep;			/* records stay valid until records_close() */
	bool failed;			/* a file could not be read */
};

/* Reads @paths in their order ("-" is standard input); borrows them. */
void records_open(struct records *r, const char *const *paths, size_t n_paths);
void records_close(struct records *r);

/*
 * True with the next record, valid until the next call (longer with `keep`). False at the end of the last
 * file. Bad lines and unreadable files are named on stderr and counted. A record without a seq gets the
 * number of its line from 0. Empty lines are skipped.
 */
bool records_next(struct records *r, struct event *ret);

/* EXIT_FINE, EXIT_FINDINGS where a line was bad, EXIT_SYSTEM where a file could not be read. */
int records_exit_code(const struct records *r);

static inline void records_cleanup(struct records *r)
{
	records_close(r);
}

#endif
