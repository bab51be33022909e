/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Nodes as canonical text.
 *
 * Each entry is one of a few forms: on one line, a text of several lines, a list that fills lines, or a block
 * of entries below. Which one is decided by what the author wrote (what is not in brackets is not put there)
 * and by what fits. Each also owns a range of the comments; what stands in none of the usual places (a line
 * of its own above, behind the value, at the end of a list or map) goes above, so that none can be lost.
 *
 * Dashes are not written at once: `- - a: b` is one line, and a comment that belongs to `a` has to come
 * before all of it.
 */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "parser/formatter.h"

/* The empty line above an entry. */
enum gap { GAP_NONE, GAP_AS_WRITTEN, GAP_ONE };

struct writer {
	const struct source *src;
	const struct comments *comments;
	struct buf *out;
	size_t start;			/* of what is written, in there */
	size_t dashes, dashes_col;	/* that the next line begins with */
	bool sealed;			/* an empty line now would belong to the text above */
};

static const struct comment *comment_at(const struct writer *w, size_t i)
{
	return &w->comments->items[i];
}

/* Before the dashes that wait. A text that has grown too large is not written to its end. */
static void indent_line(struct writer *w, size_t col)
{
	if (w->out->len - w->start > YAML_MAX_BYTES && !w->out->error)
		w->out->error = -EFBIG;
	buf_spaces(w->out, w->dashes ? w->dashes_col : col);
	w->sealed = false;
}

/* The start of a line with something in it, at column @col; dashes that wait end there. */
static void begin(struct writer *w, size_t col)
{
	indent_line(w, col);
	for (; w->dashes > 0; w->dashes--)
		buf_text(w->out, "- ");
}

/* The same with nothing behind the dashes. */
static void begin_void(struct writer *w, size_t col)
{
	indent_line(w, col);
	for (; w->dashes > 0; w->dashes--)
		buf_text(w->out, w->dashes > 1 ? "- " : "-");
}

static void blank_line(struct writer *w)
{
	if (!w->sealed && w->out->len > w->start)
		buf_char(w->out, '\n');
}

static void comment_line(struct writer *w, size_t col, struct str text)
{
	indent_line(w, col);
	buf_str(w->out, text);
	buf_char(w->out, '\n');
}

/* Ends a line, with the comment of that number; SIZE_MAX: none. */
static void end_line(struct writer *w, size_t comment)
{
	if (comment != SIZE_MAX) {
		buf_text(w->out, "  ");
		buf_str(w->out, comment_at(w, comment)->text);
	}
	buf_char(w->out, '\n');
}

static bool is_block_collection(const struct node *n)
{
	return n->kind != NODE_SCALAR && !n->flow && n->n > 0;
}

static size_t column_of(const struct node *n)
{
	return n->at.col - 1;
}

static size_t start_of(const struct node *collection, size_t i)
{
	return collection->kind == NODE_MAP ? collection->keys[i]->offset : collection->items[i]->offset;
}

static size_t start_of_member(const struct member *e)
{
	return e->key ? e->key->offset : e->value->offset;
}

/* Byte behind what a node holds; the end of a block as libyaml tells it is where the next thing begins. */
static size_t end_of(const struct node *n)
{
	while (is_block_collection(n))
		n = n->items[n->n - 1];
	return n->end;
}

static bool same_line(const struct writer *w, size_t from, size_t to)
{
	return from <= to && !memchr(w->src->text.p + from, '\n', to - from);
}

/* Does an empty line stand above the line that this byte, with nothing but dashes in front of it, is in? */
static bool blank_above(const struct writer *w, size_t offset)
{
	struct str text = w->src->text;

	while (offset > 0 && strchr(" \t-?", text.p[offset - 1]))
		offset--;
	return blank_line_above(text, offset);
}

/* Which comments of an entry stand where; all others go above it. */
struct spots {
	size_t behind;			/* at the end of its line, or of its key's; SIZE_MAX: none */
	size_t lo, hi;			/* handed on to the entries below */
};

static struct spots find_spots(const struct writer *w, const struct member *e, enum form form)
{
	const struct node *n = e->value;
	struct spots s = { SIZE_MAX, e->hi, e->hi };
	size_t i = e->lo, from;

	if (form != FORM_ENTRIES) {
		while (i < e->hi && comment_at(w, i)->offset <= n->offset)
			i++;
		s.behind = i < e->hi ? i : SIZE_MAX;
		return s;
	}
	/* What is left of brackets ends where they do. */
	while (n->flow && s.hi > e->lo && comment_at(w, s.hi - 1)->offset >= n->end)
		s.hi--;
	if (e->key && s.hi < e->hi)
		s.behind = s.hi;
	from = e->key ? e->key->end : n->offset;
	if (n->flow && from < n->offset && same_line(w, from, n->offset))
		from = n->offset;
	while (i < s.hi && comment_at(w, i)->offset < from)
		i++;
	if (e->key && i < s.hi && comment_at(w, i)->offset < start_of(n, 0) &&
	    same_line(w, from, comment_at(w, i)->offset))
		s.behind = i++;
	while (!e->key && i < s.hi && comment_at(w, i)->offset < start_of(n, 0))
		i++;
	s.lo = i;
	return s;
}

/* And the empty line above the entry. */
static void write_above(struct writer *w, const struct member *e, size_t col, const struct spots *s,
			enum gap gap)
{
	for (size_t i = e->lo; i < e->hi; i++) {
		if (i == s->behind || (i >= s->lo && i < s->hi))
			continue;
		if (gap == GAP_ONE || (gap == GAP_AS_WRITTEN && comment_at(w, i)->blank_above))
			blank_line(w);
		comment_line(w, col, comment_at(w, i)->text);
		gap = GAP_AS_WRITTEN;
	}
	if (gap == GAP_ONE || (gap == GAP_AS_WRITTEN && blank_above(w, start_of_member(e))))
		blank_line(w);
}

static int write_entries(struct writer *w, const struct node *n, const struct place *p, const struct spots *s,
			 enum gap first);

static void write_block_text(struct writer *w, const struct node *n, const struct place *p, size_t comment,
			     size_t indent)
{
	scalar_write_head(n, p->parent, w->out);
	if (comment != SIZE_MAX) {
		buf_text(w->out, "  ");
		buf_str(w->out, comment_at(w, comment)->text);
	}
	scalar_write_block(n, p->parent, indent, w->out);
	buf_char(w->out, '\n');
	w->sealed = str_has_suffix(n->text, STR_LIT("\n\n"));
}

/* What an entry holds, all its lines, with the comment behind it. @first: above the first entry in it. */
static int write_value(struct writer *w, const struct member *e, const struct place *p, enum form form,
		       const struct spots *s, enum gap first)
{
	size_t below = e->key ? p->col + INDENT : p->col, text = below ? below : INDENT;
	const struct place inner = { below, 0, p->shape, p->regex };

	if (form == FORM_ENTRIES) {
		if (e->key)
			end_line(w, s->behind);
		return write_entries(w, e->value, &inner, s, first);
	}
	if (!e->key && scalar_is_void(e->value))
		begin_void(w, p->col);
	else if (!e->key)
		begin(w, p->col);
	else if (!scalar_is_void(e->value))
		buf_char(w->out, ' ');
	if (form == FORM_BLOCK_TEXT) {
		write_block_text(w, e->value, p, s->behind, text);
		return 0;
	}
	if (form == FORM_LINE)
		inline_write(e->value, p, w->out);
	else if (form == FORM_LINES)
		scalar_write_lines(e->value, text, w->out);
	else
		filled_write(e->value, p, columns_before_value(e, p), p->col + INDENT, w->out);
	end_line(w, s->behind);
	return 0;
}

/* Number of the first comment behind those of the entry @i of @n, whose own begin at @from. */
static size_t comments_of(const struct writer *w, const struct node *n, size_t i, size_t from, size_t to)
{
	const struct node *item = n->items[i];
	size_t end = end_of(item), next = i + 1 < n->n ? start_of(n, i + 1) : SIZE_MAX;
	const struct comment *c;

	while (from < to && comment_at(w, from)->offset < end)
		from++;
	for (; from < to; from++) {
		c = comment_at(w, from);
		if (c->offset >= next)
			break;
		if (!c->own_line && same_line(w, end, c->offset))
			continue;
		/* Its indentation says that it belongs to what ends here. */
		if (n->flow || !is_block_collection(item) || !c->own_line || c->col < column_of(item) ||
		    c->col <= column_of(n))
			break;
	}
	return from;
}

/* Column that an explicit indentation of a text in @n counts from. */
static size_t parent_column(const struct node *n)
{
	return n->flow ? 0 : column_of(n);
}

/* One entry of a list or map, at column @p->col. */
static int write_entry(struct writer *w, const struct node *n, const struct member *e, const struct place *p,
		       enum gap gap, enum form *ret_form)
{
	struct place own = {
		.col = n->kind == NODE_LIST ? p->col + INDENT : p->col,
		.parent = parent_column(n),
		.shape = shape_below(p->shape, e->key),
		.regex = p->regex || (e->key && member_takes_regex(e->key)),
	};
	enum form form = form_of(e, &own, w->comments), before = *ret_form;
	struct spots s = find_spots(w, e, form);

	*ret_form = form;
	if (gap == GAP_AS_WRITTEN && p->shape &&
	    (p->shape->apart || (p->shape->sections && (form == FORM_ENTRIES || before == FORM_ENTRIES))))
		gap = GAP_ONE;
	write_above(w, e, p->col, &s, gap);
	if (n->kind == NODE_LIST) {
		if (w->dashes++ == 0)
			w->dashes_col = p->col;
	} else {
		begin(w, p->col);
		member_key_write(e->key, QUOTE_LITTLE, w->out);
		buf_char(w->out, ':');
	}
	return write_value(w, e, &own, form, &s, GAP_NONE);
}

/* Comments behind the last entry. */
static void write_tail(struct writer *w, size_t from, size_t to, size_t col)
{
	for (size_t i = from; i < to; i++) {
		if (comment_at(w, i)->blank_above)
			blank_line(w);
		comment_line(w, col, comment_at(w, i)->text);
	}
}

/* The entries of @n at column @p->col, then the comments that stand at its end. */
static int write_entries(struct writer *w, const struct node *n, const struct place *p, const struct spots *s,
			 enum gap first)
{
	_cleanup_(free) size_t *bounds = calloc(n->n + 1, sizeof(*bounds));
	_cleanup_(free) struct member *members = NULL;
	enum form form = FORM_LINE;
	int err = bounds ? members_of(n, p->shape, &members) : -ENOMEM;

	if (err < 0)
		return err;
	bounds[0] = s->lo;
	for (size_t i = 0; i < n->n; i++)
		bounds[i + 1] = comments_of(w, n, i, bounds[i], s->hi);
	for (size_t i = 0; i < n->n && err == 0; i++) {
		members[i].lo = bounds[members[i].index];
		members[i].hi = bounds[members[i].index + 1];
		err = write_entry(w, n, &members[i], p, i ? GAP_AS_WRITTEN : first, &form);
	}
	if (err == 0)
		write_tail(w, bounds[n->n], s->hi, p->col);
	return err;
}

/* How many of the comments before the first entry speak of the file: those above the last empty line. Where
 * the first entry's key goes elsewhere, they stay. */
static size_t count_head(const struct writer *w, const struct node *root)
{
	size_t n = comments_from(w->comments, root->offset), head = n;

	if (blank_above(w, root->offset))
		return n;
	while (head > 0 && !comment_at(w, head - 1)->blank_above)
		head--;
	return head > 1 ? head - 1 : n;
}

int format_write(const struct source *src, const struct node *root, const struct comments *comments,
		 struct buf *b)
{
	struct writer w = { .src = src, .comments = comments, .out = b, .start = b->len };
	struct member e = { .value = root, .hi = comments->n };
	const struct place p = { .shape = &shape_file };
	enum gap first = GAP_NONE;
	struct spots s;
	enum form form;

	if (!root) {
		write_tail(&w, 0, comments->n, 0);
		return 0;
	}
	form = form_of(&e, &p, comments);
	s = find_spots(&w, &e, form);
	if (is_block_collection(root)) {
		size_t n = count_head(&w, root);

		/* One empty line behind the head, wherever it was. */
		if (n < s.lo && comment_at(&w, n)->blank_above && !blank_above(&w, root->offset))
			first = GAP_ONE;
		s.lo = n;
	}
	write_above(&w, &e, 0, &s, GAP_NONE);
	return write_value(&w, &e, &p, form, &s, first);
}
