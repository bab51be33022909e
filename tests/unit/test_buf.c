/* SPDX-License-Identifier: Apache-2.0 */
/* Buffers: growing and fixed, with errors that stick. */
#include "tests/unit/test.h"

#include <errno.h>
#include <string.h>

#include "base/buf.h"

static void pieces_are_appended(void **state)
{
	_cleanup_(buf) struct buf b = BUF_INIT;

	assert_str(buf_get(&b), "");
	buf_text(&b, "a");
	buf_char(&b, '-');
	buf_str(&b, STR_LIT("b"));
	buf_str(&b, str_of(NULL));
	buf_add(&b, NULL, 0);
	buf_printf(&b, "%s%d", "c", 1);
	assert_str(buf_get(&b), "a-bc1");
	buf_add(&b, "\0x", 2);
	assert_true(str_eq(buf_get(&b), STR_LIT("a-bc1\0x")));
	assert_int_equal(b.error, 0);
}

static void integers(void **state)
{
	static const struct {
		int64_t n;
		const char *text;
	} cases[] = {
		{ 0, "0" },
		{ 7, "7" },
		{ -1, "-1" },
		{ 1234567890, "1234567890" },
		{ INT64_MAX, "9223372036854775807" },
		{ INT64_MIN, "-9223372036854775808" },
	};
	_cleanup_(buf) struct buf b = BUF_INIT;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		buf_reset(&b);
		buf_int(&b, cases[i].n);
		assert_str(buf_get(&b), cases[i].text);
	}
}

static void it_grows(void **state)
{
	_cleanup_(buf) struct buf b = BUF_INIT;

	for (int i = 0; i < 100000; i++)
		buf_char(&b, (char)('a' + i % 26));
	assert_int_equal(b.len, 100000);
	for (int i = 0; i < 100000; i++)
		assert_int_equal(b.p[i], 'a' + i % 26);
}

/* Around the size that still goes through the stack. */
static void long_printf(void **state)
{
	_cleanup_(buf) struct buf b = BUF_INIT;
	char text[400];

	memset(text, 'x', sizeof(text));
	for (int n = 250; n < 260; n++) {
		buf_reset(&b);
		buf_printf(&b, "%.*s", n, text);
		assert_int_equal(b.len, n);
		assert_memory_equal(b.p, text, n);
	}
}

static void fixed_fills_to_the_last_byte(void **state)
{
	char memory[300];
	struct buf b;

	buf_init_fixed(&b, memory, 5);
	buf_text(&b, "12345");
	assert_str(buf_get(&b), "12345");
	assert_int_equal(b.error, 0);
	buf_init_fixed(&b, memory, 5);
	buf_printf(&b, "%s", "12345");
	assert_str(buf_get(&b), "12345");
	assert_int_equal(b.error, 0);
	buf_init_fixed(&b, memory, 291);
	buf_printf(&b, "%290d", 1);
	assert_int_equal(b.error, 0);
	assert_int_equal(b.len, 290);
	buf_init_fixed(&b, memory, 0);
	assert_str(buf_get(&b), "");
	buf_char(&b, 'x');
	assert_int_equal(b.error, -ENOBUFS);
}

static void errors_stick(void **state)
{
	char memory[8] = "........";
	struct buf b;

	buf_init_fixed(&b, memory, 5);
	buf_text(&b, "123");
	buf_text(&b, "456");
	buf_char(&b, '7');
	buf_printf(&b, "%300d", 8);
	assert_int_equal(b.error, -ENOBUFS);
	assert_str(buf_get(&b), "123");
	assert_memory_equal(memory, "123.....", 8);

	buf_cut(&b, 2);
	assert_int_equal(b.error, 0);
	buf_char(&b, '9');
	assert_str(buf_get(&b), "129");
	buf_reset(&b);
	assert_str(buf_get(&b), "");
	/* Not its own memory: nothing is freed. */
	buf_done(&b);
	assert_null(b.p);
}

static void impossible_sizes_are_refused(void **state)
{
	_cleanup_(buf) struct buf b = BUF_INIT;

	buf_text(&b, "kept");
	buf_add(&b, "", SIZE_MAX - 2);
	assert_int_equal(b.error, -ENOMEM);
	assert_str(buf_get(&b), "kept");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pieces_are_appended),
		cmocka_unit_test(integers),
		cmocka_unit_test(it_grows),
		cmocka_unit_test(long_printf),
		cmocka_unit_test(fixed_fills_to_the_last_byte),
		cmocka_unit_test(errors_stick),
		cmocka_unit_test(impossible_sizes_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
