/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The nearest miss: which tests to change.
 *
 * The nodes know what turning them costs, so the search goes down only where the price is paid. Where one
 * change is enough there may be several to choose from: each is measured (how far is the value from the
 * operand?), and the nearest come first.
 */
#include "engine/explain_nearest.h"

#include <string.h>

#include "base/nearest.h"
#include "engine/eval.h"

/* Bytes compared for the sake of all proposals together, and of one text for the longest common part. */
#define MAX_STEPS ((size_t)64 << 20)
#define COMMON_TEXT 4096
#define COMMON_OPERAND 64
/* Patterns that are tried without regard to case. */
#define MAX_PATTERNS 8

struct search {
	const struct explanation *x;
	struct regex_scratch *scratch;
	size_t steps;			/* that are left */
};

/* The best so far, nearest first; a full list drops its last. */
struct changes {
	struct explain_change *item;
	size_t n, cap;
};

static void insert(struct changes *to, const struct explain_change *change)
{
	size_t at = to->n;

	while (at > 0 && to->item[at - 1].closeness < change->closeness)
		at--;
	if (at == to->cap)
		return;
	to->n += to->n < to->cap;
	memmove(&to->item[at + 1], &to->item[at], (to->n - 1 - at) * sizeof(*to->item));
	to->item[at] = *change;
}

static bool spend(struct search *s, size_t steps)
{
	if (s->steps < steps)
		return false;
	s->steps -= steps;
	return true;
}

static size_t shorter(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* Bytes that both begin, or with @end end with. */
static size_t common_end(struct str a, struct str b, bool end)
{
	size_t n = shorter(a.len, b.len), i = 0;

	while (i < n && (end ? a.p[a.len - 1 - i] == b.p[b.len - 1 - i] : a.p[i] == b.p[i]))
		i++;
	return i;
}

/* Length of the longest part of @operand that is in @text, as far as is looked. */
static size_t common_part(struct str text, struct str operand)
{
	size_t rows[COMMON_OPERAND + 1] = { 0 }, m = shorter(operand.len, COMMON_OPERAND), longest = 0;
	size_t n = shorter(text.len, COMMON_TEXT);

	for (size_t i = 0; i < n; i++) {
		for (size_t j = m; j > 0; j--) {
			rows[j] = text.p[i] == operand.p[j - 1] ? rows[j - 1] + 1 : 0;
			longest = rows[j] > longest ? rows[j] : longest;
		}
	}
	return longest;
}

/* How near operand @i is to @text, 0 to 990. */
static int closeness(struct search *s, const struct test *t, size_t i, struct str text)
{
	struct nearest nearest = NEAREST_INIT(text);
	struct str operand = t->texts[i];
	size_t shared = 0, m = shorter(operand.len, COMMON_OPERAND);

	switch (t->op) {
	case OP_IN:
		if (text.len > 64)
			return 0;
		if (spend(s, 1 + text.len * shorter(operand.len, 64)))
			nearest_try(&nearest, operand);
		if (!str_known(nearest.best) || text.len == 0)
			return 0;
		return 990 - (int)(900 * nearest.distance / text.len);
	case OP_PREFIX:
	case OP_SUFFIX:
		if (spend(s, operand.len))
			shared = common_end(text, operand, t->op == OP_SUFFIX);
		return operand.len ? (int)(900 * shared / operand.len) : 0;
	case OP_CONTAINS:
		if (spend(s, 1 + shorter(text.len, COMMON_TEXT) * m))
			shared = common_part(text, operand);
		return operand.len ? (int)(900 * shared / operand.len) : 0;
	default:
		return 0;
	}
}

/* Does it hold once upper and lower case are the same? */
static bool holds_nocase(struct search *s, const struct test *t, const struct value *v)
{
	struct test other = *t;

	if (t->op != OP_RE) {
		/* Whatever is anywhere in the text is looked for from each of its bytes. */
		bool anywhere = t->op == OP_CONTAINS || t->op == OP_GLOB;

		other.nocase = true;
		return !t->nocase && spend(s, t->n * (anywhere ? v->text.len + 1 : COMMON_OPERAND)) &&
		       test_value(&other, FT_TEXT, v, TEXT_WHOLE, s->scratch) == TRUTH_YES;
	}
	for (size_t i = 0; i < shorter(t->n, MAX_PATTERNS); i++) {
		struct str text = test_operand_text(t, i);
		_cleanup_(regex_free) struct regex *re = NULL;
		_cleanup_(buf) struct buf pattern = BUF_INIT;
		struct regex_error error;

		buf_text(&pattern, "(?i)");
		buf_str(&pattern, text);
		if (!str_has_prefix(text, STR_LIT("(*")) && !pattern.error &&
		    regex_new(buf_get(&pattern), 0, &error, &re) == 0 && regex_prepare(re, false) == 0 &&
		    regex_search(re, v->text, false, s->scratch) == TRUTH_YES)
			return true;
	}
	return false;
}

/* Which of the kept values, and which operand, are nearest to a match. */
static void find_nearest(struct search *s, struct explain_change *c)
{
	const struct explain_node *n = c->node;
	/* Of several tests it is the first value that passes most. */
	size_t n_values = n->cond->n_tests > 1 ? 1 : shorter(n->n_values, EXPLAIN_VALUES);

	c->operand = c->test->n;
	c->value = n->n_values ? &n->values[0] : NULL;
	if (!c->value || field_ref_is_number(n->cond->field) || c->test->op == OP_SET ||
	    c->test->form == FORM_FIELD)
		return;
	for (size_t i = 0; i < n_values; i++) {
		if (holds_nocase(s, c->test, &n->values[i])) {
			c->value = &n->values[i];
			c->closeness = EXPLAIN_NOCASE;
			return;
		}
		for (size_t k = 0; c->test->op != OP_RE && k < c->test->n; k++) {
			int near = closeness(s, c->test, k, n->values[i].text);

			if (near <= c->closeness)
				continue;
			c->closeness = near;
			c->operand = k;
			c->value = &n->values[i];
		}
	}
}

/* The operand that lets @c->value through and must not. */
static void find_holding(struct search *s, struct explain_change *c)
{
	enum field_type type = c->node->cond->field->field->type;
	const struct test *t = c->test;

	c->value = c->node->n_values ? &c->node->values[0] : NULL;
	c->operand = t->n;
	if (!c->value || t->op == OP_SET || t->form == FORM_FIELD)
		return;
	for (size_t i = 0; i < t->n && c->operand == t->n; i++) {
		struct test one = test_single(t, i);

		if (test_value(&one, type, c->value, c->node->state, s->scratch) == TRUTH_YES)
			c->operand = i;
	}
}

static struct explain_change change_of(struct search *s, const struct explain_node *n, const struct test *t,
				       bool hold)
{
	struct explain_change c = { .node = n, .test = t, .hold = hold, .at = test_at(t), .sure = true };

	if (!hold) {
		find_holding(s, &c);
		c.closeness = 500;
		return c;
	}
	find_nearest(s, &c);
	/* A number is somewhere, a text that shares nothing is further off; what is missing needs another
	 * record. */
	if (c.closeness == 0 && c.value)
		c.closeness = field_ref_is_number(n->cond->field) ? 300 : t->op == OP_RE ? 200 : 50;
	if (c.value && t->form == FORM_NUMBERS && op_table[t->op].operand == OPERAND_BOUND &&
	    c.value->number != 0) {
		uint64_t off = explain_distance(c.value->number, t->numbers[0]);
		uint64_t size = explain_distance(c.value->number, 0) > explain_distance(t->numbers[0], 0) ?
				explain_distance(c.value->number, 0) : explain_distance(t->numbers[0], 0);

		c.closeness = 990 - (int)(900.0 * ((double)off / (double)size / 2));
	}
	return c;
}

/* The tests of a leaf that are in the way of what is wanted. */
static void leaf_changes(struct search *s, const struct explain_node *n, bool hold, struct changes *to)
{
	for (size_t i = 0; i < n->cond->n_tests; i++) {
		const struct test *t = &n->cond->tests[i];
		struct explain_change c;

		if (hold && n->cond->n_tests > 1 && n->n_values > 0 &&
		    test_eval(t, n->cond->field->field->type, s->x->event, &n->values[0], n->state,
			      s->scratch) == TRUTH_YES)
			continue;
		c = change_of(s, n, t, hold);
		insert(to, &c);
		/* Without a value, or to fail, one is as good as all. */
		if (!hold || n->n_values == 0)
			return;
	}
}

static size_t cost(const struct explain_node *n, bool hold)
{
	return hold ? n->to_hold : n->to_fail;
}

/* Each single change that turns @n, which costs one. */
static void alternatives(struct search *s, const struct explain_node *n, bool hold, struct changes *to)
{
	enum cond_kind kind = n->cond->kind;

	if (kind == COND_FIELD)
		leaf_changes(s, n, hold, to);
	else if (kind == COND_NOT)
		alternatives(s, &n->children[0], !hold, to);
	for (size_t i = 0; (kind == COND_ALL || kind == COND_ANY) && i < n->n_children; i++)
		if (cost(&n->children[i], hold) == 1)
			alternatives(s, &n->children[i], hold, to);
}

/* Changes that turn @n together, the nearest of each choice. */
static void needed(struct search *s, const struct explain_node *n, bool hold, struct changes *to)
{
	enum cond_kind kind = n->cond->kind;
	size_t price = cost(n, hold);
	struct explain_change best;
	struct changes one = { &best, 0, 1 };

	if (price == 0 || to->n == to->cap)
		return;
	if (price == 1) {
		alternatives(s, n, hold, &one);
		if (one.n)
			to->item[to->n++] = best;
	} else if (kind == COND_FIELD) {
		leaf_changes(s, n, hold, to);
	} else if (kind == COND_NOT) {
		needed(s, &n->children[0], !hold, to);
	}
	for (size_t i = 0; price > 1 && (kind == COND_ALL || kind == COND_ANY) && i < n->n_children; i++) {
		bool every = (kind == COND_ALL) == hold;

		if (!every && cost(&n->children[i], hold) != price)
			continue;
		needed(s, &n->children[i], hold, to);
		if (!every)
			return;
	}
}

static bool is_said(const struct explanation *x, struct str what)
{
	for (size_t i = 0; i < x->n_changes; i++)
		if (str_eq(x->changes[i].what, what))
			return true;
	return false;
}

/* What has been tried and does not do is worth a word only where nothing else is. */
static void keep_sure(struct explanation *x)
{
	size_t n = 0;

	for (size_t i = 0; i < x->n_changes; i++)
		if (x->changes[i].sure)
			x->changes[n++] = x->changes[i];
	if (n > 0)
		x->n_changes = n;
}

int explain_find_changes(struct explanation *x, struct regex_scratch *scratch, struct arena *a)
{
	struct search s = { .x = x, .scratch = scratch, .steps = MAX_STEPS };
	struct explain_change found[EXPLAIN_CHANGES];
	struct changes to = { found, 0, EXPLAIN_CHANGES };
	int r = 0;

	if (x->n_needed == 0 || x->n_needed == EXPLAIN_NEVER)
		return 0;
	if (x->n_needed == 1)
		alternatives(&s, x->match, true, &to);
	else
		needed(&s, x->match, true, &to);
	for (size_t i = 0; i < to.n && r == 0; i++) {
		r = explain_say_change(x, scratch, a, &found[i]);
		if (r == 0 && (x->n_needed > 1 || !is_said(x, found[i].what)))
			x->changes[x->n_changes++] = found[i];
	}
	keep_sure(x);
	return r;
}
