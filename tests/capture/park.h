/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Memory that whoever reads it is parked at: a page that a userfaultfd answers for (userfaultfd(2)). An
 * exec whose words lie there stays within the system call until it is let go.
 */
#ifndef TESTS_CAPTURE_PARK_H
#define TESTS_CAPTURE_PARK_H

#include <stdbool.h>
#include <sys/types.h>

struct park {
	int fd;
	char *page;
};

/* 0 or -errno. */
int park_make(struct park *p);
/* Until somebody is parked. */
int park_wait(const struct park *p);
/* The page is there, and full of zeros. */
int park_release(const struct park *p);

/*
 * Starts @n children that exec ./good and are parked within that, until the last copy of go[1] is closed;
 * both are pipes, of which parked[1] is closed here. False: not all of them came so far.
 */
bool park_execs(pid_t *children, int n, const int *parked, const int *go);

#endif
