/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One message is one line and one write, so that lines of several processes do not mix. What a message quotes
 * may come from anywhere: control bytes are escaped. Memory is the stack's, so that even "out of memory" can
 * be said.
 */
#include "base/log.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/text.h"

#define MAX_MESSAGE 2048
#define PATIENCE_MS 100

static void log_line(const char *prefix, const char *fmt, va_list args)
{
	/* Each byte may become "\xHH"; the rest is for the prefix. */
	char message[MAX_MESSAGE], memory[4 * MAX_MESSAGE + 64];
	int saved_errno = errno, n;
	struct buf line;

	n = vsnprintf(message, sizeof(message), fmt, args);
	buf_init_fixed(&line, memory, sizeof(memory));
	buf_text(&line, prefix);
	escape_controls(str_of(n < 0 ? fmt : message), &line);
	buf_text(&line, n >= (int)sizeof(message) ? "...\n" : "\n");
	fwrite(line.p, 1, line.len, stderr);
	errno = saved_errno;
}

void log_error(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	log_line("execwatch: ", fmt, args);
	va_end(args);
}

void log_warning(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	log_line("execwatch: warning: ", fmt, args);
	va_end(args);
}

void log_info(const char *fmt, ...)
{
	struct pollfd fd = { .fd = STDERR_FILENO, .events = POLLOUT };
	va_list args;

	if (poll(&fd, 1, PATIENCE_MS) == 0)
		return;
	va_start(args, fmt);
	log_line("execwatch: ", fmt, args);
	va_end(args);
}
