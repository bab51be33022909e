/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Cuts the argument vectors of an alert's event.
 *
 * Without this a caller could keep an alert from being sent by handing over two megabytes of argv: in JSON
 * they may take six times that, which no queue has to hold. The record says what happened: argv_state is
 * `cut`, argc and argv_bytes stay the true ones.
 */
#include "alerts/reduce.h"

/* Whole words while they fit; of a first word that does not, its beginning, in @cut_word. */
static bool cut_words(struct words *w, struct str *cut_word)
{
	size_t n = 0, bytes = 0;

	if (!w->known || w->joined.len <= REDUCED_ARGV_BYTES)
		return false;
	while (n < w->n && bytes + w->item[n].len + 1 <= REDUCED_ARGV_BYTES)
		bytes += w->item[n++].len + 1;
	if (n == 0) {
		*cut_word = (struct str){ w->item[0].p, REDUCED_ARGV_BYTES };
		*w = (struct words){ cut_word, 1, *cut_word, true };
		return true;
	}
	*w = (struct words){ w->item, n, { w->joined.p, bytes - 1 }, true };
	return true;
}

bool alert_reduce(const struct alert *a, struct reduced *ret)
{
	bool cut;

	if (!a->event)
		return false;
	ret->alert = *a;
	ret->event = *a->event;
	ret->alert.event = &ret->event;

	cut = cut_words(&ret->event.argv, &ret->cut_word[0]);
	if (cut)
		ret->event.argv_state = STR_LIT("cut");
	cut |= cut_words(&ret->event.given_argv, &ret->cut_word[1]);
	cut |= cut_words(&ret->event.parent.argv, &ret->cut_word[2]);
	if (ret->event.n_ancestors > 0)
		ret->event.ancestor[0].argv = ret->event.parent.argv;
	return cut;
}
