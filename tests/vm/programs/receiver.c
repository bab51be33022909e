// SPDX-License-Identifier: Apache-2.0
/*
 * A small HTTP receiver: `receiver PORT BODIES` listens on 127.0.0.1, appends the body of each POST to BODIES
 * as a line and answers 204. One connection after the other, one request each: enough to receive alerts.
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define MAX_REQUEST (8u << 20)

static void die(const char *what)
{
	perror(what);
	exit(EXIT_FAILURE);
}

static void say(int fd, const char *line)
{
	if (write(fd, line, strlen(line)) < 0)
		perror("receiver");
}

/* The value of a header in the lower-case text @head, or NULL. */
static const char *header(const char *head, const char *name)
{
	const char *at = strstr(head, name);

	return at ? at + strlen(name) : NULL;
}

/* Reads one request into @text, of which the body starts at *ret_body. False: the peer broke off. */
static bool read_request(int fd, char *text, char **ret_body, size_t *ret_size)
{
	size_t have = 0, want = MAX_REQUEST;
	char *body = NULL;

	while (!body || have < want) {
		ssize_t n = have < MAX_REQUEST ? read(fd, text + have, MAX_REQUEST - have) : -1;

		if (n <= 0)
			return false;
		have += n;
		text[have] = '\0';
		if (body)
			continue;
		body = strstr(text, "\r\n\r\n");
		if (!body)
			continue;
		body[3] = '\0';		/* the head ends; its text is compared without case */
		body += 4;
		for (char *p = text; p < body; p++)
			*p = *p >= 'A' && *p <= 'Z' ? *p + 32 : *p;

		const char *length = header(text, "\ncontent-length:");

		if (!length || strncmp(text, "post ", 5) != 0)
			return false;
		want = (body - text) + strtoul(length, NULL, 10);
		*ret_size = want - (body - text);
		if (header(text, "\nexpect:"))
			say(fd, "HTTP/1.1 100 Continue\r\n\r\n");
	}
	*ret_body = body;
	return true;
}

int main(int argc, char **argv)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int listener = socket(AF_INET, SOCK_STREAM, 0), one = 1;
	char *text = malloc(MAX_REQUEST + 1);

	if (argc != 3 || !text || listener < 0)
		return EXIT_FAILURE;
	address.sin_port = htons(atoi(argv[1]));
	setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(listener, (struct sockaddr *)&address, sizeof(address)) < 0 || listen(listener, 64) < 0)
		die("listen");

	int bodies = open(argv[2], O_WRONLY | O_CREAT | O_APPEND, 0644);

	if (bodies < 0)
		die(argv[2]);
	for (;;) {
		int fd = accept(listener, NULL, NULL);
		size_t size;
		char *body;

		if (fd < 0)
			die("accept");
		if (read_request(fd, text, &body, &size)) {
			body[size] = '\n';
			if (write(bodies, body, size + 1) != (ssize_t)size + 1)
				die("write");
			say(fd, "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n");
		}
		close(fd);
	}
}
