/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From a tree to lines, by writing out choices and repetitions of more than a byte. The beginnings that
 * alternatives share are held once: a line is a chain of cells from its end to its beginning until all are
 * known.
 */
#include "engine/pattern_lines.h"

#include <errno.h>
#include <string.h>

#include "engine/pattern_set.h"

/* Cells of all lines together, and what is tried in order to settle them. */
#define MAX_STEPS 16384
#define MAX_ITEMS 1024
/* So often a byte repeated is written out, to be part of a literal. */
#define MAX_WRITTEN_OUT 16

struct cell {
	const struct cell *before;
	const struct part *part;
	struct run run; /* of a set */
};

/* The last cells of the lines so far; room for PATTERN_MAX_ALTERNATIVES. */
struct ends {
	const struct cell **cells;
	size_t n;
};

struct expansion {
	struct arena *scratch;
	size_t steps; /* left */
};

static int ends_new(struct expansion *x, struct ends *ret)
{
	const struct cell **cells = arena_array(x->scratch, PATTERN_MAX_ALTERNATIVES, sizeof(*cells));

	if (!cells)
		return -ENOMEM;
	*ret = (struct ends){ cells, 0 };
	return 0;
}

static int push(struct expansion *x, const struct part *part, struct run run, struct ends *e)
{
	struct cell *c;

	for (size_t i = 0; i < e->n; i++) {
		c = x->steps > 0 ? arena_alloc(x->scratch, sizeof(*c)) : NULL;
		if (!c)
			return x->steps > 0 ? -ENOMEM : -E2BIG;
		x->steps--;
		*c = (struct cell){ e->cells[i], part, run };
		e->cells[i] = c;
	}
	return 0;
}

static int add_ends(struct ends *all, const struct ends *more)
{
	if (all->n + more->n > PATTERN_MAX_ALTERNATIVES)
		return -E2BIG;
	for (size_t i = 0; i < more->n; i++)
		all->cells[all->n++] = more->cells[i];
	return 0;
}

static int expand(struct expansion *x, const struct part *n, struct ends *e);

static int expand_choice(struct expansion *x, const struct part *n, struct ends *e)
{
	struct ends all, one;
	int r = ends_new(x, &all);

	r = r < 0 ? r : ends_new(x, &one);
	for (const struct part *branch = n->first; branch && r == 0; branch = branch->next) {
		one.n = 0;
		add_ends(&one, e);
		r = expand(x, branch, &one);
		r = r < 0 ? r : add_ends(&all, &one);
	}
	if (r == 0)
		*e = all;
	return r;
}

static int expand_repeat(struct expansion *x, const struct part *n, struct ends *e)
{
	const struct byte_set *set = part_is_byte(n->first);
	struct ends all;
	int r;

	if (set)
		return push(x, n, (struct run){ set, n->run.min, n->run.max }, e);
	if (n->run.max == RUN_NO_END)
		return -E2BIG;
	for (uint32_t i = 0; i < n->run.min; i++) {
		r = expand(x, n->first, e);
		if (r < 0)
			return r;
	}
	r = ends_new(x, &all);
	r = r < 0 ? r : add_ends(&all, e);
	for (uint32_t i = n->run.min; i < n->run.max && r == 0; i++) {
		r = expand(x, n->first, e);
		r = r < 0 ? r : add_ends(&all, e);
	}
	if (r == 0)
		*e = all;
	return r;
}

static int expand(struct expansion *x, const struct part *n, struct ends *e)
{
	int r = 0;

	/* A repetition of nothing has no cells to be counted. */
	if (x->steps == 0)
		return -E2BIG;
	x->steps--;
	switch (n->kind) {
	case PART_UNKNOWN:
		return -E2BIG;
	case PART_CONCAT:
		for (const struct part *child = n->first; child && r == 0; child = child->next)
			r = expand(x, child, e);
		return r;
	case PART_CHOICE:
		return expand_choice(x, n, e);
	case PART_REPEAT:
		return expand_repeat(x, n, e);
	default:
		return push(x, n, n->run, e);
	}
}

static bool is_written_out(const struct cell *c)
{
	unsigned char ignored;
	bool ignored_too;

	return c->run.set && c->run.min == c->run.max && c->run.max <= MAX_WRITTEN_OUT &&
	       set_is_literal(c->run.set, &ignored, &ignored_too);
}

static size_t count_items(const struct cell *c)
{
	if (c->part->kind == PART_TEXT)
		return c->part->text.len;
	return is_written_out(c) ? c->run.max : 1;
}

/* In front of @end. */
static void fill_items(const struct cell *c, size_t n, struct item *end)
{
	const struct part *part = c->part;

	for (size_t i = 0; i < n; i++) {
		struct item *item = &end[(ptrdiff_t)i - (ptrdiff_t)n];

		item->kind = PART_SET;
		if (part->kind == PART_TEXT)
			item->run = (struct run){ set_of_byte((unsigned char)part->text.p[i], part->nocase),
						  1, 1 };
		else if (is_written_out(c))
			item->run = (struct run){ c->run.set, 1, 1 };
		else if (c->run.set)
			item->run = c->run;
		else
			item->kind = part->kind;
	}
}

/* Is the line nothing but texts between a start and an end? *ret_length is how long it is. */
static bool is_text(const struct cell *last, struct line *ret, size_t *ret_length)
{
	const struct cell *c = last;
	size_t n = 0;

	*ret = (struct line){ .at_end = c && c->part->kind == PART_END };
	if (ret->at_end)
		c = c->before;
	for (ret->text.nocase = c && c->part->nocase; c && c->part->kind == PART_TEXT; c = c->before) {
		if (c->part->nocase != ret->text.nocase)
			return false;
		n += c->part->text.len;
	}
	ret->at_start = c && c->part->kind == PART_START && !c->before;
	*ret_length = n;
	return n > 0 && (!c || ret->at_start);
}

static int fill_text(const struct cell *last, size_t n, struct arena *a, struct literal *ret)
{
	char *p = arena_alloc(a, n);

	if (!p)
		return -ENOMEM;
	ret->text = (struct str){ p, n };
	for (const struct cell *c = last; c; c = c->before) {
		if (c->part->kind != PART_TEXT)
			continue;
		n -= c->part->text.len;
		memcpy(p + n, c->part->text.p, c->part->text.len);
	}
	return 0;
}

static int line_of_cells(const struct cell *last, struct arena *scratch, struct line *ret)
{
	struct item *items;
	size_t n = 0, k;

	for (const struct cell *c = last; c; c = c->before) {
		n += count_items(c);
		if (n > MAX_ITEMS)
			return -E2BIG;
	}
	items = arena_array(scratch, n, sizeof(*items));
	if (!items)
		return -ENOMEM;
	*ret = (struct line){ .items = items, .n = n };
	for (const struct cell *c = last; c; c = c->before) {
		k = count_items(c);
		fill_items(c, k, &items[n]);
		n -= k;
	}
	return 0;
}

int sequences_of_tree(const struct part *root, struct arena *scratch, struct arena *a, struct sequences *ret)
{
	struct expansion x = { scratch, MAX_STEPS };
	struct ends e;
	struct line line;
	size_t length;
	int r;

	ret->n = 0;
	r = ends_new(&x, &e);
	if (r < 0)
		return r;
	/* One line of nothing yet. */
	e.n = 1;
	r = expand(&x, root, &e);
	for (size_t i = 0; i < e.n && r == 0; i++) {
		if (is_text(e.cells[i], &line, &length) && length <= MAX_ITEMS) {
			r = fill_text(e.cells[i], length, a, &line.text);
			r = r < 0 ? r : sequences_add(line, scratch, a, ret);
		} else {
			r = line_of_cells(e.cells[i], scratch, &line);
			r = r < 0 ? r : sequences_settle(line, scratch, a, &x.steps, ret);
		}
	}
	return r;
}
