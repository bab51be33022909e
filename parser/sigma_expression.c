/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The condition of a Sigma rule: names of selections, patterns over them, not, and, or and parentheses, of
 * which `not` binds closest. A list of conditions is one of them.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/grow.h"
#include "base/nearest.h"
#include "parser/codes.h"
#include "parser/sigma.h"

/* Parentheses within parentheses. */
#define MAX_DEPTH 16
/* Characters of patterns and names that a condition may hold against each other. */
#define MAX_COMPARISONS ((size_t)100000000)

struct expression {
	struct sigma *g;
	const struct node *node;
	struct str text;
	size_t at;			/* of the word, in the text */
	struct str word;		/* the next one; empty: the end */
	unsigned int depth;
	/* Of what is joined by and, or, 1 of: the parts so far, of the innermost last. */
	const struct cond **parts;
	size_t n_parts, cap_parts;
};

static bool is_blank(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static bool is_sign(char c)
{
	return c == '(' || c == ')' || c == '|';
}

/* Steps to the next word. */
static void step(struct expression *x)
{
	size_t from = x->at + x->word.len, to;

	while (from < x->text.len && is_blank(x->text.p[from]))
		from++;
	to = from;
	if (to < x->text.len && is_sign(x->text.p[to]))
		to++;
	else
		while (to < x->text.len && !is_blank(x->text.p[to]) && !is_sign(x->text.p[to]))
			to++;
	x->at = from;
	x->word = (struct str){ x->text.p + from, to - from };
}

/* For errors alone: it takes as long as the text is. */
static struct loc place(const struct expression *x)
{
	return node_place(x->node, x->at, x->word.len);
}

/* What is shown of the conditions of a text up to this length is where exactly they stand. */
#define MAX_PLACED 1000

static struct loc origin(const struct expression *x)
{
	bool shown = x->g->s->checker->intern.with_origins && x->text.len <= MAX_PLACED;

	return shown ? place(x) : x->node->at;
}

static struct diags *diags_of(const struct expression *x)
{
	return x->g->s->checker->ds;
}

static bool is_word(const struct expression *x, const char *word)
{
	return str_eq_nocase(x->word, str_of(word));
}

static int add_tally(struct expression *x, const struct tally *tally)
{
	struct tally *all = &x->g->tally;

	/* Also of one that decides nothing: names may be repeated without end. */
	all->conditions += tally->conditions ? tally->conditions : 1;
	all->reads_outcome |= tally->reads_outcome;
	x->g->too_big |= all->conditions > MAX_CONDITIONS;
	if (x->g->too_big)
		return diag_error(diags_of(x), &code_too_big, place(x), "more than %zu conditions",
				  MAX_CONDITIONS);
	return 0;
}

/* One that has an error has been told of. */
static int use(struct expression *x, const struct sigma_selection *selection, const struct cond **ret)
{
	*ret = selection->cond;
	return *ret ? add_tally(x, &selection->tally) : -EINVAL;
}

static int unknown_selection(struct expression *x)
{
	struct nearest nearest = NEAREST_INIT(x->word);

	for (size_t i = 0; i < x->g->n_selections && x->g->s->checker->n_guesses < MAX_GUESSES; i++) {
		nearest_try(&nearest, x->g->selections[i].key->text);
		x->g->s->checker->n_guesses++;
	}
	diag_error(diags_of(x), &code_sigma_selection, place(x), "nothing under `detection` is named `%.*s`",
		   STR_ARG(x->word));
	if (str_known(nearest.best))
		diag_help(diags_of(x), "did you mean `%.*s`?", STR_ARG(nearest.best));
	return -EINVAL;
}

static int read_selection(struct expression *x, const struct cond **ret)
{
	size_t number;

	if (names_find(&x->g->names, x->word, &number) < 0)
		return unknown_selection(x);
	return use(x, &x->g->selections[number], ret);
}

/* `*` in a pattern is any text. */
static bool fits(struct str pattern, struct str name)
{
	size_t p = 0, i = 0, star = SIZE_MAX, mark = 0;

	while (i < name.len) {
		if (p < pattern.len && pattern.p[p] == '*') {
			star = p++;
			mark = i;
		} else if (p < pattern.len && pattern.p[p] == name.p[i]) {
			p++;
			i++;
		} else if (star != SIZE_MAX) {
			p = star + 1;
			i = ++mark;
		} else {
			return false;
		}
	}
	while (p < pattern.len && pattern.p[p] == '*')
		p++;
	return p == pattern.len;
}

/* Names that begin with `_` are for patterns that do, too. */
static bool is_meant(struct str pattern, struct str name)
{
	if (str_has_prefix(name, STR_LIT("_")) && !str_has_prefix(pattern, STR_LIT("_")))
		return false;
	return str_eq_nocase(pattern, STR_LIT("them")) || fits(pattern, name);
}

static int add_part(struct expression *x, const struct cond *part)
{
	int err = grow_array(&x->parts, x->n_parts, &x->cap_parts, sizeof(*x->parts));

	if (err == 0)
		x->parts[x->n_parts++] = part;
	return err;
}

/* Makes one of the parts from number @first on. */
static int join_parts(struct expression *x, enum cond_kind kind, struct loc at, size_t first,
		      const struct cond **ret)
{
	size_t n = x->n_parts - first;

	x->n_parts = first;
	return sigma_join(x->g, kind, at, x->parts + first, n, ret);
}

/* `1 of PATTERN`, `all of them`: the word is the pattern. */
static int read_several(struct expression *x, enum cond_kind kind, const struct cond **ret)
{
	size_t first = x->n_parts;
	struct loc at = origin(x);
	bool any = false;
	int err = 0;

	for (size_t i = 0; i < x->g->n_selections && err != -ENOMEM && !x->g->too_big; i++) {
		const struct sigma_selection *selection = &x->g->selections[i];
		const struct cond *part;
		int bad;

		x->g->n_comparisons += (x->word.len + 1) * (selection->key->text.len + 1);
		x->g->too_big |= x->g->n_comparisons > MAX_COMPARISONS;
		if (x->g->too_big)
			return diag_error(diags_of(x), &code_too_big, place(x),
					  "too many names and patterns");
		if (!is_meant(x->word, selection->key->text))
			continue;
		any = true;
		bad = use(x, selection, &part);
		if (bad == 0)
			bad = add_part(x, part);
		err = worse(err, bad);
	}
	if (!any)
		return diag_error(diags_of(x), &code_sigma_selection, place(x),
				  "no name under `detection` fits `%.*s`", STR_ARG(x->word));
	return err < 0 ? err : join_parts(x, kind, at, first, ret);
}

static int syntax(struct expression *x, const char *wanted)
{
	if (x->node->incomplete)
		return -EINVAL;
	if (x->word.len == 0)
		return diag_error(diags_of(x), &code_sigma_condition, place(x), "the condition ends where %s "
				  "should stand", wanted);
	if (str_is(x->word, "|")) {
		struct expression next = *x;

		step(&next);
		if (is_word(&next, "near"))
			return diag_error(diags_of(x), &code_sigma_condition, place(x),
					  "`near` is not supported");
		diag_error(diags_of(x), &code_sigma_condition, place(x), "aggregations are not supported");
		diag_help(diags_of(x), "Sigma 2 has correlations in their place");
		return -EINVAL;
	}
	return diag_error(diags_of(x), &code_sigma_condition, place(x), "`%.*s` where %s should stand",
			  STR_ARG(x->word), wanted);
}

static int read_or(struct expression *x, const struct cond **ret);

static int read_parentheses(struct expression *x, const struct cond **ret)
{
	int err;

	if (++x->depth > MAX_DEPTH)
		return diag_error(diags_of(x), &code_too_big, place(x),
				  "parentheses nested more than %d deep", MAX_DEPTH);
	step(x);
	err = read_or(x, ret);
	if (err < 0)
		return err;
	if (!str_is(x->word, ")"))
		return syntax(x, "`)`");
	x->depth--;
	step(x);
	return 0;
}

/* A number of selections: 1, any or all, with the word behind it. */
static bool begins_several(struct expression *x, enum cond_kind *ret)
{
	struct expression next = *x;

	step(&next);
	if (!is_word(&next, "of"))
		return false;
	*ret = is_word(x, "all") ? COND_ALL : COND_ANY;
	return true;
}

static int read_primary(struct expression *x, const struct cond **ret)
{
	enum cond_kind kind;
	int err;

	if (str_is(x->word, "("))
		return read_parentheses(x, ret);
	if (x->word.len == 0 || is_sign(x->word.p[0]) || is_word(x, "and") || is_word(x, "or"))
		return syntax(x, "the name of a selection");
	if (begins_several(x, &kind)) {
		if (!str_is(x->word, "1") && !is_word(x, "any") && !is_word(x, "all"))
			return syntax(x, "1, any or all");
		step(x);
		step(x);
		if (x->word.len == 0 || is_sign(x->word.p[0]))
			return syntax(x, "a pattern");
		err = read_several(x, kind, ret);
	} else {
		err = read_selection(x, ret);
	}
	step(x);
	return err;
}

static int read_not(struct expression *x, const struct cond **ret)
{
	struct loc at = origin(x);
	bool negated = false;
	int err;

	for (; is_word(x, "not"); step(x))
		negated = !negated;
	err = read_primary(x, ret);
	return err < 0 || !negated ? err : sigma_not(x->g, at, *ret, ret);
}

/* Parts with @word between them. */
static int read_parts(struct expression *x, const char *word, enum cond_kind kind,
		      int (*read)(struct expression *x, const struct cond **ret), const struct cond **ret)
{
	size_t first = x->n_parts;
	struct loc at = origin(x);

	for (;;) {
		const struct cond *part;
		int err = read(x, &part);

		if (err == 0)
			err = add_part(x, part);
		if (err < 0)
			return err;
		if (!is_word(x, word))
			return join_parts(x, kind, at, first, ret);
		step(x);
	}
}

static int read_and(struct expression *x, const struct cond **ret)
{
	return read_parts(x, "and", COND_ALL, read_not, ret);
}

static int read_or(struct expression *x, const struct cond **ret)
{
	return read_parts(x, "or", COND_ANY, read_and, ret);
}

static int read_one(struct sigma *g, const struct node *n, const struct cond **ret)
{
	struct expression x = { .g = g, .node = n, .text = n->text };
	int err;

	if (n->kind != NODE_SCALAR)
		return diag_error(g->s->checker->ds, &code_wrong_shape, n->at,
				  "a condition is a text, not a %s", n->kind == NODE_MAP ? "map" : "list");
	x.word = (struct str){ n->text.p, 0 };
	step(&x);
	err = read_or(&x, ret);
	free(x.parts);
	return err == 0 && x.word.len > 0 ? syntax(&x, "`and` or `or`") : err;
}

int sigma_expression_read(struct sigma *g, const struct node *n, const struct cond **ret)
{
	const struct cond **parts;
	int err = 0;

	if (g->too_big)
		return -EINVAL;
	if (n->kind != NODE_LIST)
		return read_one(g, n, ret);
	if (n->n == 0)
		return diag_error(g->s->checker->ds, &code_empty_list, n->at, "`condition` is an empty list");
	parts = arena_array(g->s->scratch, n->n, sizeof(*parts));
	if (!parts)
		return -ENOMEM;
	for (size_t i = 0; i < n->n && err != -ENOMEM && !g->too_big; i++) {
		int bad = read_one(g, n->items[i], &parts[i]);

		err = worse(err, bad);
	}
	return err < 0 ? err : sigma_join(g, COND_ANY, n->at, parts, n->n, ret);
}
