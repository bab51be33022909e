/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/test.h"

#include <errno.h>
#include <string.h>

#include "event/template.h"

static const struct template_var var_items[] = {
	{ "title", STR("a\nb") }, { "count", STR("20") }, { "key.user", { NULL, 0 } },
	{ "host", STR("variable") },
};
static const struct template_vars vars = { var_items, ARRAY_SIZE(var_items) };

static const struct event *sample(void)
{
	static const struct str words[] = { STR("sh"), STR("-c"), STR("echo \"h\xc3\xa4\"\n\x1b[2J") };
	static struct event ev;

	event_clear(&ev);
	ev.argv = (struct words){ words, 3, STR("sh -c echo \"h\xc3\xa4\"\n\x1b[2J"), true };
	ev.user = STR_LIT("alice");
	ev.cwd = STR_LIT("");
	ev.host = STR_LIT("field");
	ev.pid = NUM(-17);
	ev.duration = NUM(1230000);
	ev.time = NUM(0);
	ev.traced = NUM(1);
	ev.exe_memfd = NUM(0);
	ev.n_ancestors = 3;
	ev.ancestor[0].comm = STR_LIT("sh");
	ev.ancestor[1].comm = STR_LIT("sshd");
	ev.ancestor[2].comm = STR_LIT("init");
	ev.ancestor[1].pid = NUM(5);
	ev.ancestor[2].pid = NUM(1);
	return &ev;
}

static void assert_renders(const char *text, const char *want)
{
	struct arena a = ARENA_INIT;
	struct buf b = BUF_INIT;
	struct template_error error;
	const struct template *t;

	if (template_parse(str_of(text), &vars, &a, &error, &t))
		fail_msg("%s: byte %zu: %s", text, error.offset, error.message);
	template_render(t, sample(), &vars, &b);
	assert_str(buf_get(&b), want);
	buf_done(&b);
	arena_done(&a);
}

static void assert_refused(const char *text, size_t offset, size_t length, const char *message,
			   const char *help)
{
	struct arena a = ARENA_INIT;
	struct template_error error;
	const struct template *t = NULL;

	assert_int_equal(template_parse(str_of(text), &vars, &a, &error, &t), -EINVAL);
	assert_string_equal(error.message, message);
	assert_string_equal(error.help, help);
	assert_int_equal(error.offset, offset);
	assert_int_equal(error.length, length);
	assert_null(t);
	arena_done(&a);
}

static void test_text(void **state)
{
	assert_renders("", "");
	assert_renders("plain }} { text", "plain }} { text");
	assert_renders("{ {user}}", "{ {user}}");
}

static void test_fields(void **state)
{
	assert_renders("{{user}} ran {{argv[0]}}", "alice ran sh");
	assert_renders("{{ user }}{{user}}", "alicealice");
	assert_renders("{{exe}}", "-");
	assert_renders("[{{cwd}}]", "[]");
	assert_renders("{{env.PATH}}", "-");
	assert_renders("{{pid}} {{duration}} {{time}} {{traced}} {{exe_memfd}}",
		       "-17 1.23ms 1970-01-01T00:00:00.000000000Z true false");
	assert_renders("{{result}}", "ok");
	assert_renders("{{argv[-3]}}{{argv[-4]}}", "sh-");
}

static void test_variables(void **state)
{
	assert_renders("{{count}} {{key.user}} {{title}}", "20 - a\\nb");
	/* A variable comes before the field of that name. */
	assert_renders("{{host}}", "variable");
}

static void test_values_cannot_steer(void **state)
{
	assert_renders("{{argv}}", "sh -c echo \"h\xc3\xa4\"\\n\\x1b[2J");
	assert_renders("{{argv|json}}", "\"sh -c echo \\\"h\xc3\xa4\\\"\\n\\u001b[2J\"");
}

static void test_join(void **state)
{
	assert_renders("{{ancestors.comm}}", "sh, sshd, init");
	assert_renders("{{ancestors.comm|join:' < '}}", "sh < sshd < init");
	assert_renders("{{ancestors.comm|join:''}}", "shsshdinit");
	assert_renders("{{ancestors.comm|join:'}}|'}}", "sh}}|sshd}}|init");
	assert_renders("{{ancestors.pid}}", "5, 1");
	assert_renders("{{ancestors[1].comm|join:'x'}}", "sshd");
	assert_renders("{{ancestors.comm|json}}", "\"sh, sshd, init\"");
}

static void test_truncate(void **state)
{
	assert_renders("{{user|trunc:5}}", "alice");
	assert_renders("{{user|trunc:4}}", "alic…");
	assert_renders("{{user|trunc:99}}", "alice");
	/* "h\xc3\xa4" is bytes 12 to 14: the character is taken whole or not at all. */
	assert_renders("{{argv|trunc:13}}", "sh -c echo \"h…");
	assert_renders("{{argv|trunc:14}}", "sh -c echo \"h…");
	assert_renders("{{argv|trunc:15}}", "sh -c echo \"h\xc3\xa4…");
	/* The cut counts bytes of the value, not of its escapes. */
	assert_renders("{{argv|trunc:17}}", "sh -c echo \"h\xc3\xa4\"\\n…");
	assert_renders("{{argv|trunc:17|json}}", "\"sh -c echo \\\"h\xc3\xa4\\\"\\n…\"");
	assert_renders("{{ancestors.comm|trunc:2}}", "sh…");
	assert_renders("{{ancestors.comm|trunc:4}}", "sh, …");
	assert_renders("{{ancestors.comm|trunc:5}}", "sh, s…");
	assert_renders("{{ancestors.comm|trunc:14}}", "sh, sshd, init");
	assert_renders("{{title|trunc:1}}", "a…");
}

static void test_truncate_bad_bytes(void **state)
{
	static struct event ev;
	struct arena a = ARENA_INIT;
	struct buf b = BUF_INIT;
	struct template_error error;
	const struct template *t;

	ev.comm = STR_LIT("\xc3\xc3\xff\xe2\x82");
	assert_int_equal(template_parse(STR_LIT("{{comm|trunc:4}}"), NULL, &a, &error, &t), 0);
	template_render(t, &ev, NULL, &b);
	assert_str(buf_get(&b), "\\xc3\\xc3\\xff\\xe2…");
	buf_done(&b);
	arena_done(&a);
}

static void test_default(void **state)
{
	assert_renders("{{exe|default:'none'}}", "none");
	assert_renders("{{exe|default:''}}", "");
	assert_renders("{{user|default:'none'}}", "alice");
	assert_renders("{{cwd|default:'none'}}", "");
	assert_renders("{{exe|trunc:1|default:'none'}}", "none");
	assert_renders("{{exe|default:'none'|json}}", "\"none\"");
	assert_renders("{{ exe | default:' | }} ' | trunc:3 }}", " | }} ");
}

static void test_unknown_names(void **state)
{
	assert_refused("a {{usr}}", 4, 3, "no field `usr`", "did you mean `user`?");
	assert_refused("{{conut}}", 2, 5, "no field `conut`", "did you mean `count`?");
	assert_refused("{{parrent.comm|json}}", 2, 12, "no field `parrent.comm`",
		       "did you mean `parent.comm`?");
	assert_refused("{{qqqqqqqq}}", 2, 8, "no field `qqqqqqqq`", "");
	assert_refused("{{q\x1bq}}", 2, 3, "no field `q?q`", "");
	assert_refused("{{env}}", 2, 3,
		       "a field without its name (env.NAME), or with an index that it does not take", "");
	assert_refused("{{comm[0]}}", 2, 7,
		       "a field without its name (env.NAME), or with an index that it does not take", "");
}

static void test_bad_syntax(void **state)
{
	assert_refused("ab {{user", 3, 6, "`{{` without `}}`", "");
	assert_refused("ab {{user}", 3, 7, "`{{` without `}}`", "");
	assert_refused("{{user|default:'}}'", 0, 19, "`{{` without `}}`", "");
	assert_refused("{{", 0, 2, "`{{` without `}}`", "");
	assert_refused("{{}}", 2, 1, "a field name belongs here", "");
	assert_refused("{{ | json}}", 3, 1, "a field name belongs here", "");
	assert_refused("{{user json}}", 7, 1, "`|` or `}}` belongs here", "");
	assert_refused("{{user|jsn}}", 7, 3,
		       "no filter `jsn`; there are trunc:N, join:'S', json, default:'S'",
		       "did you mean `json`?");
	assert_refused("{{user|}}", 7, 1, "no filter ``; there are trunc:N, join:'S', json, default:'S'", "");
	assert_refused("{{user|trunc}}", 12, 1, "`trunc` takes a number of bytes: trunc:N", "");
	assert_refused("{{user|trunc:0}}", 12, 2, "`trunc` takes a number of bytes: trunc:N", "");
	assert_refused("{{user|trunc:x}}", 12, 1, "`trunc` takes a number of bytes: trunc:N", "");
	assert_refused("{{user|trunc:5x}}", 14, 1, "`|` or `}}` belongs here", "");
	assert_refused("{{user|join}}", 11, 1, "`join` takes a text in single quotes: join:'TEXT'", "");
	assert_refused("{{user|default:x}}", 14, 1, "`default` takes a text in single quotes: default:'TEXT'",
		       "");
	assert_refused("{{user|join:'x}}", 12, 4, "a quote that is not closed", "");
	assert_refused("{{user|json:1}}", 11, 1, "`|` or `}}` belongs here", "");
}

/* Into memory of any size: what does not fit is an error of the buffer, never a write behind it. */
static void test_fixed_memory(void **state)
{
	struct arena a = ARENA_INIT;
	struct template_error error;
	const struct template *t;
	char memory[16];
	struct buf b;

	assert_int_equal(template_parse(STR_LIT("{{user}}: {{argv}}"), &vars, &a, &error, &t), 0);
	buf_init_fixed(&b, memory, sizeof(memory));
	template_render(t, sample(), &vars, &b);
	assert_int_equal(b.error, -ENOBUFS);
	assert_true(b.len <= sizeof(memory));
	assert_true(str_has_prefix(buf_get(&b), STR_LIT("alice: ")));
	arena_done(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_fields),
		cmocka_unit_test(test_variables),
		cmocka_unit_test(test_values_cannot_steer),
		cmocka_unit_test(test_join),
		cmocka_unit_test(test_truncate),
		cmocka_unit_test(test_truncate_bad_bytes),
		cmocka_unit_test(test_default),
		cmocka_unit_test(test_unknown_names),
		cmocka_unit_test(test_bad_syntax),
		cmocka_unit_test(test_fixed_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
