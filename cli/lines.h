/* SPDX-License-Identifier: Apache-2.0 */
/* A file line by line, in memory that depends on its longest line, not on its size. */
#ifndef CLI_LINES_H
#define CLI_LINES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

struct lines {
	const char *path;		/* for messages; "-" is standard input */
	int fd;
	char *memory;
	size_t cap, start, end;		/* memory[start, end) was read and not yet handed out */
	size_t limit;			/* longest line */
	uint64_t number;		/* of the line handed out last, from 1 */
	bool at_end;
};

/* Borrows @path. 0 or -errno. */
int lines_open(struct lines *l, const char *path, size_t limit);
void lines_close(struct lines *l);

/* 1 with the next line, without its end, valid until the next call; 0 at the end of the file; -EFBIG for a
 * line over the limit, which is skipped; or -errno. A last line without a newline is a line. */
int lines_next(struct lines *l, struct str *ret);

static inline void lines_cleanup(struct lines *l)
{
	lines_close(l);
}

#endif
