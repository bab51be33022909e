/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Predicates: every operator on every type of field. A hint is noted of what is not negated, and of a part of
 * what is.
 */
#include "tests/matcher/make.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static const char *const same_texts[] = {
	"comm", "exe", "argv[0]", "arg", "parent.comm", "filename", "name", "argv", "ancestors.comm",
	"user", "env.A", "parent.argv",
};
static const char *const same_numbers[] = {
	"uid", "euid", "pid", "ppid", "argc", "parent.pid", "ancestors.pid",
};

void quoted_write(struct str text, struct buf *b)
{
	buf_char(b, '"');
	for (size_t i = 0; i < text.len; i++) {
		char c = text.p[i];

		if (c == '"' || c == '\\')
			buf_printf(b, "\\%c", c);
		else if ((c >= 0 && c < 0x20) || c == 0x7f)
			buf_printf(b, "\\x%02x", c);
		else
			buf_char(b, c);
	}
	buf_char(b, '"');
}

static void hint(struct maker *m, const struct field_ref *ref, struct str text, int64_t number)
{
	if (m->negations % 2 == 1 && chance(&m->random, 80))
		return;
	if (m->n_hints == m->n_hints_cap) {
		m->n_hints_cap = m->n_hints_cap ? 2 * m->n_hints_cap : 1024;
		m->hints = reallocarray(m->hints, m->n_hints_cap, sizeof(*m->hints));
		if (!m->hints)
			abort();
	}
	m->hints[m->n_hints++] = (struct hint){ m->owner, ref, text_copy(m->arena, text), number };
}

/* A value of a number field; most are small. */
static int64_t pick_number(struct random *r, const struct field *field)
{
	static const int64_t edges[] = { -1, -2, -13, 1000, 65534, INT64_MAX, INT64_MIN + 1, 250000000 };

	if (field->type == FT_BOOL)
		return (int64_t)pick(r, 2);
	if (field->type == FT_TIME)
		return INT64_C(1767225600000000000) + (int64_t)pick(r, 5) * INT64_C(86400000000000);
	if (strcmp(field->name, "time.year") == 0)
		return 2024 + (int64_t)pick(r, 5);
	if (strcmp(field->name, "retval") == 0)
		return (int64_t)pick(r, 4) * -1;
	if (field->type == FT_DURATION)
		return (int64_t)pick(r, 4) * 1000;
	return chance(r, 75) ? (int64_t)pick(r, 5) : edges[pick(r, ARRAY_SIZE(edges))];
}

static int64_t number_write(struct maker *m, const struct field_ref *ref, struct buf *b)
{
	int64_t number = pick_number(&m->random, ref->field);

	field_number_write(ref, number, b);
	return number;
}

static struct str pick_choice(struct random *r, const struct field *field)
{
	size_t n = 0;

	while (n < 14 && field->values[n])
		n++;
	return str_of(field->values[pick(r, n)]);
}

static struct str pick_operand(struct maker *m, const struct field_ref *ref)
{
	if (ref->field->type == FT_ENUM)
		return pick_choice(&m->random, ref->field);
	return chance(&m->random, 1) ? STR_LIT("") : pool_text(m);
}

/* One value, noted as what would be equal to it. */
static void value_entry(struct maker *m, const struct field_ref *ref, struct buf *b)
{
	if (field_ref_is_number(ref)) {
		hint(m, ref, (struct str){ NULL, 0 }, number_write(m, ref, b));
	} else {
		struct str text = pick_operand(m, ref);

		quoted_write(text, b);
		hint(m, ref, text, 0);
	}
}

static void list_use(struct maker *m, const struct field_ref *ref, struct buf *b)
{
	size_t list = pick(&m->random, m->n_lists);

	buf_printf(b, "$l%zu", list);
	hint(m, ref, m->lists[list][pick(&m->random, ARRAY_SIZE(m->lists[list]))], 0);
}

static void values_write(struct maker *m, const struct field_ref *ref, struct buf *b)
{
	bool lists = ref->field->type != FT_ENUM && !field_ref_is_number(ref) && m->n_lists > 0;
	size_t n = chance(&m->random, 50) ? 0 : 1 + pick(&m->random, chance(&m->random, 5) ? 40 : 4);

	if (n == 0) {
		value_entry(m, ref, b);
		return;
	}
	buf_char(b, '[');
	for (size_t i = 0; i < n; i++) {
		buf_text(b, i ? ", " : "");
		if (lists && chance(&m->random, 15))
			list_use(m, ref, b);
		else
			value_entry(m, ref, b);
	}
	buf_char(b, ']');
}

static void maybe_junk(struct maker *m, struct buf *b)
{
	if (chance(&m->random, 60))
		junk_write(&m->random, b);
}

static void glob_write(struct maker *m, struct buf *b, struct buf *sample)
{
	static const char *const parts[] = { "*", "*", "*", "?", "[a-c]", "[!x]", "\\*", "[]]", "**" };
	static const char *const samples[] = { "", "a/b", " ", "z", "b", "y", "*", "]", "" };

	for (size_t n = 1 + pick(&m->random, 4); n > 0; n--) {
		struct str s = pool_text(m);
		size_t i = pick(&m->random, ARRAY_SIZE(parts));

		if (chance(&m->random, 60)) {
			buf_text(b, parts[i]);
			buf_text(sample, samples[i]);
			continue;
		}
		for (size_t k = 0; k < s.len; k++) {
			if (strchr("*?[]\\", s.p[k]))
				buf_char(b, '\\');
			buf_char(b, s.p[k]);
		}
		buf_str(sample, s);
	}
}

static void network_write(struct maker *m, struct buf *b, struct buf *sample)
{
	static const struct {
		const char *network, *address;
	} rows[] = {
		{ "10.0.0.0/8", "10.1.2.3" }, { "127.0.0.1", "127.0.0.1" }, { "fd00::/8", "fd12::1" },
		{ "0.0.0.0/0", "1.1.1.1" }, { "192.168.1.0/25", "192.168.1.128" }, { "::/0", "::1" },
	};
	size_t i = pick(&m->random, ARRAY_SIZE(rows));

	buf_text(b, rows[i].network);
	buf_text(sample, rows[i].address);
}

/* One operand of an operator that takes texts, and a text that fulfils it. */
static void operand_write(struct maker *m, const char *op, struct buf *operand, struct buf *sample)
{
	struct str text = chance(&m->random, 2) ? STR_LIT("") : pool_text(m);

	if (strcmp(op, "re") == 0) {
		maybe_junk(m, sample);
		regex_write(m, operand, sample);
		maybe_junk(m, sample);
	} else if (strcmp(op, "glob") == 0) {
		glob_write(m, operand, sample);
	} else if (strcmp(op, "cidr") == 0) {
		network_write(m, operand, sample);
	} else {
		buf_str(operand, text);
		if (op[0] != 'p')
			maybe_junk(m, sample);
		buf_str(sample, text);
		if (op[0] != 's')
			maybe_junk(m, sample);
	}
}

static void operands_write(struct maker *m, const struct field_ref *ref, const char *op, struct buf *b)
{
	size_t n = chance(&m->random, 60) ? 0 : 1 + pick(&m->random, 4);

	buf_printf(b, "%s: %s", op, n ? "[" : "");
	for (size_t i = 0; i < (n ? n : 1); i++) {
		_cleanup_(buf) struct buf operand = BUF_INIT, sample = BUF_INIT;

		do {
			buf_reset(&operand);
			buf_reset(&sample);
			operand_write(m, op, &operand, &sample);
		} while (operand.len == 0 && (op[0] == 'r' || op[0] == 'g'));
		buf_text(b, i ? ", " : "");
		quoted_write(buf_get(&operand), b);
		hint(m, ref, buf_get(&sample), 0);
	}
	buf_text(b, n ? "]" : "");
}

static void number_operators(struct maker *m, const struct field_ref *ref, struct buf *b)
{
	static const char *const bounds[] = { "ge", "gt", "le", "lt" };
	bool ordered = ref->field->type != FT_BOOL;
	size_t first = pick(&m->random, 2), kind = ordered ? pick(&m->random, 10) : 8 + pick(&m->random, 3);
	int64_t number;

	if (kind < 7) {
		buf_printf(b, "%s: ", bounds[chance(&m->random, 50) ? first : first + 2]);
		number = number_write(m, ref, b);
		hint(m, ref, (struct str){ NULL, 0 }, number - (int64_t)pick(&m->random, 2));
	} else if (kind < 8) {
		buf_printf(b, "%s: ", bounds[first]);
		number = number_write(m, ref, b);
		buf_printf(b, ", %s: ", bounds[2 + pick(&m->random, 2)]);
		number_write(m, ref, b);
		hint(m, ref, (struct str){ NULL, 0 }, number);
	} else {
		buf_text(b, "in: ");
		values_write(m, ref, b);
	}
}

/* The text of another field for an operand. */
static void other_write(struct maker *m, const char *op, struct buf *b)
{
	bool number = chance(&m->random, 20);

	buf_printf(b, "%s: { field: '%s' }", op,
		   number ? same_numbers[pick(&m->random, ARRAY_SIZE(same_numbers))] :
			    same_texts[pick(&m->random, ARRAY_SIZE(same_texts))]);
}

/* A text that is a number, within bounds. */
static void decimal_operators(struct maker *m, const struct field_ref *ref, struct buf *b)
{
	static const char *const bounds[] = { "ge: 5", "gt: -1.5", "le: 1e2", "lt: 80", "ge: 0, lt: 9" };
	static const char *const values[] = {
		"5", "5.0", " 7", "-2", "1_0", "nan", "80", "8", "99.5", "1e9",
	};

	buf_text(b, bounds[pick(&m->random, ARRAY_SIZE(bounds))]);
	hint(m, ref, str_of(values[pick(&m->random, ARRAY_SIZE(values))]), 0);
}

/* A number by its text. */
static void digit_operators(struct maker *m, const struct field_ref *ref, struct buf *b)
{
	static const char *const ops[] = { "prefix", "suffix", "contains", "glob", "re" };
	static const char *const digits[] = { "0", "1", "10", "-", "00", "2", "e" };
	const char *op = ops[pick(&m->random, ARRAY_SIZE(ops))];

	buf_printf(b, "%s: [%s'%s']", op, chance(&m->random, 50) ? "'3', " : "",
		   digits[pick(&m->random, ARRAY_SIZE(digits))]);
	hint(m, ref, (struct str){ NULL, 0 }, pick_number(&m->random, ref->field));
	if (op[0] != 'r' && chance(&m->random, 30))
		buf_text(b, ", nocase: true");
}

/* Each operator once at most, `nocase` where it changes one. */
static void text_operators(struct maker *m, const struct field_ref *ref, struct buf *b)
{
	static const char *const ops[] = {
		"in", "prefix", "suffix", "contains", "contains", "glob", "re", "re", "re", "cidr",
	};
	size_t n = chance(&m->random, 80) ? 1 : 2;
	const char *last = NULL;
	bool folds = false;

	if (ref->field->type != FT_ENUM && chance(&m->random, 4)) {
		decimal_operators(m, ref, b);
		return;
	}

	for (size_t i = 0; i < n; i++) {
		const char *op = ops[pick(&m->random, ARRAY_SIZE(ops))];

		if (last == op || (last && strcmp(last, op) == 0))
			break;
		buf_text(b, i ? ", " : "");
		if (strchr("ipsc", op[0]) && op[1] != 'i' && chance(&m->random, 4)) {
			other_write(m, op, b);
		} else if (strcmp(op, "in") == 0) {
			buf_text(b, "in: ");
			values_write(m, ref, b);
		} else {
			operands_write(m, ref, op, b);
		}
		folds |= strcmp(op, "re") != 0 && strcmp(op, "cidr") != 0;
		last = op;
	}
	if (folds && chance(&m->random, 40))
		buf_text(b, ", nocase: true");
	if (last && strcmp(last, "re") == 0 && chance(&m->random, 15))
		buf_text(b, ", flags: sigma");
}

static void other_operators(struct maker *m, const struct field_ref *ref, struct buf *b)
{
	const enum field_type others = FT_BOOL | FT_TIME | FT_DURATION | FT_ENUM;

	switch (pick(&m->random, 4)) {
	case 0:
		buf_printf(b, "set: %s", chance(&m->random, 60) ? "true" : "false");
		return;
	case 1:
		if (ref->field->type & others)
			break;
		buf_printf(b, "same_as: '%s'",
			   field_ref_is_number(ref) ?
				   same_numbers[pick(&m->random, ARRAY_SIZE(same_numbers))] :
				   same_texts[pick(&m->random, ARRAY_SIZE(same_texts))]);
		if (!field_ref_is_number(ref) && chance(&m->random, 40))
			buf_text(b, ", nocase: true");
		return;
	case 2:
		if (!field_ref_is_many(ref))
			break;
		buf_text(b, "all: [");
		value_entry(m, ref, b);
		buf_text(b, ", ");
		value_entry(m, ref, b);
		buf_char(b, ']');
		return;
	}
	m->negations++;
	buf_text(b, "not: ");
	values_write(m, ref, b);
	m->negations--;
}

void predicate_write(struct maker *m, const struct field_ref *ref, struct buf *b)
{
	bool number = field_ref_is_number(ref);

	buf_char(b, '"');
	field_ref_write(ref, b);
	buf_text(b, "\": ");
	if (chance(&m->random, 25)) {
		values_write(m, ref, b);
		return;
	}
	buf_text(b, "{ ");
	if (chance(&m->random, 88)) {
		if (number && chance(&m->random, 15))
			digit_operators(m, ref, b);
		else if (number)
			number_operators(m, ref, b);
		else
			text_operators(m, ref, b);
		if (chance(&m->random, 8)) {
			buf_text(b, ", not: ");
			m->negations++;
			values_write(m, ref, b);
			m->negations--;
		}
	} else {
		other_operators(m, ref, b);
	}
	buf_text(b, " }");
}
