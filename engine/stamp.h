/* SPDX-License-Identifier: Apache-2.0 */
/* What makes an alert one of its own: its id, its number on its host, and the fingerprint of its trouble. */
#ifndef ENGINE_STAMP_H
#define ENGINE_STAMP_H

#include <stdint.h>

#include "engine/alert.h"
#include "engine/uuid.h"

/* Hosts that are numbered apart; a recording of more numbers those beyond together. */
#define STAMP_MAX_HOSTS 1024

struct stamp_host {
	uint64_t name;			/* hashed */
	uint64_t next;			/* seq of its next alert; 0: a free place */
};

struct stamps {
	struct uuid_source uuids;
	struct stamp_host host[STAMP_MAX_HOSTS];
	uint64_t next_of_others;
};

void stamps_init(struct stamps *s, uint64_t seed);
/* Sets id, seq (from 1) and fingerprint of an alert whose rule, host and time are there. @about and @key tell
 * apart what the same rule says of different things on one host; the one may be unknown, the other empty. */
void stamps_put(struct stamps *s, struct alert *a, struct str about, const struct pair *key, size_t n_key);

#endif
