/* SPDX-License-Identifier: Apache-2.0 */
/* UTF-8, base64 and escaping, at the edges of their tables. */
#include "tests/unit/test.h"

#include <errno.h>
#include <string.h>

#include "base/text.h"

static void utf8_follows_table_3_7(void **state)
{
	static const struct {
		const char *bytes;
		size_t length;
	} cases[] = {
		{ "a", 1 },
		{ "\x7f", 1 },
		{ "\x80", 0 },
		{ "\xc0\x80", 0 },
		{ "\xc1\xbf", 0 },
		{ "\xc2\x80", 2 },
		{ "\xc2", 0 },
		{ "\xc2\x41", 0 },
		{ "\xc2\xc0", 0 },
		{ "\xdf\xbf", 2 },
		{ "\xe0\x9f\xbf", 0 },
		{ "\xe0\xa0\x80", 3 },
		{ "\xe2\x82", 0 },
		{ "\xe2\x82\x41", 0 },
		{ "\xed\x9f\xbf", 3 },
		{ "\xed\xa0\x80", 0 },
		{ "\xef\xbf\xbf", 3 },
		{ "\xf0\x8f\xbf\xbf", 0 },
		{ "\xf0\x90\x80\x80", 4 },
		{ "\xf0\x9f\x98", 0 },
		{ "\xf0\x9f\x98\x41", 0 },
		{ "\xf4\x8f\xbf\xbf", 4 },
		{ "\xf4\x90\x80\x80", 0 },
		{ "\xf5\x80\x80\x80", 0 },
		{ "\xff", 0 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct str s = str_of(cases[i].bytes);

		if (utf8_length(s) != cases[i].length)
			fail_msg("row %zu: got %zu", i, utf8_length(s));
		assert_int_equal(utf8_valid(s), cases[i].length == s.len);
	}
	assert_int_equal(utf8_length(STR_LIT("\0")), 1);
	assert_int_equal(utf8_length(STR_LIT("")), 0);
	assert_true(utf8_valid(STR_LIT("")));
	assert_true(utf8_valid(STR_LIT("aé€😀")));
	assert_false(utf8_valid(STR_LIT("aé€\xf0\x9f\x98")));
}

static void every_code_point_reads_back(void **state)
{
	char memory[4];
	struct buf b;

	for (unsigned int c = 0; c < 0x120000; c++) {
		bool scalar = c < 0xd800 || (c > 0xdfff && c < 0x110000);
		size_t want = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;

		buf_init_fixed(&b, memory, sizeof(memory));
		if (utf8_write(c, &b) != scalar)
			fail_msg("U+%04X", c);
		if (scalar && (b.len != want || utf8_length(buf_get(&b)) != want))
			fail_msg("U+%04X: %zu bytes", c, b.len);
		if (!scalar && b.len != 0)
			fail_msg("U+%04X was written", c);
	}
	assert_false(utf8_write(UINT32_MAX, &b));
	buf_init_fixed(&b, memory, sizeof(memory));
	utf8_write(0x20ac, &b);
	assert_str(buf_get(&b), "€");
}

/* The vectors of RFC 4648, section 10, and the two last letters of the alphabet. */
static const struct {
	struct str bytes;
	const char *text;
} vectors[] = {
	{ STR(""), "" },
	{ STR("f"), "Zg==" },
	{ STR("fo"), "Zm8=" },
	{ STR("foo"), "Zm9v" },
	{ STR("foob"), "Zm9vYg==" },
	{ STR("fooba"), "Zm9vYmE=" },
	{ STR("foobar"), "Zm9vYmFy" },
	{ STR("\xfb\xff\0"), "+/8A" },
};

static void texts_are_cut_between_characters(void **state)
{
	static const struct {
		struct str text;
		size_t limit, want;
	} cases[] = {
		{ STR("abc"), 5, 3 }, { STR("abc"), 3, 3 }, { STR("abc"), 2, 2 }, { STR("abc"), 0, 0 },
		{ STR("aé€😀"), 1, 1 }, { STR("aé€😀"), 2, 1 }, { STR("aé€😀"), 3, 3 }, { STR("aé€😀"), 4, 3 },
		{ STR("aé€😀"), 5, 3 }, { STR("aé€😀"), 6, 6 }, { STR("aé€😀"), 9, 6 }, { STR("aé€😀"), 10, 10 },
		{ STR("😀"), 3, 0 }, { STR("😀"), 1, 0 },
		/* What is no character is not kept together. */
		{ STR("\x80\x80\x80\x80\x80\x80"), 5, 5 }, { STR("\xf0\x9f\x98\xff"), 2, 2 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_int_equal(utf8_cut(cases[i].text, cases[i].limit).len, cases[i].want);
	assert_false(str_known(utf8_cut((struct str){ NULL, 0 }, 4)));
}

static void base64_vectors(void **state)
{
	_cleanup_(arena) struct arena a = ARENA_INIT;
	_cleanup_(buf) struct buf b = BUF_INIT;
	struct str back;

	for (size_t i = 0; i < ARRAY_SIZE(vectors); i++) {
		buf_reset(&b);
		base64_write(vectors[i].bytes, &b);
		assert_str(buf_get(&b), vectors[i].text);
		assert_int_equal(base64_read(str_of(vectors[i].text), &a, &back), 0);
		assert_true(str_eq(back, vectors[i].bytes));
	}
}

static void base64_is_strict(void **state)
{
	static const char *const bad[] = {
		"Z", "Zg", "Zg=", "Zg===", "=", "====", "Zh==", "Zm9=", "Z g=", "Zm9v\n", "Zm9v=",
		"Zm=v", "=m9v", "Z===", "Zg==Zg==", "Zm9-", "Zm9_", "Zm\xff=",
	};
	_cleanup_(arena) struct arena a = ARENA_INIT;
	struct str untouched = STR("untouched");

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		if (base64_read(str_of(bad[i]), &a, &untouched) != -EINVAL)
			fail_msg("\"%s\" was read", bad[i]);
	assert_str(untouched, "untouched");
}

static void controls_are_escaped(void **state)
{
	static const struct {
		struct str raw;
		const char *shown;
	} cases[] = {
		{ STR("plain \\n é 😀"), "plain \\n é 😀" },
		{ STR("a\nb\tc"), "a\\nb\\tc" },
		{ STR("\0\r\x1b[2J\x7f"), "\\x00\\x0d\\x1b[2J\\x7f" },
		{ STR("\xc2\x9b" "1m"), "\\xc2\\x9b1m" },		/* C1: a CSI in one character */
		{ STR("\xc2\xa0"), "\xc2\xa0" },
		{ STR("\xff\xc3"), "\\xff\\xc3" },
		{ STR("\xe2\x80\xa8"), "\\xe2\\x80\\xa8" },		/* LINE SEPARATOR */
		{ STR("\xe2\x80\xae" "gpj.exe"), "\\xe2\\x80\\xaegpj.exe" },	/* RIGHT-TO-LEFT OVERRIDE */
		{ STR("\xe2\x81\xa6"), "\\xe2\\x81\\xa6" },		/* LEFT-TO-RIGHT ISOLATE */
		{ STR("\xe2\x80\xa7\xe2\x80\xaf"), "\xe2\x80\xa7\xe2\x80\xaf" },
	};
	_cleanup_(buf) struct buf b = BUF_INIT;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		buf_reset(&b);
		escape_controls(cases[i].raw, &b);
		assert_str(buf_get(&b), cases[i].shown);
	}
}

static void globs_are_escaped(void **state)
{
	_cleanup_(buf) struct buf b = BUF_INIT;

	glob_escape(STR_LIT("a*b?[c]\\-!d"), &b);
	assert_str(buf_get(&b), "a\\*b\\?\\[c]\\\\-!d");
	buf_reset(&b);
	glob_escape((struct str)STR("\0\xff"), &b);
	assert_int_equal(b.len, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(utf8_follows_table_3_7),
		cmocka_unit_test(texts_are_cut_between_characters),
		cmocka_unit_test(every_code_point_reads_back),
		cmocka_unit_test(base64_vectors),
		cmocka_unit_test(base64_is_strict),
		cmocka_unit_test(controls_are_escaped),
		cmocka_unit_test(globs_are_escaped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
