/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Packed nodes; see node_pack.h. A node is a byte that says what it is, then numbers, seven bits to a byte,
 * then what it holds, a map key by key. Places are told by how far they are from the node before. A text is
 * left out where the source has it byte for byte, as most do, and so is the place of a node in the line of
 * the one before it with only ASCII between them.
 */
#include "parser/node_pack.h"

#include <string.h>

/* The first byte: the style of a scalar, or one of the two behind, and these. */
#define SHAPE_LIST (SCALAR_FOLDED + 1)
#define SHAPE_MAP (SCALAR_FOLDED + 2)
#define SHAPE_MASK 0x07
#define BIT_FLOW 0x08
#define BIT_INCOMPLETE 0x10
#define BIT_FAULTY 0x20
#define BIT_IN_SOURCE 0x40
#define BIT_IN_LINE 0x80

/* Longest form of all numbers of a node. */
#define NUMBERS_MAX 96

/* Where the node before begins. */
struct spot {
	uint32_t offset, line, col;
};

static unsigned char *put_number(unsigned char *p, uint64_t n)
{
	for (; n >= 0x80; n >>= 7)
		*p++ = (unsigned char)(n | 0x80);
	*p++ = (unsigned char)n;
	return p;
}

/* Small for small differences to either side. */
static unsigned char *put_difference(unsigned char *p, uint64_t from, uint64_t to)
{
	uint64_t d = to - from;

	return put_number(p, d << 1 ^ -(d >> 63));
}

static uint64_t get_number(const unsigned char **p)
{
	uint64_t n = 0;

	for (int shift = 0; ; shift += 7) {
		unsigned char c = *(*p)++;

		n |= (uint64_t)(c & 0x7f) << shift;
		if (c < 0x80)
			return n;
	}
}

static uint64_t get_difference(const unsigned char **p, uint64_t from)
{
	uint64_t d = get_number(p);

	return from + (d >> 1 ^ -(d & 1));
}

/* The bytes of the source that may be the text of a scalar that begins at @offset. */
static const char *text_in_source(const struct source *src, size_t offset, enum scalar_style style)
{
	bool quoted = style == SCALAR_SINGLE_QUOTED || style == SCALAR_DOUBLE_QUOTED;

	return src->text.p + offset + quoted;
}

static bool is_in_source(const struct node *n)
{
	const struct source *src = n->at.source;
	const char *p = text_in_source(src, n->offset, n->style), *end = src->text.p + src->text.len;

	return p <= end && (size_t)(end - p) >= n->text.len && memcmp(p, n->text.p, n->text.len) == 0;
}

/* The column behind the end of a node within the line; of what is no scalar none is known. */
static uint32_t end_in_line(const struct node *n)
{
	return n->kind == NODE_SCALAR ? n->at.col + n->end - n->offset : 0;
}

static bool goes_on_in_line(const struct node *n, const struct spot *last)
{
	return n->at.line == last->line && n->at.col == last->col + n->offset - last->offset &&
	       n->at.end_col == end_in_line(n);
}

static unsigned char shape_of(const struct node *n)
{
	return (unsigned char)(n->kind == NODE_SCALAR ? (unsigned int)n->style :
			       n->kind == NODE_LIST ? SHAPE_LIST : SHAPE_MAP);
}

static void pack(const struct node *n, struct spot *last, struct buf *b)
{
	bool in_source = n->kind == NODE_SCALAR && is_in_source(n), in_line = goes_on_in_line(n, last);
	unsigned char bytes[NUMBERS_MAX], *p = bytes;

	*p++ = (unsigned char)(shape_of(n) | (n->flow ? BIT_FLOW : 0) | (n->incomplete ? BIT_INCOMPLETE : 0) |
			       (n->faulty ? BIT_FAULTY : 0) | (in_source ? BIT_IN_SOURCE : 0) |
			       (in_line ? BIT_IN_LINE : 0));
	p = put_difference(p, last->offset, n->offset);
	p = put_difference(p, n->offset, n->end);
	if (!in_line) {
		p = put_difference(p, last->line, n->at.line);
		p = put_number(p, n->at.col);
		p = put_difference(p, n->at.col, n->at.end_col);
	}
	if (n->faulty)
		p = put_number(p, n->n_faults);
	p = put_number(p, n->kind == NODE_SCALAR ? n->text.len : n->n);
	buf_add(b, bytes, (size_t)(p - bytes));
	if (n->kind == NODE_SCALAR && !in_source)
		buf_str(b, n->text);
	*last = (struct spot){ n->offset, n->at.line, n->at.col };
	for (size_t i = 0; i < n->n; i++) {
		if (n->kind == NODE_MAP)
			pack(n->keys[i], last, b);
		pack(n->items[i], last, b);
	}
}

void node_pack(const struct node *n, struct buf *b)
{
	struct spot last = { n->offset, n->at.line, n->at.col };

	pack(n, &last, b);
}

/* What is being unpacked. */
struct unpacking {
	const struct source *src;
	struct arena *arena;
	const unsigned char *p;		/* the next byte */
	struct spot last;
};

static const struct node *unpack(struct unpacking *u);

static int unpack_text(struct unpacking *u, struct node *n, size_t length, bool in_source)
{
	struct str text = { (const char *)u->p, length };

	if (in_source)
		text.p = text_in_source(u->src, n->offset, n->style);
	else
		u->p += length;
	n->text = arena_str(u->arena, text);
	return n->text.p ? 0 : -1;
}

static int unpack_entries(struct unpacking *u, struct node *n, size_t count)
{
	const struct node **items = arena_array(u->arena, count, sizeof(*items)), **keys = NULL;

	if (n->kind == NODE_MAP)
		keys = arena_array(u->arena, count, sizeof(*keys));
	if (!items || (n->kind == NODE_MAP && !keys))
		return -1;
	/* Where one fails, what follows it cannot be found any more. */
	for (size_t i = 0; i < count; i++) {
		if (keys)
			keys[i] = unpack(u);
		if (keys && !keys[i])
			return -1;
		items[i] = unpack(u);
		if (!items[i])
			return -1;
	}
	n->n = count;
	n->items = items;
	n->keys = keys;
	return 0;
}

static const struct node *unpack(struct unpacking *u)
{
	struct node *n = arena_alloc(u->arena, sizeof(*n));
	unsigned char first = *u->p++, shape = first & SHAPE_MASK;
	size_t count;
	int err;

	if (!n)
		return NULL;
	n->kind = shape == SHAPE_LIST ? NODE_LIST : shape == SHAPE_MAP ? NODE_MAP : NODE_SCALAR;
	if (n->kind == NODE_SCALAR)
		n->style = (enum scalar_style)shape;
	n->flow = first & BIT_FLOW;
	n->incomplete = first & BIT_INCOMPLETE;
	n->faulty = first & BIT_FAULTY;
	n->offset = (uint32_t)get_difference(&u->p, u->last.offset);
	n->end = (uint32_t)get_difference(&u->p, n->offset);
	n->at.source = u->src;
	if (first & BIT_IN_LINE) {
		n->at.line = u->last.line;
		n->at.col = u->last.col + n->offset - u->last.offset;
		n->at.end_col = end_in_line(n);
	} else {
		n->at.line = (uint32_t)get_difference(&u->p, u->last.line);
		n->at.col = (uint32_t)get_number(&u->p);
		n->at.end_col = (uint32_t)get_difference(&u->p, n->at.col);
	}
	if (n->faulty)
		n->n_faults = (uint32_t)get_number(&u->p);
	count = get_number(&u->p);
	u->last = (struct spot){ n->offset, n->at.line, n->at.col };
	err = n->kind == NODE_SCALAR ? unpack_text(u, n, count, first & BIT_IN_SOURCE)
				     : unpack_entries(u, n, count);
	return err < 0 ? NULL : n;
}

const struct node *node_unpack(const struct node *packed, struct arena *a)
{
	struct unpacking u = {
		.src = packed->at.source, .arena = a, .p = packed->packed,
		.last = { packed->offset, packed->at.line, packed->at.col },
	};

	return unpack(&u);
}
