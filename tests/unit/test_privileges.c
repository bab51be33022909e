/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a process that gave up its privileges still is, read where everybody can read it: /proc/self/status.
 * There is no way back, so each case is a child of its own. Only root has something to give up.
 */
#include "tests/unit/test.h"

#include <cap-ng.h>
#include <linux/capability.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "cli/privileges.h"
#include "cli/verb.h"

#define NO_SUCH_USER "execwatch-no-such-user"
#define SOME_USER 65534

/* What a child begins as: capabilities from @keep (ended by -1), of the user @uid. */
struct beginning {
	uid_t uid;
	const int *keep;	/* NULL: all */
};

static void print_file(const char *path)
{
	_cleanup_(fclose) FILE *f = fopen(path, "re");
	char line[512];

	while (f && fgets(line, sizeof(line), f))
		fputs(line, stderr);
}

/* Another user loses the effective ones, but may take of the permitted ones what it wants. */
static void begin(const struct beginning *b)
{
	if (b->uid && (prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) < 0 || setresgid(b->uid, b->uid, b->uid) < 0 ||
		       setresuid(b->uid, b->uid, b->uid) < 0))
		_exit(98);
	if (!b->keep)
		return;
	capng_clear(CAPNG_SELECT_CAPS);
	for (const int *c = b->keep; *c >= 0; c++)
		capng_update(CAPNG_ADD, CAPNG_EFFECTIVE | CAPNG_PERMITTED, (unsigned int)*c);
	if (capng_apply(CAPNG_SELECT_CAPS) < 0)
		_exit(99);
}

static void child(const struct beginning *b, const char *user, const int *ends)
{
	struct privileges p;
	int r;

	dup2(ends[1], STDERR_FILENO);
	close(ends[0]);
	begin(b);
	r = privileges_find(str_of(user), &p);
	if (r == EXIT_FINE)
		r = privileges_drop(&p);
	print_file("/proc/self/status");
	fprintf(stderr, "dumpable %d\n", prctl(PR_GET_DUMPABLE, 0, 0, 0, 0));
	if (r == EXIT_FINE && p.uid != 0 && setuid(0) == 0)
		r = 97;
	_exit(r);
}

/* Everything that was said, and then what the process is. */
static void drop(const struct beginning *b, const char *user, int want_exit, struct buf *ret)
{
	char piece[4096];
	int ends[2], status;
	ssize_t n;
	pid_t pid;

	assert_int_equal(pipe(ends), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0)
		child(b, user, ends);
	close(ends[1]);
	while ((n = read(ends[0], piece, sizeof(piece))) > 0)
		buf_add(ret, piece, (size_t)n);
	close(ends[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), want_exit);
}

static void assert_says(const struct buf *said, const char *text)
{
	if (!str_contains(buf_get(said), str_of(text)))
		fail_msg("no \"%s\" in:\n%.*s", text, STR_ARG(buf_get(said)));
}

#define NONE ":\t0000000000000000\n"

static void assert_no_capabilities(const struct buf *said)
{
	assert_says(said, "CapInh" NONE);
	assert_says(said, "CapPrm" NONE);
	assert_says(said, "CapEff" NONE);
	assert_says(said, "CapAmb" NONE);
	assert_says(said, "NoNewPrivs:\t1\n");
	assert_says(said, "dumpable 0\n");
}

static void assert_ids(const struct buf *said, unsigned int uid, unsigned int gid)
{
	char line[128];

	snprintf(line, sizeof(line), "Uid:\t%u\t%u\t%u\t%u\n", uid, uid, uid, uid);
	assert_says(said, line);
	snprintf(line, sizeof(line), "Gid:\t%u\t%u\t%u\t%u\n", gid, gid, gid, gid);
	assert_says(said, line);
}

static void test_nobody(void **state)
{
	_cleanup_(buf) struct buf said = BUF_INIT;

	drop(&(struct beginning){ 0 }, NO_SUCH_USER, EXIT_FINE, &said);
	assert_says(&said, "there is no user " NO_SUCH_USER);
	assert_no_capabilities(&said);
	assert_says(&said, "CapBnd" NONE);
	assert_says(&said, "Groups:\t \n");
	assert_ids(&said, SOME_USER, SOME_USER);
}

static void test_user(void **state)
{
	_cleanup_(buf) struct buf said = BUF_INIT;
	struct passwd *daemon = getpwnam("daemon");

	if (!daemon)
		skip();
	drop(&(struct beginning){ 0 }, "daemon", EXIT_FINE, &said);
	assert_no_capabilities(&said);
	assert_says(&said, "Groups:\t \n");
	assert_ids(&said, daemon->pw_uid, daemon->pw_gid);
}

/* The configuration may want it so. */
static void test_root(void **state)
{
	_cleanup_(buf) struct buf said = BUF_INIT;

	drop(&(struct beginning){ 0 }, "root", EXIT_FINE, &said);
	assert_says(&said, "the user root is root");
	assert_no_capabilities(&said);
	assert_says(&said, "CapBnd" NONE);
	assert_ids(&said, 0, 0);
}

/* One who is not root stays who he is. */
static void test_capabilities_only(void **state)
{
	static const int enough[] = { CAP_BPF, CAP_PERFMON, -1 }, more[] = { CAP_BPF, CAP_SETPCAP, -1 };
	_cleanup_(buf) struct buf said = BUF_INIT;

	drop(&(struct beginning){ SOME_USER, enough }, "daemon", EXIT_FINE, &said);
	assert_no_capabilities(&said);
	assert_ids(&said, SOME_USER, SOME_USER);

	buf_reset(&said);
	drop(&(struct beginning){ SOME_USER, more }, "daemon", EXIT_FINE, &said);
	assert_no_capabilities(&said);
	assert_says(&said, "CapBnd" NONE);
}

/* Root that lacks what it takes: nothing goes on. */
static void test_refused(void **state)
{
	static const int no_setuid[] = { CAP_BPF, CAP_PERFMON, -1 },
			 no_setpcap[] = { CAP_SETUID, CAP_SETGID, -1 };
	_cleanup_(buf) struct buf said = BUF_INIT;

	drop(&(struct beginning){ 0, no_setuid }, "daemon", EXIT_SYSTEM, &said);
	assert_says(&said, "not started: cannot become the user daemon");
	assert_says(&said, "CAP_SETUID");
	buf_reset(&said);
	drop(&(struct beginning){ 0, no_setpcap }, "daemon", EXIT_SYSTEM, &said);
	assert_says(&said, "not started: cannot become the user daemon");
}

/* Without anything to give up it is fine, and there is no way to get more. */
static void test_nothing_to_give_up(void **state)
{
	static const int none[] = { -1 };
	_cleanup_(buf) struct buf said = BUF_INIT;

	drop(&(struct beginning){ SOME_USER, none }, "daemon", EXIT_FINE, &said);
	assert_no_capabilities(&said);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nobody),
		cmocka_unit_test(test_user),
		cmocka_unit_test(test_root),
		cmocka_unit_test(test_capabilities_only),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_nothing_to_give_up),
	};

	if (geteuid() != 0) {
		printf("1..0 # SKIP only root has something to give up\n");
		return 0;
	}
	return cmocka_run_group_tests_name("privileges", tests, NULL, NULL);
}
