/* SPDX-License-Identifier: Apache-2.0 */
/* The webhook output against a real HTTP receiver (http_server.py): what arrives, what counts as delivered,
 * and that no answer, however odd, does worse than fail. */
#include "tests/unit/test.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#include "alerts/sign.h"
#include "event/json.h"
#include "tests/unit/alerts.h"

#define NOW (INT64_C(1614265330) * NS_PER_S)
#define SECRET "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

static int64_t now(void)
{
	return NOW;
}

struct place {
	const char *script;		/* of the server */
	bool can_run, can_tls;
	char folder[64];
	pid_t server;
	int server_stdin;
	FILE *requests;
	char port[16], url[128], error[256];
	char *line;			/* the last request */
	size_t line_size;
	void *self;
	struct sample sample;
};

static bool runs(const char *command)
{
	return system(command) == 0;
}

/* What is there to test with; tests that lack something are skipped. */
static bool prepare(struct place *p)
{
	strcpy(p->folder, "/tmp/execwatch-webhook.XXXXXX");
	signal(SIGPIPE, SIG_IGN);
	unsetenv("http_proxy");
	unsetenv("https_proxy");
	unsetenv("HTTPS_PROXY");
	unsetenv("ALL_PROXY");
	unsetenv("all_proxy");
	p->can_run = runs("python3 -c 'import http, ssl' 2>/dev/null");
	if (!mkdtemp(p->folder) || chdir(p->folder) < 0)
		return false;
	p->can_tls = p->can_run &&
		     runs("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 "
			  "-subj /CN=test -addext subjectAltName=IP:127.0.0.1 -keyout server.key "
			  "-out server.crt 2>/dev/null");
	sample_init(&p->sample);
	return true;
}

static bool clean_up(struct place *p)
{
	unlink("server.key");
	unlink("server.crt");
	unlink("other.file");
	free(p->line);
	return chdir("/") == 0 && rmdir(p->folder) == 0;
}

static void start_server(struct place *p, bool tls)
{
	int in[2], out[2];

	assert_int_equal(pipe2(in, O_CLOEXEC), 0);
	assert_int_equal(pipe2(out, O_CLOEXEC), 0);
	p->server = fork();
	if (p->server == 0) {
		dup2(in[0], STDIN_FILENO);
		dup2(out[1], STDOUT_FILENO);
		execlp("python3", "python3", p->script, tls ? "--tls" : NULL, p->folder, NULL);
		_exit(127);
	}
	close(in[0]);
	close(out[1]);
	p->server_stdin = in[1];
	p->requests = fdopen(out[0], "re");
	assert_non_null(fgets(p->port, sizeof(p->port), p->requests));
	p->port[strcspn(p->port, "\n")] = '\0';
}

static int stop_server(void **state)
{
	struct place *p = *state;

	if (p->self)
		output_webhook.close(p->self);
	free(p->self);
	p->self = NULL;
	if (!p->server)
		return 0;
	close(p->server_stdin);
	fclose(p->requests);
	waitpid(p->server, NULL, 0);
	p->server = 0;
	return 0;
}

static struct place *plain(void **state)
{
	struct place *p = *state;

	if (!p->can_run)
		skip();
	start_server(p, false);
	return p;
}

/* An output that posts to @path of the server, not open yet. */
static void aim(struct place *p, const char *scheme, const char *host, const char *path)
{
	if (!p->self)
		p->self = output_new(&output_webhook);
	snprintf(p->url, sizeof(p->url), "%s://%s:%s/%s", scheme, host, p->port, path);
	set_text(&output_webhook, p->self, "url", p->url);
}

static const struct outputs_options with_clock = { .now = now };

static void open_output(struct place *p)
{
	if (output_webhook.open(p->self, &with_clock, p->error, sizeof(p->error)) != 0)
		fail_msg("%s", p->error);
}

static enum sent post(struct place *p)
{
	return render_and_send(&output_webhook, p->self, &p->sample.alert, p->error, sizeof(p->error));
}

/* Posts once to @path with an output of its own. */
static enum sent post_to(struct place *p, const char *path)
{
	enum sent r;

	aim(p, "http", "127.0.0.1", path);
	open_output(p);
	r = post(p);
	output_webhook.close(p->self);
	free(p->self);
	p->self = NULL;
	return r;
}

static const char *next_request(struct place *p)
{
	assert_true(getline(&p->line, &p->line_size, p->requests) > 0);
	return p->line;
}

static void assert_has(const char *line, const char *part)
{
	if (!line || !strstr(line, part))
		fail_msg("%s lacks %s", line ? line : "nothing", part);
}

static void test_request(void **state)
{
	struct place *p = plain(state);
	_cleanup_(buf) struct buf body = BUF_INIT;
	_cleanup_(buf) struct buf want = BUF_INIT;
	const char *r;

	aim(p, "http", "127.0.0.1", "204");
	open_output(p);
	assert_int_equal(post(p), SENT);
	r = next_request(p);
	assert_has(r, "\"connection\": 1,");
	assert_has(r, "\"request\": \"POST /204 HTTP/1.1\"");
	assert_has(r, "\"content-type\": \"application/json\"");
	assert_has(r, "\"user-agent\": \"execwatch/");
	assert_has(r, "\"webhook-id\": \"" SAMPLE_ID "\"");
	assert_has(r, "\"webhook-timestamp\": \"1614265330\"");
	assert_null(strstr(r, "webhook-signature"));
	assert_null(strstr(r, "expect"));

	alert_write(&p->sample.alert, &body);
	buf_text(&want, "\"body\": \"");
	json_escape(buf_get(&body), &want);
	buf_text(&want, "\"}\n");
	assert_true(str_has_suffix(str_of(r), buf_get(&want)));

	assert_int_equal(post(p), SENT);
	assert_has(next_request(p), "\"connection\": 1,");
}

static void test_statuses(void **state)
{
	struct place *p = plain(state);

	assert_int_equal(post_to(p, "200"), SENT);
	assert_int_equal(post_to(p, "204"), SENT);
	assert_int_equal(post_to(p, "continue"), SENT);
	assert_int_equal(post_to(p, "500"), SEND_FAILED);
	assert_string_equal(p->error, "the receiver answered 500");
}

static void test_redirect_is_not_followed(void **state)
{
	struct place *p = plain(state);

	assert_int_equal(post_to(p, "302"), SEND_FAILED);
	assert_string_equal(p->error, "the receiver answered 302; redirects are not followed");
	assert_has(next_request(p), "POST /302");
	assert_int_equal(post_to(p, "204"), SENT);
	assert_has(next_request(p), "POST /204");	/* not /200, where the redirect led */
}

static void test_hang_times_out(void **state)
{
	struct place *p = plain(state);

	aim(p, "http", "127.0.0.1", "hang");
	*(int64_t *)setting_at(&output_webhook, p->self, "timeout", SETTING_DURATION) = NS_PER_S / 5;
	open_output(p);
	assert_int_equal(post(p), SEND_FAILED);
	assert_has(p->error, "timed out");
}

static void test_broken_connections(void **state)
{
	struct place *p = plain(state);

	assert_int_equal(post_to(p, "reset"), SEND_FAILED);
	assert_true(p->error[0]);
	assert_int_equal(post_to(p, "close"), SEND_FAILED);
	assert_true(p->error[0]);
	assert_int_equal(post_to(p, "204"), SENT);
	stop_server(state);
	assert_int_equal(post_to(p, "204"), SEND_FAILED);
	assert_has(p->error, "connect");
}

/* An answer without end is not read to its end. */
static void test_large_answers(void **state)
{
	struct place *p = plain(state);

	assert_int_equal(post_to(p, "huge"), SENT);	/* the 200 came */
	assert_int_equal(post_to(p, "headers"), SEND_FAILED);
	assert_string_equal(p->error, "the answer's headers are too long");
}

static void test_large_request(void **state)
{
	struct place *p = plain(state);
	size_t len = 3 << 20;
	char *text = malloc(len);
	struct str word = { text, len }, before = p->sample.alert.summary;

	assert_non_null(text);
	memset(text, 'x', len);
	p->sample.alert.summary = word;
	assert_int_equal(post_to(p, "204"), SENT);
	p->sample.alert.summary = before;
	assert_true(strlen(next_request(p)) > len);
	free(text);
}

struct calling_off {
	struct place *place;
	atomic_bool cancelled;
	enum sent result;
};

static void *post_until_called_off(void *arg)
{
	struct calling_off *c = arg;
	_cleanup_(buf) struct buf b = BUF_INIT;

	output_webhook.render(c->place->self, &c->place->sample.alert, &b);
	c->result = output_webhook.send(c->place->self, buf_get(&b), &c->cancelled, c->place->error,
					sizeof(c->place->error));
	return NULL;
}

static void test_hang_is_called_off(void **state)
{
	struct calling_off c = { .place = plain(state) };
	pthread_t sender;

	aim(c.place, "http", "127.0.0.1", "hang");
	open_output(c.place);
	pthread_create(&sender, NULL, post_until_called_off, &c);
	next_request(c.place);
	atomic_store(&c.cancelled, true);
	pthread_join(sender, NULL);
	assert_int_equal(c.result, SEND_FAILED);
	assert_string_equal(c.place->error, "closed before the receiver answered");
}

static void write_file(const char *text)
{
	FILE *f = fopen("other.file", "we");

	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

static void test_signature(void **state)
{
	struct place *p = plain(state);
	_cleanup_(buf) struct buf body = BUF_INIT;
	_cleanup_(buf) struct buf want = BUF_INIT;
	struct sign_key key = { 0 };

	write_file(SECRET "\n");
	aim(p, "http", "127.0.0.1", "204");
	set_path(&output_webhook, p->self, "secret_file", "other.file");
	open_output(p);
	assert_int_equal(post(p), SENT);

	alert_write(&p->sample.alert, &body);
	assert_int_equal(sign_key_read(STR_LIT(SECRET), &key), 0);
	buf_text(&want, "\"webhook-signature\": \"");
	sign_write(&key, STR_LIT(SAMPLE_ID), NOW / NS_PER_S, buf_get(&body), &want);
	buf_text(&want, "\"");
	assert_true(str_contains(str_of(next_request(p)), buf_get(&want)));
}

static void expect_open_error(struct place *p, int r, const char *part)
{
	assert_int_equal(output_webhook.open(p->self, &with_clock, p->error, sizeof(p->error)), r);
	assert_has(p->error, part);
}

static void test_open_errors(void **state)
{
	struct place *p = *state;
	struct place fresh = { .self = output_new(&output_webhook) };

	snprintf(fresh.port, sizeof(fresh.port), "9");
	aim(&fresh, "http", "127.0.0.1", "");
	set_path(&output_webhook, fresh.self, "ca_file", "nowhere");
	expect_open_error(&fresh, -ENOENT, "`ca_file`: nowhere: No such file");
	write_file("");
	set_path(&output_webhook, fresh.self, "ca_file", "other.file");
	expect_open_error(&fresh, -EINVAL, "no certificates");
	set_path(&output_webhook, fresh.self, "ca_file", p->folder);
	expect_open_error(&fresh, -EISDIR, "Is a directory");
	free(fresh.self);

	fresh.self = output_new(&output_webhook);
	aim(&fresh, "http", "127.0.0.1", "");
	set_path(&output_webhook, fresh.self, "secret_file", "nowhere");
	expect_open_error(&fresh, -ENOENT, "`secret_file`: nowhere: No such file");
	write_file("whsec_too_short");
	set_path(&output_webhook, fresh.self, "secret_file", "other.file");
	expect_open_error(&fresh, -EINVAL, "24 to 64 bytes");
	assert_int_equal(output_webhook.open(fresh.self, &(struct outputs_options){ 0 }, fresh.error,
					     sizeof(fresh.error)),
			 -EINVAL);
	assert_has(fresh.error, "clock");
	free(fresh.self);
}

static void test_tls(void **state)
{
	struct place *p = *state;

	if (!p->can_tls)
		skip();
	start_server(p, true);

	aim(p, "https", "127.0.0.1", "204");
	open_output(p);
	assert_int_equal(post(p), SEND_FAILED);		/* by nobody that the system knows */
	assert_has(p->error, "certificate");
	output_webhook.close(p->self);

	set_path(&output_webhook, p->self, "ca_file", "server.crt");
	open_output(p);
	assert_int_equal(post(p), SENT);
	assert_has(next_request(p), "POST /204");
	output_webhook.close(p->self);

	aim(p, "https", "localhost", "204");		/* known, but for another name */
	open_output(p);
	assert_int_equal(post(p), SEND_FAILED);
	output_webhook.close(p->self);

	aim(p, "https", "127.0.0.1", "204");
	write_file("-----BEGIN CERTIFICATE-----\nnot really\n-----END CERTIFICATE-----\n");
	set_path(&output_webhook, p->self, "ca_file", "other.file");
	open_output(p);
	assert_int_equal(post(p), SEND_FAILED);
}

/* Seeded, so that what fails fails again. */
static void test_garbage(void **state)
{
	struct place *p = plain(state);
	char path[32];

	for (int seed = 0; seed < 600; seed++) {
		enum sent r;

		snprintf(path, sizeof(path), "garbage/%d", seed);
		r = post_to(p, path);
		if (seed % 3 < 2)
			assert_int_equal(r, SEND_FAILED);
		assert_int_equal(r == SEND_FAILED, p->error[0] != '\0');
	}
	assert_int_equal(post_to(p, "204"), SENT);
}

static void test_check(void **state)
{
	static const struct { const char *url; int want; const char *error, *warning; } cases[] = {
		{ "https://soc.example/hook", 0, "", "" },
		{ "HTTPS://soc.example/hook?key=1", 0, "", "" },
		{ "http://localhost:8080/", 0, "", "" },
		{ "http://127.0.0.1/", 0, "", "" },
		{ "http://127.1.2.3/", 0, "", "" },
		{ "http://[::1]:80/", 0, "", "" },
		{ "http://soc.example/hook", 0, "", "alerts to soc.example are sent unencrypted" },
		{ "http://127.0.0.1.evil.example/", 0, "", "alerts to 127.0.0.1.evil.example are" },
		{ "http://localhost.example/", 0, "", "unencrypted" },
		{ "ftp://soc.example/hook", -EINVAL, "not ftp://", "" },
		{ "file:///etc/passwd", -EINVAL, "`url`", "" },
		{ "soc.example/hook", -EINVAL, "`url` is no URL", "" },
		{ "https://", -EINVAL, "`url` is no URL", "" },
		{ "https://a b/", -EINVAL, "`url` is no URL", "" },
		{ "", -EINVAL, "`url` is no URL", "" },
	};
	char error[256], warning[256];
	const size_t size = sizeof(error);
	void *self = output_new(&output_webhook);

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		error[0] = warning[0] = '\0';
		set_text(&output_webhook, self, "url", cases[i].url);
		if (output_webhook.check(self, error, size, warning, size) != cases[i].want)
			fail_msg("%s: \"%s\"", cases[i].url, error);
		assert_has(error, cases[i].error);
		assert_has(warning, cases[i].warning);
		assert_int_equal(warning[0] == '\0', cases[i].warning[0] == '\0');
	}
	set_text(&output_webhook, self, "url", "https://a/");
	*(int64_t *)setting_at(&output_webhook, self, "timeout", SETTING_DURATION) = 0;
	assert_int_equal(output_webhook.check(self, error, size, warning, size), -EINVAL);
	assert_has(error, "`timeout`");
	free(self);
}

#define TEST(name) cmocka_unit_test_prestate_setup_teardown(name, NULL, stop_server, &place)

int main(int argc, char **argv)
{
	struct place place = { .script = argv[1] };
	const struct CMUnitTest tests[] = {
		TEST(test_request),
		TEST(test_statuses),
		TEST(test_redirect_is_not_followed),
		TEST(test_hang_times_out),
		TEST(test_broken_connections),
		TEST(test_large_answers),
		TEST(test_large_request),
		TEST(test_hang_is_called_off),
		TEST(test_signature),
		TEST(test_open_errors),
		TEST(test_tls),
		TEST(test_garbage),
		TEST(test_check),
	};
	int failed;

	if (argc != 2 || !prepare(&place))
		return EXIT_FAILURE;
	failed = cmocka_run_group_tests_name("webhook", tests, NULL, NULL);
	return failed || !clean_up(&place);
}
