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
 * Reads one record into @ev; white space around it is fine, anything else behind it is an error. The event
 * borrows from @a (and never from @text). 0 with @ev complete (event_complete() is called); -EINVAL with
 * *ret_error filled; or -ENOMEM. On an error @ev holds nothing of use.
 *
 * Stricter than JSON itself: a known key that is given twice, a value of another type than its field, and one
 * that its enumeration does not have are errors, and so is a byte that is no UTF-8. More lenient than the
 * writer: null is read as an absent key, which is what jq makes of one ('{pid, exe}').
 */
int record_read(struct str text, struct arena *a, struct event *ev, struct record_error *ret_error);

/* Writes the event as an object, without a newline; unknown members are left out. */
void record_write(const struct event *ev, struct buf *b);
/* The same as the value of @key in a larger object. */
void record_write_json(const struct event *ev, struct json *j, const char *key);

#endif
