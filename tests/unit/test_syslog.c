/* SPDX-License-Identifier: Apache-2.0 */
/* The syslog output against a daemon of our own: format, bounds, and a daemon that is full, gone or back. */
#include "tests/unit/test.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <syslog.h>
#include <time.h>

#include "base/text.h"
#include "tests/unit/alerts.h"

struct place {
	char folder[64], path[96];
	void *self;
	int daemon;
	struct sample sample;
	char error[256];
	char got[65536];
};

static int start_daemon(const char *path)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	strcpy(at.sun_path, path);
	assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof(at)), 0);
	return fd;
}

static int setup(void **state)
{
	struct place *p = calloc(1, sizeof(*p));

	strcpy(p->folder, "/tmp/execwatch-syslog.XXXXXX");
	if (!mkdtemp(p->folder))
		return -1;
	setenv("TZ", "XXX-2", 1);		/* two hours east, without the help of a file */
	snprintf(p->path, sizeof(p->path), "%s/log", p->folder);
	p->daemon = start_daemon(p->path);
	p->self = output_new(&output_syslog);
	set_path(&output_syslog, p->self, "path", p->path);
	sample_init(&p->sample);
	if (output_syslog.open(p->self, &(struct outputs_options){ 0 }, p->error, sizeof(p->error)) != 0)
		return -1;
	*state = p;
	return 0;
}

static int teardown(void **state)
{
	struct place *p = *state;

	output_syslog.close(p->self);
	close(p->daemon);
	unlink(p->path);
	rmdir(p->folder);
	free(p->self);
	free(p);
	return 0;
}

static enum sent send_sample(struct place *p)
{
	return render_and_send(&output_syslog, p->self, &p->sample.alert, p->error, sizeof(p->error));
}

static struct str receive(struct place *p)
{
	ssize_t n = recv(p->daemon, p->got, sizeof(p->got), MSG_DONTWAIT);

	assert_true(n > 0);
	return (struct str){ p->got, (size_t)n };
}

static void test_format(void **state)
{
	struct place *p = *state;
	char want[1024];

	assert_int_equal(send_sample(p), SENT);
	snprintf(want, sizeof(want), "<34>Nov 23 15:05:09 execwatch[%d]: web-shell: www-data ran sh -c id "
		 "under nginx[812] id=" SAMPLE_ID " kind=match seq=7 fingerprint=00000000000000ff "
		 "source=rules/web.yaml:12 pid=42 uid=33 "
		 "user=www-data parent=nginx[812] comm=sh exe=/usr/bin/dash filename=/bin/sh retval=0 "
		 "duration=1.23ms argv=\"sh -c id\"", (int)getpid());
	assert_str(receive(p), want);
}

/* A day of one digit has a space in front (RFC 3164 section 4.1.2). */
static void test_day_of_one_digit(void **state)
{
	struct place *p = *state;

	p->sample.alert.time_ns = INT64_C(1767225600) * NS_PER_S;	/* 2026-01-01T00:00:00Z */
	assert_int_equal(send_sample(p), SENT);
	assert_true(str_has_prefix(receive(p), STR_LIT("<34>Jan  1 02:00:00 execwatch[")));
}

static void test_priorities(void **state)
{
	static const struct { const char *name; int code; } facility[] = {
		{ "auth", LOG_AUTH }, { "authpriv", LOG_AUTHPRIV }, { "cron", LOG_CRON },
		{ "daemon", LOG_DAEMON }, { "user", LOG_USER }, { "mail", LOG_MAIL },
		{ "local0", LOG_LOCAL0 }, { "local7", LOG_LOCAL7 },
	};
	static const int priority[N_SEVERITIES] = { LOG_EMERG, LOG_ALERT, LOG_CRIT, LOG_ERR,
						    LOG_WARNING, LOG_NOTICE, LOG_INFO, LOG_DEBUG };
	struct place *p = *state;
	char want[16];

	for (size_t f = 0; f < ARRAY_SIZE(facility); f++)
		for (int s = 0; s < N_SEVERITIES; s++) {
			set_choice(&output_syslog, p->self, "facility", facility[f].name);
			p->sample.rule.severity = (enum severity)s;
			assert_int_equal(send_sample(p), SENT);
			snprintf(want, sizeof(want), "<%d>", facility[f].code | priority[s]);
			assert_true(str_has_prefix(receive(p), str_of(want)));
		}
}

static void test_escapes(void **state)
{
	struct place *p = *state;
	struct str hostile = STR("x\n<0>Jan  1 00:00:00 sshd[1]: \"\\\x01\xff\x7f\xc2\x85"), got;

	p->sample.alert.summary = p->sample.event.user = p->sample.event.exe = hostile;
	p->sample.event.argv.joined = hostile;
	assert_int_equal(send_sample(p), SENT);
	got = receive(p);
	for (size_t i = 0; i < got.len; i++)
		assert_true(got.p[i] >= ' ' && got.p[i] <= '~');
	assert_true(str_contains(got, STR_LIT(" user=\"x\\n<0>Jan  1 00:00:00 sshd[1]: \\\"\\\\\\x01\\xff")));
	assert_true(str_contains(got, STR_LIT(" argv=\"x\\n<0>Jan")));
	assert_true(str_has_suffix(got, STR_LIT("\"")));
}

/* The part of a datagram that is limited. */
static struct str text_of(struct str datagram)
{
	const char *end = memmem(datagram.p, datagram.len, "]: ", 3);

	assert_non_null(end);
	return str_skip(datagram, (size_t)(end - datagram.p) + 3);
}

/* Whatever the values, the text stays within 8000 bytes and says what is missing. */
static void test_cut(void **state)
{
	struct place *p = *state;
	struct event *ev = &p->sample.event;
	_cleanup_(free) char *memory = malloc(100000);
	struct str large = { memory, 100000 }, text;

	assert_non_null(memory);
	memset(memory, 'a', large.len);
	ev->argv.joined = large;
	assert_int_equal(send_sample(p), SENT);
	text = text_of(receive(p));
	assert_in_range(text.len, 7900, 8000);
	assert_true(str_has_suffix(text, STR_LIT(" bytes)\"")));

	memset(memory, 1, large.len);
	p->sample.alert.summary = p->sample.rule.id = p->sample.rule.source = large;
	ev->user = ev->login = ev->tty = ev->parent.comm = ev->comm = ev->unit = ev->container_id = large;
	ev->exe = ev->filename = ev->cwd = ev->err = ev->stage = large;
	assert_int_equal(send_sample(p), SENT);
	text = text_of(receive(p));
	assert_in_range(text.len, 6000, 8000);
	assert_true(str_has_suffix(text, STR_LIT(" bytes)\"")));
	assert_true(utf8_valid(text));
}

static void test_cut_counts(void **state)
{
	struct place *p = *state;
	_cleanup_(free) char *large = malloc(100000);
	size_t shown = 0, left;
	const char *mark;
	struct str got;

	assert_non_null(large);
	memset(large, 'Z', 100000);
	p->sample.event.argv.joined = (struct str){ large, 100000 };
	assert_int_equal(send_sample(p), SENT);
	got = receive(p);
	for (size_t i = 0; i < got.len; i++)
		shown += got.p[i] == 'Z';
	mark = memmem(got.p, got.len, "…(+", 5);
	assert_non_null(mark);
	left = strtoul(mark + 5, NULL, 10);
	assert_int_equal(shown + left, 100000);
}

static void *drain_later(void *arg)
{
	char text[9000];

	usleep(300000);
	while (recv(*(int *)arg, text, sizeof(text), MSG_DONTWAIT) > 0)
		;
	return NULL;
}

/* A daemon that does not read costs this alert, after a bounded wait, and nobody else anything. */
static void test_full(void **state)
{
	struct place *p = *state;
	int n = 0, waiting = 0;
	pthread_t drain;

	while (send_sample(p) == SENT)
		n++;
	assert_true(n > 0);
	assert_non_null(strstr(p->error, "the daemon does not read"));

	pthread_create(&drain, NULL, drain_later, &p->daemon);
	assert_int_equal(send_sample(p), SENT);		/* waited for it */
	pthread_join(drain, NULL);
	while (recv(p->daemon, p->got, sizeof(p->got), MSG_DONTWAIT) > 0)
		waiting++;
	assert_true(waiting <= 1);
}

struct calling_off {
	struct place *place;
	atomic_bool cancelled;
	enum sent result;
};

static void *send_until_called_off(void *arg)
{
	struct calling_off *c = arg;
	_cleanup_(buf) struct buf b = BUF_INIT;

	output_syslog.render(c->place->self, &c->place->sample.alert, &b);
	do
		c->result = output_syslog.send(c->place->self, buf_get(&b), &c->cancelled, c->place->error,
					       sizeof(c->place->error));
	while (c->result == SENT);
	return NULL;
}

static void test_full_is_called_off(void **state)
{
	struct calling_off c = { .place = *state };
	pthread_t sender;

	pthread_create(&sender, NULL, send_until_called_off, &c);
	usleep(200000);
	atomic_store(&c.cancelled, true);
	pthread_join(sender, NULL);
	assert_int_equal(c.result, SEND_FAILED);
	assert_non_null(strstr(c.place->error, "Operation canceled"));
}

static void *restart_later(void *arg)
{
	struct place *p = arg;

	usleep(300000);
	p->daemon = start_daemon(p->path);
	return NULL;
}

static void test_restart(void **state)
{
	struct place *p = *state;
	pthread_t restart;

	assert_int_equal(send_sample(p), SENT);
	receive(p);
	close(p->daemon);
	unlink(p->path);
	pthread_create(&restart, NULL, restart_later, p);
	assert_int_equal(send_sample(p), SENT);
	pthread_join(restart, NULL);
	assert_true(str_contains(receive(p), STR_LIT("web-shell")));
}

static void test_absent(void **state)
{
	struct place *p = *state;

	close(p->daemon);		/* the socket's file stays, as after a crash */
	assert_int_equal(send_sample(p), SEND_FAILED);
	assert_non_null(strstr(p->error, "Connection refused"));
	unlink(p->path);
	assert_int_equal(send_sample(p), SEND_FAILED);
	assert_non_null(strstr(p->error, "No such file"));
	assert_non_null(strstr(p->error, p->path));

	p->daemon = start_daemon(p->path);
	assert_int_equal(send_sample(p), SENT);
	receive(p);
}

/* The descriptor of the output's end, by its peer. */
static int find_connection(const char *path)
{
	for (int fd = 3; fd < 64; fd++) {
		struct sockaddr_un at = { 0 };
		socklen_t len = sizeof(at);

		if (getpeername(fd, (struct sockaddr *)&at, &len) == 0 && strcmp(at.sun_path, path) == 0)
			return fd;
	}
	fail_msg("no connection to %s", path);
	return -1;
}

/* A socket that takes less than 8000 bytes gets a shorter message, not none. */
static void test_small_socket(void **state)
{
	struct place *p = *state;
	_cleanup_(free) char *large = malloc(100000);
	struct str got;
	int fd, least = 1;

	assert_non_null(large);
	assert_int_equal(send_sample(p), SENT);
	receive(p);
	fd = find_connection(p->path);
	assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &least, sizeof(least)), 0);
	for (size_t i = 0; i < 100000; i += 2)
		memcpy(large + i, "ä", 2);
	p->sample.event.argv.joined = (struct str){ large, 100000 };
	assert_int_equal(send_sample(p), SENT);
	got = receive(p);
	assert_true(got.len < 4608);
	assert_true(str_has_suffix(got, STR_LIT(" bytes)")));	/* the closing quote went */
	assert_true(utf8_valid(got));
}

static int check(struct place *p)
{
	return output_syslog.check(p->self, p->error, sizeof(p->error), NULL, 0);
}

static void test_check(void **state)
{
	struct place *p = *state;
	char longest[200];

	assert_int_equal(check(p), 0);
	memset(longest, 'a', sizeof(longest));
	longest[108] = '\0';
	set_path(&output_syslog, p->self, "path", longest);
	assert_int_equal(check(p), -EINVAL);
	set_path(&output_syslog, p->self, "path", "");
	assert_int_equal(check(p), -EINVAL);
	set_path(&output_syslog, p->self, "path", longest + 1);
	assert_int_equal(check(p), 0);
	set_path(&output_syslog, p->self, "ca_file", "/ca.crt");
	assert_int_equal(check(p), -EINVAL);
	assert_non_null(strstr(p->error, "without `address`"));
	set_text(&output_syslog, p->self, "address", "tls://logs.example:6514");
	assert_int_equal(check(p), -EINVAL);
	assert_non_null(strstr(p->error, "`address` is not supported yet"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_format),
		TEST(test_day_of_one_digit),
		TEST(test_priorities),
		TEST(test_escapes),
		TEST(test_cut),
		TEST(test_cut_counts),
		TEST(test_full),
		TEST(test_full_is_called_off),
		TEST(test_restart),
		TEST(test_absent),
		TEST(test_small_socket),
		TEST(test_check),
	};

	return cmocka_run_group_tests_name("syslog", tests, NULL, NULL);
}
