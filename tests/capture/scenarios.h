/* SPDX-License-Identifier: Apache-2.0 */
/* What is executed, and what the events must say of it. */
#ifndef TESTS_CAPTURE_SCENARIOS_H
#define TESTS_CAPTURE_SCENARIOS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"
#include "tests/capture/truth.h"

#define NOBODY 65534

struct scenario {
	const char *name;		/* NULL: one more event of the scenario above */
	/* Runs in a child, makes the exec, and returns where that failed. */
	void (*run)(const struct scenario *s, struct truth *t);
	/* As they must be in the event. */
	int64_t retval;
	const char *filename;
	const char *exe, *comm;		/* of a success; comm also past the point of no return */
	const struct str *argv;
	size_t n_argv;
	const struct str *given;	/* what was handed over, where another argv was executed */
	size_t n_given;
	bool given_differs;		/* also where nothing was handed over */
	const char *argv_state;		/* NULL: complete */
	bool may_be_partial;		/* kernels differ; what is said must be right */
	const char *syscall, *abi;	/* NULL: execve, 64 */
	const char *stage;		/* of a failure, where the backend can tell; NULL: none can */
	const char *unit, *container;
	const char *caller;		/* NULL: this test, by the name "caller"; else the 32-bit program */
	bool cut, thread, memfd, deleted, traced, euid_root;
	bool other_ns;			/* in another mount namespace than the test */
	bool without_env;
	bool changes_abi;		/* the new image is of the other word size than the caller */
	/* How and where it runs. */
	uint64_t limit;			/* of argv; 0: the default */
	bool heavy;			/* by two backends only */
	bool cuts_env;			/* one more variable, which is too long */
	bool own_machine;		/* changes what holds for the whole machine */
};

extern const size_t n_scenarios;
const struct scenario *scenarios_get(size_t i);

/* Makes the files that are executed, in a new folder that becomes the working directory; the 32-bit program
 * is taken from @programs. 0 or -errno. */
int scenarios_prepare(const char *programs);
void scenarios_clean(void);

#endif
