/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Conditions against each other. The comparison is by structure, so it finds what is obvious to a reader:
 * an exception that repeats its rule, two values that one field cannot have at once.
 */
#include "parser/compare.h"

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
	if (a->op == OP_SAME_AS)
		return refs_equal(&a->other, &b->other);
	for (size_t i = 0; i < a->n; i++) {
		if (a->texts && !str_eq(a->texts[i], b->texts[i]))
			return false;
		if (a->numbers && a->numbers[i] != b->numbers[i])
			return false;
		if (a->regexes && a->regexes[i] != b->regexes[i])
			return false;
	}
	return true;
}

bool conds_equal(const struct cond *a, const struct cond *b)
{
	if (a == b)
		return true;
	if (a->kind != b->kind || a->n_children != b->n_children || a->n_tests != b->n_tests)
		return false;
	if (a->kind == COND_FIELD && !refs_equal(&a->field, &b->field))
		return false;
	for (size_t i = 0; i < a->n_tests; i++)
		if (!tests_equal(&a->tests[i], &b->tests[i]))
			return false;
	for (size_t i = 0; i < a->n_children; i++)
		if (!conds_equal(a->children[i], b->children[i]))
			return false;
	return true;
}

/* Is @part one of the conditions that are ANDed in @whole? */
static bool is_part(const struct cond *whole, const struct cond *part)
{
	if (conds_equal(whole, part))
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

/* More comparisons than this are not worth a warning. */
#define MAX_COMPARISONS 4096

/* Equality with texts or numbers that have none in common. */
static bool values_exclude(const struct test *a, const struct test *b)
{
	if (a->op != OP_IN || b->op != OP_IN || a->nocase || b->nocase || a->n > MAX_COMPARISONS / b->n)
		return false;
	for (size_t i = 0; i < a->n; i++) {
		for (size_t j = 0; j < b->n; j++) {
			if (a->texts && str_eq(a->texts[i], b->texts[j]))
				return false;
			if (a->numbers && a->numbers[i] == b->numbers[j])
				return false;
		}
	}
	return true;
}

static bool is_absence(const struct cond *c)
{
	return c->n_tests == 1 && c->tests[0].op == OP_SET && c->tests[0].numbers[0] == 0;
}

bool conds_exclude(const struct cond *a, const struct cond *b)
{
	if (a->kind != COND_FIELD || b->kind != COND_FIELD || !refs_equal(&a->field, &b->field))
		return false;
	if (is_absence(a) != is_absence(b))
		return true;
	if (field_ref_is_many(&a->field))
		return false;
	for (size_t i = 0; i < a->n_tests; i++)
		for (size_t j = 0; j < b->n_tests; j++)
			if (values_exclude(&a->tests[i], &b->tests[j]))
				return true;
	return false;
}
