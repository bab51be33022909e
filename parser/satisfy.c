/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tests on one value, without the value.
 *
 * A list of values is tried value by value against the other tests; bounds are intersected; of prefixes and
 * of suffixes one has to begin, or end, with another. Regexes and globs may hold of anything.
 */
#include "parser/satisfy.h"

#include <string.h>

#include "base/cleanup.h"

/* More comparisons than this are not worth a warning. */
#define MAX_COMPARISONS 1024
#define MAX_TESTS 16

/* Integers that satisfy all bounds, both ends included; in 128 bits, since `gt` of the largest number is
 * beyond 64. */
struct range {
	__int128 low, high;
};

/* What a field never is: retval is 0 or minus an errno, no other number is below 0, and a part of a time is
 * what calendars and clocks show; a year's numbers end where those of `time` do. */
static struct range range_of(const struct field_ref *field)
{
	static const struct {
		const char *name;
		struct range range;
	} rows[] = {
		{ "retval", { INT64_MIN, 0 } }, { "time.minute", { 0, 59 } }, { "time.hour", { 0, 23 } },
		{ "time.day", { 1, 31 } }, { "time.week", { 1, 53 } }, { "time.month", { 1, 12 } },
		{ "time.year", { 1677, 2262 } },
	};
	bool counts = field->field->type == FT_INT || field->field->type == FT_DURATION;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (strcmp(field->field->name, rows[i].name) == 0)
			return rows[i].range;
	return (struct range){ counts ? 0 : INT64_MIN, INT64_MAX };
}

static void narrow(struct range *r, const struct test *t)
{
	__int128 bound = t->form == FORM_NUMBERS && t->n ? t->numbers[0] : 0;

	if (t->form != FORM_NUMBERS)
		return;
	switch (t->op) {
	case OP_GE: r->low = bound > r->low ? bound : r->low; break;
	case OP_GT: r->low = bound + 1 > r->low ? bound + 1 : r->low; break;
	case OP_LE: r->high = bound < r->high ? bound : r->high; break;
	case OP_LT: r->high = bound - 1 < r->high ? bound - 1 : r->high; break;
	default: break;
	}
}

static bool begins(struct str text, struct str with, bool nocase)
{
	return nocase ? str_has_prefix_nocase(text, with) : str_has_prefix(text, with);
}

static bool ends(struct str text, struct str with, bool nocase)
{
	return nocase ? str_has_suffix_nocase(text, with) : str_has_suffix(text, with);
}

static bool text_holds(const struct test *t, struct str operand, struct str text, bool nocase)
{
	switch (t->op) {
	case OP_IN: return nocase ? str_eq_nocase(text, operand) : str_eq(text, operand);
	case OP_PREFIX: return begins(text, operand, nocase);
	case OP_SUFFIX: return ends(text, operand, nocase);
	case OP_CONTAINS: return nocase ? str_contains_nocase(text, operand) : str_contains(text, operand);
	default: return true;
	}
}

/* May the value number @i of the list @in satisfy @t? @in with nocase stands for other spellings, too, of
 * which then one may. */
static bool may_hold(const struct test *t, const struct test *in, size_t i)
{
	bool nocase = t->nocase || in->nocase;

	if (in->form == FORM_TEXTS) {
		for (size_t k = 0; k < t->n; k++)
			if (t->form != FORM_TEXTS || text_holds(t, t->texts[k], in->texts[i], nocase))
				return true;
		return t->n == 0;
	}
	if (t->op != OP_IN)
		return true;
	for (size_t k = 0; k < t->n; k++)
		if (t->numbers[k] == in->numbers[i])
			return true;
	return false;
}

/* The tests of one or two conditions. */
struct tests {
	const struct test *item[MAX_TESTS];
	size_t n, operands;
};

static bool collect(struct tests *all, const struct test *t, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (all->n == MAX_TESTS)
			return false;
		all->item[all->n++] = &t[i];
		all->operands += t[i].n;
	}
	return true;
}

/* Does no value of the list @in satisfy all others? */
static bool list_is_empty(const struct tests *all, const struct test *in, const struct range *r)
{
	if (in->n > MAX_COMPARISONS / (all->operands + 1))
		return false;
	for (size_t i = 0; i < in->n; i++) {
		bool possible = in->form != FORM_NUMBERS ||
				(in->numbers[i] >= r->low && in->numbers[i] <= r->high);

		for (size_t k = 0; k < all->n && possible; k++)
			possible = all->item[k] == in || may_hold(all->item[k], in, i);
		if (possible)
			return false;
	}
	return true;
}

/* Can no text begin, or end, as both want? */
static bool ends_differ(const struct test *a, const struct test *b)
{
	bool nocase = a->nocase || b->nocase, (*fits)(struct str, struct str, bool);

	if (a->op != b->op || (a->op != OP_PREFIX && a->op != OP_SUFFIX) || a->form != FORM_TEXTS ||
	    b->form != FORM_TEXTS || a->n > MAX_COMPARISONS / b->n)
		return false;
	fits = a->op == OP_PREFIX ? begins : ends;
	for (size_t i = 0; i < a->n; i++)
		for (size_t k = 0; k < b->n; k++)
			if (fits(a->texts[i], b->texts[k], nocase) || fits(b->texts[k], a->texts[i], nocase))
				return false;
	return true;
}

/* Is each of the texts one that is never in a number's? */
static bool wants_no_number(const struct field_ref *field, const struct test *t)
{
	static const char digits[] = "-0123456789";
	bool counts = field->field->type == FT_INT || field->field->type == FT_DURATION;

	if (!counts || t->form != FORM_TEXTS || t->op == OP_GLOB || t->n > MAX_COMPARISONS)
		return false;
	for (size_t i = 0; i < t->n; i++)
		if (strspn(t->texts[i].p, digits) >= t->texts[i].len)
			return false;
	return true;
}

bool tests_exclude(const struct field_ref *field, const struct test *a, size_t n_a, const struct test *b,
		   size_t n_b)
{
	struct tests all = { .n = 0 };
	struct range r = range_of(field);

	if (!collect(&all, a, n_a) || !collect(&all, b, n_b))
		return false;
	for (size_t i = 0; i < all.n; i++)
		if (op_table[all.item[i]->op].operand == OPERAND_BOUND)
			narrow(&r, all.item[i]);
	if (r.low > r.high)
		return true;
	for (size_t i = 0; i < all.n; i++) {
		const struct test *t = all.item[i];

		if (t->op == OP_IN && t->form != FORM_FIELD && list_is_empty(&all, t, &r))
			return true;
		if (wants_no_number(field, t))
			return true;
		for (size_t k = 0; k < i; k++)
			if (ends_differ(t, all.item[k]))
				return true;
	}
	return false;
}

/* Does the text that @t wants, in one way or another, satisfy @b? */
static bool text_implies(const struct test *t, struct str text, const struct test *b)
{
	for (size_t k = 0; k < b->n; k++)
		if (text_holds(b, b->texts[k], text, b->nocase))
			return true;
	return false;
}

static bool number_implies(int64_t number, const struct test *b)
{
	struct range r = { INT64_MIN, INT64_MAX };

	narrow(&r, b);
	if (op_table[b->op].operand == OPERAND_BOUND)
		return number >= r.low && number <= r.high;
	for (size_t k = 0; k < b->n; k++)
		if (b->numbers[k] == number)
			return true;
	return false;
}

bool test_implies(const struct test *a, const struct test *b)
{
	bool texts = b->op == OP_IN || b->op == OP_PREFIX || b->op == OP_SUFFIX || b->op == OP_CONTAINS;
	bool bound = op_table[b->op].operand == OPERAND_BOUND;

	/* Of one form they are about the same: texts, or numbers. */
	if (a->op != OP_IN || a->n == 0 || (!texts && !bound) || a->form != b->form ||
	    (bound && b->form != FORM_NUMBERS) || a->n > MAX_COMPARISONS / b->n || (a->nocase && !b->nocase))
		return false;
	for (size_t i = 0; i < a->n; i++)
		if (!(a->form == FORM_TEXTS ? text_implies(a, a->texts[i], b) :
					      number_implies(a->numbers[i], b)))
			return false;
	return true;
}

/* Of which execs a condition may hold. */
enum outcome { ANY_OUTCOME, SUCCESS, FAILURE, NOT_RETURNED };

static enum outcome outcome_of_retval(const struct test *t)
{
	struct range r = { INT64_MIN, INT64_MAX };
	size_t zeros = 0;

	if (op_table[t->op].operand == OPERAND_BOUND) {
		narrow(&r, t);
		return r.low >= 0 ? SUCCESS : r.high < 0 ? FAILURE : ANY_OUTCOME;
	}
	if (t->op != OP_IN || t->form != FORM_NUMBERS)
		return ANY_OUTCOME;
	for (size_t i = 0; i < t->n; i++)
		zeros += t->numbers[i] == 0;
	return zeros == t->n ? SUCCESS : zeros == 0 ? FAILURE : ANY_OUTCOME;
}

static enum outcome outcome_of(const struct cond *c)
{
	const char *name = c->field->field->name;
	const struct test *t = c->tests;

	if (c->n_tests == 0 || (t->op == OP_SET && t->numbers[0] == 0))
		return ANY_OUTCOME;
	if (strcmp(name, "errno") == 0 || strcmp(name, "stage") == 0)
		return FAILURE;
	if (strcmp(name, "retval") == 0)
		return outcome_of_retval(t);
	if (strcmp(name, "returned") == 0 && t->op == OP_IN && t->n == 1 && t->numbers[0] == 0)
		return NOT_RETURNED;
	if (strcmp(name, "result") != 0 || t->op != OP_IN || t->n != 1)
		return ANY_OUTCOME;
	return str_eq(t->texts[0], STR_LIT("failed")) ? FAILURE : SUCCESS;
}

bool outcomes_exclude(const struct cond *a, const struct cond *b)
{
	enum outcome x = outcome_of(a), y = outcome_of(b);

	return x != ANY_OUTCOME && y != ANY_OUTCOME && x != y;
}

bool wants_failure(const struct cond *c)
{
	return c->kind == COND_FIELD && outcome_of(c) == FAILURE;
}
