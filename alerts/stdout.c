/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Alerts on the standard output: for people, or as JSON lines for programs.
 *
 * The text form has all facts in its first line, so that grep sees them together; a second line says why the
 * rule exists. Times are UTC, as in the records. Bytes from processes are escaped: an argv can neither steer
 * the terminal nor fake a line.
 *
 * The descriptor may be shared with other processes, so it stays blocking (O_NONBLOCK would be theirs, too).
 * A pipe that poll(2) calls writable takes PIPE_BUF bytes without blocking (pipe(7)); more are written in
 * pieces of that size. There is no timeout: a reader that pauses is waited for, and the queue fills.
 */
#include "alerts/output.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "alerts/facts.h"
#include "alerts/wait.h"
#include "base/text.h"
#include "base/timefmt.h"

enum format { FORMAT_TEXT, FORMAT_JSONL };

static const char *const formats[] = { "text", "jsonl", NULL };

struct stdout_output {
	int format;
	bool colour;
	bool is_torn;		/* the last message ended inside a line */
};

static const struct setting stdout_settings[] = {
	{ "format", SETTING_CHOICE, offsetof(struct stdout_output, format), false, formats,
	  "text: a line for people; jsonl: one JSON object a line" },
	{ 0 },
};

/* SGR sequences (ECMA-48 section 8.3.117). */
#define RESET "\033[0m"
#define BOLD "\033[1m"
#define DIM "\033[2m"

static const char *const severity_colours[N_SEVERITIES] = {
	[SEVERITY_EMERGENCY] = "\033[1;37;41m",
	[SEVERITY_ALERT] = "\033[1;37;41m",
	[SEVERITY_CRITICAL] = "\033[1;31m",
	[SEVERITY_ERROR] = "\033[31m",
	[SEVERITY_WARNING] = "\033[33m",
	[SEVERITY_NOTICE] = "\033[36m",
	[SEVERITY_INFO] = "\033[34m",
	[SEVERITY_DEBUG] = "\033[2m",
};

/* no-color.org; and a terminal that says it cannot. */
static bool wants_colour(void)
{
	const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");

	return isatty(STDOUT_FILENO) && !(no_color && no_color[0]) && !(term && strcmp(term, "dumb") == 0);
}

static int stdout_open(void *self, const struct outputs_options *options, char *error, size_t size)
{
	struct stdout_output *s = self;

	if (fcntl(STDOUT_FILENO, F_GETFD) < 0) {
		snprintf(error, size, "there is no standard output");
		return -EBADF;
	}
	s->colour = wants_colour();
	return 0;
}

static void add_coloured(const struct stdout_output *s, const char *colour, struct str text, struct buf *b)
{
	if (s->colour)
		buf_text(b, colour);
	escape_controls(text, b);
	if (s->colour)
		buf_text(b, RESET);
}

/* "2026-11-23T13:05:00.123Z" */
static void add_time(const struct stdout_output *s, int64_t ns, struct buf *b)
{
	char text[64];
	struct buf t;

	buf_init_fixed(&t, text, sizeof(text));
	time_write(ns, &t);
	buf_cut(&t, strlen("2026-11-23T13:05:00.123"));
	buf_char(&t, 'Z');
	add_coloured(s, DIM, buf_get(&t), b);
}

static void add_facts(const struct stdout_output *s, const struct alert *a, struct buf *b)
{
	if (s->colour)
		buf_text(b, DIM);
	buf_char(b, ' ');	/* a second space: the summary is over */
	facts_short(a, b);
	if (s->colour)
		buf_text(b, RESET);
}

static void add_why(const struct stdout_output *s, const struct rule *rule, struct buf *b)
{
	buf_text(b, s->colour ? "    " DIM : "    ");
	escape_controls(rule_about(rule)->why, b);
	if (str_known(rule->source)) {
		buf_text(b, " (");
		escape_controls(rule->source, b);
		buf_char(b, ')');
	}
	buf_text(b, s->colour ? RESET "\n" : "\n");
}

/*
 *	2026-11-23T13:05:00.123Z critical  web-shell: www-data ran sh -c id  pid=42 duration=1.2ms
 *	    A web server that starts a shell is the usual first step after an upload. (web.yaml:12)
 */
static void render_text(const struct stdout_output *s, const struct alert *a, struct buf *b)
{
	const struct rule *rule = a->rule;
	const char *severity = severity_names[rule->severity];

	add_time(s, a->time_ns, b);
	buf_char(b, ' ');
	add_coloured(s, severity_colours[rule->severity], str_of(severity), b);
	buf_printf(b, "%*s", (int)(strlen("emergency") - strlen(severity) + 1), "");
	add_coloured(s, BOLD, rule->id, b);
	buf_text(b, ": ");
	escape_controls(a->summary, b);
	add_facts(s, a, b);
	buf_char(b, '\n');
	if (str_known(rule_about(rule)->why))
		add_why(s, rule, b);
}

static void stdout_render(const void *self, const struct alert *a, struct buf *b)
{
	const struct stdout_output *s = self;

	if (s->format == FORMAT_TEXT) {
		render_text(s, a, b);
		return;
	}
	alert_write(a, b);
	buf_char(b, '\n');
}

/* *@rest is what has not been written yet. */
static int write_all(struct str *rest, const atomic_bool *cancelled)
{
	ssize_t n;
	int r;

	while (rest->len > 0) {
		r = wait_fd(STDOUT_FILENO, POLLOUT, WAIT_FOREVER, cancelled);
		if (r < 0)
			return r;
		n = write(STDOUT_FILENO, rest->p, rest->len < PIPE_BUF ? rest->len : PIPE_BUF);
		if (n >= 0)
			*rest = str_skip(*rest, (size_t)n);
		else if (errno != EINTR && errno != EAGAIN)
			return -errno;
	}
	return 0;
}

/* After half a line the next one begins with a newline: one line is bad, not two. */
static enum sent stdout_send(void *self, struct str message, const atomic_bool *cancelled, char *error,
			     size_t size)
{
	struct stdout_output *s = self;
	struct str newline = STR("\n"), rest = message;
	int r = s->is_torn ? write_all(&newline, cancelled) : 0;

	if (r == 0) {
		r = write_all(&rest, cancelled);
		s->is_torn = rest.len > 0 && rest.len < message.len;
	}
	if (r == 0)
		return SENT;
	snprintf(error, size, "standard output: %s", strerror(-r));
	return r == -EPIPE ? SEND_GONE : SEND_FAILED;
}

const struct output_type output_stdout = {
	.type = "stdout",
	.help = "the standard output, for people or as JSON lines",
	.size = sizeof(struct stdout_output),
	.settings = stdout_settings,
	.open = stdout_open,
	.render = stdout_render,
	.send = stdout_send,
};
