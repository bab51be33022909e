/* SPDX-License-Identifier: Apache-2.0 */
/* What a child knows of itself right before its exec. */
#ifndef TESTS_CAPTURE_TRUTH_H
#define TESTS_CAPTURE_TRUTH_H

#include <limits.h>
#include <stdint.h>
#include <sys/types.h>

/* In memory that the child shares with who checks the event. */
struct truth {
	pid_t pid, ppid;		/* 0: the child's, and the test's */
	pid_t pgid, sid;		/* 0: inherited */
	pid_t ns_pid;
	uid_t uid, euid;
	gid_t gid, egid;
	int64_t ns_pid_ino, ns_mnt_ino;
	int64_t login_uid, audit_session;	/* -1: unset */
	char cwd[PATH_MAX], cgroup[PATH_MAX];	/* cgroup "": no hierarchy of version 2 */
	char tty[64];			/* "": none */
	char fd[3][16];			/* as the field fd.in has it */
};

/* All that a process can find out itself; not pid, ppid, pgid, sid and tty, which who changes them sets. */
void truth_take(struct truth *t);

#endif
