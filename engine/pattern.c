/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From the text of a regex to what it asks for. Only whether there is a match is ever asked, not where it
 * begins or ends, so that what is optional at both ends is left out first. Then the tree is written out as
 * alternatives, and each of them as a sequence. Where that does not work the tree is asked for what every
 * match must hold.
 */
#include "engine/pattern.h"

#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "engine/pattern_factors.h"
#include "engine/pattern_lines.h"
#include "engine/pattern_tree.h"

static void reverse_children(struct part *n)
{
	struct part *reversed = NULL, *next;

	n->last = n->first;
	for (struct part *child = n->first; child; child = next) {
		next = child->next;
		child->next = reversed;
		reversed = child;
	}
	n->first = reversed;
}

static bool is_nothing(const struct part *n)
{
	if (n->kind == PART_REPEAT)
		return n->run.max == 0 || is_nothing(n->first);
	if (n->kind != PART_CONCAT && n->kind != PART_CHOICE)
		return false;
	for (const struct part *child = n->first; child; child = child->next)
		if (!is_nothing(child))
			return false;
	return true;
}

/* Takes what is optional from the beginning of @n, with @backward from its end. A match without it is
 * one. */
static void trim(struct part *n, bool backward)
{
	switch (n->kind) {
	case PART_REPEAT:
		n->run.max = n->run.min;
		if (n->run.max == 1)
			trim(n->first, backward);
		return;
	case PART_CHOICE:
		for (struct part *child = n->first; child; child = child->next)
			trim(child, backward);
		return;
	case PART_CONCAT:
		if (backward)
			reverse_children(n);
		while (n->first) {
			trim(n->first, backward);
			if (!is_nothing(n->first))
				break;
			n->first = n->first->next;
		}
		if (!n->first)
			n->last = NULL;
		if (backward)
			reverse_children(n);
		return;
	default:
		return;
	}
}

static size_t length_of_runs(const struct run *runs, size_t n)
{
	size_t sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += runs[i].min;
	return sum;
}

/* The length of the shortest text that it is in. */
static size_t length_of_sequence(const struct sequence *s)
{
	size_t sum = 0;

	for (; s; s = s->then)
		sum += s->literal.text.len + length_of_runs(s->before, s->n_before) +
		       length_of_runs(s->after, s->n_after);
	return sum;
}

static int read_sequences(const struct part *root, struct arena *scratch, struct arena *a,
			  struct pattern *ret)
{
	struct sequences found;
	struct sequence *kept;
	int r = sequences_of_tree(root, scratch, a, &found);

	if (r < 0 || found.n == 0)
		return r == -E2BIG ? 0 : r;
	kept = arena_array(a, found.n, sizeof(*kept));
	if (!kept)
		return -ENOMEM;
	memcpy(kept, found.list, found.n * sizeof(*kept));
	ret->sequences = kept;
	ret->n_sequences = found.n;
	ret->min_length = SIZE_MAX;
	for (size_t i = 0; i < found.n; i++)
		if (length_of_sequence(&kept[i]) < ret->min_length)
			ret->min_length = length_of_sequence(&kept[i]);
	return 0;
}

int pattern_read(struct str pattern, unsigned int flags, struct arena *a, struct pattern *ret)
{
	_cleanup_(arena) struct arena scratch = ARENA_INIT;
	struct pattern p = { .lead = SIZE_MAX };
	struct tree tree;
	int r;

	r = tree_parse(pattern, flags, &scratch, a, &tree);
	if (r < 0)
		return r;
	if (tree.root && tree.regular) {
		trim(tree.root, false);
		trim(tree.root, true);
		r = read_sequences(tree.root, &scratch, a, &p);
		if (r < 0)
			return r;
	}
	if (tree.root && p.n_sequences == 0) {
		r = factors_of_tree(tree.root, &scratch, a, &p);
		if (r < 0)
			return r;
	}
	*ret = p;
	return 0;
}
