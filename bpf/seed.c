/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The kernel's list gives the images, /proc their paths and words. Between the two a process may exec; so
 * the list is read again behind /proc, and what was said of a process that has another image by then is
 * taken back. An exec's image is another one even where it is of the same file: both are held open
 * meanwhile.
 */
#include "bpf/seed.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "base/cleanup.h"
#include "bpf/images.h"
#include "seed.skel.h"

#define MAX_LIST ((size_t)16 << 20)
#define DELETED " (deleted)"

struct list {
	struct wire_process *item;
	size_t n;
};

static void list_cleanup(struct list *l)
{
	free(l->item);
}

DEFINE_CLEANUP(struct seed_bpf *, seed_bpf__destroy)
DEFINE_CLEANUP(struct bpf_link *, bpf_link__destroy)

static int list_read(struct bpf_link *link, struct list *ret)
{
	_cleanup_(close) int fd = bpf_iter_create(bpf_link__fd(link));
	_cleanup_(free) char *bytes = NULL;
	size_t len = 0, cap = 0;
	ssize_t n = 1;

	if (fd < 0)
		return -errno;
	while (n > 0 && len < MAX_LIST) {
		if (cap - len < BUFSIZ) {
			char *grown = realloc(bytes, cap + 64 * BUFSIZ);

			if (!grown)
				return -ENOMEM;
			bytes = grown;
			cap += 64 * BUFSIZ;
		}
		n = read(fd, bytes + len, cap - len);
		if (n < 0 && errno != EINTR && errno != EAGAIN)
			return -errno;
		len += n > 0 ? (size_t)n : 0;
		n = n < 0 ? 1 : n;
	}
	ret->item = (struct wire_process *)(void *)TAKE_PTR(bytes);
	ret->n = len / sizeof(ret->item[0]);
	return 0;
}

static int by_pid(const void *a, const void *b)
{
	const struct wire_process *x = a, *y = b;

	return x->pid < y->pid ? -1 : x->pid > y->pid;
}

static struct str read_exe(uint32_t pid, char *memory, size_t size)
{
	char path[64];
	struct str exe;
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/%u/exe", pid);
	n = readlink(path, memory, size);
	if (n <= 0 || (size_t)n == size)
		return (struct str){ 0 };
	exe = (struct str){ memory, (size_t)n };
	if (str_has_suffix(exe, STR_LIT(DELETED)))
		exe.len -= strlen(DELETED);
	return exe;
}

/* Unknown also where there is more than is ever kept. */
static struct str read_argv(uint32_t pid, char *memory, size_t size)
{
	char path[64];
	_cleanup_(close) int fd = -1;
	size_t len = 0;
	ssize_t n = 1;

	snprintf(path, sizeof(path), "/proc/%u/cmdline", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	while (fd >= 0 && n > 0 && len < size) {
		n = read(fd, memory + len, size - len);
		len += n > 0 ? (size_t)n : 0;
	}
	/* Empty: of a process that has none, or has just given up its memory. */
	return fd < 0 || n < 0 || len == 0 || len == size ? (struct str){ 0 } : (struct str){ memory, len };
}

int seed_images(void (*found)(void *ctx, const struct wire_image *image, struct str exe, struct str argv),
		void *ctx)
{
	_cleanup_(seed_bpf__destroy) struct seed_bpf *programs = seed_bpf__open_and_load();
	_cleanup_(bpf_link__destroy) struct bpf_link *link = NULL;
	_cleanup_(list) struct list before = { 0 };
	_cleanup_(list) struct list after = { 0 };
	_cleanup_(free) char *memory = malloc(PATH_MAX + IMAGES_MAX_ARGV);
	int r;

	if (!programs)
		return -errno;
	link = bpf_program__attach_iter(programs->progs.list_process, NULL);
	if (!link)
		return -errno;
	r = memory ? list_read(link, &before) : -ENOMEM;
	if (r < 0)
		return r;
	for (size_t i = 0; i < before.n; i++) {
		const struct wire_process *p = &before.item[i];

		found(ctx, &p->image, read_exe(p->pid, memory, PATH_MAX),
		      read_argv(p->pid, memory + PATH_MAX, IMAGES_MAX_ARGV));
	}
	r = list_read(link, &after);
	qsort(after.item, after.n, sizeof(*after.item), by_pid);
	for (size_t i = 0; i < before.n; i++) {
		const struct wire_process *p = &before.item[i];
		const struct wire_process *now = bsearch(p, after.item, after.n, sizeof(*p), by_pid);

		if (!now || memcmp(&now->image, &p->image, sizeof(p->image)) != 0)
			found(ctx, &p->image, (struct str){ 0 }, (struct str){ 0 });
	}
	return r < 0 ? r : (int)before.n;
}
