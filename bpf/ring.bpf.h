/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/* What goes to the consumer: the counters, the ring, and when it is worth to wake it. */
#ifndef BPF_RING_BPF_H
#define BPF_RING_BPF_H

struct wire_counters counters;

static __always_inline void count(__u64 *counter)
{
	__sync_fetch_and_add(counter, 1);
}

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, WIRE_RING_BYTES);
} ring SEC(".maps");

/*
 * True while the consumer looks into the ring by itself, every few milliseconds: then there is no need to
 * wake it for each record. Set by the consumer.
 */
bool consumer_awake;

/* 0, or -errno: no room. A ring that fills up faster than it is looked into is worth a wake-up all the
 * same. */
static __always_inline long ring_output(void *record, __u64 size)
{
	__u64 flags = BPF_RB_FORCE_WAKEUP;

	if (consumer_awake && bpf_ringbuf_query(&ring, BPF_RB_AVAIL_DATA) < WIRE_RING_BYTES / 4)
		flags = BPF_RB_NO_WAKEUP;
	return bpf_ringbuf_output(&ring, record, size, flags);
}

#endif
