/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tables and clocks; see tables.h and window.h.
 *
 * When memory is short the table that holds the most gives first: so a flood of keys takes from itself, and
 * the windows of other rules stay what they are. Which table that is is not searched for each time: it is the
 * one that last outgrew the one before, held against one more each time it has to give.
 */
#include "engine/tables.h"

#include <errno.h>
#include <stdlib.h>

static void make_table(struct windows *w, const struct rule *rule, bool is_throttle, uint32_t *ret)
{
	struct table *t = &w->table[++w->n_tables];

	t->rule = rule;
	t->is_throttle = is_throttle;
	*ret = w->n_tables;
}

/* A table's salt is the hash of its rule's id, so that it is the same in another set of rules. */
static void make_salts(struct windows *w)
{
	for (uint32_t i = 1; i <= w->n_tables; i++)
		w->table[i].salt = siphash(&w->secret, w->table[i].is_throttle, w->table[i].rule->id);
}

int windows_new(const struct ruleset *rules, const struct windows_options *options, struct windows **ret)
{
	_cleanup_(windows_free) struct windows *w = calloc(1, sizeof(*w));
	size_t n = 0;

	for (size_t i = 0; i < rules->n_rules; i++)
		n += (rules->rules[i].threshold != NULL) + (rules->rules[i].throttle != NULL);
	if (!w)
		return -ENOMEM;
	w->options = *options;
	w->secret.a = siphash(&w->secret, options->seed, STR_LIT("a"));
	w->secret.b = siphash(&w->secret, options->seed, STR_LIT("b"));
	w->table = calloc(n + 1, sizeof(*w->table));
	w->threshold_of = calloc(rules->n_rules + 1, sizeof(*w->threshold_of));
	w->throttle_of = calloc(rules->n_rules + 1, sizeof(*w->throttle_of));
	if (!w->table || !w->threshold_of || !w->throttle_of ||
	    cells_init(&w->cells, n ? options->memory : 0) < 0)
		return -ENOMEM;
	for (size_t i = 0; i < rules->n_rules; i++) {
		if (rules->rules[i].threshold)
			make_table(w, &rules->rules[i], false, &w->threshold_of[i]);
		if (rules->rules[i].throttle)
			make_table(w, &rules->rules[i], true, &w->throttle_of[i]);
	}
	make_salts(w);
	w->largest = w->cursor = w->n_tables ? 1 : 0;
	*ret = TAKE_PTR(w);
	return 0;
}

struct windows *windows_free(struct windows *w)
{
	if (w) {
		cells_done(&w->cells);
		free(w->table);
		free(w->threshold_of);
		free(w->throttle_of);
	}
	free(w);
	return NULL;
}

uint64_t windows_evicted(const struct windows *w)
{
	return w->n_evicted;
}

uint32_t table_take(struct windows *w, uint32_t table)
{
	uint32_t id = cell_take(&w->cells);

	if (id && ++w->table[table].held > w->table[w->largest].held)
		w->largest = table;
	return id;
}

void table_give(struct windows *w, uint32_t table, uint32_t id)
{
	cell_give(&w->cells, id);
	w->table[table].held--;
}

/* Has the table a key that may go? */
static bool can_give(const struct windows *w, uint32_t table, uint32_t keep)
{
	return w->table[table].n_keys > (keep && w->cells.cell[keep].in.table == table);
}

/* The table that has to give; 0: there is none. */
static uint32_t table_to_give(struct windows *w, uint32_t keep)
{
	uint32_t best = 0;

	w->cursor = w->cursor % w->n_tables + 1;
	if (w->table[w->cursor].held > w->table[w->largest].held)
		w->largest = w->cursor;
	if (can_give(w, w->largest, keep))
		return w->largest;
	for (uint32_t i = 1; i <= w->n_tables; i++)
		if (can_give(w, i, keep) && (!best || w->table[i].held > w->table[best].held))
			best = i;
	return best;
}

static void evict(struct windows *w, uint32_t table, uint32_t keep)
{
	if (w->table[table].is_throttle)
		throttle_evict(w, table, keep);
	else
		threshold_evict(w, table, keep);
}

bool table_reserve(struct windows *w, uint32_t n, uint32_t keep)
{
	while (w->cells.n_free < n) {
		uint32_t table = table_to_give(w, keep);

		if (!table)
			return false;
		evict(w, table, keep);
	}
	return true;
}

uint32_t table_add(struct windows *w, uint32_t table, uint64_t hash)
{
	uint32_t id;

	if (w->table[table].n_keys >= w->options.max_keys)
		evict(w, table, 0);
	if (!table_reserve(w, 1, 0))
		return 0;
	id = table_take(w, table);
	w->cells.cell[id].in = (struct indexed){ .hash = hash, .table = table };
	cells_index(&w->cells, id);
	w->table[table].n_keys++;
	return id;
}

void table_drop(struct windows *w, uint32_t table, uint32_t id)
{
	cells_unindex(&w->cells, id);
	table_give(w, table, id);
	w->table[table].n_keys--;
}

uint32_t table_text(struct windows *w, uint32_t table, struct str s, uint32_t keep)
{
	uint32_t n = text_cells(s.len);

	if (!table_reserve(w, n, keep))
		return 0;
	w->table[table].held += n;
	if (w->table[table].held > w->table[w->largest].held)
		w->largest = table;
	return text_put(&w->cells, s);
}

void table_text_give(struct windows *w, uint32_t table, uint32_t id, size_t len)
{
	if (!id)
		return;
	text_give(&w->cells, id);
	w->table[table].held -= text_cells(len);
}

/* The number of a host; its clock begins with the latest tick. */
static uint16_t number_of(struct windows *w, struct str name)
{
	uint64_t hash = siphash(&w->secret, 0, name);
	uint16_t number = WINDOW_MAX_HOSTS;

	for (size_t i = 0; i < WINDOW_MAX_HOSTS; i++) {
		struct host_clock *h = &w->host[(hash + i) % WINDOW_MAX_HOSTS];

		if (h->used && h->name != hash)
			continue;
		number = (uint16_t)(h - w->host);
		break;
	}
	if (!w->host[number].used)
		w->host[number] = (struct host_clock){ .name = hash, .used = true, .now_ns = w->tick_ns };
	return number;
}

static void advance(struct windows *w, uint16_t host, int64_t now_ns, uint32_t max_ends)
{
	if (now_ns > w->host[host].now_ns)
		w->host[host].now_ns = now_ns;
	throttle_end_due(w, host, max_ends);
}

uint16_t windows_advance(struct windows *w, struct str host, int64_t now_ns)
{
	uint16_t number;

	if (w->n_tables == 0)
		return 0;
	number = number_of(w, host);
	advance(w, number, now_ns, WINDOW_ENDS_PER_EVENT);
	return number;
}

void windows_tick(struct windows *w, int64_t now_ns)
{
	if (now_ns > w->tick_ns)
		w->tick_ns = now_ns;
	for (uint16_t i = 0; i <= WINDOW_MAX_HOSTS && w->n_tables; i++)
		if (w->host[i].used)
			advance(w, i, now_ns, WINDOW_ENDS_PER_TICK);
}

void windows_finish(struct windows *w)
{
	for (uint16_t i = 0; i <= WINDOW_MAX_HOSTS && w->n_tables; i++)
		if (w->host[i].used)
			throttle_finish(w, i);
}

static bool same_fields(const struct key_fields *a, const struct key_fields *b)
{
	bool same = a->n == b->n;

	for (size_t i = 0; i < a->n && same; i++)
		same = str_eq(a->name[i], b->name[i]);
	return same;
}

static bool same_ref(const struct field_ref *a, const struct field_ref *b)
{
	return a->field == b->field && a->indexed == b->indexed && a->index == b->index &&
	       str_eq(a->key, b->key);
}

static bool same_threshold(const struct threshold *a, const struct threshold *b)
{
	if (a->count != b->count || a->within_ns != b->within_ns || a->has_distinct != b->has_distinct)
		return false;
	return same_fields(&a->by, &b->by) && (!a->has_distinct || same_ref(&a->distinct, &b->distinct));
}

static bool same_table(const struct table *a, const struct table *b)
{
	if (a->is_throttle != b->is_throttle || !str_eq(a->rule->id, b->rule->id))
		return false;
	if (!a->is_throttle)
		return same_threshold(a->rule->threshold, b->rule->threshold);
	return a->rule->throttle->every_ns == b->rule->throttle->every_ns &&
	       same_fields(&a->rule->throttle->by, &b->rule->throttle->by);
}

/* Both are sorted by rule id, as rules are; a rule's threshold comes before its throttle. */
void windows_adopt(struct windows *w, struct windows *from)
{
	uint32_t j = 1;

	w->secret = from->secret;
	make_salts(w);
	w->tick_ns = from->tick_ns;
	for (size_t i = 0; i <= WINDOW_MAX_HOSTS; i++) {
		w->host[i] = from->host[i];
		w->host[i].due = 0;
	}
	for (uint32_t i = 1; i <= w->n_tables; i++) {
		while (j <= from->n_tables && str_cmp(from->table[j].rule->id, w->table[i].rule->id) < 0)
			j++;
		for (uint32_t k = j; k <= from->n_tables && k <= j + 1; k++) {
			if (!same_table(&w->table[i], &from->table[k]))
				continue;
			if (w->table[i].is_throttle)
				throttle_adopt(w, i, from, k);
			else
				threshold_adopt(w, i, from, k);
		}
	}
}
