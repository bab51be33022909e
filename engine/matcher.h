/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The matcher: which rules hold for an event. No rule hides another, and the answer is that of plain.h;
 * only the rules that an event gives a reason to are looked at.
 *
 * A matcher is immutable once built and may be used by any number of threads without locks; what a match
 * writes is in a scratch, one per thread. Matching allocates nothing and is bounded for every input.
 */
#ifndef ENGINE_MATCHER_H
#define ENGINE_MATCHER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "base/truth.h"
#include "event/event.h"
#include "parser/rule.h"

struct matcher;
struct match_scratch;

/* A rule that holds, or whose outcome is undecided. */
struct match {
	const struct rule *rule;
	enum truth outcome;		/* YES or UNDECIDED */
	const struct exception *exception;	/* the first that applies; NULL: none */
	const struct exception *expired;	/* the first that would, had its day not passed; NULL: none */
};

/* Borrows @rules, which must outlive the matcher. Rules with mode off are left out. 0 or -ENOMEM. */
int matcher_new(const struct ruleset *rules, struct matcher **ret);
struct matcher *matcher_free(struct matcher *m);

int match_scratch_new(const struct matcher *m, struct match_scratch **ret);
struct match_scratch *match_scratch_free(struct match_scratch *s);

/* The matches of @ev in the order of rule ids, in *ret: the scratch's, valid until its next use. Exceptions
 * go by the event's own time; an event without one is within every `until`. */
size_t matcher_run(const struct matcher *m, const struct event *ev, struct match_scratch *s,
		   const struct match **ret);

/* Reads a clock, in nanoseconds since any time. */
typedef int64_t (*clock_fn)(void);

/* What a rule has cost so far. */
struct rule_cost {
	uint64_t candidates;		/* execs that gave a reason to evaluate it */
	uint64_t regex_runs;		/* searches by PCRE2 */
	uint64_t timed;			/* evaluations that were timed */
	int64_t ns;			/* and how long these took together */
};

/*
 * From now on runs with @s are counted in @costs, by index into the ruleset's rules; borrowed, the caller's
 * to read between runs. Of every @every-th run the evaluations are timed with @clock; 0: never.
 */
void match_scratch_count(struct match_scratch *s, struct rule_cost *costs, clock_fn clock,
			 unsigned int every);

/* Is there nothing that an exec would have to hold for @rule, so that each is a reason to evaluate it? */
bool matcher_asks_always(const struct matcher *m, const struct rule *rule);

/* The vector instructions that scanning uses: "sse2", "neon" or "none". */
const char *matcher_simd(void);

DEFINE_CLEANUP(struct matcher *, matcher_free)
DEFINE_CLEANUP(struct match_scratch *, match_scratch_free)

#endif
