/* SPDX-License-Identifier: Apache-2.0 */
/* Tests on one value, without the value: which leave none, and which say less than others. Only what is
 * certain is said; everything else is false. */
#ifndef PARSER_SATISFY_H
#define PARSER_SATISFY_H

#include <stdbool.h>

#include "parser/rule.h"

/* Is there no value of the field that satisfies all of @a and all of @b? */
bool tests_exclude(const struct field_ref *field, const struct test *a, size_t n_a, const struct test *b,
		   size_t n_b);
/* Does every value that satisfies @a satisfy @b? */
bool test_implies(const struct test *a, const struct test *b);
/* Do two conditions on fields hold only of execs with different outcomes: success, failure, a return that
 * was not seen? */
bool outcomes_exclude(const struct cond *a, const struct cond *b);
/* Is it a condition on a field that holds only of execs that failed? */
bool wants_failure(const struct cond *c);

#endif
