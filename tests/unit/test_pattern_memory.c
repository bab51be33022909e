/* SPDX-License-Identifier: Apache-2.0 */
/* Reading a pattern where memory ends, at each place where some is asked for. */
#include "tests/unit/test.h"

#include <errno.h>

#include "base/arena.h"
#include "base/buf.h"
#include "engine/pattern.h"

/* The linker sends what the engine asks of arenas here (--wrap, see meson.build). */
static size_t n_asked, failing;

void *__real_arena_alloc(struct arena *a, size_t size);
void *__real_arena_array(struct arena *a, size_t n, size_t size);
struct str __real_arena_str(struct arena *a, struct str s);
void *__wrap_arena_alloc(struct arena *a, size_t size);
void *__wrap_arena_array(struct arena *a, size_t n, size_t size);
struct str __wrap_arena_str(struct arena *a, struct str s);

void *__wrap_arena_alloc(struct arena *a, size_t size)
{
	return n_asked++ == failing ? NULL : __real_arena_alloc(a, size);
}

void *__wrap_arena_array(struct arena *a, size_t n, size_t size)
{
	return n_asked++ == failing ? NULL : __real_arena_array(a, n, size);
}

struct str __wrap_arena_str(struct arena *a, struct str s)
{
	return n_asked++ == failing ? (struct str){ NULL, 0 } : __real_arena_str(a, s);
}

static void any_request_may_fail(void **state)
{
	static const char *const patterns[] = {
		"(?i)abc",
		"(^|\\s)-c\\s+.*[ab]\\b.*echo",
		"\\b(a|[b-d]x){1,3}\\B.?e\\d+$",
		"a?\\b[b-z]?cd",
		"['\"]",
		"(?:ab|cd|[f-h]x)+[^\\n]*(?:ef|gh){2}(?=i)(j)\\1\\R",
		"[a-f0-9]{40}|(?:[x-z]{8}|longer)",
		"(?#c)(?:(?m)^ab|x++yz)[[:alpha:]\\x00]",
	};
	struct arena arena = ARENA_INIT;
	struct buf many = BUF_INIT;
	struct pattern p;
	int r;

	/* More alternatives than are told one by one. */
	for (unsigned int i = 0; i < PATTERN_MAX_ALTERNATIVES + 9; i++)
		buf_printf(&many, "%s%x", i > 0 ? "|ab" : "ab", i);
	for (size_t i = 0; i < ARRAY_SIZE(patterns) + 1; i++) {
		struct str pattern = i < ARRAY_SIZE(patterns) ? str_of(patterns[i]) : buf_get(&many);

		r = -ENOMEM;
		for (failing = 0; r < 0; failing++) {
			n_asked = 0;
			p.n_sequences = 99;
			r = pattern_read(pattern, 0, &arena, &p);
			assert_int_equal(r, n_asked > failing ? -ENOMEM : 0);
			assert_true(r == 0 || p.n_sequences == 99);
		}
		assert_true(failing > 5);
		assert_true(p.n_sequences > 0 || p.n_factors > 0);
		arena_reset(&arena);
	}
	buf_done(&many);
	arena_done(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_request_may_fail),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
