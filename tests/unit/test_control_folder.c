/* SPDX-License-Identifier: Apache-2.0 */
/* The state directory of the control socket: whose it is, what is there already, and the lock. */
#include "tests/unit/control.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#define SOME_USER 65534

static void test_modes(void **state)
{
	struct place *p = *state;
	struct stat st;

	p->who = (struct privileges){ .changes_user = geteuid() == 0, .uid = SOME_USER, .gid = SOME_USER };
	umask(077);
	p->control = open_control(p);
	umask(022);
	assert_non_null(p->control);
	assert_int_equal(stat(p->state, &st), 0);
	assert_int_equal(st.st_mode, S_IFDIR | 0750);
	if (p->who.changes_user) {
		assert_int_equal(st.st_uid, SOME_USER);
		assert_int_equal(st.st_gid, SOME_USER);
		/* The path is walked by root only: the rest goes by descriptor. */
		assert_int_equal(setresgid(-1, SOME_USER, -1), 0);
		assert_int_equal(setresuid(-1, SOME_USER, -1), 0);
	}
	p->control = control_listen(p->control);
	assert_non_null(p->control);
	if (p->who.changes_user) {
		assert_int_equal(setresuid(-1, 0, -1), 0);
		assert_int_equal(setresgid(-1, 0, -1), 0);
	}
	assert_int_equal(lstat(p->path, &st), 0);
	assert_int_equal(st.st_mode, S_IFSOCK | 0660);
	if (p->who.changes_user)
		assert_int_equal(st.st_uid, SOME_USER);
	assert_int_equal(lstat(p->lock, &st), 0);
	assert_int_equal(st.st_mode, S_IFREG | 0600);
	if (p->who.changes_user)
		assert_int_equal(st.st_uid, SOME_USER);
}

static struct control *listen_as_user(struct place *p)
{
	assert_int_equal(setresuid(-1, SOME_USER, -1), 0);
	p->control = control_listen(p->control);
	assert_int_equal(setresuid(-1, 0, -1), 0);
	return p->control;
}

/* One that is there keeps its owner: it may be /tmp. */
static void test_folder_was_there(void **state)
{
	struct place *p = *state;
	struct stat st;

	p->who = (struct privileges){ .changes_user = geteuid() == 0, .uid = SOME_USER, .gid = SOME_USER };
	assert_int_equal(mkdir(p->state, 0700), 0);
	p->control = open_control(p);
	assert_non_null(p->control);
	assert_int_equal(stat(p->state, &st), 0);
	assert_int_equal(st.st_mode, S_IFDIR | 0700);
	assert_int_equal(st.st_uid, geteuid());
	if (!p->who.changes_user)
		return;
	assert_null(listen_as_user(p));
	/* Nor can it take a lock that another user has left. */
	assert_int_equal(chown(p->state, SOME_USER, SOME_USER), 0);
	close(open(p->lock, O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
	p->control = open_control(p);
	assert_null(listen_as_user(p));
	assert_int_equal(unlink(p->lock), 0);
	p->control = open_control(p);
	assert_non_null(listen_as_user(p));
}

static void test_no_folder(void **state)
{
	struct place *p = *state;
	FILE *f;

	strcat(p->state, "/deeper");
	assert_null(open_control(p));
	*strrchr(p->state, '/') = '\0';
	f = fopen(p->state, "w");
	assert_non_null(f);
	fclose(f);
	assert_null(open_control(p));
	unlink(p->state);
	assert_null(control_listen(NULL));
	assert_int_equal(control_fd(NULL), -1);
	control_tick(NULL);
}

/* A run holds the lock; what a killed one has left is replaced. */
static void test_two_runs(void **state)
{
	struct place *p = *state;
	int stale = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int fd;

	assert_null(control_listen(open_control(p)));
	p->control = control_free(p->control);
	assert_int_equal(access(p->path, F_OK), -1);

	snprintf(a.sun_path, sizeof(a.sun_path), "%s", p->path);
	assert_int_equal(bind(stale, (struct sockaddr *)&a, sizeof(a)), 0);
	close(stale);
	p->control = control_listen(open_control(p));
	assert_non_null(p->control);
	fd = connect_client(p);
	say(fd, "status text\n");
	serve(p);
	assert_closed(fd, "ok 5\nfine\n");
}

/* What is no socket is not ours to remove. */
static void test_something_else(void **state)
{
	struct place *p = *state;

	p->control = control_free(p->control);
	assert_int_equal(symlink("/nonexistent", p->path), 0);
	assert_null(control_listen(open_control(p)));
	assert_int_equal(unlink(p->path), 0);
}

/* Who may only read the directory cannot keep a run from it. */
static void test_lock_of_readers(void **state)
{
	struct place *p = *state;
	int folder;

	p->control = control_free(p->control);
	folder = open(p->state, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_int_equal(flock(folder, LOCK_EX), 0);
	p->control = control_listen(open_control(p));
	close(folder);
	assert_non_null(p->control);
}

/* Where the lock's name leads elsewhere, nothing is made or locked there. */
static void test_lock_elsewhere(void **state)
{
	struct place *p = *state;
	char elsewhere[96];

	p->control = control_free(p->control);
	snprintf(elsewhere, sizeof(elsewhere), "%s/elsewhere", p->folder);
	assert_int_equal(unlink(p->lock), 0);
	assert_int_equal(symlink(elsewhere, p->lock), 0);
	assert_null(control_listen(open_control(p)));
	assert_int_equal(access(elsewhere, F_OK), -1);
	/* A pipe that nobody writes to makes nobody wait. */
	assert_int_equal(unlink(p->lock), 0);
	assert_int_equal(mkfifo(p->lock, 0600), 0);
	p->control = control_listen(open_control(p));
	assert_non_null(p->control);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_modes, setup, teardown),
		cmocka_unit_test_setup_teardown(test_folder_was_there, setup, teardown),
		cmocka_unit_test_setup_teardown(test_no_folder, setup, teardown),
		cmocka_unit_test_setup_teardown(test_two_runs, setup_listening, teardown),
		cmocka_unit_test_setup_teardown(test_lock_of_readers, setup_listening, teardown),
		cmocka_unit_test_setup_teardown(test_lock_elsewhere, setup_listening, teardown),
		cmocka_unit_test_setup_teardown(test_something_else, setup_listening, teardown),
	};

	return cmocka_run_group_tests_name("control folder", tests, NULL, NULL);
}
