/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * Paths of open files, by walking up from the dentry (bpf_d_path() may not be called from these programs).
 * The walk goes over mounts up to the root of the mount namespace, whatever the process's own root is, as
 * /proc/PID/exe does for a reader outside of a chroot. Names are put leaf first; the decoder turns them.
 *
 * No lock is held: a rename in the very moment can yield the old name of one directory and the new one of
 * another. A path that is too long or too deep is not known, never cut.
 */
#ifndef BPF_PATH_BPF_H
#define BPF_PATH_BPF_H

#define PATH_MAX_STEPS 1024

/* Appends the name with a NUL. */
static __always_inline int path_put_name(struct scratch *s, const void *name)
{
	__u64 at = s->len;
	long n;

	opaque(at);
	if (at >= s->path.limit || at >= SCRATCH_ARGV)
		return -1;
	n = bpf_probe_read_kernel_str(s->data + at, WIRE_MAX_NAME, name);
	if (n <= 1)
		return -1;
	s->len = at + n;
	return 0;
}

static __always_inline void path_enter_mount(struct scratch *s, struct dentry *dentry, struct vfsmount *mnt)
{
	s->path.dentry = dentry;
	s->path.mnt = mnt;
	s->path.root = BPF_CORE_READ(mnt, mnt_root);
}

/* From the root of a mount to where it is mounted. */
static __always_inline long path_leave_mount(struct scratch *s)
{
	struct mount *mount = (void *)s->path.mnt - bpf_core_field_offset(struct mount, mnt), *above;

	above = BPF_CORE_READ(mount, mnt_parent);
	if (above == mount || !above) {
		s->path.done = above != NULL;
		return 1;
	}
	path_enter_mount(s, BPF_CORE_READ(mount, mnt_mountpoint),
			 (void *)above + bpf_core_field_offset(struct mount, mnt));
	return 0;
}

/* These two members stand side by side in all kernels so far, and then are read at once. */
struct parent_and_name {
	struct dentry *parent;
	__u64 hash_and_length;
	const unsigned char *name;
};

static __always_inline void path_read_dentry(struct parent_and_name *to, struct dentry *dentry)
{
	__u64 parent = bpf_core_field_offset(struct dentry, d_parent);
	__u64 name = bpf_core_field_offset(struct dentry, d_name) + bpf_core_field_offset(struct qstr, name);

	if (name - parent == __builtin_offsetof(struct parent_and_name, name)) {
		bpf_probe_read_kernel(to, sizeof(*to), (void *)dentry + parent);
		return;
	}
	to->parent = BPF_CORE_READ(dentry, d_parent);
	to->name = BPF_CORE_READ(dentry, d_name.name);
}

static long path_step(__u32 i, struct scratch **walk)
{
	struct scratch *s = *walk;
	struct dentry *dentry = s->path.dentry;
	struct parent_and_name read = { 0 };

	if (dentry == s->path.root)
		return path_leave_mount(s);
	path_read_dentry(&read, dentry);
	if (!read.parent || path_put_name(s, read.name))
		return 1;
	if (read.parent == dentry) {
		s->path.detached = 1;
		s->path.done = 1;
		return 1;
	}
	s->path.dentry = read.parent;
	return 0;
}

/* Appends the path as @part. False, and nothing appended: not known. */
static __always_inline bool path_put(struct scratch *s, struct dentry *dentry, struct vfsmount *mnt,
				     enum wire_part part)
{
	__u64 from = s->len;

	path_enter_mount(s, dentry, mnt);
	s->path.limit = from + WIRE_MAX_PATH;
	s->path.detached = 0;
	s->path.done = 0;
	if (dentry && mnt)
		bpf_loop(PATH_MAX_STEPS, path_step, &s, 0);
	if (!s->path.done)
		s->len = from;
	s->exec.part_len[part] = s->len - from;
	return s->path.done;
}

/* The node that a cgroup of the first or of the second version has in its tree. */
static __always_inline struct kernfs_node *path_node_parent(struct kernfs_node *node)
{
	struct kernfs_node___rcu *since_6_15 = (void *)node;

	if (bpf_core_field_exists(since_6_15->__parent))
		return BPF_CORE_READ(since_6_15, __parent);
	return BPF_CORE_READ(node, parent);
}

static long path_node_step(__u32 i, struct scratch **walk)
{
	struct scratch *s = *walk;
	struct kernfs_node *node = s->path.node, *parent = path_node_parent(node);

	if (!parent) {
		s->path.done = 1;
		return 1;
	}
	s->path.node = parent;
	return path_put_name(s, BPF_CORE_READ(node, name)) < 0;
}

/* Appends the path of @node as @part. False, and nothing appended: not known. */
static __always_inline bool path_put_node(struct scratch *s, struct kernfs_node *node, enum wire_part part)
{
	__u64 from = s->len;

	s->path.node = node;
	s->path.limit = from + WIRE_MAX_PATH;
	s->path.done = 0;
	if (node)
		bpf_loop(PATH_MAX_STEPS, path_node_step, &s, 0);
	if (!s->path.done)
		s->len = from;
	s->exec.part_len[part] = s->len - from;
	return s->path.done;
}

#endif
