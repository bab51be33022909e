/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What this machine and this process lack for capturing, found by looking instead of by failing, so that it
 * can be said in a sentence that a user can act on.
 */
#ifndef BPF_SUPPORT_H
#define BPF_SUPPORT_H

#include <stdbool.h>

#include "base/buf.h"

/* Are there cgroup trees of the first version? */
bool support_has_cgroup_v1(void);

/* For any backend. 0, or -EPERM or -EOPNOTSUPP with the sentence appended to @why. */
int support_bpf(struct buf *why);
/* For perf events, which tracepoints and probes are, beyond support_bpf(). The same. */
int support_perf_events(struct buf *why);
/* For probes in kernel functions, beyond support_bpf(). The same. */
int support_kprobes(struct buf *why);

#endif
