/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The state of a live test, and its parts: scenarios one by one (live.c), what their events must say
 * (expect.c), many execs at once (crowd.c), too little room for them (few.c), and which fields were ever
 * known (known.c).
 */
#ifndef TESTS_CAPTURE_LIVE_H
#define TESTS_CAPTURE_LIVE_H

#include "bpf/capture.h"
#include "event/field.h"
#include "tests/capture/scenarios.h"

#define MAX_CALLS 8			/* events of one scenario */

enum since { NEVER, FROM_6_10, ALWAYS };

/* What a backend can tell. */
struct abilities {
	const char *backend;
	bool failures;			/* else only successes */
	bool calls;			/* which call it was, of which ABI, by whom, and how long it took */
	bool calls_of_32;		/* ... also where a 32-bit program makes or gets it */
	bool stages;
	enum since given;		/* what a script's call handed over */
};

struct live {
	const struct abilities *can;
	bool new_kernel;		/* 6.10 or later */
	bool own_machine;
	int64_t host_ns;		/* inode number of the host's mount namespace; -1: hidden from us */

	struct capture *capture;
	uint64_t limit;			/* of argv */
	uint64_t all_events;		/* of this capture, also those of others */

	/* The scenario that runs, as its events are checked; NULL: they are counted. */
	const struct scenario *scenario;
	size_t n_calls;
	bool seen[MAX_CALLS];
	struct truth *truth;		/* shared with the child */
	pid_t child;
	int64_t before_ns, epoch_offset_ns, ticked_ns;

	/* For crowds: each event of a descendant of this test is told to it. */
	void (*count)(void *ctx, const struct event *ev);
	void *count_ctx;

	unsigned int events, wrong, numbered, failed;
	/* By field_table: what the capture says of a field, and what the events of this test said. */
	struct {
		enum fill fill;
		struct value only;
		const char *why;
		bool known, was_unknown, differs;
	} field[FIELDS_MAX];

	char self[4096], root[4096];	/* of this test; root: where it is in a chroot */
	char grandparent_exe[4096];
	char cmdline[4096];		/* its words, with one space between two */
	char start_ticks[32];
};

/* The event of the scenario that runs, against what it must say. */
void expect_event(struct live *l, const struct event *ev);
/* How many events of the scenario this backend can have seen. */
unsigned int expect_how_many(const struct live *l);

__attribute__((format(printf, 2, 3))) void wrong(struct live *l, const char *fmt, ...);
/* The TAP line of what has been checked since live_begin(). */
void live_begin(struct live *l);
void live_verdict(struct live *l, const char *name);
/* Consumes until @n events came, and then what may be there besides. */
void live_wait(struct live *l, unsigned int n);
void live_print_losses(const struct live *l);
int64_t live_now(void);
/* Another capture instead of the present one, with other limits; 0: the usual ones. 0 or -errno, which is
 * said. */
int live_reopen(struct live *l, uint64_t max_argv, unsigned int max_active, unsigned int max_in_flight);

/* --- crowd.c --- */
#define CROWD_CHECKS 6
void crowd_run(struct live *l);

/* --- few.c --- */
unsigned int few_checks(const struct live *l);
void few_run(struct live *l);

/* --- known.c --- */
#define KNOWN_CHECKS 1
/* Asks the open capture. */
void known_ask(struct live *l);
void known_note(struct live *l, const struct event *ev);
void known_check(struct live *l);

#endif
