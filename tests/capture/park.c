/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/capture/park.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <pthread.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define PAGE 4096

int park_make(struct park *p)
{
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register range = { .mode = UFFDIO_REGISTER_MODE_MISSING };

	p->fd = (int)syscall(SYS_userfaultfd, O_CLOEXEC);
	p->page = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (p->fd < 0 || p->page == MAP_FAILED)
		return -errno;
	range.range.start = (uint64_t)(uintptr_t)p->page;
	range.range.len = PAGE;
	if (ioctl(p->fd, UFFDIO_API, &api) < 0 || ioctl(p->fd, UFFDIO_REGISTER, &range) < 0)
		return -errno;
	return 0;
}

int park_wait(const struct park *p)
{
	struct uffd_msg fault;

	return read(p->fd, &fault, sizeof(fault)) == sizeof(fault) ? 0 : -EIO;
}

int park_release(const struct park *p)
{
	struct uffdio_zeropage zero = { .range = { (uint64_t)(uintptr_t)p->page, PAGE } };

	return ioctl(p->fd, UFFDIO_ZEROPAGE, &zero) < 0 ? -errno : 0;
}

struct gate {
	struct park park;
	int parked, go;
};

static void *keep_gate(void *arg)
{
	const struct gate *gate = arg;
	char byte;

	if (park_wait(&gate->park) == 0 && write(gate->parked, "", 1) == 1 && read(gate->go, &byte, 1) == 0)
		park_release(&gate->park);
	return NULL;
}

static void park_self(int parked, int go)
{
	struct gate gate = { .parked = parked, .go = go };
	char *argv[] = { (char *)"good", NULL, NULL }, *env[] = { NULL };
	pthread_t thread;

	if (park_make(&gate.park) < 0 || pthread_create(&thread, NULL, keep_gate, &gate) != 0)
		_exit(1);
	argv[1] = gate.park.page;
	execve("./good", argv, env);
	_exit(1);
}

bool park_execs(pid_t *children, int n, const int *parked, const int *go)
{
	char byte;

	for (int i = 0; i < n; i++) {
		children[i] = fork();
		if (children[i] == 0) {
			close(go[1]);
			close(parked[0]);
			park_self(parked[1], go[0]);
		}
	}
	/* Where one of them breaks off, its end of the pipe is closed, and the others' are not. */
	close(parked[1]);
	for (int i = 0; i < n; i++)
		if (children[i] < 0 || read(parked[0], &byte, 1) != 1)
			return false;
	return true;
}
