/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The control socket: who asks what, and who is in the way. Time is the number of ticks, and both sides are
 * in this process, except where a client waits for its answer.
 */
#include "tests/unit/control.h"

#include <pthread.h>
#include <stdatomic.h>
#include <sys/resource.h>
#include <sys/stat.h>

#define CLIENTS 4
#define TICKS 6			/* of which a client does not survive */

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
		cmocka_unit_test_setup_teardown(test_ask, setup_listening, teardown),
		cmocka_unit_test_setup_teardown(test_ask_nobody, setup, teardown),
		cmocka_unit_test_setup_teardown(test_ask_something_else, setup, teardown),
	};

	return cmocka_run_group_tests_name("control", tests, NULL, NULL);
}
