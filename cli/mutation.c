/* SPDX-License-Identifier: Apache-2.0 */
/* The mutation check; see mutation.h. */
#include "cli/mutation.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/nearest.h"
#include "engine/trial.h"

/* What the same mutant of several rules shares. */
struct group {
	bool noticed, told;
	const struct kept_mutant *kept;
};

/* A mutant of one rule. */
struct candidate {
	const struct mutant *mutant;
	struct group *group;
};

/* A rule that is checked. */
struct subject {
	const struct rule *rule;
	struct candidate *candidates;
	size_t n;
};

struct check {
	struct arena *arena;
	struct subject *subjects;
	size_t n_subjects, n_candidates;
	struct mutation result;
};

static int find_mutants(struct check *c, const struct rule *rule)
{
	struct subject *s = &c->subjects[c->n_subjects++];
	struct mutants mutants;
	int r = mutants_find(rule, c->arena, &mutants);

	if (r < 0)
		return r;
	*s = (struct subject){ .rule = rule, .n = mutants.n };
	s->candidates = arena_array(c->arena, mutants.n, sizeof(*s->candidates));
	if (!s->candidates)
		return -ENOMEM;
	for (size_t i = 0; i < mutants.n; i++)
		s->candidates[i].mutant = &mutants.item[i];
	c->n_candidates += mutants.n;
	c->result.n_left += mutants.n_left;
	c->result.n_cut += mutants.n_left > 0;
	return 0;
}

static int by_number(uint64_t a, uint64_t b)
{
	return a < b ? -1 : a > b;
}

/* Those that compare equal are one: an entry of a list is, whatever it is called. */
static int by_place(const void *a, const void *b)
{
	const struct mutant *x = (*(const struct candidate *const *)a)->mutant;
	const struct mutant *y = (*(const struct candidate *const *)b)->mutant;
	int order = by_number((uintptr_t)x->at.source, (uintptr_t)y->at.source);

	if (order == 0)
		order = by_number(x->at.line, y->at.line);
	if (order == 0)
		order = by_number(x->at.col, y->at.col);
	if (order == 0)
		order = (x->change == MUTANT_DROP_ENTRY) - (y->change == MUTANT_DROP_ENTRY);
	if (order == 0 && x->change != MUTANT_DROP_ENTRY)
		order = str_cmp(x->path, y->path);
	return order;
}

static int group_mutants(struct check *c)
{
	struct group *groups = arena_array(c->arena, c->n_candidates, sizeof(*groups));
	struct candidate **sorted = arena_array(c->arena, c->n_candidates, sizeof(*sorted));
	size_t n = 0;

	if (!groups || !sorted)
		return -ENOMEM;
	for (size_t i = 0; i < c->n_subjects; i++)
		for (size_t k = 0; k < c->subjects[i].n; k++)
			sorted[n++] = &c->subjects[i].candidates[k];
	if (n > 0)
		qsort(sorted, n, sizeof(*sorted), by_place);
	for (size_t i = 0; i < n; i++) {
		bool same = i > 0 && by_place(&sorted[i], &sorted[i - 1]) == 0;

		sorted[i]->group = same ? sorted[i - 1]->group : &groups[c->result.n_mutants++];
	}
	return 0;
}

/* The tests of a rule, ready to run again and again. */
struct trials {
	struct trial **item;
	size_t n;
	size_t next;			/* the one that noticed something last: likely to do so again */
};

static void trials_cleanup(struct trials *t)
{
	for (size_t i = 0; i < t->n; i++)
		trial_free(t->item[i]);
	free(t->item);
}

static int trials_init(struct trials *t, const struct rule *rule)
{
	t->item = calloc(rule->n_tests, sizeof(*t->item));
	if (!t->item)
		return -ENOMEM;
	for (size_t i = 0; i < rule->n_tests; i++) {
		int r = trial_new(&rule->tests[i], &t->item[i]);

		if (r < 0)
			return r;
		t->n++;
	}
	return 0;
}

/* Does a test fail for what was made of its rule? */
static int try_mutant(struct trials *t, const struct rule *made, bool *ret_noticed)
{
	*ret_noticed = false;
	for (size_t i = 0; i < t->n && !*ret_noticed; i++) {
		size_t number = (t->next + i) % t->n;
		struct trial_result got;
		int r = trial_run(t->item[number], made, true, &got);

		if (r < 0)
			return r;
		*ret_noticed = trial_misses(&made->tests[number].expect, &got) != 0;
		if (*ret_noticed)
			t->next = number;
	}
	return 0;
}

static int check_subject(const struct subject *s)
{
	_cleanup_(trials) struct trials trials = { NULL, 0, 0 };
	_cleanup_(arena) struct arena scratch = ARENA_INIT;
	int r = trials_init(&trials, s->rule);

	for (size_t i = 0; i < s->n && r == 0; i++) {
		struct rule made;

		if (s->candidates[i].group->noticed)
			continue;
		arena_reset(&scratch);
		r = mutant_make(s->rule, s->candidates[i].mutant, &scratch, &made);
		if (r == 0)
			r = try_mutant(&trials, &made, &s->candidates[i].group->noticed);
	}
	return r;
}

/* The path in what was written, be it all of a survivor's line: "dropping `match.user` (user 'root')". */
static struct str written_path(struct str text)
{
	const char *begin = memchr(text.p, '`', text.len), *end;

	if (!begin)
		return text;
	begin++;
	end = memchr(begin, '`', text.len - (size_t)(begin - text.p));
	return end ? (struct str){ begin, (size_t)(end - begin) } : text;
}

/* What a rule says of its mutants, once it is known which of them survive. */
static void look_at_kept(const struct subject *s, struct stale_keep *stale, size_t *n)
{
	for (size_t i = 0; i < s->rule->n_mutants; i++) {
		const struct kept_mutant *kept = &s->rule->mutants[i];
		struct nearest nearest = NEAREST_INIT(written_path(kept->path));
		const struct candidate *found = NULL;

		for (size_t k = 0; k < s->n && !found; k++)
			if (str_eq(s->candidates[k].mutant->path, kept->path))
				found = &s->candidates[k];
		if (found && !found->group->noticed) {
			found->group->kept = kept;
			continue;
		}
		for (size_t k = 0; k < s->n && !found; k++)
			nearest_try(&nearest, s->candidates[k].mutant->path);
		stale[(*n)++] = (struct stale_keep){ s->rule, kept, found != NULL, nearest.best };
	}
}

static int collect_stale(struct check *c)
{
	struct stale_keep *stale;
	size_t n = 0;

	for (size_t i = 0; i < c->n_subjects; i++)
		n += c->subjects[i].rule->n_mutants;
	stale = arena_array(c->arena, n, sizeof(*stale));
	if (!stale)
		return -ENOMEM;
	for (size_t i = 0; i < c->n_subjects; i++)
		look_at_kept(&c->subjects[i], stale, &c->result.n_stale);
	c->result.stale = stale;
	return 0;
}

static int collect_survivors(struct check *c)
{
	struct survivor *survivors = arena_array(c->arena, c->result.n_mutants, sizeof(*survivors));
	struct mutation *m = &c->result;

	if (!survivors)
		return -ENOMEM;
	for (size_t i = 0; i < c->n_subjects; i++) {
		const struct subject *s = &c->subjects[i];

		for (size_t k = 0; k < s->n; k++) {
			struct group *g = s->candidates[k].group;

			if (g->noticed || g->told)
				continue;
			g->told = true;
			survivors[m->n_survivors++] =
				(struct survivor){ s->rule, s->candidates[k].mutant, g->kept };
			m->n_kept += g->kept != NULL;
			m->n_survived += !g->kept;
		}
	}
	m->survivors = survivors;
	return 0;
}

int mutation_check(const struct rule_outcome *rules, size_t n, struct arena *a, struct mutation *ret)
{
	struct check c = { .arena = a, .subjects = arena_array(a, n, sizeof(*c.subjects)) };
	int r = c.subjects ? 0 : -ENOMEM;

	for (size_t i = 0; i < n && r == 0; i++) {
		if (rules[i].n_failed)
			c.result.n_unchecked++;
		else if (rules[i].n_tests)
			r = find_mutants(&c, rules[i].rule);
	}
	if (r == 0)
		r = group_mutants(&c);
	for (size_t i = 0; i < c.n_subjects && r == 0; i++)
		r = check_subject(&c.subjects[i]);
	if (r == 0)
		r = collect_stale(&c);
	if (r == 0)
		r = collect_survivors(&c);
	if (r == 0)
		*ret = c.result;
	return r;
}
