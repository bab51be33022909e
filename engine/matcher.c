/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/matcher.h"

#include <errno.h>
#include <stdlib.h>

#include "engine/plain.h"

struct matcher {
	const struct ruleset *rules;
};

struct match_scratch {
	struct plain *plain;
	struct rule_cost *costs;
};

int matcher_new(const struct ruleset *rules, struct matcher **ret)
{
	struct matcher *m = calloc(1, sizeof(*m));

	if (!m)
		return -ENOMEM;
	m->rules = rules;
	*ret = m;
	return 0;
}

struct matcher *matcher_free(struct matcher *m)
{
	free(m);
	return NULL;
}

int match_scratch_new(const struct matcher *m, struct match_scratch **ret)
{
	_cleanup_(match_scratch_free) struct match_scratch *s = calloc(1, sizeof(*s));

	if (!s || plain_new(m->rules, &s->plain) < 0)
		return -ENOMEM;
	*ret = TAKE_PTR(s);
	return 0;
}

struct match_scratch *match_scratch_free(struct match_scratch *s)
{
	if (s)
		plain_free(s->plain);
	free(s);
	return NULL;
}

size_t matcher_run(const struct matcher *m, const struct event *ev, struct match_scratch *s,
		   const struct match **ret)
{
	return plain_run(s->plain, ev, ret);
}

void match_scratch_count(struct match_scratch *s, struct rule_cost *costs, clock_fn clock, unsigned int every)
{
	s->costs = costs;
}
