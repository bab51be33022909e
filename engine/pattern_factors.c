/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What every match must hold, from the leaves of the tree up. Of each part is known how long it is and,
 * where these are few, all texts that it matches; else with which texts its matches begin and end, which
 * may still become longer by what is next to it, and what else is in each of them.
 */
#include "engine/pattern_factors.h"

#include <errno.h>

#include "engine/pattern_set.h"
#include "engine/pattern_strings.h"

/* Runs that are shorter, and single bytes, are found nearly everywhere. */
#define MIN_RUN 4
#define MIN_LITERAL 2
#define MAX_FACTORS 16
/* So much rarer must a text be behind which all has to be searched, not only what is near it. */
#define FAR 4

/* In each match: one of the texts, or else a run. */
struct required {
	const struct required *next;
	struct strings strings;
	struct run run;
	size_t lead; /* bytes of the match that may be in front of it */
};

struct facts {
	size_t min, max; /* bytes; SIZE_MAX: without an end */
	struct strings all; /* the match is one of these; then head, tail and required are not used */
	struct strings head, tail;
	size_t tail_lead;
	const struct required *required;
};

struct reader {
	struct arena *scratch, *a;
};

static size_t plus(size_t a, size_t b)
{
	return a > SIZE_MAX - b ? SIZE_MAX : a + b;
}

static size_t times(size_t a, size_t b)
{
	size_t product;

	return __builtin_mul_overflow(a, b, &product) ? SIZE_MAX : product;
}

static const struct strings *head_of(const struct facts *f)
{
	return f->all.n > 0 ? &f->all : &f->head;
}

static const struct strings *tail_of(const struct facts *f)
{
	return f->all.n > 0 ? &f->all : &f->tail;
}

static size_t tail_lead_of(const struct facts *f)
{
	return f->all.n > 0 ? 0 : f->tail_lead;
}

static int require(struct reader *x, struct facts *f, const struct required *what)
{
	struct required *added = arena_alloc(x->scratch, sizeof(*added));

	if (!added)
		return -ENOMEM;
	*added = *what;
	added->next = f->required;
	f->required = added;
	return 0;
}

static int require_strings(struct reader *x, struct facts *f, const struct strings *s, size_t lead)
{
	if (strings_shortest(s) == 0)
		return 0;
	return require(x, f, &(struct required){ .strings = *s, .lead = lead });
}

static int require_run(struct reader *x, struct facts *f, const struct byte_set *set, size_t n)
{
	struct run run = { set, n < RUN_NO_END ? (uint32_t)n : RUN_NO_END - 1, RUN_NO_END };

	return n == 0 ? 0 : require(x, f, &(struct required){ .run = run });
}

static int require_all(struct reader *x, struct facts *f, const struct required *list, size_t lead)
{
	struct required moved;
	int r = 0;

	for (; list && r == 0; list = list->next) {
		moved = *list;
		moved.lead = plus(moved.lead, lead);
		r = require(x, f, &moved);
	}
	return r;
}

/* Of a part of no length; also the beginning of a concatenation. */
static int facts_of_nothing(struct reader *x, struct facts *ret)
{
	*ret = (struct facts){ 0 };
	return strings_of_text(STR_LIT(""), false, x->scratch, &ret->all);
}

/* @f and @next behind it, in place of @f. */
static int concat(struct reader *x, struct facts *f, const struct facts *next)
{
	struct facts both = { .min = plus(f->min, next->min), .max = plus(f->max, next->max) };
	struct strings joined;
	int r = strings_join(tail_of(f), head_of(next), x->scratch, &joined);

	if (r < 0)
		return r;
	if (joined.n > 0 && f->all.n > 0 && next->all.n > 0) {
		both.all = joined;
		*f = both;
		return 0;
	}
	both.head = *head_of(f);
	both.tail = *tail_of(next);
	both.tail_lead = plus(f->max, tail_lead_of(next));
	if (f->all.n > 0 && joined.n > 0) {
		both.head = joined;
	} else if (next->all.n > 0 && joined.n > 0) {
		both.tail = joined;
		both.tail_lead = f->tail_lead;
	} else if (joined.n > 0) {
		r = require_strings(x, &both, &joined, f->tail_lead);
	} else {
		/* Unless they are at an end of both. */
		r = f->all.n > 0 ? 0 : require_strings(x, &both, &f->tail, f->tail_lead);
		if (r == 0 && next->all.n == 0)
			r = require_strings(x, &both, &next->head, f->max);
	}
	if (r == 0 && f->all.n == 0)
		r = require_all(x, &both, f->required, 0);
	if (r == 0 && next->all.n == 0)
		r = require_all(x, &both, next->required, f->max);
	*f = both;
	return r;
}

static int facts_of(struct reader *x, const struct part *n, struct facts *ret);

static int facts_of_concat(struct reader *x, const struct part *n, struct facts *ret)
{
	struct facts next;
	int r = facts_of_nothing(x, ret);

	for (const struct part *child = n->first; child && r == 0; child = child->next) {
		r = facts_of(x, child, &next);
		r = r < 0 ? r : concat(x, ret, &next);
	}
	return r;
}

/* Everything that is required, the texts at the ends too. */
static int close_ends(struct reader *x, struct facts *f)
{
	int r = 0;

	if (f->all.n > 0) {
		f->required = NULL;
		return require_strings(x, f, &f->all, 0);
	}
	if (f->head.n > 0)
		r = require_strings(x, f, &f->head, 0);
	if (r == 0 && f->tail.n > 0)
		r = require_strings(x, f, &f->tail, f->tail_lead);
	return r;
}

static const struct required *best_strings(const struct required *list)
{
	const struct required *best = NULL;
	float share = 0, other;

	for (; list; list = list->next) {
		if (list->strings.n == 0)
			continue;
		other = strings_share(&list->strings) * (list->lead == SIZE_MAX ? FAR : 1);
		if (!best || other < share) {
			best = list;
			share = other;
		}
	}
	return best;
}

/* The longest run; of texts their bytes, where these are the only ones. */
static struct run best_run(const struct required *list)
{
	struct run best = { NULL, 0, RUN_NO_END };

	for (; list; list = list->next)
		if (list->strings.n == 0 && list->run.min > best.min)
			best = list->run;
	return best;
}

/* One of the branches: what is required of all is one thing of each. */
struct either {
	struct strings strings;
	size_t lead, run;
	struct byte_set set;
	bool first;
};

static int add_branch(struct reader *x, struct either *e, struct facts *f)
{
	const struct strings none = { NULL, 0 };
	const struct required *best;
	struct byte_set bytes;
	struct run run;
	size_t length;
	int r = close_ends(x, f);

	if (r < 0)
		return r;
	best = best_strings(f->required);
	run = best_run(f->required);
	bytes = best ? strings_bytes(&best->strings) : (struct byte_set){ { 0 } };
	length = best ? strings_shortest(&best->strings) : 0;
	if (run.min > length) {
		bytes = *run.set;
		length = run.min;
	}
	set_add(&e->set, &bytes);
	if (e->first || length < e->run)
		e->run = length;
	if (best && best->lead > e->lead)
		e->lead = best->lead;
	if (e->first)
		e->strings = best ? best->strings : none;
	else
		r = strings_or_parts(&e->strings, best ? &best->strings : &none, false, x->scratch,
				     &e->strings);
	e->first = false;
	return r;
}

static int facts_of_choice(struct reader *x, const struct part *n, struct facts *ret)
{
	struct facts all = { .min = SIZE_MAX }, next;
	struct either e = { .first = true };
	const struct byte_set *set;
	int r;

	for (const struct part *child = n->first; child; child = child->next) {
		bool first = child == n->first;

		r = facts_of(x, child, &next);
		if (r < 0)
			return r;
		all.min = next.min < all.min ? next.min : all.min;
		all.max = next.max > all.max ? next.max : all.max;
		if (first) {
			all.all = next.all;
			all.head = *head_of(&next);
			all.tail = *tail_of(&next);
		} else {
			r = strings_or(&all.all, &next.all, x->scratch, &all.all);
			r = r < 0 ? r
				  : strings_or_parts(&all.head, head_of(&next), false, x->scratch, &all.head);
			r = r < 0 ? r
				  : strings_or_parts(&all.tail, tail_of(&next), true, x->scratch, &all.tail);
		}
		r = r < 0 ? r : add_branch(x, &e, &next);
		if (r < 0)
			return r;
	}
	all.tail_lead = all.max == SIZE_MAX ? SIZE_MAX : all.max - strings_shortest(&all.tail);
	*ret = all;
	if (all.all.n > 0)
		return 0;
	r = require_strings(x, ret, &e.strings, e.lead);
	set = set_keep(&e.set, x->a);
	if (!set)
		return -ENOMEM;
	return r < 0 ? r : require_run(x, ret, set, e.run);
}

/* The texts of @n times @s, as often as they can be joined, but once at least. */
static int repeat_strings(struct reader *x, const struct strings *s, uint32_t n, struct strings *ret,
			  uint32_t *ret_n)
{
	struct strings all = *s, joined;
	uint32_t i;
	int r;

	for (i = 1; i < n; i++) {
		r = strings_join(&all, s, x->scratch, &joined);
		if (r < 0)
			return r;
		if (joined.n == 0)
			break;
		all = joined;
	}
	*ret = all;
	*ret_n = i;
	return 0;
}

static int facts_of_optional(struct reader *x, const struct facts *child, uint32_t max, struct facts *ret)
{
	struct facts f;
	int r = facts_of_nothing(x, &f);

	if (r < 0)
		return r;
	f.max = times(child->max, max == RUN_NO_END && child->max > 0 ? SIZE_MAX : max);
	if (max != 1)
		f.all = (struct strings){ NULL, 0 };
	else
		r = strings_or(&child->all, &f.all, x->scratch, &f.all);
	*ret = f;
	return r;
}

static int facts_of_repeat(struct reader *x, const struct part *n, struct facts *ret)
{
	size_t most = n->run.max == RUN_NO_END ? SIZE_MAX : n->run.max;
	const struct byte_set *set = part_is_byte(n->first);
	struct strings repeated;
	struct facts f;
	uint32_t joined = 0;
	int r = facts_of(x, n->first, &f);

	if (r < 0)
		return r;
	if (n->run.min == 0)
		return facts_of_optional(x, &f, n->run.max, ret);
	if (n->run.max == 1) {
		*ret = f;
		return 0;
	}
	*ret = (struct facts){ .min = times(f.min, n->run.min), .max = f.max > 0 ? times(f.max, most) : 0 };
	if (f.all.n > 0) {
		r = repeat_strings(x, &f.all, n->run.min, &repeated, &joined);
		if (joined == n->run.max)
			ret->all = repeated;
		ret->head = ret->tail = repeated;
		ret->tail_lead = ret->max;
	} else {
		ret->head = f.head;
		ret->tail = f.tail;
		ret->tail_lead =
			plus(f.max > 0 ? times(f.max, most == SIZE_MAX ? most : most - 1) : 0, f.tail_lead);
		ret->required = set ? NULL : f.required;
	}
	if (r == 0 && set && ret->all.n == 0)
		r = require_run(x, ret, set, n->run.min);
	return r;
}

static int facts_of(struct reader *x, const struct part *n, struct facts *ret)
{
	struct facts f = { 0 };
	int r;

	switch (n->kind) {
	case PART_TEXT:
		f.min = f.max = n->text.len;
		*ret = f;
		return strings_of_text(n->text, n->nocase, x->scratch, &ret->all);
	case PART_SET:
		f.min = f.max = 1;
		r = strings_of_set(n->run.set, x->scratch, &f.all);
		if (r == 0 && f.all.n == 0)
			r = require_run(x, &f, n->run.set, 1);
		*ret = f;
		return r;
	case PART_CONCAT:
		return facts_of_concat(x, n, ret);
	case PART_CHOICE:
		return facts_of_choice(x, n, ret);
	case PART_REPEAT:
		return facts_of_repeat(x, n, ret);
	case PART_UNKNOWN:
		if (n->run.max > 0) {
			f.max = n->run.max == RUN_NO_END ? SIZE_MAX : n->run.max;
			*ret = f;
			return 0;
		}
		return facts_of_nothing(x, ret);
	default:
		return facts_of_nothing(x, ret);
	}
}

/* Copies what was found out of the scratch. */
static int fill_factor(struct reader *x, const struct required *what, struct factor *ret, size_t *lead)
{
	struct strings reduced;
	struct literal *list;
	int r;

	*ret = (struct factor){ .run = what->run };
	*lead = what->lead;
	if (what->strings.n == 0)
		return 0;
	r = strings_reduce(&what->strings, x->scratch, &reduced, lead);
	if (r < 0)
		return r;
	list = arena_array(x->a, reduced.n, sizeof(*list));
	if (!list)
		return -ENOMEM;
	for (size_t i = 0; i < reduced.n; i++) {
		list[i].text = arena_str(x->a, reduced.list[i].text);
		list[i].nocase = reduced.list[i].nocase;
		if (!list[i].text.p)
			return -ENOMEM;
	}
	ret->literals = list;
	ret->n_literals = reduced.n;
	return 0;
}

/* Does it hold wherever @other does? Only of runs, where there are many of a kind. */
static bool follows_from(const struct required *what, const struct required *other)
{
	return what->strings.n == 0 && other->strings.n == 0 && what->run.min <= other->run.min &&
	       set_within(other->run.set, what->run.set);
}

static bool is_worth_it(const struct required *what, const struct required *list)
{
	if (what->strings.n > 0)
		return strings_shortest(&what->strings) >= MIN_LITERAL;
	for (const struct required *l = list; l; l = l->next)
		if (l != what && follows_from(what, l) && (l < what || !follows_from(l, what)))
			return false;
	return what->run.min >= MIN_RUN && !set_equal(what->run.set, &set_any);
}

static bool is_same(const struct factor *x, const struct factor *y)
{
	if (x->n_literals == 0 || x->n_literals != y->n_literals)
		return false;
	for (size_t i = 0; i < x->n_literals; i++)
		if (x->literals[i].nocase != y->literals[i].nocase ||
		    !str_eq(x->literals[i].text, y->literals[i].text))
			return false;
	return true;
}

/* With which branches begin and what is best of them, for one, may be the same. */
static bool is_new(const struct factor *factors, size_t n, const struct factor *f)
{
	for (size_t i = 0; i < n; i++)
		if (is_same(&factors[i], f))
			return false;
	return true;
}

/* The best of @list with texts, then the others; only if there is nothing else those that tell little. */
static int collect(struct reader *x, const struct required *list, struct pattern *ret)
{
	const struct required *best = best_strings(list);
	struct factor *factors = arena_array(x->a, MAX_FACTORS, sizeof(*factors));
	size_t n = 0, lead, ignored;
	int r;

	if (!factors)
		return -ENOMEM;
	if (best) {
		r = fill_factor(x, best, &factors[n++], &lead);
		if (r < 0)
			return r;
		ret->lead = lead;
	}
	for (size_t pass = 0; pass < 2 && (pass == 0 || n == 0); pass++) {
		for (const struct required *l = list; l && n < MAX_FACTORS; l = l->next) {
			if (l == best || (pass == 0 && !is_worth_it(l, list)))
				continue;
			r = fill_factor(x, l, &factors[n], &ignored);
			if (r < 0)
				return r;
			n += is_new(factors, n, &factors[n]);
		}
	}
	ret->factors = n > 0 ? factors : NULL;
	ret->n_factors = n;
	return 0;
}

int factors_of_tree(const struct part *root, struct arena *scratch, struct arena *a, struct pattern *ret)
{
	struct reader x = { scratch, a };
	struct facts f;
	int r = facts_of(&x, root, &f);

	r = r < 0 ? r : close_ends(&x, &f);
	if (r < 0)
		return r;
	ret->min_length = f.min;
	return collect(&x, f.required, ret);
}
