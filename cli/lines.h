/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A file line by line, in memory that depends on its longest line, not on its size. A file that begins as
 * zstd does is decompressed, whatever its name is.
 */
#ifndef CLI_LINES_H
#define CLI_LINES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

struct zstd_reader;

struct lines {
	const char *path;		/* for messages; "-" is standard input */
	int fd;
	struct zstd_reader *zstd;	/* NULL: the file is plain */
	char *memory;
	size_t cap, start, end;		/* memory[start, end) was read and not yet handed out */
	size_t limit;			/* longest line */
	uint64_t number;		/* of the line handed out last, from 1 */
	bool has_begun;			/* it is known whether the file is plain */
	bool at_end;
};

/* Borrows @path. 0 or -errno. */
int lines_open(struct lines *l, const char *path, size_t limit);
void lines_close(struct lines *l);

/*
 * 1 with the next line, without its end, valid until the next call; 0 at the end of the file; -EFBIG for a
 * line over the limit, which is skipped; or -errno, also as zstd_read() has it, after all lines that are
 * complete before the error. A last line without a newline is a line.
 */
int lines_next(struct lines *l, struct str *ret);

/* Does it hold nothing but JSON's white space? */
bool line_is_blank(struct str line);

/* What such an error means, for people. */
const char *lines_error(int e);

static inline void lines_cleanup(struct lines *l)
{
	lines_close(l);
}

#endif
