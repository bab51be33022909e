/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Conditions against each other. The comparison is by structure, so it finds what is obvious to a reader:
 * an exception that repeats its rule, two values that one field cannot have at once.
 */
#include "parser/compare.h"
#include "parser/satisfy.h"

#include <string.h>

static bool refs_equal(const struct field_ref *a, const struct field_ref *b)
{
	return a->field == b->field && a->indexed == b->indexed && a->index == b->index &&
	       str_eq(a->key, b->key);
}

static bool tests_equal(const struct test *a, const struct test *b)
{
	if (a->op != b->op || a->nocase != b->nocase || a->n != b->n)
		return false;
	if (a->form != b->form)
		return false;
	if (a->form == FORM_FIELD)
		return refs_equal(a->other, b->other);
	for (size_t i = 0; i < a->n; i++)
		if (!test_same_operand(a, i, b, i))
			return false;
	return true;
}

bool conds_equal(const struct cond *a, const struct cond *b)
{
	if (a == b)
		return true;
	if (a->kind != b->kind || a->n_children != b->n_children || a->n_tests != b->n_tests)
		return false;
	if (a->kind == COND_FIELD && !refs_equal(a->field, b->field))
		return false;
	for (size_t i = 0; i < a->n_tests; i++)
		if (!tests_equal(&a->tests[i], &b->tests[i]))
			return false;
	for (size_t i = 0; i < a->n_children; i++)
		if (!conds_equal(a->children[i], b->children[i]))
			return false;
	return true;
}

/* Is each value that @a allows one that @b allows? Only lists of values are looked into. */
static bool field_implies(const struct cond *a, const struct cond *b)
{
	if (a->kind != COND_FIELD || b->kind != COND_FIELD || !refs_equal(a->field, b->field) ||
	    b->n_tests != 1)
		return false;
	for (size_t i = 0; i < a->n_tests; i++)
		if (test_implies(&a->tests[i], &b->tests[0]))
			return true;
	return false;
}

/* Is @part one of the conditions that are ANDed in @whole, or less than one of them? */
static bool is_part(const struct cond *whole, const struct cond *part)
{
	if (conds_equal(whole, part) || field_implies(whole, part))
		return true;
	if (whole->kind != COND_ALL)
		return false;
	for (size_t i = 0; i < whole->n_children; i++)
		if (is_part(whole->children[i], part))
			return true;
	return false;
}

bool cond_implies(const struct cond *a, const struct cond *b)
{
	if (b->kind == COND_TRUE || is_part(a, b))
		return true;
	if (b->kind == COND_ANY) {
		for (size_t i = 0; i < b->n_children; i++)
			if (cond_implies(a, b->children[i]))
				return true;
		return false;
	}
	if (b->kind != COND_ALL)
		return false;
	for (size_t i = 0; i < b->n_children; i++)
		if (!cond_implies(a, b->children[i]))
			return false;
	return true;
}

static bool is_absence(const struct cond *c)
{
	return c->n_tests == 1 && c->tests[0].op == OP_SET && c->tests[0].numbers[0] == 0;
}

static bool fields_exclude(const struct cond *a, const struct cond *b)
{
	if (!refs_equal(a->field, b->field))
		return false;
	if (is_absence(a) != is_absence(b))
		return true;
	/* Of several values each condition may have its own. */
	return !field_ref_is_many(a->field) &&
	       tests_exclude(a->field, a->tests, a->n_tests, b->tests, b->n_tests);
}

/* Does @a exclude each of the alternatives, or one of the parts, of @b? */
static bool excludes_children(const struct cond *a, const struct cond *b, unsigned int *steps)
{
	for (size_t i = 0; i < b->n_children; i++)
		if (conds_exclude(a, b->children[i], steps) == (b->kind == COND_ALL))
			return b->kind == COND_ALL;
	return b->kind == COND_ANY;
}

/* Does @b hold whenever the field's condition @a does? */
static bool field_wants(const struct cond *a, const struct cond *b, unsigned int *steps)
{
	if (*steps == 0)
		return false;
	--*steps;
	if (b->kind != COND_ANY && b->kind != COND_ALL)
		return is_part(a, b);
	for (size_t i = 0; i < b->n_children; i++)
		if (field_wants(a, b->children[i], steps) == (b->kind == COND_ANY))
			return b->kind == COND_ANY;
	return b->kind == COND_ALL;
}

bool conds_exclude(const struct cond *a, const struct cond *b, unsigned int *steps)
{
	if (*steps == 0)
		return false;
	--*steps;
	if (b->kind == COND_ALL || b->kind == COND_ANY)
		return excludes_children(a, b, steps);
	if (a->kind == COND_ALL || a->kind == COND_ANY)
		return excludes_children(b, a, steps);
	if (a->kind == COND_FIELD && b->kind == COND_NOT)
		return field_wants(a, b->children[0], steps);
	if (a->kind == COND_NOT && b->kind == COND_FIELD)
		return field_wants(b, a->children[0], steps);
	if (a->kind != COND_FIELD || b->kind != COND_FIELD)
		return false;
	return fields_exclude(a, b) || outcomes_exclude(a, b);
}

bool cond_excludes_itself(const struct cond *c)
{
	return c->kind == COND_FIELD && tests_exclude(c->field, c->tests, c->n_tests, NULL, 0);
}
