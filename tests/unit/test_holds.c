/* SPDX-License-Identifier: Apache-2.0 */
/* Which conditions can never hold, by rule text and by what a source of events knows. */
#include "tests/unit/rules.h"

#include "engine/eval.h"
#include "engine/holds.h"
#include "tests/unit/failing_malloc.h"

/* What is not here may be anything. */
static const struct known {
	const char *field;
	enum fill fill;
	struct value only;
} known[] = {
	{ "stage", FILL_MAY_SAME, { .text = STR("commit") } },
	{ "errno", FILL_NEVER, { .number = 0 } },
	{ "retval", FILL_ALWAYS_SAME, { .number = 0 } },
	{ "returned", FILL_NEVER, { .number = 0 } },
	{ "abi", FILL_ALWAYS_SAME, { .text = STR("64") } },
	{ "syscall", FILL_ALWAYS_SAME, { .text = STR("execve") } },
	{ "unit", FILL_NEVER, { .number = 0 } },
	{ "cgroup", FILL_NEVER, { .number = 0 } },
	{ "given_argv", FILL_NEVER, { .number = 0 } },
	{ "parent.argv", FILL_NEVER, { .number = 0 } },
	{ "parent.comm", FILL_NEVER, { .number = 0 } },
	{ "parent.exe", FILL_NEVER, { .number = 0 } },
	{ "ancestors.comm", FILL_NEVER, { .number = 0 } },
	{ "euid", FILL_ALWAYS_SAME, { .number = 0 } },
	{ "uid", FILL_ALWAYS_SAME, { .number = 1 } },
	{ "ns.host", FILL_ALWAYS_SAME, { .number = 1 } },
};

static enum fill ask(void *ctx, const struct field_ref *ref, struct value *ret_only)
{
	const char *absent_env = ctx;

	if (ref->field->type == FT_MAP)
		return str_eq(ref->key, str_of(absent_env)) ? FILL_NEVER : FILL_MAY;
	assert_int_not_equal(ref->field->place, PLACE_DERIVED);
	/* Of the ancestors, the nearest is told by its image. */
	if (strcmp(ref->field->name, "ancestors.exe") == 0 && ref->indexed && ref->index > 0)
		return FILL_NEVER;
	for (size_t i = 0; i < ARRAY_SIZE(known); i++) {
		if (strcmp(known[i].field, ref->field->name) == 0) {
			*ret_only = known[i].only;
			return known[i].fill;
		}
	}
	return FILL_MAY;
}

struct row {
	const char *match;
	const char *unmet;		/* "": it may hold */
};

static void write_unmet(const struct unmet *u, size_t n, struct buf *b)
{
	for (size_t i = 0; i < n; i++) {
		buf_text(b, i ? ", " : "");
		field_ref_write(u[i].field, b);
		if (u[i].fill == FILL_NEVER)
			buf_text(b, " never");
		else if (field_ref_is_number(u[i].field))
			buf_printf(b, " %d", (int)u[i].only.number);
		else
			buf_printf(b, " %.*s", STR_ARG(u[i].only.text));
		if (u[i].source.field != u[i].field->field) {
			buf_text(b, " by ");
			field_ref_write(&u[i].source, b);
		}
	}
}

/* Events that such a source may make. */
#define SAME "\"retval\":0,\"abi\":\"64\",\"syscall\":\"execve\",\"euid\":0,\"uid\":1,\"ns\":{\"host\":true}"
static const char *const records[] = {
	"{" SAME "}",
	"{" SAME ",\"comm\":\"x\",\"gid\":1,\"argv\":[\"x\"],\"exe\":\"x\",\"env\":{\"PRESENT\":\"x\"}}",
	"{" SAME ",\"comm\":\"y\",\"gid\":2,\"argv\":[\"y\",\"x\"],\"stage\":\"commit\"}",
	"{" SAME ",\"comm\":\"\",\"argv\":[],\"filename\":\"/bin/x\"}",
};

/* Whatever is said never to hold must not hold for any of them, nor be in doubt. */
static void check_events(const struct cond *c, const struct row *row, struct regex_scratch *scratch)
{
	for (size_t i = 0; i < ARRAY_SIZE(records); i++) {
		struct arena a = ARENA_INIT;
		struct event ev;

		event_from(&ev, &a, records[i]);
		if (cond_eval(c, &ev, scratch) != TRUTH_NO && *row->unmet)
			fail_msg("{ %s } holds for %s", row->match, records[i]);
		arena_done(&a);
	}
}

static void check_rows(const struct row *rows, size_t n)
{
	static const struct fills fills = { ask, (void *)"ABSENT" };
	struct regex_scratch *scratch;

	assert_int_equal(regex_scratch_new(&scratch), 0);
	for (size_t i = 0; i < n; i++) {
		struct unmet unmet[UNMET_MAX];
		struct buf got = BUF_INIT;
		char yaml[1024];
		struct loaded l;
		size_t n_unmet;

		snprintf(yaml, sizeof(yaml),
			 "version: 1\nmacros: { m: { stage: load } }\nrules:\n  - id: r\n    match: { %s }\n",
			 rows[i].match);
		rules_from(&l, yaml);
		assert_int_equal(rule_prepare(&l.rules->rules[0], false), 0);
		n_allocations = 0;
		n_unmet = cond_unmet(l.rules->rules[0].match, &fills, scratch, unmet);
		assert_int_equal(n_allocations, 0);
		write_unmet(unmet, n_unmet, &got);
		check_events(l.rules->rules[0].match, &rows[i], scratch);
		if (!str_eq(buf_get(&got), str_of(rows[i].unmet)) && (got.len || *rows[i].unmet))
			fail_msg("{ %s }: got \"%.*s\", want \"%s\"", rows[i].match, STR_ARG(buf_get(&got)),
				 rows[i].unmet);
		buf_done(&got);
		rules_done(&l);
	}
	regex_scratch_free(scratch);
}

static void test_unknown_fields(void **state)
{
	static const struct row rows[] = {
		{ "unit: a.service", "unit never" },
		{ "unit: { set: true }", "unit never" },
		{ "unit: { set: false }", "" },
		{ "unit: { glob: '*' }", "unit never" },
		{ "unit: { re: '' }", "unit never" },
		{ "not: { unit: a.service }", "" },
		{ "unit: { not: a.service }", "" },
		{ "not: { not: { unit: a.service } }", "unit never" },
		{ "not: { unit: { set: false } }", "unit never" },
		{ "none: [ { unit: { set: false } }, { comm: x } ]", "unit never" },
		{ "comm: x", "" },
		{ "comm: { set: false }", "" },
		{ "env.ABSENT: x", "env.ABSENT never" },
		{ "env.PRESENT: x", "" },
		{ "given_argv: { contains: x }", "given_argv never" },
		{ "'given_argv[0]': x", "given_argv[0] never" },
		{ "'argv[0]': x", "" },
	};

	check_rows(rows, ARRAY_SIZE(rows));
}

static void test_trees(void **state)
{
	static const struct row rows[] = {
		{ "", "" },
		{ "comm: x, unit: a, cgroup: b", "unit never" },
		{ "cgroup: b, unit: a", "cgroup never" },
		{ "any: [ { unit: a }, { comm: x } ]", "" },
		{ "any: [ { unit: a }, { } ]", "" },
		{ "any: [ { unit: a }, { cgroup: b, comm: x } ]", "unit never, cgroup never" },
		{ "any: [ { unit: a }, { unit: b } ]", "unit never" },
		{ "all: [ { comm: x }, { any: [ { unit: a }, { macro: m } ] } ]",
		  "unit never, stage commit" },
		{ "any: [ { unit: a, comm: x }, { comm: y } ], cgroup: z", "cgroup never" },
		{ "not: { any: [ { unit: { set: false } }, { comm: x } ] }", "unit never" },
		{ "not: { all: [ { unit: { set: false } }, { comm: x } ] }", "" },
		{ "not: { all: [ { unit: { set: false } }, { cgroup: { set: false } } ] }",
		  "unit never, cgroup never" },
		{ "any: [ { unit: a }, { cgroup: a }, { errno: EIO }, { given_argv: a }, { parent.arg: a } ]",
		  "unit never, cgroup never, errno never, given_argv never" },
		/* What holds for no exec at all is not the capture's fault. */
		{ "comm: { set: false, in: x }", "" },
		{ "not: { }", "" },
		{ "any: [ { not: { } }, { unit: a } ]", "unit never" },
	};

	check_rows(rows, ARRAY_SIZE(rows));
}

static void test_one_value(void **state)
{
	static const struct row rows[] = {
		{ "retval: 0", "" },
		{ "retval: { ge: 0 }", "" },
		{ "retval: { lt: 0 }", "retval 0" },
		{ "retval: { not: 0 }", "retval 0" },
		{ "retval: { in: [-1, -2] }", "retval 0" },
		{ "retval: { set: false }", "retval 0" },
		{ "retval: { set: true }", "" },
		{ "not: { retval: { set: true } }", "retval 0" },
		{ "abi: 32", "abi 64" },
		{ "abi: [32, 64]", "" },
		{ "not: { abi: 64 }", "abi 64" },
		{ "abi: { re: '^3' }", "abi 64" },
		{ "abi: { re: '^[3-6]' }", "" },
		{ "abi: { glob: '6?', suffix: '4' }", "" },
		{ "abi: { glob: '6?', suffix: '2' }", "abi 64" },
		{ "abi: { contains: [x, y] }", "abi 64" },
		{ "ns.host: false", "ns.host 1" },
		{ "ns.host: true", "" },
		{ "comm: x, any: [ { abi: 32 }, { syscall: execveat } ]", "abi 64, syscall execve" },

		/* Known or not, but never another value. */
		{ "stage: commit", "" },
		{ "stage: load", "stage commit" },
		{ "stage: { set: false }", "" },
		{ "stage: { set: true }", "" },
		{ "not: { stage: commit }", "" },
		{ "not: { stage: load }", "" },
		{ "stage: { not: commit }", "" },
		{ "stage: { set: true, not: commit }", "" },
	};

	check_rows(rows, ARRAY_SIZE(rows));
}

static void test_same_as(void **state)
{
	static const struct row rows[] = {
		{ "comm: { same_as: exe }", "" },
		{ "comm: { same_as: unit }", "unit never" },
		{ "unit: { same_as: comm }", "unit never" },
		{ "unit: { same_as: cgroup }", "unit never" },
		{ "not: { comm: { same_as: unit } }", "" },
		{ "uid: { same_as: euid }", "uid 1" },
		{ "not: { uid: { same_as: euid } }", "" },
		{ "uid: { same_as: gid }", "" },
		{ "gid: { same_as: uid }", "" },
		{ "euid: { same_as: retval }", "" },
		{ "not: { euid: { same_as: retval } }", "euid 0" },
		{ "abi: { same_as: syscall }", "abi 64" },
		{ "abi: { same_as: stage }", "abi 64" },
		{ "arg: { same_as: parent.arg }", "parent.arg never by parent.argv" },
	};

	check_rows(rows, ARRAY_SIZE(rows));
}

static void test_derived_fields(void **state)
{
	static const struct row rows[] = {
		{ "parent.arg: x", "parent.arg never by parent.argv" },
		{ "parent.arg: { set: false }", "" },
		{ "parent.name: x", "parent.name never by parent.comm" },
		{ "ancestors.name: x", "" },
		{ "ancestors.comm: x", "ancestors.comm never" },
		{ "'ancestors[0].name': x", "" },
		{ "'ancestors[1].name': x", "ancestors[1].name never by ancestors[1].comm" },
		{ "'ancestors[1].exe': x", "ancestors[1].exe never" },
		{ "name: x", "" },
		{ "arg: x", "" },
		{ "result: ok", "" },
		{ "result: failed", "result ok by retval" },
		{ "not: { result: ok }", "result ok by retval" },
		{ "not: { result: failed }", "" },
		{ "errno: ENOENT", "errno never" },
	};

	check_rows(rows, ARRAY_SIZE(rows));
}

/* A source that tells nothing, one of which nothing is known, one to which all is the same. */
static enum fill always(void *ctx, const struct field_ref *ref, struct value *ret_only)
{
	*ret_only = (struct value){ .text = STR("x") };
	return *(enum fill *)ctx;
}

static void test_extremes(void **state)
{
	enum fill never = FILL_NEVER, may = FILL_MAY, same = FILL_ALWAYS_SAME;
	struct loaded l;
	struct unmet unmet[UNMET_MAX];
	struct regex_scratch *scratch;
	char yaml[256];

	assert_int_equal(regex_scratch_new(&scratch), 0);
	for (size_t i = 0; i < n_fields; i++) {
		const struct field *f = &field_table[i];
		const struct cond *c;

		snprintf(yaml, sizeof(yaml),
			 "version: 1\nrules:\n  - id: r\n    match: { %s%s: { set: true } }\n", f->name,
			 f->type == FT_MAP ? ".x" : "");
		rules_from(&l, yaml);
		c = l.rules->rules[0].match;
		assert_int_equal(cond_unmet(c, &(struct fills){ always, &may }, scratch, unmet), 0);
		/* What is not said to have failed has succeeded. */
		assert_int_equal(cond_unmet(c, &(struct fills){ always, &never }, scratch, unmet),
				 strcmp(f->name, "result") != 0);
		assert_int_equal(cond_unmet(c, &(struct fills){ always, &same }, scratch, unmet),
				 strcmp(f->name, "result") == 0);
		rules_done(&l);
	}
	regex_scratch_free(scratch);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_unknown_fields),
		cmocka_unit_test(test_trees),
		cmocka_unit_test(test_one_value),
		cmocka_unit_test(test_same_as),
		cmocka_unit_test(test_derived_fields),
		cmocka_unit_test(test_extremes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
