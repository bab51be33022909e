/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Trees of conditions, and the macros that name them.
 *
 * A macro's tree is built once and shared by all that use it, so that what counts is not how long a file is
 * but what it adds up to: every tree is tallied with its macros written out.
 */
#include <errno.h>

#include "parser/checker.h"
#include "parser/codes.h"
#include "parser/read.h"

int cond_new(struct scope *s, enum cond_kind kind, struct loc at, const char *key,
	     const struct cond *const *children, size_t n, const struct cond **ret)
{
	const struct cond c = { .kind = kind, .n_children = (uint32_t)n, .children = children };

	*ret = intern_cond(&s->checker->intern, &c, &(struct cond_origin){ .at = at, .key = str_of(key) });
	return *ret ? 0 : -ENOMEM;
}

/* A list of conditions under any, all or none. @name: of the result. */
static int read_conditions(struct scope *s, const struct node *key, const struct node *list,
			   struct tally *tally, enum cond_kind kind, const char *name,
			   const struct cond **ret)
{
	struct diags *ds = s->checker->ds;
	const struct cond **children;
	char what[WHAT_SIZE];
	int err;

	name_thing(what, "", key->text);
	err = read_list(list, what, ds);
	if (err < 0) {
		if (list->kind == NODE_MAP)
			diag_help(ds, "`%.*s` takes conditions: [{ FIELD: VALUE }, { FIELD: VALUE }]",
				  STR_ARG(key->text));
		return err;
	}
	if (list->n == 0)
		return list->incomplete ? -EINVAL :
		       diag_error(ds, &code_empty_list, list->at, "%s is an empty list", what);
	children = arena_array(s->scratch, list->n, sizeof(*children));
	if (!children)
		return -ENOMEM;
	name_thing(what, "a condition of ", key->text);
	for (size_t i = 0; i < list->n && err != -ENOMEM; i++) {
		int bad = condition_read(s, list->items[i], what, tally, &children[i]);

		err = worse(err, bad);
	}
	if (err < 0)
		return err;
	return cond_new(s, kind, key->at, name, children, list->n, ret);
}

static int negate(struct scope *s, const struct node *key, const char *name, int err,
		  const struct cond *inner, const struct cond **ret)
{
	return err < 0 ? err : cond_new(s, COND_NOT, key->at, name, &inner, 1, ret);
}

static int read_not(struct scope *s, const struct node *key, const struct node *n, struct tally *tally,
		    const struct cond **ret)
{
	const struct cond *inner = NULL;
	int err = condition_read(s, n, "`not`", tally, &inner);

	if (n->kind == NODE_MAP && n->n > 1 && warns(s)) {
		diag_warning(s->checker->ds, &code_not_several, key->at, "`not` of several keys");
		diag_label(s->checker->ds, "holds when one of them does not");
		diag_help(s->checker->ds,
			  "to say that none holds: `none: [{ ... }, { ... }]`; else `not: { all: [...] }`");
	}
	return negate(s, key, "not", err, inner, ret);
}

static int unknown_macro(struct scope *s, const struct node *n)
{
	struct str nearest = view_nearest(s, &s->macros, n->text);

	diag_error(s->checker->ds, &code_unknown_macro, n->at, "unknown macro `%.*s`", STR_ARG(n->text));
	if (str_known(nearest))
		diag_help(s->checker->ds, "did you mean `%.*s`?", STR_ARG(nearest));
	return -EINVAL;
}

static int resolve(struct scope *s, struct macro *m)
{
	char what[WHAT_SIZE];
	int err;

	if (m->def.state == STATE_READY)
		return 0;
	if (m->def.state == STATE_BAD)
		return -EINVAL;
	m->def.state = STATE_OPEN;
	s->n_open++;
	name_thing(what, "macro ", m->def.name);
	err = condition_read(s, m->def.node, what, &m->tally, &m->cond);
	if (err == 0 && m->def.node->faulty)
		err = -EINVAL;
	s->n_open--;
	m->def.state = err < 0 ? STATE_BAD : STATE_READY;
	return err;
}

/* Borrows the definition that a macro begins with. */
static struct macro *macro_of(struct definition *def)
{
	return (struct macro *)def;
}

/* The macro's tree under its name, over the children or tests that all uses share. A root that bears another
 * macro's name is wrapped. Without origins there are no names. */
static int label(struct scope *s, const struct node *n, const struct macro *m, const struct cond **ret)
{
	struct arena *a = s->checker->arena;
	const struct cond *shared = m->cond;
	struct cond_origin *origin;
	struct cond *c;
	int err = 0;

	*ret = shared;
	if (!s->checker->intern.with_origins)
		return 0;
	if (str_known(cond_label(shared)))
		err = cond_new(s, COND_ALL, n->at, NULL, &m->cond, 1, &shared);
	c = arena_alloc(a, sizeof(*c));
	origin = arena_alloc(a, sizeof(*origin));
	if (err < 0 || !c || !origin)
		return -ENOMEM;
	*origin = (struct cond_origin){ n->at, cond_key(shared), arena_str(a, m->def.name) };
	*c = *shared;
	c->origin = origin;
	*ret = c;
	return origin->label.p ? 0 : -ENOMEM;
}

static int too_deep(struct scope *s, const struct node *n)
{
	return diag_error(s->checker->ds, &code_too_big, n->at, "macros nested more than %d deep",
			  MAX_NESTING);
}

static int use_macro(struct scope *s, const struct node *n, struct tally *tally, const struct cond **ret)
{
	struct diags *ds = s->checker->ds;
	struct definition *def;
	struct macro *m;
	struct str name;
	int err = read_text(n, "`macro`", ds, &name);

	if (err < 0)
		return err;
	err = view_find(&s->macros, name, &def);
	if (err < 0)
		return err == -ENOENT ? unknown_macro(s, n) : err;
	m = macro_of(def);
	def->used = true;
	if (def->state == STATE_OPEN) {
		diag_error(ds, &code_cycle, n->at, "macro `%.*s` needs itself", STR_ARG(name));
		diag_second(ds, def->at, "the macro is defined here");
		return -EINVAL;
	}
	if (s->n_open > MAX_NESTING)
		return too_deep(s, n);
	err = resolve(s, m);
	if (err < 0)
		return err;
	tally->reads_outcome |= m->tally.reads_outcome;
	tally->conditions += m->tally.conditions;
	if (m->tally.nesting + 1 > tally->nesting)
		tally->nesting = m->tally.nesting + 1;
	if (tally->nesting > MAX_NESTING)
		return too_deep(s, n);
	if (tally->conditions > MAX_CONDITIONS)
		return diag_error(ds, &code_too_big, n->at, "more than %zu conditions with macro `%.*s`",
				  MAX_CONDITIONS, STR_ARG(name));
	return label(s, n, m, ret);
}

static int read_macro(struct scope *s, const struct node *key, const struct node *n, struct tally *tally,
		      const struct cond **ret)
{
	const struct cond **children;
	int err = 0;

	if (n->kind != NODE_LIST)
		return use_macro(s, n, tally, ret);
	if (n->n == 0)
		return n->incomplete ? -EINVAL :
		       diag_error(s->checker->ds, &code_empty_list, n->at, "`macro` is an empty list");
	children = arena_array(s->scratch, n->n, sizeof(*children));
	if (!children)
		return -ENOMEM;
	for (size_t i = 0; i < n->n && err != -ENOMEM; i++) {
		int bad = use_macro(s, n->items[i], tally, &children[i]);

		err = worse(err, bad);
	}
	if (err < 0)
		return err;
	return cond_new(s, COND_ALL, key->at, "macro", children, n->n, ret);
}

static int read_key(struct scope *s, const struct node *key, const struct node *n, struct tally *tally,
		    const struct cond **ret)
{
	const struct cond *inner = NULL;
	int err;

	tally->conditions++;
	if (str_eq(key->text, STR_LIT("any")))
		return read_conditions(s, key, n, tally, COND_ANY, "any", ret);
	if (str_eq(key->text, STR_LIT("all")))
		return read_conditions(s, key, n, tally, COND_ALL, "all", ret);
	if (str_eq(key->text, STR_LIT("none"))) {
		err = read_conditions(s, key, n, tally, COND_ANY, NULL, &inner);
		return negate(s, key, "none", err, inner, ret);
	}
	if (str_eq(key->text, STR_LIT("not")))
		return read_not(s, key, n, tally, ret);
	if (str_eq(key->text, STR_LIT("macro")))
		return read_macro(s, key, n, tally, ret);
	return predicate_read(s, key, n, tally, ret);
}

static int read_empty(struct scope *s, const struct node *n, const char *what, const struct cond **ret)
{
	if (n->incomplete || n->faulty)
		return -EINVAL;
	if (warns(s)) {
		diag_warning(s->checker->ds, &code_matches_all, n->at, "%s is empty", what);
		diag_label(s->checker->ds, "holds for every exec");
	}
	return cond_new(s, COND_TRUE, n->at, NULL, NULL, 0, ret);
}

int condition_read(struct scope *s, const struct node *n, const char *what, struct tally *tally,
		   const struct cond **ret)
{
	const struct cond **children;
	size_t told = s->checker->ds->n;
	int err = read_map(n, what, s->checker->ds);

	if (s->checker->ds->n > told && n->kind == NODE_LIST)
		diag_help(s->checker->ds,
			  "conditions that all have to hold are one map; a list stands under `any` or `all`");
	else if (s->checker->ds->n > told && n->text.len > 0)
		diag_help(s->checker->ds, "a condition is FIELD: VALUE, as in `{ name: curl, user: root }`");
	if (err < 0)
		return err;
	if (n->n == 0)
		return read_empty(s, n, what, ret);
	children = arena_array(s->scratch, n->n, sizeof(*children));
	if (!children)
		return -ENOMEM;
	for (size_t i = 0; i < n->n && err != -ENOMEM; i++) {
		int bad = read_key(s, n->keys[i], n->items[i], tally, &children[i]);

		err = worse(err, bad);
	}
	if (err == 0 && tally->conditions > MAX_CONDITIONS)
		err = diag_error(s->checker->ds, &code_too_big, n->at, "%s has more than %zu conditions",
				 what, MAX_CONDITIONS);
	if (err < 0 || n->n > 1)
		return err < 0 ? err : cond_new(s, COND_ALL, n->at, NULL, children, n->n, ret);
	*ret = children[0];
	return 0;
}

int macros_declare(struct scope *s, const struct node *macros)
{
	struct module *m = s->module;
	int err = read_map(macros, "`macros`", s->checker->ds);

	m->lacks_macros |= err < 0 || macros->incomplete;
	if (err < 0)
		return err;
	m->macros = arena_array(&s->checker->kept, macros->n, sizeof(*m->macros));
	if (!m->macros)
		return -ENOMEM;
	for (size_t i = 0; i < macros->n && err != -ENOMEM; i++) {
		err = worse(err, definition_read(s, macros, i, "macro", &m->macros[i].def));
		m->n_macros++;
	}
	return err;
}

int macros_read(struct scope *s)
{
	int err = 0;

	for (size_t i = 0; i < s->module->n_macros && err != -ENOMEM; i++) {
		int bad = resolve(s, &s->module->macros[i]);

		err = worse(err, bad);
	}
	return err;
}
