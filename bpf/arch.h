/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * By what names an architecture's kernel has the functions of system calls: of its own calls, and of those
 * of 32-bit programs (arch/{x86,arm64}/include/asm/syscall_wrapper.h). For the programs, which are told of
 * the architecture by the build, and for their loader.
 */
#ifndef BPF_ARCH_H
#define BPF_ARCH_H

#if defined(__TARGET_ARCH_x86) || defined(__x86_64__)
#define ARCH_SYS "__x64_sys_"
#define ARCH_COMPAT_SYS "__ia32_compat_sys_"
#elif defined(__TARGET_ARCH_arm64) || defined(__aarch64__)
#define ARCH_SYS "__arm64_sys_"
#define ARCH_COMPAT_SYS "__arm64_compat_sys_"
#else
#error "not known: by what names this architecture's kernel has the functions of system calls"
#endif

#endif
