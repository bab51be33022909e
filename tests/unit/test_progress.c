/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers for people, and the line about progress: what it says, when it is there, and that it goes. */
#include "tests/unit/test.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/timefmt.h"
#include "cli/numbers.h"
#include "cli/progress.h"

static void test_grouped(void **state)
{
	static const struct {
		uint64_t n;
		const char *want;
	} cases[] = {
		{ 0, "0" }, { 999, "999" }, { 1000, "1 000" }, { 1234567, "1 234 567" },
		{ UINT64_MAX, "18 446 744 073 709 551 615" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_(buf) struct buf b = BUF_INIT;

		write_grouped(cases[i].n, &b);
		assert_str(buf_get(&b), cases[i].want);
	}
}

static void test_precision(void **state)
{
	assert_int_equal(percent_of(0, 0), 0);
	assert_int_equal(percent_of(999, 1000), 99);
	assert_int_equal(percent_of(UINT64_MAX, UINT64_MAX), 100);
	assert_int_equal(round_two(0), 0);
	assert_int_equal(round_two(99), 99);
	assert_int_equal(round_two(101), 100);
	assert_int_equal(round_two(12345), 12000);
	assert_int_equal(round_two(9990), 10000);
}

static void expect_per_day(uint64_t n, int64_t days, const char *want)
{
	_cleanup_(buf) struct buf b = BUF_INIT;

	write_per_day(n, days * 86400 * NS_PER_S, &b);
	assert_str(buf_get(&b), want);
}

static void test_per_day(void **state)
{
	expect_per_day(0, 7, "0");
	expect_per_day(1, 100, "<0.1");
	expect_per_day(6, 7, "0.9");
	expect_per_day(69, 7, "9.9");
	expect_per_day(231, 7, "33");
	expect_per_day(123456, 2, "61 728");
}

static void expect_rate(uint64_t n, int64_t ns, const char *want)
{
	_cleanup_(buf) struct buf b = BUF_INIT;

	write_rate(n, ns, &b);
	assert_str(buf_get(&b), want);
}

static void test_rate(void **state)
{
	expect_rate(10, NS_PER_S, "10/s");
	expect_rate(446000, NS_PER_S, "446k/s");
	expect_rate(2400000, 2 * NS_PER_S, "1.2M/s");
}

static void test_day(void **state)
{
	_cleanup_(buf) struct buf b = BUF_INIT;

	write_day(-1, &b);
	assert_str(buf_get(&b), "1969-12-31");
}

static void expect_line(const struct progress *p, uint64_t done, const char *want)
{
	_cleanup_(buf) struct buf b = BUF_INIT;

	progress_write(p, done, 4096, 2 * NS_PER_S, &b);
	assert_str(buf_get(&b), want);
}

static void test_line(void **state)
{
	const struct progress known = { .total = 1000 }, unknown = { .total = 0 };

	expect_line(&known, 250, "[#####...............]  25 %  4 096 records, 2k/s, 7s left");
	expect_line(&known, 0, "[....................]   0 %  4 096 records, 2k/s");
	/* A file that grew meanwhile. */
	expect_line(&known, 2000, "[####################] 100 %  4 096 records, 2k/s");
	expect_line(&unknown, 250, "4 096 records, 2k/s");
}

/* A terminal of @columns, whose other side is *ret_master. */
static int terminal(unsigned short columns, int *ret_master)
{
	const struct winsize size = { .ws_row = 24, .ws_col = columns };
	int slave;

	*ret_master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	assert_true(*ret_master >= 0);
	assert_int_equal(grantpt(*ret_master), 0);
	assert_int_equal(unlockpt(*ret_master), 0);
	slave = open(ptsname(*ret_master), O_RDWR | O_NOCTTY | O_CLOEXEC);
	assert_true(slave >= 0);
	assert_int_equal(ioctl(slave, TIOCSWINSZ, &size), 0);
	return slave;
}

static struct str read_shown(int master, char *memory, size_t size)
{
	ssize_t n = read(master, memory, size);

	assert_true(n > 0);
	return (struct str){ memory, (size_t)n };
}

static int file_of(size_t size, char *path, size_t path_size)
{
	int fd = memfd_create("progress", MFD_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(ftruncate(fd, (off_t)size), 0);
	snprintf(path, path_size, "/proc/self/fd/%d", fd);
	return fd;
}

static void test_terminal(void **state)
{
	char path[64], memory[512];
	const char *const paths[] = { path, path };
	_cleanup_(close) int file = file_of(1000, path, sizeof(path)), master = -1, slave = -1;
	struct progress p;
	struct str shown;

	unsetenv("TERM");
	slave = terminal(30, &master);
	/* So long ago that it is time to draw. */
	progress_open(&p, slave, paths, 2, 0);
	assert_int_equal(p.total, 2000);
	progress_hide(&p);
	assert_int_equal(lseek(file, 500, SEEK_SET), 500);
	progress_step(&p, file, 1);
	assert_false(p.is_drawn);
	progress_step(&p, file, 2048);
	assert_true(p.is_drawn);
	shown = read_shown(master, memory, sizeof(memory));
	/* Cut to what the terminal has, the last column free. */
	assert_str(shown, "\r\033[K[#####...............]  25 % ");
	progress_hide(&p);
	assert_str(read_shown(master, memory, sizeof(memory)), "\r\033[K");
	assert_false(p.is_drawn);
	progress_file_end(&p, file);
	assert_int_equal(p.ended, 500);
}

static void test_none(void **state)
{
	char path[64];
	const char *const paths[] = { path, "/dev/null" };
	_cleanup_(close) int file = file_of(1000, path, sizeof(path)), master = -1, slave = -1;
	struct progress p;

	/* No terminal, a terminal that cannot erase, a total that is not known. */
	progress_open(&p, file, paths, 1, 0);
	assert_int_equal(p.fd, -1);
	progress_step(&p, file, 2048);
	progress_file_end(&p, file);
	progress_hide(&p);
	assert_int_equal(lseek(file, 0, SEEK_END), 1000);
	slave = terminal(80, &master);
	setenv("TERM", "dumb", 1);
	progress_open(&p, slave, paths, 1, 0);
	assert_int_equal(p.fd, -1);
	setenv("TERM", "xterm", 1);
	progress_open(&p, slave, paths, 2, 0);
	assert_int_equal(p.fd, slave);
	assert_int_equal(p.total, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_grouped),
		cmocka_unit_test(test_precision),
		cmocka_unit_test(test_per_day),
		cmocka_unit_test(test_rate),
		cmocka_unit_test(test_day),
		cmocka_unit_test(test_line),
		cmocka_unit_test(test_terminal),
		cmocka_unit_test(test_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
