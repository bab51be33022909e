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
 *	ge gt	no where a byte is in no number;	the same
 *	le lt	else undecided
 *
 * The empty prefix, suffix and contains hold for every text. A number has a text, too (value_as_text()),
 * which is always whole.
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

/* One test on one known value of a field of that type. PRESENCE and FORM_FIELD are about other values too and
 * not asked here. Allocates nothing. */
enum truth test_value(const struct test *t, enum field_type type, const struct value *v,
		      enum text_state state, struct regex_scratch *scratch);

/* A text that may not be all there. */
struct seen_text {
	struct str text;		/* known */
	enum text_state state;
};

/* One of the operators that take a field (or SAME_AS), with a text as it is seen for its operand. */
enum truth texts_compare(enum op op, bool nocase, struct seen_text text, struct seen_text operand);

/* Does one of the tests of @c hold only where there is no value? */
bool asks_for_absence(const struct cond *c);

#endif
