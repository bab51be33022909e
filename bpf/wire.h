/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * What the BPF programs hand to the decoder, and the counters that both share.
 *
 * An exec is one record: a fixed head and parts of variable length behind it, without gaps, in the order of
 * enum wire_part; the head holds their lengths. Words that are too many for that come before it, in chunks.
 * All of them go over one ring, so that what happened first comes first; those of several CPUs mix. Chunks
 * may take a share of it only: a flood of large argument lists leaves the rest to the records.
 *
 * Both sides are built together and run on one machine, so that byte order and layout are the compiler's.
 */
#ifndef BPF_WIRE_H
#define BPF_WIRE_H

#include <linux/types.h>

#define WIRE_COMM 16			/* TASK_COMM_LEN */
#define WIRE_TTY 16			/* of tty_struct.name, whose names are shorter */
#define WIRE_MAX_ANCESTORS 16
#define WIRE_MAX_PATH 4096		/* PATH_MAX */
#define WIRE_MAX_FILENAME (WIRE_MAX_PATH + 32)	/* with /dev/fd/N/ in front */
#define WIRE_MAX_NAME 256		/* NAME_MAX and a NUL */
#define WIRE_ENV_NAME 32		/* of an environment variable, with a NUL */
#define WIRE_MAX_ENV_NAMES 32
#define WIRE_MAX_ENV_VARIABLE 4096	/* with its name and NUL; a longer value is cut */
#define WIRE_MAX_ENV (32 << 10)		/* of all that are reported */
#define WIRE_MAX_CGROUP 4096		/* PATH_MAX, which the kernel's own readers allow */
#define WIRE_RING_BYTES (32 << 20)	/* a power of two and pages */
#define WIRE_CHUNKS_SHARE (16 << 20)	/* beyond that much in the ring no chunk is added */
#define WIRE_INLINE_ARGV 4096		/* bytes of argv in the record itself */
#define WIRE_CHUNK (32 << 10)		/* bytes at which a chunk is sent */
#define WIRE_CHUNK_SLACK 4096		/* a piece may reach beyond it */
#define WIRE_MAX_ARGV (6 << 20)		/* more the kernel lets nobody hand over (_STK_LIM / 4 * 3) */
#define WIRE_NAME 256			/* bytes of a filename that are kept while the call runs */
#define WIRE_SLOTS_PER_CPU 2		/* pieces of scratch memory; see scratch.bpf.h */

enum wire_part {
	/* struct wire_ancestor, nearest first. */
	WIRE_ANCESTORS,
	/* With its NUL; no byte at all: not known. */
	WIRE_FILENAME,
	/* Names, each with its NUL, from the file up to the root; only with WIRE_EXE_KNOWN and so on. Of an
	 * image that is not new, of the parent and of the cgroup they are there once in a while: what they
	 * stand for is to be kept by struct wire_image and struct wire_cgroup. */
	WIRE_EXE,
	WIRE_CWD,
	WIRE_PARENT_EXE,
	/* The same of kernfs nodes; with WIRE_CGROUP_KNOWN. */
	WIRE_CGROUP,
	/* NAME=VALUE, each with its NUL, every one whose name is in the map; only with WIRE_ENV_KNOWN. */
	WIRE_ENV,
	/* Words, each with its NUL (of a cut argv the last may lack it); with WIRE_ARGV_KNOWN, and not where
	 * they came in chunks. */
	WIRE_ARGV,
	WIRE_PARTS,
};

enum wire_kind { WIRE_KIND_EXEC, WIRE_KIND_CHUNK, WIRE_KIND_GIVEN, WIRE_KIND_MISSED };
enum wire_syscall { WIRE_EXECVE, WIRE_EXECVEAT };

enum wire_flags {
	WIRE_ARGV_KNOWN = 1 << 0,
	WIRE_ARGV_CUT = 1 << 1,		/* there was more than is kept */
	WIRE_ARGV_PARTIAL = 1 << 2,	/* some of it could not be read; such a word is empty or too short */
	WIRE_ARGV_CHUNKED = 1 << 3,	/* it came before, in chunks */
	WIRE_EXE_KNOWN = 1 << 4,
	WIRE_CWD_KNOWN = 1 << 5,
	WIRE_PARENT_EXE_KNOWN = 1 << 6,
	WIRE_CGROUP_KNOWN = 1 << 7,
	WIRE_ENV_KNOWN = 1 << 8,	/* gone through to its end, or something was found */
	WIRE_EXE_DETACHED = 1 << 9,	/* exe is in no directory tree: memfd and the like */
	WIRE_FILE_KNOWN = 1 << 10,
	WIRE_COMMITTED = 1 << 11,	/* the memory is the new image's, also where the call then failed */
	WIRE_FD_PATH = 1 << 12,		/* the kernel put /dev/fd/N in front of the filename */
	WIRE_TRACED = 1 << 13,
	WIRE_OPENED = 1 << 14,		/* the file was found and opened */
	WIRE_SEES_OPENING = 1 << 15,	/* ... and had that been so, it would have been seen */
	WIRE_GIVEN = 1 << 16,		/* other words were handed over; they came before, in chunks */
	WIRE_GIVEN_NONE = 1 << 17,	/* no word was handed over; the kernel made an empty one */
	WIRE_ENTERED = 1 << 18,		/* the entry was seen */
	WIRE_RETURNED = 1 << 19,	/* a failure was seen to return */
	WIRE_EXECUTED = 1 << 20,	/* there is a new image: the call has succeeded */
	WIRE_KERNEL = 1 << 21,		/* no call: the kernel itself started it */
	WIRE_ENV_CUT = 1 << 22,		/* a variable, or what is before the last ones, is not all there */
};

/* For argc and argv_bytes: not known. */
#define WIRE_UNKNOWN (~(__u32)0)

/* At the beginning of each record. */
struct wire_head {
	__u32 size;			/* of the record */
	__u16 kind;			/* enum wire_kind */
	__u16 slot;			/* one maker of records at a time; its chunks come in order */
	__u64 call;			/* counts the calls from 1; 0 where no entry was seen */
};

/* Some of the words of a call; its bytes are the rest of the record. */
struct wire_chunk {
	struct wire_head head;
	__u32 offset, unused;		/* of the first byte among all of the words */
};

/* What the chunks before it are: the words that a call handed over. */
struct wire_given {
	struct wire_head head;
	__u32 len;			/* bytes in the chunks */
	__u32 flags;			/* WIRE_ARGV_CUT, WIRE_ARGV_PARTIAL */
};

/*
 * An image that is executed, by its open file and its stack: every exec opens a file of its own and lays the
 * stack at random, a fork shares both. The addresses are a name while some process has the image, and nothing
 * is ever read through them.
 */
struct wire_image {
	__u64 file, dentry;		/* 0: not known, or a thread of the kernel */
	__u64 stack;			/* where its stack began, a random address */
};

/* A process that was there before, as seed.bpf.c lists it; behind it the names of its image's path, as in
 * WIRE_EXE. */
struct wire_process {
	struct wire_image image;
	__u32 pid;
	__u32 exe_len;			/* bytes of the names; WIRE_UNKNOWN: not known */
};

/* A cgroup, by its number in its tree; nothing is ever read through the address. */
struct wire_cgroup {
	__u64 node, id;
};

struct wire_ancestor {
	__u64 start_ns;
	__u32 pid, unused;
	char comm[WIRE_COMM];
	struct wire_image image;
};

/* What a descriptor is, as stat(2) has it, but with the kernel's encoding of the device. */
struct wire_fd {
	__u32 mode;			/* 0: closed; WIRE_UNKNOWN */
	__u32 rdev;
};

struct wire_exec {
	struct wire_head head;
	__u32 flags;
	__s32 retval;			/* 0 unless WIRE_RETURNED */
	__u64 entry_ns;			/* CLOCK_MONOTONIC; with WIRE_ENTERED */
	__u64 seen_ns;			/* of a failure's return, of a success's new image */
	__u64 start_ns;			/* of the process, CLOCK_BOOTTIME */
	__u64 ino;
	struct wire_image image, caller_image;	/* at the end of the call, on entry */
	struct wire_cgroup cgroup;
	__u32 pid, tid, ppid, pgid, sid, ns_pid;	/* tid on entry */
	__u32 uid, gid;			/* real, on entry */
	__u32 euid, egid;		/* on return */
	__u32 login_uid, audit_session;	/* WIRE_UNKNOWN: unset */
	__u32 ns_pid_ino, ns_mnt_ino;	/* 0: not known */
	/* The image at return: the new one, of a failed call the caller's. dev is the kernel's encoding. */
	__u32 dev, mode, file_uid, file_gid, nlink;
	__u32 argc, argv_bytes;		/* true ones, also where argv is cut */
	__u32 argv_len;			/* bytes in chunks */
	__u8 syscall;			/* enum wire_syscall; with WIRE_ENTERED */
	__u8 bits;			/* 64 or 32: the ABI of the call; with WIRE_ENTERED */
	__u8 unused[2];
	struct wire_fd fd[3];		/* 0 to 2, on return */
	__u32 part_len[WIRE_PARTS];
	char tty[WIRE_TTY];		/* as the kernel names it: pts0; empty: none */
	char comm[WIRE_COMM], caller_comm[WIRE_COMM];	/* the latter with WIRE_ENTERED */
};

/* What is known while a call runs: the value of the start map, and the record of a call whose return is not
 * seen. */
struct wire_start {
	struct wire_head head;
	__u64 entry_ns;			/* CLOCK_MONOTONIC */
	__u64 start_ns;			/* of the process, CLOCK_BOOTTIME */
	__u64 filename, argv;		/* user addresses */
	__u64 mm;			/* the caller's memory */
	struct wire_image image;
	__u32 pid, tid, ppid, uid, gid;
	__u32 argc;			/* with what the kernel added; at first WIRE_UNKNOWN */
	__u8 syscall, bits;
	__u8 fd_path, opened, unused;
	__u8 given;			/* enum wire_given_state */
	__u16 name_len;			/* bytes of name with the NUL; 0: not known or too long */
	char comm[WIRE_COMM];
	char name[WIRE_NAME];		/* the filename */
};

enum wire_given_state { WIRE_GIVEN_AS_EXECUTED, WIRE_GIVEN_SENT, WIRE_GIVEN_EMPTY, WIRE_GIVEN_LOST };

_Static_assert(sizeof(struct wire_exec) % 8 == 0, "the parts begin aligned");

/* In memory that the programs and the loader share; each counts up from 0. */
struct wire_counters {
	__u64 entries, returns, execs;
	__u64 from_kernel;		/* execs that the kernel started */
	__u64 lost_ring;		/* records for which the ring had no room */
	__u64 lost_argv;		/* large argvs for which their share of the ring had no room */
	__u64 lost_start;		/* entries for which the start map had no room */
	__u64 lost_scratch;		/* records for which the CPU's scratch memory was in use */
	__u64 missed;			/* entries whose task ended or entered again without a return */
	__u64 unmatched;		/* returns without an entry */
	__u64 argv_cut, argv_partial, env_cut;
};

#endif
