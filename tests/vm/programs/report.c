// SPDX-License-Identifier: Apache-2.0
/*
 * An image that is executed: says what it finds itself to be, and that is the truth of a successful exec.
 */
#include <stdlib.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "truth.h"

int main(int argc, char **argv)
{
	int64_t now = truth_now();
	char comm[16] = "", exe[256] = "", cwd[256] = "";
	struct truth t;

	(void)argc;
	prctl(PR_GET_NAME, comm);
	if (readlink("/proc/self/exe", exe, sizeof(exe) - 1) < 0 || !getcwd(cwd, sizeof(cwd)))
		return EXIT_FAILURE;

	truth_begin(&t);
	truth_int(&t, "retval", 0);
	truth_int(&t, "after", now);
	truth_wall(&t, "wall_after", 1);
	truth_ids(&t);
	truth_text(&t, "comm", comm);
	truth_text(&t, "exe", exe);
	truth_text(&t, "cwd", cwd);
	truth_words(&t, "argv", argv);
	truth_end(&t);
	return EXIT_SUCCESS;
}
