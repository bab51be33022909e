/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What files define, and which of it each of them sees.
 *
 * A file sees its own lists and macros and those of all that it includes, directly or not. Kept is only which
 * files these are; the table of their names is made for each file anew and goes with it, since thousands may
 * see a common one.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/grow.h"
#include "base/nearest.h"
#include "parser/checker.h"
#include "parser/codes.h"

/* Written out: it is done for each condition, and seldom needed. */
void name_thing(char what[WHAT_SIZE], const char *before, struct str name)
{
	const struct str parts[] = { str_of(before), STR("`"), name, STR("`") };
	size_t at = 0;

	for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
		size_t room = WHAT_SIZE - 1 - at, n = parts[i].len < room ? parts[i].len : room;

		memcpy(what + at, parts[i].p, n);
		at += n;
	}
	what[at] = '\0';
}

static int append(struct module *m, struct module *other)
{
	int err = grow_array(&m->seen, m->n_seen, &m->cap_seen, sizeof(*m->seen));

	if (err == 0)
		m->seen[m->n_seen++] = other;
	return err;
}

struct module *module_new(struct checker *c, const struct source *src)
{
	struct module *m = arena_alloc(&c->kept, sizeof(*m));

	if (!m)
		return NULL;
	*m = (struct module){
		.source = src, .first_diag = c->ds->n, .lacks_lists = true, .lacks_macros = true,
	};
	*c->last_module = m;
	c->last_module = &m->next;
	return append(m, m) < 0 ? NULL : m;
}

void modules_done(struct checker *c)
{
	for (const struct module *m = c->modules; m; m = m->next) {
		for (size_t i = 0; i < m->n_lists; i++)
			free(m->lists[i].entries);
		free(m->seen);
	}
	arena_done(&c->kept);
}

int module_see(struct checker *c, struct module *m, const struct module *other, struct loc at)
{
	for (size_t i = 0; i < other->n_seen; i++) {
		struct module *seen = other->seen[i];

		if (seen->seer == m)
			continue;
		if (m->n_seen > MAX_MODULES)
			return diag_error(c->ds, &code_include, at, "more than %zu files with this one",
					  MAX_MODULES);
		c->n_sights += seen->n_lists + seen->n_macros;
		if (c->n_sights > MAX_SIGHTS)
			return diag_error(c->ds, &code_include, at, "too many lists and macros in all");
		seen->seer = m;
		if (append(m, seen) < 0)
			return -ENOMEM;
	}
	if (m->depth <= other->depth)
		m->depth = other->depth + 1;
	return 0;
}

int definition_read(struct scope *s, const struct node *map, size_t i, const char *what,
		    struct definition *ret)
{
	const struct node *key = map->keys[i];
	struct diags *ds = s->checker->ds;

	*ret = (struct definition){
		.name = arena_str(&s->checker->kept, key->text), .at = key->at, .node = map->items[i],
	};
	if (!ret->name.p)
		return -ENOMEM;
	if (is_name(key->text))
		return 0;
	diag_error(ds, &code_bad_name, key->at, "`%.*s` is no name of a %s", STR_ARG(key->text), what);
	diag_help(ds, "a letter or `_`, then letters, digits, `_`, `-` and `.`");
	return -EINVAL;
}

/* Told once of each two, whoever sees both; whether they are used can no longer be said. */
static int clash(struct scope *s, struct definition *def, struct definition *other, const char *what)
{
	struct diags *ds = s->checker->ds;

	def->used = other->used = true;
	if (def->rival == other || other->rival == def)
		return -EINVAL;
	def->rival = other;
	diag_error(ds, &code_clash, def->at, "two %ss `%.*s` in what `%.*s` sees", what, STR_ARG(def->name),
		   STR_ARG(s->module->source->path));
	diag_second(ds, other->at, "the other one");
	return -EINVAL;
}

static int view_add(struct scope *s, struct view *v, struct definition *def, const char *what)
{
	size_t number;
	int err = grow_array(&v->sights, v->n, &v->cap, sizeof(*v->sights));

	if (err < 0)
		return err;
	err = names_add(&v->names, def->name, v->n, &number);
	if (err == -EEXIST) {
		v->sights[number].ambiguous = true;
		return clash(s, def, v->sights[number].def, what);
	}
	if (err == 0)
		v->sights[v->n++] = (struct sight){ def, false };
	return err;
}

static int add_module(struct scope *s, const struct module *m)
{
	int err = 0;

	s->lists.lacks_some |= m->lacks_lists;
	s->macros.lacks_some |= m->lacks_macros;
	for (size_t i = 0; i < m->n_lists && err != -ENOMEM; i++)
		err = worse(err, view_add(s, &s->lists, &m->lists[i].def, "list"));
	for (size_t i = 0; i < m->n_macros && err != -ENOMEM; i++)
		err = worse(err, view_add(s, &s->macros, &m->macros[i].def, "macro"));
	return err;
}

/* The file's own names at last: where one of them is there already, its author is told in this file. */
int views_fill(struct scope *s)
{
	const struct module *m = s->module;
	int err = 0;

	for (size_t i = 1; i < m->n_seen && err != -ENOMEM; i++)
		err = worse(err, add_module(s, m->seen[i]));
	return err == -ENOMEM ? err : worse(err, add_module(s, m));
}

static void view_done(struct view *v)
{
	names_done(&v->names);
	free(v->sights);
}

void views_done(struct scope *s)
{
	view_done(&s->lists);
	view_done(&s->macros);
}

int view_find(const struct view *v, struct str name, struct definition **ret)
{
	size_t number;

	if (names_find(&v->names, name, &number) < 0)
		return v->lacks_some ? -EINVAL : -ENOENT;
	if (v->sights[number].ambiguous)
		return -EINVAL;
	*ret = v->sights[number].def;
	return 0;
}

struct str view_nearest(struct scope *s, const struct view *v, struct str name)
{
	struct nearest nearest = NEAREST_INIT(name);
	struct checker *c = s->checker;

	for (size_t i = 0; i < v->n && c->n_guesses < MAX_GUESSES; i++, c->n_guesses++)
		nearest_try(&nearest, v->sights[i].def->name);
	return nearest.best;
}
