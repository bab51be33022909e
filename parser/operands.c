/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Operands: what stands behind an operator, as the type of the field wants it. After this file every value
 * is a text or a number in the ruleset's arena.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/decimal.h"
#include "base/errnos.h"
#include "base/ip.h"
#include "base/nearest.h"
#include "base/timefmt.h"
#include "parser/checker.h"
#include "parser/codes.h"
#include "parser/elsewhere.h"
#include "parser/keys.h"
#include "parser/read.h"

static int bad_form(struct scope *s, const struct node *n)
{
	struct diags *ds = s->checker->ds;
	struct str text = n->text, head = text;
	const char *bracket = memchr(text.p, '[', text.len);
	const struct field *field;

	if (bracket)
		head.len = (size_t)(bracket - text.p);
	diag_error(ds, &code_field_form, n->at, "`%.*s` is no form of a field", STR_ARG(text));
	field = field_find(head);
	if (!bracket)
		diag_help(ds, "it needs a name: `%.*s.NAME`", STR_ARG(head));
	else if (field && field->type == FT_WORDS)
		diag_help(ds, "a word is `%.*s[N]`, the first has N = 0, the last N = -1", STR_ARG(head));
	else if (field)
		diag_help(ds, "`%.*s` takes no index", STR_ARG(head));
	else
		diag_help(ds, "one ancestor's is `ancestors[N].comm`, N from 0 to 63");
	return -EINVAL;
}

/* What Falco, Sigma and others call them. */
static int no_such_field(struct scope *s, const struct node *n)
{
	struct diags *ds = s->checker->ds;
	struct str nearest = field_ref_nearest(n->text, s->scratch);

	diag_error(ds, &code_unknown_field, n->at, "unknown field `%.*s`", STR_ARG(n->text));
	diag_label(ds, "no such field");
	if (elsewhere_field(n->text))
		diag_help(ds, "that is `%s` here", elsewhere_field(n->text));
	else if (str_known(nearest))
		diag_help(ds, "did you mean `%.*s`?", STR_ARG(nearest));
	else
		diag_help(ds, "`execwatch fields` lists all");
	return -EINVAL;
}

int field_read(struct scope *s, const struct node *n, const struct field_ref **ret)
{
	const struct field_ref *known = intern_field_find(&s->checker->intern, n->text);
	struct field_ref ref;
	int err = known ? 0 : field_ref_parse(n->text, &ref);

	if (err == -ENOENT)
		return no_such_field(s, n);
	if (err < 0)
		return bad_form(s, n);
	if (!known)
		known = intern_field(&s->checker->intern, n->text, &ref);
	if (!known)
		return -ENOMEM;
	*ret = known;
	return 0;
}

int enum_read(struct scope *s, const struct field *field, const char *what, const struct entry *e,
	      const struct node *use, bool nocase, struct str *ret)
{
	struct diags *ds = s->checker->ds;
	struct nearest nearest = NEAREST_INIT(e->text);
	int number = field->values == errno_names ? errno_number(e->text) : 0;

	if (number) {
		*ret = errno_name(number);
		return 0;
	}
	for (const char *const *v = field->values; *v; v++) {
		struct str value = str_of(*v);

		if (str_eq(e->text, value) || (nocase && str_eq_nocase(e->text, value))) {
			*ret = value;
			return 0;
		}
		nearest_try(&nearest, value);
	}
	diag_error(ds, &code_unknown_value, e->node->at, "%s is never `%.*s`", what, STR_ARG(e->text));
	entry_second(s, e, use);
	if (memchr(e->text.p, ',', e->text.len)) {
		diag_help(ds, "several are a list: `[%.*s]`", STR_ARG(e->text));
	} else if (str_known(nearest.best)) {
		diag_help(ds, "did you mean `%.*s`?", STR_ARG(nearest.best));
	} else if (field->values == errno_names) {
		diag_help(ds, "names such as ENOENT; a number is minus that in `retval`");
	} else {
		_cleanup_(buf) struct buf b = BUF_INIT;

		for (const char *const *v = field->values; *v; v++)
			buf_printf(&b, "%s%s", v == field->values ? "" : ", ", *v);
		diag_help(ds, "it is one of %.*s", STR_ARG(buf_get(&b)));
	}
	return -EINVAL;
}

/* Where a `[` at @at ends; 0: never. *ret_bad: the byte that makes it invalid. */
static size_t glob_set_end(struct str p, size_t at, size_t *ret_bad)
{
	size_t i = at + 1, first;

	if (i < p.len && p.p[i] == '!')
		i++;
	for (first = i; i < p.len && (p.p[i] != ']' || i == first); ) {
		size_t start = i;
		unsigned char low, high;

		i += p.p[i] == '\\' && i + 1 < p.len;
		low = (unsigned char)p.p[i++];
		if (i + 1 >= p.len || p.p[i] != '-' || p.p[i + 1] == ']')
			continue;
		i++;
		i += p.p[i] == '\\' && i + 1 < p.len;
		high = (unsigned char)p.p[i++];
		if (high < low) {
			*ret_bad = start;
			return 0;
		}
	}
	*ret_bad = at;
	return i < p.len ? i + 1 : 0;
}

static int bad_glob(struct scope *s, const struct entry *e, const struct node *use, size_t at,
		    const char *why, const char *help)
{
	struct diags *ds = s->checker->ds;
	/* `$$NAME` is one byte longer in the file. */
	size_t skipped = e->node->text.len - e->text.len;

	diag_error(ds, &code_bad_glob, node_place(e->node, at + skipped, 1), "invalid glob: %s", why);
	entry_second(s, e, use);
	diag_help(ds, "%s", help);
	return -EINVAL;
}

static int check_glob(struct scope *s, const struct entry *e, const struct node *use)
{
	struct str p = e->text;

	for (size_t i = 0; i < p.len; ) {
		size_t bad, end;

		if (p.p[i] == '\\') {
			if (i + 1 == p.len)
				return bad_glob(s, e, use, i, "a backslash at the end",
						"write `\\\\` for a backslash");
			i += 2;
			continue;
		}
		if (p.p[i] != '[') {
			i++;
			continue;
		}
		end = glob_set_end(p, i, &bad);
		if (end == 0 && bad != i)
			return bad_glob(s, e, use, bad, "a range that ends before it begins",
					"write the smaller byte first");
		if (end == 0)
			return bad_glob(s, e, use, i, "a `[` that is never closed",
					"write `\\[` for a bracket");
		i = end;
	}
	return 0;
}

static int check_network(struct scope *s, const struct entry *e, const struct node *use)
{
	struct diags *ds = s->checker->ds;
	size_t skipped = e->node->text.len - e->text.len;
	_cleanup_(buf) struct buf b = BUF_INIT;
	struct ip_network network;

	if (ip_network_parse(e->text, &network) && ip_network_trim(&network))
		return 0;
	diag_error(ds, &code_bad_network, node_place(e->node, skipped, e->text.len),
		   "`%.*s` is no IP network", STR_ARG(e->text));
	if (ip_network_parse(e->text, &network)) {
		diag_label(ds, "has bits behind the network's");
		ip_network_trim(&network);
		ip_network_write(&network, &b);
		entry_second(s, e, use);
		diag_help(ds, "the network that it is in is `%.*s`", STR_ARG(buf_get(&b)));
	} else {
		entry_second(s, e, use);
		diag_help(ds, "as in 10.0.0.0/8, fd00::/8, or an address alone");
	}
	return -EINVAL;
}

static int keep_text(struct scope *s, struct str *text)
{
	const struct str *kept = intern_text(&s->checker->intern, *text);

	if (!kept)
		return -ENOMEM;
	*text = *kept;
	return 0;
}

static int read_texts_operand(struct scope *s, const struct field_ref *ref, const char *what,
			      const struct node *n, struct test *t)
{
	bool is_enum = ref->field->type == FT_ENUM && t->op == OP_IN;
	struct str *texts;
	int err = entries_read(s, n, what);

	if (err < 0)
		return err;
	texts = arena_array(s->scratch, s->n_entries, sizeof(*texts));
	if (!texts)
		return -ENOMEM;
	for (size_t i = 0; i < s->n_entries && err != -ENOMEM; i++) {
		struct entry *e = s->entries[i];
		int bad = 0;

		texts[i] = e->text;
		if (is_enum) {
			bad = enum_read(s, ref->field, what, e, n, t->nocase, &texts[i]);
		} else {
			bad = t->op == OP_GLOB ? check_glob(s, e, n) :
			      t->op == OP_CIDR ? check_network(s, e, n) : 0;
			warn_comm(s, ref, t->op, e);
			warn_text(s, ref, t->op, e);
		}
		if (bad == 0)
			bad = keep_text(s, &texts[i]);
		err = worse(err, bad);
	}
	t->form = FORM_TEXTS;
	t->texts = texts;
	t->n = (uint32_t)s->n_entries;
	return err;
}

static int read_time(struct scope *s, const struct node *n, const char *what, int64_t *ret)
{
	struct diags *ds = s->checker->ds;
	struct str text;
	int err = read_text(n, what, ds, &text);

	if (err < 0)
		return err;
	if (time_parse(text, ret))
		return 0;
	diag_error(ds, &code_wrong_type, n->at, "%s takes a time, not `%.*s`", what, STR_ARG(text));
	diag_help(ds, "as in 2026-01-31T12:00:00Z");
	return -EINVAL;
}

int number_read(struct scope *s, const struct field *field, const char *what, const struct node *n,
		int64_t *ret)
{
	struct diags *ds = s->checker->ds;
	bool truth = false;
	int err;

	switch (field->type) {
	case FT_BOOL:
		err = read_bool(n, what, ds, &truth);
		if (err == 0)
			*ret = truth;
		return err;
	case FT_DURATION:
		return read_duration(n, what, ds, ret);
	case FT_TIME:
		return read_time(s, n, what, ret);
	default:
		return read_int(n, what, INT64_MIN, INT64_MAX, ds, ret);
	}
}

/* A value that is no number, and what it may have been meant to be. */
static void help_with_number(struct scope *s, const struct field *field, const struct node *n)
{
	struct diags *ds = s->checker->ds;

	if (n->kind != NODE_SCALAR || n->text.len == 0)
		return;
	if (strchr("<>=!", n->text.p[0]))
		diag_help(ds, "a comparison is an operator: `{ ge: VALUE }`");
	else if (strcmp(field->name, "retval") == 0 && errno_number(n->text))
		diag_help(ds, "the names are those of `errno`");
}

static int read_numbers_operand(struct scope *s, const struct field_ref *ref, const char *what,
				const struct node *n, struct test *t)
{
	int64_t *numbers;
	int err = entries_read(s, n, what);

	if (err < 0)
		return err;
	numbers = arena_array(s->scratch, s->n_entries, sizeof(*numbers));
	if (!numbers)
		return -ENOMEM;
	for (size_t i = 0; i < s->n_entries; i++) {
		struct entry *e = s->entries[i];
		size_t told = s->checker->ds->n;
		int bad = number_read(s, ref->field, what, e->node, &numbers[i]);

		if (bad == -EINVAL)
			entry_second(s, e, n);
		if (s->checker->ds->n > told)
			help_with_number(s, ref->field, e->node);
		err = worse(err, bad);
	}
	t->form = FORM_NUMBERS;
	t->numbers = numbers;
	t->n = (uint32_t)s->n_entries;
	return err;
}

/* A bound of a text field, which holds of the texts that are numbers: decimal, kept as it is written. */
static int read_decimal(struct scope *s, const char *what, const struct node *n, struct test *t)
{
	struct diags *ds = s->checker->ds;
	struct str *text = arena_alloc(s->scratch, sizeof(*text));
	double number;
	int err = read_text(n, what, ds, text);

	if (!text)
		return -ENOMEM;
	t->form = FORM_TEXTS;
	t->texts = text;
	t->n = 1;
	if (err < 0)
		return err;
	if (strspn(n->text.p, "0123456789+-.eE") >= n->text.len && n->style == SCALAR_PLAIN &&
	    decimal_parse(*text, &number))
		return keep_text(s, text);
	return diag_error(ds, &code_wrong_type, n->at, "`%s` takes a number, not `%.*s`",
			  op_table[t->op].name, STR_ARG(n->text));
}

static int read_bound(struct scope *s, const struct field_ref *ref, const char *what, const struct node *n,
		      struct test *t)
{
	int64_t *number;

	if (!field_ref_is_number(ref))
		return read_decimal(s, what, n, t);
	number = arena_alloc(s->scratch, sizeof(*number));
	if (!number)
		return -ENOMEM;
	t->form = FORM_NUMBERS;
	t->numbers = number;
	t->n = 1;
	return number_read(s, ref->field, what, n, number);
}

static int read_presence(struct scope *s, const struct node *n, struct test *t)
{
	int64_t *number = arena_alloc(s->scratch, sizeof(*number));
	bool present = false;
	int err = read_bool(n, "`set`", s->checker->ds, &present);

	if (!number)
		return -ENOMEM;
	*number = present;
	t->form = FORM_NUMBERS;
	t->numbers = number;
	t->n = 1;
	return err;
}

static const char *kind_of(const struct field_ref *ref)
{
	return field_ref_is_number(ref) ? field_type_name(ref->field->type) : "text";
}

static int read_other(struct scope *s, const struct field_ref *ref, const struct node *n, struct test *t)
{
	const struct field_ref *other;
	struct diags *ds = s->checker->ds;
	struct str name;
	int err = read_text(n, "`same_as`", ds, &name);

	if (err == 0)
		err = field_read(s, n, &other);
	if (err < 0)
		return err;
	if (strcmp(kind_of(ref), kind_of(other)) != 0)
		return diag_error(ds, &code_same_as, n->at, "`%.*s` is %s %s, not %s %s", STR_ARG(name),
				  kind_of(other)[0] == 'i' ? "an" : "a", kind_of(other),
				  kind_of(ref)[0] == 'i' ? "an" : "a", kind_of(ref));
	t->form = FORM_FIELD;
	t->other = other;
	return 0;
}

/* { field: NAME } */
static int read_field_operand(struct scope *s, const struct node *map, struct test *t)
{
	const struct node *field = node_get(map, "field");
	char what[WHAT_SIZE];
	struct str name;
	int err;

	name_thing(what, "", str_of(op_table[t->op].name));
	err = keys_check(map, what, MAP_OTHER, s->checker->ds);
	if (err < 0 || !field)
		return err < 0 ? err : -EINVAL;
	t->form = FORM_FIELD;
	err = read_text(field, "`field`", s->checker->ds, &name);
	return err < 0 ? err : field_read(s, field, &t->other);
}

int operand_read(struct scope *s, const struct field_ref *ref, const char *what, const struct node *n,
		 struct test *t)
{
	bool many = false;
	int err = -EINVAL;

	if (n->kind == NODE_MAP && op_takes_field(t->op)) {
		err = read_field_operand(s, n, t);
		return err < 0 ? err : origin_read(s, t, n->at, false);
	}
	switch (op_table[t->op].operand) {
	case OPERAND_VALUES:
		many = true;
		err = field_ref_is_number(ref) ? read_numbers_operand(s, ref, what, n, t)
					       : read_texts_operand(s, ref, what, n, t);
		break;
	case OPERAND_TEXTS:
	case OPERAND_NETWORKS:
		many = true;
		err = read_texts_operand(s, ref, what, n, t);
		break;
	case OPERAND_REGEXES:
		many = true;
		err = regexes_read(s, what, n, t);
		break;
	case OPERAND_BOUND:
		err = read_bound(s, ref, what, n, t);
		break;
	case OPERAND_PRESENCE:
		err = read_presence(s, n, t);
		break;
	case OPERAND_OTHER:
		err = read_other(s, ref, n, t);
		break;
	}
	return err < 0 ? err : origin_read(s, t, n->at, many);
}
