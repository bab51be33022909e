/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writing JSON (RFC 8259): commas are this file's business, the caller opens, names, adds and closes.
 *
 * A text that is not valid UTF-8 is written with U+FFFD for each bad byte, and its exact bytes follow as
 * base64 under the same key with `_b64` behind it; of a list of texts an object of index to base64.
 */
#ifndef EVENT_JSON_H
#define EVENT_JSON_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/str.h"

struct json {
	struct buf *b;
	bool comma;		/* the next thing needs one in front */
};

#define JSON_INIT(buffer) { (buffer), false }

/* @key NULL: an element of a list, or the outermost value. */
void json_object(struct json *j, const char *key);
void json_end_object(struct json *j);
void json_list(struct json *j, const char *key);
void json_end_list(struct json *j);

void json_int(struct json *j, const char *key, int64_t n);
/* Two digits behind the point. */
void json_decimal(struct json *j, const char *key, double n);
void json_bool(struct json *j, const char *key, bool b);
/* An unknown text is left out, with its key. Writes the _b64 sibling too where it is needed, if there is a
 * key. */
void json_str(struct json *j, const char *key, struct str s);
void json_text(struct json *j, const char *key, const char *text);
/* A number of seconds, with the decimals that it needs. */
void json_seconds(struct json *j, const char *key, int64_t ns);
/* Nanoseconds since the epoch, as RFC 3339 has it, UTC. */
void json_time(struct json *j, const char *key, int64_t ns);
void json_strs(struct json *j, const char *key, const struct str *items, size_t n);
/* A key that comes from outside (labels, env), with its value; nothing where that is unknown. A key that is
 * no UTF-8 loses its bytes: it has no sibling. */
void json_pair(struct json *j, struct str key, struct str value);

/* Only the characters between the quotes, with U+FFFD for bytes that are no UTF-8. Controls are escaped, DEL
 * and C1 (U+0080 to U+009F) among them. */
void json_escape(struct str s, struct buf *b);

#endif
