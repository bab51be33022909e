/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From checked rules to a program: what is looked for is interned, conditions become trees that are ordered
 * by what they cost and settle, and each rule gets a trigger: needles of which one is found in every event
 * that the rule holds for.
 *
 * Only the files that build the matcher include this. All of a plan is in its arena, but for what the
 * program refers to, which is in the matcher's.
 */
#ifndef ENGINE_PLAN_H
#define ENGINE_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "engine/program.h"
#include "parser/rule.h"

/* Needles of which one is there if something holds; n 0: nothing is known. */
struct trigger {
	float share;			/* of the events that have one of them, at most */
	const uint32_t *needles;
	uint32_t n;
};

/* A condition. Its share is that of the events it holds for, its cost some instructions: both are
 * estimates. */
struct node {
	enum code code;
	float share, cost;
	uint32_t number;		/* NEEDLE, ATOM */
	uint32_t n;			/* needles of ANY; parts of ALL, SOME, NOT */
	const uint32_t *needles;
	const struct node **parts;
	struct trigger trigger;
};

/* A table of numbers by hash; the caller compares. */
struct index {
	struct index_slot {
		uint64_t hash;
		uint32_t number;
		bool used;
	} *slots;
	size_t n, cap;
};

struct plan_needle {
	struct needle needle;
	float share;
	bool is_trigger;
	uint32_t number;		/* in the program */
};

/* What something that rules hold, or a part of that, has come to. */
struct plan_memo {
	const void *key;
	size_t part;
	const struct node *node;
};

struct plan {
	struct arena arena;		/* until the program is there */
	struct arena *kept;		/* the matcher's */
	struct haystack *haystacks;
	size_t n_haystacks, cap_haystacks;
	struct plan_needle *needles;
	size_t n_needles, cap_needles;
	struct index needle_index;
	struct atom *atoms;
	size_t n_atoms, cap_atoms;
	struct plan_memo *memos;
	size_t n_memos, cap_memos;
	struct index memo_index;
	bool failed;			/* out of memory: what is made from now on is of no use */
};

void plan_done(struct plan *p);

/* The number of the haystack, which is new or not. */
uint16_t plan_haystack(struct plan *p, const struct haystack *haystack);

/* All of these never return NULL; out of memory the plan has failed. */
const struct node *node_true(struct plan *p);
const struct node *node_needle(struct plan *p, unsigned int haystack, enum needle_place place,
			       struct str text, bool nocase);
/* The same of a text within the value whose spaces stand for any blank; it has to be long enough for a
 * scan. */
const struct node *node_blanks(struct plan *p, unsigned int haystack, struct str text, bool nocase);
/* One of several nodes, all of them: what is one of a kind already is taken apart and joined. */
const struct node *node_some(struct plan *p, const struct node *const *parts, size_t n);
const struct node *node_all(struct plan *p, const struct node *const *parts, size_t n);
const struct node *node_not(struct plan *p, const struct node *part);
const struct node *node_atom(struct plan *p, const struct atom *atom, float share, float cost);

/* What was remembered for @key and @part, or NULL. */
const struct node *plan_recall(struct plan *p, const void *key, size_t part);
/* Remembers @node, and returns it. */
const struct node *plan_remember(struct plan *p, const void *key, size_t part, const struct node *node);

/* What a condition, and what a regex that is searched for in one value, comes to. */
const struct node *plan_cond(struct plan *p, const struct cond *c);
const struct node *plan_regex(struct plan *p, unsigned int haystack, struct regex *re,
			      const struct cond *cond);
/* What a regex needs to be found in one of the haystack's values, or words, which is no more than that. */
const struct node *plan_regex_needs(struct plan *p, unsigned int haystack, enum needle_place place,
				    const struct regex *re);

/* How often a needle is found in the haystack, by guess. */
float share_of_needle(const struct haystack *haystack, const struct needle *n);

static inline void plan_cleanup(struct plan *p)
{
	plan_done(p);
}

#endif
