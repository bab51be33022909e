/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The outputs: who gets an alert, and the thread behind each queue.
 *
 * All threads are stopped together. Closing waits on descriptors only (an eventfd that counts the threads
 * that are through, a timer that ends the grace), so that it needs no clock and cannot miss a wake-up.
 */
#include "alerts/outputs.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>

#include "alerts/queue.h"
#include "alerts/reduce.h"
#include "base/timefmt.h"

/* How long a thread that was called off may take to notice before it is left behind. */
#define CANCEL_NS NS_PER_S

const struct output_type *const output_types[] = {
	&output_stdout,
	&output_file,
	&output_syslog,
	&output_webhook,
	NULL,
};

struct output {
	const struct output_config *config;
	struct outputs *all;
	struct queue queue;
	pthread_t thread;
	bool started;
	atomic_bool finished;		/* the thread will touch nothing any more */
	atomic_bool gone;		/* nothing is sent any more */
	pthread_mutex_t error_lock;	/* held for copying only */
	char last_error[160];
};

struct outputs {
	size_t n, n_started;
	int finished_fd;		/* counts the threads that are finished */
	int timer_fd;
	atomic_bool closing, cancelled, closed;
	bool left_behind;		/* a thread is, and with it all of this */
	struct output item[];
};

const struct output_type *output_type_find(struct str name)
{
	for (size_t i = 0; output_types[i]; i++)
		if (str_eq(name, str_of(output_types[i]->type)))
			return output_types[i];
	return NULL;
}

static void set_error(struct output *o, const char *text)
{
	pthread_mutex_lock(&o->error_lock);
	snprintf(o->last_error, sizeof(o->last_error), "%s", text);
	pthread_mutex_unlock(&o->error_lock);
}

/* On the thread that matches, which waits for nobody: whoever holds the lock has an error to tell, too. */
__attribute__((format(printf, 2, 3))) static void try_set_error(struct output *o, const char *fmt, ...)
{
	va_list args;

	if (pthread_mutex_trylock(&o->error_lock) != 0)
		return;
	va_start(args, fmt);
	vsnprintf(o->last_error, sizeof(o->last_error), fmt, args);
	va_end(args);
	pthread_mutex_unlock(&o->error_lock);
}

static void *output_thread(void *arg)
{
	struct output *o = arg;
	const struct output_config *c = o->config;
	struct outputs *all = o->all;
	char error[sizeof(o->last_error)];
	struct str message;
	enum sent sent;

	/* One wake-up for each message and one for closing: none is slept through. */
	for (;;) {
		queue_wait(&o->queue);
		if (atomic_load(&all->cancelled))
			break;
		if (!queue_peek(&o->queue, &message)) {
			if (atomic_load(&all->closing))
				break;
			continue;
		}
		if (atomic_load(&o->gone)) {
			queue_done(&o->queue, false);
			continue;
		}
		error[0] = '\0';
		sent = c->type->send(c->self, message, &all->cancelled, error, sizeof(error));
		if (sent != SENT)
			set_error(o, error[0] ? error : "not sent");
		if (sent == SEND_GONE)
			atomic_store(&o->gone, true);
		queue_done(&o->queue, sent == SENT);
	}
	atomic_store(&o->finished, true);
	eventfd_write(all->finished_fd, 1);
	return NULL;
}

/* Signals are for the main thread: one that writes to a broken pipe gets EPIPE, not SIGPIPE. */
static int start_thread(struct output *o)
{
	sigset_t all, before;
	char name[16];
	int r;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	r = pthread_create(&o->thread, NULL, output_thread, o);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (r != 0)
		return -r;
	snprintf(name, sizeof(name), "out:%.*s", STR_ARG(o->config->name));
	pthread_setname_np(o->thread, name);
	return 0;
}

static int output_open(struct output *o, const struct output_config *c, struct outputs *all,
		       const struct outputs_options *options, char *error, size_t size)
{
	uint32_t max_alerts = c->queue_alerts ? c->queue_alerts : OUTPUT_QUEUE_ALERTS;
	int r;

	o->config = c;
	o->all = all;
	pthread_mutex_init(&o->error_lock, NULL);
	r = queue_init(&o->queue, max_alerts, OUTPUT_QUEUE_BYTES);
	if (r < 0) {
		snprintf(error, size, "out of memory");
		return r;
	}
	r = c->type->open ? c->type->open(c->self, options, error, size) : 0;
	if (r < 0)
		queue_release(&o->queue);
	return r;
}

int outputs_open(const struct output_config *configs, size_t n, const struct outputs_options *options,
		 char *error, size_t size, struct outputs **ret)
{
	_cleanup_(outputs_free) struct outputs *all = calloc(1, sizeof(*all) + n * sizeof(all->item[0]));
	char why[160] = "";
	int r;

	if (!all) {
		snprintf(error, size, "out of memory");
		return -ENOMEM;
	}
	all->finished_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	all->timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	if (all->finished_fd < 0 || all->timer_fd < 0) {
		r = -errno;
		snprintf(error, size, "%s", strerror(-r));
		return r;
	}
	for (size_t i = 0; i < n; i++) {
		r = output_open(&all->item[i], &configs[i], all, options, why, sizeof(why));
		if (r < 0) {
			snprintf(error, size, "%.*s: %s", STR_ARG(configs[i].name), why);
			return r;
		}
		all->n++;
	}
	*ret = TAKE_PTR(all);
	return 0;
}

int outputs_start(struct outputs *all, char *error, size_t size)
{
	for (size_t i = 0; i < all->n; i++) {
		int r = start_thread(&all->item[i]);

		if (r < 0) {
			snprintf(error, size, "%.*s: cannot start a thread: %s",
				 STR_ARG(all->item[i].config->name), strerror(-r));
			return r;
		}
		all->item[i].started = true;
		all->n_started++;
	}
	return 0;
}

/* True when it was queued. */
static bool try_raise(struct output *o, const struct alert *a)
{
	const struct output_config *c = o->config;
	struct buf b;

	for (unsigned int n = 0; queue_space(&o->queue, n, &b); n++) {
		c->type->render(c->self, a, &b);
		if (!b.error && b.len > 0) {
			queue_put(&o->queue, &b);
			return true;
		}
	}
	return false;
}

static void raise_to(struct output *o, const struct alert *a)
{
	struct queue_counts c;
	struct reduced reduced;

	if (try_raise(o, a))
		return;
	c = queue_count(&o->queue);
	if (c.pending < o->queue.n_slots && alert_reduce(a, &reduced) && try_raise(o, &reduced.alert)) {
		try_set_error(o, "alert %s of rule %.*s did not fit into the queue: its argv was cut", a->id,
			      STR_ARG(a->rule->id));
		return;
	}
	queue_refuse(&o->queue);
	if (c.pending == 0)
		try_set_error(o, "alert %s of rule %.*s is larger than the queue", a->id,
			      STR_ARG(a->rule->id));
	else
		try_set_error(o, "the queue is full, %llu alerts wait", (unsigned long long)c.pending);
}

static bool routes_to(const struct rule *rule, const struct output *o)
{
	for (size_t i = 0; i < rule->route.n; i++)
		if (str_eq(rule->route.item[i], o->config->name))
			return true;
	return false;
}

void outputs_raise(void *outputs, const struct alert *a)
{
	struct outputs *all = outputs;
	const struct rule *rule = a->rule;
	bool is_routed = false;

	if (rule->mode == MODE_OBSERVE)
		return;
	for (size_t i = 0; i < all->n && !is_routed; i++)
		is_routed = routes_to(rule, &all->item[i]);
	for (size_t i = 0; i < all->n; i++) {
		struct output *o = &all->item[i];

		if ((int)rule->severity <= o->config->min_severity && (!is_routed || routes_to(rule, o)))
			raise_to(o, a);
	}
}

/* What is pending once all is closed will never be sent: it counts as dropped. */
size_t outputs_counters(struct outputs *all, struct output_counters *ret, size_t max)
{
	bool closed = atomic_load(&all->closed);
	size_t n = all->n < max ? all->n : max;

	for (size_t i = 0; i < n; i++) {
		struct output *o = &all->item[i];
		struct queue_counts c = queue_count(&o->queue);

		ret[i] = (struct output_counters){
			.name = o->config->name,
			.type = o->config->type->type,
			.raised = c.put + c.refused,
			.delivered = c.delivered,
			.failed = c.failed,
			.dropped = c.refused + (closed ? c.pending : 0),
			.pending = closed ? 0 : c.pending,
			.gone = atomic_load(&o->gone),
		};
		pthread_mutex_lock(&o->error_lock);
		memcpy(ret[i].last_error, o->last_error, sizeof(ret[i].last_error));
		pthread_mutex_unlock(&o->error_lock);
	}
	return n;
}

/* Until all threads are finished, but not beyond @timeout_ns. */
static void wait_finished(struct outputs *all, size_t *n_finished, int64_t timeout_ns)
{
	struct pollfd fds[] = {
		{ .fd = all->finished_fd, .events = POLLIN },
		{ .fd = all->timer_fd, .events = POLLIN },
	};
	struct itimerspec timer = { .it_value = { timeout_ns / NS_PER_S, timeout_ns % NS_PER_S } };
	eventfd_t more;

	timerfd_settime(all->timer_fd, 0, &timer, NULL);
	while (*n_finished < all->n_started) {
		if (poll(fds, 2, -1) < 0 && errno != EINTR)
			return;
		if (eventfd_read(all->finished_fd, &more) == 0)
			*n_finished += more;
		else if (fds[1].revents)
			return;
	}
}

bool outputs_close(struct outputs *all, int64_t grace_ns)
{
	size_t n_finished = 0;

	if (atomic_load(&all->closed))
		return !all->left_behind;
	atomic_store(&all->closing, true);
	for (size_t i = 0; i < all->n; i++)
		queue_wake(&all->item[i].queue);
	if (grace_ns > 0)
		wait_finished(all, &n_finished, grace_ns);
	atomic_store(&all->cancelled, true);
	wait_finished(all, &n_finished, CANCEL_NS);

	for (size_t i = 0; i < all->n; i++) {
		struct output *o = &all->item[i];

		if (o->started && !atomic_load(&o->finished)) {
			set_error(o, "stuck in a system call when it was closed");
			pthread_detach(o->thread);
			all->left_behind = true;
			continue;
		}
		if (o->started)
			pthread_join(o->thread, NULL);
		if (o->config->type->close)
			o->config->type->close(o->config->self);
	}
	atomic_store(&all->closed, true);
	return !all->left_behind;
}

struct outputs *outputs_free(struct outputs *all)
{
	if (!all || !outputs_close(all, 0))
		return NULL;
	for (size_t i = 0; i < all->n; i++) {
		pthread_mutex_destroy(&all->item[i].error_lock);
		queue_release(&all->item[i].queue);
	}
	if (all->finished_fd >= 0)
		close(all->finished_fd);
	if (all->timer_fd >= 0)
		close(all->timer_fd);
	free(all);
	return NULL;
}
