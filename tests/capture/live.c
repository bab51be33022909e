/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Execs of known commands on this machine, each compared field by field with what the capture says of it.
 *
 *	live [-m] BACKEND
 *	live -l
 *
 * Each scenario of scenarios.c runs in a child of its own; events of other processes are passed over.
 * Prints TAP; where nothing can be attached, that all of it is skipped. -m: the machine is the test's own,
 * so that settings of its kernel may be changed and only the test executes anything. -l lists the backends.
 */
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/capture/live.h"

#define PATIENCE_NS INT64_C(20000000000)	/* for events that do not come at all */
#define TICK_NS INT64_C(1000000000)

static const struct abilities backends[] = {
	{ "kprobe", true, true, true, true, ALWAYS },
	{ "kprobe-fexit", true, true, true, true, ALWAYS },
	{ "raw_tp", true, true, true, false, FROM_6_10 },
	{ "tracepoint", true, true, false, false, FROM_6_10 },
	{ "exec-only", false, false, false, false, NEVER },
};

int64_t live_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * INT64_C(1000000000) + t.tv_nsec;
}

void wrong(struct live *l, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	printf("# ");
	vprintf(fmt, args);
	printf("\n");
	va_end(args);
	l->wrong++;
}

void live_begin(struct live *l)
{
	l->events = l->wrong = 0;
	l->before_ns = live_now();
	fflush(stdout);
}

void live_verdict(struct live *l, const char *name)
{
	printf("%sok %u - %s\n", l->wrong ? "not " : "", ++l->numbered, name);
	fflush(stdout);
	l->failed += l->wrong > 0;
}

void live_print_losses(const struct live *l)
{
	struct capture_counters k = capture_counters(l->capture);

	printf("# missed %" PRIu64 ", without room: start %" PRIu64 ", ring %" PRIu64 ", argv %" PRIu64
	       ", scratch %" PRIu64 "; malformed %" PRIu64 "; not run %" PRIu64 ", unaccounted %" PRIu64
	       "\n",
	       k.missed, k.lost_start, k.lost_ring, k.lost_argv, k.lost_scratch, k.malformed,
	       k.kernel_missed, k.unaccounted);
}

void live_wait(struct live *l, unsigned int n)
{
	int64_t now = live_now(), end = now + PATIENCE_NS;

	while (l->events < n && now < end) {
		struct pollfd fd = { .fd = capture_fd(l->capture), .events = POLLIN };

		poll(&fd, 1, 1000);
		capture_consume(l->capture);
		now = live_now();
		if (now - l->ticked_ns >= TICK_NS) {
			capture_tick(l->capture, now);
			l->ticked_ns = now;
		}
	}
	while (capture_consume(l->capture) > 0)
		;
	if (l->events != n) {
		wrong(l, "%u events, want %u", l->events, n);
		live_print_losses(l);
	}
}

/* A descendant of this test's, or started by the kernel in a scenario of that. */
static bool is_ours(const struct live *l, const struct event *ev)
{
	if (l->scenario && l->scenario->own_machine)
		return str_eq(ev->filename, str_of(l->scenario->filename));
	for (size_t i = 0; i < ev->n_ancestors; i++)
		if (ev->ancestor[i].pid.known && ev->ancestor[i].pid.value == getpid())
			return true;
	return ev->ppid.known && ev->ppid.value == getpid();
}

static void on_event(void *ctx, const struct event *ev)
{
	struct live *l = ctx;

	l->all_events++;
	if (!is_ours(l, ev))
		return;
	l->events++;
	known_note(l, ev);
	if (l->scenario)
		expect_event(l, ev);
	else if (l->count)
		l->count(l->count_ctx, ev);
}

/* --- One scenario after the other --------------------------------------------------------------------- */

static void run_scenario(struct live *l, const struct scenario *s, size_t n_calls)
{
	int status;

	live_begin(l);
	l->scenario = s;
	l->n_calls = n_calls;
	memset(l->seen, 0, sizeof(l->seen));
	memset(l->truth, 0, sizeof(*l->truth));
	l->child = fork();
	if (l->child == 0) {
		s->run(s, l->truth);
		_exit(0);
	}
	if (l->child < 0)
		wrong(l, "no child (%s)", strerror(errno));
	while (waitpid(l->child, &status, 0) == l->child && WIFSTOPPED(status))
		ptrace(PTRACE_CONT, l->child, 0, 0);
	live_wait(l, expect_how_many(l));
	live_verdict(l, s->name);
	l->scenario = NULL;
}

/* The rows of one scenario, from @i on. */
static size_t calls_at(size_t i)
{
	size_t n = 1;

	while (i + n < n_scenarios && !scenarios_get(i + n)->name)
		n++;
	return n;
}

static bool runs(const struct live *l, const struct scenario *s)
{
	bool full = strcmp(l->can->backend, "kprobe") == 0 || strcmp(l->can->backend, "raw_tp") == 0;

	return (!s->heavy || full) && (!s->own_machine || l->own_machine);
}

static unsigned int how_many_run(const struct live *l)
{
	unsigned int n = 0;

	for (size_t i = 0; i < n_scenarios; i += calls_at(i))
		n += runs(l, scenarios_get(i));
	return n;
}

static void run_scenarios(struct live *l, uint64_t limit)
{
	for (size_t i = 0; i < n_scenarios; i += calls_at(i))
		if (runs(l, scenarios_get(i)) && scenarios_get(i)->limit == limit)
			run_scenario(l, scenarios_get(i), calls_at(i));
}

/* Whether there is a scenario of this limit that none above has: one capture serves all of them. */
static bool is_next_limit(const struct live *l, size_t i)
{
	const struct scenario *s = scenarios_get(i);

	if (s->limit == 0 || !runs(l, s))
		return false;
	for (size_t k = 0; k < i; k++)
		if (scenarios_get(k)->limit == s->limit && runs(l, scenarios_get(k)))
			return false;
	return true;
}

static void run_other_limits(struct live *l)
{
	for (size_t i = 0; i < n_scenarios; i++) {
		if (!is_next_limit(l, i))
			continue;
		if (live_reopen(l, scenarios_get(i)->limit, 0, 0) == 0)
			run_scenarios(l, scenarios_get(i)->limit);
	}
}

/* --- What this test is, and what it runs on ----------------------------------------------------------- */

/* Field 22 of /proc/self/stat; the second one, the name, ends with the last parenthesis. */
static void read_start(char *ret, size_t size)
{
	_cleanup_(fclose) FILE *f = fopen("/proc/self/stat", "re");
	char line[1024] = "", *p;

	if (!f || !fgets(line, sizeof(line), f) || !(p = strrchr(line, ')')))
		return;
	p++;
	for (int field = 3; field <= 22; field++) {
		char *next = strchr(p + 1, ' ');

		if (field == 22)
			snprintf(ret, size, "%.*s", next ? (int)(next - p - 1) : 0, p + 1);
		p = next ? next : p;
	}
}

static int learn_self(struct live *l, char **argv)
{
	char parent[64];
	struct utsname kernel;
	int major, minor;
	struct stat host;

	snprintf(parent, sizeof(parent), "/proc/%d/exe", getppid());
	if (readlink("/proc/self/exe", l->self, sizeof(l->self) - 1) < 0 ||
	    readlink(parent, l->grandparent_exe, sizeof(l->grandparent_exe) - 1) < 0 ||
	    uname(&kernel) < 0 || sscanf(kernel.release, "%d.%d", &major, &minor) != 2)
		return -errno;
	l->host_ns = stat("/proc/1/ns/mnt", &host) == 0 ? (int64_t)host.st_ino : -1;
	l->new_kernel = major > 6 || (major == 6 && minor >= 10);
	for (size_t i = 0, n = 0; argv[i] && n < sizeof(l->cmdline); i++)
		n += (size_t)snprintf(l->cmdline + n, sizeof(l->cmdline) - n, i ? " %s" : "%s", argv[i]);
	read_start(l->start_ticks, sizeof(l->start_ticks));
	l->truth = mmap(NULL, sizeof(*l->truth), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	return l->truth == MAP_FAILED ? -errno : 0;
}

static int backend_of(const char *name)
{
	for (int i = 0; backend_names[i]; i++)
		if (strcmp(backend_names[i], name) == 0)
			return i;
	return -1;
}

/* @options: limits; the rest is filled in. */
static int open_capture(struct live *l, enum backend backend, struct capture_options *options,
			struct buf *why)
{
	static const struct pair label = { STR("test"), STR("live") };
	int r;

	options->backend = backend;
	options->epoch_offset_ns = l->epoch_offset_ns;
	options->host = STR_LIT("host");
	options->boot = STR_LIT("00112233-4455-6677-8899-aabbccddeeff");
	options->labels = (struct pairs){ &label, 1, true };
	options->event = on_event;
	options->ctx = l;
	l->limit = options->max_argv ? options->max_argv : CAPTURE_DEFAULT_ARGV;
	l->all_events = 0;
	r = capture_open(options, why, &l->capture);
	for (size_t i = 0; r == 0 && i < ARRAY_SIZE(backends); i++)
		if (strcmp(backends[i].backend, capture_backend(l->capture)) == 0)
			l->can = &backends[i];
	if (r == 0)
		known_ask(l);
	return r;
}

int live_reopen(struct live *l, uint64_t max_argv, unsigned int max_active, unsigned int max_in_flight)
{
	struct capture_options options = {
		.max_argv = max_argv, .max_active = max_active, .max_in_flight = max_in_flight,
	};
	_cleanup_(buf) struct buf why = BUF_INIT;
	int r;

	l->capture = capture_free(l->capture);
	r = open_capture(l, (enum backend)backend_of(l->can->backend), &options, &why);
	if (r < 0)
		printf("# attach: %.*s\n", STR_ARG(buf_get(&why)));
	return r;
}

static int list_backends(void)
{
	for (int i = 0; backend_names[i]; i++)
		if (i != BACKEND_AUTO)
			puts(backend_names[i]);
	return 0;
}

static int usage(void)
{
	fprintf(stderr, "usage: live [-m] BACKEND | live -l\n");
	return 2;
}

static int run_all(struct live *l)
{
	char programs[sizeof(l->self)];
	int r;

	snprintf(programs, sizeof(programs), "%s", l->self);
	*strrchr(programs, '/') = '\0';
	r = freopen("/dev/null", "r", stdin) ? scenarios_prepare(programs) : -errno;
	if (r < 0) {
		printf("Bail out! The files cannot be made (%s)\n", strerror(-r));
		scenarios_clean();
		return 1;
	}
	run_scenarios(l, 0);
	crowd_run(l);
	few_run(l);
	run_other_limits(l);
	known_check(l);
	scenarios_clean();
	return l->failed ? 1 : 0;
}

int main(int argc, char **argv)
{
	struct live l = { 0 };
	struct capture_options options = { 0 };
	_cleanup_(buf) struct buf why = BUF_INIT;
	int backend, option, r;

	while ((option = getopt(argc, argv, "+ml")) != -1) {
		if (option == 'l')
			return list_backends();
		if (option != 'm')
			return usage();
		l.own_machine = true;
	}
	backend = optind == argc - 1 ? backend_of(argv[optind]) : -1;
	if (backend < 0)
		return usage();
	if (learn_self(&l, argv) < 0)
		return 2;
	l.epoch_offset_ns = (int64_t)time(NULL) * 1000000000 - live_now();

	r = open_capture(&l, (enum backend)backend, &options, &why);
	if (r == -EPERM || r == -EOPNOTSUPP) {
		printf("1..0 # SKIP %.*s\n", STR_ARG(buf_get(&why)));
		return 0;
	}
	if (r < 0) {
		printf("1..1\nnot ok 1 - attach: %.*s\n", STR_ARG(buf_get(&why)));
		return 1;
	}
	printf("1..%u\n# by %s\n", how_many_run(&l) + CROWD_CHECKS + few_checks(&l) + KNOWN_CHECKS,
	       l.can->backend);
	r = run_all(&l);
	capture_free(l.capture);
	return r;
}
