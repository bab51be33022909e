/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is said of conditions without an event, held against random events.
 *
 * Of two conditions that exclude each other no event may satisfy both, none may satisfy one that excludes
 * itself, and whatever satisfies one that implies another satisfies that, too. Fields, operators and values
 * are few, so that such pairs are frequent.
 */
#include "tests/unit/test.h"

#include "engine/eval.h"
#include "parser/compare.h"
#include "tests/unit/rules.h"

#define N_EVENTS 3000
#define N_SETS 150
#define N_RULES 40			/* in each set; all pairs of them are compared */

struct world {
	uint64_t seed;
	struct arena arena;
	struct event *events;
	struct regex_scratch *scratch;
};

static size_t pick(struct world *w, size_t n)
{
	w->seed = w->seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (w->seed >> 33) % n;
}

static const char *any_of(struct world *w, const char *const *list)
{
	size_t n = 0;

	while (list[n])
		n++;
	return list[pick(w, n)];
}

enum kind { TEXTS, NUMBERS, DURATIONS, CHOICES, FLAGS };

static const char *const texts[] = { "a", "b", "ab", "A", "aB", "''", NULL };
static const char *const patterns[] = { "'^a'", "'b$'", "a|b", "'(?i)a'", NULL };
static const char *const numbers[] = { "0", "1", "2", "3", "-1", "-2", "-9223372036854775808",
				       "9223372036854775807", NULL };
static const char *const durations[] = { "0s", "1ns", "2ns", NULL };
static const char *const errors[] = { "ENOENT", "EPERM", NULL };
static const char *const results[] = { "ok", "failed", NULL };
static const char *const stages[] = { "open", "load", NULL };
static const char *const flags[] = { "true", "false", NULL };

static const struct {
	const char *name;
	enum kind kind;
	const char *const *values, *other;
} fields[] = {
	{ "comm", TEXTS, texts, "user" },
	{ "user", TEXTS, texts, "comm" },
	{ "argv", TEXTS, texts, "comm" },
	{ "argv[0]", TEXTS, texts, "comm" },
	{ "argv[-1]", TEXTS, texts, "argv[0]" },
	{ "arg", TEXTS, texts, "comm" },
	{ "name", TEXTS, texts, "comm" },
	{ "env.X", TEXTS, texts, "comm" },
	{ "ancestors.comm", TEXTS, texts, "comm" },
	{ "ancestors[1].comm", TEXTS, texts, "comm" },
	{ "ancestors.pid", NUMBERS, numbers, "pid" },
	{ "uid", NUMBERS, numbers, "pid" },
	{ "pid", NUMBERS, numbers, "uid" },
	{ "retval", NUMBERS, numbers, "uid" },
	{ "duration", DURATIONS, durations, NULL },
	{ "errno", CHOICES, errors, NULL },
	{ "result", CHOICES, results, NULL },
	{ "stage", CHOICES, stages, NULL },
	{ "returned", FLAGS, flags, "traced" },
	{ "traced", FLAGS, flags, "returned" },
};

/* @many: a list may have several. */
static void add_values(struct world *w, struct buf *b, const char *const *values, bool many)
{
	size_t n = many ? pick(w, 4) : 0;

	buf_text(b, n ? "[" : "");
	buf_text(b, any_of(w, values));
	for (size_t i = 1; i < n; i++)
		buf_printf(b, ", %s", any_of(w, values));
	buf_text(b, n ? "]" : "");
}

/* Operators of one map, each at most once. */
static void add_operators(struct world *w, struct buf *b, size_t field)
{
	static const char *const of_texts[] = { "in", "prefix", "suffix", "contains", "not", NULL };
	static const char *const of_numbers[] = { "ge", "gt", "le", "lt", "in", "not", NULL };
	static const char *const of_choices[] = { "in", "not", NULL };
	enum kind kind = fields[field].kind;
	const char *const *ops = kind == TEXTS ? of_texts : kind >= CHOICES ? of_choices : of_numbers;
	size_t n = 0;

	buf_text(b, "{ ");
	for (const char *const *op = ops; *op; op++) {
		bool bound = kind != TEXTS && kind < CHOICES && strcmp(*op, "in") != 0 &&
			     strcmp(*op, "not") != 0;

		if (pick(w, 3))
			continue;
		buf_printf(b, "%s%s: ", n++ ? ", " : "", *op);
		add_values(w, b, fields[field].values, !bound);
	}
	if (kind == TEXTS && n > 0 && pick(w, 4) == 0)
		buf_text(b, ", nocase: true");
	if (kind == TEXTS && pick(w, 8) == 0)
		buf_printf(b, "%sre: %s", n++ ? ", " : "", any_of(w, patterns));
	if (fields[field].other && pick(w, 8) == 0)
		buf_printf(b, "%ssame_as: '%s'", n++ ? ", " : "", fields[field].other);
	if (n == 0 || pick(w, 8) == 0)
		buf_printf(b, "%sset: %s", n ? ", " : "", any_of(w, flags));
	buf_text(b, " }");
}

static void add_condition(struct world *w, struct buf *b, size_t depth)
{
	static const char *const groups[] = { "any", "all", "none", NULL };
	size_t field = pick(w, ARRAY_SIZE(fields)), n = 1 + pick(w, 3);

	/* Mostly of few fields, or no two would have to do with each other. */
	if (pick(w, 2))
		field = (size_t[]){ 0, 5, 11, 13 }[pick(w, 4)];
	if (depth > 0 && pick(w, 3) == 0) {
		buf_printf(b, "{ %s: [", any_of(w, groups));
		for (size_t i = 0; i < n; i++) {
			buf_text(b, i ? ", " : "");
			add_condition(w, b, depth - 1);
		}
		buf_text(b, "] }");
		return;
	}
	if (depth > 0 && pick(w, 6) == 0) {
		buf_text(b, "{ not: ");
		add_condition(w, b, depth - 1);
		buf_text(b, " }");
		return;
	}
	buf_printf(b, "{ '%s': ", fields[field].name);
	if (pick(w, 2))
		add_operators(w, b, field);
	else
		add_values(w, b, fields[field].values, true);
	buf_text(b, " }");
}

static void add_text(struct world *w, struct buf *b, const char *key)
{
	static const char *const values[] = { "a", "b", "ab", "A", "aB", "", "aab", "abb", "ba", NULL };

	if (pick(w, 8))
		buf_printf(b, "\"%s\": \"%s\", ", key, any_of(w, values));
}

static void add_number(struct world *w, struct buf *b, const char *key)
{
	if (pick(w, 8))
		buf_printf(b, "\"%s\": %zu, ", key, pick(w, 5));
}

/* A success, a failure, or an exec of whose return nothing is known. */
static void add_outcome(struct world *w, struct buf *b)
{
	switch (pick(w, 5)) {
	case 0: buf_printf(b, "\"retval\": 0, "); break;
	case 1: buf_printf(b, "\"errno\": \"%s\", ", any_of(w, errors)); break;
	case 2:
		buf_printf(b, "\"retval\": -%zu, \"stage\": \"%s\", ", 1 + pick(w, 2), any_of(w, stages));
		break;
	case 3: buf_text(b, "\"returned\": false, "); return;
	default: return;
	}
	if (pick(w, 2))
		buf_printf(b, "\"duration_ns\": %zu, ", pick(w, 4));
}

static void random_event(struct world *w, struct event *ret)
{
	static const char *const words[] = { "a", "b", "ab", "A", "", NULL };
	_cleanup_(buf) struct buf b = BUF_INIT;
	size_t n = pick(w, 4);

	buf_text(&b, "{");
	add_text(w, &b, "comm");
	add_text(w, &b, "user");
	add_number(w, &b, "uid");
	add_number(w, &b, "pid");
	add_outcome(w, &b);
	if (pick(w, 3))
		buf_printf(&b, "\"traced\": %s, ", any_of(w, flags));
	if (pick(w, 3))
		buf_printf(&b, "\"env\": { \"X\": \"%s\" }, ", any_of(w, words));
	if (pick(w, 8)) {
		buf_text(&b, "\"argv\": [");
		for (size_t i = 0; i < n; i++)
			buf_printf(&b, "%s\"%s\"", i ? ", " : "", any_of(w, words));
		buf_text(&b, "], ");
	}
	buf_text(&b, "\"ancestors\": [");
	for (size_t i = 0; i < n; i++)
		buf_printf(&b, "%s{ \"comm\": \"%s\", \"pid\": %zu }", i ? ", " : "", any_of(w, words),
			   pick(w, 4));
	buf_text(&b, "]}");
	buf_char(&b, '\0');
	event_from(ret, &w->arena, buf_get(&b).p);
}

static void random_rules(struct world *w, struct loaded *l)
{
	_cleanup_(buf) struct buf b = BUF_INIT;

	buf_text(&b, "version: 1\nrules:\n");
	for (size_t i = 0; i < N_RULES; i++) {
		buf_printf(&b, "- id: r%02zu\n  match: ", i);
		add_condition(w, &b, 2);
		buf_char(&b, '\n');
	}
	buf_char(&b, '\0');
	rules_from(l, buf_get(&b).p);
}

static int setup(void **state)
{
	struct world *w = calloc(1, sizeof(*w));

	w->seed = 1;
	w->events = calloc(N_EVENTS, sizeof(*w->events));
	assert_int_equal(regex_scratch_new(&w->scratch), 0);
	for (size_t i = 0; i < N_EVENTS; i++)
		random_event(w, &w->events[i]);
	*state = w;
	return 0;
}

static int teardown(void **state)
{
	struct world *w = *state;

	regex_scratch_free(w->scratch);
	arena_done(&w->arena);
	free(w->events);
	free(w);
	return 0;
}

/* The rule's `match` as it stands in the file: its second line. */
static struct str match_of(const struct rule *rule)
{
	struct str text = rule->at.source->text;
	const char *end;

	for (uint32_t i = 0; i < rule->at.line; i++)
		text = str_skip(text, (size_t)((const char *)memchr(text.p, '\n', text.len) - text.p) + 1);
	end = memchr(text.p, '\n', text.len);
	return (struct str){ text.p, (size_t)(end - text.p) };
}

static void fail_at(const struct rule *a, const struct rule *b, size_t event, const char *what)
{
	fail_msg("event %zu: %s:\n%.*s\n%.*s", event, what, STR_ARG(match_of(a)), STR_ARG(match_of(b)));
}

/* What each rule says of each event. */
static void eval_all(struct world *w, const struct ruleset *rules, bool (*holds)[N_EVENTS])
{
	for (size_t i = 0; i < rules->n_rules; i++) {
		const struct cond *c = rules->rules[i].match;

		assert_int_equal(cond_prepare(c, false), 0);
		for (size_t k = 0; k < N_EVENTS; k++)
			holds[i][k] = cond_eval(c, &w->events[k], w->scratch) == TRUTH_YES;
	}
}

static void never_lies(void **state)
{
	struct world *w = *state;
	bool (*holds)[N_EVENTS] = calloc(N_RULES, sizeof(*holds));
	size_t n_exclude = 0, n_imply = 0, n_alone = 0;

	for (size_t set = 0; set < N_SETS; set++) {
		struct loaded l;

		random_rules(w, &l);
		assert_int_equal(l.rules->n_rules, N_RULES);
		eval_all(w, l.rules, holds);
		for (size_t i = 0; i < N_RULES; i++) {
			const struct rule *a = &l.rules->rules[i];
			bool alone = cond_excludes_itself(a->match);

			n_alone += alone;
			for (size_t k = 0; k < N_RULES; k++) {
				const struct rule *b = &l.rules->rules[k];
				unsigned int steps = 1000;
				bool exclude = i != k && conds_exclude(a->match, b->match, &steps);
				bool imply = i != k && cond_implies(a->match, b->match);

				n_exclude += exclude;
				n_imply += imply;
				for (size_t e = 0; e < N_EVENTS && (exclude || imply || alone); e++) {
					if (alone && holds[i][e])
						fail_at(a, a, e, "hold though they cannot");
					if (exclude && holds[i][e] && holds[k][e])
						fail_at(a, b, e, "hold though they exclude each other");
					if (imply && holds[i][e] && !holds[k][e])
						fail_at(a, b, e, "do not follow one from the other");
				}
			}
		}
		rules_done(&l);
	}
	/* Often enough to mean something. */
	assert_true(n_exclude > N_SETS && n_imply > N_SETS && n_alone > N_SETS / 4);
	free(holds);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(never_lies, setup, teardown),
	};

	return cmocka_run_group_tests_name("compare_random", tests, NULL, NULL);
}
