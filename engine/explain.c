/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The evaluator of eval.c without its short cuts: what it says of each test on each value comes from the same
 * function, what is kept beside it is for people.
 *
 * Each node also gets what it costs to turn it. A test costs one; a whole that needs every part costs their
 * sum, one that needs some part the cheapest; NOT exchanges the two questions. Where a predicate on several
 * values does not hold, the value that passes most tests is the one that it costs least to let through.
 */
#include "engine/explain.h"

#include <errno.h>

#include "engine/eval.h"
#include "engine/explain_nearest.h"
#include "engine/values.h"

struct look {
	const struct event *ev;
	struct regex_scratch *scratch;
	struct arena *arena;
};

static size_t both(size_t a, size_t b)
{
	return a == EXPLAIN_NEVER || b == EXPLAIN_NEVER ? EXPLAIN_NEVER : a + b;
}

static size_t cheaper(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* Keeps @v; in front where the outcome rests on it. */
static void keep_value(struct explain_node *n, const struct value *v, enum text_state state, bool first)
{
	size_t at = n->n_values < EXPLAIN_VALUES ? n->n_values : EXPLAIN_VALUES - 1;

	if (n->n_values < EXPLAIN_VALUES || first)
		n->values[at] = *v;
	if (first && at > 0) {
		n->values[at] = n->values[0];
		n->values[0] = *v;
	}
	if (first || n->n_values == 0)
		n->state = state;
	n->n_values++;
}

/* Of two values that pass all tests, is @v the one that a bound has to be moved past for the other to fail it
 * as well? */
static bool goes_further(const struct cond *c, const struct value *v, const struct value *other)
{
	enum op op = c->tests[0].op;

	if (op_table[op].operand != OPERAND_BOUND || c->tests[0].form != FORM_NUMBERS)
		return false;
	return op == OP_GE || op == OP_GT ? v->number > other->number : v->number < other->number;
}

/* All tests on one value, into @tests. Returns how many it does not pass. */
static size_t look_at_value(const struct look *l, const struct cond *c, const struct value *v,
			    enum text_state state, enum truth *ret_all, struct explain_node *tests)
{
	enum field_type type = c->field->field->type;
	enum truth all = TRUTH_YES;
	size_t n_failed = 0;

	for (size_t i = 0; i < c->n_tests; i++) {
		enum truth holds = test_eval(&c->tests[i], type, l->ev, v, state, l->scratch);

		all = truth_and(all, holds);
		n_failed += holds != TRUTH_YES;
		tests[i].outcome = truth_or(tests[i].outcome, holds);
	}
	*ret_all = all;
	return n_failed;
}

/* What is known of a test follows from the values alone; where the matcher stops, from the tests before. */
static void finish_tests(struct explain_node *n, struct explain_node *tests)
{
	bool looked_at = n->looked_at && n->n_values > 0, many = field_ref_is_many(n->cond->field);

	for (size_t i = 0; i < n->cond->n_tests; i++) {
		struct explain_node *t = &tests[i];

		t->cond = n->cond;
		t->test = &n->cond->tests[i];
		if (n->hidden)
			t->outcome = truth_or(t->outcome, TRUTH_UNDECIDED);
		t->to_hold = t->outcome != TRUTH_YES;
		t->to_fail = t->outcome != TRUTH_NO;
		t->looked_at = looked_at;
		looked_at &= many || t->outcome != TRUTH_NO;
	}
}

static int look_at_field(const struct look *l, struct explain_node *n)
{
	const struct cond *c = n->cond;
	struct explain_node *tests = arena_array(l->arena, c->n_tests, sizeof(*tests));
	bool absent = asks_for_absence(c), found = false;
	size_t least = EXPLAIN_NEVER;
	enum text_state state;
	struct values values;
	struct value v;

	if (!tests)
		return -ENOMEM;
	n->outcome = TRUTH_NO;
	values_open(&values, c->field, l->ev);
	while (values_next(&values, &v, &state)) {
		enum truth holds = TRUTH_NO;
		size_t n_failed = 1;
		bool first;

		if (!absent && (!found || field_ref_is_number(c->field)))
			n_failed = look_at_value(l, c, &v, state, &holds, tests);
		first = found ? holds == TRUTH_YES && goes_further(c, &v, &n->values[0]) : n_failed < least;
		keep_value(n, &v, state, first);
		least = cheaper(least, n_failed);
		found |= holds == TRUTH_YES;
		n->outcome = truth_or(n->outcome, holds);
	}
	n->hidden = values.hidden && !found;
	if (absent)
		n->outcome = c->n_tests > 1 || n->n_values > 0 ? TRUTH_NO :
			     n->hidden ? TRUTH_UNDECIDED : TRUTH_YES;
	else if (n->hidden)
		n->outcome = truth_or(n->outcome, TRUTH_UNDECIDED);
	if (n->outcome != TRUTH_YES)
		n->to_hold = absent && c->n_tests > 1 ? EXPLAIN_NEVER : least == EXPLAIN_NEVER ? 1 : least;
	n->to_fail = n->outcome != TRUTH_NO;
	finish_tests(n, tests);
	if (c->n_tests > 1 && !absent) {
		n->children = tests;
		n->n_children = c->n_tests;
	}
	return 0;
}

static int look_at(const struct look *l, const struct cond *c, bool looked_at, struct explain_node *ret);

/* The children of AND and OR. */
static int look_at_several(const struct look *l, struct explain_node *n)
{
	const struct cond *c = n->cond;
	struct explain_node *children = arena_array(l->arena, c->n_children, sizeof(*children));
	bool is_all = c->kind == COND_ALL, looked_at = n->looked_at;
	size_t sum = 0, least = EXPLAIN_NEVER;

	if (!children)
		return -ENOMEM;
	n->outcome = truth_of(is_all);
	for (size_t i = 0; i < c->n_children; i++) {
		struct explain_node *child = &children[i];
		int r = look_at(l, c->children[i], looked_at, child);

		if (r < 0)
			return r;
		child->is_entry = c->field && str_eq(cond_key(c), STR_LIT("all"));
		looked_at &= child->outcome != truth_of(!is_all);
		n->outcome = is_all ? truth_and(n->outcome, child->outcome) :
				      truth_or(n->outcome, child->outcome);
		sum = both(sum, is_all ? child->to_hold : child->to_fail);
		least = cheaper(least, is_all ? child->to_fail : child->to_hold);
	}
	n->to_hold = is_all ? sum : least;
	n->to_fail = is_all ? least : sum;
	n->children = children;
	n->n_children = c->n_children;
	return 0;
}

static int look_at_not(const struct look *l, struct explain_node *n)
{
	struct explain_node *child = arena_alloc(l->arena, sizeof(*child));
	int r;

	if (!child)
		return -ENOMEM;
	r = look_at(l, n->cond->children[0], n->looked_at, child);
	n->outcome = truth_not(child->outcome);
	n->to_hold = child->to_fail;
	n->to_fail = child->to_hold;
	n->children = child;
	n->n_children = 1;
	return r;
}

static int look_at(const struct look *l, const struct cond *c, bool looked_at, struct explain_node *ret)
{
	*ret = (struct explain_node){ .cond = c, .looked_at = looked_at, .outcome = TRUTH_YES };
	switch (c->kind) {
	case COND_TRUE:
		ret->to_fail = EXPLAIN_NEVER;
		return 0;
	case COND_ALL:
	case COND_ANY:
		return look_at_several(l, ret);
	case COND_NOT:
		return look_at_not(l, ret);
	case COND_FIELD:
		return look_at_field(l, ret);
	}
	return 0;
}

/* The tree of @c, the arena's. */
static int look_at_tree(const struct look *l, const struct cond *c, bool looked_at,
			const struct explain_node **ret)
{
	struct explain_node *n = arena_alloc(l->arena, sizeof(*n));
	int r = n ? look_at(l, c, looked_at, n) : -ENOMEM;

	*ret = n;
	return r;
}

static int look_at_exceptions(const struct look *l, struct explanation *x)
{
	size_t n = x->rule->n_exceptions;
	struct explain_exception *exceptions = arena_array(l->arena, n, sizeof(*exceptions));
	bool looked_at = x->match->looked_at && x->match->outcome != TRUTH_NO;

	if (!exceptions)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++) {
		struct explain_exception *e = &exceptions[i];
		int r;

		e->exception = &x->rule->exceptions[i];
		e->expired = x->event->time.known && x->event->time.value >= e->exception->until_ns;
		r = look_at_tree(l, e->exception->match, looked_at && !x->excepted_by, &e->match);
		if (r < 0)
			return r;
		if (e->match->outcome != TRUTH_YES)
			continue;
		if (!e->expired && !x->excepted_by)
			x->excepted_by = e;
		else if (e->expired && !x->excepted_by && !x->expired)
			x->expired = e;
	}
	x->exceptions = exceptions;
	return 0;
}

static enum explain_verdict verdict(const struct explanation *x)
{
	if (x->rule->mode == MODE_OFF)
		return EXPLAIN_OFF;
	if (!rule_applies(x->rule, x->event))
		return EXPLAIN_NOT_ADDRESSED;
	if (x->match->outcome == TRUTH_NO)
		return EXPLAIN_NO_MATCH;
	if (x->excepted_by)
		return EXPLAIN_EXCEPTED;
	return x->match->outcome == TRUTH_YES ? EXPLAIN_MATCH : EXPLAIN_UNDECIDED;
}

int explain(const struct rule *rule, const struct event *ev, struct regex_scratch *scratch, struct arena *a,
	    struct explanation *ret)
{
	const struct look l = { ev, scratch, a };
	struct explanation x = { .rule = rule, .event = ev };
	bool looked_at = rule->mode != MODE_OFF && rule_applies(rule, ev);
	int r = rule_prepare(rule, false);

	if (r == 0)
		r = look_at_tree(&l, rule->match, looked_at, &x.match);
	if (r == 0)
		r = look_at_exceptions(&l, &x);
	if (r < 0)
		return r;
	x.verdict = verdict(&x);
	x.n_needed = x.match->to_hold;
	r = explain_find_changes(&x, scratch, a);
	if (r == 0)
		*ret = x;
	return r;
}
