/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The nearest miss: which tests to change, and how, in the author's words.
 *
 * The nodes know what turning them costs, so the search goes down only where the price is paid. Where one
 * change is enough there may be several to choose from: each is measured (how far is the value from the
 * operand?), and the nearest come first. That a value added to a list, or taken from it, makes the rule match
 * is tried on a copy of the condition before it is said, since the list may be used in more places than one.
 */
#include "engine/explain_nearest.h"

#include <errno.h>
#include <inttypes.h>
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
	struct explanation *x;
	struct regex_scratch *scratch;
	struct arena *arena;
	size_t steps;			/* that are left */
	int error;
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
	bool enough = s->steps >= steps;

	s->steps -= enough ? steps : s->steps;
	return enough;
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
		if (spend(s, 1 + shorter(text.len, 64) * shorter(operand.len, 64)))
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
		other.nocase = true;
		return !t->nocase && spend(s, t->n) &&
		       test_value(&other, false, v, TEXT_WHOLE, s->scratch) == TRUTH_YES;
	}
	for (size_t i = 0; t->texts && i < shorter(t->n, MAX_PATTERNS); i++) {
		_cleanup_(regex_free) struct regex *re = NULL;
		_cleanup_(buf) struct buf pattern = BUF_INIT;
		struct regex_error error;

		buf_text(&pattern, "(?i)");
		buf_str(&pattern, t->texts[i]);
		if (!str_has_prefix(t->texts[i], STR_LIT("(*")) && !pattern.error &&
		    regex_new(buf_get(&pattern), 0, &error, &re) == 0 &&
		    regex_search(re, v->text, false, s->scratch) == TRUTH_YES)
			return true;
	}
	return false;
}

#define CLOSENESS_NOCASE 1000

/* Which of the kept values, and which operand, are nearest to a match. */
static void find_nearest(struct search *s, struct explain_change *c)
{
	const struct explain_node *n = c->node;
	/* Of several tests it is the first value that passes most. */
	size_t n_values = n->cond->n_tests > 1 ? 1 : shorter(n->n_values, EXPLAIN_VALUES);

	c->operand = c->test->n;
	c->value = n->n_values ? &n->values[0] : NULL;
	if (!c->value || field_ref_is_number(&n->cond->field) || c->test->op == OP_SET ||
	    c->test->op == OP_SAME_AS)
		return;
	for (size_t i = 0; i < n_values; i++) {
		if (holds_nocase(s, c->test, &n->values[i])) {
			c->value = &n->values[i];
			c->closeness = CLOSENESS_NOCASE;
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

static uint64_t distance(int64_t a, int64_t b)
{
	return a > b ? (uint64_t)a - (uint64_t)b : (uint64_t)b - (uint64_t)a;
}

/* The operand that lets @c->value through and must not. */
static void find_holding(struct search *s, struct explain_change *c)
{
	bool is_number = field_ref_is_number(&c->node->cond->field);
	const struct test *t = c->test;

	c->value = c->node->n_values ? &c->node->values[0] : NULL;
	c->operand = t->n;
	if (!c->value || t->op == OP_SET || t->op == OP_SAME_AS)
		return;
	for (size_t i = 0; i < t->n && c->operand == t->n; i++) {
		struct test one = *t;

		one.n = 1;
		one.texts = t->texts ? &t->texts[i] : NULL;
		one.numbers = t->numbers ? &t->numbers[i] : NULL;
		one.regexes = t->regexes ? &t->regexes[i] : NULL;
		if (test_value(&one, is_number, c->value, c->node->state, s->scratch) == TRUTH_YES)
			c->operand = i;
	}
}

static struct explain_change change_of(struct search *s, const struct explain_node *n, const struct test *t,
				       bool hold)
{
	struct explain_change c = { .node = n, .test = t, .hold = hold, .at = t->at, .sure = true };

	if (!hold) {
		find_holding(s, &c);
		c.closeness = 500;
		return c;
	}
	find_nearest(s, &c);
	/* A number is somewhere, a text that shares nothing is further off; what is missing needs another
	 * record. */
	if (c.closeness == 0 && c.value)
		c.closeness = field_ref_is_number(&n->cond->field) ? 300 : t->op == OP_RE ? 200 : 50;
	if (c.value && op_table[t->op].operand == OPERAND_BOUND && c.value->number != 0) {
		uint64_t off = distance(c.value->number, t->numbers[0]);
		uint64_t size = distance(c.value->number, 0) > distance(t->numbers[0], 0) ?
				distance(c.value->number, 0) : distance(t->numbers[0], 0);

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
		    test_eval(t, field_ref_is_number(&n->cond->field), s->x->event, &n->values[0], n->state,
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

/* What `match` says once the change, in all of the list or in the test alone, has been made. */
struct trial {
	struct search *s;
	const struct explain_change *change;
	struct str list;		/* unknown: the test alone */
};

static bool is_changed(const struct trial *t, const struct test *test)
{
	if (test == t->change->test)
		return true;
	if (!str_known(t->list) || test->op != OP_IN || !test->places ||
	    (test->texts == NULL) != (t->change->test->texts == NULL))
		return false;
	for (size_t i = 0; i < test->n; i++)
		if (str_eq(test->places[i].list, t->list))
			return true;
	return false;
}

static bool is_value(const struct trial *t, const struct test *test, size_t i)
{
	const struct test *changed = t->change->test;

	if (t->change->hold)
		return false;
	return test->texts ? str_eq(test->texts[i], changed->texts[t->change->operand]) :
			     test->numbers[i] == changed->numbers[t->change->operand];
}

static bool change_test(const struct trial *t, const struct test *from, struct test *ret)
{
	struct str *texts = arena_array(t->s->arena, from->n + 1, sizeof(*texts));
	int64_t *numbers = arena_array(t->s->arena, from->n + 1, sizeof(*numbers));
	size_t n = 0;

	*ret = *from;
	if (!texts || !numbers)
		return false;
	for (size_t i = 0; i < from->n; i++) {
		if (is_value(t, from, i))
			continue;
		texts[n] = from->texts ? from->texts[i] : texts[n];
		numbers[n] = from->numbers ? from->numbers[i] : 0;
		n++;
	}
	if (t->change->hold) {
		texts[n] = t->change->value->text;
		numbers[n++] = t->change->value->number;
	}
	ret->n = n;
	ret->texts = from->texts ? texts : NULL;
	ret->numbers = from->numbers ? numbers : NULL;
	return true;
}

/* A copy with the change in it; NULL: out of memory. */
static const struct cond *change_cond(const struct trial *t, const struct cond *c)
{
	struct cond *copy = arena_alloc(t->s->arena, sizeof(*copy));
	const struct cond **children = arena_array(t->s->arena, c->n_children, sizeof(*children));
	struct test *tests = arena_array(t->s->arena, c->n_tests, sizeof(*tests));

	if (!copy || !children || !tests)
		return NULL;
	*copy = *c;
	for (size_t i = 0; i < c->n_children; i++) {
		children[i] = change_cond(t, c->children[i]);
		if (!children[i])
			return NULL;
	}
	for (size_t i = 0; i < c->n_tests; i++) {
		tests[i] = c->tests[i];
		if (is_changed(t, &c->tests[i]) && !change_test(t, &c->tests[i], &tests[i]))
			return NULL;
	}
	copy->children = children;
	copy->tests = tests;
	return copy;
}

static bool would_match(struct search *s, const struct explain_change *c, struct str list)
{
	const struct trial trial = { s, c, list };
	const struct cond *changed = change_cond(&trial, s->x->rule->match);

	if (!changed)
		s->error = -ENOMEM;
	return changed && cond_eval(changed, s->x->event, s->scratch) == TRUTH_YES;
}

static void write_place(struct loc at, struct buf *b)
{
	if (!at.source)
		return;
	buf_text(b, " (");
	loc_write(at, b);
	buf_char(b, ')');
}

/* The test as a condition: "tty = pts/0". */
static void write_condition(const struct explain_change *c, struct buf *b)
{
	struct cond alone = *c->node->cond;
	const struct explain_node n = { .cond = &alone };

	alone.label = (struct str){ NULL, 0 };
	alone.tests = c->test;
	alone.n_tests = 1;
	buf_char(b, '`');
	explain_write_condition(&n, b);
	buf_char(b, '`');
}

static void write_value(const struct explain_change *c, struct buf *b)
{
	buf_char(b, '`');
	explain_write_value(&c->node->cond->field, c->value, b);
	buf_char(b, '`');
}

static void write_operand(const struct explain_change *c, size_t i, struct buf *b)
{
	buf_char(b, '`');
	explain_write_operand(&c->node->cond->field, c->test, i, b);
	buf_char(b, '`');
}

/* What can be said of a change: what to do, and why that. */
struct said {
	struct buf what, why;
};

/* The list that a value goes to or comes from; where nothing is near, the last that the test names. */
static size_t place_in_list(const struct explain_change *c)
{
	const struct operand_place *places = c->test->places;
	size_t n = c->test->n;

	if (!places || c->operand < n)
		return c->operand;
	for (size_t i = n; i > 0; i--)
		if (str_known(places[i - 1].list))
			return i - 1;
	return n;
}

/* Adding to a list, or taking from it. */
static void say_in(struct search *s, struct explain_change *c, struct said *to)
{
	const struct operand_place *places = c->test->places;
	size_t at = place_in_list(c);
	struct str list = places && at < c->test->n ? places[at].list : (struct str){ NULL, 0 };
	struct buf *b = &to->what;

	if (s->x->n_needed == 1) {
		c->sure = would_match(s, c, list);
		if (!c->sure && str_known(list)) {
			list = (struct str){ NULL, 0 };
			c->sure = would_match(s, c, list);
		}
	}
	if (places && at < c->test->n && (str_known(list) || !c->hold))
		c->at = places[at].at;
	buf_text(b, c->hold ? "adding " : "removing ");
	if (c->hold)
		write_value(c, b);
	else
		write_operand(c, c->operand, b);
	buf_text(b, c->hold ? " to " : " from ");
	if (str_known(list))
		buf_printf(b, "list `%.*s`", STR_ARG(list));
	else
		buf_printf(b, "the values of `%s`", c->node->cond->field.field->name);
	write_place(c->at, b);
	if (c->hold && c->operand < c->test->n) {
		buf_text(&to->why, "closest is ");
		write_operand(c, c->operand, &to->why);
	}
}

static void say_bound(const struct explain_change *c, struct said *to)
{
	bool lower = (c->test->op == OP_GE || c->test->op == OP_GT) == c->hold;
	bool strict = c->test->op == OP_GT || c->test->op == OP_LT;
	const struct field_ref *ref = &c->node->cond->field;
	struct value off = { .number = (int64_t)distance(c->value->number, c->test->numbers[0]) };

	buf_printf(&to->what, "%s `%s` from ", lower ? "lowering" : "raising", op_table[c->test->op].name);
	write_operand(c, 0, &to->what);
	buf_text(&to->what, strict != c->hold ? " to " : lower ? " below " : " above ");
	write_value(c, &to->what);
	write_place(c->at, &to->what);
	if (ref->field->type == FT_TIME || off.number <= 0)
		return;
	explain_write_shown(ref, &off, COMMON_OPERAND, false, &to->why);
	buf_text(&to->why, " away");
}

/* prefix, suffix, contains, glob, re */
static void say_pattern(struct explain_change *c, struct said *to)
{
	static const char *const fits[N_OPERATORS] = {
		[OP_PREFIX] = "begins with", [OP_SUFFIX] = "ends with", [OP_CONTAINS] = "contains",
		[OP_GLOB] = "fits", [OP_RE] = "is found by",
	};
	const char *name = op_table[c->test->op].name;

	if (!c->hold) {
		if (c->test->places)
			c->at = c->test->places[c->operand].at;
		buf_printf(&to->what, "removing %s ", name);
		write_operand(c, c->operand, &to->what);
		write_value(c, &to->why);
		buf_printf(&to->why, " %s it", fits[c->test->op]);
	} else {
		buf_printf(&to->what, "another `%s`, one that ", name);
		write_value(c, &to->what);
		buf_printf(&to->what, " %s", fits[c->test->op]);
		if (c->operand < c->test->n) {
			buf_text(&to->why, "closest is ");
			write_operand(c, c->operand, &to->why);
			buf_printf(&to->why, ", of which %d %% are there", c->closeness / 9);
		}
	}
	write_place(c->at, &to->what);
}

static void say_record(const struct explain_change *c, struct said *to)
{
	const char *name = c->node->cond->field.field->name;

	buf_text(&to->what, "a record in which ");
	write_condition(c, &to->what);
	buf_text(&to->what, c->hold ? " holds" : " does not hold");
	if (c->node->hidden) {
		buf_printf(&to->why, "`%s` could not be seen whole in this one", name);
	} else if (c->value) {
		buf_text(&to->why, "here it is ");
		write_value(c, &to->why);
	} else {
		buf_printf(&to->why, "`%s` is not known in this one", name);
	}
}

static void say_undecided(const struct explain_change *c, struct said *to)
{
	if (c->node->state != TEXT_WHOLE || c->node->hidden) {
		say_record(c, to);
		return;
	}
	buf_text(&to->what, "a regex that needs fewer steps than ");
	write_operand(c, 0, &to->what);
	write_place(c->at, &to->what);
}

static void say_nocase(const struct explain_change *c, struct said *to)
{
	if (c->test->op == OP_RE)
		buf_text(&to->what, "`(?i)` in front of the regex");
	else
		buf_printf(&to->what, "`nocase: true` beside `%s`", op_table[c->test->op].name);
	write_place(c->at, &to->what);
	write_value(c, &to->why);
	buf_text(&to->why, " differs in upper and lower case alone");
}

static void say(struct search *s, struct explain_change *c, struct said *to)
{
	enum operand_kind operand = op_table[c->test->op].operand;

	if (c->node->outcome == TRUTH_UNDECIDED)
		say_undecided(c, to);
	else if (!c->value || operand == OPERAND_PRESENCE || operand == OPERAND_OTHER ||
		 (!c->hold && c->operand == c->test->n))
		say_record(c, to);
	else if (c->hold && c->closeness == CLOSENESS_NOCASE)
		say_nocase(c, to);
	else if (operand == OPERAND_BOUND)
		say_bound(c, to);
	else if (c->test->op == OP_IN)
		say_in(s, c, to);
	else
		say_pattern(c, to);
}

static bool is_said(const struct explanation *x, struct str what)
{
	for (size_t i = 0; i < x->n_changes; i++)
		if (str_eq(x->changes[i].what, what))
			return true;
	return false;
}

/* Puts @c into words, and among the changes of the explanation unless these say the same already. */
static int add_change(struct search *s, struct explain_change *c)
{
	struct said said = { BUF_INIT, BUF_INIT };
	int r = 0;

	say(s, c, &said);
	c->what = arena_str(s->arena, buf_get(&said.what));
	c->why = arena_str(s->arena, buf_get(&said.why));
	if (s->error || said.what.error || said.why.error || !c->what.p || !c->why.p)
		r = -ENOMEM;
	else if (s->x->n_needed > 1 || !is_said(s->x, c->what))
		s->x->changes[s->x->n_changes++] = *c;
	buf_done(&said.what);
	buf_done(&said.why);
	return r;
}

int explain_find_changes(struct explanation *x, struct regex_scratch *scratch, struct arena *a)
{
	struct search s = { .x = x, .scratch = scratch, .arena = a, .steps = MAX_STEPS };
	struct explain_change found[EXPLAIN_CHANGES];
	struct changes to = { found, 0, EXPLAIN_CHANGES };
	int r = 0;

	if (x->n_needed == 0 || x->n_needed == EXPLAIN_NEVER)
		return 0;
	if (x->n_needed == 1)
		alternatives(&s, x->match, true, &to);
	else
		needed(&s, x->match, true, &to);
	for (size_t i = 0; i < to.n && r == 0; i++)
		r = add_change(&s, &found[i]);
	return r;
}
