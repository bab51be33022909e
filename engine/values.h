/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The values of a field for an event, and how much of each there is to see: what field_next() gives, told
 * apart by the state of argv. Where argv is whole, or the field does not read it, every value is whole and
 * none is hidden.
 *
 *	struct values vs;
 *	values_open(&vs, ref, ev);
 *	while (values_next(&vs, &v, &state)) ...
 *	if (vs.hidden) there may be values beyond those
 *
 * Of a cut argv every word is whole but the last that is there. Of a partial one any word may be too short,
 * and one that could not be read at all is empty or left out; which place a word has is only known where as
 * many are there as argc says.
 */
#ifndef ENGINE_VALUES_H
#define ENGINE_VALUES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/operators.h"
#include "event/event.h"
#include "event/field.h"

struct values {
	struct field_ref ref;
	const struct event *ev;
	struct field_cursor cursor;
	enum argv_state argv;		/* ARGV_COMPLETE for a field that does not read it */
	const struct words *words;	/* that the field reads, unless ARGV_COMPLETE */
	int64_t argc;			/* their true number; -1: not known */
	size_t n_given;
	bool none;			/* there is no such word */
	bool hidden;			/* set once values_next() has said no */
};

/* Borrows @ev; copies @ref. */
void values_open(struct values *vs, const struct field_ref *ref, const struct event *ev);
bool values_next(struct values *vs, struct value *ret, enum text_state *ret_state);

#endif
