/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Three-valued truth. A match that hits a limit, or that rests on a part of argv that could not be read, is
 * not a "no": it is undecided, and stays so through AND, OR and NOT unless another part settles the whole.
 */
#ifndef BASE_TRUTH_H
#define BASE_TRUTH_H

#include <stdbool.h>

enum truth { TRUTH_NO, TRUTH_YES, TRUTH_UNDECIDED };

static inline enum truth truth_of(bool b)
{
	return b ? TRUTH_YES : TRUTH_NO;
}

static inline enum truth truth_not(enum truth a)
{
	return a == TRUTH_UNDECIDED ? TRUTH_UNDECIDED : truth_of(a == TRUTH_NO);
}

static inline enum truth truth_and(enum truth a, enum truth b)
{
	if (a == TRUTH_NO || b == TRUTH_NO)
		return TRUTH_NO;
	return a == TRUTH_YES && b == TRUTH_YES ? TRUTH_YES : TRUTH_UNDECIDED;
}

static inline enum truth truth_or(enum truth a, enum truth b)
{
	if (a == TRUTH_YES || b == TRUTH_YES)
		return TRUTH_YES;
	return a == TRUTH_NO && b == TRUTH_NO ? TRUTH_NO : TRUTH_UNDECIDED;
}

#endif
