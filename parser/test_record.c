/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Exec records as tests write them; see test_record.h.
 *
 * A map is flattened into its values, sorted by the table of fields, so that laying one map over another is
 * a merge and a value that is given in two spellings stands beside itself.
 */
#include "parser/test_record.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/grow.h"
#include "base/nearest.h"
#include "parser/codes.h"
#include "parser/keys.h"
#include "parser/read.h"

#define DURATION_KEY "duration_ns"
#define ANCESTORS "ancestors"

void record_leaves_done(struct record_leaves *l)
{
	free(l->item);
}

/* A map that is being flattened: the record itself, or what stands for a dot in its keys. */
struct flat {
	struct scope *s;
	struct record_leaves *leaves;
	struct str prefix;		/* of its keys: "", "parent." */
};

static struct record_leaf *add_leaf(struct flat *f, const struct field *field, const struct node *key)
{
	struct record_leaves *l = f->leaves;
	struct record_leaf *leaf;

	if (grow_array(&l->item, l->n, &l->cap, sizeof(*l->item)) < 0)
		return NULL;
	leaf = &l->item[l->n];
	*leaf = (struct record_leaf){ .field = field, .at = key->at };
	return leaf;
}

/* "`parent.comm`": the key as a path. */
static void name_key(const struct flat *f, const struct node *key, char *what)
{
	snprintf(what, WHAT_SIZE, "`%.*s%.*s`", STR_ARG(f->prefix), STR_ARG(key->text));
}

static int read_words(struct flat *f, const char *what, const struct node *n, struct words *ret)
{
	struct diags *ds = f->s->checker->ds;
	struct str *item;
	int err = 0, bad;

	if (n->kind == NODE_SCALAR && !n->incomplete) {
		diag_error(ds, &code_wrong_shape, n->at, "%s takes a list of words, not a text", what);
		diag_help(ds, "write its words one by one, as in [sh, -c, 'id; ls']");
		return -EINVAL;
	}
	err = read_list(n, what, ds);
	if (err < 0)
		return err;
	item = arena_array(f->s->scratch, n->n, sizeof(*item));
	if (!item)
		return -ENOMEM;
	for (size_t i = 0; i < n->n; i++) {
		bad = read_text(n->items[i], what, ds, &item[i]);
		err = worse(err, bad);
	}
	*ret = (struct words){ .item = item, .n = n->n, .known = true };
	return err;
}

/* The value @n of the stored field @field, which is none of a MAP. */
static int read_leaf(struct flat *f, const struct field *field, const struct node *key, const char *what,
		     const struct node *n, struct record_leaf *leaf)
{
	struct entry entry = { .node = n };
	int err;

	switch (field->type) {
	case FT_DURATION:
		if (str_eq(key->text, STR_LIT(DURATION_KEY)))
			return read_int(n, what, 0, INT64_MAX, f->s->checker->ds, &leaf->number);
		return number_read(f->s, field, what, n, &leaf->number);
	case FT_INT:
	case FT_BOOL:
	case FT_TIME:
		return number_read(f->s, field, what, n, &leaf->number);
	case FT_TEXT:
		return read_text(n, what, f->s->checker->ds, &leaf->text);
	case FT_ENUM:
		err = read_text(n, what, f->s->checker->ds, &entry.text);
		return err < 0 ? err : enum_read(f->s, field, what, &entry, n, false, &leaf->text);
	case FT_WORDS:
		return read_words(f, what, n, &leaf->words);
	case FT_TEXTS:
	case FT_MAP:
		break;
	}
	return -EINVAL;
}

/* A value that follows from others, as `name` from comm and exe. */
static int derived_key(struct flat *f, const struct field *field, const struct node *key)
{
	const char *const *needs = field_needs(field);
	struct diags *ds = f->s->checker->ds;
	_cleanup_(buf) struct buf b = BUF_INIT;

	diag_error(ds, &code_derived_key, key->at, "`%s` is nothing that a record holds", field->name);
	for (size_t i = 0; needs && i < 4 && needs[i]; i++)
		buf_printf(&b, "%s`%s`", i ? ", " : "", needs[i]);
	diag_help(ds, "it follows from %.*s", STR_ARG(buf_get(&b)));
	return -EINVAL;
}

static int add_value(struct flat *f, const struct field *field, const struct node *key, const struct node *n)
{
	struct record_leaf *leaf;
	char what[WHAT_SIZE];
	int err;

	if (field->place == PLACE_DERIVED)
		return derived_key(f, field, key);
	name_key(f, key, what);
	leaf = add_leaf(f, field, key);
	if (!leaf)
		return -ENOMEM;
	err = read_leaf(f, field, key, what, n, leaf);
	f->leaves->n += err == 0;
	return err;
}

static int add_named(struct flat *f, const struct field *field, struct str name, const struct node *key,
		     const struct node *n)
{
	struct record_leaf *leaf = add_leaf(f, field, key);
	char what[WHAT_SIZE];
	int err;

	if (!leaf)
		return -ENOMEM;
	leaf->name = name;
	snprintf(what, sizeof(what), "`%s.%.*s`", field->name, STR_ARG(name));
	err = read_text(n, what, f->s->checker->ds, &leaf->text);
	f->leaves->n += err == 0;
	return err;
}

/* `env: { NAME: value }`. */
static int add_map(struct flat *f, const struct field *field, const struct node *key, const struct node *map)
{
	char what[WHAT_SIZE];
	int err, bad;

	name_key(f, key, what);
	err = read_map(map, what, f->s->checker->ds);
	for (size_t i = 0; err != -ENOMEM && map->kind == NODE_MAP && i < map->n; i++) {
		bad = add_named(f, field, map->keys[i]->text, map->keys[i], map->items[i]);
		err = worse(err, bad);
	}
	return err;
}

/* Has @field a key of its own behind @prefix? */
static bool is_below(const struct field *field, struct str prefix)
{
	struct str name = { field->name, field->name_len };

	return name.len > prefix.len && str_has_prefix(name, prefix);
}

/* The field of the key @name in an object; also one that no record holds. NULL: none, *ret_nearest is the key
 * that may be meant. */
static const struct field *find_below(struct str prefix, struct str name, struct nearest *ret_nearest)
{
	*ret_nearest = (struct nearest)NEAREST_INIT(name);
	for (size_t i = 0; i < n_fields; i++) {
		const struct field *field = &field_table[i];

		if (!is_below(field, prefix))
			continue;
		if (str_eq(str_of(field->name + prefix.len), name))
			return field;
		if (field->place != PLACE_DERIVED)
			nearest_try(ret_nearest, str_of(field->name + prefix.len));
	}
	return NULL;
}

static int unknown_key(struct flat *f, const struct node *key, const struct nearest *nearest)
{
	struct diags *ds = f->s->checker->ds;

	diag_error(ds, &code_unknown_key, key->at, "unknown key `%.*s` in `%.*s`", STR_ARG(key->text),
		   (int)f->prefix.len - 1, f->prefix.p);
	if (str_known(nearest->best))
		diag_help(ds, "did you mean `%.*s`?", STR_ARG(nearest->best));
	return -EINVAL;
}

/* One process of `ancestors`. */
static int read_ancestor(struct flat *f, const struct node *map, struct process *ret)
{
	int err = read_map(map, "an ancestor", f->s->checker->ds), bad;

	*ret = (struct process){ .id = { NULL, 0 } };
	for (size_t i = 0; err != -ENOMEM && map->kind == NODE_MAP && i < map->n; i++) {
		const struct node *key = map->keys[i];
		struct nearest nearest;
		const struct field *field = find_below(f->prefix, key->text, &nearest);
		struct record_leaf leaf = { .field = field };
		char what[WHAT_SIZE];

		name_key(f, key, what);
		if (!field)
			bad = unknown_key(f, key, &nearest);
		else if (field->place == PLACE_DERIVED)
			bad = derived_key(f, field, key);
		else
			bad = read_leaf(f, field, key, what, map->items[i], &leaf);
		err = worse(err, bad);
		if (bad == 0 && field->type == FT_TEXT)
			*(struct str *)((char *)ret + field->offset) = leaf.text;
		else if (bad == 0)
			*(struct num *)((char *)ret + field->offset) = NUM(leaf.number);
	}
	return err;
}

static int add_ancestors(struct flat *f, const struct node *key, const struct node *list)
{
	struct flat inner = { f->s, f->leaves, STR(ANCESTORS ".") };
	struct diags *ds = f->s->checker->ds;
	struct process *ancestors;
	struct record_leaf *leaf;
	int err = read_list(list, "`" ANCESTORS "`", ds), bad;

	if (err < 0)
		return err;
	if (list->n > EVENT_MAX_ANCESTORS)
		return diag_error(ds, &code_out_of_range, list->items[EVENT_MAX_ANCESTORS]->at,
				  "a record holds at most %d ancestors", EVENT_MAX_ANCESTORS);
	ancestors = arena_array(f->s->scratch, list->n, sizeof(*ancestors));
	leaf = add_leaf(f, field_find(STR_LIT(ANCESTORS ".id")), key);
	if (!ancestors || !leaf)
		return -ENOMEM;
	for (size_t i = 0; i < list->n && err != -ENOMEM; i++) {
		bad = read_ancestor(&inner, list->items[i], &ancestors[i]);
		err = worse(err, bad);
	}
	leaf->ancestors = ancestors;
	leaf->n_ancestors = list->n;
	f->leaves->n += err == 0;
	return err;
}

/* `parent: { comm: nginx }`. @prefix: "parent.". */
static int add_group(struct flat *f, struct str prefix, const struct node *key, const struct node *map)
{
	struct flat inner = { f->s, f->leaves, prefix };
	char what[WHAT_SIZE];
	int err, bad;

	name_key(f, key, what);
	err = read_map(map, what, f->s->checker->ds);
	for (size_t i = 0; err != -ENOMEM && map->kind == NODE_MAP && i < map->n; i++) {
		struct nearest nearest;
		const struct field *field = find_below(prefix, map->keys[i]->text, &nearest);

		bad = field ? add_value(&inner, field, map->keys[i], map->items[i])
			    : unknown_key(&inner, map->keys[i], &nearest);
		err = worse(err, bad);
	}
	return err;
}

/* What a name with a dot in the table has before it: "parent." of parent.comm. Unknown: nothing does. */
static struct str find_group(struct str name)
{
	for (size_t i = 0; i < n_fields; i++) {
		struct str row = { field_table[i].name, field_table[i].name_len };

		/* What follows from `time` is no part of it. */
		if (field_table[i].place == PLACE_DERIVED)
			continue;
		if (row.len > name.len && row.p[name.len] == '.' && str_has_prefix(row, name))
			return (struct str){ row.p, name.len + 1 };
	}
	return (struct str){ NULL, 0 };
}

/* An index says which word or ancestor a rule looks at; a record holds them all. */
static int no_index(struct flat *f, const struct field_ref *ref, const struct node *key)
{
	struct diags *ds = f->s->checker->ds;
	const char *dot = strchr(ref->field->name, '.');

	diag_error(ds, &code_derived_key, key->at, "`%.*s` is nothing that a record holds",
		   STR_ARG(key->text));
	if (ref->field->place == PLACE_ANCESTORS)
		diag_help(ds, "write `" ANCESTORS ": [{ %s: ... }]`, the nearest first", dot + 1);
	else
		diag_help(ds, "write `%s: [...]` with all its words", ref->field->name);
	return -EINVAL;
}

static int add_key(struct flat *f, const struct node *key, const struct node *value)
{
	struct str group = find_group(key->text);
	const struct field *field = field_find(key->text);
	const struct field_ref *ref;
	int err;

	if (str_eq(key->text, STR_LIT(ANCESTORS)))
		return add_ancestors(f, key, value);
	if (str_eq(key->text, STR_LIT(DURATION_KEY)))
		return add_value(f, field_find(STR_LIT("duration")), key, value);
	if (str_known(group))
		return add_group(f, group, key, value);
	if (field && field->type == FT_MAP)
		return add_map(f, field, key, value);
	err = field_read(f->s, key, &ref);
	if (err < 0)
		return err;
	if (str_known(ref->key))
		return add_named(f, ref->field, ref->key, key, value);
	if (ref->indexed || ref->field->place == PLACE_ANCESTORS)
		return no_index(f, ref, key);
	return add_value(f, ref->field, key, value);
}

int record_leaf_compare(const void *a, const void *b)
{
	const struct record_leaf *l = a, *r = b;

	if (l->field != r->field)
		return l->field < r->field ? -1 : 1;
	if (str_known(l->name) && str_cmp(l->name, r->name) != 0)
		return str_cmp(l->name, r->name);
	/* The same value twice: in the order in which they were written. */
	if (l->at.line != r->at.line)
		return l->at.line < r->at.line ? -1 : 1;
	return l->at.col < r->at.col ? -1 : l->at.col > r->at.col;
}

bool record_leaf_same(const struct record_leaf *a, const struct record_leaf *b)
{
	return a->field == b->field && str_eq(a->name, b->name);
}

bool is_step_key(const struct node *key)
{
	for (size_t i = 0; i < n_keys; i++)
		if (key_table[i].map == MAP_STEP && str_eq(key->text, str_of(key_table[i].name)))
			return true;
	return false;
}

int record_leaves_read(struct scope *s, const struct node *map, const char *what, struct record_leaves *ret)
{
	struct flat f = { .s = s, .leaves = ret, .prefix = STR("") };
	int err, bad;

	ret->n = 0;
	err = read_map(map, what, s->checker->ds);
	if (err < 0)
		return err;
	for (size_t i = 0; i < map->n && err != -ENOMEM; i++) {
		bad = is_step_key(map->keys[i]) ? 0 : add_key(&f, map->keys[i], map->items[i]);
		err = worse(err, bad);
	}
	if (ret->n > 1)
		qsort(ret->item, ret->n, sizeof(*ret->item), record_leaf_compare);
	for (size_t i = 1; i < ret->n; i++) {
		if (!record_leaf_same(&ret->item[i - 1], &ret->item[i]))
			continue;
		err = worse(err, diag_error(s->checker->ds, &code_duplicate_key, ret->item[i].at,
					    "this value is given twice"));
		diag_second(s->checker->ds, ret->item[i - 1].at, "the first one");
	}
	return err;
}
