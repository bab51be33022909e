/* SPDX-License-Identifier: Apache-2.0 */
/* What a real rsyslogd makes of the syslog output's messages. Skipped where there is none. */
#include "tests/unit/test.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "tests/unit/alerts.h"

static const char config[] =
	"global(workDirectory=\"%1$s\")\n"
	"module(load=\"imuxsock\" sysSock.use=\"off\")\n"
	"template(name=\"L\" type=\"list\" option.jsonf=\"on\") {\n"
	"  property(outname=\"pri\" name=\"pri\" format=\"jsonf\")\n"
	"  property(outname=\"facility\" name=\"syslogfacility-text\" format=\"jsonf\")\n"
	"  property(outname=\"severity\" name=\"syslogseverity-text\" format=\"jsonf\")\n"
	"  property(outname=\"time\" name=\"timereported\" dateFormat=\"rfc3339\" format=\"jsonf\")\n"
	"  property(outname=\"tag\" name=\"syslogtag\" format=\"jsonf\")\n"
	"  property(outname=\"app\" name=\"app-name\" format=\"jsonf\")\n"
	"  property(outname=\"pid\" name=\"procid\" format=\"jsonf\")\n"
	"  property(outname=\"msg\" name=\"msg\" format=\"jsonf\") }\n"
	"ruleset(name=\"out\" queue.type=\"Direct\") {\n"
	"  action(type=\"omfile\" file=\"%1$s/out.jsonl\" template=\"L\" asyncWriting=\"off\"\n"
	"         flushOnTXEnd=\"on\") }\n"
	"input(type=\"imuxsock\" socket=\"%1$s/log\" useSysTimeStamp=\"off\" ignoreTimestamp=\"off\"\n"
	"  ruleset=\"out\")\n";

struct place {
	char folder[64], path[96], error[256], *line;
	size_t line_size;
	pid_t daemon;
	FILE *out;
	void *self;
	struct sample sample;
};

static bool can_run(void)
{
	return access("/usr/sbin/rsyslogd", X_OK) == 0;
}

/* Started once its socket is there. */
static void start_daemon(struct place *p)
{
	p->daemon = fork();
	if (p->daemon == 0) {
		int log = open("daemon.log", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

		dup2(log, STDOUT_FILENO);
		dup2(log, STDERR_FILENO);
		execl("/usr/sbin/rsyslogd", "rsyslogd", "-n", "-f", "rsyslog.conf", "-i", "pid", NULL);
		_exit(127);
	}
	while (access(p->path, F_OK) < 0) {
		assert_int_equal(waitpid(p->daemon, NULL, WNOHANG), 0);
		usleep(10000);
	}
}

static void stop_daemon(struct place *p)
{
	kill(p->daemon, SIGTERM);
	waitpid(p->daemon, NULL, 0);
	p->daemon = 0;
}

static int setup(void **state)
{
	struct place *p = *state;
	FILE *f;

	if (!can_run())
		return 0;
	strcpy(p->folder, "/tmp/execwatch-rsyslog.XXXXXX");
	if (!mkdtemp(p->folder) || chdir(p->folder) < 0)
		return -1;
	setenv("TZ", "XXX-2", 1);
	snprintf(p->path, sizeof(p->path), "%s/log", p->folder);
	f = fopen("rsyslog.conf", "we");
	fprintf(f, config, p->folder);
	fclose(f);
	start_daemon(p);
	p->self = output_new(&output_syslog);
	set_path(&output_syslog, p->self, "path", p->path);
	set_choice(&output_syslog, p->self, "facility", "authpriv");
	sample_init(&p->sample);
	return output_syslog.open(p->self, &(struct outputs_options){ 0 }, p->error, sizeof(p->error));
}

static int teardown(void **state)
{
	static const char *const made[] = { "rsyslog.conf", "out.jsonl", "daemon.log", "pid", "log" };
	struct place *p = *state;

	if (!can_run())
		return 0;
	stop_daemon(p);
	output_syslog.close(p->self);
	free(p->self);
	free(p->line);
	p->line = NULL;
	if (p->out)
		fclose(p->out);
	p->out = NULL;
	for (size_t i = 0; i < ARRAY_SIZE(made); i++)
		unlink(made[i]);
	return chdir("/") < 0 || rmdir(p->folder) < 0;
}

static const char *next_line(struct place *p)
{
	while (!p->out) {
		p->out = fopen("out.jsonl", "re");
		usleep(10000);
	}
	while (getline(&p->line, &p->line_size, p->out) <= 0) {
		clearerr(p->out);
		usleep(10000);
	}
	return p->line;
}

static void send_sample(struct place *p)
{
	if (render_and_send(&output_syslog, p->self, &p->sample.alert, p->error, sizeof(p->error)) != SENT)
		fail_msg("%s", p->error);
}

static void assert_has(const char *line, const char *part)
{
	if (!line || !strstr(line, part))
		fail_msg("%s lacks %s", line ? line : "nothing", part);
}

static void test_fields(void **state)
{
	struct place *p = *state;
	char pid[32];
	const char *l;

	if (!can_run())
		skip();
	send_sample(p);
	l = next_line(p);
	assert_has(l, "\"pri\":\"82\"");		/* authpriv.critical: 10 * 8 + 2 */
	assert_has(l, "\"facility\":\"authpriv\"");
	assert_has(l, "\"severity\":\"crit\"");
	assert_has(l, "-11-23T15:05:09+02:00\"");	/* the daemon adds its own year */
	assert_has(l, "\"app\":\"execwatch\"");
	snprintf(pid, sizeof(pid), "\"pid\":\"%d\"", (int)getpid());
	assert_has(l, pid);
	snprintf(pid, sizeof(pid), "\"tag\":\"execwatch[%d]:\"", (int)getpid());
	assert_has(l, pid);
	assert_has(l, "\"msg\":\" web-shell: www-data ran sh -c id under nginx[812] id=" SAMPLE_ID " "
		   "kind=match seq=7 fingerprint=00000000000000ff "
		   "source=rules\\/web.yaml:12 pid=42 uid=33 user=www-data parent=nginx[812] "
		   "comm=sh "
		   "exe=\\/usr\\/bin\\/dash filename=\\/bin\\/sh retval=0 duration=1.23ms "
		   "argv=\\\"sh -c id\\\"\"");
}

/* Argument bytes make neither a second message nor another priority. */
static void test_injection(void **state)
{
	struct place *p = *state;
	const char *l;

	if (!can_run())
		skip();
	p->sample.event.argv.joined = STR_LIT("x\n<0>Jan  1 00:00:00 sshd[1]: all is well\0\x01");
	send_sample(p);
	p->sample.event.argv.joined = STR_LIT("second");
	send_sample(p);
	l = next_line(p);
	assert_has(l, "\"pri\":\"82\"");
	assert_has(l, "argv=\\\"x\\\\n<0>Jan  1 00:00:00 sshd[1]: all is well\\\\x00\\\\x01\\\"\"");
	assert_has(next_line(p), "argv=second");
}

/* The longest message arrives in one piece. */
static void test_long(void **state)
{
	struct place *p = *state;
	_cleanup_(free) char *large = malloc(100000);

	if (!can_run())
		skip();
	assert_non_null(large);
	memset(large, 'Z', 100000);
	p->sample.event.argv.joined = (struct str){ large, 100000 };
	send_sample(p);
	assert_has(next_line(p), " bytes)\\\"\"}");
}

static void test_restart(void **state)
{
	struct place *p = *state;

	if (!can_run())
		skip();
	send_sample(p);
	assert_has(next_line(p), "web-shell");
	stop_daemon(p);
	unlink(p->path);
	start_daemon(p);
	p->sample.alert.summary = STR_LIT("after the restart");
	send_sample(p);
	assert_has(next_line(p), "web-shell: after the restart");
}

#define TEST(name) cmocka_unit_test_prestate_setup_teardown(name, setup, teardown, &place)

int main(void)
{
	struct place place = { 0 };
	const struct CMUnitTest tests[] = {
		TEST(test_fields),
		TEST(test_injection),
		TEST(test_long),
		TEST(test_restart),
	};

	return cmocka_run_group_tests_name("rsyslog", tests, NULL, NULL);
}
