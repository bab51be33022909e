/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What thresholds and throttles share: a table of keys for each, the clocks of the hosts, and the one memory
 * of all, with the rule for who has to give when it is used up. For the files of windows only; what the
 * engine sees of them is window.h.
 */
#ifndef ENGINE_TABLES_H
#define ENGINE_TABLES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/siphash.h"
#include "engine/cells.h"
#include "engine/window.h"

/* Counts up to 15 are a class each, larger ones share one up to the next power of two. */
#define EXACT_CLASSES 16
#define N_CLASSES 26

/* The hosts of a table whose keys that had to go are remembered with their times. */
#define N_FLOORS 4

/* What the keys of one host that had to go had counted at most: every newcomer starts with it. */
struct floor {
	bool used;
	uint16_t host;
	struct inheritance least;
};

struct table {
	const struct rule *rule;
	uint64_t salt;			/* in the hash of each key; of the rule's id */
	bool is_throttle;
	uint32_t n_keys, held;		/* keys, and cells of all kinds */
	struct list list[N_CLASSES];	/* keys, oldest first: by class; of a throttle all in [0] */
	struct floor floor[N_FLOORS];
	uint32_t floor_of_others;	/* the largest count of a key of any other host, for good */
};

/* Time as a host's events tell it. */
struct host_clock {
	uint64_t name;			/* hashed */
	bool used;
	int64_t now_ns;
	uint32_t due;			/* its silences, see due.h */
};

/* The longer of a key and an event. */
#define WINDOW_TEXT_SIZE (KEY_TEXT_SIZE > KEPT_SIZE ? KEY_TEXT_SIZE : KEPT_SIZE)

struct windows {
	struct windows_options options;
	struct cells cells;
	struct siphash_key secret;
	struct table *table;		/* from 1 */
	uint32_t n_tables;
	uint32_t *threshold_of, *throttle_of;	/* tables, by rule; 0: none */
	struct host_clock host[WINDOW_MAX_HOSTS + 1];	/* the last is that of all beyond */
	int64_t tick_ns;		/* the latest tick */
	uint32_t largest;		/* the table that last outgrew all others */
	uint32_t cursor;		/* a table that is looked at when memory is short */
	uint32_t order;			/* silences so far */
	uint64_t n_evicted;
	/* A text that is being made, and one that goes out: making room for the one may send the other. */
	char text[WINDOW_TEXT_SIZE], owed_text[WINDOW_TEXT_SIZE];
};

/* Cells for @table and back. Taking may fail (0) unless there was room for it in table_reserve(). */
uint32_t table_take(struct windows *w, uint32_t table);
void table_give(struct windows *w, uint32_t table, uint32_t id);
/*
 * Makes @n cells free: as long as there are fewer, the table that holds the most lets a key go. @keep is a
 * key that must stay (0: none). False: there is nothing left to go.
 */
bool table_reserve(struct windows *w, uint32_t n, uint32_t keep);
/* A key of @hash, which is not there yet, as a zeroed cell in the index but in no list. 0: no memory. */
uint32_t table_add(struct windows *w, uint32_t table, uint64_t hash);
/* Takes a key that is in no list any more out of the index and gives its cell back. */
void table_drop(struct windows *w, uint32_t table, uint32_t id);
/* A copy of @s for the key @keep; 0: it is empty, or there is no memory for it. And back, by its length. */
uint32_t table_text(struct windows *w, uint32_t table, struct str s, uint32_t keep);
void table_text_give(struct windows *w, uint32_t table, uint32_t id, size_t len);

/* Is @then more than @span before @now, where it is not behind it? */
static inline bool is_past(int64_t now, int64_t then, int64_t span)
{
	return then < now && (uint64_t)now - (uint64_t)then > (uint64_t)span;
}

/* threshold.c, throttle.c: lets one key other than @keep go, which must be there. */
void threshold_evict(struct windows *w, uint32_t table, uint32_t keep);
void throttle_evict(struct windows *w, uint32_t table, uint32_t keep);
/* Takes over the keys of @from's table. */
void threshold_adopt(struct windows *w, uint32_t table, struct windows *from, uint32_t from_table);
void throttle_adopt(struct windows *w, uint32_t table, struct windows *from, uint32_t from_table);
/* Ends what is due on that host, at most @max silences; and all others. */
void throttle_end_due(struct windows *w, uint16_t host, uint32_t max);
void throttle_finish(struct windows *w, uint16_t host);

#endif
