/* SPDX-License-Identifier: Apache-2.0 */
/* Files and directories to rulesets: order, identity, ownership, filters, and what is told of what fails. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "parser/codes.h"
#include "parser/load.h"
#include "tests/unit/test.h"

struct fixture {
	char dir[64];
	struct sources sources;
	struct diags ds;
	struct load_options options;
	struct ruleset *rs;
};

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	if (!f)
		return -1;
	*state = f;
	strcpy(f->dir, "/tmp/execwatch-load-XXXXXX");
	f->options = (struct load_options){ .now_ns = INT64_MIN, .max_severity = N_SEVERITIES };
	return mkdtemp(f->dir) && chdir(f->dir) == 0 ? 0 : -1;
}

static int teardown(void **state)
{
	struct fixture *f = *state;
	char command[128];
	int failed;

	ruleset_free(f->rs);
	diags_done(&f->ds);
	sources_done(&f->sources);
	snprintf(command, sizeof(command), "rm -r %s", f->dir);
	failed = chdir("/") < 0 || system(command) != 0;
	free(f);
	return failed ? -1 : 0;
}

static void write_file(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

/* A file of one rule. */
static void write_rule(const char *path, const char *id)
{
	char text[256];

	snprintf(text, sizeof(text), "version: 1\nrules:\n  - id: %s\n    match: { comm: a }\n", id);
	write_file(path, text);
}

static int load(struct fixture *f, const char *path, const char *other)
{
	const char *const paths[] = { path, other };

	return rules_load(paths, other ? 2 : 1, &f->options, &f->sources, &f->ds, &f->rs);
}

static int load_text(struct fixture *f, const char *text)
{
	return rules_load_text(STR_LIT("t.yaml"), str_of(text), &f->options, &f->sources, &f->ds, &f->rs);
}

static void test_directory(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(mkdir("d", 0755), 0);
	assert_int_equal(mkdir("d/a", 0755), 0);
	assert_int_equal(mkdir("d/.hidden", 0755), 0);
	write_rule("d/a/x.yml", "in-a");
	write_rule("d/a.yaml", "beside-a");
	write_rule("d/b.yaml", "b");
	write_rule("d/.swap.yaml", "editor");
	write_rule("d/.hidden/x.yaml", "hidden");
	write_rule("d/notes.txt", "no-rule");
	write_rule("d/old.yaml.bak", "backup");
	assert_int_equal(load(f, "d", NULL), 0);
	assert_int_equal(f->ds.n, 0);
	assert_int_equal(f->rs->n_files, 3);
	assert_int_equal(f->rs->n_rules, 3);
	/* By id. */
	assert_str(f->rs->rules[0].id, "b");
	assert_str(f->rs->rules[1].id, "beside-a");
	assert_str(f->rs->rules[2].id, "in-a");
	assert_str(f->rs->rules[2].source, "d/a/x.yml:3");
	/* Files in the byte order of their paths. */
	assert_str(f->sources.first->path, "d/a.yaml");
	assert_str(f->sources.first->next->path, "d/a/x.yml");
	assert_str(f->sources.last->path, "d/b.yaml");
}

static void test_a_file_once(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(mkdir("d", 0755), 0);
	write_rule("d/x.yaml", "x");
	assert_int_equal(link("d/x.yaml", "d/y.yaml"), 0);
	assert_int_equal(symlink("x.yaml", "d/z.yaml"), 0);
	assert_int_equal(symlink("..", "d/circle"), 0);
	assert_int_equal(load(f, "d/x.yaml", "d/"), 0);
	assert_int_equal(f->ds.n, 0);
	assert_int_equal(f->rs->n_files, 1);
	assert_int_equal(f->rs->n_rules, 1);
}

static void test_ids_over_files(void **state)
{
	struct fixture *f = *state;

	write_rule("x.yaml", "same");
	write_rule("y.yaml", "same");
	assert_int_equal(load(f, "x.yaml", "y.yaml"), 0);
	assert_int_equal(f->ds.n_errors, 1);
	assert_ptr_equal(f->ds.items[0].code, &code_duplicate_id);
	assert_str(f->ds.items[0].at.source->path, "y.yaml");
	assert_str(f->ds.items[0].second.source->path, "x.yaml");
	assert_int_equal(f->rs->n_rules, 1);
	assert_int_equal(f->rs->n_skipped, 1);
	assert_str(f->rs->skipped[0].source, "y.yaml:3");
	assert_str(f->rs->skipped[0].message, "two rules `same`");
}

/* printf 'version: 1\n' | sha256sum, and of two such files. */
static void test_sha256(void **state)
{
	struct fixture *f = *state;

	write_file("x.yaml", "version: 1\n");
	assert_int_equal(load(f, "x.yaml", NULL), 0);
	assert_string_equal(f->rs->sha256,
			    "09bfcc6a14b83e2192b8673677725c84883ee9cd0c70e45c9ec09daa8f2b2847");
	ruleset_free(f->rs);
	f->rs = NULL;
	write_file("y.yaml", "version: 1\n");
	assert_int_equal(load(f, "x.yaml", "y.yaml"), 0);
	assert_string_equal(f->rs->sha256,
			    "d1cf46b031d130508686f9594ff9b5a6045a9ad5585fc752cc945844884868a4");
}

static void test_unreadable(void **state)
{
	struct fixture *f = *state;

	write_rule("bad.yaml", "Bad");
	assert_int_equal(load(f, "nowhere.yaml", "bad.yaml"), -ENOENT);
	assert_null(f->rs);
	/* The other file was looked at all the same. */
	assert_int_equal(f->ds.n_errors, 2);
	assert_ptr_equal(f->ds.items[0].code, &code_unreadable);
	assert_int_equal(f->ds.items[0].at.line, 0);
	assert_str(f->ds.items[0].at.source->path, "nowhere.yaml");
	assert_ptr_equal(f->ds.items[1].code, &code_bad_name);
}

static void test_dangling_link(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(mkdir("d", 0755), 0);
	assert_int_equal(symlink("nowhere", "d/x.yaml"), 0);
	assert_int_equal(symlink("nowhere", "d/other"), 0);
	assert_int_equal(load(f, "d", NULL), -ENOENT);
	assert_int_equal(f->ds.n_errors, 1);
	assert_str(f->ds.items[0].at.source->path, "d/x.yaml");
}

static void test_too_large(void **state)
{
	struct fixture *f = *state;

	write_rule("x.yaml", "x");
	write_file("large.yaml", "");
	assert_int_equal(truncate("large.yaml", (16 << 20) + 1), 0);
	assert_int_equal(load(f, "large.yaml", "x.yaml"), 0);
	assert_int_equal(f->ds.n_errors, 1);
	assert_ptr_equal(f->ds.items[0].code, &code_too_large);
	assert_int_equal(f->rs->n_rules, 1);
	assert_int_equal(f->rs->n_skipped, 1);
	assert_str(f->rs->skipped[0].source, "large.yaml");
	assert_false(str_known(f->rs->skipped[0].id));
}

/* Rules may be lost with what cannot be read, so that is listed like a rule. */
static void test_lost_files(void **state)
{
	static const struct {
		const char *text, *source;
	} rows[] = {
		{ "title: x\ndetection: { a: b }\n", "t.yaml:1" },
		{ "# x\nversion: 3\n", "t.yaml:2" },
		{ "version: 1\nrules: []\n@\n", "t.yaml:3" },
		{ "version: 1\n\xff\n", "t.yaml:2" },
		{ "version: 1\nrules: { a: b }\n", "t.yaml:2" },
		{ "version: 1\n---\nversion: 1\n", "t.yaml:2" },
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		assert_int_equal(load_text(f, rows[i].text), 0);
		assert_int_equal(f->rs->n_skipped, 1);
		assert_str(f->rs->skipped[0].source, rows[i].source);
		assert_true(f->rs->skipped[0].message.len > 0);
		ruleset_free(f->rs);
		f->rs = NULL;
	}
}

static void test_ownership(void **state)
{
	struct fixture *f = *state;

	f->options.check_ownership = true;
	f->options.owner = getuid();
	assert_int_equal(mkdir("d", 0755), 0);
	write_rule("d/x.yaml", "x");
	write_rule("d/y.yaml", "y");
	assert_int_equal(chmod("d/x.yaml", 0644), 0);
	assert_int_equal(chmod("d/y.yaml", 0664), 0);
	assert_int_equal(load(f, "d", NULL), 0);
	assert_int_equal(f->ds.n_errors, 1);
	assert_ptr_equal(f->ds.items[0].code, &code_ownership);
	assert_int_equal(f->rs->n_rules, 1);
	ruleset_free(f->rs);
	f->rs = NULL;
	assert_int_equal(chmod("d", 0757), 0);
	assert_int_equal(load(f, "d", NULL), -EPERM);
	assert_null(f->rs);
	f->options.check_ownership = false;
	assert_int_equal(load(f, "d", NULL), 0);
	assert_int_equal(f->rs->n_rules, 2);
}

static const char four_rules[] =
	"version: 1\n"
	"rules:\n"
	"  - { id: a, severity: critical, status: test, tags: [x, y], match: { comm: a } }\n"
	"  - { id: b, severity: notice, status: stable, tags: [y], match: { comm: a } }\n"
	"  - { id: c, severity: error, match: { comm: a } }\n"
	"  - { id: d, severity: debug, tags: [z], match: { comm: a } }\n";

static void assert_ids(struct fixture *f, const char *ids)
{
	assert_int_equal(load_text(f, four_rules), 0);
	assert_int_equal(f->rs->n_rules, strlen(ids));
	for (size_t i = 0; i < f->rs->n_rules; i++)
		assert_int_equal(f->rs->rules[i].id.p[0], ids[i]);
	ruleset_free(f->rs);
	f->rs = NULL;
}

static void test_filters(void **state)
{
	static const struct str y[] = { STR("y") }, ids[] = { STR("a"), STR("d") };
	static const struct str statuses[] = { STR("test"), STR("stable") };
	struct fixture *f = *state;

	assert_ids(f, "abcd");
	f->options.max_severity = SEVERITY_ERROR;
	assert_ids(f, "ac");
	f->options.max_severity = N_SEVERITIES;
	f->options.tags = (struct strs){ y, 1 };
	assert_ids(f, "ab");
	f->options.exclude = (struct strs){ ids, 2 };
	assert_ids(f, "b");
	f->options.tags.n = 0;
	assert_ids(f, "bc");
	f->options.exclude.n = 0;
	f->options.ids = (struct strs){ ids, 2 };
	assert_ids(f, "ad");
	f->options.max_severity = SEVERITY_CRITICAL;
	assert_ids(f, "a");
	f->options.max_severity = N_SEVERITIES;
	f->options.statuses = (struct strs){ statuses, 2 };
	assert_ids(f, "a");
	f->options.ids.n = 0;
	assert_ids(f, "ab");
	f->options.statuses.n = 1;
	assert_ids(f, "a");
}

static void test_warnings_only_when_asked(void **state)
{
	static const char text[] = "version: 1\nrules:\n  - { id: a, match: {} }\n";
	struct fixture *f = *state;

	assert_int_equal(load_text(f, text), 0);
	assert_int_equal(f->ds.n, 0);
	ruleset_free(f->rs);
	f->rs = NULL;
	f->options.warnings = true;
	assert_int_equal(load_text(f, text), 0);
	assert_int_equal(f->ds.n_warnings, 1);
	assert_int_equal(f->rs->n_rules, 1);
}

/* An exception that is over says so where a day is given, and its rule loads. */
static void test_until(void **state)
{
	static const char text[] =
		"version: 1\nrules:\n  - id: a\n    match: { comm: a }\n"
		"    except: [{ id: x, until: 1970-01-02, match: { user: root } }]\n";
	const int64_t day = INT64_C(86400) * 1000000000;
	struct fixture *f = *state;

	assert_int_equal(load_text(f, text), 0);
	assert_int_equal(f->ds.n, 0);
	assert_true(f->rs->rules[0].exceptions[0].until_ns == 2 * day);
	ruleset_free(f->rs);
	f->options.now_ns = 2 * day - 1;
	assert_int_equal(load_text(f, text), 0);
	assert_int_equal(f->ds.n, 0);
	ruleset_free(f->rs);
	f->options.now_ns = 2 * day;
	assert_int_equal(load_text(f, text), 0);
	assert_int_equal(f->ds.n_errors, 1);
	assert_ptr_equal(f->ds.items[0].code, &code_expired);
	assert_int_equal(f->rs->n_rules, 1);
	assert_int_equal(f->rs->n_skipped, 0);
}

static void test_regexes_compile_once(void **state)
{
	struct fixture *f = *state;
	const struct cond *match;

	assert_int_equal(load_text(f, "version: 1\nrules:\n"
				      "  - { id: a, match: { argv: { re: 'x+' }, exe: { re: [x+, y+] } } }\n"
				      "  - { id: b, match: { argv: { re: 'x+' } } }\n"), 0);
	assert_int_equal(f->rs->n_regexes, 2);
	match = f->rs->rules[0].match;
	assert_ptr_equal(match->children[0]->tests[0].regexes[0], match->children[1]->tests[0].regexes[0]);
	assert_ptr_equal(f->rs->rules[1].match->tests[0].regexes[0], match->children[0]->tests[0].regexes[0]);
}

/* ... but with other flags it is another regex. */
static void test_regex_flags(void **state)
{
	_cleanup_(regex_scratch_free) struct regex_scratch *scratch = NULL;
	struct fixture *f = *state;
	const struct cond *match;
	const struct test *plain, *sigma;

	assert_int_equal(regex_scratch_new(&scratch), 0);
	assert_int_equal(load_text(f, "version: 1\nrules:\n  - id: a\n    match:\n"
				      "      argv: { re: 'a$' }\n"
				      "      exe: { flags: sigma, re: 'a$' }\n"), 0);
	assert_int_equal(f->rs->n_regexes, 2);
	for (size_t i = 0; i < f->rs->n_regexes; i++)
		assert_int_equal(regex_prepare(f->rs->regexes[i], false), 0);
	match = f->rs->rules[0].match;
	plain = match->children[0]->tests;
	sigma = match->children[1]->tests;
	assert_int_equal(regex_search(plain->regexes[0], STR_LIT("a\n"), false, scratch), TRUTH_NO);
	assert_int_equal(regex_search(sigma->regexes[0], STR_LIT("a\n"), false, scratch), TRUTH_YES);
}

/* A pattern that failed in one file is told again in the next. */
static void test_bad_regex_in_two_files(void **state)
{
	static const char text[] = "version: 1\nrules:\n  - { id: %s, match: { argv: { re: '(' } } }\n";
	struct fixture *f = *state;
	char file[128];

	snprintf(file, sizeof(file), text, "a");
	write_file("a.yaml", file);
	snprintf(file, sizeof(file), text, "b");
	write_file("b.yaml", file);
	assert_int_equal(load(f, "a.yaml", "b.yaml"), 0);
	assert_int_equal(f->ds.n_errors, 2);
	assert_int_equal(f->rs->n_rules, 0);
	assert_int_equal(f->rs->n_skipped, 2);
	assert_int_equal(f->rs->n_regexes, 0);
}

static void test_codes(void **state)
{
	assert_ptr_equal(diag_code_find(STR_LIT("E0312")), &code_unknown_field);
	assert_ptr_equal(diag_code_find(STR_LIT("e0421")), &code_bad_regex);
	assert_null(diag_code_find(STR_LIT("E9999")));
	assert_null(diag_code_find(STR_LIT("")));
}

/* No two rows share a code. */
static void test_codes_differ(void **state)
{
	static const struct diag_code *const all[] = {
#define CODE(name, code, explanation) &code_##name,
#include "parser/codes.def"
#undef CODE
	};

	for (size_t i = 0; i < ARRAY_SIZE(all); i++) {
		assert_int_equal(strlen(all[i]->code), 5);
		assert_ptr_equal(diag_code_find(str_of(all[i]->code)), all[i]);
	}
}

static const struct cond *child(const struct cond *c, size_t i)
{
	assert_non_null(c);
	assert_true(i < c->n_children);
	return c->children[i];
}

static void assert_place(const struct test *t, size_t i, unsigned int line, unsigned int col,
			 const char *list)
{
	const struct operand_place *places = test_places(t);

	assert_non_null(places);
	assert_int_equal(places[i].at.line, line);
	assert_int_equal(places[i].at.col, col);
	if (list)
		assert_string_equal(places[i].list.p, list);
	else
		assert_null(places[i].list.p);
}

/* The keys that the author wrote, and the place of each value, also of those that came with a list. */
static void test_for_authors(void **state)
{
	static const char text[] = "version: 1\n"
				   "lists:\n"
				   "  inner: [ash]\n"
				   "  shells: [sh, $inner]\n"
				   "macros: { quiet: { none: [{ uid: 7 }] } }\n"
				   "rules:\n"
				   "  - id: a\n"
				   "    match:\n"
				   "      comm: [zsh, $shells, $$shells]\n"
				   "      macro: quiet\n"
				   "      not: { exe: $shells }\n"
				   "      arg: { all: [-a, -b], not: { re: [x, 'y.'] } }\n";
	struct fixture *f = *state;
	const struct cond *match, *arg;

	f->options.authoring = true;
	assert_int_equal(load_text(f, text), 0);
	assert_int_equal(f->rs->n_rules, 1);
	match = f->rs->rules[0].match;
	assert_null(cond_key(match).p);
	assert_place(child(match, 0)->tests, 0, 9, 14, NULL);
	assert_place(child(match, 0)->tests, 1, 4, 12, "shells");
	assert_place(child(match, 0)->tests, 2, 3, 11, "shells");
	assert_place(child(match, 0)->tests, 3, 9, 28, NULL);
	assert_string_equal(cond_key(child(match, 1)).p, "none");
	assert_string_equal(cond_label(child(match, 1)).p, "quiet");
	assert_null(child(match, 1)->field);
	assert_null(cond_key(child(child(match, 1), 0)).p);
	assert_string_equal(cond_key(child(match, 2)).p, "not");
	assert_place(child(child(match, 2), 0)->tests, 0, 11, 19, NULL);
	arg = child(match, 3);
	assert_null(cond_key(arg).p);
	assert_string_equal(arg->field->field->name, "arg");
	assert_string_equal(cond_key(child(arg, 0)).p, "all");
	assert_place(child(child(arg, 0), 1)->tests, 0, 12, 24, NULL);
	assert_string_equal(cond_key(child(arg, 1)).p, "not");
	assert_string_equal(child(arg, 1)->field->field->name, "arg");
	assert_place(child(child(arg, 1), 0)->tests, 1, 12, 44, NULL);
}

/* Whoever only runs rules pays nothing for that. */
static void test_not_for_authors(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(load_text(f, "version: 1\nrules: [{ id: a, match: { comm: [a, b] } }]\n"), 0);
	assert_null(f->rs->rules[0].match->origin);
	assert_null(f->rs->rules[0].match->tests[0].origin);
	assert_null(test_at(f->rs->rules[0].match->tests).source);
}

/* What only authors read must not keep a rule from running. */
static void test_mutants_keep_no_rule_from_running(void **state)
{
	static const char text[] = "version: 1\n"
				   "rules: [{ id: a, match: { comm: a }, mutants: [{ keep: x }] }]\n";
	struct fixture *f = *state;

	assert_int_equal(load_text(f, text), 0);
	assert_int_equal(f->rs->n_rules, 1);
	assert_int_equal(f->rs->rules[0].n_mutants, 0);
	assert_int_equal(f->ds.n, 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_directory),
		TEST(test_a_file_once),
		TEST(test_ids_over_files),
		TEST(test_sha256),
		TEST(test_unreadable),
		TEST(test_dangling_link),
		TEST(test_too_large),
		TEST(test_lost_files),
		TEST(test_ownership),
		TEST(test_filters),
		TEST(test_warnings_only_when_asked),
		TEST(test_until),
		TEST(test_for_authors),
		TEST(test_not_for_authors),
		TEST(test_mutants_keep_no_rule_from_running),
		TEST(test_regexes_compile_once),
		TEST(test_regex_flags),
		TEST(test_bad_regex_in_two_files),
		TEST(test_codes),
		TEST(test_codes_differ),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
