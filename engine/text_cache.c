/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One place a hash, the text itself in it: a hash that somebody provokes costs a scan, never a wrong
 * answer.
 */
#include "engine/text_cache.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "engine/hash.h"

#define N_SLOTS 1024
/* Shorter texts are scanned in no time, and longer ones do not come twice. */
#define TEXT_LEAST 8
#define TEXT_MOST 256
#define HITS_MOST 20

struct kept_hit {
	uint32_t needle;
	uint16_t first, last;
};

struct slot {
	uint64_t hash;			/* of the text and its haystack */
	uint16_t haystack, len;
	uint16_t n_hits;
	char text[TEXT_MOST];
	struct kept_hit hits[HITS_MOST];
};

struct text_cache {
	uint64_t hash;			/* of the text asked for last */
	struct slot slots[N_SLOTS];
};

int text_cache_new(struct text_cache **ret)
{
	*ret = calloc(1, sizeof(**ret));
	return *ret ? 0 : -ENOMEM;
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

bool text_cache_recall(struct text_cache *c, unsigned int haystack, struct str text, struct hits *hits)
{
	const struct slot *s;

	c->hash = hash_text(haystack, text);
	s = &c->slots[c->hash % N_SLOTS];
	if (s->hash != c->hash || s->haystack != haystack || s->len != text.len ||
	    memcmp(s->text, text.p, text.len) != 0)
		return false;
	for (size_t i = 0; i < s->n_hits; i++) {
		hits_add(hits, s->hits[i].needle, s->hits[i].first);
		hits->places[s->hits[i].needle].last = s->hits[i].last;
	}
	return true;
}

void text_cache_keep(struct text_cache *c, unsigned int haystack, struct str text, const struct hits *hits,
		     size_t from)
{
	struct slot *s = &c->slots[c->hash % N_SLOTS];

	if (hits->n - from > HITS_MOST)
		return;
	s->hash = c->hash;
	s->haystack = (uint16_t)haystack;
	s->len = (uint16_t)text.len;
	s->n_hits = (uint16_t)(hits->n - from);
	memcpy(s->text, text.p, text.len);
	for (size_t i = 0; i < s->n_hits; i++) {
		uint32_t needle = hits->found[from + i];

		s->hits[i] = (struct kept_hit){ needle, (uint16_t)hits->places[needle].first,
						(uint16_t)hits->places[needle].last };
	}
}
