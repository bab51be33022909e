/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Numbers of Sigma rules. A number is equal to whatever is the same number, the text of a field included:
 * `User: 0` is true of 0, 00 and 0.0. Native numbers are integers, so that a bound between two of them
 * becomes one of these, and no field of integers ever equals a fraction.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "parser/sigma_match.h"

/* What rules count durations in. */
#define NS_PER_MS 1000000

static const char time_wants[] = "minute, hour, day, week, month, year, exists and null";

static double scale_of(const struct field_ref *ref)
{
	return ref->field->type == FT_DURATION ? NS_PER_MS : 1;
}

int sigma_add_number(struct match *m, enum op op, int64_t number)
{
	return sigma_piece(m, &(struct piece){ .op = op, .form = FORM_NUMBERS, .number = number });
}

/* The bound among integers for one that may be a fraction; what is out of range is at its end. */
static int add_bound(struct match *m, double bound)
{
	enum op op = m->item->op;
	double n = op == OP_GT || op == OP_LE ? floor(bound) : ceil(bound);

	if (n >= (double)INT64_MAX)
		return sigma_add_number(m, op, INT64_MAX);
	return sigma_add_number(m, op, n <= (double)INT64_MIN ? INT64_MIN : (int64_t)n);
}

/* Can a value of the field be a number? If not, *ret is what asking for one comes to. */
static bool may_be_number(struct match *m, int *ret)
{
	enum field_type type = m->ref->field->type;

	*ret = type == FT_TIME ? sigma_unfit(m, time_wants) : 0;
	/* Of the others there are no numbers among the values. */
	return type != FT_TIME && type != FT_BOOL && type != FT_ENUM;
}

int sigma_compare(struct match *m)
{
	const struct sigma_scalar *v = &m->value->scalar;
	enum field_type type = m->ref->field->type;
	int result;

	if (!may_be_number(m, &result))
		return result;
	if (!field_ref_is_number(m->ref))
		return sigma_piece(m, &(struct piece){
			.op = m->item->op, .form = FORM_TEXTS, .text = v->text,
		});
	if (v->type == SIGMA_INT && type == FT_INT)
		return sigma_add_number(m, m->item->op, v->integer);
	return add_bound(m, v->number * scale_of(m->ref));
}

int sigma_number(struct match *m)
{
	const struct sigma_scalar *v = &m->value->scalar;
	double n = v->number * scale_of(m->ref);
	enum field_type type = m->ref->field->type;
	int result;

	if (!may_be_number(m, &result))
		return result;
	if (!field_ref_is_number(m->ref))
		return sigma_piece(m, &(struct piece){
			.op = OP_GE, .form = FORM_TEXTS, .text = v->text, .equal = true,
		});
	if (type == FT_INT && v->type == SIGMA_INT)
		return sigma_add_number(m, OP_IN, v->integer);
	if (n != floor(n) || fabs(n) >= (double)INT64_MAX)
		return 0;
	return sigma_add_number(m, OP_IN, (int64_t)n);
}

/* A number as fields show it: no sign in front but `-`, no zeros. */
static bool is_canonical(struct str text, int64_t *ret)
{
	char copy[24], again[24];

	if (text.len == 0 || text.len >= sizeof(copy))
		return false;
	memcpy(copy, text.p, text.len);
	copy[text.len] = '\0';
	*ret = strtoll(copy, NULL, 10);
	snprintf(again, sizeof(again), "%lld", (long long)*ret);
	return strcmp(copy, again) == 0;
}

static int text_of_truth(struct match *m, struct str text)
{
	bool nocase = !m->item->cased;

	for (int64_t truth = 0; truth < 2; truth++) {
		struct str word = str_of(truth ? "true" : "false");

		if (nocase ? str_eq_nocase(text, word) : str_eq(text, word))
			return sigma_add_number(m, OP_IN, truth);
	}
	return 0;
}

int sigma_number_text(struct match *m, struct str text)
{
	enum field_type type = m->ref->field->type;
	int64_t number;

	if (type == FT_BOOL)
		return text_of_truth(m, text);
	if (type == FT_TIME)
		return sigma_unfit(m, time_wants);
	if (!is_canonical(text, &number))
		return 0;
	if (type == FT_DURATION && __builtin_mul_overflow(number, NS_PER_MS, &number))
		return 0;
	return sigma_add_number(m, OP_IN, number);
}
