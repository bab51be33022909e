/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table of scenarios, and the words that they hand over. The files are made in a folder of their own;
 * `good` there is a program that does nothing.
 */
#include "tests/capture/scenarios.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "tests/capture/files.h"
#include "tests/capture/ways.h"

#define PAGE 4096
#define NAME_LIMIT 255

static const struct str plain_argv[] = { STR("good"), STR("one"), STR("two words") };
static const struct str odd_argv[] = {
	STR(""), STR(""), STR("a\nb"), STR("\xff\xfe\x80"), STR("\t\x1b[31m"), STR(""),
};
static const struct str no_argv[] = { STR("") };
static const struct str bad_argv[] = { STR("a"), STR(""), STR("c") };
#if defined(__x86_64__)
static const struct str int80_argv[] = { STR("x86"), STR(""), STR("end") };
#endif
static const struct str parked_argv[] = { STR("parked"), STR("waits for"), STR("") };

/* A script's words as they are handed over, and as its interpreter gets them. */
static const struct str script_given[] = { STR("its name"), STR("s1") };
static const struct str script_argv[] = { STR("/bin/sh"), STR("-e"), STR("./script"), STR("s1") };
static const struct str inner_argv[] = { STR("./good"), STR("one two"), STR("./inner"), STR("s1") };
static const struct str outer_argv[] = {
	STR("./good"), STR("one two"), STR("./inner"), STR("three"), STR("./outer"), STR("s1"),
};
static const struct str fd_script_argv[] = {
	STR("./good"), STR("one two"), STR("/dev/fd/100"), STR("s1"),
};
static const struct str empty_script_argv[] = { STR("./good"), STR("one two"), STR("./inner") };

/* What programs/hop32.c executes: what is behind its own first word, then what is behind its second one. */
static const struct str to_32_argv[] = { STR("hop32"), STR("x"), STR("./good"), STR("end") };
static const struct str through_32_argv[] = {
	STR("hop32"), STR("x"), STR("./hop32"), STR("y"), STR("./good"), STR("end"),
};

/* Filled in by scenarios_prepare(). */
static struct str intact_argv[8], border_argv[4], megabytes_argv[15], many_argv[100000], long_argv[4];
static struct str five_megabytes_argv[44];
static struct str core_argv[3], modprobe_argv[4];
static char folder[] = "/tmp/execwatch_live_XXXXXX", good[sizeof(folder) + 8], gone[sizeof(folder) + 8];
static char unit[64], container[65], container_unit[sizeof(container) + 16], long_name[NAME_LIMIT + 4];

#define WORDS_FROM(array, i) .argv = (array) + (i), .n_argv = ARRAY_SIZE(array) - (i)
#define WORDS(array) WORDS_FROM(array, 0)
#define GIVEN(array) .given = (array), .n_given = ARRAY_SIZE(array), .given_differs = true
#define GOOD .exe = good, .comm = "good"
#define FAILS NULL, NULL
#define OPEN .stage = "open"
#define LOAD .stage = "load"
#define AT .syscall = "execveat"
#define BY_32 .abi = "32"
#define IN_32 BY_32, .caller = "hop32", .without_env = true
#define MIB (UINT64_C(1) << 20)

static const struct scenario scenarios[] = {
	/* Words. */
	{ "success", run_execve, 0, "./good", GOOD, WORDS(plain_argv) },
	{ "success with odd words", run_execve, 0, good, GOOD, WORDS(odd_argv) },
	{ "success with 200 KiB of argv", run_execve, 0, "./good", GOOD, WORDS(intact_argv) },
	{ "success with 1.9 MB of argv", run_execve, 0, "./good", GOOD, WORDS(megabytes_argv),
	  .heavy = true },
	{ "success with 100,000 words", run_execve, 0, "./good", GOOD, WORDS(many_argv), .heavy = true },
	{ "success with argv NULL", run_null_argv, 0, "./good", GOOD, WORDS(no_argv),
	  .given_differs = true },
	{ "success with no word", run_empty_argv, 0, "./good", GOOD, WORDS(no_argv),
	  .given_differs = true },
	{ "success with words that nobody touched", run_untouched, 0, "./good", GOOD, WORDS(plain_argv) },
	{ "success with words at page borders", run_page_borders, 0, "./good", GOOD, WORDS(border_argv) },
	{ "success with a large environment", run_large_env, 0, "./good", GOOD, WORDS(plain_argv) },
	{ "success with a long variable", run_long_variable, 0, "./good", GOOD, WORDS(plain_argv),
	  .cuts_env = true },
	{ "ENOENT", run_execve, -ENOENT, "/nonexistent/nc", FAILS, WORDS(plain_argv), OPEN },
	{ "ENOENT with odd words", run_execve, -ENOENT, "/nonexistent/nc", FAILS, WORDS(odd_argv), OPEN },
	{ "ENOENT with 200 KiB of argv", run_execve, -ENOENT, "./missing", FAILS, WORDS(intact_argv),
	  OPEN },
	{ "ENOENT with 1.9 MB of argv", run_execve, -ENOENT, "./missing", FAILS, WORDS(megabytes_argv),
	  OPEN, .heavy = true },
	{ "ENOENT with 100,000 words", run_execve, -ENOENT, "./missing", FAILS, WORDS(many_argv), OPEN,
	  .heavy = true },
	{ "ENOENT with argv NULL", run_null_argv, -ENOENT, "./missing", FAILS, OPEN },
	{ "ENOENT with no word", run_empty_argv, -ENOENT, "./missing", FAILS, OPEN },
	{ "ENOENT with words that nobody touched", run_untouched, -ENOENT, "./missing", FAILS,
	  WORDS(plain_argv), OPEN, .may_be_partial = true },
	{ "ENOENT with words at page borders", run_page_borders, -ENOENT, "./missing", FAILS,
	  WORDS(border_argv), OPEN },
	{ "EFAULT by a word", run_bad_word, -EFAULT, "./good", FAILS, WORDS(bad_argv),
	  .argv_state = "partial" },
	{ "EFAULT by the array", run_bad_array, -EFAULT, "./good", FAILS, .argv_state = "partial" },
	{ "E2BIG by a word of 200 KB", run_execve, -E2BIG, "./good", FAILS, WORDS(long_argv) },
	{ "E2BIG by one of words that nobody touched", run_untouched, -E2BIG, "./good", FAILS,
	  WORDS(long_argv), .may_be_partial = true },

	/* Over the limit. */
	{ "success with 5 MiB of argv", run_unlimited_stack, 0, "./good", GOOD, WORDS(five_megabytes_argv),
	  .argv_state = "cut", .cut = true, .heavy = true },
	{ "ENOENT with 5 MiB of argv", run_unlimited_stack, -ENOENT, "./missing", FAILS,
	  WORDS(five_megabytes_argv), OPEN, .argv_state = "cut", .cut = true, .heavy = true },
	{ "success with 5 MiB of argv and a limit above", run_unlimited_stack, 0, "./good", GOOD,
	  WORDS(five_megabytes_argv), .heavy = true, .limit = 6 * MIB },
	{ "ENOENT with 5 MiB of argv and a limit above", run_unlimited_stack, -ENOENT, "./missing", FAILS,
	  WORDS(five_megabytes_argv), OPEN, .heavy = true, .limit = 6 * MIB },
	{ "success with 200 KiB of argv and a limit below", run_execve, 0, "./good", GOOD,
	  WORDS(intact_argv), .argv_state = "cut", .cut = true, .heavy = true, .limit = 50000 },
	{ "ENOENT with 200 KiB of argv and a limit below", run_execve, -ENOENT, "./missing", FAILS,
	  WORDS(intact_argv), OPEN, .argv_state = "cut", .cut = true, .heavy = true, .limit = 50000 },

	/* Files. */
	{ "execveat by name", run_by_name_at, 0, "good", GOOD, WORDS(plain_argv), AT },
	{ "execveat by path", run_by_name_at_cwd, 0, "./good", GOOD, WORDS(plain_argv), AT },
	{ "execveat by descriptor", run_by_descriptor, 0, "", good, NULL, WORDS(plain_argv), AT },
	{ "memfd", run_memfd, 0, "", "/memfd:evil", NULL, WORDS(plain_argv), AT, .memfd = true },
	{ "deleted", run_deleted, 0, "", gone, NULL, WORDS(plain_argv), AT, .deleted = true },
	{ "ENOENT of an empty name", run_execve, -ENOENT, "", FAILS, WORDS(plain_argv), OPEN },
	{ "ENOENT by execveat", run_by_name_at, -ENOENT, "missing", FAILS, WORDS(plain_argv), AT, OPEN },
	{ "EACCES", run_execve, -EACCES, "./denied", FAILS, WORDS(plain_argv), OPEN },
	{ "EACCES of a folder", run_execve, -EACCES, ".", FAILS, WORDS(plain_argv), OPEN },
	{ "EACCES of another's file", run_as_nobody, -EACCES, "./private", FAILS, WORDS(plain_argv), OPEN },
	{ "EACCES below noexec", run_noexec, -EACCES, "mount/good", FAILS, WORDS(plain_argv), OPEN,
	  .other_ns = true },
	{ "ENOTDIR", run_execve, -ENOTDIR, "./good/below", FAILS, WORDS(plain_argv), OPEN },
	{ "ENOTDIR by execveat", run_below_file, -ENOTDIR, "below", FAILS, WORDS(plain_argv), AT, OPEN },
	{ "EBADF", run_bad_descriptor, -EBADF, "good", FAILS, WORDS(plain_argv), AT, OPEN },
	{ "EINVAL by flags", run_bad_flags, -EINVAL, "./good", FAILS, WORDS(plain_argv), AT, OPEN },
	{ "ELOOP", run_execve, -ELOOP, "./loop", FAILS, WORDS(plain_argv), OPEN },
	{ "ELOOP of a link that is not followed", run_nofollow, -ELOOP, "link", FAILS, WORDS(plain_argv),
	  AT, OPEN },
	{ "ENAMETOOLONG", run_execve, -ENAMETOOLONG, long_name, FAILS, WORDS(plain_argv), OPEN },
	{ "ETXTBSY", run_busy, -ETXTBSY, "./busy", FAILS, WORDS(plain_argv), OPEN },
	{ "ENOEXEC", run_execve, -ENOEXEC, "./text", FAILS, WORDS(plain_argv), LOAD },
	{ "ENOEXEC of an empty file", run_execve, -ENOEXEC, "./empty", FAILS, WORDS(plain_argv), LOAD },
	{ "ENOEXEC with words that nobody touched", run_untouched, -ENOEXEC, "./text", FAILS,
	  WORDS(plain_argv), LOAD },
	{ "ENOENT of the interpreter", run_execve, -ENOENT, "./no-interpreter", FAILS, WORDS(plain_argv),
	  LOAD },
	{ "ENOENT of the loader", run_execve, -ENOENT, "./no-loader", FAILS, WORDS(plain_argv), LOAD },
	{ "ELIBBAD", run_execve, -ELIBBAD, "./bad-loader", FAILS, WORDS(plain_argv), LOAD },
	{ "EPERM by capabilities", run_without_capability, -EPERM, "./capable", FAILS, WORDS(plain_argv),
	  LOAD },
	{ "ENOMEM past the point of no return", run_execve, -ENOMEM, "./beyond", NULL, "beyond",
	  WORDS(plain_argv), .stage = "commit" },

	/* Scripts. */
	{ "script", run_execve, 0, "./script", "/bin/sh", "script", WORDS(script_argv),
	  GIVEN(script_given) },
	{ "script by execveat", run_by_name_at_cwd, 0, "./inner", good, "inner", WORDS(inner_argv),
	  GIVEN(script_given), AT },
	{ "script with argv NULL", run_null_argv, 0, "./inner", good, "inner", WORDS(empty_script_argv),
	  .given_differs = true },
	{ "script of a script", run_execve, 0, "./outer", good, "outer", WORDS(outer_argv),
	  GIVEN(script_given) },
	{ "script by descriptor", run_script_by_descriptor, 0, "", good, NULL, WORDS(fd_script_argv),
	  GIVEN(script_given), AT },

	/* Threads. */
	{ "thread", run_by_thread, 0, "./good", GOOD, WORDS(plain_argv), .thread = true },
	{ "ENOENT by a thread", run_by_thread, -ENOENT, "./missing", FAILS, WORDS(plain_argv), OPEN,
	  .thread = true },
	{ "ENOENT beside a thread within its exec", run_beside_parked, -ENOENT, "./missing", FAILS,
	  WORDS(plain_argv), OPEN },
	{ .filename = "./good", GOOD, WORDS(parked_argv), .thread = true },
	{ "success over a thread within its exec", run_over_parked, -EFAULT, "./good", FAILS,
	  WORDS(parked_argv), .argv_state = "partial", .thread = true },
	{ .filename = "./good", GOOD, WORDS(plain_argv), .thread = true },

	/* Calls of 32-bit programs, and such calls. */
#if defined(__x86_64__)
	{ "success by a 32-bit call", run_int80, 0, "./good", GOOD, WORDS(int80_argv), BY_32,
	  .without_env = true },
	{ "success by a 32-bit execveat", run_int80_at, 0, "./good", GOOD, WORDS(int80_argv), BY_32, AT,
	  .without_env = true },
	{ "ENOENT by a 32-bit call", run_int80, -ENOENT, "/nonexistent/nc", FAILS, WORDS(int80_argv), BY_32,
	  OPEN },
	{ "ENOENT by a 32-bit execveat", run_int80_at, -ENOENT, "./missing", FAILS, WORDS(int80_argv),
	  BY_32, AT, OPEN },
#endif
	{ "from 64 bits to 32 and back", run_execve, 0, "./hop32", "hop32", "hop32", WORDS(to_32_argv),
	  .changes_abi = true },
	{ .retval = -ENOENT, .filename = "/nonexistent/hop32", WORDS_FROM(to_32_argv, 1), IN_32, OPEN },
	{ .filename = "./good", GOOD, WORDS_FROM(to_32_argv, 2), IN_32, .changes_abi = true },
	{ "from 32 bits to 32", run_execve, 0, "./hop32", "hop32", "hop32", WORDS(through_32_argv),
	  .changes_abi = true },
	{ .retval = -ENOENT, .filename = "/nonexistent/hop32", WORDS_FROM(through_32_argv, 1), IN_32,
	  OPEN },
	{ .filename = "./hop32", .exe = "hop32", .comm = "hop32", WORDS_FROM(through_32_argv, 2), IN_32 },
	{ .retval = -ENOENT, .filename = "/nonexistent/hop32", WORDS_FROM(through_32_argv, 3), IN_32,
	  OPEN },
	{ .filename = "./good", GOOD, WORDS_FROM(through_32_argv, 4), IN_32, .changes_abi = true },

	/* Circumstances. */
	{ "setuid", run_as_nobody, 0, "./setuid", "setuid", "setuid", WORDS(plain_argv),
	  .euid_root = true },
	{ "setuid below nosuid", run_nosuid, 0, "mount/setuid", "mount/setuid", "setuid", WORDS(plain_argv),
	  .other_ns = true },
	{ "deep below a mount", run_deep, 0, good, GOOD, WORDS(plain_argv), .other_ns = true },
	{ "ENOENT deep below a mount", run_deep, -ENOENT, "./missing", FAILS, WORDS(plain_argv), OPEN,
	  .other_ns = true },
	{ "first process of its namespace", run_in_namespaces, 0, "./good", GOOD, WORDS(plain_argv),
	  .other_ns = true },
	{ "ENOENT in another namespace", run_in_namespaces, -ENOENT, "./missing", FAILS, WORDS(plain_argv),
	  OPEN, .other_ns = true },
	{ "traced", run_traced, 0, "./good", GOOD, WORDS(plain_argv), .traced = true },
	{ "ENOENT under a tracer", run_traced, -ENOENT, "./missing", FAILS, WORDS(plain_argv), OPEN,
	  .traced = true },
	{ "on a terminal", run_on_terminal, 0, "./good", GOOD, WORDS(plain_argv) },
	{ "with pipe, socket and file", run_with_pipes, 0, "./good", GOOD, WORDS(plain_argv) },
	{ "with closed descriptors", run_with_closed, 0, "./good", GOOD, WORDS(plain_argv) },
	{ "ENOENT with closed descriptors", run_with_closed, -ENOENT, "./missing", FAILS, WORDS(plain_argv),
	  OPEN },
	{ "in a login session", run_logged_in, 0, "./good", GOOD, WORDS(plain_argv) },
	{ "in a unit", run_in_cgroup, 0, "./good", GOOD, WORDS(plain_argv), .unit = unit },
	{ "ENOENT in a unit", run_in_cgroup, -ENOENT, "./missing", FAILS, WORDS(plain_argv), OPEN,
	  .unit = unit },
	{ "in a container", run_in_cgroup, 0, "./good", GOOD, WORDS(plain_argv), .unit = container_unit,
	  .container = container },

	/* By the kernel itself. */
	{ "a core's program", run_core_pattern, 0, good, GOOD, WORDS(core_argv), .syscall = "kernel",
	  .own_machine = true },
	{ "a module's loader", run_module_request, 0, good, GOOD, WORDS(modprobe_argv), .syscall = "kernel",
	  .own_machine = true },
};

const size_t n_scenarios = ARRAY_SIZE(scenarios);

const struct scenario *scenarios_get(size_t i)
{
	return &scenarios[i];
}

/* @n bytes that differ from those of another @seed, with a NUL behind them. */
static struct str word(size_t n, size_t seed)
{
	char *p = malloc(n + 1);

	if (!p)
		abort();
	for (size_t i = 0; i < n; i++)
		p[i] = (char)('!' + (seed + i * 7 + i / 90) % 90);
	p[n] = '\0';
	return (struct str){ p, n };
}

static void fill(struct str *words, size_t n, size_t size)
{
	for (size_t i = 0; i < n; i++)
		words[i] = word(size, i);
}

static void make_words(void)
{
	fill(intact_argv, ARRAY_SIZE(intact_argv), 25 << 10);
	fill(megabytes_argv, ARRAY_SIZE(megabytes_argv), 127000);
	fill(five_megabytes_argv, ARRAY_SIZE(five_megabytes_argv), 119200);
	for (size_t i = 0; i < ARRAY_SIZE(many_argv); i++)
		many_argv[i] = word(2 + i % 7, i);
	border_argv[0] = word(1, 0);
	border_argv[1] = word(100, 1);
	border_argv[2] = word(200, 2);
	border_argv[3] = word(PAGE / 2, 3);
	fill(long_argv, 3, 10);
	long_argv[3] = word(200000, 3);
	core_argv[0] = modprobe_argv[0] = str_of(good);
	core_argv[1] = STR_LIT("crashed");
	core_argv[2] = STR_LIT("6");
	modprobe_argv[1] = STR_LIT("-q");
	modprobe_argv[2] = STR_LIT("--");
	modprobe_argv[3] = STR_LIT("net-pf-9");
}

int scenarios_prepare(const char *programs)
{
	int r;

	if (!mkdtemp(folder) || chmod(folder, 0755) < 0 || chdir(folder) < 0)
		return -errno;
	snprintf(good, sizeof(good), "%s/good", folder);
	snprintf(gone, sizeof(gone), "%s/gone", folder);
	memset(long_name, 'n', sizeof(long_name) - 1);
	snprintf(unit, sizeof(unit), "execwatch-live-%d.service", getpid());
	snprintf(container, sizeof(container), "%064x", getpid());
	snprintf(container_unit, sizeof(container_unit), "docker-%s.scope", container);
	make_words();
	r = files_make(programs);
	if (r == 0)
		r = files_make_cgroup(unit);
	if (r == 0)
		r = files_make_cgroup(container_unit);
	if (r == 0)
		ways_prepare();
	return r;
}

static void free_words(struct str *words, size_t n)
{
	for (size_t i = 0; i < n; i++)
		free((char *)(uintptr_t)words[i].p);
}

void scenarios_clean(void)
{
	free_words(intact_argv, ARRAY_SIZE(intact_argv));
	free_words(megabytes_argv, ARRAY_SIZE(megabytes_argv));
	free_words(five_megabytes_argv, ARRAY_SIZE(five_megabytes_argv));
	free_words(many_argv, ARRAY_SIZE(many_argv));
	free_words(border_argv, ARRAY_SIZE(border_argv));
	free_words(long_argv, ARRAY_SIZE(long_argv));
	files_remove();
	files_remove_cgroup(unit);
	files_remove_cgroup(container_unit);
	if (chdir("/") == 0)
		rmdir(folder);
}
