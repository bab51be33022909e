/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A hash table with open addressing. The key is folded to lower case, so that needles which differ only in
 * case have the same one; they stand one behind the other, and each is compared in its own way.
 */
#include "engine/lookup.h"

#include <errno.h>
#include <stdbool.h>

#include "engine/hash.h"

#define FREE UINT32_MAX

struct lookup_slot {
	uint32_t hash;
	uint32_t needle;		/* FREE: none */
};

struct lookup {
	const struct needle *needles;
	size_t mask;
	struct lookup_slot slots[];
};

static uint32_t hash_of(unsigned int haystack, enum needle_place place, struct str s)
{
	return (uint32_t)hash_folded((uint64_t)haystack << 8 | place, s);
}

static bool is_looked_up(const struct needle *n)
{
	return n->place == NEEDLE_WHOLE || n->place == NEEDLE_NAME;
}

static void add(struct lookup *l, uint32_t needle)
{
	const struct needle *n = &l->needles[needle];
	uint32_t hash = hash_of(n->haystack, n->place, needle_text(n));
	size_t i = hash & l->mask;

	while (l->slots[i].needle != FREE)
		i = (i + 1) & l->mask;
	l->slots[i] = (struct lookup_slot){ hash, needle };
}

int lookup_new(const struct needle *needles, size_t n, struct lookup **ret)
{
	size_t n_slots = 16, n_used = 0;
	struct lookup *l;

	for (size_t i = 0; i < n; i++)
		n_used += is_looked_up(&needles[i]);
	while (n_slots < n_used * 4)
		n_slots *= 2;
	l = malloc(sizeof(*l) + n_slots * sizeof(l->slots[0]));
	if (!l)
		return -ENOMEM;
	l->needles = needles;
	l->mask = n_slots - 1;
	for (size_t i = 0; i < n_slots; i++)
		l->slots[i] = (struct lookup_slot){ 0, FREE };
	for (size_t i = 0; i < n; i++)
		if (is_looked_up(&needles[i]))
			add(l, (uint32_t)i);
	*ret = l;
	return 0;
}

struct lookup *lookup_free(struct lookup *l)
{
	free(l);
	return NULL;
}

void lookup_run(const struct lookup *l, unsigned int haystack, enum needle_place place, struct str value,
		struct hits *hits)
{
	uint32_t hash = hash_of(haystack, place, value);

	for (size_t i = hash & l->mask; l->slots[i].needle != FREE; i = (i + 1) & l->mask) {
		const struct needle *n = &l->needles[l->slots[i].needle];

		if (l->slots[i].hash != hash || n->haystack != haystack || n->place != place ||
		    n->len != value.len)
			continue;
		if (n->nocase ? folds_to(value.p, n->text, n->len) : memcmp(value.p, n->text, n->len) == 0)
			hits_add(hits, l->slots[i].needle, 0);
	}
}
