/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Inherited descriptors; see descriptors.h. A standard stream that is closed is opened the wrong way round:
 * results that reach nobody must stay an error.
 */
#include "cli/descriptors.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <unistd.h>

#include "base/log.h"
#include "cli/verb.h"

int descriptors_hold_standard(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
		if (fcntl(fd, F_GETFD) >= 0)
			continue;
		/* The lowest that is free is this one: those before it are open. */
		if (open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) < 0)
			return -errno;
	}
	return 0;
}

int descriptors_close_inherited(void)
{
	if (close_range(STDERR_FILENO + 1, UINT_MAX, 0) == 0)
		return EXIT_FINE;
	log_error("not started: cannot close the descriptors that were inherited: %m");
	return EXIT_SYSTEM;
}
