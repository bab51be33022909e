/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How the call is made: which system call of which ABI, by whom, and where its words lie.
 */
#include "tests/capture/ways.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "tests/capture/files.h"
#include "tests/capture/park.h"

#define PAGE 4096
#define LARGE_ENV 10000
#define ONLY_ASK 0x10000		/* AT_EXECVE_CHECK, linux/fcntl.h of 6.14 */
#define SCRIPT_FD 100			/* its path is in the scenario's argv */
#define FAR (256 << 10)			/* further than what one fault brings along */

/* Two that are reported by default, one of them twice, among some that are not. A name without `=` is no
 * variable to any program, and must not stand in front of one that is. */
static char long_variable[3 * PAGE] = "LONG=";
char *const ways_env[] = {
	(char *)"HOME=/", (char *)"HISTFILE=", (char *)"SUDO_USER", long_variable, (char *)"SUDO_USER=ann",
	(char *)"SUDO_USER=ben", (char *)"BASH_ENV=one", (char *)"BASH_ENV=two", (char *)"NOTHING", NULL,
};
#define N_ENV (sizeof(ways_env) / sizeof(ways_env[0]) - 1)

static bool can_ask;

/* Asks whether it could be executed, which is no exec; kernels before 6.14 cannot answer. */
static long ask(int file)
{
	char *none[] = { NULL };

	return syscall(SYS_execveat, file, "", none, none, AT_EMPTY_PATH | ONLY_ASK);
}

void ways_prepare(void)
{
	_cleanup_(close) int file = open("good", O_PATH | O_CLOEXEC);

	memset(long_variable + 5, 'x', sizeof(long_variable) - 6);
	can_ask = ask(file) == 0;
}

/* After a fork what lies in files, as literals do, is not in the page tables before somebody reads it;
 * whether the kernel does so before it fails is a scenario of its own. */
static void touch(struct str word)
{
	for (size_t i = 0; i < word.len; i += PAGE)
		(void)*(const volatile char *)(word.p + i);
	(void)*(const volatile char *)(word.p + word.len);
}

/* Each struct str of the table has a NUL behind it. */
char **ways_begin(const struct scenario *s, struct truth *t)
{
	const struct str *words = s->given ? s->given : s->argv;
	size_t n = s->given ? s->n_given : s->n_argv;
	char **argv = calloc(n + 1, sizeof(*argv));

	prctl(PR_SET_NAME, "caller");
	truth_take(t);
	for (size_t i = 0; argv && i < n; i++) {
		argv[i] = (char *)(uintptr_t)words[i].p;
		touch(words[i]);
	}
	return argv;
}

void run_execve(const struct scenario *s, struct truth *t)
{
	execve(s->filename, ways_begin(s, t), ways_env);
}

/* Nobody hides a variable behind many others, */
void run_large_env(const struct scenario *s, struct truth *t)
{
	static char *env[LARGE_ENV + N_ENV + 1];

	for (size_t i = 0; i < LARGE_ENV + N_ENV; i++)
		env[i] = i < LARGE_ENV ? (char *)"A=" : ways_env[i - LARGE_ENV];
	execve(s->filename, ways_begin(s, t), env);
}

/* ... nor the end of one without its being said. */
void run_long_variable(const struct scenario *s, struct truth *t)
{
	static char variable[8192] = "PERL5OPT=", *env[N_ENV + 2] = { variable };

	memset(variable + strlen(variable), 'x', sizeof(variable) - 1 - strlen(variable));
	memcpy(env + 1, ways_env, N_ENV * sizeof(*env));
	execve(s->filename, ways_begin(s, t), env);
}

void run_null_argv(const struct scenario *s, struct truth *t)
{
	ways_begin(s, t);
	syscall(SYS_execve, s->filename, NULL, ways_env);
}

void run_empty_argv(const struct scenario *s, struct truth *t)
{
	char *none[] = { NULL };

	ways_begin(s, t);
	syscall(SYS_execve, s->filename, none, ways_env);
}

void run_bad_word(const struct scenario *s, struct truth *t)
{
	char **argv = ways_begin(s, t);

	argv[1] = (char *)8;
	execve(s->filename, argv, ways_env);
}

void run_bad_array(const struct scenario *s, struct truth *t)
{
	ways_begin(s, t);
	syscall(SYS_execve, s->filename, (void *)8, ways_env);
}

void run_by_name_at(const struct scenario *s, struct truth *t)
{
	int folder = open(".", O_PATH | O_CLOEXEC);

	syscall(SYS_execveat, folder, s->filename, ways_begin(s, t), ways_env, 0);
}

void run_by_name_at_cwd(const struct scenario *s, struct truth *t)
{
	syscall(SYS_execveat, AT_FDCWD, s->filename, ways_begin(s, t), ways_env, 0);
}

void run_by_descriptor(const struct scenario *s, struct truth *t)
{
	int file = open("good", O_PATH | O_CLOEXEC);

	if (can_ask)
		ask(file);
	syscall(SYS_execveat, file, "", ways_begin(s, t), ways_env, AT_EMPTY_PATH);
}

/* What it is relative to is no folder. */
void run_below_file(const struct scenario *s, struct truth *t)
{
	int file = open("good", O_PATH | O_CLOEXEC);

	syscall(SYS_execveat, file, s->filename, ways_begin(s, t), ways_env, 0);
}

void run_bad_descriptor(const struct scenario *s, struct truth *t)
{
	syscall(SYS_execveat, 9999, s->filename, ways_begin(s, t), ways_env, 0);
}

void run_bad_flags(const struct scenario *s, struct truth *t)
{
	syscall(SYS_execveat, AT_FDCWD, s->filename, ways_begin(s, t), ways_env, 0x80);
}

void run_nofollow(const struct scenario *s, struct truth *t)
{
	syscall(SYS_execveat, AT_FDCWD, s->filename, ways_begin(s, t), ways_env, AT_SYMLINK_NOFOLLOW);
}

/* Its interpreter is told a path of /dev/fd, which must outlive the exec. */
void run_script_by_descriptor(const struct scenario *s, struct truth *t)
{
	dup2(open("inner", O_RDONLY | O_CLOEXEC), SCRIPT_FD);
	syscall(SYS_execveat, SCRIPT_FD, "", ways_begin(s, t), ways_env, AT_EMPTY_PATH);
}

void run_memfd(const struct scenario *s, struct truth *t)
{
	int file = memfd_create("evil", MFD_CLOEXEC);

	if (files_write_program(file) == 0)
		syscall(SYS_execveat, file, "", ways_begin(s, t), ways_env, AT_EMPTY_PATH);
}

void run_deleted(const struct scenario *s, struct truth *t)
{
	int file = open("gone", O_PATH | O_CLOEXEC);

	unlink("gone");
	syscall(SYS_execveat, file, "", ways_begin(s, t), ways_env, AT_EMPTY_PATH);
}

/* Words at the borders of pages: one ends with its page, the next one begins with a page's last byte. */
void run_page_borders(const struct scenario *s, struct truth *t)
{
	char *p = mmap(NULL, 4 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char **argv = ways_begin(s, t);

	mprotect(p + 3 * PAGE, PAGE, PROT_NONE);
	argv[1] = memcpy(p + PAGE - s->argv[1].len - 1, s->argv[1].p, s->argv[1].len + 1);
	argv[2] = memcpy(p + 2 * PAGE - 1, s->argv[2].p, s->argv[2].len + 1);
	argv[3] = memcpy(p + 3 * PAGE - s->argv[3].len - 1, s->argv[3].p, s->argv[3].len + 1);
	execve(s->filename, argv, ways_env);
}

/* --- Threads ------------------------------------------------------------------------------------------ */

struct thread {
	const struct scenario *scenario;
	char **argv;
};

static void *thread_main(void *arg)
{
	const struct thread *thread = arg;

	execve(thread->scenario->filename, thread->argv, ways_env);
	return NULL;
}

void run_by_thread(const struct scenario *s, struct truth *t)
{
	struct thread thread = { s, ways_begin(s, t) };
	pthread_t id;

	if (pthread_create(&id, NULL, thread_main, &thread) == 0)
		pthread_join(id, NULL);
}

/* Starts a thread whose exec of @s stays within the call, since its last word is not there yet. */
static int park_thread(const struct scenario *s, char **argv, struct thread *thread, struct park *park)
{
	pthread_t id;

	if (park_make(park) < 0)
		return -1;
	*thread = (struct thread){ s, argv };
	argv[s->n_argv - 1] = park->page;
	return pthread_create(&id, NULL, thread_main, thread) == 0 ? park_wait(park) : -1;
}

/* While one thread is within its call, the call of another fails; then the first one goes on. */
void run_beside_parked(const struct scenario *s, struct truth *t)
{
	struct thread thread;
	struct park park;

	if (park_thread(s + 1, ways_begin(s + 1, t), &thread, &park) < 0)
		return;
	execve(s->filename, ways_begin(s, t), ways_env);
	park_release(&park);
	pause();
}

/* While one thread is within its call, that of another succeeds, which ends the first one. */
void run_over_parked(const struct scenario *s, struct truth *t)
{
	struct thread parked, good = { s + 1, ways_begin(s + 1, t) };
	struct park park;
	pthread_t id;

	if (park_thread(s, ways_begin(s, t), &parked, &park) < 0)
		return;
	if (pthread_create(&id, NULL, thread_main, &good) == 0)
		pthread_join(id, NULL);
}

/* --- Memory that nobody has touched ------------------------------------------------------------------- */

/*
 * The words of argv, and the array of them, in a file that is mapped and not read yet, nor in the page
 * cache: nothing of it is in the page tables before the kernel itself reads it.
 */
static char **untouched(const struct scenario *s, struct truth *t)
{
	size_t size = (s->n_argv + 1) * FAR;
	_cleanup_(close) int file = open(".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	char *place = mmap(NULL, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	char *argv[16] = { NULL };

	ways_begin(s, t);
	if (file < 0 || place == MAP_FAILED || s->n_argv >= ARRAY_SIZE(argv) ||
	    ftruncate(file, (off_t)size) < 0)
		return NULL;
	for (size_t i = 0; i < s->n_argv; i++) {
		off_t at = (off_t)((i + 1) * FAR);

		argv[i] = place + at;
		if (pwrite(file, s->argv[i].p, s->argv[i].len + 1, at) < 0)
			return NULL;
	}
	if (pwrite(file, argv, sizeof(argv), 0) < 0 || fsync(file) < 0)
		return NULL;
	posix_fadvise(file, 0, 0, POSIX_FADV_DONTNEED);
	place = mmap(place, size, PROT_READ, MAP_PRIVATE | MAP_FIXED, file, 0);
	return place == MAP_FAILED ? NULL : (char **)(void *)place;
}

void run_untouched(const struct scenario *s, struct truth *t)
{
	char **argv = untouched(s, t);

	if (argv)
		execve(s->filename, argv, ways_env);
}

/* --- The calls of 32-bit programs --------------------------------------------------------------------- */

#if defined(__x86_64__)

#define EXECVE_32 11
#define EXECVEAT_32 358

/* A 64-bit program may make them; what it points to must lie low. */
struct low {
	uint32_t argv[16];
	char text[PAGE - 64];
};

static struct low *make_low(const struct scenario *s, uint32_t *ret_filename)
{
	struct low *low = mmap(NULL, sizeof(*low), PROT_READ | PROT_WRITE,
			       MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
	char *text = low->text;

	for (size_t i = 0; i < s->n_argv; i++) {
		low->argv[i] = (uint32_t)(uintptr_t)text;
		text = stpcpy(text, s->argv[i].p) + 1;
	}
	*ret_filename = (uint32_t)(uintptr_t)text;
	strcpy(text, s->filename);
	return low;
}

void run_int80(const struct scenario *s, struct truth *t)
{
	uint32_t filename;
	struct low *low = make_low(s, &filename);
	long r = EXECVE_32;

	ways_begin(s, t);
	__asm__ volatile("int $0x80" : "+a"(r)
			 : "b"(filename), "c"((uint32_t)(uintptr_t)low->argv), "d"(0) : "memory");
}

void run_int80_at(const struct scenario *s, struct truth *t)
{
	uint32_t filename;
	struct low *low = make_low(s, &filename);
	long r = EXECVEAT_32;

	ways_begin(s, t);
	__asm__ volatile("int $0x80" : "+a"(r)
			 : "b"(AT_FDCWD), "c"(filename), "d"((uint32_t)(uintptr_t)low->argv), "S"(0), "D"(0)
			 : "memory");
}

#endif
