/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Values of a record, by the type of their field. Only record.c uses this.
 *
 * Exact bytes (X_b64) may stand before or behind their plain text X. Functions return 0, -EINVAL with the
 * message set (by record_fail(), or in the JSON reader), or -ENOMEM.
 */
#ifndef EVENT_RECORD_VALUE_H
#define EVENT_RECORD_VALUE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "event/field.h"
#include "event/json_read.h"
#include "event/record.h"

/* Names in one labels or env: each is compared with all others. */
#define RECORD_MAX_PAIRS 1024

struct record_reader {
	struct json_reader json;
	struct arena *arena;
	struct record_error *error;
	bool failed;			/* record_fail() was called */
};

/* Records the error, at the byte @at of the text, and returns -EINVAL. */
__attribute__((format(printf, 3, 4)))
int record_fail(struct record_reader *r, const char *at, const char *fmt, ...);
/* The same for the value that comes next: it is not @what, which the field or the object @key takes. */
int record_fail_type(struct record_reader *r, struct str key, const char *what);

/* Reads the value that comes next, which is not null, into the member of @field in the struct event or struct
 * process at @base. */
int record_read_value(struct record_reader *r, const struct field *field, char *base);
/* The same for the value of X_b64, of a TEXT or, when its plain list has been read, of WORDS. */
int record_read_exact(struct record_reader *r, const struct field *field, char *base);

#endif
