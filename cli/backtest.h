/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A backtest: what rules would have done with recorded execs, and what other rules would have done with the
 * same. One pass, in memory that depends on the rules and not on the recording.
 */
#ifndef CLI_BACKTEST_H
#define CLI_BACKTEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "cli/noise.h"
#include "cli/records.h"
#include "cli/survey.h"
#include "engine/engine.h"
#include "parser/rule.h"

/* So many alerts of each rule are kept to show, of the new and of the gone ones. */
#define BACKTEST_EXAMPLES 3

/* How an alert of the rules stands to those of the other ones. */
enum difference { DIFF_NEW, DIFF_GONE, DIFF_CHANGED, N_DIFFERENCES };

/* An alert as it is told. */
struct told_alert {
	int64_t time_ns;
	struct str host, summary;	/* the summary may be cut */
};

/* A rule: of the rules, of the other ones, or of both. */
struct backtest_rule {
	const struct rule *rule, *old;	/* NULL: it is not among those */
	size_t index, old_index;	/* in their rulesets */
	uint64_t n_undecided;		/* alerts of the rule where it could not be decided */
	uint64_t n[N_DIFFERENCES];	/* alerts */
	struct told_alert example[2][BACKTEST_EXAMPLES];	/* the first of DIFF_NEW and of DIFF_GONE */
};

struct backtest_side {
	const struct ruleset *rules;
	struct engine *engine;
	size_t *row;			/* by rule: its place in backtest.rules */
	/* The alerts of the record at hand, in the order of their rules. */
	struct raised {
		size_t row;
		enum severity severity;
		int64_t time_ns;
		size_t host, summary, end;	/* in text */
	} *raised;
	size_t n_raised;
	struct buf text;
	struct backtest *test;
};

struct backtest {
	struct backtest_side side[2];	/* the rules; the other ones, if side[1].rules */
	struct backtest_rule *rules;	/* all, by id */
	size_t n_rules;
	struct survey survey;
	struct noise *noise;		/* by rule of side[0] */
	struct arena arena;
	/* Called with each alert that is in one of the two only; may be NULL. */
	void (*show)(void *ctx, enum difference d, const struct rule *rule, const struct told_alert *alert);
	void *ctx;
	int error;			/* -errno: not everything was counted */
};

/* Borrows the rulesets; @old may be NULL. 0 or -ENOMEM; to be released in any case. */
int backtest_init(struct backtest *t, const struct ruleset *rules, const struct ruleset *old);
void backtest_done(struct backtest *t);

/* Reads all records. */
void backtest_run(struct backtest *t, struct records *records);

/* All alerts of one kind of difference. */
uint64_t backtest_differences(const struct backtest *t, enum difference d);

static inline void backtest_cleanup(struct backtest *t)
{
	backtest_done(t);
}

#endif
