/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Alerts to the syslog daemon of this machine, as one line of text each.
 *
 * The socket is our own. syslog(3) waits without end for a daemon that does not read, and says nothing of
 * one that is gone. What the local socket understands is RFC 3164 without the host name, as the C library
 * sends it: "<PRI>Mmm dd hh:mm:ss tag[pid]: text". The time is local time, since that is what daemons take
 * it for; it is broken down on this output's thread, because the first use reads the time zone's file.
 *
 * Daemons cut messages at 8 KiB (rsyslog's default), so ours end before that, and say what they left out.
 */
#include "alerts/output.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "alerts/facts.h"
#include "alerts/wait.h"
#include "base/text.h"
#include "base/timefmt.h"

#define DEFAULT_PATH "/dev/log"
#define MAX_TEXT 8000		/* without the header */
#define MAX_ID 128
#define MAX_SUMMARY 500			/* so that the facts come within RFC 3164's 1024 bytes */
#define MIN_TEXT 400		/* never made shorter than this; RFC 5424 has every receiver take 480 bytes */

/* How long a full socket is waited for, and a daemon that was there and has gone. */
#define FULL_NS (2 * NS_PER_S)
#define RESTART_NS (2 * NS_PER_S)
#define RETRY_NS (NS_PER_S / 10)

/* `kern` is the kernel's alone. */
static const char *const facilities[] = {
	"auth", "authpriv", "cron", "daemon", "ftp", "lpr", "mail", "news", "syslog", "user", "uucp",
	"local0", "local1", "local2", "local3", "local4", "local5", "local6", "local7", NULL,
};

static const int facility_codes[] = {
	LOG_AUTH, LOG_AUTHPRIV, LOG_CRON, LOG_DAEMON, LOG_FTP, LOG_LPR, LOG_MAIL, LOG_NEWS, LOG_SYSLOG,
	LOG_USER, LOG_UUCP,
	LOG_LOCAL0, LOG_LOCAL1, LOG_LOCAL2, LOG_LOCAL3, LOG_LOCAL4, LOG_LOCAL5, LOG_LOCAL6, LOG_LOCAL7,
};

struct syslog_output {
	struct str path;
	int facility;
	struct str address, ca_file, cert_file, key_file;	/* of syslog over a network */
	int fd;			/* -1: not connected */
	pid_t pid;
};

static const struct setting syslog_settings[] = {
	{ "path", SETTING_PATH, offsetof(struct syslog_output, path), false, NULL,
	  "the daemon's datagram socket (default " DEFAULT_PATH ")" },
	{ "facility", SETTING_CHOICE, offsetof(struct syslog_output, facility), false, facilities,
	  "the facility that the alerts belong to (default auth)" },
	{ "address", SETTING_TEXT, offsetof(struct syslog_output, address), false, NULL,
	  "a daemon on another machine; not supported yet" },
	{ "ca_file", SETTING_PATH, offsetof(struct syslog_output, ca_file), false, NULL,
	  "goes with address" },
	{ "cert_file", SETTING_PATH, offsetof(struct syslog_output, cert_file), false, NULL,
	  "goes with address" },
	{ "key_file", SETTING_PATH, offsetof(struct syslog_output, key_file), false, NULL,
	  "goes with address" },
	{ 0 },
};

/* What render() writes in front of the text. */
struct head {
	int64_t time_s;
	int priority;
};

static void syslog_init(void *self)
{
	struct syslog_output *s = self;

	s->path = STR_LIT(DEFAULT_PATH);
	s->fd = -1;
}

static int syslog_check(const void *self, char *error, size_t size, char *warning, size_t warning_size)
{
	const struct syslog_output *s = self;

	if (str_known(s->address)) {
		snprintf(error, size, "`address` is not supported yet, only a local socket (`path`)");
		return -EINVAL;
	}
	if (str_known(s->ca_file) || str_known(s->cert_file) || str_known(s->key_file)) {
		snprintf(error, size, "`ca_file`, `cert_file` and `key_file` mean nothing without `address`");
		return -EINVAL;
	}
	if (s->path.len == 0 || s->path.len >= sizeof(((struct sockaddr_un *)NULL)->sun_path)) {
		snprintf(error, size, "`path` must have 1 to %zu bytes",
			 sizeof(((struct sockaddr_un *)NULL)->sun_path) - 1);
		return -EINVAL;
	}
	return 0;
}

/* The daemon may come later; the address was checked. */
static int syslog_open(void *self, const struct outputs_options *options, char *error, size_t size)
{
	struct syslog_output *s = self;
	int r = syslog_check(self, error, size, NULL, 0);

	if (r < 0)
		return r;
	s->pid = getpid();
	tzset();
	return 0;
}

static void disconnect(struct syslog_output *s)
{
	if (s->fd >= 0)
		close(s->fd);
	s->fd = -1;
}

static void syslog_close(void *self)
{
	disconnect(self);
}

static void syslog_render(const void *self, const struct alert *a, struct buf *b)
{
	const struct syslog_output *s = self;
	struct head head = {
		.time_s = a->time_ns / NS_PER_S,
		.priority = facility_codes[s->facility] | (int)a->rule->severity,
	};
	size_t begin;

	buf_add(b, &head, sizeof(head));
	begin = b->len;
	text_cut(a->rule->id, MAX_ID, false, b);
	buf_text(b, ": ");
	text_cut(a->summary, MAX_SUMMARY, false, b);
	facts_all(a, MAX_TEXT - (b->len - begin), b);
}

static int reconnect(struct syslog_output *s)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	int r;

	disconnect(s);
	memcpy(to.sun_path, s->path.p, s->path.len);
	s->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (s->fd < 0)
		return -errno;
	if (connect(s->fd, (const struct sockaddr *)&to, sizeof(to)) < 0) {
		r = -errno;
		disconnect(s);
		return r;
	}
	return 0;
}

/* "<38>Nov 23 13:05:00 execwatch[42]: "; a day below 10 has a space in front. */
static void write_header(const struct syslog_output *s, const struct head *head, struct buf *b)
{
	static const char months[][4] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
					  "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
	time_t t = (time_t)head->time_s;
	struct tm tm = { 0 };

	localtime_r(&t, &tm);
	buf_printf(b, "<%d>%s %2d %02d:%02d:%02d execwatch[%d]: ", head->priority, months[tm.tm_mon],
		   tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec, (int)s->pid);
}

/* One datagram. A socket with a small buffer refuses a long one (EMSGSIZE): what it takes is sent. */
static int send_once(const struct syslog_output *s, struct str header, struct str text)
{
	char mark[48];
	size_t kept;
	struct iovec part[] = { { (char *)header.p, header.len }, { (char *)text.p, text.len }, { mark, 0 } };
	struct msghdr m = { .msg_iov = part, .msg_iovlen = 3 };

	while (sendmsg(s->fd, &m, MSG_DONTWAIT | MSG_NOSIGNAL) < 0) {
		if (errno == EINTR)
			continue;
		if (errno != EMSGSIZE || part[1].iov_len <= MIN_TEXT)
			return -errno;
		kept = utf8_cut(text, part[1].iov_len / 2).len;
		part[1].iov_len = kept;
		part[2].iov_len = (size_t)snprintf(mark, sizeof(mark), "…(+%zu bytes)", text.len - kept);
	}
	return 0;
}

static bool is_gone(int r)
{
	return r == -ECONNREFUSED || r == -ECONNRESET || r == -ENOTCONN || r == -ENOENT || r == -EPIPE;
}

/* The same, waiting while the daemon's queue is full. */
static int send_patiently(const struct syslog_output *s, struct str header, struct str text,
			  const atomic_bool *cancelled)
{
	int r = send_once(s, header, text);

	for (int64_t left = FULL_NS; r == -EAGAIN && left > 0; left -= RETRY_NS) {
		if (wait_fd(s->fd, POLLOUT, RETRY_NS, cancelled) == -ECANCELED)
			return -ECANCELED;
		r = send_once(s, header, text);
	}
	return r;
}

/* A daemon that went away may only be starting again, so it is looked for during RESTART_NS; one that was not
 * there for the last alert is not waited for. */
static int send_text(struct syslog_output *s, struct str header, struct str text,
		     const atomic_bool *cancelled)
{
	int64_t left = s->fd >= 0 ? RESTART_NS : 0;
	int r;

	for (;;) {
		r = s->fd >= 0 ? 0 : reconnect(s);
		if (r == 0)
			r = send_patiently(s, header, text, cancelled);
		if (!is_gone(r))
			return r;
		disconnect(s);
		if (left <= 0)
			return r;
		left -= RETRY_NS;
		if (wait_fd(-1, 0, RETRY_NS, cancelled) == -ECANCELED)
			return -ECANCELED;
	}
}

static enum sent syslog_send(void *self, struct str message, const atomic_bool *cancelled, char *error,
			     size_t size)
{
	struct syslog_output *s = self;
	char memory[128];
	struct buf header;
	struct head head;
	int r;

	memcpy(&head, message.p, sizeof(head));
	buf_init_fixed(&header, memory, sizeof(memory));
	write_header(s, &head, &header);

	r = send_text(s, buf_get(&header), str_skip(message, sizeof(head)), cancelled);
	if (r == 0)
		return SENT;
	snprintf(error, size, "%.*s: %s", STR_ARG(s->path),
		 r == -EAGAIN ? "the daemon does not read" : strerror(-r));
	return SEND_FAILED;
}

const struct output_type output_syslog = {
	.type = "syslog",
	.help = "the syslog daemon of this machine",
	.size = sizeof(struct syslog_output),
	.settings = syslog_settings,
	.init = syslog_init,
	.check = syslog_check,
	.open = syslog_open,
	.render = syslog_render,
	.send = syslog_send,
	.close = syslog_close,
};
