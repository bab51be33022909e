/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Stamps. Fingerprints must be the same in every run and on every machine, so they are a plain hash (FNV-1a,
 * 64 bits) over the texts themselves, each closed by a NUL so that two do not run into each other.
 */
#include "engine/stamp.h"

#include <stdio.h>

#define FNV_START UINT64_C(0xcbf29ce484222325)
#define FNV_PRIME UINT64_C(0x100000001b3)

static uint64_t hash_text(uint64_t hash, struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		hash = (hash ^ (unsigned char)s.p[i]) * FNV_PRIME;
	return hash * FNV_PRIME;
}

void stamps_init(struct stamps *s, uint64_t seed)
{
	*s = (struct stamps){ .next_of_others = 1 };
	uuid_source_init(&s->uuids, seed);
}

/* The counter of that host. */
static uint64_t *counter_of(struct stamps *s, struct str host)
{
	uint64_t name = hash_text(FNV_START, host);

	for (size_t i = 0; i < STAMP_MAX_HOSTS; i++) {
		struct stamp_host *place = &s->host[(name + i) % STAMP_MAX_HOSTS];

		if (place->next == 0)
			*place = (struct stamp_host){ name, 1 };
		if (place->name == name)
			return &place->next;
	}
	return &s->next_of_others;
}

void stamps_put(struct stamps *s, struct alert *a, struct str about, const struct pair *key, size_t n_key)
{
	uint64_t print = hash_text(hash_text(hash_text(FNV_START, a->rule->id), a->host), about);

	for (size_t i = 0; i < n_key; i++) {
		print = hash_text(print, key[i].name);
		/* A byte that no text has in front of an unknown value, so that it is not the empty one. */
		print = hash_text(print, str_known(key[i].value) ? key[i].value : STR_LIT("\0"));
	}
	uuid_next(&s->uuids, a->time_ns, a->id);
	a->seq = (*counter_of(s, a->host))++;
	snprintf(a->fingerprint, sizeof(a->fingerprint), "%016llx", (unsigned long long)print);
}
