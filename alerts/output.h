/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an output is: one row, one file. To add one, write the file and name it in outputs.c.
 *
 * render() runs on the thread that matches: it turns the alert into the bytes that this output sends, in
 * memory that is there already. send() runs on the output's own thread and may wait, but never beyond the
 * output's timeout and never once *cancelled is true.
 */
#ifndef ALERTS_OUTPUT_H
#define ALERTS_OUTPUT_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/buf.h"
#include "base/str.h"
#include "engine/alert.h"

/* One setting of an output, read from the configuration by generic code into the output's own struct. */
enum setting_type {
	SETTING_TEXT,		/* struct str */
	SETTING_PATH,		/* struct str; a relative one begins at the configuration's folder */
	SETTING_CHOICE,		/* int, an index into choices */
	SETTING_DURATION,	/* int64_t, nanoseconds */
	SETTING_SIZE,		/* uint64_t, bytes */
	SETTING_BOOL,		/* bool */
};

struct setting {
	const char *name;
	enum setting_type type;
	size_t offset;			/* into the output's struct */
	bool required;
	const char *const *choices;	/* SETTING_CHOICE: NULL at the end */
	const char *help;
};

/* What all outputs are opened with. */
struct outputs_options {
	/* Tells nanoseconds since the epoch, for protocols that want the time of sending; NULL: they go
	 * without it. */
	int64_t (*now)(void);
	/* Whom the process will be when it sends, where that is another user than the one that opens. What
	 * an output creates is given to it. */
	bool changes_user;
	uid_t uid;
	gid_t gid;
};

/* What sending told. */
enum sent {
	SENT,
	SEND_FAILED,
	SEND_GONE,		/* failed, and nobody will ever read again: a pipe without a reader */
};

struct output_type {
	const char *type;		/* in the configuration */
	const char *help;
	size_t size;			/* of its own struct, which starts zeroed */
	const struct setting *settings;	/* ended by a row without a name */
	/* Defaults that are not zero. NULL: none. */
	void (*init)(void *self);
	/* A word about settings that fit the table but not each other (the reader adds the place). 0, perhaps
	 * with @warning filled, -EINVAL with @error filled, or -ENOMEM. Called by `check` too: no file, no
	 * network. NULL: nothing to say. */
	int (*check)(const void *self, char *error, size_t size, char *warning, size_t warning_size);
	/* 0 or -errno with @error filled. Called once, before any send and with every permission that there
	 * will ever be: what send() needs and an ordinary user may not read is read here. @options is
	 * borrowed for the call. NULL: nothing to open. */
	int (*open)(void *self, const struct outputs_options *options, char *error, size_t size);
	/* At least one byte. Where @b is too small its error says so, and what was written is thrown away. */
	void (*render)(const void *self, const struct alert *a, struct buf *b);
	/* Sends what render() wrote, which need not be the bytes that leave. @error is filled unless SENT.
	 * After SEND_GONE it is not called again. */
	enum sent (*send)(void *self, struct str message, const atomic_bool *cancelled, char *error,
			  size_t size);
	/* Releases what open() took. NULL: nothing. */
	void (*close)(void *self);
};

extern const struct output_type *const output_types[];	/* NULL at the end */

/* The row of that name; NULL: none. */
const struct output_type *output_type_find(struct str name);

extern const struct output_type output_stdout, output_file, output_syslog, output_webhook;

#endif
