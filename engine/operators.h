/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How each operator of operators.def is evaluated on one value.
 *
 * A text of which not all could be read is decided as far as what is there goes:
 *
 *		TEXT_CUT				TEXT_PARTIAL
 *	in	no where they differ, or more is there	no where what is there is not in the operand
 *		than the operand has; else undecided	in this order; else undecided
 *	prefix	undecided where too little is there	undecided
 *	suffix	undecided				undecided
 *	contains yes where found; else undecided	yes where found and without a space;
 *							else undecided
 *	glob	yes where its last star is reached,	yes for stars alone; else undecided
 *		no where it fails before the end,
 *		else undecided
 *	cidr	no where a byte is in no address;	undecided
 *		else undecided
 *	re	yes where found without a look at the	undecided
 *		end; else undecided
 *
 * The empty prefix, suffix and contains hold for every text.
 */
#ifndef ENGINE_OPERATORS_H
#define ENGINE_OPERATORS_H

#include <stdbool.h>

#include "base/regex.h"
#include "base/truth.h"
#include "engine/glob.h"
#include "event/event.h"
#include "parser/rule.h"

/* How much of a text there is to see. */
enum text_state {
	TEXT_WHOLE,
	TEXT_CUT,		/* it may go on behind what is there */
	TEXT_PARTIAL,		/* of its words some are missing or too short, nobody knows which */
};

/* One test on one known value. PRESENCE and OTHER are about other values too and not asked here.
 * Allocates nothing. */
enum truth test_value(const struct test *t, bool is_number, const struct value *v, enum text_state state,
		      struct regex_scratch *scratch);

/* Are two known texts, of either of which there may be more than what is there, the same bytes? */
enum truth texts_equal(struct str a, enum text_state a_state, struct str b, enum text_state b_state);

/* Does one of the tests of @c hold only where there is no value? */
bool asks_for_absence(const struct cond *c);

#endif
