/* SPDX-License-Identifier: Apache-2.0 */
/* Two trees of nodes, member by member. */
#ifndef TESTS_FUZZ_NODES_H
#define TESTS_FUZZ_NODES_H

#include "parser/yaml.h"

static inline bool nodes_alike(const struct node *a, const struct node *b)
{
	return a->kind == b->kind && a->at.source == b->at.source && a->at.line == b->at.line &&
	       a->at.col == b->at.col && a->at.end_col == b->at.end_col && a->incomplete == b->incomplete &&
	       a->faulty == b->faulty && a->n_faults == b->n_faults && a->style == b->style &&
	       a->offset == b->offset && a->end == b->end && a->flow == b->flow && a->n == b->n &&
	       str_eq(a->text, b->text);
}

static inline bool trees_alike(const struct node *a, const struct node *b)
{
	if (!nodes_alike(a, b))
		return false;
	for (size_t i = 0; i < a->n; i++)
		if ((a->kind == NODE_MAP && !trees_alike(a->keys[i], b->keys[i])) ||
		    !trees_alike(a->items[i], b->items[i]))
			return false;
	return true;
}

#endif
