/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * Where a record is put together: pieces of memory for each CPU, far too large for the BPF stack. The state
 * of the loops over paths and argv is kept in them too, since the verifiers of 6.7 and later follow loop
 * state on the stack value by value and give up, while what is read from a map is unknown to them and so
 * the same in each round.
 */
#ifndef BPF_SCRATCH_BPF_H
#define BPF_SCRATCH_BPF_H

/* Where env and argv may begin at the latest, and what a write may reach beyond the end of its part. */
#define SCRATCH_ENV                                                                                         \
	(WIRE_MAX_ANCESTORS * sizeof(struct wire_ancestor) + WIRE_MAX_FILENAME +                            \
	 4 * (WIRE_MAX_PATH + WIRE_MAX_NAME))
#define SCRATCH_ARGV (SCRATCH_ENV + WIRE_MAX_ENV)
#define SCRATCH_SLACK 4096
#define SCRATCH_DATA (SCRATCH_ARGV + WIRE_INLINE_ARGV + SCRATCH_SLACK)

struct path_walk {
	struct dentry *dentry, *root;	/* root: of the mount */
	struct vfsmount *mnt;
	struct kernfs_node *node;
	__u64 limit;
	__u8 detached, done;
};

struct env_walk {
	__u64 at, end;			/* user addresses */
	__u64 from;			/* where the part begins */
	__u8 in_value, cut, done;
};

struct argv_walk {
	__u64 array;			/* user address of the next pointer; 0: the words lie in a row */
	__u64 string, next;		/* user addresses: the rest of a word or 0, where the next one lies */
	__u64 end;			/* of a range of bytes; 0: words end with a NUL */
	__u64 limit;			/* bytes that are kept */
	__u64 sent, fill;		/* bytes in chunks, bytes in the present one */
	__u32 argc, bytes, left;	/* left: words that lie in a row */
	__u32 faults;			/* pieces that could not be read */
	__u32 flags;			/* of enum wire_flags */
	__u8 bits, done, failed;
};

enum told_kind { TOLD_EXE, TOLD_PARENT_EXE, TOLD_CGROUP, TOLD_KINDS };

struct scratch {
	__u32 busy, slot;
	__u64 len;			/* bytes used of data */
	struct path_walk path;
	struct env_walk env;
	struct argv_walk argv;
	struct {
		__u64 a, b, c;		/* a is 0: nothing */
	} tell[TOLD_KINDS];		/* what this record tells the consumer; see told.bpf.h */
	struct wire_start start;	/* the call that is being looked at */
	struct wire_exec exec;
	char data[SCRATCH_DATA];	/* follows exec without a gap, so that both are one record */
	struct wire_chunk chunk;
	char bytes[WIRE_CHUNK + WIRE_CHUNK_SLACK];	/* likewise */
};

/* Not a per-CPU map, whose values end at 32 KiB. The loader sets the number: WIRE_SLOTS_PER_CPU each. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct scratch);
} scratches SEC(".maps");

/*
 * NULL: all are in use. Probes and raw tracepoints run without being preempted and need one; what returns
 * through a trampoline may be preempted by another exec on a preemptible kernel, and takes the second.
 * Beyond that an exec is counted as lost, and no record is ever mixed from two.
 */
static __always_inline struct scratch *scratch_take(void)
{
	__u32 first = bpf_get_smp_processor_id() * WIRE_SLOTS_PER_CPU, slot;
	struct scratch *s;

	for (int i = 0; i < WIRE_SLOTS_PER_CPU; i++) {
		slot = first + i;
		s = bpf_map_lookup_elem(&scratches, &slot);
		if (s && __sync_val_compare_and_swap(&s->busy, 0, 1) == 0) {
			s->slot = slot;
			s->len = 0;
			return s;
		}
	}
	return NULL;
}

static __always_inline void scratch_put(struct scratch *s)
{
	__sync_val_compare_and_swap(&s->busy, 1, 0);
}

/*
 * Hides from the compiler where @x came from, so that the register which is compared with a bound is the
 * one then used, as the verifier demands.
 */
#define opaque(x) asm volatile("" : "+r"(x))

/* The string at user address @from with its NUL, cut at @size bytes. Its length, at least 1, or -errno. */
static __always_inline long read_user_string(char *to, __u64 size, __u64 from)
{
	long n = bpf_probe_read_user_str(to, size, (void *)from);

	/* Of an empty string kernels up to 6.12 say 0 (strncpy_from_user_nofault()), later ones 1. */
	if (n == 0) {
		*to = '\0';
		n = 1;
	}
	return n;
}

#endif
