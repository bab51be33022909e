/* SPDX-License-Identifier: Apache-2.0 */
/* A file line by line; see lines.h. */
#include "cli/lines.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/zstd.h"

#define FIRST_SIZE ((size_t)1 << 20)

int lines_open(struct lines *l, const char *path, size_t limit)
{
	int fd = strcmp(path, "-") == 0 ? dup(STDIN_FILENO) : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	int r;

	if (fd < 0)
		return -errno;
	*l = (struct lines){
		.path = path, .fd = fd, .limit = limit, .memory = malloc(FIRST_SIZE), .cap = FIRST_SIZE
	};
	if (!l->memory) {
		r = -ENOMEM;
		close(fd);
		l->fd = -1;
		return r;
	}
	return 0;
}

void lines_close(struct lines *l)
{
	if (!l->memory)
		return;
	zstd_reader_free(l->zstd);
	free(l->memory);
	close(l->fd);
	*l = (struct lines){ .fd = -1 };
}

static ssize_t read_fd(int fd, char *to, size_t size)
{
	ssize_t n;

	do
		n = read(fd, to, size);
	while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : n;
}

/* The first bytes tell what the file is; a pipe may give them one by one. */
static ssize_t begin(struct lines *l)
{
	size_t have = 0;
	ssize_t n;
	int r;

	do {
		n = read_fd(l->fd, l->memory + have, ZSTD_MAGIC_BYTES - have);
		if (n < 0)
			return n;
		have += (size_t)n;
	} while (n > 0 && have < ZSTD_MAGIC_BYTES);
	l->has_begun = true;
	if (!zstd_is_magic((struct str){ l->memory, have }))
		return (ssize_t)have;
	r = zstd_reader_new((struct str){ l->memory, have }, &l->zstd);
	return r < 0 ? r : zstd_read(l->zstd, l->fd, l->memory, l->cap);
}

/* Reads more behind what is there: moves it to the front, grows when it fills the memory. 1, 0 at the end. */
static int fill(struct lines *l)
{
	size_t room;
	ssize_t n;
	char *p;

	if (l->start > 0) {
		memmove(l->memory, l->memory + l->start, l->end - l->start);
		l->end -= l->start;
		l->start = 0;
	}
	if (l->end == l->cap) {
		p = realloc(l->memory, l->cap * 2);
		if (!p)
			return -ENOMEM;
		l->memory = p;
		l->cap *= 2;
	}
	room = l->cap - l->end;
	if (!l->has_begun)
		n = begin(l);
	else if (l->zstd)
		n = zstd_read(l->zstd, l->fd, l->memory + l->end, room);
	else
		n = read_fd(l->fd, l->memory + l->end, room);
	if (n < 0)
		return (int)n;
	l->end += (size_t)n;
	l->at_end = n == 0;
	return n > 0;
}

/* Throws away what is left of a line that is too long. */
static int skip_line(struct lines *l)
{
	char *newline;
	int r;

	for (;;) {
		newline = memchr(l->memory + l->start, '\n', l->end - l->start);
		if (newline) {
			l->start = (size_t)(newline - l->memory) + 1;
			break;
		}
		l->start = l->end = 0;
		r = fill(l);
		if (r < 0)
			return r;
		if (r == 0)
			break;
	}
	return -EFBIG;
}

int lines_next(struct lines *l, struct str *ret)
{
	size_t searched = 0;
	char *newline;
	int r;

	for (;;) {
		newline = memchr(l->memory + l->start + searched, '\n', l->end - l->start - searched);
		if (newline)
			break;
		searched = l->end - l->start;
		if (searched > l->limit) {
			l->number++;
			return skip_line(l);
		}
		r = l->at_end ? 0 : fill(l);
		if (r < 0)
			return r;
		if (r == 0 && l->start == l->end)
			return 0;
		if (r == 0) {
			newline = l->memory + l->end;
			break;
		}
	}
	*ret = (struct str){ l->memory + l->start, (size_t)(newline - l->memory) - l->start };
	l->start += ret->len + (newline < l->memory + l->end);
	l->number++;
	if (ret->len > l->limit)
		return -EFBIG;
	return 1;
}

bool line_is_blank(struct str line)
{
	for (size_t i = 0; i < line.len; i++)
		if (line.p[i] != ' ' && line.p[i] != '\t' && line.p[i] != '\r')
			return false;
	return true;
}

const char *lines_error(int e)
{
	switch (-e) {
	case ENODATA:
		return "the compressed data ends in its middle; what came before it was read";
	case EBADMSG:
		return "the compressed data is damaged; what came before it was read";
	case E2BIG:
		return "its window is larger than 128 MiB (zstd --long or --ultra); compress it without";
	default:
		return strerror(-e);
	}
}
