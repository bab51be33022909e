/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One record into at most one event: its shape is checked (parts.h), and then it is said in the event's
 * terms.
 *
 * Text that is in the record as the event wants it is borrowed from there. The rest is built in memory that
 * has room for the largest record possible, so that nothing is allocated for an event.
 */
#include "bpf/decode.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "bpf/cgroup.h"
#include "bpf/environ.h"
#include "bpf/images.h"
#include "bpf/parts.h"
#include "bpf/pieces.h"
#include "bpf/store.h"
#include "bpf/values.h"
#include "bpf/wire.h"
#include "bpf/words.h"

/* Far more than the programs remember to have told of (told.bpf.h). */
#define CGROUPS_BYTES ((size_t)2 << 20)
#define MAX_CGROUPS 16384

struct decoder {
	struct decode_options options;
	struct pieces *pieces;
	struct images *images;
	struct store *cgroups;		/* paths */
	uint64_t lost_given;
	struct wording argv, given, parent_argv;
	char boot[VALUES_BOOT_ROOM];
	char id[WIRE_MAX_ANCESTORS + 1][VALUES_ID_ROOM];
	char exe[VALUES_PATH_ROOM], caller_exe[VALUES_PATH_ROOM];
	char cwd[VALUES_PATH_ROOM], cgroup[VALUES_PATH_ROOM];
	char ancestor_exe[WIRE_MAX_ANCESTORS][VALUES_PATH_ROOM];
	char tty[VALUES_TTY_ROOM];
	char mode[4];			/* octal digits */
	struct pair env[WIRE_MAX_ENV_NAMES];
};

int decoder_new(const struct decode_options *options, struct decoder **ret)
{
	_cleanup_(decoder_free) struct decoder *d = calloc(1, sizeof(*d));
	int r;

	if (!d)
		return -ENOMEM;
	d->options = *options;
	snprintf(d->boot, sizeof(d->boot), "%.*s", STR_ARG(options->boot));
	r = pieces_new(options->slots, options->max_argv, options->seed, &d->pieces);
	if (r == 0)
		r = images_new(options->seed, &d->images);
	if (r == 0)
		r = store_new(CGROUPS_BYTES, MAX_CGROUPS, options->seed, &d->cgroups);
	if (r == 0)
		r = wording_init(&d->argv, options->max_argv + WIRE_INLINE_ARGV);
	if (r == 0)
		r = wording_init(&d->given, options->max_argv);
	if (r == 0)
		r = wording_init(&d->parent_argv, IMAGES_MAX_ARGV);
	if (r < 0)
		return r;
	*ret = TAKE_PTR(d);
	return 0;
}

struct decoder *decoder_free(struct decoder *d)
{
	if (!d)
		return NULL;
	pieces_free(d->pieces);
	images_free(d->images);
	store_free(d->cgroups);
	wording_done(&d->argv);
	wording_done(&d->given);
	wording_done(&d->parent_argv);
	free(d);
	return NULL;
}

/* For execveat(2) relative to a descriptor the kernel makes "/dev/fd/N" or "/dev/fd/N/PATH" of the name. */
static struct str filename_of(const struct parts *p)
{
	struct str name = p->part[WIRE_FILENAME], prefix = STR("/dev/fd/");
	const char *slash;

	if (name.len == 0)
		return (struct str){ 0 };
	name.len--;
	if (!(p->head.flags & WIRE_FD_PATH) || !str_has_prefix(name, prefix))
		return name;
	name = str_skip(name, prefix.len);
	slash = memchr(name.p, '/', name.len);
	return slash ? str_skip(name, (size_t)(slash + 1 - name.p)) : str_skip(name, name.len);
}

/* What a call handed over, where other words were executed. False: it did not, or it was lost on the way. */
static bool set_given_argv(struct decoder *d, const struct parts *p, struct words *ret, uint32_t *ret_flags)
{
	struct str given;

	*ret_flags = 0;
	if (p->head.flags & WIRE_GIVEN_NONE)
		given = STR_LIT("");
	else if (p->head.flags & WIRE_GIVEN)
		given = pieces_given(d->pieces, p->head.head.call, ret_flags);
	else
		return false;
	if (!str_known(given)) {
		d->lost_given++;
		return false;
	}
	*ret = wording_of(&d->given, given);
	return true;
}

static struct str argv_state_of(uint32_t flags, bool known)
{
	if (flags & WIRE_ARGV_PARTIAL)
		return STR_LIT("partial");
	if (flags & WIRE_ARGV_CUT)
		return STR_LIT("cut");
	return known ? STR_LIT("complete") : (struct str){ 0 };
}

static void set_argv(struct decoder *d, const struct parts *p, struct event *ev)
{
	const struct wire_exec *h = &p->head;
	struct words given;
	uint32_t given_flags, flags = h->flags;
	bool differs = set_given_argv(d, p, &given, &given_flags);

	if (h->argc != WIRE_UNKNOWN)
		ev->argc = NUM(h->argc);
	if (h->argv_bytes != WIRE_UNKNOWN)
		ev->argv_bytes = NUM(h->argv_bytes);
	if (differs && h->retval != 0) {
		/* A failure's argv is what was handed over. */
		ev->argv = given;
		ev->argc = ev->argv_bytes = (struct num){ 0 };
		ev->argv_state = argv_state_of(given_flags, true);
		return;
	}
	if (differs)
		ev->given_argv = given;
	if (!differs && h->retval != 0 && h->flags & WIRE_GIVEN) {
		/* What is there is not what was handed over. */
		ev->argv_state = argv_state_of(WIRE_ARGV_PARTIAL, false);
		return;
	}
	if (str_known(p->argv))
		ev->argv = wording_of(&d->argv, p->argv);
	else if (flags & WIRE_ARGV_KNOWN)
		flags |= WIRE_ARGV_PARTIAL;
	ev->argv_state = argv_state_of(flags, ev->argv.known);
}

/* A copy, since what the images hand out holds until the next look-up only. */
static struct str copy_path(struct str path, char *memory)
{
	if (!str_known(path) || path.len > VALUES_PATH_ROOM)
		return (struct str){ 0 };
	memcpy(memory, path.p, path.len);
	return (struct str){ memory, path.len };
}

static struct str exe_of(struct decoder *d, const struct wire_image *key, char *memory)
{
	struct image image;

	return images_get(d->images, key, &image) ? copy_path(image.exe, memory) : (struct str){ 0 };
}

static void set_file(struct decoder *d, const struct wire_exec *h, struct event *ev)
{
	ev->exe_deleted = NUM(h->nlink == 0 && !(ev->exe_memfd.known && ev->exe_memfd.value));
	ev->file_ino = NUM((int64_t)h->ino);
	/* The kernel's own encoding (include/linux/kdev_t.h): 12 bits of major, 20 of minor. */
	ev->file_dev = NUM((int64_t)makedev(h->dev >> 20, h->dev & 0xfffff));
	ev->file_uid = NUM(h->file_uid);
	ev->file_gid = NUM(h->file_gid);
	ev->file_nlink = NUM(h->nlink);
	for (int i = 0; i < 4; i++)
		d->mode[i] = (char)('0' + (h->mode >> (3 * (3 - i)) & 7));
	ev->file_mode = (struct str){ d->mode, sizeof(d->mode) };
}

static void set_image(struct decoder *d, const struct parts *p, struct event *ev)
{
	const struct wire_exec *h = &p->head;
	struct str exe = { 0 };

	if (h->flags & WIRE_EXE_KNOWN)
		exe = value_path(p->part[WIRE_EXE], d->exe);
	if (h->retval != 0 && !(h->flags & WIRE_COMMITTED)) {
		/* The image is still the caller's. */
		images_learn(d->images, &h->image, exe);
		ev->caller.exe = str_known(exe) ? exe : exe_of(d, &h->image, d->exe);
		return;
	}
	ev->caller.exe = exe_of(d, &h->caller_image, d->caller_exe);
	if (h->retval != 0)
		return;
	ev->exe = exe;
	if (str_known(exe))
		ev->exe_memfd = NUM((h->flags & WIRE_EXE_DETACHED) &&
				    str_has_prefix(exe, STR_LIT("/memfd:")));
	if (h->flags & WIRE_FILE_KNOWN)
		set_file(d, h, ev);
}

static void set_parent(struct decoder *d, const struct parts *p, const struct wire_ancestor *a,
		       struct event *ev)
{
	struct image image;

	if (p->head.flags & WIRE_PARENT_EXE_KNOWN)
		ev->parent.exe = value_path(p->part[WIRE_PARENT_EXE], d->ancestor_exe[0]);
	if (!images_get(d->images, &a->image, &image)) {
		images_learn(d->images, &a->image, ev->parent.exe);
		return;
	}
	if (!str_known(ev->parent.exe))
		ev->parent.exe = copy_path(image.exe, d->ancestor_exe[0]);
	if (str_known(image.argv))
		ev->parent.argv = wording_of(&d->parent_argv, image.argv);
}

static void set_ancestors(struct decoder *d, const struct parts *p, struct event *ev)
{
	struct str part = p->part[WIRE_ANCESTORS];

	for (size_t i = 0; i < part.len / sizeof(struct wire_ancestor); i++) {
		const char *at = part.p + i * sizeof(struct wire_ancestor);
		struct process *process = event_add_ancestor(ev);
		struct wire_ancestor a;

		memcpy(&a, at, sizeof(a));
		process->id = value_id(d->boot, a.pid, a.start_ns, d->id[i + 1]);
		process->pid = NUM(a.pid);
		process->comm = value_text(at + offsetof(struct wire_ancestor, comm), sizeof(a.comm));
		if (i == 0)
			set_parent(d, p, &a, ev);
		else
			process->exe = exe_of(d, &a.image, d->ancestor_exe[i]);
	}
}

/* From now on others have this image: of a fork of the process, or of what it starts. */
static void keep_image(struct decoder *d, const struct parts *p, const struct event *ev)
{
	const struct wire_exec *h = &p->head;
	bool whole = !(h->flags & (WIRE_ARGV_CUT | WIRE_ARGV_PARTIAL));

	if (h->flags & WIRE_EXECUTED)
		images_put(d->images, &h->image, ev->exe, whole ? p->argv : (struct str){ 0 });
}

static void set_cgroup(struct decoder *d, const struct parts *p, struct event *ev)
{
	const struct store_key key = { p->head.cgroup.node, p->head.cgroup.id };
	struct cgroup_names names;

	if (p->head.flags & WIRE_CGROUP_KNOWN) {
		ev->cgroup = value_path(p->part[WIRE_CGROUP], d->cgroup);
		store_put(d->cgroups, key, &ev->cgroup, 1);
	} else {
		ev->cgroup = copy_path(store_get(d->cgroups, key), d->cgroup);
	}
	if (!str_known(ev->cgroup))
		return;
	names = cgroup_names(ev->cgroup);
	ev->unit = names.unit;
	ev->container_id = names.container_id;
	ev->container_runtime = names.container_runtime;
}

static void set_process(struct decoder *d, const struct parts *p, struct event *ev)
{
	const struct wire_exec *h = &p->head;

	ev->id = value_id(d->boot, h->pid, h->start_ns, d->id[0]);
	ev->pid = NUM(h->pid);
	ev->tid = NUM(h->tid);
	ev->ppid = NUM(h->ppid);
	ev->pgid = NUM(h->pgid);
	ev->sid = NUM(h->sid);
	if (h->ns_pid)
		ev->ns_pid = NUM(h->ns_pid);
	ev->uid = NUM(h->uid);
	ev->gid = NUM(h->gid);
	ev->euid = NUM(h->euid);
	ev->egid = NUM(h->egid);
	ev->user = users_name(d->options.users, h->uid);
	if (h->login_uid != WIRE_UNKNOWN) {
		ev->login_uid = NUM(h->login_uid);
		ev->login = users_name(d->options.users, h->login_uid);
	}
	if (h->audit_session != WIRE_UNKNOWN)
		ev->audit_session = NUM(h->audit_session);
	if (h->flags & WIRE_CWD_KNOWN)
		ev->cwd = value_path(p->part[WIRE_CWD], d->cwd);
	ev->tty = value_tty(h->tty, d->tty);
	ev->fd_in = value_fd(&h->fd[0]);
	ev->fd_out = value_fd(&h->fd[1]);
	ev->fd_err = value_fd(&h->fd[2]);
	if (h->flags & WIRE_ENV_KNOWN) {
		ev->env = environ_of(p->part[WIRE_ENV], d->env, ARRAY_SIZE(d->env));
		ev->env_state = h->flags & WIRE_ENV_CUT ? STR_LIT("cut") : STR_LIT("complete");
	} else if (h->flags & WIRE_ENV_CUT) {
		ev->env_state = STR_LIT("cut");
	}
	ev->traced = NUM(!!(h->flags & WIRE_TRACED));
	if (h->ns_pid_ino)
		ev->ns_pid_ino = NUM(h->ns_pid_ino);
	if (h->ns_mnt_ino)
		ev->ns_mnt_ino = NUM(h->ns_mnt_ino);
	if (h->ns_mnt_ino && d->options.host_mnt_ns)
		ev->ns_host = NUM(h->ns_mnt_ino == d->options.host_mnt_ns);
}

/*
 * Unknown where the file was not seen to be opened, but the error is one of reading the arguments or of
 * making a process, which some kernels do before and some after opening.
 */
static struct str stage_of(const struct wire_exec *h)
{
	if (h->retval == 0)
		return (struct str){ 0 };
	if (h->flags & WIRE_COMMITTED)
		return STR_LIT("commit");
	if (h->flags & WIRE_OPENED)
		return STR_LIT("load");
	if (!(h->flags & WIRE_SEES_OPENING) || h->retval == -E2BIG || h->retval == -EFAULT ||
	    h->retval == -ENOMEM || h->retval == -EAGAIN)
		return (struct str){ 0 };
	return STR_LIT("open");
}

static void set_times(const struct decoder *d, const struct wire_exec *h, struct event *ev)
{
	uint64_t entry_ns = h->flags & WIRE_ENTERED ? h->entry_ns : h->seen_ns;

	/* Unsigned, since an offset of nonsense must not be undefined behaviour. */
	ev->time = NUM((int64_t)(entry_ns + (uint64_t)d->options.epoch_offset_ns));
	ev->mono_ns = NUM((int64_t)h->seen_ns);
	if (h->flags & WIRE_ENTERED)
		ev->duration = NUM((int64_t)(h->seen_ns - h->entry_ns));
}

static void set_host(const struct decoder *d, struct event *ev)
{
	ev->host = d->options.host;
	ev->boot = d->options.boot;
	ev->labels = d->options.labels;
}

static void set_syscall(uint8_t syscall, uint8_t bits, struct event *ev)
{
	ev->syscall = syscall == WIRE_EXECVE ? STR_LIT("execve") : STR_LIT("execveat");
	ev->abi = bits == 64 ? STR_LIT("64") : STR_LIT("32");
}

static void set_call(const struct decoder *d, const struct parts *p, struct event *ev)
{
	const struct wire_exec *h = &p->head;

	set_host(d, ev);
	set_times(d, h, ev);
	if (h->flags & WIRE_KERNEL)
		ev->syscall = STR_LIT("kernel");
	if (h->flags & WIRE_ENTERED) {
		set_syscall(h->syscall, h->bits, ev);
		ev->caller.comm = value_text(p->caller_comm, WIRE_COMM);
	}
	ev->filename = filename_of(p);
	ev->comm = value_text(p->comm, WIRE_COMM);
	ev->retval = NUM(h->retval);
	ev->stage = stage_of(h);
}

void decoder_set_epoch(struct decoder *d, int64_t epoch_offset_ns)
{
	d->options.epoch_offset_ns = epoch_offset_ns;
}

void decoder_seed(struct decoder *d, const struct wire_image *image, struct str exe, struct str argv)
{
	images_put(d->images, image, exe, argv);
}

uint64_t decoder_lost_given(const struct decoder *d)
{
	return d->lost_given;
}

void decoder_forget_images(struct decoder *d)
{
	images_forget(d->images);
}

void decoder_image_counts(const struct decoder *d, uint64_t *ret_hits, uint64_t *ret_misses)
{
	images_counts(d->images, ret_hits, ret_misses);
}

static int decode_exec(struct decoder *d, const char *record, size_t size, struct event *ret)
{
	struct parts p;

	if (!parts_take(record, size, &p))
		return -EBADMSG;
	if (p.head.flags & WIRE_ARGV_CHUNKED)
		p.argv = pieces_words(d->pieces, &p.head.head, p.head.argv_len);
	else if (p.head.flags & WIRE_ARGV_KNOWN)
		p.argv = p.part[WIRE_ARGV];

	event_clear(ret);
	set_call(d, &p, ret);
	set_argv(d, &p, ret);
	set_image(d, &p, ret);
	set_process(d, &p, ret);
	set_ancestors(d, &p, ret);
	set_cgroup(d, &p, ret);
	keep_image(d, &p, ret);
	event_complete(ret);
	return 1;
}

/* Only what cannot have changed since the entry. */
static int decode_missed(struct decoder *d, const char *record, size_t size, struct event *ret)
{
	struct wire_start start;
	struct str name;

	if (size != sizeof(start))
		return -EBADMSG;
	memcpy(&start, record, sizeof(start));
	name = (struct str){ record + offsetof(struct wire_start, name), start.name_len };
	if (start.head.size != size || start.syscall > WIRE_EXECVEAT ||
	    (start.bits != 64 && start.bits != 32) || start.name_len > sizeof(start.name) ||
	    !parts_is_text(name))
		return -EBADMSG;

	event_clear(ret);
	set_host(d, ret);
	ret->time = NUM((int64_t)(start.entry_ns + (uint64_t)d->options.epoch_offset_ns));
	set_syscall(start.syscall, start.bits, ret);
	if (name.len > 0)
		ret->filename = (struct str){ name.p, name.len - 1 };
	ret->caller.comm = value_text(record + offsetof(struct wire_start, comm), WIRE_COMM);
	ret->caller.exe = exe_of(d, &start.image, d->caller_exe);
	ret->argv_state = STR_LIT("partial");
	ret->id = value_id(d->boot, start.pid, start.start_ns, d->id[0]);
	ret->pid = NUM(start.pid);
	ret->tid = NUM(start.tid);
	ret->ppid = NUM(start.ppid);
	ret->uid = NUM(start.uid);
	ret->gid = NUM(start.gid);
	ret->user = users_name(d->options.users, start.uid);
	ret->returned = NUM(0);
	event_complete(ret);
	return 1;
}

int decode(struct decoder *d, const void *record, size_t size, struct event *ret)
{
	struct wire_head head;
	int r;

	if (size < sizeof(head))
		return -EBADMSG;
	memcpy(&head, record, sizeof(head));
	switch (head.kind) {
	case WIRE_KIND_EXEC:
		return decode_exec(d, record, size, ret);
	case WIRE_KIND_MISSED:
		return decode_missed(d, record, size, ret);
	case WIRE_KIND_CHUNK:
		r = head.size == size ? pieces_add(d->pieces, record, size) : -EBADMSG;
		return r < 0 ? r : 0;
	case WIRE_KIND_GIVEN:
		r = head.size == size ? pieces_keep_given(d->pieces, record, size) : -EBADMSG;
		return r < 0 ? r : 0;
	}
	return -EBADMSG;
}
