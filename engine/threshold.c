/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Thresholds: for each key the times of its matches within the window, or its different values each with its
 * latest time.
 *
 * Where a key has to go for another one, the one with the fewest matches does, and what it had counted must
 * not be lost, or an attacker could make a rule forget by showing it many keys. Nobody can remember by key
 * what there is no room for, so the table remembers the most that any of those had, and every newcomer
 * inherits it, as if those matches had been its own (the "space-saving" of Metwally, Agrawal and El Abbadi,
 * 2005, over a window). A key that returns therefore never counts less than it would have, and its alert
 * comes early rather than late. What is inherited leaves the window as the matches would have that it
 * stands for.
 */
#include "engine/tables.h"

#include <string.h>

static struct count_cell *key_at(struct windows *w, uint32_t id)
{
	return &w->cells.cell[id].count;
}

static const struct threshold *spec_of(const struct windows *w, uint32_t table)
{
	return w->table[table].rule->threshold;
}

static int64_t clock_of(const struct windows *w, const struct count_cell *k)
{
	return w->host[k->host].now_ns;
}

static uint8_t class_of(uint32_t n)
{
	unsigned int class = n;

	if (n >= EXACT_CLASSES)
		class = EXACT_CLASSES - 4 + 31 - (unsigned int)__builtin_clz(n);
	return (uint8_t)(class < N_CLASSES ? class : N_CLASSES - 1);
}

/* The slice with which the window begins. */
static int64_t oldest_slice(const struct windows *w, uint32_t table, uint16_t host)
{
	int64_t within = spec_of(w, table)->within_ns;

	return slice_of(w->host[host].now_ns - within, within);
}

/* What counts for the key, once it has expired what does not. */
static uint32_t total(const struct windows *w, uint32_t table, const struct count_cell *k)
{
	const struct inheritance *h = &w->cells.cell[k->inherited].inheritance;

	return k->n + k->blind + (k->inherited ? inheritance_count(h, oldest_slice(w, table, k->host)) : 0);
}

/* Into the list that its count belongs to, as its newest. */
static void file_key(struct windows *w, uint32_t table, uint32_t id)
{
	struct count_cell *k = key_at(w, id);

	k->class = class_of(total(w, table, k));
	list_append(&w->cells, &w->table[table].list[k->class], id);
}

static void unfile_key(struct windows *w, uint32_t table, uint32_t id)
{
	list_remove(&w->cells, &w->table[table].list[key_at(w, id)->class], id);
}

static int64_t oldest(const struct windows *w, uint32_t table, const struct count_cell *k)
{
	const union cell *first = &w->cells.cell[k->of.first];

	return spec_of(w, table)->has_distinct ? first->value.ns : first->times.ns[k->begin];
}

static void drop_oldest(struct windows *w, uint32_t table, struct count_cell *k)
{
	uint32_t first = k->of.first;

	k->n--;
	if (spec_of(w, table)->has_distinct) {
		list_remove(&w->cells, &k->of, first);
		cells_unindex(&w->cells, first);
		table_give(w, table, first);
		return;
	}
	if (++k->begin < TIMES_PER_CELL && k->n > 0)
		return;
	k->begin = 0;
	k->of.first = w->cells.cell[first].times.next;
	if (k->n == 0)
		k->of = (struct list){ 0, 0 };
	table_give(w, table, first);
}

static void drop_inheritance(struct windows *w, uint32_t table, struct count_cell *k)
{
	if (k->inherited)
		table_give(w, table, k->inherited);
	k->inherited = 0;
}

static void clear(struct windows *w, uint32_t table, struct count_cell *k)
{
	while (k->n)
		drop_oldest(w, table, k);
	k->blind = 0;
	drop_inheritance(w, table, k);
}

/* Drops what has left the window. */
static void expire(struct windows *w, uint32_t table, struct count_cell *k)
{
	int64_t now = clock_of(w, k), within = spec_of(w, table)->within_ns;

	while (k->n && is_past(now, oldest(w, table, k), within))
		drop_oldest(w, table, k);
	if (k->blind && is_past(now, k->blind_ns, within))
		k->blind = 0;
	if (total(w, table, k) == k->n + k->blind)
		drop_inheritance(w, table, k);
}

static void add_blindly(struct count_cell *k, uint32_t n, int64_t ns)
{
	k->blind += n;
	k->blind_ns = ns;
}

static void add_time(struct windows *w, uint32_t table, uint32_t id, int64_t ns)
{
	struct count_cell *k = key_at(w, id);

	if (!k->of.last || k->end == TIMES_PER_CELL) {
		uint32_t cell = table_reserve(w, 1, id) ? table_take(w, table) : 0;

		if (!cell) {
			add_blindly(k, 1, ns);
			return;
		}
		if (k->of.last)
			w->cells.cell[k->of.last].times.next = cell;
		else
			k->of.first = cell;
		k->of.last = cell;
		k->end = 0;
	}
	w->cells.cell[k->of.last].times.ns[k->end++] = ns;
	k->n++;
}

/* The value of that hash counts from now on, be it known or not. */
static void add_value(struct windows *w, uint32_t table, uint32_t id, uint64_t hash, int64_t ns)
{
	struct count_cell *k = key_at(w, id);
	uint32_t v = cells_find(&w->cells, hash, table);

	if (v) {
		list_remove(&w->cells, &k->of, v);
	} else {
		v = table_reserve(w, 1, id) ? table_take(w, table) : 0;
		if (!v) {
			add_blindly(k, 1, ns);
			return;
		}
		w->cells.cell[v].in = (struct indexed){ .hash = hash, .table = table };
		cells_index(&w->cells, v);
		k->n++;
	}
	w->cells.cell[v].value.ns = ns;
	list_append(&w->cells, &k->of, v);
}

static void drop_key(struct windows *w, uint32_t table, uint32_t id)
{
	unfile_key(w, table, id);
	clear(w, table, key_at(w, id));
	table_drop(w, table, id);
}

/* Has everything of the key left the window? Inherited matches are older than its own. */
static bool is_over(const struct windows *w, uint32_t table, const struct count_cell *k)
{
	return is_past(clock_of(w, k), k->newest_ns, spec_of(w, table)->within_ns);
}

/* Drops keys that are over, the oldest of each class if it is. True: there was one. */
static bool drop_over(struct windows *w, uint32_t table, uint32_t keep)
{
	bool any = false;

	for (size_t i = 0; i < N_CLASSES; i++) {
		uint32_t id = w->table[table].list[i].first;

		if (!id || id == keep || !is_over(w, table, key_at(w, id)))
			continue;
		drop_key(w, table, id);
		any = true;
	}
	return any;
}

/* The matches of @n more in the slice @i before the newest. */
static void add_slice(uint32_t *slices, int64_t i, uint32_t n)
{
	if (i <= SLICES)
		slices[i] += n;
}

/* All that the key counts, its inheritance too, by slices. */
static void by_slices(const struct windows *w, uint32_t table, const struct count_cell *k,
		      struct inheritance *ret)
{
	bool distinct = spec_of(w, table)->has_distinct;
	int64_t within = spec_of(w, table)->within_ns, newest = slice_of(clock_of(w, k), within);
	uint32_t slices[SLICES + 1] = { 0 }, sum = 0, cell = k->of.first, at = k->begin;

	*ret = (struct inheritance){ .newest = newest };
	if (k->inherited)
		inheritance_raise(ret, &w->cells.cell[k->inherited].inheritance);
	for (uint32_t i = 0; i < k->n; i++) {
		const union cell *c = &w->cells.cell[cell];

		add_slice(slices, newest - slice_of(distinct ? c->value.ns : c->times.ns[at], within), 1);
		if (distinct || ++at == TIMES_PER_CELL) {
			cell = distinct ? c->listed.next : c->times.next;
			at = 0;
		}
	}
	add_slice(slices, newest - slice_of(k->blind_ns, within), k->blind);
	for (size_t i = 0; i <= SLICES; i++) {
		sum += slices[i];
		ret->n[i] = (uint16_t)(ret->n[i] + sum < UINT16_MAX ? ret->n[i] + sum : UINT16_MAX);
	}
}

/* What is remembered of the keys of that host; NULL: not by itself. */
static struct floor *floor_of(struct table *t, uint16_t host)
{
	for (size_t i = 0; i < N_FLOORS; i++) {
		if (!t->floor[i].used)
			t->floor[i] = (struct floor){ .used = true, .host = host };
		if (t->floor[i].host == host)
			return &t->floor[i];
	}
	return NULL;
}

/* What @t remembers of a key that goes: @k of the table @table of @w. */
static void raise_floor(struct table *t, const struct windows *w, uint32_t table, const struct count_cell *k)
{
	struct floor *f = floor_of(t, k->host);
	struct inheritance had;
	uint32_t n = total(w, table, k);

	if (f) {
		by_slices(w, table, k, &had);
		inheritance_raise(&f->least, &had);
	} else if (n > t->floor_of_others) {
		t->floor_of_others = n;
	}
}

/* For a key that comes. */
static void inherit(struct windows *w, uint32_t table, uint32_t id)
{
	struct count_cell *k = key_at(w, id);
	const struct floor *f = floor_of(&w->table[table], k->host);
	uint32_t n = f ? inheritance_count(&f->least, oldest_slice(w, table, k->host))
		       : w->table[table].floor_of_others;

	if (n == 0)
		return;
	if (f && table_reserve(w, 1, id)) {
		k->inherited = table_take(w, table);
		w->cells.cell[k->inherited].inheritance = f->least;
	} else {
		add_blindly(k, n, clock_of(w, k));
	}
}

void threshold_evict(struct windows *w, uint32_t table, uint32_t keep)
{
	struct count_cell *k;
	uint32_t id = 0;

	if (drop_over(w, table, keep))
		return;
	for (size_t i = 0; i < N_CLASSES && !id; i++) {
		id = w->table[table].list[i].first;
		if (id && id == keep)
			id = w->cells.cell[id].listed.next;
	}
	k = key_at(w, id);
	expire(w, table, k);
	if (total(w, table, k)) {
		raise_floor(&w->table[table], w, table, k);
		w->n_evicted++;
	}
	drop_key(w, table, id);
}

static uint32_t add_key(struct windows *w, uint32_t table, uint64_t hash, uint16_t host)
{
	uint32_t id;

	drop_over(w, table, 0);
	id = table_add(w, table, hash);
	if (!id)
		return 0;
	key_at(w, id)->host = host;
	key_at(w, id)->newest_ns = w->host[host].now_ns;
	file_key(w, table, id);
	inherit(w, table, id);
	return id;
}

bool threshold_take(struct windows *w, size_t rule, struct str host, uint16_t host_number,
		    const struct event *ev, uint32_t *ret_count)
{
	uint32_t table = w->threshold_of[rule], id;
	const struct threshold *spec = spec_of(w, table);
	int64_t now = w->host[host_number].now_ns;
	uint64_t hash = key_hash(&w->secret, w->table[table].salt, &spec->by, host, ev), value = 0;
	struct count_cell *k;
	bool enough;

	*ret_count = 0;
	if (spec->has_distinct && !key_hash_value(&w->secret, hash, &spec->distinct, ev, &value))
		return false;
	id = cells_find(&w->cells, hash, table);
	if (!id)
		id = add_key(w, table, hash, host_number);
	*ret_count = 1;
	if (!id)
		return true;

	k = key_at(w, id);
	expire(w, table, k);
	if (spec->has_distinct)
		add_value(w, table, id, value, now);
	else
		add_time(w, table, id, now);
	k->newest_ns = now;
	*ret_count = total(w, table, k);
	enough = *ret_count >= spec->count;
	unfile_key(w, table, id);
	if (enough)
		clear(w, table, k);
	file_key(w, table, id);
	return enough;
}

/* Moves what @from's key @old has counted to @id. */
static void move_counts(struct windows *w, uint32_t table, uint32_t id, struct windows *from,
			uint32_t from_table, struct count_cell *old)
{
	struct count_cell *k = key_at(w, id);

	k->host = old->host;
	k->newest_ns = old->newest_ns;
	add_blindly(k, old->blind, old->blind_ns);
	if (old->inherited && table_reserve(w, 1, id)) {
		k->inherited = table_take(w, table);
		w->cells.cell[k->inherited].inheritance = from->cells.cell[old->inherited].inheritance;
	} else if (old->inherited) {
		add_blindly(k, total(from, from_table, old) - old->n, old->newest_ns);
	}
	while (old->n) {
		int64_t ns = oldest(from, from_table, old);

		if (spec_of(w, table)->has_distinct)
			add_value(w, table, id, from->cells.cell[old->of.first].in.hash, ns);
		else
			add_time(w, table, id, ns);
		drop_oldest(from, from_table, old);
	}
}

void threshold_adopt(struct windows *w, uint32_t table, struct windows *from, uint32_t from_table)
{
	memcpy(w->table[table].floor, from->table[from_table].floor, sizeof(w->table[table].floor));
	w->table[table].floor_of_others = from->table[from_table].floor_of_others;
	for (size_t i = 0; i < N_CLASSES; i++) {
		struct list *list = &from->table[from_table].list[i];

		while (list->first) {
			uint32_t old = list->first;
			uint32_t id = table_add(w, table, from->cells.cell[old].in.hash);

			if (id) {
				file_key(w, table, id);
				move_counts(w, table, id, from, from_table, key_at(from, old));
				unfile_key(w, table, id);
				file_key(w, table, id);
			} else {
				/* The new rules have less room. */
				raise_floor(&w->table[table], from, from_table, key_at(from, old));
				w->n_evicted++;
			}
			drop_key(from, from_table, old);
		}
	}
}
