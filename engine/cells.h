/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The memory of windows: cells of one size, all there before the first event and touched only when they are
 * needed, with an index over those that are found by a hash. A cell is named by its number; 0 is none.
 *
 * What a cell holds is for its user to know. The kinds are listed here, so that one union has room for all.
 */
#ifndef ENGINE_CELLS_H
#define ENGINE_CELLS_H

#include <stddef.h>
#include <stdint.h>

#include "base/str.h"
#include "engine/inherit.h"
#include "engine/uuid.h"

#define CELL_SIZE 64

/* The head of every cell that the index knows. */
struct indexed {
	uint64_t hash;			/* keyed, so nobody chooses it; of what it stands for, and the rule */
	uint32_t next;			/* in its chain */
	uint32_t table;			/* whose it is */
};

/* The same of cells that are in a list, too. */
struct listed {
	struct indexed in;
	uint32_t prev, next;
};

struct list {
	uint32_t first, last;
};

/* One key of a threshold, and what it has counted. */
struct count_cell {
	struct listed at;		/* in the list of its class */
	struct list of;			/* times or values, the oldest first */
	uint32_t n;			/* how many */
	uint32_t inherited;		/* an inheritance, see threshold.c; 0: none */
	uint32_t blind;			/* matches for whose times there was no memory */
	uint16_t host;
	uint8_t class;
	uint8_t begin : 4, end : 4;	/* places in use of the first and of the last cell of times */
	int64_t blind_ns;		/* the newest of those */
	int64_t newest_ns;		/* of all matches */
};

/* Times of matches, not descending. */
#define TIMES_PER_CELL 7
struct times_cell {
	uint32_t next;
	int64_t ns[TIMES_PER_CELL];
};

/* One of the different values that a key has counted. */
struct value_cell {
	struct listed at;		/* in its key's list, by time */
	int64_t ns;			/* the latest */
};

/* One key of a throttle during its silence. */
struct silence_cell {
	struct listed at;		/* in its table's list, by age */
	uint32_t left, right, parent;	/* in the heap of its host, see due.h */
	uint32_t order;			/* counts silences, so that equal times have an order */
	int64_t due_ns;			/* its end */
	uint32_t suppressed;
	uint32_t owed;			/* an owed_cell; always there */
	uint16_t host;
	uint8_t rank;
};

/* What the summary of a silence will say. */
struct owed_cell {
	int64_t since_ns;		/* the begin of the silence */
	uint32_t key, record;		/* chains of text */
	uint32_t key_len, record_len;	/* bytes */
	char first_id[UUID_TEXT_SIZE];	/* "": none */
};

#define TEXT_PER_CELL (CELL_SIZE - sizeof(uint32_t))
struct text_cell {
	uint32_t next;
	char bytes[TEXT_PER_CELL];
};

union cell {
	struct indexed in;
	struct listed listed;
	struct count_cell count;
	struct times_cell times;
	struct value_cell value;
	struct inheritance inheritance;
	struct silence_cell silence;
	struct owed_cell owed;
	struct text_cell text;
	uint32_t next_free;
};

struct cells {
	union cell *cell;		/* [0] is never used; NULL: nothing is mapped */
	size_t mapped;			/* bytes from there on, the index included */
	uint32_t n;			/* the last number */
	uint32_t n_free;
	uint32_t fresh;			/* this and all behind it have never been used */
	uint32_t returned;		/* a list */
	uint32_t *chain;		/* by hash */
	uint64_t mask;
};

/* About @memory bytes, index included. 0 or -ENOMEM. */
int cells_init(struct cells *c, size_t memory);
void cells_done(struct cells *c);

/* A cell of zeros; 0: none is left. */
uint32_t cell_take(struct cells *c);
void cell_give(struct cells *c, uint32_t id);

/* Puts a cell whose head is filled in into the index; takes it out. */
void cells_index(struct cells *c, uint32_t id);
void cells_unindex(struct cells *c, uint32_t id);
uint32_t cells_find(const struct cells *c, uint64_t hash, uint32_t table);

void list_append(struct cells *c, struct list *list, uint32_t id);
void list_remove(struct cells *c, struct list *list, uint32_t id);

/* How many cells a text takes. */
static inline uint32_t text_cells(size_t len)
{
	return (uint32_t)((len + TEXT_PER_CELL - 1) / TEXT_PER_CELL);
}

/* A chain that holds @s; there must be text_cells() free. 0 of the empty text. */
uint32_t text_put(struct cells *c, struct str s);
/* Copies it to @to, which has room. */
void text_get(const struct cells *c, uint32_t id, size_t len, char *to);
void text_give(struct cells *c, uint32_t id);

#endif
