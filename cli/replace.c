/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A file's new text goes to a temporary file beside it, to the disk, and takes its name in one step. The name
 * begins with a dot: where a directory of rules is read meanwhile, it is passed over.
 */
#include "cli/replace.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"

static int write_all(int fd, struct str text)
{
	while (text.len > 0) {
		ssize_t n = write(fd, text.p, text.len);

		if (n < 0 && errno != EINTR)
			return -errno;
		if (n > 0)
			text = str_skip(text, (size_t)n);
	}
	return 0;
}

/* The owner before the mode: a change of owner takes bits of the mode away. */
static int fill(int fd, const struct stat *like, struct str text)
{
	int err = write_all(fd, text);

	if (err < 0)
		return err;
	if (fchown(fd, like->st_uid, like->st_gid) < 0 || fchmod(fd, like->st_mode & 07777) < 0 ||
	    fsync(fd) < 0)
		return -errno;
	return 0;
}

/* So that the new name outlives a loss of power. Where it cannot be done the new text is in its place all the
 * same, and the old one is what a loss of power would bring back: whole as well. */
static void sync_directory(const char *path, size_t length)
{
	_cleanup_(free) char *folder = strndup(path, length ? length : 1);
	_cleanup_(close) int fd = folder ? open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;

	if (fd >= 0)
		fsync(fd);
}

int replace_file(const char *path, struct str text)
{
	_cleanup_(free) char *real = realpath(path, NULL), *temporary = NULL;
	_cleanup_(close) int fd = -1;
	size_t folder;
	struct stat st;
	int err;

	if (!real || stat(real, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode))
		return -EINVAL;
	folder = (size_t)(strrchr(real, '/') - real);
	/* Not after the file itself: a name as long as can be leaves no room. */
	if (asprintf(&temporary, "%.*s/.execwatch-XXXXXX", (int)folder, real) < 0)
		return -ENOMEM;
	fd = mkostemp(temporary, O_CLOEXEC);
	if (fd < 0)
		return -errno;
	err = fill(fd, &st, text);
	if (err == 0 && rename(temporary, real) < 0)
		err = -errno;
	if (err < 0) {
		unlink(temporary);
		return err;
	}
	sync_directory(real, folder);
	return 0;
}
