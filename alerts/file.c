/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Alerts as JSON lines, appended to a file.
 *
 * Whoever rotates logs may rename or remove the file: before each alert its name is looked up, and when it
 * leads elsewhere the file is opened (made) again. The process may have become another user in between: what
 * is made at first is given to that one, and where it may not even look the name up, the open file is used as
 * long as it has a name at all. A line is whole or not there: what a full disk let in of one is cut off
 * again. Nothing waits for the disk (fsync): what the kernel has is safe from our end, not from the
 * machine's.
 */
#include "alerts/output.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"

struct file_output {
	struct str path;
	char *name;		/* path with a NUL */
	int fd;
	bool is_torn;		/* the file may end inside a line */
};

static const struct setting file_settings[] = {
	{ "path", SETTING_PATH, offsetof(struct file_output, path), true, NULL,
	  "the file that alerts are appended to, as JSON lines; made with mode 0640 where it is missing" },
	{ 0 },
};

static void file_init(void *self)
{
	((struct file_output *)self)->fd = -1;
}

static int file_check(const void *self, char *error, size_t size, char *warning, size_t warning_size)
{
	const struct file_output *f = self;

	if (f->path.len == 0 || memchr(f->path.p, '\0', f->path.len)) {
		snprintf(error, size, "`path` must name a file");
		return -EINVAL;
	}
	return 0;
}

/* Does the file end inside a line, as one does whose writer was killed? */
static bool ends_torn(int fd, off_t size)
{
	char last;

	return size > 0 && pread(fd, &last, 1, size - 1) == 1 && last != '\n';
}

/*
 * O_NOFOLLOW: the folder may belong to the user that execwatch drops to, who must not lead a file that root
 * opens elsewhere. O_NONBLOCK: opening a FIFO without a reader would wait; it means nothing for files.
 * O_EXCL tells whether the file is ours to give away.
 */
static int open_or_make(const char *name, bool *ret_made)
{
	const int flags = O_RDWR | O_APPEND | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK;
	int fd;

	/* Between the two somebody else may make it, or take it away; not without end. */
	for (int i = 0; i < 8; i++) {
		*ret_made = false;
		fd = open(name, flags);
		if (fd >= 0 || errno != ENOENT)
			break;
		*ret_made = true;
		fd = open(name, flags | O_CREAT | O_EXCL, 0640);
		if (fd >= 0 || errno != EEXIST)
			break;
	}
	return fd < 0 ? -errno : fd;
}

/* @options: at the beginning; NULL later. */
static int open_file(struct file_output *f, const struct outputs_options *options)
{
	bool made;
	int fd = open_or_make(f->name, &made);
	struct stat st;

	if (fd < 0)
		return fd;
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode)) {
		close(fd);
		return -EINVAL;
	}
	/* Where that is refused (a network mount that trusts no root) it can be written all the same. */
	if (made && options && options->changes_user)
		(void)!fchown(fd, options->uid, options->gid);
	if (f->fd >= 0)
		close(f->fd);
	f->fd = fd;
	f->is_torn = ends_torn(fd, st.st_size);
	return 0;
}

static void say(const struct file_output *f, int r, char *error, size_t size)
{
	const char *why = strerror(-r);

	if (r == -ELOOP)
		why = "it is a symbolic link";
	else if (r == -EINVAL)
		why = "it is no regular file";
	else if (r == -EACCES)
		why = "Permission denied; its user must be able to write folder and file, or rotate with "
		      "copytruncate";
	snprintf(error, size, "%s: %s", f->name, why);
}

/* What may pass by itself, a folder that is not there yet or a full disk, is tried again with each alert. */
static int file_open(void *self, const struct outputs_options *options, char *error, size_t size)
{
	struct file_output *f = self;
	int r;

	f->name = strndup(f->path.p, f->path.len);
	if (!f->name) {
		snprintf(error, size, "out of memory");
		return -ENOMEM;
	}
	r = open_file(f, options);
	if (r == 0 || r == -ENOENT || r == -ENOSPC || r == -EROFS)
		return 0;
	say(f, r, error, size);
	free(f->name);
	f->name = NULL;
	return r;
}

static void file_close(void *self)
{
	struct file_output *f = self;

	close_cleanup(&f->fd);
	f->fd = -1;
	free(f->name);
	f->name = NULL;
}

static void file_render(const void *self, const struct alert *a, struct buf *b)
{
	alert_write(a, b);
	buf_char(b, '\n');
}

/* Is the open file still the one of that name, as far as that can be seen? */
static bool is_current(const struct file_output *f)
{
	struct stat named, opened;

	if (f->fd < 0 || fstat(f->fd, &opened) < 0)
		return false;
	if (lstat(f->name, &named) < 0)
		return errno == EACCES && opened.st_nlink > 0;
	return named.st_ino == opened.st_ino && named.st_dev == opened.st_dev;
}

/* Takes back @n bytes from the end, unless somebody else has written behind them. */
static void take_back(struct file_output *f, off_t begin, size_t n)
{
	struct stat st;

	if (n == 0)
		return;
	if (fstat(f->fd, &st) < 0 || st.st_size != begin + (off_t)n || ftruncate(f->fd, begin) < 0)
		f->is_torn = true;
}

static int append(struct file_output *f, struct str message)
{
	struct str rest = message;
	struct stat st;
	ssize_t n;
	int r;

	if (fstat(f->fd, &st) < 0)
		return -errno;
	while (rest.len > 0) {
		n = write(f->fd, rest.p, rest.len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			r = -errno;
			take_back(f, st.st_size, message.len - rest.len);
			return r;
		}
		rest = str_skip(rest, (size_t)n);
	}
	return 0;
}

static enum sent file_send(void *self, struct str message, const atomic_bool *cancelled, char *error,
			   size_t size)
{
	struct file_output *f = self;
	int r = is_current(f) ? 0 : open_file(f, NULL);

	if (r == 0 && f->is_torn) {
		r = append(f, STR_LIT("\n"));
		f->is_torn = r < 0;
	}
	if (r == 0)
		r = append(f, message);
	if (r == 0)
		return SENT;
	say(f, r, error, size);
	return SEND_FAILED;
}

const struct output_type output_file = {
	.type = "file",
	.help = "JSON lines appended to a file, which may be rotated at any time",
	.size = sizeof(struct file_output),
	.settings = file_settings,
	.init = file_init,
	.check = file_check,
	.open = file_open,
	.render = file_render,
	.send = file_send,
	.close = file_close,
};
