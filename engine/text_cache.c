/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One place a hash, and the texts themselves in a ring, where a new one takes the room of the oldest. A hash
 * that somebody provokes costs a scan, never a wrong answer.
 */
#include "engine/text_cache.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "engine/hash.h"

#define N_SLOTS 1024
#define RING_SIZE ((size_t)512 * 1024)
/* Shorter texts are scanned in no time, and longer ones do not come twice. */
#define TEXT_LEAST 8
#define TEXT_MOST 4096
#define HITS_MOST 100

struct kept_hit {
	uint32_t needle;
	uint16_t first, last;
};

/* In the ring, followed by its text. */
struct entry {
	uint32_t len;
	uint16_t haystack, n_hits;
	struct kept_hit hits[];
};

struct slot {
	uint64_t hash;			/* of the text and its haystack */
	uint64_t at;			/* where its entry was written, since the ring was begun */
};

struct text_cache {
	uint64_t hash;			/* of the text asked for last */
	uint64_t written;		/* bytes; a multiple of what an entry is aligned to */
	struct slot slots[N_SLOTS];
	_Alignas(struct entry) char ring[RING_SIZE];
};

int text_cache_new(struct text_cache **ret)
{
	*ret = calloc(1, sizeof(**ret));
	if (!*ret)
		return -ENOMEM;
	/* So that the slots point to what is not there. */
	(*ret)->written = 2 * RING_SIZE;
	return 0;
}

struct text_cache *text_cache_free(struct text_cache *c)
{
	free(c);
	return NULL;
}

bool text_cache_takes(size_t len)
{
	return len >= TEXT_LEAST && len <= TEXT_MOST;
}

static struct entry *entry_at(struct text_cache *c, uint64_t at)
{
	return (struct entry *)(c->ring + at % RING_SIZE);
}

static char *text_of(struct entry *e)
{
	return (char *)&e->hits[e->n_hits];
}

bool text_cache_recall(struct text_cache *c, unsigned int haystack, struct str text, struct hits *hits)
{
	const struct slot *s;
	struct entry *e;

	c->hash = hash_text(haystack, text);
	s = &c->slots[c->hash % N_SLOTS];
	if (s->hash != c->hash || c->written - s->at > RING_SIZE)
		return false;
	e = entry_at(c, s->at);
	if (e->haystack != haystack || e->len != text.len || memcmp(text_of(e), text.p, text.len) != 0)
		return false;
	for (size_t i = 0; i < e->n_hits; i++) {
		hits_add(hits, e->hits[i].needle, e->hits[i].first);
		hits->places[e->hits[i].needle].last = e->hits[i].last;
	}
	return true;
}

/* Room for an entry with so many hits and bytes, in one piece. */
static struct entry *write_entry(struct text_cache *c, size_t n_hits, size_t len, uint64_t *ret_at)
{
	size_t size = sizeof(struct entry) + n_hits * sizeof(struct kept_hit) + len, rest;

	size += -size % _Alignof(struct entry);
	rest = RING_SIZE - c->written % RING_SIZE;
	if (size > rest)
		c->written += rest;
	*ret_at = c->written;
	c->written += size;
	return entry_at(c, *ret_at);
}

void text_cache_keep(struct text_cache *c, unsigned int haystack, struct str text, const struct hits *hits,
		     size_t from)
{
	struct slot *s = &c->slots[c->hash % N_SLOTS];
	size_t n = hits->n - from;
	struct entry *e;

	if (n > HITS_MOST)
		return;
	e = write_entry(c, n, text.len, &s->at);
	s->hash = c->hash;
	*e = (struct entry){ (uint32_t)text.len, (uint16_t)haystack, (uint16_t)n };
	for (size_t i = 0; i < n; i++) {
		uint32_t needle = hits->found[from + i];

		e->hits[i] = (struct kept_hit){ needle, (uint16_t)hits->places[needle].first,
						(uint16_t)hits->places[needle].last };
	}
	memcpy(text_of(e), text.p, text.len);
}
