/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The matcher held against the plain matcher, rule by rule.
 *
 * A yes against a no is a difference, and so is another exception. What neither can decide for want of a part
 * of argv is the same for both where no regex is asked. A regex may be decided by one and not by the other:
 * how many steps it takes, and what can be told of a text that goes on, depends on how it is looked for. So
 * that is counted only, but an answer of the matcher that plain has not must be right for the whole argv.
 */
#ifndef TESTS_MATCHER_AGREE_H
#define TESTS_MATCHER_AGREE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "engine/matcher.h"
#include "engine/plain.h"

struct counts {
	uint64_t pairs;			/* of a rule and an event */
	uint64_t held;
	uint64_t excepted;		/* held, with an exception that applies or has expired */
	uint64_t undecided;		/* by both */
	uint64_t matcher_alone;		/* decided, or with an exception, by one of them alone */
	uint64_t plain_alone;
	uint64_t differences;
};

struct engines {
	const struct ruleset *rules;
	struct matcher *matcher;
	struct match_scratch *scratch;
	struct plain *plain;
	struct regex_scratch *regex;
	size_t n_on;			/* rules that are not off */
	struct counts counts;
};

/* What the two say of one rule; NULL: that it does not hold. */
struct difference {
	const struct rule *rule;
	const struct match *matcher, *plain;
	const char *what;		/* static */
};

typedef void (*difference_fn)(void *ctx, const struct event *ev, const struct difference *d);

/* Borrows @rules. 0 or -ENOMEM, when nothing is to be released. */
int engines_new(const struct ruleset *rules, struct engines *ret);
void engines_done(struct engines *e);

/*
 * Runs both on @ev and calls @differ for each difference. @whole: @ev without anything hidden; NULL: not
 * known. The number of differences.
 */
size_t engines_compare(struct engines *e, const struct event *ev, const struct event *whole,
		       difference_fn differ, void *ctx);

/* Adds @more to @sum. */
void counts_add(struct counts *sum, const struct counts *more);
/* "2,000 pairs, 100 held, ..." */
void counts_write(const struct counts *c, struct buf *b);

/* In a few lines: the rule, and what each says of it. */
void difference_write(const struct difference *d, struct buf *b);

#endif
