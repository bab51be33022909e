/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Trees of conditions for Sigma rules. Much of what public rules ask for is known beforehand: a field that no
 * exec has equals nothing. Such parts are left out where they decide nothing, so that what is left says what
 * an exec is really held against.
 */
#include <errno.h>

#include "parser/sigma.h"

int sigma_always(struct sigma *g, struct loc at, const struct cond **ret)
{
	return cond_new(g->s, COND_TRUE, at, NULL, NULL, 0, ret);
}

int sigma_never(struct sigma *g, struct loc at, const struct cond **ret)
{
	const struct cond *always;

	if (sigma_always(g, at, &always) < 0)
		return -ENOMEM;
	return cond_new(g->s, COND_NOT, at, "not", &always, 1, ret);
}

bool sigma_is_never(const struct cond *c)
{
	return c->kind == COND_NOT && c->children[0]->kind == COND_TRUE;
}

int sigma_not(struct sigma *g, struct loc at, const struct cond *inner, const struct cond **ret)
{
	if (inner->kind == COND_NOT) {
		*ret = inner->children[0];
		return 0;
	}
	return cond_new(g->s, COND_NOT, at, "not", &inner, 1, ret);
}

int sigma_join(struct sigma *g, enum cond_kind kind, struct loc at, const struct cond **children, size_t n,
	       const struct cond **ret)
{
	bool all = kind == COND_ALL;
	size_t kept = 0;

	for (size_t i = 0; i < n; i++) {
		const struct cond *c = children[i];
		bool always = c->kind == COND_TRUE, never = sigma_is_never(c);

		if (all ? never : always) {
			*ret = c;
			return 0;
		}
		if (!always && !never)
			children[kept++] = c;
	}
	if (kept == 0)
		return all ? sigma_always(g, at, ret) : sigma_never(g, at, ret);
	if (kept > 1)
		return cond_new(g->s, kind, at, all ? "all" : "any", children, kept, ret);
	*ret = children[0];
	return 0;
}

int sigma_field_cond(struct sigma *g, const struct field_ref *ref, struct loc at, const struct test *tests,
		     size_t n, const struct cond **ret)
{
	const struct cond c = {
		.kind = COND_FIELD, .field = ref, .tests = tests, .n_tests = (uint16_t)n,
	};

	g->tally.conditions++;
	*ret = intern_cond(&g->s->checker->intern, &c, &(struct cond_origin){ .at = at });
	return *ret ? 0 : -ENOMEM;
}

int sigma_set(struct sigma *g, const struct field_ref *ref, struct loc at, const struct cond **ret)
{
	static const int64_t yes = 1;
	struct test t = { .op = OP_SET, .form = FORM_NUMBERS, .n = 1, .numbers = &yes };

	if (origin_read(g->s, &t, at, false) < 0)
		return -ENOMEM;
	return sigma_field_cond(g, ref, at, &t, 1, ret);
}
