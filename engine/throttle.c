/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Throttles: a key exists while its silence lasts. It ends at its own time, however late that is noticed, so
 * that the alerts are the same at every rhythm of events and ticks.
 */
#include "engine/tables.h"

#include <string.h>

#include "engine/due.h"

static struct silence_cell *silence_at(struct windows *w, uint32_t id)
{
	return &w->cells.cell[id].silence;
}

static struct owed_cell *owed_at(struct windows *w, uint32_t id)
{
	return &w->cells.cell[silence_at(w, id)->owed].owed;
}

static uint32_t table_of(const struct windows *w, uint32_t id)
{
	return w->cells.cell[id].in.table;
}

static int64_t clock_of(const struct windows *w, const struct silence_cell *s)
{
	return w->host[s->host].now_ns;
}

/* From @since_ns on. */
static void begin(struct windows *w, uint32_t id, int64_t since_ns)
{
	struct silence_cell *s = silence_at(w, id);
	struct table *t = &w->table[table_of(w, id)];

	owed_at(w, id)->since_ns = since_ns;
	if (__builtin_add_overflow(since_ns, t->rule->throttle->every_ns, &s->due_ns))
		s->due_ns = INT64_MAX;
	s->order = w->order++;
	list_append(&w->cells, &t->list[0], id);
	due_insert(&w->cells, &w->host[s->host].due, id);
}

static void stop(struct windows *w, uint32_t id)
{
	list_remove(&w->cells, &w->table[table_of(w, id)].list[0], id);
	due_remove(&w->cells, &w->host[silence_at(w, id)->host].due, id);
}

static void give_texts(struct windows *w, uint32_t id)
{
	struct owed_cell *o = owed_at(w, id);

	table_text_give(w, table_of(w, id), o->key, o->key_len);
	table_text_give(w, table_of(w, id), o->record, o->record_len);
	o->key = o->record = 0;
	o->key_len = o->record_len = 0;
}

/* Of a silence that was stopped. */
static void drop(struct windows *w, uint32_t id)
{
	uint32_t table = table_of(w, id);

	give_texts(w, id);
	table_give(w, table, silence_at(w, id)->owed);
	table_drop(w, table, id);
}

/* Has the summary raised, and takes its id as that of the alert which the next silence follows. */
static void raise(struct windows *w, uint32_t id, int64_t time_ns)
{
	const struct rule *rule = w->table[table_of(w, id)].rule;
	struct owed_cell *cell = owed_at(w, id);
	struct key_values key = { .host = { NULL, 0 } };
	struct owed o = {
		.rule = rule,
		.since_ns = cell->since_ns,
		.time_ns = time_ns,
		.suppressed = silence_at(w, id)->suppressed,
		.first_id = str_of(cell->first_id[0] ? cell->first_id : NULL),
		.key = &key,
	};

	if (cell->key) {
		text_get(&w->cells, cell->key, cell->key_len, w->owed_text);
		key_values_read((struct str){ w->owed_text, cell->key_len }, rule->throttle->by.n, &key);
	}
	if (cell->record) {
		text_get(&w->cells, cell->record, cell->record_len, w->owed_text);
		o.record = (struct str){ w->owed_text, cell->record_len };
	}
	w->options.owed(w->options.ctx, &o);
	memcpy(cell->first_id, o.id, sizeof(cell->first_id));
	silence_at(w, id)->suppressed = 0;
	give_texts(w, id);
}

/* Its time has come. */
static void end(struct windows *w, uint32_t id)
{
	int64_t due_ns = silence_at(w, id)->due_ns;

	stop(w, id);
	if (silence_at(w, id)->suppressed == 0) {
		drop(w, id);
		return;
	}
	raise(w, id, due_ns);
	begin(w, id, due_ns);
}

/* Ends it before its time, unless that has passed. */
static void end_early(struct windows *w, uint32_t id)
{
	struct silence_cell *s = silence_at(w, id);
	int64_t now = clock_of(w, s);

	stop(w, id);
	if (s->suppressed)
		raise(w, id, s->due_ns < now ? s->due_ns : now);
	drop(w, id);
}

void throttle_end_due(struct windows *w, uint16_t host, uint32_t max)
{
	struct host_clock *h = &w->host[host];

	while (max-- && h->due && silence_at(w, h->due)->due_ns <= h->now_ns)
		end(w, h->due);
}

void throttle_finish(struct windows *w, uint16_t host)
{
	throttle_end_due(w, host, UINT32_MAX);
	while (w->host[host].due)
		end_early(w, w->host[host].due);
}

void throttle_evict(struct windows *w, uint32_t table, uint32_t keep)
{
	uint32_t id = w->table[table].list[0].first;

	if (id == keep)
		id = w->cells.cell[id].listed.next;
	if (silence_at(w, id)->due_ns > clock_of(w, silence_at(w, id)))
		w->n_evicted++;
	end_early(w, id);
}

/* What the summary will need. A later event takes the place of the one before. */
static void hold(struct windows *w, uint32_t id, struct str host, const struct event *ev)
{
	uint32_t table = table_of(w, id);
	const struct key_fields *by = &w->table[table].rule->throttle->by;
	struct silence_cell *s = silence_at(w, id);
	struct owed_cell *o = owed_at(w, id);
	struct key_values key;
	struct buf b;

	s->suppressed += s->suppressed < UINT32_MAX;
	if (!o->key) {
		buf_init_fixed(&b, w->text, sizeof(w->text));
		key_values(by, host, ev, &key);
		key_values_write(&key, by->n, &b);
		o->key = table_text(w, table, buf_get(&b), id);
		o->key_len = (uint32_t)b.len;
	}
	table_text_give(w, table, o->record, o->record_len);
	buf_init_fixed(&b, w->text, KEPT_SIZE);
	event_keep(ev, &b);
	o->record = table_text(w, table, buf_get(&b), id);
	o->record_len = (uint32_t)b.len;
}

static uint64_t hash_of(const struct windows *w, uint32_t table, struct str host, const struct event *ev)
{
	const struct table *t = &w->table[table];

	return key_hash(&w->secret, t->salt, &t->rule->throttle->by, host, ev);
}

bool throttle_take(struct windows *w, size_t rule, struct str host, uint16_t host_number,
		   const struct event *ev)
{
	uint32_t table = w->throttle_of[rule], id;
	uint64_t hash = hash_of(w, table, host, ev);

	/* More may have been due than was ended by now. */
	for (;;) {
		id = cells_find(&w->cells, hash, table);
		if (!id || silence_at(w, id)->due_ns > w->host[host_number].now_ns)
			break;
		end(w, id);
	}
	if (!id)
		return true;
	hold(w, id, host, ev);
	return false;
}

/* A key with its cell for what is owed, not begun; 0: no memory. */
static uint32_t add_key(struct windows *w, uint32_t table, uint64_t hash, uint16_t host)
{
	uint32_t id = 0;

	if (table_reserve(w, 2, 0))
		id = table_add(w, table, hash);
	if (!id)
		return 0;
	silence_at(w, id)->owed = table_take(w, table);
	silence_at(w, id)->host = host;
	return id;
}

void throttle_begin(struct windows *w, size_t rule, struct str host, uint16_t host_number,
		    const struct event *ev, const char *id)
{
	uint32_t table = w->throttle_of[rule];
	uint32_t new = add_key(w, table, hash_of(w, table, host, ev), host_number);

	if (!new)
		return;
	memcpy(owed_at(w, new)->first_id, id, UUID_TEXT_SIZE);
	begin(w, new, w->host[host_number].now_ns);
}

static uint32_t move_text(struct windows *w, uint32_t table, uint32_t keep, const struct windows *from,
			  uint32_t text, size_t len)
{
	if (!text)
		return 0;
	text_get(&from->cells, text, len, w->text);
	return table_text(w, table, (struct str){ w->text, len }, keep);
}

void throttle_adopt(struct windows *w, uint32_t table, struct windows *from, uint32_t from_table)
{
	struct list *list = &from->table[from_table].list[0];

	while (list->first) {
		uint32_t old = list->first;
		const struct owed_cell *was = owed_at(from, old);
		uint32_t id = add_key(w, table, from->cells.cell[old].in.hash, silence_at(from, old)->host);

		if (!id)
			return;
		silence_at(w, id)->suppressed = silence_at(from, old)->suppressed;
		memcpy(owed_at(w, id)->first_id, was->first_id, sizeof(was->first_id));
		begin(w, id, was->since_ns);
		owed_at(w, id)->key = move_text(w, table, id, from, was->key, was->key_len);
		owed_at(w, id)->key_len = was->key_len;
		owed_at(w, id)->record = move_text(w, table, id, from, was->record, was->record_len);
		owed_at(w, id)->record_len = was->record_len;
		stop(from, old);
		drop(from, old);
	}
}
