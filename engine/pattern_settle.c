/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rids a line of places in the text. A start or an end within the line leaves only what can be empty before
 * or behind it; a border of words is expressed by what the bytes on both sides may be, which may take
 * several lines: in front of \bfoo is the start of the text, or a byte that is none of a word.
 */
#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "engine/pattern_lines.h"
#include "engine/pattern_set.h"
#include "engine/pattern_strings.h"

/* Each step copies the line. */
#define ITEMS_PER_STEP 8

/* A line of so few bytes is taken apart if there is no literal in it. */
#define MAX_WITHOUT_BYTE 3

struct settling {
	struct arena *scratch, *a;
	size_t *steps;
	struct sequences *out;
};

static bool is_border(const struct item *item)
{
	return item->kind == PART_BORDER || item->kind == PART_NO_BORDER;
}

static bool is_end(const struct item *item)
{
	return item->kind == PART_END || item->kind == PART_LAST;
}

/* @line with @replaced items at @at being others instead. NULL items: no memory. */
static struct line replace(struct settling *s, struct line line, size_t at, size_t replaced,
			   const struct item *by, size_t n)
{
	struct item *items = arena_array(s->scratch, line.n - replaced + n, sizeof(*items));

	if (items) {
		memcpy(items, line.items, at * sizeof(*items));
		if (n > 0)
			memcpy(items + at, by, n * sizeof(*items));
		memcpy(items + at + n, line.items + at + replaced, (line.n - at - replaced) * sizeof(*items));
	}
	return (struct line){ .items = items, .n = line.n - replaced + n };
}

static int settle(struct settling *s, struct line line);

static int settle_replaced(struct settling *s, struct line line, size_t at, size_t replaced,
			   const struct item *by, size_t n)
{
	struct line next = replace(s, line, at, replaced, by, n);

	return next.items ? settle(s, next) : -ENOMEM;
}

/* Those of the items @from to @to that are borders, appended to @out; of runs all must be able to be
 * empty. False: one cannot. */
static bool keep_borders(struct line line, size_t from, size_t to, struct item *out, size_t *n)
{
	for (size_t i = from; i < to; i++) {
		if (is_border(&line.items[i]))
			out[(*n)++] = line.items[i];
		else if (line.items[i].kind == PART_SET && line.items[i].run.min > 0)
			return false;
	}
	return true;
}

/* A start that is not the first item. */
static int settle_start(struct settling *s, struct line line, size_t last)
{
	struct item *kept = arena_array(s->scratch, line.n, sizeof(*kept));
	size_t n = 1;

	if (!kept)
		return -ENOMEM;
	kept[0] = line.items[last];
	for (size_t i = 0; i < last; i++)
		if (is_end(&line.items[i]))
			return -E2BIG;
	if (!keep_borders(line, 0, last, kept, &n))
		return 0;
	return settle_replaced(s, line, 0, last + 1, kept, n);
}

/* An end that is not the last item, or one before a last newline. */
static int settle_end(struct settling *s, struct line line, size_t first)
{
	static const struct item end = { .kind = PART_END };
	struct item *kept = arena_array(s->scratch, line.n + 2, sizeof(*kept));
	bool only_end = line.items[first].kind == PART_END;
	size_t n = 0;
	int r;

	if (!kept)
		return -ENOMEM;
	if (!keep_borders(line, first, line.n, kept, &n))
		return only_end ? 0 : -E2BIG;
	for (size_t i = first + 1; i < line.n && !only_end; i++)
		if (line.items[i].kind != PART_LAST)
			return -E2BIG;
	kept[n] = end;
	r = settle_replaced(s, line, first, line.n - first, kept, n + 1);
	if (r < 0 || only_end)
		return r;
	kept[n] = (struct item){ PART_SET, { set_of_byte('\n', false), 1, 1 } };
	kept[n + 1] = end;
	return settle_replaced(s, line, first, line.n - first, kept, n + 2);
}

/* What may stand on one side of a border, if a byte of a word is there or if none is. */
struct side {
	struct item items[2][2];
	size_t n[2]; /* items of each variant, in their order in the text */
	size_t n_variants;
};

/* @item is what is there, NULL: nothing, and so anything. @place: the start or end of the text. */
static int fill_side(struct settling *s, const struct item *item, enum part_kind place, bool word,
		     struct side *ret)
{
	const struct byte_set *wanted = word ? &set_word : &set_not_word, *kept;
	struct item byte = { PART_SET, { wanted, 1, 1 } }, rest;
	struct byte_set both;
	size_t at_border;

	*ret = (struct side){ .n = { 1, 1 } };
	if (!item) {
		ret->items[ret->n_variants++][0] = byte;
		if (!word)
			ret->items[ret->n_variants++][0].kind = place;
		return 0;
	}
	if (item->kind != PART_SET) {
		ret->items[0][0] = *item;
		ret->n_variants = !word;
		return 0;
	}
	both = set_and(item->run.set, wanted);
	ret->n_variants = !set_is_empty(&both);
	if (set_within(item->run.set, wanted)) {
		ret->items[0][0] = *item;
		return 0;
	}
	kept = set_keep(&both, s->a);
	if (!kept)
		return -ENOMEM;
	byte.run.set = kept;
	rest = *item;
	rest.run.min--;
	rest.run.max -= rest.run.max != RUN_NO_END;
	ret->n[0] = rest.run.max > 0 ? 2 : 1;
	at_border = place == PART_START && ret->n[0] == 2;
	ret->items[0][at_border] = byte;
	if (ret->n[0] == 2)
		ret->items[0][!at_border] = rest;
	return 0;
}

/* A border or none, with neighbours that cannot be empty; @left and @right say how many there are. */
static int settle_sides(struct settling *s, struct line line, size_t at, size_t left, size_t right)
{
	bool differ = line.items[at].kind == PART_BORDER;
	struct item by[4];
	struct side l, r;
	int error = 0;

	for (size_t word = 0; word < 2; word++) {
		error = fill_side(s, left ? &line.items[at - 1] : NULL, PART_START, word, &l);
		error = error < 0 ? error
				  : fill_side(s, right ? &line.items[at + 1] : NULL, PART_END, word ^ differ,
					      &r);
		for (size_t i = 0; i < l.n_variants * r.n_variants && error == 0; i++) {
			size_t li = i / r.n_variants, ri = i % r.n_variants;

			memcpy(by, l.items[li], l.n[li] * sizeof(*by));
			memcpy(by + l.n[li], r.items[ri], r.n[ri] * sizeof(*by));
			error = settle_replaced(s, line, at - left, left + 1 + right, by, l.n[li] + r.n[ri]);
		}
		if (error < 0)
			return error;
	}
	return 0;
}

/* The run at @at, which may be empty: once without it, once with a byte of it. */
static int settle_optional(struct settling *s, struct line line, size_t at)
{
	struct item once = line.items[at];
	int r = settle_replaced(s, line, at, 1, NULL, 0);

	once.run.min = 1;
	if (r < 0 || once.run.max == 0)
		return r;
	return settle_replaced(s, line, at, 1, &once, 1);
}

static bool may_be_empty(const struct item *item)
{
	return item->kind == PART_SET && item->run.min == 0;
}

/* Only the first border of a line is looked at, so that what is left of it is none. */
static int settle_border(struct settling *s, struct line line, size_t at)
{
	size_t left = at > 0, right = at + 1 < line.n;

	if (right && is_border(&line.items[at + 1])) {
		if (line.items[at].kind != line.items[at + 1].kind)
			return 0;
		return settle_replaced(s, line, at, 1, NULL, 0);
	}
	if (left && may_be_empty(&line.items[at - 1]))
		return settle_optional(s, line, at - 1);
	if (right && may_be_empty(&line.items[at + 1]))
		return settle_optional(s, line, at + 1);
	return settle_sides(s, line, at, left, right);
}

/* Is it so short that a run of it tells nothing, and without a byte to look for? */
static bool needs_byte(struct line line)
{
	unsigned char byte;
	size_t length = 0;
	bool nocase;

	for (size_t i = 0; i < line.n; i++) {
		if (line.items[i].kind != PART_SET || line.items[i].run.min == 0)
			continue;
		if (set_is_literal(line.items[i].run.set, &byte, &nocase))
			return false;
		length += line.items[i].run.min;
	}
	return length <= MAX_WITHOUT_BYTE;
}

/* A line for each byte of a small set. 0 where there is none, 1 where it is done, or an error. */
static int settle_bytes(struct settling *s, struct line line)
{
	struct item by[2];
	struct strings bytes;
	int r;

	for (size_t i = 0; i < line.n; i++) {
		by[1] = line.items[i];
		if (by[1].kind != PART_SET || by[1].run.min == 0)
			continue;
		r = strings_of_set(by[1].run.set, s->scratch, &bytes);
		if (r < 0)
			return r;
		if (bytes.n == 0)
			continue;
		by[1].run.min--;
		by[1].run.max -= by[1].run.max != RUN_NO_END;
		for (size_t k = 0; k < bytes.n && r == 0; k++) {
			const struct literal *l = &bytes.list[k];

			by[0] = (struct item){
				PART_SET, { set_of_byte((unsigned char)l->text.p[0], l->nocase), 1, 1 }
			};
			r = settle_replaced(s, line, i, 1, by, by[1].run.max > 0 ? 2 : 1);
		}
		return r < 0 ? r : 1;
	}
	return 0;
}

static int settle(struct settling *s, struct line line)
{
	int r = 0;
	size_t start = 0, end = line.n, border = line.n, cost = 1 + line.n / ITEMS_PER_STEP;

	if (*s->steps < cost)
		return -E2BIG;
	*s->steps -= cost;
	for (size_t i = line.n; i > 0; i--) {
		const struct item *item = &line.items[i - 1];

		if (item->kind == PART_START && start == 0)
			start = i - 1;
		if (is_end(item))
			end = i - 1;
		if (is_border(item))
			border = i - 1;
		/* No byte is in it. */
		if (item->kind == PART_SET && item->run.min > 0 && set_is_empty(item->run.set))
			return 0;
	}
	if (start > 0)
		return settle_start(s, line, start);
	if (end < line.n && (end + 1 < line.n || line.items[end].kind == PART_LAST))
		return settle_end(s, line, end);
	if (border < line.n)
		return settle_border(s, line, border);
	if (needs_byte(line))
		r = settle_bytes(s, line);
	return r != 0 ? (r < 0 ? r : 0) : sequences_add(line, s->scratch, s->a, s->out);
}

int sequences_settle(struct line line, struct arena *scratch, struct arena *a, size_t *steps,
		     struct sequences *ret)
{
	struct settling s = { scratch, a, steps, ret };

	return settle(&s, line);
}
