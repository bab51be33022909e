// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
/*
 * The heads: where the kernel calls us, one line each. The loader chooses the set that the kernel allows.
 *
 *	kprobe		the functions of the four system calls; costs other system calls nothing
 *	kprobe-fexit	the same entries, returns by trampolines
 *	raw_tp		every system call's entry and exit, for kernels without kprobes
 *	tracepoint	the tracepoints of the system calls, which the kernel does not call for 32-bit ones
 *	exec-only	none of them: successes alone
 *
 * All are joined by sched_process_exec, the witness of every success, and by sched_process_exit, which
 * finds the entries whose return was missed.
 */
#include "bpf/mini.h"

#include <linux/errno.h>
#include <linux/stat.h>
#include <stdbool.h>
#include <stddef.h>

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "bpf/arch.h"
#include "bpf/wire.h"
/* Parts of this one object, each of which uses those above it. */
#include "bpf/arch.bpf.h"
#include "bpf/scratch.bpf.h"
#include "bpf/ring.bpf.h"
#include "bpf/told.bpf.h"
#include "bpf/path.bpf.h"
#include "bpf/argv.bpf.h"
#include "bpf/env.bpf.h"
#include "bpf/context.bpf.h"
#include "bpf/core.bpf.h"

/* The kernel lends its helpers to programs under a GPL-compatible license only. */
char object_license[] SEC("license") = "Dual BSD/GPL";

/* A system call's function gets the registers of its caller as its one argument. */
static __always_inline struct pt_regs *caller_regs(struct pt_regs *ctx)
{
	return (struct pt_regs *)PT_REGS_PARM1(ctx);
}

static __always_inline int on_entry_64(enum wire_syscall syscall, struct pt_regs *regs)
{
	if (syscall == WIRE_EXECVE)
		return on_entry(syscall, 64, ARG1_64(regs), ARG2_64(regs));
	return on_entry(syscall, 64, ARG2_64(regs), ARG3_64(regs));
}

static __always_inline int on_entry_32(enum wire_syscall syscall, struct pt_regs *regs)
{
	if (syscall == WIRE_EXECVE)
		return on_entry(syscall, 32, ARG1_32(regs), ARG2_32(regs));
	return on_entry(syscall, 32, ARG2_32(regs), ARG3_32(regs));
}

static __always_inline int on_return_only(long retval)
{
	if (!on_return(retval))
		count(&counters.unmatched);
	return 0;
}

SEC("kprobe/" ARCH_SYS "execve")
int execve_entry(struct pt_regs *ctx)
{
	return on_entry_64(WIRE_EXECVE, caller_regs(ctx));
}

SEC("kretprobe/" ARCH_SYS "execve")
int execve_return(struct pt_regs *ctx)
{
	return on_return_only((int)PT_REGS_RC(ctx));
}

SEC("kprobe/" ARCH_SYS "execveat")
int execveat_entry(struct pt_regs *ctx)
{
	return on_entry_64(WIRE_EXECVEAT, caller_regs(ctx));
}

SEC("kretprobe/" ARCH_SYS "execveat")
int execveat_return(struct pt_regs *ctx)
{
	return on_return_only((int)PT_REGS_RC(ctx));
}

/* The calls of 32-bit programs. */
SEC("kprobe/" ARCH_COMPAT_SYS "execve")
int compat_execve_entry(struct pt_regs *ctx)
{
	return on_entry_32(WIRE_EXECVE, caller_regs(ctx));
}

SEC("kretprobe/" ARCH_COMPAT_SYS "execve")
int compat_execve_return(struct pt_regs *ctx)
{
	return on_return_only((int)PT_REGS_RC(ctx));
}

SEC("kprobe/" ARCH_COMPAT_SYS "execveat")
int compat_execveat_entry(struct pt_regs *ctx)
{
	return on_entry_32(WIRE_EXECVEAT, caller_regs(ctx));
}

SEC("kretprobe/" ARCH_COMPAT_SYS "execveat")
int compat_execveat_return(struct pt_regs *ctx)
{
	return on_return_only((int)PT_REGS_RC(ctx));
}

/* The first thing that fs/exec.c does with an opened file, on all kernels since 5.8. */
SEC("kprobe/security_bprm_creds_for_exec")
int file_opened(struct pt_regs *ctx)
{
	return on_open();
}

/* All words have been copied, and the caller's memory is not yet given up; exported since 5.8. */
SEC("kprobe/begin_new_exec")
int commits(struct pt_regs *ctx)
{
	return on_commit((void *)PT_REGS_PARM1(ctx));
}

SEC("fexit/" ARCH_SYS "execve")
int BPF_PROG(execve_fexit, const struct pt_regs *regs, long retval)
{
	return on_return_only(retval);
}

SEC("fexit/" ARCH_SYS "execveat")
int BPF_PROG(execveat_fexit, const struct pt_regs *regs, long retval)
{
	return on_return_only(retval);
}

SEC("fexit/" ARCH_COMPAT_SYS "execve")
int BPF_PROG(compat_execve_fexit, const struct pt_regs *regs, long retval)
{
	return on_return_only(retval);
}

SEC("fexit/" ARCH_COMPAT_SYS "execveat")
int BPF_PROG(compat_execveat_fexit, const struct pt_regs *regs, long retval)
{
	return on_return_only(retval);
}

/* 64 or 32 where @nr is a call of ours in the ABI of the running call, else 0. */
static __always_inline int exec_bits(long nr)
{
	/* The numbers of one ABI are other calls in the other. */
	if (nr == EXECVE_64 || nr == EXECVEAT_64)
		return is_compat() ? 0 : 64;
	if (nr == EXECVE_32 || nr == EXECVEAT_32)
		return is_compat() ? 32 : 0;
	return 0;
}

SEC("raw_tp/sys_enter")
int sys_enter(struct bpf_raw_tracepoint_args *ctx)
{
	struct pt_regs *regs = (void *)ctx->args[0];
	long nr = ctx->args[1];
	int bits = exec_bits(nr);

	if (bits == 64)
		return on_entry_64(nr == EXECVE_64 ? WIRE_EXECVE : WIRE_EXECVEAT, regs);
	if (bits == 32)
		return on_entry_32(nr == EXECVE_32 ? WIRE_EXECVE : WIRE_EXECVEAT, regs);
	return 0;
}

/*
 * The number of the call is no guide to its return: an exec into the other ABI changes it, a tracer can.
 * Whether this task has entered is.
 */
SEC("raw_tp/sys_exit")
int sys_exit(struct bpf_raw_tracepoint_args *ctx)
{
	struct pt_regs *regs = (void *)ctx->args[0];

	if (in_flight && on_return(ctx->args[1]))
		return 0;
	if (ctx->args[1] && exec_bits(syscall_nr(regs)))
		count(&counters.unmatched);
	return 0;
}

/* The tracepoints' own format: /sys/kernel/tracing/events/syscalls/sys_enter_execve/format */
struct tracepoint_enter {
	__u64 common;
	long nr;
	unsigned long args[5];
};

struct tracepoint_exit {
	__u64 common;
	long nr;
	long retval;
};

SEC("tp/syscalls/sys_enter_execve")
int tp_execve_entry(struct tracepoint_enter *ctx)
{
	return on_entry(WIRE_EXECVE, 64, ctx->args[0], ctx->args[1]);
}

SEC("tp/syscalls/sys_enter_execveat")
int tp_execveat_entry(struct tracepoint_enter *ctx)
{
	return on_entry(WIRE_EXECVEAT, 64, ctx->args[1], ctx->args[2]);
}

/* On x86 an exec of a 64-bit image makes its call one of execve, whatever it was. */
SEC("tp/syscalls/sys_exit_execve")
int tp_execve_return(struct tracepoint_exit *ctx)
{
	return on_return_only(ctx->retval);
}

SEC("tp/syscalls/sys_exit_execveat")
int tp_execveat_return(struct tracepoint_exit *ctx)
{
	return on_return_only(ctx->retval);
}

/* The words that a script's caller gave, where there are no kprobes; since 6.10. */
SEC("raw_tp/sched_prepare_exec")
int prepare_exec(struct bpf_raw_tracepoint_args *ctx)
{
	return on_commit((void *)ctx->args[1]);
}

SEC("raw_tp/sched_process_exec")
int process_exec(struct bpf_raw_tracepoint_args *ctx)
{
	return on_exec(ctx->args[1], (void *)ctx->args[2]);
}

SEC("raw_tp/sched_process_exit")
int process_exit(struct bpf_raw_tracepoint_args *ctx)
{
	return on_exit((void *)ctx->args[0]);
}
