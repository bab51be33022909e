/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The plain matcher: every rule on every event, one after the other.
 */
#include "engine/plain.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/regex.h"
#include "engine/eval.h"
#include "engine/except.h"

struct plain {
	const struct rule **rules;	/* those that are not off, by id */
	size_t n_rules;
	struct regex_scratch *regex;
	struct match *matches;		/* one for each of the rules */
};

int plain_new(const struct ruleset *rules, struct plain **ret)
{
	_cleanup_(plain_free) struct plain *p = calloc(1, sizeof(*p));

	if (!p || regex_scratch_new(&p->regex) < 0)
		return -ENOMEM;
	p->rules = calloc(rules->n_rules + 1, sizeof(*p->rules));
	p->matches = calloc(rules->n_rules + 1, sizeof(*p->matches));
	if (!p->rules || !p->matches)
		return -ENOMEM;
	for (size_t i = 0; i < rules->n_rules; i++) {
		if (rules->rules[i].mode == MODE_OFF)
			continue;
		p->rules[p->n_rules++] = &rules->rules[i];
		if (rule_prepare(&rules->rules[i], true) < 0)
			return -ENOMEM;
	}
	*ret = TAKE_PTR(p);
	return 0;
}

struct plain *plain_free(struct plain *p)
{
	if (p) {
		regex_scratch_free(p->regex);
		free(p->rules);
		free(p->matches);
	}
	free(p);
	return NULL;
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
	for (size_t i = 0; i < rule->n_exceptions && !match.exception; i++)
		if (exception_may_apply(&match, i, ev) &&
		    cond_eval(rule->exceptions[i].match, ev, scratch) == TRUTH_YES)
			exception_applies(&match, i, ev);
	*ret = match;
	return true;
}

size_t plain_run(struct plain *p, const struct event *ev, const struct match **ret)
{
	size_t n = 0;

	for (size_t i = 0; i < p->n_rules; i++)
		n += match_rule(p->rules[i], ev, p->regex, &p->matches[n]);
	*ret = p->matches;
	return n;
}
