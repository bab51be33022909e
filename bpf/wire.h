/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * The record of one exec as the BPF programs hand it to the decoder, and the counters that both share.
 *
 * A record is a fixed head and parts of variable length behind it, without gaps, in the order of enum
 * wire_part; the head holds their lengths. The head grows at its end only. Both sides are built together
 * and run on one machine, so that byte order and layout are the compiler's.
 */
#ifndef BPF_WIRE_H
#define BPF_WIRE_H

#include <linux/types.h>

#define WIRE_COMM 16			/* TASK_COMM_LEN */
#define WIRE_TTY 16			/* of tty_struct.name, whose names are shorter */
#define WIRE_MAX_ANCESTORS 16
#define WIRE_MAX_PATH 4096		/* PATH_MAX */
#define WIRE_MAX_NAME 256		/* NAME_MAX and a NUL */
#define WIRE_ENV_NAME 32		/* of an environment variable, with a NUL */
#define WIRE_MAX_ENV_NAMES 32
#define WIRE_MAX_ENV_VARIABLE 1024	/* with its name and NUL; a longer value is cut */
#define WIRE_MAX_ENV (WIRE_MAX_ENV_NAMES * WIRE_MAX_ENV_VARIABLE)
#define WIRE_RING_BYTES (16 << 20)	/* a power of two and pages */
#define WIRE_MAX_ARGV (256 << 10)	/* bytes of argv in a record; beyond them it is cut */

enum wire_part {
	/* struct wire_ancestor, nearest first. */
	WIRE_ANCESTORS,
	/* With its NUL; no byte at all: not known. */
	WIRE_FILENAME,
	/* Names, each with its NUL, from the file up to the root; only with WIRE_EXE_KNOWN and so on. */
	WIRE_EXE,
	WIRE_CWD,
	WIRE_PARENT_EXE,
	/* NAME=VALUE, each with its NUL, the first of each name in the map; only with WIRE_ENV_KNOWN. */
	WIRE_ENV,
	/* Words, each with its NUL (of a cut argv the last may lack it); only with WIRE_ARGV_KNOWN. */
	WIRE_ARGV,
	WIRE_PARTS,
};

enum wire_syscall { WIRE_EXECVE, WIRE_EXECVEAT };

enum wire_flags {
	WIRE_ARGV_KNOWN = 1 << 0,
	WIRE_ARGV_CUT = 1 << 1,		/* there was more than WIRE_MAX_ARGV */
	WIRE_ARGV_PARTIAL = 1 << 2,	/* some of it could not be read; such a word is empty or too short */
	WIRE_EXE_KNOWN = 1 << 3,
	WIRE_CWD_KNOWN = 1 << 4,
	WIRE_PARENT_EXE_KNOWN = 1 << 5,
	WIRE_EXE_DETACHED = 1 << 6,	/* exe is in no directory tree: memfd and the like */
	WIRE_FILE_KNOWN = 1 << 7,
	WIRE_COMMITTED = 1 << 8,	/* the memory is the new image's, also where the call then failed */
	WIRE_FD_PATH = 1 << 9,		/* the kernel put /dev/fd/N in front of the filename */
	WIRE_TRACED = 1 << 10,
	WIRE_ENV_KNOWN = 1 << 11,	/* gone through to its end, or something was found */
	WIRE_OPENED = 1 << 12,		/* the file was found and opened */
	WIRE_SEES_OPENING = 1 << 13,	/* ... and had that been so, it would have been seen */
};

/* For argc and argv_bytes: not known. */
#define WIRE_UNKNOWN (~(__u32)0)

struct wire_ancestor {
	__u64 start_ns;
	__u32 pid, unused;
	char comm[WIRE_COMM];
};

/* What a descriptor is, as stat(2) has it, but with the kernel's encoding of the device. */
struct wire_fd {
	__u32 mode;			/* 0: closed; WIRE_UNKNOWN */
	__u32 rdev;
};

struct wire_exec {
	__u32 size;			/* of the record */
	__u16 head;			/* sizeof(struct wire_exec) */
	__u8 syscall;			/* enum wire_syscall */
	__u8 bits;			/* 64 or 32: the ABI of the call */
	__u32 flags;
	__s32 retval;
	__u64 entry_ns, return_ns;	/* CLOCK_MONOTONIC */
	__u64 start_ns;			/* of the process, CLOCK_BOOTTIME */
	__u64 ino;
	__u32 pid, tid, ppid, pgid, sid, ns_pid;	/* tid on entry */
	__u32 uid, gid;			/* real, on entry */
	__u32 euid, egid;		/* on return */
	__u32 login_uid, audit_session;	/* WIRE_UNKNOWN: unset */
	__u32 ns_pid_ino, ns_mnt_ino;	/* 0: not known */
	/* The image at return: the new one, of a failed call the caller's. dev is the kernel's encoding. */
	__u32 dev, mode, file_uid, file_gid, nlink;
	__u32 argc, argv_bytes;		/* true ones, also where argv is cut */
	struct wire_fd fd[3];		/* 0 to 2, on return */
	__u32 part_len[WIRE_PARTS];
	char tty[WIRE_TTY];		/* as the kernel names it: pts0; empty: none */
	char comm[WIRE_COMM], caller_comm[WIRE_COMM];
};

_Static_assert(sizeof(struct wire_exec) % 8 == 0, "the parts begin aligned");

/* In memory that the programs and the loader share; each counts up from 0. */
struct wire_counters {
	__u64 entries, returns, execs;
	__u64 lost_ring;		/* no room in the ring */
	__u64 lost_start;		/* no room in the start map */
	__u64 lost_return;		/* a task ended or entered again without having been seen to return */
	__u64 lost_scratch;		/* the CPU's scratch memory was in use */
	__u64 unmatched;		/* returns without an entry */
	__u64 argv_cut, argv_partial;
};

#endif
