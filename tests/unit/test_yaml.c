/* SPDX-License-Identifier: Apache-2.0 */
/* Nodes and their places, and values read from nodes. */
#include <errno.h>
#include <string.h>

#include "parser/codes.h"
#include "parser/read.h"
#include "parser/yaml.h"
#include "tests/unit/test.h"

struct fixture {
	struct sources sources;
	struct diags ds;
	struct arena arena;
	const struct node *root;
};

static int setup(void **state)
{
	*state = calloc(1, sizeof(struct fixture));
	return *state ? 0 : -1;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	arena_done(&f->arena);
	diags_done(&f->ds);
	sources_done(&f->sources);
	free(f);
	return 0;
}

static int read_bytes(struct fixture *f, const char *text, size_t length)
{
	const struct source *src;

	assert_int_equal(sources_add(&f->sources, STR_LIT("t.yaml"), (struct str){ text, length }, &src), 0);
	return yaml_read(src, &f->ds, &f->arena, &f->root);
}

static int read_yaml(struct fixture *f, const char *text)
{
	return read_bytes(f, text, strlen(text));
}

static void assert_place(struct loc at, uint32_t line, uint32_t col, uint32_t end_col)
{
	assert_int_equal(at.line, line);
	assert_int_equal(at.col, col);
	assert_int_equal(at.end_col, end_col);
}

static void test_shapes(void **state)
{
	struct fixture *f = *state;
	const struct node *list;

	assert_int_equal(read_yaml(f, "a: text\nlist: [x, 'y y', \"z\\n\"]\nmap: { k: v }\nempty:\n"), 0);
	assert_int_equal(f->root->kind, NODE_MAP);
	assert_int_equal(f->root->n, 4);
	assert_str(node_get(f->root, "a")->text, "text");
	list = node_get(f->root, "list");
	assert_int_equal(list->kind, NODE_LIST);
	assert_int_equal(list->n, 3);
	assert_str(list->items[1]->text, "y y");
	assert_int_equal(list->items[1]->style, SCALAR_SINGLE_QUOTED);
	assert_str(list->items[2]->text, "z\n");
	assert_str(node_get(node_get(f->root, "map"), "k")->text, "v");
	assert_str(node_get(f->root, "empty")->text, "");
	assert_null(node_get(f->root, "b"));
	assert_null(node_get(list, "a"));
}

static void test_places_count_characters(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(read_yaml(f, "é: \"日本\"\nmap:\n  k: v\n"), 0);
	assert_place(f->root->keys[0]->at, 1, 1, 2);
	assert_place(f->root->items[0]->at, 1, 4, 8);
	assert_int_equal(f->root->items[0]->offset, 4);
	assert_place(node_get(f->root, "map")->at, 3, 3, 0);
}

static void test_without_content(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(read_yaml(f, ""), 0);
	assert_null(f->root);
	assert_int_equal(read_yaml(f, "# only this\n\n"), 0);
	assert_null(f->root);
	assert_int_equal(read_yaml(f, "\xef\xbb\xbf"), 0);
	assert_null(f->root);
}

static void test_crlf_and_bom(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(read_yaml(f, "\xef\xbb\xbf" "a: 1\r\nb: two\r\n"), 0);
	assert_place(f->root->keys[0]->at, 1, 1, 2);
	assert_place(node_get(f->root, "b")->at, 2, 4, 7);
	assert_place(node_place(node_get(f->root, "b"), 2, 1), 2, 6, 7);
}

/* What stood before a syntax error is kept, and what it left open is marked. */
static void test_cut_by_a_syntax_error(void **state)
{
	struct fixture *f = *state;
	const struct node *list;

	assert_int_equal(read_yaml(f, "done: { a: b }\nlist:\n  - x: 1\n  - y: 2\n\tz: 3\n"), -EINVAL);
	assert_int_equal(f->ds.n_errors, 1);
	assert_ptr_equal(f->ds.items[0].code, &code_tab);
	assert_place(f->ds.items[0].at, 5, 1, 0);
	assert_true(f->root->incomplete);
	assert_false(node_get(f->root, "done")->faulty);
	list = node_get(f->root, "list");
	assert_int_equal(list->n, 2);
	assert_true(list->incomplete);
	assert_false(list->items[0]->faulty);
	assert_true(list->items[1]->incomplete);
	assert_str(node_get(list->items[1], "y")->text, "2");
	assert_false(node_get(list->items[1], "y")->incomplete);
}

static void test_value_that_cannot_be_read(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(read_yaml(f, "a: 1\nb: @x\n"), -EINVAL);
	assert_true(node_get(f->root, "b")->incomplete);
	assert_false(node_get(f->root, "a")->incomplete);
}

static void test_faulty_up_to_the_root(void **state)
{
	struct fixture *f = *state;
	const struct node *b;

	assert_int_equal(read_yaml(f, "a: { x: 1 }\nb: { x: 1, x: 2, y: { z: *q } }\n"), -EINVAL);
	assert_int_equal(f->ds.n_errors, 2);
	assert_true(f->root->faulty);
	assert_false(f->root->incomplete);
	assert_false(node_get(f->root, "a")->faulty);
	b = node_get(f->root, "b");
	assert_true(b->faulty);
	assert_int_equal(b->n, 2);
	assert_str(node_get(b, "x")->text, "1");
	assert_true(node_get(node_get(b, "y"), "z")->incomplete);
}

static void test_many_keys(void **state)
{
	struct fixture *f = *state;
	_cleanup_(buf) struct buf b = BUF_INIT;

	for (int i = 0; i < 5000; i++)
		buf_printf(&b, "k%d: %d\n", i, i);
	buf_text(&b, "k4321: again\n");
	assert_int_equal(read_bytes(f, b.p, b.len), -EINVAL);
	assert_int_equal(f->ds.n_errors, 1);
	assert_place(f->ds.items[0].at, 5001, 1, 6);
	assert_int_equal(f->ds.items[0].second.line, 4322);
	assert_int_equal(f->root->n, 5000);
	assert_str(node_get(f->root, "k4321")->text, "4321");
}

static void test_limits(void **state)
{
	struct fixture *f = *state;
	_cleanup_(buf) struct buf b = BUF_INIT;
	size_t depth = 0;

	for (int i = 0; i < 100000; i++)
		buf_char(&b, '[');
	assert_int_equal(read_bytes(f, b.p, b.len), -EINVAL);
	assert_int_equal(f->ds.n_errors, 1);
	assert_ptr_equal(f->ds.items[0].code, &code_too_large);
	for (const struct node *n = f->root; n; n = n->n ? n->items[0] : NULL)
		depth++;
	assert_int_equal(depth, YAML_MAX_DEPTH);

	buf_reset(&b);
	buf_char(&b, '[');
	for (int i = 0; i <= YAML_MAX_NODES; i++)
		buf_text(&b, "a,\n");
	assert_int_equal(read_bytes(f, b.p, b.len), -EINVAL);
	assert_int_equal(f->ds.n_errors, 2);
	assert_ptr_equal(f->ds.items[1].code, &code_too_large);
	assert_in_range(f->root->n, YAML_MAX_NODES - 2, YAML_MAX_NODES);
}

static void test_too_many_bytes(void **state)
{
	struct fixture *f = *state;
	char *text = malloc(YAML_MAX_BYTES + 1);

	assert_non_null(text);
	memset(text, '\n', YAML_MAX_BYTES + 1);
	assert_int_equal(read_bytes(f, text, YAML_MAX_BYTES), 0);
	assert_int_equal(read_bytes(f, text, YAML_MAX_BYTES + 1), -EINVAL);
	assert_ptr_equal(f->ds.items[0].code, &code_too_large);
	free(text);
}

/* The place of each byte of a scalar through all styles. */
static void test_places_inside(void **state)
{
	static const struct {
		const char *yaml;
		size_t offset, length;
		uint32_t line, col, end_col;
	} rows[] = {
		{ "k: plain", 2, 1, 1, 6, 7 },
		{ "k: plain text", 6, 4, 1, 10, 14 },
		{ "k: ab\n  cd\n", 3, 2, 2, 3, 5 },
		{ "k: ab\n\n\n  cd\n", 4, 1, 4, 3, 4 },
		{ "k: 'it''s (x'", 3, 1, 1, 9, 10 },
		{ "k: 'it''s (x'", 5, 1, 1, 11, 12 },
		{ "k: 'ab\n  cd'\n", 3, 1, 2, 3, 4 },
		{ "k: \"a\\tb\"", 1, 1, 1, 6, 8 },
		{ "k: \"a\\tb\"", 2, 1, 1, 8, 9 },
		{ "k: \"\\x41\\u00e9z\"", 3, 1, 1, 15, 16 },
		{ "k: \"\\x41\\u00e9z\"", 0, 1, 1, 5, 9 },
		{ "k: \"a\\\n  b\"\n", 1, 1, 2, 3, 4 },
		{ "k: \"é(\"", 2, 1, 1, 6, 7 },
		{ "k: |\n  ab\n  cd\n", 3, 1, 2 + 1, 3, 4 },
		{ "k: |\n\n    ab\n      c\n", 6, 1, 4, 7, 8 },
		{ "k: |2\n    ab\n", 0, 1, 2, 3, 4 },
		{ "k: |2\n    ab\n", 2, 1, 2, 5, 6 },
		{ "k: >\n  ab\n  cd\n", 3, 1, 3, 3, 4 },
		{ "k: >\n  ab\n\n  cd\n", 3, 1, 4, 3, 4 },
		{ "k: >\n\n  ab\n", 1, 1, 3, 3, 4 },
		{ "k: >\n  ab\n    cd\n  ef\n", 5, 1, 3, 5, 6 },
		{ "k: >\n  ab\n    cd\n  ef\n", 8, 1, 4, 3, 4 },
		{ "k: >-\r\n  ab\r\n  cd\r\n", 4, 1, 3, 4, 5 },
		{ "k: plain", 5, 1, 1, 9, 0 },
		{ "k: plain", 9, 1, 1, 4, 9 },
		{ "k: plain", 1, 100, 1, 5, 9 },
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct loc at;

		assert_int_equal(read_yaml(f, rows[i].yaml), 0);
		at = node_place(node_get(f->root, "k"), rows[i].offset, rows[i].length);
		if (at.line != rows[i].line || at.col != rows[i].col || at.end_col != rows[i].end_col)
			fail_msg("%s: byte %zu at %u:%u-%u", rows[i].yaml, rows[i].offset, at.line, at.col,
				 at.end_col);
	}
}

/* The value of `k` in a text that is valid YAML. */
static const struct node *value_of(struct fixture *f, const char *yaml)
{
	assert_int_equal(read_yaml(f, yaml), 0);
	return node_get(f->root, "k");
}

static void test_integers(void **state)
{
	struct fixture *f = *state;
	int64_t n = 7;

	assert_int_equal(read_int(value_of(f, "k: -12"), "`k`", -20, 20, &f->ds, &n), 0);
	assert_int_equal(n, -12);
	assert_int_equal(read_int(value_of(f, "k: 9223372036854775807"), "`k`", 0, INT64_MAX, &f->ds, &n), 0);
	assert_true(n == INT64_MAX);
	assert_int_equal(read_int(value_of(f, "k: -9223372036854775808"), "`k`", INT64_MIN, 0, &f->ds, &n),
			 0);
	assert_true(n == INT64_MIN);
	assert_int_equal(f->ds.n, 0);
	assert_int_equal(read_int(value_of(f, "k: 9223372036854775808"), "`k`", 0, INT64_MAX, &f->ds, &n),
			 -EINVAL);
	assert_ptr_equal(f->ds.items[0].code, &code_out_of_range);
	assert_int_equal(read_int(value_of(f, "k: 21"), "`k`", -20, 20, &f->ds, &n), -EINVAL);
	assert_str(f->ds.items[1].message, "`k` takes an integer from -20 to 20");
	assert_int_equal(read_int(value_of(f, "k: '21'"), "`k`", -20, 90, &f->ds, &n), -EINVAL);
	assert_ptr_equal(f->ds.items[2].code, &code_wrong_type);
	assert_int_equal(read_int(value_of(f, "k: +"), "`k`", -20, 90, &f->ds, &n), -EINVAL);
	assert_true(n == INT64_MIN);
}

static void test_sizes(void **state)
{
	struct fixture *f = *state;
	uint64_t n = 7;

	assert_int_equal(read_size(value_of(f, "k: 2MiB"), "`k`", &f->ds, &n), 0);
	assert_int_equal(n, 2 << 20);
	assert_int_equal(read_size(value_of(f, "k: 64 KiB"), "`k`", &f->ds, &n), 0);
	assert_int_equal(n, 65536);
	assert_int_equal(read_size(value_of(f, "k: 3"), "`k`", &f->ds, &n), 0);
	assert_int_equal(n, 3);
	assert_int_equal(read_size(value_of(f, "k: 2MB"), "`k`", &f->ds, &n), -EINVAL);
	assert_int_equal(read_size(value_of(f, "k: -1KiB"), "`k`", &f->ds, &n), -EINVAL);
	assert_int_equal(read_size(value_of(f, "k: 9223372036854775807GiB"), "`k`", &f->ds, &n), -EINVAL);
	assert_int_equal(read_size(value_of(f, "k: KiB"), "`k`", &f->ds, &n), -EINVAL);
	assert_int_equal(n, 3);
	assert_int_equal(f->ds.n_errors, 4);
}

static void test_choices_and_bools(void **state)
{
	static const char *const names[] = { "tcp", "udp", "tls", NULL };
	struct fixture *f = *state;
	bool truth = false;
	int n = -1;

	assert_int_equal(read_choice(value_of(f, "k: 'udp'"), "`k`", names, &f->ds, &n), 0);
	assert_int_equal(n, 1);
	assert_int_equal(read_choice(value_of(f, "k: upd"), "`k`", names, &f->ds, &n), -EINVAL);
	assert_str(f->ds.items[0].help, "did you mean `udp`?");
	assert_int_equal(read_choice(value_of(f, "k: something"), "`k`", names, &f->ds, &n), -EINVAL);
	assert_str(f->ds.items[1].help, "one of tcp, udp or tls");
	assert_int_equal(read_bool(value_of(f, "k: true"), "`k`", &f->ds, &truth), 0);
	assert_true(truth);
	assert_int_equal(read_bool(value_of(f, "k: off"), "`k`", &f->ds, &truth), -EINVAL);
	assert_str(f->ds.items[2].help, "write `false`, without quotes");
	assert_true(truth);
}

static void test_texts(void **state)
{
	struct fixture *f = *state;
	struct strs list;
	struct str text;

	assert_int_equal(read_text(value_of(f, "k: 0x1F"), "`k`", &f->ds, &text), 0);
	assert_str(text, "0x1F");
	assert_int_equal(read_text(value_of(f, "k: ''"), "`k`", &f->ds, &text), 0);
	assert_str(text, "");
	assert_int_equal(read_text(value_of(f, "k:"), "`k`", &f->ds, &text), -EINVAL);
	assert_int_equal(read_text(value_of(f, "k: ~"), "`k`", &f->ds, &text), -EINVAL);
	assert_int_equal(read_text(value_of(f, "k: '~'"), "`k`", &f->ds, &text), 0);
	assert_int_equal(read_texts(value_of(f, "k: one"), "`k`", &f->arena, &f->ds, &list), 0);
	assert_int_equal(list.n, 1);
	assert_int_equal(read_texts(value_of(f, "k: [a, b]"), "`k`", &f->arena, &f->ds, &list), 0);
	assert_int_equal(list.n, 2);
	assert_str(list.item[1], "b");
	assert_int_equal(read_texts(value_of(f, "k: []"), "`k`", &f->arena, &f->ds, &list), -EINVAL);
	assert_int_equal(read_texts(value_of(f, "k: [a, [b]]"), "`k`", &f->arena, &f->ds, &list), -EINVAL);
	assert_int_equal(read_texts(value_of(f, "k: { a: b }"), "`k`", &f->arena, &f->ds, &list), -EINVAL);
	assert_int_equal(f->ds.n_errors, 5);
}

/* Of a value that YAML could not read enough has been said. */
static void test_silence_after_a_fault(void **state)
{
	struct fixture *f = *state;
	struct str text;
	int64_t n;

	assert_int_equal(read_yaml(f, "k: *alias\n"), -EINVAL);
	assert_int_equal(f->ds.n, 1);
	assert_int_equal(read_text(node_get(f->root, "k"), "`k`", &f->ds, &text), -EINVAL);
	assert_int_equal(read_int(node_get(f->root, "k"), "`k`", 0, 9, &f->ds, &n), -EINVAL);
	assert_int_equal(read_map(node_get(f->root, "k"), "`k`", &f->ds), -EINVAL);
	assert_int_equal(read_list(node_get(f->root, "k"), "`k`", &f->ds), -EINVAL);
	assert_int_equal(f->ds.n, 1);
}

static void test_known_keys(void **state)
{
	static const char *const known[] = { "path", "type", NULL };
	struct fixture *f = *state;

	assert_int_equal(read_yaml(f, "path: x\ntype: y\n"), 0);
	assert_int_equal(read_known_keys(f->root, "an output", known, NULL, &f->ds), 0);
	assert_int_equal(read_yaml(f, "paht: x\ntype: y\nz: 1\n"), 0);
	assert_int_equal(read_known_keys(f->root, "an output", known, NULL, &f->ds), -EINVAL);
	assert_int_equal(f->ds.n, 2);
	assert_str(f->ds.items[0].message, "unknown key `paht` in an output");
	assert_str(f->ds.items[0].help, "did you mean `path`?");
	assert_str(f->ds.items[1].help, "");
}

/* Where documents begin, by the lines with their marks, and that each is read as if it were alone. */
static void test_documents(void **state)
{
	static const struct {
		const char *text;
		uint32_t lines[4];		/* of the documents, from 1; 0: there are no more */
	} rows[] = {
		{ "", { 0 } },
		{ "\xef\xbb\xbf", { 0 } },
		{ "a: b\n", { 1 } },
		{ "\xef\xbb\xbf---\na: b\n---\nc: d", { 1, 3 } },
		{ "# c\n%YAML 1.1\n \n---\na: b\n", { 1 } },
		{ "---\n---\n---", { 1, 2, 3 } },
		{ "---\n# c\n--- x\n---\ty\n---\r\n", { 1, 3, 4, 5 } },
		{ "a: |\n  ---\n ---\n----\n---x\n", { 1 } },
		{ "a: \"b\n---\nc\"\n", { 1, 2 } },
	};
	struct fixture *f = *state;
	struct yaml_part part = { 0 };
	const struct source *src;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct str text = str_of(rows[i].text);
		size_t n = 0, end = 0;

		for (part = (struct yaml_part){ 0 }; yaml_next_part(text, &part); n++) {
			assert_true(n < 4);
			assert_int_equal(part.line + 1, rows[i].lines[n]);
			assert_true(part.from == end || n == 0);
			end = part.to;
		}
		assert_true(n == 4 || rows[i].lines[n] == 0);
		assert_true(n == 0 || end == text.len);
	}

	assert_int_equal(sources_add(&f->sources, STR_LIT("t"),
				     STR_LIT("a: [\n---\n\xc3\xa9: 'b' c\n--- e\n"), &src), 0);
	part = (struct yaml_part){ 0 };
	assert_true(yaml_next_part(src->text, &part));
	assert_int_equal(yaml_read_part(src, &part, &f->ds, &f->arena, NULL, &f->root), -EINVAL);
	assert_true(f->root->incomplete);
	assert_true(yaml_next_part(src->text, &part));
	assert_int_equal(yaml_read_part(src, &part, &f->ds, &f->arena, NULL, &f->root), -EINVAL);
	assert_place(f->ds.items[1].at, 3, 8, 0);
	assert_true(yaml_next_part(src->text, &part));
	assert_int_equal(yaml_read_part(src, &part, &f->ds, &f->arena, NULL, &f->root), 0);
	assert_str(f->root->text, "e");
	assert_place(f->root->at, 4, 5, 6);
	assert_place(node_place(f->root, 0, 1), 4, 5, 6);
	assert_false(yaml_next_part(src->text, &part));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_shapes),
		TEST(test_places_count_characters),
		TEST(test_without_content),
		TEST(test_crlf_and_bom),
		TEST(test_cut_by_a_syntax_error),
		TEST(test_value_that_cannot_be_read),
		TEST(test_faulty_up_to_the_root),
		TEST(test_many_keys),
		TEST(test_limits),
		TEST(test_documents),
		TEST(test_too_many_bytes),
		TEST(test_places_inside),
		TEST(test_integers),
		TEST(test_sizes),
		TEST(test_choices_and_bools),
		TEST(test_texts),
		TEST(test_silence_after_a_fault),
		TEST(test_known_keys),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
