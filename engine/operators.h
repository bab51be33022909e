/* SPDX-License-Identifier: Apache-2.0 */
/* How each operator of operators.def is evaluated on one value. */
#ifndef ENGINE_OPERATORS_H
#define ENGINE_OPERATORS_H

#include "base/regex.h"
#include "base/truth.h"
#include "event/event.h"
#include "parser/rule.h"

/* How much of a text there is to see. */
enum text_state {
	TEXT_WHOLE,
	TEXT_CUT,		/* it goes on behind what is there */
	TEXT_PARTIAL,		/* something is missing somewhere */
};

/* One test on one known value. PRESENCE and OTHER are about the field as a whole and are not asked here. */
enum truth test_value(const struct test *t, bool is_number, const struct value *v, enum text_state state,
		      struct regex_scratch *scratch);

/* The whole of @text against a glob over bytes: * ? [..] [!..], backslash takes the next byte literally.
 * Linear in the length of @text times the number of stars at worst. */
bool glob_matches(struct str pattern, struct str text, bool nocase);

#endif
