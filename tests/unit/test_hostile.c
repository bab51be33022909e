/* SPDX-License-Identifier: Apache-2.0 */
/* Files that are made to be slow or large: each is refused where it gets so, and no more is said of it. */
#include <string.h>

#include "parser/codes.h"
#include "parser/load.h"
#include "tests/unit/test.h"

/* One with that head, so many times that text behind it, and that tail. */
struct row {
	const char *head, *text;
	int n;
	const char *tail;
	const struct diag_code *code;
	unsigned int line, col;		/* of the error with that code, the last */
};

static const struct row rows[] = {
	{ "", "[", 100000, "", &code_too_large, 1, 33 },
	{ "", "- ", 100000, "", &code_too_large, 1, 65 },
	{ "", "{", 100000, "", &code_too_large, 1, 33 },
	{ "", "? ", 100000, "", &code_too_large, 1, 65 },
	{ "", ": ", 100000, "", &code_yaml_syntax, 1, 1 },
	{ "version: 1\nrules:\n- id: a\n  match: ", "[", 100000, "", &code_too_large, 4, 39 },
	{ "version: 1\nrules:\n", "\t", 100000, "", &code_tab, 3, 1 },
	{ "version: 1\n", "%\n", 100000, "", &code_needs_quotes, 2, 1 },
	{ "", "%TAG ! x:\n", 1000000, "", &code_needs_quotes, 1, 1 },
	{ "version: 1\n", "---\n", 100000, "", &code_second_document, 2, 1 },
	{ "version: 1\nlists:\n", " a:", 100000, "", &code_yaml_syntax, 3, 6 },
	{ "version: 1\n", "# twenty\n\n", 2 << 20, "", &code_too_large, 0, 0 },
};

#define SIGMA "title: t\nlogsource: { category: process_creation }\n"

static const struct row sigma_rows[] = {
	{ SIGMA, "---\n", 1 << 20, "", &code_too_large, 10002, 1 },
	{ SIGMA, "--- [\n", 1 << 20, "", &code_too_large, 104, 1 },
	{ SIGMA "detection: { a: { User: x }, condition: ", "a or ", 200000, "a }", &code_too_big, 3,
	  500041 },
	{ SIGMA "detection: { a: { Hashes: x }, condition: ", "a or ", 200000, "a }", &code_too_big, 3,
	  500043 },
	{ SIGMA "detection: { a: { User|wide|wide|wide|wide|wide|wide|wide|wide: '", "a", 100000,
	  "' }, condition: a }", &code_too_big, 3, 65 },
	{ SIGMA "detection: { a: x, condition: ", "(", 100000, "a }", &code_too_big, 3, 47 },
	{ SIGMA "detection: { a: x, condition: ", "not ", 100000, "b }", &code_sigma_selection, 3, 400031 },
	{ SIGMA "detection: { a: { User|windash: '", "-a ", 100000, "?' }, condition: a }",
	  &code_too_big, 3, 33 },
	{ SIGMA "detection: { a: { User: '", "?x", 1000000, "' }, condition: a }", &code_too_big, 3, 25 },
	{ SIGMA "detection: { condition: a, a: { User|base64: [", "'*', ", 100000, "'*'] } }",
	  &code_sigma_value, 3, 542 },
	{ SIGMA "detection: { condition: a, a: { User|cidr: [", "'*', ", 100000, "'*'] } }",
	  &code_bad_network, 3, 540 },
	{ SIGMA "detection: { condition: a, a: { User|cidr|all: [", "'*', ", 100000, "'*'] } }",
	  &code_bad_network, 3, 544 },
};

static void check_row(const struct row *row)
{
	const struct load_options options = { .now_ns = INT64_MIN, .max_severity = N_SEVERITIES };
	_cleanup_(sources) struct sources sources = SOURCES_INIT;
	_cleanup_(ruleset_free) struct ruleset *rs = NULL;
	_cleanup_(diags) struct diags ds = DIAGS_INIT;
	_cleanup_(buf) struct buf b = BUF_INIT;
	const struct diag *last;

	buf_text(&b, row->head);
	for (int k = 0; k < row->n; k++)
		buf_text(&b, row->text);
	buf_text(&b, row->tail);
	assert_int_equal(rules_load_text(STR_LIT("t.yaml"), buf_get(&b), &options, &sources, &ds, &rs), 0);
	assert_in_range(ds.n_errors, 1, 200);
	last = &ds.items[ds.n - 1];
	while (last > ds.items && last->code != row->code)
		last--;
	assert_ptr_equal(last->code, row->code);
	assert_int_equal(last->at.line, row->line);
	assert_int_equal(last->at.col, row->col);
	assert_int_equal(rs->n_rules, 0);
	assert_true(rs->n_skipped > 0);
}

static void test_hostile_files(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		check_row(&rows[i]);
}

static void test_hostile_sigma_rules(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(sigma_rows); i++)
		check_row(&sigma_rows[i]);
}

static void buf_times(struct buf *b, const char *text, int n)
{
	for (int i = 0; i < n; i++)
		buf_text(b, text);
}

/* The place of a modifier in a long key is looked for once. */
static void test_many_errors_behind_a_long_key(void **state)
{
	_cleanup_(buf) struct buf b = BUF_INIT;

	buf_text(&b, SIGMA "detection:\n  condition: a\n  a:\n    ? '");
	buf_times(&b, "A", 1000000);
	buf_text(&b, "|base64'\n    : [");
	buf_times(&b, "'*', ", 5000);
	buf_text(&b, "'*']\n");
	buf_char(&b, '\0');
	check_row(&(struct row){ b.p, "", 0, "", &code_sigma_value, 7, 503 });
}

/* A rule may compare so many names with patterns, in however many conditions. */
static void test_many_patterns(void **state)
{
	_cleanup_(buf) struct buf b = BUF_INIT;

	buf_text(&b, SIGMA "detection:\n");
	for (int i = 0; i < 99; i++) {
		buf_text(&b, "  ");
		buf_times(&b, "a", 995);
		buf_printf(&b, "%d: { User: x }\n", i);
	}
	buf_text(&b, "  condition:\n");
	for (int i = 0; i < 1000; i++) {
		buf_text(&b, "  - 1 of *");
		buf_times(&b, "a", 500);
		buf_text(&b, "b17\n");
	}
	buf_char(&b, '\0');
	check_row(&(struct row){ b.p, "", 0, "", &code_too_big, 106, 10 });
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_hostile_files),
		cmocka_unit_test(test_hostile_sigma_rules),
		cmocka_unit_test(test_many_errors_behind_a_long_key),
		cmocka_unit_test(test_many_patterns),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
