/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A mutant out of its description. Conditions never change, so a mutant copies what lies on the way from the
 * root to what it changes, and shares the rest with its rule.
 *
 * Each use of a macro has a root of its own, with its name and place, over the children or tests that all
 * uses share: by these a use is known again.
 */
#include <errno.h>
#include <string.h>

#include "engine/mutant_walk.h"

static bool is_same_part(const struct cond *a, const struct cond *b)
{
	if (a->kind != b->kind)
		return false;
	return a->kind == COND_FIELD ? a->tests == b->tests : a->children == b->children;
}

/* @n elements without those from @first to before @end; NULL stays NULL. False: out of memory. */
static bool cut_out(struct arena *a, const void *array, size_t size, size_t n, size_t first, size_t end,
		    const void **ret)
{
	char *copy;

	*ret = NULL;
	if (!array)
		return true;
	copy = arena_array(a, n - (end - first), size);
	if (!copy)
		return false;
	memcpy(copy, array, first * size);
	memcpy(copy + first * size, (const char *)array + end * size, (n - end) * size);
	*ret = copy;
	return true;
}

static bool drop_values(struct arena *a, struct test *t, size_t first, size_t end)
{
	struct test_origin *origin = arena_alloc(a, sizeof(*origin));
	const void *places, *operands;

	if (!origin || !cut_out(a, test_places(t), sizeof(*origin->places), t->n, first, end, &places) ||
	    !cut_out(a, t->texts, test_operand_size(t), t->n, first, end, &operands))
		return false;
	*origin = (struct test_origin){ test_at(t), places };
	t->origin = origin;
	t->texts = operands;
	t->n -= (uint32_t)(end - first);
	return true;
}

enum op mutant_shifted(enum op op)
{
	switch (op) {
	case OP_GE:
		return OP_GT;
	case OP_GT:
		return OP_GE;
	case OP_LE:
		return OP_LT;
	case OP_LT:
		return OP_LE;
	default:
		return op;
	}
}

/* The tests of @c, to be changed. */
static struct test *own_tests(struct arena *a, struct cond *c)
{
	struct test *tests = arena_array(a, c->n_tests, sizeof(*tests));

	if (!tests)
		return NULL;
	memcpy(tests, c->tests, c->n_tests * sizeof(*tests));
	c->tests = tests;
	return tests;
}

/* Of what stands behind a field. */
static bool mind_case(struct arena *a, struct cond *c)
{
	const struct cond **pointers;
	struct cond *children;
	struct test *tests;

	if (c->kind == COND_FIELD) {
		tests = own_tests(a, c);
		for (size_t i = 0; tests && i < c->n_tests; i++)
			tests[i].nocase = false;
		return tests != NULL;
	}
	if (!walk_has_case(c))
		return true;
	children = arena_array(a, c->n_children, sizeof(*children));
	pointers = arena_array(a, c->n_children, sizeof(*pointers));
	if (!children || !pointers)
		return false;
	for (size_t i = 0; i < c->n_children; i++) {
		children[i] = *c->children[i];
		pointers[i] = &children[i];
		if (!mind_case(a, &children[i]))
			return false;
	}
	c->children = pointers;
	return true;
}

static bool is_entry(const struct test *t, size_t i, struct loc at)
{
	const struct operand_place *places = test_places(t);

	return places && walk_is_at(places[i].at, at);
}

/* Does it compare with the entry at that place, itself or, an `all`, by what it is made of? */
static bool has_entry(const struct cond *c, struct loc at)
{
	for (size_t i = 0; i < c->n_tests; i++)
		for (size_t j = 0; j < c->tests[i].n; j++)
			if (is_entry(&c->tests[i], j, at))
				return true;
	for (size_t i = 0; walk_is_all(c) && i < c->n_children; i++)
		if (has_entry(c->children[i], at))
			return true;
	return false;
}

/* The last value stays. */
static bool drop_entry(struct arena *a, struct cond *c, struct loc at)
{
	struct test *tests = c->kind == COND_FIELD ? own_tests(a, c) : NULL;
	const void *children;

	if (c->kind == COND_FIELD && !tests)
		return false;
	for (size_t i = 0; i < c->n_tests; i++)
		for (size_t j = tests[i].n; j-- > 0 && tests[i].n > 1; )
			if (is_entry(&tests[i], j, at) && !drop_values(a, &tests[i], j, j + 1))
				return false;
	for (size_t i = c->n_children; i-- > 0 && c->n_children > 1; ) {
		if (!has_entry(c->children[i], at))
			continue;
		if (!cut_out(a, c->children, sizeof(*c->children), c->n_children, i, i + 1, &children))
			return false;
		c->children = children;
		c->n_children--;
	}
	return true;
}

/* What the mutant has in the place of a use of its target. */
static bool change(struct arena *a, const struct mutant *m, struct cond *c)
{
	const void *array;
	struct test *tests;

	switch (m->change) {
	case MUTANT_DROP_CHILDREN:
		if (!cut_out(a, c->children, sizeof(*c->children), c->n_children, m->first, m->end, &array))
			return false;
		c->children = array;
		c->n_children -= (uint32_t)(m->end - m->first);
		return true;
	case MUTANT_DROP_TEST:
		if (!cut_out(a, c->tests, sizeof(*c->tests), c->n_tests, m->test, m->test + 1, &array))
			return false;
		c->tests = array;
		c->n_tests--;
		return true;
	case MUTANT_DROP_VALUES:
		tests = own_tests(a, c);
		return tests && drop_values(a, &tests[m->test], m->first, m->end);
	case MUTANT_DROP_ENTRY:
		return drop_entry(a, c, m->at);
	case MUTANT_SHIFT:
		tests = own_tests(a, c);
		if (tests)
			tests[m->test].op = mutant_shifted(tests[m->test].op);
		return tests != NULL;
	case MUTANT_CASE:
		return mind_case(a, c);
	case MUTANT_ANYTHING:
	case MUTANT_DROP_EXCEPTION:
	case MUTANT_WINDOW:
		break;
	}
	return true;
}

/* @c with every use of the target changed; @c itself where there is none. NULL: out of memory. */
static const struct cond *substitute(struct arena *a, const struct mutant *m, const struct cond *c)
{
	const struct cond **children = NULL, *child;
	bool is_use = m->change == MUTANT_DROP_ENTRY ? has_entry(c, m->at) : is_same_part(c, m->target);
	struct cond *copy;

	for (size_t i = 0; i < c->n_children && !is_use; i++) {
		child = substitute(a, m, c->children[i]);
		if (!child)
			return NULL;
		if (child == c->children[i])
			continue;
		if (!children) {
			children = arena_array(a, c->n_children, sizeof(*children));
			if (!children)
				return NULL;
			memcpy(children, c->children, c->n_children * sizeof(*children));
		}
		children[i] = child;
	}
	if (!is_use && !children)
		return c;
	copy = arena_alloc(a, sizeof(*copy));
	if (!copy)
		return NULL;
	*copy = *c;
	if (children)
		copy->children = children;
	return !is_use || change(a, m, copy) ? copy : NULL;
}

/* The root of a `match`. */
static const struct cond *make_match(struct arena *a, const struct mutant *m, const struct cond *match)
{
	struct cond *anything;

	if (m->change != MUTANT_ANYTHING)
		return substitute(a, m, match);
	if (match != m->target)
		return match;
	anything = arena_alloc(a, sizeof(*anything));
	if (anything)
		*anything = (struct cond){ .kind = COND_TRUE, .origin = match->origin };
	return anything;
}

static int make_conditions(struct arena *a, const struct mutant *m, struct rule *rule)
{
	struct exception *exceptions = arena_array(a, rule->n_exceptions, sizeof(*exceptions));

	rule->match = make_match(a, m, rule->match);
	if (!exceptions || !rule->match)
		return -ENOMEM;
	for (size_t i = 0; i < rule->n_exceptions; i++) {
		exceptions[i] = rule->exceptions[i];
		exceptions[i].match = make_match(a, m, exceptions[i].match);
		if (!exceptions[i].match)
			return -ENOMEM;
	}
	rule->exceptions = exceptions;
	return 0;
}

int mutant_make(const struct rule *rule, const struct mutant *m, struct arena *a, struct rule *ret)
{
	const void *exceptions;
	struct rule made = *rule;

	switch (m->change) {
	case MUTANT_WINDOW:
		made.threshold = m->threshold;
		made.throttle = m->throttle;
		break;
	case MUTANT_DROP_EXCEPTION:
		if (!cut_out(a, made.exceptions, sizeof(*made.exceptions), made.n_exceptions, m->first,
			     m->first + 1, &exceptions))
			return -ENOMEM;
		made.exceptions = exceptions;
		made.n_exceptions--;
		break;
	default:
		if (make_conditions(a, m, &made) < 0)
			return -ENOMEM;
	}
	*ret = made;
	return 0;
}
