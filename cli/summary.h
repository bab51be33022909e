/* SPDX-License-Identifier: Apache-2.0 */
/* What a backtest found, as a table for people or as one JSON object. */
#ifndef CLI_SUMMARY_H
#define CLI_SUMMARY_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "cli/backtest.h"

struct summary {
	const struct backtest *test;
	struct str rules, old;		/* where they are from, and by which option */
	size_t n_files;			/* of records, that could be opened */
	uint64_t n_bad;			/* lines that are no record */
	int64_t elapsed_ns;		/* of reading and matching; above 0 */
};

/* Errors stick to @b. */
void summary_write_text(const struct summary *s, struct buf *b);
void summary_write_json(const struct summary *s, struct buf *b);

/* One alert that is in one of the two only, as a line of either form. */
void summary_write_alert_text(enum difference d, const struct rule *rule, const struct told_alert *alert,
			      struct buf *b);
void summary_write_alert_json(enum difference d, const struct rule *rule, const struct told_alert *alert,
			      struct buf *b);

/* What both forms tell of a rule, or of several together. */
struct figures {
	struct rule_counters counters;	/* its alerts are all, also those of undecided matches */
	uint64_t messages;		/* alerts and summaries: what somebody would have been sent */
	uint64_t old_summaries;		/* by the old rules */
	uint64_t n[N_DIFFERENCES];
	double cost_ns;			/* of one exec, see costs.h */
};
struct figures figures_of(const struct backtest *t, const struct backtest_rule *rule);
void figures_add(struct figures *to, const struct figures *f);

/* A rate by day is told of a recording that is not much shorter than one. */
#define SUMMARY_MIN_SPAN_NS (3600 * INT64_C(1000000000))

/* The rules that make most alerts, most first: at most @max, returns how many. */
size_t summary_noisiest(const struct backtest *t, const struct backtest_rule **ret, size_t max);

/* What the alerts of a rule have in common, as noise_top() has it; not that one host is the only one. */
size_t summary_noise(const struct backtest *t, const struct backtest_rule *rule, struct noise_value *ret,
		     size_t max);

/* "new", "gone", "changed". */
extern const char *const difference_names[N_DIFFERENCES];

#endif
