/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Random rules on random events: the matcher must give the answer of the plain one.
 *
 * The rules come as text, so that they are what the loader makes of them. One scratch sees all events of a
 * round, many of which are those before over again, or nearly: what was remembered of one must not pass for
 * the next.
 *
 * EXECWATCH_PAIRS sets how many pairs of a rule and an event are compared at least, EXECWATCH_SEED where to
 * begin: the seed that a failure names, with one pair, repeats its round.
 */
#include "tests/unit/test.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "event/record.h"
#include "parser/load.h"
#include "tests/matcher/agree.h"
#include "tests/matcher/make.h"

#define N_PAIRS 3000000
#define FIRST_SEED 1

#define N_REMEMBERED 24

/* One set of rules and the events that it sees. */
struct round {
	uint64_t seed;
	struct maker maker;
	struct random random;
	struct arena arena, event_arena;
	struct buf yaml;
	struct sources sources;
	struct diags diags;
	struct ruleset *rules;
	struct engines engines;
	uint64_t seeds[N_REMEMBERED];	/* of events that were */
	size_t n_seeds;
	const struct event *whole;	/* of the event at hand; NULL: not known */
};

struct totals {
	struct counts counts;
	size_t rounds, events, rules, skipped;
};

static uint64_t setting(const char *name, uint64_t otherwise)
{
	const char *text = getenv(name);

	return text ? strtoull(text, NULL, 0) : otherwise;
}

static const struct load_options options = { .now_ns = INT64_MIN, .max_severity = N_SEVERITIES };

static void round_begin(struct round *r, uint64_t seed)
{
	static const size_t sizes[] = { 1, 2, 3, 5, 8, 12, 20, 30, 50, 100, 300 };

	*r = (struct round){ .seed = seed, .yaml = BUF_INIT, .sources = SOURCES_INIT, .diags = DIAGS_INIT };
	maker_begin(&r->maker, seed, &r->arena);
	rules_write(&r->maker, sizes[pick(&r->maker.random, ARRAY_SIZE(sizes))], &r->yaml);
	r->random = r->maker.random;
	assert_int_equal(rules_load_text(STR_LIT("random.yaml"), buf_get(&r->yaml), &options, &r->sources,
					 &r->diags, &r->rules), 0);
	assert_int_equal(engines_new(r->rules, &r->engines), 0);
}

static void round_end(struct round *r)
{
	engines_done(&r->engines);
	ruleset_free(r->rules);
	diags_done(&r->diags);
	sources_done(&r->sources);
	buf_done(&r->yaml);
	free(r->maker.hints);
	arena_done(&r->event_arena);
	arena_done(&r->arena);
}

/* The seed of an event that was, or of a new one. */
static uint64_t pick_seed(struct round *r, bool again)
{
	uint64_t seed = random_seed(&r->random);

	if (again && r->n_seeds > 0)
		return r->seeds[pick(&r->random, r->n_seeds < N_REMEMBERED ? r->n_seeds : N_REMEMBERED)];
	r->seeds[r->n_seeds++ % N_REMEMBERED] = seed;
	return seed;
}

/* A child of another's parent, or another exec of the same image. */
static void splice(struct round *r, struct event *ev)
{
	struct event other;

	event_make(&r->maker, pick_seed(r, true), &r->event_arena, &other);
	if (chance(&r->random, 60)) {
		ev->parent = other.parent;
		memcpy(ev->ancestor, other.ancestor, sizeof(ev->ancestor));
		ev->n_ancestors = other.n_ancestors;
	} else {
		ev->argv = other.argv;
		ev->argc.known = ev->argv_bytes.known = false;
		event_complete(ev);
	}
}

/* The next event; @seen and @whole are the same unless something is hidden. False: what the whole would be
 * is not known. */
static bool next_event(struct round *r, struct event *seen, struct event *whole)
{
	size_t kind = pick(&r->random, 100);

	arena_reset(&r->event_arena);
	event_make(&r->maker, pick_seed(r, kind >= 55), &r->event_arena, whole);
	if (kind >= 65 && kind < 80)
		event_disturb(&r->random, whole);
	else if (kind >= 80 && kind < 92)
		splice(r, whole);
	*seen = *whole;
	kind = pick(&r->random, 100);
	if (kind < 4)
		event_confuse(&r->random, seen);
	else if (kind < 16 && whole->argv.known)
		event_hide(&r->random, whole, &r->event_arena, seen);
	else if (kind < 24 && whole->argv.known)
		event_go_on(&r->maker, &r->random, seen, &r->event_arena, whole);
	return kind >= 4;
}

static void count(void *ctx, const struct event *ev, const struct difference *d)
{
	size_t *n = ctx;

	++*n;
}

/* Only the rule number @n of the file, with its lists and macros, in engines that have seen no event. */
static bool differs_alone(const struct round *r, size_t n, const struct event *ev,
			  const struct event *whole)
{
	_cleanup_(buf) struct buf yaml = BUF_INIT;
	struct sources sources = SOURCES_INIT;
	struct diags diags = DIAGS_INIT;
	struct ruleset *rules = NULL;
	struct engines engines;
	size_t n_differences = 0;

	buf_add(&yaml, r->yaml.p, r->maker.rule_at[0]);
	buf_add(&yaml, r->yaml.p + r->maker.rule_at[n], r->maker.rule_at[n + 1] - r->maker.rule_at[n]);
	assert_int_equal(rules_load_text(STR_LIT("random.yaml"), buf_get(&yaml), &options, &sources, &diags,
					 &rules), 0);
	assert_int_equal(engines_new(rules, &engines), 0);
	engines_compare(&engines, ev, whole, count, &n_differences);
	engines_done(&engines);
	ruleset_free(rules);
	diags_done(&diags);
	sources_done(&sources);
	return n_differences > 0;
}

/* Takes from @ev what the difference does not need. */
static void shrink(const struct round *r, size_t n, struct event *ev)
{
	for (size_t i = 0; i < n_fields; i++) {
		const struct field *f = &field_table[i];
		struct event smaller = *ev;

		if (f->place != PLACE_EVENT)
			continue;
		if (f->type & (FT_TEXT | FT_ENUM))
			*(struct str *)((char *)&smaller + f->offset) = (struct str){ NULL, 0 };
		else if (f->type & FT_NUMBERS)
			((struct num *)((char *)&smaller + f->offset))->known = false;
		else if (f->type == FT_WORDS)
			((struct words *)((char *)&smaller + f->offset))->known = false;
		else
			((struct pairs *)((char *)&smaller + f->offset))->known = false;
		if (differs_alone(r, n, &smaller, NULL))
			*ev = smaller;
	}
	while (ev->n_ancestors > 0) {
		struct event smaller = *ev;

		smaller.n_ancestors--;
		if (!differs_alone(r, n, &smaller, NULL))
			break;
		*ev = smaller;
	}
}

static void report(void *ctx, const struct event *ev, const struct difference *d)
{
	const struct round *r = ctx;
	_cleanup_(buf) struct buf b = BUF_INIT;
	struct event small = *ev;
	size_t n = strtoul(d->rule->id.p + 1, NULL, 10);
	const size_t *at = &r->maker.rule_at[n];
	bool alone = differs_alone(r, n, ev, r->whole);

	if (alone && differs_alone(r, n, ev, NULL))
		shrink(r, n, &small);
	difference_write(d, &b);
	buf_printf(&b, "seed %" PRIu64 ", event %" PRIu64 ", %s\n", r->seed,
		   r->engines.counts.pairs / r->engines.n_on,
		   alone ? "by itself too" : "not by itself, only behind others or beside them");
	buf_add(&b, r->yaml.p, r->maker.rule_at[0]);
	buf_add(&b, r->yaml.p + at[0], at[1] - at[0]);
	record_write(&small, &b);
	fprintf(stderr, "%.*s\n", STR_ARG(buf_get(&b)));
	fail_msg("the engines differ: EXECWATCH_SEED=%" PRIu64, r->seed);
}

static void run_round(uint64_t seed, struct totals *sum)
{
	struct round r;
	size_t n_events;

	round_begin(&r, seed);
	n_events = 200 + pick(&r.random, 400);
	for (size_t i = 0; i < n_events; i++) {
		struct event seen, whole;

		r.whole = next_event(&r, &seen, &whole) ? &whole : NULL;
		engines_compare(&r.engines, &seen, r.whole, report, &r);
	}
	counts_add(&sum->counts, &r.engines.counts);
	sum->rounds++;
	sum->events += n_events;
	sum->rules += r.rules->n_rules;
	sum->skipped += r.rules->n_skipped;
	round_end(&r);
}

static void gives_the_answer_of_the_plain_matcher(void **state)
{
	uint64_t pairs = setting("EXECWATCH_PAIRS", N_PAIRS), seed = setting("EXECWATCH_SEED", FIRST_SEED);
	_cleanup_(buf) struct buf b = BUF_INIT;
	struct totals sum = { 0 };

	while (sum.counts.pairs < pairs)
		run_round(seed++, &sum);
	counts_write(&sum.counts, &b);
	printf("# %zu rounds, %zu rules and %zu that did not load, %zu events\n# %.*s\n", sum.rounds,
	       sum.rules, sum.skipped, sum.events, STR_ARG(buf_get(&b)));
	/* What plain can tell, the matcher can. */
	assert_int_equal(sum.counts.plain_alone, 0);
	/* They must mean something, where they are many. */
	if (pairs < 1000000)
		return;
	assert_true(sum.skipped * 20 < sum.rules);
	assert_in_range(sum.counts.held, sum.counts.pairs / 20, sum.counts.pairs * 3 / 10);
	assert_true(sum.counts.undecided > sum.counts.pairs / 200);
	assert_true(sum.counts.excepted > sum.counts.pairs / 400);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(gives_the_answer_of_the_plain_matcher),
	};

	return cmocka_run_group_tests_name("matcher_random", tests, NULL, NULL);
}
