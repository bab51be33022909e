/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is said of a rule and an exec: outcomes, values, the nearest miss of each operator, and that neither a
 * large argv nor a large list makes it long.
 */
#include "engine/explain.h"

#include <stdlib.h>

#include "tests/unit/rules.h"

struct subject {
	struct loaded rules;
	struct arena arena;
	struct regex_scratch *scratch;
	struct event event;
	struct explanation x;
	struct buf text;
};

static void explain_yaml(struct subject *s, const char *yaml, const char *record)
{
	*s = (struct subject){ .text = BUF_INIT };
	rules_from(&s->rules, yaml);
	event_from(&s->event, &s->arena, record);
	assert_int_equal(regex_scratch_new(&s->scratch), 0);
	assert_int_equal(explain(&s->rules.rules->rules[0], &s->event, s->scratch, &s->arena, &s->x), 0);
}

static void subject_done(struct subject *s)
{
	regex_scratch_free(s->scratch);
	arena_done(&s->arena);
	rules_done(&s->rules);
	buf_done(&s->text);
}

/* A rule of one line, `match` in flow style. */
static void explain_match(struct subject *s, const char *match, const char *record)
{
	char yaml[1024];

	snprintf(yaml, sizeof(yaml),
		 "version: 1\nlists:\n  web: [nginx, php-fpm]\n  all: [$web, cron]\n"
		 "rules:\n  - id: r\n    match: %s\n", match);
	explain_yaml(s, yaml, record);
}

static struct str nearest(struct subject *s)
{
	buf_reset(&s->text);
	explain_write_nearest(&s->x, &s->text);
	assert_int_equal(s->text.error, 0);
	return buf_get(&s->text);
}

static struct str remarks(struct subject *s)
{
	buf_reset(&s->text);
	explain_write_remarks(&s->x, &s->text);
	return buf_get(&s->text);
}

static void assert_holds(struct str text, const char *part)
{
	if (!str_contains(text, str_of(part)))
		fail_msg("no \"%s\" in \"%.*s\"", part, STR_ARG(text));
}

#define FOUR_PIDS "{\"ancestors\":[{\"pid\":300},{\"pid\":5000},{\"pid\":200},{\"pid\":1}]}"

static const struct {
	const char *match, *record, *want;
} misses[] = {
	{ "{ comm: [$web] }", "{\"comm\":\"php-fpm8.2\"}",
	  "1 condition; adding `php-fpm8.2` to list `web` (test.yaml:3:16) would match; "
	  "closest is `php-fpm`\n" },
	{ "{ comm: [$all] }", "{\"comm\":\"crond\"}",
	  "1 condition; adding `crond` to list `all` (test.yaml:4:15) would match; "
	  "closest is `cron`\n" },
	{ "{ comm: [$web] }", "{\"comm\":\"x y\"}",
	  "1 condition; adding `'x y'` to list `web` (test.yaml:3:16) would match\n" },
	{ "{ comm: [a, b] }", "{\"comm\":\"$web\"}",
	  "1 condition; adding `'$$web'` to the values of `comm` (test.yaml:7:20) would match\n" },
	{ "{ comm: sh }", "{\"comm\":\"SH\"}",
	  "1 condition; `nocase: true` beside `in` (test.yaml:7:20) would match; "
	  "`SH` differs in upper and lower case alone\n" },
	{ "{ pid: [7, 8] }", "{\"pid\":9}",
	  "1 condition; adding `9` to the values of `pid` (test.yaml:7:19) would match\n" },
	{ "{ exe: { prefix: /opt/web } }", "{\"exe\":\"/opt/app/x\"}",
	  "1 condition; another `prefix`, one that `/opt/app/x` begins with (test.yaml:7:29) would match; "
	  "closest is `/opt/web`, of which 62 % are there\n" },
	{ "{ exe: { suffix: [/a.so, /b.so] } }", "{\"exe\":\"/x/b.so.1\"}",
	  "1 condition; another `suffix`, one that `/x/b.so.1` ends with (test.yaml:7:29) would match\n" },
	{ "{ argv: { contains: passwords } }", "{\"argv\":[\"cat\",\"passwd\"]}",
	  "1 condition; another `contains`, one that `'cat passwd'` contains (test.yaml:7:32) would "
	  "match; closest is `passwords`, of which 55 % are there\n" },
	{ "{ exe: { glob: '/usr/*' } }", "{\"exe\":\"/bin/x\"}",
	  "1 condition; another `glob`, one that `/bin/x` fits (test.yaml:7:27) would match\n" },
	{ "{ argv: { re: 'cu+rl' } }", "{\"argv\":[\"wget\"]}",
	  "1 condition; another `re`, one that `wget` is found by (test.yaml:7:26) would match\n" },
	{ "{ argv: { re: 'cu+rl' } }", "{\"argv\":[\"CURL\"]}",
	  "1 condition; `(?i)` in front of the regex (test.yaml:7:26) would match; "
	  "`CURL` differs in upper and lower case alone\n" },
	{ "{ duration: { ge: 500ms } }", "{\"duration_ns\":412000000}",
	  "1 condition; lowering `ge` from `500ms` to `412ms` (test.yaml:7:30) would match; 88ms away\n" },
	{ "{ duration: { gt: 1s } }", "{\"duration_ns\":1000000000}",
	  "1 condition; lowering `gt` from `1s` below `1s` (test.yaml:7:30) would match\n" },
	{ "{ uid: { lt: 1000 } }", "{\"uid\":1001}",
	  "1 condition; raising `lt` from `1000` above `1001` (test.yaml:7:25) would match; 1 away\n" },
	{ "{ uid: { le: -9223372036854775808 } }", "{\"uid\":9223372036854775807}",
	  "1 condition; raising `le` from `-9223372036854775808` to `9223372036854775807` "
	  "(test.yaml:7:25) would match\n" },
	{ "{ user: { ge: 1024 } }", "{\"user\":\"80\"}",
	  "1 condition; another `ge`, one that `80` reaches (test.yaml:7:26) would match\n" },
	{ "{ not: { user: { lt: 9 } } }", "{\"user\":\"8\"}",
	  "1 condition; another lt than `9` (test.yaml:7:33) would match; `8` is less than it\n" },
	{ "{ uid: { prefix: 10 } }", "{\"uid\":2000}",
	  "1 condition; another `prefix`, one that `2000` begins with (test.yaml:7:29) would match\n" },
	{ "{ user: { cidr: 10.0.0.0/8 } }", "{\"user\":\"11.0.0.1\"}",
	  "1 condition; another `cidr`, one that `11.0.0.1` is within (test.yaml:7:28) would match\n" },
	{ "{ argv: { contains: { field: parent.exe } } }", "{\"argv\":[\"a\"],\"parent\":{\"exe\":\"/b\"}}",
	  "1 condition; a record in which `argv contains field parent.exe` holds would match; "
	  "here it is `a`\n" },
	{ "{ tty: { set: true } }", "{\"comm\":\"a\"}",
	  "1 condition; a record in which `tty set true` holds would match; "
	  "`tty` is not known in this one\n" },
	{ "{ tty: { set: false } }", "{\"tty\":\"pts/0\"}",
	  "1 condition; a record in which `tty set false` holds would match; here it is `pts/0`\n" },
	{ "{ parent.comm: [$web] }", "{\"comm\":\"a\"}",
	  "1 condition; a record in which `parent.comm in [nginx, php-fpm]` holds would match; "
	  "`parent.comm` is not known in this one\n" },
	{ "{ comm: { same_as: user } }", "{\"comm\":\"a\",\"user\":\"b\"}",
	  "1 condition; a record in which `comm same_as user` holds would match; here it is `a`\n" },
	{ "{ not: { comm: [$web] } }", "{\"comm\":\"nginx\"}",
	  "1 condition; removing `nginx` from list `web` (test.yaml:3:9) would match\n" },
	{ "{ not: { exe: { prefix: [/a/, /b/] } } }", "{\"exe\":\"/b/x\"}",
	  "1 condition; removing prefix `/b/` (test.yaml:7:42) would match; `/b/x` begins with it\n" },
	{ "{ not: { uid: { ge: 10 } } }", "{\"uid\":12}",
	  "1 condition; raising `ge` from `10` above `12` (test.yaml:7:32) would match; 2 away\n" },
	{ "{ not: { uid: { lt: 10 } } }", "{\"uid\":2}",
	  "1 condition; lowering `lt` from `10` to `2` (test.yaml:7:32) would match; 8 away\n" },
	{ "{ comm: sh, user: root }", "{\"comm\":\"a\",\"user\":\"b\"}",
	  "2 conditions; adding `a` to the values of `comm` (test.yaml:7:20)\n"
	  "and adding `b` to the values of `user` (test.yaml:7:30)\n" },
	{ "{ any: [{ comm: sh, user: root }, { comm: bash }] }", "{\"comm\":\"bas\",\"user\":\"b\"}",
	  "1 condition; adding `bas` to the values of `comm` (test.yaml:7:54) would match; "
	  "closest is `bash`\n" },
	{ "{ arg: { prefix: --o, suffix: s } }", "{\"argv\":[\"a\",\"--out\",\"b\"]}",
	  "1 condition; another `suffix`, one that `'--out'` ends with (test.yaml:7:42) would match\n" },
	/* The list is used on both sides, so that only the test itself can take the value. */
	{ "{ comm: [$web], not: { parent.comm: [$web] } }",
	  "{\"comm\":\"x\",\"parent\":{\"comm\":\"x\"}}",
	  "1 condition; adding `x` to the values of `comm` (test.yaml:7:20) would match\n" },
	{ "{ argv: { contains: x } }", "{\"argv\":[\"a\"],\"argv_state\":\"cut\"}",
	  "1 condition; a record in which `argv contains x` holds would match; "
	  "`argv` could not be seen whole in this one\n" },
	{ "{ not: { arg: [a, b] } }", "{\"argv\":[\"a\",\"b\"]}",
	  "1 condition; removing `a` from the values of `arg` (test.yaml:7:27) alone would not do\n" },
	{ "{ not: { arg: { re: [a, b] } } }", "{\"argv\":[\"ab\"]}",
	  "1 condition; removing re `a` (test.yaml:7:33) alone would not do; `ab` is found by it\n" },
	{ "{ not: { arg: { re: [a, b] } } }", "{\"argv\":[\"b\"]}",
	  "1 condition; removing re `b` (test.yaml:7:36) would match; `b` is found by it\n" },
	{ "{ any: [{ not: { arg: [a, b] } }, { pid: 1 }] }", "{\"argv\":[\"a\",\"b\"],\"pid\":2}",
	  "1 condition; adding `2` to the values of `pid` (test.yaml:7:53) would match\n" },
	{ "{ not: { comm: sh } }", "{\"comm\":\"sh\"}",
	  "1 condition; another value than `sh` for `comm` (test.yaml:7:27) would match\n" },
	{ "{ not: { exe: { prefix: /b } } }", "{\"exe\":\"/bin\"}",
	  "1 condition; another prefix than `/b` (test.yaml:7:36) would match; `/bin` begins with it\n" },
	/* A bound has to be moved past every ancestor. */
	{ "{ not: { ancestors.pid: { ge: 100 } } }", FOUR_PIDS,
	  "1 condition; raising `ge` from `100` above `5000` (test.yaml:7:42) would match; 4900 away\n" },
	{ "{ not: { ancestors.pid: { ge: 100, lt: 4000 } } }", FOUR_PIDS,
	  "1 condition; raising `ge` from `100` above `300` (test.yaml:7:42) would match; 200 away\n" },
	{ "{ not: { ancestors.pid: { lt: 400 } } }", FOUR_PIDS,
	  "1 condition; lowering `lt` from `400` to `1` (test.yaml:7:42) would match; 399 away\n" },
	/* One more value under `all` would be one more to be there. */
	{ "{ arg: { all: [a, b] } }", "{\"argv\":[\"a\"]}",
	  "1 condition; `a` in place of `b` (test.yaml:7:30) would match\n" },
	{ "{ not: { arg: { all: [a, b] } } }", "{\"argv\":[\"a\",\"b\"]}",
	  "1 condition; another value than `a` for `arg` (test.yaml:7:34) would match\n"
	  "or another value than `b` for `arg` (test.yaml:7:37) would match\n" },
	{ "{ comm: a }", "{\"comm\":\"a\"}", "" },
	{ "{ not: {} }", "{\"comm\":\"a\"}", "no change of single conditions makes it match\n" },
};

static void names_the_nearest_miss(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(misses); i++) {
		struct subject s;

		explain_match(&s, misses[i].match, misses[i].record);
		assert_str(nearest(&s), misses[i].want);
		subject_done(&s);
	}
}

/* What is changed in a list or a macro is changed wherever it is used. */
static void looks_at_all_uses(void **state)
{
	static const struct {
		const char *rest, *want;
	} cases[] = {
		{ "match: { comm: [$web] }, except: [{ id: e, match: { comm: [$web], uid: 1 } }]",
		  "1 condition; adding `x` to the values of `comm` (test.yaml:7:29) would match\n" },
		{ "match: { macro: m }, except: [{ id: e, match: { macro: m, uid: 1 } }]",
		  "1 condition; adding `x` to the values of `comm` (test.yaml:5:22) alone would not do\n" },
		{ "match: { macro: m }, except: [{ id: e, match: { macro: m, uid: 2 } }]",
		  "1 condition; adding `x` to the values of `comm` (test.yaml:5:22) would match\n" },
		{ "match: { not: { uid: [$one] } }", "1 condition; another value than `1` in list `one` "
		  "(test.yaml:4:9) would match\n" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char yaml[1024];
		struct subject s;

		snprintf(yaml, sizeof(yaml),
			 "version: 1\nlists:\n  web: [xy]\n  one: [1]\nmacros: { m: { comm: [xy] } }\n"
			 "rules:\n  - { id: r, %s }\n", cases[i].rest);
		explain_yaml(&s, yaml, "{\"comm\":\"x\",\"uid\":1}");
		assert_holds(nearest(&s), cases[i].want);
		subject_done(&s);
	}
}

static void shows_outcomes_and_values(void **state)
{
	const struct explain_node *arg, *user;
	struct subject s;

	(void)state;
	explain_match(&s, "{ arg: { prefix: -, suffix: x }, user: root, cwd: / }",
		      "{\"argv\":[\"a\",\"-x\",\"b\",\"c\",\"d\",\"e\"],\"user\":\"me\"}");
	assert_int_equal(s.x.verdict, EXPLAIN_NO_MATCH);
	assert_int_equal(s.x.match->n_children, 3);
	arg = &s.x.match->children[0];
	user = &s.x.match->children[1];
	assert_int_equal(arg->outcome, TRUTH_YES);
	assert_true(arg->looked_at && user->looked_at && !s.x.match->children[2].looked_at);
	assert_int_equal(arg->n_values, 6);
	assert_str(arg->values[0].text, "-x");
	assert_int_equal(arg->n_children, 2);
	explain_write_values(arg, &s.event, &s.text);
	assert_str(buf_get(&s.text), "-x, a, b, c, … 2 more");
	buf_reset(&s.text);
	explain_write_condition(arg, &s.text);
	buf_char(&s.text, '|');
	explain_write_condition(&arg->children[0], &s.text);
	buf_char(&s.text, '|');
	explain_write_condition(user, &s.text);
	assert_str(buf_get(&s.text), "arg (one value for all)|prefix -|user = root");
	assert_int_equal(user->outcome, TRUTH_NO);
	buf_reset(&s.text);
	explain_write_values(&s.x.match->children[2], &s.event, &s.text);
	assert_str(buf_get(&s.text), "not known");
	subject_done(&s);
}

static void speaks_of_the_rule_as_a_whole(void **state)
{
	static const char yaml[] =
		"version: 1\nrules:\n"
		"  - id: r\n    match: { comm: a }\n    except:\n"
		"      - { id: old, until: 2020-01-01, match: { comm: a } }\n"
		"      - { id: new, why: so, match: { user: u } }\n";
	struct subject s;

	(void)state;
	explain_yaml(&s, yaml, "{\"comm\":\"a\",\"user\":\"u\",\"time\":\"2026-01-01T00:00:00Z\"}");
	assert_int_equal(s.x.verdict, EXPLAIN_EXCEPTED);
	assert_ptr_equal(s.x.excepted_by, &s.x.exceptions[1]);
	assert_ptr_equal(s.x.expired, &s.x.exceptions[0]);
	assert_str(remarks(&s), "exception old would apply, but ended with 2020-01-01\n"
				"exception new applies and keeps the rule quiet: so\n");
	subject_done(&s);

	explain_yaml(&s, yaml, "{\"comm\":\"b\",\"user\":\"u\"}");
	assert_int_equal(s.x.verdict, EXPLAIN_NO_MATCH);
	assert_str(remarks(&s), "exception new would apply and keep the rule quiet if it matched: so\n");
	subject_done(&s);

	explain_yaml(&s, yaml, "{\"comm\":\"a\",\"errno\":\"ENOENT\"}");
	assert_int_equal(s.x.verdict, EXPLAIN_NOT_ADDRESSED);
	assert_false(s.x.match->looked_at);
	assert_holds(remarks(&s), "this exec failed (ENOENT)");
	assert_holds(remarks(&s), "add `result: failed` to its match for failed execs, "
				  "`result: [ok, failed]` for both; all else of it holds\n");
	subject_done(&s);

	explain_yaml(&s, "version: 1\nrules:\n  - id: r\n    mode: off\n    match: { comm: a }\n",
		     "{\"comm\":\"b\"}");
	assert_int_equal(s.x.verdict, EXPLAIN_OFF);
	assert_str(remarks(&s), "the rule has mode off: it is checked and never matched\n");
	assert_holds(nearest(&s), " is needed as well");
	subject_done(&s);

	explain_yaml(&s, "version: 1\nrules:\n  - id: r\n    mode: observe\n    severity: error\n"
			 "    match: { argv: { suffix: a } }\n", "{\"argv\":[\"b\"],\"argv_state\":\"cut\"}");
	assert_int_equal(s.x.verdict, EXPLAIN_UNDECIDED);
	assert_holds(remarks(&s), "mode observe");
	assert_holds(remarks(&s), "alerts all the same");
	subject_done(&s);
}

/* Threshold and throttle without a file: what they say comes from the rule and the event alone. */
static void says_what_windows_need(void **state)
{
	const struct threshold threshold = { .count = 20, .within_ns = 60 * INT64_C(1000000000),
					     .has_distinct = true };
	static const struct str names[] = { STR("user"), STR("unit") };
	struct field_ref fields[2];
	struct threshold t = threshold;
	struct throttle throttle = { .every_ns = INT64_C(5400000000000) };
	struct subject s;
	struct rule rule;

	(void)state;
	explain_match(&s, "{ comm: a }", "{\"comm\":\"a\",\"user\":\"\\u001b[1m\"}");
	assert_int_equal(field_ref_parse(STR_LIT("user"), &fields[0]), 0);
	assert_int_equal(field_ref_parse(STR_LIT("unit"), &fields[1]), 0);
	t.by = (struct key_fields){ .item = fields, .name = names, .n = 2 };
	t.distinct = fields[1];
	rule = *s.x.rule;
	rule.threshold = &t;
	rule.throttle = &throttle;
	s.x.rule = &rule;
	assert_str(remarks(&s),
		   "the threshold asks for 20 such matches with different values of unit within 1m, and one "
		   "exec cannot tell; its key is user=\\x1b[1m, unit=-\n"
		   "the throttle lets the first alert of a key through, then one summary each 90m; there is "
		   "one key for all\n");
	subject_done(&s);
}

static void traces_in_few_lines(void **state)
{
	struct subject s;

	(void)state;
	explain_match(&s, "{ user: root, any: [{ comm: [$web] }, { not: { user: root } }] }",
		      "{\"comm\":\"sh\",\"user\":\"root\"}");
	assert_int_equal(explain_trace(s.x.rule, &s.event, "    ", &s.text), 0);
	assert_str(buf_get(&s.text),
		   "    NO MATCH\n"
		   "    ✗ comm in [nginx, php-fpm]   sh   test.yaml:7:34\n"
		   "    ✓ user = root   root   test.yaml:7:59\n"
		   "    nearest miss: 1 condition; another value than `root` for `user` (test.yaml:"
		   "7:65) would match\n"
		   "    or adding `sh` to list `web` (test.yaml:3:16) would match\n");
	subject_done(&s);

	explain_match(&s, "{ user: root }", "{\"user\":\"root\"}");
	assert_int_equal(explain_trace(s.x.rule, &s.event, "", &s.text), 0);
	assert_str(buf_get(&s.text), "MATCH\n✓ user = root   root   test.yaml:7:14\n");
	subject_done(&s);
}

/* A rule with a list of @n entries, a shorter one of texts to look for, and many conditions. */
static char *large_rule(size_t n)
{
	struct buf b = BUF_INIT;

	buf_text(&b, "version: 1\nrules:\n  - id: r\n    match:\n      arg: [");
	for (size_t i = 0; i < n; i++)
		buf_printf(&b, "%sentry-number-%zu", i ? ", " : "", i);
	buf_text(&b, "]\n      argv: { contains: [");
	for (size_t i = 0; i < n / 100; i++)
		buf_printf(&b, "%scontained-%zu", i ? ", " : "", i);
	buf_text(&b, "]}\n      any:\n");
	for (size_t i = 0; i < 2000; i++)
		buf_printf(&b, "        - exe: { prefix: /p/%zu/ }\n", i);
	buf_char(&b, '\0');
	return b.p;
}

static void stays_short(void **state)
{
	const size_t argv_bytes = (size_t)2 << 20;
	char *yaml = large_rule(100000), *record = malloc(argv_bytes + 100);
	struct subject s;
	size_t n;

	(void)state;
	n = (size_t)sprintf(record, "{\"exe\":\"/q\",\"argv\":[\"");
	memset(record + n, 'c', argv_bytes);
	strcpy(record + n + argv_bytes, "\\u001b\",\"entry-number-7x\"]}");
	explain_yaml(&s, yaml, record);
	assert_int_equal(s.x.n_needed, 3);
	assert_int_equal(explain_trace(s.x.rule, &s.event, "", &s.text), 0);
	if (s.text.len > 4096)
		fail_msg("%zu bytes", s.text.len);
	assert_holds(buf_get(&s.text), "… 99994 more]");
	assert_holds(buf_get(&s.text), "… (2097153 bytes)");
	assert_holds(buf_get(&s.text), "… 1994 more\n");
	assert_holds(buf_get(&s.text), "closest is `entry-number-7`");
	assert_false(str_contains(buf_get(&s.text), STR_LIT("\x1b")));
	subject_done(&s);
	free(record);
	free(yaml);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_the_nearest_miss),
		cmocka_unit_test(looks_at_all_uses),
		cmocka_unit_test(shows_outcomes_and_values),
		cmocka_unit_test(speaks_of_the_rule_as_a_whole),
		cmocka_unit_test(says_what_windows_need),
		cmocka_unit_test(traces_in_few_lines),
		cmocka_unit_test(stays_short),
	};

	return cmocka_run_group_tests_name("explain", tests, NULL, NULL);
}
