/* SPDX-License-Identifier: Apache-2.0 */
/* Rounds over records in memory; see rounds.h. */
#include "cli/rounds.h"

#include <stdlib.h>

#include "base/log.h"
#include "cli/clock.h"
#include "cli/verb.h"

/* Records that are fetched at once: what they take stays near, and the clock need not be read for each. */
#define FETCHED 32
#define CACHE_LINE 64

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

static void run(const struct contender *c, const struct event *ev, struct held *held)
{
	const struct match *matches;
	size_t n = c->plain ? plain_run(c->plain, ev, &matches) :
			      matcher_run(c->matcher, ev, c->scratch, &matches);

	count(c, held, matches, n);
}

static void fetch(const void *p, size_t n)
{
	for (size_t i = 0; p && i < n; i += CACHE_LINE)
		__builtin_prefetch((const char *)p + i);
}

static void fetch_str(struct str s)
{
	fetch(s.p, s.len);
}

static void fetch_words(const struct words *w)
{
	fetch(w->item, w->n * sizeof(*w->item));
	fetch_str(w->joined);
}

static void fetch_process(const struct process *p)
{
	fetch_str(p->comm);
	fetch_str(p->exe);
	fetch_words(&p->argv);
}

static void fetch_event(const struct event *ev)
{
	const struct str texts[] = {
		ev->filename, ev->exe, ev->comm, ev->user, ev->login, ev->cwd, ev->tty, ev->unit, ev->cgroup,
		ev->err, ev->stage, ev->host,
	};
	size_t behind = offsetof(struct event, n_ancestors);

	fetch(ev, offsetof(struct event, ancestor) + ev->n_ancestors * sizeof(ev->ancestor[0]));
	fetch((const char *)ev + behind, sizeof(*ev) - behind);
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		fetch_str(texts[i]);
	fetch_words(&ev->argv);
	fetch_words(&ev->given_argv);
	fetch_process(&ev->caller);
	fetch_process(&ev->parent);
	for (size_t i = 0; i < ev->n_ancestors; i++)
		fetch_process(&ev->ancestor[i]);
	for (size_t i = 0; i < ev->env.n; i++)
		fetch_str(ev->env.item[i].value);
}

static void run_timed(const struct contender *c, const struct event *ev, struct held *held,
		      int64_t reading_ns, int64_t *fastest_ns)
{
	int64_t before = clock_monotonic(), took;

	run(c, ev, held);
	took = clock_monotonic() - before - reading_ns;
	if (took < *fastest_ns)
		*fastest_ns = took > 0 ? took : 0;
}

struct held rounds_run(const struct contender *c, const struct event_list *list, struct took *took)
{
	int64_t cpu_reading_ns = clock_reading(clock_thread_cpu);
	int64_t reading_ns = clock_reading(clock_monotonic);
	int64_t readings_ns, before, cpu_before;
	struct held held = { 0 };

	for (size_t i = 0, end; i < list->n; i = end) {
		end = list->n - i < FETCHED ? list->n : i + FETCHED;
		for (size_t k = i; k < end; k++)
			fetch_event(&list->item[k]);
		readings_ns = c->fastest_ns ? 2 * reading_ns * (int64_t)(end - i) : 0;
		before = clock_monotonic();
		cpu_before = clock_thread_cpu();
		for (size_t k = i; k < end; k++) {
			if (c->fastest_ns)
				run_timed(c, &list->item[k], &held, reading_ns, &c->fastest_ns[k]);
			else
				run(c, &list->item[k], &held);
		}
		took->cpu_ns += clock_thread_cpu() - cpu_before - cpu_reading_ns - readings_ns;
		took->ns += clock_monotonic() - before - 2 * cpu_reading_ns - readings_ns;
	}
	return held;
}
