/* SPDX-License-Identifier: Apache-2.0 */
/* The ways to watch, the better ones first: what is seen with one is seen with those above it, too. */
#ifndef BPF_BACKEND_H
#define BPF_BACKEND_H

enum backend {
	BACKEND_AUTO,			/* the best one that can be had */
	BACKEND_KPROBE,			/* kprobes and kretprobes of the system calls' functions */
	BACKEND_KPROBE_FEXIT,		/* kprobes, and trampolines at the returns */
	BACKEND_RAW_TP,			/* the entry and exit of every system call */
	BACKEND_TRACEPOINT,		/* the tracepoints of the system calls */
	BACKEND_EXEC_ONLY,		/* successes alone */
	N_BACKENDS,
};

extern const char *const backend_names[];	/* by enum backend, NULL at the end */

#endif
