/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/* What surrounds an exec: the process, those it descends from, the file. All read when the call returns. */
#ifndef BPF_CONTEXT_BPF_H
#define BPF_CONTEXT_BPF_H

/*
 * The image that another task has, as it is known by (struct wire_image). That task runs and may exit or
 * exec meanwhile; it gives up its memory before that is freed, so that the same memory before and after
 * means that what was read belongs to it.
 */
static __always_inline void context_put_other_image(struct wire_image *to, struct task_struct *task)
{
	struct mm_struct *mm = BPF_CORE_READ(task, mm);
	struct file *file = BPF_CORE_READ(mm, exe_file);
	struct dentry *dentry = BPF_CORE_READ(file, f_path.dentry);

	to->file = 0;
	to->dentry = 0;
	if (!file || BPF_CORE_READ(task, mm) != mm)
		return;
	to->file = (__u64)file;
	to->dentry = (__u64)dentry;
}

static __always_inline void context_put_own_image(struct wire_image *to, struct mm_struct *mm)
{
	struct file *file = BPF_CORE_READ(mm, exe_file);

	to->file = (__u64)file;
	to->dentry = (__u64)BPF_CORE_READ(file, f_path.dentry);
}

/* Ancestors by process: a thread may have forked, its process is the parent. */
static __always_inline void context_put_ancestors(struct scratch *s, struct task_struct *task)
{
	struct wire_ancestor *a = (void *)s->data;
	__u32 n = 0;

	for (int i = 0; i < WIRE_MAX_ANCESTORS; i++, a++) {
		task = BPF_CORE_READ(task, real_parent, group_leader);
		a->pid = BPF_CORE_READ(task, tgid);
		if (!a->pid)
			break;
		a->unused = 0;
		a->start_ns = BPF_CORE_READ(task, start_boottime);
		bpf_core_read_str(a->comm, sizeof(a->comm), &task->comm);
		context_put_other_image(&a->image, task);
		if (i == 0)
			s->exec.ppid = a->pid;
		n++;
	}
	s->len = n * sizeof(struct wire_ancestor);
	s->exec.part_len[WIRE_ANCESTORS] = s->len;
}

static __always_inline void context_put_process(struct wire_exec *e, struct task_struct *task)
{
	struct task_struct *leader = BPF_CORE_READ(task, group_leader);
	struct signal_struct *signal = BPF_CORE_READ(task, signal);
	struct pid *pid = BPF_CORE_READ(leader, thread_pid);
	struct tty_struct *tty = BPF_CORE_READ(signal, tty);
	const struct cred *cred = BPF_CORE_READ(task, cred);
	struct upid *inner;

	e->pid = BPF_CORE_READ(task, tgid);
	e->start_ns = BPF_CORE_READ(leader, start_boottime);
	e->euid = BPF_CORE_READ(cred, euid.val);
	e->egid = BPF_CORE_READ(cred, egid.val);
	e->pgid = BPF_CORE_READ(signal, pids[PIDTYPE_PGID], numbers[0].nr);
	e->sid = BPF_CORE_READ(signal, pids[PIDTYPE_SID], numbers[0].nr);
	bpf_core_read_str(e->tty, sizeof(e->tty), &tty->name);
	bpf_get_current_comm(e->comm, sizeof(e->comm));
	if (BPF_CORE_READ(task, ptrace))
		e->flags |= WIRE_TRACED;

	/* numbers[] has one element for each level of namespaces, the innermost is the last. */
	inner = (void *)pid + bpf_core_field_offset(struct pid, numbers) +
		BPF_CORE_READ(pid, level) * bpf_core_type_size(struct upid);
	e->ns_pid = BPF_CORE_READ(inner, nr);
	e->ns_pid_ino = BPF_CORE_READ(inner, ns, ns.inum);
	e->ns_mnt_ino = BPF_CORE_READ(task, nsproxy, mnt_ns, ns.inum);

	/* Members that the kernel has with CONFIG_AUDIT only. */
	e->login_uid = WIRE_UNKNOWN;
	e->audit_session = WIRE_UNKNOWN;
	if (bpf_core_field_exists(task->loginuid)) {
		e->login_uid = BPF_CORE_READ(task, loginuid.val);
		e->audit_session = BPF_CORE_READ(task, sessionid);
	}
}

static __always_inline void context_put_image(struct scratch *s, struct mm_struct *mm)
{
	struct file *file = BPF_CORE_READ(mm, exe_file);
	struct wire_exec *e = &s->exec;
	struct inode *inode = NULL;

	context_put_own_image(&e->image, mm);
	if (path_put(s, BPF_CORE_READ(file, f_path.dentry), BPF_CORE_READ(file, f_path.mnt), WIRE_EXE)) {
		e->flags |= WIRE_EXE_KNOWN;
		if (s->path.detached)
			e->flags |= WIRE_EXE_DETACHED;
	}
	inode = BPF_CORE_READ(file, f_inode);
	if (!inode)
		return;
	e->flags |= WIRE_FILE_KNOWN;
	e->ino = BPF_CORE_READ(inode, i_ino);
	e->dev = BPF_CORE_READ(inode, i_sb, s_dev);
	e->mode = BPF_CORE_READ(inode, i_mode);
	e->file_uid = BPF_CORE_READ(inode, i_uid.val);
	e->file_gid = BPF_CORE_READ(inode, i_gid.val);
	e->nlink = BPF_CORE_READ(inode, i_nlink);
}

static __always_inline void context_put_cwd(struct scratch *s, struct task_struct *task)
{
	struct fs_struct *fs = BPF_CORE_READ(task, fs);

	if (path_put(s, BPF_CORE_READ(fs, pwd.dentry), BPF_CORE_READ(fs, pwd.mnt), WIRE_CWD))
		s->exec.flags |= WIRE_CWD_KNOWN;
}

static __always_inline void context_put_fds(struct wire_exec *e, struct task_struct *task)
{
	struct fdtable *table = BPF_CORE_READ(task, files, fdt);
	unsigned int max = BPF_CORE_READ(table, max_fds);
	struct file **array = BPF_CORE_READ(table, fd), *file;
	struct inode *inode;

	for (unsigned int i = 0; i < 3; i++) {
		file = NULL;
		e->fd[i].mode = 0;
		e->fd[i].rdev = 0;
		if (i >= max)
			continue;
		if (bpf_probe_read_kernel(&file, sizeof(file), array + i))
			e->fd[i].mode = WIRE_UNKNOWN;
		if (!file)
			continue;
		inode = BPF_CORE_READ(file, f_inode);
		e->fd[i].mode = BPF_CORE_READ(inode, i_mode);
		e->fd[i].rdev = BPF_CORE_READ(inode, i_rdev);
	}
}

/* As with its image: the same memory before and after the walk means that the walk saw a live one. */
static __always_inline void context_put_parent_exe(struct scratch *s, struct task_struct *task)
{
	struct task_struct *parent = BPF_CORE_READ(task, real_parent);
	struct mm_struct *mm = BPF_CORE_READ(parent, mm);
	struct file *file = BPF_CORE_READ(mm, exe_file);
	struct dentry *dentry = BPF_CORE_READ(file, f_path.dentry);
	__u64 from = s->len;

	if (!path_put(s, dentry, BPF_CORE_READ(file, f_path.mnt), WIRE_PARENT_EXE))
		return;
	if (BPF_CORE_READ(parent, mm) == mm) {
		s->exec.flags |= WIRE_PARENT_EXE_KNOWN;
		return;
	}
	s->len = from;
	s->exec.part_len[WIRE_PARENT_EXE] = 0;
}

/* The place in the tree of one controller of the first version. */
static __always_inline struct kernfs_node *context_cgroup_v1(struct css_set *set, __u64 controller)
{
	struct cgroup_subsys_state **at, *state = NULL;

	at = (void *)set + bpf_core_field_offset(struct css_set, subsys) + controller * sizeof(void *);
	bpf_probe_read_kernel(&state, sizeof(state), at);
	return BPF_CORE_READ(state, cgroup, kn);
}

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
	struct css_set *set = BPF_CORE_READ(task, cgroups);
	struct kernfs_node *node = BPF_CORE_READ(set, dfl_cgrp, kn), *first = NULL;

	if (context_is_below_root(node))
		return node;
	if (bpf_core_enum_value_exists(enum cgroup_subsys_id, pids_cgrp_id))
		first = context_cgroup_v1(set, bpf_core_enum_value(enum cgroup_subsys_id, pids_cgrp_id));
	if (!context_is_below_root(first) &&
	    bpf_core_enum_value_exists(enum cgroup_subsys_id, memory_cgrp_id))
		first = context_cgroup_v1(set, bpf_core_enum_value(enum cgroup_subsys_id, memory_cgrp_id));
	return context_is_below_root(first) ? first : node;
}

static __always_inline void context_put_cgroup(struct scratch *s, struct task_struct *task)
{
	if (path_put_node(s, context_cgroup(task), WIRE_CGROUP))
		s->exec.flags |= WIRE_CGROUP_KNOWN;
}

#endif
