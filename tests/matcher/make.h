/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rules and events at random, made for each other: texts come out of one pool, and what would fulfil a
 * condition is noted while it is written, so that events can be made that fulfil much of a rule. The same
 * seed makes the same.
 */
#ifndef TESTS_MATCHER_MAKE_H
#define TESTS_MATCHER_MAKE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/cleanup.h"
#include "event/event.h"
#include "event/field.h"

struct random {
	uint64_t state;
};

static inline uint32_t random_bits(struct random *r)
{
	r->state = r->state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (uint32_t)(r->state >> 32);
}

static inline uint64_t random_seed(struct random *r)
{
	uint64_t high = random_bits(r);

	return high << 32 | random_bits(r);
}

/* 0 to n - 1. Never twice in one expression: what a seed makes must not hang on the compiler. */
static inline size_t pick(struct random *r, size_t n)
{
	return (size_t)((uint64_t)random_bits(r) * n >> 32);
}

/* True @percent times in a hundred. */
static inline bool chance(struct random *r, unsigned int percent)
{
	return pick(r, 100) < percent;
}

static inline bool is_letter(char c)
{
	return ascii_lower(c & ~0x20) != (c & ~0x20);
}

#define POOL_TEXTS 96

/* What would fulfil a condition of a rule or macro. */
struct hint {
	uint16_t owner;			/* rule, or macro behind the rules */
	const struct field_ref *field;
	struct str text;		/* unknown: @number */
	int64_t number;
};

#define MAX_LISTS 4
#define MAX_MACROS 6

#define MAX_FIELDS 80

struct maker {
	struct random random;
	struct arena *arena;		/* of pool and hints */
	struct str pool[POOL_TEXTS];	/* all of it UTF-8 */
	size_t n_pool;
	struct field_ref fields[MAX_FIELDS];	/* that rules speak of */
	size_t n_fields, n_frequent;	/* the frequent ones come first */
	struct str lists[MAX_LISTS][4];
	size_t n_lists, n_macros;
	struct hint *hints;
	size_t n_hints, n_hints_cap;
	uint16_t owner;			/* of the hints to come */
	unsigned int negations;		/* around what is being written */
	size_t n_rules;
	size_t *rule_at;		/* where in the YAML each begins; n_rules + 1 of them */
};

/* A pool for @seed. Memory is @a's; out of it, the program ends. */
void maker_begin(struct maker *m, uint64_t seed, struct arena *a);

/* A text of the pool. */
struct str pool_text(struct maker *m);
struct str pool_any(const struct maker *m, struct random *r);
/* Something to stand beside texts of the pool: blanks, digits, letters, bytes. At most 12 bytes. */
void junk_write(struct random *r, struct buf *b);
/* A copy that is the arena's; "" is a text, too. */
struct str text_copy(struct arena *a, struct str s);

/* @n texts of the pool, or nearly so, and junk between them. */
void line_write(const struct maker *m, struct random *r, size_t n, struct buf *b);
/* The text, one that is nearly it, or several of both. */
void near_write(struct random *r, struct str s, struct buf *b);
/* A text that is longer than others. */
void long_write(const struct maker *m, struct random *r, struct buf *b);

/* A regex, and a text in which it may be found. */
void regex_write(struct maker *m, struct buf *pattern, struct buf *sample);

/* A file of @n rules, and hints for what follows. */
void rules_write(struct maker *m, size_t n, struct buf *yaml);
/* One `FIELD: OPERAND`, and hints for the owner. */
void predicate_write(struct maker *m, const struct field_ref *ref, struct buf *b);
/* A text as YAML, in quotes. */
void quoted_write(struct str text, struct buf *b);

/*
 * An event of @seed. @whole has nothing hidden; @seen, which has, is the same unless argv is cut or partial.
 * The texts are @a's and nobody else's.
 */
void event_make(const struct maker *m, uint64_t seed, struct arena *a, struct event *whole);
/* What a source sees that can read a part of argv only. */
void event_hide(struct random *r, const struct event *whole, struct arena *a, struct event *seen);
/* The other way round: @ev is what is seen, and *whole goes on behind its end. */
void event_go_on(const struct maker *m, struct random *r, struct event *ev, struct arena *a,
		 struct event *whole);
/* What no source sees, but may stand in a recording: states, counts and words that do not fit together. */
void event_confuse(struct random *r, struct event *ev);
/* Changes one byte, or exchanges two, in one text. */
void event_disturb(struct random *r, struct event *ev);

#endif
