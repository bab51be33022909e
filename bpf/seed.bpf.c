// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
/*
 * Lists the processes that are there, each with its image as records name it (struct wire_image) and the
 * path of that. An object of its own: a kernel that refuses it can still be watched.
 */
#include "bpf/mini.h"

#include <stdbool.h>
#include <stddef.h>

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

#include "bpf/wire.h"
#include "bpf/scratch.bpf.h"
#include "bpf/path.bpf.h"

char object_license[] SEC("license") = "Dual BSD/GPL";

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct seq_file;

struct bpf_iter_meta {
	struct seq_file *seq;
};

struct bpf_iter__task {
	struct bpf_iter_meta *meta;
	struct task_struct *task;
};

#pragma clang attribute pop

/* One process after the other is listed, by one reader: one piece of memory is enough. */
static __always_inline struct scratch *first_scratch(void)
{
	__u32 first = 0;

	return bpf_map_lookup_elem(&scratches, &first);
}

SEC("iter/task")
int list_process(struct bpf_iter__task *ctx)
{
	struct task_struct *task = ctx->task;
	struct wire_process process = { .exe_len = WIRE_UNKNOWN };
	struct scratch *s = first_scratch();
	struct mm_struct *mm;
	struct file *file;
	__u64 len;

	if (!task || !s)
		return 0;
	mm = BPF_CORE_READ(task, mm);
	file = BPF_CORE_READ(mm, exe_file);
	if (!file || BPF_CORE_READ(task, group_leader) != task)
		return 0;
	process.image.file = (__u64)file;
	process.image.dentry = (__u64)BPF_CORE_READ(file, f_path.dentry);
	process.image.stack = BPF_CORE_READ(mm, start_stack);
	process.pid = BPF_CORE_READ(task, tgid);
	s->len = 0;
	if (path_put(s, (void *)process.image.dentry, BPF_CORE_READ(file, f_path.mnt), WIRE_EXE))
		process.exe_len = s->len;
	len = s->len;
	opaque(len);
	if (len > WIRE_MAX_PATH + WIRE_MAX_NAME)
		return 0;
	bpf_seq_write(ctx->meta->seq, &process, sizeof(process));
	bpf_seq_write(ctx->meta->seq, s->data, len);
	return 0;
}
