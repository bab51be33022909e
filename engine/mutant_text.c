/* SPDX-License-Identifier: Apache-2.0 */
/* Parts of rules in a few words, beside a path that says where they stand. */
#include "engine/mutant.h"

#include <string.h>

#include "base/text.h"
#include "base/timefmt.h"

/* Bytes of a text, and parts of a condition, that are shown. */
#define TEXT_MAX 40
#define PARTS_MAX 3

static void quote(struct str s, struct buf *b)
{
	struct str shown = utf8_cut(s, TEXT_MAX);

	buf_char(b, '\'');
	escape_controls(shown, b);
	buf_text(b, shown.len < s.len ? "..." : "");
	buf_char(b, '\'');
}

void mutant_describe_entry(const struct cond *c, const struct test *t, size_t i, struct buf *b)
{
	if (t->form != FORM_NUMBERS)
		quote(test_operand_text(t, i), b);
	else
		field_number_write(c->field, t->numbers[i], b);
}

/* The field, and the operator where it is not plain equality. */
static void write_operator(const struct cond *c, const struct test *t, struct buf *b)
{
	field_ref_write(c->field, b);
	if (t->op != OP_IN)
		buf_printf(b, " %s", op_table[t->op].name);
}

/* The list that all the values are out of; unknown: none. */
static struct str list_of(const struct test *t)
{
	const struct operand_place *places = test_places(t);
	struct str list = places && t->n > 0 ? places[0].list : (struct str){ NULL, 0 };

	for (size_t i = 1; i < t->n; i++)
		if (!str_eq(places ? places[i].list : list, list))
			return (struct str){ NULL, 0 };
	return list;
}

void mutant_describe_test(const struct cond *c, const struct test *t, struct buf *b)
{
	struct str list = list_of(t);

	write_operator(c, t, b);
	if (t->form == FORM_FIELD) {
		buf_text(b, t->op == OP_SAME_AS ? " " : " field ");
		field_ref_write(t->other, b);
	} else if (t->op == OP_SET) {
		buf_text(b, t->numbers[0] ? " true" : " false");
	} else if (str_known(list)) {
		buf_printf(b, " [$%.*s]", STR_ARG(list));
	} else if (t->form != FORM_REGEXES) {
		buf_char(b, ' ');
		mutant_describe_entry(c, t, 0, b);
		if (t->n > 1)
			buf_printf(b, " and %u more", t->n - 1);
	}
}

void mutant_describe_value(const struct cond *c, const struct test *t, size_t i, struct buf *b)
{
	write_operator(c, t, b);
	if (t->form == FORM_REGEXES)
		return;
	buf_char(b, ' ');
	mutant_describe_entry(c, t, i, b);
}

static void describe_tests(const struct cond *c, struct buf *b)
{
	for (size_t i = 0; i < c->n_tests && i < PARTS_MAX; i++) {
		buf_text(b, i ? ", " : "");
		mutant_describe_test(c, &c->tests[i], b);
	}
	buf_text(b, c->n_tests > PARTS_MAX ? ", ..." : "");
}

/* Of a key that takes several conditions how many these are, of a map the first. */
static void describe_several(const struct cond *c, const char *key, struct buf *b)
{
	if (key && strcmp(key, "macro") == 0) {
		buf_printf(b, "%u macros", c->n_children);
		return;
	}
	if (key) {
		buf_printf(b, "%s of %u", key, c->n_children);
		return;
	}
	for (size_t i = 0; i < c->n_children && i < PARTS_MAX; i++) {
		buf_text(b, i ? ", " : "");
		mutant_describe(c->children[i], b);
	}
	buf_text(b, c->n_children > PARTS_MAX ? ", ..." : "");
}

static void describe_not(const struct cond *c, struct buf *b)
{
	const struct cond *inner = c->children[0];
	bool several = inner->kind == COND_ALL && !str_known(cond_key(inner)) &&
		       !str_known(cond_label(inner));

	if (str_eq(cond_key(c), STR_LIT("none"))) {
		describe_several(inner, "none", b);
	} else if (several) {
		describe_several(inner, "not all", b);
	} else {
		buf_text(b, "not ");
		mutant_describe(inner, b);
	}
}

void mutant_describe(const struct cond *c, struct buf *b)
{
	if (str_known(cond_label(c))) {
		buf_printf(b, "macro %.*s", STR_ARG(cond_label(c)));
		return;
	}
	switch (c->kind) {
	case COND_TRUE:
		buf_text(b, "everything");
		break;
	case COND_FIELD:
		describe_tests(c, b);
		break;
	case COND_NOT:
		describe_not(c, b);
		break;
	case COND_ALL:
	case COND_ANY:
		if (c->field && str_known(cond_key(c))) {
			field_ref_write(c->field, b);
			buf_char(b, ' ');
		}
		describe_several(c, cond_key(c).p, b);
	}
}

void mutant_write(const struct mutant *m, struct buf *b)
{
	buf_printf(b, "%s `%.*s`", m->verb, STR_ARG(m->path));
	if (m->what.len > 0)
		buf_printf(b, " (%.*s)", STR_ARG(m->what));
}
