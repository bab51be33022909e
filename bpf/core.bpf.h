/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * The core that all heads share, in the order in which the kernel comes by:
 *
 *	on_entry()	a call enters
 *	on_open()	the file was opened			where it can be had
 *	on_commit()	the caller's memory is about to go	where it can be had
 *	on_exec()	a new image is there: the witness of every success
 *	on_return()	the call returns: of interest of a failure
 *	on_exit()	a task ends
 *
 * A backend is a set of heads that call these. Calls are matched by the task_struct, not by thread id: a
 * thread that execs takes over the leader's id on the way, but remains the same task. The map never evicts:
 * an entry without room is counted, and a table that forgets in silence could be flushed by whoever wants
 * an exec not seen.
 *
 * Every entry leaves the map in one of two ways, each of which is counted and each of which makes a record:
 * its outcome is seen, or it is found to have been missed, by the next entry or by the end of its task.
 *
 *	entries = returns + in_flight + missed + lost_start
 */
#ifndef BPF_CORE_BPF_H
#define BPF_CORE_BPF_H

#define MAX_IN_FLIGHT 16384
#define PF_KTHREAD 0x00200000		/* include/linux/sched.h */

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, MAX_IN_FLIGHT);
	__type(key, __u64);
	__type(value, struct wire_start);
} starts SEC(".maps");

/* Set by the loader when the head that calls on_open() is attached. */
bool sees_opening;
/* Calls in the map: while there are none, the returns of other system calls need not look. */
__u64 in_flight;

/* The string from user address @from. Of a new image it lies where its environment ends (fs/exec.c). */
static __always_inline bool put_user_filename(struct scratch *s, __u64 from)
{
	__u64 at = s->len;
	long n;

	opaque(at);
	if (!from || at > SCRATCH_ARGV)
		return false;
	n = read_user_string(s->data + at, WIRE_MAX_FILENAME, from);
	if (n < 0)
		return false;
	s->exec.part_len[WIRE_FILENAME] = n;
	s->len = at + n;
	return true;
}

/* The name as it was kept while the call ran. */
static __always_inline void put_kept_filename(struct scratch *s)
{
	__u64 at = s->len, n = s->start.name_len;

	opaque(at);
	opaque(n);
	if (at > SCRATCH_ARGV || n > WIRE_NAME)
		return;
	bpf_probe_read_kernel(s->data + at, n, s->start.name);
	s->exec.part_len[WIRE_FILENAME] = n;
	s->len = at + n;
}

/* On success from the new stack, on failure from the caller, whose name the kernel has just read. */
static __always_inline void put_filename(struct scratch *s, struct mm_struct *mm, __u32 how)
{
	bool put = false;

	s->exec.part_len[WIRE_FILENAME] = 0;
	if (how & WIRE_EXECUTED)
		put = put_user_filename(s, mm->env_end);
	else if (!(how & WIRE_COMMITTED))
		put = put_user_filename(s, s->start.filename);
	if (!put)
		put_kept_filename(s);
}

static __always_inline void put_call(struct wire_exec *e, const struct wire_start *start, __u32 how,
				     long retval)
{
	e->head.kind = WIRE_KIND_EXEC;
	e->head.call = start->head.call;
	e->syscall = start->syscall;
	e->bits = start->bits;
	e->flags = how | (start->fd_path ? WIRE_FD_PATH : 0) | (start->opened ? WIRE_OPENED : 0) |
		   (sees_opening ? WIRE_SEES_OPENING : 0);
	if (start->given == WIRE_GIVEN_SENT)
		e->flags |= WIRE_GIVEN;
	if (start->given == WIRE_GIVEN_EMPTY)
		e->flags |= WIRE_GIVEN_NONE;
	e->retval = retval;
	e->entry_ns = start->entry_ns;
	e->tid = start->tid;
	e->uid = start->uid;
	e->gid = start->gid;
	e->ppid = 0;
	e->caller_image = start->image;
	e->argc = WIRE_UNKNOWN;
	e->argv_bytes = WIRE_UNKNOWN;
	e->argv_len = 0;
	e->part_len[WIRE_ENV] = 0;
	e->part_len[WIRE_ARGV] = 0;
	__builtin_memcpy(e->caller_comm, start->comm, sizeof(e->caller_comm));
}

/* False: no room for what does not fit into the record. */
static __always_inline bool put_argv(struct scratch *s, struct mm_struct *mm, bool may_chunk)
{
	__u32 how = s->exec.flags;

	if (how & WIRE_EXECUTED) {
		s->exec.argc = s->start.argc;
		return argv_put_whole(s, mm) || argv_put(s, ARGV_EXECUTED, mm, may_chunk);
	}
	if (!(how & WIRE_COMMITTED))
		return argv_put(s, ARGV_GIVEN, mm, may_chunk);
	/* The caller's memory is gone, and the words are on the new stack, if it came that far. */
	if (s->start.argc != WIRE_UNKNOWN && mm->arg_start)
		return argv_put(s, ARGV_COMMITTED, mm, may_chunk);
	s->exec.flags |= WIRE_ARGV_PARTIAL;
	return true;
}

static __always_inline bool output(struct scratch *s)
{
	__u64 size = sizeof(s->exec) + s->len;

	s->exec.head.size = size;
	opaque(size);
	return size <= sizeof(s->exec) + sizeof(s->data) && ring_output(&s->exec, size) == 0;
}

/* Where chunks have had their share of the ring, as much is reported as goes into the record. */
static __always_inline void submit(struct scratch *s, struct mm_struct *mm)
{
	if (!put_argv(s, mm, true)) {
		count(&counters.lost_argv);
		put_argv(s, mm, false);
	}
	if (output(s))
		told_all(s);
	else
		count(&counters.lost_ring);
	if (s->exec.flags & WIRE_ARGV_CUT)
		count(&counters.argv_cut);
	if (s->exec.flags & WIRE_ARGV_PARTIAL)
		count(&counters.argv_partial);
}

/* The call in s->start, of the current task, as of s->exec.seen_ns. @how: WIRE_ENTERED and so on. */
static __noinline int report(struct scratch *s, __u32 how, long retval)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct mm_struct *mm = task->mm;

	if (how & WIRE_EXECUTED || (__u64)mm != s->start.mm)
		how |= WIRE_COMMITTED;
	put_call(&s->exec, &s->start, how, retval);
	s->exec.head.slot = s->slot;
	context_put_ancestors(s, task);
	context_put_process(&s->exec, task);
	put_filename(s, mm, how);
	context_put_image(s, mm, how & WIRE_EXECUTED);
	context_put_cwd(s, task);
	context_put_parent_exe(s, task);
	context_put_cgroup(s, task);
	context_put_fds(&s->exec, task);
	if (how & WIRE_EXECUTED)
		env_put(s, mm);
	submit(s, mm);
	return 0;
}

/* Its return was missed: the entry itself is the record. */
static __always_inline void report_missed(const struct wire_start *start)
{
	count(&counters.missed);
	if (ring_output((void *)start, sizeof(*start)))
		count(&counters.lost_ring);
}

static __always_inline void fill_start(struct wire_start *start, enum wire_syscall syscall, __u8 bits,
				       __u64 filename, __u64 argv)
{
	struct task_struct *task = bpf_get_current_task_btf(), *leader = task->group_leader;
	struct mm_struct *mm = task->mm;
	long n;

	start->start_ns = leader->start_boottime;
	start->filename = filename;
	start->argv = argv;
	start->mm = (__u64)mm;
	context_put_own_image(&start->image, mm);
	start->pid = task->tgid;
	start->tid = task->pid;
	start->ppid = leader->real_parent->tgid;
	start->uid = task->cred->uid.val;
	start->gid = task->cred->gid.val;
	start->argc = WIRE_UNKNOWN;
	start->syscall = syscall;
	start->bits = bits;
	start->fd_path = start->opened = 0;
	start->given = WIRE_GIVEN_AS_EXECUTED;
	__builtin_memcpy(start->comm, task->comm, sizeof(start->comm));
	/* Filled up: it may have been cut. */
	n = read_user_string(start->name, WIRE_NAME, filename);
	start->name_len = n > 0 && n < WIRE_NAME ? n : 0;
	/* Last, so that what it took to come here is none of the call's time. */
	start->entry_ns = bpf_ktime_get_ns();
}

static __always_inline int on_entry(enum wire_syscall syscall, __u8 bits, __u64 filename, __u64 argv)
{
	__u64 key = bpf_get_current_task();
	__u64 call = __sync_fetch_and_add(&counters.entries, 1) + 1;
	struct scratch *s = scratch_take();
	struct wire_start *before;
	int err = -ENOMEM;		/* up to 6.3 the upper half of what the maps return is not set */

	if (s) {
		s->start.head.size = sizeof(s->start);
		s->start.head.kind = WIRE_KIND_MISSED;
		s->start.head.slot = s->slot;
		s->start.head.call = call;
		fill_start(&s->start, syscall, bits, filename, argv);
		err = bpf_map_update_elem(&starts, &key, &s->start, BPF_NOEXIST);
		if (!err)
			count(&in_flight);
		before = err == -EEXIST ? bpf_map_lookup_elem(&starts, &key) : NULL;
		if (before) {
			report_missed(before);
			err = bpf_map_update_elem(&starts, &key, &s->start, BPF_EXIST);
		}
		scratch_put(s);
	}
	if (err)
		count(&counters.lost_start);
	return 0;
}

/* The file has been opened; what fails from here on is its content, interpreter or loader. */
static __always_inline int on_open(void)
{
	__u64 key = bpf_get_current_task();
	struct wire_start *start = bpf_map_lookup_elem(&starts, &key);

	if (start)
		start->opened = 1;
	return 0;
}

/* Was there not even one word, so that the kernel made an empty one (since 5.18)? */
static __always_inline bool gave_no_word(const struct wire_start *start)
{
	__u64 first = 1;

	if (start->argc != 1)
		return false;
	if (!start->argv)
		return true;
	if (start->bits == 32)
		first = bpf_probe_read_user(&first, 4, (void *)start->argv) ? 1 : (__u32)first;
	else if (bpf_probe_read_user(&first, 8, (void *)start->argv))
		first = 1;
	return first == 0;
}

/*
 * All that the caller gave has been copied, so that it can be read, and its memory is still there. The
 * kernel has another interpreter than the file itself for scripts and what binfmt_misc knows, and has
 * replaced words.
 */
static __always_inline int on_commit(struct linux_binprm *bprm)
{
	__u64 key = bpf_get_current_task();
	struct wire_start *start = bpf_map_lookup_elem(&starts, &key);
	const char *filename = BPF_CORE_READ(bprm, filename);
	struct scratch *s;
	long n;

	if (!start)
		return 0;
	start->argc = BPF_CORE_READ(bprm, argc);
	start->fd_path = BPF_CORE_READ(bprm, fdpath) != NULL;
	if (!start->name_len) {
		n = bpf_probe_read_kernel_str(start->name, WIRE_NAME, filename);
		start->name_len = n > 0 && n < WIRE_NAME ? n : 0;
	}
	if (BPF_CORE_READ(bprm, interp) == filename) {
		if (gave_no_word(start))
			start->given = WIRE_GIVEN_EMPTY;
		return 0;
	}
	s = scratch_take();
	start->given = WIRE_GIVEN_LOST;
	if (s) {
		s->start = *start;
		if (argv_send_given(s))
			start->given = WIRE_GIVEN_SENT;
		scratch_put(s);
	}
	if (start->given == WIRE_GIVEN_LOST)
		count(&counters.lost_argv);
	return 0;
}

/* Takes the entry of the current task out of the map. NULL: no scratch memory, which is counted. */
static __always_inline struct scratch *take_start(const struct wire_start *start, __u64 key)
{
	struct scratch *s = scratch_take();

	count(&counters.returns);
	if (s)
		s->start = *start;
	else
		count(&counters.lost_scratch);
	bpf_map_delete_elem(&starts, &key);
	__sync_fetch_and_sub(&in_flight, 1);
	return s;
}

/* What is known of a success of which no entry was seen. */
static __always_inline void fill_executed(struct wire_start *start, struct task_struct *task, __u32 old_tid)
{
	start->head.call = 0;
	start->mm = 0;
	start->image.file = start->image.dentry = start->image.stack = 0;
	start->tid = old_tid;
	start->uid = task->cred->uid.val;
	start->gid = task->cred->gid.val;
	start->opened = 0;
	start->given = WIRE_GIVEN_AS_EXECUTED;
	start->name_len = 0;
	start->comm[0] = '\0';
}

/* Calls that the kernel makes by itself are the first of a process that a thread of the kernel started. */
static __always_inline bool is_from_kernel(struct task_struct *task)
{
	return task->real_parent->flags & PF_KTHREAD && task->self_exec_id == 1;
}

/*
 * The new image is there and nothing can fail any more, so that this is where a success is reported: as
 * what the kernel made of it, before a tracer who stops it right behind can write into it, and whether or
 * not the return will be seen. An exec without entry was started by the kernel, or entered before the heads
 * were there, or found no room in the map.
 */
static __always_inline int on_exec(__u32 old_tid, struct linux_binprm *bprm)
{
	struct task_struct *task = bpf_get_current_task_btf();
	__u64 key = (__u64)task, now = bpf_ktime_get_ns();
	struct wire_start *start = bpf_map_lookup_elem(&starts, &key);
	__u32 how = WIRE_EXECUTED;
	struct scratch *s;

	count(&counters.execs);
	if (start) {
		s = take_start(start, key);
		how |= WIRE_ENTERED;
	} else {
		s = scratch_take();
		if (s)
			fill_executed(&s->start, task, old_tid);
		else
			count(&counters.lost_scratch);
		if (is_from_kernel(task)) {
			count(&counters.from_kernel);
			how |= WIRE_KERNEL;
		}
	}
	if (!s)
		return 0;
	s->start.argc = BPF_CORE_READ(bprm, argc);
	s->start.fd_path = BPF_CORE_READ(bprm, fdpath) != NULL;
	s->exec.seen_ns = now;
	report(s, how, 0);
	scratch_put(s);
	return 0;
}

/*
 * False: a failure of which this task has not entered. A success has been reported, and its entry is gone;
 * where there still is one, the call was execveat(2) with AT_EXECVE_CHECK (6.14), which only answers
 * whether it could: no image, no exec.
 */
static __always_inline bool on_return(long retval)
{
	__u64 key = bpf_get_current_task();
	struct wire_start *start = bpf_map_lookup_elem(&starts, &key);
	struct scratch *s;
	__u64 now;

	if (!start)
		return retval == 0;
	now = bpf_ktime_get_ns();
	s = take_start(start, key);
	if (!s)
		return true;
	s->exec.seen_ns = now;
	if (retval != 0)
		report(s, WIRE_ENTERED | WIRE_RETURNED, retval);
	scratch_put(s);
	return true;
}

/* Every call returns, also that of a task which is then killed; an entry left at a task's end was missed. */
static __always_inline int on_exit(struct task_struct *task)
{
	__u64 key = (__u64)task;
	struct wire_start *start = in_flight ? bpf_map_lookup_elem(&starts, &key) : NULL;

	if (!start)
		return 0;
	report_missed(start);
	bpf_map_delete_elem(&starts, &key);
	__sync_fetch_and_sub(&in_flight, 1);
	return 0;
}

#endif
