/* SPDX-License-Identifier: Apache-2.0 */
/* UTF-8, base64 and the escaping of bytes, for people's eyes and in globs. */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/str.h"

/* Stands where a text was cut. */
#define ELLIPSIS "\xe2\x80\xa6"

/* Length (1 to 4) of the well-formed UTF-8 character that @s begins with (Unicode 15, table 3-7: no
 * overlong forms, no surrogates); 0: none. */
size_t utf8_length(struct str s);
bool utf8_valid(struct str s);
/* The beginning of @s in at most @limit bytes, without half a character at its end. */
struct str utf8_cut(struct str s, size_t limit);
/* Appends one code point; false where it is no scalar value. */
bool utf8_write(unsigned int code_point, struct buf *b);

/* RFC 4648 section 4, with padding. */
void base64_write(struct str bytes, struct buf *b);
/* Strict: padding required, no white space, no stray bits. 0, -EINVAL, -ENOMEM. */
int base64_read(struct str text, struct arena *a, struct str *ret);

/* For terminals and logs: C0 and C1 controls, DEL, U+2028 and U+2029, marks of writing direction, and bytes
 * that are no UTF-8 become \n, \t, \xHH; a backslash stays as it is. Nothing in @s can move the cursor, end
 * the line or turn its order. */
void escape_controls(struct str s, struct buf *b);
/* Appends the glob that @s alone fits: a backslash in front of what means something in one. */
void glob_escape(struct str s, struct buf *b);

#endif
