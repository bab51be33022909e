/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What stands under `detection` by a name: a map, whose items all hold, a list of maps, one of which does, or
 * values alone, which are looked for in all that an exec is described by.
 *
 * A field of Sigma is one or more native ones, and has a value where one of them has it. An item holds where
 * one native field has one of the values, or with `all` each of them; null is having no value at all.
 */
#include <errno.h>

#include "parser/codes.h"
#include "parser/sigma.h"

/* Has the field a value? */
static int is_set(struct sigma *g, const struct sigma_field *field, struct loc at, const struct cond **ret)
{
	const struct cond **parts = arena_array(g->s->scratch, field->n, sizeof(*parts));

	if (!parts)
		return -ENOMEM;
	for (size_t i = 0; i < field->n; i++)
		if (sigma_set(g, field->native[i], at, &parts[i]) < 0)
			return -ENOMEM;
	return sigma_join(g, COND_ANY, at, parts, field->n, ret);
}

static int is_missing(struct sigma *g, const struct sigma_field *field, struct loc at,
		      const struct cond **ret)
{
	const struct cond *set;
	int err = is_set(g, field, at, &set);

	return err < 0 ? err : sigma_not(g, at, set, ret);
}

/* `exists`: any of the values, which are true or false. */
static int read_exists(struct sigma *g, const struct sigma_field *field, const struct sigma_value *values,
		       size_t n, const struct cond **ret)
{
	const struct cond **parts = arena_array(g->s->scratch, n, sizeof(*parts));
	int err = parts ? 0 : -ENOMEM;

	for (size_t i = 0; i < n && err == 0; i++) {
		struct loc at = values[i].node->at;

		err = values[i].scalar.truth ? is_set(g, field, at, &parts[i]) :
					       is_missing(g, field, at, &parts[i]);
	}
	return err < 0 ? err : sigma_join(g, COND_ANY, values[0].node->at, parts, n, ret);
}

/* The field for a part of a time, in the place of the time. */
static int to_part(struct sigma *g, const struct sigma_item *item, struct sigma_field *field)
{
	char name[WHAT_SIZE];

	for (size_t i = 0; i < field->n; i++) {
		const struct field_ref *ref = field->native[i], **part = &field->native[i];
		struct field_ref parsed;

		snprintf(name, sizeof(name), "%s.%s", ref->field->name, item->part);
		if (ref->field->type != FT_TIME || field_ref_parse(str_of(name), &parsed) < 0)
			return diag_error(g->s->checker->ds, &code_sigma_modifier_use,
					  sigma_modifier_place(item, item->part),
					  "`%s` is of a time, and `%.*s` is none", item->part,
					  STR_ARG(item->field));
		*part = intern_field(&g->s->checker->intern, str_of(name), &parsed);
		if (!*part)
			return -ENOMEM;
	}
	return 0;
}

/* Values that are not null. */
static int match_field(struct sigma *g, const struct sigma_item *item, const struct sigma_field *field,
		       const struct sigma_value *values, size_t n, const struct cond **ret)
{
	const struct cond **parts = arena_array(g->s->scratch, field->n, sizeof(*parts));
	int err = 0;

	if (!parts)
		return -ENOMEM;
	for (size_t i = 0; i < field->n && err != -ENOMEM; i++) {
		int bad = sigma_match(g, item, field->native[i], values, n, &parts[i]);

		/* Of the other fields the same would be said. */
		if (bad == -EINVAL)
			return bad;
		err = worse(err, bad);
	}
	return err < 0 ? err : sigma_join(g, COND_ANY, item->key->at, parts, field->n, ret);
}

/* Without a field each value has a field of its own choice. */
static int match_keywords(struct sigma *g, const struct sigma_item *item, const struct sigma_field *field,
			  const struct sigma_value *values, size_t n, const struct cond **ret)
{
	const struct cond **parts;
	int err = 0;

	if (!item->all)
		return match_field(g, item, field, values, n, ret);
	parts = arena_array(g->s->scratch, n, sizeof(*parts));
	if (!parts)
		return -ENOMEM;
	for (size_t i = 0; i < n && err == 0; i++)
		err = match_field(g, item, field, &values[i], 1, &parts[i]);
	return err < 0 ? err : sigma_join(g, COND_ALL, item->key->at, parts, n, ret);
}

/* Moves nulls behind the others, whose number this is. */
static size_t part_nulls(struct sigma_value *values, size_t n)
{
	size_t kept = 0;

	for (size_t i = 0; i < n; i++) {
		struct sigma_value v = values[i];

		if (v.scalar.type == SIGMA_NULL)
			continue;
		values[i] = values[kept];
		values[kept++] = v;
	}
	return kept;
}

static int match_values(struct sigma *g, const struct sigma_item *item, const struct sigma_field *field,
			struct sigma_value *values, size_t n, const struct cond **ret)
{
	size_t n_known = part_nulls(values, n), n_parts = 0;
	enum cond_kind kind = item->all ? COND_ALL : COND_ANY;
	const struct cond *parts[2];
	int err = 0;

	if (n_known > 0)
		err = match_field(g, item, field, values, n_known, &parts[n_parts++]);
	if (err == 0 && n_known < n)
		err = is_missing(g, field, values[n_known].node->at, &parts[n_parts++]);
	return err < 0 ? err : sigma_join(g, kind, item->key->at, parts, n_parts, ret);
}

static int read_item(struct sigma *g, const struct sigma_item *item, const struct node *n,
		     const struct cond **ret)
{
	struct sigma_value *values;
	struct sigma_field field;
	const struct cond *found;
	size_t n_values;
	int err = sigma_values_read(g, item, n, &values, &n_values);

	if (err == 0)
		err = item->field.len > 0 ? sigma_field_find(g, item->field, item->key, &field) :
					    sigma_keyword_field(g, &field);
	if (err == 0 && item->part)
		err = to_part(g, item, &field);
	if (err < 0)
		return err;
	for (size_t i = 0; i < field.n; i++)
		g->tally.reads_outcome |= is_outcome(field.native[i]);
	if (item->kind == SIGMA_EXISTS)
		err = read_exists(g, &field, values, n_values, &found);
	else if (item->field.len == 0)
		err = match_keywords(g, item, &field, values, n_values, &found);
	else
		err = match_values(g, item, &field, values, n_values, &found);
	if (err < 0)
		return err;
	if (item->negated)
		return sigma_not(g, item->key->at, found, ret);
	*ret = found;
	return 0;
}

/* Values without a field. */
static int read_keywords(struct sigma *g, const struct node *n, const struct cond **ret)
{
	const struct sigma_item item = { .key = n };

	return read_item(g, &item, n, ret);
}

static int read_map_item(struct sigma *g, const struct node *key, const struct node *n,
			 const struct cond **ret)
{
	struct sigma_item item;
	int err = sigma_item_parse(g, key, &item);

	return err < 0 ? err : read_item(g, &item, n, ret);
}

static bool holds_only_scalars(const struct node *list)
{
	for (size_t i = 0; i < list->n; i++)
		if (list->items[i]->kind != NODE_SCALAR)
			return false;
	return true;
}

static int empty(struct sigma *g, const struct node *n)
{
	return n->incomplete ? -EINVAL : diag_error(g->s->checker->ds, &code_empty_list, n->at,
						     "nothing is in this %s",
						     n->kind == NODE_MAP ? "map" : "list");
}

int sigma_detection_read(struct sigma *g, const struct node *n, const struct cond **ret)
{
	enum cond_kind kind = n->kind == NODE_MAP ? COND_ALL : COND_ANY;
	const struct cond **parts;
	int err = 0;

	if (n->kind == NODE_SCALAR || (n->kind == NODE_LIST && n->n > 0 && holds_only_scalars(n)))
		return read_keywords(g, n, ret);
	if (n->n == 0)
		return empty(g, n);
	parts = arena_array(g->s->scratch, n->n, sizeof(*parts));
	if (!parts)
		return -ENOMEM;
	for (size_t i = 0; i < n->n && err != -ENOMEM; i++) {
		int bad = n->kind == NODE_MAP ? read_map_item(g, n->keys[i], n->items[i], &parts[i]) :
						sigma_detection_read(g, n->items[i], &parts[i]);

		err = worse(err, bad);
	}
	return err < 0 ? err : sigma_join(g, kind, n->at, parts, n->n, ret);
}
