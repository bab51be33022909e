/* SPDX-License-Identifier: Apache-2.0 */
/* A control socket in a new directory, and a client of it in the same process. */
#ifndef TESTS_UNIT_CONTROL_H
#define TESTS_UNIT_CONTROL_H

#include "tests/unit/test.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "cli/control.h"

struct place {
	char folder[64], state[80], path[92], lock[92];
	struct privileges who;
	struct control *control;
	size_t answer_bytes;		/* of the answer to a request for JSON */
	int asked;
};

static inline void answer(void *ctx, enum control_request request, struct buf *to)
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

static inline struct control *open_control(struct place *p)
{
	const struct control_options options = {
		.state = p->state, .who = &p->who, .answer = answer, .ctx = p
	};

	return control_open(&options);
}

static inline int setup(void **state)
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

static inline int setup_listening(void **state)
{
	struct place *p;

	if (setup(state) < 0)
		return -1;
	p = *state;
	p->control = control_listen(open_control(p));
	return p->control ? 0 : -1;
}

static inline int teardown(void **state)
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

static inline int connect_client(const struct place *p)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	snprintf(a.sun_path, sizeof(a.sun_path), "%s", p->path);
	assert_int_equal(connect(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	return fd;
}

static inline void say(int fd, const char *text)
{
	assert_int_equal(send(fd, text, strlen(text), MSG_NOSIGNAL), strlen(text));
}

static inline bool has_work(const struct place *p)
{
	struct pollfd f = { .fd = control_fd(p->control), .events = POLLIN };

	return poll(&f, 1, 0) == 1;
}

/* Until there is nothing to do: the loop of the session sleeps then. */
static inline void serve(struct place *p)
{
	for (int i = 0; has_work(p); i++) {
		assert_true(i < 10000);
		control_serve(p->control);
	}
}

/* What came, as a string, and whether the connection was closed behind it. */
static inline bool received(int fd, char *ret, size_t size)
{
	size_t len = 0;
	ssize_t n;

	while (len < size - 1 && (n = recv(fd, ret + len, size - 1 - len, 0)) > 0)
		len += (size_t)n;
	ret[len] = '\0';
	return len == size - 1 || n == 0 || errno == ECONNRESET;
}

static inline void assert_closed(int fd, const char *want)
{
	char got[256];

	assert_true(received(fd, got, sizeof(got)));
	assert_string_equal(got, want);
	close(fd);
}

#endif
