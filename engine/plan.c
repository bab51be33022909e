/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The tables of a plan and its nodes; see plan.h.
 *
 * Shares are multiplied as if conditions had nothing to do with each other. They often have, but what hangs
 * on it is only the order in which things are tried.
 */
#include "engine/plan.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/grow.h"
#include "engine/hash.h"
#include "engine/scan.h"
#include "engine/shorts.h"

/* Some instructions. */
#define COST_NEEDLE 3
#define COST_LAZY 60
#define COST_STEP 6

static const struct node node_of_failure = { .code = CODE_TRUE, .share = 1 };

void plan_done(struct plan *p)
{
	free(p->haystacks);
	free(p->needles);
	free(p->needle_index.slots);
	free(p->atoms);
	free(p->memos);
	free(p->memo_index.slots);
	arena_done(&p->arena);
}

static void *make(struct plan *p, size_t size)
{
	void *made = arena_alloc(&p->arena, size);

	p->failed |= !made;
	return made;
}

static bool index_grow(struct index *x)
{
	size_t cap = x->cap ? x->cap * 2 : 64;
	struct index_slot *slots = calloc(cap, sizeof(*slots));

	if (!slots)
		return false;
	for (size_t i = 0; i < x->cap; i++) {
		size_t k = x->slots[i].hash & (cap - 1);

		if (!x->slots[i].used)
			continue;
		while (slots[k].used)
			k = (k + 1) & (cap - 1);
		slots[k] = x->slots[i];
	}
	free(x->slots);
	x->slots = slots;
	x->cap = cap;
	return true;
}

/* The slot with that hash from *@at on, or the free one to take; NULL: out of memory. */
static struct index_slot *index_next(struct plan *p, struct index *x, uint64_t hash, size_t *at)
{
	if (x->n * 2 >= x->cap && !index_grow(x)) {
		p->failed = true;
		return NULL;
	}
	*at = *at == SIZE_MAX ? hash & (x->cap - 1) : (*at + 1) & (x->cap - 1);
	while (x->slots[*at].used && x->slots[*at].hash != hash)
		*at = (*at + 1) & (x->cap - 1);
	return &x->slots[*at];
}

static void index_take(struct index *x, struct index_slot *slot, uint64_t hash, uint32_t number)
{
	*slot = (struct index_slot){ .hash = hash, .number = number, .used = true };
	x->n++;
}

static bool same_haystack(const struct haystack *a, const struct haystack *b)
{
	return a->ref.field == b->ref.field && a->ref.indexed == b->ref.indexed &&
	       a->ref.index == b->ref.index && str_eq(a->ref.key, b->ref.key);
}

uint16_t plan_haystack(struct plan *p, const struct haystack *haystack)
{
	for (size_t i = 0; i < p->n_haystacks; i++)
		if (same_haystack(&p->haystacks[i], haystack))
			return (uint16_t)i;
	if (p->n_haystacks == UINT16_MAX ||
	    grow_array(&p->haystacks, p->n_haystacks, &p->cap_haystacks, sizeof(*haystack)) < 0) {
		p->failed = true;
		return 0;
	}
	p->haystacks[p->n_haystacks] = *haystack;
	return (uint16_t)p->n_haystacks++;
}

static bool same_needle(const struct needle *a, const struct needle *b)
{
	return a->haystack == b->haystack && a->place == b->place && a->nocase == b->nocase &&
	       a->blanks == b->blanks && a->len == b->len && memcmp(a->text, b->text, a->len) == 0;
}

/* The number of a needle, which is new or not. A text that has to be in lower case is copied for that. */
static uint32_t find_needle(struct plan *p, const struct needle *n)
{
	uint64_t seed = (uint64_t)n->haystack << 16 | (uint64_t)n->place << 8 | (uint64_t)n->blanks << 1 |
			n->nocase;
	uint64_t hash = hash_text(seed, needle_text(n));
	struct index_slot *slot;
	size_t at = SIZE_MAX;

	for (;;) {
		slot = index_next(p, &p->needle_index, hash, &at);
		if (!slot || (slot->used && same_needle(&p->needles[slot->number].needle, n)))
			return slot ? slot->number : 0;
		if (!slot->used)
			break;
	}
	if (p->n_needles >= CODE_MOST ||
	    grow_array(&p->needles, p->n_needles, &p->cap_needles, sizeof(*p->needles)) < 0) {
		p->failed = true;
		return 0;
	}
	p->needles[p->n_needles] = (struct plan_needle){
		.needle = *n, .share = share_of_needle(&p->haystacks[n->haystack], n),
	};
	index_take(&p->needle_index, slot, hash, (uint32_t)p->n_needles);
	return (uint32_t)p->n_needles++;
}

static bool has_upper(struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.p[i] != ascii_lower(s.p[i]))
			return true;
	return false;
}

static bool has_letter(struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (ascii_lower(s.p[i]) >= 'a' && ascii_lower(s.p[i]) <= 'z')
			return true;
	return false;
}

/* The same text without upper case, in the matcher's memory. */
static struct str lower(struct plan *p, struct str text)
{
	struct str copy = arena_str(p->kept, text);

	if (!str_known(copy)) {
		p->failed = true;
		return text;
	}
	fold_bytes((char *)copy.p, text.p, text.len);
	return copy;
}

const struct node *node_true(struct plan *p)
{
	struct node *n = make(p, sizeof(*n));

	if (!n)
		return &node_of_failure;
	*n = (struct node){ .code = CODE_TRUE, .share = 1, .cost = 1 };
	return n;
}

/* Can it be found beforehand? Only then may it be a trigger. */
static bool can_be_found(const struct needle *n)
{
	return n->place < NEEDLE_IN || n->len >= SCAN_MARK || is_short_needle(n);
}

/* The node of a needle whose text is @text. */
static const struct node *needle_node(struct plan *p, struct needle needle, struct str text, bool nocase)
{
	struct node *n = make(p, sizeof(*n));
	uint32_t *number = make(p, sizeof(*number));

	p->failed |= text.len > UINT32_MAX;
	if (p->failed)
		return &node_of_failure;
	needle.nocase = nocase && has_letter(text);
	if (needle.nocase && has_upper(text))
		text = lower(p, text);
	needle.text = text.p;
	needle.len = (uint32_t)text.len;
	*number = find_needle(p, &needle);
	if (p->failed)
		return &node_of_failure;

	*n = (struct node){
		.code = CODE_NEEDLE,
		.share = p->needles[*number].share,
		.cost = can_be_found(&needle) ? COST_NEEDLE : COST_LAZY,
		.number = *number,
		.needles = number,
		.n = 1,
	};
	if (can_be_found(&needle))
		n->trigger = (struct trigger){ n->share, number, 1 };
	return n;
}

const struct node *node_needle(struct plan *p, unsigned int haystack, enum needle_place place,
			       struct str text, bool nocase)
{
	struct needle needle = { .haystack = (uint16_t)haystack, .place = (uint8_t)place };

	if (place == NEEDLE_END && text.len > 1 && text.p[0] == '/' && !memchr(text.p + 1, '/', text.len - 1))
		needle.place = NEEDLE_NAME;
	return needle_node(p, needle, text, nocase);
}

const struct node *node_blanks(struct plan *p, unsigned int haystack, struct str text, bool nocase)
{
	const struct needle needle = {
		.haystack = (uint16_t)haystack, .place = NEEDLE_IN, .blanks = true,
	};

	return needle_node(p, needle, text, nocase);
}

/* How many parts there are, those of one that is of the same kind counted by themselves. */
static size_t count_parts(enum code code, const struct node *const *parts, size_t n)
{
	size_t total = 0;

	for (size_t i = 0; i < n; i++)
		total += parts[i]->code == code ? parts[i]->n : 1;
	return total;
}

static struct node *join(struct plan *p, enum code code, const struct node *const *parts, size_t n)
{
	struct node *node = make(p, sizeof(*node));
	size_t total = count_parts(code, parts, n), k = 0;

	if (!node)
		return NULL;
	node->code = code;
	node->parts = make(p, total * sizeof(*node->parts));
	if (!node->parts)
		return NULL;
	for (size_t i = 0; i < n; i++) {
		if (parts[i]->code == code) {
			memcpy(&node->parts[k], parts[i]->parts, parts[i]->n * sizeof(*node->parts));
			k += parts[i]->n;
		} else {
			node->parts[k++] = parts[i];
		}
	}
	node->n = (uint32_t)k;
	return node;
}

/* Of ALL what is likely false comes first, of SOME what is likely true, each for what it costs. */
static float rank(const struct node *n, enum code within)
{
	float settles = within == CODE_ALL ? 1 - n->share : n->share;

	return n->cost / (settles + 1e-6f);
}

static int by_rank_in_all(const void *a, const void *b)
{
	float x = rank(*(const struct node *const *)a, CODE_ALL),
	      y = rank(*(const struct node *const *)b, CODE_ALL);

	return (x > y) - (x < y);
}

static int by_rank_in_some(const void *a, const void *b)
{
	float x = rank(*(const struct node *const *)a, CODE_SOME),
	      y = rank(*(const struct node *const *)b, CODE_SOME);

	return (x > y) - (x < y);
}

/* The needles of several triggers as one. */
static struct trigger join_triggers(struct plan *p, const struct node *const *parts, size_t n)
{
	struct trigger t = { 0, NULL, 0 };
	size_t total = 0;
	uint32_t *needles;

	for (size_t i = 0; i < n; i++) {
		if (parts[i]->trigger.n == 0)
			return (struct trigger){ 0, NULL, 0 };
		total += parts[i]->trigger.n;
		t.share += parts[i]->trigger.share;
	}
	needles = make(p, total * sizeof(*needles));
	if (!needles)
		return t;
	for (size_t i = 0; i < n; i++) {
		memcpy(&needles[t.n], parts[i]->trigger.needles, parts[i]->trigger.n * sizeof(*needles));
		t.n += parts[i]->trigger.n;
	}
	t.needles = needles;
	return t;
}

/* SOME of nothing but needles, as one step. */
static const struct node *node_any(struct plan *p, struct node *some)
{
	uint32_t *needles = make(p, some->n * sizeof(*needles));

	if (!needles)
		return &node_of_failure;
	for (size_t i = 0; i < some->n; i++)
		needles[i] = some->parts[i]->number;
	some->code = CODE_ANY;
	some->needles = needles;
	return some;
}

static bool are_needles(const struct node *n)
{
	for (size_t i = 0; i < n->n; i++)
		if (n->parts[i]->code != CODE_NEEDLE)
			return false;
	return true;
}

const struct node *node_some(struct plan *p, const struct node *const *parts, size_t n)
{
	struct node *some;
	float none = 1, cost = COST_STEP;

	if (n == 1)
		return parts[0];
	some = p->failed ? NULL : join(p, CODE_SOME, parts, n);
	if (!some)
		return &node_of_failure;
	qsort(some->parts, some->n, sizeof(*some->parts), by_rank_in_some);
	for (size_t i = 0; i < some->n; i++) {
		cost += none * some->parts[i]->cost;
		none *= 1 - some->parts[i]->share;
	}
	some->share = 1 - none;
	some->cost = cost;
	some->trigger = join_triggers(p, some->parts, some->n);
	return some->n > 0 && are_needles(some) ? node_any(p, some) : some;
}

const struct node *node_all(struct plan *p, const struct node *const *parts, size_t n)
{
	float share = 1, cost = COST_STEP;
	struct node *all;

	if (n == 1)
		return parts[0];
	all = p->failed ? NULL : join(p, CODE_ALL, parts, n);
	if (!all)
		return &node_of_failure;
	qsort(all->parts, all->n, sizeof(*all->parts), by_rank_in_all);
	for (size_t i = 0; i < all->n; i++) {
		const struct trigger *t = &all->parts[i]->trigger;

		cost += share * all->parts[i]->cost;
		share *= all->parts[i]->share;
		if (t->n > 0 && (all->trigger.n == 0 || t->share < all->trigger.share))
			all->trigger = *t;
	}
	all->share = share;
	all->cost = cost;
	return all;
}

const struct node *node_not(struct plan *p, const struct node *part)
{
	struct node *not = make(p, sizeof(*not));
	const struct node **parts = make(p, sizeof(*parts));

	if (!not || !parts)
		return &node_of_failure;
	parts[0] = part;
	*not = (struct node){
		.code = CODE_NOT, .share = 1 - part->share, .cost = part->cost + 1, .n = 1, .parts = parts,
	};
	return not;
}

const struct node *node_atom(struct plan *p, const struct atom *atom, float share, float cost)
{
	struct node *n = make(p, sizeof(*n));

	if (!n || p->n_atoms >= CODE_MOST ||
	    grow_array(&p->atoms, p->n_atoms, &p->cap_atoms, sizeof(*p->atoms)) < 0) {
		p->failed = true;
		return &node_of_failure;
	}
	*n = (struct node){ .code = CODE_ATOM, .share = share, .cost = cost, .number = (uint32_t)p->n_atoms };
	p->atoms[p->n_atoms++] = *atom;
	return n;
}

/* The slot of that key, or where it is to go; NULL: out of memory. */
static struct index_slot *find_memo(struct plan *p, const void *key, size_t part, uint64_t *ret_hash)
{
	uint64_t hash = hash_mix(hash_mix(0, (uintptr_t)key), part);
	struct index_slot *slot;
	size_t at = SIZE_MAX;

	do {
		slot = index_next(p, &p->memo_index, hash, &at);
	} while (slot && slot->used &&
		 (p->memos[slot->number].key != key || p->memos[slot->number].part != part));
	*ret_hash = hash;
	return slot;
}

const struct node *plan_recall(struct plan *p, const void *key, size_t part)
{
	uint64_t hash;
	const struct index_slot *slot = find_memo(p, key, part, &hash);

	return slot && slot->used ? p->memos[slot->number].node : NULL;
}

const struct node *plan_remember(struct plan *p, const void *key, size_t part, const struct node *node)
{
	uint64_t hash;
	struct index_slot *slot = find_memo(p, key, part, &hash);

	if (!slot || p->n_memos >= UINT32_MAX ||
	    grow_array(&p->memos, p->n_memos, &p->cap_memos, sizeof(*p->memos)) < 0) {
		p->failed = true;
		return node;
	}
	p->memos[p->n_memos] = (struct plan_memo){ key, part, node };
	index_take(&p->memo_index, slot, hash, (uint32_t)p->n_memos++);
	return node;
}
