/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Matching without a matcher: every rule on every event, one after the other, conditions in the order in
 * which they were written. It is what the rule language means, and what the matcher is held against.
 */
#ifndef ENGINE_PLAIN_H
#define ENGINE_PLAIN_H

#include "engine/matcher.h"

struct plain;			/* rules and what a match writes; for one thread */

/* Borrows @rules, whose regexes it makes ready. Rules with mode off are left out. 0 or -ENOMEM. */
int plain_new(const struct ruleset *rules, struct plain **ret);
struct plain *plain_free(struct plain *p);

/* As matcher_run(); *ret is valid until the next run. */
size_t plain_run(struct plain *p, const struct event *ev, const struct match **ret);

DEFINE_CLEANUP(struct plain *, plain_free)

#endif
