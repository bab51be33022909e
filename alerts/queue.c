/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The message queue: a ring of slots over a ring of bytes.
 *
 * A message lies in one piece, so that rendering writes it and sending reads it in place; where the piece at
 * the end of the ring is too short, the one at the beginning is tried. Whenever the queue has run empty it
 * begins at offset 0 again: a queue that keeps up touches a few pages only, and these stay in the cache.
 *
 * There is no lock. What a thread learns of the other's progress it reads with acquire from a counter that
 * the other wrote with release; an old value only makes the queue look fuller, or emptier, than it is. The
 * number of released messages is delivered + failed, and never stored beside them, so that the books cannot
 * disagree.
 */
#include "alerts/queue.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>

/* Only the thread that writes a counter may add to it. */
static void count(_Atomic uint64_t *counter)
{
	uint64_t n = atomic_load_explicit(counter, memory_order_relaxed);

	atomic_store_explicit(counter, n + 1, memory_order_release);
}

static uint64_t count_released(const struct queue *q)
{
	return atomic_load_explicit(&q->delivered, memory_order_acquire) +
	       atomic_load_explicit(&q->failed, memory_order_acquire);
}

int queue_init(struct queue *q, uint32_t max_messages, size_t size)
{
	const int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;

	*q = (struct queue){ .size = size, .n_slots = max_messages };
	q->slots = calloc(max_messages, sizeof(*q->slots));
	if (!q->slots)
		return -ENOMEM;
	q->bytes = mmap(NULL, size, PROT_READ | PROT_WRITE, flags, -1, 0);
	if (q->bytes == MAP_FAILED) {
		free(q->slots);
		return -ENOMEM;
	}
	sem_init(&q->wakeups, 0, 0);
	return 0;
}

void queue_release(struct queue *q)
{
	sem_destroy(&q->wakeups);
	munmap(q->bytes, q->size);
	free(q->slots);
}

bool queue_space(struct queue *q, unsigned int n, struct buf *ret)
{
	uint64_t put = atomic_load_explicit(&q->put, memory_order_relaxed), released = count_released(q);
	bool empty = put == released;
	size_t oldest = empty ? 0 : q->slots[released % q->n_slots].offset, newest_end = empty ? 0 : q->next;
	bool wrapped = !empty && newest_end <= oldest;

	if (put - released >= q->n_slots)
		return false;
	if (n == 0)
		buf_init_fixed(ret, q->bytes + newest_end, (wrapped ? oldest : q->size) - newest_end);
	else if (n == 1 && !wrapped && oldest > 0)
		buf_init_fixed(ret, q->bytes, oldest);
	else
		return false;
	return true;
}

void queue_put(struct queue *q, const struct buf *b)
{
	uint64_t put = atomic_load_explicit(&q->put, memory_order_relaxed);
	size_t offset = (size_t)(b->p - q->bytes);

	q->slots[put % q->n_slots] = (struct queue_slot){ offset, b->len };
	q->next = offset + b->len;
	count(&q->put);
	sem_post(&q->wakeups);
}

void queue_refuse(struct queue *q)
{
	count(&q->refused);
}

void queue_wait(struct queue *q)
{
	while (sem_wait(&q->wakeups) < 0)
		;	/* interrupted by a signal; nothing else can fail */
}

void queue_wake(struct queue *q)
{
	sem_post(&q->wakeups);
}

bool queue_peek(const struct queue *q, struct str *ret)
{
	uint64_t released = count_released(q);
	const struct queue_slot *slot = &q->slots[released % q->n_slots];

	if (atomic_load_explicit(&q->put, memory_order_acquire) == released)
		return false;
	*ret = (struct str){ q->bytes + slot->offset, slot->len };
	return true;
}

void queue_done(struct queue *q, bool delivered)
{
	count(delivered ? &q->delivered : &q->failed);
}

/* Released messages are read before put ones: there are never more of them. */
struct queue_counts queue_count(const struct queue *q)
{
	struct queue_counts c = {
		.refused = atomic_load_explicit(&q->refused, memory_order_acquire),
		.delivered = atomic_load_explicit(&q->delivered, memory_order_acquire),
		.failed = atomic_load_explicit(&q->failed, memory_order_acquire),
	};

	c.put = atomic_load_explicit(&q->put, memory_order_acquire);
	c.pending = c.put - c.delivered - c.failed;
	return c;
}
