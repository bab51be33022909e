/* SPDX-License-Identifier: Apache-2.0 */
/* Rounds over records in memory; see rounds.h. */
#include "cli/rounds.h"

#include <stdlib.h>

#include "base/log.h"
#include "cli/clock.h"
#include "cli/verb.h"

int event_list_read(struct event_list *list, struct records *records)
{
	struct event *grown;

	records->keep = true;
	for (;;) {
		if (list->n == list->cap) {
			list->cap = list->cap ? list->cap * 2 : 1024;
			grown = reallocarray(list->item, list->cap, sizeof(*list->item));
			if (!grown) {
				log_error("out of memory after %zu records", list->n);
				return EXIT_SYSTEM;
			}
			list->item = grown;
		}
		if (!records_next(records, &list->item[list->n]))
			return EXIT_FINE;
		list->n++;
	}
}

void event_list_done(struct event_list *list)
{
	free(list->item);
}

void contender_done(struct contender *c)
{
	match_scratch_free(c->scratch);
	matcher_free(c->matcher);
	plain_free(c->plain);
}

static size_t run(const struct contender *c, const struct event *ev, const struct match **ret)
{
	return c->plain ? plain_run(c->plain, ev, ret) : matcher_run(c->matcher, ev, c->scratch, ret);
}

static void count(const struct contender *c, struct held *held, const struct match *matches, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (matches[i].exception)
			continue;
		held->matches += matches[i].outcome == TRUTH_YES;
		held->undecided += matches[i].outcome == TRUTH_UNDECIDED;
		if (c->matches && matches[i].outcome == TRUTH_YES)
			c->matches[matches[i].rule - c->first]++;
	}
}

struct held rounds_run(const struct contender *c, const struct event_list *list)
{
	struct held held = { 0 };
	const struct match *matches;

	for (size_t i = 0; i < list->n; i++) {
		size_t n = run(c, &list->item[i], &matches);

		count(c, &held, matches, n);
	}
	return held;
}

struct held rounds_run_timed(const struct contender *c, const struct event_list *list, int64_t reading_ns,
			     int64_t *fastest_ns)
{
	struct held held = { 0 };
	const struct match *matches;

	for (size_t i = 0; i < list->n; i++) {
		int64_t before = clock_monotonic(), took;
		size_t n = run(c, &list->item[i], &matches);

		took = clock_monotonic() - before - reading_ns;
		if (took < fastest_ns[i])
			fastest_ns[i] = took > 0 ? took : 0;
		count(c, &held, matches, n);
	}
	return held;
}
