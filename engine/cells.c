/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Cells; see cells.h. The memory is mapped, and the kernel hands it out page by page when it is first
 * written: a budget that is not used up costs nothing but addresses.
 */
#include "engine/cells.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

_Static_assert(sizeof(union cell) == CELL_SIZE, "a member is larger than a cell");

int cells_init(struct cells *c, size_t memory)
{
	size_t n = memory / (CELL_SIZE + sizeof(*c->chain)), n_chains = 1;

	if (n > UINT32_MAX - 1)
		n = UINT32_MAX - 1;
	while (n_chains * 2 <= n)
		n_chains *= 2;
	*c = (struct cells){ .n = (uint32_t)n, .n_free = (uint32_t)n, .fresh = 1, .mask = n_chains - 1 };
	c->mapped = (n + 1) * sizeof(*c->cell) + n_chains * sizeof(*c->chain);
	c->cell = mmap(NULL, c->mapped, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (c->cell == MAP_FAILED) {
		*c = (struct cells){ .cell = NULL };
		return -ENOMEM;
	}
	c->chain = (uint32_t *)(c->cell + n + 1);
	return 0;
}

void cells_done(struct cells *c)
{
	if (c->cell)
		munmap(c->cell, c->mapped);
	*c = (struct cells){ .cell = NULL };
}

uint32_t cell_take(struct cells *c)
{
	uint32_t id = c->returned;

	if (c->n_free == 0)
		return 0;
	c->n_free--;
	if (!id)
		return c->fresh++;
	c->returned = c->cell[id].next_free;
	memset(&c->cell[id], 0, sizeof(c->cell[id]));
	return id;
}

void cell_give(struct cells *c, uint32_t id)
{
	c->cell[id].next_free = c->returned;
	c->returned = id;
	c->n_free++;
}

static uint32_t *chain_of(const struct cells *c, uint64_t hash)
{
	return &c->chain[hash & c->mask];
}

void cells_index(struct cells *c, uint32_t id)
{
	uint32_t *chain = chain_of(c, c->cell[id].in.hash);

	c->cell[id].in.next = *chain;
	*chain = id;
}

void cells_unindex(struct cells *c, uint32_t id)
{
	uint32_t *link = chain_of(c, c->cell[id].in.hash);

	while (*link != id)
		link = &c->cell[*link].in.next;
	*link = c->cell[id].in.next;
}

uint32_t cells_find(const struct cells *c, uint64_t hash, uint32_t table)
{
	uint32_t id = *chain_of(c, hash);

	while (id && (c->cell[id].in.hash != hash || c->cell[id].in.table != table))
		id = c->cell[id].in.next;
	return id;
}

void list_append(struct cells *c, struct list *list, uint32_t id)
{
	c->cell[id].listed.prev = list->last;
	c->cell[id].listed.next = 0;
	if (list->last)
		c->cell[list->last].listed.next = id;
	else
		list->first = id;
	list->last = id;
}

void list_remove(struct cells *c, struct list *list, uint32_t id)
{
	const struct listed *at = &c->cell[id].listed;

	if (at->prev)
		c->cell[at->prev].listed.next = at->next;
	else
		list->first = at->next;
	if (at->next)
		c->cell[at->next].listed.prev = at->prev;
	else
		list->last = at->prev;
}

uint32_t text_put(struct cells *c, struct str s)
{
	uint32_t first = 0, *link = &first;

	while (s.len) {
		size_t n = s.len < TEXT_PER_CELL ? s.len : TEXT_PER_CELL;
		uint32_t id = cell_take(c);

		memcpy(c->cell[id].text.bytes, s.p, n);
		s = str_skip(s, n);
		*link = id;
		link = &c->cell[id].text.next;
	}
	return first;
}

void text_get(const struct cells *c, uint32_t id, size_t len, char *to)
{
	for (; len; id = c->cell[id].text.next) {
		size_t n = len < TEXT_PER_CELL ? len : TEXT_PER_CELL;

		memcpy(to, c->cell[id].text.bytes, n);
		to += n;
		len -= n;
	}
}

void text_give(struct cells *c, uint32_t id)
{
	while (id) {
		uint32_t next = c->cell[id].text.next;

		cell_give(c, id);
		id = next;
	}
}
