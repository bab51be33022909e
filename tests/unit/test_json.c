/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/test.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "event/json.h"
#include "event/json_plain.h"
#include "event/json_read.h"

#define FFFD "\xef\xbf\xbd"

static void assert_escaped(struct str s, const char *want)
{
	struct buf b = BUF_INIT;

	json_escape(s, &b);
	assert_str(buf_get(&b), want);
	buf_done(&b);
}

static void test_escapes(void **state)
{
	assert_escaped(STR_LIT("plain text, longer than eight"), "plain text, longer than eight");
	assert_escaped(STR_LIT("\"\\/"), "\\\"\\\\/");
	assert_escaped(STR_LIT("\b\f\n\r\t"), "\\b\\f\\n\\r\\t");
	assert_escaped(STR_LIT("a\0b\x01\x1f"), "a\\u0000b\\u0001\\u001f");
	assert_escaped(STR_LIT("\x7f\xc2\x80\xc2\x9b\xc2\x9f\xc2\xa0"),
		       "\\u007f\\u0080\\u009b\\u009f\xc2\xa0");
	assert_escaped(STR_LIT("h\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80"),
		       "h\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80");
	assert_escaped(STR_LIT(""), "");
}

/* One U+FFFD for each byte, not for each run: what was one character too few would shift columns. */
static void test_bad_bytes(void **state)
{
	assert_escaped(STR_LIT("\xff\xfe"), FFFD FFFD);
	assert_escaped(STR_LIT("a\xe2\x82"), "a" FFFD FFFD);
	assert_escaped(STR_LIT("\xed\xa0\x80"), FFFD FFFD FFFD);
	assert_escaped(STR_LIT("\xc0\xaf\xc3\xa4"), FFFD FFFD "\xc3\xa4");
}

static size_t plain_by_bytes(const char *p, size_t n)
{
	size_t i = 0;

	while (i < n && (unsigned char)p[i] >= 0x20 && (unsigned char)p[i] < 0x7f && p[i] != '"' &&
	       p[i] != '\\')
		i++;
	return i;
}

/* The eight-byte step against the definition: every byte value at every place of two steps and a tail. */
static void test_plain_run(void **state)
{
	for (size_t n = 0; n <= 20; n++)
		for (size_t at = 0; at < n; at++)
			for (int c = 0; c < 256; c++)
				for (int then = 0; then < 256; then += 51) {
					char *p = malloc(n);

					memset(p, 'x', n);
					p[at] = (char)c;
					if (at + 1 < n)
						p[at + 1] = (char)then;
					assert_int_equal(json_plain(p, n), plain_by_bytes(p, n));
					free(p);
				}
	assert_int_equal(json_plain("", 0), 0);
}

static void test_structure(void **state)
{
	static const struct str words[] = { STR("a"), STR(""), STR("b\n") };
	struct buf b = BUF_INIT;
	struct json j = JSON_INIT(&b);

	json_object(&j, NULL);
	json_int(&j, "min", INT64_MIN);
	json_bool(&j, "yes", true);
	json_bool(&j, "no", false);
	json_str(&j, "text", STR_LIT("x"));
	json_str(&j, "empty", STR_LIT(""));
	json_str(&j, "unknown", (struct str){ NULL, 0 });
	json_text(&j, "c", "y");
	json_text(&j, "null", NULL);
	json_strs(&j, "words", words, 3);
	json_strs(&j, "none", NULL, 0);
	json_object(&j, "inner");
	json_pair(&j, STR_LIT("A\"B"), STR_LIT("1"));
	json_pair(&j, STR_LIT("C"), (struct str){ NULL, 0 });
	json_pair(&j, STR_LIT("D"), STR_LIT("2"));
	json_end_object(&j);
	json_list(&j, "list");
	json_int(&j, NULL, 1);
	json_object(&j, NULL);
	json_end_object(&j);
	json_str(&j, NULL, STR_LIT("\xff"));
	json_end_list(&j);
	json_int(&j, "last", 2);
	json_end_object(&j);
	assert_str(buf_get(&b),
		   "{\"min\":-9223372036854775808,\"yes\":true,\"no\":false,\"text\":\"x\",\"empty\":\"\","
		   "\"c\":\"y\",\"words\":[\"a\",\"\",\"b\\n\"],\"none\":[],"
		   "\"inner\":{\"A\\\"B\":\"1\",\"D\":\"2\"},\"list\":[1,{},\"" FFFD "\"],\"last\":2}");
	buf_done(&b);
}

static void test_siblings(void **state)
{
	static const struct str words[] = { STR("ok"), STR("\xff"), STR("\xc3\xa4"), STR("a\xfe") };
	struct buf b = BUF_INIT;
	struct json j = JSON_INIT(&b);

	json_object(&j, NULL);
	json_str(&j, "f", STR_LIT("/\xff"));
	json_strs(&j, "w", words, 4);
	json_pair(&j, STR_LIT("E"), STR_LIT("\xff"));
	json_end_object(&j);
	assert_str(buf_get(&b),
		   "{\"f\":\"/" FFFD "\",\"f_b64\":\"L/8=\","
		   "\"w\":[\"ok\",\"" FFFD "\",\"\xc3\xa4\",\"a" FFFD "\"],"
		   "\"w_b64\":{\"1\":\"/w==\",\"3\":\"Yf4=\"},\"E\":\"" FFFD "\",\"E_b64\":\"/w==\"}");
	buf_done(&b);
}

static struct json_reader reader(struct str text, char *memory)
{
	struct json_reader r;

	json_reader_init(&r, text, memory);
	return r;
}

static void assert_reads_string(const char *text, struct str want)
{
	char memory[128];
	struct json_reader r = reader(str_of(text), memory);
	struct str got;

	assert_int_equal(json_read_string(&r, &got), 0);
	assert_true(str_eq(got, want));
	assert_int_equal(json_read_end(&r), 0);

	r = reader(str_of(text), memory);
	assert_int_equal(json_read_word(&r, &got), 0);
	assert_true(str_eq(got, want));
}

static void assert_refuses_string(struct str text, size_t offset, const char *message)
{
	char memory[128];
	struct json_reader r = reader(text, memory);
	struct str got = STR("untouched");

	assert_int_equal(json_read_string(&r, &got), -EINVAL);
	assert_string_equal(r.error, message);
	assert_int_equal(r.error_offset, offset);
	assert_str(got, "untouched");
}

static void test_read_strings(void **state)
{
	assert_reads_string("\"\"", STR_LIT(""));
	assert_reads_string(" \"a b\" ", STR_LIT("a b"));
	assert_reads_string("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", STR_LIT("\"\\/\b\f\n\r\t"));
	assert_reads_string("\"\\u0041\\u00e4\\u20AC\\ud83d\\uDE00\\u0000\"",
			    STR_LIT("A\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80\0"));
	assert_reads_string("\"a long run, then \\n and \xc3\xa4\x7f more\"",
			    STR_LIT("a long run, then \n and \xc3\xa4\x7f more"));
}

static void test_refuse_strings(void **state)
{
	assert_refuses_string(STR_LIT("\"abc"), 4, "the record ends in the middle");
	assert_refuses_string(STR_LIT("\"abc\\"), 5, "the record ends in the middle");
	assert_refuses_string(STR_LIT("\"a\nb\""), 2, "a control byte in a string; JSON wants it escaped");
	assert_refuses_string(STR_LIT("\"a\0b\""), 2, "a control byte in a string; JSON wants it escaped");
	assert_refuses_string(STR_LIT("\"\\x41\""), 1, "an unknown escape in a string");
	assert_refuses_string(STR_LIT("\"\\u12g4\""), 1, "\\u without four hex digits");
	assert_refuses_string(STR_LIT("\"\\u12"), 1, "\\u without four hex digits");
	assert_refuses_string(STR_LIT("\"\\ud800\""), 1, "half of a surrogate pair");
	assert_refuses_string(STR_LIT("\"\\ud800\\u0041\""), 1, "half of a surrogate pair");
	assert_refuses_string(STR_LIT("\"\\udc00\""), 1, "half of a surrogate pair");
	assert_refuses_string(STR_LIT("\"\\ud800x\""), 1, "half of a surrogate pair");
	assert_refuses_string(STR_LIT("\"a\xff\""), 2,
			      "a byte that is no UTF-8; exact bytes go into a _b64 key");
	assert_refuses_string(STR_LIT("\"\xe2\x82"), 1,
			      "a byte that is no UTF-8; exact bytes go into a _b64 key");
	assert_refuses_string(STR_LIT("5"), 0, "no JSON value");
}

static void test_read_ints(void **state)
{
	static const struct {
		const char *text;
		int64_t want;
	} good[] = {
		{ "0", 0 }, { "-0", 0 }, { " 17 ", 17 }, { "-17", -17 },
		{ "9223372036854775807", INT64_MAX }, { "-9223372036854775808", INT64_MIN },
	};
	static const struct {
		const char *text, *message;
	} bad[] = {
		{ "9223372036854775808", "a number beyond 64 bits" },
		{ "-9223372036854775809", "a number beyond 64 bits" },
		{ "99999999999999999999999", "a number beyond 64 bits" },
		{ "1.0", "a number with a fraction or an exponent" },
		{ "1e2", "a number with a fraction or an exponent" },
		{ "01", "a number with a leading zero" },
		{ "-01", "a number with a leading zero" },
		{ "-", "a number without digits" },
		{ "1.", "a number without digits behind the point" },
		{ "1e+", "a number without digits in its exponent" },
		{ "+1", "no JSON value" },
		{ "", "the record ends in the middle" },
	};
	char memory[64];

	for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
		struct json_reader r = reader(str_of(good[i].text), memory);
		int64_t n;

		assert_int_equal(json_read_int(&r, &n), 0);
		assert_true(n == good[i].want);
		assert_int_equal(json_read_end(&r), 0);
	}
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct json_reader r = reader(str_of(bad[i].text), memory);
		int64_t n = 5;

		assert_int_equal(json_read_int(&r, &n), -EINVAL);
		assert_string_equal(r.error, bad[i].message);
		assert_int_equal(n, 5);
	}
}

static int skip_text(const char *text, unsigned int depth, const char **ret_error)
{
	char memory[256];
	struct json_reader r = reader(str_of(text), memory);
	int e = json_skip(&r, depth);

	if (!e)
		e = json_read_end(&r);
	*ret_error = r.error;
	return e;
}

static void test_skip(void **state)
{
	static const char *const good[] = {
		"null", "true", "false", "-1.5e+10", "0.0", "\"x\\u0041\"", "[]", "{}", " [ 1 , [ ] , { } ] ",
		"{\"a\":{\"b\":[null,true]},\"c\":\"d\"}", "[0]", "[1E5]",
	};
	static const char *const bad[] = {
		"", "nul", "nulls", "True", "[1,]", "[,1]", "[1 2]", "{\"a\"}", "{\"a\":}", "{\"a\":1,}",
		"{a:1}",
		"{\"a\":1", "[1", "[1}", "{\"a\" 1}", "1.e5", ".5", "0x1", "\"a", "[[1]", "{1:2}", "'a'",
		"[1]]",
		"-", "--1", "1 2", "\xef\xbb\xbf{}", "NaN", "Infinity", "// x\n1",
	};
	const char *error;

	for (size_t i = 0; i < ARRAY_SIZE(good); i++)
		if (skip_text(good[i], 32, &error))
			fail_msg("%s: %s", good[i], error);
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		assert_int_equal(skip_text(bad[i], 32, &error), -EINVAL);
		assert_non_null(error);
	}
}

static void test_depth_is_bounded(void **state)
{
	const char *error;

	assert_int_equal(skip_text("[[[]]]", 3, &error), 0);
	assert_int_equal(skip_text("[[[]]]", 2, &error), -EINVAL);
	assert_string_equal(error, "lists and objects are nested too deeply");
	assert_int_equal(skip_text("{\"a\":[]}", 1, &error), -EINVAL);
	assert_int_equal(skip_text("5", 0, &error), 0);
}

/* Skipped text may be read again, so it must not use up the memory, which is as long as the text. */
static void test_skipping_keeps_the_memory(void **state)
{
	struct str text = STR("{\"a\\n\":\"bcdefghijklm\\n\"}");
	char *memory = malloc(text.len);
	struct json_reader r = reader(text, memory);

	assert_int_equal(json_skip(&r, 1), 0);
	assert_ptr_equal(r.out, memory);
	free(memory);
}

static void test_first_error_stays(void **state)
{
	char memory[8];
	struct json_reader r = reader(STR_LIT("xyz"), memory);

	json_fail(&r, r.p + 1, "first");
	json_fail(&r, r.p + 2, "second");
	assert_string_equal(r.error, "first");
	assert_int_equal(r.error_offset, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_escapes),
		cmocka_unit_test(test_bad_bytes),
		cmocka_unit_test(test_plain_run),
		cmocka_unit_test(test_structure),
		cmocka_unit_test(test_siblings),
		cmocka_unit_test(test_read_strings),
		cmocka_unit_test(test_refuse_strings),
		cmocka_unit_test(test_read_ints),
		cmocka_unit_test(test_skip),
		cmocka_unit_test(test_depth_is_bounded),
		cmocka_unit_test(test_skipping_keeps_the_memory),
		cmocka_unit_test(test_first_error_stays),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
