/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/test.h"

#include <errno.h>
#include <string.h>

#include "event/field.h"

static const struct str ls_words[] = { STR("ls"), STR("-l"), STR("a b") };
static const struct words ls_argv = { ls_words, 3, STR("ls -l a b"), true };
static const struct words no_argv = { NULL, 0, STR(""), true };

static struct field_ref ref_of(const char *text)
{
	struct field_ref ref;

	if (field_ref_parse(str_of(text), &ref))
		fail_msg("%s is no field", text);
	return ref;
}

/* The values of @field, "|" between them; "-" where there is none. */
static void assert_values(const struct event *ev, const char *field, const char *want)
{
	struct field_ref ref = ref_of(field);
	struct field_cursor c = { 0 };
	struct buf b = BUF_INIT;
	struct value v;
	size_t n = 0;

	for (; field_next(&ref, ev, &c, &v); n++) {
		if (n > 0)
			buf_char(&b, '|');
		if (field_ref_is_number(&ref))
			buf_int(&b, v.number);
		else
			buf_str(&b, v.text);
	}
	assert_false(field_next(&ref, ev, &c, &v));
	assert_true(n <= 1 || field_ref_is_many(&ref));
	if (n == 0)
		buf_text(&b, "-");
	assert_str(buf_get(&b), want);
	buf_done(&b);
}

static void test_rows_are_sound(void **state)
{
	assert_true(n_fields > 60 && n_fields <= FIELDS_MAX);
	for (size_t i = 0; i < n_fields; i++) {
		const struct field *f = &field_table[i];

		assert_int_equal(f->name_len, strlen(f->name));
		assert_int_equal(f->key_len, f->key ? strlen(f->key) : 0);
		assert_ptr_equal(field_find(str_of(f->name)), f);
		assert_true(strlen(f->help) > 0);
		assert_true((f->type == FT_ENUM) == (f->values != NULL));
		assert_true((f->place == PLACE_DERIVED) == (f->derive != NULL));
		assert_true((f->place == PLACE_DERIVED) == (f->key == NULL));
		assert_true(f->type != FT_TEXTS || f->place == PLACE_DERIVED);
		assert_true((f->place == PLACE_DERIVED) == (field_needs(f) != NULL));
		for (const char *const *n = field_needs(f); n && *n; n++)
			assert_true(field_find(str_of(*n)) && !field_needs(field_find(str_of(*n))));
		assert_true((f->place == PLACE_ANCESTORS) == (f->key && !strncmp(f->key, "ancestors.", 10)));
		for (size_t k = 0; k < i; k++) {
			assert_string_not_equal(f->name, field_table[k].name);
			if (f->key && field_table[k].key)
				assert_string_not_equal(f->key, field_table[k].key);
		}
		assert_string_not_equal(field_type_name(f->type), "?");
	}
}

/* The record writer opens an object once, so its rows must stand together; and it knows one level. */
static void test_rows_of_one_object_stand_together(void **state)
{
	for (size_t i = 0; i < n_fields; i++) {
		const char *dot = field_table[i].key ? strchr(field_table[i].key, '.') : NULL;
		size_t len = dot ? (size_t)(dot - field_table[i].key) + 1 : 0;
		bool left = false;

		if (!dot)
			continue;
		assert_null(strchr(dot + 1, '.'));
		for (size_t k = i; k < n_fields; k++) {
			bool same = field_table[k].key && !strncmp(field_table[k].key, field_table[i].key,
								   len);

			assert_false(same && left);
			left |= !same;
		}
	}
}

static void test_every_key_of_a_record_has_a_row(void **state)
{
	static const char *const keys[] = {
		"seq", "time", "mono_ns", "duration_ns", "host", "boot", "labels", "syscall", "abi",
		"filename",
		"exe", "exe_memfd", "exe_deleted", "file.ino", "file.dev", "file.mode", "file.uid",
		"file.gid",
		"file.nlink", "argv", "given_argv", "argc", "argv_bytes", "argv_state", "comm", "caller.comm",
		"caller.exe", "id", "pid", "tid", "ppid", "pgid", "sid", "ns_pid", "uid", "gid", "euid",
		"egid",
		"user", "login_uid", "login", "audit_session", "cwd", "tty", "fd.in", "fd.out", "fd.err",
		"traced",
		"retval", "errno", "returned", "stage", "parent.id", "parent.pid", "parent.comm",
		"parent.exe",
		"parent.argv", "ancestors.id", "ancestors.pid", "ancestors.comm", "ancestors.exe", "cgroup",
		"unit", "container.id", "container.runtime", "ns.pid", "ns.mnt", "ns.host", "env",
		"env_state",
	};
	static const char *const derived[] = {
		"arg", "result", "name", "parent.arg", "parent.name", "ancestors.name", "duration",
		"time.minute", "time.hour", "time.day", "time.week", "time.month", "time.year",
	};
	size_t with_key = 0;

	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		size_t k = 0;

		while (k < n_fields && (!field_table[k].key || strcmp(field_table[k].key, keys[i])))
			k++;
		if (k == n_fields)
			fail_msg("no row for %s", keys[i]);
	}
	for (size_t i = 0; i < n_fields; i++)
		with_key += field_table[i].key != NULL;
	assert_int_equal(with_key, ARRAY_SIZE(keys));
	for (size_t i = 0; i < ARRAY_SIZE(derived); i++)
		assert_non_null(field_find(str_of(derived[i])));
}

static void test_enumerations(void **state)
{
	static const struct {
		const char *field, *values;
	} want[] = {
		{ "syscall", "execve execveat kernel " }, { "abi", "64 32 " },
		{ "argv_state", "complete cut partial " }, { "result", "ok failed " },
		{ "stage", "open load commit " }, { "fd.in", "tty pipe socket file null closed other " },
		{ "fd.err", "tty pipe socket file null closed other " },
	};

	for (size_t i = 0; i < ARRAY_SIZE(want); i++) {
		const struct field *f = field_find(str_of(want[i].field));
		struct buf b = BUF_INIT;

		for (size_t k = 0; f->values[k]; k++) {
			buf_text(&b, f->values[k]);
			buf_char(&b, ' ');
		}
		assert_str(buf_get(&b), want[i].values);
		buf_done(&b);
	}
	assert_string_equal(field_find(STR_LIT("errno"))->values[1], "ENOENT");
}

static void test_parse_and_write(void **state)
{
	static const char *const good[] = {
		"comm", "argv", "argv[0]", "argv[12]", "argv[-1]", "given_argv[3]", "parent.argv",
		"parent.argv[-2]",
		"ancestors.comm", "ancestors[0].comm", "ancestors[63].pid", "ancestors[2].name",
		"env.HISTFILE",
		"env.A.B[0]", "labels.env", "arg", "time.hour", "duration", "result", "argv[999999999]",
	};

	for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
		struct field_ref ref = ref_of(good[i]);
		struct buf b = BUF_INIT;

		field_ref_write(&ref, &b);
		assert_str(buf_get(&b), good[i]);
		buf_done(&b);
	}
	assert_int_equal(ref_of("argv[-1]").index, -1);
	assert_true(ref_of("argv[-1]").indexed);
	assert_false(ref_of("argv").indexed);
	assert_str(ref_of("env.A.B[0]").key, "A.B[0]");
}

static void test_refuse(void **state)
{
	static const struct {
		const char *text;
		int error;
	} bad[] = {
		{ "", -ENOENT }, { "comn", -ENOENT }, { "Comm", -ENOENT }, { "parent", -ENOENT },
		{ "ancestors", -ENOENT }, { "ancestors[0]", -ENOENT }, { "argv[0", -ENOENT },
		{ "argv]0[", -ENOENT },
		{ "argv[0]x", -ENOENT }, { "duration_ns", -ENOENT }, { "envx.A", -ENOENT },
		{ "comm ", -ENOENT },
		{ "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa[0]",
		  -ENOENT },
		{ "env", -EINVAL }, { "env.", -EINVAL }, { "labels", -EINVAL },
		{ "comm[0]", -EINVAL }, { "arg[0]", -EINVAL }, { "name[0]", -EINVAL }, { "pid[0]", -EINVAL },
		{ "argv[]", -EINVAL }, { "argv[x]", -EINVAL }, { "argv[1x]", -EINVAL },
		{ "argv[01]", -EINVAL },
		{ "argv[-0]", -EINVAL }, { "argv[+1]", -EINVAL }, { "argv[ 1]", -EINVAL },
		{ "argv[-]", -EINVAL },
		{ "argv[1000000000]", -EINVAL }, { "argv[99999999999999999999]", -EINVAL },
		{ "ancestors[-1].comm", -EINVAL }, { "ancestors[64].comm", -EINVAL },
		{ "ancestors.comm[0]", -EINVAL },
		{ "parent[0].argv", -EINVAL }, { "ancestors[0].comm[1]", -ENOENT },
	};

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct field_ref ref = { .index = 77 };
		int e = field_ref_parse(str_of(bad[i].text), &ref);

		if (e != bad[i].error)
			fail_msg("%s: %d", bad[i].text, e);
		assert_int_equal(ref.index, 77);
	}
}

static void test_nearest(void **state)
{
	static const struct {
		const char *text, *want;	/* NULL: none */
	} cases[] = {
		{ "parrent.comm", "parent.comm" }, { "exec", "exe" }, { "arv[0]", "argv[0]" },
		{ "evn.PATH", "env.PATH" },
		{ "label.env", "labels.env" }, { "ancestor[2].comm", "ancestors[2].comm" },
		{ "ancestors.com", "ancestors.comm" }, { "COMM", "comm" }, { "filenam[0]", "filename" },
		{ "zzzzzzz", NULL }, { "", NULL }, { "arv[x]", "argv" }, { "xyzzy[", NULL },
		{ "duration_ns", "duration" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct arena a = ARENA_INIT;
		struct str got = field_ref_nearest(str_of(cases[i].text), &a);

		if (cases[i].want)
			assert_str(got, cases[i].want);
		else if (str_known(got))
			fail_msg("%s: %.*s", cases[i].text, STR_ARG(got));
		arena_done(&a);
	}
}

static void test_what_a_reference_is(void **state)
{
	static const struct {
		const char *text;
		bool many, reads_argv, number;
	} cases[] = {
		{ "comm", false, false, false }, { "pid", false, false, true },
		{ "duration", false, false, true },
		{ "time", false, false, true }, { "traced", false, false, true },
		{ "errno", false, false, false },
		{ "argv", false, true, false }, { "argv[0]", false, true, false },
		{ "arg", true, true, false },
		{ "given_argv", false, true, false }, { "parent.argv", false, false, false },
		{ "parent.arg", true, false, false }, { "name", true, false, false },
		{ "ancestors.pid", true, false, true }, { "ancestors[1].pid", false, false, true },
		{ "ancestors.name", true, false, false }, { "ancestors[1].name", true, false, false },
		{ "env.X", false, false, false }, { "result", false, false, false },
		{ "argc", false, false, true },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct field_ref ref = ref_of(cases[i].text);

		assert_int_equal(field_ref_is_many(&ref), cases[i].many);
		assert_int_equal(field_ref_reads_argv(&ref), cases[i].reads_argv);
		assert_int_equal(field_ref_is_number(&ref), cases[i].number);
	}
}

static void test_values_of_nothing(void **state)
{
	static struct event ev;

	for (size_t i = 0; i < n_fields; i++)
		if (field_table[i].type != FT_MAP && strcmp(field_table[i].name, "result") != 0)
			assert_values(&ev, field_table[i].name, "-");
	assert_values(&ev, "result", "ok");
	assert_values(&ev, "env.HISTFILE", "-");
	assert_values(&ev, "argv[0]", "-");
	assert_values(&ev, "ancestors[0].comm", "-");
	assert_values(&ev, "ancestors[63].name", "-");
}

static void test_stored_values(void **state)
{
	static const struct pair vars[] = { { STR("HISTFILE"), STR("") }, { STR("ENV"), STR("x") },
					    { STR("GONE"), { NULL, 0 } } };
	static struct event ev;

	ev.pid = NUM(-5);
	ev.traced = NUM(1);
	ev.cwd = STR_LIT("");
	ev.argv = ls_argv;
	ev.env = (struct pairs){ vars, 3, true };
	assert_values(&ev, "pid", "-5");
	assert_values(&ev, "traced", "1");
	assert_values(&ev, "cwd", "");
	assert_values(&ev, "argv", "ls -l a b");
	assert_values(&ev, "argv[0]", "ls");
	assert_values(&ev, "argv[2]", "a b");
	assert_values(&ev, "argv[3]", "-");
	assert_values(&ev, "argv[-1]", "a b");
	assert_values(&ev, "argv[-3]", "ls");
	assert_values(&ev, "argv[-4]", "-");
	assert_values(&ev, "argv[-999999999]", "-");
	assert_values(&ev, "arg", "ls|-l|a b");
	assert_values(&ev, "env.HISTFILE", "");
	assert_values(&ev, "env.ENV", "x");
	assert_values(&ev, "env.GONE", "-");
	assert_values(&ev, "env.OTHER", "-");
	ev.argv = no_argv;
	assert_values(&ev, "argv", "");
	assert_values(&ev, "argv[0]", "-");
	assert_values(&ev, "argv[-1]", "-");
	assert_values(&ev, "arg", "-");
}

static void test_ancestors(void **state)
{
	static struct event ev;

	ev.n_ancestors = 3;
	ev.ancestor[0].comm = STR_LIT("sh");
	ev.ancestor[0].exe = STR_LIT("/bin/dash");
	ev.ancestor[2].comm = STR_LIT("systemd");
	ev.ancestor[2].exe = STR_LIT("/lib/systemd/systemd");
	ev.ancestor[2].pid = NUM(1);
	assert_values(&ev, "ancestors.comm", "sh|systemd");
	assert_values(&ev, "ancestors.pid", "1");
	assert_values(&ev, "ancestors.name", "sh|dash|systemd");
	assert_values(&ev, "ancestors[0].comm", "sh");
	assert_values(&ev, "ancestors[1].comm", "-");
	assert_values(&ev, "ancestors[2].comm", "systemd");
	assert_values(&ev, "ancestors[3].comm", "-");
	assert_values(&ev, "ancestors[0].name", "sh|dash");
	assert_values(&ev, "ancestors[1].name", "-");
	assert_values(&ev, "ancestors[2].name", "systemd");
	assert_values(&ev, "ancestors[3].name", "-");
}

static void test_result(void **state)
{
	static struct event ev;

	ev.retval = NUM(0);
	assert_values(&ev, "result", "ok");
	ev.retval = NUM(-2);
	assert_values(&ev, "result", "failed");
	ev.returned = NUM(1);
	assert_values(&ev, "result", "failed");
	ev.retval = (struct num){ 0, false };
	ev.returned = NUM(0);
	assert_values(&ev, "result", "-");
}

static void test_name(void **state)
{
	static struct event ev;

	ev.comm = STR_LIT("python3");
	ev.exe = STR_LIT("/usr/bin/python3.11");
	ev.filename = STR_LIT("/opt/tool");
	assert_values(&ev, "name", "python3|python3.11|tool");
	/* The comm of a failure is the caller's, that of a missed return may be. */
	ev.retval = NUM(-2);
	assert_values(&ev, "name", "python3.11|tool");
	ev.retval = (struct num){ 0, false };
	ev.returned = NUM(0);
	assert_values(&ev, "name", "python3.11|tool");
	ev.returned = NUM(1);
	ev.exe = STR_LIT("/usr/bin/python3");
	ev.filename = STR_LIT("python3");
	assert_values(&ev, "name", "python3");
}

static void assert_applet(const char *first, const char *second, const char *want)
{
	struct str words[] = { str_of(first), str_of(second) };
	static struct event ev;

	event_clear(&ev);
	ev.exe = STR_LIT("/bin/busybox");
	ev.argv = (struct words){ words, second ? 2 : 1, STR("?"), true };
	assert_values(&ev, "name", want);
	/* The same of any other program: words are no names. */
	ev.exe = STR_LIT("/bin/other");
	assert_values(&ev, "name", "other");
}

static void test_applets(void **state)
{
	static struct event ev;

	assert_applet("wget", "http://x/", "busybox|wget");
	assert_applet("/bin/sh", "ls", "busybox|sh");
	assert_applet("-sh", NULL, "busybox|sh");
	assert_applet("busybox", "nc", "busybox|nc");
	assert_applet("/bin/busybox", "/x/nc", "busybox|nc");
	assert_applet("busybox.static", "nc", "busybox|nc");
	assert_applet("busybox", NULL, "busybox");

	event_clear(&ev);
	ev.comm = STR_LIT("busybox");
	assert_values(&ev, "name", "busybox");
	ev.argv = no_argv;
	assert_values(&ev, "name", "busybox");
	ev.argv = ls_argv;
	assert_values(&ev, "name", "busybox|ls");
	ev.comm = STR_LIT("toybox");
	assert_values(&ev, "name", "toybox|ls");
}

static void test_parent_name(void **state)
{
	static const struct str words[] = { STR("busybox"), STR("httpd") };
	static struct event ev;

	ev.parent.comm = STR_LIT("nginx");
	ev.parent.exe = STR_LIT("/usr/sbin/nginx");
	assert_values(&ev, "parent.name", "nginx");
	ev.parent.exe = STR_LIT("/bin/busybox");
	ev.parent.argv = (struct words){ words, 2, STR("busybox httpd"), true };
	assert_values(&ev, "parent.name", "nginx|busybox|httpd");
	assert_values(&ev, "parent.arg", "busybox|httpd");
	assert_values(&ev, "name", "-");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows_are_sound),
		cmocka_unit_test(test_rows_of_one_object_stand_together),
		cmocka_unit_test(test_every_key_of_a_record_has_a_row),
		cmocka_unit_test(test_enumerations),
		cmocka_unit_test(test_parse_and_write),
		cmocka_unit_test(test_refuse),
		cmocka_unit_test(test_nearest),
		cmocka_unit_test(test_what_a_reference_is),
		cmocka_unit_test(test_values_of_nothing),
		cmocka_unit_test(test_stored_values),
		cmocka_unit_test(test_ancestors),
		cmocka_unit_test(test_result),
		cmocka_unit_test(test_name),
		cmocka_unit_test(test_applets),
		cmocka_unit_test(test_parent_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
