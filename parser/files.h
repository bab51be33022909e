/* SPDX-License-Identifier: Apache-2.0 */
/* Which files a list of paths stands for, and which file a path is. */
#ifndef PARSER_FILES_H
#define PARSER_FILES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/diag.h"
#include "parser/names.h"

enum file_state { FILE_NEW, FILE_OPEN, FILE_DONE };

/* One file, by whatever paths it is reached. */
struct file {
	const char *path;		/* the first of them; "-": standard input */
	struct str text;		/* of one that is in memory; else unknown */
	enum file_state state;		/* of its loading */
	int error;			/* -errno: it could not be read */
	struct module *module;		/* what it has become; NULL before, and where it could not be read */
	struct loc followed;		/* while it is open: the entry of its `include` that is read */
};

/* The files found so far, in the order of loading. All zeros but @arena is a valid start. */
struct files {
	struct arena *arena;		/* of the files */
	struct file **items;
	size_t n, cap;
	bool in_memory;			/* there are no others than these */
	struct names seen;		/* device and inode of files and directories, to known */
	struct file **known;		/* NULL: a directory, or a file that is not read */
	size_t n_known, cap_known;
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
/* Adds a file that is in memory; @text is borrowed. 0 or -ENOMEM. */
int files_add_text(struct files *files, struct str path, struct str text);

/* Why a file is not read, for messages: "cannot include `x`: WHY". */
struct refusal {
	const struct diag_code *code;
	char why[128];
};

/* The file at @path, which must be a regular one; not added. 0, -ENOMEM, or another error with *ret_refusal:
 * -errno of what cannot be read, -EPERM: others can write it, -EINVAL: it is no such file. */
int files_find(struct files *files, const char *path, struct file **ret, struct refusal *ret_refusal);
void files_done(struct files *files);

/* The whole text, at most @limit bytes, -EFBIG beyond. 0 or -errno. */
int file_read(const struct file *f, size_t limit, struct sources *sources, const struct source **ret);
/* What -errno of file_read() means. */
void file_refusal(int error, struct refusal *ret);
/* An error about a file as a whole. 0 or -ENOMEM. */
__attribute__((format(printf, 5, 6)))
int file_error(struct sources *sources, struct diags *ds, const struct diag_code *code, const char *path,
	       const char *fmt, ...);

#endif
