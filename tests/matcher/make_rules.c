/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rule files: predicates (make_predicates.c), nested, by lists and by macros, with exceptions.
 */
#include "tests/matcher/make.h"

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

static void fields_add(struct maker *m, const char *const *names, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (m->n_fields == MAX_FIELDS ||
		    field_ref_parse(str_of(names[i]), &m->fields[m->n_fields++]) < 0)
			abort();
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
