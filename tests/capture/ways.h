/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Ways to exec. Each is run in a child of its own, names it "caller", takes its truth, makes the exec of
 * its scenario, and returns where that failed.
 */
#ifndef TESTS_CAPTURE_WAYS_H
#define TESTS_CAPTURE_WAYS_H

#include "tests/capture/scenarios.h"

typedef void way_fn(const struct scenario *s, struct truth *t);

/* --- ways.c: how the call is made --- */

/* For the others: names the process, takes the truth, and gives the words as the call takes them. */
char **ways_begin(const struct scenario *s, struct truth *t);
/* LONG is filled in by ways_prepare(), which also looks for what this kernel can do. */
extern char *const ways_env[];
void ways_prepare(void);

way_fn run_execve, run_large_env, run_long_variable, run_null_argv, run_empty_argv, run_bad_word;
way_fn run_bad_array;
way_fn run_by_name_at, run_by_name_at_cwd, run_by_descriptor, run_below_file, run_bad_flags, run_nofollow;
way_fn run_bad_descriptor;
way_fn run_script_by_descriptor, run_memfd, run_deleted, run_page_borders;
way_fn run_by_thread, run_beside_parked, run_over_parked;
way_fn run_untouched;
way_fn run_int80, run_int80_at;		/* of x86 alone */

/* --- settings.c: under what circumstances --- */

way_fn run_unlimited_stack, run_busy, run_as_nobody, run_without_capability, run_logged_in;
way_fn run_nosuid, run_noexec, run_deep, run_in_namespaces;
way_fn run_with_pipes, run_with_closed, run_on_terminal, run_traced;
way_fn run_in_cgroup;
way_fn run_core_pattern, run_module_request;

#endif
