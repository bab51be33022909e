/* SPDX-License-Identifier: Apache-2.0 */
/* `include`: which files are loaded, by which ways and in which order, and how far. What rules see of each
 * other's names is in tests/rules. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "parser/codes.h"
#include "parser/load.h"
#include "tests/unit/test.h"

#define RULE(id) "rules: [{ id: " id ", match: { comm: a } }]\n"
#define MAX_TEXTS 1100

struct fixture {
	char dir[64];
	struct sources sources;
	struct diags ds;
	struct load_options options;
	struct ruleset *rs;
	struct rule_text texts[MAX_TEXTS];
	size_t n_texts;
};

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	if (!f)
		return -1;
	*state = f;
	strcpy(f->dir, "/tmp/execwatch-include-XXXXXX");
	f->options = (struct load_options){ .now_ns = INT64_MIN, .max_severity = N_SEVERITIES };
	return mkdtemp(f->dir) && chdir(f->dir) == 0 ? 0 : -1;
}

static void forget(struct fixture *f)
{
	f->rs = ruleset_free(f->rs);
	diags_done(&f->ds);
	sources_done(&f->sources);
}

static int teardown(void **state)
{
	struct fixture *f = *state;
	char command[128];
	int failed;

	forget(f);
	for (size_t i = 0; i < f->n_texts; i++) {
		free((char *)f->texts[i].path.p);
		free((char *)f->texts[i].text.p);
	}
	snprintf(command, sizeof(command), "rm -r %s", f->dir);
	failed = chdir("/") < 0 || system(command) != 0;
	free(f);
	return failed ? -1 : 0;
}

/* `version: 1` stands in front of @text. */
static void write_file(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_true(fprintf(f, "version: 1\n%s", text) > 0);
	assert_int_equal(fclose(f), 0);
}

static int load(struct fixture *f, const char *path, const char *other)
{
	const char *const paths[] = { path, other };

	return rules_load(paths, other ? 2 : 1, &f->options, &f->sources, &f->ds, &f->rs);
}

/* A text in memory. */
__attribute__((format(printf, 3, 4)))
static void add_text(struct fixture *f, const char *path, const char *fmt, ...)
{
	char *text = NULL, *copy = strdup(path);
	va_list args;

	va_start(args, fmt);
	assert_true(vasprintf(&text, fmt, args) >= 0);
	va_end(args);
	assert_non_null(copy);
	assert_true(f->n_texts < MAX_TEXTS);
	f->texts[f->n_texts++] = (struct rule_text){ str_of(copy), str_of(text) };
}

static void load_texts(struct fixture *f)
{
	assert_int_equal(rules_load_texts(f->texts, f->n_texts, &f->options, &f->sources, &f->ds, &f->rs), 0);
}

/* printf 'version: 1\ninclude: [b.yaml]\nversion: 1\n' | sha256sum: a file, then what it includes. */
static void test_sha256(void **state)
{
	struct fixture *f = *state;

	write_file("a.yaml", "include: [b.yaml]\n");
	write_file("b.yaml", "");
	assert_int_equal(load(f, "a.yaml", NULL), 0);
	assert_int_equal(f->rs->n_files, 2);
	assert_string_equal(f->rs->sha256,
			    "c015c87814ed27146be6840a39015e340ba4988a2578f661acde1320b60aa6d9");
}

/* By its directory, by a link to it, twice from one file and from another: its rules are there once. */
static void test_once(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(mkdir("d", 0755), 0);
	assert_int_equal(mkdir("d/sub", 0755), 0);
	write_file("d/a.yaml", "include: [sub/c.yaml, ./sub/c.yaml, link]\n" RULE("a"));
	write_file("d/b.yaml", "include: [../d/sub/c.yaml]\n" RULE("b"));
	write_file("d/sub/c.yaml", RULE("c"));
	assert_int_equal(symlink("sub/c.yaml", "d/link"), 0);
	assert_int_equal(load(f, "d/link", "d"), 0);
	assert_int_equal(f->ds.n, 0);
	assert_int_equal(f->rs->n_files, 3);
	assert_int_equal(f->rs->n_rules, 3);
	assert_str(f->rs->rules[2].source, "d/link:2");
	forget(f);
	/* What is found in a directory bears the name that it has there. */
	assert_int_equal(load(f, "d", NULL), 0);
	assert_str(f->rs->rules[2].source, "d/sub/c.yaml:2");
}

/* What a file rests on is loaded before it, so that of two rules with one id it is the other that is told. */
static void test_order(void **state)
{
	struct fixture *f = *state;

	write_file("a.yaml", "include: [z.yaml]\n" RULE("same"));
	write_file("z.yaml", RULE("same"));
	assert_int_equal(load(f, ".", NULL), 0);
	assert_int_equal(f->ds.n_errors, 1);
	assert_ptr_equal(f->ds.items[0].code, &code_duplicate_id);
	assert_str(f->ds.items[0].at.source->path, "./a.yaml");
	assert_str(f->ds.items[0].second.source->path, "./z.yaml");
}

/* Absolute paths, paths from the file's own directory, and what is in no directory searched for rules. */
static void test_paths(void **state)
{
	struct fixture *f = *state;
	char text[128];

	assert_int_equal(mkdir("d", 0755), 0);
	snprintf(text, sizeof(text), "include: [%s/x.inc, ../y.inc, -]\n", f->dir);
	write_file("d/a.yaml", text);
	write_file("x.inc", RULE("x"));
	write_file("y.inc", RULE("y"));
	write_file("d/-", RULE("dash"));
	assert_int_equal(load(f, "d/a.yaml", NULL), 0);
	assert_int_equal(f->ds.n, 0);
	assert_int_equal(f->rs->n_rules, 3);
	forget(f);
	/* Not standard input, which would not end here. */
	assert_int_equal(chdir("d"), 0);
	assert_int_equal(load(f, "a.yaml", NULL), 0);
	assert_int_equal(f->rs->n_rules, 3);
	assert_str(f->rs->rules[0].source, "./-:2");
}

/* Each file that includes it is told, and so is whoever asked for it by name. */
static void test_unreadable(void **state)
{
	struct fixture *f = *state;

	write_file("a.yaml", "include: [large]\n" RULE("a"));
	write_file("b.yaml", "include: [large]\n" RULE("b"));
	write_file("large", "");
	assert_int_equal(truncate("large", (16 << 20) + 1), 0);
	assert_int_equal(load(f, "a.yaml", "b.yaml"), 0);
	assert_int_equal(f->ds.n_errors, 2);
	for (size_t i = 0; i < 2; i++) {
		assert_ptr_equal(f->ds.items[i].code, &code_too_large);
		assert_int_equal(f->ds.items[i].at.line, 2);
		assert_int_equal(f->ds.items[i].at.col, 11);
		assert_str(f->rs->skipped[i].message, "cannot include `large`: larger than 16 MiB");
	}
	assert_int_equal(f->rs->n_skipped, 2);
	assert_int_equal(f->rs->n_rules, 2);
	forget(f);
	assert_int_equal(load(f, "a.yaml", "large"), 0);
	assert_int_equal(f->ds.n_errors, 2);
	assert_int_equal(f->rs->n_skipped, 2);
}

static void test_long_names(void **state)
{
	struct fixture *f = *state;
	char text[6000] = "include: [";

	memset(text + strlen(text), 'x', 5000);
	strcat(text, "]\n");
	write_file("a.yaml", text);
	assert_int_equal(load(f, "a.yaml", NULL), 0);
	assert_int_equal(f->ds.n_errors, 1);
	assert_str(f->ds.items[0].message, "cannot include this: File name too long");
	assert_int_equal(f->ds.items[0].help.len, 0);
}

/* Who can write what is included decides what is watched, too. */
static void test_ownership(void **state)
{
	struct fixture *f = *state;

	f->options.check_ownership = true;
	f->options.owner = getuid();
	assert_int_equal(mkdir("d", 0755), 0);
	write_file("d/a.yaml", "include: [../x.inc]\n" RULE("a"));
	write_file("x.inc", RULE("x"));
	assert_int_equal(chmod("d/a.yaml", 0644), 0);
	assert_int_equal(chmod("x.inc", 0666), 0);
	assert_int_equal(load(f, "d", NULL), 0);
	assert_int_equal(f->ds.n_errors, 1);
	assert_ptr_equal(f->ds.items[0].code, &code_ownership);
	assert_int_equal(f->ds.items[0].at.line, 2);
	assert_str(f->ds.items[0].message, "cannot include `../x.inc`: everybody can write it");
	assert_int_equal(f->rs->n_rules, 1);
	assert_int_equal(f->rs->n_skipped, 1);
	assert_str(f->rs->skipped[0].source, "d/a.yaml:2");
	forget(f);
	f->options.check_ownership = false;
	assert_int_equal(load(f, "d", NULL), 0);
	assert_int_equal(f->rs->n_rules, 2);
}

/* @n files, each of which includes the next; the last one is there, too. */
static void add_chain(struct fixture *f, int n)
{
	for (int i = 0; i < n; i++) {
		char path[16];

		snprintf(path, sizeof(path), "%d.yaml", i);
		add_text(f, path, "version: 1\ninclude: [%d.yaml]\nrules: [{ id: r%d, match: {} }]\n",
			 i + 1, i);
		if (i == n - 1) {
			snprintf(path, sizeof(path), "%d.yaml", n);
			add_text(f, path, "version: 1\nlists: { deep: [a] }\n");
		}
	}
}

static void test_depth(void **state)
{
	struct fixture *f = *state;

	add_chain(f, 10);
	load_texts(f);
	assert_int_equal(f->ds.n, 0);
	assert_int_equal(f->rs->n_files, 11);
}

static void test_too_deep(void **state)
{
	struct fixture *f = *state;

	add_chain(f, 11);
	load_texts(f);
	assert_int_equal(f->ds.n_errors, 1);
	assert_ptr_equal(f->ds.items[0].code, &code_include);
	assert_str(f->ds.items[0].at.source->path, "10.yaml");
	assert_int_equal(f->rs->n_rules, 11);
	assert_int_equal(f->rs->n_skipped, 1);
}

/* The same when the files further in are loaded already: a limit does not depend on the order. */
static void test_too_deep_backwards(void **state)
{
	struct fixture *f = *state;

	add_chain(f, 11);
	add_text(f, "first.yaml", "version: 1\ninclude: [6.yaml, 0.yaml]\n");
	f->texts[f->n_texts] = f->texts[0];
	f->texts[0] = f->texts[f->n_texts - 1];
	f->texts[f->n_texts - 1] = f->texts[f->n_texts];
	load_texts(f);
	assert_int_equal(f->ds.n_errors, 1);
	assert_ptr_equal(f->ds.items[0].code, &code_include);
	assert_str(f->ds.items[0].at.source->path, "0.yaml");
	assert_int_equal(f->rs->n_rules, 11);
	assert_int_equal(f->rs->n_skipped, 0);
}

static void test_many(void **state)
{
	struct fixture *f = *state;
	char *include = NULL;
	size_t size;
	FILE *out = open_memstream(&include, &size);

	assert_non_null(out);
	for (int i = 0; i < 1001; i++)
		fprintf(out, "%d.yaml, ", i);
	assert_int_equal(fclose(out), 0);
	add_text(f, "a.yaml", "version: 1\ninclude: [%s]\n", include);
	free(include);
	for (int i = 0; i < 1001; i++) {
		char path[16];

		snprintf(path, sizeof(path), "%d.yaml", i);
		add_text(f, path, "version: 1\nlists: { l%d: [a] }\n", i);
	}
	load_texts(f);
	assert_int_equal(f->ds.n_errors, 1);
	assert_ptr_equal(f->ds.items[0].code, &code_include);
	assert_int_equal(f->ds.items[0].at.col, 11 + 8 * 10 + 9 * 90 + 10 * 900);
	assert_int_equal(f->rs->n_files, 1002);
}

/* A common file of many names is looked at anew for each file that sees it, which must end somewhere. */
static void test_many_names(void **state)
{
	struct fixture *f = *state;
	char *lists = NULL, *include = NULL;
	size_t size;
	FILE *out = open_memstream(&lists, &size);

	assert_non_null(out);
	for (int i = 0; i < 300000; i++)
		fprintf(out, "  l%d: [a]\n", i);
	assert_int_equal(fclose(out), 0);
	out = open_memstream(&include, &size);
	assert_non_null(out);
	for (int i = 1; i <= 34; i++)
		fprintf(out, "%d.yaml, ", i);
	assert_int_equal(fclose(out), 0);
	add_text(f, "a.yaml", "version: 1\ninclude: [%s]\n", include);
	for (int i = 1; i <= 34; i++) {
		char path[16];

		snprintf(path, sizeof(path), "%d.yaml", i);
		add_text(f, path, "version: 1\ninclude: [lists]\n"
			 "rules: [{ id: r%d, match: { comm: [$l7] } }]\n", i);
	}
	add_text(f, "lists", "version: 1\nlists:\n%s", lists);
	free(include);
	free(lists);
	load_texts(f);
	assert_int_equal(f->ds.n_errors, 2);
	assert_ptr_equal(f->ds.items[0].code, &code_include);
	assert_str(f->ds.items[0].at.source->path, "34.yaml");
	assert_str(f->ds.items[1].at.source->path, "a.yaml");
	assert_int_equal(f->rs->n_rules, 33);
}

/* An empty file, and one of comments: nothing in it and nothing wrong. */
static void test_empty(void **state)
{
	struct fixture *f = *state;

	add_text(f, "a.yaml", "version: 1\ninclude: [b.yaml]\nrules: [{ id: a, match: { comm: [$no] } }]\n");
	add_text(f, "b.yaml", "# nothing yet\n");
	load_texts(f);
	assert_int_equal(f->ds.n_errors, 1);
	assert_ptr_equal(f->ds.items[0].code, &code_unknown_list);
}

/* Nesting of lists counts over files. */
static void test_nesting(void **state)
{
	struct fixture *f = *state;

	add_text(f, "a.yaml", "version: 1\ninclude: [b.yaml]\n"
		 "lists: { m: [$l], n: [$m] }\nrules: [{ id: a, match: { comm: [$n] } }]\n");
	add_text(f, "b.yaml", "version: 1\nlists: { a: [x], b: [$a], c: [$b], d: [$c], e: [$d], f: [$e],\n"
		 "g: [$f], h: [$g], i: [$h], j: [$i], k: [$j], l: [$k] }\n");
	load_texts(f);
	assert_int_equal(f->ds.n_errors, 1);
	assert_ptr_equal(f->ds.items[0].code, &code_too_big);
	assert_str(f->ds.items[0].at.source->path, "a.yaml");
	assert_int_equal(f->ds.items[0].at.col, 23);
	assert_int_equal(f->rs->n_skipped, 1);
}

/* In memory there are no other files than those given. */
static void test_memory_only(void **state)
{
	struct fixture *f = *state;

	write_file("b.yaml", RULE("b"));
	add_text(f, "a.yaml", "version: 1\ninclude: [b.yaml, %s/b.yaml]\n", f->dir);
	load_texts(f);
	assert_int_equal(f->ds.n_errors, 2);
	assert_int_equal(f->rs->n_rules, 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_sha256),
		TEST(test_once),
		TEST(test_order),
		TEST(test_paths),
		TEST(test_unreadable),
		TEST(test_long_names),
		TEST(test_ownership),
		TEST(test_depth),
		TEST(test_too_deep),
		TEST(test_too_deep_backwards),
		TEST(test_many),
		TEST(test_many_names),
		TEST(test_empty),
		TEST(test_nesting),
		TEST(test_memory_only),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
