/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The evaluator of eval.c over what may be instead of what is. A predicate on a field that is never known is
 * always false, one on a field of one value is what the operators say of that value, and any other may turn
 * out either way. Children are taken to be independent of each other: what that cannot exclude counts as
 * possible, so that no rule is blamed that could hold.
 *
 * Why something cannot be true is looked for afterwards, down the branches that cannot. Behind a NOT the
 * question is why something cannot be false.
 */
#include "engine/holds.h"

#include "engine/operators.h"

struct look {
	const struct fills *fills;
	struct regex_scratch *scratch;
	struct unmet *unmet;
	size_t n_unmet;
};

/* The member of @ev that a stored field is; false of one that is more than a number or a text. */
static bool set_member(struct event *ev, const struct field *field, const struct value *v)
{
	void *member = (char *)ev + field->offset;

	if (field->place != PLACE_EVENT || field->type == FT_WORDS || field->type == FT_MAP)
		return false;
	if (field->type & FT_NUMBERS)
		*(struct num *)member = NUM(v->number);
	else
		*(struct str *)member = v->text;
	return true;
}

/*
 * Of a derived field what its sources allow: where each is never known or always the same, the derivation
 * itself says what comes of that.
 */
static enum fill fill_of_derived(const struct look *l, const struct field_ref *ref, struct unmet *u)
{
	const char *const *name = field_needs(ref->field);
	struct field_cursor cursor = { 0 };
	struct value more;
	struct event ev;
	bool found = false;

	event_clear(&ev);
	for (; *name; name++) {
		struct field_ref need = *ref;
		struct value only;
		enum fill fill;

		need.field = field_find(str_of(*name));
		fill = l->fills->ask(l->fills->ctx, &need, &only);
		if (fill == FILL_MAY || fill == FILL_MAY_SAME ||
		    (fill == FILL_ALWAYS_SAME && !set_member(&ev, need.field, &only)))
			return FILL_MAY;
		/* What there is says more than what is missing. */
		if (u->source.field == ref->field || (fill == FILL_ALWAYS_SAME && !found))
			u->source = need;
		found |= fill == FILL_ALWAYS_SAME;
	}
	if (!field_next(ref, &ev, &cursor, &u->only))
		return FILL_NEVER;
	return field_next(ref, &ev, &cursor, &more) ? FILL_MAY : FILL_ALWAYS_SAME;
}

static struct unmet look_at(const struct look *l, const struct field_ref *ref)
{
	struct unmet u = { .field = ref, .source = *ref };

	if (ref->field->place == PLACE_DERIVED)
		u.fill = fill_of_derived(l, ref, &u);
	else
		u.fill = l->fills->ask(l->fills->ctx, ref, &u.only);
	return u;
}

static bool is_one_value(const struct unmet *u)
{
	return u->fill == FILL_ALWAYS_SAME || u->fill == FILL_MAY_SAME;
}

static struct seen_text text_of(const struct unmet *u, char memory[VALUE_TEXT_SIZE])
{
	return (struct seen_text){ value_as_text(u->field->field->type, &u->only, memory), TEXT_WHOLE };
}

static enum truth values_compare(const struct test *t, const struct unmet *a, const struct unmet *b)
{
	char memory[2][VALUE_TEXT_SIZE];

	if (!is_one_value(a) || !is_one_value(b))
		return TRUTH_UNDECIDED;
	return texts_compare(t->op, t->nocase, text_of(a, memory[0]), text_of(b, memory[1]));
}

/* All tests on the values that the field may have. *ret_unmet becomes the field that makes it a NO. */
static enum truth tests_hold(const struct look *l, const struct cond *c, struct unmet *ret_unmet)
{
	enum field_type type = c->field->field->type;
	struct unmet u = *ret_unmet, other;
	enum truth all = TRUTH_YES, one;

	for (size_t i = 0; i < c->n_tests && all != TRUTH_NO; i++) {
		const struct test *t = &c->tests[i];

		if (t->op == OP_SET)
			continue;
		if (t->form == FORM_FIELD) {
			other = look_at(l, t->other);
			one = other.fill == FILL_NEVER ? TRUTH_NO : values_compare(t, &u, &other);
			/* Of two fields with one value each, the one that is wrong here is the first. */
			if (other.fill == FILL_NEVER)
				*ret_unmet = other;
		} else {
			one = is_one_value(&u) ? test_value(t, type, &u.only, TEXT_WHOLE, l->scratch) :
						 TRUTH_UNDECIDED;
		}
		all = truth_and(all, one);
	}
	return all;
}

/* The outcome of a predicate; undecided: either may be. *ret_unmet is what a yes or a no rests on, without a
 * field where it does not rest on any. */
static enum truth field_holds(const struct look *l, const struct cond *c, struct unmet *ret_unmet)
{
	enum truth holds;

	*ret_unmet = look_at(l, c->field);
	if (asks_for_absence(c)) {
		/* That a value is absent and passes another test is nowhere possible. */
		if (c->n_tests > 1)
			ret_unmet->field = NULL;
		if (c->n_tests > 1 || ret_unmet->fill == FILL_ALWAYS_SAME)
			return TRUTH_NO;
		return ret_unmet->fill == FILL_NEVER ? TRUTH_YES : TRUTH_UNDECIDED;
	}
	if (ret_unmet->fill == FILL_NEVER)
		return TRUTH_NO;
	holds = tests_hold(l, c, ret_unmet);
	/* A value that may also be absent never makes sure of a yes. */
	return holds == TRUTH_YES && ret_unmet->fill != FILL_ALWAYS_SAME ? TRUTH_UNDECIDED : holds;
}

/* Can @c turn out as @want? */
static bool can(const struct look *l, const struct cond *c, bool want)
{
	bool every = (c->kind == COND_ALL) == want;
	struct unmet unmet;

	switch (c->kind) {
	case COND_TRUE:
		return want;
	case COND_FIELD:
		return field_holds(l, c, &unmet) != truth_of(!want);
	case COND_NOT:
		return can(l, c->children[0], !want);
	case COND_ALL:
	case COND_ANY:
		break;
	}
	for (size_t i = 0; i < c->n_children; i++)
		if (can(l, c->children[i], want) != every)
			return !every;
	return every;
}

static bool same_ref(const struct field_ref *a, const struct field_ref *b)
{
	return a->field == b->field && a->indexed == b->indexed && a->index == b->index &&
	       str_eq(a->key, b->key);
}

static void add(struct look *l, const struct unmet *u)
{
	for (size_t i = 0; i < l->n_unmet; i++)
		if (same_ref(l->unmet[i].field, u->field))
			return;
	if (l->n_unmet < UNMET_MAX)
		l->unmet[l->n_unmet++] = *u;
}

/* Why can @c, as can() said, not turn out as @want? Adds the fields; none: no field is the reason. */
static void blame(struct look *l, const struct cond *c, bool want)
{
	bool every = (c->kind == COND_ALL) == want;
	size_t before = l->n_unmet;
	struct unmet unmet;

	switch (c->kind) {
	case COND_TRUE:
		return;
	case COND_FIELD:
		field_holds(l, c, &unmet);
		if (unmet.field)
			add(l, &unmet);
		return;
	case COND_NOT:
		blame(l, c->children[0], !want);
		return;
	case COND_ALL:
	case COND_ANY:
		break;
	}
	/* Where all children must, one that cannot is reason enough. */
	for (size_t i = 0; i < c->n_children && !(every && l->n_unmet > before); i++)
		if (!can(l, c->children[i], want))
			blame(l, c->children[i], want);
}

size_t cond_unmet(const struct cond *c, const struct fills *fills, struct regex_scratch *scratch,
		  struct unmet ret[UNMET_MAX])
{
	struct look l = { .fills = fills, .scratch = scratch, .unmet = ret };

	if (!can(&l, c, true))
		blame(&l, c, true);
	return l.n_unmet;
}
