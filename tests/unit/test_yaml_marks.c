/* SPDX-License-Identifier: Apache-2.0 */
/* The byte of a character is what counting from the start says, whichever was asked for before. */
#include "parser/yaml_marks.h"
#include "tests/unit/test.h"

#include <stdint.h>
#include <string.h>

#define TEXT_SIZE 6000

static uint32_t next(uint32_t *seed)
{
	*seed = *seed * 1664525 + 1013904223;
	return *seed >> 8;
}

/* Characters of one to four bytes, in runs of ASCII of about @run. Returns their number; starts[i] is where
 * each begins, and the last entry the end. */
static size_t make_text(char *text, size_t *starts, size_t run, uint32_t *seed)
{
	static const char *const characters[] = { "\xc3\xa4", "\xe2\x82\xac", "\xf0\x9f\x98\x80" };
	size_t n = 0, at = 0;

	while (at < TEXT_SIZE - 8) {
		const char *c = "x";

		starts[n++] = at;
		if (next(seed) % run == 0)
			c = characters[next(seed) % 3];
		memcpy(text + at, c, strlen(c));
		at += strlen(c);
	}
	starts[n] = at;
	return n;
}

static void test_any_order(void **state)
{
	static const size_t runs[] = { 1, 2, 9, 40, 1000, TEXT_SIZE };
	static size_t starts[TEXT_SIZE];
	static char text[TEXT_SIZE];
	uint32_t seed = 1;

	for (size_t r = 0; r < ARRAY_SIZE(runs); r++) {
		size_t n = make_text(text, starts, runs[r], &seed);
		struct str whole = { text, starts[n] };
		struct yaml_marks m = { 0, 0, 0 };

		for (size_t i = 0; i <= n; i++)
			assert_int_equal(yaml_byte(&m, whole, i), starts[i]);
		for (size_t i = 0; i < 20000; i++) {
			/* Mostly near to the one before, as marks are. */
			size_t index = next(&seed) % 8 ? m.index + next(&seed) % 60 : next(&seed) % (n + 1);

			index = index >= 20 && next(&seed) % 2 ? index - 20 : index;
			index = index > n ? n : index;
			assert_int_equal(yaml_byte(&m, whole, index), starts[index]);
		}
		assert_int_equal(yaml_byte(&m, whole, n + 5), whole.len);
		assert_int_equal(yaml_byte(&m, whole, n), whole.len);
		assert_int_equal(yaml_byte(&m, whole, n - 1), starts[n - 1]);
	}
}

static void test_runs(void **state)
{
	char text[40];

	/* Whatever is not printable ASCII ends a run, in whichever of the eight bytes it is. */
	for (unsigned int c = 0; c < 256; c++) {
		for (size_t at = 0; at < 16; at++) {
			bool printable = c >= 0x20 && c < 0x7f;

			memset(text, 'x', sizeof(text));
			text[at] = (char)c;
			assert_int_equal(yaml_printable_run((struct str){ text, 24 }),
					 printable ? 24 : at / 8 * 8);
		}
	}
	assert_int_equal(yaml_printable_run(STR_LIT("1234567")), 0);
	assert_int_equal(yaml_printable_run(STR_LIT("123456789")), 8);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_any_order),
		cmocka_unit_test(test_runs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
