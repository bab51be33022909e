/* SPDX-License-Identifier: Apache-2.0 */
/* Quantifiers: how often what is in front of them is there. */
#include <string.h>

#include "engine/pattern_tree.h"

/* Of a number that is too large for PCRE2 anything. */
static uint32_t take_number(struct str s, size_t *at)
{
	uint32_t n = 0;

	for (; *at < s.len && s.p[*at] >= '0' && s.p[*at] <= '9'; ++*at)
		n = n < 100000 ? n * 10 + (uint32_t)(s.p[*at] - '0') : n;
	return n;
}

/* "{2}", "{2,}" or "{2,3}" at the start of @s; their length, 0: it is none of these. */
static size_t read_braces(struct str s, struct run *ret)
{
	size_t at = 1, start;

	ret->min = ret->max = take_number(s, &at);
	if (at == 1)
		return 0;
	if (at < s.len && s.p[at] == ',') {
		start = ++at;
		ret->max = take_number(s, &at);
		if (at == start)
			ret->max = RUN_NO_END;
	}
	return at < s.len && s.p[at] == '}' ? at + 1 : 0;
}

/* "{,3}" and "{ 2, 3 }" are text or a repetition, as the version of PCRE2 has it. */
static bool is_doubtful(struct str s)
{
	size_t i = 1;

	while (i < s.len && memchr("0123456789, \t", s.p[i], 13))
		i++;
	return i > 1 && i < s.len && s.p[i] == '}';
}

size_t tree_parse_quantifier(struct str s, struct run *ret)
{
	if (s.len == 0)
		return 0;
	switch (s.p[0]) {
	case '*':
		*ret = (struct run){ NULL, 0, RUN_NO_END };
		return 1;
	case '+':
		*ret = (struct run){ NULL, 1, RUN_NO_END };
		return 1;
	case '?':
		*ret = (struct run){ NULL, 0, 1 };
		return 1;
	case '{':
		return read_braces(s, ret);
	default:
		return 0;
	}
}

bool tree_is_quantifier(struct str s)
{
	struct run ignored;

	return tree_parse_quantifier(s, &ignored) > 0 || is_doubtful(s);
}
