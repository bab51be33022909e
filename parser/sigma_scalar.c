/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a scalar of a Sigma rule is. A native file's schema decides that; in Sigma the scalar itself does, and
 * as YAML 1.1 has it, since that is what the tools read with which rules are written and tested: a plain
 * `yes` is true, 0x10 is 16 and 1:30 is 90.
 */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "parser/codes.h"
#include "parser/sigma.h"

static bool is_one_of(struct str text, const char *const *words)
{
	for (; *words; words++)
		if (str_is(text, *words))
			return true;
	return false;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* The digits of @base and underscores that all of @text consists of. False: it does not, or has no digit. */
static bool digits_read(struct str text, unsigned int base, bool *ret_large, uint64_t *ret)
{
	uint64_t n = 0;
	bool any = false;

	for (size_t i = 0; i < text.len; i++) {
		char c = ascii_lower(text.p[i]);
		unsigned int digit = is_digit(c) ? (unsigned int)(c - '0') :
				     c >= 'a' && c <= 'f' ? (unsigned int)(c - 'a' + 10) : base;

		if (c == '_')
			continue;
		if (digit >= base)
			return false;
		*ret_large |= __builtin_mul_overflow(n, base, &n) || __builtin_add_overflow(n, digit, &n);
		any = true;
	}
	*ret = n;
	return any;
}

/* 1:30:00, in sixties; the first part begins with 1 to 9. */
static bool sixties_read(struct str text, bool *ret_large, uint64_t *ret)
{
	const char *colon = memchr(text.p, ':', text.len);
	struct str first = { text.p, colon ? (size_t)(colon - text.p) : 0 };
	uint64_t n;

	if (!colon || text.p[0] < '1' || text.p[0] > '9' || !digits_read(first, 10, ret_large, &n))
		return false;
	for (size_t i = first.len; i < text.len; ) {
		uint64_t part = 0;
		size_t length = 0;

		for (i++; i < text.len && is_digit(text.p[i]); i++, length++)
			part = part * 10 + (uint64_t)(text.p[i] - '0');
		if (length == 0 || length > 2 || part > 59 || (i < text.len && text.p[i] != ':'))
			return false;
		*ret_large |= __builtin_mul_overflow(n, 60U, &n) || __builtin_add_overflow(n, part, &n);
	}
	*ret = n;
	return true;
}

/* 0: an integer, -EINVAL: none, -ERANGE: one that does not fit. */
static int parse_int(struct str text, int64_t *ret)
{
	bool negative = text.len > 0 && text.p[0] == '-', large = false, found;
	uint64_t n = 0;

	if (text.len > 0 && (negative || text.p[0] == '+'))
		text = str_skip(text, 1);
	if (text.len == 0 || !is_digit(text.p[0]))
		return -EINVAL;
	if (str_has_prefix(text, STR_LIT("0b")))
		found = digits_read(str_skip(text, 2), 2, &large, &n);
	else if (str_has_prefix(text, STR_LIT("0x")))
		found = digits_read(str_skip(text, 2), 16, &large, &n);
	else if (text.p[0] == '0' && text.len > 1)
		found = digits_read(text, 8, &large, &n);
	else
		found = digits_read(text, 10, &large, &n) || sixties_read(text, &large, &n);
	if (!found)
		return -EINVAL;
	if (large || n > INT64_MAX)
		return -ERANGE;
	*ret = negative ? -(int64_t)n : (int64_t)n;
	return 0;
}

/* 1.5, .5, 1.5e+3, with underscores among the digits; an exponent has a sign. */
static bool parse_float(struct str text, double *ret)
{
	char digits[64];
	size_t n = 0, i = 0, dots = 0;
	bool any = false;

	if (text.len >= sizeof(digits))
		return false;
	if (i < text.len && (text.p[i] == '-' || text.p[i] == '+'))
		digits[n++] = text.p[i++];
	/* A digit comes first, behind a dot alone where there is no sign. */
	if (!is_digit(i < text.len ? text.p[i] : 0) &&
	    (i > 0 || text.len < 2 || text.p[0] != '.' || !is_digit(text.p[1])))
		return false;
	for (; i < text.len && (is_digit(text.p[i]) || text.p[i] == '.' || text.p[i] == '_'); i++) {
		dots += text.p[i] == '.';
		any |= is_digit(text.p[i]);
		if (text.p[i] != '_')
			digits[n++] = text.p[i];
	}
	if (dots != 1 || !any)
		return false;
	if (i < text.len) {
		if (ascii_lower(text.p[i]) != 'e' || text.len - i < 3 || !strchr("-+", text.p[i + 1]))
			return false;
		digits[n++] = text.p[i++];
		digits[n++] = text.p[i++];
		for (; i < text.len; i++) {
			if (!is_digit(text.p[i]))
				return false;
			digits[n++] = text.p[i];
		}
	}
	digits[n] = '\0';
	*ret = strtod(digits, NULL);
	return true;
}

/* Has @text from @at on the form, in which d is a digit? */
static bool has_form(struct str text, size_t at, const char *form)
{
	for (size_t i = 0; form[i]; i++, at++)
		if (at >= text.len || (form[i] == 'd' ? !is_digit(text.p[at]) : text.p[at] != form[i]))
			return false;
	return true;
}

/* 2026-01-31, alone or with a time of day behind it. */
static bool is_date(struct str text)
{
	static const char form[] = "dddd-dd-dd";
	size_t at = sizeof(form) - 1;

	if (!has_form(text, 0, form))
		return false;
	if (text.len == at)
		return true;
	if (text.p[at] == 'T' || text.p[at] == 't')
		at++;
	else
		while (at < text.len && (text.p[at] == ' ' || text.p[at] == '\t'))
			at++;
	return at > sizeof(form) - 1 && (has_form(text, at, "dd:dd:dd") || has_form(text, at, "d:dd:dd"));
}

/* The shortest digits that read back as @number, as a text that shows that it is no integer. */
static void float_write(double number, char *text, size_t size)
{
	int digits = 0, exponent;

	do
		snprintf(text, size, "%.*e", digits, number);
	while (strtod(text, NULL) != number && ++digits < 17);
	exponent = atoi(strchr(text, 'e') + 1);
	if (exponent >= -4 && exponent < 16)
		snprintf(text, size, "%.*f", digits > exponent ? digits - exponent : 1, number);
}

static int number_text(struct sigma *g, struct sigma_scalar *v)
{
	char text[64];

	if (v->type == SIGMA_INT)
		snprintf(text, sizeof(text), "%lld", (long long)v->integer);
	else
		float_write(v->number, text, sizeof(text));
	v->text = arena_str(g->s->scratch, str_of(text));
	return v->text.p ? 0 : -ENOMEM;
}

/* `yes` is true, and 010 is 8: whoever means the text has to put it in quotes. */
static void warn_of_reading(struct sigma *g, const struct node *n, const struct sigma_scalar *v)
{
	bool is_sign = n->text.len > 0 && (n->text.p[0] == '-' || n->text.p[0] == '+');
	struct str digits = str_skip(n->text, is_sign);
	struct diags *ds = g->s->checker->ds;
	bool odd;

	if (v->type == SIGMA_INT)
		odd = (digits.len > 1 && digits.p[0] == '0') || memchr(digits.p, ':', digits.len) ||
		      memchr(digits.p, '_', digits.len);
	else
		odd = v->type == SIGMA_BOOL && !str_eq_nocase(n->text, v->text);
	if (!warns(g->s) || !odd)
		return;
	diag_warning(ds, &code_sigma_scalar, n->at, "YAML reads `%.*s` as %.*s", STR_ARG(n->text),
		     STR_ARG(v->text));
	diag_help(ds, "a text is put in quotes: '%.*s'", STR_ARG(n->text));
}

static int refuse(struct sigma *g, const struct node *n, const char *what)
{
	diag_error(g->s->checker->ds, &code_sigma_value, n->at, "`%.*s` is %s", STR_ARG(n->text), what);
	diag_help(g->s->checker->ds, "a text is put in quotes");
	return -EINVAL;
}

bool sigma_is_null(const struct node *n)
{
	static const char *const nulls[] = { "", "~", "null", "Null", "NULL", NULL };

	return n->kind == NODE_SCALAR && n->style == SCALAR_PLAIN && !n->incomplete &&
	       is_one_of(n->text, nulls);
}

static int read_plain(struct sigma *g, const struct node *n, struct sigma_scalar *ret)
{
	static const char *const yes[] = {
		"true", "True", "TRUE", "yes", "Yes", "YES", "on", "On", "ON", NULL
	};
	static const char *const no[] = {
		"false", "False", "FALSE", "no", "No", "NO", "off", "Off", "OFF", NULL
	};
	static const char *const odd[] = {
		".inf", ".Inf", ".INF", "-.inf", "-.Inf", "-.INF", "+.inf", "+.Inf", "+.INF", ".nan", ".NaN",
		".NAN", NULL
	};
	int err;

	if (sigma_is_null(n)) {
		ret->type = SIGMA_NULL;
		return 0;
	}
	ret->truth = is_one_of(n->text, yes);
	if (ret->truth || is_one_of(n->text, no)) {
		ret->type = SIGMA_BOOL;
		ret->text = str_of(ret->truth ? "true" : "false");
		return 0;
	}
	if (is_one_of(n->text, odd))
		return refuse(g, n, "no number to compare with");
	if (is_date(n->text))
		return refuse(g, n, "a date for YAML");
	err = parse_int(n->text, &ret->integer);
	if (err == -ERANGE)
		return refuse(g, n, "larger than 64 bits");
	if (err == 0) {
		ret->type = SIGMA_INT;
		ret->number = (double)ret->integer;
		return number_text(g, ret);
	}
	if (parse_float(n->text, &ret->number)) {
		ret->type = SIGMA_FLOAT;
		return isfinite(ret->number) ? number_text(g, ret) :
					       refuse(g, n, "no number to compare with");
	}
	return 0;
}

int sigma_scalar_read(struct sigma *g, const struct node *n, struct sigma_scalar *ret)
{
	int err = 0;

	*ret = (struct sigma_scalar){ .type = SIGMA_TEXT, .text = n->text };
	if (n->style == SCALAR_PLAIN)
		err = read_plain(g, n, ret);
	if (err == 0)
		warn_of_reading(g, n, ret);
	return err;
}
