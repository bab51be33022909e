/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From a line to a sequence. The line is cut at its gaps, runs of any bytes without an end, into blocks,
 * and in each block one literal is chosen, from which the rest is found by going left and right. That is
 * exact only if a run that takes all it can never has to give back; and it takes a time linear in the
 * text only if a run cannot be read again and again from one occurrence of the literal after the other.
 */
#include <errno.h>
#include <string.h>

#include "engine/pattern_lines.h"
#include "engine/pattern_set.h"
#include "engine/pattern_strings.h"

/* Bytes that may be read for each byte of a text. */
#define MAX_COST 64
#define MAX_LITERAL 256

struct block {
	const struct item *items;
	size_t n;
	bool at_start, at_end, last;
};

/* Where the literal of a block is. */
struct choice {
	size_t from, to;
	bool nocase;
	float share; /* 0: not asked for yet */
};

static bool is_fixed(const struct item *item)
{
	return item->run.min == item->run.max;
}

static bool is_gap(const struct item *item)
{
	return item->run.max == RUN_NO_END && set_equal(item->run.set, &set_any);
}

/* Equal sets next to each other are one run, unless both are part of a literal. */
static size_t merge(struct item *items, size_t n)
{
	size_t kept = 0;

	for (size_t i = 0; i < n; i++) {
		struct run *last = kept > 0 ? &items[kept - 1].run : NULL, next = items[i].run;
		bool single = last && last->max == 1 && last->min == 1 && next.min == 1 && next.max == 1;

		if (next.max == 0)
			continue;
		if (!last || single || !set_equal(last->set, next.set)) {
			items[kept++] = items[i];
			continue;
		}
		last->min += next.min;
		last->max =
			last->max == RUN_NO_END || next.max == RUN_NO_END ? RUN_NO_END : last->max + next.max;
	}
	return kept;
}

/* What is only as long as it must be. */
static void trim(struct item **items, size_t *n, bool left, bool right)
{
	for (; left && *n > 0; ++*items, --*n) {
		(*items)[0].run.max = (*items)[0].run.min;
		if ((*items)[0].run.min > 0)
			break;
	}
	for (; right && *n > 0; --*n) {
		(*items)[*n - 1].run.max = (*items)[*n - 1].run.min;
		if ((*items)[*n - 1].run.min > 0)
			break;
	}
}

/* Is the run at @at followed, in that direction, by something that it takes no byte of? */
static bool gives_nothing_back(const struct block *b, size_t at, bool forward)
{
	const struct run *run = &b->items[at].run, *next;

	if (is_fixed(&b->items[at]))
		return true;
	for (size_t i = at; forward ? i + 1 < b->n : i > 0;) {
		i = forward ? i + 1 : i - 1;
		next = &b->items[i].run;
		if (!set_disjoint(run->set, next->set))
			return false;
		if (next->min > 0)
			return true;
	}
	return forward ? b->at_end : b->at_start;
}

/* Can the literal be within a run of @set? */
static bool literal_fits(const struct block *b, const struct choice *c, const struct byte_set *set)
{
	for (size_t i = c->from; i < c->to; i++)
		if (set_disjoint(b->items[i].run.set, set))
			return false;
	return true;
}

/* The least distance between two occurrences of the literal. */
static size_t period(const struct block *b, const struct choice *c)
{
	size_t n = c->to - c->from, distance, i;

	for (distance = 1; distance < n; distance++) {
		for (i = 0; i + distance < n; i++)
			if (b->items[c->from + i].run.set != b->items[c->from + i + distance].run.set)
				break;
		if (i + distance == n)
			break;
	}
	return distance;
}

/*
 * Bytes that are read for each byte of a text, at most. What is read from one occurrence of the literal
 * may hold others, from which it is read again: as many as fit. One that does not fit into a run lies at
 * its ends.
 */
static bool is_cheap(const struct block *b, const struct choice *c)
{
	size_t cost = 0, length = c->to - c->from;

	for (size_t i = 0; i < b->n; i++) {
		const struct run *run = &b->items[i].run;
		bool fits;

		if (i >= c->from && i < c->to)
			continue;
		fits = run->max > length && literal_fits(b, c, run->set);
		if (fits && run->max == RUN_NO_END)
			return false;
		cost += fits || run->max < length ? run->max : length;
	}
	return cost <= MAX_COST || cost / period(b, c) <= MAX_COST;
}

static bool is_possible(const struct block *b, const struct choice *c)
{
	if (c->to - c->from > MAX_LITERAL)
		return false;
	for (size_t i = 0; i < c->from; i++)
		if (!gives_nothing_back(b, i, false))
			return false;
	for (size_t i = c->to; i < b->n; i++)
		if (!gives_nothing_back(b, i, true) || (!b->last && !is_fixed(&b->items[i])))
			return false;
	return is_cheap(b, c);
}

/* May the item be part of a literal with @nocase? */
static bool is_part(const struct item *item, bool nocase, unsigned char *ret_byte)
{
	bool folded;

	if (item->run.min != 1 || item->run.max != 1 || !set_is_literal(item->run.set, ret_byte, &folded))
		return false;
	return folded == nocase || (nocase && set_of_byte(*ret_byte, true) == item->run.set);
}

/* The rarer of two literals whose texts are in @buf, of two of the same the longer. */
static bool is_better(struct choice *c, struct choice *than, const char *buf)
{
	struct choice *both[] = { c, than };

	for (size_t i = 0; i < 2; i++) {
		struct literal l = { { buf + both[i]->from, both[i]->to - both[i]->from }, both[i]->nocase };

		if (both[i]->share == 0)
			both[i]->share = literal_share(&l);
	}
	if (c->share != than->share)
		return c->share < than->share;
	return c->to - c->from > than->to - than->from;
}

/* The longest literals, of either kind, are tried; *ret is the best that is possible, *ret_rarest one
 * that is not, but better; its `to` is 0 where there is none. */
static bool choose(const struct block *b, char *buf, struct choice *ret, struct choice *ret_rarest)
{
	struct choice rarest = { .to = 0 };
	unsigned char c = 0;
	bool found = false;

	for (size_t k = 0; k < 2; k++) {
		for (size_t i = 0, to; i < b->n; i = to + 1) {
			struct choice now = { .from = i, .nocase = k };

			for (to = i; to < b->n && is_part(&b->items[to], k, &c); to++)
				buf[to] = (char)c;
			now.to = to;
			if (to == i)
				continue;
			if (!is_possible(b, &now)) {
				if (rarest.to == 0 || is_better(&now, &rarest, buf))
					rarest = now;
			} else if (!found || is_better(&now, ret, buf)) {
				*ret = now;
				found = true;
			}
		}
	}
	if (found && rarest.to > 0 && !is_better(&rarest, ret, buf))
		rarest.to = 0;
	*ret_rarest = rarest;
	return found;
}

/* Runs from item @from, @n of them going forward or backward; equal ones next to each other are one. */
static int fill_runs(const struct block *b, size_t from, size_t n, bool forward, struct arena *a,
		     const struct run **ret, uint16_t *ret_n)
{
	struct run *runs;
	size_t kept = 0;

	if (n == 0)
		return 0;
	runs = arena_array(a, n, sizeof(*runs));
	if (!runs)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++) {
		const struct item *item = &b->items[forward ? from + i : from - i];
		struct run *last = kept > 0 ? &runs[kept - 1] : NULL;

		if (last && last->set == item->run.set && last->min == last->max && is_fixed(item)) {
			last->min += item->run.min;
			last->max = last->min;
		} else {
			runs[kept++] = item->run;
		}
	}
	*ret = runs;
	*ret_n = (uint16_t)kept;
	return 0;
}

static bool has_letters(struct str text)
{
	for (size_t i = 0; i < text.len; i++)
		if (set_of_byte((unsigned char)text.p[i], true) !=
		    set_of_byte((unsigned char)text.p[i], false))
			return true;
	return false;
}

/* The literal that was chosen; @buf has room for the block. */
static int fill_literal(const struct block *b, const struct choice *c, char *buf, struct arena *a,
			struct literal *ret)
{
	struct str text = { buf + c->from, c->to - c->from };

	for (size_t i = c->from; i < c->to; i++)
		is_part(&b->items[i], c->nocase, (unsigned char *)&buf[i]);
	ret->text = arena_str(a, text);
	ret->nocase = c->nocase && has_letters(text);
	return ret->text.p ? 0 : -ENOMEM;
}

static int fill_rarest(const struct block *b, const struct choice *c, char *buf, struct arena *a,
		       const struct literal **ret)
{
	struct literal *rarest;

	if (c->to == 0 || c->to - c->from > MAX_LITERAL)
		return 0;
	rarest = arena_alloc(a, sizeof(*rarest));
	*ret = rarest;
	return rarest ? fill_literal(b, c, buf, a, rarest) : -ENOMEM;
}

static int fill_block(const struct block *b, struct arena *scratch, struct arena *a, struct sequence *ret,
		      bool *ret_exact)
{
	struct sequence s = { .at_start = b->at_start, .at_end = b->at_end };
	char *buf = arena_alloc(scratch, b->n + 1);
	struct choice c, rarest;
	int r;

	if (!buf)
		return -ENOMEM;
	*ret_exact = choose(b, buf, &c, &rarest);
	if (!*ret_exact)
		return 0;
	r = fill_literal(b, &c, buf, a, &s.literal);
	r = r < 0 ? r : fill_rarest(b, &rarest, buf, a, &s.rarest);
	r = r < 0 ? r : fill_runs(b, c.from - 1, c.from, false, a, &s.before, &s.n_before);
	r = r < 0 ? r : fill_runs(b, c.to, b->n - c.to, true, a, &s.after, &s.n_after);
	if (r == 0)
		*ret = s;
	return r;
}

/* Takes the last block off the line, and the gap in front of it. False: there is only one. */
static bool take_last_block(struct item *items, size_t *n, bool at_end, struct block *ret)
{
	size_t gap = *n;
	struct item *first;

	while (gap > 0 && !is_gap(&items[gap - 1]))
		gap--;
	first = &items[gap];
	*ret = (struct block){ .n = *n - gap, .at_end = at_end };
	trim(&first, &ret->n, gap > 0, false);
	ret->items = first;
	if (gap == 0)
		return false;

	/* A gap of at least so many bytes is these, and a gap. */
	items[gap - 1].run.max = items[gap - 1].run.min;
	*n = gap - 1;
	trim(&items, n, false, true);
	if (items[gap - 1].run.min > 0)
		items[(*n)++] = items[gap - 1];
	return true;
}

static int sequence_of_items(struct line line, struct arena *scratch, struct arena *a, struct sequence *ret,
			     bool *ret_exact)
{
	bool at_start = line.n > 0 && line.items[0].kind == PART_START, more, exact = true, last = true;
	bool at_end = line.n > at_start && line.items[line.n - 1].kind == PART_END;
	size_t n = line.n - at_start - at_end;
	struct item *items = arena_array(scratch, n, sizeof(*items));
	struct sequence s = { .n_after = 0 }, *then = NULL;
	struct block b;
	int r;

	if (!items)
		return -ENOMEM;
	memcpy(items, line.items + at_start, n * sizeof(*items));
	n = merge(items, n);
	/* Behind the start, or before the end, but anywhere. */
	at_start &= n == 0 || !is_gap(&items[0]);
	at_end &= n == 0 || !is_gap(&items[n - 1]);
	trim(&items, &n, !at_start, !at_end);
	do {
		more = take_last_block(items, &n, at_end, &b);
		at_end = false;
		b.at_start = at_start && !more;
		b.last = last;
		/* Between two gaps, or the start and a gap, is nothing to find. */
		if (b.n == 0 && (more || !last))
			continue;
		if (!last) {
			then = arena_alloc(a, sizeof(*then));
			if (!then)
				return -ENOMEM;
			*then = s;
		}
		r = fill_block(&b, scratch, a, &s, &exact);
		if (r < 0)
			return r;
		s.then = then;
		last = false;
	} while (more && exact);
	*ret_exact = exact;
	if (exact)
		*ret = s;
	return 0;
}

static struct sequence sequence_of_text(struct line line)
{
	struct sequence s = { .literal = line.text, .at_start = line.at_start, .at_end = line.at_end };

	s.literal.nocase &= has_letters(line.text.text);
	return s;
}

int sequences_add(struct line line, struct arena *scratch, struct arena *a, struct sequences *ret)
{
	bool is_text = line.text.text.len > 0, exact = line.text.text.len <= MAX_LITERAL;
	struct sequence s;
	int r = 0;

	if (is_text)
		s = sequence_of_text(line);
	else
		r = sequence_of_items(line, scratch, a, &s, &exact);
	if (r < 0)
		return r;
	if (!exact || ret->n == PATTERN_MAX_ALTERNATIVES)
		return -E2BIG;
	ret->list[ret->n++] = s;
	return 0;
}
