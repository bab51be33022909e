/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Random conditions on random events.
 *
 * On whole events the evaluator must agree with a reference that looks at everything and knows no short cut.
 * On an argv that is cut or partial it must never lie: a yes or a no must be the answer for the whole argv,
 * too. The laws of logic must hold for three truths as they do for two. And what explains a rule must say of
 * it what the matcher says.
 */
#include "tests/unit/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "engine/eval.h"
#include "engine/explain.h"
#include "engine/glob.h"
#include "engine/matcher.h"

#define ROUNDS 200000
#define MAX_WORDS 4

struct world {
	uint64_t seed;
	struct arena arena;
	struct regex *regexes[5];
	struct regex_scratch *scratch;
};

static size_t pick(struct world *w, size_t n)
{
	w->seed = w->seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (w->seed >> 33) % n;
}

static const char *const words[] = { "", "a", "b", "a b", "a", "b", "5", "10.0.0.1" };
static const char *const operands[] = { "", "a", "b", "A", "a b", "a b", "b a" };
static const char *const globs[] = { "*", "a*", "*b", "?", "[ab]*", "*a b*", "" };
static const char *const bounds[] = { "5", "4.5", "-1", "50" };
static const char *const networks[] = { "10.0.0.0/8", "10.0.0.1", "::/0" };
static const char *const patterns[] = { "a", "b$", "^a", "a b", "b a|^$" };
static const char *const fields[] = {
	"argv", "argv", "arg", "arg", "argv[0]", "argv[1]", "argv[-1]", "argv[-2]", "comm", "user",
	"parent.arg",
};

static struct str pick_word(struct world *w)
{
	return str_of(words[pick(w, ARRAY_SIZE(words))]);
}

static struct str pick_text(struct world *w, enum op op)
{
	switch (op) {
	case OP_GLOB:
		return str_of(globs[pick(w, ARRAY_SIZE(globs))]);
	case OP_CIDR:
		return str_of(networks[pick(w, ARRAY_SIZE(networks))]);
	case OP_GE:
	case OP_LT:
		return str_of(bounds[pick(w, ARRAY_SIZE(bounds))]);
	default:
		return str_of(operands[pick(w, ARRAY_SIZE(operands))]);
	}
}

static void fill_test(struct world *w, struct test *t)
{
	static const enum op ops[] = {
		OP_IN, OP_IN, OP_PREFIX, OP_SUFFIX, OP_CONTAINS, OP_GLOB, OP_RE, OP_SAME_AS, OP_SET,
		OP_CIDR, OP_GE, OP_LT,
	};
	struct field_ref *other = arena_alloc(&w->arena, sizeof(*other));
	struct str *texts = arena_array(&w->arena, 2, sizeof(*texts));
	int64_t *numbers = arena_array(&w->arena, 1, sizeof(*numbers));

	t->op = ops[pick(w, ARRAY_SIZE(ops))];
	t->nocase = pick(w, 4) == 0;
	t->n = t->op == OP_SET || op_table[t->op].operand == OPERAND_BOUND ? 1 : 1 + pick(w, 2);
	for (size_t i = 0; i < 2; i++)
		texts[i] = pick_text(w, t->op);
	numbers[0] = (int64_t)pick(w, 2);
	assert_int_equal(field_ref_parse(str_of(fields[pick(w, ARRAY_SIZE(fields))]), other), 0);
	t->form = t->op == OP_SET ? FORM_NUMBERS : t->op == OP_RE ? FORM_REGEXES :
		  t->op == OP_SAME_AS || (op_takes_field(t->op) && pick(w, 5) == 0) ? FORM_FIELD : FORM_TEXTS;
	switch (t->form) {
	case FORM_TEXTS:
		t->texts = texts;
		break;
	case FORM_NUMBERS:
		t->numbers = numbers;
		break;
	case FORM_REGEXES:
		t->regexes = &w->regexes[pick(w, ARRAY_SIZE(patterns) - 1)];
		break;
	case FORM_FIELD:
		t->other = other;
		break;
	}
}

static const struct cond *random_cond(struct world *w, size_t depth)
{
	struct cond *c = arena_alloc(&w->arena, sizeof(*c));
	const struct cond **children = arena_array(&w->arena, 3, sizeof(*children));
	struct field_ref *field = arena_alloc(&w->arena, sizeof(*field));
	struct test *tests = arena_array(&w->arena, 2, sizeof(*tests));
	uint32_t n = (uint32_t)pick(w, 4);

	c->kind = depth == 0 ? COND_FIELD : (enum cond_kind)pick(w, 5);
	if (c->kind == COND_FIELD) {
		assert_int_equal(field_ref_parse(str_of(fields[pick(w, ARRAY_SIZE(fields))]), field), 0);
		c->field = field;
		c->n_tests = 1 + (pick(w, 3) == 0);
		for (size_t i = 0; i < c->n_tests; i++)
			fill_test(w, &tests[i]);
		c->tests = tests;
	} else if (c->kind != COND_TRUE) {
		c->n_children = c->kind == COND_NOT ? 1 : n;
		for (size_t i = 0; i < c->n_children; i++)
			children[i] = random_cond(w, depth - 1);
		c->children = children;
	}
	return c;
}

/* Words with the text in which they lie, as every source makes them. */
static struct words join(struct world *w, const struct str *items, size_t n)
{
	struct str *slices = arena_array(&w->arena, n + 1, sizeof(*slices));
	char *text = arena_alloc(&w->arena, 64);
	struct buf b;

	buf_init_fixed(&b, text, 64);
	for (size_t i = 0; i < n; i++) {
		if (i)
			buf_char(&b, ' ');
		slices[i] = (struct str){ text + b.len, items[i].len };
		buf_str(&b, items[i]);
	}
	return (struct words){ slices, n, { text, b.len }, true };
}

static void random_event(struct world *w, struct event *ev)
{
	struct str items[MAX_WORDS];

	event_clear(ev);
	for (size_t i = 0; i < MAX_WORDS; i++)
		items[i] = pick_word(w);
	if (pick(w, 8))
		ev->argv = join(w, items, pick(w, MAX_WORDS + 1));
	if (pick(w, 2))
		ev->comm = pick_word(w);
	if (pick(w, 4) == 0)
		ev->user = pick_word(w);
	for (size_t i = 0; i < MAX_WORDS; i++)
		items[i] = pick_word(w);
	if (pick(w, 2))
		ev->parent.argv = join(w, items, pick(w, 3));
	event_complete(ev);
}

/* The reference: true or false, on whole events only. */

static bool ref_same(struct str a, struct str b, bool nocase)
{
	if (a.len != b.len)
		return false;
	return nocase ? strncasecmp(a.p, b.p, a.len) == 0 : strncmp(a.p, b.p, a.len) == 0;
}

/* Of the few texts that there are. */
static bool ref_decimal(struct str s, double *ret)
{
	char text[16], *end;

	snprintf(text, sizeof(text), "%.*s", STR_ARG(s));
	*ret = strtod(text, &end);
	return end != text && strspn(end, " ") == strlen(end);
}

static bool ref_operand(const struct test *t, struct str v, struct str o)
{
	bool holds = false;
	double number, bound;

	switch (t->op) {
	case OP_IN:
	case OP_SAME_AS:
		return ref_same(v, o, t->nocase);
	case OP_PREFIX:
		return v.len >= o.len && ref_same((struct str){ v.p, o.len }, o, t->nocase);
	case OP_SUFFIX:
		return v.len >= o.len && ref_same(str_skip(v, v.len - o.len), o, t->nocase);
	case OP_CIDR:
		return str_eq(v, STR_LIT("10.0.0.1")) && !str_eq(o, STR_LIT("::/0"));
	case OP_GE:
		return ref_decimal(v, &number) && ref_decimal(o, &bound) && number >= bound;
	case OP_LT:
		return ref_decimal(v, &number) && ref_decimal(o, &bound) && number < bound;
	case OP_CONTAINS:
		for (size_t i = 0; i + o.len <= v.len; i++)
			holds |= ref_same((struct str){ v.p + i, o.len }, o, t->nocase);
		return holds;
	default:
		return glob_matches(o, v, t->nocase);
	}
}

static bool ref_test(struct world *w, const struct test *t, struct str v, const struct event *ev)
{
	struct field_cursor c = { 0 };
	struct value other;
	bool holds = false;

	if (t->op == OP_SET)
		return t->numbers[0];
	if (t->form == FORM_FIELD) {
		while (field_next(t->other, ev, &c, &other))
			holds |= ref_operand(t, v, other.text);
		return holds;
	}
	for (size_t i = 0; i < t->n; i++)
		holds |= t->op == OP_RE ? regex_search(t->regexes[i], v, false, w->scratch) == TRUTH_YES :
					  ref_operand(t, v, t->texts[i]);
	return holds;
}

static bool ref_field(struct world *w, const struct cond *c, const struct event *ev)
{
	struct field_cursor cursor = { 0 };
	struct value v;
	bool found = false, any = false, only_absence = true;

	while (field_next(c->field, ev, &cursor, &v)) {
		bool all = true;

		for (size_t i = 0; i < c->n_tests; i++)
			all &= ref_test(w, &c->tests[i], v.text, ev);
		found |= all;
		any = true;
	}
	for (size_t i = 0; i < c->n_tests; i++)
		only_absence &= c->tests[i].op == OP_SET && c->tests[i].numbers[0] == 0;
	return only_absence && c->n_tests == 1 ? !any : found;
}

static bool ref_eval(struct world *w, const struct cond *c, const struct event *ev)
{
	bool all = true, any = false;

	if (c->kind == COND_FIELD)
		return ref_field(w, c, ev);
	if (c->kind == COND_NOT)
		return !ref_eval(w, c->children[0], ev);
	for (size_t i = 0; c->kind != COND_TRUE && i < c->n_children; i++) {
		bool holds = ref_eval(w, c->children[i], ev);

		all &= holds;
		any |= holds;
	}
	return c->kind == COND_ANY ? any : all;
}

/* Hides a part of argv; the rest of the event stays. */
static void hide(struct world *w, const struct event *ev, struct event *ret)
{
	bool cut = pick(w, 2), leave_out = pick(w, 2);
	struct str items[MAX_WORDS];
	size_t n = 0;

	*ret = *ev;
	ret->argv_state = cut ? STR_LIT("cut") : STR_LIT("partial");
	for (size_t i = 0; i < ev->argv.n; i++) {
		bool readable = cut || pick(w, 3);

		if (!readable && leave_out)
			continue;
		items[n] = ev->argv.item[i];
		if (!readable)
			items[n].len = pick(w, items[n].len + 1);
		n++;
	}
	if (cut && n > 0) {
		n = pick(w, n + 1);
		if (n > 0)
			items[n - 1].len = pick(w, items[n - 1].len + 1);
	}
	if (ev->argv.known)
		ret->argv = join(w, items, n);
	if (pick(w, 2))
		ret->argc.known = false;
	ret->argv_bytes.known = false;
}

static const struct cond *combine(struct world *w, enum cond_kind kind, const struct cond *a,
				  const struct cond *b)
{
	struct cond *c = arena_alloc(&w->arena, sizeof(*c));
	const struct cond **children = arena_array(&w->arena, 2, sizeof(*children));

	children[0] = a;
	children[1] = b;
	*c = (struct cond){ .kind = kind, .n_children = b ? 2 : 1, .children = children };
	return c;
}

static enum truth eval_pair(struct world *w, enum cond_kind kind, const struct cond *a, const struct cond *b,
			    const struct event *ev)
{
	return cond_eval(combine(w, kind, a, b), ev, w->scratch);
}

static void check_laws(struct world *w, const struct cond *a, const struct cond *b, const struct event *ev)
{
	const struct cond *not_a = combine(w, COND_NOT, a, NULL), *not_b = combine(w, COND_NOT, b, NULL);
	const struct cond *all = combine(w, COND_ALL, a, b), *any = combine(w, COND_ANY, a, b);
	enum truth truth_a = cond_eval(a, ev, w->scratch), truth_b = cond_eval(b, ev, w->scratch);

	assert_int_equal(cond_eval(not_a, ev, w->scratch), truth_not(truth_a));
	assert_int_equal(cond_eval(all, ev, w->scratch), truth_and(truth_a, truth_b));
	assert_int_equal(cond_eval(any, ev, w->scratch), truth_or(truth_a, truth_b));
	/* Order does not matter, De Morgan, absorption. */
	assert_int_equal(eval_pair(w, COND_ALL, b, a, ev), truth_and(truth_a, truth_b));
	assert_int_equal(eval_pair(w, COND_NOT, all, NULL, ev), eval_pair(w, COND_ANY, not_a, not_b, ev));
	assert_int_equal(eval_pair(w, COND_NOT, any, NULL, ev), eval_pair(w, COND_ALL, not_a, not_b, ev));
	assert_int_equal(eval_pair(w, COND_ALL, a, any, ev), truth_a);
}

static int setup(void **state)
{
	static struct world w;

	w = (struct world){ .seed = 20261123 };
	for (size_t i = 0; i < ARRAY_SIZE(patterns); i++) {
		struct regex_error error;

		assert_int_equal(regex_new(str_of(patterns[i]), 0, &error, &w.regexes[i]), 0);
		assert_int_equal(regex_prepare(w.regexes[i], true), 0);
	}
	assert_int_equal(regex_scratch_new(&w.scratch), 0);
	*state = &w;
	return 0;
}

static int teardown(void **state)
{
	struct world *w = *state;

	for (size_t i = 0; i < ARRAY_SIZE(patterns); i++)
		regex_free(w->regexes[i]);
	regex_scratch_free(w->scratch);
	arena_done(&w->arena);
	return 0;
}

static void agrees_with_the_reference(void **state)
{
	struct world *w = *state;
	size_t n[3] = { 0 };

	for (int i = 0; i < ROUNDS; i++) {
		const struct cond *c;
		struct event ev;
		enum truth truth;

		arena_reset(&w->arena);
		c = random_cond(w, 3);
		random_event(w, &ev);
		truth = cond_eval(c, &ev, w->scratch);
		assert_int_equal(truth, truth_of(ref_eval(w, c, &ev)));
		n[truth]++;
	}
	assert_true(n[TRUTH_NO] > ROUNDS / 10 && n[TRUTH_YES] > ROUNDS / 10);
}

static void never_lies_of_what_is_hidden(void **state)
{
	struct world *w = *state;
	size_t n[3] = { 0 };

	for (int i = 0; i < 2 * ROUNDS; i++) {
		const struct cond *c;
		struct event whole, seen;
		enum truth truth;

		arena_reset(&w->arena);
		c = random_cond(w, pick(w, 3));
		random_event(w, &whole);
		if (!whole.argv.known)
			continue;
		hide(w, &whole, &seen);
		truth = cond_eval(c, &seen, w->scratch);
		n[truth]++;
		if (truth != TRUTH_UNDECIDED)
			assert_int_equal(truth, cond_eval(c, &whole, w->scratch));
	}
	/* Each answer is given often enough to mean something. */
	for (size_t i = 0; i < ARRAY_SIZE(n); i++)
		assert_true(n[i] > ROUNDS / 20);
}

static void obeys_the_laws(void **state)
{
	struct world *w = *state;

	for (int i = 0; i < ROUNDS / 4; i++) {
		struct event whole, seen;

		arena_reset(&w->arena);
		random_event(w, &whole);
		hide(w, &whole, &seen);
		check_laws(w, random_cond(w, 2), random_cond(w, 2), pick(w, 2) ? &whole : &seen);
	}
}

/* What a node says of itself must follow from its parts, and be what the evaluator says. */
static void check_node(struct world *w, const struct explain_node *n, const struct event *ev)
{
	assert_int_equal(n->to_hold == 0, n->outcome == TRUTH_YES);
	assert_int_equal(n->to_fail == 0, n->outcome == TRUTH_NO);
	if (n->test)
		return;
	assert_int_equal(n->outcome, cond_eval(n->cond, ev, w->scratch));
	for (size_t i = 0; i < n->n_children; i++) {
		assert_true(n->looked_at || !n->children[i].looked_at);
		check_node(w, &n->children[i], ev);
	}
}

static void check_match(const struct match *m, const struct explanation *x)
{
	assert_ptr_equal(m->exception, x->excepted_by ? x->excepted_by->exception : NULL);
	assert_ptr_equal(m->expired, x->expired ? x->expired->exception : NULL);
	assert_int_equal(m->outcome, x->match->outcome);
}

/* Where argv is hidden the matcher may know of a regex what the plain evaluator leaves undecided. */
static void check_decided(enum truth got, enum truth plain)
{
	assert_true(got == plain || got == TRUTH_UNDECIDED || plain == TRUTH_UNDECIDED);
}

static void explains_what_the_matcher_says(void **state)
{
	struct world *w = *state;
	size_t n[N_EXPLAIN_VERDICTS] = { 0 };

	for (int i = 0; i < ROUNDS / 8; i++) {
		_cleanup_(matcher_free) struct matcher *matcher = NULL;
		_cleanup_(match_scratch_free) struct match_scratch *scratch = NULL;
		struct exception exceptions[2];
		struct rule rule = { .id = STR("r"), .exceptions = exceptions, .n_exceptions = pick(w, 3) };
		const struct ruleset rules = { .rules = &rule, .n_rules = 1 };
		const struct match *matches;
		struct event whole, ev;
		struct explanation x;
		size_t n_matches;

		arena_reset(&w->arena);
		random_event(w, &whole);
		hide(w, &whole, &ev);
		if (pick(w, 2))
			ev = whole;
		ev.time = NUM((int64_t)pick(w, 4));
		ev.retval = NUM(pick(w, 8) ? 0 : -2);
		rule.match = random_cond(w, 3);
		rule.mode = pick(w, 8) ? MODE_ALERT : MODE_OFF;
		for (size_t k = 0; k < 2; k++)
			exceptions[k] = (struct exception){ .match = random_cond(w, 1),
							    .until_ns = (int64_t)pick(w, 5),
							    .until_day = STR("then") };
		assert_int_equal(matcher_new(&rules, &matcher), 0);
		assert_int_equal(match_scratch_new(matcher, &scratch), 0);
		assert_int_equal(explain(&rule, &ev, w->scratch, &w->arena, &x), 0);
		n[x.verdict]++;
		check_node(w, x.match, &ev);
		n_matches = matcher_run(matcher, &ev, scratch, &matches);
		if (event_argv_state(&ev) == ARGV_COMPLETE) {
			assert_int_equal(n_matches, x.verdict >= EXPLAIN_UNDECIDED);
			if (n_matches)
				check_match(matches, &x);
		} else if (x.verdict > EXPLAIN_NOT_ADDRESSED) {
			check_decided(n_matches ? matches->outcome : TRUTH_NO, x.match->outcome);
		}
		assert_int_equal(x.n_needed == 0, x.match->outcome == TRUTH_YES);
		assert_int_equal(x.n_changes > 0, x.n_needed > 0 && x.n_needed != EXPLAIN_NEVER);
	}
	for (size_t i = 0; i < ARRAY_SIZE(n); i++)
		assert_true(n[i] > ROUNDS / 800);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(agrees_with_the_reference, setup, teardown),
		cmocka_unit_test_setup_teardown(never_lies_of_what_is_hidden, setup, teardown),
		cmocka_unit_test_setup_teardown(obeys_the_laws, setup, teardown),
		cmocka_unit_test_setup_teardown(explains_what_the_matcher_says, setup, teardown),
	};

	return cmocka_run_group_tests_name("eval_random", tests, NULL, NULL);
}
