/* SPDX-License-Identifier: Apache-2.0 */
/* Arena of doubling blocks; see arena.h. A block is never moved, so pointers hold until reset or done. */
#include "base/arena.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_BLOCK ((size_t)4096)
#define LARGEST_BLOCK ((size_t)1 << 20)

struct arena_block {
	struct arena_block *next;
	size_t cap, used;
	alignas(ARENA_ALIGN) char data[];
};

void arena_done(struct arena *a)
{
	struct arena_block *next;

	for (struct arena_block *b = a->first; b; b = next) {
		next = b->next;
		free(b);
	}
	*a = (struct arena)ARENA_INIT;
}

void arena_reset(struct arena *a)
{
	for (struct arena_block *b = a->first; b; b = b->next)
		b->used = 0;
	a->current = a->first;
}

/* Where the next may begin that has to be aligned. */
static size_t aligned(size_t used)
{
	return (used + ARENA_ALIGN - 1) & ~(ARENA_ALIGN - 1);
}

/* @cap becomes a multiple of the alignment. */
static struct arena_block *block_new(size_t cap)
{
	struct arena_block *b;

	if (cap > SIZE_MAX - sizeof(*b) - ARENA_ALIGN)
		return NULL;
	cap = aligned(cap);
	b = malloc(sizeof(*b) + cap);
	if (b)
		*b = (struct arena_block){ .cap = cap };
	return b;
}

/* Blocks behind the current one are empty (left by a reset): the first that is large enough is used. */
static struct arena_block *next_block(struct arena *a, size_t size)
{
	struct arena_block *b, *last = a->current;
	size_t cap = FIRST_BLOCK;

	if (last) {
		for (b = last->next; b; last = b, b = b->next)
			if (b->cap >= size)
				return a->current = b;
		cap = last->cap < LARGEST_BLOCK ? last->cap * 2 : LARGEST_BLOCK;
	}
	b = block_new(cap > size ? cap : size);
	if (!b)
		return NULL;
	if (last)
		last->next = b;
	else
		a->first = b;
	return a->current = b;
}

static inline struct arena_block *block_for(struct arena *a, size_t size)
{
	struct arena_block *b = a->current;

	return b && b->cap - b->used >= size ? b : next_block(a, size);
}

void *arena_alloc(struct arena *a, size_t size)
{
	struct arena_block *b;
	char *p;

	if (a->current)
		a->current->used = aligned(a->current->used);
	b = block_for(a, size);
	if (!b)
		return NULL;
	p = b->data + b->used;
	b->used += size;
	return memset(p, 0, size);
}

void *arena_array(struct arena *a, size_t n, size_t size)
{
	size_t total;

	if (__builtin_mul_overflow(n, size, &total))
		return NULL;
	return arena_alloc(a, total);
}

/* Texts lie side by side: nothing but bytes is in them. */
struct str arena_str(struct arena *a, struct str s)
{
	struct arena_block *b;
	char *p;

	if (!s.p)
		return s;
	b = s.len < SIZE_MAX ? block_for(a, s.len + 1) : NULL;
	if (!b)
		return (struct str){ NULL, 0 };
	p = b->data + b->used;
	b->used += s.len + 1;
	memcpy(p, s.p, s.len);
	p[s.len] = '\0';
	return (struct str){ p, s.len };
}

size_t arena_size(const struct arena *a)
{
	size_t total = 0;

	for (const struct arena_block *b = a->first; b; b = b->next)
		total += sizeof(*b) + b->cap;
	return total;
}
