/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Located errors and warnings for the people who write rules and configurations.
 *
 * A diagnostic is recorded, not printed: the reader goes on, and one run shows everything that is wrong. It
 * says what is wrong (lower case, the user's words in backquotes), shows the line with a caret under the
 * exact columns, a second place where there is one, and, only when sure, what to write instead.
 */
#ifndef BASE_DIAG_H
#define BASE_DIAG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/str.h"

/* The text of one file, kept while its diagnostics may still be printed. */
struct source {
	struct str path;	/* as the user named it */
	struct str text;
	struct source *next;
};

/* Owns sources; addresses of struct source stay the same until sources_done(). */
struct sources {
	struct arena arena;
	struct source *first, *last;
};

#define SOURCES_INIT { ARENA_INIT, NULL, NULL }

void sources_done(struct sources *set);
/* Copies @path and @text. 0 or -ENOMEM. */
int sources_add(struct sources *set, struct str path, struct str text, const struct source **ret);
/* Reads the file; at most @limit bytes, -EFBIG beyond. @path "-" is standard input. 0 or -errno. */
int sources_read(struct sources *set, const char *path, size_t limit, const struct source **ret);

/* A place in a source. Lines and columns count from 1, columns in characters as libyaml counts them (a byte
 * that is no UTF-8 is one character). end_col is the column behind the last character; 0 or not above col:
 * one caret. line 0: the file as a whole. */
struct loc {
	const struct source *source;
	uint32_t line, col, end_col;
};

enum diag_level { DIAG_ERROR, DIAG_WARNING };

/* What a diagnostic is called: a stable code for scripts, and the long text of `check --explain`. Rows are
 * kept by the room that raises them. */
struct diag_code {
	const char *code;		/* "E0312" */
	const char *explanation;
};

struct diag {
	enum diag_level level;
	const struct diag_code *code;
	struct loc at, second;		/* second.source NULL: none */
	struct str message;		/* after "error[E0312]: " */
	struct str label;		/* behind the carets; may be empty */
	struct str second_label;
	struct str help;		/* may be empty */
};

/* A list of diagnostics, in the order in which they were recorded. */
struct diags {
	struct arena arena;
	struct diag *items;
	size_t n, cap;
	size_t n_errors, n_warnings;
	bool out_of_memory;		/* from here on they are only counted */
};

#define DIAGS_INIT { ARENA_INIT, NULL, 0, 0, 0, 0, false }

void diags_done(struct diags *ds);

/* Records one and returns -EINVAL, so that a reader can `return diag_error(...)`. */
__attribute__((format(printf, 4, 5)))
int diag_error(struct diags *ds, const struct diag_code *code, struct loc at, const char *fmt, ...);
__attribute__((format(printf, 4, 5)))
void diag_warning(struct diags *ds, const struct diag_code *code, struct loc at, const char *fmt, ...);

/* These add to the one recorded last. */
__attribute__((format(printf, 2, 3))) void diag_label(struct diags *ds, const char *fmt, ...);
__attribute__((format(printf, 2, 3))) void diag_help(struct diags *ds, const char *fmt, ...);
__attribute__((format(printf, 3, 4)))
void diag_second(struct diags *ds, struct loc at, const char *fmt, ...);

/* By source (in the order of their first diagnostic), then line, then column; stable. */
void diags_sort(struct diags *ds);

/* "path:line:col", or "path" where the line is 0. */
void loc_write(struct loc at, struct buf *b);

/* As rustc prints them, each followed by an empty line. Tabs are shown as spaces, other control bytes as
 * escapes, with the carets below what is shown; of a long line there is a window around them. Errors stick to
 * @b. */
void diags_write_text(const struct diags *ds, bool colour, struct buf *b);

static inline void diags_cleanup(struct diags *ds)
{
	diags_done(ds);
}

static inline void sources_cleanup(struct sources *set)
{
	sources_done(set);
}

#endif
