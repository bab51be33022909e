/* SPDX-License-Identifier: Apache-2.0 */
/* Which files a list of paths stands for. */
#ifndef PARSER_FILES_H
#define PARSER_FILES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/diag.h"
#include "parser/names.h"

/* The files found so far, in the order of reading. All zeros but @arena is a valid start. */
struct files {
	struct arena *arena;		/* of the paths */
	const char **paths;
	size_t n, cap;
	struct names seen;		/* device and inode of files and directories */
	bool check_ownership;
	uint32_t owner;
	int error;			/* the first -errno of a path that cannot be read */
};

/*
 * Adds @path: a file whatever its name, "-" for standard input, or of a directory all *.yaml and *.yml in it
 * and below, sorted by path, names that begin with a dot left out. What is reached twice is added once.
 *
 * What cannot be read is recorded in @ds and in files->error; the rest is added. 0 or -ENOMEM.
 */
int files_add(struct files *files, const char *path, struct sources *sources, struct diags *ds);
void files_done(struct files *files);

/* An error about a file as a whole. 0 or -ENOMEM. */
__attribute__((format(printf, 5, 6)))
int file_error(struct sources *sources, struct diags *ds, const struct diag_code *code, const char *path,
	       const char *fmt, ...);

#endif
