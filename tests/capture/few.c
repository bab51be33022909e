/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Captures that follow fewer calls than there are. What is hidden by that is counted, and where there is
 * anything to be said of it it is an event: the success of an exec whose entry went unseen, and the call of
 * which nobody knows how it ended.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/capture/live.h"
#include "tests/capture/park.h"

#define PARKED 40
#define FEW 20				/* calls at a time that there is room for */
#define BESIDE 5			/* that succeed meanwhile, and as many that fail */

struct outcomes {
	unsigned int succeeded, failed, unknown;
};

static void count(void *ctx, const struct event *ev)
{
	struct outcomes *o = ctx;

	if (event_return_missed(ev))
		o->unknown++;
	else if (ev->retval.known && ev->retval.value == 0)
		o->succeeded++;
	else
		o->failed++;
}

/* Two calls of one process: the second entry finds that the first has not returned. */
static void fail_and_succeed(void)
{
	char *argv[] = { (char *)"good", (char *)"beside", NULL }, *env[] = { NULL };
	pid_t child = fork();

	if (child == 0) {
		execve("./missing", argv, env);
		execve("./good", argv, env);
		_exit(1);
	}
	waitpid(child, NULL, 0);
}

/* Waits for each of the 40, and for one event for each. */
static void park_and_run(struct live *l, struct outcomes *o, unsigned int n_events)
{
	int parked[2], go[2];
	pid_t children[PARKED];

	*o = (struct outcomes){ 0 };
	l->scenario = NULL;
	l->count = count;
	l->count_ctx = o;
	live_begin(l);
	if (pipe2(parked, O_CLOEXEC) < 0 || pipe2(go, O_CLOEXEC) < 0)
		return;
	if (!park_execs(children, PARKED, parked, go))
		wrong(l, "not all are within their call");
	for (int i = 0; i < BESIDE; i++)
		fail_and_succeed();
	close(go[1]);
	for (int i = 0; i < PARKED; i++)
		waitpid(children[i], NULL, 0);
	live_wait(l, n_events);
	close(go[0]);
	close(parked[0]);
}

static void want(struct live *l, const struct outcomes *o, unsigned int succeeded, unsigned int unknown)
{
	struct capture_counters k = capture_counters(l->capture);

	if (o->succeeded != succeeded || o->unknown != unknown || o->failed != 0)
		wrong(l, "%u succeeded, %u failed, of %u nothing is known; want %u, 0, %u", o->succeeded,
		      o->failed, o->unknown, succeeded, unknown);
	if (k.entries != k.returns + k.in_flight + k.missed + k.lost_start)
		wrong(l, "%" PRIu64 " entries are not %" PRIu64 " returns, %" PRIu64 " in flight, %" PRIu64
		      " missed, %" PRIu64 " without room", k.entries, k.returns, k.in_flight, k.missed,
		      k.lost_start);
	if (capture_lost(&k) == 0)
		wrong(l, "nothing is said to be lost");
}

/* Return probes for half of the calls: while those are parked no other return is seen. */
static void run_few_returns(struct live *l)
{
	struct capture_counters k;
	struct outcomes o;

	if (live_reopen(l, 0, FEW, 0) < 0)
		return;
	park_and_run(l, &o, PARKED + 2 * BESIDE);
	want(l, &o, PARKED + BESIDE, BESIDE);
	capture_tick(l->capture, live_now());
	k = capture_counters(l->capture);
	/* A success is not hidden by its return. */
	if (k.missed < BESIDE || k.kernel_missed_returns < PARKED - FEW + 2 * BESIDE)
		wrong(l, "%" PRIu64 " returns missed, %" PRIu64 " says the kernel", k.missed,
		      k.kernel_missed_returns);
	live_verdict(l, "returns that too few probes miss are counted, and their calls are events");
}

/* Room for half of the calls: of the others the successes have a witness. */
static void run_few_entries(struct live *l)
{
	struct capture_counters k;
	struct outcomes o;

	if (live_reopen(l, 0, 0, FEW) < 0)
		return;
	park_and_run(l, &o, PARKED + BESIDE);
	want(l, &o, PARKED + BESIDE, 0);
	k = capture_counters(l->capture);
	if (l->own_machine ? k.lost_start != PARKED - FEW + 2 * BESIDE :
			     k.lost_start < PARKED - FEW + 2 * BESIDE)
		wrong(l, "%" PRIu64 " entries without room", k.lost_start);
	live_verdict(l, "entries without room are counted, and successes are events all the same");
}

static bool has_probes(const struct live *l)
{
	return strcmp(l->can->backend, "kprobe") == 0;
}

unsigned int few_checks(const struct live *l)
{
	return l->can->failures + has_probes(l);
}

void few_run(struct live *l)
{
	if (has_probes(l))
		run_few_returns(l);
	if (l->can->failures)
		run_few_entries(l);
	live_reopen(l, 0, 0, 0);
}
