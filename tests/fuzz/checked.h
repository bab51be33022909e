/* SPDX-License-Identifier: Apache-2.0 */
/* What the engine may rely on in a rule that loaded. */
#ifndef FUZZ_CHECKED_H
#define FUZZ_CHECKED_H

#include <stdlib.h>

#include "parser/rule.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/places.h"

static inline void check_test(const struct field_ref *field, const struct test *t)
{
	bool number = field_ref_is_number(field);

	CHECK(t->op < N_OPERATORS && (op_table[t->op].types & field->field->type));
	place_check(test_at(t));
	if (t->form == FORM_FIELD) {
		CHECK(t->op == OP_SAME_AS || op_takes_field(t->op));
		CHECK(t->other->field && (t->op != OP_SAME_AS || field_ref_is_number(t->other) == number));
		return;
	}
	CHECK(t->n > 0 && t->op != OP_SAME_AS);
	for (size_t i = 0; i < t->n; i++) {
		bool compared = t->op == OP_IN || op_table[t->op].operand == OPERAND_BOUND;

		if (t->op == OP_RE)
			CHECK(t->form == FORM_REGEXES && t->regexes[i]);
		else if (t->op == OP_SET || (number && compared))
			CHECK(t->form == FORM_NUMBERS && (t->numbers[i] >= 0 || t->op != OP_SET));
		else
			CHECK(t->form == FORM_TEXTS && str_known(t->texts[i]));
	}
}

/* Small inputs can name large trees: they are shared, and looked at only so far. */
static inline void check_cond(const struct cond *c, size_t *steps, int depth)
{
	if (++*steps > 100000)
		return;
	CHECK(depth < 1000);
	place_check(cond_at(c));
	switch (c->kind) {
	case COND_TRUE:
		CHECK(c->n_children == 0 && c->n_tests == 0);
		break;
	case COND_FIELD:
		CHECK(c->n_children == 0 && c->n_tests > 0 && c->field && c->field->field);
		for (size_t i = 0; i < c->n_tests; i++)
			check_test(c->field, &c->tests[i]);
		break;
	case COND_NOT:
		CHECK(c->n_children == 1);
		break;
	case COND_ALL:
	case COND_ANY:
		CHECK(c->n_children > 0);
		break;
	default:
		abort();
	}
	for (size_t i = 0; i < c->n_children; i++)
		check_cond(c->children[i], steps, depth + 1);
}

static inline void check_rule(const struct rule *r)
{
	size_t steps = 0;

	CHECK(r->id.len > 0 && str_known(r->title) && str_known(r->source) && r->summary);
	CHECK(r->severity < N_SEVERITIES && r->mode <= MODE_OFF);
	place_check(r->at);
	check_cond(r->match, &steps, 0);
	for (size_t i = 0; i < r->n_exceptions; i++) {
		CHECK(r->exceptions[i].id.len > 0);
		check_cond(r->exceptions[i].match, &steps, 0);
	}
	for (size_t i = 0; i < r->n_mutants; i++)
		CHECK(r->mutants[i].path.len > 0 && r->mutants[i].why.len > 0);
}

/* Rules and what was left out, and that something was said of the latter. */
static inline void check_ruleset(const struct ruleset *rs, struct diags *ds)
{
	CHECK(ds->n_errors > 0 || rs->n_skipped == 0);
	for (size_t i = 0; i < rs->n_rules; i++) {
		CHECK(i == 0 || str_cmp(rs->rules[i - 1].id, rs->rules[i].id) < 0);
		check_rule(&rs->rules[i]);
	}
	for (size_t i = 0; i < rs->n_skipped; i++)
		CHECK(rs->skipped[i].message.len > 0 && rs->skipped[i].source.len > 0);
	diags_check(ds);
}

#endif
