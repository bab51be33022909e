/* SPDX-License-Identifier: Apache-2.0 */
/* Which form an entry takes, and those that are in brackets. */
#include <string.h>

#include "base/cleanup.h"
#include "parser/formatter.h"

void buf_spaces(struct buf *b, size_t n)
{
	for (; n > 0; n--)
		buf_char(b, ' ');
}

static size_t columns(struct str s)
{
	size_t n = 0;

	for (size_t i = 0; i < s.len; i++)
		n += (s.p[i] & 0xc0) != 0x80;
	return n;
}

/* In brackets nothing can be void, and all of it has to be on one line. */
static bool can_flow(const struct node *n)
{
	if (n->kind == NODE_SCALAR)
		return !scalar_is_void(n) && !scalar_keeps_lines(n);
	for (size_t i = 0; i < n->n; i++)
		if (!can_flow(n->items[i]))
			return false;
	return true;
}

static bool holds_comment(const struct node *n, const struct comments *comments)
{
	size_t i = comments_from(comments, n->offset);

	return i < comments->n && comments->items[i].offset < n->end;
}

void member_key_write(const struct node *key, enum quoting quoting, struct buf *b)
{
	if (scalar_is_void(key))
		buf_text(b, "''");
	else
		scalar_write(key, quoting, b);
}

bool member_takes_regex(const struct node *key)
{
	return str_eq(key->text, STR_LIT("re"));
}

static void write_inline(const struct node *n, const struct shape *shape, bool regex, struct buf *b);

/* The entries of a map, those of one rank after the other. */
static void write_inline_map(const struct node *n, const struct shape *shape, bool regex, struct buf *b)
{
	size_t written = 0;

	buf_text(b, n->n ? "{ " : "{");
	for (size_t rank = 0; written < n->n && !b->error; rank++) {
		for (size_t i = 0; i < n->n && !b->error; i++) {
			const struct node *key = n->keys[i];

			if (shape_rank(shape, key->text) != rank)
				continue;
			if (written++ > 0)
				buf_text(b, ", ");
			member_key_write(key, QUOTE_PHRASES, b);
			buf_text(b, ": ");
			write_inline(n->items[i], shape_below(shape, key),
				     regex || member_takes_regex(key), b);
		}
	}
	buf_text(b, n->n ? " }" : "}");
}

static void write_inline(const struct node *n, const struct shape *shape, bool regex, struct buf *b)
{
	if (n->kind == NODE_SCALAR) {
		scalar_write(n, regex ? QUOTE_ALL : QUOTE_PHRASES, b);
	} else if (n->kind == NODE_MAP) {
		write_inline_map(n, shape, regex, b);
	} else {
		buf_char(b, '[');
		for (size_t i = 0; i < n->n && !b->error; i++) {
			if (i > 0)
				buf_text(b, ", ");
			write_inline(n->items[i], shape_below(shape, NULL), regex, b);
		}
		buf_char(b, ']');
	}
}

void inline_write(const struct node *n, const struct place *p, struct buf *b)
{
	if (n->kind == NODE_SCALAR)
		scalar_write(n, p->regex ? QUOTE_ALL : QUOTE_LITTLE, b);
	else
		write_inline(n, p->shape, p->regex, b);
}

/* Does it fit on a line behind @used columns? Looks no further than that takes. */
static bool fits(const struct node *n, const struct place *p, size_t used)
{
	char memory[FORMAT_WIDTH * 4];
	struct buf b;

	if (used >= FORMAT_WIDTH || (n->kind != NODE_SCALAR && n->n > FORMAT_WIDTH))
		return false;
	buf_init_fixed(&b, memory, sizeof(memory));
	inline_write(n, p, &b);
	return !b.error && used + columns(buf_get(&b)) <= FORMAT_WIDTH;
}

/* One long text, however wrapped: breaking the brackets would not make it shorter. */
static bool is_one_text(const struct node *n)
{
	while (n->kind != NODE_SCALAR && n->n == 1)
		n = n->items[0];
	return n->kind == NODE_SCALAR && !scalar_spans_lines(n);
}

static bool can_fill(const struct node *n)
{
	if (n->kind != NODE_LIST)
		return false;
	for (size_t i = 0; i < n->n; i++)
		if (n->items[i]->kind != NODE_SCALAR || scalar_spans_lines(n->items[i]))
			return false;
	return true;
}

size_t columns_before_value(const struct member *e, const struct place *p)
{
	char memory[FORMAT_WIDTH * 4];
	struct buf b;

	if (!e->key)
		return p->col;
	buf_init_fixed(&b, memory, sizeof(memory));
	member_key_write(e->key, QUOTE_LITTLE, &b);
	return b.error ? FORMAT_WIDTH : p->col + columns(buf_get(&b)) + 2;
}

enum form form_of(const struct member *e, const struct place *p, const struct comments *comments)
{
	const struct node *n = e->value;
	size_t used = columns_before_value(e, p);

	if (n->kind == NODE_SCALAR) {
		if (scalar_is_block(n))
			return FORM_BLOCK_TEXT;
		if (!scalar_spans_lines(n) || (n->style == SCALAR_PLAIN && scalar_looks_like_marker(n->text)))
			return FORM_LINE;
		if (scalar_keeps_lines(n) || memchr(n->text.p, '\n', n->text.len))
			return FORM_LINES;
		return fits(n, p, used) ? FORM_LINE : FORM_LINES;
	}
	if (n->n == 0)
		return FORM_LINE;
	if (!n->flow || holds_comment(n, comments) || !can_flow(n))
		return FORM_ENTRIES;
	if (fits(n, p, used) || is_one_text(n))
		return FORM_LINE;
	return can_fill(n) ? FORM_FILLED : FORM_ENTRIES;
}

void filled_write(const struct node *n, const struct place *p, size_t used, size_t indent, struct buf *b)
{
	_cleanup_(buf) struct buf item = BUF_INIT;
	size_t col = used + 1;

	buf_char(b, '[');
	for (size_t i = 0; i < n->n; i++) {
		size_t width;

		buf_reset(&item);
		scalar_write(n->items[i], p->regex ? QUOTE_ALL : QUOTE_PHRASES, &item);
		if (item.error) {
			b->error = item.error;
			return;
		}
		width = columns(buf_get(&item)) + 1;
		if (i > 0 && col + 1 + width > FORMAT_WIDTH) {
			buf_char(b, '\n');
			buf_spaces(b, indent);
			col = indent;
		} else if (i > 0) {
			buf_char(b, ' ');
			col++;
		}
		buf_str(b, buf_get(&item));
		buf_char(b, i + 1 < n->n ? ',' : ']');
		col += width;
	}
}
