/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Exec records; see record.h. Both directions are driven by the rows of fields.def, so that a new field is
 * read and written without a line here: what stands before the dot of a key is an object, and `ancestors` is
 * a list of objects.
 */
#include "event/record.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/timefmt.h"
#include "event/field.h"
#include "event/json_read.h"
#include "event/record_value.h"

/* How many rows are lists: so many of their `_b64` objects can be waiting for the plain list. */
#define FIELD(name, key, type, place, values, help) +(FT_##type == FT_WORDS)
enum { N_LISTS = 0
#include "event/fields.def"
};
#undef FIELD

struct bits {
	uint64_t word[FIELDS_MAX / 64];
};

/* One object being read: the record, one that a dot stands for (parent), or an ancestor. */
struct level {
	struct str prefix;		/* of its keys: "", "parent." */
	size_t first, end;		/* its rows, which stand together: [first, end) */
	char *base;			/* the struct event or struct process that its rows are in */
	struct bits plain, exact;	/* rows seen: as X, as X_b64 */
};

/* The exact words of a list, read when the plain ones have been. */
struct late {
	const struct field *field;
	const char *at;
};

struct reader {
	struct record_reader values;
	struct event *ev;
	size_t next;			/* row at which the search for a key begins */
	struct late late[N_LISTS];
	size_t n_late;
};

static bool test(const struct bits *b, size_t i)
{
	return b->word[i / 64] >> i % 64 & 1;
}

/* Returns what it was. */
static bool test_and_set(struct bits *b, size_t i)
{
	bool was = test(b, i);

	b->word[i / 64] |= UINT64_C(1) << i % 64;
	return was;
}

static bool is_known(const struct field *field, const void *base)
{
	const void *member = (const char *)base + field->offset;

	switch (field->type) {
	case FT_INT:
	case FT_DURATION:
	case FT_BOOL:
	case FT_TIME:
		return ((const struct num *)member)->known;
	case FT_TEXT:
	case FT_ENUM:
		return str_known(*(const struct str *)member);
	case FT_WORDS:
		return ((const struct words *)member)->known;
	case FT_MAP:
		return ((const struct pairs *)member)->known;
	case FT_TEXTS:
		break;
	}
	return false;
}

static bool is_below(const struct field *field, struct str prefix)
{
	return field->key_len > prefix.len && memcmp(field->key, prefix.p, prefix.len) == 0;
}

/*
 * The row of the key @name on that level, or a row below it, where it is an object. Writers put keys in the
 * table's order, so the search begins behind the row that was found last: the next key is nearly always a few
 * rows on. Any other order is as right, only slower.
 */
static const struct field *find_row(struct reader *r, const struct level *l, struct str name,
				    bool *ret_object)
{
	size_t i = r->next, len = l->prefix.len + name.len;

	/* A key that itself holds a dot is none of ours, whatever path it spells. */
	if (name.len == 0 || memchr(name.p, '.', name.len))
		return NULL;
	for (size_t n = l->first; n < l->end; n++) {
		const struct field *field = &field_table[i];

		i = i + 1 < l->end ? i + 1 : l->first;
		/* Cheapest first: most rows fall by their length or by one letter. */
		if (field->key_len < len || field->key[l->prefix.len] != name.p[0])
			continue;
		if (field->key_len > len && field->key[len] != '.')
			continue;
		if (memcmp(field->key + l->prefix.len, name.p, name.len) != 0)
			continue;
		r->next = i;
		*ret_object = field->key_len > len;
		return field;
	}
	return NULL;
}

static int read_object(struct reader *r, struct level *l);

static int read_ancestors(struct reader *r, const struct level *list, struct str key)
{
	struct json_reader *json = &r->values.json;
	bool inside = false;
	int e;

	if (json_peek(json) != JSON_LIST)
		return record_fail_type(&r->values, key, "a list of objects");
	while (!(e = json_next_item(json, &inside)) && inside) {
		struct level l = { .prefix = list->prefix, .first = list->first, .end = list->end };

		if (json_peek(json) != JSON_OBJECT)
			return record_fail_type(&r->values, key, "a list of objects");
		l.base = (char *)event_add_ancestor(r->ev);
		e = l.base ? read_object(r, &l) : json_skip(json, RECORD_MAX_DEPTH);
		if (e)
			return e;
	}
	return e;
}

/* An object that a dot in the key of the row @first stands for. */
static int read_below(struct reader *r, const struct level *l, size_t first, struct str key)
{
	const struct field *below = &field_table[first];
	struct level inner = { .prefix = { below->key, key.len + 1 }, .first = first, .end = first + 1,
			       .base = l->base };

	while (inner.end < l->end && is_below(&field_table[inner.end], inner.prefix))
		inner.end++;
	if (below->place == PLACE_ANCESTORS)
		return read_ancestors(r, &inner, key);
	if (json_peek(&r->values.json) != JSON_OBJECT)
		return record_fail_type(&r->values, key, "an object");
	return read_object(r, &inner);
}

/* The value of the key @name, known or not. */
static int read_member(struct reader *r, struct level *l, struct str name)
{
	struct json_reader *json = &r->values.json;
	const struct str suffix = STR("_b64");
	bool object = false, exact = false;
	const struct field *field;
	struct str key;
	size_t row;

	field = find_row(r, l, name, &object);
	if (!field && str_has_suffix(name, suffix)) {
		name.len -= suffix.len;
		field = find_row(r, l, name, &object);
		exact = true;
		if (field && (object || !(field->type & (FT_TEXT | FT_WORDS))))
			field = NULL;
	}
	if (!field)
		return json_skip(json, RECORD_MAX_DEPTH);

	key = (struct str){ field->key, l->prefix.len + name.len };
	row = (size_t)(field - field_table);
	/* An object is counted at the first of its rows, which is no row of this level. */
	while (object && row > 0 && is_below(&field_table[row - 1], (struct str){ key.p, key.len + 1 }))
		row--;
	if (test_and_set(exact ? &l->exact : &l->plain, row))
		return record_fail(&r->values, json->p, "`%.*s%s` is given twice", STR_ARG(key),
				   exact ? suffix.p : "");
	if (json_peek(json) == JSON_NULL)
		return json_skip(json, 0);
	if (object)
		return read_below(r, l, row, key);
	if (exact && field->type == FT_WORDS) {
		r->late[r->n_late++] = (struct late){ field, json->p };
		return json_skip(json, RECORD_MAX_DEPTH);
	}
	if (exact)
		return record_read_exact(&r->values, field, l->base);
	/* The exact text, which came first, stays. */
	if (field->type == FT_TEXT && test(&l->exact, row) && is_known(field, l->base) &&
	    json_peek(json) == JSON_STRING)
		return json_skip(json, 0);
	return record_read_value(&r->values, field, l->base);
}

static int read_object(struct reader *r, struct level *l)
{
	struct json_reader *json = &r->values.json;
	size_t first_late = r->n_late;
	const char *behind;
	bool inside = false;
	struct str key;
	int e;

	r->next = l->first;
	while (!(e = json_next_key(json, &inside, &key)) && inside) {
		e = read_member(r, l, key);
		if (e)
			return e;
	}
	behind = json->p;
	while (!e && r->n_late > first_late) {
		const struct late *late = &r->late[--r->n_late];

		json->p = late->at;
		e = record_read_exact(&r->values, late->field, l->base);
		if (!e)
			json->p = behind;
	}
	return e;
}

int record_read(struct str text, struct arena *a, struct event *ev, struct record_error *ret_error)
{
	struct reader r = { .values = { .arena = a, .error = ret_error }, .ev = ev };
	struct level record = { .prefix = STR(""), .end = n_fields, .base = (char *)ev };
	struct json_reader *json = &r.values.json;
	char *memory;
	int e;

	event_clear(ev);
	memory = text.len <= RECORD_MAX_BYTES ? arena_alloc(a, text.len) : NULL;
	if (!memory && text.len <= RECORD_MAX_BYTES)
		return -ENOMEM;
	json_reader_init(json, text, memory);
	if (text.len > RECORD_MAX_BYTES)
		return record_fail(&r.values, text.p, "a record of more than %zu MiB",
				   RECORD_MAX_BYTES >> 20);

	if (json_peek(json) != JSON_OBJECT && json_peek(json) != JSON_NOTHING)
		return record_fail(&r.values, json->p, "a record is an object, not %s",
				   json_kind_name(json_peek(json)));
	e = read_object(&r, &record);
	if (!e)
		e = json_read_end(json);
	if (e == -EINVAL && !r.values.failed)
		record_fail(&r.values, json->start + json->error_offset, "%s", json->error);
	if (!e)
		event_complete(ev);
	return e;
}

/* The last part of a key. */
static const char *own_key(const struct field *field)
{
	const char *dot = strrchr(field->key, '.');

	return dot ? dot + 1 : field->key;
}

/* Writes the row's value, if it is known. */
static void write_value(struct json *j, const struct field *field, const void *base)
{
	const void *member = (const char *)base + field->offset;
	const struct num *num = member;
	const struct words *words = member;
	const struct pairs *pairs = member;
	char memory[40];
	struct buf b;

	switch (field->type) {
	case FT_INT:
	case FT_DURATION:
		json_int(j, own_key(field), num->value);
		break;
	case FT_BOOL:
		json_bool(j, own_key(field), num->value != 0);
		break;
	case FT_TIME:
		buf_init_fixed(&b, memory, sizeof(memory));
		time_write(num->value, &b);
		json_str(j, own_key(field), buf_get(&b));
		break;
	case FT_TEXT:
	case FT_ENUM:
		json_str(j, own_key(field), *(const struct str *)member);
		break;
	case FT_WORDS:
		json_strs(j, own_key(field), words->item, words->n);
		break;
	case FT_MAP:
		json_object(j, own_key(field));
		for (size_t i = 0; i < pairs->n; i++)
			json_pair(j, pairs->item[i].name, pairs->item[i].value);
		json_end_object(j);
		break;
	case FT_TEXTS:
		break;
	}
}

/* Writes the rows from @row on that share its object, if any of them is known. Returns the row behind. */
static size_t write_object(struct json *j, size_t row, const struct event *ev)
{
	const char *key = field_table[row].key;
	struct str prefix = { key, (size_t)(own_key(&field_table[row]) - key) };
	bool open = false;
	char name[32];

	for (; row < n_fields && is_below(&field_table[row], prefix); row++) {
		if (!is_known(&field_table[row], ev))
			continue;
		if (!open) {
			snprintf(name, sizeof(name), "%.*s", (int)prefix.len - 1, key);
			json_object(j, name);
			open = true;
		}
		write_value(j, &field_table[row], ev);
	}
	if (open)
		json_end_object(j);
	return row;
}

/* An ancestor of whom nothing is known is written as {}, since the index of the others counts. */
static size_t write_ancestors(struct json *j, size_t row, const struct event *ev)
{
	size_t first = row;

	while (row < n_fields && field_table[row].place == PLACE_ANCESTORS)
		row++;
	if (ev->n_ancestors == 0)
		return row;
	json_list(j, "ancestors");
	for (size_t i = 0; i < ev->n_ancestors; i++) {
		json_object(j, NULL);
		for (size_t k = first; k < row; k++)
			if (is_known(&field_table[k], &ev->ancestor[i]))
				write_value(j, &field_table[k], &ev->ancestor[i]);
		json_end_object(j);
	}
	json_end_list(j);
	return row;
}

void record_write_json(const struct event *ev, struct json *j, const char *key)
{
	size_t row = 0;

	json_object(j, key);
	while (row < n_fields) {
		const struct field *field = &field_table[row];

		if (field->place == PLACE_ANCESTORS) {
			row = write_ancestors(j, row, ev);
		} else if (field->place == PLACE_DERIVED || !is_known(field, ev)) {
			row++;
		} else if (own_key(field) != field->key) {
			row = write_object(j, row, ev);
		} else {
			write_value(j, field, ev);
			row++;
		}
	}
	json_end_object(j);
}

void record_write(const struct event *ev, struct buf *b)
{
	struct json j = JSON_INIT(b);

	record_write_json(ev, &j, NULL);
}
