/* SPDX-License-Identifier: Apache-2.0 */
/* What a condition means for an event, by rule text and record text. */
#include "tests/unit/rules.h"

#include "engine/eval.h"

#define NO TRUTH_NO
#define YES TRUTH_YES
#define MAYBE TRUTH_UNDECIDED

static const char *const truth_names[] = { "no", "yes", "undecided" };

/* A rule's match, without the question whether the rule speaks of the event. */
static enum truth eval_text(const char *match, const char *record)
{
	char yaml[4096];
	struct arena a = ARENA_INIT;
	struct regex_scratch *scratch;
	struct loaded l;
	struct event ev;
	enum truth truth;

	snprintf(yaml, sizeof(yaml), "version: 1\nrules:\n  - id: r\n    match: { %s }\n", match);
	rules_from(&l, yaml);
	event_from(&ev, &a, record);
	assert_int_equal(regex_scratch_new(&scratch), 0);
	assert_int_equal(rule_prepare(&l.rules->rules[0], false), 0);
	truth = cond_eval(l.rules->rules[0].match, &ev, scratch);
	regex_scratch_free(scratch);
	rules_done(&l);
	arena_done(&a);
	return truth;
}

struct row {
	const char *match, *record;
	enum truth want;
};

static void check_rows(const struct row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		enum truth got = eval_text(rows[i].match, rows[i].record);

		if (got != rows[i].want)
			fail_msg("{ %s } on %s: got %s, want %s", rows[i].match, rows[i].record,
				 truth_names[got], truth_names[rows[i].want]);
	}
}

/* A condition of each truth for this record. */
#define CUT "{\"comm\":\"sh\",\"argv\":[\"sh\",\"-c\",\"curl x\"],\"argv_state\":\"cut\"}"
static const char *const leaves[] = {
	[NO] = "comm: bash", [YES] = "comm: sh", [MAYBE] = "argv: { suffix: zzz }",
};

static void truth_tables(void **state)
{
	static const enum truth and[3][3] = {
		[NO] = { [NO] = NO, [YES] = NO, [MAYBE] = NO },
		[YES] = { [NO] = NO, [YES] = YES, [MAYBE] = MAYBE },
		[MAYBE] = { [NO] = NO, [YES] = MAYBE, [MAYBE] = MAYBE },
	};
	static const enum truth or[3][3] = {
		[NO] = { [NO] = NO, [YES] = YES, [MAYBE] = MAYBE },
		[YES] = { [NO] = YES, [YES] = YES, [MAYBE] = YES },
		[MAYBE] = { [NO] = MAYBE, [YES] = YES, [MAYBE] = MAYBE },
	};
	static const enum truth not[3] = { [NO] = YES, [YES] = NO, [MAYBE] = MAYBE };
	char text[256];

	for (int a = NO; a <= MAYBE; a++) {
		snprintf(text, sizeof(text), "not: { %s }", leaves[a]);
		assert_int_equal(eval_text(text, CUT), not[a]);
		for (int b = NO; b <= MAYBE; b++) {
			snprintf(text, sizeof(text), "all: [ { %s }, { %s } ]", leaves[a], leaves[b]);
			assert_int_equal(eval_text(text, CUT), and[a][b]);
			snprintf(text, sizeof(text), "any: [ { %s }, { %s } ]", leaves[a], leaves[b]);
			assert_int_equal(eval_text(text, CUT), or[a][b]);
			snprintf(text, sizeof(text), "none: [ { %s }, { %s } ]", leaves[a], leaves[b]);
			assert_int_equal(eval_text(text, CUT), not[or[a][b]]);
		}
	}
}

/* A predicate on what is not known is false, its not true. */
static void unknown_values(void **state)
{
	static const struct row rows[] = {
		{ "user: root", "{}", NO },
		{ "not: { user: root }", "{}", YES },
		{ "user: { not: root }", "{}", YES },
		{ "user: { re: '.' }", "{}", NO },
		{ "user: { glob: '*' }", "{}", NO },
		{ "user: ''", "{}", NO },
		{ "user: ''", "{\"user\":\"\"}", YES },
		{ "uid: { ge: 0 }", "{}", NO },
		{ "uid: { lt: 1000 }", "{}", NO },
		{ "not: { uid: { lt: 1000 } }", "{}", YES },
		{ "argv: { contains: '' }", "{}", NO },
		{ "argv: { contains: '' }", "{\"argv\":[]}", YES },
		{ "arg: { contains: '' }", "{\"argv\":[]}", NO },
		{ "user: { set: true }", "{}", NO },
		{ "user: { set: false }", "{}", YES },
		{ "user: { set: true }", "{\"user\":\"\"}", YES },
		{ "user: { set: false }", "{\"user\":\"\"}", NO },
		{ "errno: ENOENT", "{\"returned\":false}", NO },
		{ "result: ok", "{\"returned\":false}", NO },
		{ "result: failed", "{\"returned\":false}", NO },
		{ "result: ok", "{}", YES },
		{ "result: failed", "{\"retval\":-2}", YES },
		{ "errno: ENOENT", "{\"retval\":-2}", YES },
		{ "retval: { lt: 0 }", "{\"errno\":\"EACCES\"}", YES },
	};

	check_rows(rows, ARRAY_SIZE(rows));
}

#define ARGV(words) "{\"argv\":[" words "]}"

static void several_values(void **state)
{
	static const struct row rows[] = {
		{ "arg: -c", ARGV("\"sh\",\"-c\",\"x\""), YES },
		{ "arg: { not: -c }", ARGV("\"sh\",\"-c\",\"x\""), NO },
		{ "arg: { not: -d }", ARGV("\"sh\",\"-c\",\"x\""), YES },
		/* One word satisfies all operators; `not` stands outside that choice. */
		{ "arg: { prefix: '-', suffix: x }", ARGV("\"-a\",\"x\""), NO },
		{ "arg: { prefix: '-', suffix: x }", ARGV("\"-a\",\"-x\""), YES },
		{ "arg: { prefix: '-', not: '-x' }", ARGV("\"-a\",\"-x\""), NO },
		{ "arg: { prefix: '-', not: '-x' }", ARGV("\"-a\",\"y\""), YES },
		{ "arg: { prefix: '-', not: '-x' }", ARGV("\"a\",\"y\""), NO },
		{ "arg: { all: [enc, '-d'] }", ARGV("\"openssl\",\"enc\",\"-d\""), YES },
		{ "arg: { all: [enc, '-d'] }", ARGV("\"openssl\",\"enc\",\"-e\""), NO },
		{ "argv: 'a b'", ARGV("\"a\",\"b\""), YES },
		{ "argv: { re: '^a b$' }", ARGV("\"a b\""), YES },
		{ "arg: b", ARGV("\"a b\""), NO },
		{ "'argv[0]': a", ARGV("\"a\",\"b\""), YES },
		{ "'argv[1]': b", ARGV("\"a\",\"b\""), YES },
		{ "'argv[2]': b", ARGV("\"a\",\"b\""), NO },
		{ "'argv[-1]': b", ARGV("\"a\",\"b\""), YES },
		{ "'argv[-2]': a", ARGV("\"a\",\"b\""), YES },
		{ "'argv[-3]': { set: true }", ARGV("\"a\",\"b\""), NO },
		{ "ancestors.comm: sshd", "{\"ancestors\":[{\"comm\":\"bash\"},{\"comm\":\"sshd\"}]}", YES },
		{ "'ancestors[0].comm': b", "{\"ancestors\":[{\"comm\":\"a\"},{\"comm\":\"b\"}]}", NO },
		{ "'ancestors[1].comm': b", "{\"ancestors\":[{\"comm\":\"a\"},{\"comm\":\"b\"}]}", YES },
		{ "not: { ancestors.comm: sshd }", "{\"ancestors\":[{\"comm\":\"bash\"}]}", YES },
		{ "ancestors.comm: { set: false }", "{\"ancestors\":[{\"pid\":1}]}", YES },
	};

	check_rows(rows, ARRAY_SIZE(rows));
}

static void same_as(void **state)
{
	static const struct row rows[] = {
		{ "uid: { same_as: euid }", "{\"uid\":0,\"euid\":0}", YES },
		{ "uid: { same_as: euid }", "{\"uid\":1,\"euid\":0}", NO },
		{ "uid: { same_as: euid }", "{\"uid\":0}", NO },
		{ "not: { uid: { same_as: euid } }", "{\"uid\":1,\"euid\":0}", YES },
		{ "exe: { same_as: parent.exe }", "{\"exe\":\"/a\",\"parent\":{\"exe\":\"/a\"}}", YES },
		{ "exe: { same_as: parent.exe }", "{\"exe\":\"/a\",\"parent\":{\"exe\":\"/b\"}}", NO },
		{ "arg: { same_as: parent.arg }",
		  "{\"argv\":[\"a\",\"b\"],\"parent\":{\"argv\":[\"c\",\"b\"]}}", YES },
		{ "arg: { same_as: parent.arg, not: b }",
		  "{\"argv\":[\"a\",\"b\"],\"parent\":{\"argv\":[\"c\",\"b\"]}}", NO },
		/* The word that is the same must be the one with the prefix. */
		{ "arg: { same_as: parent.arg, prefix: a }",
		  "{\"argv\":[\"a\",\"b\"],\"parent\":{\"argv\":[\"c\",\"b\"]}}", NO },
	};

	check_rows(rows, ARRAY_SIZE(rows));
}

#define CUT_ARGV(words, more) "{\"argv\":[" words "],\"argv_state\":\"cut\"" more "}"
#define PARTIAL_ARGV(words, more) "{\"argv\":[" words "],\"argv_state\":\"partial\"" more "}"

static void cut_argv(void **state)
{
	static const struct row rows[] = {
		{ "argv: { contains: b }", CUT_ARGV("\"a\",\"b\"", ""), YES },
		{ "argv: { contains: c }", CUT_ARGV("\"a\",\"b\"", ""), MAYBE },
		{ "argv: { prefix: 'a b' }", CUT_ARGV("\"a\",\"b\"", ""), YES },
		{ "argv: { prefix: 'b' }", CUT_ARGV("\"a\",\"b\"", ""), NO },
		{ "argv: 'a b'", CUT_ARGV("\"a\",\"b\"", ""), MAYBE },
		{ "argv: { re: 'b$' }", CUT_ARGV("\"a\",\"b\"", ""), MAYBE },
		{ "argv: { re: '^a' }", CUT_ARGV("\"a\",\"b\"", ""), YES },
		{ "argv: { set: true }", CUT_ARGV("", ""), YES },
		/* Words but the last are whole; more may follow. */
		{ "arg: a", CUT_ARGV("\"a\",\"b\"", ""), YES },
		{ "arg: b", CUT_ARGV("\"a\",\"b\"", ""), MAYBE },
		{ "arg: c", CUT_ARGV("\"a\",\"b\"", ""), MAYBE },
		{ "arg: { not: a }", CUT_ARGV("\"a\",\"b\"", ""), NO },
		{ "arg: { not: c }", CUT_ARGV("\"a\",\"b\"", ""), MAYBE },
		{ "arg: { set: false }", CUT_ARGV("", ""), MAYBE },
		{ "arg: { set: false }", CUT_ARGV("", ",\"argc\":0"), YES },
		/* With a count that is reached nothing follows. */
		{ "arg: c", CUT_ARGV("\"a\",\"b\"", ",\"argc\":2"), NO },
		{ "arg: c", CUT_ARGV("\"a\",\"b\"", ",\"argc\":3"), MAYBE },
		/* A count below what is there is none. */
		{ "arg: c", CUT_ARGV("\"a\",\"b\"", ",\"argc\":1"), MAYBE },
		{ "'argv[0]': a", CUT_ARGV("\"a\",\"b\"", ""), YES },
		{ "'argv[0]': c", CUT_ARGV("\"a\",\"b\"", ""), NO },
		{ "'argv[1]': c", CUT_ARGV("\"a\",\"b\"", ""), NO },
		{ "'argv[1]': b", CUT_ARGV("\"a\",\"b\"", ""), MAYBE },
		{ "'argv[2]': c", CUT_ARGV("\"a\",\"b\"", ""), MAYBE },
		{ "'argv[2]': { set: true }", CUT_ARGV("\"a\",\"b\"", ""), MAYBE },
		{ "'argv[2]': c", CUT_ARGV("\"a\",\"b\"", ",\"argc\":2"), NO },
		{ "'argv[2]': { set: false }", CUT_ARGV("\"a\",\"b\"", ",\"argc\":2"), YES },
		{ "'argv[-1]': b", CUT_ARGV("\"a\",\"b\"", ""), MAYBE },
		{ "'argv[-1]': c", CUT_ARGV("\"a\",\"b\"", ",\"argc\":2"), NO },
		{ "'argv[-1]': c", CUT_ARGV("\"a\",\"b\"", ",\"argc\":5"), MAYBE },
		{ "'argv[-5]': a", CUT_ARGV("\"a\",\"b\"", ",\"argc\":5"), YES },
		{ "'argv[-6]': { set: true }", CUT_ARGV("\"a\",\"b\"", ",\"argc\":5"), NO },
		/* What of argv is unknown altogether is there all the same. */
		{ "argv: { contains: x }", "{\"argv_state\":\"cut\"}", MAYBE },
		{ "arg: x", "{\"argv_state\":\"partial\"}", MAYBE },
		/* Other fields are as known as ever. */
		{ "comm: x", CUT_ARGV("\"a\"", ",\"comm\":\"y\""), NO },
		{ "parent.argv: { contains: x }", CUT_ARGV("\"a\"", ",\"parent\":{\"argv\":[\"y\"]}"), NO },
		{ "given_argv: { contains: x }", CUT_ARGV("\"a\"", ""), NO },
		{ "given_argv: { contains: x }", CUT_ARGV("\"a\"", ",\"given_argv\":[\"b\"]"), MAYBE },
		{ "'given_argv[1]': x", CUT_ARGV("\"a\"", ",\"argc\":1,\"given_argv\":[\"b\"]"), MAYBE },
	};

	check_rows(rows, ARRAY_SIZE(rows));
}

static void partial_argv(void **state)
{
	static const struct row rows[] = {
		{ "argv: { contains: b }", PARTIAL_ARGV("\"a\",\"b\"", ""), YES },
		{ "argv: { contains: 'a b' }", PARTIAL_ARGV("\"a\",\"b\"", ""), MAYBE },
		{ "argv: { prefix: b }", PARTIAL_ARGV("\"a\",\"b\"", ""), MAYBE },
		{ "argv: 'a x b'", PARTIAL_ARGV("\"a\",\"b\"", ""), MAYBE },
		{ "argv: 'b a'", PARTIAL_ARGV("\"a\",\"b\"", ""), NO },
		{ "argv: { re: a }", PARTIAL_ARGV("\"a\",\"b\"", ""), MAYBE },
		/* Any word may be too short. */
		{ "arg: b", PARTIAL_ARGV("\"a\",\"b\"", ""), MAYBE },
		{ "arg: { prefix: b }", PARTIAL_ARGV("\"a\",\"b\"", ""), YES },
		{ "arg: { contains: b }", PARTIAL_ARGV("\"a\",\"b\"", ""), YES },
		{ "arg: c", PARTIAL_ARGV("\"a\",\"b\"", ""), MAYBE },
		{ "arg: c", PARTIAL_ARGV("\"a\",\"b\"", ",\"argc\":2"), NO },
		{ "arg: c", PARTIAL_ARGV("\"a\",\"\"", ",\"argc\":2"), MAYBE },
		{ "arg: ''", PARTIAL_ARGV("\"a\",\"\"", ",\"argc\":2"), MAYBE },
		/* A word's place is known only while none is left out. */
		{ "'argv[0]': { prefix: a }", PARTIAL_ARGV("\"a\",\"b\"", ""), MAYBE },
		{ "'argv[0]': { prefix: a }", PARTIAL_ARGV("\"a\",\"\"", ",\"argc\":2"), YES },
		{ "'argv[1]': a", PARTIAL_ARGV("\"a\",\"\"", ",\"argc\":2"), MAYBE },
		{ "'argv[-2]': c", PARTIAL_ARGV("\"a\",\"\"", ",\"argc\":2"), NO },
		{ "'argv[0]': a", PARTIAL_ARGV("\"a\",\"b\"", ",\"argc\":3"), MAYBE },
		{ "'argv[3]': a", PARTIAL_ARGV("\"a\",\"b\"", ",\"argc\":3"), NO },
	};

	check_rows(rows, ARRAY_SIZE(rows));
}

static void a_regex_at_its_limit(void **state)
{
	char record[512];
	char as[301];

	memset(as, 'a', sizeof(as) - 1);
	as[sizeof(as) - 1] = '\0';
	snprintf(record, sizeof(record), "{\"comm\":\"sh\",\"argv\":[\"%s!c\"]}", as);
	assert_int_equal(eval_text("argv: { re: '^(a|a|b?)*c' }", record), MAYBE);
	assert_int_equal(eval_text("not: { argv: { re: '^(a|a|b?)*c' } }", record), MAYBE);
	assert_int_equal(eval_text("argv: { re: '^(a|a|b?)*c' }, comm: bash", record), NO);
	assert_int_equal(eval_text("any: [ { argv: { re: '^(a|a|b?)*c' } }, { comm: sh } ]", record), YES);
}

static void an_empty_match_holds(void **state)
{
	static const struct cond yes = { .kind = COND_TRUE }, all = { .kind = COND_ALL };
	static const struct cond any = { .kind = COND_ANY };
	const struct event ev = { 0 };

	assert_int_equal(cond_eval(&yes, &ev, NULL), YES);
	assert_int_equal(cond_eval(&all, &ev, NULL), YES);
	assert_int_equal(cond_eval(&any, &ev, NULL), NO);
}

static void rules_speak_of_successes(void **state)
{
	static const struct {
		const char *record;
		bool applies;
	} rows[] = {
		{ "{}", true },
		{ "{\"retval\":0}", true },
		{ "{\"retval\":-2}", false },
		{ "{\"errno\":\"EACCES\"}", false },
		{ "{\"returned\":false}", true },
	};
	struct rule rule = { .reads_outcome = false };
	struct arena a = ARENA_INIT;
	struct event ev;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		event_from(&ev, &a, rows[i].record);
		rule.reads_outcome = false;
		assert_int_equal(rule_applies(&rule, &ev), rows[i].applies);
		rule.reads_outcome = true;
		assert_true(rule_applies(&rule, &ev));
	}
	arena_done(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(truth_tables),
		cmocka_unit_test(unknown_values),
		cmocka_unit_test(several_values),
		cmocka_unit_test(same_as),
		cmocka_unit_test(cut_argv),
		cmocka_unit_test(partial_argv),
		cmocka_unit_test(a_regex_at_its_limit),
		cmocka_unit_test(an_empty_match_holds),
		cmocka_unit_test(rules_speak_of_successes),
	};

	return cmocka_run_group_tests_name("eval", tests, NULL, NULL);
}
