/* SPDX-License-Identifier: Apache-2.0 */
/* What the text of a pattern tells without compiling it. Only regex.c uses this. */
#ifndef BASE_REGEX_SYNTAX_H
#define BASE_REGEX_SYNTAX_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

/* Groups within each other that a pattern may have. */
#define REGEX_NEST_LIMIT 50

/* What is still open at the end of a pattern; SIZE_MAX: nothing. */
struct regex_open_parts {
	size_t groups[REGEX_NEST_LIMIT];
	size_t n_groups, class, comment;
};

void regex_find_open(struct str pattern, struct regex_open_parts *ret);

/* Means "(?s:.*?)(?:PATTERN)", tried at the start only, what PATTERN means, tried everywhere? */
bool regex_can_skip(struct str pattern);

/* How far behind its own end a match may look. What does not look stays a match, whatever follows. */
enum regex_reach {
	REGEX_REACH_NONE,
	REGEX_REACH_NEXT,	/* at the next two bytes: \b, $ before a last newline */
	REGEX_REACH_FAR,	/* anywhere, or it gives nothing back; also where that is not clear */
};

enum regex_reach regex_reach(struct str pattern);

#endif
