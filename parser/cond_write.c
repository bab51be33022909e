/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Conditions as native maps; see native_write.h.
 *
 * What is written reads as the same tree again wherever a reader could have made it. Other readers make more:
 * several tests of one operator, or of different case, on one value. Where the field has one value at most,
 * each of these becomes a condition by itself, which is the same; where it has several, no map says it.
 */
#include "parser/native_write.h"

#include <errno.h>
#include <string.h>

#include "base/text.h"
#include "parser/checker.h"
#include "parser/formatter.h"

/* Without what stands around a macro's condition for the macro's name alone. */
static const struct cond *bare(const struct cond *c)
{
	while (c->kind == COND_ALL && c->n_children == 1 && str_known(cond_label(c)) &&
	       !str_known(cond_key(c)))
		c = c->children[0];
	return c;
}

static int give_up(struct cond_writer *w, const char *why)
{
	w->why = why;
	return -ENOTSUP;
}

int cond_write_text(struct cond_writer *w, struct str text)
{
	if (!utf8_valid(text) || memchr(text.p, '\0', text.len))
		return give_up(w, "a text of it is no text of YAML");
	scalar_quote(text, w->b);
	return 0;
}

static int write_field(struct cond_writer *w, const struct field_ref *ref)
{
	_cleanup_(buf) struct buf name = BUF_INIT;

	field_ref_write(ref, &name);
	return name.error ? -ENOMEM : cond_write_text(w, buf_get(&name));
}

/* Does `nocase` beside its operator change the test? */
static bool is_folded(const struct field_ref *field, const struct test *t)
{
	switch (t->op) {
	case OP_IN:
	case OP_PREFIX:
	case OP_SUFFIX:
	case OP_CONTAINS:
	case OP_GLOB:
		return t->form != FORM_NUMBERS;
	case OP_SAME_AS:
		return !field_ref_is_number(field);
	default:
		return false;
	}
}

/* Is @text one that `in` takes of the enumeration, and takes as it is? */
static bool is_enumerated(const struct field *field, struct str text, bool nocase)
{
	for (const char *const *v = field->values; *v; v++)
		if (str_is(text, *v) || (nocase && str_eq_nocase(text, str_of(*v))))
			return true;
	return false;
}

/* The operator that says it: what no value of an enumeration is, `in` does not take, and `glob` does. */
static enum op op_written(const struct field_ref *field, const struct test *t)
{
	if (t->op != OP_IN || t->form != FORM_TEXTS || field->field->type != FT_ENUM)
		return t->op;
	for (size_t i = 0; i < t->n; i++)
		if (!is_enumerated(field->field, t->texts[i], t->nocase))
			return OP_GLOB;
	return OP_IN;
}

/* In a list a text that names one has another `$` in front; one with two already cannot get a third. */
static int write_element(struct cond_writer *w, struct str text, bool in_list)
{
	_cleanup_(buf) struct buf b = BUF_INIT;

	if (in_list && str_has_prefix(text, STR_LIT("$$")) && is_name(str_skip(text, 2)))
		return give_up(w, "a text in a list of it begins with `$$` and a name");
	if (!in_list || !str_has_prefix(text, STR_LIT("$")) || !is_name(str_skip(text, 1)))
		return cond_write_text(w, text);
	buf_char(&b, '$');
	buf_str(&b, text);
	return b.error ? -ENOMEM : cond_write_text(w, buf_get(&b));
}

static int write_operand(struct cond_writer *w, const struct field_ref *field, const struct test *t, size_t i)
{
	_cleanup_(buf) struct buf literal = BUF_INIT;

	switch (t->form) {
	case FORM_TEXTS:
		if (op_written(field, t) != t->op) {
			glob_escape(t->texts[i], &literal);
			return literal.error ? -ENOMEM : write_element(w, buf_get(&literal), t->n > 1);
		}
		if (op_table[t->op].operand == OPERAND_BOUND) {
			buf_str(w->b, t->texts[i]);
			return 0;
		}
		return write_element(w, t->texts[i], t->n > 1);
	case FORM_REGEXES:
		return write_element(w, regex_pattern(t->regexes[i]), t->n > 1);
	case FORM_NUMBERS:
		if (t->op == OP_SET)
			buf_text(w->b, t->numbers[i] ? "true" : "false");
		else
			field_number_write(field, t->numbers[i], w->b);
		return 0;
	case FORM_FIELD:
		break;
	}
	return -ENOTSUP;
}

/* A value, or a list of them. */
static int write_operands(struct cond_writer *w, const struct field_ref *field, const struct test *t)
{
	bool list = t->n != 1;
	int err = 0;

	if (t->n == 0)
		return give_up(w, "a list of it is empty");
	buf_text(w->b, list ? "[" : "");
	for (size_t i = 0; i < t->n && err == 0; i++) {
		buf_text(w->b, i ? ", " : "");
		err = write_operand(w, field, t, i);
	}
	buf_text(w->b, list ? "]" : "");
	return err;
}

/* `same_as` is of two fields of one type; others are compared by their texts. */
static int write_other(struct cond_writer *w, const struct field_ref *field, const struct test *t)
{
	unsigned int a = field->field->type, b = t->other->field->type;
	bool same = t->op == OP_SAME_AS && ((a & FT_NUMBERS) || (b & FT_NUMBERS) ? a == b : true);
	int err;

	buf_printf(w->b, "%s: %s", t->op == OP_SAME_AS && !same ? "in" : op_table[t->op].name,
		   same ? "" : "{ field: ");
	err = write_field(w, t->other);
	buf_text(w->b, same ? "" : " }");
	return err;
}

static int write_test(struct cond_writer *w, const struct field_ref *field, const struct test *t)
{
	if (t->form == FORM_FIELD)
		return write_other(w, field, t);
	buf_printf(w->b, "%s: ", op_table[op_written(field, t)].name);
	return write_operands(w, field, t);
}

/* What stands once in a map and is about all of its operators. */
struct beside {
	bool folds, nocase;		/* the second where the first */
	bool has_regex, sigma;
};

/* Can the test stand in the map, too? Of regexes that differ in their flags none can say so. */
static bool fits_beside(const struct field_ref *field, const struct test *t, struct beside *beside)
{
	bool folded = is_folded(field, t);

	if (folded && beside->folds && beside->nocase != t->nocase)
		return false;
	if (folded)
		*beside = (struct beside){ true, t->nocase, beside->has_regex, beside->sigma };
	for (size_t i = 0; t->form == FORM_REGEXES && i < t->n; i++) {
		bool sigma = regex_flags(t->regexes[i]) & REGEX_SIGMA;

		if (beside->has_regex && beside->sigma != sigma)
			return false;
		beside->has_regex = true;
		beside->sigma = sigma;
	}
	return true;
}

/* Do all tests of @c fit into one map beside what is there? */
static bool tests_fit(const struct cond *c, struct beside *beside)
{
	for (size_t i = 0; i < c->n_tests; i++) {
		for (size_t k = 0; k < i; k++)
			if (op_written(c->field, &c->tests[i]) == op_written(c->field, &c->tests[k]))
				return false;
		if (!fits_beside(c->field, &c->tests[i], beside))
			return false;
	}
	return true;
}

static void write_beside(struct cond_writer *w, const struct beside *beside)
{
	if (beside->folds && beside->nocase)
		buf_text(w->b, ", nocase: true");
	if (beside->has_regex && beside->sigma)
		buf_text(w->b, ", flags: sigma");
}

static int write_tests(struct cond_writer *w, const struct cond *c)
{
	int err = 0;

	for (size_t i = 0; i < c->n_tests && err == 0; i++) {
		buf_text(w->b, i ? ", " : "");
		err = write_test(w, c->field, &c->tests[i]);
	}
	return err;
}

/* Does it say no more than `in`? */
static bool is_equality(const struct cond *c)
{
	return c->kind == COND_FIELD && c->n_tests == 1 && op_written(c->field, &c->tests[0]) == OP_IN &&
	       c->tests[0].form != FORM_FIELD;
}

/* Is it equality to a value, as `all` has them? */
static bool is_entry(const struct cond *c)
{
	return is_equality(c) && c->tests[0].n == 1;
}

/* `all: [a, b]` of a field, the entries of one case. */
static bool is_all_of_values(const struct cond *c)
{
	bool all = c->kind == COND_ALL && c->field && c->n_children > 0 && field_ref_is_many(c->field);

	for (size_t i = 0; i < c->n_children && all; i++)
		all = is_entry(c->children[i]) &&
		      c->children[i]->tests[0].nocase == c->children[0]->tests[0].nocase;
	return all;
}

/* May @c stand in the map of its field by itself? */
static bool is_operand(const struct cond *c, struct beside *beside);

static bool is_part(const struct cond *c, const struct cond *part, struct beside *beside)
{
	struct beside inner = { false };

	if (part->field != c->field)
		return false;
	if (part->kind == COND_FIELD)
		return tests_fit(part, beside);
	if (part->kind == COND_NOT)
		return part->children[0]->field == c->field && is_operand(part->children[0], &inner);
	return is_all_of_values(part) && fits_beside(c->field, &part->children[0]->tests[0], beside);
}

/* The keys that the parts of a field's map become, each once. */
static bool parts_are_apart(const struct cond *c)
{
	size_t n_tests = 0, n_sets = 0, n_nots = 0, n_alls = 0;

	for (size_t i = 0; i < c->n_children; i++) {
		const struct cond *part = c->children[i];
		bool set = part->kind == COND_FIELD && part->tests[0].op == OP_SET;

		n_sets += set;
		n_tests += part->kind == COND_FIELD && !set;
		n_nots += part->kind == COND_NOT;
		n_alls += part->kind == COND_ALL;
	}
	return n_tests <= 1 && n_sets <= 1 && n_nots <= 1 && n_alls <= 1;
}

static bool is_operand(const struct cond *c, struct beside *beside)
{
	struct beside inner = { false };

	switch (c->kind) {
	case COND_FIELD:
		return tests_fit(c, beside);
	case COND_NOT:
		return c->children[0]->field == c->field && is_operand(c->children[0], &inner);
	case COND_ALL:
		if (is_all_of_values(c))
			return fits_beside(c->field, &c->children[0]->tests[0], beside);
		for (size_t i = 0; i < c->n_children; i++)
			if (!is_part(c, c->children[i], beside))
				return false;
		return c->n_children > 1 && parts_are_apart(c);
	default:
		return false;
	}
}

static int write_field_operand(struct cond_writer *w, const struct cond *c, bool plain);

static int write_entries(struct cond_writer *w, const struct cond *c)
{
	int err = 0;

	buf_text(w->b, "all: [");
	for (size_t i = 0; i < c->n_children && err == 0; i++) {
		const struct test *t = &c->children[i]->tests[0];

		buf_text(w->b, i ? ", " : "");
		err = t->form == FORM_TEXTS ? write_element(w, t->texts[0], true) :
					      write_operand(w, c->field, t, 0);
	}
	buf_char(w->b, ']');
	return err;
}

/* One part of a field's map, without braces. @plain: nothing beside it changes it. */
static int write_part(struct cond_writer *w, const struct cond *part, bool plain)
{
	if (part->kind == COND_FIELD)
		return write_tests(w, part);
	if (part->kind == COND_ALL)
		return write_entries(w, part);
	buf_text(w->b, "not: ");
	return write_field_operand(w, part->children[0], plain);
}

/* What stands behind a field: is_operand() holds. @plain: a value may stand there without its operator. */
static int write_field_operand(struct cond_writer *w, const struct cond *c, bool plain)
{
	bool parts = c->kind == COND_ALL && !is_all_of_values(c);
	struct beside beside = { false };
	int err = 0;

	is_operand(c, &beside);
	if (plain && is_equality(c) && !(beside.folds && beside.nocase))
		return write_operands(w, c->field, &c->tests[0]);
	buf_text(w->b, "{ ");
	plain = !(beside.folds && beside.nocase);
	for (size_t i = 0; parts && i < c->n_children && err == 0; i++) {
		buf_text(w->b, i ? ", " : "");
		err = write_part(w, c->children[i], plain);
	}
	if (!parts)
		err = write_part(w, c, plain);
	write_beside(w, &beside);
	buf_text(w->b, " }");
	return err;
}

/* Each test of a field with one value by itself. */
static int write_apart(struct cond_writer *w, const struct cond *c)
{
	int err = 0;

	if (c->n_tests == 1)
		return give_up(w, "regexes of it have different flags");
	if (field_ref_is_many(c->field))
		return give_up(w, "several tests of it are on one of several values of a field");
	buf_text(w->b, "all: [");
	for (size_t i = 0; i < c->n_tests && err == 0; i++) {
		const struct cond one = {
			.kind = COND_FIELD, .n_tests = 1, .tests = &c->tests[i], .field = c->field,
		};

		buf_text(w->b, i ? ", " : "");
		err = cond_write(w, &one);
	}
	buf_char(w->b, ']');
	return err;
}

static int write_list(struct cond_writer *w, const char *key, const struct cond *c)
{
	int err = 0;

	if (c->n_children == 0)
		return give_up(w, "a group of conditions of it is empty");
	buf_printf(w->b, "%s: [", key);
	for (size_t i = 0; i < c->n_children && err == 0; i++) {
		buf_text(w->b, i ? ", " : "");
		err = cond_write(w, c->children[i]);
	}
	buf_char(w->b, ']');
	return err;
}

/* `not` of several keys would be read twice by a person, so they are an `all` there. */
static int write_not(struct cond_writer *w, const struct cond *inner)
{
	int err;

	inner = bare(inner);
	if (inner->kind == COND_ANY)
		return write_list(w, "none", inner);
	buf_text(w->b, "not: ");
	if (inner->kind != COND_ALL || inner->field)
		return cond_write(w, inner);
	buf_text(w->b, "{ ");
	err = write_list(w, "all", inner);
	buf_text(w->b, " }");
	return err;
}

/* Stands @c behind its field's name? */
static bool is_predicate(const struct cond *c)
{
	struct beside beside = { false };

	return c->field && is_operand(c, &beside);
}

/* The key of a condition in a map, and what stands behind it. */
static int write_entry(struct cond_writer *w, const struct cond *c)
{
	int err;

	if (is_predicate(c)) {
		err = write_field(w, c->field);
		buf_text(w->b, ": ");
		return err < 0 ? err : write_field_operand(w, c, true);
	}
	switch (c->kind) {
	case COND_ALL:
		return write_list(w, "all", c);
	case COND_ANY:
		return write_list(w, "any", c);
	case COND_NOT:
		return write_not(w, c->children[0]);
	case COND_FIELD:
		return write_apart(w, c);
	case COND_TRUE:
		break;
	}
	return 0;
}

/* Which key a condition has in a map: a field (with *ret_field), or one of the groups. */
static const char *key_of(const struct cond *c, const struct field_ref **ret_field)
{
	*ret_field = is_predicate(c) ? c->field : NULL;
	if (*ret_field)
		return "";
	if (c->kind == COND_ANY)
		return "any";
	if (c->kind == COND_NOT)
		return bare(c->children[0])->kind == COND_ANY ? "none" : "not";
	return c->kind == COND_TRUE ? NULL : "all";
}

/* So many keys a map may have before a list is easier to read, and to compare. */
#define MAX_KEYS 32

/* Can the children of an AND be the keys of a map? */
static bool is_map(const struct cond *c)
{
	const struct field_ref *field, *other;
	const char *key, *other_key;

	if (c->kind != COND_ALL || c->n_children < 2 || c->n_children > MAX_KEYS)
		return false;
	for (size_t i = 0; i < c->n_children; i++) {
		key = key_of(bare(c->children[i]), &field);
		if (!key)
			return false;
		for (size_t k = 0; k < i; k++) {
			other_key = key_of(bare(c->children[k]), &other);
			if (strcmp(key, other_key) == 0 && field == other)
				return false;
		}
	}
	return true;
}

int cond_write(struct cond_writer *w, const struct cond *c)
{
	int err = 0;

	c = bare(c);
	if (c->kind == COND_TRUE) {
		buf_text(w->b, "{}");
		return 0;
	}
	buf_text(w->b, "{ ");
	if (!is_predicate(c) && is_map(c)) {
		for (size_t i = 0; i < c->n_children && err == 0; i++) {
			buf_text(w->b, i ? ", " : "");
			err = write_entry(w, bare(c->children[i]));
		}
	} else {
		err = write_entry(w, c);
	}
	buf_text(w->b, " }");
	return err < 0 ? err : w->b->error ? -ENOMEM : 0;
}
