/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Scalars in their canonical form: plain where that is plainly safe, single quotes where it is not, double
 * quotes where a character needs an escape, or where only they save doubling apostrophes.
 *
 * What is plain stays plain and what was written with escapes keeps them: "\u200b" must not become a space
 * that nobody sees.
 */
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "parser/formatter.h"
#include "parser/yaml_text.h"

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
	return ascii_lower(c) >= 'a' && ascii_lower(c) <= 'z';
}

bool scalar_plainness_counts(struct str text)
{
	static const struct str words[] = {
		STR("true"), STR("false"), STR("yes"), STR("no"), STR("on"), STR("off"), STR("y"), STR("n"),
		STR("null"), STR("inf"), STR("nan"), STR("~"), STR(""),
	};
	struct str rest = text;

	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (str_eq_nocase(text, words[i]))
			return true;
	if (text.p[0] == '$')
		return true;
	if (rest.p[0] == '+' || rest.p[0] == '-')
		rest = str_skip(rest, 1);
	if (rest.len > 0 && rest.p[0] == '.')
		rest = str_skip(rest, 1);
	if (str_eq_nocase(rest, STR_LIT("inf")) || str_eq_nocase(rest, STR_LIT("nan")))
		return true;
	return rest.len > 0 && is_digit(rest.p[0]);
}

/* Is a quoted text so harmless that it may go without? */
static bool may_go_plain(struct str text, enum quoting quoting)
{
	const char *others = quoting == QUOTE_PHRASES ? "_./+@%~-" : "_./+@%~-=()' ";

	if (scalar_plainness_counts(text) || !(is_letter(text.p[0]) || strchr("/_", text.p[0])))
		return false;
	for (size_t i = 0; i < text.len; i++)
		if (!is_letter(text.p[i]) && !is_digit(text.p[i]) && !strchr(others, text.p[i]))
			return false;
	return text.p[text.len - 1] != ' ';
}

bool scalar_looks_like_marker(struct str text)
{
	if (!str_has_prefix(text, STR_LIT("---")) && !str_has_prefix(text, STR_LIT("...")))
		return false;
	return text.len == 3 || strchr(" \t\n", text.p[3]);
}

/* May a plain text stay plain where brackets around it go, or spaces in front of it? */
static bool may_stay_plain(struct str text)
{
	if (memchr(text.p, '\n', text.len))
		return false;
	if (text.len == 1 && strchr("-?:", text.p[0]))
		return false;
	return !scalar_looks_like_marker(text);
}

bool scalar_spans_lines(const struct node *n)
{
	const char *source = n->at.source->text.p;

	return n->style != SCALAR_LITERAL && n->style != SCALAR_FOLDED &&
	       memchr(source + n->offset, '\n', n->end - n->offset);
}

bool scalar_is_block(const struct node *n)
{
	if (n->style != SCALAR_LITERAL && n->style != SCALAR_FOLDED)
		return false;
	for (size_t i = 0; i < n->text.len; i++)
		if (n->text.p[i] != '\n')
			return true;
	return false;
}

bool scalar_is_void(const struct node *n)
{
	return n->kind == NODE_SCALAR && n->style == SCALAR_PLAIN && n->text.len == 0;
}

static struct str source_of(const struct node *n)
{
	return (struct str){ n->at.source->text.p + n->offset, n->end - n->offset };
}

/* Does it hold an escape that single quotes would not only do without, but lose? */
static bool has_escapes(struct str source)
{
	for (size_t i = 0; i + 1 < source.len; i++)
		if (source.p[i] == '\\' && !strchr("\\\"/", source.p[++i]))
			return true;
	return false;
}

/* The code point of a character of two or three bytes: what needs an escape has no more. */
static unsigned int code_point(const char *p, size_t length)
{
	return length == 2 ? (p[0] & 0x1fu) << 6 | (p[1] & 0x3fu)
			   : (p[0] & 0xfu) << 12 | (p[1] & 0x3fu) << 6 | (p[2] & 0x3fu);
}

bool scalar_keeps_lines(const struct node *n)
{
	if (!scalar_spans_lines(n))
		return false;
	if (n->style == SCALAR_PLAIN)
		return memchr(n->text.p, '\n', n->text.len);
	return n->style == SCALAR_DOUBLE_QUOTED && has_escapes(source_of(n));
}

void scalar_quote(struct str text, struct buf *b)
{
	buf_char(b, '"');
	for (size_t length; text.len > 0; text = str_skip(text, length)) {
		unsigned char c = (unsigned char)text.p[0];

		length = utf8_length(text);
		if (c == '\n')
			buf_text(b, "\\n");
		else if (c == '\t')
			buf_text(b, "\\t");
		else if (c == '"' || c == '\\')
			buf_printf(b, "\\%c", c);
		else if (!yaml_needs_escape(text))
			buf_add(b, text.p, length);
		else if (length == 1)
			buf_printf(b, "\\x%02x", c);
		else
			buf_printf(b, "\\u%04x", code_point(text.p, length));
	}
	buf_char(b, '"');
}

static bool needs_escapes(struct str text)
{
	for (; text.len > 0; text = str_skip(text, utf8_length(text)))
		if (yaml_needs_escape(text))
			return true;
	return false;
}

static void write_quoted(struct str text, struct buf *b)
{
	bool apostrophe = memchr(text.p, '\'', text.len);
	bool escapable = memchr(text.p, '"', text.len) || memchr(text.p, '\\', text.len);

	if ((apostrophe && !escapable) || needs_escapes(text)) {
		scalar_quote(text, b);
		return;
	}
	buf_char(b, '\'');
	for (size_t i = 0; i < text.len; i++) {
		if (text.p[i] == '\'')
			buf_char(b, '\'');
		buf_char(b, text.p[i]);
	}
	buf_char(b, '\'');
}

void scalar_write(const struct node *n, enum quoting quoting, struct buf *b)
{
	struct str text = n->text;
	bool regex = quoting == QUOTE_ALL;

	/* Not looked at byte by byte, where it will not fit. */
	if (b->error || (b->fixed && text.len > b->cap - b->len)) {
		buf_str(b, text);
		return;
	}
	if (n->style == SCALAR_PLAIN) {
		if ((!regex || scalar_plainness_counts(text)) && may_stay_plain(text))
			buf_str(b, text);
		else
			write_quoted(text, b);
	} else if (n->style == SCALAR_DOUBLE_QUOTED && !scalar_spans_lines(n) && has_escapes(source_of(n))) {
		buf_str(b, source_of(n));
	} else if (!regex && may_go_plain(text, quoting)) {
		buf_str(b, text);
	} else {
		write_quoted(text, b);
	}
}

/* Takes the next line off @rest, without its end. */
static struct str next_line(struct str *rest)
{
	const char *end = memchr(rest->p, '\n', rest->len);
	struct str line = { rest->p, end ? (size_t)(end - rest->p) : rest->len };

	*rest = str_skip(*rest, line.len + 1);
	if (line.len > 0 && line.p[line.len - 1] == '\r')
		line.len--;
	return line;
}

/* Without the blanks at its ends, which are no text; but one behind a backslash is. */
static struct str trim(struct str line, bool escapes)
{
	size_t end = line.len, backslashes = 0;

	while (end > 0 && (line.p[end - 1] == ' ' || line.p[end - 1] == '\t'))
		end--;
	while (escapes && backslashes < end && line.p[end - 1 - backslashes] == '\\')
		backslashes++;
	if (backslashes % 2 == 1 && end < line.len)
		end++;
	line.len = end;
	while (line.len > 0 && (line.p[0] == ' ' || line.p[0] == '\t'))
		line = str_skip(line, 1);
	return line;
}

void scalar_write_lines(const struct node *n, size_t indent, struct buf *b)
{
	struct str rest = source_of(n);
	bool first = true;

	while (rest.len > 0) {
		struct str line = trim(next_line(&rest), n->style == SCALAR_DOUBLE_QUOTED);

		if (!first)
			buf_char(b, '\n');
		if (!first && line.len > 0)
			buf_spaces(b, indent);
		buf_str(b, line);
		first = false;
	}
}

/* How the lines of a block scalar are indented in its source: by the digit of its head, counted from @parent,
 * or as its first line that has text. @rest: its lines. */
static size_t block_indent(const struct node *n, size_t parent, struct str rest)
{
	struct str source = source_of(n);

	for (size_t i = 1; i < source.len && (is_digit(source.p[i]) || strchr("+-", source.p[i])); i++)
		if (is_digit(source.p[i]))
			return parent + (size_t)(source.p[i] - '0');
	while (rest.len > 0) {
		struct str line = next_line(&rest);
		size_t blank = 0;

		while (blank < line.len && line.p[blank] == ' ')
			blank++;
		if (blank < line.len)
			return blank;
	}
	return 0;
}

/* The lines of a block scalar, one after the other, and how they are indented. */
static struct str block_lines(const struct node *n, size_t parent, size_t *ret_indent)
{
	struct str rest = source_of(n);

	next_line(&rest);
	*ret_indent = block_indent(n, parent, rest);
	return rest;
}

static size_t count_breaks(struct str text)
{
	size_t n = 0;

	while (n < text.len && text.p[text.len - 1 - n] == '\n')
		n++;
	return n;
}

void scalar_write_head(const struct node *n, size_t parent, struct buf *b)
{
	size_t indent, breaks = count_breaks(n->text);
	struct str rest = block_lines(n, parent, &indent), line = { "", 0 };

	while (rest.len > 0 && line.len == 0)
		line = str_skip(next_line(&rest), indent);
	buf_char(b, n->style == SCALAR_LITERAL ? '|' : '>');
	if (line.len > 0 && (line.p[0] == ' ' || line.p[0] == '\t'))
		buf_char(b, '2');
	if (breaks != 1)
		buf_char(b, breaks == 0 ? '-' : '+');
}

void scalar_write_block(const struct node *n, size_t parent, size_t indent, struct buf *b)
{
	size_t from, empty = 0, breaks = count_breaks(n->text);
	struct str rest = block_lines(n, parent, &from);

	while (rest.len > 0) {
		struct str line = str_skip(next_line(&rest), from);

		if (line.len == 0) {
			empty++;
			continue;
		}
		for (; empty > 0; empty--)
			buf_char(b, '\n');
		buf_char(b, '\n');
		buf_spaces(b, indent);
		buf_str(b, line);
	}
	for (; breaks > 1; breaks--)
		buf_char(b, '\n');
}
