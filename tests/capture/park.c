/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/capture/park.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/userfaultfd.h>
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
