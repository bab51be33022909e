/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The plain matcher: every rule on every event, one after the other. What it holds is fixed when it is built
 * and what a match needs to write is in the scratch, sized for the case that every rule holds.
 */
#include "engine/matcher.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/regex.h"
#include "engine/eval.h"

struct matcher {
	const struct rule **rules;	/* those that are not off, by id */
	size_t n_rules;
	const struct rule *first;	/* of the ruleset */
};

struct match_scratch {
	struct regex_scratch *regex;
	struct match *matches;		/* one for each rule of the matcher */
};

int matcher_new(const struct ruleset *rules, struct matcher **ret)
{
	_cleanup_(matcher_free) struct matcher *m = calloc(1, sizeof(*m));

	if (!m)
		return -ENOMEM;
	m->rules = calloc(rules->n_rules + 1, sizeof(*m->rules));
	if (!m->rules)
		return -ENOMEM;
	m->first = rules->rules;
	for (size_t i = 0; i < rules->n_rules; i++)
		if (rules->rules[i].mode != MODE_OFF)
			m->rules[m->n_rules++] = &rules->rules[i];
	*ret = TAKE_PTR(m);
	return 0;
}

struct matcher *matcher_free(struct matcher *m)
{
	if (m)
		free(m->rules);
	free(m);
	return NULL;
}

int match_scratch_new(const struct matcher *m, struct match_scratch **ret)
{
	_cleanup_(match_scratch_free) struct match_scratch *s = calloc(1, sizeof(*s));

	if (!s || regex_scratch_new(&s->regex) < 0)
		return -ENOMEM;
	s->matches = calloc(m->n_rules + 1, sizeof(*s->matches));
	if (!s->matches)
		return -ENOMEM;
	*ret = TAKE_PTR(s);
	return 0;
}

struct match_scratch *match_scratch_free(struct match_scratch *s)
{
	if (s) {
		regex_scratch_free(s->regex);
		free(s->matches);
	}
	free(s);
	return NULL;
}

static bool is_expired(const struct exception *x, const struct event *ev)
{
	return ev->time.known && ev->time.value >= x->until_ns;
}

/* Only what holds for certain may silence a rule. */
static void find_exception(struct match *match, const struct event *ev, struct regex_scratch *scratch)
{
	const struct rule *rule = match->rule;

	for (size_t i = 0; i < rule->n_exceptions && !match->exception; i++) {
		const struct exception *x = &rule->exceptions[i];

		if (is_expired(x, ev) && match->expired)
			continue;
		if (cond_eval(x->match, ev, scratch) != TRUTH_YES)
			continue;
		if (is_expired(x, ev))
			match->expired = x;
		else
			match->exception = x;
	}
}

/* Evaluates one rule. False: it does not hold. */
static bool match_rule(const struct rule *rule, const struct event *ev, struct regex_scratch *scratch,
		       struct match *ret)
{
	struct match match = { .rule = rule };

	if (!rule_applies(rule, ev))
		return false;
	match.outcome = cond_eval(rule->match, ev, scratch);
	if (match.outcome == TRUTH_NO)
		return false;
	find_exception(&match, ev, scratch);
	*ret = match;
	return true;
}

size_t matcher_run(const struct matcher *m, const struct event *ev, struct match_scratch *s,
		   const struct match **ret)
{
	size_t n = 0;

	for (size_t i = 0; i < m->n_rules; i++)
		n += match_rule(m->rules[i], ev, s->regex, &s->matches[n]);
	*ret = s->matches;
	return n;
}

/* What reading the clock costs by itself: the least of a few times. */
static int64_t clock_cost(clock_fn clock)
{
	int64_t least = INT64_MAX, before = clock(), now;

	for (int i = 0; i < 4; i++, before = now) {
		now = clock();
		if (now - before < least)
			least = now - before;
	}
	return least;
}

void matcher_profile(const struct matcher *m, const struct event *ev, struct match_scratch *s, clock_fn clock,
		     int64_t *ns)
{
	int64_t reading = clock_cost(clock);

	for (size_t i = 0; i < m->n_rules; i++) {
		int64_t before = clock(), first, second, least;

		match_rule(m->rules[i], ev, s->regex, &s->matches[0]);
		first = clock();
		match_rule(m->rules[i], ev, s->regex, &s->matches[0]);
		second = clock();
		least = first - before < second - first ? first - before : second - first;
		if (least > reading)
			ns[m->rules[i] - m->first] += least - reading;
	}
}
