/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The key of a match: host and values of the fields under `by`. It is told apart by a keyed hash of the whole
 * values, however long; what an alert shows of them is bounded.
 */
#ifndef ENGINE_KEY_H
#define ENGINE_KEY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/siphash.h"
#include "event/event.h"
#include "parser/rule.h"

/* Longest value in bytes, as alerts show it. Of a longer one its beginning, an ellipsis and 16 hexadecimal
 * digits that tell it from others with the same beginning, the same in every run. */
#define KEY_VALUE_SIZE 200

/* What an alert shows of a key. */
struct key_values {
	struct str host;
	struct str value[RULE_MAX_BY];	/* of each field; unknown: not known */
	char host_memory[KEY_VALUE_SIZE + 56];
	char memory[RULE_MAX_BY][KEY_VALUE_SIZE];
};

/* All of them as one text, in bytes. */
#define KEY_TEXT_SIZE (sizeof(struct key_values))

/* @salt tells rules apart. An unknown value is a value of its own. */
uint64_t key_hash(const struct siphash_key *secret, uint64_t salt, const struct key_fields *by,
		  struct str host, const struct event *ev);
/* One more value behind what @first stands for. False: it is not known. */
bool key_hash_value(const struct siphash_key *secret, uint64_t first, const struct field_ref *ref,
		    const struct event *ev, uint64_t *ret);

void key_values(const struct key_fields *by, struct str host, const struct event *ev,
		struct key_values *ret);
/* Into a text and back; @n values. */
void key_values_write(const struct key_values *k, size_t n, struct buf *b);
void key_values_read(struct str text, size_t n, struct key_values *ret);

#endif
