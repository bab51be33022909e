/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A condition against an event: the plain evaluator, in the order in which the author wrote, without any
 * short cut beyond AND's and OR's. It is what the rule language means; whatever is faster must agree with it.
 */
#ifndef ENGINE_EVAL_H
#define ENGINE_EVAL_H

#include "base/regex.h"
#include "base/truth.h"
#include "engine/operators.h"
#include "event/event.h"
#include "parser/rule.h"

/* Makes all regexes of a condition ready to be searched for; @jit as in regex_prepare(). 0 or -ENOMEM. */
int cond_prepare(const struct cond *c, bool jit);

/* The same of a rule and its exceptions. */
int rule_prepare(const struct rule *rule, bool jit);

/* Of a prepared condition. Allocates nothing. How many conditions there are, and how deep, is bounded by the
 * loader, macros counted wherever they are used. */
enum truth cond_eval(const struct cond *c, const struct event *ev, struct regex_scratch *scratch);

/* One test of a field's condition on one known value of the field, of that type; not `set: false`. */
enum truth test_eval(const struct test *t, enum field_type type, const struct event *ev,
		     const struct value *v, enum text_state state, struct regex_scratch *scratch);

/* Does the rule speak of this event at all (see struct rule, reads_outcome)? */
bool rule_applies(const struct rule *rule, const struct event *ev);

#endif
