/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Running conditions. On an event whose argv is whole a needle is a bit. Where argv is cut or partial, a
 * needle that was found may still be no yes, and one that was not is no no: then the plain evaluator is
 * asked, but for what would take it a walk over the whole text.
 */
#include "engine/program.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "engine/eval.h"

static struct str value_of(const struct run_state *s, unsigned int haystack)
{
	return haystack_text(&s->program->haystacks[haystack], s->ev);
}

static bool haystack_is_whole(const struct run_state *s, unsigned int haystack)
{
	return s->argv_whole || !s->program->haystacks[haystack].reads_argv;
}

/* As the plain evaluator sees it: a condition with one test, and that with one operand. */
static enum truth needle_eval(const struct run_state *s, const struct needle *n)
{
	static const enum op ops[] = {
		[NEEDLE_WHOLE] = OP_IN, [NEEDLE_NAME] = OP_SUFFIX, [NEEDLE_IN] = OP_CONTAINS,
		[NEEDLE_IN_WORD] = OP_CONTAINS, [NEEDLE_START] = OP_PREFIX, [NEEDLE_END] = OP_SUFFIX,
	};
	const struct str text = needle_text(n);
	const struct test test = { .op = ops[n->place], .nocase = n->nocase, .n = 1, .texts = &text };
	const struct cond cond = {
		.kind = COND_FIELD,
		.field = &s->program->haystacks[n->haystack].ref,
		.n_tests = 1,
		.tests = &test,
	};

	return cond_eval(&cond, s->ev, s->regex);
}

static bool is_inside(const struct needle *n)
{
	return n->place == NEEDLE_IN || n->place == NEEDLE_IN_WORD;
}

/* Where it is known that there are no words, none is hidden. */
static bool has_no_words(const struct event *ev)
{
	return ev->argv.n == 0 && ev->argc.known && ev->argc.value == 0;
}

/* A needle of a text that is not all there. */
static enum truth needle_of_part(const struct run_state *s, uint32_t needle)
{
	const struct needle *n = &s->program->needles[needle];
	const struct haystack *haystack = &s->program->haystacks[n->haystack];
	bool found;

	if (n->place == NEEDLE_IN_WORD && has_no_words(s->ev))
		return TRUTH_NO;
	if (!is_inside(n) || haystack->kind != HAYSTACK_JOINED || !str_known(haystack_text(haystack, s->ev)))
		return needle_eval(s, n);
	if (needle < s->program->n_eager)
		found = hits_have(&s->hits, needle);
	else
		found = needle_holds(n, haystack_text(haystack, s->ev));
	/* The words to the left and right of a space need not be neighbours. */
	if (found && (n->place == NEEDLE_IN_WORD || event_argv_state(s->ev) == ARGV_CUT ||
		      !memchr(n->text, ' ', n->len)))
		return TRUTH_YES;
	return TRUTH_UNDECIDED;
}

static enum truth needle_lazy(struct run_state *s, uint32_t needle)
{
	const struct needle *n = &s->program->needles[needle];
	const struct haystack *haystack = &s->program->haystacks[n->haystack];
	uint8_t *known = &s->lazy_truth[needle - s->program->n_eager];
	enum truth truth;
	struct str value;

	if (*known)
		return (enum truth)(*known - 1);
	if (haystack->kind == HAYSTACK_VALUES) {
		truth = needle_eval(s, n);
	} else {
		value = haystack_text(haystack, s->ev);
		truth = truth_of(str_known(value) && needle_holds(n, value));
	}
	*known = (uint8_t)(1 + truth);
	s->asked_lazy[s->n_asked_lazy++] = needle;
	return truth;
}

static inline enum truth needle_truth(struct run_state *s, uint32_t needle)
{
	if (!s->argv_whole && s->program->haystacks[s->program->needles[needle].haystack].reads_argv)
		return needle_of_part(s, needle);
	if (needle >= s->program->n_eager)
		return needle_lazy(s, needle);
	return truth_of(hits_have(&s->hits, needle));
}

static enum truth any_needle(struct run_state *s, const uint32_t *needles, size_t n)
{
	enum truth any = TRUTH_NO;

	for (size_t i = 0; i < n && any != TRUTH_YES; i++)
		any = truth_or(any, needle_truth(s, needles[i]));
	return any;
}

/* Is one of the sequences there? @cut: however the text goes on. */
static bool has_sequence(const struct run_state *s, const struct atom *a, struct str value, bool cut)
{
	for (size_t i = 0; i < a->n_located; i++) {
		uint32_t needle = a->located[i].needle;
		bool eager = needle < s->program->n_eager;

		if (eager && !hits_have(&s->hits, needle))
			continue;
		if (sequence_in(a->located[i].sequence, value, eager ? s->hits.places[needle].first : 0, cut))
			return true;
	}
	return false;
}

static enum truth sequences_truth(const struct run_state *s, const struct atom *a)
{
	struct str value = value_of(s, a->haystack);

	return truth_of(str_known(value) && has_sequence(s, a, value, false));
}

/* Are there @min bytes of the set in a row? Only every @min-th byte need be looked at, until one is of
 * it. */
static bool has_run(struct str text, const struct run *run)
{
	size_t n = run->min, i = n - 1, start, end;

	while (i < text.len) {
		if (!byte_set_has(run->set, (unsigned char)text.p[i])) {
			i += n;
			continue;
		}
		for (start = i; start > 0 && i + 1 - start < n; start--)
			if (!byte_set_has(run->set, (unsigned char)text.p[start - 1]))
				break;
		for (end = i + 1; end < text.len && end - start < n; end++)
			if (!byte_set_has(run->set, (unsigned char)text.p[end]))
				break;
		if (end - start >= n)
			return true;
		i = end + n;
	}
	return false;
}

/* Needles that may be so far apart are searched around one by one, up to so many times each. */
#define WIDE_WINDOW 1024
#define MOST_PLACES 64

/* Where a match may begin; false: nowhere. */
static bool find_window(const struct run_state *s, const struct atom *a, size_t *ret_from, size_t *ret_to)
{
	uint32_t first = UINT32_MAX, last = 0;

	for (size_t i = 0; i < a->n_needles; i++) {
		const struct hit_places *places = &s->hits.places[a->needles[i]];

		if (!hits_have(&s->hits, a->needles[i]))
			continue;
		first = places->first < first ? places->first : first;
		last = places->last > last ? places->last : last;
	}
	*ret_from = first > a->lead ? first - a->lead : 0;
	*ret_to = last;
	return first != UINT32_MAX;
}

static enum truth search_between(struct run_state *s, const struct atom *a, struct str value, size_t from,
				 size_t to)
{
	s->regex_runs++;
	return regex_search_between(a->regex, value, from, to, s->regex);
}

/* At each place of one needle, and behind too many of them in one piece. */
static enum truth search_around(struct run_state *s, const struct atom *a, struct str value, uint32_t needle)
{
	const struct needle *n = &s->program->needles[needle];
	size_t at = s->hits.places[needle].first, last = s->hits.places[needle].last, done = 0;
	enum truth found = TRUTH_NO;

	for (int i = 0; at <= last && found != TRUTH_YES; i++) {
		size_t from = at > a->lead ? at - a->lead : 0, to = i < MOST_PLACES ? at : last;

		found = truth_or(found, search_between(s, a, value, from > done ? from : done, to));
		done = to + 1;
		at = n->nocase ? str_find_nocase(value, needle_text(n), done) :
				 str_find(value, needle_text(n), done);
	}
	return found;
}

static enum truth search_places(struct run_state *s, const struct atom *a, struct str value)
{
	enum truth found = TRUTH_NO;

	for (size_t i = 0; i < a->n_needles && found != TRUTH_YES; i++)
		if (hits_have(&s->hits, a->needles[i]))
			found = truth_or(found, search_around(s, a, value, a->needles[i]));
	return found;
}

static enum truth regex_truth(struct run_state *s, const struct atom *a)
{
	struct str value = value_of(s, a->haystack);
	size_t from, to;

	if (!str_known(value))
		return TRUTH_NO;
	for (size_t i = 0; i < a->n_runs; i++)
		if (!has_run(value, &a->runs[i]))
			return TRUTH_NO;
	if (a->lead == SIZE_MAX) {
		s->regex_runs++;
		return regex_search(a->regex, value, false, s->regex);
	}
	if (!find_window(s, a, &from, &to))
		return TRUTH_NO;
	return to - from <= WIDE_WINDOW + a->lead ? search_between(s, a, value, from, to) :
						    search_places(s, a, value);
}

/* May the regex be in what is there of a text? */
static bool may_be_there(const struct run_state *s, const struct atom *a, struct str value)
{
	size_t from, to;

	for (size_t i = 0; i < a->n_runs; i++)
		if (!has_run(value, &a->runs[i]))
			return false;
	return a->lead == SIZE_MAX || find_window(s, a, &from, &to);
}

/* Of a text that is not all there. Found is found; where a match may begin anywhere, not to find it says
 * nothing. What else there is to say, the plain evaluator says. */
static enum truth atom_of_part(struct run_state *s, const struct atom *a)
{
	struct str value = value_of(s, a->haystack);

	if (!str_known(value) || event_argv_state(s->ev) == ARGV_PARTIAL || a->anchored)
		return cond_eval(a->cond, s->ev, s->regex);
	if (a->kind == ATOM_REGEX)
		return may_be_there(s, a, value) ? cond_eval(a->cond, s->ev, s->regex) : TRUTH_UNDECIDED;
	return has_sequence(s, a, value, true) ? TRUTH_YES : TRUTH_UNDECIDED;
}

static enum truth atom_eval(struct run_state *s, const struct atom *a)
{
	if (a->kind == ATOM_COND)
		return cond_eval(a->cond, s->ev, s->regex);
	if (!haystack_is_whole(s, a->haystack))
		return atom_of_part(s, a);
	return a->kind == ATOM_SEQUENCES ? sequences_truth(s, a) : regex_truth(s, a);
}

static enum truth atom_truth(struct run_state *s, uint32_t atom)
{
	enum truth truth;

	if (s->atom_truth[atom])
		return (enum truth)(s->atom_truth[atom] - 1);
	truth = atom_eval(s, &s->program->atoms[atom]);
	s->atom_truth[atom] = (uint8_t)(1 + truth);
	s->asked[s->n_asked++] = atom;
	return truth;
}

static enum truth run(struct run_state *s, const uint32_t **at);

static enum truth run_all(struct run_state *s, const uint32_t *at, const uint32_t *end)
{
	enum truth all = TRUTH_YES;

	while (at < end && all != TRUTH_NO)
		all = truth_and(all, run(s, &at));
	return all;
}

static enum truth run_some(struct run_state *s, const uint32_t *at, const uint32_t *end)
{
	enum truth some = TRUTH_NO;

	while (at < end && some != TRUTH_YES)
		some = truth_or(some, run(s, &at));
	return some;
}

/* Moves *at behind what it has run. */
static enum truth run(struct run_state *s, const uint32_t **at)
{
	uint32_t word = *(*at)++, number = word >> CODE_BITS;
	const uint32_t *parts = *at;

	switch ((enum code)(word & ((1 << CODE_BITS) - 1))) {
	case CODE_TRUE:
		return TRUTH_YES;
	case CODE_NEEDLE:
		return needle_truth(s, number);
	case CODE_ATOM:
		return atom_truth(s, number);
	case CODE_ANY:
		*at += number;
		return any_needle(s, parts, number);
	case CODE_ALL:
		*at += number;
		return run_all(s, parts, *at);
	case CODE_SOME:
		*at += number;
		return run_some(s, parts, *at);
	case CODE_NOT:
		return truth_not(run(s, at));
	}
	return TRUTH_UNDECIDED;
}

enum truth program_run(struct run_state *s, uint32_t at)
{
	const uint32_t *words = s->program->words + at;

	return run(s, &words);
}

int run_state_init(struct run_state *s, const struct program *p, size_t n_rules)
{
	size_t n_eager = p->n_eager, n_lazy = p->n_needles - n_eager, n_atoms = p->n_atoms;
	struct hits *h = &s->hits;

	*s = (struct run_state){ .program = p };
	h->bits = calloc(n_eager / 64 + 1, sizeof(*h->bits));
	h->places = calloc(n_eager + 1, sizeof(*h->places));
	h->found = calloc(n_eager + 1, sizeof(*h->found));
	h->candidates = calloc(n_rules / 64 + 1, sizeof(*h->candidates));
	h->words = calloc(n_rules / 4096 + 1, sizeof(*h->words));
	s->atom_truth = calloc(n_atoms + 1, sizeof(*s->atom_truth));
	s->asked = calloc(n_atoms + 1, sizeof(*s->asked));
	s->lazy_truth = calloc(n_lazy + 1, sizeof(*s->lazy_truth));
	s->asked_lazy = calloc(n_lazy + 1, sizeof(*s->asked_lazy));
	if (!h->bits || !h->places || !h->found || !h->candidates || !h->words || !s->atom_truth ||
	    !s->asked || !s->lazy_truth || !s->asked_lazy)
		return -ENOMEM;
	return regex_scratch_new(&s->regex);
}

void run_state_done(struct run_state *s)
{
	free(s->hits.bits);
	free(s->hits.places);
	free(s->hits.found);
	free(s->hits.candidates);
	free(s->hits.words);
	free(s->atom_truth);
	free(s->asked);
	free(s->lazy_truth);
	free(s->asked_lazy);
	regex_scratch_free(s->regex);
}

void run_state_reset(struct run_state *s)
{
	struct hits *h = &s->hits;

	for (size_t i = 0; i < h->n; i++)
		h->bits[h->found[i] / 64] = 0;
	for (size_t i = 0; i < s->n_asked; i++)
		s->atom_truth[s->asked[i]] = 0;
	for (size_t i = 0; i < s->n_asked_lazy; i++)
		s->lazy_truth[s->asked_lazy[i] - s->program->n_eager] = 0;
	h->n = s->n_asked = s->n_asked_lazy = 0;
}
