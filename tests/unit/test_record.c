/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/record.h"

#include <errno.h>
#include <string.h>

#include "event/field.h"
#include "tests/unit/failing_malloc.h"

#define FFFD "\xef\xbf\xbd"

static void read_good(const char *text, struct arena *a, struct event *ev)
{
	struct record_error error;

	if (read_copy(str_of(text), a, ev, &error))
		fail_msg("%s: byte %zu: %s", text, error.offset, error.message);
}

/* What is read of @text is written as @want. */
static void assert_rewritten(const char *text, const char *want)
{
	struct arena a = ARENA_INIT;
	struct buf b = BUF_INIT;
	struct event ev;

	read_good(text, &a, &ev);
	record_write(&ev, &b);
	assert_str(buf_get(&b), want);
	buf_done(&b);
	arena_done(&a);
}

static void assert_refused(const char *text, size_t offset, const char *message)
{
	struct arena a = ARENA_INIT;
	struct record_error error;
	struct event ev;

	assert_int_equal(read_copy(str_of(text), &a, &ev, &error), -EINVAL);
	assert_string_equal(error.message, message);
	assert_int_equal(error.offset, offset);
	arena_done(&a);
}

static void test_every_key(void **state)
{
	static const char record[] =
		"{\"seq\":17,\"time\":\"2026-01-31T23:59:59.000000001Z\",\"mono_ns\":5,\"duration_ns\":1500,"
		"\"host\":\"h\",\"boot\":\"b\",\"labels\":{\"env\":\"prod\",\"role\":\"web\"},"
		"\"syscall\":\"execveat\",\"abi\":\"64\",\"filename\":\"./x\",\"exe\":\"/x\","
		"\"exe_memfd\":false,"
		"\"exe_deleted\":true,\"file\":{\"ino\":1,\"dev\":2,\"mode\":\"0755\",\"uid\":0,\"gid\":3,"
		"\"nlink\":1},\"argv\":[\"x\",\"\",\"a b\"],\"given_argv\":[\"./x\"],\"argc\":9,"
		"\"argv_bytes\":99,\"argv_state\":\"cut\",\"comm\":\"x\",\"caller\":{\"comm\":\"sh\","
		"\"exe\":\"/bin/sh\"},\"id\":\"i\",\"pid\":10,\"tid\":11,\"ppid\":12,\"pgid\":13,\"sid\":14,"
		"\"ns_pid\":15,\"uid\":1000,\"gid\":1001,\"euid\":0,\"egid\":1,\"user\":\"u\","
		"\"login_uid\":1002,"
		"\"login\":\"l\",\"audit_session\":3,\"cwd\":\"/\",\"tty\":\"pts/0\",\"fd\":{\"in\":\"tty\","
		"\"out\":\"pipe\",\"err\":\"null\"},\"traced\":true,\"retval\":-8,\"errno\":\"ENOEXEC\","
		"\"returned\":true,\"stage\":\"load\",\"parent\":{\"id\":\"p\",\"pid\":12,\"comm\":\"sh\","
		"\"exe\":\"/bin/sh\",\"argv\":[\"sh\",\"-c\"]},\"ancestors\":[{\"id\":\"p\",\"pid\":12,"
		"\"comm\":\"sh\",\"exe\":\"/bin/sh\"},{},{\"pid\":1}],\"cgroup\":\"/c\","
		"\"unit\":\"u.service\","
		"\"container\":{\"id\":\"c\",\"runtime\":\"docker\"},\"ns\":{\"pid\":1,\"mnt\":2,"
		"\"host\":true},"
		"\"env\":{\"HISTFILE\":\"\"},\"env_state\":\"complete\"}";
	struct arena a = ARENA_INIT;
	struct event ev;

	assert_rewritten(record, record);
	read_good(record, &a, &ev);
	for (size_t i = 0; i < n_fields; i++) {
		struct field_ref ref = { .field = &field_table[i], .key = STR("HISTFILE") };
		struct field_cursor c = { 0 };
		struct value v;

		if (field_table[i].type == FT_MAP && strcmp(field_table[i].name, "env") != 0)
			ref.key = STR_LIT("role");
		if (!field_next(&ref, &ev, &c, &v))
			fail_msg("%s is not known", field_table[i].name);
	}
	assert_int_equal(ev.seq.value, 17);
	assert_int_equal(ev.duration.value, 1500);
	assert_int_equal(ev.time.value, INT64_C(1769903999000000001));
	assert_str(ev.argv.joined, "x  a b");
	assert_int_equal(ev.argv.n, 3);
	assert_str(ev.argv.item[1], "");
	assert_str(ev.argv.item[2], "a b");
	assert_ptr_equal(ev.argv.item[2].p, ev.argv.joined.p + 3);
	assert_int_equal(ev.n_ancestors, 3);
	assert_false(str_known(ev.ancestor[1].comm));
	assert_int_equal(ev.exe_deleted.value, 1);
	assert_true(ev.exe_memfd.known);
	arena_done(&a);
}

static void test_order_and_space_do_not_matter(void **state)
{
	assert_rewritten(" { \"pid\" : 1 ,\n\"parent\":{\"exe\":\"/b\",\"pid\":2},\t\"comm\":\"x\"\r} ",
			 "{\"comm\":\"x\",\"pid\":1,\"parent\":{\"pid\":2,\"exe\":\"/b\"},"
			 "\"ancestors\":[{\"pid\":2,\"exe\":\"/b\"}]}");
	assert_rewritten("{}", "{}");
}

static void test_unknown_keys_are_skipped(void **state)
{
	assert_rewritten("{\"new\":[1,{\"pid\":[]}],\"pid\":1,\"result\":\"ok\",\"name\":5,\"fd\":{\"x\":1,"
			 "\"in\":\"tty\"},"
			 "\"parent.pid\":7,\"\":1,\"pid_b64\":2,\"parent_b64\":{},\"new\":3,"
			 "\"ancestors.pid\":4}",
			 "{\"pid\":1,\"fd\":{\"in\":\"tty\"}}");
}

static void test_null_is_absent(void **state)
{
	assert_rewritten("{\"pid\":null,\"exe\":null,\"argv\":null,\"parent\":null,\"ancestors\":null,"
			 "\"env\":null,"
			 "\"time\":null,\"abi\":null,\"traced\":null,\"exe_b64\":null,\"argv_b64\":null,"
			 "\"comm\":\"x\"}",
			 "{\"comm\":\"x\"}");
	assert_rewritten("{\"env\":{\"A\":null,\"B\":\"b\"}}", "{\"env\":{\"B\":\"b\"}}");
	assert_refused("{\"argv\":[null]}", 9, "`argv` takes a list of strings, not null");
	assert_refused("{\"ancestors\":[null]}", 14, "`ancestors` takes a list of objects, not null");
}

static void test_empty_is_known(void **state)
{
	struct arena a = ARENA_INIT;
	struct event ev;

	assert_rewritten("{\"cwd\":\"\",\"argv\":[],\"env\":{},\"parent\":{}}",
			 "{\"argv\":[],\"argc\":0,\"argv_bytes\":0,\"cwd\":\"\",\"env\":{}}");
	read_good("{\"argv\":[],\"parent\":{\"argv\":[]},\"exe_b64\":\"\"}", &a, &ev);
	assert_true(str_known(ev.argv.joined) && str_known(ev.parent.argv.joined) && str_known(ev.exe));
	arena_done(&a);
}

static void test_completed(void **state)
{
	assert_rewritten("{\"argv\":[\"ls\",\"-l\"],\"errno\":\"ENOENT\"}",
			 "{\"argv\":[\"ls\",\"-l\"],\"argc\":2,\"argv_bytes\":6,\"retval\":-2,"
			 "\"errno\":\"ENOENT\"}");
	assert_rewritten("{\"retval\":-13}", "{\"retval\":-13,\"errno\":\"EACCES\"}");
	assert_rewritten("{\"ancestors\":[{\"comm\":\"sh\"},{\"pid\":1}]}",
			 "{\"parent\":{\"comm\":\"sh\"},\"ancestors\":[{\"comm\":\"sh\"},{\"pid\":1}]}");
	/* An alias becomes the name that rules know. */
	assert_rewritten("{\"errno\":\"EWOULDBLOCK\"}", "{\"retval\":-11,\"errno\":\"EAGAIN\"}");
}

static void test_exact_texts(void **state)
{
	const char *want = "{\"filename\":\"/" FFFD "\",\"filename_b64\":\"L/8=\"}";

	assert_rewritten("{\"filename\":\"/?\",\"filename_b64\":\"L/8=\"}", want);
	assert_rewritten("{\"filename_b64\":\"L/8=\",\"filename\":\"/?\"}", want);
	assert_rewritten("{\"filename_b64\":\"L/8=\"}", want);
	assert_rewritten("{\"filename_b64\":null,\"filename\":\"x\"}", "{\"filename\":\"x\"}");
	assert_rewritten("{\"parent\":{\"comm_b64\":\"/w==\"}}",
			 "{\"parent\":{\"comm\":\"" FFFD "\",\"comm_b64\":\"/w==\"},"
			 "\"ancestors\":[{\"comm\":\"" FFFD "\",\"comm_b64\":\"/w==\"}]}");
	assert_refused("{\"exe_b64\":\"L\"}", 11, "the exact bytes of `exe` are no base64");
	assert_refused("{\"exe_b64\":5}", 11, "`exe` takes base64 in a string, not a number");
	assert_refused("{\"exe_b64\":\"\",\"exe\":5}", 20, "`exe` takes a string, not a number");
}

static void test_exact_words(void **state)
{
	const char *want = "{\"argv\":[\"a\",\"" FFFD "\",\"c\"],\"argv_b64\":{\"1\":\"/w==\"},\"argc\":3,"
						      "\"argv_bytes\":6}";
	struct arena a = ARENA_INIT;
	struct event ev;

	assert_rewritten("{\"argv\":[\"a\",\"?????\",\"c\"],\"argv_b64\":{\"1\":\"/w==\"}}", want);
	assert_rewritten("{\"argv_b64\":{\"1\":\"/w==\"},\"argv\":[\"a\",\"?????\",\"c\"]}", want);
	assert_rewritten("{\"argv_b64\":{\"2\":\"Yw==\",\"0\":\"YQ==\",\"1\":\"\\/w==\"}}", want);
	assert_rewritten("{\"argv_b64\":{},\"argv\":[]}", "{\"argv\":[],\"argc\":0,\"argv_bytes\":0}");
	assert_rewritten("{\"argv_b64\":{}}", "{}");
	assert_rewritten("{\"argv_b64\":{\"0\":\"\"},\"argv\":[\"x\"]}",
			 "{\"argv\":[\"\"],\"argc\":1,\"argv_bytes\":1}");

	read_good("{\"parent\":{\"argv_b64\":{\"1\":\"/yAvdHJ1ZQ==\"},\"argv\":[\"a\",\"b\",\"c\"]}}", &a,
		  &ev);
	assert_true(str_eq(ev.parent.argv.joined, STR_LIT("a \xff /true c")));
	assert_true(str_eq(ev.parent.argv.item[1], STR_LIT("\xff /true")));
	assert_ptr_equal(ev.parent.argv.item[1].p, ev.parent.argv.joined.p + 2);
	arena_done(&a);

	assert_refused("{\"argv\":[\"a\"],\"argv_b64\":{\"1\":\"\"}}", 25,
		       "word 1 of `argv_b64` is given twice or not in the list");
	assert_refused("{\"argv_b64\":{\"1\":\"\"}}", 12,
		       "word 1 of `argv_b64` is given twice or not in the list");
	assert_refused("{\"argv\":[\"a\"],\"argv_b64\":{\"0\":\"\",\"0\":\"\"}}", 25,
		       "word 0 of `argv_b64` is given twice or not in the list");
	assert_refused("{\"argv_b64\":{\"x\":\"\"}}", 17, "a key of `argv_b64` is the index of a word");
	assert_refused("{\"argv_b64\":{\"00\":\"\"}}", 18, "a key of `argv_b64` is the index of a word");
	assert_refused("{\"argv_b64\":{\"9999999999\":\"\"}}", 26,
		       "a key of `argv_b64` is the index of a word");
	assert_refused("{\"argv_b64\":[]}", 12, "`argv_b64` takes an object of index to base64");
	assert_refused("{\"argv_b64\":{\"0\":\"?\"}}", 17, "the exact bytes of `argv` are no base64");
}

/* Escapes in the base64 make it pass through the memory twice, which is only as long as the text. */
static void test_late_words_fit_the_memory(void **state)
{
	assert_rewritten("{\"argv_b64\":{\"0\":\"QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFB\\u0051UFB\"}}",
			 "{\"argv\":[\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"],\"argc\":1,\"argv_bytes\":31}");
}

static void test_exact_pairs(void **state)
{
	const char *want = "{\"env\":{\"A\":\"" FFFD "\",\"A_b64\":\"/w==\",\"B\":\"b\"}}";

	assert_rewritten("{\"env\":{\"A\":\"" FFFD "\",\"A_b64\":\"/w==\",\"B\":\"b\"}}", want);
	assert_rewritten("{\"env\":{\"A_b64\":\"/w==\",\"A\":\"\\ufffd\",\"B\":\"b\"}}", want);
	/* Not what a writer would have made of A: variables in their own right. */
	assert_rewritten("{\"env\":{\"A\":\"x\",\"A_b64\":\"/w==\"}}",
			 "{\"env\":{\"A\":\"x\",\"A_b64\":\"/w==\"}}");
	assert_rewritten("{\"env\":{\"A\":\"x\",\"A_b64\":\"eA==\"}}",
			 "{\"env\":{\"A\":\"x\",\"A_b64\":\"eA==\"}}");
	assert_rewritten("{\"env\":{\"A\":\"x\",\"A_b64\":\"?\"}}",
			 "{\"env\":{\"A\":\"x\",\"A_b64\":\"?\"}}");
	assert_rewritten("{\"env\":{\"A_b64\":\"/w==\"}}", "{\"env\":{\"A_b64\":\"/w==\"}}");
	assert_refused("{\"env\":{\"A\":\"1\",\"A\":\"2\"}}", 20, "a name in `env` is given twice");
	assert_refused("{\"env\":{\"A\":1}}", 12, "`env` takes an object of strings, not a number");
}

static void test_number_of_pairs_is_bounded(void **state)
{
	struct buf b = BUF_INIT;
	struct arena a = ARENA_INIT;
	struct record_error error;
	struct event ev;

	buf_text(&b, "{\"env\":{");
	for (int i = 0; i < 1024; i++)
		buf_printf(&b, "%s\"N%d\":\"\"", i ? "," : "", i);
	buf_text(&b, "}}");
	assert_int_equal(read_copy(buf_get(&b), &a, &ev, &error), 0);
	assert_int_equal(ev.env.n, 1024);
	buf_cut(&b, b.len - 2);
	buf_text(&b, ",\"X\":\"\"}}");
	assert_int_equal(read_copy(buf_get(&b), &a, &ev, &error), -EINVAL);
	assert_string_equal(error.message, "`env` has more than 1024 names");
	buf_done(&b);
	arena_done(&a);
}

static void test_far_ancestors_are_dropped(void **state)
{
	struct buf b = BUF_INIT;
	struct arena a = ARENA_INIT;
	struct record_error error;
	struct event ev;

	buf_text(&b, "{\"ancestors\":[{\"pid\":0}");
	for (int i = 1; i < 70; i++)
		buf_printf(&b, ",{\"pid\":%d}", i);
	buf_text(&b, "]}");
	assert_int_equal(read_copy(buf_get(&b), &a, &ev, &error), 0);
	assert_int_equal(ev.n_ancestors, EVENT_MAX_ANCESTORS);
	assert_int_equal(ev.ancestor[63].pid.value, 63);
	buf_cut(&b, b.len - 2);
	buf_text(&b, ",5]}");
	assert_int_equal(read_copy(buf_get(&b), &a, &ev, &error), -EINVAL);
	assert_string_equal(error.message, "`ancestors` takes a list of objects, not a number");
	buf_done(&b);
	arena_done(&a);
}

static void test_wrong_types(void **state)
{
	assert_refused("{\"pid\":\"5\"}", 7, "`pid` takes an integer, not a string");
	assert_refused("{\"pid\":true}", 7, "`pid` takes an integer, not true or false");
	assert_refused("{\"pid\":1.5}", 7,
		       "`pid` takes an integer, not a number with a fraction or an exponent");
	assert_refused("{\"pid\":9223372036854775808}", 7,
		       "`pid` takes an integer, not a number beyond 64 bits");
	assert_refused("{\"comm\":5}", 8, "`comm` takes a string, not a number");
	assert_refused("{\"traced\":1}", 10, "`traced` takes true or false, not a number");
	assert_refused("{\"time\":1}", 8, "`time` takes an RFC 3339 time in a string, not a number");
	assert_refused("{\"time\":\"now\"}", 8, "`time` takes an RFC 3339 time like 2026-01-31T23:59:59Z");
	assert_refused("{\"argv\":\"ls\"}", 8, "`argv` takes a list of strings, not a string");
	assert_refused("{\"argv\":[\"a\",[]]}", 13, "`argv` takes a list of strings, not a list");
	assert_refused("{\"parent\":\"sh\"}", 10, "`parent` takes an object, not a string");
	assert_refused("{\"parent\":{\"pid\":\"1\"}}", 17, "`parent.pid` takes an integer, not a string");
	assert_refused("{\"ancestors\":{}}", 13, "`ancestors` takes a list of objects, not an object");
	assert_refused("{\"ancestors\":[{\"pid\":{}}]}", 21,
		       "`ancestors.pid` takes an integer, not an object");
	assert_refused("{\"abi\":64}", 7, "`abi` takes a string, not a number");
}

static void test_enumerations(void **state)
{
	struct arena a = ARENA_INIT;
	struct event ev;

	read_good("{\"syscall\":\"kernel\",\"fd\":{\"out\":\"closed\"}}", &a, &ev);
	assert_str(ev.syscall, "kernel");
	assert_str(ev.fd_out, "closed");
	arena_done(&a);
	assert_refused("{\"syscall\":\"exeve\"}", 11,
		       "`syscall` has no value `exeve`; did you mean `execve`?");
	assert_refused("{\"fd\":{\"in\":\"ttyy\"}}", 12, "`fd.in` has no value `ttyy`; did you mean `tty`?");
	assert_refused("{\"stage\":\"\"}", 9, "`stage` has no value ``");
	assert_refused("{\"abi\":\"x\\u001b\\n\"}", 7, "`abi` has no value `x\\x1b\\n`");
	assert_refused("{\"errno\":\"ENOET\"}", 9, "`errno` has no value `ENOET`; did you mean `ENOENT`?");
}

static void test_duplicates(void **state)
{
	assert_refused("{\"pid\":1,\"comm\":\"x\",\"pid\":1}", 26, "`pid` is given twice");
	assert_refused("{\"fd\":{\"in\":\"tty\"},\"fd\":{\"out\":\"tty\"}}", 24, "`fd` is given twice");
	assert_refused("{\"fd\":{\"err\":\"tty\"},\"pid\":1,\"fd\":{}}", 33, "`fd` is given twice");
	assert_refused("{\"parent\":{\"pid\":1,\"pid\":2}}", 25, "`parent.pid` is given twice");
	assert_refused("{\"exe_b64\":\"\",\"exe_b64\":\"\"}", 24, "`exe_b64` is given twice");
	assert_refused("{\"ancestors\":[],\"ancestors\":[]}", 28, "`ancestors` is given twice");
	assert_rewritten("{\"ancestors\":[{\"pid\":1},{\"pid\":2}]}",
			 "{\"parent\":{\"pid\":1},\"ancestors\":[{\"pid\":1},{\"pid\":2}]}");
}

static void test_no_record(void **state)
{
	assert_refused("", 0, "the record ends in the middle");
	assert_refused("  ", 2, "the record ends in the middle");
	assert_refused("[]", 0, "a record is an object, not a list");
	assert_refused("null", 0, "a record is an object, not null");
	assert_refused("x", 0, "no JSON value");
	assert_refused("{\"pid\":1", 8, "the record ends in the middle");
	assert_refused("{\"pid\":}", 7, "no JSON value");
	assert_refused("{\"pid\":1} x", 10, "something stands behind the record");
	assert_refused("{\"pid\":1}{}", 9, "something stands behind the record");
	assert_refused("{\"pid\":1,}", 9, "a key in double quotes belongs here");
	assert_refused("{\"pid\" 1}", 7, "a colon is missing behind a key");
	assert_refused("{\"pid\":1 \"comm\":\"\"}", 9, "a comma is missing");
	assert_refused("{\"comm\":\"\xff\"}", 9, "a byte that is no UTF-8; exact bytes go into a _b64 key");
	assert_refused("{\"new\":\"\xff\"}", 8, "a byte that is no UTF-8; exact bytes go into a _b64 key");
	assert_refused("{\"comm\":\"\\ud800\"}", 9, "half of a surrogate pair");
	assert_refused("{\"pid\":007}", 7, "`pid` takes an integer, not a number with a leading zero");
}

static void test_limits(void **state)
{
	struct arena a = ARENA_INIT;
	struct record_error error;
	struct event ev;
	struct buf b = BUF_INIT;

	assert_int_equal(record_read((struct str){ "{}", RECORD_MAX_BYTES + 1 }, &a, &ev, &error), -EINVAL);
	assert_string_equal(error.message, "a record of more than 64 MiB");

	for (int depth = RECORD_MAX_DEPTH; depth <= RECORD_MAX_DEPTH + 1; depth++) {
		buf_reset(&b);
		buf_text(&b, "{\"new\":");
		for (int i = 0; i < depth; i++)
			buf_char(&b, '[');
		for (int i = 0; i < depth; i++)
			buf_char(&b, ']');
		buf_char(&b, '}');
		assert_int_equal(read_copy(buf_get(&b), &a, &ev, &error),
				 depth > RECORD_MAX_DEPTH ? -EINVAL : 0);
	}
	assert_string_equal(error.message, "lists and objects are nested too deeply");
	buf_done(&b);
	arena_done(&a);
}

static void test_long_argv(void **state)
{
	struct arena a = ARENA_INIT;
	struct record_error error;
	struct event ev;
	struct buf b = BUF_INIT, again = BUF_INIT;

	buf_text(&b, "{\"argv\":[\"0\"");
	for (int i = 1; i < 100000; i++)
		buf_printf(&b, ",\"%d\"", i);
	buf_text(&b, "]");
	assert_int_equal(read_copy(STR_LIT("{}"), &a, &ev, &error), 0);
	buf_text(&b, ",\"argc\":100000,\"argv_bytes\":588890}");
	assert_int_equal(read_copy(buf_get(&b), &a, &ev, &error), 0);
	assert_int_equal(ev.argv.n, 100000);
	assert_str(ev.argv.item[99999], "99999");
	record_write(&ev, &again);
	assert_true(str_eq(buf_get(&again), buf_get(&b)));
	buf_done(&b);
	buf_done(&again);
	arena_done(&a);
}

static void test_warm_arena_does_not_grow(void **state)
{
	const struct str text = STR("{\"comm\":\"sh\",\"argv\":[\"sh\",\"-c\",\"x\"],\"env\":{\"A\":\"1\"},"
				    "\"parent\":{\"argv\":[\"a\"],\"argv_b64\":{\"0\":\"/w==\"}}}");
	struct arena a = ARENA_INIT;
	struct record_error error;
	struct event ev;
	size_t size;

	assert_int_equal(record_read(text, &a, &ev, &error), 0);
	size = arena_size(&a);
	for (int i = 0; i < 100; i++) {
		arena_reset(&a);
		assert_int_equal(record_read(text, &a, &ev, &error), 0);
	}
	assert_int_equal(arena_size(&a), size);
	arena_done(&a);
}

/* OPEN ITEM, ITEM, ... CLOSE, of about @size bytes; a # in ITEM counts. */
static void write_large(struct buf *b, const char *open, const char *item, const char *close, size_t size)
{
	buf_text(b, open);
	for (int i = 0; b->len < size; i++) {
		if (i > 0)
			buf_char(b, ',');
		for (const char *p = item; *p; p++)
			if (*p == '#')
				buf_int(b, i);
			else
				buf_char(b, *p);
	}
	buf_text(b, close);
}

/* Each shape runs out of memory at another place: the strings, the words, the exact words. */
static void test_out_of_memory(void **state)
{
	static const struct {
		const char *open, *item, *close;
		size_t warm;			/* bytes that the arena has */
	} shapes[] = {
		{ "{\"new\":[", "\"xxxxxxxx\"", "]}", 0 },
		{ "{\"argv\":[", "\"\"", "]}", 9 << 20 },
		{ "{\"argv_b64\":{", "\"#\":\"\"", "}}", 9 << 20 },
	};
	for (size_t i = 0; i < ARRAY_SIZE(shapes); i++) {
		struct arena a = ARENA_INIT;
		struct buf b = BUF_INIT;
		struct record_error error;
		struct event ev;
		size_t before = n_failures;

		write_large(&b, shapes[i].open, shapes[i].item, shapes[i].close, 8 << 20);
		if (shapes[i].warm)
			assert_non_null(arena_alloc(&a, shapes[i].warm));
		arena_reset(&a);
		failing = n_allocations;
		assert_int_equal(record_read(buf_get(&b), &a, &ev, &error), -ENOMEM);
		assert_int_equal(n_failures, before + 1);
		buf_done(&b);
		arena_done(&a);
	}
}

static void test_inside_a_larger_object(void **state)
{
	static struct event ev;
	struct buf b = BUF_INIT;
	struct json j = JSON_INIT(&b);

	ev.pid = NUM(1);
	json_object(&j, NULL);
	json_text(&j, "id", "x");
	record_write_json(&ev, &j, "event");
	json_int(&j, "count", 2);
	json_end_object(&j);
	assert_str(buf_get(&b), "{\"id\":\"x\",\"event\":{\"pid\":1},\"count\":2}");
	buf_done(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_key),
		cmocka_unit_test(test_order_and_space_do_not_matter),
		cmocka_unit_test(test_unknown_keys_are_skipped),
		cmocka_unit_test(test_null_is_absent),
		cmocka_unit_test(test_empty_is_known),
		cmocka_unit_test(test_completed),
		cmocka_unit_test(test_exact_texts),
		cmocka_unit_test(test_exact_words),
		cmocka_unit_test(test_late_words_fit_the_memory),
		cmocka_unit_test(test_exact_pairs),
		cmocka_unit_test(test_number_of_pairs_is_bounded),
		cmocka_unit_test(test_far_ancestors_are_dropped),
		cmocka_unit_test(test_wrong_types),
		cmocka_unit_test(test_enumerations),
		cmocka_unit_test(test_duplicates),
		cmocka_unit_test(test_no_record),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_long_argv),
		cmocka_unit_test(test_warm_arena_does_not_grow),
		cmocka_unit_test(test_out_of_memory),
		cmocka_unit_test(test_inside_a_larger_object),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
