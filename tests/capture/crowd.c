/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Many execs at once: some that stay within their call, more than the consumer takes, more than the rings
 * hold. Nothing here depends on how fast anything is: what is counted must come out even.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/capture/live.h"
#include "tests/capture/park.h"

#define PARKED 40
#define KILLED 20			/* of those */
#define BESIDE 5			/* that succeed meanwhile, and as many that fail */
#define MANY 20000			/* a tenth of it where an exec takes long */
#define SPAWNERS 2
#define PATIENCE_S 30
#define OVERFLOW_LOST 50
#define OVERFLOW_LIMIT 20000
#define FLOOD 32
#define FLOOD_WORDS 15
#define FLOOD_WORD 127000

struct crowd {
	struct live *live;
	unsigned int succeeded, missing, faulted, overdue, others, incomplete;
	size_t small_words;		/* of the small ones; what is not complete of them is counted */
	size_t large_words;		/* of the large ones; those that are not cut are counted */
	unsigned int whole;
};

static void count(void *ctx, const struct event *ev)
{
	struct crowd *c = ctx;

	if (event_return_missed(ev))
		c->overdue++;
	else if (ev->retval.value == 0)
		c->succeeded++;
	else if (ev->retval.value == -ENOENT)
		c->missing++;
	else if (ev->retval.value == -EFAULT)
		c->faulted++;
	else
		c->others++;
	if (c->small_words && ev->argc.value == (int64_t)c->small_words &&
	    (event_argv_state(ev) != ARGV_COMPLETE || ev->argv.n != c->small_words))
		c->incomplete++;
	c->whole += c->large_words && ev->argv.n == c->large_words &&
		    event_argv_state(ev) == ARGV_COMPLETE;
}

static void begin(struct live *l, struct crowd *c)
{
	*c = (struct crowd){ .live = l };
	l->scenario = NULL;
	l->count = count;
	l->count_ctx = c;
	live_begin(l);
}

static void want(struct crowd *c, unsigned int succeeded, unsigned int missing, unsigned int faulted)
{
	struct live *l = c->live;

	if (c->succeeded != succeeded)
		wrong(l, "%u successes, want %u", c->succeeded, succeeded);
	if (c->missing != (l->can->failures ? missing : 0))
		wrong(l, "%u of missing files, want %u", c->missing, missing);
	if (c->faulted != (l->can->failures ? faulted : 0))
		wrong(l, "%u that were killed, want %u", c->faulted, faulted);
	if (c->others)
		wrong(l, "%u others", c->others);
	c->succeeded = c->missing = c->faulted = 0;
	l->events = 0;
}

static void spawn(const char *path, char *const argv[], char *const env[])
{
	pid_t child;

	if (posix_spawn(&child, path, NULL, NULL, argv, env) == 0)
		waitpid(child, NULL, 0);
}

/* --- Execs that stay within their call ---------------------------------------------------------------- */

static void run_parked(struct live *l)
{
	char *argv[] = { (char *)"good", (char *)"beside", NULL }, *env[] = { NULL };
	bool failures = l->can->failures;
	int parked[2], go[2];
	pid_t children[PARKED];
	struct crowd c;

	begin(l, &c);
	if (pipe2(parked, O_CLOEXEC) < 0 || pipe2(go, O_CLOEXEC) < 0)
		return;
	if (!park_execs(children, PARKED, parked, go))
		wrong(l, "not all are within their call");
	for (int i = 0; i < BESIDE; i++) {
		spawn("./good", argv, env);
		spawn("./missing", argv, env);
	}
	live_wait(l, failures ? 2 * BESIDE : BESIDE);
	want(&c, BESIDE, BESIDE, 0);
	for (int i = 0; i < KILLED; i++)
		kill(children[i], SIGKILL);
	for (int i = 0; i < KILLED; i++)
		waitpid(children[i], NULL, 0);
	live_wait(l, failures ? KILLED : 0);
	want(&c, 0, 0, KILLED);
	close(go[1]);
	for (int i = KILLED; i < PARKED; i++)
		waitpid(children[i], NULL, 0);
	live_wait(l, PARKED - KILLED);
	want(&c, PARKED - KILLED, 0, 0);
	close(go[0]);
	close(parked[0]);
	live_verdict(l, "40 execs within their call hide none of 10 beside them, nor themselves");
}

/*
 * A call that takes too long is reported while it runs, and once more when it ends. That it took so long is
 * said by the clock that the capture is given. Nothing else may be expected of this capture afterwards.
 */
static void run_overdue(struct live *l)
{
	bool failures = l->can->failures;
	int parked[2], go[2];
	struct crowd c;
	pid_t child;

	begin(l, &c);
	if (pipe2(parked, O_CLOEXEC) < 0 || pipe2(go, O_CLOEXEC) < 0)
		return;
	if (!park_execs(&child, 1, parked, go))
		wrong(l, "it is not within its call");
	capture_tick(l->capture, live_now() + 2 * CAPTURE_RETURN_TIMEOUT_NS);
	if (c.overdue != failures)
		wrong(l, "%u events of a call that runs, want %u", c.overdue, failures);
	close(go[1]);
	waitpid(child, NULL, 0);
	live_wait(l, failures ? 2 : 1);
	want(&c, 1, 0, 0);
	close(go[0]);
	close(parked[0]);
	live_verdict(l, "a call that takes too long is reported while it runs, and when it ends");
}

/* --- As fast as the machine can ----------------------------------------------------------------------- */

/* Half of them fail. */
static pid_t spawn_many(unsigned int n)
{
	char *argv[] = { (char *)"good", (char *)"one of many", NULL }, *env[] = { NULL };
	pid_t child = fork();

	if (child != 0)
		return child;
	for (unsigned int i = 0; i < n; i++)
		spawn(i % 2 ? "./missing" : "./good", argv, env);
	_exit(0);
}

static void run_many(struct live *l)
{
	bool full = !l->own_machine && l->can->failures;
	unsigned int n = full ? MANY : MANY / 10;
	pid_t spawners[SPAWNERS];
	char name[64];
	struct crowd c;

	begin(l, &c);
	for (unsigned int i = 0; i < SPAWNERS; i++)
		spawners[i] = spawn_many(n / SPAWNERS);
	live_wait(l, l->can->failures ? n : n / 2);
	want(&c, n / 2, n / 2, 0);
	for (unsigned int i = 0; i < SPAWNERS; i++)
		waitpid(spawners[i], NULL, 0);
	snprintf(name, sizeof(name), "%u execs are %s events", n,
		 l->can->failures ? "as many" : "half as many");
	live_verdict(l, name);
}

/* --- Counters ----------------------------------------------------------------------------------------- */

/* How many records there must be between two moments, delivered or lost. */
static uint64_t seen(const struct live *l, const struct capture_counters *from,
		     const struct capture_counters *to)
{
	if (!l->can->failures)
		return to->execs - from->execs;
	return to->returns + to->missed + to->from_kernel -
	       (from->returns + from->missed + from->from_kernel);
}

static bool is_even(const struct live *l, const struct capture_counters *from,
		    const struct capture_counters *k)
{
	uint64_t delivered = k->delivered - from->delivered, lost = k->lost_ring - from->lost_ring;

	return k->entries == k->returns + k->in_flight + k->missed + k->lost_start &&
	       delivered + lost == seen(l, from, k);
}

/* Others may be within a call at any time, while the counters are read; what is really missing stays so. */
static struct capture_counters come_out_even(struct live *l, const struct capture_counters *from)
{
	time_t end = time(NULL) + PATIENCE_S;
	struct capture_counters k;

	do {
		struct timespec pause = { .tv_nsec = 10000000 };

		while (capture_consume(l->capture) > 0)
			;
		k = capture_counters(l->capture);
		if (is_even(l, from, &k))
			return k;
		nanosleep(&pause, NULL);
	} while (time(NULL) < end);
	wrong(l, "what entered, returned and was delivered does not come out even:");
	printf("# %" PRIu64 " entries, %" PRIu64 " returns, %" PRIu64 " in flight, %" PRIu64
	       " missed, %" PRIu64 " without room; %" PRIu64 " delivered, %" PRIu64 " lost, want %" PRIu64
	       "\n",
	       k.entries, k.returns, k.in_flight, k.missed, k.lost_start, k.delivered - from->delivered,
	       k.lost_ring - from->lost_ring, seen(l, from, &k));
	return k;
}

/* Since before many execs. */
static void check_counters(struct live *l, const struct capture_counters *before)
{
	uint64_t least = MANY / 10 / (l->can->failures ? 1 : 2), partial = l->can->failures ? 2 : 0;
	struct capture_counters k;

	live_begin(l);
	k = come_out_even(l, before);
	if (capture_lost(&k)) {
		wrong(l, "%" PRIu64 " losses", capture_lost(&k));
		live_print_losses(l);
	}
	if (k.execs - before->execs < MANY / 20 || seen(l, before, &k) < least)
		wrong(l, "%" PRIu64 " execs, %" PRIu64 " seen", k.execs - before->execs,
		      seen(l, before, &k));
	/* Others may have made more. */
	if (k.argv_partial < partial)
		wrong(l, "%" PRIu64 " partial", k.argv_partial);
	live_verdict(l, "the counters come out even, and nothing is lost");
}

/* --- More than the rings hold ------------------------------------------------------------------------- */

static const char *const wide_names[] = {
	"LD_LIBRARY_PATH", "LD_AUDIT", "GLIBC_TUNABLES", "BASH_ENV", "ENV", "PROMPT_COMMAND", "HISTFILE",
	"HISTSIZE", "PYTHONPATH", "PERL5OPT", "NODE_OPTIONS", "SSH_CONNECTION", "SUDO_USER",
};

/* Reported variables as long as they may be, so that a record is large. */
static void make_wide(char **env, char (*text)[1024])
{
	for (size_t i = 0; i < ARRAY_SIZE(wide_names); i++) {
		size_t n = (size_t)snprintf(text[i], sizeof(text[i]), "%s=", wide_names[i]);

		memset(text[i] + n, 'e', sizeof(text[i]) - 1 - n);
		text[i][sizeof(text[i]) - 1] = '\0';
		env[i] = text[i];
	}
}

static void drain(struct live *l)
{
	while (capture_consume(l->capture) > 0)
		;
}

/* Nobody consumes until records were lost. */
static unsigned int overflow(struct live *l, const struct capture_counters *before)
{
	char text[ARRAY_SIZE(wide_names)][1024], *env[ARRAY_SIZE(wide_names) + 1] = { NULL };
	char word[4000], *argv[] = { (char *)"good", word, NULL };
	unsigned int n = 0;

	memset(word, 'w', sizeof(word) - 1);
	word[sizeof(word) - 1] = '\0';
	make_wide(env, text);
	while (capture_counters(l->capture).lost_ring - before->lost_ring < OVERFLOW_LOST &&
	       n < OVERFLOW_LIMIT) {
		spawn("./good", argv, env);
		n++;
	}
	return n;
}

static void run_overflow(struct live *l)
{
	struct capture_counters before, after;
	uint64_t lost, all;
	unsigned int n;
	struct crowd c;

	drain(l);
	begin(l, &c);
	before = capture_counters(l->capture);
	n = overflow(l, &before);
	after = come_out_even(l, &before);
	lost = after.lost_ring - before.lost_ring;
	all = seen(l, &before, &after);

	printf("# %u execs, %u of them delivered, %" PRIu64 " lost, of %" PRIu64 " in all\n", n,
	       c.succeeded, lost, all);
	if (lost < OVERFLOW_LOST)
		wrong(l, "only %" PRIu64 " were lost", lost);
	/* Another's exec may be among those that were lost. */
	if (l->own_machine ? c.succeeded + lost != n : c.succeeded + lost < n)
		wrong(l, "%u delivered and %" PRIu64 " lost are not %u", c.succeeded, lost, n);
	live_verdict(l, "what a full ring loses is counted exactly");
}

/* Large words take the room of other large ones, never that of records. */
static void run_flood(struct live *l)
{
	char *large[FLOOD_WORDS + 2] = { (char *)"good" }, *env[] = { NULL };
	char *small[] = { (char *)"good", (char *)"among", (char *)"giants", NULL };
	struct capture_counters before, after;
	struct crowd c;

	for (size_t i = 1; i <= FLOOD_WORDS; i++) {
		large[i] = malloc(FLOOD_WORD + 1);
		if (!large[i])
			abort();
		memset(large[i], 'f', FLOOD_WORD);
		large[i][FLOOD_WORD] = '\0';
	}
	drain(l);
	begin(l, &c);
	c.small_words = ARRAY_SIZE(small) - 1;
	c.large_words = FLOOD_WORDS + 1;
	before = capture_counters(l->capture);
	for (int i = 0; i < FLOOD; i++) {
		spawn("./good", large, env);
		spawn("./missing", small, env);
		spawn("./good", small, env);
	}
	live_wait(l, l->can->failures ? 3 * FLOOD : 2 * FLOOD);
	want(&c, 2 * FLOOD, FLOOD, 0);
	after = capture_counters(l->capture);
	if (after.lost_ring != before.lost_ring)
		wrong(l, "%" PRIu64 " records were lost", after.lost_ring - before.lost_ring);
	if (c.incomplete)
		wrong(l, "%u small ones are incomplete", c.incomplete);
	/* Another's may be among those that were lost. */
	if (c.whole > FLOOD || c.whole + (after.lost_argv - before.lost_argv) < FLOOD)
		wrong(l, "%u large ones are whole, %" PRIu64 " cut, of %d", c.whole,
		      after.lost_argv - before.lost_argv, FLOOD);
	for (size_t i = 1; i <= FLOOD_WORDS; i++)
		free(large[i]);
	live_verdict(l, "a flood of megabytes loses no record and no small argv, and counts what it cuts");
}

void crowd_run(struct live *l)
{
	struct capture_counters before;

	run_parked(l);
	drain(l);
	before = capture_counters(l->capture);
	run_many(l);
	check_counters(l, &before);
	run_overflow(l);
	run_flood(l);
	run_overdue(l);
}
