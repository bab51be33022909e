/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The nearest known word, for "did you mean". Distance is Damerau-Levenshtein's (restricted), case ignored;
 * a word further off than a third of its length (at least 1) is no help and is not proposed.
 *
 *	struct nearest n = NEAREST_INIT(word);
 *	for each known: nearest_try(&n, known);
 *	if (str_known(n.best)) ...
 */
#ifndef BASE_NEAREST_H
#define BASE_NEAREST_H

#include "base/str.h"

struct nearest {
	struct str word, best;
	unsigned int distance;
};

#define NEAREST_INIT(w) { (w), { NULL, 0 }, 0 }

/* Borrows @candidate while n.best is used. Of equally near words the first wins. */
void nearest_try(struct nearest *n, struct str candidate);

#endif
