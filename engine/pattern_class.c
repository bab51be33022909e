/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Classes and escapes of bytes. Where PCRE2 has rules that depend on its version, or that nobody remembers,
 * the class is not understood: a hyphen that could begin a range where none is allowed, \Q within brackets,
 * octal numbers that may be references.
 */
#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "engine/pattern_set.h"
#include "engine/pattern_tree.h"

static int hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = ascii_lower(c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Up to @most digits at *@at, which is moved behind them. More than a byte holds is cut to 256. */
static unsigned int take_digits(struct str p, size_t *at, size_t most, int base)
{
	unsigned int value = 0;

	for (size_t n = 0; n < most && *at < p.len; n++, ++*at) {
		int digit = hex_value(p.p[*at]);

		if (digit < 0 || digit >= base)
			break;
		value = value * (unsigned int)base + (unsigned int)digit;
		if (value > 256)
			value = 256;
	}
	return value;
}

/* *@at is behind the x. */
static bool take_hex(struct str p, size_t *at, unsigned char *ret)
{
	size_t start;
	unsigned int value;

	if (*at >= p.len || p.p[*at] != '{') {
		*ret = (unsigned char)take_digits(p, at, 2, 16);
		return true;
	}
	start = ++*at;
	value = take_digits(p, at, SIZE_MAX, 16);
	if (*at == start || *at >= p.len || p.p[*at] != '}' || value > 255)
		return false;
	++*at;
	*ret = (unsigned char)value;
	return true;
}

bool tree_parse_byte(struct str p, size_t *at, unsigned char *ret)
{
	static const char letters[] = "aefnrt", values[] = "\a\x1b\f\n\r\t";
	const char *letter;
	size_t i = *at + 2;
	char c;

	if (i > p.len)
		return false;
	c = p.p[i - 1];
	letter = memchr(letters, c, sizeof(letters) - 1);
	if (letter)
		*ret = (unsigned char)values[letter - letters];
	else if (c == '0')
		*ret = (unsigned char)take_digits(p, &i, 2, 8);
	else if (c == 'x' && !take_hex(p, &i, ret))
		return false;
	else if (c != 'x' && (hex_value(c) >= 0 || (ascii_lower(c) >= 'a' && ascii_lower(c) <= 'z')))
		return false;
	else if (c != 'x')
		*ret = (unsigned char)c;
	*at = i;
	return true;
}

/* "[:alpha:]" or "[:^alpha:]" at *@at. */
static bool take_named(struct str p, size_t *at, bool nocase, struct byte_set *set)
{
	size_t start = *at + 2, end;
	bool negated = start < p.len && p.p[start] == '^';
	const struct byte_set *found;
	struct byte_set named;

	start += negated;
	for (end = start; end < p.len && p.p[end] >= 'a' && p.p[end] <= 'z';)
		end++;
	if (!str_has_prefix(str_skip(p, end), STR_LIT(":]")))
		return false;
	found = set_of_class((struct str){ p.p + start, end - start });
	if (!found)
		return false;
	named = *found;
	/* Before it is negated: without regard to case [:^upper:] is what is no letter. */
	if (nocase)
		set_fold(&named);
	if (negated)
		set_invert(&named);
	set_add(set, &named);
	*at = end + 2;
	return true;
}

/* A byte that may be an end of a range, *@at before it. */
static bool take_single(struct str p, size_t *at, unsigned char *ret)
{
	if (*at >= p.len)
		return false;
	if (p.p[*at] == '\\') {
		if (*at + 1 < p.len && p.p[*at + 1] == 'b') {
			*ret = '\b';
			*at += 2;
			return true;
		}
		return tree_parse_byte(p, at, ret);
	}
	if (p.p[*at] == '[' && *at + 1 < p.len && memchr(":.=", p.p[*at + 1], 3))
		return false;
	*ret = (unsigned char)p.p[(*at)++];
	return true;
}

/* Behind what begins no range a hyphen must be the last. */
static bool check_hyphen(struct str p, size_t at)
{
	struct str rest = str_skip(p, at);

	return !str_has_prefix(rest, STR_LIT("-")) || str_has_prefix(rest, STR_LIT("-]"));
}

/* A byte, a range, or a set by its name. */
static bool take_item(struct str p, size_t *at, bool nocase, struct byte_set *set)
{
	const struct byte_set *named;
	unsigned char low, high;

	if (p.p[*at] == '\\' && *at + 1 < p.len && p.p[*at + 1] != 'N') {
		named = set_of_escape(p.p[*at + 1]);
		if (named) {
			set_add(set, named);
			*at += 2;
			return check_hyphen(p, *at);
		}
	}
	if (str_has_prefix(str_skip(p, *at), STR_LIT("[:")))
		return take_named(p, at, nocase, set) && check_hyphen(p, *at);
	if (!take_single(p, at, &low))
		return false;
	high = low;
	if (*at + 1 < p.len && p.p[*at] == '-' && p.p[*at + 1] != ']') {
		++*at;
		if (!take_single(p, at, &high) || high < low || !check_hyphen(p, *at))
			return false;
	}
	for (unsigned int c = low; c <= high; c++)
		set_add_byte(set, (unsigned char)c);
	return true;
}

int tree_parse_class(struct str p, size_t *at, bool nocase, struct arena *a, const struct byte_set **ret_set)
{
	const struct byte_set *kept;
	struct byte_set set = { { 0 } };
	size_t i = *at + 1, first;
	bool negated = i < p.len && p.p[i] == '^';

	i += negated;
	/* A bracket here is a byte. */
	for (first = i; i < p.len && (p.p[i] != ']' || i == first);)
		if (!take_item(p, &i, nocase, &set))
			return -EINVAL;
	if (i >= p.len)
		return -EINVAL;
	if (nocase)
		set_fold(&set);
	if (negated)
		set_invert(&set);
	kept = set_keep(&set, a);
	if (!kept)
		return -ENOMEM;
	*at = i + 1;
	*ret_set = kept;
	return 0;
}
