/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Named lists, and the values of operands with the lists that they name.
 *
 * A list's entries keep their nodes, since only the field they are compared with says what type they must
 * have. Lists of lists are flattened once, depth first; one that is being flattened and is needed again
 * is a cycle.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/grow.h"
#include "parser/checker.h"
#include "parser/codes.h"
#include "parser/read.h"

static bool is_name_start(char c)
{
	return ascii_lower(c) >= 'a' && ascii_lower(c) <= 'z';
}

bool is_name(struct str text)
{
	if (text.len == 0 || text.len > MAX_ID || (text.p[0] != '_' && !is_name_start(text.p[0])))
		return false;
	for (size_t i = 1; i < text.len; i++) {
		char c = text.p[i];

		if (!is_name_start(c) && !(c >= '0' && c <= '9') && c != '_' && c != '-' && c != '.')
			return false;
	}
	return true;
}

/* A growing array of entries: a list's own, or the scope's. */
struct entries {
	struct entry ***items;
	size_t *n, *cap;
};

static int append(struct entries *out, struct entry *e)
{
	int err = grow_array(out->items, *out->n, out->cap, sizeof(**out->items));

	if (err == 0)
		(*out->items)[(*out->n)++] = e;
	return err;
}

/* The node and its text, for as long as other files may use the list. NULL: out of memory. */
static const struct node *keep_node(struct checker *c, const struct node *n)
{
	const struct str *text = intern_text(&c->intern, n->text);
	struct node *copy = arena_alloc(&c->kept, sizeof(*copy));

	if (!copy || !text)
		return NULL;
	*copy = *n;
	copy->text = *text;
	return copy;
}

/* @skipped bytes at the start of the text are not the value's. */
static int add_value(struct scope *s, const struct node *n, size_t skipped, bool keep, struct entries *out)
{
	struct checker *c = s->checker;
	struct entry *e = arena_alloc(keep ? &c->kept : s->scratch, sizeof(*e));

	if (keep)
		n = keep_node(c, n);
	if (!e || !n)
		return -ENOMEM;
	*e = (struct entry){ .node = n, .text = str_skip(n->text, skipped), .kept = keep };
	return append(out, e);
}

/* Borrows the definition that a list begins with. */
static struct list *list_of(struct definition *def)
{
	return (struct list *)def;
}

static int unknown_list(struct scope *s, const struct node *n, struct str name)
{
	struct str nearest = view_nearest(s, &s->lists, name);

	diag_error(s->checker->ds, &code_unknown_list, n->at, "unknown list `%.*s`", STR_ARG(name));
	if (str_known(nearest))
		diag_help(s->checker->ds, "did you mean `$%.*s`? The text itself is written `$$%.*s`",
			  STR_ARG(nearest), STR_ARG(name));
	else
		diag_help(s->checker->ds, "the text itself is written `$$%.*s`", STR_ARG(name));
	return -EINVAL;
}

static int resolve(struct scope *s, struct list *l);

static int too_deep(struct scope *s, const struct node *n)
{
	return diag_error(s->checker->ds, &code_too_big, n->at, "lists nested more than %d deep",
			  MAX_NESTING);
}

static int add_list(struct scope *s, const struct node *n, struct str name, unsigned int *nesting,
		    struct entries *out)
{
	struct diags *ds = s->checker->ds;
	struct definition *def;
	struct list *l;
	int err = view_find(&s->lists, name, &def);

	if (err < 0)
		return err == -ENOENT ? unknown_list(s, n, name) : err;
	l = list_of(def);
	def->used = true;
	if (def->state == STATE_OPEN) {
		diag_error(ds, &code_cycle, n->at, "list `%.*s` needs itself", STR_ARG(name));
		diag_second(ds, def->at, "the list is defined here");
		return -EINVAL;
	}
	if (s->n_open > MAX_NESTING)
		return too_deep(s, n);
	err = resolve(s, l);
	if (err < 0)
		return err;
	if (l->nesting + 1 > *nesting)
		*nesting = l->nesting + 1;
	if (*nesting > MAX_NESTING)
		return too_deep(s, n);
	if (l->n + *out->n > MAX_LIST)
		return diag_error(ds, &code_too_big, n->at, "more than %zu values with list `%.*s`", MAX_LIST,
				  STR_ARG(name));
	for (size_t i = 0; i < l->n && err == 0; i++)
		err = append(out, l->entries[i]);
	return err;
}

static int add_item(struct scope *s, const struct node *n, const char *what, bool keep, unsigned int *nesting,
		    struct entries *out)
{
	struct str text;
	int err = read_text(n, what, s->checker->ds, &text);

	if (err < 0)
		return err;
	if (str_has_prefix(text, STR_LIT("$$")) && is_name(str_skip(text, 2)))
		return add_value(s, n, 1, keep, out);
	if (str_has_prefix(text, STR_LIT("$")) && is_name(str_skip(text, 1)))
		return add_list(s, n, str_skip(text, 1), nesting, out);
	return add_value(s, n, 0, keep, out);
}

/* Where the entries from @first on stand, which @element of a list has yielded. NULL: there is no list, and
 * `$NAME` is itself. */
static int note_places(struct scope *s, const struct node *element, size_t first)
{
	bool named = element && str_has_prefix(element->text, STR_LIT("$")) &&
		     is_name(str_skip(element->text, 1));
	struct str list = { NULL, 0 };
	int err = 0;

	if (named)
		list = arena_str(s->checker->arena, str_skip(element->text, 1));
	if (named && !list.p)
		return -ENOMEM;
	for (size_t i = first; i < s->n_entries && err == 0; i++) {
		err = grow_array(&s->places, i, &s->cap_places, sizeof(*s->places));
		if (err == 0)
			s->places[i] = (struct operand_place){ s->entries[i]->node->at, list };
	}
	return err;
}

static int add_items(struct scope *s, const struct node *list, const char *what, bool keep,
		     unsigned int *nesting, struct entries *out)
{
	int err = 0;

	if (list->n == 0 && list->incomplete)
		return -EINVAL;
	if (list->n == 0)
		return diag_error(s->checker->ds, &code_empty_list, list->at, "%s is an empty list", what);
	for (size_t i = 0; i < list->n; i++) {
		size_t first = *out->n;
		int e = add_item(s, list->items[i], what, keep, nesting, out);

		if (e == 0 && !keep && s->checker->options->authoring)
			e = note_places(s, list->items[i], first);
		if (e == -ENOMEM)
			return e;
		err = worse(err, e);
	}
	return err;
}

static int read_values(struct scope *s, const struct node *n, const char *what)
{
	struct diags *ds = s->checker->ds;
	size_t told = ds->n;
	int err = read_list(n, what, ds);

	if (ds->n > told && n->kind == NODE_SCALAR && n->text.len > 0 && n->text.len <= 60)
		diag_help(ds, "write `[%.*s]`", STR_ARG(n->text));
	return err;
}

static int resolve(struct scope *s, struct list *l)
{
	char what[WHAT_SIZE];
	size_t cap = 0;
	struct entries out = { &l->entries, &l->n, &cap };
	int err;

	if (l->def.state == STATE_READY)
		return 0;
	if (l->def.state == STATE_BAD)
		return -EINVAL;
	l->def.state = STATE_OPEN;
	s->n_open++;
	name_thing(what, "list ", l->def.name);
	err = read_values(s, l->def.node, what);
	if (err == 0)
		err = add_items(s, l->def.node, what, true, &l->nesting, &out);
	if (err == 0 && l->def.node->faulty)
		err = -EINVAL;
	s->n_open--;
	l->def.state = err < 0 ? STATE_BAD : STATE_READY;
	return err;
}

int lists_declare(struct scope *s, const struct node *lists)
{
	struct module *m = s->module;
	int err = read_map(lists, "`lists`", s->checker->ds);

	m->lacks_lists |= err < 0 || lists->incomplete;
	if (err < 0)
		return err;
	m->lists = arena_array(&s->checker->kept, lists->n, sizeof(*m->lists));
	if (!m->lists)
		return -ENOMEM;
	for (size_t i = 0; i < lists->n && err != -ENOMEM; i++) {
		err = worse(err, definition_read(s, lists, i, "list", &m->lists[i].def));
		m->n_lists++;
	}
	return err;
}

int lists_read(struct scope *s)
{
	int err = 0;

	for (size_t i = 0; i < s->module->n_lists; i++) {
		int e = resolve(s, &s->module->lists[i]);

		if (e == -ENOMEM)
			return e;
		err = worse(err, e);
	}
	return err;
}

/* `comm: $shells` is the text; who has a list of that name means something else. */
static void warn_scalar(struct scope *s, const struct node *n)
{
	struct definition *def;

	if (!warns(s) || n->text.len < 2 || n->text.p[0] != '$' ||
	    view_find(&s->lists, str_skip(n->text, 1), &def) < 0)
		return;
	def->used = true;
	diag_warning(s->checker->ds, &code_scalar_list, n->at, "`%.*s` is the text itself, not the list",
		     STR_ARG(n->text));
	diag_help(s->checker->ds, "write `[%.*s]` for the list", STR_ARG(n->text));
}

int origin_read(struct scope *s, struct test *t, struct loc at, bool many)
{
	size_t n = many && s->checker->options->authoring ? s->n_entries : 0;
	struct operand_place *places = NULL;
	struct test_origin *origin;

	if (!s->checker->intern.with_origins)
		return 0;
	origin = arena_alloc(s->checker->arena, sizeof(*origin));
	if (n > 0)
		places = arena_array(s->checker->arena, n, sizeof(*places));
	if (!origin || (n > 0 && !places))
		return -ENOMEM;
	if (n > 0)
		memcpy(places, s->places, n * sizeof(*places));
	*origin = (struct test_origin){ at, places };
	t->origin = origin;
	return 0;
}

int entries_read(struct scope *s, const struct node *n, const char *what)
{
	struct entries out = { &s->entries, &s->n_entries, &s->cap_entries };
	struct checker *c = s->checker;
	unsigned int nesting = 0;
	struct str text;
	int err;

	s->n_entries = 0;
	if (n->kind == NODE_LIST) {
		err = add_items(s, n, what, false, &nesting, &out);
	} else {
		err = read_text(n, what, c->ds, &text);
		if (err == 0)
			warn_scalar(s, n);
		if (err == 0)
			err = add_value(s, n, 0, false, &out);
		if (err == 0 && c->options->authoring)
			err = note_places(s, NULL, 0);
	}
	if (err < 0)
		return err;
	c->n_values += s->n_entries;
	if (c->n_values > MAX_VALUES)
		return diag_error(c->ds, &code_too_big, n->at, "too many values in all");
	return 0;
}

void entry_second(struct scope *s, const struct entry *e, const struct node *use)
{
	if (e->kept)
		diag_second(s->checker->ds, use->at, "the list is used here");
}
