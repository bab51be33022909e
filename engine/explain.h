/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Why a rule matches an exec or does not: every condition with its outcome, the values that it saw, and the
 * fewest changes that would turn the whole.
 *
 * For authors, not for the event path: it allocates, from the caller's arena, and looks at everything, where
 * the matcher stops as soon as it knows. It says the same as matcher_run() all the same. What it takes to
 * compare values with lists for the sake of a proposal is bounded by steps, so that neither a large argv nor
 * a large list makes it slow.
 */
#ifndef ENGINE_EXPLAIN_H
#define ENGINE_EXPLAIN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/regex.h"
#include "base/truth.h"
#include "engine/operators.h"
#include "event/event.h"
#include "parser/rule.h"

/* No number of changes turns this. */
#define EXPLAIN_NEVER SIZE_MAX
/* Values that a node keeps. */
#define EXPLAIN_VALUES 4
/* Changes that are put into words. */
#define EXPLAIN_CHANGES 5

/* A condition, or one of several tests in the map of a field. */
struct explain_node {
	const struct cond *cond;
	const struct test *test;	/* NULL: the whole condition */
	enum truth outcome;
	bool looked_at;			/* the matcher, which goes in the author's order, comes so far */
	/* Fewest tests that have to turn out otherwise for it to hold, and for it not to; 0: it does. */
	size_t to_hold, to_fail;
	const struct explain_node *children;
	size_t n_children;
	/* Of a field; the first is the one that the outcome rests on. Borrowed from the event. */
	struct value values[EXPLAIN_VALUES];
	enum text_state state;		/* of the first */
	size_t n_values;		/* that are known, those that are kept among them */
	bool hidden;			/* there may be values that could not be seen */
	bool is_entry;			/* of `all`: another value beside it would be one more to be there */
};

/* One of the changes by which the rule would match. */
struct explain_change {
	const struct explain_node *node;	/* a leaf */
	const struct test *test;	/* of its tests the one that is in the way */
	bool hold;			/* it has to hold, and does not; else the other way round */
	/* The value and the operand that are nearest to what is wanted; NULL, or test->n: none is. */
	const struct value *value;
	size_t operand;
	int closeness;			/* how near they are, 0 to 1000; for the order */
	struct loc at;			/* where to change it */
	bool sure;			/* false: it has been tried, and other conditions or values undo it */
	/* In words, escaped: "adding `x` to list `l` (web.yaml:6:3)", "closest is `y`"; the latter may be
	 * empty. */
	struct str what, why;
};

struct explain_exception {
	const struct exception *exception;
	const struct explain_node *match;
	bool expired;			/* by the event's time */
};

enum explain_verdict {
	EXPLAIN_OFF,			/* mode off: the matcher does not have it */
	EXPLAIN_NOT_ADDRESSED,		/* the exec failed, and the rule does not ask for the outcome */
	EXPLAIN_NO_MATCH,
	EXPLAIN_UNDECIDED,
	EXPLAIN_EXCEPTED,
	EXPLAIN_MATCH,
	N_EXPLAIN_VERDICTS
};

struct explanation {
	const struct rule *rule;
	const struct event *event;
	enum explain_verdict verdict;
	const struct explain_node *match;
	const struct explain_exception *exceptions;	/* as many as the rule has */
	/* As matcher_run() has them, were the rule to match. */
	const struct explain_exception *excepted_by, *expired;
	/*
	 * The fewest tests to change for `match` to hold: 0 where it does, EXPLAIN_NEVER. Where it is one,
	 * the changes are alternatives, the nearest first; else they are all needed, and only the first are
	 * there.
	 */
	size_t n_needed;
	struct explain_change changes[EXPLAIN_CHANGES];
	size_t n_changes;
};

/* All is @a's, and borrows @rule, whose regexes it makes ready, and @ev. 0 or -ENOMEM. */
int explain(const struct rule *rule, const struct event *ev, struct regex_scratch *scratch, struct arena *a,
	    struct explanation *ret);

/* "MATCH", "NO MATCH"; "✗", "✓", "?" by outcome. */
extern const char *const explain_verdicts[N_EXPLAIN_VERDICTS];
extern const char *const explain_marks[3];

/* What follows appends to @b, escaped for terminals and in a bounded length. */

/* The condition as the author would read it aloud: "comm in [sh, bash, ... 3 more]", "any", "macro web". */
void explain_write_condition(const struct explain_node *n, struct buf *b);
/* The values that it saw: "nginx, systemd", "not known"; nothing for what is no field. */
void explain_write_values(const struct explain_node *n, const struct event *ev, struct buf *b);
/* What has to be said of the rule as a whole, a sentence a line, none where the conditions say it all: that
 * it does not speak of failures, is off, what one event cannot tell of a threshold. */
void explain_write_remarks(const struct explanation *x, struct buf *b);
/* "1 condition; adding ... would match", a line for each change. Nothing where the conditions hold. */
void explain_write_nearest(const struct explanation *x, struct buf *b);

/* The lines of @text, each behind an indent. */
void explain_write_indented(const char *first, const char *others, struct str text, struct buf *b);

/*
 * The whole in few lines, for a test that failed: the verdict, the conditions that it hangs on, the nearest
 * change. Each line begins with @indent. 0 or -ENOMEM.
 */
int explain_trace(const struct rule *rule, const struct event *ev, const char *indent, struct buf *b);

#endif
