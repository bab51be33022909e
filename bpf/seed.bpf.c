// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
/*
 * Lists the processes that are there, each with its image as records name it (struct wire_image). An object
 * of its own: a kernel that refuses it can still be watched.
 */
#include "bpf/mini.h"

#include <stdbool.h>
#include <stddef.h>

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

#include "bpf/wire.h"

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

SEC("iter/task")
int list_process(struct bpf_iter__task *ctx)
{
	struct task_struct *task = ctx->task;
	struct wire_process process = { 0 };
	struct mm_struct *mm;
	struct file *file;

	if (!task)
		return 0;
	mm = BPF_CORE_READ(task, mm);
	file = BPF_CORE_READ(mm, exe_file);
	if (!file || BPF_CORE_READ(task, group_leader) != task)
		return 0;
	process.image.file = (__u64)file;
	process.image.dentry = (__u64)BPF_CORE_READ(file, f_path.dentry);
	process.pid = BPF_CORE_READ(task, tgid);
	bpf_seq_write(ctx->meta->seq, &process, sizeof(process));
	return 0;
}
