/* SPDX-License-Identifier: Apache-2.0 */
/* The arena: zeroed, aligned, never moved, and reused after a reset. */
#include "tests/unit/test.h"

#include <stdalign.h>
#include <string.h>

#include "base/arena.h"

static void memory_is_zeroed_and_aligned(void **state)
{
	_cleanup_(arena) struct arena a = ARENA_INIT;

	for (size_t size = 0; size < 300; size++) {
		char *p = arena_alloc(&a, size);

		assert_non_null(p);
		assert_int_equal((uintptr_t)p % ARENA_ALIGN, 0);
		for (size_t i = 0; i < size; i++)
			assert_int_equal(p[i], 0);
		memset(p, 0xff, size);
	}
	arena_reset(&a);
	for (size_t i = 0; i < 300; i++)
		assert_int_equal(*(char *)arena_alloc(&a, 1), 0);
}

/* Whatever length they have, what comes behind them is aligned again and theirs no longer. */
static void texts_lie_side_by_side(void **state)
{
	_cleanup_(arena) struct arena a = ARENA_INIT;
	struct str first, second;
	char bytes[5000];
	char *p;

	memset(bytes, 'x', sizeof(bytes));
	for (size_t n = 0; n < sizeof(bytes); n++) {
		first = arena_str(&a, (struct str){ bytes, n });
		second = arena_str(&a, STR_LIT("end"));
		p = arena_alloc(&a, 9);
		assert_non_null(p);
		assert_int_equal((uintptr_t)p % ARENA_ALIGN, 0);
		memset(p, 0xff, 9);
		assert_int_equal(first.len, n);
		assert_memory_equal(first.p, bytes, n);
		assert_int_equal(first.p[n], '\0');
		assert_string_equal(second.p, "end");
	}
	arena_reset(&a);
	first = arena_str(&a, STR_LIT("abc"));
	assert_ptr_equal(arena_str(&a, STR_LIT("d")).p, first.p + 4);
}

static void pieces_do_not_overlap(void **state)
{
	_cleanup_(arena) struct arena a = ARENA_INIT;
	unsigned char *pieces[200];

	for (size_t i = 0; i < ARRAY_SIZE(pieces); i++) {
		pieces[i] = arena_alloc(&a, i * 37 + 1);
		assert_non_null(pieces[i]);
		memset(pieces[i], (int)i, i * 37 + 1);
	}
	for (size_t i = 0; i < ARRAY_SIZE(pieces); i++)
		for (size_t j = 0; j <= i * 37; j++)
			assert_int_equal(pieces[i][j], i);
}

static void reset_keeps_the_memory(void **state)
{
	_cleanup_(arena) struct arena a = ARENA_INIT;
	size_t held;

	for (size_t i = 0; i < 100; i++)
		arena_alloc(&a, i * 100);
	held = arena_size(&a);
	assert_true(held >= 100 * 99 / 2 * 100);
	for (size_t round = 0; round < 10; round++) {
		arena_reset(&a);
		for (size_t i = 0; i < 100; i++)
			arena_alloc(&a, i * 100);
	}
	assert_int_equal(arena_size(&a), held);
}

/* Blocks too small for a request are passed over, and serve again after the next reset. */
static void large_after_small(void **state)
{
	_cleanup_(arena) struct arena a = ARENA_INIT;
	size_t held;

	arena_alloc(&a, 1);
	assert_non_null(arena_alloc(&a, (size_t)3 << 20));
	held = arena_size(&a);
	arena_reset(&a);
	memset(arena_alloc(&a, (size_t)3 << 20), 1, (size_t)3 << 20);
	assert_int_equal(arena_size(&a), held);
	assert_non_null(arena_alloc(&a, 1));
}

static void impossible_sizes_are_refused(void **state)
{
	_cleanup_(arena) struct arena a = ARENA_INIT;

	assert_null(arena_alloc(&a, SIZE_MAX));
	assert_null(arena_alloc(&a, SIZE_MAX - 16));
	assert_null(arena_array(&a, SIZE_MAX / 2, 4));
	assert_null(arena_array(&a, 4, SIZE_MAX / 3));
	assert_int_equal(arena_size(&a), 0);
	assert_non_null(arena_array(&a, 3, 5));
}

static void strings_are_copied(void **state)
{
	_cleanup_(arena) struct arena a = ARENA_INIT;
	char text[] = "text";
	struct str copy = arena_str(&a, str_of(text));

	text[0] = 'n';
	assert_str(copy, "text");
	assert_int_equal(copy.p[copy.len], '\0');
	assert_str(arena_str(&a, STR_LIT("")), "");
	assert_true(str_eq(arena_str(&a, STR_LIT("a\0b")), STR_LIT("a\0b")));
	assert_false(str_known(arena_str(&a, str_of(NULL))));
}

static void done_leaves_an_empty_arena(void **state)
{
	struct arena a = ARENA_INIT;

	arena_alloc(&a, 10);
	arena_done(&a);
	assert_int_equal(arena_size(&a), 0);
	assert_non_null(arena_alloc(&a, 10));
	arena_done(&a);
	arena_done(&a);
	arena_reset(&a);
	assert_int_equal(arena_size(&a), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(memory_is_zeroed_and_aligned),
		cmocka_unit_test(texts_lie_side_by_side),
		cmocka_unit_test(pieces_do_not_overlap),
		cmocka_unit_test(reset_keeps_the_memory),
		cmocka_unit_test(large_after_small),
		cmocka_unit_test(impossible_sizes_are_refused),
		cmocka_unit_test(strings_are_copied),
		cmocka_unit_test(done_leaves_an_empty_arena),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
