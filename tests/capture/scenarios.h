/* SPDX-License-Identifier: Apache-2.0 */
/* What is executed, and what the event must say of it. */
#ifndef TESTS_CAPTURE_SCENARIOS_H
#define TESTS_CAPTURE_SCENARIOS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

struct scenario {
	const char *name;
	/* Runs in a child named "caller", makes one exec, and returns where that failed. */
	void (*run)(const struct scenario *s);
	/* As they must be in the event. */
	int64_t retval;
	const char *filename;
	const char *exe, *comm;		/* of a success */
	const struct str *argv;
	size_t n_argv;
	const char *argv_state;		/* NULL: complete */
	const char *syscall, *abi;	/* NULL: execve, 64 */
	const char *stage;		/* of a failure, where the backend can tell; NULL: none can */
	bool cut, thread, memfd, deleted;
};

extern const size_t n_scenarios;
const struct scenario *scenarios_get(size_t i);

/* Makes the files that are executed, in a new folder that becomes the working directory. 0 or -errno. */
int scenarios_prepare(void);
void scenarios_clean(void);

#endif
