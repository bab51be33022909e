/* SPDX-License-Identifier: Apache-2.0 */
/* The canonical form of rule files: each case with what becomes of it, and that it stays so. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "parser/format.h"
#include "parser/formatter.h"
#include "tests/unit/test.h"

static int format_bytes(struct str text, struct buf *b)
{
	_cleanup_(sources) struct sources sources = SOURCES_INIT;
	_cleanup_(diags) struct diags ds = DIAGS_INIT;
	const struct source *src;

	assert_int_equal(sources_add(&sources, STR_LIT("t.yaml"), text, &src), 0);
	return format_rules(src, &ds, b);
}

static void becomes(const char *before, const char *after)
{
	_cleanup_(buf) struct buf once = BUF_INIT, twice = BUF_INIT;

	assert_int_equal(format_bytes(str_of(before), &once), 0);
	assert_str(buf_get(&once), after);
	assert_int_equal(format_bytes(str_of(after), &twice), 0);
	assert_str(buf_get(&twice), after);
}

/* A file of this list under `lists`, whose lines are indented by two. */
static void list_becomes(const char *before, const char *after)
{
	_cleanup_(buf) struct buf a = BUF_INIT, b = BUF_INIT;

	buf_printf(&a, "version: 1\n\nlists:\n%s", before);
	buf_printf(&b, "version: 1\n\nlists:\n%s", after);
	buf_char(&a, '\0');
	buf_char(&b, '\0');
	becomes(a.p, b.p);
}

static void test_layout(void **state)
{
	becomes("\xef\xbb\xbfversion:   1\r\nrules:\r\n- id: a\r\n  match: {comm: [a,b]}\r\n- id:   b\r\n"
		"  match:\r\n      comm: c\r\n\r\n\r\n",
		"version: 1\n\nrules:\n  - id: a\n    match: { comm: [a, b] }\n\n  - id: b\n    match:\n"
		"      comm: c\n");
	/* Empty lines: one where there were some, none at the start of a block. */
	becomes("\n\nversion: 1\nlists:\n\n  a: [x]\n\n\n  b: [y]\n  c: [z]\n",
		"version: 1\n\nlists:\n  a: [x]\n\n  b: [y]\n  c: [z]\n");
	becomes("---\nversion: 1\n...\n", "version: 1\n");
	becomes("", "");
	becomes("# nothing\n\n\n# at all", "# nothing\n\n# at all\n");
	list_becomes("  a:\n  - - x\n    - y\n  -\n    - z\n", "  a:\n    - - x\n      - y\n    - - z\n");
	list_becomes("  a: {}\n  b: [ ]\n  c:\n  d:\n  -\n  - ~\n",
		     "  a: {}\n  b: []\n  c:\n  d:\n    -\n    - ~\n");
	list_becomes("  ? a\n  : [x]\n  ? 'b'\n", "  a: [x]\n  b:\n");
	list_becomes("  {? a, b: , c: [d: e]}\n", "  a:\n  b:\n  c: [{ d: e }]\n");
}

static void test_order(void **state)
{
	becomes("rules:\n"
		"  - match:\n      exe: z\n      comm: a\n"
		"    tests: [{ expect: none, event: { comm: b, argv: [a] }, name: n }]\n"
		"    unknown: x\n    except: [{ match: { comm: a }, id: e }]\n    title: t\n    id: a\n"
		"    threshold: { within: 1m, by: [user], count: 3 }\n    why: w\n"
		"lists: { b: [x], a: [y] }\n"
		"version: 1\n",
		"version: 1\n"
		"lists: { b: [x], a: [y] }\n\n"
		"rules:\n"
		"  - id: a\n    title: t\n    why: w\n    match:\n      exe: z\n      comm: a\n"
		"    except: [{ id: e, match: { comm: a } }]\n"
		"    threshold: { count: 3, within: 1m, by: [user] }\n"
		"    tests: [{ name: n, event: { comm: b, argv: [a] }, expect: none }]\n"
		"    unknown: x\n");
}

static void test_scalars(void **state)
{
	/* Needless quotes go, and none where somebody may read something else. */
	list_becomes("  a: \"two words\"\n  b: 'x'\n  c: '5'\n  d: 'no'\n  e: '$x'\n  f: '-x'\n  g: ''\n",
		     "  a: two words\n  b: x\n  c: '5'\n  d: 'no'\n  e: '$x'\n  f: '-x'\n  g: ''\n");
	list_becomes("  a: ['two words', 'x', \"a: b\", \".inf\", -c, \"don't\"]\n",
		     "  a: ['two words', x, 'a: b', '.inf', -c, \"don't\"]\n");
	list_becomes("  a: \"a\\\\b: \\\"c\\\"\"\n  b: 'it''s: x'\n  c: \"it's: \\\\\"\n  d: \"a\\/b: \"\n",
		     "  a: 'a\\b: \"c\"'\n  b: \"it's: x\"\n  c: 'it''s: \\'\n  d: 'a/b: '\n");
	/* Escapes stay as they were written. */
	list_becomes("  a: \"\\e[1m\\x41\\u200b\"\n  b: 'tab\there'\n  c: \"\\n\"\n",
		     "  a: \"\\e[1m\\x41\\u200b\"\n  b: \"tab\\there\"\n  c: \"\\n\"\n");
	/* Regexes are quoted. */
	list_becomes("  a: { re: ^x$ }\n  b: { re: [a|b, 'c', \"\\\\d\", 5] }\n  c:\n    re: ab\n",
		     "  a: { re: '^x$' }\n  b: { re: ['a|b', 'c', '\\d', 5] }\n  c:\n    re: 'ab'\n");
	/* What begins with dashes is not what it was, when it comes to the start of a line. */
	becomes("  version: 1\n  '--- a': x\n  --- b: y\n", "version: 1\n'--- a': x\n'--- b': y\n");
	list_becomes("  a: [-, # c\n    b]\n", "  a:\n    - '-'  # c\n    - b\n");
	becomes("{version: 1, \"lists\": {\"a\\tb\": [x], ? 'c\n\n d' : [y]}}",
		"{ version: 1, lists: { \"a\\tb\": [x], \"c\\nd\": [y] } }\n");
}

static void test_long_texts(void **state)
{
	static const char wide[] = "xxxxxxxxx xxxxxxxxx xxxxxxxxx xxxxxxxxx xxxxxxxxx xxxxxxxxx xxxxxxxxx "
				   "xxxxxxxxx xxxxxxxxx";
	char before[1024], after[1024];

	list_becomes("  a: >-\n        one\n        two\n\n        three\n  b: |\n   x\n    y\n",
		     "  a: >-\n    one\n    two\n\n    three\n  b: |\n    x\n     y\n");
	/* The last line has no end. */
	list_becomes("  a: |\n    x", "  a: |-\n    x\n");
	list_becomes("  a: |+\n    x\n\n\n  b: >+\n    y\n  c: |+\n\n  d: >1\n    z\n",
		     "  a: |+\n    x\n\n\n  b: >\n    y\n  c: \"\\n\"\n\n  d: >2\n     z\n");
	list_becomes("  a: |  # c\n    #x\n  # d\n  b:\n  - |1-\n    y\n  - >-\n    z\n",
		     "  a: |  # c\n    #x\n  # d\n  b:\n    - |2-\n       y\n    - >-\n      z\n");
	/* Texts over several lines are joined where they fit, and keep their lines where they do not. */
	list_becomes("  a: one\n    two\n  b: 'one\n\n      two  \n     '\n",
		     "  a: one two\n  b: 'one\n\n    two\n    '\n");
	list_becomes("  a: ['one\n      two', \"a\n\n      b\"]\n", "  a: ['one two', \"a\\nb\"]\n");
	list_becomes("  a: [one\n\n      two, x]\n", "  a:\n    - one\n\n      two\n    - x\n");
	list_becomes("  a: \"one\\\n      two \\\n     \\ x\\ \n     y\\\\   \n     z\"\n",
		     "  a: \"one\\\n    two \\\n    \\ x\\ \n    y\\\\\n    z\"\n");
	snprintf(before, sizeof(before), "  a: \"%s\\ \n        %s\\\n  %s\\\\  \n     z\"\n", wide, wide,
		 wide);
	snprintf(after, sizeof(after), "  a: \"%s\\ \n    %s\\\n    %s\\\\\n    z\"\n", wide, wide, wide);
	list_becomes(before, after);
	snprintf(before, sizeof(before), "  a: %s\n        %s\n", wide, wide);
	snprintf(after, sizeof(after), "  a: %s\n    %s\n", wide, wide);
	list_becomes(before, after);
}

static void test_width(void **state)
{
	static const char word[] = "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx";	/* 39 */
	char before[1024], after[1024];

	/* 120 columns fit, one more does not. */
	snprintf(before, sizeof(before), "  a%.33s: [%s, %s]\n", word, word, word);
	list_becomes(before, before);
	snprintf(before, sizeof(before), "  aa%.33s: [%s, %s]\n", word, word, word);
	snprintf(after, sizeof(after), "  aa%.33s: [%s,\n    %s]\n", word, word, word);
	list_becomes(before, after);
	/* A map goes below, its lists stay. */
	snprintf(before, sizeof(before), "  a: { b: [%s, %s], c: { d: [%s] } }\n", word, word, word);
	snprintf(after, sizeof(after), "  a:\n    b: [%s, %s]\n    c: { d: [%s] }\n", word, word, word);
	list_becomes(before, after);
	snprintf(before, sizeof(before), "  a: [{ b: %s, c: %s }, { b: %s }]\n", word, word, word);
	snprintf(after, sizeof(after), "  a:\n    - { b: %s, c: %s }\n    - { b: %s }\n", word, word, word);
	list_becomes(before, after);
	/* What is one text, however wrapped, would not become shorter. */
	snprintf(before, sizeof(before), "  a: { b: [{ re: '%s(%s)%s %s' }] }\n", word, word, word, word);
	list_becomes(before, before);
}

static void test_comments(void **state)
{
	becomes("# licence\n# about\nlists:   # the lists\n  # of a\n  a: [x] # behind a\n"
		"  # end of lists\n\n# version\nversion: 1   # one\n# end",
		"# licence\n# about\n# version\nversion: 1  # one\n\nlists:  # the lists\n  # of a\n"
		"  a: [x]  # behind a\n  # end of lists\n# end\n");
	becomes("# licence\n\n# of lists\nlists: [a]\nversion: 1\n",
		"# licence\n\nversion: 1\n\n# of lists\nlists: [a]\n");
	/* By their indentation they belong to what ends above, or to what comes. */
	becomes("version: 1\nrules:\n- id: a\n  match:\n    comm: x\n    # of match\n  # of a\n\n# of b\n"
		"- id: b\n  # of b\n\n# of the file\n",
		"version: 1\n\nrules:\n  - id: a\n    match:\n      comm: x\n      # of match\n    # of a\n\n"
		"  # of b\n  - id: b\n    # of b\n\n# of the file\n");
	/* In brackets: these become a block. */
	list_becomes("  a: [ # first\n    x, # of x\n    # of y\n    y,\n    # end\n  ] # last\n",
		     "  # last\n  a:  # first\n    - x  # of x\n    # of y\n    - y\n    # end\n");
	list_becomes("  a: { b: [x # c\n   ], d: e }\n", "  a:\n    b:\n      - x  # c\n    d: e\n");
	list_becomes("  a: [b: c # d\n  , e]\n", "  a:\n    - b: c  # d\n    - e\n");
	list_becomes("  a: [\n    # one\n    # two\n  ]\n", "  # two\n  a: []  # one\n");
	/* Where nothing can stand they go above. */
	list_becomes("  a: # one\n    # two\n    x # three\n", "  # one\n  # two\n  a: x  # three\n");
	list_becomes("  a:\n  - # one\n    # two\n    b: c\n  - # three\n    - d\n",
		     "  a:\n    # one\n    # two\n    - b: c\n    # three\n    - - d\n");
	/* One empty line behind the head of the file, where the source has two. */
	becomes("# a\n\n?\n\n  # b\n  version\n: 1\n", "# a\n\n# b\nversion: 1\n");
	/* Those of a key that becomes the first go above the dash. */
	becomes("version: 1\nrules:\n  - title: t\n    # of id\n    id: a\n",
		"version: 1\n\nrules:\n  # of id\n  - id: a\n    title: t\n");
	/* No comments. */
	list_becomes("  a: '# x'\n  b: x#y\n  c: |\n    # z\n", "  a: '# x'\n  b: x#y\n  c: |\n    # z\n");
	list_becomes("  a: \"x\"#c\n  b: [y]#d  \t\n", "  a: x  #c\n  b: [y]  #d\n");
}

static void test_what_is_left_alone(void **state)
{
	static const char *const foreign[] = {
		"logsource: { category: process_creation }\ndetection: { a: { b: c }, condition: a }\n",
		"version: 1\nrules: [/etc/execwatch/rules.d]\n",
		"version: 1\noutputs: { a: { type: stdout } }\n",
		"version: 1\nlabels: { env: prod }\n",
		"a: b\n",
		"- version: 1\n",
		"text\n",
	};

	for (size_t i = 0; i < ARRAY_SIZE(foreign); i++) {
		_cleanup_(buf) struct buf b = BUF_INIT;

		assert_int_equal(format_bytes(str_of(foreign[i]), &b), -ENOTSUP);
	}
}

static void test_errors(void **state)
{
	_cleanup_(buf) struct buf b = BUF_INIT, key = BUF_INIT;

	assert_int_equal(format_bytes(STR_LIT("version: 1\na: [b\n"), &b), -EINVAL);
	assert_int_equal(format_bytes(STR_LIT("version: 1\nversion: 1\n"), &b), -EINVAL);
	assert_int_equal(format_bytes(STR_LIT("version: 1\n---\nversion: 1\n"), &b), -EINVAL);
	/* `? ` takes a key of any length, `: ` does not: what was written cannot be read. */
	buf_text(&key, "version: 1\n? ");
	for (int i = 0; i < 2000; i++)
		buf_char(&key, 'x');
	buf_text(&key, "\n: y\n");
	assert_int_equal(format_bytes(buf_get(&key), &b), -EBADMSG);
	/* A line for each word takes more room than the words. */
	buf_reset(&key);
	buf_text(&key, "version: 1\nlists: { a: [ # c\n");
	for (int i = 0; i < 1700000; i++)
		buf_text(&key, "abcd,");
	buf_text(&key, "] }\n");
	assert_int_equal(format_bytes(buf_get(&key), &b), -EFBIG);
}

static void agree(const char *text, const char *copy, int want)
{
	_cleanup_(sources) struct sources sources = SOURCES_INIT;
	_cleanup_(diags) struct diags ds = DIAGS_INIT;
	_cleanup_(arena) struct arena arena = ARENA_INIT;
	const struct source *src;
	const struct node *root;

	assert_int_equal(sources_add(&sources, STR_LIT("t.yaml"), str_of(text), &src), 0);
	assert_int_equal(yaml_read(src, &ds, &arena, &root), 0);
	assert_int_equal(format_verify(src, root, str_of(copy)), want);
}

/* Whatever the writer may get wrong, this finds it. */
static void test_verification(void **state)
{
	static const char text[] = "# a\nversion: 1\nlists: { a: [x, '5'], b: y } # b\n";

	agree(text, text, 0);
	agree(text, "version: 1\nlists:\n  a:\n  - 'x'\n  - '5'\n  # b\n  # a\n  b: y\n", 0);
	agree(text, "# a\nversion: 1\nlists: { a: [x, 5], b: y } # b\n", -EBADMSG);
	agree(text, "# a\nversion: 1\nlists: { a: [x], b: y } # b\n", -EBADMSG);
	agree(text, "# a\nversion: 1\nlists: { a: ['5', x], b: y } # b\n", -EBADMSG);
	agree(text, "# a\nversion: 1\nlists: { b: y, a: [x, '5'] } # b\n", -EBADMSG);
	agree(text, "# a\nversion: 1\nlists: { a: [x, '5'], b: [y] } # b\n", -EBADMSG);
	agree(text, "# a\nversion: 1\nlists: { a: [x, '5'], c: y } # b\n", -EBADMSG);
	agree(text, "# a\nversion: 1\nlists: { a: [x, '5'], b: y }\n", -EBADMSG);
	agree(text, "# a\nversion: 1\nlists: { a: [x, '5'], b: y } # c\n", -EBADMSG);
	agree(text, "# a\nversion: 1\nlists: { a: [x, '5'], b: y # b\n", -EBADMSG);
	agree(text, "# a\n# b\n", -EBADMSG);
	agree("# a\n", "a: b # a\n", -EBADMSG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_layout),
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_scalars),
		cmocka_unit_test(test_long_texts),
		cmocka_unit_test(test_width),
		cmocka_unit_test(test_comments),
		cmocka_unit_test(test_what_is_left_alone),
		cmocka_unit_test(test_errors),
		cmocka_unit_test(test_verification),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
