/* SPDX-License-Identifier: Apache-2.0 */
/* Lower case of many bytes at once, with vectors where there are any, against one byte at a time. */
#include "tests/unit/test.h"

#include "engine/fold.h"

/* Longer than two vectors, a word and a rest. */
#define MOST 48

static char byte_of(size_t i, size_t round)
{
	return (char)(i * 37 + round * 11);
}

static void folds_every_length(void **state)
{
	char raw[MOST + 1], lower[MOST + 1];

	for (size_t round = 0; round < 256; round++) {
		for (size_t n = 0; n <= MOST; n++) {
			for (size_t i = 0; i < n; i++)
				raw[i] = byte_of(i, round);
			lower[n] = '!';
			fold_bytes(lower, raw, n);
			for (size_t i = 0; i < n; i++)
				assert_int_equal(lower[i], ascii_lower(raw[i]));
			assert_int_equal(lower[n], '!');
			assert_true(folds_to(raw, lower, n));
		}
	}
}

static void sees_each_difference(void **state)
{
	char raw[MOST], lower[MOST];

	for (size_t i = 0; i < MOST; i++)
		raw[i] = byte_of(i, 1);
	fold_bytes(lower, raw, MOST);
	for (size_t i = 0; i < MOST; i++) {
		lower[i] ^= 1;
		for (size_t n = 0; n <= MOST; n++)
			assert_int_equal(folds_to(raw, lower, n), n <= i);
		lower[i] ^= 1;
	}
	/* Not what differs from a letter in the same bit only. */
	assert_false(folds_to("@", "`", 1));
	assert_false(folds_to("[", "{", 1));
	assert_false(folds_to("a", "A", 1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(folds_every_length),
		cmocka_unit_test(sees_each_difference),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
