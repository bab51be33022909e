/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * The kernel's types as far as the programs here look into them. The loader relocates each access to where
 * the running kernel has the member (BPF CO-RE), so only names and kinds matter, never order or size; one
 * object serves all kernels. Sources: include/linux/{sched,mm_types,fs,dcache,binfmts,pid}.h, fs/mount.h,
 * include/linux/{cgroup-defs,kernfs}.h.
 *
 * For clang's bpf target only.
 */
#ifndef BPF_MINI_H
#define BPF_MINI_H

/* Tells libbpf's headers that these are the kernel's own member names (pt_regs has `di`, not `rdi`). */
#define __VMLINUX_H__

#include <linux/bpf.h>

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

#if defined(__TARGET_ARCH_x86)
struct pt_regs {
	unsigned long bx, cx, dx, si, di, ax, orig_ax;
};
#elif defined(__TARGET_ARCH_arm64)
struct pt_regs {
	__u64 regs[31];
	__s32 syscallno;
};

/* What a kprobe's program gets of them. */
struct user_pt_regs {
	__u64 regs[31];
};
#endif

struct qstr {
	__u32 len;
	const unsigned char *name;
};

struct super_block {
	__u32 s_dev;
};

struct inode {
	__u16 i_mode;
	struct {
		__u32 val;
	} i_uid, i_gid;
	unsigned int i_nlink;
	unsigned long i_ino;
	__u32 i_rdev;
	struct super_block *i_sb;
};

struct dentry {
	struct dentry *d_parent;
	struct qstr d_name;
};

struct vfsmount {
	struct dentry *mnt_root;
};

struct mount {
	struct mount *mnt_parent;
	struct dentry *mnt_mountpoint;
	struct vfsmount mnt;
};

struct path {
	struct vfsmount *mnt;
	struct dentry *dentry;
};

struct file {
	struct path f_path;
	struct inode *f_inode;
};

struct fdtable {
	unsigned int max_fds;
	struct file **fd;
};

struct files_struct {
	struct fdtable *fdt;
};

struct fs_struct {
	struct path pwd;
};

struct mm_struct {
	unsigned long start_stack, arg_start, arg_end, env_start, env_end;
	struct file *exe_file;
};

struct linux_binprm {
	int argc;
	const char *filename, *interp, *fdpath;
};

struct kernfs_node {
	struct kernfs_node *parent;
	const char *name;
	__u64 id;
};

/* Since 6.15. */
struct kernfs_node___rcu {
	struct kernfs_node *__parent;
};

struct cgroup {
	struct kernfs_node *kn;
};

struct cgroup_subsys_state {
	struct cgroup *cgroup;
};

struct css_set {
	struct cgroup_subsys_state *subsys[1];
	struct cgroup *dfl_cgrp;
};

enum cgroup_subsys_id { pids_cgrp_id, memory_cgrp_id };

struct cred {
	struct {
		__u32 val;
	} uid, gid, euid, egid;
};

struct ns_common {
	unsigned int inum;
};

struct pid_namespace {
	struct ns_common ns;
};

struct mnt_namespace {
	struct ns_common ns;
};

struct nsproxy {
	struct mnt_namespace *mnt_ns;
};

struct upid {
	int nr;
	struct pid_namespace *ns;
};

struct pid {
	unsigned int level;
	struct upid numbers[1];
};

enum pid_type { PIDTYPE_PGID = 2, PIDTYPE_SID = 3 };

struct tty_struct {
	char name[64];
};

struct signal_struct {
	struct pid *pids[4];
	struct tty_struct *tty;
};

struct thread_info {
#if defined(__TARGET_ARCH_arm64)
	unsigned long flags;
#else
	__u32 status;
#endif
};

struct task_struct {
	struct thread_info thread_info;
	unsigned int flags;
	unsigned int ptrace;
	struct mm_struct *mm;
	int pid, tgid;
	struct task_struct *real_parent;
	struct task_struct *group_leader;
	struct pid *thread_pid;
	__u64 start_boottime;
	__u64 self_exec_id;
	const struct cred *cred;
	char comm[16];
	struct fs_struct *fs;
	struct files_struct *files;
	struct nsproxy *nsproxy;
	struct css_set *cgroups;
	struct signal_struct *signal;
	struct {
		__u32 val;
	} loginuid;
	unsigned int sessionid;
};

#pragma clang attribute pop

#endif
