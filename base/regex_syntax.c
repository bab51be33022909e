/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading patterns without PCRE2, which says of a pattern that is wrong only where it stopped, and not of any
 * what it looks at. No more of the syntax is known here than these questions need.
 */
#include "base/regex_syntax.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"

/* What is still open at the end of a pattern; SIZE_MAX: nothing. */
struct open_parts {
	size_t groups[REGEX_NEST_LIMIT];
	size_t n_groups, class, comment;
};

/* "[:alpha:]" at the start of @s; 0: no such name there. */
static size_t class_name_length(struct str s)
{
	size_t i = 2;

	while (i < s.len && (s.p[i] == '^' || (ascii_lower(s.p[i]) >= 'a' && ascii_lower(s.p[i]) <= 'z')))
		i++;
	return str_has_prefix(str_skip(s, i), STR_LIT(":]")) ? i + 2 : 0;
}

/* "[]a]" and "[^]a]" hold a bracket, "[[:alpha:]]" a name. */
size_t regex_skip_class(struct str p, size_t i)
{
	size_t end;

	i++;
	if (i < p.len && p.p[i] == '^')
		i++;
	if (i < p.len && p.p[i] == ']')
		i++;
	for (; i < p.len; i++) {
		if (p.p[i] == ']')
			return i + 1;
		if (p.p[i] == '\\') {
			i++;
		} else if (p.p[i] == '[' && i + 1 < p.len && p.p[i + 1] == ':') {
			end = class_name_length(str_skip(p, i));
			i += end ? end - 1 : 0;
		}
	}
	return SIZE_MAX;
}

/* Behind the next @end at or after @i; SIZE_MAX: there is none. */
static size_t skip_past(struct str p, size_t i, const char *end)
{
	const char *found = i < p.len ? memmem(p.p + i, p.len - i, end, strlen(end)) : NULL;

	return found ? (size_t)(found - p.p) + strlen(end) : SIZE_MAX;
}

/* Reads as much of the syntax as tells an opening parenthesis from a literal one. */
static void find_open(struct str p, struct open_parts *ret)
{
	struct open_parts open = { .n_groups = 0, .class = SIZE_MAX, .comment = SIZE_MAX };
	size_t start, i = 0;

	while (i < p.len) {
		start = i++;
		if (p.p[start] == '\\') {
			i = i < p.len && p.p[i] == 'Q' ? skip_past(p, i, "\\E") : i + 1;
		} else if (p.p[start] == '[') {
			i = regex_skip_class(p, start);
			if (i == SIZE_MAX)
				open.class = start;
		} else if (str_has_prefix(str_skip(p, start), STR_LIT("(?#"))) {
			i = skip_past(p, i, ")");
			if (i == SIZE_MAX)
				open.comment = start;
		} else if (p.p[start] == '(' && open.n_groups < REGEX_NEST_LIMIT) {
			open.groups[open.n_groups++] = start;
		} else if (p.p[start] == ')' && open.n_groups > 0) {
			open.n_groups--;
		}
	}
	*ret = open;
}

/* The last of @bytes in front of @offset; @offset where there is none. */
static size_t find_before(struct str p, size_t offset, const char *bytes)
{
	for (size_t i = offset; i > 0; i--)
		if (strchr(bytes, p.p[i - 1]))
			return i - 1;
	return offset;
}

size_t regex_find_place(struct str p, size_t offset, enum regex_place place)
{
	struct open_parts open;

	find_open(p, &open);
	switch (place) {
	case PLACE_AT:
		return offset;
	case PLACE_BEFORE:
		return offset > 0 ? offset - 1 : 0;
	case PLACE_ESCAPE:
		return find_before(p, offset, "\\");
	case PLACE_PAREN:
		return find_before(p, offset, "(");
	case PLACE_INTRO:
		return find_before(p, offset, "\\(");
	case PLACE_BRACE:
		return find_before(p, offset, "{");
	case PLACE_START:
		return 0;
	case PLACE_OPEN_GROUP:
		return open.n_groups > 0 ? open.groups[open.n_groups - 1] : offset;
	case PLACE_OPEN_CLASS:
		return open.class != SIZE_MAX ? open.class : offset;
	case PLACE_OPEN_COMMENT:
		return open.comment != SIZE_MAX ? open.comment : offset;
	}
	return offset;
}

/* \G asks where the search began; after a verb, later starts are not tried. */
bool regex_starts_alone(struct str pattern)
{
	return !str_contains(pattern, STR_LIT("(*")) && !str_contains(pattern, STR_LIT("\\G"));
}

/* A group, or a setting, that neither looks ahead nor keeps what it took. @rest follows the parenthesis. */
static bool is_plain_group(struct str rest)
{
	static const struct str plain[] = {
		STR("?:"), STR("?|"), STR("?<"), STR("?P<"), STR("?'"), STR("?#"),
	};
	size_t i = 1;

	if (!str_has_prefix(rest, STR_LIT("?")))
		return !str_has_prefix(rest, STR_LIT("*"));
	for (size_t k = 0; k < ARRAY_SIZE(plain); k++)
		if (str_has_prefix(rest, plain[k]))
			return true;
	/* Not `x`, with which blanks and comments would have to be known, nor `m`: its `^` is false at the
	 * end of a text, and true where it goes on. */
	while (i < rest.len && memchr("isnJU^-", rest.p[i], 7))
		i++;
	return i < rest.len && (rest.p[i] == ':' || rest.p[i] == ')');
}

/* \R and \X keep what they took, \g may be a recursion; \Q, \E and \c are not read here. */
static enum regex_reach reach_of_escape(char c)
{
	if (memchr("RXKgQEc", c, 7))
		return REGEX_REACH_FAR;
	return memchr("bBzZ", c, 4) ? REGEX_REACH_NEXT : REGEX_REACH_NONE;
}

bool regex_is_word_border(struct str s)
{
	return str_has_prefix(s, STR_LIT("[[:<:]]")) || str_has_prefix(s, STR_LIT("[[:>:]]"));
}

/* Of what begins at *@i, which is moved behind it. @quantified: it follows a quantifier. */
static enum regex_reach take_part(struct str p, size_t *i, bool quantified)
{
	struct str rest = str_skip(p, ++*i);
	char c = p.p[*i - 1];

	if (c == '\\' && rest.len > 0) {
		++*i;
		return reach_of_escape(rest.p[0]);
	}
	if (c == '[') {
		if (regex_is_word_border(str_skip(p, *i - 1)))
			return REGEX_REACH_FAR;
		*i = regex_skip_class(p, *i - 1);
		return REGEX_REACH_NONE;
	}
	if (c == '(') {
		if (str_has_prefix(rest, STR_LIT("?#")))
			*i = skip_past(p, *i, ")");
		return is_plain_group(rest) ? REGEX_REACH_NONE : REGEX_REACH_FAR;
	}
	/* Possessive. */
	if (c == '+' && quantified)
		return REGEX_REACH_FAR;
	return c == '$' ? REGEX_REACH_NEXT : REGEX_REACH_NONE;
}

enum regex_reach regex_reach(struct str p)
{
	enum regex_reach reach = REGEX_REACH_NONE, part;
	bool quantified = false, repeats;
	size_t i = 0;

	while (i < p.len) {
		repeats = memchr("*+?}", p.p[i], 4) != NULL;
		part = take_part(p, &i, quantified);
		if (part > reach)
			reach = part;
		quantified = repeats;
	}
	/* A class or a comment that does not end: this was not read as PCRE2 does. */
	return i > p.len ? REGEX_REACH_FAR : reach;
}

bool regex_check_bytes(struct str pattern, struct regex_error *ret_error)
{
	struct regex_error e = { .message = "control byte in a regex" };

	for (size_t i = 0; i < pattern.len; i++) {
		unsigned char c = (unsigned char)pattern.p[i];

		if (c >= 0x20 && c != 0x7f)
			continue;
		e.offset = i;
		snprintf(e.label, sizeof(e.label), "byte 0x%02x", c);
		if (c == '\b')
			snprintf(e.help, sizeof(e.help), "in double quotes `\\b` is a backspace; for a word "
							 "boundary put the regex in single quotes");
		else if (c == '\t' || c == '\n' || c == '\r')
			snprintf(e.help, sizeof(e.help), "write `\\%c`, in single quotes",
				 c == '\t' ? 't' : c == '\n' ? 'n' : 'r');
		else
			snprintf(e.help, sizeof(e.help), "write `\\x%02x`, in single quotes", c);
		*ret_error = e;
		return false;
	}
	return true;
}
