/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A trial: one test of a rule, run by the engine itself in virtual time.
 *
 * The rule is an argument and need not be the one that the test belongs to: a mutant of it has to fail some
 * test. Whatever its mode, it is tried as one that alerts.
 */
#ifndef ENGINE_TRIAL_H
#define ENGINE_TRIAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "engine/engine.h"
#include "parser/rule.h"

/* Of a test whose records say nothing of time: 2000-01-01T00:00:00Z, since the epoch. */
#define TRIAL_ZERO_NS (INT64_C(946684800) * 1000000000)

/* A test made ready: its execs in the order of their times. */
struct trial;

/* Borrows @test, which must have been loaded without an error, until trial_free(). 0 or -ENOMEM. */
int trial_new(const struct rule_test *test, struct trial **ret);
struct trial *trial_free(struct trial *t);

/* What became of the test's execs. */
struct trial_result {
	size_t execs;
	size_t alerts, summaries;	/* raised by the rule */
	struct rule_counters counters;	/* peak_ns is from the zero of the test */
	size_t exception_uses;		/* of the one that the test names */
	/* Ordinals of the first exec that did not match (excepted ones among them), that was undecided, and
	 * with which the first alert came; as many as there are execs: none. */
	size_t first_silent, first_undecided, first_alert;
	/* Of the first alert, where there is one. The texts are the trial's, until its next run. */
	struct num at_ns;		/* from the zero of the test */
	struct str summary;
	const struct strs *route;
	/* By what it is told apart: the key of an alert or a summary of it, the threshold's fields before
	 * those that only the throttle has. Names are the rule's; an unknown value is unknown. */
	const struct pair *key;
	size_t n_key;
};

/* Runs @rule over the execs, by the matcher or (@plain) without one: for a mutant it is not worth building.
 * 0 with *ret, or -ENOMEM. */
int trial_run(struct trial *t, const struct rule *rule, bool plain, struct trial_result *ret);

/* What a result lacks to be the expected one, as bits; 0: the test passes. */
enum trial_miss {
	MISS_ALERTS = 1 << 0,		/* their number, or that there are any or none */
	MISS_SUMMARIES = 1 << 1,
	MISS_AT = 1 << 2,
	MISS_KEY = 1 << 3,
	MISS_SUMMARY = 1 << 4,
	MISS_ROUTE = 1 << 5,
	MISS_EXCEPTED = 1 << 6,
	MISS_UNDECIDED = 1 << 7,	/* an exec that was to raise nothing could not be decided */
};

unsigned int trial_misses(const struct expect *want, const struct trial_result *got);

size_t trial_execs(const struct trial *t);
/* The exec @ordinal (below trial_execs(), in the order of times) with its time. Borrowed until the next call
 * on @t. 0 or -ENOMEM. */
int trial_event(struct trial *t, size_t ordinal, const struct event **ret);

DEFINE_CLEANUP(struct trial *, trial_free)

#endif
