/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Exec records as tests write them: YAML maps with the keys of records, nested or with dots, or with the
 * names that rules use. Only tests.c uses this; what functions return is what checker.h says.
 */
#ifndef PARSER_TEST_RECORD_H
#define PARSER_TEST_RECORD_H

#include "event/event.h"
#include "parser/checker.h"

/* One value that a map gives. */
struct record_leaf {
	const struct field *field;	/* its row; of ancestors the first of them */
	struct str name;		/* of a MAP */
	struct loc at;			/* the key */
	/* By the type of the field. */
	int64_t number;
	struct str text;
	struct words words;
	const struct process *ancestors;
	size_t n_ancestors;
};

/* The values of a map, in the order of the table, within a MAP by name: each once. */
struct record_leaves {
	struct record_leaf *item;
	size_t n, cap;
};

void record_leaves_done(struct record_leaves *l);
/* Their order, for qsort(); of one value that stands there twice the first to be written is first. */
int record_leaf_compare(const void *a, const void *b);
bool record_leaf_same(const struct record_leaf *a, const struct record_leaf *b);

/* Reads @map into @ret, which keeps its memory from one map to the next. The keys of MAP_STEP are none of the
 * record's, and are passed over. */
int record_leaves_read(struct scope *s, const struct node *map, const char *what, struct record_leaves *ret);
bool is_step_key(const struct node *key);

/* test_merge.c */
/* What tests need once for all their records. */
struct record_writer {
	struct event event;
	struct pair *pairs;
	size_t cap_pairs;
	struct buf text;
	struct arena arena;
};

#define RECORD_WRITER_INIT { .text = BUF_INIT, .arena = ARENA_INIT }

void record_writer_done(struct record_writer *w);

/* The record of @own over @common as JSON in the ruleset's arena: what only one of them gives, and where both
 * do what @own says. @at: the whole, for what is wrong with none of its values alone. */
int record_leaves_write(struct scope *s, struct record_writer *w, const struct record_leaves *common,
			const struct record_leaves *own, struct loc at, struct str *ret);

#endif
