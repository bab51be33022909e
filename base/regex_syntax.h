/* SPDX-License-Identifier: Apache-2.0 */
/* What the text of a pattern tells without compiling it. */
#ifndef BASE_REGEX_SYNTAX_H
#define BASE_REGEX_SYNTAX_H

#include <stdbool.h>
#include <stddef.h>

#include "base/regex.h"
#include "base/str.h"

/* Groups within each other that a pattern may have. */
#define REGEX_NEST_LIMIT 50

/* How to come from where PCRE2 stopped to what is at fault. */
enum regex_place {
	PLACE_AT,			/* there */
	PLACE_BEFORE,			/* the byte in front */
	PLACE_ESCAPE,			/* the backslash in front */
	PLACE_PAREN,			/* the parenthesis in front */
	PLACE_INTRO,			/* whichever of the two is nearer */
	PLACE_BRACE,			/* the opening brace in front */
	PLACE_START,			/* the pattern as a whole */
	PLACE_OPEN_GROUP,
	PLACE_OPEN_CLASS,
	PLACE_OPEN_COMMENT,
};

/* A control byte in a pattern is never meant: it comes from an escape that the file format took away.
 * False: there is one, with what to say of it. */
bool regex_check_bytes(struct str pattern, struct regex_error *ret_error);

/* From the @offset where PCRE2 stopped. It, and what is returned, may be the pattern's length. */
size_t regex_find_place(struct str pattern, size_t offset, enum regex_place place);

/* Behind the end of the class that begins at @i; above the pattern's length: it does not end. */
size_t regex_skip_class(struct str pattern, size_t i);

/* [[:<:]] and [[:>:]], which are no classes but borders of words. */
bool regex_is_word_border(struct str s);

/* Does a match at one place not depend on which places were tried before? */
bool regex_starts_alone(struct str pattern);

/* How far behind its own end a match may look. What does not look stays a match, whatever follows. */
enum regex_reach {
	REGEX_REACH_NONE,
	REGEX_REACH_NEXT,	/* at the next two bytes: \b, $ before a last newline */
	REGEX_REACH_FAR,	/* anywhere, or it gives nothing back; also where that is not clear */
};

enum regex_reach regex_reach(struct str pattern);

#endif
