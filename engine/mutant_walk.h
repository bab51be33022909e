/* SPDX-License-Identifier: Apache-2.0 */
/* The walk over a rule that finds its mutants, as its files share it. Not for others; theirs is mutant.h. */
#ifndef ENGINE_MUTANT_WALK_H
#define ENGINE_MUTANT_WALK_H

#include "base/buf.h"
#include "engine/mutant.h"

struct walk {
	struct arena *arena;
	const struct rule *rule;
	struct buf path;		/* of where the walk is */
	struct buf what;		/* of the next mutant, for its text */
	struct mutant *items;
	size_t n, cap;
	const void **macros;		/* the bodies that it has been in */
	size_t n_macros, cap_macros;
	uint16_t *slots;		/* which of the items are entries of lists, by their places */
	size_t n_left;
	int error;
};

/* Has memory run out? */
static inline bool walk_is_over(const struct walk *w)
{
	return w->error < 0;
}

/* Are they one place? */
static inline bool walk_is_at(struct loc a, struct loc b)
{
	return a.source == b.source && a.line == b.line && a.col == b.col;
}

/* Goes one step down the path; buf_cut() to what it returns is the way back. */
__attribute__((format(printf, 2, 3))) size_t walk_enter(struct walk *w, const char *fmt, ...);
size_t walk_enter_field(struct walk *w, const struct field_ref *field);

/* The mutant of the path as it stands. w->what is what it says, and emptied. */
void walk_add(struct walk *w, const char *verb, struct mutant m);

/* Is it what `nocase` in a field's map changes, or holds that? Values under `not` are; a map there has its
 * own. */
static inline bool walk_has_case(const struct cond *c)
{
	const struct cond *inner = c->kind == COND_NOT ? c->children[0] : NULL;

	return !inner || (inner->kind == COND_FIELD && inner->n_tests == 1 && inner->tests[0].op == OP_IN);
}

/* Is it what `all` in a field's map has made of its values: one condition each? */
static inline bool walk_is_all(const struct cond *c)
{
	return c->kind == COND_ALL && c->field && str_known(cond_key(c));
}

/* mutant_values.c: the values of one test, or of an `all`. */
void walk_values(struct walk *w, const struct cond *c, size_t test);

/* mutant_conditions.c: a map of conditions; @is_root: a `match` as a whole. */
void walk_map(struct walk *w, const struct cond *c, bool is_root);

#endif
