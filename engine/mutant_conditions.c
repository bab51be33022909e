/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The mutants of conditions: a walk that keeps the path of what the author wrote.
 *
 * A tree of conditions is not the author's map. A map of one key is the condition of that key; the operators
 * of a field's map are tests of one condition, with an AND above them where `not`, `all` or `set` stand
 * beside them. The walk tells these shapes apart by the keys that the loader has left in the tree.
 */
#include "base/grow.h"
#include "engine/mutant_walk.h"

#include <errno.h>
#include <string.h>

static void drop_child(struct walk *w, const struct cond *owner, size_t i)
{
	const struct cond *child = owner->children[i];
	bool is_test = owner->field && child->kind == COND_FIELD && child->tests[0].op != OP_SET;

	mutant_describe(child, &w->what);
	walk_add(w, "dropping",
		 (struct mutant){ .change = MUTANT_DROP_CHILDREN, .target = owner, .first = i, .end = i + 1,
				  .at = is_test ? test_at(&child->tests[0]) : cond_at(child) });
}

/* One of those that need no more than a condition, and some the number of a test. */
static void add(struct walk *w, const char *verb, enum mutant_change change, const struct cond *target,
		size_t test, struct loc at)
{
	walk_add(w, verb,
		 (struct mutant){ .change = change, .target = target, .test = test, .at = at });
}

/* Where a bound goes when it moves by one. */
static const char *shift_of(enum op op)
{
	return op == OP_GE || op == OP_LT ? "+1" : "-1";
}

static void shift_bound(struct walk *w, const struct cond *c, size_t test)
{
	struct test t = c->tests[test];
	size_t before = walk_enter(w, "%s", shift_of(t.op));

	t.op = mutant_shifted(t.op);
	mutant_describe_test(c, &t, &w->what);
	add(w, "shifting", MUTANT_SHIFT, c, test, test_at(&t));
	buf_cut(&w->path, before);
}

static bool has_letter(struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (ascii_lower(s.p[i]) >= 'a' && ascii_lower(s.p[i]) <= 'z')
			return true;
	return false;
}

/* Does it make a difference that case is ignored? The loader has spelt the values of an enumeration. */
static bool ignores_case(const struct cond *c)
{
	if (!walk_has_case(c))
		return false;
	for (size_t i = 0; i < c->n_tests; i++) {
		const struct test *t = &c->tests[i];

		if (!t->nocase || (t->op == OP_IN && c->field->field->type == FT_ENUM))
			continue;
		for (size_t j = 0; j < t->n; j++)
			if (has_letter(t->texts[j]))
				return true;
	}
	for (size_t i = 0; i < c->n_children; i++)
		if (ignores_case(c->children[i]))
			return true;
	return false;
}

static void walk_case(struct walk *w, const struct cond *c)
{
	size_t before;

	if (!ignores_case(c))
		return;
	before = walk_enter(w, ".nocase");
	add(w, "dropping", MUTANT_CASE, c, 0, cond_at(c));
	buf_cut(&w->path, before);
}

/* @plain: the values stand behind the field itself, as in `comm: [a, b]`. */
static void walk_tests(struct walk *w, const struct cond *c, bool plain)
{
	for (size_t i = 0; i < c->n_tests && !walk_is_over(w); i++) {
		const struct test *t = &c->tests[i];
		enum operand_kind kind = op_table[t->op].operand;
		size_t before = w->path.len;

		if (!plain || c->n_tests > 1 || t->op != OP_IN)
			walk_enter(w, ".%s", op_table[t->op].name);
		if (c->n_tests > 1) {
			mutant_describe_test(c, t, &w->what);
			add(w, "dropping", MUTANT_DROP_TEST, c, i, test_at(t));
		}
		if (kind == OPERAND_BOUND)
			shift_bound(w, c, i);
		else if (kind != OPERAND_PRESENCE && t->form != FORM_FIELD)
			walk_values(w, c, i);
		buf_cut(&w->path, before);
	}
}

static void walk_operand(struct walk *w, const struct cond *c);

/* The keys of a field's map, of which at least one is no test. */
static void walk_parts(struct walk *w, const struct cond *c)
{
	for (size_t i = 0; i < c->n_children && !walk_is_over(w); i++) {
		const struct cond *part = c->children[i];
		size_t before = w->path.len;

		/* Of several tests each is dropped, there. */
		if (part->kind != COND_FIELD)
			walk_enter(w, ".%.*s", STR_ARG(cond_key(part)));
		else if (part->n_tests == 1)
			walk_enter(w, ".%s", op_table[part->tests[0].op].name);
		if (w->path.len > before)
			drop_child(w, c, i);
		buf_cut(&w->path, before);
		if (part->kind == COND_FIELD)
			walk_tests(w, part, false);
		else
			walk_operand(w, part);
	}
}

static void walk_operand(struct walk *w, const struct cond *c)
{
	size_t before = w->path.len;

	if (c->kind == COND_FIELD) {
		walk_tests(w, c, true);
	} else if (c->kind == COND_NOT) {
		walk_enter(w, ".not");
		walk_operand(w, c->children[0]);
		if (!walk_has_case(c))
			walk_case(w, c->children[0]);
	} else if (str_known(cond_key(c))) {
		walk_enter(w, ".all");
		walk_values(w, c, 0);
	} else {
		walk_parts(w, c);
	}
	buf_cut(&w->path, before);
}

/* What stands behind a field; the path ends with it. */
static void walk_field(struct walk *w, const struct cond *c)
{
	walk_operand(w, c);
	walk_case(w, c);
}

static void walk_key(struct walk *w, const struct cond *c);

void walk_map(struct walk *w, const struct cond *c, bool is_root)
{
	bool several = c->kind == COND_ALL && !str_known(cond_key(c)) && !str_known(cond_label(c)) &&
		       !c->field;
	size_t n = several ? c->n_children : 1;

	for (size_t i = 0; i < n && c->kind != COND_TRUE && !walk_is_over(w); i++) {
		const struct cond *child = several ? c->children[i] : c;
		size_t before;

		if (str_known(cond_label(child)))
			before = walk_enter(w, ".macro.%.*s", STR_ARG(cond_label(child)));
		else if (child->field)
			before = walk_enter_field(w, child->field);
		else
			before = walk_enter(w, ".%.*s", STR_ARG(cond_key(child)));
		if (n > 1) {
			drop_child(w, c, i);
		} else if (is_root) {
			mutant_describe(child, &w->what);
			add(w, "dropping", MUTANT_ANYTHING, c, 0, cond_at(child));
		}
		walk_key(w, child);
		buf_cut(&w->path, before);
	}
}

/* The entries of any, all, none and of a list of macros. */
static void walk_list(struct walk *w, const struct cond *c)
{
	bool macros = str_eq(cond_key(c), STR_LIT("macro"));

	for (size_t i = 0; i < c->n_children && !walk_is_over(w); i++) {
		const struct cond *child = c->children[i];
		size_t before;

		if (macros)
			before = walk_enter(w, ".%.*s", STR_ARG(cond_label(child)));
		else
			before = walk_enter(w, "[%zu]", i);
		if (c->n_children > 1)
			drop_child(w, c, i);
		if (macros)
			walk_key(w, child);
		else
			walk_map(w, child, false);
		buf_cut(&w->path, before);
	}
}

/* The body of a macro, when it is met for the first time. */
static void walk_macro(struct walk *w, const struct cond *use)
{
	const void *content = use->kind == COND_FIELD ? (const void *)use->tests : use->children;
	struct buf outside = w->path;
	struct cond_origin *origin;
	struct cond *body;

	if (walk_is_over(w))
		return;
	for (size_t i = 0; i < w->n_macros; i++)
		if (w->macros[i] == content)
			return;
	body = arena_alloc(w->arena, sizeof(*body));
	origin = arena_alloc(w->arena, sizeof(*origin));
	w->error = grow_array(&w->macros, w->n_macros, &w->cap_macros, sizeof(*w->macros));
	if (!body || !origin || w->error < 0) {
		w->error = -ENOMEM;
		return;
	}
	w->macros[w->n_macros++] = content;
	*origin = (struct cond_origin){ .at = cond_at(use), .key = cond_key(use) };
	*body = *use;
	body->origin = origin;
	w->path = (struct buf)BUF_INIT;
	walk_enter(w, "macros.%.*s", STR_ARG(cond_label(use)));
	walk_map(w, body, false);
	buf_done(&w->path);
	w->path = outside;
}

/* What stands behind a key; the path ends with it. */
static void walk_key(struct walk *w, const struct cond *c)
{
	if (str_known(cond_label(c)))
		walk_macro(w, c);
	else if (c->field)
		walk_field(w, c);
	else if (c->kind != COND_NOT)
		walk_list(w, c);
	else if (str_eq(cond_key(c), STR_LIT("none")))
		walk_list(w, c->children[0]);
	else
		walk_map(w, c->children[0], false);
}
