/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Nodes after reading: finding a key, and finding the place of a byte inside a scalar.
 *
 * For the latter the scalar is read again in the source, by its style, and each of its bytes compared with
 * the text that libyaml made of it. Where they differ the walk gives up, so that what is told is
 * true.
 */
#include <string.h>

#include "base/text.h"
#include "parser/yaml.h"

const struct node *node_get(const struct node *map, const char *key)
{
	if (!map || map->kind != NODE_MAP)
		return NULL;
	for (size_t i = 0; i < map->n; i++)
		if (str_is(map->keys[i]->text, key))
			return map->items[i];
	return NULL;
}

/* Reads a scalar in its source; p is the next byte, done counts the bytes of the text that are explained. */
struct walk {
	const struct node *node;
	const char *p, *end;
	uint32_t line, col;
	size_t done;
	size_t first, last;		/* of the text, whose places are sought */
	struct loc found;
};

static struct str rest_of(const struct walk *w)
{
	return (struct str){ w->p, (size_t)(w->end - w->p) };
}

static bool at_break(const struct walk *w)
{
	return w->p < w->end && (*w->p == '\n' || (*w->p == '\r' && w->p + 1 < w->end && w->p[1] == '\n'));
}

/* Steps over @n bytes of one line, or over one line break. */
static void skip(struct walk *w, size_t n)
{
	while (n > 0 && w->p < w->end) {
		size_t length = utf8_length(rest_of(w));

		length = length ? length : 1;
		w->p += length;
		w->col++;
		n -= length < n ? length : n;
	}
}

static void skip_break(struct walk *w)
{
	if (*w->p == '\r')
		w->p++;
	if (w->p < w->end && *w->p == '\n')
		w->p++;
	w->line++;
	w->col = 1;
}

static size_t count_blanks(const struct walk *w)
{
	size_t n = 0;

	while (w->p + n < w->end && (w->p[n] == ' ' || w->p[n] == '\t'))
		n++;
	return n;
}

/* The next bytes of the text are @bytes and come from @start up to here. False: they are not. */
static bool explain(struct walk *w, const char *bytes, size_t n, struct loc start)
{
	struct str text = w->node->text;

	if (n > text.len - w->done || memcmp(text.p + w->done, bytes, n) != 0)
		return false;
	if (w->first >= w->done && w->first < w->done + n)
		w->found = (struct loc){ start.source, start.line, start.col, 0 };
	if (w->last >= w->done && w->last < w->done + n && w->found.line == w->line)
		w->found.end_col = w->col;
	w->done += n;
	return true;
}

static struct loc here(const struct walk *w)
{
	return (struct loc){ w->node->at.source, w->line, w->col, 0 };
}

/* One character that stands for itself. */
static bool plain_character(struct walk *w)
{
	struct loc start = here(w);
	const char *p = w->p;
	size_t length = utf8_length(rest_of(w));

	skip(w, length ? length : 1);
	return explain(w, p, (size_t)(w->p - p), start);
}

/* A line break and the blank lines and indentation behind it: one is a space, each further one a newline.
 * @escaped: the first was taken away by a backslash. */
static bool fold(struct walk *w, bool escaped)
{
	struct loc start = here(w);
	size_t n = 0;
	bool ok = true;

	while (at_break(w)) {
		skip_break(w);
		skip(w, count_blanks(w));
		n++;
	}
	if (n == 1)
		return escaped || explain(w, " ", 1, start);
	for (size_t i = 1; i < n && ok; i++)
		ok = explain(w, "\n", 1, start);
	return ok;
}

/* Blanks: their own text, or nothing in front of a line break. */
static bool blanks(struct walk *w)
{
	size_t n = count_blanks(w);
	bool ok = true;

	if (w->p + n < w->end && (w->p[n] == '\n' || w->p[n] == '\r')) {
		skip(w, n);
		return at_break(w) && fold(w, false);
	}
	for (; n > 0 && ok; n--)
		ok = plain_character(w);
	return ok;
}

/* A backslash inside double quotes. */
static bool escape(struct walk *w)
{
	static const char names[] = "0abt\tnvfre \"/\\", values[] = "\0\a\b\t\t\n\v\f\r\033 \"/\\";
	struct loc start = here(w);
	char letter = w->p + 1 < w->end ? w->p[1] : '\0', byte;
	size_t digits = letter == 'x' ? 2 : letter == 'u' ? 4 : letter == 'U' ? 8 : 0;
	const char *found = letter ? strchr(names, letter) : NULL;
	struct str text = str_skip(w->node->text, w->done);

	if (letter == '\n' || letter == '\r') {
		skip(w, 1);
		return fold(w, true);
	}
	skip(w, 2 + digits);
	if (found) {
		byte = values[found - names];
		return explain(w, &byte, 1, start);
	}
	/* N, _, L, P and numbers: whatever one character they became. */
	return text.len > 0 && explain(w, text.p, utf8_length(text), start);
}

static bool walk_flow(struct walk *w)
{
	enum scalar_style style = w->node->style;

	if (style != SCALAR_PLAIN)
		skip(w, 1);
	while (w->done < w->node->text.len && w->p < w->end) {
		bool ok;

		if (*w->p == ' ' || *w->p == '\t' || at_break(w)) {
			ok = blanks(w);
		} else if (style == SCALAR_SINGLE_QUOTED && *w->p == '\'') {
			skip(w, 1);
			ok = plain_character(w);
		} else if (style == SCALAR_DOUBLE_QUOTED && *w->p == '\\') {
			ok = escape(w);
		} else {
			ok = plain_character(w);
		}
		if (!ok)
			return false;
	}
	return w->done == w->node->text.len;
}

/* @most at most. */
static size_t leading_blanks(struct str text, size_t most)
{
	size_t n = 0;

	while (n < text.len && n < most && text.p[n] == ' ')
		n++;
	return n;
}

/* The end of a line of a folded block, with the blank lines behind it. One break between two lines of text is
 * a space, each further one a newline; beside a line that is indented further all are newlines, so what there
 * are of them is told by the text. */
static bool fold_block(struct walk *w)
{
	struct loc start = here(w);
	size_t breaks = 0;

	while (at_break(w)) {
		size_t blank;

		skip_break(w);
		breaks++;
		blank = count_blanks(w);
		if (w->p + blank < w->end && (w->p[blank] == '\n' || w->p[blank] == '\r'))
			skip(w, blank);
	}
	if (w->done == w->node->text.len)
		return true;
	if (breaks == 1 && w->node->text.p[w->done] == ' ')
		return explain(w, " ", 1, start);
	for (; breaks > 0 && w->node->text.p[w->done] == '\n'; breaks--)
		if (!explain(w, "\n", 1, start))
			return false;
	return breaks <= 1;
}

/* A literal or folded block: its indentation is what its first line has more of than the text. */
static bool walk_block(struct walk *w)
{
	bool folded = w->node->style == SCALAR_FOLDED;
	size_t indent = 0;
	bool known = false;

	while (w->p < w->end && !at_break(w))
		skip(w, 1);
	if (w->p < w->end)
		skip_break(w);
	while (w->done < w->node->text.len && w->p < w->end) {
		size_t blank = count_blanks(w);
		struct loc start;

		if (!known && w->p + blank < w->end && w->p[blank] != '\n' && w->p[blank] != '\r') {
			indent = blank - leading_blanks(str_skip(w->node->text, w->done), blank);
			known = true;
		}
		skip(w, known && indent < blank ? indent : blank);
		while (w->p < w->end && !at_break(w))
			if (!plain_character(w))
				return false;
		if (folded) {
			if (!fold_block(w))
				return false;
			continue;
		}
		start = here(w);
		if (at_break(w))
			skip_break(w);
		if (w->done < w->node->text.len && !explain(w, "\n", 1, start))
			return false;
	}
	return w->done == w->node->text.len;
}

struct loc node_place(const struct node *scalar, size_t offset, size_t length)
{
	struct str text = scalar->at.source->text;
	struct walk w = {
		.node = scalar, .p = text.p + scalar->offset, .end = text.p + text.len,
		.line = scalar->at.line, .col = scalar->at.col,
		.first = offset, .last = length ? offset + length - 1 : offset,
	};
	bool ok, block;

	if (offset > scalar->text.len)
		return scalar->at;
	if (w.last >= scalar->text.len && length)
		w.last = scalar->text.len - 1;
	block = scalar->style == SCALAR_LITERAL || scalar->style == SCALAR_FOLDED;
	ok = block ? walk_block(&w) : walk_flow(&w);
	if (!ok)
		return scalar->at;
	if (offset == scalar->text.len)
		return here(&w);
	if (length == 0)
		w.found.end_col = 0;
	return w.found;
}
