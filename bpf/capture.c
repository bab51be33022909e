/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading what the BPF programs say.
 *
 * The ring is read in two ways. While nothing happens one waits to be woken, by the first record. From then
 * on the programs wake nobody, and the ring is looked into every few milliseconds, until one of these looks
 * finds nothing: a wake-up for each record would cost more than the record.
 */
#include "bpf/capture.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "bpf/decode.h"
#include "bpf/programs.h"
#include "bpf/seed.h"
#include "bpf/store.h"
#include "bpf/support.h"
#include "bpf/users.h"
#include "bpf/wire.h"

/* A call hands on what a full ring holds, and not what comes in meanwhile: its caller has timers to serve. */
#define MAX_RECORDS (WIRE_RING_BYTES / sizeof(struct wire_exec))
#define NAP_NS 10000000
#define PASSWD "/etc/passwd"
/* Looks, a second from one to the next, for which an imbalance has to last to be one. */
#define LASTING 3
/* Calls that are remembered to have been reported while they ran: as many as can run. */
#define MAX_REPORTED 16384
#define REPORTED_BYTES ((size_t)1 << 20)
/* Entries of the start map that are looked at in one system call. */
#define BATCH 64

const struct str capture_default_env[] = {
	STR("LD_PRELOAD"), STR("LD_LIBRARY_PATH"), STR("LD_AUDIT"), STR("GLIBC_TUNABLES"), STR("BASH_ENV"),
	STR("ENV"), STR("PROMPT_COMMAND"), STR("HISTFILE"), STR("HISTSIZE"), STR("PYTHONPATH"),
	STR("PERL5OPT"), STR("NODE_OPTIONS"), STR("SSH_CONNECTION"), STR("SUDO_USER"),
};

const size_t capture_n_default_env = ARRAY_SIZE(capture_default_env);

_Static_assert(CAPTURE_MAX_ENV == WIRE_MAX_ENV_NAMES && CAPTURE_ENV_NAME == WIRE_ENV_NAME - 1, "one limit");
_Static_assert(CAPTURE_MAX_ARGV == WIRE_MAX_ARGV, "one limit");

/* How the ring is being read. */
enum reading {
	ASLEEP,				/* waiting to be woken */
	AWAKE,				/* looking by itself */
	NODDING_OFF,			/* the programs wake again; what one began before is still to come */
};

struct capture {
	struct capture_options options;
	enum backend backend;
	struct programs *programs;
	struct ring_buffer *ring;
	size_t consumed;		/* in this call of capture_consume() */
	int poll_fd, timer_fd;
	enum reading reading;
	struct users *users;
	struct decoder *decoder;
	uint64_t delivered, malformed, overdue;
	struct store *reported;		/* calls that were reported while they ran */
	uint64_t lost;			/* records that had no room, when images were last kept */
	int64_t imbalance;		/* at the last look, */
	unsigned int lasted;		/* ... and for how many looks it has been that */
	uint64_t unaccounted;		/* the largest that lasted */
	uint64_t kernel_missed, kernel_missed_returns;
	bool has_audit, knows_host;
};

static struct store_key key_of(uint64_t call)
{
	return (struct store_key){ call, 0 };
}

static void hand_on(struct capture *c, const void *record, size_t size)
{
	struct event ev;
	int r = decode(c->decoder, record, size, &ev);

	if (r < 0)
		c->malformed++;
	if (r <= 0)
		return;
	c->delivered++;
	c->options.event(c->options.ctx, &ev);
}

/*
 * What was reported while it ran and then was missed after all is counted, and no second event. A record
 * that had no room may have told of a new image: what was known of images may be of others now.
 */
static int on_record(void *ctx, void *record, size_t size)
{
	struct capture *c = ctx;
	struct wire_counters k;
	struct wire_head head;
	uint64_t in_flight;

	programs_counters(c->programs, &k, &in_flight);
	if (k.lost_ring + k.lost_scratch != c->lost) {
		c->lost = k.lost_ring + k.lost_scratch;
		decoder_forget_images(c->decoder);
	}
	memcpy(&head, record, size < sizeof(head) ? size : sizeof(head));
	if (size < sizeof(head) || head.kind != WIRE_KIND_MISSED ||
	    !store_remove(c->reported, key_of(head.call)))
		hand_on(c, record, size);
	/* libbpf goes on for as long as there are records; an error stops it, behind this one. */
	return ++c->consumed < MAX_RECORDS ? 0 : -ECANCELED;
}

static int watch(struct capture *c, int fd, uint32_t events)
{
	struct epoll_event event = { .events = events };

	return epoll_ctl(c->poll_fd, EPOLL_CTL_ADD, fd, &event) < 0 ? -errno : 0;
}

static int open_ring(struct capture *c)
{
	int r;

	c->poll_fd = epoll_create1(EPOLL_CLOEXEC);
	c->timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	if (c->poll_fd < 0 || c->timer_fd < 0)
		return -errno;
	c->ring = ring_buffer__new(programs_ring(c->programs), on_record, c, NULL);
	if (!c->ring)
		return -errno;
	r = watch(c, c->timer_fd, EPOLLIN);
	/* By its edge: that there is something to read is no reason to wake, that a program says so is. */
	return r < 0 ? r : watch(c, programs_ring(c->programs), EPOLLIN | EPOLLET);
}

static void on_seed(void *ctx, const struct wire_image *image, struct str exe, struct str argv)
{
	decoder_seed(ctx, image, exe, argv);
}

static int prepare(struct capture *c)
{
	struct decode_options decoding = {
		.host = c->options.host,
		.boot = c->options.boot,
		.labels = c->options.labels,
		.epoch_offset_ns = c->options.epoch_offset_ns,
		.slots = programs_slots(c->programs),
		.max_argv = c->options.max_argv,
		.seed = c->options.seed,
	};
	struct stat host;
	int r = users_new(PASSWD, &c->users);

	if (r < 0)
		return r;
	/* The link's inode number is the namespace's (namespaces(7)). */
	if (stat("/proc/1/ns/mnt", &host) == 0)
		decoding.host_mnt_ns = (uint32_t)host.st_ino;
	decoding.users = c->users;
	c->has_audit = access("/proc/self/loginuid", F_OK) == 0;
	c->knows_host = decoding.host_mnt_ns != 0;
	r = decoder_new(&decoding, &c->decoder);
	if (r == 0)
		r = store_new(REPORTED_BYTES, MAX_REPORTED, c->options.seed, &c->reported);
	if (r < 0)
		return r;
	/* Without it images become known as events name them. */
	seed_images(on_seed, c->decoder);
	return open_ring(c);
}

/* One backend after the other, until one can be had. What was wrong with each stands in @why. */
static int choose(struct capture *c, struct buf *why)
{
	const struct str *env = c->options.env ? c->options.env : capture_default_env;
	struct programs_options options = {
		.max_argv = (uint32_t)c->options.max_argv,
		.max_active = c->options.max_active,
		.max_in_flight = c->options.max_in_flight,
		.env = env,
		.n_env = c->options.env ? c->options.n_env : capture_n_default_env,
	};
	enum backend first = c->options.backend, last = first;
	int r = -EOPNOTSUPP;

	if (first == BACKEND_AUTO) {
		first = BACKEND_AUTO + 1;
		last = N_BACKENDS - 1;
	}
	for (enum backend b = first; b <= last && r < 0; b++) {
		if (first != last)
			buf_printf(why, "%s%s: ", b > first ? "; " : "", backend_names[b]);
		r = programs_open(b, &options, why, &c->programs);
		c->backend = b;
		/* Of the one that works there is nothing to say. */
		if (r == 0 && first != last)
			why->len -= strlen(backend_names[b]) + 2 + (b > first ? 2 : 0);
	}
	return r;
}

int capture_open(const struct capture_options *options, struct buf *why, struct capture **ret)
{
	_cleanup_(capture_free) struct capture *c = calloc(1, sizeof(*c));
	int r;

	if (!c)
		return -ENOMEM;
	c->options = *options;
	c->poll_fd = c->timer_fd = -1;
	if (c->options.max_argv == 0)
		c->options.max_argv = CAPTURE_DEFAULT_ARGV;
	if (c->options.max_argv > WIRE_MAX_ARGV)
		c->options.max_argv = WIRE_MAX_ARGV;
	if (c->options.return_timeout_ns == 0)
		c->options.return_timeout_ns = CAPTURE_RETURN_TIMEOUT_NS;
	r = support_bpf(why);
	if (r == 0)
		r = choose(c, why);
	if (r < 0)
		return r;
	r = prepare(c);
	if (r < 0) {
		buf_printf(why, "cannot prepare to read events (%s)", strerror(-r));
		return r;
	}
	*ret = TAKE_PTR(c);
	return 0;
}

struct capture *capture_free(struct capture *c)
{
	if (!c)
		return NULL;
	ring_buffer__free(c->ring);
	close_cleanup(&c->timer_fd);
	close_cleanup(&c->poll_fd);
	programs_free(c->programs);
	decoder_free(c->decoder);
	store_free(c->reported);
	users_free(c->users);
	free(c);
	return NULL;
}

void capture_set_epoch(struct capture *c, int64_t epoch_offset_ns)
{
	decoder_set_epoch(c->decoder, epoch_offset_ns);
}

const char *capture_backend(const struct capture *c)
{
	return backend_names[c->backend];
}

int capture_fd(const struct capture *c)
{
	return c->poll_fd;
}

static void set_timer(struct capture *c, long ns)
{
	const struct itimerspec timer = { .it_value.tv_nsec = ns };

	timerfd_settime(c->timer_fd, 0, &timer, NULL);
}

/*
 * Between the two steps back to sleep lies a nap: a program that still saw the reader awake has put its
 * record there by then, and whoever comes later wakes it.
 */
static void read_on(struct capture *c, bool found, bool all)
{
	enum reading next = found ? AWAKE : c->reading == AWAKE ? NODDING_OFF : ASLEEP;

	if ((next == AWAKE) != (c->reading == AWAKE))
		programs_set_awake(c->programs, next == AWAKE);
	if (next != ASLEEP || c->reading != ASLEEP)
		set_timer(c, next == ASLEEP ? 0 : all ? NAP_NS : 1);
	c->reading = next;
}

int capture_consume(struct capture *c)
{
	struct epoll_event events[2];
	uint64_t expired;
	ssize_t n;
	int r;

	/* Takes the edge. */
	epoll_wait(c->poll_fd, events, ARRAY_SIZE(events), 0);
	n = read(c->timer_fd, &expired, sizeof(expired));
	c->consumed = 0;
	r = ring_buffer__consume(c->ring);
	/* Else it was called for something else while it naps. */
	if (c->reading == ASLEEP || n > 0 || c->consumed > 0)
		read_on(c, c->consumed > 0, r != -ECANCELED);
	return r < 0 && r != -ECANCELED ? r : (int)c->consumed;
}

int capture_stop(struct capture *c)
{
	int r;

	programs_missed(c->programs, &c->kernel_missed, &c->kernel_missed_returns);
	programs_detach(c->programs);
	do
		r = capture_consume(c);
	while (r > 0);
	return r;
}

/* Reports the calls that entered before @until and have not returned, each once. */
static void sweep(struct capture *c, uint64_t until)
{
	int map = programs_starts(c->programs), r = 0;
	struct wire_start value[BATCH];
	uint64_t key[BATCH], position, *from = NULL;
	uint32_t n;

	while (r == 0) {
		n = BATCH;
		r = bpf_map_lookup_batch(map, from, &position, key, value, &n, NULL);
		if (r < 0 && errno != ENOENT)
			return;
		from = &position;
		for (uint32_t i = 0; i < n; i++) {
			struct store_key call = key_of(value[i].head.call);

			if (value[i].entry_ns > until || str_known(store_get(c->reported, call)))
				continue;
			store_put(c->reported, call, NULL, 0);
			c->overdue++;
			hand_on(c, &value[i], sizeof(value[i]));
		}
	}
}

/*
 * The counters change while they are read, one after the other, and a program may be held up between two of
 * them, so that a difference means nothing. One that is the same for some seconds does.
 */
static void check_account(struct capture *c)
{
	struct wire_counters k;
	uint64_t in_flight;
	int64_t difference;

	programs_counters(c->programs, &k, &in_flight);
	difference = (int64_t)(k.entries - (k.returns + in_flight + k.missed + k.lost_start));
	c->lasted = difference == c->imbalance ? c->lasted + 1 : 0;
	c->imbalance = difference;
	if (c->lasted >= LASTING && (uint64_t)llabs(difference) > c->unaccounted)
		c->unaccounted = (uint64_t)llabs(difference);
}

void capture_tick(struct capture *c, int64_t now_ns)
{
	struct wire_counters k;
	uint64_t in_flight;

	users_refresh(c->users);
	programs_counters(c->programs, &k, &in_flight);
	if (in_flight && now_ns > c->options.return_timeout_ns)
		sweep(c, (uint64_t)(now_ns - c->options.return_timeout_ns));
	programs_missed(c->programs, &c->kernel_missed, &c->kernel_missed_returns);
	check_account(c);
}

struct capture_counters capture_counters(const struct capture *c)
{
	struct capture_counters ret = {
		.delivered = c->delivered,
		.malformed = c->malformed,
		.overdue = c->overdue,
		.kernel_missed = c->kernel_missed,
		.kernel_missed_returns = c->kernel_missed_returns,
		.unaccounted = c->unaccounted,
	};
	struct wire_counters k;

	programs_counters(c->programs, &k, &ret.in_flight);
	ret.entries = k.entries;
	ret.returns = k.returns;
	ret.missed = k.missed;
	ret.lost_start = k.lost_start;
	ret.execs = k.execs;
	ret.from_kernel = k.from_kernel;
	ret.lost_ring = k.lost_ring;
	ret.lost_argv = k.lost_argv + decoder_lost_given(c->decoder);
	ret.lost_scratch = k.lost_scratch;
	ret.unmatched = k.unmatched;
	ret.argv_cut = k.argv_cut;
	ret.argv_partial = k.argv_partial;
	ret.env_cut = k.env_cut;
	decoder_image_counts(c->decoder, &ret.image_hits, &ret.image_misses);
	return ret;
}

uint64_t capture_lost(const struct capture_counters *c)
{
	return c->missed + c->lost_start + c->lost_ring + c->lost_argv + c->lost_scratch + c->malformed +
	       c->kernel_missed + c->unaccounted;
}

enum fill capture_fills(const struct capture *c, const char *field_name, struct value *ret_only,
			const char **ret_why)
{
	const struct fill_facts facts = {
		.backend = c->backend,
		.see_given = programs_see_given(c->programs),
		.has_audit = c->has_audit,
		.knows_host = c->knows_host,
	};

	return fills(&facts, field_name, ret_only, ret_why);
}
