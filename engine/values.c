/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Values with their states. All events but a few have a whole argv, so that comes first and costs one look;
 * the rest is bookkeeping of which words may be longer than what is there, and which may be missing.
 */
#include "engine/values.h"

/* Which words the field reads and how many there are in truth. given_argv has no count of its own. */
static void count_words(struct values *vs)
{
	const struct event *ev = vs->ev;
	const struct field *field = vs->ref.field;

	if (field->type == FT_WORDS && field->offset == offsetof(struct event, given_argv)) {
		vs->words = &ev->given_argv;
		vs->argc = -1;
		return;
	}
	vs->words = &ev->argv;
	vs->argc = ev->argc.known && ev->argc.value >= (int64_t)ev->argv.n ? ev->argc.value : -1;
}

/* Makes an index count from the front. False: nobody can tell which word that is, or it cannot be seen. */
static bool locate(struct values *vs)
{
	int64_t index = vs->ref.index, n = (int64_t)vs->words->n;

	if (vs->argc >= 0) {
		index += index < 0 ? vs->argc : 0;
		vs->none = index < 0 || index >= vs->argc;
		if (vs->none)
			return true;
	}
	if (index < 0 || index >= n || (vs->argv == ARGV_PARTIAL && vs->argc != n))
		return false;
	vs->ref.index = (int32_t)index;
	return true;
}

void values_open(struct values *vs, const struct field_ref *ref, const struct event *ev)
{
	*vs = (struct values){ .ref = *ref, .ev = ev, .argv = event_argv_state(ev) };

	if (vs->argv == ARGV_COMPLETE)
		return;
	if (!field_ref_reads_argv(ref)) {
		vs->argv = ARGV_COMPLETE;
		return;
	}
	count_words(vs);
	/* An argv that could not be read at all is there all the same; a given_argv need not be. */
	if (vs->words != &ev->argv && !vs->words->known)
		vs->argv = ARGV_COMPLETE;
	else if (ref->indexed && !locate(vs))
		vs->none = vs->hidden = true;
}

static enum text_state state_of(const struct values *vs)
{
	bool joined = !vs->ref.indexed && !field_ref_is_many(&vs->ref);
	size_t word = vs->ref.indexed ? (size_t)vs->ref.index : vs->n_given - 1;

	if (vs->argv == ARGV_PARTIAL)
		return joined ? TEXT_PARTIAL : TEXT_CUT;
	return joined || word + 1 >= vs->words->n ? TEXT_CUT : TEXT_WHOLE;
}

bool values_next(struct values *vs, struct value *ret, enum text_state *ret_state)
{
	*ret_state = TEXT_WHOLE;
	if (vs->argv == ARGV_COMPLETE)
		return field_next(&vs->ref, vs->ev, &vs->cursor, ret);
	if (vs->none)
		return false;
	if (!field_next(&vs->ref, vs->ev, &vs->cursor, ret)) {
		if (field_ref_is_many(&vs->ref))
			vs->hidden = vs->argc != (int64_t)vs->n_given;
		else
			vs->hidden = vs->n_given == 0;
		return false;
	}
	vs->n_given++;
	*ret_state = state_of(vs);
	return true;
}
