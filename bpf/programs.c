/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Loading and attaching with libbpf. A backend is a set of the programs in exec.bpf.c; only that set is
 * loaded. What a backend needs is looked up beforehand (support.h), since the errors that loading gives say
 * little to a user. libbpf's own messages are for developers and are shown only with EXECWATCH_DEBUG=1 in
 * the environment.
 *
 * Kprobes are made in the tracing file system (tracefs.h). Those that perf makes follow a handful of calls
 * at a time, so that whoever parks that many inside of execve hides the returns of all others.
 */
#include "bpf/programs.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>

#include "bpf/arch.h"
#include "bpf/support.h"
#include "bpf/tracefs.h"
#include "exec.skel.h"

const char *const backend_names[] = {
	[BACKEND_AUTO] = "auto",
	[BACKEND_KPROBE] = "kprobe",
	[BACKEND_KPROBE_FEXIT] = "kprobe-fexit",
	[BACKEND_RAW_TP] = "raw_tp",
	[BACKEND_TRACEPOINT] = "tracepoint",
	[BACKEND_EXEC_ONLY] = "exec-only",
	NULL,
};

enum attach_kind { RAW_TP, KPROBE, KRETPROBE, FEXIT, SYSCALL_TRACEPOINT };

#define B(backend) (1u << BACKEND_##backend)
#define KPROBES (B(KPROBE) | B(KPROBE_FEXIT))
#define ALL (KPROBES | B(RAW_TP) | B(TRACEPOINT) | B(EXEC_ONLY))

/*
 * Which programs a backend has. Returns are attached before entries: a call that goes on meanwhile is then
 * a return without an entry, which is no loss, and never an entry without a return.
 */
static const struct head {
	const char *program;
	uint32_t backends;
	enum attach_kind kind;
	const char *target;
	bool optional;			/* the kernel may lack what it attaches to */
	bool is_entry;
} heads[] = {
	{ "process_exec", ALL, RAW_TP, "sched_process_exec", false, false },
	{ "process_exit", ALL, RAW_TP, "sched_process_exit", false, false },
	{ "execve_return", B(KPROBE), KRETPROBE, ARCH_SYS "execve", false, false },
	{ "execveat_return", B(KPROBE), KRETPROBE, ARCH_SYS "execveat", false, false },
	{ "compat_execve_return", B(KPROBE), KRETPROBE, ARCH_COMPAT_SYS "execve", true, false },
	{ "compat_execveat_return", B(KPROBE), KRETPROBE, ARCH_COMPAT_SYS "execveat", true, false },
	{ "execve_fexit", B(KPROBE_FEXIT), FEXIT, ARCH_SYS "execve", false, false },
	{ "execveat_fexit", B(KPROBE_FEXIT), FEXIT, ARCH_SYS "execveat", false, false },
	{ "compat_execve_fexit", B(KPROBE_FEXIT), FEXIT, ARCH_COMPAT_SYS "execve", true, false },
	{ "compat_execveat_fexit", B(KPROBE_FEXIT), FEXIT, ARCH_COMPAT_SYS "execveat", true, false },
	{ "sys_exit", B(RAW_TP), RAW_TP, "sys_exit", false, false },
	{ "tp_execve_return", B(TRACEPOINT), SYSCALL_TRACEPOINT, "sys_exit_execve", false, false },
	{ "tp_execveat_return", B(TRACEPOINT), SYSCALL_TRACEPOINT, "sys_exit_execveat", false, false },
	/* The order of these two makes no difference; where they fail less is known of an exec. */
	{ "file_opened", KPROBES, KPROBE, "security_bprm_creds_for_exec", true, false },
	{ "commits", KPROBES, KPROBE, "begin_new_exec", true, false },
	{ "prepare_exec", B(RAW_TP) | B(TRACEPOINT), RAW_TP, "sched_prepare_exec", true, false },
	{ "execve_entry", KPROBES, KPROBE, ARCH_SYS "execve", false, true },
	{ "execveat_entry", KPROBES, KPROBE, ARCH_SYS "execveat", false, true },
	{ "compat_execve_entry", KPROBES, KPROBE, ARCH_COMPAT_SYS "execve", true, true },
	{ "compat_execveat_entry", KPROBES, KPROBE, ARCH_COMPAT_SYS "execveat", true, true },
	{ "sys_enter", B(RAW_TP), RAW_TP, "sys_enter", false, true },
	{ "tp_execve_entry", B(TRACEPOINT), SYSCALL_TRACEPOINT, "sys_enter_execve", false, true },
	{ "tp_execveat_entry", B(TRACEPOINT), SYSCALL_TRACEPOINT, "sys_enter_execveat", false, true },
};

struct programs {
	enum backend backend;
	struct exec_bpf *skeleton;
	struct tracefs *tracefs;	/* NULL: not needed, or not to be had */
	struct bpf_link *link[ARRAY_SIZE(heads)];
	bool see_given;
	unsigned int max_active;
	size_t slots;
};

static int print_debug(enum libbpf_print_level level, const char *format, va_list args)
{
	return vfprintf(stderr, format, args);
}

static bool belongs(const struct head *head, enum backend backend)
{
	return head->backends & 1u << backend;
}

static struct bpf_program *program_of(const struct programs *p, const struct head *head)
{
	return bpf_object__find_program_by_name(p->skeleton->obj, head->program);
}

/* A trampoline's target is looked up when it is loaded: one that is not there would be an error for all. */
static bool can_load(const struct head *head)
{
	return head->kind != FEXIT || !head->optional ||
	       libbpf_find_vmlinux_btf_id(head->target, BPF_TRACE_FEXIT) > 0;
}

static int load(struct programs *p, const struct programs_options *options, struct buf *why)
{
	int cpus = libbpf_num_possible_cpus(), r;

	p->skeleton = exec_bpf__open();
	if (!p->skeleton || cpus < 0) {
		r = cpus < 0 ? cpus : -errno;
		buf_printf(why, "cannot prepare the BPF programs (%s)", strerror(-r));
		return r;
	}
	p->slots = (size_t)cpus * WIRE_SLOTS_PER_CPU;
	p->skeleton->rodata->max_argv = options->max_argv;
	for (size_t i = 0; i < options->n_env; i++)
		if (options->env[i].len > 0)
			p->skeleton->rodata->env_begins[(uint8_t)options->env[i].p[0]] = true;
	p->skeleton->rodata->has_cgroup_v1 = support_has_cgroup_v1();
	for (size_t i = 0; i < ARRAY_SIZE(heads); i++)
		bpf_program__set_autoload(program_of(p, &heads[i]),
					  belongs(&heads[i], p->backend) && can_load(&heads[i]));
	r = bpf_map__set_max_entries(p->skeleton->maps.scratches, (uint32_t)p->slots);
	if (r == 0 && options->max_in_flight)
		r = bpf_map__set_max_entries(p->skeleton->maps.starts, options->max_in_flight);
	if (r == 0)
		r = exec_bpf__load(p->skeleton);
	if (r == -EPERM)
		buf_text(why, "the kernel refused to load BPF programs; start it as root outside of a "
			      "container, or with CAP_BPF and CAP_PERFMON");
	else if (r < 0)
		buf_printf(why, "the kernel refused to load the BPF programs (%s); EXECWATCH_DEBUG=1 shows "
				"its reasons", strerror(-r));
	return r;
}

static int name_env(struct programs *p, const struct programs_options *o, struct buf *why)
{
	for (uint32_t i = 0; i < o->n_env; i++) {
		char name[WIRE_ENV_NAME] = "";
		int r = i < WIRE_MAX_ENV_NAMES && o->env[i].len < sizeof(name) ? 0 : -EINVAL;

		if (r == 0) {
			memcpy(name, o->env[i].p, o->env[i].len);
			r = bpf_map__update_elem(p->skeleton->maps.env_names, name, sizeof(name), &i,
						 sizeof(i), BPF_ANY);
		}
		if (r < 0) {
			buf_printf(why, "cannot report the environment variable %.*s (%s)",
				   STR_ARG(o->env[i]), strerror(-r));
			return r;
		}
	}
	return 0;
}

static struct bpf_link *attach_event(struct bpf_program *program, int event)
{
	struct bpf_link *link;
	int r;

	if (event < 0) {
		errno = -event;
		return NULL;
	}
	link = bpf_program__attach_perf_event(program, event);
	if (link)
		return link;
	r = errno;
	close(event);
	errno = r;
	return NULL;
}

/* NULL and errno. */
static struct bpf_link *attach_head(struct programs *p, const struct head *head)
{
	struct bpf_program *program = program_of(p, head);

	switch (head->kind) {
	case RAW_TP:
		return bpf_program__attach_raw_tracepoint(program, head->target);
	case FEXIT:
		return bpf_program__attach_trace(program);
	case SYSCALL_TRACEPOINT:
		return attach_event(program, tracefs_tracepoint(p->tracefs, "syscalls", head->target));
	case KPROBE:
		/* Entries have no limit, so that those that perf makes are as good. */
		if (!p->tracefs)
			return bpf_program__attach_kprobe(program, false, head->target);
		return attach_event(program, tracefs_kprobe(p->tracefs, head->program, head->target));
	case KRETPROBE:
		return attach_event(program, tracefs_kretprobe(p->tracefs, head->program, head->target,
							       p->max_active));
	}
	errno = EINVAL;
	return NULL;
}

static void notice(struct programs *p, const struct head *head)
{
	if (strcmp(head->program, "file_opened") == 0)
		p->skeleton->bss->sees_opening = true;
	if (strcmp(head->program, "commits") == 0 || strcmp(head->program, "prepare_exec") == 0)
		p->see_given = true;
}

static int attach(struct programs *p, struct buf *why)
{
	for (size_t i = 0; i < ARRAY_SIZE(heads); i++) {
		const struct head *head = &heads[i];
		int r;

		if (!belongs(head, p->backend) || !can_load(head))
			continue;
		p->link[i] = attach_head(p, head);
		r = p->link[i] ? 0 : -errno;
		if (r == 0)
			notice(p, head);
		if (r < 0 && !head->optional) {
			buf_printf(why, "the kernel refused to attach to %s (%s)", head->target,
				   strerror(-r));
			return r;
		}
	}
	return 0;
}

/* What the backend cannot do without is looked for; what it can is taken where it is. */
static int support(struct programs *p, struct buf *why)
{
	int r = 0;

	if (p->backend == BACKEND_KPROBE || p->backend == BACKEND_KPROBE_FEXIT)
		r = support_kprobes(why);
	if (r == 0 && p->backend == BACKEND_TRACEPOINT)
		r = support_perf_events(why);
	if (r == 0 && (p->backend == BACKEND_KPROBE || p->backend == BACKEND_TRACEPOINT))
		r = tracefs_open(p->backend == BACKEND_KPROBE, why, &p->tracefs);
	return r;
}

int programs_open(enum backend backend, const struct programs_options *options, struct buf *why,
		  struct programs **ret)
{
	_cleanup_(programs_free) struct programs *p = calloc(1, sizeof(*p));
	int r;

	if (!p)
		return -ENOMEM;
	libbpf_set_print(getenv("EXECWATCH_DEBUG") ? print_debug : NULL);
	p->backend = backend;
	p->max_active = options->max_active;
	r = support(p, why);
	if (r == 0)
		r = load(p, options, why);
	if (r == 0)
		r = name_env(p, options, why);
	if (r == 0)
		r = attach(p, why);
	if (r < 0)
		return r;
	*ret = TAKE_PTR(p);
	return 0;
}

void programs_detach(struct programs *p)
{
	for (size_t i = ARRAY_SIZE(heads); i-- > 0;) {
		bpf_link__destroy(p->link[i]);
		p->link[i] = NULL;
	}
	/* The probes were in use until now. */
	p->tracefs = tracefs_free(p->tracefs);
}

struct programs *programs_free(struct programs *p)
{
	if (!p)
		return NULL;
	programs_detach(p);
	exec_bpf__destroy(p->skeleton);
	free(p);
	return NULL;
}

int programs_ring(const struct programs *p)
{
	return bpf_map__fd(p->skeleton->maps.ring);
}

int programs_starts(const struct programs *p)
{
	return bpf_map__fd(p->skeleton->maps.starts);
}

size_t programs_slots(const struct programs *p)
{
	return p->slots;
}

void programs_counters(const struct programs *p, struct wire_counters *ret, uint64_t *in_flight)
{
	const volatile struct exec_bpf__bss *shared = p->skeleton->bss;

	*ret = shared->counters;
	*in_flight = shared->in_flight;
}

void programs_missed(const struct programs *p, uint64_t *entries, uint64_t *returns)
{
	*entries = *returns = 0;
	if (p->tracefs)
		tracefs_missed(p->tracefs, entries, returns);
	for (size_t i = 0; i < ARRAY_SIZE(heads); i++) {
		struct bpf_prog_info info = { 0 };
		uint32_t size = sizeof(info);

		if (p->link[i] &&
		    bpf_obj_get_info_by_fd(bpf_program__fd(program_of(p, &heads[i])), &info, &size) == 0)
			*(heads[i].is_entry ? entries : returns) += info.recursion_misses;
	}
}

void programs_set_awake(struct programs *p, bool awake)
{
	__atomic_store_n(&p->skeleton->bss->consumer_awake, awake, __ATOMIC_SEQ_CST);
}

bool programs_see_given(const struct programs *p)
{
	return p->see_given;
}
