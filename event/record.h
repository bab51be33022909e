/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Exec records: an event as one JSON object, and back. The keys are those of fields.def.
 *
 * The reader is strict about JSON (RFC 8259) and about the types of the keys it knows, and skips the keys
 * that it does not. It makes one pass, keeps nothing between records and bounds its depth.
 */
#ifndef EVENT_RECORD_H
#define EVENT_RECORD_H

#include "base/arena.h"
#include "base/buf.h"
#include "event/event.h"
#include "event/json.h"

/* Longest record accepted, in bytes; nesting of skipped values. */
#define RECORD_MAX_BYTES ((size_t)64 << 20)
#define RECORD_MAX_DEPTH 32

struct record_error {
	size_t offset;			/* byte of the record, from 0 */
	char message[160];		/* "`pid` takes an integer, not a string" */
};

/*
 * Reads one record; white space around it is fine, anything else behind it is an error. The event borrows
 * from @a (and never from @text). 0 with *ret complete (event_complete() is called), -EINVAL with
 * *ret_error filled, or -ENOMEM.
 */
int record_read(struct str text, struct arena *a, struct event *ret, struct record_error *ret_error);

/* Writes the event as an object, without a newline; unknown members are left out. */
void record_write(const struct event *ev, struct buf *b);
/* The same as the value of @key in a larger object. */
void record_write_json(const struct event *ev, struct json *j, const char *key);

#endif
