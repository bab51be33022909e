/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Heavy hitters; see heavy.h. Places are found by their text in a hash table of chains, and the one that came
 * least is the root of a heap, in which a counted text sinks.
 */
#include "base/heavy.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define NONE UINT32_MAX

struct place {
	char *text;			/* owned; of cap bytes */
	size_t len, cap;
	uint64_t hash, count, error;
	uint32_t next;			/* of the same bucket */
	uint32_t in_heap;		/* where in heap[] it stands */
};

struct heavy {
	struct place *places;
	uint32_t *heap;			/* places, a parent never above its children by count */
	uint32_t *buckets;		/* the first place of each; a power of two of them */
	size_t cap, n, n_buckets;
	uint64_t evictions;
};

int heavy_new(size_t n, struct heavy **ret)
{
	_cleanup_(heavy_free) struct heavy *h = calloc(1, sizeof(*h));

	if (!h)
		return -ENOMEM;
	h->cap = n;
	for (h->n_buckets = 16; h->n_buckets < n; h->n_buckets *= 2)
		;
	h->places = calloc(n, sizeof(*h->places));
	h->heap = calloc(n, sizeof(*h->heap));
	h->buckets = malloc(h->n_buckets * sizeof(*h->buckets));
	if (!h->places || !h->heap || !h->buckets)
		return -ENOMEM;
	memset(h->buckets, 0xff, h->n_buckets * sizeof(*h->buckets));
	*ret = TAKE_PTR(h);
	return 0;
}

struct heavy *heavy_free(struct heavy *h)
{
	if (h) {
		for (size_t i = 0; i < h->n; i++)
			free(h->places[i].text);
		free(h->places);
		free(h->heap);
		free(h->buckets);
	}
	free(h);
	return NULL;
}

/* FNV-1a. Who chooses texts that collide makes a report slow, not wrong. */
static uint64_t hash_of(struct str text)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325);

	for (size_t i = 0; i < text.len; i++)
		hash = (hash ^ (unsigned char)text.p[i]) * UINT64_C(0x100000001b3);
	return hash ^ hash >> 32;
}

static uint32_t *bucket_of(struct heavy *h, uint64_t hash)
{
	return &h->buckets[hash & (h->n_buckets - 1)];
}

static uint32_t find(struct heavy *h, struct str text, uint64_t hash)
{
	uint32_t at = *bucket_of(h, hash);

	for (; at != NONE; at = h->places[at].next) {
		const struct place *p = &h->places[at];

		if (p->hash == hash && str_eq((struct str){ p->text, p->len }, text))
			return at;
	}
	return NONE;
}

static void link_place(struct heavy *h, uint32_t at)
{
	uint32_t *bucket = bucket_of(h, h->places[at].hash);

	h->places[at].next = *bucket;
	*bucket = at;
}

static void unlink_place(struct heavy *h, uint32_t at)
{
	uint32_t *link = bucket_of(h, h->places[at].hash);

	while (*link != at)
		link = &h->places[*link].next;
	*link = h->places[at].next;
}

static void put(struct heavy *h, size_t i, uint32_t at)
{
	h->heap[i] = at;
	h->places[at].in_heap = (uint32_t)i;
}

static uint64_t count_at(const struct heavy *h, size_t i)
{
	return h->places[h->heap[i]].count;
}

/* Its count grew: below those that now have less. */
static void sink(struct heavy *h, uint32_t at)
{
	size_t i = h->places[at].in_heap;

	for (size_t child; (child = 2 * i + 1) < h->n; i = child) {
		if (child + 1 < h->n && count_at(h, child + 1) < count_at(h, child))
			child++;
		if (count_at(h, child) >= h->places[at].count)
			break;
		put(h, i, h->heap[child]);
	}
	put(h, i, at);
}

/* A new one, with a count of 0, is no larger than any. */
static void rise(struct heavy *h, uint32_t at)
{
	size_t i = h->n - 1;

	for (; i > 0 && count_at(h, (i - 1) / 2) > 0; i = (i - 1) / 2)
		put(h, i, h->heap[(i - 1) / 2]);
	put(h, i, at);
}

static int set_text(struct place *p, struct str text)
{
	char *grown;

	if (!p->text || p->cap < text.len) {
		grown = realloc(p->text, text.len ? text.len : 1);
		if (!grown)
			return -ENOMEM;
		p->text = grown;
		p->cap = text.len;
	}
	if (text.len)
		memcpy(p->text, text.p, text.len);
	p->len = text.len;
	return 0;
}

/* A place for a text that has none: a free one, else that of the text that came least. */
static int take_place(struct heavy *h, struct str text, uint64_t hash, uint32_t *ret)
{
	bool is_full = h->n == h->cap;
	uint32_t at = is_full ? h->heap[0] : (uint32_t)h->n;
	struct place *p = &h->places[at];

	if (is_full)
		unlink_place(h, at);
	if (set_text(p, text) < 0) {
		if (is_full)
			link_place(h, at);
		return -ENOMEM;
	}
	p->hash = hash;
	p->error = p->count;
	link_place(h, at);
	if (is_full) {
		h->evictions++;
	} else {
		h->n++;
		rise(h, at);
	}
	*ret = at;
	return 0;
}

int heavy_add(struct heavy *h, struct str text, size_t *ret_place, bool *ret_new)
{
	uint64_t hash = hash_of(text);
	uint32_t at;
	bool is_new;
	int r;

	if (!str_known(text))
		text = STR_LIT("");
	at = find(h, text, hash);
	is_new = at == NONE;
	if (is_new) {
		r = take_place(h, text, hash, &at);
		if (r < 0)
			return r;
	}
	h->places[at].count++;
	sink(h, at);
	*ret_place = at;
	*ret_new = is_new;
	return 0;
}

size_t heavy_count(const struct heavy *h)
{
	return h->n;
}

uint64_t heavy_evictions(const struct heavy *h)
{
	return h->evictions;
}

struct heavy_item heavy_get(const struct heavy *h, size_t place)
{
	const struct place *p = &h->places[place];

	return (struct heavy_item){ { p->text, p->len }, p->count, p->error };
}
