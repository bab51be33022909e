/* SPDX-License-Identifier: Apache-2.0 */
/* What is proposed of matches: how wide, in which order, of what; and that its text loads and applies. */
#include "tests/unit/rules.h"

#include "base/buf.h"
#include "cli/clusters.h"
#include "cli/exception_yaml.h"

struct fixture {
	struct clusters *clusters;
	struct arena arena;
	struct event ev;
};

static void begin(struct fixture *f)
{
	*f = (struct fixture){ .arena = ARENA_INIT };
	assert_int_equal(clusters_new(&f->clusters), 0);
}

static void end(struct fixture *f)
{
	clusters_free(f->clusters);
	arena_done(&f->arena);
}

static void add(struct fixture *f, size_t times, const char *record)
{
	arena_reset(&f->arena);
	event_from(&f->ev, &f->arena, record);
	for (size_t i = 0; i < times; i++)
		assert_int_equal(clusters_add(f->clusters, &f->ev), 0);
}

/* "12 exe=/bin/a user=root", or "none". */
static void expect(struct fixture *f, uint64_t min, const char *want)
{
	_cleanup_(buf) struct buf got = BUF_INIT;
	struct proposal p;

	if (clusters_propose(f->clusters, min, &p)) {
		buf_int(&got, (int64_t)p.matches);
		for (size_t i = 0; i < N_PARTS; i++)
			if (str_known(p.parts.value[i]))
				buf_printf(&got, " %s=%.*s", part_names[i], STR_ARG(p.parts.value[i]));
	} else {
		buf_text(&got, "none");
	}
	assert_str(buf_get(&got), want);
}

static void test_shared_parts(void **state)
{
	struct fixture f;

	begin(&f);
	add(&f, 60, "{\"exe\":\"/bin/a\",\"user\":\"root\",\"unit\":\"x.service\","
		    "\"parent\":{\"exe\":\"/p\"}}");
	add(&f, 36, "{\"exe\":\"/bin/a\",\"user\":\"root\",\"unit\":\"x.service\","
		    "\"parent\":{\"exe\":\"/q\"}}");
	/* Too few to keep the others from being narrowed to root. */
	add(&f, 4, "{\"exe\":\"/bin/a\",\"user\":\"eve\",\"unit\":\"x.service\","
		   "\"parent\":{\"exe\":\"/q\"}}");
	assert_int_equal(clusters_matches(f.clusters), 100);
	expect(&f, 5, "96 exe=/bin/a user=root unit=x.service");
	expect(&f, 5, "none");
	expect(&f, 4, "4 exe=/bin/a parent.exe=/q user=eve unit=x.service");
	expect(&f, 1, "none");
	end(&f);
}

/* A program alone is too wide, so what most of its matches have is added. */
static void test_who(void **state)
{
	struct fixture f;

	begin(&f);
	add(&f, 10, "{\"exe\":\"/bin/a\",\"user\":\"u1\",\"ns\":{\"host\":true}}");
	add(&f, 12, "{\"exe\":\"/bin/a\",\"user\":\"u2\",\"ns\":{\"host\":true}}");
	add(&f, 9, "{\"exe\":\"/bin/a\",\"uid\":1003,\"ns\":{\"host\":false}}");
	add(&f, 8, "{\"exe\":\"/bin/b\"}");
	add(&f, 7, "{\"exe\":\"/bin/c\",\"user\":\"u1\",\"parent\":{\"exe\":\"/p\"}}");
	add(&f, 6, "{\"exe\":\"/bin/c\",\"user\":\"u2\",\"parent\":{\"exe\":\"/q\"}}");
	expect(&f, 5, "12 exe=/bin/a user=u2 ns.host=true");
	expect(&f, 5, "10 exe=/bin/a user=u1 ns.host=true");
	/* ... and with it what is shared then. */
	expect(&f, 5, "7 exe=/bin/c parent.exe=/p user=u1");
	expect(&f, 5, "9 exe=/bin/a uid=1003 ns.host=false");
	expect(&f, 5, "8 exe=/bin/b");
	expect(&f, 5, "6 exe=/bin/c parent.exe=/q user=u2");
	expect(&f, 1, "none");
	end(&f);
}

static void test_argv(void **state)
{
	struct fixture f;

	begin(&f);
	add(&f, 9, "{\"exe\":\"/bin/a\",\"user\":\"root\",\"argv\":[\"a\",\"-x\"]}");
	add(&f, 5, "{\"exe\":\"/bin/b\",\"user\":\"root\",\"argv\":[\"b\",\"1\"]}");
	add(&f, 3, "{\"exe\":\"/bin/b\",\"user\":\"root\",\"argv\":[\"b\",\"2\"]}");
	add(&f, 4, "{\"exe\":\"/bin/c\",\"user\":\"root\",\"argv\":[\"c\"],\"argv_state\":\"cut\"}");
	expect(&f, 1, "9 exe=/bin/a user=root argv=a -x");
	expect(&f, 1, "8 exe=/bin/b user=root");
	expect(&f, 1, "4 exe=/bin/c user=root");
	end(&f);
}

/* A failed exec has no exe. What it asked for is its caller's choice, and never all that is asked. */
static void test_failed(void **state)
{
	struct fixture f;

	begin(&f);
	add(&f, 9, "{\"filename\":\"/opt/gone\",\"errno\":\"ENOENT\"}");
	add(&f, 7, "{\"filename\":\"/opt/x\",\"errno\":\"ENOENT\",\"caller\":{\"exe\":\"/bin/make\"}}");
	expect(&f, 1, "7 filename=/opt/x caller.exe=/bin/make");
	expect(&f, 1, "none");
	end(&f);
}

/* What a rule file cannot hold, and what is named anew each time, is not asked for. */
static void test_unaskable(void **state)
{
	struct fixture f;

	begin(&f);
	add(&f, 9, "{\"exe\":\"/bin/a\",\"user\":\"x\\u0000y\",\"unit\":\"session-3.scope\",\"uid\":5}");
	add(&f, 8, "{\"exe\":\"?\",\"exe_b64\":\"/w==\",\"user\":\"root\"}");
	expect(&f, 1, "9 exe=/bin/a uid=5");
	expect(&f, 1, "none");
	end(&f);
}

/* More kinds than there are places: counts are what is sure, and that is said. */
static void test_many(void **state)
{
	struct proposal p;
	struct fixture f;
	char record[128];

	begin(&f);
	for (size_t i = 0; i < 20000; i++) {
		snprintf(record, sizeof(record), "{\"exe\":\"/tmp/%zu\",\"user\":\"root\"}", i);
		add(&f, 1, record);
		add(&f, 1, "{\"exe\":\"/bin/often\",\"user\":\"root\"}");
	}
	assert_true(clusters_propose(f.clusters, 100, &p));
	assert_str(p.parts.value[PART_EXE], "/bin/often");
	assert_true(p.at_least);
	assert_int_equal(p.matches, 20000);
	assert_false(clusters_propose(f.clusters, 100, &p));
	end(&f);
}

static void propose(const struct parts *parts, struct exception_ids *ids, struct buf *ret)
{
	struct exception_text text = { .why = STR("3 of \"5\""), .has_until = true, .parts = parts };

	exception_id(ids, parts, text.id);
	exception_write(&text, ret);
}

static void test_text(void **state)
{
	const struct parts parts = {
		.value = { [PART_EXE] = STR("/opt/A B/X+y"), [PART_NS_HOST] = STR("true") }
	};
	struct exception_ids ids = { .rule = &(const struct rule){ .n_exceptions = 0 } };
	_cleanup_(buf) struct buf b = BUF_INIT;

	propose(&parts, &ids, &b);
	propose(&parts, &ids, &b);
	assert_str(buf_get(&b), "      - id: x-y\n"
				"        why: \"3 of \\\"5\\\"\"\n"
				"        until: 1970-04-01\n"
				"        match:\n"
				"          exe: \"/opt/A B/X+y\"\n"
				"          ns.host: true\n"
				"      - id: x-y-2\n"
				"        why: \"3 of \\\"5\\\"\"\n"
				"        until: 1970-04-01\n"
				"        match:\n"
				"          exe: \"/opt/A B/X+y\"\n"
				"          ns.host: true\n");
}

/* Whatever a program may be called, its exception loads, applies to it, and to nothing else. */
static void test_any_value(void **state)
{
	static const char *const values[] = {
		"", " ", "~", "null", "true", "12", "$shells", "$$x", "a: b", "- a", "#x", "'", "\"", "\\",
		"\\n", "[", "{a}", "&a", "*a", "!a", "%a", "@a", "`a", "a\nb", "\ta\r", "\x01\x1f\x7f",
		"\xc2\x85\xc2\x9f", "\xe2\x80\xa8\xe2\x80\xae", "\xef\xbb\xbf\x61",
		"\xf0\x9f\x90\xa7", "\xc3\xa9", "\xef\xbf\xbe", "\xe2\x80\x8b",
	};

	for (size_t i = 0; i < ARRAY_SIZE(values); i++) {
		const struct parts parts = {
			.value = { [PART_USER] = str_of(values[i]), [PART_UID] = STR("7") }
		};
		struct exception_ids ids = { .rule = &(const struct rule){ .n_exceptions = 0 } };
		_cleanup_(buf) struct buf b = BUF_INIT;
		struct event ev;

		propose(&parts, &ids, &b);
		event_clear(&ev);
		ev.user = str_of(values[i]);
		ev.uid = NUM(7);
		if (!exception_holds(buf_get(&b), &ev))
			fail_msg("does not hold:\n%.*s", STR_ARG(buf_get(&b)));
		ev.user = STR_LIT("somebody else");
		assert_false(exception_holds(buf_get(&b), &ev));
	}
}

static void test_does_not_load(void **state)
{
	struct event ev;

	event_clear(&ev);
	assert_false(exception_holds(STR_LIT("      - id: a\n        match: { exee: x }\n"), &ev));
	assert_false(exception_holds(STR_LIT("      - id: a\n       match: {}\n"), &ev));
	assert_false(exception_holds(STR_LIT(""), &ev));
	assert_true(exception_holds(STR_LIT("      - id: a\n        match: { exe: { set: false } }\n"), &ev));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_shared_parts),
		cmocka_unit_test(test_who),
		cmocka_unit_test(test_argv),
		cmocka_unit_test(test_failed),
		cmocka_unit_test(test_unaskable),
		cmocka_unit_test(test_many),
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_any_value),
		cmocka_unit_test(test_does_not_load),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
