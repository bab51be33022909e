/* SPDX-License-Identifier: Apache-2.0 */
/* The canonical order of keys: that of the list of keys. */
#include <errno.h>
#include <stdlib.h>

#include "parser/formatter.h"

/* Maps in which keys of the language stand beside fields or keys of records are not among them: what an
 * author says first there is said first for a reason. */
static const struct shape rule = { .ordered = true, .map = MAP_RULE };
static const struct shape exception = { .ordered = true, .map = MAP_EXCEPTION };
static const struct shape test = { .ordered = true, .map = MAP_TEST };
static const struct shape mutant = { .ordered = true, .map = MAP_MUTANT };

static const struct shape by_value[N_KEY_VALUES] = {
	[VALUE_DEFAULTS] = { .ordered = true, .map = MAP_DEFAULTS },
	[VALUE_RULES] = { .item = &rule, .apart = true },
	[VALUE_EXCEPTIONS] = { .item = &exception },
	[VALUE_THRESHOLD] = { .ordered = true, .map = MAP_THRESHOLD },
	[VALUE_THROTTLE] = { .ordered = true, .map = MAP_THROTTLE },
	[VALUE_TESTS] = { .item = &test },
	[VALUE_EXPECT] = { .ordered = true, .map = MAP_EXPECT },
	[VALUE_MUTANTS] = { .item = &mutant },
};

const struct shape shape_file = { .ordered = true, .map = MAP_FILE, .sections = true };

/* The row of @key in @map, and its number there; NULL: none, and how many there are. */
static const struct key_row *row_of(enum key_map map, struct str key, size_t *ret)
{
	size_t rank = 0;

	for (size_t i = 0; i < n_keys; i++) {
		if (key_table[i].map != map)
			continue;
		*ret = rank++;
		if (str_eq(str_of(key_table[i].name), key))
			return &key_table[i];
	}
	*ret = rank;
	return NULL;
}

size_t shape_rank(const struct shape *s, struct str key)
{
	size_t rank = 0;

	if (s && s->ordered)
		row_of(s->map, key, &rank);
	return rank;
}

const struct shape *shape_below(const struct shape *s, const struct node *key)
{
	const struct key_row *row;
	size_t rank;

	if (!s || !key)
		return s ? s->item : NULL;
	row = s->ordered ? row_of(s->map, key->text, &rank) : NULL;
	return row ? &by_value[row->value] : NULL;
}

static int by_rank(const void *a, const void *b)
{
	const struct member *x = a, *y = b;

	if (x->rank != y->rank)
		return x->rank < y->rank ? -1 : 1;
	return x->index < y->index ? -1 : x->index > y->index;
}

int members_of(const struct node *n, const struct shape *s, struct member **ret)
{
	struct member *all;

	*ret = NULL;
	if (n->kind == NODE_SCALAR || n->n == 0)
		return 0;
	all = calloc(n->n, sizeof(*all));
	if (!all)
		return -ENOMEM;
	for (size_t i = 0; i < n->n; i++) {
		all[i].key = n->kind == NODE_MAP ? n->keys[i] : NULL;
		all[i].value = n->items[i];
		all[i].index = i;
		all[i].rank = all[i].key ? shape_rank(s, all[i].key->text) : 0;
	}
	if (s && s->ordered)
		qsort(all, n->n, sizeof(*all), by_rank);
	*ret = all;
	return 0;
}
