/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Comments. libyaml does not tell them, but it tells where every scalar begins and ends, and a `#` between
 * two scalars can be nothing else.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/grow.h"
#include "parser/checker.h"
#include "parser/formatter.h"
#include "parser/yaml_text.h"

struct scan {
	struct str text;
	size_t start;			/* behind a byte order mark */
	size_t at;
	struct comments *ret;
};

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

bool blank_line_above(struct str text, size_t line_start)
{
	size_t i = line_start;

	if (i == 0 || text.p[i - 1] != '\n')
		return false;
	for (i--; i > 0; i--) {
		char c = text.p[i - 1];

		if (!is_blank(c) && c != '\r')
			return c == '\n';
	}
	return false;
}

/* The comment that begins here; goes behind it. */
static int add_comment(struct scan *s)
{
	struct comments *ret = s->ret;
	size_t line = s->at, end = s->at;
	struct comment c = { .offset = s->at };
	int err = grow_array(&ret->items, ret->n, &ret->cap, sizeof(*ret->items));

	if (err < 0)
		return err;
	while (line > s->start && is_blank(s->text.p[line - 1]))
		line--;
	c.own_line = line == s->start || s->text.p[line - 1] == '\n';
	c.col = s->at - line;
	c.blank_above = c.own_line && blank_line_above(s->text, line);
	while (end < s->text.len && s->text.p[end] != '\n')
		end++;
	c.text = (struct str){ s->text.p + s->at, end - s->at };
	while (is_blank(c.text.p[c.text.len - 1]) || c.text.p[c.text.len - 1] == '\r')
		c.text.len--;
	ret->items[ret->n++] = c;
	s->at = end;
	return 0;
}

/* Comments before the byte @to, where no scalar stands. */
static int scan_to(struct scan *s, size_t to)
{
	int err = 0;

	while (s->at < to && err == 0) {
		const char *found = memchr(s->text.p + s->at, '#', to - s->at);

		s->at = found ? (size_t)(found - s->text.p) : to;
		if (found)
			err = add_comment(s);
	}
	return err;
}

static int scan_scalar(struct scan *s, const struct node *n)
{
	int err = scan_to(s, n->offset);

	if (err == 0 && (n->style == SCALAR_LITERAL || n->style == SCALAR_FOLDED)) {
		const char *end = memchr(s->text.p + n->offset, '\n', s->text.len - n->offset);

		s->at = n->offset;
		err = scan_to(s, end ? (size_t)(end - s->text.p) : s->text.len);
	}
	if (n->end > s->at)
		s->at = n->end;
	return err;
}

static int scan_node(struct scan *s, const struct node *n)
{
	int err = 0;

	if (n->kind == NODE_SCALAR)
		return scan_scalar(s, n);
	for (size_t i = 0; i < n->n && err == 0; i++) {
		if (n->kind == NODE_MAP)
			err = scan_scalar(s, n->keys[i]);
		if (err == 0)
			err = scan_node(s, n->items[i]);
	}
	return err;
}

int comments_read(const struct source *src, const struct node *root, struct comments *ret)
{
	size_t start = yaml_bom_length(src->text);
	struct scan s = { src->text, start, start, ret };
	int err = root ? scan_node(&s, root) : 0;

	return err < 0 ? err : scan_to(&s, src->text.len);
}

void comments_done(struct comments *c)
{
	free(c->items);
	*c = (struct comments){ 0 };
}

size_t comments_from(const struct comments *c, size_t offset)
{
	size_t lo = 0, hi = c->n;

	while (lo < hi) {
		size_t middle = lo + (hi - lo) / 2;

		if (c->items[middle].offset < offset)
			lo = middle + 1;
		else
			hi = middle;
	}
	return lo;
}
