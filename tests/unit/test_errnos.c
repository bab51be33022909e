/* SPDX-License-Identifier: Apache-2.0 */
/* Names of errno values, against the C library's own table. */
#include "tests/unit/test.h"

#include <errno.h>
#include <string.h>

#include "base/errnos.h"

static void both_ways(void **state)
{
	assert_str(errno_name(2), "ENOENT");
	assert_str(errno_name(EACCES), "EACCES");
	assert_int_equal(errno_number(STR_LIT("ENOEXEC")), ENOEXEC);
	assert_int_equal(errno_number(STR_LIT("E2BIG")), 7);
	/* What the kernel returns where a signal interrupts an exec. */
	assert_str(errno_name(513), "ERESTARTNOINTR");
	assert_int_equal(errno_number(STR_LIT("ERESTARTNOINTR")), 513);
}

static void nothing_else(void **state)
{
	assert_false(str_known(errno_name(0)));
	assert_false(str_known(errno_name(-2)));
	assert_false(str_known(errno_name(41)));
	assert_false(str_known(errno_name(134)));
	assert_false(str_known(errno_name(517)));
	assert_false(str_known(errno_name(INT32_MAX)));
	assert_false(str_known(errno_name(INT32_MIN)));
	assert_int_equal(errno_number(STR_LIT("")), 0);
	assert_int_equal(errno_number(str_of(NULL)), 0);
	assert_int_equal(errno_number(STR_LIT("enoent")), 0);
	assert_int_equal(errno_number(STR_LIT("ENOEN")), 0);
	assert_int_equal(errno_number(STR_LIT("ENOENTX")), 0);
}

static void agrees_with_the_c_library(void **state)
{
	for (int n = 1; n < 200; n++) {
		struct str name = errno_name(n), want = str_of(strerrorname_np(n));

		if (!str_eq(name, want))
			fail_msg("%d: got %.*s, want %.*s", n, STR_ARG(name), STR_ARG(want));
	}
}

static void the_list_is_complete_and_has_no_aliases(void **state)
{
	size_t n_names = 0, n_listed = 0;

	for (int n = 1; n < 1000; n++)
		n_names += str_known(errno_name(n));
	for (; errno_names[n_listed]; n_listed++)
		assert_str(errno_name(errno_number(str_of(errno_names[n_listed]))), errno_names[n_listed]);
	assert_int_equal(n_listed, n_names);
	assert_int_equal(errno_number(STR_LIT("EWOULDBLOCK")), EAGAIN);
	assert_int_equal(errno_number(STR_LIT("EDEADLOCK")), EDEADLK);
	assert_int_equal(errno_number(STR_LIT("ENOTSUP")), EOPNOTSUPP);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_ways),
		cmocka_unit_test(nothing_else),
		cmocka_unit_test(agrees_with_the_c_library),
		cmocka_unit_test(the_list_is_complete_and_has_no_aliases),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
