/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * The core that all heads share: on_entry() when a call enters, on_exec() when an image has been replaced,
 * on_return() when the call returns, on_exit() when a task ends; on_open() where it can be had, when the file
 * was opened. A backend is a set of heads that call these.
 *
 * Calls are matched by the task_struct, not by thread id: a thread that execs takes over the leader's id on
 * the way, but remains the same task. The map never evicts: an entry without room is counted, and a table
 * that forgets in silence could be flushed by whoever wants an exec not seen.
 */
#ifndef BPF_CORE_BPF_H
#define BPF_CORE_BPF_H

#define MAX_IN_FLIGHT 16384

struct start {
	__u64 entry_ns;
	__u64 filename, argv;		/* user addresses */
	__u64 mm;			/* the caller's memory */
	__u32 tid, uid, gid;
	__u32 argc;			/* as on_exec() saw it, or WIRE_UNKNOWN */
	__u8 syscall, bits;
	__u8 fd_path, opened;
	__u8 unused[4];
	char comm[WIRE_COMM];
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, MAX_IN_FLIGHT);
	__type(key, __u64);
	__type(value, struct start);
} starts SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, WIRE_RING_BYTES);
} ring SEC(".maps");

struct wire_counters counters;
/* Set by the loader when the head that calls on_open() is attached. */
bool sees_opening;
/* Calls in the map: while there are none, the returns of other system calls need not look. */
__u64 in_flight;

static __always_inline void count(__u64 *counter)
{
	__sync_fetch_and_add(counter, 1);
}

static __always_inline int on_entry(enum wire_syscall syscall, __u8 bits, __u64 filename, __u64 argv)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	__u64 key = (__u64)task, ids = bpf_get_current_uid_gid();
	struct start start = {
		.entry_ns = bpf_ktime_get_ns(),
		.filename = filename,
		.argv = argv,
		.mm = (__u64)BPF_CORE_READ(task, mm),
		.tid = (__u32)bpf_get_current_pid_tgid(),
		.uid = (__u32)ids,
		.gid = ids >> 32,
		.argc = WIRE_UNKNOWN,
		.syscall = syscall,
		.bits = bits,
	};
	long err;

	count(&counters.entries);
	bpf_get_current_comm(start.comm, sizeof(start.comm));
	err = bpf_map_update_elem(&starts, &key, &start, BPF_NOEXIST);
	if (!err) {
		count(&in_flight);
		return 0;
	}
	if (err == -EEXIST) {
		count(&counters.lost_return);
		err = bpf_map_update_elem(&starts, &key, &start, BPF_EXIST);
	}
	if (err)
		count(&counters.lost_start);
	return 0;
}

/* The file has been opened; what fails from here on is its content, interpreter or loader. */
static __always_inline int on_open(void)
{
	__u64 key = bpf_get_current_task();
	struct start *start = bpf_map_lookup_elem(&starts, &key);

	if (start)
		start->opened = 1;
	return 0;
}

static __always_inline int on_exec(struct task_struct *task, struct linux_binprm *bprm)
{
	__u64 key = (__u64)task;
	struct start *start = bpf_map_lookup_elem(&starts, &key);

	count(&counters.execs);
	if (start) {
		start->argc = BPF_CORE_READ(bprm, argc);
		start->fd_path = BPF_CORE_READ(bprm, fdpath) != NULL;
	}
	return 0;
}

/* Every call returns, also that of a task which is then killed; an entry left at a task's end was missed. */
static __always_inline int on_exit(struct task_struct *task)
{
	__u64 key = (__u64)task;

	if (in_flight && bpf_map_delete_elem(&starts, &key) == 0) {
		__sync_fetch_and_sub(&in_flight, 1);
		count(&counters.lost_return);
	}
	return 0;
}

/* The string from user address @from. Of a new image it lies where its environment ends (fs/exec.c). */
static __always_inline void put_filename(struct scratch *s, __u64 from)
{
	__u64 at = s->len;
	long n;

	opaque(at);
	s->exec.part_len[WIRE_FILENAME] = 0;
	if (!from || at > SCRATCH_ARGV)
		return;
	n = read_user_string(s->data + at, WIRE_MAX_PATH, from);
	if (n < 0)
		return;
	s->exec.part_len[WIRE_FILENAME] = n;
	s->len = at + n;
}

static __always_inline void put_call(struct wire_exec *e, const struct start *start, long retval)
{
	e->head = sizeof(*e);
	e->syscall = start->syscall;
	e->bits = start->bits;
	e->flags = (start->fd_path ? WIRE_FD_PATH : 0) | (start->opened ? WIRE_OPENED : 0) |
		   (sees_opening ? WIRE_SEES_OPENING : 0);
	e->retval = retval;
	e->entry_ns = start->entry_ns;
	e->tid = start->tid;
	e->uid = start->uid;
	e->gid = start->gid;
	e->ppid = 0;
	e->argc = WIRE_UNKNOWN;
	e->argv_bytes = WIRE_UNKNOWN;
	e->part_len[WIRE_ENV] = 0;
	e->part_len[WIRE_ARGV] = 0;
	__builtin_memcpy(e->caller_comm, start->comm, sizeof(e->caller_comm));
}

static __always_inline void submit(struct scratch *s)
{
	__u64 size;

	if (s->exec.flags & WIRE_ARGV_CUT)
		count(&counters.argv_cut);
	if (s->exec.flags & WIRE_ARGV_PARTIAL)
		count(&counters.argv_partial);
	size = sizeof(s->exec) + s->len;
	s->exec.size = size;
	opaque(size);
	if (size > sizeof(s->exec) + sizeof(s->data) || bpf_ringbuf_output(&ring, &s->exec, size, 0))
		count(&counters.lost_ring);
}

static __always_inline void report(struct scratch *s, const struct start *start, long retval, __u64 now)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	struct mm_struct *mm = BPF_CORE_READ(task, mm);
	bool committed = (__u64)mm != start->mm;

	/* execveat(2) with AT_EXECVE_CHECK (6.14) only answers whether it could: no image, no exec. */
	if (retval == 0 && !committed)
		return;
	put_call(&s->exec, start, retval);
	s->exec.return_ns = now;
	if (committed)
		s->exec.flags |= WIRE_COMMITTED;
	context_put_ancestors(s, task);
	context_put_process(&s->exec, task);

	/* A failure behind the point of no return: the caller's memory is gone, the new one not filled. */
	if (retval == 0)
		put_filename(s, BPF_CORE_READ(mm, env_end));
	else
		put_filename(s, committed ? 0 : start->filename);
	context_put_image(s, mm);
	context_put_cwd(s, task);
	context_put_parent_exe(s, task);
	context_put_fds(&s->exec, task);
	if (retval == 0)
		env_put(s, mm);
	if (retval == 0)
		argv_put_executed(s, mm, start->argc);
	else if (!committed)
		argv_put_given(s, start->argv, start->bits);
	else
		s->exec.flags |= WIRE_ARGV_PARTIAL;
	submit(s);
}

/* False: this task has not entered. */
static __always_inline bool on_return(long retval)
{
	__u64 now = bpf_ktime_get_ns(), key = bpf_get_current_task();
	struct start *start = bpf_map_lookup_elem(&starts, &key);
	struct scratch *s;

	if (!start)
		return false;
	count(&counters.returns);
	s = scratch_take();
	if (s) {
		report(s, start, retval, now);
		scratch_put(s);
	} else {
		count(&counters.lost_scratch);
	}
	bpf_map_delete_elem(&starts, &key);
	__sync_fetch_and_sub(&in_flight, 1);
	return true;
}

#endif
