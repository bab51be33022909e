/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A bounded queue of rendered messages between one thread that puts and one that takes, and the books over
 * what became of them. Putting never waits and allocates nothing: a message is rendered where it will lie.
 *
 *	struct buf b;				struct str message;
 *	for (n = 0; queue_space(q, n, &b); n++)	queue_wait(q);
 *		render(&b);			if (queue_peek(q, &message))
 *		if (!b.error)				queue_done(q, send(message));
 *			return queue_put(q, &b);
 *	queue_refuse(q);
 */
#ifndef ALERTS_QUEUE_H
#define ALERTS_QUEUE_H

#include <semaphore.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/str.h"

struct queue_slot {
	size_t offset, len;
};

struct queue {
	char *bytes;
	size_t size;
	struct queue_slot *slots;	/* message number i is in slot i % n_slots */
	uint32_t n_slots;
	sem_t wakeups;
	size_t next;			/* of the putting thread: offset behind the newest message */

	/* Each is written by one thread and only ever grows. */
	_Atomic uint64_t put, refused;		/* the putting thread */
	_Atomic uint64_t delivered, failed;	/* the taking thread */
};

/* Room for @max_messages messages and @size bytes. Memory that is never touched costs nothing.
 * 0 or -ENOMEM. */
int queue_init(struct queue *q, uint32_t max_messages, size_t size);
/* No thread may be using it. */
void queue_release(struct queue *q);

/* The putting thread: the free stretch number @n (0, at most 1) as a buffer; false: there is none. */
bool queue_space(struct queue *q, unsigned int n, struct buf *ret);
/* The message in @b, which queue_space() made and which is not empty, is complete: hands it over. */
void queue_put(struct queue *q, const struct buf *b);
/* A message was not put. */
void queue_refuse(struct queue *q);

/* The taking thread: sleeps until a message was put, or queue_wake() called; once for each. */
void queue_wait(struct queue *q);
/* The oldest message, valid until queue_done(); false: none. */
bool queue_peek(const struct queue *q, struct str *ret);
/* Releases the oldest message. */
void queue_done(struct queue *q, bool delivered);

/* Any thread. */
void queue_wake(struct queue *q);

/* Any thread: put = delivered + failed + pending, at every moment. */
struct queue_counts {
	uint64_t put, refused, delivered, failed, pending;
};

struct queue_counts queue_count(const struct queue *q);

#endif
