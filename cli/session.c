/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The loop of a verb that watches live; see session.h. Everything is a descriptor in one poll: the ring of
 * the capture, a timer, and the signals, so that nothing happens asynchronously.
 */
#include "cli/session.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "base/log.h"
#include "cli/clock.h"
#include "cli/seed.h"
#include "cli/verb.h"

struct session {
	struct session_options options;
	struct capture *capture;
	struct buf why;			/* what capture_open() said of it */
	int signals, timer;
	struct {
		int fd;
		void (*ready)(void *ctx);
		void *ctx;
	} guest;
	char host[HOST_NAME_MAX + 1];
	char boot[40];
};

/* The boot id, as the kernel prints it: a UUID. Left empty where /proc is not there. */
static void read_boot_id(char *boot, size_t size)
{
	_cleanup_(fclose) FILE *f = fopen("/proc/sys/kernel/random/boot_id", "re");

	if (f && fgets(boot, (int)size, f))
		boot[strcspn(boot, "\n")] = '\0';
}

/* SIGHUP: the terminal is gone. */
static sigset_t stop_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	return set;
}

static int open_signals(void)
{
	sigset_t set = stop_signals();

	/* A reader that went away is an error of one output, not the end of the watch. */
	signal(SIGPIPE, SIG_IGN);
	if (sigprocmask(SIG_BLOCK, &set, NULL) < 0)
		return -errno;
	return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

static int open_timer(void)
{
	const struct itimerspec second = { .it_interval.tv_sec = 1, .it_value.tv_sec = 1 };
	int fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);

	if (fd >= 0)
		timerfd_settime(fd, 0, &second, NULL);
	return fd;
}

static int64_t epoch_offset(void)
{
	return clock_realtime() - clock_monotonic();
}

static int attach(struct session *s)
{
	struct capture_options capture = {
		.backend = s->options.backend,
		.epoch_offset_ns = epoch_offset(),
		.host = str_of(s->host),
		.boot = str_of(s->boot[0] ? s->boot : NULL),
		.labels = s->options.config->labels,
		.max_argv = s->options.config->max_argv,
		.return_timeout_ns = s->options.config->return_timeout_ns,
		.seed = random_seed(),
		.env = s->options.env.item,
		.n_env = s->options.env.n,
		.event = s->options.event,
		.ctx = s->options.ctx,
	};
	int r = capture_open(&capture, &s->why, &s->capture);

	if (r < 0) {
		log_error("cannot watch: %.*s", STR_ARG(buf_get(&s->why)));
		return EXIT_SYSTEM;
	}
	if (s->why.len)
		log_info("backend %s: %.*s", capture_backend(s->capture), STR_ARG(buf_get(&s->why)));
	return EXIT_FINE;
}

int session_open(const struct session_options *options, struct session **ret)
{
	_cleanup_(session_free) struct session *s = calloc(1, sizeof(*s));
	int r;

	if (!s) {
		log_error("out of memory");
		return EXIT_SYSTEM;
	}
	s->options = *options;
	s->guest.fd = -1;
	s->signals = open_signals();
	s->timer = open_timer();
	if (s->signals < 0 || s->timer < 0) {
		log_error("cannot make a signal or timer descriptor: %m");
		return EXIT_SYSTEM;
	}
	gethostname(s->host, sizeof(s->host) - 1);
	read_boot_id(s->boot, sizeof(s->boot));
	r = attach(s);
	if (r != EXIT_FINE)
		return r;
	*ret = TAKE_PTR(s);
	return EXIT_FINE;
}

struct session *session_free(struct session *s)
{
	if (!s)
		return NULL;
	capture_free(s->capture);
	close_cleanup(&s->signals);
	close_cleanup(&s->timer);
	buf_done(&s->why);
	free(s);
	return NULL;
}

const struct capture *session_capture(const struct session *s)
{
	return s->capture;
}

struct str session_host(const struct session *s)
{
	return str_of(s->host);
}

struct str session_why(const struct session *s)
{
	return buf_get(&s->why);
}

void session_serve(struct session *s, int fd, void (*ready)(void *ctx), void *ctx)
{
	s->guest.fd = fd;
	s->guest.ready = ready;
	s->guest.ctx = ctx;
}

static int result_of(int r)
{
	if (r >= 0 || r == -EINTR || r == -EAGAIN)
		return EXIT_FINE;
	log_error("cannot read the captured execs: %s", strerror(-r));
	return EXIT_SYSTEM;
}

static int loop(struct session *s)
{
	enum { RING, SIGNALS, TIMER, GUEST };
	struct pollfd fds[] = {
		[RING] = { .fd = capture_fd(s->capture), .events = POLLIN },
		[SIGNALS] = { .fd = s->signals, .events = POLLIN },
		[TIMER] = { .fd = s->timer, .events = POLLIN },
		[GUEST] = { .fd = s->guest.fd, .events = POLLIN },
	};
	struct signalfd_siginfo signal;
	uint64_t ticks;
	int64_t now_ns;
	int r;

	for (;;) {
		if (poll(fds, ARRAY_SIZE(fds), -1) < 0 && errno != EINTR) {
			log_error("poll: %m");
			return EXIT_SYSTEM;
		}
		r = result_of(capture_consume(s->capture));
		if (r != EXIT_FINE)
			return r;
		if (read(s->timer, &ticks, sizeof(ticks)) == sizeof(ticks)) {
			capture_set_epoch(s->capture, epoch_offset());
			now_ns = clock_monotonic();
			capture_tick(s->capture, now_ns);
			if (!s->options.tick(s->options.ctx, clock_realtime(), now_ns))
				return EXIT_SYSTEM;
		}
		if (fds[GUEST].revents)
			s->guest.ready(s->guest.ctx);
		if (read(s->signals, &signal, sizeof(signal)) == sizeof(signal))
			return result_of(capture_stop(s->capture));
	}
}

int session_run(struct session *s)
{
	sigset_t set = stop_signals();
	int r = loop(s);

	sigprocmask(SIG_UNBLOCK, &set, NULL);
	return r;
}
