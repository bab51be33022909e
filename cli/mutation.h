/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The mutation check of `test`: which parts of a rule could go, or move by one, without any of its tests
 * noticing.
 *
 * A mutant that several rules have, since it is of a macro or a list that they use or of the defaults of
 * their file, is one: the tests of any of them may notice it.
 */
#ifndef CLI_MUTATION_H
#define CLI_MUTATION_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/str.h"
#include "cli/test_report.h"
#include "engine/mutant.h"
#include "parser/rule.h"

/* A mutant that no test noticed. */
struct survivor {
	const struct rule *rule;	/* the first of those that have it */
	const struct mutant *mutant;
	const struct kept_mutant *kept;	/* why it may survive; NULL: nobody says */
};

/* A reason that is given for nothing. */
struct stale_keep {
	const struct rule *rule;
	const struct kept_mutant *kept;
	bool noticed;			/* the tests notice the mutant; else the rule has none of that path */
	struct str nearest;		/* path that it has; may be unknown */
};

struct mutation {
	size_t n_mutants;
	size_t n_survived, n_kept;	/* without a reason, and with one */
	/* By rule, then as the author wrote them. */
	const struct survivor *survivors;
	size_t n_survivors;		/* both sorts */
	const struct stale_keep *stale;
	size_t n_stale;
	size_t n_unchecked;		/* rules some test of which failed */
	/* Rules of which not all mutants were tried, and how many were not. */
	size_t n_cut, n_left;
};

/* The rules that have tests, all passed, are checked; all that is handed out is @a's. 0 or -ENOMEM. */
int mutation_check(const struct rule_outcome *rules, size_t n, struct arena *a, struct mutation *ret);

#endif
