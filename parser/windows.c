/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Counting: `threshold` and `throttle` of a rule, and what a summary may say of them. The names of the
 * variables key.FIELD come from the texts under `by` as they stand, good or bad, so that an error there is
 * not told a second time where the summary uses it.
 */
#include <errno.h>
#include <string.h>

#include "parser/checker.h"
#include "parser/codes.h"
#include "parser/keys.h"
#include "parser/read.h"

#define MAX_COUNT 10000
#define KEY_PREFIX "key."

/* One field of `by` or `distinct`. */
static int read_key_field(struct scope *s, const struct node *n, const char *what, struct field_ref *ret)
{
	const struct field_ref *ref;
	struct diags *ds = s->checker->ds;
	struct str text;
	int err = read_text(n, what, ds, &text);

	if (err == 0)
		err = field_read(s, n, &ref);
	if (err < 0)
		return err;
	*ret = *ref;
	if (field_ref_is_many(ret)) {
		diag_error(ds, &code_key_field, n->at, "`%.*s` may have several values", STR_ARG(text));
		if (ret->field->place == PLACE_ANCESTORS)
			diag_help(ds, "one ancestor's is `ancestors[N].comm`, N from 0 to 63");
		else
			diag_help(ds, "%s takes fields with one value, as `argv`, `exe` or `comm`", what);
		return -EINVAL;
	}
	warn_key(s, n, ret);
	return 0;
}

/* The elements of `by`: those of the list, or the one text alone. */
static const struct node *const *by_items(const struct node *const *by, size_t *ret_n)
{
	bool is_list = (*by)->kind == NODE_LIST;

	*ret_n = is_list ? (*by)->n : 1;
	return is_list ? (*by)->items : by;
}

/* How the field number @i is spelt; none stands there twice. */
static int read_name(struct scope *s, const struct node *const *items, size_t i, struct str *names)
{
	struct diags *ds = s->checker->ds;

	names[i] = arena_str(s->checker->arena, items[i]->text);
	if (!names[i].p)
		return -ENOMEM;
	for (size_t j = 0; j < i; j++) {
		if (!str_known(names[j]) || !str_eq(names[i], names[j]))
			continue;
		diag_error(ds, &code_key_twice, items[i]->at, "`%.*s` twice in `by`", STR_ARG(names[i]));
		diag_second(ds, items[j]->at, "the first one");
		return -EINVAL;
	}
	return 0;
}

static int read_by(struct scope *s, const struct node *by, struct key_fields *ret)
{
	struct arena *arena = s->checker->arena;
	struct diags *ds = s->checker->ds;
	struct field_ref *refs;
	struct strs none;
	struct str *names;
	size_t n;
	const struct node *const *items = by_items(&by, &n);
	int err = 0;

	if (by->kind == NODE_MAP || n == 0)
		return read_texts(by, "`by`", arena, ds, &none);
	if (n > RULE_MAX_BY)
		return diag_error(ds, &code_out_of_range, items[RULE_MAX_BY]->at,
				  "`by` takes at most %d fields", RULE_MAX_BY);
	refs = arena_array(arena, n, sizeof(*refs));
	names = arena_array(arena, n, sizeof(*names));
	if (!refs || !names)
		return -ENOMEM;
	for (size_t i = 0; i < n && err != -ENOMEM; i++) {
		int bad = read_key_field(s, items[i], "`by`", &refs[i]);

		if (bad == 0)
			bad = read_name(s, items, i, names);
		err = worse(err, bad);
	}
	if (err == 0)
		*ret = (struct key_fields){ refs, names, n };
	return err;
}

/* A duration above 0. That it is missing has been said. */
static int read_span(struct scope *s, const struct node *map, const char *key, int64_t *ret)
{
	const struct node *n = node_get(map, key);
	char name[WHAT_SIZE];
	int err;

	if (!n)
		return -EINVAL;
	name_thing(name, "", str_of(key));
	err = read_duration(n, name, s->checker->ds, ret);
	if (err == 0 && *ret == 0)
		err = diag_error(s->checker->ds, &code_out_of_range, n->at, "%s must be more than 0", name);
	return err;
}

static int read_window(struct scope *s, const struct node *n, const char *what, const char *example)
{
	struct diags *ds = s->checker->ds;
	size_t told = ds->n;
	int err = read_map(n, what, ds);

	if (ds->n > told && n->kind == NODE_SCALAR && n->text.len > 0)
		diag_help(ds, "as in `%s`", example);
	return err;
}

static int read_threshold(struct scope *s, const struct node *map, const struct threshold **ret)
{
	static const char what[] = "`threshold`";
	struct threshold *t = arena_alloc(s->checker->arena, sizeof(*t));
	const struct node *n;
	int64_t count = 1;
	int err = t ? read_window(s, map, what, "{ count: 20, within: 1m }") : -ENOMEM;

	if (err < 0)
		return err;
	t->at = map->at;
	err = keys_check(map, what, MAP_THRESHOLD, s->checker->ds);
	n = node_get(map, "count");
	err = worse(err, n ? read_int(n, "`count`", 1, MAX_COUNT, s->checker->ds, &count) : -EINVAL);
	t->count = (uint32_t)count;
	err = worse(err, read_span(s, map, "within", &t->within_ns));
	n = node_get(map, "by");
	if (n)
		err = worse(err, read_by(s, n, &t->by));
	n = node_get(map, "distinct");
	t->has_distinct = n != NULL;
	if (n)
		err = worse(err, read_key_field(s, n, "`distinct`", &t->distinct));
	if (err == 0)
		*ret = t;
	return err;
}

int throttle_read(struct scope *s, const struct node *map, const struct throttle **ret)
{
	static const char what[] = "`throttle`";
	struct throttle *t = arena_alloc(s->checker->arena, sizeof(*t));
	const struct node *n;
	int err = t ? read_window(s, map, what, "{ every: 10m }") : -ENOMEM;

	if (err < 0)
		return err;
	t->at = map->at;
	err = keys_check(map, what, MAP_THROTTLE, s->checker->ds);
	err = worse(err, read_span(s, map, "every", &t->every_ns));
	n = node_get(map, "by");
	if (n)
		err = worse(err, read_by(s, n, &t->by));
	if (err == 0)
		*ret = t;
	return err;
}

/* `throttle: none` takes away the one of `defaults`. */
static bool is_none(const struct node *n)
{
	return n->kind == NODE_SCALAR && str_eq(n->text, STR_LIT("none"));
}

/* The variable key.@name, unless there is one already. */
static int add_var(struct scope *s, struct template_var *vars, size_t *n, struct str name)
{
	const size_t prefix = strlen(KEY_PREFIX);
	char *text;

	for (size_t i = N_RULE_VARS; i < *n; i++)
		if (str_eq(str_of(vars[i].name + prefix), name))
			return 0;
	if (*n == RULE_MAX_VARS || memchr(name.p, '\0', name.len))
		return 0;
	text = arena_alloc(s->checker->arena, prefix + name.len + 1);
	if (!text)
		return -ENOMEM;
	memcpy(text, KEY_PREFIX, prefix);
	memcpy(text + prefix, name.p, name.len);
	vars[(*n)++].name = text;
	return 0;
}

static int add_vars_of(struct scope *s, struct template_var *vars, size_t *n, const struct node *window)
{
	const struct node *by = window && window->kind == NODE_MAP ? node_get(window, "by") : NULL;
	const struct node *const *items;
	size_t n_items = 0;
	int err = 0;

	items = by ? by_items(&by, &n_items) : NULL;
	for (size_t i = 0; i < n_items && err == 0; i++)
		if (items[i]->kind == NODE_SCALAR)
			err = add_var(s, vars, n, items[i]->text);
	return err;
}

/* What a summary may name: what every rule has, then key.FIELD. */
static int make_vars(struct scope *s, const struct node *map, struct rule *rule)
{
	struct arena *arena = s->checker->arena;
	struct template_var *vars = arena_array(arena, RULE_MAX_VARS, sizeof(*vars));
	struct template_vars *made = arena_alloc(arena, sizeof(*made));
	size_t n = N_RULE_VARS;
	int err;

	if (!vars || !made)
		return -ENOMEM;
	memcpy(vars, rule_template_vars.item, N_RULE_VARS * sizeof(*vars));
	err = add_vars_of(s, vars, &n, node_get(map, "threshold"));
	if (err == 0)
		err = add_vars_of(s, vars, &n, node_get(map, "throttle"));
	for (size_t i = 0; rule->throttle && i < rule->throttle->by.n && err == 0; i++)
		err = add_var(s, vars, &n, rule->throttle->by.name[i]);
	*made = (struct template_vars){ vars, n };
	rule->vars = made;
	return err;
}

int windows_read(struct scope *s, const struct node *map, struct rule *rule)
{
	const struct node *threshold = node_get(map, "threshold"), *throttle = node_get(map, "throttle");
	int err = 0;

	if (threshold)
		err = read_threshold(s, threshold, &rule->threshold);
	if (throttle) {
		rule->throttle = NULL;
		if (!is_none(throttle))
			err = worse(err, throttle_read(s, throttle, &rule->throttle));
	}
	rule->vars = &rule_template_vars;
	if (err != -ENOMEM && (threshold || throttle || rule->throttle))
		err = worse(err, make_vars(s, map, rule));
	return err;
}
