/* SPDX-License-Identifier: Apache-2.0 */
/* The standard output: the text form to the byte, escapes, and writing to pipes that are slow or closed. */
#include "tests/unit/test.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>

#include "tests/unit/alerts.h"

static struct buf render(const char *format, const struct alert *a)
{
	void *self = output_new(&output_stdout);
	struct buf b = BUF_INIT;

	set_choice(&output_stdout, self, "format", format);
	output_stdout.render(self, a, &b);
	assert_int_equal(b.error, 0);
	free(self);
	return b;
}

static void test_text(void **state)
{
	_cleanup_(buf) struct buf b = BUF_INIT;
	struct sample s;

	sample_init(&s);
	b = render("text", &s.alert);
	assert_str(buf_get(&b),
		   "2026-11-23T13:05:09.123Z critical  web-shell: www-data ran sh -c id under nginx[812]  "
		   "pid=42 user=www-data parent=nginx[812] duration=1.23ms\n"
		   "    The usual first step after an upload. (rules/web.yaml:12)\n");
}

static void test_text_of_a_failure(void **state)
{
	_cleanup_(buf) struct buf b = BUF_INIT;
	struct sample s;

	sample_init(&s);
	s.about.why = (struct str){ NULL, 0 };
	s.rule.severity = SEVERITY_NOTICE;
	s.event.user = (struct str){ NULL, 0 };
	s.event.retval = NUM(-2);
	s.event.err = STR_LIT("ENOENT");
	s.event.stage = STR_LIT("open");
	s.event.unit = STR_LIT("a b.service");
	s.event.container_id = STR_LIT("0123456789abcdef");
	s.alert.undecided = true;
	b = render("text", &s.alert);
	assert_str(buf_get(&b),
		   "2026-11-23T13:05:09.123Z notice    web-shell: www-data ran sh -c id under nginx[812]  "
		   "pid=42 uid=33 parent=nginx[812] unit=\"a b.service\" container.id=0123456789ab "
		   "errno=ENOENT stage=open duration=1.23ms undecided=true\n");
	buf_reset(&b);
	buf_done(&b);
	s.event.err = (struct str){ NULL, 0 };
	s.event.returned = (struct num){ 0, true };
	b = render("text", &s.alert);
	assert_true(str_contains(buf_get(&b), STR_LIT(" retval=-2 returned=false stage=open ")));
}

static void test_text_of_self(void **state)
{
	const struct detail detail[] = { { "lost", .number = 17 }, { "output", .text = STR("soc hook") } };
	_cleanup_(buf) struct buf b = BUF_INIT;
	struct sample s;

	sample_init(&s);
	s.rule = (struct rule){
		.id = STR("execwatch.loss"), .title = STR("Loss"), .severity = SEVERITY_ERROR,
	};
	s.alert.kind = ALERT_SELF;
	s.alert.event = NULL;
	s.alert.summary = STR_LIT("17 execs were not reported");
	s.alert.detail = detail;
	s.alert.n_detail = 2;
	b = render("text", &s.alert);
	assert_str(buf_get(&b),
		   "2026-11-23T13:05:09.123Z error     execwatch.loss: 17 execs were not reported  lost=17 "
		   "output=\"soc hook\"\n");
}

/* Nothing that a process chooses reaches the terminal as it is. */
static void test_text_escapes(void **state)
{
	_cleanup_(buf) struct buf b = BUF_INIT;
	struct str hostile = STR("a\n\033[2J\r\x7f\xc2\x9b\xff\t\"");
	struct sample s;
	size_t lines = 0;

	sample_init(&s);
	s.about.why = s.alert.summary = s.event.user = s.event.parent.comm = s.event.unit = hostile;
	b = render("text", &s.alert);
	for (size_t i = 0; i < b.len; i++) {
		lines += b.p[i] == '\n';
		assert_true((unsigned char)b.p[i] >= ' ' || b.p[i] == '\n');
		assert_true((unsigned char)b.p[i] < 0x7f);
	}
	assert_int_equal(lines, 2);
	assert_true(str_contains(buf_get(&b), STR_LIT("\\x1b[2J")));
	assert_true(str_contains(buf_get(&b), STR_LIT("\\\"\" parent=")));
}

static void test_jsonl(void **state)
{
	_cleanup_(buf) struct buf b = BUF_INIT;
	_cleanup_(buf) struct buf want = BUF_INIT;
	struct sample s;

	sample_init(&s);
	alert_write(&s.alert, &want);
	buf_char(&want, '\n');
	b = render("jsonl", &s.alert);
	assert_true(str_eq(buf_get(&b), buf_get(&want)));
	assert_ptr_equal(memchr(b.p, '\n', b.len), b.p + b.len - 1);
}

/* Puts @fd in the place of the standard output; returns what was there. */
static int redirect(int fd)
{
	int before = dup(STDOUT_FILENO);

	fflush(stdout);
	assert_true(before >= 0 && dup2(fd, STDOUT_FILENO) == STDOUT_FILENO);
	return before;
}

static void restore(int before)
{
	dup2(before, STDOUT_FILENO);
	close(before);
}

static void *read_slowly(void *arg)
{
	int fd = *(int *)arg;
	struct buf *b = calloc(1, sizeof(*b));
	char piece[1000];
	ssize_t n;

	while ((n = read(fd, piece, sizeof(piece))) > 0) {
		buf_add(b, piece, (size_t)n);
		usleep(100);
	}
	return b;
}

static void test_send_to_slow_reader(void **state)
{
	_cleanup_(free) char *large = malloc(300000);
	void *self = output_new(&output_stdout);
	const atomic_bool cancelled = false;
	int fds[2], before;
	pthread_t reader;
	struct buf *got;
	char error[160];
	enum sent r;

	assert_non_null(large);
	for (size_t i = 0; i < 300000; i++)
		large[i] = (char)('a' + i % 23);
	assert_int_equal(pipe(fds), 0);
	pthread_create(&reader, NULL, read_slowly, &fds[0]);
	before = redirect(fds[1]);
	r = output_stdout.send(self, (struct str){ large, 300000 }, &cancelled, error, sizeof(error));
	restore(before);
	close(fds[1]);
	pthread_join(reader, (void **)&got);
	assert_int_equal(r, SENT);
	assert_int_equal(got->len, 300000);
	assert_memory_equal(got->p, large, 300000);
	assert_int_equal(fcntl(fds[0], F_GETFL) & O_NONBLOCK, 0);
	close(fds[0]);
	buf_done(got);
	free(got);
	free(self);
}

struct stuck_send {
	void *self;
	struct str message;
	atomic_bool cancelled;
	char error[160];
	enum sent result;
};

static void *send_stuck(void *arg)
{
	struct stuck_send *s = arg;

	s->result = output_stdout.send(s->self, s->message, &s->cancelled, s->error, sizeof(s->error));
	return NULL;
}

/* A reader that pauses: sending ends when it is called off; the line after it begins on its own. */
static void test_send_is_called_off(void **state)
{
	static char large[200000];
	struct stuck_send s = { .self = output_new(&output_stdout), .message = { large, sizeof(large) } };
	const atomic_bool cancelled = false;
	char piece[4096], error[160];
	int fds[2], before, waiting = 0;
	pthread_t sender;
	enum sent next;
	ssize_t n;

	memset(large, 'x', sizeof(large));
	assert_int_equal(pipe(fds), 0);
	before = redirect(fds[1]);
	pthread_create(&sender, NULL, send_stuck, &s);
	while (waiting < 60000) {
		assert_int_equal(ioctl(fds[0], FIONREAD, &waiting), 0);
		usleep(1000);
	}
	atomic_store(&s.cancelled, true);
	pthread_join(sender, NULL);
	assert_int_equal(s.result, SEND_FAILED);

	while (ioctl(fds[0], FIONREAD, &waiting) == 0 && waiting > 0)
		assert_true(read(fds[0], piece, sizeof(piece)) > 0);
	next = output_stdout.send(s.self, STR_LIT("next\n"), &cancelled, error, sizeof(error));
	restore(before);
	assert_int_equal(next, SENT);
	n = read(fds[0], piece, sizeof(piece));
	assert_int_equal(n, 6);
	assert_memory_equal(piece, "\nnext\n", 6);
	close(fds[0]);
	close(fds[1]);
	free(s.self);
}

static void test_send_to_nobody(void **state)
{
	void *self = output_new(&output_stdout);
	const atomic_bool cancelled = false;
	char error[160];
	int fds[2], before;
	enum sent r;

	signal(SIGPIPE, SIG_IGN);
	assert_int_equal(pipe(fds), 0);
	close(fds[0]);
	before = redirect(fds[1]);
	r = output_stdout.send(self, STR_LIT("x\n"), &cancelled, error, sizeof(error));
	restore(before);
	close(fds[1]);
	assert_int_equal(r, SEND_GONE);
	assert_string_equal(error, "standard output: Broken pipe");
	free(self);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_text_of_a_failure),
		cmocka_unit_test(test_text_of_self),
		cmocka_unit_test(test_text_escapes),
		cmocka_unit_test(test_jsonl),
		cmocka_unit_test(test_send_to_slow_reader),
		cmocka_unit_test(test_send_is_called_off),
		cmocka_unit_test(test_send_to_nobody),
	};

	return cmocka_run_group_tests_name("stdout", tests, NULL, NULL);
}
