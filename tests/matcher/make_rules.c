/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rule files: every operator on every type of field, nested, by lists and by macros, with exceptions. A hint
 * is noted of what is not negated, and of a part of what is.
 */
#include "tests/matcher/make.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static const char *const frequent[] = {
	"argv", "argv", "argv", "argv", "argv", "arg", "arg", "comm", "comm", "exe", "exe", "name",
	"name", "filename", "parent.comm", "parent.exe", "parent.argv", "parent.name", "argv[0]",
	"argv[-1]", "argv[1]", "uid", "result",
};

static const char *const seldom[] = {
	"argv[2]", "argv[-2]", "given_argv", "given_argv[0]", "given_argv[-1]", "parent.arg",
	"parent.argv[0]", "parent.argv[-1]", "ancestors.comm", "ancestors.exe", "ancestors.name",
	"ancestors[0].comm", "ancestors[1].exe", "ancestors[2].name", "caller.comm", "caller.exe", "cwd",
	"unit", "user", "login", "env.A", "env.LD_PRELOAD", "labels.env", "tty", "cgroup", "container.id",
	"host", "file.mode", "euid", "gid", "pid", "ppid", "argc", "argv_bytes", "retval", "retval",
	"ancestors.pid", "ancestors[1].pid", "parent.pid", "login_uid", "duration", "traced", "returned",
	"exe_memfd", "ns.host", "time", "time.minute", "time.hour", "time.day", "time.week",
	"time.month", "time.year", "errno", "result", "stage", "argv_state",
};

static const char *const same_texts[] = {
	"comm", "exe", "argv[0]", "arg", "parent.comm", "filename", "name", "argv", "ancestors.comm",
	"user", "env.A", "parent.argv",
};
static const char *const same_numbers[] = {
	"uid", "euid", "pid", "ppid", "argc", "parent.pid", "ancestors.pid",
};

static void fields_add(struct maker *m, const char *const *names, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (m->n_fields == MAX_FIELDS ||
		    field_ref_parse(str_of(names[i]), &m->fields[m->n_fields++]) < 0)
			abort();
}

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

/* Each operator once at most, `nocase` where it changes one. */
static void text_operators(struct maker *m, const struct field_ref *ref, struct buf *b)
{
	static const char *const ops[] = {
		"in", "prefix", "suffix", "contains", "contains", "glob", "re", "re", "re", "cidr",
	};
	size_t n = chance(&m->random, 80) ? 1 : 2;
	const char *last = NULL;
	bool folds = false;

	for (size_t i = 0; i < n; i++) {
		const char *op = ops[pick(&m->random, ARRAY_SIZE(ops))];

		if (last == op || (last && strcmp(last, op) == 0))
			break;
		buf_text(b, i ? ", " : "");
		if (strcmp(op, "in") == 0) {
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

static void predicate_write(struct maker *m, const struct field_ref *ref, struct buf *b)
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
		if (number)
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

static const struct field_ref *pick_field(struct maker *m)
{
	return &m->fields[pick(&m->random, chance(&m->random, 60) ? m->n_frequent : m->n_fields)];
}

static void map_write(struct maker *m, size_t depth, struct buf *b);

enum group { GROUP_ALL, GROUP_ANY, GROUP_NONE, GROUP_NOT, GROUP_MACRO, N_GROUPS };

static void group_write(struct maker *m, enum group group, size_t depth, struct buf *b)
{
	static const char *const names[] = { "all", "any", "none", "not", "macro" };
	bool negates = group == GROUP_NONE || group == GROUP_NOT, list = group != GROUP_NOT;

	buf_printf(b, "%s: %s", names[group], list ? "[" : "");
	m->negations += negates;
	for (size_t i = 0, n = list ? 1 + pick(&m->random, 3) : 1; i < n; i++) {
		buf_text(b, i ? ", " : "");
		if (group == GROUP_MACRO)
			buf_printf(b, "m%zu", pick(&m->random, m->n_macros));
		else
			map_write(m, depth - 1, b);
	}
	m->negations -= negates;
	buf_text(b, list ? "]" : "");
}

/* A map: each key once at most. */
static void map_write(struct maker *m, size_t depth, struct buf *b)
{
	const struct field_ref *used[3];
	unsigned int groups = 0;
	size_t n_used = 0;

	buf_text(b, "{ ");
	for (size_t i = 0, n = 1 + pick(&m->random, 3); i < n; i++) {
		enum group group = (enum group)pick(&m->random, N_GROUPS);
		const struct field_ref *ref = pick_field(m);
		bool taken = false;

		if (group == GROUP_MACRO && m->n_macros == 0)
			group = GROUP_ANY;
		if (depth > 0 && chance(&m->random, 35)) {
			if (groups & 1U << group)
				continue;
			buf_text(b, n_used || groups ? ", " : "");
			groups |= 1U << group;
			group_write(m, group, depth, b);
			continue;
		}
		for (size_t k = 0; k < n_used; k++)
			taken |= used[k]->field == ref->field && used[k]->indexed == ref->indexed &&
				 used[k]->index == ref->index && str_eq(used[k]->key, ref->key);
		if (taken)
			continue;
		buf_text(b, n_used || groups ? ", " : "");
		used[n_used++] = ref;
		predicate_write(m, ref, b);
	}
	buf_text(b, " }");
}

static void exceptions_write(struct maker *m, struct buf *b)
{
	size_t n = 1 + pick(&m->random, 3);

	buf_text(b, "    except:\n");
	for (size_t i = 0; i < n; i++) {
		buf_printf(b, "      - { id: x%zu, ", i);
		if (chance(&m->random, 50))
			buf_printf(b, "until: 2026-01-0%zu, ", 1 + pick(&m->random, 5));
		buf_text(b, "match: ");
		map_write(m, pick(&m->random, 2), b);
		buf_text(b, " }\n");
	}
}

/* Nothing but one field's. */
static void simple_write(struct maker *m, struct buf *b)
{
	buf_text(b, "{ ");
	predicate_write(m, pick_field(m), b);
	buf_text(b, " }");
}

static void rule_write(struct maker *m, size_t i, struct buf *b)
{
	static const char *const modes[] = { "alert", "observe", "'off'" };

	buf_printf(b, "  - id: r%zu\n", i);
	if (chance(&m->random, 10))
		buf_printf(b, "    mode: %s\n", modes[pick(&m->random, ARRAY_SIZE(modes))]);
	buf_text(b, "    match: ");
	if (pick(&m->random, 400) == 0)
		buf_text(b, "{}");
	else if (chance(&m->random, 25))
		simple_write(m, b);
	else
		map_write(m, pick(&m->random, 4), b);
	buf_char(b, '\n');
	if (chance(&m->random, 30))
		exceptions_write(m, b);
}

static void lists_write(struct maker *m, struct buf *b)
{
	size_t n = pick(&m->random, MAX_LISTS + 1);

	if (n == 0)
		return;
	buf_text(b, "lists:\n");
	for (size_t i = 0; i < n; i++) {
		buf_printf(b, "  l%zu: [", i);
		for (size_t k = 0; k < ARRAY_SIZE(m->lists[i]); k++) {
			m->lists[i][k] = pool_text(m);
			buf_text(b, k ? ", " : "");
			quoted_write(m->lists[i][k], b);
		}
		buf_text(b, "]\n");
	}
	m->n_lists = n;
}

static void macros_write(struct maker *m, size_t n_rules, struct buf *b)
{
	size_t n = pick(&m->random, MAX_MACROS + 1);

	if (n == 0)
		return;
	buf_text(b, "macros:\n");
	for (size_t i = 0; i < n; i++) {
		m->owner = (uint16_t)(n_rules + i);
		buf_printf(b, "  m%zu: ", i);
		map_write(m, pick(&m->random, 3), b);
		buf_char(b, '\n');
		m->n_macros = i + 1;
	}
}

void rules_write(struct maker *m, size_t n, struct buf *yaml)
{
	fields_add(m, frequent, ARRAY_SIZE(frequent));
	m->n_frequent = m->n_fields;
	fields_add(m, seldom, ARRAY_SIZE(seldom));
	m->n_rules = n;
	m->rule_at = arena_array(m->arena, n + 1, sizeof(*m->rule_at));
	if (!m->rule_at)
		abort();
	buf_text(yaml, "version: 1\n");
	lists_write(m, yaml);
	macros_write(m, n, yaml);
	buf_text(yaml, "rules:\n");
	for (size_t i = 0; i < n; i++) {
		m->owner = (uint16_t)i;
		m->rule_at[i] = yaml->len;
		rule_write(m, i, yaml);
	}
	m->rule_at[n] = yaml->len;
}
