/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What each rule costs, as `bench`, `status` and summaries tell it.
 *
 * What rules have in common is evaluated once for an exec, and counts for the rule that is first to ask; what
 * finding the candidates takes is nobody's. A rule that nothing gave a reason to look at has cost nothing.
 */
#ifndef CLI_COSTS_H
#define CLI_COSTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/engine.h"
#include "event/json.h"
#include "parser/rule.h"

struct cost_row {
	const struct rule *rule;
	uint64_t candidates, regex_runs, matches;
	double ns;			/* of all evaluations; where some were timed, as those suggest */
	bool always;			/* each exec is a reason to evaluate it (matcher_asks_always) */
};

struct cost_row cost_row(const struct rule *rule, const struct rule_cost *cost, uint64_t matches,
			 bool always);

/* The dearest first; of equals those that were candidates more often, then by id. */
void cost_rows_sort(struct cost_row *rows, size_t n);

/* Of all rules as @e has counted, sorted; free() it. 0 or -ENOMEM. */
int cost_rows_of(const struct engine *e, const struct ruleset *rules, struct cost_row **ret);

/* One object: rule, candidates, always, regex_runs, matches, ns_per_event, ns_per_candidate. It is left open
 * for what else there is to say. */
void cost_row_write(struct json *j, const struct cost_row *row, uint64_t events);

#endif
