/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The mutants of operands: their values, dropped one by one, and the entries of the lists that they name.
 *
 * An entry is known by its place: whatever lists lead to it, and wherever the rule compares something with
 * it, it is one mutant, which has its path from where the walk meets it first.
 */
#include "engine/mutant_walk.h"

#include <errno.h>
#include <stdlib.h>

/* A power of two; entries that are found never fill half of it. */
#define SLOTS 32768
_Static_assert(SLOTS / 2 > MUTANTS_MAX && MUTANTS_MAX < UINT16_MAX, "slots hold numbers of mutants");

/* One value of a test, or of what `all` has made of its own: one condition each. */
struct operand {
	const struct cond *owner;
	const struct test *test;
	size_t i;
};

static struct operand value_of(const struct cond *c, size_t test, size_t i)
{
	if (c->kind == COND_FIELD)
		return (struct operand){ c, &c->tests[test], i };
	return (struct operand){ c->children[i], &c->children[i]->tests[0], 0 };
}

static size_t n_values(const struct cond *c, size_t test)
{
	return c->kind == COND_FIELD ? c->tests[test].n : c->n_children;
}

static struct operand_place place_of(const struct cond *c, size_t test, size_t i)
{
	struct operand v = value_of(c, test, i);
	const struct operand_place *places = test_places(v.test);

	return places ? places[v.i] : (struct operand_place){ .at = test_at(v.test) };
}

static bool is_same_value(const struct cond *c, size_t test, size_t i, size_t j)
{
	struct operand a = value_of(c, test, i), b = value_of(c, test, j);

	return test_same_operand(a.test, a.i, b.test, b.i);
}

/* What the author wrote as one: a value, or `$NAME`, which is all values of that list. */
struct element {
	size_t first, end;		/* of the values */
	struct str list;
};

static bool next_element(const struct cond *c, size_t test, struct element *e)
{
	e->first = e->end;
	if (e->first == n_values(c, test))
		return false;
	e->list = place_of(c, test, e->first).list;
	do
		e->end++;
	while (str_known(e->list) && e->end < n_values(c, test) &&
	       str_eq(place_of(c, test, e->end).list, e->list));
	return true;
}

/* Few operands are so long that it is not worth to know which of their values say the same. */
static bool is_compared(const struct cond *c, size_t test)
{
	return n_values(c, test) <= 4 * MUTANT_VALUES_MAX;
}

/* Does the rest of the operand hold all the values of the element? */
static bool is_repeated(const struct cond *c, size_t test, const struct element *e)
{
	size_t n = n_values(c, test), i, j;

	if (!is_compared(c, test))
		return false;
	for (i = e->first; i < e->end; i++) {
		for (j = 0; j < n; j++)
			if ((j < e->first || j >= e->end) && is_same_value(c, test, i, j))
				break;
		if (j == n)
			return false;
	}
	return true;
}

/* Are there values of other places, and none of them says the same as @i? */
static bool is_needed(const struct cond *c, size_t test, size_t i)
{
	struct loc at = place_of(c, test, i).at;
	bool others = false;

	for (size_t j = 0; j < n_values(c, test); j++) {
		if (walk_is_at(place_of(c, test, j).at, at))
			continue;
		if (!is_compared(c, test))
			return true;
		if (is_same_value(c, test, i, j))
			return false;
		others = true;
	}
	return others;
}

/* Of the entry at that place: 0 where it is none of the mutants that have been found, else its number there,
 * counted from 1. NULL: out of memory. */
static uint16_t *slot_of(struct walk *w, struct loc at)
{
	uint32_t i = at.line * 0x9e3779b1U ^ at.col * 0x85ebca77U;

	if (!w->slots)
		w->slots = calloc(SLOTS, sizeof(*w->slots));
	if (!w->slots) {
		w->error = -ENOMEM;
		return NULL;
	}
	for (i ^= i >> 16; w->slots[i % SLOTS]; i++)
		if (walk_is_at(w->items[w->slots[i % SLOTS] - 1].at, at))
			break;
	return &w->slots[i % SLOTS];
}

static void drop_entry(struct walk *w, const struct cond *c, size_t test, const struct element *e, size_t i)
{
	struct operand v = value_of(c, test, i);
	struct loc at = place_of(c, test, i).at;
	uint16_t *slot = slot_of(w, at);
	struct buf outside = w->path;
	size_t n = w->n;

	if (!slot || *slot || !is_needed(c, test, i))
		return;
	w->path = (struct buf)BUF_INIT;
	walk_enter(w, "lists.%.*s[%zu]", STR_ARG(e->list), i - e->first);
	mutant_describe_entry(v.owner, v.test, v.i, &w->what);
	walk_add(w, "dropping", (struct mutant){ .change = MUTANT_DROP_ENTRY, .at = at });
	buf_done(&w->path);
	w->path = outside;
	if (w->n > n)
		*slot = (uint16_t)w->n;
}

static void walk_entries(struct walk *w, const struct cond *c, size_t test, const struct element *e)
{
	if (e->end - e->first > MUTANT_VALUES_MAX) {
		w->n_left += e->end - e->first;
		return;
	}
	for (size_t i = e->first; i < e->end && !walk_is_over(w); i++)
		drop_entry(w, c, test, e, i);
}

static void drop_element(struct walk *w, const struct cond *c, size_t test, const struct element *e)
{
	struct operand v = value_of(c, test, e->first);
	struct mutant m = { .target = c, .test = test, .first = e->first, .end = e->end };

	m.change = c->kind == COND_FIELD ? MUTANT_DROP_VALUES : MUTANT_DROP_CHILDREN;
	m.at = str_known(e->list) ? test_at(v.test) : place_of(c, test, e->first).at;
	if (is_repeated(c, test, e))
		return;
	if (str_known(e->list))
		buf_printf(&w->what, "%zu value%s", e->end - e->first, e->end - e->first == 1 ? "" : "s");
	else
		mutant_describe_value(v.owner, v.test, v.i, &w->what);
	walk_add(w, "dropping", m);
}

/* One element alone is not dropped: without it its test could never hold, which is no more than a test that
 * alerts shows. */
void walk_values(struct walk *w, const struct cond *c, size_t test)
{
	struct element e = { 0, 0, { NULL, 0 } };
	size_t n = 0, before;

	while (next_element(c, test, &e))
		n++;
	if (n > MUTANT_VALUES_MAX)
		w->n_left += n;
	e.end = 0;
	for (size_t i = 0; next_element(c, test, &e) && !walk_is_over(w); i++) {
		if (str_known(e.list))
			before = walk_enter(w, "[$%.*s]", STR_ARG(e.list));
		else
			before = walk_enter(w, "[%zu]", i);
		if (n > 1 && n <= MUTANT_VALUES_MAX)
			drop_element(w, c, test, &e);
		buf_cut(&w->path, before);
		if (str_known(e.list))
			walk_entries(w, c, test, &e);
	}
}
