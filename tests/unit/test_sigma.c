/* SPDX-License-Identifier: Apache-2.0 */
/* What a user says of the names in Sigma rules: which native fields they are, what placeholders stand for. */
#include <errno.h>
#include <string.h>

#include "parser/codes.h"
#include "parser/load.h"
#include "tests/unit/test.h"

#define RULE(detection)                                                                                     \
	"logsource: { category: process_creation }\ndetection: { a: " detection ", condition: a }\n"

struct fixture {
	struct sources sources;
	struct diags ds;
	struct ruleset *rs;
};

static int setup(void **state)
{
	*state = calloc(1, sizeof(struct fixture));
	return *state ? 0 : -1;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	ruleset_free(f->rs);
	diags_done(&f->ds);
	sources_done(&f->sources);
	free(f);
	return 0;
}

/* One rule, with a mapping and placeholders, which may be NULL. */
static int load(struct fixture *f, const char *rule, const char *mapping, const char *placeholders)
{
	const struct load_options options = {
		.now_ns = INT64_MIN, .max_severity = N_SEVERITIES, .warnings = true,
		.sigma_mapping = mapping ? "mapping" : NULL,
		.placeholders = placeholders ? "placeholders" : NULL,
	};
	const struct rule_text texts[] = {
		{ STR("r.yml"), str_of(rule) }, { STR("mapping"), str_of(mapping ? mapping : "") },
		{ STR("placeholders"), str_of(placeholders ? placeholders : "") },
	};

	ruleset_free(f->rs);
	f->rs = NULL;
	diags_done(&f->ds);
	f->ds = (struct diags)DIAGS_INIT;
	return rules_load_texts(texts, ARRAY_SIZE(texts), &options, &f->sources, &f->ds, &f->rs);
}

static const struct cond *match_of(const struct fixture *f)
{
	assert_non_null(f->rs);
	assert_int_equal(f->rs->n_rules, 1);
	assert_int_equal(f->ds.n, 0);
	return f->rs->rules[0].match;
}

/* @c is of that field, with one test of that text. */
static void assert_field(const struct cond *c, const char *field, enum op op, const char *text)
{
	_cleanup_(buf) struct buf b = BUF_INIT;

	assert_int_equal(c->kind, COND_FIELD);
	field_ref_write(c->field, &b);
	assert_str(buf_get(&b), field);
	assert_int_equal(c->n_tests, 1);
	assert_int_equal(c->tests[0].op, op);
	assert_int_equal(c->tests[0].n, 1);
	assert_str(c->tests[0].texts[0], text);
}

static void test_mapping(void **state)
{
	struct fixture *f = *state;
	const struct cond *match;

	assert_int_equal(load(f, RULE("{ Custom|startswith: x }"), "Custom: env.A\n", NULL), 0);
	assert_field(match_of(f), "env.A", OP_PREFIX, "x");
	assert_int_equal(load(f, RULE("{ Custom: x }"), "Custom: [argv, 'argv[0]']\n", NULL), 0);
	match = match_of(f);
	assert_int_equal(match->kind, COND_ANY);
	assert_int_equal(match->n_children, 2);
	assert_field(match->children[1], "argv[0]", OP_IN, "x");

	/* One of Sigma's own, also where it is looked for without being named. */
	assert_int_equal(load(f, RULE("{ Image: x }"), "Image: comm\n", NULL), 0);
	assert_field(match_of(f), "comm", OP_IN, "x");
	assert_int_equal(load(f, RULE("[x]"), "Image: comm\nCommandLine: []\n", NULL), 0);
	assert_field(match_of(f)->children[0], "comm", OP_CONTAINS, "x");
	assert_field(match_of(f)->children[1], "parent.exe", OP_CONTAINS, "x");

	/* No exec has it, and nothing is to be said of that. */
	assert_int_equal(load(f, RULE("[{ Custom: x }, { User: y }]"), "Custom: []\n", NULL), 0);
	assert_field(match_of(f), "user", OP_IN, "y");
	assert_int_equal(load(f, RULE("{ Custom: x }"), "", NULL), 0);
	assert_int_equal(f->ds.n_warnings, 2);
	assert_ptr_equal(f->ds.items[0].code, &code_sigma_field);
}

static void test_bad_mapping(void **state)
{
	static const struct {
		const char *text;
		const struct diag_code *code;
	} rows[] = {
		{ "Custom: cmd\n", &code_unknown_field }, { "Custom: env\n", &code_field_form },
		{ "Custom: { a: b }\n", &code_wrong_shape }, { "[Custom]\n", &code_wrong_shape },
		{ "Custom:\n", &code_empty_value }, { "Custom: [\n", &code_yaml_syntax },
		{ "Custom: exe\nCustom: argv\n", &code_duplicate_key },
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		assert_int_equal(load(f, RULE("{ Image: x }"), rows[i].text, NULL), -EINVAL);
		assert_null(f->rs);
		assert_int_equal(f->ds.n_errors, 1);
		assert_ptr_equal(f->ds.items[0].code, rows[i].code);
		assert_str(f->ds.items[0].at.source->path, "mapping");
	}
}

static void test_no_such_file(void **state)
{
	const struct load_options options = {
		.now_ns = INT64_MIN, .max_severity = N_SEVERITIES, .sigma_mapping = "/nowhere/mapping",
	};
	struct fixture *f = *state;
	const char *path = "/dev/null";

	assert_int_equal(rules_load(&path, 1, &options, &f->sources, &f->ds, &f->rs), -ENOENT);
	assert_null(f->rs);
	assert_int_equal(f->ds.n_errors, 1);
	assert_ptr_equal(f->ds.items[0].code, &code_unreadable);
}

static void test_placeholders(void **state)
{
	static const char values[] = "admins: [alice, 'b*']\none: 1\n";
	struct fixture *f = *state;
	const struct cond *match;

	assert_int_equal(load(f, RULE("{ User|expand: '%admins%' }"), NULL, values), 0);
	match = match_of(f);
	assert_field(match->children[0], "user", OP_IN, "alice");
	assert_field(match->children[1], "user", OP_PREFIX, "b");
	assert_int_equal(load(f, RULE("{ User|expand|endswith: 'a%one%-%one%' }"), NULL, values), 0);
	assert_field(match_of(f), "user", OP_SUFFIX, "a1-1");
	assert_int_equal(load(f, RULE("{ User|expand: '5% \\%one% %%' }"), NULL, values), 0);
	assert_field(match_of(f), "user", OP_IN, "5% %one% %%");
	assert_int_equal(load(f, RULE("{ User: '%one%' }"), NULL, values), 0);
	assert_field(match_of(f), "user", OP_IN, "%one%");

	assert_int_equal(load(f, RULE("{ User|expand: '%admin%' }"), NULL, values), 0);
	assert_int_equal(f->rs->n_rules, 0);
	assert_ptr_equal(f->ds.items[0].code, &code_sigma_placeholder);
	assert_str(f->ds.items[0].help, "did you mean `admins`?");
	assert_int_equal(load(f, RULE("{ User: x }"), NULL, "admins: { a: b }\n"), -EINVAL);
}

/* Thirteen times two values are 8,192 texts, and once more is too much. */
static void test_too_many_texts(void **state)
{
	_cleanup_(buf) struct buf b = BUF_INIT;
	struct fixture *f = *state;

	buf_text(&b, "logsource: { category: process_creation }\n"
		     "detection: { condition: a, a: { User|expand: '");
	for (int i = 0; i < 14; i++)
		buf_text(&b, "%two%");
	buf_text(&b, "' } }\n");
	buf_char(&b, '\0');
	assert_int_equal(load(f, b.p, NULL, "two: [a, b]\n"), 0);
	assert_int_equal(f->rs->n_skipped, 1);
	assert_ptr_equal(f->ds.items[0].code, &code_too_big);
}

/* What placeholders make of all values of a rule together is bounded, and no more is said than that. */
static void test_many_values_with_placeholders(void **state)
{
	_cleanup_(buf) struct buf b = BUF_INIT, names = BUF_INIT;
	struct fixture *f = *state;

	buf_text(&names, "a: [x");
	for (int i = 0; i < 9999; i++)
		buf_printf(&names, ", x%d", i);
	buf_text(&names, "]\n");
	buf_char(&names, '\0');
	buf_text(&b, "logsource: { category: process_creation }\n"
		     "detection: { condition: a or b, b: { User|expand: '%a%' }, a: { User|expand: [");
	for (int i = 0; i < 200; i++)
		buf_printf(&b, "'%d%%a%%', ", i);
	buf_text(&b, "x] } }\n");
	buf_char(&b, '\0');
	assert_int_equal(load(f, b.p, NULL, names.p), 0);
	assert_int_equal(f->rs->n_skipped, 1);
	assert_int_equal(f->ds.n_errors, 1);
	assert_ptr_equal(f->ds.items[0].code, &code_too_big);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_mapping),
		TEST(test_bad_mapping),
		TEST(test_no_such_file),
		TEST(test_placeholders),
		TEST(test_too_many_texts),
		TEST(test_many_values_with_placeholders),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
