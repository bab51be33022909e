/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Executes in ways that shells do not have:
 *
 *	caller fd PATH [WORD…]		by execveat and a descriptor of PATH
 *	caller at DIR NAME [WORD…]	by execveat, NAME being relative to DIR
 *	caller thread PATH [WORD…]	from a thread that is not the leader
 *	caller empty PATH		with no word at all, where the kernel makes one up
 *
 * The first word is PATH or NAME. It ends with the errno where there is no new image.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static int at(int dir, const char *name, char **argv, int flags)
{
	syscall(SYS_execveat, dir, name, argv, environ, flags);
	return errno;
}

static void *in_thread(void *arg)
{
	char **argv = arg;

	execve(argv[0], argv, environ);
	_exit(errno);
}

static int from_thread(char **argv)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, in_thread, argv) != 0)
		return 1;
	pthread_join(thread, NULL);
	return 1;
}

int main(int argc, char **argv)
{
	char *none[] = { NULL };

	if (argc < 3)
		return 2;
	if (strcmp(argv[1], "fd") == 0)
		return at(open(argv[2], O_RDONLY), "", argv + 2, AT_EMPTY_PATH);
	if (strcmp(argv[1], "at") == 0 && argc > 3)
		return at(open(argv[2], O_PATH | O_DIRECTORY), argv[3], argv + 3, 0);
	if (strcmp(argv[1], "thread") == 0)
		return from_thread(argv + 2);
	if (strcmp(argv[1], "empty") == 0)
		return execve(argv[2], none, environ), errno;
	return 2;
}
