/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The control socket: who asks what, who is in the way, and what is there already. Time is the number of
 * ticks, and both sides are in this process, except where a client waits for its answer.
 */
#include "tests/unit/test.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "cli/control.h"

#define SOME_USER 65534
#define CLIENTS 4
#define TICKS 6			/* of which a client does not survive */

struct place {
	char folder[64], state[80], path[92], lock[92];
	struct privileges who;
	struct control *control;
	size_t answer_bytes;		/* of the answer to a request for JSON */
	int asked;
};

static void answer(void *ctx, enum control_request request, struct buf *to)
{
	struct place *p = ctx;

	p->asked++;
	if (request == CONTROL_STATUS_TEXT) {
		buf_text(to, "fine\n");
		return;
	}
	for (size_t i = 0; i < p->answer_bytes; i++)
		buf_char(to, (char)('a' + i % 26));
}

static struct control *open_control(struct place *p)
{
	const struct control_options options = {
		.state = p->state, .who = &p->who, .answer = answer, .ctx = p
	};

	return control_open(&options);
}

static int setup(void **state)
{
	struct place *p = calloc(1, sizeof(*p));

	strcpy(p->folder, "/tmp/execwatch-control.XXXXXX");
	if (!mkdtemp(p->folder))
		return -1;
	snprintf(p->state, sizeof(p->state), "%s/state", p->folder);
	snprintf(p->path, sizeof(p->path), "%s/control", p->state);
	snprintf(p->lock, sizeof(p->lock), "%s/lock", p->state);
	p->answer_bytes = 100;
	*state = p;
	return 0;
}

static int setup_listening(void **state)
{
	struct place *p;

	if (setup(state) < 0)
		return -1;
	p = *state;
	p->control = control_listen(open_control(p));
	return p->control ? 0 : -1;
}

static int teardown(void **state)
{
	struct place *p = *state;

	control_free(p->control);
	assert_int_equal(access(p->path, F_OK), -1);
	unlink(p->lock);
	rmdir(p->state);
	assert_int_equal(rmdir(p->folder), 0);
	free(p);
	return 0;
}

static int connect_client(const struct place *p)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	snprintf(a.sun_path, sizeof(a.sun_path), "%s", p->path);
	assert_int_equal(connect(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	return fd;
}

static void say(int fd, const char *text)
{
	assert_int_equal(send(fd, text, strlen(text), MSG_NOSIGNAL), strlen(text));
}

static bool has_work(const struct place *p)
{
	struct pollfd f = { .fd = control_fd(p->control), .events = POLLIN };

	return poll(&f, 1, 0) == 1;
}

/* Until there is nothing to do: the loop of the session sleeps then. */
static void serve(struct place *p)
{
	for (int i = 0; has_work(p); i++) {
		assert_true(i < 10000);
		control_serve(p->control);
	}
}

/* What came, as a string, and whether the connection was closed behind it. */
static bool received(int fd, char *ret, size_t size)
{
	size_t len = 0;
	ssize_t n;

	while (len < size - 1 && (n = recv(fd, ret + len, size - 1 - len, 0)) > 0)
		len += (size_t)n;
	ret[len] = '\0';
	return len == size - 1 || n == 0 || errno == ECONNRESET;
}

static void assert_closed(int fd, const char *want)
{
	char got[256];

	assert_true(received(fd, got, sizeof(got)));
	assert_string_equal(got, want);
	close(fd);
}

static void test_requests(void **state)
{
	struct place *p = *state;
	int fd = connect_client(p), other;

	serve(p);
	say(fd, "status");
	serve(p);
	say(fd, " text\n");
	other = connect_client(p);
	say(other, "status text\nand more\n");
	serve(p);
	assert_closed(fd, "ok 5\nfine\n");
	assert_closed(other, "ok 5\nfine\n");
	assert_int_equal(p->asked, 2);
}

static void test_garbage(void **state)
{
	static const char *const garbage[] = {
		"\n", "status\n", "status textual\n", " status text\n", "status text \n", "STATUS TEXT\n",
		"GET / HTTP/1.1\r\n\r\n", "\xff\xfe\n", "status text\r\n",
		/* No line at all, as long as one may be and longer. */
		"0123456789012345678901234567890123456789012345678901234567890123",
		"status textstatus textstatus textstatus textstatus textstatus textstatus text\n",
	};
	struct place *p = *state;

	for (size_t i = 0; i < ARRAY_SIZE(garbage); i++) {
		int fd = connect_client(p);

		say(fd, garbage[i]);
		serve(p);
		assert_closed(fd, "error there is no such request\n");
	}
	assert_int_equal(p->asked, 0);
}

/* A NUL ends no request. */
static void test_nul(void **state)
{
	struct place *p = *state;
	int fd = connect_client(p);

	assert_int_equal(send(fd, "status text\0\n", 13, 0), 13);
	serve(p);
	assert_closed(fd, "error there is no such request\n");
}

/* Who says nothing is thrown out, and meanwhile the others are served as far as there is room. */
static void test_silent(void **state)
{
	struct place *p = *state;
	int silent[CLIENTS], late;
	char got[64];

	for (int i = 0; i < CLIENTS; i++)
		silent[i] = connect_client(p);
	serve(p);
	late = connect_client(p);
	say(late, "status text\n");
	serve(p);			/* comes to an end, though somebody waits */
	assert_false(received(late, got, sizeof(got)));
	close(silent[0]);
	serve(p);
	assert_closed(late, "ok 5\nfine\n");

	for (int i = 0; i < TICKS; i++)
		control_tick(p->control);
	for (int i = 1; i < CLIENTS; i++)
		assert_closed(silent[i], "");
	late = connect_client(p);
	say(late, "status text\n");
	serve(p);
	assert_closed(late, "ok 5\nfine\n");
}

static void test_does_not_read(void **state)
{
	struct place *p = *state;
	int deaf = connect_client(p), other;

	p->answer_bytes = 8 << 20;
	say(deaf, "status json\n");
	serve(p);
	other = connect_client(p);
	say(other, "status text\n");
	serve(p);
	assert_closed(other, "ok 5\nfine\n");
	for (int i = 0; i < TICKS; i++)
		control_tick(p->control);
	serve(p);
	close(deaf);
}

static void test_goes_away(void **state)
{
	struct place *p = *state;
	int fd = connect_client(p);

	close(fd);
	serve(p);
	fd = connect_client(p);
	say(fd, "status json\n");
	close(fd);
	serve(p);
	p->answer_bytes = 8 << 20;
	fd = connect_client(p);
	say(fd, "status json\n");
	serve(p);
	close(fd);
	serve(p);
	assert_int_equal(p->asked, 2);
}

/* Without descriptors nobody can come in, and the loop sleeps all the same. */
static void test_no_descriptors(void **state)
{
	struct place *p = *state;
	struct rlimit before, none;
	int fd = connect_client(p), next = dup(fd);

	close(next);
	getrlimit(RLIMIT_NOFILE, &before);
	none = before;
	none.rlim_cur = (rlim_t)next;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
	say(fd, "status text\n");
	serve(p);
	setrlimit(RLIMIT_NOFILE, &before);
	control_tick(p->control);
	serve(p);
	assert_closed(fd, "ok 5\nfine\n");
}

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

struct asking {
	struct place *p;
	enum control_request request;
	struct buf answer;
	int r;
	atomic_bool done;
};

static void *ask(void *arg)
{
	struct asking *a = arg;

	a->r = control_ask(a->p->state, a->request, &a->answer);
	atomic_store(&a->done, true);
	return NULL;
}

static void ask_and_serve(struct asking *a)
{
	pthread_t thread;

	assert_int_equal(pthread_create(&thread, NULL, ask, a), 0);
	while (!atomic_load(&a->done)) {
		control_serve(a->p->control);
		usleep(1000);
	}
	pthread_join(thread, NULL);
}

static void test_ask(void **state)
{
	struct asking text = { .p = *state, .answer = BUF_INIT, .request = CONTROL_STATUS_TEXT };
	struct asking large = { .p = *state, .answer = BUF_INIT, .request = CONTROL_STATUS_JSON };
	struct asking too_large = large;

	ask_and_serve(&text);
	assert_int_equal(text.r, 0);
	assert_str(buf_get(&text.answer), "fine\n");
	text.p->answer_bytes = 1000000;
	ask_and_serve(&large);
	assert_int_equal(large.r, 0);
	assert_int_equal(large.answer.len, 1000000);
	text.p->answer_bytes = 2000000;
	ask_and_serve(&too_large);
	assert_int_equal(too_large.r, -EBADMSG);
	buf_done(&text.answer);
	buf_done(&large.answer);
	buf_done(&too_large.answer);
}

static void test_ask_nobody(void **state)
{
	_cleanup_(buf) struct buf got = BUF_INIT;
	struct place *p = *state;

	assert_int_equal(control_ask(p->state, CONTROL_STATUS_TEXT, &got), -ENOENT);
	assert_int_equal(mkdir(p->state, 0700), 0);
	assert_int_equal(control_ask(p->state, CONTROL_STATUS_TEXT, &got), -ENOENT);
	assert_int_equal(got.len, 0);
}

/* Something else answers, with @text. */
struct impostor {
	int listener;
	const char *text;
};

static void *answer_once(void *arg)
{
	struct impostor *i = arg;
	char request[64];
	int fd = accept(i->listener, NULL, NULL);

	if (recv(fd, request, sizeof(request), 0) > 0)
		send(fd, i->text, strlen(i->text), MSG_NOSIGNAL);
	close(fd);
	return NULL;
}

static void test_ask_something_else(void **state)
{
	static const char *const answers[] = {
		"", "ok", "ok \n", "ok 4\nfine\n", "ok 6\nfine\n", "ok 05\nfine\n", "ok -1\nfine\n", "\n\n",
		"error there is no such request\n", "ok 99999999999999999999\nfine\n",
		"ok 5                                                                                     "
		"                                                                                         "
		"                                                                                   \nfine\n",
	};
	_cleanup_(buf) struct buf got = BUF_INIT;
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	struct place *p = *state;
	struct impostor impostor;
	pthread_t thread;

	assert_int_equal(mkdir(p->state, 0700), 0);
	snprintf(a.sun_path, sizeof(a.sun_path), "%s", p->path);
	impostor.listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(impostor.listener, (struct sockaddr *)&a, sizeof(a)), 0);
	assert_int_equal(listen(impostor.listener, 1), 0);
	for (size_t i = 0; i < ARRAY_SIZE(answers); i++) {
		impostor.text = answers[i];
		assert_int_equal(pthread_create(&thread, NULL, answer_once, &impostor), 0);
		assert_int_equal(control_ask(p->state, CONTROL_STATUS_TEXT, &got), -EBADMSG);
		pthread_join(thread, NULL);
	}
	assert_int_equal(got.len, 0);
	close(impostor.listener);
	assert_int_equal(control_ask(p->state, CONTROL_STATUS_TEXT, &got), -ECONNREFUSED);
	unlink(p->path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_requests, setup_listening, teardown),
		cmocka_unit_test_setup_teardown(test_garbage, setup_listening, teardown),
		cmocka_unit_test_setup_teardown(test_nul, setup_listening, teardown),
		cmocka_unit_test_setup_teardown(test_silent, setup_listening, teardown),
		cmocka_unit_test_setup_teardown(test_does_not_read, setup_listening, teardown),
		cmocka_unit_test_setup_teardown(test_goes_away, setup_listening, teardown),
		cmocka_unit_test_setup_teardown(test_no_descriptors, setup_listening, teardown),
		cmocka_unit_test_setup_teardown(test_modes, setup, teardown),
		cmocka_unit_test_setup_teardown(test_folder_was_there, setup, teardown),
		cmocka_unit_test_setup_teardown(test_no_folder, setup, teardown),
		cmocka_unit_test_setup_teardown(test_two_runs, setup_listening, teardown),
		cmocka_unit_test_setup_teardown(test_lock_of_readers, setup_listening, teardown),
		cmocka_unit_test_setup_teardown(test_lock_elsewhere, setup_listening, teardown),
		cmocka_unit_test_setup_teardown(test_something_else, setup_listening, teardown),
		cmocka_unit_test_setup_teardown(test_ask, setup_listening, teardown),
		cmocka_unit_test_setup_teardown(test_ask_nobody, setup, teardown),
		cmocka_unit_test_setup_teardown(test_ask_something_else, setup, teardown),
	};

	return cmocka_run_group_tests_name("control", tests, NULL, NULL);
}
