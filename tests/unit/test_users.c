/* SPDX-License-Identifier: Apache-2.0 */
/* The table of user names: what a passwd file can hold, and its replacement while the table is in use. */
#include "tests/unit/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "bpf/users.h"

static void write_file(const char *path, const char *text)
{
	_cleanup_(fclose) FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
}

static void test_file_and_its_replacement(void **state)
{
	char path[] = "/tmp/test_users_XXXXXX", other[] = "/tmp/test_users_XXXXXX";
	int fd = mkstemp(path), other_fd = mkstemp(other);
	_cleanup_(users_free) struct users *users = NULL;

	assert_true(fd >= 0 && other_fd >= 0);
	close(fd);
	close(other_fd);
	write_file(path, "root:x:0:0::/:/bin/sh\n+::::::\nbad\nalso:x:y:1:\nbig:x:4294967296:0:\n:x:8:0:\n"
			 "toor:x:0:0::/:/bin/sh\nann:x:1000:1000::/:/bin/sh\nneg:x:-1:0:\n");
	assert_int_equal(users_new(path, &users), 0);
	assert_str(users_name(users, 0), "root");
	assert_str(users_name(users, 1000), "ann");
	assert_false(str_known(users_name(users, 8)));
	assert_false(str_known(users_name(users, UINT32_MAX)));
	assert_false(str_known(users_name(NULL, 0)));
	assert_false(users_refresh(users));

	/* Replaced as useradd does it. */
	write_file(other, "ben:x:1000:1000::/:/bin/sh");
	assert_int_equal(rename(other, path), 0);
	assert_true(users_refresh(users));
	assert_str(users_name(users, 1000), "ben");
	assert_false(str_known(users_name(users, 0)));

	/* Gone for the moment: what was known stays. */
	unlink(path);
	assert_false(users_refresh(users));
	assert_str(users_name(users, 1000), "ben");
}

static void test_no_file(void **state)
{
	_cleanup_(users_free) struct users *users = NULL;

	assert_int_equal(users_new("/nonexistent/passwd", &users), 0);
	assert_false(str_known(users_name(users, 0)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_file_and_its_replacement),
		cmocka_unit_test(test_no_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
