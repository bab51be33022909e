/* SPDX-License-Identifier: Apache-2.0 */
/* Byte strings: any byte inside, unknown is not empty. */
#include "tests/unit/test.h"

#include <stdlib.h>

#include "base/str.h"

static const struct str unknown = { NULL, 0 };

static void unknown_is_not_empty(void **state)
{
	assert_false(str_known(str_of(NULL)));
	assert_true(str_known(str_of("")));
	assert_true(str_eq(unknown, unknown));
	assert_true(str_eq_nocase(unknown, unknown));
	assert_false(str_eq(unknown, STR_LIT("")));
	assert_false(str_eq_nocase(STR_LIT(""), unknown));
}

static void bytes_are_compared(void **state)
{
	assert_true(str_eq(STR_LIT("a\0b"), STR_LIT("a\0b")));
	assert_false(str_eq(STR_LIT("a\0b"), STR_LIT("a\0c")));
	assert_false(str_eq(STR_LIT("ab"), STR_LIT("abc")));
	assert_true(str_eq_nocase(STR_LIT("PaTh"), STR_LIT("pAtH")));
	/* Only A to Z fold: neither '@' and '`', nor the bytes of A-umlaut in Latin-1. */
	assert_false(str_eq_nocase(STR_LIT("@["), STR_LIT("`{")));
	assert_false(str_eq_nocase(STR_LIT("\xc4"), STR_LIT("\xe4")));
}

static void order_is_of_bytes(void **state)
{
	assert_int_equal(str_cmp(STR_LIT("a"), STR_LIT("a")), 0);
	assert_int_equal(str_cmp(unknown, STR_LIT("")), 0);
	assert_true(str_cmp(STR_LIT("a"), STR_LIT("ab")) < 0);
	assert_true(str_cmp(STR_LIT("ab"), STR_LIT("a")) > 0);
	assert_true(str_cmp(STR_LIT("\xff"), STR_LIT("a")) > 0);
	assert_true(str_cmp(STR_LIT("Z"), STR_LIT("a")) < 0);
}

static void ends(void **state)
{
	assert_true(str_has_prefix(STR_LIT("/usr/bin"), STR_LIT("/usr")));
	assert_false(str_has_prefix(STR_LIT("/us"), STR_LIT("/usr")));
	assert_true(str_has_prefix(STR_LIT("x"), STR_LIT("")));
	assert_false(str_has_prefix(unknown, STR_LIT("")));
	assert_false(str_has_prefix(STR_LIT("/USR"), STR_LIT("/usr")));
	assert_true(str_has_prefix_nocase(STR_LIT("/USR/x"), STR_LIT("/usr")));
	assert_false(str_has_prefix_nocase(unknown, STR_LIT("")));
	assert_true(str_has_suffix(STR_LIT("a.service"), STR_LIT(".service")));
	assert_false(str_has_suffix(STR_LIT("service"), STR_LIT(".service")));
	assert_false(str_has_suffix(STR_LIT("a.Service"), STR_LIT(".service")));
	assert_true(str_has_suffix_nocase(STR_LIT("a.Service"), STR_LIT(".service")));
	assert_false(str_has_suffix(unknown, STR_LIT("")));
	assert_false(str_has_suffix_nocase(unknown, STR_LIT("")));
}

/* The plainest way to say what the searches that fold case have to find. */
static bool same_nocase(struct str a, struct str b)
{
	for (size_t i = 0; i < a.len && i < b.len; i++)
		if (ascii_lower(a.p[i]) != ascii_lower(b.p[i]))
			return false;
	return a.len == b.len;
}

static bool is_inside_nocase(struct str s, struct str needle)
{
	for (size_t at = 0; at + needle.len <= s.len; at++)
		if (same_nocase((struct str){ s.p + at, needle.len }, needle))
			return true;
	return false;
}

/* Few different bytes, so that needles are there, nearly there, and at every place of a block. */
static void folding_is_the_same_for_any_length(void **state)
{
	static const char bytes[] = "aAbB@[`{\xe1\xc1";
	unsigned int seed = 1;
	size_t n_inside = 0;

	for (int round = 0; round < 200000; round++) {
		size_t text_len = (size_t)rand_r(&seed) % 70, needle_len = (size_t)rand_r(&seed) % 40;
		size_t n_bytes = 2 + (size_t)rand_r(&seed) % (sizeof(bytes) - 2), from;
		char *text = malloc(text_len + 1), *needle = malloc(needle_len + 1);
		struct str s = { text, text_len }, n = { needle, needle_len };

		assert_true(text && needle);
		for (size_t i = 0; i < text_len; i++)
			text[i] = bytes[(size_t)rand_r(&seed) % n_bytes];
		for (size_t i = 0; i < needle_len; i++)
			needle[i] = bytes[(size_t)rand_r(&seed) % n_bytes];
		if (round % 2 && needle_len <= text_len) {
			from = (size_t)rand_r(&seed) % (text_len - needle_len + 1);
			for (size_t i = 0; i < needle_len; i++)
				needle[i] = ascii_lower(text[from + i]);
		}
		assert_int_equal(str_contains_nocase(s, n), is_inside_nocase(s, n));
		assert_int_equal(str_eq_nocase(s, n), same_nocase(s, n));
		n_inside += str_contains_nocase(s, n);
		free(text);
		free(needle);
	}
	assert_in_range(n_inside, 50000, 150000);
}

static void inside(void **state)
{
	assert_true(str_contains(STR_LIT("a\0needle"), STR_LIT("\0n")));
	assert_true(str_contains(STR_LIT("needle"), STR_LIT("needle")));
	assert_false(str_contains(STR_LIT("needl"), STR_LIT("needle")));
	assert_true(str_contains(STR_LIT(""), STR_LIT("")));
	assert_false(str_contains(unknown, STR_LIT("")));
	assert_false(str_contains(STR_LIT("a Needle"), STR_LIT("needle")));
	assert_true(str_contains_nocase(STR_LIT("a NeedlE"), STR_LIT("needle")));
	assert_true(str_contains_nocase(STR_LIT("nneedle"), STR_LIT("NEEDLE")));
	assert_false(str_contains_nocase(STR_LIT("needl"), STR_LIT("NEEDLE")));
	assert_true(str_contains_nocase(STR_LIT(""), STR_LIT("")));
	assert_false(str_contains_nocase(unknown, STR_LIT("")));
}

/* Each place in turn, overlapping ones, too. */
static void places(void **state)
{
	struct str s = STR_LIT("aAaa-----------------------aaA");
	const size_t exact[] = { 2, 27, SIZE_MAX }, folded[] = { 0, 1, 2, 27, 28, SIZE_MAX };
	size_t at = 0;

	for (size_t i = 0; i < ARRAY_SIZE(exact); i++, at++)
		assert_int_equal(at = str_find(s, STR_LIT("aa"), at), exact[i]);
	at = 0;
	for (size_t i = 0; i < ARRAY_SIZE(folded); i++, at++)
		assert_int_equal(at = str_find_nocase(s, STR_LIT("aa"), at), folded[i]);
	assert_int_equal(str_find(s, STR_LIT(""), s.len), s.len);
	assert_int_equal(str_find_nocase(s, STR_LIT(""), s.len), s.len);
	assert_int_equal(str_find(s, STR_LIT(""), s.len + 1), SIZE_MAX);
	assert_int_equal(str_find_nocase(s, STR_LIT(""), s.len + 1), SIZE_MAX);
	assert_int_equal(str_find(s, STR_LIT("A"), s.len), SIZE_MAX);
	assert_int_equal(str_find_nocase(s, STR_LIT("A"), s.len), SIZE_MAX);
	assert_int_equal(str_find(unknown, STR_LIT(""), 0), SIZE_MAX);
	assert_int_equal(str_find_nocase(unknown, STR_LIT(""), 0), SIZE_MAX);
}

static void parts(void **state)
{
	assert_str(str_basename(STR_LIT("/usr/bin/sh")), "sh");
	assert_str(str_basename(STR_LIT("sh")), "sh");
	assert_str(str_basename(STR_LIT("/usr/")), "");
	assert_str(str_basename(STR_LIT("")), "");
	assert_false(str_known(str_basename(unknown)));
	assert_str(str_skip(STR_LIT("abc"), 1), "bc");
	assert_str(str_skip(STR_LIT("abc"), 3), "");
	assert_str(str_skip(STR_LIT("abc"), 4), "");
	assert_false(str_known(str_skip(unknown, 1)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(unknown_is_not_empty),
		cmocka_unit_test(bytes_are_compared),
		cmocka_unit_test(order_is_of_bytes),
		cmocka_unit_test(ends),
		cmocka_unit_test(inside),
		cmocka_unit_test(places),
		cmocka_unit_test(folding_is_the_same_for_any_length),
		cmocka_unit_test(parts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
