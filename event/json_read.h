/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading JSON (RFC 8259) value by value, without a tree: the caller looks at what comes next and asks for
 * it. Strict: no byte that is no UTF-8, no lone surrogate, no number with a leading zero, no comma too many.
 *
 * The first error stays: every function then returned -EINVAL, and the caller only passes that on.
 */
#ifndef EVENT_JSON_READ_H
#define EVENT_JSON_READ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

struct json_reader {
	const char *start, *p, *end;
	/* Where the next decoded string goes. A string never gets longer by decoding, so as many bytes as
	 * the text has are enough, as long as each string is read once (skipped ones do not count). */
	char *out;
	const char *error;		/* static; NULL: none yet */
	size_t error_offset;
};

enum json_kind { JSON_OBJECT, JSON_LIST, JSON_STRING, JSON_NUMBER, JSON_BOOL, JSON_NULL, JSON_NOTHING };

/* Borrows both: @text while it is read, @memory (at least text.len bytes) while its strings are used. */
void json_reader_init(struct json_reader *r, struct str text, char *memory);

/* Records the first error, at @at, and returns -EINVAL. @message is static. */
int json_fail(struct json_reader *r, const char *at, const char *message);

/* What begins here, by its first byte; white space before it is skipped. */
enum json_kind json_peek(struct json_reader *r);
/* "a string" and so on, for messages. Static. */
const char *json_kind_name(enum json_kind kind);

/* A string, decoded into the memory. */
int json_read_string(struct json_reader *r, struct str *ret);
/* The same for one that is only looked at: borrowed from the text itself where nothing is escaped. */
int json_read_word(struct json_reader *r, struct str *ret);
/* A number without fraction and exponent, in the range of int64. */
int json_read_int(struct json_reader *r, int64_t *ret);
int json_read_bool(struct json_reader *r, bool *ret);
/* Any value; nested at most @depth deep (0: no list or object). */
int json_skip(struct json_reader *r, unsigned int depth);

/*
 * A list or an object is a loop; @inside begins as false.
 *
 *	while (!(e = json_next_key(r, &inside, &key)) && inside)
 *		read the value, or return
 *
 * The key is as of json_read_word(). After the last element *inside is false.
 */
int json_next_key(struct json_reader *r, bool *inside, struct str *ret_key);
int json_next_item(struct json_reader *r, bool *inside);

/* Nothing but white space may be left. */
int json_read_end(struct json_reader *r);

#endif
