/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Under what circumstances the call is made: by which user, from where, in which namespaces, with what
 * open. Mounts are made in a namespace of the child's own, which ends with it.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "tests/capture/files.h"
#include "tests/capture/ways.h"

#define DEEP 33			/* folders below each other */

/* argv may then be up to 6 MiB; otherwise a quarter of the stack's limit. */
void run_unlimited_stack(const struct scenario *s, struct truth *t)
{
	struct rlimit unlimited = { RLIM_INFINITY, RLIM_INFINITY };

	if (setrlimit(RLIMIT_STACK, &unlimited) == 0)
		run_execve(s, t);
}

void run_busy(const struct scenario *s, struct truth *t)
{
	if (open(s->filename, O_WRONLY | O_CLOEXEC) >= 0)
		run_execve(s, t);
}

/* --- Users -------------------------------------------------------------------------------------------- */

static int become_nobody(void)
{
	return setgid(NOBODY) < 0 || setuid(NOBODY) < 0 ? -errno : 0;
}

void run_as_nobody(const struct scenario *s, struct truth *t)
{
	if (become_nobody() == 0)
		run_execve(s, t);
}

void run_without_capability(const struct scenario *s, struct truth *t)
{
	if (prctl(PR_CAPBSET_DROP, CAP_NET_RAW, 0, 0, 0) == 0)
		run_execve(s, t);
}

/* The audit system lets a login be set once. */
void run_logged_in(const struct scenario *s, struct truth *t)
{
	_cleanup_(close) int fd = open("/proc/self/loginuid", O_WRONLY | O_CLOEXEC);

	if (fd < 0 || dprintf(fd, "%d", NOBODY) > 0)
		run_execve(s, t);
}

/* --- Mounts and namespaces ---------------------------------------------------------------------------- */

/* An empty file system at ./mount, which nobody else sees. */
static int mount_own(unsigned long flags)
{
	if (unshare(CLONE_NEWNS) < 0 || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
	    mount("tmpfs", "mount", "tmpfs", flags, "mode=0755") < 0)
		return -errno;
	return 0;
}

static int put_program(const char *path, mode_t mode)
{
	_cleanup_(close) int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0755);

	return fd < 0 || files_write_program(fd) < 0 || fchmod(fd, mode) < 0 ? -1 : 0;
}

/* A setuid program is executed there, and not as setuid. */
void run_nosuid(const struct scenario *s, struct truth *t)
{
	if (mount_own(MS_NOSUID) == 0 && put_program(s->filename, 04755) == 0 && become_nobody() == 0)
		run_execve(s, t);
}

void run_noexec(const struct scenario *s, struct truth *t)
{
	if (mount_own(MS_NOEXEC) == 0 && put_program(s->filename, 0755) == 0)
		run_execve(s, t);
}

void run_deep(const struct scenario *s, struct truth *t)
{
	char name[64];

	if (mount_own(0) < 0 || chdir("mount") < 0)
		return;
	for (int i = 0; i < DEEP; i++) {
		snprintf(name, sizeof(name), "folder-number-%02d-with-a-name-that-is-not-short", i);
		if (mkdir(name, 0755) < 0 || chdir(name) < 0)
			return;
	}
	run_execve(s, t);
}

/* Its first process there. Its own pid is 1, and only its parent knows the other one. */
void run_in_namespaces(const struct scenario *s, struct truth *t)
{
	pid_t child;
	int go[2];
	char byte;

	if (unshare(CLONE_NEWNS | CLONE_NEWPID) < 0 || pipe2(go, O_CLOEXEC) < 0)
		return;
	prctl(PR_SET_NAME, "caller");
	t->ppid = getpid();
	child = fork();
	if (child == 0) {
		if (read(go[0], &byte, 1) == 1)
			run_execve(s, t);
		_exit(0);
	}
	t->pid = child;
	if (write(go[1], "", 1) == 1)
		waitpid(child, NULL, 0);
}

/* --- Descriptors and terminals ------------------------------------------------------------------------ */

void run_with_pipes(const struct scenario *s, struct truth *t)
{
	int ends[2], sockets[2];

	if (pipe2(ends, O_CLOEXEC) < 0 || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets) < 0)
		return;
	dup2(ends[0], 0);
	dup2(sockets[0], 1);
	dup2(open("text", O_RDONLY | O_CLOEXEC), 2);
	run_execve(s, t);
}

void run_with_closed(const struct scenario *s, struct truth *t)
{
	dup2(open("/dev/full", O_WRONLY | O_CLOEXEC), 1);
	close(0);
	close(2);
	run_execve(s, t);
}

void run_on_terminal(const struct scenario *s, struct truth *t)
{
	int hidden = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC), terminal;
	char path[64];

	if (hidden < 0 || grantpt(hidden) < 0 || unlockpt(hidden) < 0 || setsid() < 0 ||
	    ptsname_r(hidden, path, sizeof(path)) != 0)
		return;
	terminal = open(path, O_RDWR | O_CLOEXEC);
	if (terminal < 0 || ioctl(terminal, TIOCSCTTY, 0) < 0)
		return;
	t->sid = t->pgid = getpid();
	snprintf(t->tty, sizeof(t->tty), "%s", path + strlen("/dev/"));
	for (int fd = 0; fd < 3; fd++)
		dup2(terminal, fd);
	run_execve(s, t);
}

void run_traced(const struct scenario *s, struct truth *t)
{
	if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) == 0)
		run_execve(s, t);
}

/* --- Groups of processes ------------------------------------------------------------------------------ */

void run_in_cgroup(const struct scenario *s, struct truth *t)
{
	if (files_join_cgroup(s->unit) == 0)
		run_execve(s, t);
}

/* --- Execs by the kernel itself ----------------------------------------------------------------------- */

static int set(const char *path, const char *value)
{
	_cleanup_(close) int fd = open(path, O_WRONLY | O_CLOEXEC);

	return fd < 0 || write(fd, value, strlen(value)) < 0 ? -errno : 0;
}

/* The kernel gives the core of a process that crashes to a program; %s is the signal's number. */
void run_core_pattern(const struct scenario *s, struct truth *t)
{
	char pattern[128];

	snprintf(pattern, sizeof(pattern), "|%s crashed %%s", s->filename);
	if (set("/proc/sys/kernel/core_pattern", pattern) == 0)
		abort();
}

/* The kernel lets a program load what a socket of an unknown family might need. */
void run_module_request(const struct scenario *s, struct truth *t)
{
	if (set("/proc/sys/kernel/modprobe", s->filename) == 0)
		socket(AF_X25, SOCK_SEQPACKET, 0);
}
