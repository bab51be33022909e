/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What conditions come to. Whatever is not put into needles stays as the plain evaluator has it, as an
 * atom; needles in front of it say when there is no need to ask.
 *
 * A field with one value takes its tests, and each test its operands, apart: AND of OR. A field with
 * several values does not, where there is more than one test: one value has to satisfy all of them. Its
 * tests are necessary all the same.
 */
#include <string.h>

#include "engine/operators.h"
#include "engine/plan.h"

/* Some instructions of the plain evaluator, and how often what it is asked holds. */
#define COST_PLAIN 150
#define SHARE_PLAIN 0.3f

/* The condition itself, as an atom. */
static const struct node *whole_cond(struct plan *p, const struct cond *c)
{
	const struct node *found = plan_recall(p, c, 0);
	const struct atom atom = { .kind = ATOM_COND, .cond = c };

	return found ? found : plan_remember(p, c, 0, node_atom(p, &atom, SHARE_PLAIN, COST_PLAIN));
}

/* A part of a condition as a condition, in the matcher's memory: one test. NULL: out of memory. */
static const struct cond *part_of(struct plan *p, const struct cond *c, const struct test *t)
{
	struct cond *cond = arena_alloc(p->kept, sizeof(*cond));
	struct test *test = arena_alloc(p->kept, sizeof(*test));

	if (!cond || !test) {
		p->failed = true;
		return NULL;
	}
	*test = *t;
	*cond = (struct cond){ .kind = COND_FIELD, .field = c->field, .n_tests = 1, .tests = test };
	return cond;
}

/* All of one test, as an atom. */
static const struct node *whole_test(struct plan *p, const struct cond *c, const struct test *t)
{
	const struct node *found;
	struct atom atom = { .kind = ATOM_COND };

	if (c->n_tests == 1)
		return whole_cond(p, c);
	found = plan_recall(p, t, 0);
	if (found)
		return found;
	atom.cond = part_of(p, c, t);
	return plan_remember(p, t, 0, node_atom(p, &atom, SHARE_PLAIN, COST_PLAIN));
}

/* A test is answered by needles alone, or it needs some and is to be asked itself then. */
struct answer {
	const struct node *node;
	bool is_needed;
};

static struct answer needed(const struct node *node)
{
	return (struct answer){ node, true };
}

static struct answer exact(const struct node *node)
{
	return (struct answer){ node, false };
}

/* One of the texts has to be in the haystack. An empty one is in all. */
static struct answer need_texts(struct plan *p, unsigned int haystack, enum needle_place place,
				const struct test *t, const struct str *texts)
{
	const struct node **parts = arena_array(&p->arena, t->n, sizeof(*parts));

	p->failed |= !parts;
	for (size_t i = 0; parts && i < t->n; i++) {
		if (texts[i].len == 0)
			return needed(node_true(p));
		parts[i] = node_needle(p, haystack, place, texts[i], t->nocase);
	}
	return needed(parts ? node_some(p, parts, t->n) : node_true(p));
}

/* The longest text without a star or another sign in a glob; empty where none is surely in what fits it. */
static struct str text_of_glob(struct str glob)
{
	struct str best = { glob.p, 0 };
	size_t start = 0;

	for (size_t i = 0; i <= glob.len; i++) {
		/* What a set or a backslash means is not read here. */
		if (i < glob.len && memchr("[\\", glob.p[i], 2))
			return (struct str){ glob.p, 0 };
		if (i < glob.len && !memchr("*?", glob.p[i], 2))
			continue;
		if (i - start > best.len)
			best = (struct str){ glob.p + start, i - start };
		start = i + 1;
	}
	return best;
}

static struct answer plan_globs(struct plan *p, const struct test *t, unsigned int haystack,
				enum needle_place place)
{
	struct str *texts = arena_array(&p->arena, t->n, sizeof(*texts));

	if (!texts) {
		p->failed = true;
		return needed(node_true(p));
	}
	for (size_t i = 0; i < t->n; i++)
		texts[i] = text_of_glob(t->texts[i]);
	return need_texts(p, haystack, place, t, texts);
}

static enum needle_place place_of(enum op op, bool in_word)
{
	switch (op) {
	case OP_IN: return NEEDLE_WHOLE;
	case OP_PREFIX: return NEEDLE_START;
	case OP_SUFFIX: return NEEDLE_END;
	default: return in_word ? NEEDLE_IN_WORD : NEEDLE_IN;
	}
}

/* Any of the texts. An empty one is in every value that is known, which no needle says. */
static struct answer plan_texts(struct plan *p, const struct test *t, unsigned int haystack, bool in_word)
{
	const struct node **parts = arena_array(&p->arena, t->n, sizeof(*parts));

	p->failed |= !parts;
	for (size_t i = 0; parts && i < t->n; i++) {
		if (t->texts[i].len == 0 && t->op != OP_IN)
			return needed(node_true(p));
		parts[i] = node_needle(p, haystack, place_of(t->op, in_word), t->texts[i], t->nocase);
	}
	return exact(parts ? node_some(p, parts, t->n) : node_true(p));
}

/* Of words that are searched where they stand together. A text without a space that is in all of them is in
 * one of them; all else has to be looked at word by word. */
static struct answer plan_words(struct plan *p, const struct test *t, unsigned int haystack)
{
	bool apart = t->op == OP_CONTAINS;

	for (size_t i = 0; i < t->n && apart; i++)
		apart = t->texts[i].len > 0 && !memchr(t->texts[i].p, ' ', t->texts[i].len);
	if (apart)
		return plan_texts(p, t, haystack, true);
	return need_texts(p, haystack, NEEDLE_IN_WORD, t, t->texts);
}

static struct answer plan_regexes(struct plan *p, const struct cond *c, const struct test *t,
				  unsigned int haystack)
{
	const struct node **parts = arena_array(&p->arena, t->n, sizeof(*parts));

	p->failed |= !parts;
	for (size_t i = 0; parts && i < t->n; i++) {
		const struct test one = test_single(t, i);
		const struct cond *cond = c->n_tests == 1 && t->n == 1 ? c : part_of(p, c, &one);

		parts[i] = plan_regex(p, haystack, t->regexes[i], cond);
	}
	return exact(parts ? node_some(p, parts, t->n) : node_true(p));
}

/* The same of a field with several values, which are asked one by one: only what the regexes need is sought
 * in all of them. */
static struct answer need_regexes(struct plan *p, const struct test *t, unsigned int haystack,
				  enum needle_place place)
{
	const struct node **parts = arena_array(&p->arena, t->n, sizeof(*parts));

	p->failed |= !parts;
	for (size_t i = 0; parts && i < t->n; i++) {
		parts[i] = plan_regex_needs(p, haystack, place, t->regexes[i]);
		if (parts[i]->code == CODE_TRUE)
			return needed(parts[i]);
	}
	return needed(parts ? node_some(p, parts, t->n) : node_true(p));
}

/* Is it about where one of some texts or regexes is in the value? */
static bool is_searched(const struct test *t)
{
	switch (t->op) {
	case OP_IN:
	case OP_PREFIX:
	case OP_SUFFIX:
	case OP_CONTAINS:
	case OP_GLOB:
	case OP_RE:
		return t->form != FORM_FIELD;
	default:
		return false;
	}
}

static struct answer plan_test(struct plan *p, const struct cond *c, const struct test *t)
{
	struct haystack haystack;
	enum needle_place place;
	unsigned int number;
	bool splits;

	if (!is_searched(t) || !haystack_of(c->field, &haystack))
		return needed(node_true(p));
	splits = haystack_splits(&haystack, c->field);
	place = splits ? NEEDLE_IN_WORD : NEEDLE_IN;
	number = plan_haystack(p, &haystack);
	if (p->failed)
		return needed(node_true(p));
	if (t->op == OP_RE && (splits || haystack.kind == HAYSTACK_VALUES))
		return need_regexes(p, t, number, place);
	if (t->op == OP_RE)
		return plan_regexes(p, c, t, number);
	if (t->op == OP_GLOB)
		return plan_globs(p, t, number, place);
	return splits ? plan_words(p, t, number) : plan_texts(p, t, number, false);
}

static const struct node *plan_field(struct plan *p, const struct cond *c)
{
	bool together = field_ref_is_many(c->field) && c->n_tests > 1;
	const struct node **parts;
	size_t n = 0;

	if (field_ref_is_number(c->field) || asks_for_absence(c))
		return whole_cond(p, c);
	parts = arena_array(&p->arena, (size_t)c->n_tests * 2 + 1, sizeof(*parts));
	if (!parts) {
		p->failed = true;
		return node_true(p);
	}
	for (size_t i = 0; i < c->n_tests; i++) {
		struct answer answer = plan_test(p, c, &c->tests[i]);

		if (answer.node->code != CODE_TRUE)
			parts[n++] = answer.node;
		if (answer.is_needed && !together)
			parts[n++] = whole_test(p, c, &c->tests[i]);
	}
	if (together || n == 0)
		parts[n++] = whole_cond(p, c);
	return node_all(p, parts, n);
}

static const struct node *plan_kind(struct plan *p, const struct cond *c)
{
	const struct node **parts;

	switch (c->kind) {
	case COND_TRUE:
		return node_true(p);
	case COND_FIELD:
		return plan_field(p, c);
	case COND_NOT:
		return node_not(p, plan_cond(p, c->children[0]));
	case COND_ALL:
	case COND_ANY:
		break;
	}
	parts = arena_array(&p->arena, c->n_children, sizeof(*parts));
	if (!parts) {
		p->failed = true;
		return node_true(p);
	}
	for (size_t i = 0; i < c->n_children; i++)
		parts[i] = plan_cond(p, c->children[i]);
	return c->kind == COND_ALL ? node_all(p, parts, c->n_children) : node_some(p, parts, c->n_children);
}

/* Conditions that say the same are one, and so are their plans. */
const struct node *plan_cond(struct plan *p, const struct cond *c)
{
	const struct node *node = plan_recall(p, c, SIZE_MAX);

	return node ? node : plan_remember(p, c, SIZE_MAX, plan_kind(p, c));
}
