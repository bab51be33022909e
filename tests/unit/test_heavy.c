/* SPDX-License-Identifier: Apache-2.0 */
/* Heavy hitters: exact while there is room, then never too low, and too high by no more than they say. */
#include "tests/unit/test.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/heavy.h"
#include "tests/unit/failing_malloc.h"

static size_t add(struct heavy *h, const char *text, bool want_new)
{
	size_t place = 0;
	bool is_new = false;

	assert_int_equal(heavy_add(h, str_of(text), &place, &is_new), 0);
	assert_int_equal(is_new, want_new);
	return place;
}

static void expect(const struct heavy *h, size_t place, const char *text, uint64_t count, uint64_t error)
{
	struct heavy_item item = heavy_get(h, place);

	assert_str(item.text, text);
	assert_int_equal(item.count, count);
	assert_int_equal(item.error, error);
}

static void test_exact(void **state)
{
	_cleanup_(heavy_free) struct heavy *h = NULL;
	size_t a, b, empty;

	assert_int_equal(heavy_new(3, &h), 0);
	assert_int_equal(heavy_count(h), 0);
	a = add(h, "a", true);
	b = add(h, "bb", true);
	empty = add(h, "", true);
	assert_int_equal(add(h, "bb", false), b);
	assert_int_equal(add(h, "", false), empty);
	add(h, NULL, false);
	expect(h, a, "a", 1, 0);
	expect(h, b, "bb", 2, 0);
	expect(h, empty, "", 3, 0);
	assert_int_equal(heavy_count(h), 3);
	assert_int_equal(heavy_evictions(h), 0);
}

static void test_newcomer(void **state)
{
	_cleanup_(heavy_free) struct heavy *h = NULL;
	size_t a, b;

	assert_int_equal(heavy_new(2, &h), 0);
	a = add(h, "a", true);
	add(h, "a", false);
	b = add(h, "b", true);
	/* It takes the place of what came least, and its count. */
	assert_int_equal(add(h, "a longer one", true), b);
	expect(h, b, "a longer one", 2, 1);
	assert_int_equal(add(h, "a longer one", false), b);
	assert_int_equal(add(h, "b", true), a);
	expect(h, a, "b", 3, 2);
	assert_int_equal(heavy_evictions(h), 2);
	assert_int_equal(heavy_count(h), 2);
}

/* Against counts of all texts. */
static void test_bounds(void **state)
{
	enum { TEXTS = 200, PLACES = 32, ADDED = 50000 };
	_cleanup_(heavy_free) struct heavy *h = NULL;
	uint64_t truth[TEXTS] = { 0 }, x = 1, total = 0;
	bool found[TEXTS] = { false };

	assert_int_equal(heavy_new(PLACES, &h), 0);
	for (size_t i = 0; i < ADDED; i++) {
		char text[16];
		size_t place, n;
		bool is_new;

		/* Few of them come often: the lower of two numbers, squared. */
		x = x * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
		n = (size_t)(x >> 33) % TEXTS;
		n = n * n * n / (TEXTS * TEXTS);
		truth[n]++;
		snprintf(text, sizeof(text), "text %zu", n);
		assert_int_equal(heavy_add(h, str_of(text), &place, &is_new), 0);
	}
	assert_true(heavy_evictions(h) > 0);
	for (size_t i = 0; i < heavy_count(h); i++) {
		struct heavy_item item = heavy_get(h, i);
		char text[16];
		size_t n;

		snprintf(text, sizeof(text), "%.*s", STR_ARG(item.text));
		n = (size_t)atoi(text + strlen("text "));
		found[n] = true;
		total += item.count;
		assert_true(item.count >= truth[n]);
		assert_true(item.count - item.error <= truth[n]);
	}
	assert_int_equal(total, ADDED);
	for (size_t n = 0; n < TEXTS; n++)
		assert_true(found[n] || truth[n] <= ADDED / PLACES);
}

static void test_no_memory(void **state)
{
	_cleanup_(heavy_free) struct heavy *h = NULL;
	size_t place;
	bool is_new;

	for (size_t i = 0; i < 4; i++) {
		n_allocations = 0;
		failing = i;
		assert_int_equal(heavy_new(2, &h), -ENOMEM);
		assert_null(h);
	}
	failing = SIZE_MAX;
	assert_int_equal(heavy_new(2, &h), 0);
	add(h, "a", true);
	add(h, "b", true);
	n_allocations = 0;
	failing = 0;
	assert_int_equal(heavy_add(h, STR_LIT("longer"), &place, &is_new), -ENOMEM);
	failing = SIZE_MAX;
	/* Nothing was lost by it. */
	add(h, "a", false);
	add(h, "b", false);
	assert_int_equal(heavy_evictions(h), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_exact),
		cmocka_unit_test(test_newcomer),
		cmocka_unit_test(test_bounds),
		cmocka_unit_test(test_no_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
