/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Building a matcher: a plan of all rules, then from it the program, the tables in which needles are looked
 * up, and the lists of rules that each needle triggers.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/grow.h"
#include "engine/compiled.h"
#include "engine/eval.h"
#include "engine/plan.h"

/* What is found more often than this is looked for only when a condition asks for it, unless it is a
 * trigger. */
#define HOT 0.02f

struct compiler {
	struct plan plan;
	struct matcher *m;
	const struct node **matches;	/* by rule */
	const struct node **exceptions;
	size_t n_exceptions;
	uint32_t *words;
	size_t n_words, cap_words;
};

/* Rules are added in their order. */
static void add_rule(struct rule_set *set, size_t rule)
{
	if (set->n == 0 || set->words[set->n - 1].word != rule / 64)
		set->words[set->n++] = (struct rule_word){ (uint32_t)(rule / 64), 0 };
	set->words[set->n - 1].bits |= UINT64_C(1) << rule % 64;
}

static int allocate_rules(struct compiler *c, const struct ruleset *rules)
{
	struct matcher *m = c->m;
	size_t n_exceptions = 0;

	m->ruleset = rules;
	m->rules = calloc(rules->n_rules + 1, sizeof(*m->rules));
	if (!m->rules)
		return -ENOMEM;
	for (size_t i = 0; i < rules->n_rules; i++) {
		const struct rule *rule = &rules->rules[i];

		if (rule->mode == MODE_OFF)
			continue;
		m->rules[m->n_rules++] = (struct compiled_rule){ rule, 0, (uint32_t)n_exceptions };
		n_exceptions += rule->n_exceptions;
	}
	if (m->n_rules >= UINT32_MAX / 2 || n_exceptions >= UINT32_MAX)
		return -ENOMEM;
	m->exceptions = calloc(n_exceptions + 1, sizeof(*m->exceptions));
	m->always.words = calloc(rule_words(m), sizeof(*m->always.words));
	m->of_argv.words = calloc(rule_words(m), sizeof(*m->of_argv.words));
	m->of_outcome = calloc(rule_words(m), sizeof(*m->of_outcome));
	c->matches = calloc(m->n_rules + 1, sizeof(*c->matches));
	c->exceptions = calloc(n_exceptions + 1, sizeof(*c->exceptions));
	if (!m->exceptions || !m->always.words || !m->of_argv.words || !m->of_outcome || !c->matches ||
	    !c->exceptions)
		return -ENOMEM;
	return 0;
}

static int plan_rules(struct compiler *c)
{
	struct plan *p = &c->plan;

	for (size_t i = 0; i < c->m->n_rules && !p->failed; i++) {
		const struct rule *rule = c->m->rules[i].rule;

		c->matches[i] = plan_cond(p, rule->match);
		for (size_t k = 0; k < rule->n_exceptions && !p->failed; k++)
			c->exceptions[c->n_exceptions++] = plan_cond(p, rule->exceptions[k].match);
	}
	return p->failed ? -ENOMEM : 0;
}

static void choose_triggers(struct compiler *c)
{
	struct plan *p = &c->plan;
	struct matcher *m = c->m;

	for (size_t i = 0; i < m->n_rules; i++) {
		const struct trigger *t = &c->matches[i]->trigger;

		if (t->n == 0)
			add_rule(&m->always, i);
		for (uint32_t k = 0; k < t->n; k++) {
			struct plan_needle *n = &p->needles[t->needles[k]];

			n->is_trigger = true;
			if (p->haystacks[n->needle.haystack].reads_argv)
				add_rule(&m->of_argv, i);
		}
		if (m->rules[i].rule->reads_outcome) {
			m->of_outcome[i / 64] |= UINT64_C(1) << i % 64;
			m->any_of_outcome = true;
		}
	}
}

static bool is_eager(const struct plan_needle *n)
{
	if (n->needle.place < NEEDLE_IN || n->needle.blanks)
		return true;
	if (n->needle.len < SCAN_MARK && !is_short_needle(&n->needle))
		return false;
	return n->is_trigger || n->share <= HOT || n->needle.place > NEEDLE_IN_WORD;
}

/* The needles in their final order: first those that are found beforehand. */
static int number_needles(struct compiler *c)
{
	struct plan *p = &c->plan;
	struct program *program = &c->m->program;
	struct needle *needles = arena_array(&c->m->arena, p->n_needles + 1, sizeof(*needles));
	uint32_t n = 0;

	if (!needles)
		return -ENOMEM;
	for (int eager = 1; eager >= 0; eager--) {
		for (size_t i = 0; i < p->n_needles; i++) {
			if (is_eager(&p->needles[i]) != (bool)eager)
				continue;
			p->needles[i].number = n;
			needles[n++] = p->needles[i].needle;
		}
		if (eager)
			program->n_eager = n;
	}
	program->needles = needles;
	program->n_needles = n;
	return 0;
}

/* Makes ready what an atom may search for. Where argv is cut, sequences are asked only whether they begin
 * it. */
static int prepare_atom(struct atom *a)
{
	int r;

	switch (a->kind) {
	case ATOM_COND:
		return cond_prepare(a->cond, true);
	case ATOM_SEQUENCES:
		return a->anchored ? cond_prepare(a->cond, false) : 0;
	case ATOM_REGEX:
		r = regex_prepare(a->regex, true);
		a->anchored = regex_is_anchored(a->regex);
		return r;
	}
	return 0;
}

/* Atoms know needles by the numbers of the plan until now. */
static int finish_atoms(struct compiler *c)
{
	struct plan *p = &c->plan;
	struct program *program = &c->m->program;
	struct atom *atoms = arena_array(&c->m->arena, p->n_atoms + 1, sizeof(*atoms));

	if (!atoms)
		return -ENOMEM;
	if (p->n_atoms > 0)
		memcpy(atoms, p->atoms, p->n_atoms * sizeof(*atoms));
	for (size_t i = 0; i < p->n_atoms; i++) {
		struct atom *a = &atoms[i];
		int r = prepare_atom(a);

		if (r < 0)
			return r;

		for (size_t k = 0; k < a->n_located; k++)
			a->located[k].needle = p->needles[a->located[k].needle].number;
		for (size_t k = 0; k < a->n_needles; k++) {
			a->needles[k] = p->needles[a->needles[k]].number;
			/* One that is not looked for beforehand leaves no places. */
			if (a->needles[k] >= program->n_eager)
				a->lead = SIZE_MAX;
		}
	}
	program->atoms = atoms;
	program->n_atoms = (uint32_t)p->n_atoms;
	return 0;
}

static void emit_word(struct compiler *c, uint32_t word)
{
	if (grow_array(&c->words, c->n_words, &c->cap_words, sizeof(*c->words)) < 0)
		c->plan.failed = true;
	else
		c->words[c->n_words++] = word;
}

static void emit(struct compiler *c, const struct node *n)
{
	size_t head = c->n_words;

	switch (n->code) {
	case CODE_TRUE:
		emit_word(c, code_word(CODE_TRUE, 0));
		return;
	case CODE_NEEDLE:
		emit_word(c, code_word(CODE_NEEDLE, c->plan.needles[n->number].number));
		return;
	case CODE_ATOM:
		emit_word(c, code_word(CODE_ATOM, n->number));
		return;
	case CODE_ANY:
		emit_word(c, code_word(CODE_ANY, n->n));
		for (uint32_t i = 0; i < n->n; i++)
			emit_word(c, c->plan.needles[n->needles[i]].number);
		return;
	case CODE_NOT:
		emit_word(c, code_word(CODE_NOT, 0));
		emit(c, n->parts[0]);
		return;
	case CODE_ALL:
	case CODE_SOME:
		emit_word(c, 0);
		for (uint32_t i = 0; i < n->n; i++)
			emit(c, n->parts[i]);
		if (!c->plan.failed)
			c->words[head] = code_word(n->code, c->n_words - head - 1);
		return;
	}
}

static int emit_rules(struct compiler *c)
{
	struct matcher *m = c->m;
	uint32_t *words;

	for (size_t i = 0; i < m->n_rules && !c->plan.failed; i++) {
		m->rules[i].match = (uint32_t)c->n_words;
		emit(c, c->matches[i]);
	}
	for (size_t i = 0; i < c->n_exceptions && !c->plan.failed; i++) {
		m->exceptions[i] = (uint32_t)c->n_words;
		emit(c, c->exceptions[i]);
	}
	if (c->plan.failed || c->n_words > CODE_MOST)
		return -ENOMEM;
	words = arena_array(&m->arena, c->n_words + 1, sizeof(*words));
	if (!words)
		return -ENOMEM;
	if (c->n_words > 0)
		memcpy(words, c->words, c->n_words * sizeof(*words));
	m->program.words = words;
	return 0;
}

/* By needle the rules that it triggers: counted, then filled in from the back. */
static int list_triggered(struct compiler *c)
{
	struct matcher *m = c->m;
	uint32_t n_needles = m->program.n_eager, total = 0;
	uint32_t *first = arena_array(&m->arena, (size_t)n_needles + 1, sizeof(*first)), *rules;

	if (!first)
		return -ENOMEM;
	for (size_t i = 0; i < m->n_rules; i++)
		for (uint32_t k = 0; k < c->matches[i]->trigger.n; k++)
			first[c->plan.needles[c->matches[i]->trigger.needles[k]].number]++;
	for (uint32_t i = 0; i <= n_needles; i++) {
		total += first[i];
		first[i] = total;
	}
	rules = arena_array(&m->arena, (size_t)total + 1, sizeof(*rules));
	if (!rules)
		return -ENOMEM;
	for (size_t i = m->n_rules; i-- > 0;)
		for (uint32_t k = 0; k < c->matches[i]->trigger.n; k++)
			rules[--first[c->plan.needles[c->matches[i]->trigger.needles[k]].number]] =
				(uint32_t)i;
	m->first_rule = first;
	m->triggered = rules;
	return 0;
}

static void mark_haystacks(struct compiler *c, const struct node *n)
{
	bool has_needles = n->code == CODE_NEEDLE || n->code == CODE_ANY;

	for (uint32_t i = 0; i < n->n; i++) {
		if (has_needles)
			c->m->searches[c->plan.needles[n->needles[i]].needle.haystack].for_failed = true;
		else
			mark_haystacks(c, n->parts[i]);
	}
}

static int build_searches(struct compiler *c)
{
	struct matcher *m = c->m;
	struct program *program = &m->program;
	struct haystack *haystacks = arena_array(&m->arena, c->plan.n_haystacks + 1, sizeof(*haystacks));
	int r = 0;

	m->searches = calloc(c->plan.n_haystacks + 1, sizeof(*m->searches));
	if (!haystacks || !m->searches)
		return -ENOMEM;
	if (c->plan.n_haystacks > 0)
		memcpy(haystacks, c->plan.haystacks, c->plan.n_haystacks * sizeof(*haystacks));
	program->haystacks = haystacks;
	m->n_haystacks = c->plan.n_haystacks;
	for (unsigned int i = 0; i < m->n_haystacks && r == 0; i++) {
		r = scan_new(program->needles, program->n_eager, i, &m->searches[i].scan);
		if (r == 0)
			r = shorts_new(program->needles, program->n_eager, i, &m->searches[i].shorts);
	}
	for (uint32_t i = 0; i < program->n_eager; i++) {
		const struct needle *n = &program->needles[i];

		m->searches[n->haystack].whole |= n->place == NEEDLE_WHOLE;
		m->searches[n->haystack].name |= n->place == NEEDLE_NAME;
	}
	for (size_t i = 0; i < m->n_rules; i++) {
		if (!m->rules[i].rule->reads_outcome)
			continue;
		mark_haystacks(c, c->matches[i]);
		for (size_t k = 0; k < m->rules[i].rule->n_exceptions; k++)
			mark_haystacks(c, c->exceptions[m->rules[i].exceptions + k]);
	}
	return r < 0 ? r : lookup_new(program->needles, program->n_eager, &m->lookup);
}

static void compiler_cleanup(struct compiler *c)
{
	plan_done(&c->plan);
	free(c->matches);
	free(c->exceptions);
	free(c->words);
}

int matcher_new(const struct ruleset *rules, struct matcher **ret)
{
	_cleanup_(matcher_free) struct matcher *m = calloc(1, sizeof(*m));
	_cleanup_(compiler) struct compiler c = { .m = m };
	int r;

	if (!m)
		return -ENOMEM;
	c.plan.kept = &m->arena;
	r = allocate_rules(&c, rules);
	if (r == 0)
		r = plan_rules(&c);
	if (r == 0) {
		choose_triggers(&c);
		r = number_needles(&c);
	}
	if (r == 0)
		r = finish_atoms(&c);
	if (r == 0)
		r = emit_rules(&c);
	if (r == 0)
		r = list_triggered(&c);
	if (r == 0)
		r = build_searches(&c);
	if (r < 0)
		return r;
	*ret = TAKE_PTR(m);
	return 0;
}

struct matcher *matcher_free(struct matcher *m)
{
	if (!m)
		return NULL;
	for (size_t i = 0; i < m->n_haystacks; i++) {
		scan_free(m->searches[i].scan);
		shorts_free(m->searches[i].shorts);
	}
	lookup_free(m->lookup);
	free(m->searches);
	free(m->rules);
	free(m->exceptions);
	free(m->always.words);
	free(m->of_argv.words);
	free(m->of_outcome);
	arena_done(&m->arena);
	free(m);
	return NULL;
}
