/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From the text of a regex to what it asks for. Only whether there is a match is ever asked, not where it
 * begins or ends, so that what is optional at both ends is left out first. Then the tree is written out as
 * alternatives, and each of them as a sequence. Where that does not work the tree is asked for what every
 * match must hold.
 */
#include "engine/pattern.h"

#include <errno.h>

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

static int read_sequences(const struct part *root, struct arena *scratch, struct arena *a,
			  struct pattern *ret)
{
	struct sequence *sequences;
	struct lines lines;
	bool exact = true;
	int r;

	r = lines_of_tree(root, scratch, a, &lines);
	if (r < 0)
		return r == -E2BIG ? 0 : r;
	if (lines.n == 0)
		return 0;
	sequences = arena_array(a, lines.n, sizeof(*sequences));
	if (!sequences)
		return -ENOMEM;
	for (size_t i = 0; i < lines.n && exact; i++) {
		r = sequence_of_line(lines.lines[i], scratch, a, &sequences[i], &exact);
		if (r < 0)
			return r;
	}
	if (exact) {
		ret->sequences = sequences;
		ret->n_sequences = lines.n;
	}
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
