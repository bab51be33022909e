/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Running a matcher on an event: look for all needles, gather the rules that those found are triggers of,
 * and run their conditions in the order of their ids.
 */
#include "engine/matcher.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "engine/compiled.h"
#include "engine/except.h"
#include "engine/fold.h"
#include "engine/text_cache.h"

struct match_scratch {
	struct run_state state;
	struct text_cache *cache;
	struct match *matches;		/* room for each rule */
	struct rule_cost *costs;	/* by rule of the ruleset; NULL: not counted */
	clock_fn clock;
	unsigned int every, n_runs;
	int64_t reading_ns;		/* what looking at the clock takes */
	bool timed;			/* this run is */
};

int match_scratch_new(const struct matcher *m, struct match_scratch **ret)
{
	_cleanup_(match_scratch_free) struct match_scratch *s = calloc(1, sizeof(*s));
	int r;

	if (!s)
		return -ENOMEM;
	r = run_state_init(&s->state, &m->program, m->n_rules);
	s->state.hits.first_rule = m->first_rule;
	s->state.hits.rules = m->triggered;
	if (r == 0)
		r = text_cache_new(&s->cache);
	if (r < 0)
		return r;
	s->matches = calloc(m->n_rules + 1, sizeof(*s->matches));
	if (!s->matches)
		return -ENOMEM;
	*ret = TAKE_PTR(s);
	return 0;
}

struct match_scratch *match_scratch_free(struct match_scratch *s)
{
	if (!s)
		return NULL;
	run_state_done(&s->state);
	text_cache_free(s->cache);
	free(s->matches);
	free(s);
	return NULL;
}

void match_scratch_count(struct match_scratch *s, struct rule_cost *costs, clock_fn clock, unsigned int every)
{
	int64_t before, now;

	s->costs = costs;
	s->clock = clock;
	s->every = costs && clock ? every : 0;
	s->n_runs = 0;
	s->reading_ns = INT64_MAX;
	/* The least of a few times. */
	before = s->every ? clock() : 0;
	for (int i = 0; s->every && i < 4; i++, before = now) {
		now = clock();
		if (now - before < s->reading_ns)
			s->reading_ns = now - before;
	}
}

bool matcher_asks_always(const struct matcher *m, const struct rule *rule)
{
	const struct rule_set *set = &m->always;

	for (size_t i = 0; i < set->n; i++) {
		const struct compiled_rule *of_word = &m->rules[set->words[i].word * (size_t)64];

		for (uint64_t bits = set->words[i].bits; bits; bits &= bits - 1)
			if (of_word[__builtin_ctzll(bits)].rule == rule)
				return true;
	}
	return false;
}

const char *matcher_simd(void)
{
#ifndef FOLD_VECTORS
	return "none";
#elif defined(__SSE2__)
	return "sse2";
#else
	return "neon";
#endif
}

static void search_value(const struct matcher *m, unsigned int haystack, struct str value,
			 struct hits *hits)
{
	const struct search *search = &m->searches[haystack];
	const char *slash;

	if (search->whole)
		lookup_run(m->lookup, haystack, NEEDLE_WHOLE, value, hits);
	if (search->name && value.len > 0) {
		slash = memrchr(value.p, '/', value.len);
		if (slash)
			lookup_run(m->lookup, haystack, NEEDLE_NAME,
				   str_skip(value, (size_t)(slash - value.p)), hits);
	}
	if (search->shorts)
		shorts_run(search->shorts, value, hits);
	if (search->scan)
		scan_run(search->scan, value, hits);
}

/* The only value of a haystack, which may have been there before. */
static void search_text(const struct matcher *m, unsigned int haystack, struct str text,
			struct match_scratch *s)
{
	struct hits *hits = &s->state.hits;
	size_t from = hits->n;
	bool keep = m->searches[haystack].scan && text_cache_takes(text.len);

	if (keep && text_cache_recall(s->cache, haystack, text, hits))
		return;
	search_value(m, haystack, text, hits);
	if (keep)
		text_cache_keep(s->cache, haystack, text, hits, from);
}

static void search_haystack(const struct matcher *m, unsigned int haystack, struct match_scratch *s)
{
	const struct haystack *h = &m->program.haystacks[haystack];
	const struct event *ev = s->state.ev;
	struct field_cursor cursor = { 0 };
	struct value v;

	if (h->kind != HAYSTACK_VALUES) {
		v.text = haystack_text(h, ev);
		if (str_known(v.text))
			search_text(m, haystack, v.text, s);
		return;
	}
	while (field_next(&h->ref, ev, &cursor, &v))
		search_value(m, haystack, v.text, &s->state.hits);
}

static void add_rules(const struct rule_set *set, struct hits *hits)
{
	for (size_t i = 0; i < set->n; i++) {
		uint32_t word = set->words[i].word;

		hits->candidates[word] |= set->words[i].bits;
		hits->words[word / 64] |= UINT64_C(1) << word % 64;
	}
}

/* Runs one rule. False: it does not hold. */
static bool run_rule(const struct matcher *m, size_t number, struct match_scratch *s, struct match *ret)
{
	const struct compiled_rule *rule = &m->rules[number];
	struct match match = { .rule = rule->rule };

	match.outcome = program_run(&s->state, rule->match);
	if (match.outcome == TRUTH_NO)
		return false;
	for (size_t i = 0; i < rule->rule->n_exceptions && !match.exception; i++)
		if (exception_may_apply(&match, i, s->state.ev) &&
		    program_run(&s->state, m->exceptions[rule->exceptions + i]) == TRUTH_YES)
			exception_applies(&match, i, s->state.ev);
	*ret = match;
	return true;
}

/* The same, with what it costs. */
static bool run_counted(const struct matcher *m, size_t number, struct match_scratch *s, struct match *ret)
{
	struct rule_cost *cost = &s->costs[m->rules[number].rule - m->ruleset->rules];
	uint64_t regex_runs = s->state.regex_runs;
	int64_t before = s->timed ? s->clock() : 0, took;
	bool holds = run_rule(m, number, s, ret);

	if (s->timed) {
		took = s->clock() - before - s->reading_ns;
		cost->ns += took > 0 ? took : 0;
		cost->timed++;
	}
	cost->candidates++;
	cost->regex_runs += s->state.regex_runs - regex_runs;
	return holds;
}

static size_t run_candidates(const struct matcher *m, struct match_scratch *s, bool failed)
{
	struct hits *hits = &s->state.hits;
	size_t n = 0;

	for (size_t w = 0; w <= rule_words(m) / 64; w++) {
		for (; hits->words[w]; hits->words[w] &= hits->words[w] - 1) {
			size_t i = w * 64 + (size_t)__builtin_ctzll(hits->words[w]);
			uint64_t rules = hits->candidates[i];

			hits->candidates[i] = 0;
			if (failed)
				rules &= m->of_outcome[i];
			for (; rules; rules &= rules - 1) {
				size_t number = i * 64 + (size_t)__builtin_ctzll(rules);

				n += s->costs ? run_counted(m, number, s, &s->matches[n]) :
						run_rule(m, number, s, &s->matches[n]);
			}
		}
	}
	return n;
}

size_t matcher_run(const struct matcher *m, const struct event *ev, struct match_scratch *s,
		   const struct match **ret)
{
	struct run_state *state = &s->state;
	bool failed = event_failed(ev);
	size_t n;

	*ret = s->matches;
	if (failed && !m->any_of_outcome)
		return 0;
	regex_scratch_refill(state->regex);
	state->ev = ev;
	state->argv_whole = event_argv_state(ev) == ARGV_COMPLETE;
	s->timed = s->every && s->n_runs++ % s->every == 0;
	for (unsigned int i = 0; i < m->n_haystacks; i++)
		if (!failed || m->searches[i].for_failed)
			search_haystack(m, i, s);
	add_rules(&m->always, &state->hits);
	if (!state->argv_whole)
		add_rules(&m->of_argv, &state->hits);
	n = run_candidates(m, s, failed);
	run_state_reset(state);
	return n;
}
