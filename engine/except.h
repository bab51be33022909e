/* SPDX-License-Identifier: Apache-2.0 */
/* Which exception of a rule a match gets, however conditions are evaluated. */
#ifndef ENGINE_EXCEPT_H
#define ENGINE_EXCEPT_H

#include <stdbool.h>
#include <stddef.h>

#include "engine/matcher.h"

/* Is there anything to be learnt from whether exception @i of its rule holds? */
static inline bool exception_is_expired(const struct exception *x, const struct event *ev)
{
	return ev->time.known && ev->time.value >= x->until_ns;
}

static inline bool exception_may_apply(const struct match *match, size_t i, const struct event *ev)
{
	return !match->expired || !exception_is_expired(&match->rule->exceptions[i], ev);
}

/* It holds for certain: nothing less may silence a rule. */
static inline void exception_applies(struct match *match, size_t i, const struct event *ev)
{
	const struct exception *x = &match->rule->exceptions[i];

	if (exception_is_expired(x, ev))
		match->expired = x;
	else
		match->exception = x;
}

#endif
