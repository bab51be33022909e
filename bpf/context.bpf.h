/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * What surrounds an exec: the process, those it descends from, the file. All read when the call has its
 * outcome.
 *
 * From the current task on the verifier knows the type of each pointer, so that most members are plain
 * loads: each is one instruction, where a helper that reads memory is dozens. A load through a pointer that
 * leads nowhere gives 0 and no fault.
 */
#ifndef BPF_CONTEXT_BPF_H
#define BPF_CONTEXT_BPF_H

static __always_inline void context_put_own_image(struct wire_image *to, struct mm_struct *mm)
{
	struct file *file = mm->exe_file;

	to->file = (__u64)file;
	to->dentry = (__u64)file->f_path.dentry;
	to->stack = mm->start_stack;
}

/*
 * The image that another task has, as it is known by (struct wire_image). That task runs and may exit or
 * exec meanwhile; it gives up its memory before that is freed, so that the same memory before and after
 * means that what was read belongs to it.
 */
static __always_inline void context_put_other_image(struct wire_image *to, struct task_struct *task)
{
	struct mm_struct *mm = task->mm;

	context_put_own_image(to, mm);
	again();
	if (task->mm != mm)
		to->file = to->dentry = to->stack = 0;
}

/* Ancestors by process: a thread may have forked, its process is the parent. */
static __always_inline void context_put_ancestors(struct scratch *s, struct task_struct *task)
{
	struct wire_ancestor *a = (void *)s->data;
	__u32 n = 0;

	for (int i = 0; i < WIRE_MAX_ANCESTORS; i++, a++) {
		task = task->real_parent->group_leader;
		a->pid = task->tgid;
		if (!a->pid)
			break;
		a->unused = 0;
		a->start_ns = task->start_boottime;
		__builtin_memcpy(a->comm, task->comm, sizeof(a->comm));
		context_put_other_image(&a->image, task);
		if (i == 0)
			s->exec.ppid = a->pid;
		n++;
	}
	s->len = n * sizeof(struct wire_ancestor);
	s->exec.part_len[WIRE_ANCESTORS] = s->len;
}

/*
 * numbers[] has one element for each level of namespaces, the innermost is the last. Only to a pointer of
 * which it knows no type does the verifier of 6.1 let a number be added that it does not know.
 */
static __always_inline void context_put_inner_pid(struct wire_exec *e, struct task_struct *leader)
{
	struct pid *pid = leader->thread_pid;
	__u32 level = pid->level;
	struct upid *inner;

	if (level == 0) {
		e->ns_pid = pid->numbers[0].nr;
		e->ns_pid_ino = pid->numbers[0].ns->ns.inum;
		return;
	}
	inner = (void *)BPF_CORE_READ(leader, thread_pid) + bpf_core_field_offset(struct pid, numbers) +
		level * bpf_core_type_size(struct upid);
	e->ns_pid = BPF_CORE_READ(inner, nr);
	e->ns_pid_ino = BPF_CORE_READ(inner, ns, ns.inum);
}

static __always_inline void context_put_process(struct wire_exec *e, struct task_struct *task)
{
	struct task_struct *leader = task->group_leader;
	struct signal_struct *signal = task->signal;
	struct tty_struct *tty = signal->tty;
	const struct cred *cred = task->cred;

	e->pid = task->tgid;
	e->start_ns = leader->start_boottime;
	e->euid = cred->euid.val;
	e->egid = cred->egid.val;
	e->pgid = signal->pids[PIDTYPE_PGID]->numbers[0].nr;
	e->sid = signal->pids[PIDTYPE_SID]->numbers[0].nr;
	e->tty[0] = '\0';
	if (tty)
		__builtin_memcpy(e->tty, tty->name, sizeof(e->tty));
	__builtin_memcpy(e->comm, task->comm, sizeof(e->comm));
	if (task->ptrace)
		e->flags |= WIRE_TRACED;
	context_put_inner_pid(e, leader);
	e->ns_mnt_ino = task->nsproxy->mnt_ns->ns.inum;

	/* Members that the kernel has with CONFIG_AUDIT only. */
	e->login_uid = WIRE_UNKNOWN;
	e->audit_session = WIRE_UNKNOWN;
	if (bpf_core_field_exists(task->loginuid)) {
		e->login_uid = task->loginuid.val;
		e->audit_session = task->sessionid;
	}
}

/* The path of the image, where there is a new one or the consumer was not told of it lately. */
static __always_inline void context_put_image(struct scratch *s, struct mm_struct *mm, bool is_new)
{
	struct file *file = mm->exe_file;
	struct wire_exec *e = &s->exec;
	struct inode *inode = file->f_inode;

	context_put_own_image(&e->image, mm);
	e->part_len[WIRE_EXE] = 0;
	if ((is_new || told_need(s, TOLD_EXE, file, file->f_path.dentry, mm->start_stack)) &&
	    path_put(s, file->f_path.dentry, file->f_path.mnt, WIRE_EXE)) {
		e->flags |= WIRE_EXE_KNOWN;
		if (s->path.detached)
			e->flags |= WIRE_EXE_DETACHED;
	}
	if (!inode || !is_new)
		return;
	e->flags |= WIRE_FILE_KNOWN;
	e->ino = inode->i_ino;
	e->dev = inode->i_sb->s_dev;
	e->mode = inode->i_mode;
	e->file_uid = inode->i_uid.val;
	e->file_gid = inode->i_gid.val;
	e->nlink = inode->i_nlink;
}

static __always_inline void context_put_cwd(struct scratch *s, struct task_struct *task)
{
	struct fs_struct *fs = task->fs;

	if (path_put(s, fs->pwd.dentry, fs->pwd.mnt, WIRE_CWD))
		s->exec.flags |= WIRE_CWD_KNOWN;
}

/* Of the three pointers the verifier knows no type: they are behind a pointer to a pointer. */
static __always_inline void context_put_fds(struct wire_exec *e, struct task_struct *task)
{
	struct fdtable *table = task->files->fdt;
	struct file *file[3] = { 0 };
	bool unread = table->max_fds < 3 || bpf_probe_read_kernel(file, sizeof(file), table->fd);
	struct inode *inode;

	for (int i = 0; i < 3; i++) {
		e->fd[i].mode = unread ? WIRE_UNKNOWN : 0;
		e->fd[i].rdev = 0;
		if (!file[i])
			continue;
		inode = BPF_CORE_READ(file[i], f_inode);
		e->fd[i].mode = BPF_CORE_READ(inode, i_mode);
		if ((e->fd[i].mode & S_IFMT) == S_IFCHR)
			e->fd[i].rdev = BPF_CORE_READ(inode, i_rdev);
	}
}

/* As with its image: the same memory before and after the walk means that the walk saw a live one. */
static __always_inline void context_put_parent_exe(struct scratch *s, struct task_struct *task)
{
	struct task_struct *parent = task->real_parent;
	struct mm_struct *mm = parent->mm;
	struct file *file = mm->exe_file;
	__u64 from = s->len;

	s->exec.part_len[WIRE_PARENT_EXE] = 0;
	if (!file || !told_need(s, TOLD_PARENT_EXE, file, file->f_path.dentry, mm->start_stack))
		return;
	if (!path_put(s, file->f_path.dentry, file->f_path.mnt, WIRE_PARENT_EXE))
		return;
	again();
	if (parent->mm == mm) {
		s->exec.flags |= WIRE_PARENT_EXE_KNOWN;
		return;
	}
	s->len = from;
	s->exec.part_len[WIRE_PARENT_EXE] = 0;
	told_not(s, TOLD_PARENT_EXE);
}

/* The place in the tree of one controller of the first version. */
static __always_inline struct kernfs_node *context_cgroup_v1(struct css_set *set, __u64 controller)
{
	struct cgroup_subsys_state **at, *state = NULL;

	at = (void *)set + bpf_core_field_offset(struct css_set, subsys) + controller * sizeof(void *);
	bpf_probe_read_kernel(&state, sizeof(state), at);
	return BPF_CORE_READ(state, cgroup, kn);
}

/* Does the machine use trees of the first version, beside the second's or alone? Set by the loader. */
const volatile bool has_cgroup_v1;

static __always_inline bool context_is_below_root(struct kernfs_node *node)
{
	return node && path_node_parent(node);
}

/*
 * The place in the second version's tree. Where that is its root, the machine may use the first version
 * (cgroups(7)); of its trees these two are those that service managers and runtimes fill.
 */
static __always_inline struct kernfs_node *context_cgroup(struct task_struct *task)
{
	struct css_set *set = task->cgroups;
	struct kernfs_node *node = set->dfl_cgrp->kn, *first = NULL;

	if (!has_cgroup_v1 || context_is_below_root(node))
		return node;
	if (bpf_core_enum_value_exists(enum cgroup_subsys_id, pids_cgrp_id))
		first = context_cgroup_v1(set, bpf_core_enum_value(enum cgroup_subsys_id, pids_cgrp_id));
	if (!context_is_below_root(first) &&
	    bpf_core_enum_value_exists(enum cgroup_subsys_id, memory_cgrp_id))
		first = context_cgroup_v1(set, bpf_core_enum_value(enum cgroup_subsys_id, memory_cgrp_id));
	return context_is_below_root(first) ? first : node;
}

/* A number is never used again in its tree, and no two trees share an address: the pair stands for the
 * path. */
static __always_inline void context_put_cgroup(struct scratch *s, struct task_struct *task)
{
	struct kernfs_node *node = context_cgroup(task);

	s->exec.part_len[WIRE_CGROUP] = 0;
	s->exec.cgroup.node = (__u64)node;
	s->exec.cgroup.id = BPF_CORE_READ(node, id);
	if (told_need(s, TOLD_CGROUP, node, NULL, s->exec.cgroup.id) &&
	    path_put_node(s, node, WIRE_CGROUP))
		s->exec.flags |= WIRE_CGROUP_KNOWN;
}

#endif
