/* SPDX-License-Identifier: Apache-2.0 */
/* What goes to stderr: one line, nothing that could move a cursor, errno as it was. */
#include "tests/unit/test.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"

static char logged[16384];

/* Between start and stop, stderr is a pipe, which holds any one message. */
struct capture {
	int saved, ends[2];
};

static void capture_start(struct capture *c)
{
	assert_int_equal(pipe(c->ends), 0);
	c->saved = dup(STDERR_FILENO);
	assert_true(c->saved >= 0);
	assert_int_equal(dup2(c->ends[1], STDERR_FILENO), STDERR_FILENO);
	close(c->ends[1]);
}

static void capture_stop(struct capture *c)
{
	ssize_t n;

	dup2(c->saved, STDERR_FILENO);
	close(c->saved);
	n = read(c->ends[0], logged, sizeof(logged) - 1);
	close(c->ends[0]);
	assert_true(n > 0);
	logged[n] = '\0';
}

static void one_line_each(void **state)
{
	struct capture c;

	capture_start(&c);
	log_error("no such file: %s", "a\nb\x1b[2J");
	log_warning("%d %%", 7);
	log_info("ready");
	capture_stop(&c);
	assert_string_equal(logged, "execwatch: no such file: a\\nb\\x1b[2J\n"
				    "execwatch: warning: 7 %\n"
				    "execwatch: ready\n");
}

static void errno_survives(void **state)
{
	struct capture c;

	capture_start(&c);
	errno = EXDEV;
	log_error("%m");
	assert_int_equal(errno, EXDEV);
	capture_stop(&c);
	assert_string_equal(logged, "execwatch: Invalid cross-device link\n");
}

static void long_messages_are_cut(void **state)
{
	static char text[8000];
	struct capture c;

	memset(text, '\x01', sizeof(text) - 1);
	capture_start(&c);
	log_error("%s", text);
	capture_stop(&c);
	assert_true(str_has_suffix(str_of(logged), STR_LIT("\\x01\\x01...\n")));
	assert_true(strlen(logged) > 8000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_line_each),
		cmocka_unit_test(errno_survives),
		cmocka_unit_test(long_messages_are_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
