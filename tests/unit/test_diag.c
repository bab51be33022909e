/* SPDX-License-Identifier: Apache-2.0 */
/* Diagnostics: recorded, sorted, and printed to the exact column. */
#include "tests/unit/test.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/diag.h"

static const struct diag_code code = { "E0312", "explained at length" };

struct fixture {
	struct sources sources;
	struct diags diags;
	struct buf out;
};

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	*state = f;
	return f ? 0 : -1;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	sources_done(&f->sources);
	diags_done(&f->diags);
	buf_done(&f->out);
	free(f);
	return 0;
}

static const struct source *source(struct fixture *f, const char *path, struct str text)
{
	const struct source *s = NULL;

	assert_int_equal(sources_add(&f->sources, str_of(path), text, &s), 0);
	return s;
}

static struct str printed(struct fixture *f)
{
	buf_reset(&f->out);
	diags_write_text(&f->diags, false, &f->out);
	assert_int_equal(f->out.error, 0);
	return buf_get(&f->out);
}

static void as_rustc_prints_them(void **state)
{
	struct fixture *f = *state;
	const struct source *s = source(f, "web.yaml",
					STR_LIT("version: 1\nrules:\n  - parrent.comm: nginx\n"));

	assert_int_equal(diag_error(&f->diags, &code, (struct loc){ s, 3, 5, 17 }, "unknown field `%s`",
				    "parrent.comm"), -EINVAL);
	diag_label(&f->diags, "no such field");
	diag_help(&f->diags, "did you mean `%s`?", "parent.comm");
	diag_warning(&f->diags, &code, (struct loc){ s, 1, 1, 0 }, "short");
	assert_int_equal(f->diags.n_errors, 1);
	assert_int_equal(f->diags.n_warnings, 1);
	assert_str(printed(f), "error[E0312]: unknown field `parrent.comm`\n"
			       "  --> web.yaml:3:5\n"
			       "   |\n"
			       " 3 |   - parrent.comm: nginx\n"
			       "   |     ^^^^^^^^^^^^ no such field\n"
			       "   |\n"
			       "   = help: did you mean `parent.comm`?\n"
			       "\n"
			       "warning[E0312]: short\n"
			       "  --> web.yaml:1:1\n"
			       "   |\n"
			       " 1 | version: 1\n"
			       "   | ^\n"
			       "\n");
}

static void a_second_place_above(void **state)
{
	struct fixture *f = *state;
	const struct source *s = source(f, "a", STR_LIT("x: 1\ny: 2\nx: 3\nx: 4\n"));

	diag_error(&f->diags, &code, (struct loc){ s, 3, 1, 2 }, "duplicate key `x`");
	diag_label(&f->diags, "given again here");
	diag_second(&f->diags, (struct loc){ s, 1, 1, 2 }, "first given %s", "here");
	diag_error(&f->diags, &code, (struct loc){ s, 3, 1, 2 }, "next line");
	diag_second(&f->diags, (struct loc){ s, 4, 1, 2 }, "below");
	assert_str(printed(f), "error[E0312]: duplicate key `x`\n"
			       "  --> a:3:1\n"
			       "   |\n"
			       " 1 | x: 1\n"
			       "   | - first given here\n"
			       "...\n"
			       " 3 | x: 3\n"
			       "   | ^ given again here\n"
			       "\n"
			       "error[E0312]: next line\n"
			       "  --> a:3:1\n"
			       "   |\n"
			       " 3 | x: 3\n"
			       "   | ^\n"
			       " 4 | x: 4\n"
			       "   | - below\n"
			       "\n");
}

static void a_second_place_in_the_line_or_another_file(void **state)
{
	struct fixture *f = *state;
	const struct source *s = source(f, "a", STR_LIT("{ x: 1, x: 2 }"));
	const struct source *other = source(f, "b", STR_LIT("one\ntwo"));

	diag_error(&f->diags, &code, (struct loc){ s, 1, 9, 10 }, "same line");
	diag_label(&f->diags, "again");
	diag_second(&f->diags, (struct loc){ s, 1, 3, 4 }, "first");
	diag_error(&f->diags, &code, (struct loc){ s, 1, 3, 7 }, "other file");
	diag_second(&f->diags, (struct loc){ other, 2, 1, 4 }, "there");
	diag_help(&f->diags, "rename one");
	diag_error(&f->diags, &code, (struct loc){ s, 1, 1, 0 }, "no line there");
	diag_second(&f->diags, (struct loc){ other, 0, 0, 0 }, "included by this file");
	assert_str(printed(f), "error[E0312]: same line\n"
			       "  --> a:1:9\n"
			       "   |\n"
			       " 1 | { x: 1, x: 2 }\n"
			       "   |         ^ again\n"
			       "   |   - first\n"
			       "\n"
			       "error[E0312]: other file\n"
			       "  --> a:1:3\n"
			       "   |\n"
			       " 1 | { x: 1, x: 2 }\n"
			       "   |   ^^^^\n"
			       "   |\n"
			       "  ::: b:2:1\n"
			       "   |\n"
			       " 2 | two\n"
			       "   | --- there\n"
			       "   |\n"
			       "   = help: rename one\n"
			       "\n"
			       "error[E0312]: no line there\n"
			       "  --> a:1:1\n"
			       "   |\n"
			       " 1 | { x: 1, x: 2 }\n"
			       "   | ^\n"
			       "   |\n"
			       "   = note: b: included by this file\n"
			       "\n");
}

static void without_a_line(void **state)
{
	struct fixture *f = *state;
	const struct source *s = source(f, "dir/\n.yaml", STR_LIT(""));

	diag_error(&f->diags, &code, (struct loc){ s, 0, 0, 0 }, "no rules in this file");
	diag_label(&f->diags, "it is empty");
	diag_error(&f->diags, &code, (struct loc){ NULL, 0, 0, 0 }, "no file at all");
	diag_help(&f->diags, "name one");
	diag_error(&f->diags, &code, (struct loc){ s, 1, 1, 0 }, "empty file");
	assert_str(printed(f), "error[E0312]: no rules in this file\n"
			       "  --> dir/\\n.yaml\n"
			       "   = note: it is empty\n"
			       "\n"
			       "error[E0312]: no file at all\n"
			       "   = help: name one\n"
			       "\n"
			       "error[E0312]: empty file\n"
			       "  --> dir/\\n.yaml:1:1\n"
			       "   |\n"
			       " 1 |\n"
			       "   | ^\n"
			       "\n");
}

/* Columns are characters; what is shown wider or narrower keeps the carets below it. */
static void tabs_controls_and_bytes(void **state)
{
	struct fixture *f = *state;
	const struct source *s = source(f, "a",
					STR_LIT("\xef\xbb\xbfé\tkey: \x1b[0m\xff bad\r\n€: ü\rz"));

	diag_error(&f->diags, &code, (struct loc){ s, 1, 3, 6 }, "behind a tab");
	diag_error(&f->diags, &code, (struct loc){ s, 1, 8, 9 }, "on a control byte");
	diag_error(&f->diags, &code, (struct loc){ s, 1, 12, 13 }, "on a byte that is no UTF-8");
	diag_error(&f->diags, &code, (struct loc){ s, 1, 2, 3 }, "on the tab");
	diag_error(&f->diags, &code, (struct loc){ s, 2, 4, 5 }, "\x1b in a message");
	diag_label(&f->diags, "\n in a label");
	diag_help(&f->diags, "\x7f in a help");
	diag_error(&f->diags, &code, (struct loc){ s, 3, 1, 2 }, "a lone carriage return ends a line");
	assert_str(printed(f), "error[E0312]: behind a tab\n"
			       "  --> a:1:3\n"
			       "   |\n"
			       " 1 | é    key: \\x1b[0m\\xff bad\n"
			       "   |      ^^^\n"
			       "\n"
			       "error[E0312]: on a control byte\n"
			       "  --> a:1:8\n"
			       "   |\n"
			       " 1 | é    key: \\x1b[0m\\xff bad\n"
			       "   |           ^^^^\n"
			       "\n"
			       "error[E0312]: on a byte that is no UTF-8\n"
			       "  --> a:1:12\n"
			       "   |\n"
			       " 1 | é    key: \\x1b[0m\\xff bad\n"
			       "   |                  ^^^^\n"
			       "\n"
			       "error[E0312]: on the tab\n"
			       "  --> a:1:2\n"
			       "   |\n"
			       " 1 | é    key: \\x1b[0m\\xff bad\n"
			       "   |  ^^^^\n"
			       "\n"
			       "error[E0312]: \\x1b in a message\n"
			       "  --> a:2:4\n"
			       "   |\n"
			       " 2 | €: ü\n"
			       "   |    ^ \\n in a label\n"
			       "   |\n"
			       "   = help: \\x7f in a help\n"
			       "\n"
			       "error[E0312]: a lone carriage return ends a line\n"
			       "  --> a:3:1\n"
			       "   |\n"
			       " 3 | z\n"
			       "   | ^\n"
			       "\n");
}

/* A terminal gives two cells to a character of the Far East, and none to an accent of its own. */
static void wide_and_narrow(void **state)
{
	struct fixture *f = *state;
	const struct source *s = source(f, "a", STR_LIT("日本: e\xcc\x81x \xf0\x9f\x98\x80!\n"));

	diag_error(&f->diags, &code, (struct loc){ s, 1, 2, 3 }, "on a wide one");
	diag_error(&f->diags, &code, (struct loc){ s, 1, 5, 7 }, "over an accent");
	diag_error(&f->diags, &code, (struct loc){ s, 1, 10, 11 }, "behind a face");
	assert_str(printed(f), "error[E0312]: on a wide one\n"
			       "  --> a:1:2\n"
			       "   |\n"
			       " 1 | 日本: e\xcc\x81x \xf0\x9f\x98\x80!\n"
			       "   |   ^^\n"
			       "\n"
			       "error[E0312]: over an accent\n"
			       "  --> a:1:5\n"
			       "   |\n"
			       " 1 | 日本: e\xcc\x81x \xf0\x9f\x98\x80!\n"
			       "   |       ^\n"
			       "\n"
			       "error[E0312]: behind a face\n"
			       "  --> a:1:10\n"
			       "   |\n"
			       " 1 | 日本: e\xcc\x81x \xf0\x9f\x98\x80!\n"
			       "   |            ^\n"
			       "\n");
}

/* Places that are not there must not show a wrong line, let alone read outside of the text. */
static void places_beyond_the_end(void **state)
{
	struct fixture *f = *state;
	const struct source *s = source(f, "a", STR_LIT("one\ntwo\n"));

	diag_error(&f->diags, &code, (struct loc){ s, 1, 9, 12 }, "behind the line");
	diag_error(&f->diags, &code, (struct loc){ s, 2, 2, 99 }, "over the end of the line");
	diag_error(&f->diags, &code, (struct loc){ s, 3, 1, 0 }, "the end of the file");
	diag_error(&f->diags, &code, (struct loc){ s, 9, 9, 0 }, "behind the file");
	diag_error(&f->diags, &code, (struct loc){ s, 2, 0, 0 }, "no column");
	assert_str(printed(f), "error[E0312]: behind the line\n"
			       "  --> a:1:9\n"
			       "   |\n"
			       " 1 | one\n"
			       "   |    ^\n"
			       "\n"
			       "error[E0312]: over the end of the line\n"
			       "  --> a:2:2\n"
			       "   |\n"
			       " 2 | two\n"
			       "   |  ^^\n"
			       "\n"
			       "error[E0312]: the end of the file\n"
			       "  --> a:3:1\n"
			       "   |\n"
			       " 3 |\n"
			       "   | ^\n"
			       "\n"
			       "error[E0312]: behind the file\n"
			       "  --> a:9:9\n"
			       "   |\n"
			       " 9 |\n"
			       "   | ^\n"
			       "\n"
			       "error[E0312]: no column\n"
			       "  --> a:2:0\n"
			       "   |\n"
			       " 2 | two\n"
			       "   | ^\n"
			       "\n");
}

#define CARETS_65 "^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^"

static void long_lines_show_a_window(void **state)
{
	struct fixture *f = *state;
	char text[1000], want[1000];
	const struct source *s;

	for (size_t i = 0; i < sizeof(text); i++)
		text[i] = (char)('a' + i % 26);
	s = source(f, "a", (struct str){ text, sizeof(text) });
	diag_error(&f->diags, &code, (struct loc){ s, 1, 501, 504 }, "in the middle");
	diag_label(&f->diags, "here");
	snprintf(want, sizeof(want),
		 "error[E0312]: in the middle\n"
		 "  --> a:1:501\n"
		 "   |\n"
		 " 1 | …%.140s…\n"
		 "   | %41s^^^ here\n"
		 "\n", text + 460, "");
	assert_str(printed(f), want);

	diags_done(&f->diags);
	diag_error(&f->diags, &code, (struct loc){ s, 1, 11, 999 }, "longer than the window");
	diag_second(&f->diags, (struct loc){ s, 1, 1000, 1001 }, "the end");
	memset(want, 0, sizeof(want));
	snprintf(want, sizeof(want),
		 "error[E0312]: longer than the window\n"
		 "  --> a:1:11\n"
		 "   |\n"
		 " 1 | %.140s…\n"
		 "   | %10s%.130s\n"
		 " 1 | …%.41s\n"
		 "   | %41s- the end\n"
		 "\n", text, "", CARETS_65 CARETS_65, text + 959, "");
	assert_str(printed(f), want);
}

/* A file of one line and a file of many, both larger than any stride of an index, with a diagnostic in each
 * corner: the shown character tells whether the place was found. */
static void places_in_large_files(void **state)
{
	const size_t len = 300000;
	struct fixture *f = *state;
	char *text = malloc(len), want[64];
	const struct source *one, *many;

	assert_non_null(text);
	for (size_t i = 0; i < len; i++)
		text[i] = (char)('a' + i % 23);
	one = source(f, "one", (struct str){ text, len });
	for (size_t i = 2; i < len; i += 3)
		text[i] = '\n';
	many = source(f, "many", (struct str){ text, len });
	free(text);

	for (uint32_t at = 0; at < len; at += 7919) {
		diags_done(&f->diags);
		diag_error(&f->diags, &code, (struct loc){ one, 1, at + 1, 0 }, "x");
		printed(f);
		/* The caret's column in its line is that of the character above. */
		const char *caret = memrchr(f->out.p, '^', f->out.len), *below = caret;

		while (below[-1] != '\n')
			below--;
		const char *above = memmem(f->out.p, f->out.len, " 1 | ", 5);
		size_t column = (size_t)(caret - below);

		/* An ellipsis is one cell of three bytes. */
		column += above[5] == '\xe2' ? 2 : 0;
		assert_int_equal(above[column], 'a' + at % 23);
	}
	for (uint32_t line = 1; line < len / 3; line += 997) {
		size_t offset = (size_t)(line - 1) * 3 + 1;

		diags_done(&f->diags);
		diag_error(&f->diags, &code, (struct loc){ many, line, 2, 0 }, "x");
		snprintf(want, sizeof(want), "%2u | %c%c\n", line, (int)('a' + (offset - 1) % 23),
			 (int)('a' + offset % 23));
		assert_true(str_contains(printed(f), str_of(want)));
	}
}

static void wide_line_numbers(void **state)
{
	struct fixture *f = *state;
	const struct source *s = source(f, "a", STR_LIT("x"));

	diag_error(&f->diags, &code, (struct loc){ s, 1234, 1, 0 }, "x");
	diag_second(&f->diags, (struct loc){ s, 1, 1, 0 }, "y");
	assert_str(printed(f), "error[E0312]: x\n"
			       "    --> a:1234:1\n"
			       "     |\n"
			       "   1 | x\n"
			       "     | - y\n"
			       "...\n"
			       "1234 | x\n"
			       "     |  ^\n"
			       "\n");
}

static void in_colour(void **state)
{
	struct fixture *f = *state;
	const struct source *s = source(f, "a", STR_LIT("x"));

	diag_error(&f->diags, &code, (struct loc){ s, 1, 1, 0 }, "bad");
	diag_label(&f->diags, "here");
	diags_write_text(&f->diags, true, &f->out);
	assert_str(buf_get(&f->out), "\033[1;31merror[E0312]\033[0m\033[1m: bad\033[0m\n"
				     "\033[1;34m  --> \033[0ma:1:1\n"
				     "\033[1;34m   |\033[0m\n"
				     "\033[1;34m 1 |\033[0m x\n"
				     "\033[1;34m   |\033[0m \033[1;31m^ here\033[0m\n"
				     "\n");
}

static void sorted_by_first_use_line_and_column(void **state)
{
	static const char *const want[] = { "b0", "b1", "b2", "b3", "a1", "a2", "a3", "a4" };
	struct fixture *f = *state;
	const struct source *a = source(f, "a", STR_LIT("")), *b = source(f, "b", STR_LIT(""));

	diags_sort(&f->diags);
	assert_int_equal(f->diags.n, 0);
	diag_error(&f->diags, &code, (struct loc){ b, 2, 1, 0 }, "b1");
	diag_error(&f->diags, &code, (struct loc){ a, 3, 1, 0 }, "a2");
	diag_error(&f->diags, &code, (struct loc){ a, 3, 7, 0 }, "a3");
	diag_error(&f->diags, &code, (struct loc){ b, 2, 1, 9 }, "b2");
	diag_warning(&f->diags, &code, (struct loc){ a, 1, 9, 0 }, "a1");
	diag_error(&f->diags, &code, (struct loc){ b, 0, 0, 0 }, "b0");
	diag_error(&f->diags, &code, (struct loc){ a, 3, 7, 0 }, "a4");
	diag_error(&f->diags, &code, (struct loc){ b, 2, 1, 0 }, "b3");
	diags_sort(&f->diags);
	assert_int_equal(f->diags.n, ARRAY_SIZE(want));
	for (size_t i = 0; i < ARRAY_SIZE(want); i++)
		assert_str(f->diags.items[i].message, want[i]);
	/* What is said next still goes to the last one, and the list still grows. */
	for (int i = 0; i < 100; i++)
		diag_error(&f->diags, &code, (struct loc){ a, 1, 1, 0 }, "more");
	diag_label(&f->diags, "label");
	assert_str(f->diags.items[107].label, "label");
}

static void out_of_memory_is_remembered(void **state)
{
	struct fixture *f = *state;

	diag_error(&f->diags, &code, (struct loc){ NULL, 0, 0, 0 }, "kept");
	f->diags.out_of_memory = true;
	assert_int_equal(diag_error(&f->diags, &code, (struct loc){ NULL, 0, 0, 0 }, "lost"), -EINVAL);
	diag_label(&f->diags, "of the lost one");
	assert_int_equal(f->diags.n, 1);
	assert_int_equal(f->diags.n_errors, 2);
	assert_str(f->diags.items[0].label, "");
}

static void places_as_text(void **state)
{
	struct fixture *f = *state;
	const struct source *s = source(f, "a", STR_LIT("x"));

	loc_write((struct loc){ s, 3, 7, 9 }, &f->out);
	buf_char(&f->out, ' ');
	loc_write((struct loc){ s, 0, 0, 0 }, &f->out);
	assert_str(buf_get(&f->out), "a:3:7 a");
}

static void files_are_read(void **state)
{
	struct fixture *f = *state;
	const struct source *s = NULL;
	char path[] = "/tmp/test_diag.XXXXXX";
	int fd = mkstemp(path);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, "a\0b\n", 4), 4);
	assert_int_equal(sources_read(&f->sources, path, 4, &s), 0);
	assert_true(str_eq(s->text, STR_LIT("a\0b\n")));
	assert_str(s->path, path);
	assert_ptr_equal(f->sources.first, s);

	s = NULL;
	assert_int_equal(sources_read(&f->sources, path, 3, &s), -EFBIG);
	assert_int_equal(ftruncate(fd, 0), 0);
	close(fd);
	assert_int_equal(sources_read(&f->sources, "/tmp", 3, &s), -EISDIR);
	assert_null(s);
	assert_int_equal(sources_read(&f->sources, path, 0, &s), 0);
	assert_str(s->text, "");
	assert_ptr_equal(f->sources.first->next, s);
	unlink(path);
	assert_int_equal(sources_read(&f->sources, path, 3, &s), -ENOENT);
}

static void standard_input_is_read(void **state)
{
	struct fixture *f = *state;
	const struct source *s = NULL;
	int ends[2], saved = dup(STDIN_FILENO);

	assert_int_equal(pipe(ends), 0);
	assert_int_equal(write(ends[1], "from a pipe", 11), 11);
	close(ends[1]);
	assert_int_equal(dup2(ends[0], STDIN_FILENO), STDIN_FILENO);
	close(ends[0]);
	assert_int_equal(sources_read(&f->sources, "-", 100, &s), 0);
	if (saved >= 0)
		dup2(saved, STDIN_FILENO);
	close(saved);
	assert_str(s->text, "from a pipe");
	assert_str(s->path, "-");
}

#define diag_test(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		diag_test(as_rustc_prints_them),
		diag_test(a_second_place_above),
		diag_test(a_second_place_in_the_line_or_another_file),
		diag_test(without_a_line),
		diag_test(tabs_controls_and_bytes),
		diag_test(wide_and_narrow),
		diag_test(places_beyond_the_end),
		diag_test(long_lines_show_a_window),
		diag_test(places_in_large_files),
		diag_test(wide_line_numbers),
		diag_test(in_colour),
		diag_test(sorted_by_first_use_line_and_column),
		diag_test(out_of_memory_is_remembered),
		diag_test(places_as_text),
		diag_test(files_are_read),
		diag_test(standard_input_is_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
