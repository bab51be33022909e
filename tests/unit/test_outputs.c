/* SPDX-License-Identifier: Apache-2.0 */
/* Who gets an alert, what a slow, stuck or full output does to the others (nothing), and that the books are
 * right at every moment. */
#include "tests/unit/test.h"

#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <string.h>

#include "alerts/outputs.h"
#include "alerts/reduce.h"
#include "alerts/wait.h"
#include "tests/unit/alerts.h"

/* Threads that may still be started; the next one fails. */
static int threads_left = -1;

int __real_pthread_create(pthread_t *thread, const pthread_attr_t *attr, void *(*run)(void *), void *arg);
int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attr, void *(*run)(void *), void *arg);

int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attr, void *(*run)(void *), void *arg)
{
	if (threads_left == 0)
		return EAGAIN;
	if (threads_left > 0)
		threads_left--;
	return __real_pthread_create(thread, attr, run, arg);
}

/* An output whose behaviour a test sets. */
struct fake {
	enum { TAKE, FAIL_ODD, GO_AWAY, UNTIL_CANCELLED, UNTIL_RELEASED } behaviour;
	int pause_us;
	int open_error;
	size_t render_times;		/* argv is rendered that often */
	bool want_cut;			/* the event's argv_state has to be `cut` */
	int opened, closed;
	atomic_int sent, sending;
	sem_t released;
	size_t last_len;
	int64_t (*now)(void);
};

static int fake_open(void *self, const struct outputs_options *opened_with, char *error, size_t size)
{
	struct fake *f = self;

	if (f->open_error) {
		snprintf(error, size, "no such luck");
		return f->open_error;
	}
	f->opened++;
	f->now = opened_with->now;
	return 0;
}

static void fake_render(const void *self, const struct alert *a, struct buf *b)
{
	const struct fake *f = self;

	buf_str(b, a->rule->id);
	for (size_t i = 0; i < f->render_times && a->event; i++)
		buf_str(b, a->event->argv.joined);
	if (f->render_times && !a->event)
		for (size_t i = 0; i < f->render_times; i++)
			buf_str(b, a->summary);
	if (f->want_cut && !b->error)
		assert_str(a->event->argv_state, "cut");
}

static enum sent fake_send(void *self, struct str message, const atomic_bool *cancelled, char *error,
			   size_t size)
{
	struct fake *f = self;
	int n = atomic_fetch_add(&f->sent, 1);

	f->last_len = message.len;
	if (f->pause_us)
		usleep((useconds_t)f->pause_us);
	atomic_store(&f->sending, 1);
	switch (f->behaviour) {
	case TAKE:
		return SENT;
	case FAIL_ODD:
		snprintf(error, size, "number %d", n);
		return n % 2 ? SEND_FAILED : SENT;
	case GO_AWAY:
		snprintf(error, size, "gone");
		return SEND_GONE;
	case UNTIL_CANCELLED:
		assert_int_equal(wait_fd(-1, 0, WAIT_FOREVER, cancelled), -ECANCELED);
		snprintf(error, size, "called off");
		return SEND_FAILED;
	case UNTIL_RELEASED:
		sem_wait(&f->released);
		return SENT;
	}
	return SEND_FAILED;
}

static void fake_close(void *self)
{
	((struct fake *)self)->closed++;
}

static const struct setting no_settings[] = { { 0 } };

static const struct output_type fake_type = {
	.type = "fake", .help = "", .size = sizeof(struct fake), .settings = no_settings,
	.open = fake_open, .render = fake_render, .send = fake_send, .close = fake_close,
};

static int64_t some_time(void)
{
	return 1;
}

static const struct outputs_options options = { .now = some_time };

static struct output_config config_of(const char *name, struct fake *f)
{
	return (struct output_config){ .name = str_of(name), .type = &fake_type, .self = f,
				       .min_severity = N_SEVERITIES };
}

static struct outputs *open_outputs(const struct output_config *c, size_t n)
{
	char error[160] = "";
	struct outputs *o;

	assert_int_equal(outputs_open(c, n, &options, error, sizeof(error), &o), 0);
	assert_int_equal(outputs_start(o, error, sizeof(error)), 0);
	return o;
}

static struct output_counters counters_of(struct outputs *o, size_t i)
{
	struct output_counters c[4];

	assert_true(outputs_counters(o, c, 4) > i);
	assert_int_equal(c[i].raised, c[i].delivered + c[i].failed + c[i].dropped + c[i].pending);
	return c[i];
}

/* Threads get all the time they need; a test that never gets there is ended by the runner. */
static void wait_delivered(struct outputs *o, size_t i, uint64_t n)
{
	while (counters_of(o, i).delivered < n)
		usleep(1000);
}

static void test_delivers(void **state)
{
	struct fake f = { .behaviour = FAIL_ODD };
	struct output_config c = config_of("one", &f);
	struct outputs *o = open_outputs(&c, 1);
	struct output_counters n;
	struct sample s;

	sample_init(&s);
	for (int i = 0; i < 10; i++)
		outputs_raise(o, &s.alert);
	assert_true(outputs_close(o, 10 * NS_PER_S));
	n = counters_of(o, 0);
	assert_str(n.name, "one");
	assert_string_equal(n.type, "fake");
	assert_int_equal(n.raised, 10);
	assert_int_equal(n.delivered, 5);
	assert_int_equal(n.failed, 5);
	assert_int_equal(n.dropped, 0);
	assert_int_equal(n.pending, 0);
	assert_string_equal(n.last_error, "number 9");
	assert_ptr_equal(f.now, some_time);
	assert_int_equal(f.opened, 1);
	assert_int_equal(f.closed, 1);
	outputs_free(o);
	assert_int_equal(f.closed, 1);
}

static void test_stuck_output_delays_nobody(void **state)
{
	struct fake stuck = { .behaviour = UNTIL_CANCELLED }, quick = { .behaviour = TAKE };
	struct output_config c[] = { config_of("stuck", &stuck), config_of("quick", &quick) };
	struct output_counters n;
	struct outputs *o;
	struct sample s;

	sample_init(&s);
	c[0].queue_alerts = 4;
	o = open_outputs(c, 2);
	for (int i = 0; i < 10; i++)
		outputs_raise(o, &s.alert);
	wait_delivered(o, 1, 10);

	n = counters_of(o, 0);
	assert_int_equal(n.raised, 10);
	assert_int_equal(n.pending, 4);		/* the one that is being sent is one of them */
	assert_int_equal(n.dropped, 6);
	assert_string_equal(n.last_error, "the queue is full, 4 alerts wait");

	while (!atomic_load(&stuck.sending))
		usleep(1000);
	assert_true(outputs_close(o, 1));
	n = counters_of(o, 0);
	assert_int_equal(n.failed, 1);
	assert_int_equal(n.dropped, 9);
	assert_int_equal(n.pending, 0);
	assert_string_equal(n.last_error, "called off");
	outputs_free(o);
}

/* Not even one that ignores being called off keeps closing from returning. */
static void test_close_leaves_a_hanging_thread_behind(void **state)
{
	static struct fake hanging = { .behaviour = UNTIL_RELEASED };
	static struct output_config c;
	static struct outputs *o;	/* stays reachable, as it may never be freed */
	struct sample s;

	sample_init(&s);
	sem_init(&hanging.released, 0, 0);
	c = config_of("hanging", &hanging);
	o = open_outputs(&c, 1);
	outputs_raise(o, &s.alert);
	outputs_raise(o, &s.alert);
	while (!atomic_load(&hanging.sending))
		usleep(1000);
	assert_false(outputs_close(o, 1));
	assert_int_equal(counters_of(o, 0).dropped, 2);
	assert_string_equal(counters_of(o, 0).last_error, "stuck in a system call when it was closed");
	assert_int_equal(hanging.closed, 0);
	outputs_free(o);
	sem_post(&hanging.released);
}

static void test_severity(void **state)
{
	struct fake all = { 0 }, bad = { 0 };
	struct output_config c[] = { config_of("all", &all), config_of("bad", &bad) };
	struct outputs *o;
	struct sample s;

	sample_init(&s);
	c[1].min_severity = SEVERITY_ERROR;
	o = open_outputs(c, 2);
	for (int i = 0; i < N_SEVERITIES; i++) {
		s.rule.severity = (enum severity)i;
		outputs_raise(o, &s.alert);
	}
	assert_int_equal(counters_of(o, 0).raised, 8);
	assert_int_equal(counters_of(o, 1).raised, 4);
	outputs_free(o);
}

static void test_route(void **state)
{
	static const struct str to_b[] = { STR("b") }, unknown[] = { STR("nowhere") },
				some[] = { STR("nowhere"), STR("a") };
	struct fake fa = { 0 }, fb = { 0 };
	struct output_config c[] = { config_of("a", &fa), config_of("b", &fb) };
	struct outputs *o = open_outputs(c, 2);
	struct sample s;

	sample_init(&s);
	s.rule.route = (struct strs){ to_b, 1 };
	outputs_raise(o, &s.alert);
	assert_int_equal(counters_of(o, 0).raised, 0);
	assert_int_equal(counters_of(o, 1).raised, 1);

	s.rule.route = (struct strs){ unknown, 1 };	/* none is known: all */
	outputs_raise(o, &s.alert);
	assert_int_equal(counters_of(o, 0).raised, 1);
	assert_int_equal(counters_of(o, 1).raised, 2);

	s.rule.route = (struct strs){ some, 2 };
	outputs_raise(o, &s.alert);
	assert_int_equal(counters_of(o, 0).raised, 2);
	assert_int_equal(counters_of(o, 1).raised, 2);

	s.rule.mode = MODE_OBSERVE;
	outputs_raise(o, &s.alert);
	assert_int_equal(counters_of(o, 0).raised, 2);
	outputs_free(o);
}

/* argv that would take more than the queue is cut; the alert arrives. */
static void test_large_argv_is_cut(void **state)
{
	size_t len = 1 << 20;
	char *large = malloc(len);
	struct fake f = { .render_times = 64, .want_cut = true };
	struct output_config c = config_of("one", &f);
	struct outputs *o = open_outputs(&c, 1);
	struct sample s;
	struct str one;

	assert_non_null(large);
	memset(large, 'a', len);
	sample_init(&s);
	one = (struct str){ large, len };
	s.event.argv = (struct words){ &one, 1, one, true };
	outputs_raise(o, &s.alert);
	assert_true(outputs_close(o, 60 * NS_PER_S));
	assert_int_equal(counters_of(o, 0).delivered, 1);
	assert_non_null(strstr(counters_of(o, 0).last_error, "its argv was cut"));
	assert_int_equal(f.last_len, strlen("web-shell") + 64 * REDUCED_ARGV_BYTES);
	outputs_free(o);
	free(large);
}

static void test_too_large_is_counted(void **state)
{
	struct fake f = { .render_times = 17 };
	struct output_config c = config_of("one", &f);
	struct outputs *o = open_outputs(&c, 1);
	size_t len = 1 << 20;
	char *large = calloc(1, len);
	struct sample s;

	assert_non_null(large);
	sample_init(&s);
	s.alert.event = NULL;
	s.alert.summary = (struct str){ large, len };
	outputs_raise(o, &s.alert);
	assert_int_equal(counters_of(o, 0).dropped, 1);
	assert_string_equal(counters_of(o, 0).last_error,
			    "alert " SAMPLE_ID " of rule web-shell is larger than the queue");
	outputs_free(o);
	free(large);
}

static void test_reduce_keeps_whole_words(void **state)
{
	enum { N = 1000 };
	static char text[N * 100];
	static struct str word[N];
	struct reduced r;
	struct sample s;

	memset(text, 'x', sizeof(text));
	for (size_t i = 0; i < N; i++) {
		word[i] = (struct str){ text + i * 100, 99 };
		text[i * 100 + 99] = ' ';
	}
	sample_init(&s);
	assert_false(alert_reduce(&s.alert, &r));
	s.event.argv = (struct words){ word, N, { text, sizeof(text) - 1 }, true };
	s.event.argc = NUM(N);
	assert_true(alert_reduce(&s.alert, &r));
	assert_int_equal(r.event.argv.n, REDUCED_ARGV_BYTES / 100);
	assert_int_equal(r.event.argv.joined.len, REDUCED_ARGV_BYTES / 100 * 100 - 1);
	assert_int_equal(r.event.argc.value, N);
	assert_str(r.event.argv_state, "cut");
	assert_ptr_equal(r.alert.event, &r.event);
	s.alert.event = NULL;
	assert_false(alert_reduce(&s.alert, &r));
}

static void test_open_fails(void **state)
{
	struct fake good = { 0 }, bad = { .open_error = -ENOENT };
	struct output_config c[] = { config_of("good", &good), config_of("bad", &bad) };
	struct outputs *o = NULL;
	char error[160];

	assert_int_equal(outputs_open(c, 2, &options, error, sizeof(error), &o), -ENOENT);
	assert_null(o);
	assert_string_equal(error, "bad: no such luck");
	assert_int_equal(good.closed, 1);
	assert_int_equal(bad.closed, 0);
}

/* Nothing is sent before the threads start; what was raised waits for them. */
static void test_opened_and_started_apart(void **state)
{
	struct fake f = { 0 };
	struct output_config c = config_of("one", &f);
	char error[160] = "";
	struct outputs *o;
	struct sample s;

	sample_init(&s);
	assert_int_equal(outputs_open(&c, 1, &options, error, sizeof(error), &o), 0);
	assert_int_equal(f.opened, 1);
	outputs_raise(o, &s.alert);
	assert_int_equal(counters_of(o, 0).pending, 1);
	assert_int_equal(outputs_start(o, error, sizeof(error)), 0);
	wait_delivered(o, 0, 1);
	outputs_free(o);

	assert_int_equal(outputs_open(&c, 1, &options, error, sizeof(error), &o), 0);
	outputs_raise(o, &s.alert);
	assert_true(outputs_close(o, NS_PER_S));
	assert_int_equal(counters_of(o, 0).dropped, 1);
	assert_int_equal(f.closed, 2);
	outputs_free(o);
}

static void test_thread_does_not_start(void **state)
{
	struct fake first = { 0 }, second = { 0 };
	struct output_config c[] = { config_of("first", &first), config_of("second", &second) };
	char error[160] = "";
	struct outputs *o;
	struct sample s;

	sample_init(&s);
	assert_int_equal(outputs_open(c, 2, &options, error, sizeof(error), &o), 0);
	outputs_raise(o, &s.alert);
	threads_left = 1;
	assert_int_equal(outputs_start(o, error, sizeof(error)), -EAGAIN);
	threads_left = -1;
	assert_string_equal(error, "second: cannot start a thread: Resource temporarily unavailable");
	assert_true(outputs_close(o, 10 * NS_PER_S));
	assert_int_equal(counters_of(o, 0).delivered, 1);
	assert_int_equal(counters_of(o, 1).dropped, 1);
	assert_int_equal(first.closed, 1);
	assert_int_equal(second.closed, 1);
	outputs_free(o);
}

/* What is gone is not asked again, and all that comes for it counts as failed. */
static void test_gone(void **state)
{
	struct fake fake = { .behaviour = GO_AWAY };
	struct output_config c = config_of("gone", &fake);
	struct outputs *o = open_outputs(&c, 1);
	struct sample s;

	sample_init(&s);
	for (int i = 0; i < 5; i++)
		outputs_raise(o, &s.alert);
	while (counters_of(o, 0).failed < 5)
		usleep(1000);
	assert_true(counters_of(o, 0).gone);
	assert_int_equal(atomic_load(&fake.sent), 1);
	assert_string_equal(counters_of(o, 0).last_error, "gone");
	outputs_free(o);
}

static void test_no_outputs(void **state)
{
	struct outputs *o = open_outputs(NULL, 0);
	struct sample s;

	sample_init(&s);
	outputs_raise(o, &s.alert);
	assert_int_equal(outputs_counters(o, NULL, 0), 0);
	assert_true(outputs_close(o, NS_PER_S));
	outputs_free(o);
}

struct watch {
	struct outputs *outputs;
	atomic_bool stop;
	uint64_t wrong, seen;
};

/* Asks for the books all the time: they are right, and nothing in them ever goes back. */
static void *watch_books(void *arg)
{
	struct watch *w = arg;
	struct output_counters c[2], before[2] = { 0 };

	while (!atomic_load(&w->stop)) {
		outputs_counters(w->outputs, c, 2);
		for (size_t i = 0; i < 2; i++) {
			w->wrong += c[i].raised != c[i].delivered + c[i].failed + c[i].dropped + c[i].pending;
			w->wrong += c[i].raised < before[i].raised || c[i].delivered < before[i].delivered ||
				    c[i].failed < before[i].failed || c[i].dropped < before[i].dropped;
		}
		memcpy(before, c, sizeof(c));
		w->seen++;
	}
	return NULL;
}

static void test_books_under_load(void **state)
{
	enum { N = 100000 };
	struct fake slow = { .behaviour = FAIL_ODD, .pause_us = 50 }, quick = { .behaviour = TAKE };
	struct output_config c[] = { config_of("slow", &slow), config_of("quick", &quick) };
	struct watch w = { 0 };
	struct output_counters n;
	pthread_t watcher;
	struct sample s;

	sample_init(&s);
	c[0].queue_alerts = c[1].queue_alerts = 8;
	w.outputs = open_outputs(c, 2);
	pthread_create(&watcher, NULL, watch_books, &w);
	for (int i = 0; i < N; i++)
		outputs_raise(w.outputs, &s.alert);
	assert_true(outputs_close(w.outputs, 60 * NS_PER_S));
	atomic_store(&w.stop, true);
	pthread_join(watcher, NULL);

	assert_int_equal(w.wrong, 0);
	assert_true(w.seen > 0);
	for (size_t i = 0; i < 2; i++) {
		n = counters_of(w.outputs, i);
		assert_int_equal(n.raised, N);
		assert_int_equal(n.pending, 0);
		assert_int_equal(n.delivered + n.failed, atomic_load(i ? &quick.sent : &slow.sent));
	}
	assert_true(counters_of(w.outputs, 0).dropped > 0);
	outputs_free(w.outputs);
}

static void test_types_are_sound(void **state)
{
	for (size_t i = 0; output_types[i]; i++) {
		const struct output_type *t = output_types[i];

		assert_ptr_equal(output_type_find(str_of(t->type)), t);
		assert_true(t->help[0] && t->settings && t->render && t->send && t->size > 0);
		for (const struct setting *s = t->settings; s->name; s++) {
			assert_true(s->offset < t->size && s->help[0]);
			assert_int_equal(s->type == SETTING_CHOICE, s->choices != NULL);
		}
	}
	assert_null(output_type_find(STR_LIT("carrier-pigeon")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_delivers),
		cmocka_unit_test(test_stuck_output_delays_nobody),
		cmocka_unit_test(test_close_leaves_a_hanging_thread_behind),
		cmocka_unit_test(test_severity),
		cmocka_unit_test(test_route),
		cmocka_unit_test(test_large_argv_is_cut),
		cmocka_unit_test(test_too_large_is_counted),
		cmocka_unit_test(test_reduce_keeps_whole_words),
		cmocka_unit_test(test_open_fails),
		cmocka_unit_test(test_opened_and_started_apart),
		cmocka_unit_test(test_thread_does_not_start),
		cmocka_unit_test(test_gone),
		cmocka_unit_test(test_no_outputs),
		cmocka_unit_test(test_books_under_load),
		cmocka_unit_test(test_types_are_sound),
	};

	return cmocka_run_group_tests_name("outputs", tests, NULL, NULL);
}
