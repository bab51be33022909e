/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Decimal numbers; see decimal.h. The digits that decide the nearest double are copied, one for the rest
 * behind them, and strtod() rounds; so neither a locale's point nor the length of a text matters.
 */
#include "base/decimal.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/cleanup.h"

/* A number halfway between two doubles has 767 digits at most; what is behind them only says whether it is
 * more. */
#define MAX_DIGITS 770

/* Beyond this every number is 0 or infinite, whatever its digits' places add: so many of them no text has. */
#define MAX_EXPONENT (INT64_C(1) << 60)

struct decimal {
	char digits[MAX_DIGITS + 1];	/* without leading zeros */
	size_t n;
	int64_t exponent;		/* of the last digit */
	bool more;			/* some digit behind these was not 0 */
};

static bool is_digit(struct str text, size_t at)
{
	return at < text.len && text.p[at] >= '0' && text.p[at] <= '9';
}

static void add_digit(struct decimal *d, char digit, bool fraction)
{
	bool kept = d->n < MAX_DIGITS;

	if (d->n == 0 && digit == '0') {
		d->exponent -= fraction;
		return;
	}
	if (kept)
		d->digits[d->n++] = digit;
	else
		d->more |= digit != '0';
	d->exponent += (int64_t)!kept - fraction;
}

/* Is the byte at @at an underscore between digits, of which the first was before it? */
static bool is_joint(struct str text, size_t at)
{
	return at < text.len && text.p[at] == '_' && is_digit(text, at + 1);
}

/* Digits into @d; *at moves behind them. False: there is none. */
static bool take_digits(struct str text, size_t *at, bool fraction, struct decimal *d)
{
	size_t i = *at;

	if (!is_digit(text, i))
		return false;
	for (; is_digit(text, i); i++) {
		add_digit(d, text.p[i], fraction);
		i += is_joint(text, i + 1);
	}
	*at = i;
	return true;
}

/* False: what begins like an exponent is none. */
static bool take_exponent(struct str text, size_t *at, int64_t *ret)
{
	bool negative = false;
	int64_t n = 0;
	size_t i = *at;

	*ret = 0;
	if (i == text.len || ascii_lower(text.p[i]) != 'e')
		return true;
	i++;
	if (i < text.len && (text.p[i] == '+' || text.p[i] == '-'))
		negative = text.p[i++] == '-';
	if (!is_digit(text, i))
		return false;
	for (; is_digit(text, i); i++) {
		n = n < MAX_EXPONENT / 10 ? n * 10 + (text.p[i] - '0') : MAX_EXPONENT;
		i += is_joint(text, i + 1);
	}
	*ret = negative ? -n : n;
	*at = i;
	return true;
}

/* What is left of a text that is no more than a number. */
static bool read_number(struct str text, double *ret)
{
	struct decimal d = { .n = 0 };
	char memory[MAX_DIGITS + 32];
	size_t at = 0;
	int64_t exponent;
	bool whole = take_digits(text, &at, false, &d), fraction = false;

	if (at < text.len && text.p[at] == '.') {
		at++;
		fraction = take_digits(text, &at, true, &d);
	}
	if ((!whole && !fraction) || !take_exponent(text, &at, &exponent) || at < text.len)
		return false;
	if (d.n == 0) {
		*ret = 0;
		return true;
	}
	if (d.more)
		d.digits[d.n++] = '1';
	exponent += d.exponent - d.more;
	/* Of a double's exponents these are all, whatever the digits are. */
	exponent = exponent > 9999 ? 9999 : exponent < -9999 ? -9999 : exponent;
	snprintf(memory, sizeof(memory), "%.*se%d", (int)d.n, d.digits, (int)exponent);
	*ret = strtod(memory, NULL);
	return true;
}

static bool read_word(struct str text, double *ret)
{
	static const struct {
		struct str name;
		double value;
	} words[] = { { STR("inf"), INFINITY }, { STR("infinity"), INFINITY }, { STR("nan"), NAN } };

	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (str_eq_nocase(text, words[i].name)) {
			*ret = words[i].value;
			return true;
		}
	return false;
}

static bool is_blank(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

bool decimal_parse(struct str text, double *ret)
{
	bool negative;
	double number;

	while (text.len && is_blank(text.p[0]))
		text = str_skip(text, 1);
	while (text.len && is_blank(text.p[text.len - 1]))
		text.len--;
	negative = str_has_prefix(text, STR_LIT("-"));
	if (negative || str_has_prefix(text, STR_LIT("+")))
		text = str_skip(text, 1);
	if (text.len == 0 || (!read_number(text, &number) && !read_word(text, &number)))
		return false;
	*ret = negative ? -number : number;
	return true;
}
