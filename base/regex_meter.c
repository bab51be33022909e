/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where a pattern needs a callout for all work to be counted. What PCRE2 does between two of them must be
 * bounded by the pattern, whatever the text is:
 *
 * - before a run (a byte, an escape, a class that is repeated without end), and behind it: the distance
 *   between the two is what was read;
 * - behind whatever is repeated a variable number of times, since it is gone back to;
 * - behind a group, which may have alternatives, and in front of what is repeated in it.
 *
 * What is optional at the start would be tried, and counted, at every place; as it is only asked whether
 * there is a match, it says nothing.
 *
 * A misread pattern would mean something else with a callout in it. So nothing is guessed: what is not plain
 * is left to PCRE2's own callouts, before every item, which cost more.
 */
#include "base/regex_meter.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/regex_syntax.h"

/* Longest run that is left to the callout behind it. */
#define SHORT_RUN 64
/* In marks: a byte that is left out. */
#define LEFT_OUT (METER_MAX_NUMBER + 2)

struct quantifier {
	size_t length;			/* in the pattern, 0: none */
	uint32_t min, max;		/* UINT32_MAX: no end */
	bool possessive;
};

struct meter {
	struct str p;
	size_t at;
	/* Of each byte, and of the end: 1 + the number of the callout in front; 0: none. */
	uint8_t *marks;
	size_t bodies[REGEX_NEST_LIMIT];	/* where the open groups begin behind their parenthesis */
	size_t depth;
	bool leaves_out;		/* what is optional at the start */
	bool begun;			/* the start is over */
	size_t left_out;		/* the end of what has been left out */
};

static char at(const struct meter *m, size_t i)
{
	return i < m->p.len ? m->p.p[i] : '\0';
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_word(char c)
{
	return is_digit(c) || c == '_' || (ascii_lower(c) >= 'a' && ascii_lower(c) <= 'z');
}

static bool is_hex(char c)
{
	return is_digit(c) || (ascii_lower(c) >= 'a' && ascii_lower(c) <= 'f');
}

static uint32_t read_number(const struct meter *m, size_t *i)
{
	uint32_t n = 0;

	for (; is_digit(at(m, *i)) && n <= 65535; ++*i)
		n = n * 10 + (uint32_t)(at(m, *i) - '0');
	return n;
}

/* "{2}", "{2,}" and "{2,3}"; false: what newer versions of PCRE2 may take for one. */
static bool read_braces(const struct meter *m, size_t i, struct quantifier *ret)
{
	size_t start = i++;

	if (!is_digit(at(m, i)))
		return at(m, i) != ',' && at(m, i) != ' ' && at(m, i) != '\t';
	ret->min = ret->max = read_number(m, &i);
	if (at(m, i) == ',') {
		i++;
		ret->max = is_digit(at(m, i)) ? read_number(m, &i) : UINT32_MAX;
	}
	if (at(m, i) != '}')
		return false;
	ret->length = i + 1 - start;
	return true;
}

/* At @i, with what makes it lazy or possessive. */
static bool read_quantifier(const struct meter *m, size_t i, struct quantifier *ret)
{
	struct quantifier q = { 0, 1, 1, false };
	char c = at(m, i);

	if (c == '*' || c == '+' || c == '?')
		q = (struct quantifier){ 1, c == '+', c == '?' ? 1 : UINT32_MAX, false };
	else if (c == '{' && !read_braces(m, i, &q))
		return false;
	q.possessive = q.length && at(m, i + q.length) == '+';
	q.length += q.length && (q.possessive || at(m, i + q.length) == '?');
	*ret = q;
	/* One on top of another has what is before it for its item. */
	return !q.length || at(m, i + q.length) == '\0' || !memchr("*+?{", at(m, i + q.length), 4);
}

static void mark(struct meter *m, size_t i, uint32_t number)
{
	uint8_t with = (uint8_t)(1 + (number < METER_MAX_NUMBER ? number : METER_MAX_NUMBER));

	if (with > m->marks[i])
		m->marks[i] = with;
}

/* The length of the escape at @i; 0: not known here. */
static size_t escape_length(const struct meter *m, size_t i)
{
	char c = at(m, i + 1);
	size_t n = 2;

	if (i + 1 >= m->p.len)
		return 0;
	if (c == 'x' && at(m, i + 2) == '{') {
		for (n = 3; is_hex(at(m, i + n)); n++)
			;
		return at(m, i + n) == '}' ? n + 1 : 0;
	}
	if (c == 'x') {
		while (n < 4 && is_hex(at(m, i + n)))
			n++;
		return n;
	}
	if (!is_word(c))
		return 2;
	return memchr("dDwWsShHvVnrtfeabBAzZ", c, 21) ? 2 : 0;
}

/* 0: where it ends is not certain, or it is none but a border of words. */
static size_t class_length(const struct meter *m, size_t i)
{
	size_t end = regex_skip_class(m->p, i);

	if (end > m->p.len || regex_is_word_border(str_skip(m->p, i)))
		return 0;
	for (size_t k = i; k < end; k++)
		if (at(m, k) == '\\' && memchr("cQE", at(m, ++k), 3))
			return 0;
	return end - i;
}

static size_t item_length(const struct meter *m, size_t i)
{
	char c = at(m, i);

	return c == '\\' ? escape_length(m, i) : c == '[' ? class_length(m, i) : 1;
}

static bool take_item(struct meter *m)
{
	size_t length = item_length(m, m->at), start = m->at;
	struct quantifier q;

	m->at += length;
	if (!length || !read_quantifier(m, m->at, &q))
		return false;
	m->at += q.length;
	if (m->leaves_out && !m->begun && q.min == 0 && !q.possessive) {
		memset(m->marks + start, LEFT_OUT, m->at - start);
		m->left_out = m->at;
		return true;
	}
	m->begun = true;
	if (q.max > SHORT_RUN)
		mark(m, start, q.min / METER_READ_AHEAD);
	if (q.min != q.max)
		mark(m, m->at, 0);
	return true;
}

enum opener {
	OPENS_GROUP,
	OPENS_OTHER,			/* that looks around, is atomic or numbers its groups by itself */
	IS_SETTING,			/* and opens nothing */
};

/* The length of the opener at the parenthesis; 0: not known here. */
static size_t opener_length(const struct meter *m, enum opener *ret)
{
	static const struct str others[] = {
		STR("(?|"), STR("(?>"), STR("(?="), STR("(?!"), STR("(?<="), STR("(?<!"),
	};
	struct str rest = str_skip(m->p, m->at);
	size_t n = 2;

	*ret = OPENS_GROUP;
	if (at(m, m->at + 1) != '?')
		return at(m, m->at + 1) == '*' ? 0 : 1;
	for (size_t i = 0; i < ARRAY_SIZE(others); i++) {
		if (str_has_prefix(rest, others[i])) {
			*ret = OPENS_OTHER;
			return others[i].len;
		}
	}
	if (str_has_prefix(rest, STR_LIT("(?<")) || str_has_prefix(rest, STR_LIT("(?P<"))) {
		n = rest.p[2] == '<' ? 3 : 4;
		while (n < rest.len && is_word(rest.p[n]))
			n++;
		return n < rest.len && rest.p[n] == '>' ? n + 1 : 0;
	}
	/* With `x`, blanks and comments would have to be known. */
	while (n < rest.len && memchr("imsnJU^-", rest.p[n], 8))
		n++;
	if (n == rest.len || (rest.p[n] != ')' && rest.p[n] != ':'))
		return 0;
	*ret = rest.p[n] == ')' ? IS_SETTING : OPENS_GROUP;
	return n + 1;
}

static bool open_group(struct meter *m)
{
	enum opener opener;
	size_t length = opener_length(m, &opener);

	m->at += length;
	if (!length || opener == IS_SETTING)
		return length;
	if (m->depth == REGEX_NEST_LIMIT)
		return false;
	m->begun |= opener == OPENS_OTHER;
	m->bodies[m->depth++] = m->at;
	return true;
}

static bool close_group(struct meter *m)
{
	struct quantifier q;

	if (m->depth == 0 || !read_quantifier(m, m->at + 1, &q))
		return false;
	m->at += 1 + q.length;
	m->begun = true;
	m->depth--;
	/* What is optional the first time is not the next, and if all is optional, it is all left out. */
	if (q.length && m->left_out > m->bodies[m->depth])
		return false;
	if (q.max > 1)
		mark(m, m->bodies[m->depth], 0);
	mark(m, m->at, 0);
	return true;
}

static bool take(struct meter *m)
{
	switch (m->p.p[m->at]) {
	case '(':
		return open_group(m);
	case ')':
		return close_group(m);
	case '|':
		m->begun = true;
		m->at++;
		return true;
	default:
		return take_item(m);
	}
}

static void write_marked(const struct meter *m, struct buf *b)
{
	/* Not at the end, where nothing is left to do. */
	for (size_t i = 0; i < m->p.len; i++) {
		if (m->marks[i] == LEFT_OUT)
			continue;
		if (m->marks[i])
			buf_printf(b, "(?C%d)", m->marks[i] - 1);
		buf_char(b, m->p.p[i]);
	}
}

bool regex_meter(struct str pattern, struct buf *b)
{
	uint8_t *marks = calloc(pattern.len + 1, 1);
	bool good = false;

	if (!marks)
		b->error = -ENOMEM;
	for (int leaves_out = 1; marks && leaves_out >= 0 && !good; leaves_out--) {
		struct meter m = { .p = pattern, .marks = marks, .leaves_out = leaves_out };

		memset(marks, 0, pattern.len + 1);
		good = true;
		while (good && m.at < pattern.len)
			good = take(&m);
		if (good)
			write_marked(&m, b);
	}
	free(marks);
	return good && !b->error;
}
