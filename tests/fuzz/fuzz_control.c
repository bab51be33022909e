/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a client of the control socket may say, in pieces, and what may answer one. Whatever was said, the
 * connection ends with an answer or without one, the loop comes to rest, and the next client is served.
 */
#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "cli/control.h"
#include "tests/fuzz/fuzz.h"

static char folder[] = "/tmp/execwatch-fuzz.XXXXXX";
static struct control *control;

static void answer(void *ctx, enum control_request request, struct buf *to)
{
	buf_text(to, request == CONTROL_STATUS_JSON ? "{}\n" : "fine\n");
}

static void stop(void)
{
	char lock[sizeof(folder) + 8];

	control_free(control);
	snprintf(lock, sizeof(lock), "%s/lock", folder);
	unlink(lock);
	rmdir(folder);
}

static void start(void)
{
	static const struct privileges nobody = { 0 };
	const struct control_options options = { .state = folder, .who = &nobody, .answer = answer };

	CHECK(mkdtemp(folder));
	control = control_listen(control_open(&options));
	CHECK(control);
	atexit(stop);
}

static int connect_client(void)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	snprintf(a.sun_path, sizeof(a.sun_path), "%s/control", folder);
	CHECK(fd >= 0 && connect(fd, (struct sockaddr *)&a, sizeof(a)) == 0);
	return fd;
}

static void serve(void)
{
	struct pollfd f = { .fd = control_fd(control), .events = POLLIN };

	for (int i = 0; poll(&f, 1, 0) == 1; i++) {
		CHECK(i < 1000);
		control_serve(control);
	}
}

/* What comes back of @bytes, said in two pieces. Negative: the connection is still open. */
static ssize_t talk(struct str bytes, char *got, size_t size)
{
	int fd = connect_client();
	size_t half = bytes.len / 2;
	ssize_t n;

	send(fd, bytes.p, half, MSG_NOSIGNAL);
	serve();
	send(fd, bytes.p + half, bytes.len - half, MSG_NOSIGNAL);
	serve();
	n = recv(fd, got, size, 0);
	if (n < 0 && errno == ECONNRESET)
		n = 0;
	close(fd);
	serve();
	return n;
}

static bool is(const char *got, ssize_t n, const char *text)
{
	return n == (ssize_t)strlen(text) && memcmp(got, text, strlen(text)) == 0;
}

static void check_request(struct str bytes)
{
	const char *end = bytes.len ? memchr(bytes.p, '\n', bytes.len < 64 ? bytes.len : 64) : NULL;
	struct str line = { bytes.p, end ? (size_t)(end - bytes.p) : 0 };
	char got[256];
	ssize_t n = talk(bytes, got, sizeof(got));

	if (end && str_eq(line, STR_LIT("status text")))
		CHECK(is(got, n, "ok 5\nfine\n"));
	else if (end && str_eq(line, STR_LIT("status json")))
		CHECK(is(got, n, "ok 3\n{}\n"));
	else if (end || bytes.len >= 64)
		CHECK(is(got, n, "error there is no such request\n"));
	else
		CHECK(n < 0);
	CHECK(is(got, talk(STR_LIT("status text\n"), got, sizeof(got)), "ok 5\nfine\n"));
}

static void check_answer(struct str bytes)
{
	struct buf body = BUF_INIT, whole = BUF_INIT;
	int r = control_read_answer(bytes, &body);

	CHECK(r == 0 || (r == -EBADMSG && body.len == 0));
	if (r == 0) {
		buf_printf(&whole, "ok %zu\n", body.len);
		buf_str(&whole, buf_get(&body));
		CHECK(str_eq(buf_get(&whole), bytes));
	}
	buf_done(&body);
	buf_done(&whole);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str bytes = { (const char *)data, size };

	if (!data || size > 4096)
		return 0;
	if (!control)
		start();
	check_request(bytes);
	check_answer(bytes);
	return 0;
}
