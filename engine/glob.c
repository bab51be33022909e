/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Matching globs without recursion. Every element but `*` takes exactly one byte, so where a piece behind a
 * star does not fit, only the last star need be tried again, one byte further on: had an earlier one been
 * better, the pieces in between would fit there too. That keeps a hostile text from costing more than a
 * product, where naive backtracking is exponential in the stars.
 */
#include "engine/glob.h"

#include <stddef.h>
#include <stdint.h>

/* One byte of a set or of the pattern, a backslash in front taken off. Moves *at behind it. */
static unsigned char take_byte(struct str pattern, size_t *at)
{
	if (pattern.p[*at] == '\\' && *at + 1 < pattern.len)
		++*at;
	return (unsigned char)pattern.p[(*at)++];
}

static bool in_range(unsigned char byte, unsigned char low, unsigned char high, bool nocase)
{
	unsigned char lower = (unsigned char)ascii_lower((char)byte);

	if (byte >= low && byte <= high)
		return true;
	if (!nocase)
		return false;
	if (lower >= low && lower <= high)
		return true;
	return lower >= 'a' && lower <= 'z' && lower - 0x20 >= low && lower - 0x20 <= high;
}

/* A set, *at behind its `[`. False: it is never closed. Else *at is behind its `]`. */
static bool take_set(struct str pattern, size_t *at, unsigned char byte, bool nocase, bool *ret_fits)
{
	size_t p = *at, first;
	bool negated = p < pattern.len && pattern.p[p] == '!', fits = false;

	p += negated;
	for (first = p; p < pattern.len && (pattern.p[p] != ']' || p == first);) {
		unsigned char low = take_byte(pattern, &p), high = low;

		if (p + 1 < pattern.len && pattern.p[p] == '-' && pattern.p[p + 1] != ']') {
			p++;
			high = take_byte(pattern, &p);
		}
		fits |= in_range(byte, low, high, nocase);
	}
	if (p >= pattern.len)
		return false;

	*at = p + 1;
	*ret_fits = fits != negated;
	return true;
}

/* Does the element at @at, which is no star, take @byte? *ret_next is behind it if so. */
static bool element_takes(struct str pattern, size_t at, unsigned char byte, bool nocase, size_t *ret_next)
{
	size_t next = at + 1;
	unsigned char literal;
	bool fits;

	if (pattern.p[at] == '?') {
		*ret_next = next;
		return true;
	}
	if (pattern.p[at] == '[' && take_set(pattern, &next, byte, nocase, &fits)) {
		*ret_next = next;
		return fits;
	}
	literal = take_byte(pattern, &at);
	*ret_next = at;
	return nocase ? ascii_lower((char)literal) == ascii_lower((char)byte) : literal == byte;
}

static enum truth match(struct str pattern, struct str text, bool nocase, bool cut)
{
	size_t p = 0, t = 0;
	size_t retry_p = SIZE_MAX, retry_t = 0;		/* behind the last star, and where it ends for now */

	while (t < text.len) {
		if (p < pattern.len && pattern.p[p] == '*') {
			retry_p = ++p;
			retry_t = t;
			if (p == pattern.len)
				return TRUTH_YES;
		} else if (p < pattern.len &&
			   element_takes(pattern, p, (unsigned char)text.p[t], nocase, &p)) {
			t++;
		} else if (retry_p != SIZE_MAX) {
			p = retry_p;
			t = ++retry_t;
		} else {
			return TRUTH_NO;
		}
	}
	/* A cut text that ends inside the pattern, or right at its end, may still go either way. */
	if (cut && (p == pattern.len || pattern.p[p] != '*'))
		return TRUTH_UNDECIDED;
	while (p < pattern.len && pattern.p[p] == '*')
		p++;
	if (p == pattern.len)
		return TRUTH_YES;
	return cut ? TRUTH_UNDECIDED : TRUTH_NO;
}

bool glob_matches(struct str pattern, struct str text, bool nocase)
{
	return match(pattern, text, nocase, false) == TRUTH_YES;
}

enum truth glob_matches_cut(struct str pattern, struct str text, bool nocase)
{
	return match(pattern, text, nocase, true);
}
