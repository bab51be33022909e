/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Conditions over three truths. A part that settles the whole ends the search (a NO in an AND, a YES in an
 * OR); an undecided one does not, since a later part may still settle it.
 *
 * A field that is not known has no values, so a predicate on it is false and its NOT true. That is not the
 * same as undecided, which is about values that are there but cannot be seen whole.
 */
#include "engine/eval.h"

#include "engine/operators.h"
#include "engine/values.h"

struct eval {
	const struct event *ev;
	struct regex_scratch *scratch;
};

/* Does the value stand to one of the other field's known values as the test wants? Numbers of one type are
 * compared as such, all else by its text. */
static enum truth holds_of_other(const struct eval *e, const struct test *t, enum field_type type,
				 const struct value *v, enum text_state state)
{
	enum field_type other_type = t->other->field->type;
	bool numbers = (type & FT_NUMBERS) && type == other_type && t->op == OP_SAME_AS;
	char memory[VALUE_TEXT_SIZE], other_memory[VALUE_TEXT_SIZE];
	enum truth found = TRUTH_NO;
	struct seen_text text, other;
	struct value other_value;
	struct values others;

	text = (struct seen_text){ value_as_text(type, v, memory), state };
	values_open(&others, t->other, e->ev);
	while (found != TRUTH_YES && values_next(&others, &other_value, &other.state)) {
		enum truth holds;

		other.text = value_as_text(other_type, &other_value, other_memory);
		holds = numbers ? truth_of(v->number == other_value.number) :
				  texts_compare(t->op, t->nocase, text, other);
		found = truth_or(found, holds);
	}
	return others.hidden ? truth_or(found, TRUTH_UNDECIDED) : found;
}

/* `set: true` is fulfilled by there being a value. */
static enum truth test_holds(const struct eval *e, const struct test *t, enum field_type type,
			     const struct value *v, enum text_state state)
{
	if (t->op == OP_SET)
		return TRUTH_YES;
	if (t->form == FORM_FIELD)
		return holds_of_other(e, t, type, v, state);
	return test_value(t, type, v, state, e->scratch);
}

/* All tests on one value. */
static enum truth value_holds(const struct eval *e, const struct cond *c, enum field_type type,
			      const struct value *v, enum text_state state)
{
	enum truth all = TRUTH_YES;

	for (size_t i = 0; i < c->n_tests && all != TRUTH_NO; i++)
		all = truth_and(all, test_holds(e, &c->tests[i], type, v, state));
	return all;
}

static enum truth field_absent(const struct eval *e, const struct cond *c)
{
	enum text_state state;
	struct values values;
	struct value v;

	values_open(&values, c->field, e->ev);
	if (values_next(&values, &v, &state))
		return TRUTH_NO;
	return values.hidden ? TRUTH_UNDECIDED : TRUTH_YES;
}

static enum truth field_holds(const struct eval *e, const struct cond *c)
{
	enum field_type type = c->field->field->type;
	enum truth found = TRUTH_NO;
	enum text_state state;
	struct values values;
	struct value v;

	/* No value can be absent and pass a test. */
	if (asks_for_absence(c))
		return c->n_tests == 1 ? field_absent(e, c) : TRUTH_NO;

	values_open(&values, c->field, e->ev);
	while (found != TRUTH_YES && values_next(&values, &v, &state))
		found = truth_or(found, value_holds(e, c, type, &v, state));
	return values.hidden ? truth_or(found, TRUTH_UNDECIDED) : found;
}

static enum truth eval(const struct eval *e, const struct cond *c);

static enum truth eval_all(const struct eval *e, const struct cond *c)
{
	enum truth all = TRUTH_YES;

	for (size_t i = 0; i < c->n_children && all != TRUTH_NO; i++)
		all = truth_and(all, eval(e, c->children[i]));
	return all;
}

static enum truth eval_any(const struct eval *e, const struct cond *c)
{
	enum truth any = TRUTH_NO;

	for (size_t i = 0; i < c->n_children && any != TRUTH_YES; i++)
		any = truth_or(any, eval(e, c->children[i]));
	return any;
}

static enum truth eval(const struct eval *e, const struct cond *c)
{
	switch (c->kind) {
	case COND_TRUE:
		return TRUTH_YES;
	case COND_ALL:
		return eval_all(e, c);
	case COND_ANY:
		return eval_any(e, c);
	case COND_NOT:
		return truth_not(eval(e, c->children[0]));
	case COND_FIELD:
		return field_holds(e, c);
	}
	return TRUTH_UNDECIDED;
}

int cond_prepare(const struct cond *c, bool jit)
{
	int r = 0;

	for (size_t i = 0; i < c->n_children && r == 0; i++)
		r = cond_prepare(c->children[i], jit);
	for (size_t i = 0; i < c->n_tests; i++)
		for (size_t k = 0; c->tests[i].form == FORM_REGEXES && k < c->tests[i].n && r == 0; k++)
			r = regex_prepare(c->tests[i].regexes[k], jit);
	return r;
}

int rule_prepare(const struct rule *rule, bool jit)
{
	int r = cond_prepare(rule->match, jit);

	for (size_t i = 0; i < rule->n_exceptions && r == 0; i++)
		r = cond_prepare(rule->exceptions[i].match, jit);
	return r;
}

enum truth cond_eval(const struct cond *c, const struct event *ev, struct regex_scratch *scratch)
{
	const struct eval e = { ev, scratch };

	return eval(&e, c);
}

enum truth test_eval(const struct test *t, enum field_type type, const struct event *ev,
		     const struct value *v, enum text_state state, struct regex_scratch *scratch)
{
	const struct eval e = { ev, scratch };

	return test_holds(&e, t, type, v, state);
}

bool rule_applies(const struct rule *rule, const struct event *ev)
{
	return rule->reads_outcome || !event_failed(ev);
}
