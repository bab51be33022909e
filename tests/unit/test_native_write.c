/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rules written as native text: conditions that no native file makes become some that mean the same, or are
 * given up with the reason; and each allocation may fail.
 */
#include <errno.h>
#include <stdlib.h>

#include "parser/native_write.h"
#include "tests/unit/failing_malloc.h"
#include "tests/unit/rules.h"

static struct field_ref ref_of(const char *name)
{
	struct field_ref ref;

	assert_int_equal(field_ref_parse(str_of(name), &ref), 0);
	return ref;
}

static const struct str ab[] = { STR("a"), STR("b") };
static const struct str dollars[] = { STR("$a"), STR("$$a") }, bytes[] = { STR("\xff") };
static const struct str five[] = { STR("5") }, failed[] = { STR("Failed") };
static const struct str odd[] = { STR("a*"), STR("EWOULDBLOCK") };

#define TEXTS(operator, list, ...) { .op = (operator), .n = ARRAY_SIZE(list), .texts = (list), __VA_ARGS__ }

/* Tests on one field as one condition; @want NULL: they are given up for @why. */
static const struct tests_row {
	const char *field;
	struct test tests[2];
	const char *want, *why;
} tests_rows[] = {
	{ "comm", { TEXTS(OP_IN, ab) }, "{ \"comm\": [\"a\", \"b\"] }", NULL },
	{ "comm", { TEXTS(OP_IN, ab, .nocase = true) },
	  "{ \"comm\": { in: [\"a\", \"b\"], nocase: true } }", NULL },
	{ "argv", { TEXTS(OP_CONTAINS, five), TEXTS(OP_CONTAINS, ab) },
	  "{ all: [{ \"argv\": { contains: \"5\" } }, { \"argv\": { contains: [\"a\", \"b\"] } }] }", NULL },
	{ "argv", { TEXTS(OP_PREFIX, five, .nocase = true), TEXTS(OP_SUFFIX, five) },
	  "{ all: [{ \"argv\": { prefix: \"5\", nocase: true } }, { \"argv\": { suffix: \"5\" } }] }", NULL },
	{ "arg", { TEXTS(OP_CONTAINS, five), TEXTS(OP_CONTAINS, ab) }, NULL,
	  "several tests of it are on one of several values of a field" },
	{ "comm", { TEXTS(OP_IN, dollars) }, NULL, "a text in a list of it begins with `$$` and a name" },
	{ "comm", { TEXTS(OP_IN, bytes) }, NULL, "a text of it is no text of YAML" },
	{ "comm", { { .op = OP_IN, .n = 0 } }, NULL, "a list of it is empty" },
	{ "result", { TEXTS(OP_IN, failed, .nocase = true) },
	  "{ \"result\": { in: \"Failed\", nocase: true } }", NULL },
	{ "result", { TEXTS(OP_IN, failed) }, "{ \"result\": { glob: \"Failed\" } }", NULL },
	{ "errno", { TEXTS(OP_IN, odd), TEXTS(OP_GLOB, five) },
	  "{ all: [{ \"errno\": { glob: [\"a\\\\*\", \"EWOULDBLOCK\"] } }, "
	  "{ \"errno\": { glob: \"5\" } }] }", NULL },
	{ "argv", { TEXTS(OP_GE, five), TEXTS(OP_CIDR, five) },
	  "{ \"argv\": { ge: 5, cidr: \"5\" } }", NULL },
};

static void assert_written(const struct cond *c, const char *want, const char *why)
{
	_cleanup_(buf) struct buf b = BUF_INIT;
	struct cond_writer w = { .b = &b };
	int err = cond_write(&w, c);

	assert_int_equal(err, want ? 0 : -ENOTSUP);
	if (want)
		assert_str(buf_get(&b), want);
	else
		assert_string_equal(w.why, why);
}

static void tests_of_one_field(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(tests_rows); i++) {
		const struct tests_row *row = &tests_rows[i];
		struct field_ref ref = ref_of(row->field);
		struct cond c = { .kind = COND_FIELD, .field = &ref, .tests = row->tests };

		c.n_tests = row->tests[1].n ? 2 : 1;
		assert_written(&c, row->want, row->why);
	}
}

static void fields_with_fields(void **state)
{
	struct field_ref uid = ref_of("uid"), user = ref_of("user"), euid = ref_of("euid");
	struct test same = { .op = OP_SAME_AS, .form = FORM_FIELD, .other = &euid };
	struct cond c = { .kind = COND_FIELD, .field = &uid, .n_tests = 1, .tests = &same };

	assert_written(&c, "{ \"uid\": { same_as: \"euid\" } }", NULL);
	same.other = &user;
	assert_written(&c, "{ \"uid\": { in: { field: \"user\" } } }", NULL);
	same.op = OP_PREFIX;
	same.nocase = true;
	assert_written(&c, "{ \"uid\": { prefix: { field: \"user\" }, nocase: true } }", NULL);
}

/* What is beside a regex is about all of them. */
static void regexes(void **state)
{
	struct field_ref comm = ref_of("comm"), arg = ref_of("arg");
	struct regex *re[2];
	struct regex_error error;
	struct test t[] = {
		{ .op = OP_RE, .form = FORM_REGEXES, .n = 1, .regexes = &re[0] },
		{ .op = OP_RE, .form = FORM_REGEXES, .n = 1, .regexes = &re[1] },
	};
	struct cond c = { .kind = COND_FIELD, .field = &comm, .n_tests = 1, .tests = t };

	assert_int_equal(regex_new(STR_LIT("^a"), REGEX_SIGMA, &error, &re[0]), 0);
	assert_int_equal(regex_new(STR_LIT("b$"), 0, &error, &re[1]), 0);
	assert_written(&c, "{ \"comm\": { re: \"^a\", flags: sigma } }", NULL);
	c.n_tests = 2;
	assert_written(&c, "{ all: [{ \"comm\": { re: \"^a\", flags: sigma } }, "
		       "{ \"comm\": { re: \"b$\" } }] }", NULL);
	c.field = &arg;
	assert_written(&c, NULL, "several tests of it are on one of several values of a field");
	t[0].n = 2;
	c.n_tests = 1;
	assert_written(&c, NULL, "regexes of it have different flags");
	regex_free(re[0]);
	regex_free(re[1]);
}

/* The same case may stand once in a map; two keys of a name are a list. */
static void trees(void **state)
{
	struct field_ref comm = ref_of("comm"), user = ref_of("user");
	const struct test a = TEXTS(OP_IN, five), b = TEXTS(OP_PREFIX, five, .nocase = true);
	const struct cond is_a = { .kind = COND_FIELD, .field = &comm, .n_tests = 1, .tests = &a };
	const struct cond is_b = { .kind = COND_FIELD, .field = &comm, .n_tests = 1, .tests = &b };
	const struct cond is_user = { .kind = COND_FIELD, .field = &user, .n_tests = 1, .tests = &a };
	const struct cond always = { .kind = COND_TRUE }, nothing = { .kind = COND_ANY };
	const struct cond *two[] = { &is_a, &is_b }, *others[] = { &is_a, &is_user }, *one[] = { &always };
	struct cond c = { .kind = COND_ALL, .n_children = 2, .children = two };
	const struct cond *inner[] = { &c };
	const struct cond not = { .kind = COND_NOT, .n_children = 1, .children = inner };

	assert_written(&c, "{ all: [{ \"comm\": \"5\" }, { \"comm\": { prefix: \"5\", nocase: true } }] }",
		       NULL);
	c.children = others;
	assert_written(&c, "{ \"comm\": \"5\", \"user\": \"5\" }", NULL);
	assert_written(&not, "{ not: { all: [{ \"comm\": \"5\" }, { \"user\": \"5\" }] } }", NULL);
	c.kind = COND_ANY;
	assert_written(&not, "{ none: [{ \"comm\": \"5\" }, { \"user\": \"5\" }] }", NULL);
	c = (struct cond){ .kind = COND_NOT, .n_children = 1, .children = one };
	assert_written(&c, "{ not: {} }", NULL);
	assert_written(&nothing, NULL, "a group of conditions of it is empty");
}

static void forget(void *ctx, const struct rule *rule, const char *why)
{
	*(const char **)ctx = why;
}

/* Whether a rule speaks of failed execs is seen in its condition. */
static void outcomes(void **state)
{
	_cleanup_(buf) struct buf b = BUF_INIT;
	const char *why = NULL;
	struct loaded before, after;
	struct rule rule;
	const struct rule *list[] = { &rule };

	rules_from(&before, "version: 1\nrules: [{ id: x, match: { comm: a } }]\n");
	rule = before.rules->rules[0];
	rule.reads_outcome = true;
	assert_int_equal(native_rules_write(list, 1, forget, &why, &b), 0);
	buf_char(&b, '\0');
	rules_from(&after, b.p);
	assert_true(after.rules->rules[0].reads_outcome);
	rules_done(&after);
	rules_done(&before);

	rules_from(&before, "version: 1\nrules: [{ id: x, match: { errno: { set: true } } }]\n");
	rule = before.rules->rules[0];
	rule.reads_outcome = false;
	buf_reset(&b);
	assert_int_equal(native_rules_write(list, 1, forget, &why, &b), 0);
	assert_string_equal(why, "it reads the outcome, but speaks of successful execs only");
	assert_str(buf_get(&b), "version: 1\nrules: []\n");
	rules_done(&before);
}

/* Whatever a file is called, its name is a remark. */
static void names_of_files(void **state)
{
	_cleanup_(buf) struct buf b = BUF_INIT;
	const char *why = NULL;
	struct loaded l;
	struct rule rule;
	const struct rule *list[] = { &rule };

	rules_from(&l, "version: 1\nrules: [{ id: x, match: { comm: a } }]\n");
	rule = l.rules->rules[0];
	rule.source = STR_LIT("a\nrules: []\n\xff.yaml:2");
	assert_int_equal(native_rules_write(list, 1, forget, &why, &b), 0);
	assert_null(why);
	assert_str(buf_get(&b), "version: 1\n\nrules:\n  # From a\\nrules: []\\n\\xff.yaml:2.\n  - id: x\n"
				"    severity: warning\n    match: { comm: a }\n");
	rules_done(&l);
}

/* One that does not load is named and hides no other. */
static void what_does_not_load(void **state)
{
	_cleanup_(buf) struct buf b = BUF_INIT;
	const char *why = NULL;
	struct loaded l;
	struct rule bad;
	const struct rule *list[2];

	rules_from(&l, "version: 1\nrules: [{ id: x, match: { comm: a } }]\n");
	bad = l.rules->rules[0];
	bad.id = STR_LIT("No id");
	list[0] = &bad;
	list[1] = &l.rules->rules[0];
	assert_int_equal(native_rules_write(list, 2, forget, &why, &b), 0);
	assert_non_null(why);
	assert_null(list[0]);
	assert_str(buf_get(&b), "version: 1\n\nrules:\n  # From test.yaml:2.\n  - id: x\n"
				"    severity: warning\n    match: { comm: a }\n");
	rules_done(&l);
}

static void each_allocation(void **state)
{
	struct loaded l;
	const struct rule *rule, *list[1];
	const char *why = NULL;

	rules_from(&l, "version: 1\nrules:\n"
		       "  - id: x\n    why: because\n    tags: [a, b]\n"
		       "    throttle: { by: [exe], every: 1h }\n"
		       "    match:\n      comm: [a, b]\n      argv: { re: 'x\\.y', not: $z }\n"
		       "      any: [{ uid: 1 }, { exe: /a }]\n"
		       "    tests:\n      - name: n\n        event: { comm: a }\n"
		       "        expect: { alerts: 1, key: { exe: /a } }\n");
	rule = &l.rules->rules[0];
	for (size_t n = 0;; n++) {
		_cleanup_(buf) struct buf b = BUF_INIT;
		int err;

		list[0] = rule;
		n_allocations = n_failures = 0;
		failing = n;
		err = native_rules_write(list, 1, forget, &why, &b);
		failing = SIZE_MAX;
		assert_int_equal(err, n_failures ? -ENOMEM : 0);
		if (n_failures == 0) {
			assert_true(n > 10);
			break;
		}
	}
	assert_null(why);
	rules_done(&l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tests_of_one_field),
		cmocka_unit_test(fields_with_fields),
		cmocka_unit_test(regexes),
		cmocka_unit_test(trees),
		cmocka_unit_test(outcomes),
		cmocka_unit_test(names_of_files),
		cmocka_unit_test(what_does_not_load),
		cmocka_unit_test(each_allocation),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
