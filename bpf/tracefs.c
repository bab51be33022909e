/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The formats are those of Documentation/trace/kprobetrace.rst: a line "r4096:GROUP/NAME FUNCTION" written
 * to kprobe_events makes a probe, "-:GROUP/NAME" removes it unless it is in use (-EBUSY); kprobe_profile
 * has a line for each with its name, hits and misses.
 */
#include "bpf/tracefs.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/mount.h>
#include <linux/perf_event.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define GROUP "execwatch_"
#define MAX_PROBES 16
#define MAX_ACTIVE 4096			/* KRETPROBE_MAXACTIVE_MAX */

struct probe {
	char event[64];			/* NAME_PID: kprobe_profile shows it without the group */
	bool at_return;
};

struct tracefs {
	int root, events;
	FILE *profile;			/* NULL: the kernel has none */
	char group[32];
	struct probe probe[MAX_PROBES];
	size_t n;
};

/* A mount that belongs to this descriptor alone: no path leads to it. */
static int mount_own(void)
{
	int fs = (int)syscall(SYS_fsopen, "tracefs", FSOPEN_CLOEXEC), r;

	if (fs < 0)
		return -errno;
	r = (int)syscall(SYS_fsconfig, fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0);
	if (r == 0)
		r = (int)syscall(SYS_fsmount, fs, FSMOUNT_CLOEXEC, 0);
	r = r < 0 ? -errno : r;
	close(fs);
	return r;
}

static int open_root(void)
{
	static const char *const places[] = { "/sys/kernel/tracing", "/sys/kernel/debug/tracing" };
	bool denied = false;
	int r;

	for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
		_cleanup_(close) int fd = open(places[i], O_RDONLY | O_DIRECTORY | O_CLOEXEC);

		/* The folder is there also where nothing is mounted on it. */
		if (fd >= 0 && faccessat(fd, "events", F_OK, AT_EACCESS) == 0)
			return TAKE_FD(fd);
		denied = denied || errno == EACCES;
	}
	r = mount_own();
	/* Its folders are the same ones. */
	if (r >= 0 && faccessat(r, "events", F_OK, AT_EACCESS) < 0) {
		close(r);
		r = -EACCES;
	}
	/* It is mounted, and we may not look: that tells more than why there can be no other. */
	return r < 0 && denied ? -EACCES : r;
}

static int command(const struct tracefs *t, const char *text)
{
	size_t len = strlen(text);

	return write(t->events, text, len) == (ssize_t)len ? 0 : -errno;
}

static int remove_probe(const struct tracefs *t, const char *name)
{
	char line[160];

	snprintf(line, sizeof(line), "-:%s", name);
	return command(t, line);
}

/* A list of the file system for reading; NULL: there is none. */
static FILE *open_list(const struct tracefs *t, const char *name)
{
	int fd = openat(t->root, name, O_RDONLY | O_CLOEXEC);
	FILE *f = fd < 0 ? NULL : fdopen(fd, "r");

	if (!f && fd >= 0)
		close(fd);
	return f;
}

/* The group and name in a line of kprobe_events; NULL: it is none of ours. */
static const char *ours(char *line)
{
	char *name = strchr(line, ':');

	if (!name || strncmp(name + 1, GROUP, strlen(GROUP)) != 0)
		return NULL;
	name[strcspn(name, " ")] = '\0';
	return name + 1;
}

/* Those of a run that was killed; those of one that goes on are in use, and stay. The number removed. */
static size_t remove_stale(const struct tracefs *t)
{
	_cleanup_(fclose) FILE *list = open_list(t, "kprobe_events");
	char line[512];
	size_t n = 0;

	while (list && fgets(line, sizeof(line), list)) {
		const char *name = ours(line);

		n += name && remove_probe(t, name) == 0;
	}
	return n;
}

/* For people; @r is what opening it gave. */
static void say_no_root(struct buf *why, int r)
{
	if (r == -EACCES)
		buf_text(why, "the tracing file system in /sys/kernel/tracing may not be read; start it as "
			      "root, or with CAP_DAC_READ_SEARCH");
	else
		buf_printf(why, "the tracing file system is not mounted at /sys/kernel/tracing and cannot "
				"be (%s)", strerror(-r));
}

static int open_events(struct tracefs *t, struct buf *why)
{
	int r;

	t->events = openat(t->root, "kprobe_events", O_WRONLY | O_APPEND | O_CLOEXEC);
	if (t->events >= 0)
		return 0;
	r = -errno;
	buf_printf(why, "kprobe_events of the tracing file system cannot be written (%s)", strerror(-r));
	if (r == -EACCES)
		buf_text(why, "; start it as root, or with CAP_DAC_OVERRIDE");
	return r;
}

int tracefs_open(bool probes, struct buf *why, struct tracefs **ret)
{
	_cleanup_(tracefs_free) struct tracefs *t = calloc(1, sizeof(*t));
	int r;

	if (!t)
		return -ENOMEM;
	t->events = -1;
	snprintf(t->group, sizeof(t->group), GROUP "%d", (int)getpid());
	t->root = open_root();
	if (t->root < 0) {
		say_no_root(why, t->root);
		return t->root;
	}
	r = probes ? open_events(t, why) : 0;
	if (r < 0)
		return r;
	t->profile = open_list(t, "kprobe_profile");
	/* What is removed moves the rest of the list. */
	while (t->events >= 0 && remove_stale(t) > 0)
		;
	*ret = TAKE_PTR(t);
	return 0;
}

struct tracefs *tracefs_free(struct tracefs *t)
{
	if (!t)
		return NULL;
	while (t->n > 0) {
		char name[128];

		snprintf(name, sizeof(name), "%s/%s", t->group, t->probe[--t->n].event);
		remove_probe(t, name);
	}
	fclose_cleanup(&t->profile);
	close_cleanup(&t->events);
	close_cleanup(&t->root);
	free(t);
	return NULL;
}

static int open_event(const struct tracefs *t, const char *system, const char *name)
{
	struct perf_event_attr attr = { .type = PERF_TYPE_TRACEPOINT, .size = sizeof(attr) };
	_cleanup_(close) int file = -1;
	char path[160], id[24] = "";
	int fd;

	snprintf(path, sizeof(path), "events/%s/%s/id", system, name);
	file = openat(t->root, path, O_RDONLY | O_CLOEXEC);
	if (file < 0 || read(file, id, sizeof(id) - 1) <= 0)
		return -errno;
	attr.config = strtoull(id, NULL, 10);
	/* A program that is attached to the event on one CPU runs on all. */
	fd = (int)syscall(SYS_perf_event_open, &attr, -1, 0, -1, PERF_FLAG_FD_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

/* @type: what kprobe_events has in front of the name. */
static int add_probe(struct tracefs *t, const char *type, const char *name, const char *function)
{
	struct probe *probe = &t->probe[t->n];
	char line[256];
	int r;

	if (t->events < 0)
		return -EOPNOTSUPP;
	if (t->n == MAX_PROBES)
		return -ENOSPC;
	snprintf(probe->event, sizeof(probe->event), "%s_%d", name, (int)getpid());
	probe->at_return = type[0] == 'r';
	snprintf(line, sizeof(line), "%s:%s/%s %s", type, t->group, probe->event, function);
	r = command(t, line);
	if (r < 0)
		return r;
	t->n++;
	return open_event(t, t->group, probe->event);
}

int tracefs_kprobe(struct tracefs *t, const char *name, const char *function)
{
	return add_probe(t, "p", name, function);
}

int tracefs_kretprobe(struct tracefs *t, const char *name, const char *function, unsigned int max_active)
{
	char type[16];

	snprintf(type, sizeof(type), "r%u", max_active ? max_active : MAX_ACTIVE);
	return add_probe(t, type, name, function);
}

int tracefs_tracepoint(const struct tracefs *t, const char *system, const char *name)
{
	return open_event(t, system, name);
}

/* NULL: somebody else's. */
static const struct probe *own_probe(const struct tracefs *t, const char *event)
{
	for (size_t i = 0; i < t->n; i++)
		if (strcmp(t->probe[i].event, event) == 0)
			return &t->probe[i];
	return NULL;
}

void tracefs_missed(const struct tracefs *t, uint64_t *entries, uint64_t *returns)
{
	uint64_t missed[2] = { 0 }, hits, misses;
	const struct probe *probe;
	char line[256], event[64];

	if (!t->profile)
		return;
	rewind(t->profile);
	while (fgets(line, sizeof(line), t->profile)) {
		if (sscanf(line, "%63s %" SCNu64 " %" SCNu64, event, &hits, &misses) != 3)
			continue;
		probe = own_probe(t, event);
		if (probe)
			missed[probe->at_return] += misses;
	}
	*entries = missed[0];
	*returns = missed[1];
}
