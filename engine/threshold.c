/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Thresholds: for each key the times of its matches within the window, or its different values each with its
 * latest time.
 *
 * Where a key has to go for another one, the one with the fewest matches does, and what it had counted must
 * not be lost, or an attacker could make a rule forget by showing it many keys. Nobody can remember by key
 * what there is no room for, so the table remembers the largest of those counts, and every newcomer inherits
 * it, as if those had been its own (the "space-saving" of Metwally, Agrawal and El Abbadi, 2005, over a
 * window). A key that returns therefore never counts less than it would have, and its alert comes early
 * rather than late. The inheritance ends as a window does: with the newest match in it.
 */
#include "engine/tables.h"

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
	if (n < EXACT_CLASSES)
		return (uint8_t)n;
	return (uint8_t)(EXACT_CLASSES - 4 + 31 - __builtin_clz(n));
}

/* Into the list that its count belongs to, as its newest. */
static void file_key(struct windows *w, uint32_t table, uint32_t id)
{
	struct count_cell *k = key_at(w, id);

	k->class = class_of(k->n + k->inherited);
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

static void clear(struct windows *w, uint32_t table, struct count_cell *k)
{
	while (k->n)
		drop_oldest(w, table, k);
	k->inherited = 0;
}

/* Drops what has left the window. */
static void expire(struct windows *w, uint32_t table, struct count_cell *k)
{
	int64_t now = clock_of(w, k), within = spec_of(w, table)->within_ns;

	while (k->n && is_past(now, oldest(w, table, k), within))
		drop_oldest(w, table, k);
	if (k->inherited && is_past(now, k->inherited_ns, within))
		k->inherited = 0;
}

/* Counts without memory of its own. */
static void add_blindly(struct count_cell *k, int64_t ns)
{
	k->inherited++;
	k->inherited_ns = ns;
}

static void add_time(struct windows *w, uint32_t table, uint32_t id, int64_t ns)
{
	struct count_cell *k = key_at(w, id);

	if (!k->of.last || k->end == TIMES_PER_CELL) {
		uint32_t cell = table_reserve(w, 1, id) ? table_take(w, table) : 0;

		if (!cell) {
			add_blindly(k, ns);
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
			add_blindly(k, ns);
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

/* Has everything of the key left the window? */
static bool is_over(const struct windows *w, uint32_t table, const struct count_cell *k)
{
	int64_t now = clock_of(w, k), within = spec_of(w, table)->within_ns;

	return is_past(now, k->newest_ns, within) &&
	       (!k->inherited || is_past(now, k->inherited_ns, within));
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

static int64_t later(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

/*
 * What a key that goes had counted. A generation lasts as long as a window, and the one before is kept, so
 * that a count is forgotten between one and two windows after it came. Clocks of several hosts cannot be held
 * against each other: where keys of several went, nothing is forgotten before all of it is over.
 */
static void raise_floor(struct windows *w, uint32_t table, const struct count_cell *k)
{
	int64_t now = clock_of(w, k), within = spec_of(w, table)->within_ns;
	struct floor *f = &w->table[table].floor;
	uint32_t n = k->n + k->inherited;

	if (!f->used)
		*f = (struct floor){ .used = true, .host = k->host, .begin_ns = now };
	f->mixed |= f->host != k->host;
	if (!f->mixed && is_past(now, f->begin_ns, within)) {
		f->count[1] = is_past(now, f->newest_ns, within) ? 0 : f->count[0];
		f->count[0] = 0;
		f->begin_ns = now;
	}
	if (n > f->count[0])
		f->count[0] = n;
	f->newest_ns = later(f->newest_ns, k->newest_ns);
	if (k->inherited)
		f->newest_ns = later(f->newest_ns, k->inherited_ns);
}

static void inherit(struct windows *w, uint32_t table, struct count_cell *k)
{
	const struct floor *f = &w->table[table].floor;
	int64_t now = clock_of(w, k);

	if (!f->used || is_past(now, f->newest_ns, spec_of(w, table)->within_ns))
		return;
	k->inherited = f->count[0] > f->count[1] ? f->count[0] : f->count[1];
	k->inherited_ns = f->newest_ns < now ? f->newest_ns : now;
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
	if (k->n + k->inherited) {
		raise_floor(w, table, k);
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
	inherit(w, table, key_at(w, id));
	file_key(w, table, id);
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
	*ret_count = k->n + k->inherited;
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
	k->inherited = old->inherited;
	k->inherited_ns = old->inherited_ns;
	k->newest_ns = old->newest_ns;
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
	w->table[table].floor = from->table[from_table].floor;
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
			}
			drop_key(from, from_table, old);
		}
	}
}
