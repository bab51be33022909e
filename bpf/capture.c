/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Loading and attaching with libbpf, and reading the ring.
 *
 * A backend is a set of the programs in exec.bpf.c; only that set is loaded. What a backend needs is looked
 * up beforehand (support.h), since the errors that loading gives say little to a user. libbpf's own messages
 * are for developers and are shown only with EXECWATCH_DEBUG=1 in the environment.
 */
#include "bpf/capture.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "bpf/decode.h"
#include "bpf/support.h"
#include "bpf/users.h"
#include "bpf/wire.h"
#include "exec.skel.h"

/* A call hands on what a full ring holds, and not what comes in meanwhile: its caller has timers to serve. */
#define MAX_RECORDS (WIRE_RING_BYTES / sizeof(struct wire_exec))
#define REFRESH_NS INT64_C(1000000000)
#define PASSWD "/etc/passwd"

const char *const backend_names[] = {
	[BACKEND_AUTO] = "auto",
	[BACKEND_KPROBE] = "kprobe",
	[BACKEND_RAW_TP] = "raw_tp",
	NULL,
};

/* The program without which a failure's stage is not known. */
#define OPENING "file_opened"

/*
 * Which programs a backend has. Returns are attached before entries: a call that goes on meanwhile is then a
 * return without an entry, which is no loss, and never an entry without a return.
 */
static const struct head {
	const char *program;
	enum backend backend;		/* AUTO: all */
	bool optional;			/* the kernel may lack what it attaches to */
} heads[] = {
	{ "process_exec", BACKEND_AUTO, false },
	{ "process_exit", BACKEND_AUTO, false },
	{ "execve_return", BACKEND_KPROBE, false },
	{ "execveat_return", BACKEND_KPROBE, false },
	{ OPENING, BACKEND_KPROBE, true },
	{ "execve_entry", BACKEND_KPROBE, false },
	{ "execveat_entry", BACKEND_KPROBE, false },
	{ "compat_execve_return", BACKEND_KPROBE, true },
	{ "compat_execveat_return", BACKEND_KPROBE, true },
	{ "compat_execve_entry", BACKEND_KPROBE, true },
	{ "compat_execveat_entry", BACKEND_KPROBE, true },
	{ "sys_exit", BACKEND_RAW_TP, false },
	{ "sys_enter", BACKEND_RAW_TP, false },
};

const struct str capture_default_env[] = {
	STR("LD_PRELOAD"), STR("LD_LIBRARY_PATH"), STR("LD_AUDIT"), STR("GLIBC_TUNABLES"), STR("BASH_ENV"),
	STR("ENV"), STR("PROMPT_COMMAND"), STR("HISTFILE"), STR("HISTSIZE"), STR("PYTHONPATH"),
	STR("PERL5OPT"), STR("NODE_OPTIONS"), STR("SSH_CONNECTION"), STR("SUDO_USER"),
};

const size_t capture_n_default_env = ARRAY_SIZE(capture_default_env);

_Static_assert(CAPTURE_MAX_ENV == WIRE_MAX_ENV_NAMES && CAPTURE_ENV_NAME == WIRE_ENV_NAME - 1, "one limit");
_Static_assert(CAPTURE_MAX_ARGV == WIRE_MAX_ARGV, "one limit");

struct capture {
	struct capture_options options;
	enum backend backend;
	struct exec_bpf *programs;
	struct bpf_link *link[ARRAY_SIZE(heads)];
	struct ring_buffer *ring;
	struct users *users;
	struct decoder *decoder;
	uint64_t delivered, malformed;
	int64_t now_ns, refreshed_ns;	/* monotonic, as the events tell it */
	size_t consumed;		/* in this call of capture_consume() */
};

static int print_debug(enum libbpf_print_level level, const char *format, va_list args)
{
	return vfprintf(stderr, format, args);
}

static bool belongs(const struct head *head, enum backend backend)
{
	return head->backend == backend || head->backend == BACKEND_AUTO;
}

static int load(struct capture *c, enum backend backend, struct buf *why)
{
	int cpus = libbpf_num_possible_cpus(), r;

	c->programs = exec_bpf__open();
	if (!c->programs || cpus < 0) {
		r = cpus < 0 ? cpus : -errno;
		buf_printf(why, "cannot prepare the BPF programs (%s)", strerror(-r));
		return r;
	}
	if (c->options.max_argv && c->options.max_argv < WIRE_MAX_ARGV)
		c->programs->rodata->max_argv = (uint32_t)c->options.max_argv;
	for (size_t i = 0; i < ARRAY_SIZE(heads); i++)
		bpf_program__set_autoload(
			bpf_object__find_program_by_name(c->programs->obj, heads[i].program),
			belongs(&heads[i], backend));
	r = bpf_map__set_max_entries(c->programs->maps.scratches, (uint32_t)cpus);
	if (r == 0)
		r = exec_bpf__load(c->programs);
	if (r == -EPERM)
		buf_text(why, "the kernel refused to load BPF programs; start it as root outside of a "
			      "container, or with CAP_BPF and CAP_PERFMON");
	else if (r < 0)
		buf_printf(why, "the kernel refused to load the BPF programs (%s); EXECWATCH_DEBUG=1 shows "
				"its reasons", strerror(-r));
	return r;
}

static int name_env(struct capture *c, struct buf *why)
{
	const struct str *env = c->options.env ? c->options.env : capture_default_env;
	size_t n = c->options.env ? c->options.n_env : capture_n_default_env;

	for (uint32_t i = 0; i < n; i++) {
		char name[WIRE_ENV_NAME] = "";
		int r = i < WIRE_MAX_ENV_NAMES && env[i].len < sizeof(name) ? 0 : -EINVAL;

		if (r == 0) {
			memcpy(name, env[i].p, env[i].len);
			r = bpf_map__update_elem(c->programs->maps.env_names, name, sizeof(name), &i,
						 sizeof(i), BPF_ANY);
		}
		if (r < 0) {
			buf_printf(why, "cannot report the environment variable %.*s (%s)", STR_ARG(env[i]),
				   strerror(-r));
			return r;
		}
	}
	return 0;
}

static int attach(struct capture *c, enum backend backend, struct buf *why)
{
	for (size_t i = 0; i < ARRAY_SIZE(heads); i++) {
		struct bpf_program *p;

		if (!belongs(&heads[i], backend))
			continue;
		p = bpf_object__find_program_by_name(c->programs->obj, heads[i].program);
		c->link[i] = bpf_program__attach(p);
		if (c->link[i] && strcmp(heads[i].program, OPENING) == 0)
			c->programs->bss->sees_opening = true;
		if (!c->link[i] && !heads[i].optional) {
			int r = -errno;

			buf_printf(why, "the kernel refused to attach to %s (%s)",
				   bpf_program__section_name(p), strerror(-r));
			return r;
		}
	}
	return 0;
}

static void detach(struct capture *c)
{
	for (size_t i = ARRAY_SIZE(heads); i-- > 0;) {
		bpf_link__destroy(c->link[i]);
		c->link[i] = NULL;
	}
	exec_bpf__destroy(c->programs);
	c->programs = NULL;
}

static int start(struct capture *c, enum backend backend, struct buf *why)
{
	int r = backend == BACKEND_KPROBE ? support_kprobes(why) : 0;

	if (r == 0)
		r = load(c, backend, why);
	if (r == 0)
		r = name_env(c, why);
	if (r == 0)
		r = attach(c, backend, why);
	if (r < 0) {
		detach(c);
		return r;
	}
	c->backend = backend;
	return 0;
}

static int on_record(void *ctx, void *record, size_t size)
{
	struct capture *c = ctx;
	struct event ev;

	if (decode(c->decoder, record, size, &ev) == 0) {
		c->delivered++;
		c->now_ns = ev.mono_ns.value;
		c->options.event(c->options.ctx, &ev);
	} else {
		c->malformed++;
	}
	/* libbpf goes on for as long as there are records; an error stops it, behind this one. */
	return ++c->consumed < MAX_RECORDS ? 0 : -ECANCELED;
}

static int prepare(struct capture *c)
{
	struct decode_options decoding = {
		.host = c->options.host,
		.boot = c->options.boot,
		.labels = c->options.labels,
		.epoch_offset_ns = c->options.epoch_offset_ns,
	};
	struct stat host;
	int r = users_new(PASSWD, &c->users);

	if (r < 0)
		return r;
	/* The link's inode number is the namespace's (namespaces(7)). */
	if (stat("/proc/1/ns/mnt", &host) == 0)
		decoding.host_mnt_ns = (uint32_t)host.st_ino;
	decoding.users = c->users;
	r = decoder_new(&decoding, &c->decoder);
	if (r < 0)
		return r;
	c->ring = ring_buffer__new(bpf_map__fd(c->programs->maps.ring), on_record, c, NULL);
	return c->ring ? 0 : -errno;
}

int capture_open(const struct capture_options *options, struct buf *why, struct capture **ret)
{
	_cleanup_(capture_free) struct capture *c = calloc(1, sizeof(*c));
	enum backend backend = options->backend;
	int r;

	if (!c)
		return -ENOMEM;
	c->options = *options;
	libbpf_set_print(getenv("EXECWATCH_DEBUG") ? print_debug : NULL);
	r = support_bpf(why);
	if (r < 0)
		return r;

	r = start(c, backend == BACKEND_AUTO ? BACKEND_KPROBE : backend, why);
	if (r < 0 && backend == BACKEND_AUTO) {
		/* Where this works, what stands in @why is why nothing better did. */
		_cleanup_(buf) struct buf also = BUF_INIT;

		r = start(c, BACKEND_RAW_TP, &also);
		if (r < 0)
			buf_printf(why, "; %.*s", STR_ARG(buf_get(&also)));
	}
	if (r < 0)
		return r;

	r = prepare(c);
	if (r < 0) {
		buf_printf(why, "cannot prepare to read events (%s)", strerror(-r));
		return r;
	}
	*ret = TAKE_PTR(c);
	return 0;
}

struct capture *capture_free(struct capture *c)
{
	if (!c)
		return NULL;
	ring_buffer__free(c->ring);
	detach(c);
	decoder_free(c->decoder);
	users_free(c->users);
	free(c);
	return NULL;
}

void capture_set_epoch(struct capture *c, int64_t epoch_offset_ns)
{
	decoder_set_epoch(c->decoder, epoch_offset_ns);
}

const char *capture_backend(const struct capture *c)
{
	return backend_names[c->backend];
}

int capture_fd(const struct capture *c)
{
	return ring_buffer__epoll_fd(c->ring);
}

int capture_consume(struct capture *c)
{
	int r;

	if (c->now_ns - c->refreshed_ns >= REFRESH_NS) {
		users_refresh(c->users);
		c->refreshed_ns = c->now_ns;
	}
	c->consumed = 0;
	r = ring_buffer__consume(c->ring);
	return r < 0 && r != -ECANCELED ? r : (int)c->consumed;
}

struct capture_counters capture_counters(const struct capture *c)
{
	const volatile struct wire_counters *k = &c->programs->bss->counters;

	return (struct capture_counters){
		.entries = k->entries,
		.returns = k->returns,
		.execs = k->execs,
		.delivered = c->delivered,
		.lost_ring = k->lost_ring,
		.lost_start = k->lost_start,
		.lost_return = k->lost_return,
		.lost_scratch = k->lost_scratch,
		.unmatched = k->unmatched,
		.malformed = c->malformed,
		.argv_cut = k->argv_cut,
		.argv_partial = k->argv_partial,
	};
}

uint64_t capture_lost(const struct capture_counters *c)
{
	return c->lost_ring + c->lost_start + c->lost_return + c->lost_scratch + c->malformed;
}
