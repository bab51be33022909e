/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a process knows of itself, by the system's own calls and files, to be held against what the capture
 * says of it.
 */
#include "tests/capture/truth.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/cleanup.h"

static const char *kind_of(int fd)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return "closed";
	switch (st.st_mode & S_IFMT) {
	case S_IFIFO: return "pipe";
	case S_IFSOCK: return "socket";
	case S_IFREG: return "file";
	case S_IFCHR: break;
	default: return "other";
	}
	if (st.st_rdev == makedev(1, 3))
		return "null";
	return isatty(fd) ? "tty" : "other";
}

/* The number in a small file; -1: no such file, or the 32 bits of ones that mean "unset". */
static int64_t number_in(const char *path)
{
	_cleanup_(fclose) FILE *f = fopen(path, "re");
	unsigned long n;

	return f && fscanf(f, "%lu", &n) == 1 && n != UINT32_MAX ? (int64_t)n : -1;
}

static int64_t inode_of(const char *path)
{
	struct stat st;

	return stat(path, &st) < 0 ? -1 : (int64_t)st.st_ino;
}

/* The path in the tree of that name: a line is "NUMBER:NAME:PATH", in the second version "0::/PATH". */
static bool cgroup_in(const char *tree, char *ret, size_t size)
{
	_cleanup_(fclose) FILE *f = fopen("/proc/self/cgroup", "re");
	char line[PATH_MAX], name[64];
	int at;

	while (f && fgets(line, sizeof(line), f)) {
		name[0] = '\0';
		line[strcspn(line, "\n")] = '\0';
		at = 0;
		if (sscanf(line, "%*u::%n", &at) < 0 || at == 0)
			sscanf(line, "%*u:%63[^:]:%n", name, &at);
		if (at == 0 || strcmp(name, tree) != 0)
			continue;
		snprintf(ret, size, "%s", line + at);
		return true;
	}
	return false;
}

/* The second version's. Where that is its root, the machine may use the first version. */
static void cgroup_of(char *ret, size_t size)
{
	static const char *const trees[] = { "", "pids", "memory" };
	char path[PATH_MAX];

	ret[0] = '\0';
	for (size_t i = 0; i < ARRAY_SIZE(trees) && (i == 0 || strcmp(ret, "/") == 0); i++)
		if (cgroup_in(trees[i], path, sizeof(path)))
			snprintf(ret, size, "%s", path);
}

void truth_take(struct truth *t)
{
	uid_t saved_uid;
	gid_t saved_gid;

	t->ns_pid = getpid();
	if (getresuid(&t->uid, &t->euid, &saved_uid) < 0 || getresgid(&t->gid, &t->egid, &saved_gid) < 0 ||
	    !getcwd(t->cwd, sizeof(t->cwd)))
		abort();
	t->ns_pid_ino = inode_of("/proc/self/ns/pid");
	t->ns_mnt_ino = inode_of("/proc/self/ns/mnt");
	t->login_uid = number_in("/proc/self/loginuid");
	t->audit_session = number_in("/proc/self/sessionid");
	cgroup_of(t->cgroup, sizeof(t->cgroup));
	for (int fd = 0; fd < 3; fd++)
		snprintf(t->fd[fd], sizeof(t->fd[fd]), "%s", kind_of(fd));
}
