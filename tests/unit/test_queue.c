/* SPDX-License-Identifier: Apache-2.0 */
/* The message queue: bounds, wrapping, and its books while two threads work on it. */
#include "tests/unit/test.h"

#include <pthread.h>
#include <string.h>

#include "alerts/queue.h"

/* Puts @len bytes, the first being @tag, the way outputs do. */
static bool put(struct queue *q, unsigned char tag, size_t len)
{
	static const char filler[4096];
	struct buf b;

	for (unsigned int n = 0; queue_space(q, n, &b); n++) {
		buf_char(&b, (char)tag);
		for (size_t left = len - 1; left > 0; left -= left < sizeof(filler) ? left : sizeof(filler))
			buf_add(&b, filler, left < sizeof(filler) ? left : sizeof(filler));
		if (!b.error) {
			queue_put(q, &b);
			return true;
		}
	}
	queue_refuse(q);
	return false;
}

static void expect(struct queue *q, unsigned char tag, size_t len)
{
	struct str m;

	assert_true(queue_peek(q, &m));
	assert_int_equal((unsigned char)m.p[0], tag);
	assert_int_equal(m.len, len);
	queue_done(q, true);
}

static void test_order(void **state)
{
	struct queue q;
	struct str m;

	assert_int_equal(queue_init(&q, 4, 100), 0);
	assert_false(queue_peek(&q, &m));
	assert_true(put(&q, 1, 10));
	assert_true(put(&q, 2, 20));
	expect(&q, 1, 10);
	expect(&q, 2, 20);
	assert_false(queue_peek(&q, &m));
	queue_release(&q);
}

static void test_message_bound(void **state)
{
	struct queue q;

	assert_int_equal(queue_init(&q, 3, 100), 0);
	for (unsigned char i = 0; i < 3; i++)
		assert_true(put(&q, i, 1));
	assert_false(put(&q, 3, 1));
	expect(&q, 0, 1);
	assert_true(put(&q, 4, 1));
	assert_false(put(&q, 5, 1));
	assert_int_equal(queue_count(&q).pending, 3);
	assert_int_equal(queue_count(&q).refused, 2);
	queue_release(&q);
}

/* All bytes can be used, and not one more. */
static void test_byte_bound(void **state)
{
	struct queue q;

	assert_int_equal(queue_init(&q, 10, 100), 0);
	assert_false(put(&q, 0, 101));
	assert_true(put(&q, 1, 100));
	assert_false(put(&q, 2, 1));
	expect(&q, 1, 100);
	assert_true(put(&q, 3, 60));
	assert_true(put(&q, 4, 40));
	assert_false(put(&q, 5, 1));
	expect(&q, 3, 60);
	assert_false(put(&q, 6, 61));
	assert_true(put(&q, 7, 60));
	assert_false(put(&q, 8, 1));
	expect(&q, 4, 40);
	expect(&q, 7, 60);
	queue_release(&q);
}

/* Where the end is too short the message lies in one piece at the beginning. */
static void test_wrap(void **state)
{
	struct queue q;

	assert_int_equal(queue_init(&q, 10, 100), 0);
	assert_true(put(&q, 1, 50));
	assert_true(put(&q, 2, 30));
	expect(&q, 1, 50);
	assert_true(put(&q, 3, 40));		/* 20 at the end, 50 at the beginning */
	assert_false(put(&q, 4, 11));		/* 10 between */
	assert_true(put(&q, 5, 10));
	expect(&q, 2, 30);
	assert_true(put(&q, 6, 50));
	expect(&q, 3, 40);
	expect(&q, 5, 10);
	expect(&q, 6, 50);
	queue_release(&q);
}

/* Against a plain model, over every size and order that a simple generator makes. */
static void test_against_model(void **state)
{
	enum { SIZE = 97, SLOTS = 7 };
	struct { unsigned char tag; size_t len; } model[SLOTS];
	uint32_t seed = 12345;
	size_t n = 0, bytes = 0, n_put = 0, n_refused = 0;
	struct queue q;

	assert_int_equal(queue_init(&q, SLOTS, SIZE), 0);
	for (int i = 0; i < 200000; i++) {
		size_t len;

		seed = seed * 1664525 + 1013904223;
		len = 1 + (seed >> 16) % 40;
		if (seed >> 31) {
			if (put(&q, (unsigned char)i, len)) {
				assert_true(n < SLOTS && bytes + len <= SIZE);
				model[n].tag = (unsigned char)i;
				model[n++].len = len;
				bytes += len;
				n_put++;
			} else {
				assert_true(n > 0);	/* an empty one takes anything up to its size */
				n_refused++;
			}
		} else if (n > 0) {
			expect(&q, model[0].tag, model[0].len);
			bytes -= model[0].len;
			memmove(model, model + 1, --n * sizeof(model[0]));
		}
		assert_int_equal(queue_count(&q).pending, n);
	}
	assert_true(n_refused > 1000 && n_put > 1000);
	assert_int_equal(queue_count(&q).put, n_put);
	assert_int_equal(queue_count(&q).refused, n_refused);
	queue_release(&q);
}

#define LOAD 300000

static void *take_all(void *arg)
{
	struct queue *q = arg;
	struct str m;
	uint32_t next = 0, got;

	while (next != LOAD) {
		queue_wait(q);
		if (!queue_peek(q, &m))
			continue;
		memcpy(&got, m.p, sizeof(got));
		if (got != next || m.len != sizeof(got) + got % 50)
			return NULL;
		for (size_t i = sizeof(got); i < m.len; i++)
			if (m.p[i] != (char)got)
				return NULL;
		queue_done(q, next++ % 3 != 0);
	}
	return q;
}

/* Every message arrives whole and in order; the books are right for a third party at every moment. */
static void test_two_threads(void **state)
{
	struct queue q;
	pthread_t taker;
	void *ok;

	assert_int_equal(queue_init(&q, 16, 512), 0);
	pthread_create(&taker, NULL, take_all, &q);
	for (uint32_t i = 0; i < LOAD;) {
		struct queue_counts c;
		bool done = false;
		struct buf b;

		for (unsigned int n = 0; !done && queue_space(&q, n, &b); n++) {
			buf_add(&b, &i, sizeof(i));
			for (uint32_t k = 0; k < i % 50; k++)
				buf_char(&b, (char)i);
			done = !b.error;
		}
		if (done) {
			queue_put(&q, &b);
			i++;
		} else {
			sched_yield();
		}
		c = queue_count(&q);
		assert_int_equal(c.put, i);
		assert_int_equal(c.put, c.delivered + c.failed + c.pending);
		assert_true(c.pending <= 16);
	}
	pthread_join(taker, &ok);
	assert_ptr_equal(ok, &q);
	assert_int_equal(queue_count(&q).failed, LOAD / 3);
	assert_int_equal(queue_count(&q).pending, 0);
	queue_release(&q);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_message_bound),
		cmocka_unit_test(test_byte_bound),
		cmocka_unit_test(test_wrap),
		cmocka_unit_test(test_against_model),
		cmocka_unit_test(test_two_threads),
	};

	return cmocka_run_group_tests_name("queue", tests, NULL, NULL);
}
