/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a regex comes to: needles where it is nothing but texts, sequences where it can be read that far,
 * and else PCRE2, behind what must be there for it to match.
 */
#include <string.h>

#include "base/regex_syntax.h"
#include "engine/fold.h"
#include "engine/plan.h"
#include "engine/scan.h"

/* Some instructions. */
#define COST_SEQUENCE 60
#define COST_SEARCH 800
/* A regex of which nothing is known holds for so many. */
#define SHARE_REGEX 0.05f

static const struct node *out_of_memory(struct plan *p)
{
	p->failed = true;
	return node_true(p);
}

static bool is_text(const struct sequence *s)
{
	return s->n_before == 0 && s->n_after == 0 && !s->then;
}

static enum needle_place place_of(const struct sequence *s)
{
	if (s->at_start)
		return s->at_end ? NEEDLE_WHOLE : NEEDLE_START;
	return s->at_end ? NEEDLE_END : NEEDLE_IN;
}

/* The needle of a literal at any place, to be searched around. The text is kept with the sequence. */
static const struct node *needle_of(struct plan *p, unsigned int haystack, const struct literal *l)
{
	return node_needle(p, haystack, NEEDLE_IN, l->text, l->nocase);
}

/* A blank that is no space would not be found as one. */
static bool has_blank(struct str text)
{
	for (size_t i = 0; i < text.len; i++)
		if (text.p[i] != ' ' && is_blank(text.p[i]))
			return true;
	return false;
}

static bool is_run_of_blanks(const struct run *run)
{
	for (unsigned int c = 0; c < 256; c++)
		if (byte_set_has(run->set, (unsigned char)c) && !is_blank((char)c))
			return false;
	return run->min > 0;
}

/*
 * The needle of the first literal of a sequence. Where blanks are to be next to it, they are part of the
 * needle: that makes it rarer, and often long enough to be scanned for.
 */
static const struct node *needle_at(struct plan *p, unsigned int haystack, const struct sequence *s)
{
	bool before = s->n_before > 0 && is_run_of_blanks(&s->before[0]);
	bool after = s->n_after > 0 && is_run_of_blanks(&s->after[0]);
	size_t len = s->literal.text.len + before + after;
	char *text;

	if ((!before && !after) || len < SCAN_MARK || has_blank(s->literal.text))
		return needle_of(p, haystack, &s->literal);
	text = arena_alloc(p->kept, len);
	if (!text)
		return out_of_memory(p);
	memset(text, ' ', len);
	memcpy(text + before, s->literal.text.p, s->literal.text.len);
	return node_blanks(p, haystack, (struct str){ text, len }, s->literal.nocase);
}

/* All literals of one sequence are there. */
static const struct node *literals_of(struct plan *p, unsigned int haystack, const struct sequence *s)
{
	const struct node **parts;
	size_t n = 0;

	for (const struct sequence *next = s; next; next = next->then)
		n += next->rarest ? 2 : 1;
	parts = arena_array(&p->arena, n, sizeof(*parts));
	if (!parts)
		return out_of_memory(p);
	n = 0;
	for (const struct sequence *next = s; next; next = next->then) {
		parts[n++] = needle_at(p, haystack, next);
		if (next->rarest)
			parts[n++] = needle_of(p, haystack, next->rarest);
	}
	return node_all(p, parts, n);
}

static const struct node *plan_sequences(struct plan *p, unsigned int haystack,
					 const struct pattern *pattern, const struct cond *cond)
{
	const struct node **parts = arena_array(&p->arena, pattern->n_sequences + 1, sizeof(*parts));
	const struct node **gates = arena_array(&p->arena, pattern->n_sequences + 1, sizeof(*gates));
	struct located *located = arena_array(p->kept, pattern->n_sequences + 1, sizeof(*located));
	struct atom atom = {
		.kind = ATOM_SEQUENCES, .haystack = (uint16_t)haystack, .anchored = true, .cond = cond
	};
	const struct node *both[2];
	size_t n = 0;

	if (!parts || !gates || !located)
		return out_of_memory(p);
	for (size_t i = 0; i < pattern->n_sequences; i++) {
		const struct sequence *s = &pattern->sequences[i];

		if (is_text(s)) {
			parts[n++] =
				node_needle(p, haystack, place_of(s), s->literal.text, s->literal.nocase);
			continue;
		}
		gates[atom.n_located] = literals_of(p, haystack, s);
		located[atom.n_located].sequence = s;
		located[atom.n_located++].needle = needle_at(p, haystack, s)->number;
		atom.anchored &= s->at_start;
	}
	if (atom.n_located > 0) {
		atom.located = located;
		both[0] = node_some(p, gates, atom.n_located);
		both[1] = node_atom(p, &atom, 0.5f, COST_SEQUENCE * (float)atom.n_located);
		parts[n++] = node_all(p, both, 2);
	}
	return node_some(p, parts, n);
}

/* One of the literals of the factor is there. */
static const struct node *plan_factor(struct plan *p, unsigned int haystack, const struct factor *f)
{
	const struct node **parts = arena_array(&p->arena, f->n_literals, sizeof(*parts));

	if (!parts)
		return out_of_memory(p);
	for (size_t i = 0; i < f->n_literals; i++)
		parts[i] = needle_of(p, haystack, &f->literals[i]);
	return node_some(p, parts, f->n_literals);
}

/* The needles around which a match is sought, where it cannot begin far before them. */
static void keep_window(struct plan *p, unsigned int haystack, const struct pattern *pattern,
			struct atom *atom)
{
	const struct factor *f = pattern->factors;
	uint32_t *needles;

	atom->lead = SIZE_MAX;
	if (pattern->n_factors == 0 || f->n_literals == 0 || pattern->lead == SIZE_MAX ||
	    !regex_starts_alone(regex_pattern(atom->regex)))
		return;
	needles = arena_array(p->kept, f->n_literals, sizeof(*needles));
	if (!needles) {
		p->failed = true;
		return;
	}
	for (size_t i = 0; i < f->n_literals; i++)
		needles[i] = needle_of(p, haystack, &f->literals[i])->number;
	atom->needles = needles;
	atom->n_needles = f->n_literals;
	atom->lead = pattern->lead;
}

static const struct node *plan_search(struct plan *p, unsigned int haystack, struct regex *re,
				      const struct pattern *pattern, const struct cond *cond)
{
	const struct node **parts = arena_array(&p->arena, pattern->n_factors + 1, sizeof(*parts));
	struct run *runs = arena_array(p->kept, pattern->n_factors, sizeof(*runs));
	struct atom atom = { .kind = ATOM_REGEX, .haystack = (uint16_t)haystack, .cond = cond, .regex = re };
	size_t n = 0;

	if (!parts || !runs)
		return out_of_memory(p);
	for (size_t i = 0; i < pattern->n_factors; i++) {
		if (pattern->factors[i].n_literals > 0)
			parts[n++] = plan_factor(p, haystack, &pattern->factors[i]);
		else
			runs[atom.n_runs++] = pattern->factors[i].run;
	}
	atom.runs = runs;
	keep_window(p, haystack, pattern, &atom);
	parts[n++] = node_atom(p, &atom, SHARE_REGEX,
			       atom.n_runs > 0 ? COST_SEARCH / 20 : COST_SEARCH);
	return node_all(p, parts, n);
}

const struct node *plan_regex(struct plan *p, unsigned int haystack, struct regex *re,
			      const struct cond *cond)
{
	const struct node *node = plan_recall(p, re, haystack);
	struct pattern pattern = { .n_sequences = 0 };

	if (node)
		return node;
	if (!cond || pattern_read(regex_pattern(re), regex_flags(re), p->kept, &pattern) < 0)
		return out_of_memory(p);
	node = pattern.n_sequences > 0 ? plan_sequences(p, haystack, &pattern, cond) :
					 plan_search(p, haystack, re, &pattern, cond);
	return plan_remember(p, re, haystack, node);
}

/* The needle of a literal that is kept nowhere else. */
static const struct node *kept_needle(struct plan *p, unsigned int haystack, enum needle_place place,
				      const struct literal *l)
{
	struct str text = arena_str(p->kept, l->text);

	return str_known(text) ? node_needle(p, haystack, place, text, l->nocase) : out_of_memory(p);
}

/* A literal of one of the sequences. */
static const struct node *sequences_need(struct plan *p, unsigned int haystack, enum needle_place place,
					 const struct pattern *pattern)
{
	const struct node **parts = arena_array(&p->arena, pattern->n_sequences, sizeof(*parts));

	if (!parts)
		return out_of_memory(p);
	for (size_t i = 0; i < pattern->n_sequences; i++) {
		const struct sequence *s = &pattern->sequences[i];

		parts[i] = kept_needle(p, haystack, place, s->rarest ? s->rarest : &s->literal);
	}
	return node_some(p, parts, pattern->n_sequences);
}

/* A literal of each of the factors that have some. */
static const struct node *factors_need(struct plan *p, unsigned int haystack, enum needle_place place,
				       const struct pattern *pattern)
{
	const struct node **all = arena_array(&p->arena, pattern->n_factors + 1, sizeof(*all)), **some;
	size_t n = 0;

	for (size_t i = 0; all && i < pattern->n_factors; i++) {
		const struct factor *f = &pattern->factors[i];

		if (f->n_literals == 0)
			continue;
		some = arena_array(&p->arena, f->n_literals, sizeof(*some));
		if (!some)
			return out_of_memory(p);
		for (size_t k = 0; k < f->n_literals; k++)
			some[k] = kept_needle(p, haystack, place, &f->literals[k]);
		all[n++] = node_some(p, some, f->n_literals);
	}
	if (!all)
		return out_of_memory(p);
	return n > 0 ? node_all(p, all, n) : node_true(p);
}

const struct node *plan_regex_needs(struct plan *p, unsigned int haystack, enum needle_place place,
				    const struct regex *re)
{
	struct pattern pattern = { .n_sequences = 0 };

	if (pattern_read(regex_pattern(re), regex_flags(re), &p->arena, &pattern) < 0)
		return out_of_memory(p);
	return pattern.n_sequences > 0 ? sequences_need(p, haystack, place, &pattern) :
					 factors_need(p, haystack, place, &pattern);
}
