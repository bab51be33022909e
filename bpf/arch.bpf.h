/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * What architectures differ in: the registers that a call's arguments and its number lie in, the numbers, and
 * by what the kernel knows the calls of 32-bit programs.
 */
#ifndef BPF_ARCH_BPF_H
#define BPF_ARCH_BPF_H

#if defined(__TARGET_ARCH_x86)

/* arch/x86/entry/syscalls/syscall_{64,32}.tbl; arch/x86/include/asm/thread_info.h */
enum { EXECVE_64 = 59, EXECVEAT_64 = 322, EXECVE_32 = 11, EXECVEAT_32 = 358, TS_COMPAT = 2 };

static __always_inline bool is_compat(void)
{
	return bpf_get_current_task_btf()->thread_info.status & TS_COMPAT;
}

static __always_inline long syscall_nr(struct pt_regs *regs)
{
	return BPF_CORE_READ(regs, orig_ax);
}

#define ARG1_64(regs) BPF_CORE_READ(regs, di)
#define ARG2_64(regs) BPF_CORE_READ(regs, si)
#define ARG3_64(regs) BPF_CORE_READ(regs, dx)
#define ARG1_32(regs) ((__u32)BPF_CORE_READ(regs, bx))
#define ARG2_32(regs) ((__u32)BPF_CORE_READ(regs, cx))
#define ARG3_32(regs) ((__u32)BPF_CORE_READ(regs, dx))

#elif defined(__TARGET_ARCH_arm64)

/*
 * include/uapi/asm-generic/unistd.h, arch/arm/tools/syscall.tbl. 32 bits are a property of the image, not of
 * the call (arch/arm64/include/asm/thread_info.h).
 */
enum { EXECVE_64 = 221, EXECVEAT_64 = 281, EXECVE_32 = 11, EXECVEAT_32 = 387, TIF_32BIT = 22 };

static __always_inline bool is_compat(void)
{
	return bpf_get_current_task_btf()->thread_info.flags & 1ul << TIF_32BIT;
}

static __always_inline long syscall_nr(struct pt_regs *regs)
{
	return BPF_CORE_READ(regs, syscallno);
}

/* Of the first argument orig_x0 is a copy, made before a tracer may change it; the call goes by regs[0]. */
#define ARG1_64(regs) BPF_CORE_READ(regs, regs[0])
#define ARG2_64(regs) BPF_CORE_READ(regs, regs[1])
#define ARG3_64(regs) BPF_CORE_READ(regs, regs[2])
#define ARG1_32(regs) ((__u32)ARG1_64(regs))
#define ARG2_32(regs) ((__u32)ARG2_64(regs))
#define ARG3_32(regs) ((__u32)ARG3_64(regs))

#endif

#endif
