/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An open hash table, at most half full, of borrowed texts. Rule files come in tens of thousands of rules,
 * and each id, key and pattern has to be looked up once.
 */
#include "parser/names.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/hash.h"

/* The slot of @name, or the free one where it belongs. There is always a free one. */
static struct name_slot *slot_of(struct name_slot *slots, size_t cap, struct str name)
{
	size_t i = hash_bytes(0, name.p, name.len) & (cap - 1);

	while (slots[i].name.p && !str_eq(slots[i].name, name))
		i = (i + 1) & (cap - 1);
	return &slots[i];
}

static int grow(struct names *t)
{
	size_t cap = t->cap ? t->cap * 2 : 16;
	struct name_slot *slots = calloc(cap, sizeof(*slots));

	if (!slots)
		return -ENOMEM;
	for (size_t i = 0; i < t->cap; i++)
		if (t->slots[i].name.p)
			*slot_of(slots, cap, t->slots[i].name) = t->slots[i];
	free(t->slots);
	t->slots = slots;
	t->cap = cap;
	return 0;
}

int names_add(struct names *t, struct str name, size_t number, size_t *ret_number)
{
	struct name_slot *s;

	if (t->n * 2 >= t->cap && grow(t) < 0)
		return -ENOMEM;
	s = slot_of(t->slots, t->cap, name);
	if (s->name.p) {
		*ret_number = s->number;
		return -EEXIST;
	}
	*s = (struct name_slot){ name, number };
	t->n++;
	return 0;
}

int names_find(const struct names *t, struct str name, size_t *ret_number)
{
	const struct name_slot *s;

	if (t->n == 0)
		return -ENOENT;
	s = slot_of(t->slots, t->cap, name);
	if (!s->name.p)
		return -ENOENT;
	*ret_number = s->number;
	return 0;
}

void names_done(struct names *t)
{
	free(t->slots);
	*t = (struct names)NAMES_INIT;
}
