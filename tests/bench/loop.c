/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Does one thing many times and prints what that took:
 *
 *	loop spawn|fail|getppid TIMES PROGRAM [RATE]
 *
 * spawn starts PROGRAM by posix_spawn and waits for its end, fail executes a path beside PROGRAM that is not
 * there, getppid stands for every other system call. With RATE so many a second, one by one; a pace that
 * cannot be kept is not caught up with. The line: wall time, CPU time of this process and its children, both
 * in nanoseconds.
 */
#include <errno.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define NS_PER_S 1000000000LL

struct job {
	char program[4096], missing[4200];
	/* A search along PATH hands over the bare name, which no shipped rule minds. */
	char *argv[4];
};

static void die(const char *what)
{
	perror(what);
	exit(EXIT_FAILURE);
}

static void spawn(struct job *j)
{
	pid_t pid;
	int status;

	errno = posix_spawn(&pid, j->program, NULL, NULL, j->argv, environ);
	if (errno)
		die("posix_spawn");
	if (waitpid(pid, &status, 0) < 0 || status != 0)
		die("waitpid");
}

static void fail(struct job *j)
{
	execve(j->missing, j->argv, environ);
	if (errno != ENOENT)
		die("execve");
}

/* Past the C library, which may remember the answer. */
static void unrelated(struct job *j)
{
	(void)j;
	syscall(SYS_getppid);
}

static const struct {
	const char *name;
	void (*once)(struct job *j);
} things[] = {
	{ "spawn", spawn },
	{ "fail", fail },
	{ "getppid", unrelated },
};

static int64_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * NS_PER_S + t.tv_nsec;
}

static int64_t cpu(int who)
{
	struct rusage u;

	getrusage(who, &u);
	return (u.ru_utime.tv_sec + u.ru_stime.tv_sec) * NS_PER_S +
	       (u.ru_utime.tv_usec + u.ru_stime.tv_usec) * 1000LL;
}

static void wait_until(int64_t when)
{
	const struct timespec t = { .tv_sec = when / NS_PER_S, .tv_nsec = when % NS_PER_S };

	clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL);
}

static void run(void (*once)(struct job *j), struct job *j, long times, long rate)
{
	int64_t start, used;

	/* Faults its pages in, and the image's into the page cache. */
	once(j);
	used = cpu(RUSAGE_SELF) + cpu(RUSAGE_CHILDREN);
	start = now();
	for (long i = 0; i < times; i++) {
		if (rate)
			wait_until(start + i * NS_PER_S / rate);
		once(j);
	}
	printf("%lld %lld\n", (long long)(now() - start),
	       (long long)(cpu(RUSAGE_SELF) + cpu(RUSAGE_CHILDREN) - used));
}

int main(int argc, char **argv)
{
	long times = argc > 2 ? atol(argv[2]) : 0, rate = argc > 4 ? atol(argv[4]) : 0;
	struct job j = { .argv = { "tiny", "one", "two", NULL } };

	for (size_t i = 0; argc > 3 && times > 0 && i < sizeof(things) / sizeof(*things); i++) {
		if (strcmp(argv[1], things[i].name) != 0)
			continue;
		snprintf(j.program, sizeof(j.program), "%s", argv[3]);
		snprintf(j.missing, sizeof(j.missing), "%s.missing/tiny", argv[3]);
		run(things[i].once, &j, times, rate);
		return EXIT_SUCCESS;
	}
	fputs("usage: loop spawn|fail|getppid TIMES PROGRAM [RATE]\n", stderr);
	return 2;
}
