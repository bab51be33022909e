/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What each rule costs, as `bench`, `status` and summaries tell it.
 *
 * What rules have in common is evaluated once for an exec, and counts for the rule that is first to ask; what
 * finding the candidates takes is nobody's. A rule that nothing gave a reason to look at has cost nothing.
 */
#ifndef CLI_COSTS_H
#define CLI_COSTS_H

#include <stddef.h>
#include <stdint.h>

#include "engine/matcher.h"
#include "event/json.h"
#include "parser/rule.h"

struct cost_row {
	const struct rule *rule;
	uint64_t candidates, regex_runs, matches;
	double ns;			/* of all evaluations; where some were timed, as those suggest */
};

/* @reading_ns: what reading the clock took, each time that something was timed. */
struct cost_row cost_row(const struct rule *rule, const struct rule_cost *cost, uint64_t matches,
			 int64_t reading_ns);

/* The dearest first; of equals those that were candidates more often, then by id. */
void cost_rows_sort(struct cost_row *rows, size_t n);

/* True where every one of @events made it a candidate: it has nothing that an exec would have to hold. */
bool cost_is_constant(const struct cost_row *row, uint64_t events);

/* One object: rule, candidates, always, regex_runs, matches, ns_per_event, ns_per_candidate. It is left open
 * for what else there is to say. */
void cost_row_write(struct json *j, const struct cost_row *row, uint64_t events);

#endif
