// SPDX-License-Identifier: Apache-2.0
/*
 * Executes something in a child, in many ways, and writes down what it was about to do and what came of it:
 *
 *	attempt [options] CASE PATH [WORD…]
 *
 *	-n TIMES	so many children, one after the other; the last word counts them from 0
 *	-w COUNTxSIZE	so many more words of so many bytes
 *	-b		one more word with every byte but NUL
 *	-u UID		as this user and group
 *	-t		from a thread that is not the leader
 *	-f		by execveat and a descriptor of PATH
 *	-p		with a pointer to nowhere as the last word
 *
 * CASE names the case in the truth and becomes argv[1]. The child calls itself `caller`, so that the name
 * before the exec, the parent's and the new one are three different ones.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "truth.h"

struct attempt {
	const char *path, *name;
	char **argv;
	size_t n_words;
	bool by_fd, by_thread, bad_pointer;
	long uid;	/* -1: as it is */
};

static void die(const char *what)
{
	perror(what);
	exit(EXIT_FAILURE);
}

static void begins(const struct attempt *a)
{
	struct truth t;

	truth_begin(&t);
	truth_text(&t, "case", a->name);
	truth_text(&t, "filename", a->by_fd ? "" : a->path);
	truth_text(&t, "syscall", a->by_fd ? "execveat" : "execve");
	truth_text(&t, "caller_comm", "caller");
	truth_text(&t, "parent_comm", "attempt");
	truth_int(&t, "tid", gettid());
	truth_words(&t, "given", a->argv);
	truth_wall(&t, "wall_before", -1);
	truth_int(&t, "before", truth_now());
	truth_end(&t);
}

static void failed(int error)
{
	int64_t now = truth_now();
	char cwd[256];
	struct truth t;

	if (!getcwd(cwd, sizeof(cwd)))
		die("cwd");
	truth_begin(&t);
	truth_int(&t, "retval", -error);
	truth_text(&t, "errno", strerrorname_np(error));
	truth_int(&t, "after", now);
	truth_wall(&t, "wall_after", 1);
	truth_ids(&t);
	truth_text(&t, "comm", "caller");
	truth_text(&t, "cwd", cwd);
	truth_end(&t);
}

/* Returns only when it fails. As a thread's start, so that -t can use it. */
static void *execute(void *arg)
{
	const struct attempt *a = arg;
	int fd = a->by_fd ? open(a->path, O_PATH) : -1;
	char *none[] = { NULL };

	if (a->by_fd && fd < 0)
		die(a->path);
	prctl(PR_SET_NAME, "caller");
	begins(a);
	if (a->bad_pointer)
		a->argv[a->n_words] = (char *)8;
	if (a->by_fd)
		execveat(fd, "", a->argv, none, AT_EMPTY_PATH);
	else
		execve(a->path, a->argv, none);
	failed(errno);
	return NULL;
}

static void child(struct attempt *a)
{
	pthread_t thread;

	if (a->uid >= 0 && (setgid(a->uid) < 0 || setuid(a->uid) < 0))
		die("setuid");
	if (!a->by_thread)
		execute(a);
	else if (pthread_create(&thread, NULL, execute, a) != 0 || pthread_join(thread, NULL) != 0)
		die("thread");
	_exit(EXIT_SUCCESS);
}

static void add_word(struct attempt *a, char *word)
{
	char **argv = realloc(a->argv, (a->n_words + 3) * sizeof(*argv));

	if (!argv || !word)
		die("memory");
	argv[a->n_words++] = word;
	argv[a->n_words] = argv[a->n_words + 1] = NULL;	/* the second for -p */
	a->argv = argv;
}

/* Word after word of letters and digits; each differs from its neighbours, so that a swap would show. */
static void add_words(struct attempt *a, const char *shape)
{
	size_t size = 0;
	long count = 0;

	if (sscanf(shape, "%ldx%zu", &count, &size) != 2 || size < 1)
		die(shape);
	for (long i = 0; i < count; i++) {
		char *word = malloc(size + 1);

		if (!word)
			die("memory");
		for (size_t k = 0; k < size; k++)
			word[k] = "abcdefghijklmnopqrstuvwxyz012345"[(i + k + k / 29) % 32];
		word[size] = '\0';
		add_word(a, word);
	}
}

static void add_all_bytes(struct attempt *a)
{
	char *word = calloc(1, 256);

	for (int i = 0; word && i < 255; i++)
		word[i] = i + 1;
	add_word(a, word);
}

int main(int argc, char **argv)
{
	struct attempt a = { .uid = -1 };
	const char *shape = NULL;
	bool all_bytes = false;
	long times = 0;
	char count[24];
	int option;

	while ((option = getopt(argc, argv, "+n:w:bu:tfp")) != -1) {
		switch (option) {
		case 'n': times = atol(optarg); break;
		case 'w': shape = optarg; break;
		case 'b': all_bytes = true; break;
		case 'u': a.uid = atol(optarg); break;
		case 't': a.by_thread = true; break;
		case 'f': a.by_fd = true; break;
		case 'p': a.bad_pointer = true; break;
		default: return EXIT_FAILURE;
		}
	}
	if (argc - optind < 2)
		return EXIT_FAILURE;
	a.name = argv[optind];
	a.path = argv[optind + 1];
	add_word(&a, argv[optind + 1]);
	add_word(&a, argv[optind]);
	for (int i = optind + 2; i < argc; i++)
		add_word(&a, argv[i]);
	if (shape)
		add_words(&a, shape);
	if (all_bytes)
		add_all_bytes(&a);
	if (times > 0)
		add_word(&a, count);

	for (long i = 0; i < times || i == 0; i++) {
		snprintf(count, sizeof(count), "%ld", i);

		pid_t pid = fork();

		if (pid < 0)
			die("fork");
		if (pid == 0)
			child(&a);
		if (waitpid(pid, NULL, 0) < 0)
			die("wait");
	}
	return EXIT_SUCCESS;
}
