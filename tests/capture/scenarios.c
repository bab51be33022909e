/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table of scenarios, and the few ways to exec that they use. Files are made in a folder of their own;
 * `good` there is a copy of /bin/true.
 */
#include "tests/capture/scenarios.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"

#define PAGE 4096
#define BIG_WORDS 96
#define LARGE_ENV 10000
#define ONLY_ASK 0x10000		/* AT_EXECVE_CHECK, linux/fcntl.h of 6.14 */
#define BIG_WORD 3200
#define INTACT_BYTES (200 << 10)
#define EXEC_32 11

static const struct str plain_argv[] = { STR("good"), STR("one"), STR("two words") };
static const struct str odd_argv[] = {
	STR(""), STR(""), STR("a\nb"), STR("\xff\xfe\x80"), STR("\t\x1b[31m"), STR(""),
};
static const struct str script_argv[] = { STR("/bin/sh"), STR("-e"), STR("./script"), STR("s1") };
static const struct str no_argv[] = { STR("") };
static const struct str bad_argv[] = { STR("a"), STR(""), STR("c") };
static const struct str int80_argv[] = { STR("x86"), STR(""), STR("end") };

/* The words as the call takes them. Each struct str here has a NUL behind it. */
static char **vector(const struct scenario *s)
{
	char **argv = calloc(s->n_argv + 1, sizeof(*argv));

	prctl(PR_SET_NAME, "caller");
	for (size_t i = 0; argv && i < s->n_argv; i++)
		argv[i] = (char *)(uintptr_t)s->argv[i].p;
	return argv;
}

/* Two that are reported by default, one of them twice, among some that are not. LONG is filled in. A name
 * without `=` is no variable to any program, and must not stand in front of one that is. */
static char long_variable[3 * PAGE] = "LONG=", *const scenario_env[] = {
	(char *)"HOME=/", (char *)"HISTFILE=", (char *)"SUDO_USER", long_variable, (char *)"SUDO_USER=ann",
	(char *)"SUDO_USER=ben", (char *)"NOTHING", NULL,
};

static void run_execve(const struct scenario *s)
{
	execve(s->filename, vector(s), scenario_env);
}

static bool can_ask;

/* More variables than are gone through, behind those that are reported. */
static void run_large_env(const struct scenario *s)
{
	static char *env[LARGE_ENV + 1];

	for (size_t i = 0; i < LARGE_ENV; i++)
		env[i] = i < ARRAY_SIZE(scenario_env) - 1 ? scenario_env[i] : (char *)"A=";
	execve(s->filename, vector(s), env);
}

/* A script is named by its third word, and gets the first two from its first line. */
static void run_script(const struct scenario *s)
{
	execve(s->filename, vector(s) + 2, scenario_env);
}

static void run_null_argv(const struct scenario *s)
{
	vector(s);
	syscall(SYS_execve, s->filename, NULL, scenario_env);
}

static void run_bad_word(const struct scenario *s)
{
	char **argv = vector(s);

	argv[1] = (char *)8;
	execve(s->filename, argv, scenario_env);
}

static void run_bad_array(const struct scenario *s)
{
	vector(s);
	syscall(SYS_execve, s->filename, (void *)8, scenario_env);
}

static void run_by_name_at(const struct scenario *s)
{
	int folder = open(".", O_PATH | O_CLOEXEC);

	syscall(SYS_execveat, folder, s->filename, vector(s), scenario_env, 0);
}

static void run_by_name_at_cwd(const struct scenario *s)
{
	syscall(SYS_execveat, AT_FDCWD, s->filename, vector(s), scenario_env, 0);
}

/* Asks whether it could be executed, which is no exec; kernels before 6.14 cannot answer. */
static long ask(int file)
{
	char *none[] = { NULL };

	return syscall(SYS_execveat, file, "", none, none, AT_EMPTY_PATH | ONLY_ASK);
}

static void run_by_descriptor(const struct scenario *s)
{
	int file = open("good", O_PATH | O_CLOEXEC);

	if (can_ask)
		ask(file);
	syscall(SYS_execveat, file, "", vector(s), scenario_env, AT_EMPTY_PATH);
}

static int copy_to(int to)
{
	_cleanup_(close) int from = open("/bin/true", O_RDONLY | O_CLOEXEC);
	char bytes[16384];
	ssize_t n;

	while ((n = read(from, bytes, sizeof(bytes))) > 0)
		if (write(to, bytes, (size_t)n) != n)
			return -1;
	return (int)n;
}

static void run_memfd(const struct scenario *s)
{
	int file = memfd_create("evil", MFD_CLOEXEC);

	if (copy_to(file) == 0)
		syscall(SYS_execveat, file, "", vector(s), scenario_env, AT_EMPTY_PATH);
}

static void run_deleted(const struct scenario *s)
{
	int file = open("gone", O_PATH | O_CLOEXEC);

	unlink("gone");
	syscall(SYS_execveat, file, "", vector(s), scenario_env, AT_EMPTY_PATH);
}

static void *thread_main(void *arg)
{
	run_execve(arg);
	return NULL;
}

static void run_by_thread(const struct scenario *s)
{
	pthread_t thread;

	prctl(PR_SET_NAME, "caller");
	if (pthread_create(&thread, NULL, thread_main, (void *)(uintptr_t)s) == 0)
		pthread_join(thread, NULL);
}

/* Words at the borders of pages: one ends with its page, the next one begins with a page's last byte. */
static void run_page_borders(const struct scenario *s)
{
	char *p = mmap(NULL, 4 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char **argv = vector(s);

	mprotect(p + 3 * PAGE, PAGE, PROT_NONE);
	argv[1] = memcpy(p + PAGE - s->argv[1].len - 1, s->argv[1].p, s->argv[1].len + 1);
	argv[2] = memcpy(p + 2 * PAGE - 1, s->argv[2].p, s->argv[2].len + 1);
	argv[3] = memcpy(p + 3 * PAGE - s->argv[3].len - 1, s->argv[3].p, s->argv[3].len + 1);
	execve(s->filename, argv, scenario_env);
}

/* A 64-bit program may make 32-bit calls; what it points to must lie low. */
static void run_int80(const struct scenario *s)
{
	char *p = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
	uint32_t *argv = (uint32_t *)(void *)p, low = (uint32_t)(uintptr_t)p;
	char *text = p + 256;
	long r = EXEC_32;

	vector(s);
	for (size_t i = 0; i < s->n_argv; i++) {
		argv[i] = low + (uint32_t)(text - p);
		text = stpcpy(text, s->argv[i].p) + 1;
	}
	strcpy(text, s->filename);
	__asm__ volatile("int $0x80" : "+a"(r)
			 : "b"(low + (uint32_t)(text - p)), "c"(low), "d"(0) : "memory");
}

/* Filled in by scenarios_prepare(): exactly 32 KiB with the NULs, and three times as much. */
static struct str intact_argv[8], big_argv[BIG_WORDS], border_argv[4];
static char folder[] = "/tmp/execwatch_live_XXXXXX", good[sizeof(folder) + 8], gone[sizeof(folder) + 8];

#define WORDS(array) .argv = (array), .n_argv = ARRAY_SIZE(array)
#define GOOD .exe = good, .comm = "good"

static const struct scenario scenarios[] = {
	{ "success", run_execve, 0, "./good", GOOD, WORDS(plain_argv) },
	{ "success with odd words", run_execve, 0, good, GOOD, WORDS(odd_argv) },
	{ "success with 200 KiB of argv", run_execve, 0, "./good", GOOD, WORDS(intact_argv) },
	{ "success with too much argv", run_execve, 0, "./good", GOOD, WORDS(big_argv), .argv_state = "cut",
	  .cut = true },
	{ "success without argv", run_null_argv, 0, "./good", GOOD, WORDS(no_argv) },
	{ "success with a large environment", run_large_env, 0, "./good", GOOD, WORDS(plain_argv) },
	{ "script", run_script, 0, "./script", "/bin/sh", "script", WORDS(script_argv) },
	{ "thread", run_by_thread, 0, "./good", GOOD, WORDS(plain_argv), .thread = true },
	{ "execveat by name", run_by_name_at, 0, "good", GOOD, WORDS(plain_argv), .syscall = "execveat" },
	{ "execveat by path", run_by_name_at_cwd, 0, "./good", GOOD, WORDS(plain_argv),
	  .syscall = "execveat" },
	{ "execveat by descriptor", run_by_descriptor, 0, "", good, NULL, WORDS(plain_argv),
	  .syscall = "execveat" },
	{ "memfd", run_memfd, 0, "", "/memfd:evil", NULL, WORDS(plain_argv),
	  .syscall = "execveat", .memfd = true },
	{ "deleted", run_deleted, 0, "", gone, NULL, WORDS(plain_argv),
	  .syscall = "execveat", .deleted = true },
	{ "ENOENT", run_execve, -ENOENT, "/nonexistent/nc", NULL, NULL, WORDS(plain_argv),
	  .stage = "open" },
	{ "ENOENT with odd words", run_execve, -ENOENT, "/nonexistent/nc", NULL, NULL, WORDS(odd_argv),
	  .stage = "open" },
	{ "ENOENT with 200 KiB of argv", run_execve, -ENOENT, "./missing", NULL, NULL, WORDS(intact_argv),
	  .stage = "open" },
	{ "ENOENT with too much argv", run_execve, -ENOENT, "./missing", NULL, NULL, WORDS(big_argv),
	  .argv_state = "cut", .cut = true,
	  .stage = "open" },
	{ "ENOENT with words at page borders", run_page_borders, -ENOENT, "./missing", NULL, NULL,
	  WORDS(border_argv),
	  .stage = "open" },
	{ "ENOENT of an empty name", run_execve, -ENOENT, "", NULL, NULL, WORDS(plain_argv),
	  .stage = "open" },
	{ "ENOENT by a 32-bit call", run_int80, -ENOENT, "/nonexistent/nc", NULL, NULL, WORDS(int80_argv),
	  .abi = "32",
	  .stage = "open" },
	{ "ENOENT by a thread", run_by_thread, -ENOENT, "./missing", NULL, NULL, WORDS(plain_argv),
	  .thread = true,
	  .stage = "open" },
	{ "ENOENT by execveat", run_by_name_at, -ENOENT, "missing", NULL, NULL, WORDS(plain_argv),
	  .syscall = "execveat",
	  .stage = "open" },
	{ "EACCES", run_execve, -EACCES, "./denied", NULL, NULL, WORDS(plain_argv),
	  .stage = "open" },
	{ "ENOEXEC", run_execve, -ENOEXEC, "./text", NULL, NULL, WORDS(plain_argv),
	  .stage = "load" },
	{ "ENOENT of the interpreter", run_execve, -ENOENT, "./no-interpreter", NULL, NULL, WORDS(plain_argv),
	  .stage = "load" },
	{ "EFAULT by a word", run_bad_word, -EFAULT, "./good", NULL, NULL, WORDS(bad_argv),
	  .argv_state = "partial" },
	{ "EFAULT by the array", run_bad_array, -EFAULT, "./good", NULL, NULL, .argv_state = "partial" },
};

const size_t n_scenarios = ARRAY_SIZE(scenarios);

const struct scenario *scenarios_get(size_t i)
{
	return &scenarios[i];
}

/* @n bytes that differ from those of another @seed. */
static struct str word(size_t n, unsigned int seed)
{
	char *p = malloc(n + 1);

	for (size_t i = 0; p && i < n; i++)
		p[i] = (char)('!' + (seed + i * 7) % 90);
	if (p)
		p[n] = '\0';
	return (struct str){ p, p ? n : 0 };
}

static int make_file(const char *name, const char *text, mode_t mode)
{
	_cleanup_(close) int fd = open(name, O_WRONLY | O_CREAT | O_CLOEXEC, 0700);

	if (fd < 0 || (text ? write(fd, text, strlen(text)) < 0 : copy_to(fd) < 0) || fchmod(fd, mode) < 0)
		return -errno;
	return 0;
}

int scenarios_prepare(void)
{
	_cleanup_(close) int file = -1;

	for (size_t i = 0; i < ARRAY_SIZE(intact_argv); i++)
		intact_argv[i] = word(INTACT_BYTES / ARRAY_SIZE(intact_argv) - 1, (unsigned int)i);
	for (size_t i = 0; i < BIG_WORDS; i++)
		big_argv[i] = word(BIG_WORD, (unsigned int)i);
	border_argv[0] = word(1, 0);
	border_argv[1] = word(100, 1);
	border_argv[2] = word(200, 2);
	border_argv[3] = word(PAGE / 2, 3);

	memset(long_variable + 5, 'x', sizeof(long_variable) - 6);
	if (!mkdtemp(folder) || chmod(folder, 0755) < 0 || chdir(folder) < 0)
		return -errno;
	snprintf(good, sizeof(good), "%s/good", folder);
	snprintf(gone, sizeof(gone), "%s/gone", folder);
	if (make_file("good", NULL, 0755) || make_file("gone", NULL, 0755) ||
	    make_file("text", "text\n", 0755) || make_file("denied", "text\n", 0644) ||
	    make_file("script", "#!/bin/sh -e\nexit 0\n", 0755) ||
	    make_file("no-interpreter", "#!/nonexistent/sh\n", 0755))
		return -EIO;
	file = open("good", O_PATH | O_CLOEXEC);
	can_ask = ask(file) == 0;
	return 0;
}

void scenarios_clean(void)
{
	static const char *const files[] = { "good", "gone", "text", "denied", "script", "no-interpreter" };

	for (size_t i = 0; i < ARRAY_SIZE(files); i++)
		unlink(files[i]);
	if (chdir("/") == 0)
		rmdir(folder);
}
