/* SPDX-License-Identifier: Apache-2.0 */
/* Conditions against each other, without an event. Only what is certain is said; everything else is false. */
#ifndef PARSER_COMPARE_H
#define PARSER_COMPARE_H

#include <stdbool.h>

#include "parser/rule.h"

/* The same condition, written the same way. */
bool conds_equal(const struct cond *a, const struct cond *b);
/* Does @b hold whenever @a does? */
bool cond_implies(const struct cond *a, const struct cond *b);
/* Can the two never hold of one event? A tree is looked through for *@steps at most, which are taken off. */
bool conds_exclude(const struct cond *a, const struct cond *b, unsigned int *steps);
/* Is there no value that satisfies all its tests? */
bool cond_excludes_itself(const struct cond *c);

#endif
