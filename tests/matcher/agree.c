/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/matcher/agree.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "engine/eval.h"

int engines_new(const struct ruleset *rules, struct engines *ret)
{
	struct engines e = { .rules = rules };

	if (matcher_new(rules, &e.matcher) < 0 || match_scratch_new(e.matcher, &e.scratch) < 0 ||
	    plain_new(rules, &e.plain) < 0 || regex_scratch_new(&e.regex) < 0) {
		engines_done(&e);
		return -ENOMEM;
	}
	for (size_t i = 0; i < rules->n_rules; i++)
		e.n_on += rules->rules[i].mode != MODE_OFF;
	*ret = e;
	return 0;
}

void engines_done(struct engines *e)
{
	match_scratch_free(e->scratch);
	matcher_free(e->matcher);
	plain_free(e->plain);
	regex_scratch_free(e->regex);
}

static bool reads_regex(const struct cond *c)
{
	for (size_t i = 0; i < c->n_tests; i++)
		if (c->tests[i].op == OP_RE)
			return true;
	for (size_t i = 0; i < c->n_children; i++)
		if (reads_regex(c->children[i]))
			return true;
	return false;
}

/* Does it ask for what is another in an event of which a part is hidden? */
static bool reads_what_is_hidden(const struct cond *c)
{
	static const char *const names[] = { "argc", "argv_bytes", "argv_state" };

	for (size_t i = 0; c->kind == COND_FIELD && i < ARRAY_SIZE(names); i++) {
		if (strcmp(c->field->field->name, names[i]) == 0)
			return true;
		for (size_t k = 0; k < c->n_tests; k++)
			if (c->tests[k].form == FORM_FIELD &&
			    strcmp(c->tests[k].other->field->name, names[i]) == 0)
				return true;
	}
	for (size_t i = 0; i < c->n_children; i++)
		if (reads_what_is_hidden(c->children[i]))
			return true;
	return false;
}

static enum truth outcome_of(const struct match *m)
{
	return m ? m->outcome : TRUTH_NO;
}

/* One decided and the other did not. NULL: that may be. */
static const char *compare_undecided(struct engines *e, const struct difference *d,
				     const struct event *whole)
{
	const struct rule *rule = d->rule;
	enum truth truth;

	if (!reads_regex(rule->match))
		return "decided by one alone, and no regex is asked";
	if (outcome_of(d->matcher) == TRUTH_UNDECIDED) {
		e->counts.plain_alone++;
		return NULL;
	}
	e->counts.matcher_alone++;
	if (!whole || reads_what_is_hidden(rule->match))
		return NULL;
	truth = cond_eval(rule->match, whole, e->regex);
	if (truth != TRUTH_UNDECIDED && truth != outcome_of(d->matcher))
		return "decided by the matcher, and wrong for the whole argv";
	return NULL;
}

/* The same outcome, another exception. NULL: that may be. */
static const char *compare_exceptions(struct engines *e, const struct difference *d, const struct event *ev)
{
	for (size_t i = 0; i < d->rule->n_exceptions; i++) {
		const struct cond *c = d->rule->exceptions[i].match;

		if (!reads_regex(c) || cond_eval(c, ev, e->regex) != TRUTH_UNDECIDED)
			continue;
		e->counts.matcher_alone++;
		return NULL;
	}
	return "another exception";
}

static const char *compare_rule(struct engines *e, const struct difference *d, const struct event *ev,
				const struct event *whole)
{
	enum truth a = outcome_of(d->matcher), b = outcome_of(d->plain);

	e->counts.held += b == TRUTH_YES;
	e->counts.undecided += a == TRUTH_UNDECIDED && b == TRUTH_UNDECIDED;
	if (d->plain && (d->plain->exception || d->plain->expired))
		e->counts.excepted++;
	if (d->matcher && (a == TRUTH_NO || d->matcher->rule->mode == MODE_OFF))
		return "in the list, but no match";
	if (a != b && a != TRUTH_UNDECIDED && b != TRUTH_UNDECIDED)
		return "yes against no";
	if (a != b)
		return compare_undecided(e, d, whole);
	if (d->matcher && (d->matcher->exception != d->plain->exception ||
			   d->matcher->expired != d->plain->expired))
		return compare_exceptions(e, d, ev);
	return NULL;
}

/* The next rule that either names, in the order of ids; both lists must be in it. */
static bool next_rule(const struct match **a, const struct match *a_end, const struct match **b,
		      const struct match *b_end, struct difference *ret)
{
	const struct rule *first = *a < a_end ? (*a)->rule : NULL;

	if (*b < b_end && (!first || (*b)->rule < first))
		first = (*b)->rule;
	*ret = (struct difference){ .rule = first };
	if (!first)
		return false;
	if (*a < a_end && (*a)->rule == first)
		ret->matcher = (*a)++;
	if (*b < b_end && (*b)->rule == first)
		ret->plain = (*b)++;
	return true;
}

size_t engines_compare(struct engines *e, const struct event *ev, const struct event *whole,
		       difference_fn differ, void *ctx)
{
	const struct match *a, *b;
	size_t n_a = matcher_run(e->matcher, ev, e->scratch, &a);
	size_t n_b = plain_run(e->plain, ev, &b);
	const struct match *a_end = a + n_a, *b_end = b + n_b;
	struct difference d;
	size_t n = 0;

	e->counts.pairs += e->n_on;
	while (next_rule(&a, a_end, &b, b_end, &d)) {
		d.what = compare_rule(e, &d, ev, whole);
		if (!d.what)
			continue;
		n++;
		differ(ctx, ev, &d);
	}
	e->counts.differences += n;
	return n;
}

void counts_add(struct counts *sum, const struct counts *more)
{
	sum->pairs += more->pairs;
	sum->held += more->held;
	sum->excepted += more->excepted;
	sum->undecided += more->undecided;
	sum->matcher_alone += more->matcher_alone;
	sum->plain_alone += more->plain_alone;
	sum->differences += more->differences;
}

void counts_write(const struct counts *c, struct buf *b)
{
	buf_printf(b, "%" PRIu64 " pairs, %" PRIu64 " held, %" PRIu64 " with an exception, ", c->pairs,
		   c->held, c->excepted);
	buf_printf(b, "%" PRIu64 " undecided, %" PRIu64 " decided by the matcher alone, ", c->undecided,
		   c->matcher_alone);
	buf_printf(b, "%" PRIu64 " by plain alone, %" PRIu64 " differences", c->plain_alone,
		   c->differences);
}

static void match_write(const char *who, const struct match *m, struct buf *b)
{
	buf_printf(b, "  %s: %s", who, !m ? "no" : m->outcome == TRUTH_YES ? "yes" : "undecided");
	if (m && m->exception)
		buf_printf(b, ", exception %.*s", STR_ARG(m->exception->id));
	if (m && m->expired)
		buf_printf(b, ", expired %.*s", STR_ARG(m->expired->id));
	buf_char(b, '\n');
}

void difference_write(const struct difference *d, struct buf *b)
{
	buf_printf(b, "%.*s (%.*s): %s\n", STR_ARG(d->rule->id), STR_ARG(d->rule->source), d->what);
	match_write("matcher", d->matcher, b);
	match_write("plain", d->plain, b);
}
