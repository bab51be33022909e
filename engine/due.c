/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A leftist heap; see due.h. The rank of a node is the length of the way down its right side, which is never
 * longer than the one down its left: so no right side has more than log2(n) nodes, and only they are walked.
 */
#include "engine/due.h"

#include <stdbool.h>

static struct silence_cell *at(struct cells *c, uint32_t id)
{
	return &c->cell[id].silence;
}

/* The order wraps around; no two silences are two thousand million apart. */
static bool ends_before(const struct silence_cell *a, const struct silence_cell *b)
{
	if (a->due_ns != b->due_ns)
		return a->due_ns < b->due_ns;
	return (int32_t)(a->order - b->order) < 0;
}

static unsigned int rank_of(struct cells *c, uint32_t id)
{
	return id ? at(c, id)->rank : 0;
}

/* The longer right side goes left. True: the rank has changed. */
static bool lean_left(struct cells *c, struct silence_cell *s)
{
	unsigned int old = s->rank;

	if (rank_of(c, s->left) < rank_of(c, s->right)) {
		uint32_t left = s->left;

		s->left = s->right;
		s->right = left;
	}
	s->rank = (uint8_t)(rank_of(c, s->right) + 1);
	return s->rank != old;
}

/* Joins two heaps, each of which may be empty; as deep as their right sides are long. */
static uint32_t join(struct cells *c, uint32_t a, uint32_t b)
{
	struct silence_cell *top;

	if (!a || !b)
		return a ? a : b;
	if (ends_before(at(c, b), at(c, a))) {
		uint32_t swap = a;

		a = b;
		b = swap;
	}
	top = at(c, a);
	top->right = join(c, top->right, b);
	at(c, top->right)->parent = a;
	lean_left(c, top);
	return a;
}

void due_insert(struct cells *c, uint32_t *root, uint32_t id)
{
	struct silence_cell *s = at(c, id);

	s->left = s->right = s->parent = 0;
	s->rank = 1;
	*root = join(c, *root, id);
	at(c, *root)->parent = 0;
}

void due_remove(struct cells *c, uint32_t *root, uint32_t id)
{
	uint32_t parent = at(c, id)->parent;
	uint32_t rest = join(c, at(c, id)->left, at(c, id)->right);

	if (rest)
		at(c, rest)->parent = parent;
	if (!parent)
		*root = rest;
	else if (at(c, parent)->left == id)
		at(c, parent)->left = rest;
	else
		at(c, parent)->right = rest;
	while (parent && lean_left(c, at(c, parent)))
		parent = at(c, parent)->parent;
}
