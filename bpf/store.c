/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The values lie in a circular log, each as one piece behind a header. A new one goes to the log's head,
 * and those at its tail give way: they are the oldest. A value found in the older half is appended again,
 * so that only what nobody asks for reaches the tail. Each byte is written once and passed by the tail
 * once, which bounds the cost of making room by what was put before.
 *
 * Positions count the bytes ever appended and never go back; the place in memory is the position modulo the
 * size. What one removes or replaces stays in the log as dead bytes until the tail passes it: a header
 * whose entry points elsewhere is dead.
 *
 * Entries hang in chains off a table of buckets. Keys may be chosen by those who are watched, so the bucket
 * comes from a keyed hash that is made against that.
 */
#include "bpf/store.h"

#include <errno.h>
#include <string.h>

#define NONE UINT32_MAX
#define DEAD UINT64_MAX			/* no position of a value: an entry that is not in use */
#define ALIGN 8u

struct header {
	uint64_t len;
	uint32_t entry;
};

struct entry {
	struct store_key key;
	uint64_t at;
	uint32_t next;			/* in its chain, or in that of the free ones */
};

struct store {
	char *log;
	size_t size, max_len;
	uint64_t head, tail;		/* tail <= head <= tail + size */
	uint64_t gap;			/* where the log ends early, since a value must be in one piece */

	struct entry *entry;
	size_t max_entries;
	uint32_t free;

	uint32_t *bucket;
	size_t mask;
	uint64_t seed;

	struct store_counts counts;
};

int store_new(size_t bytes, size_t max_entries, uint64_t seed, struct store **ret)
{
	_cleanup_(store_free) struct store *s = NULL;
	size_t n_buckets = 1;

	if (bytes < STORE_MIN_BYTES || max_entries == 0 || max_entries >= NONE)
		return -EINVAL;
	s = calloc(1, sizeof(*s));
	if (!s)
		return -ENOMEM;
	while (n_buckets < max_entries)
		n_buckets *= 2;
	s->size = bytes / ALIGN * ALIGN;
	s->log = malloc(s->size);
	s->entry = calloc(max_entries, sizeof(*s->entry));
	s->bucket = calloc(n_buckets, sizeof(*s->bucket));
	if (!s->log || !s->entry || !s->bucket)
		return -ENOMEM;

	s->max_len = bytes / 4;
	s->gap = DEAD;
	s->max_entries = max_entries;
	s->mask = n_buckets - 1;
	s->seed = seed;
	for (size_t i = 0; i < max_entries; i++) {
		s->entry[i].at = DEAD;
		s->entry[i].next = i + 1 < max_entries ? (uint32_t)(i + 1) : NONE;
	}
	for (size_t i = 0; i < n_buckets; i++)
		s->bucket[i] = NONE;
	*ret = TAKE_PTR(s);
	return 0;
}

struct store *store_free(struct store *s)
{
	if (s) {
		free(s->log);
		free(s->entry);
		free(s->bucket);
		free(s);
	}
	return NULL;
}

static uint64_t fold(uint64_t a, uint64_t b)
{
	unsigned __int128 product = (unsigned __int128)a * b;

	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

/*
 * Products of the key and the seed, of which every bit of both moves half of the bits. Enough against keys
 * that somebody chose without knowing the seed, who sees nothing of where they go.
 */
static uint32_t *bucket_of(const struct store *s, struct store_key key)
{
	uint64_t hash = fold(key.a ^ s->seed, key.b ^ ~s->seed ^ UINT64_C(0x9e3779b97f4a7c15));

	return &s->bucket[fold(hash ^ s->seed, UINT64_C(0xd6e8feb86659fd93)) & s->mask];
}

/* The link that leads to the entry of @key, or the chain's end. */
static uint32_t *find_link(const struct store *s, struct store_key key)
{
	uint32_t *link = bucket_of(s, key);

	while (*link != NONE && (s->entry[*link].key.a != key.a || s->entry[*link].key.b != key.b))
		link = &s->entry[*link].next;
	return link;
}

/* Its bytes in the log are dead by that. */
static void release(struct store *s, uint32_t *link)
{
	uint32_t number = *link;
	struct entry *e = &s->entry[number];

	*link = e->next;
	e->at = DEAD;
	e->next = s->free;
	s->free = number;
	s->counts.entries--;
}

static uint64_t record_size(uint64_t len)
{
	return sizeof(struct header) + (len + ALIGN - 1) / ALIGN * ALIGN;
}

static struct header *header_at(const struct store *s, uint64_t at)
{
	return (struct header *)(s->log + at % s->size);
}

/* The tail passes one value, dead or not, or the gap. */
static void pass_one(struct store *s)
{
	const struct header *h;

	if (s->tail == s->gap) {
		s->tail += s->size - s->tail % s->size;
		return;
	}
	h = header_at(s, s->tail);
	if (s->entry[h->entry].at == s->tail) {
		release(s, find_link(s, s->entry[h->entry].key));
		s->counts.evicted++;
	}
	s->tail += record_size(h->len);
}

/* Makes room for a value at the head; nothing is written there yet. The position of its header. */
static uint64_t make_room(struct store *s, uint64_t len)
{
	uint64_t size = record_size(len), to_end = s->size - s->head % s->size;
	uint64_t at = size <= to_end ? s->head : s->head + to_end;

	while (at + size - s->tail > s->size)
		pass_one(s);
	/* Only now: the tail may have had to pass the gap of the round before. */
	if (at != s->head)
		s->gap = s->head;
	s->head = at + size;
	return at;
}

static char *write_header(struct store *s, uint32_t number, uint64_t at, uint64_t len)
{
	struct header *h = header_at(s, at);

	*h = (struct header){ .len = len, .entry = number };
	s->entry[number].at = at;
	return (char *)(h + 1);
}

/* An entry in the chain of @key, for which the oldest value may have to go; it has no bytes yet. */
static uint32_t take_entry(struct store *s, struct store_key key)
{
	uint32_t *bucket, number;

	while (s->free == NONE)
		pass_one(s);
	bucket = bucket_of(s, key);
	number = s->free;
	s->free = s->entry[number].next;
	s->entry[number] = (struct entry){ .key = key, .at = DEAD, .next = *bucket };
	*bucket = number;
	s->counts.entries++;
	return number;
}

int store_put(struct store *s, struct store_key key, const struct str *pieces, size_t n_pieces)
{
	size_t len = 0;
	uint32_t number;
	char *to;

	store_remove(s, key);
	for (size_t i = 0; i < n_pieces; i++) {
		if (pieces[i].len > s->max_len - len)
			return -E2BIG;
		len += pieces[i].len;
	}
	number = take_entry(s, key);
	to = write_header(s, number, make_room(s, len), len);
	for (size_t i = 0; i < n_pieces; i++)
		if (pieces[i].len > 0)
			to = mempcpy(to, pieces[i].p, pieces[i].len);
	s->counts.puts++;
	return 0;
}

/* Appends the value of an entry again. Its old and its new place may overlap where there is little room. */
static void refresh(struct store *s, uint32_t number)
{
	const struct header *old = header_at(s, s->entry[number].at);
	uint64_t len = old->len, at;

	s->entry[number].at = DEAD;
	at = make_room(s, len);
	memmove(header_at(s, at) + 1, old + 1, len);
	write_header(s, number, at, len);
}

struct str store_get(struct store *s, struct store_key key)
{
	uint32_t number = *find_link(s, key);
	const struct header *h;

	if (number == NONE) {
		s->counts.misses++;
		return (struct str){ 0 };
	}
	s->counts.hits++;
	if (s->head - s->entry[number].at > s->size / 2)
		refresh(s, number);
	h = header_at(s, s->entry[number].at);
	return (struct str){ (const char *)(h + 1), h->len };
}

bool store_remove(struct store *s, struct store_key key)
{
	uint32_t *link = find_link(s, key);

	if (*link == NONE)
		return false;
	release(s, link);
	return true;
}

void store_clear(struct store *s)
{
	while (s->tail < s->head)
		pass_one(s);
}

struct store_counts store_counts(const struct store *s)
{
	return s->counts;
}
