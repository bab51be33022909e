/* SPDX-License-Identifier: Apache-2.0 */
/* What each rule costs; see costs.h. */
#include "cli/costs.h"

#include <errno.h>
#include <stdlib.h>

struct cost_row cost_row(const struct rule *rule, const struct rule_cost *cost, uint64_t matches,
			 bool always)
{
	double ns = 0;

	if (cost->timed)
		ns = (double)cost->ns * ((double)cost->candidates / (double)cost->timed);
	return (struct cost_row){ rule, cost->candidates, cost->regex_runs, matches, ns, always };
}

static int compare_rows(const void *a, const void *b)
{
	const struct cost_row *x = a, *y = b;

	if (x->ns != y->ns)
		return x->ns > y->ns ? -1 : 1;
	if (x->candidates != y->candidates)
		return x->candidates > y->candidates ? -1 : 1;
	return str_cmp(x->rule->id, y->rule->id);
}

void cost_rows_sort(struct cost_row *rows, size_t n)
{
	if (n)
		qsort(rows, n, sizeof(*rows), compare_rows);
}

int cost_rows_of(const struct engine *e, const struct ruleset *rules, struct cost_row **ret)
{
	struct cost_row *rows = calloc(rules->n_rules + 1, sizeof(*rows));

	if (!rows)
		return -ENOMEM;
	for (size_t i = 0; i < rules->n_rules; i++) {
		struct rule_cost cost = engine_rule_cost(e, i);

		rows[i] = cost_row(&rules->rules[i], &cost, engine_rule_counters(e, i).matches,
				   engine_asks_always(e, i));
	}
	cost_rows_sort(rows, rules->n_rules);
	*ret = rows;
	return 0;
}

void cost_row_write(struct json *j, const struct cost_row *row, uint64_t events)
{
	json_object(j, NULL);
	json_str(j, "rule", row->rule->id);
	json_int(j, "candidates", (int64_t)row->candidates);
	json_bool(j, "always", row->always);
	json_int(j, "regex_runs", (int64_t)row->regex_runs);
	json_int(j, "matches", (int64_t)row->matches);
	json_decimal(j, "ns_per_event", events ? row->ns / (double)events : 0);
	json_decimal(j, "ns_per_candidate", row->candidates ? row->ns / (double)row->candidates : 0);
}
