/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The kernel's list gives the images and their paths, /proc the words. Between the two a process may exec;
 * so the list is read again behind /proc, and what was said of a process that has another image by then is
 * taken back. An exec's image is another one even where it is of the same file: both are held open
 * meanwhile.
 */
#include "bpf/seed.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "base/cleanup.h"
#include "bpf/images.h"
#include "bpf/values.h"
#include "seed.skel.h"

#define MAX_LIST ((size_t)16 << 20)

/* The bytes of the kernel's list, and where in it each process is, by pid. */
struct list {
	char *bytes;
	size_t len;
	struct wire_process *item;
	const char **names;
	size_t n;
};

static void list_cleanup(struct list *l)
{
	free(l->bytes);
	free(l->item);
	free(l->names);
}

DEFINE_CLEANUP(struct seed_bpf *, seed_bpf__destroy)
DEFINE_CLEANUP(struct bpf_link *, bpf_link__destroy)

static int list_read(struct bpf_link *link, struct list *l)
{
	_cleanup_(close) int fd = bpf_iter_create(bpf_link__fd(link));
	size_t cap = 0;
	ssize_t n = 1;

	if (fd < 0)
		return -errno;
	while (n != 0 && l->len < MAX_LIST) {
		if (cap - l->len < BUFSIZ) {
			char *grown = realloc(l->bytes, cap + 64 * BUFSIZ);

			if (!grown)
				return -ENOMEM;
			l->bytes = grown;
			cap += 64 * BUFSIZ;
		}
		n = read(fd, l->bytes + l->len, cap - l->len);
		if (n < 0 && errno != EINTR && errno != EAGAIN)
			return -errno;
		l->len += n > 0 ? (size_t)n : 0;
	}
	return 0;
}

/* Takes the bytes apart; what is cut at their end is left out. */
static int list_split(struct list *l)
{
	size_t most = l->len / sizeof(*l->item), at = 0;

	l->item = calloc(most + 1, sizeof(*l->item));
	l->names = calloc(most + 1, sizeof(*l->names));
	if (!l->item || !l->names)
		return -ENOMEM;
	while (l->len - at >= sizeof(*l->item)) {
		struct wire_process *p = &l->item[l->n];
		size_t names;

		memcpy(p, l->bytes + at, sizeof(*p));
		at += sizeof(*p);
		names = p->exe_len == WIRE_UNKNOWN ? 0 : p->exe_len;
		if (names > l->len - at || names >= VALUES_PATH_ROOM)
			break;
		l->names[l->n++] = l->bytes + at;
		at += names;
	}
	return 0;
}

static int by_pid(const void *a, const void *b)
{
	const struct wire_process *x = a, *y = b;

	return x->pid < y->pid ? -1 : x->pid > y->pid;
}

static struct str exe_of(const struct list *l, size_t i, char *memory)
{
	if (l->item[i].exe_len == WIRE_UNKNOWN)
		return (struct str){ 0 };
	return value_path((struct str){ l->names[i], l->item[i].exe_len }, memory);
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
	_cleanup_(free) char *memory = malloc(VALUES_PATH_ROOM + IMAGES_MAX_ARGV);
	int r;

	if (!programs)
		return -errno;
	link = bpf_program__attach_iter(programs->progs.list_process, NULL);
	if (!link)
		return -errno;
	r = memory ? list_read(link, &before) : -ENOMEM;
	if (r == 0)
		r = list_split(&before);
	if (r < 0)
		return r;
	for (size_t i = 0; i < before.n; i++)
		found(ctx, &before.item[i].image, exe_of(&before, i, memory),
		      read_argv(before.item[i].pid, memory + VALUES_PATH_ROOM, IMAGES_MAX_ARGV));

	r = list_read(link, &after);
	if (r == 0)
		r = list_split(&after);
	qsort(after.item, after.n, sizeof(*after.item), by_pid);
	for (size_t i = 0; i < before.n; i++) {
		const struct wire_process *p = &before.item[i], *now;

		now = after.n ? bsearch(p, after.item, after.n, sizeof(*p), by_pid) : NULL;
		if (!now || memcmp(&now->image, &p->image, sizeof(p->image)) != 0)
			found(ctx, &p->image, (struct str){ 0 }, (struct str){ 0 });
	}
	return r < 0 ? r : (int)before.n;
}
