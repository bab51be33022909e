/* SPDX-License-Identifier: Apache-2.0 */
/* Trials: a test of a rule against the rule, or another one, in virtual time. */
#include "tests/unit/rules.h"

#include "base/timefmt.h"
#include "engine/trial.h"

#define RULE "version: 1\nrules:\n  - id: r\n"

struct tried {
	struct loaded l;
	struct trial *trial;
	struct trial_result got;
	unsigned int misses;
};

/* The first test of the first rule, which is @head with @test as its only one, against the rule. */
static void begin(struct tried *t, const char *head, const char *test)
{
	char yaml[4096];

	assert_true((size_t)snprintf(yaml, sizeof(yaml), RULE "%s    tests:\n      - { name: t, %s }\n", head,
				     test) < sizeof(yaml));
	rules_from(&t->l, yaml);
	assert_int_equal(t->l.rules->rules[0].n_tests, 1);
	assert_int_equal(trial_new(&t->l.rules->rules[0].tests[0], &t->trial), 0);
	assert_int_equal(trial_run(t->trial, &t->l.rules->rules[0], false, &t->got), 0);
	t->misses = trial_misses(&t->l.rules->rules[0].tests[0].expect, &t->got);
}

static void end(struct tried *t)
{
	trial_free(t->trial);
	rules_done(&t->l);
}

#define PLAIN "    match: { comm: sh }\n"
#define EXCEPT PLAIN "    except: [{ id: a, match: { user: root } }, { id: b, match: { user: bob } }]\n"
#define THRESHOLD PLAIN "    threshold: { count: 3, within: 10s, by: [user, pid] }\n"
#define THROTTLE PLAIN "    throttle: { by: [user], every: 1m }\n"
#define BOTH THRESHOLD "    throttle: { by: [tty, user], every: 1m }\n"
/* What cannot be decided: the end of a text that was cut. */
#define SUFFIX "    match: { argv: { suffix: x } }\n"
#define CUT "{ argv: [a], argv_state: cut }"

static const struct {
	const char *rule, *test;
	unsigned int misses;
} verdicts[] = {
	{ PLAIN, "event: { comm: sh }, expect: alert", 0 },
	{ PLAIN, "event: { comm: sh }, expect: none", MISS_ALERTS },
	{ PLAIN, "event: { comm: ls }, expect: none", 0 },
	{ PLAIN, "event: { comm: ls }, expect: alert", MISS_ALERTS },
	{ PLAIN, "event: { comm: sh, errno: ENOENT }, expect: alert", MISS_ALERTS },
	{ PLAIN, "event: {}, expect: none", 0 },
	{ PLAIN "    mode: off\n", "event: { comm: sh }, expect: alert", 0 },
	{ PLAIN "    mode: observe\n", "event: { comm: sh }, expect: { alerts: 1 }", 0 },

	{ EXCEPT, "event: { comm: sh, user: root }, expect: { excepted: a }", 0 },
	{ EXCEPT, "event: { comm: sh, user: bob }, expect: { excepted: a }", MISS_EXCEPTED },
	{ EXCEPT, "event: { comm: sh, user: bob }, expect: { excepted: b }", 0 },
	{ EXCEPT, "event: { comm: sh }, expect: { excepted: a }", MISS_EXCEPTED | MISS_ALERTS },
	{ EXCEPT, "event: { comm: ls, user: root }, expect: { excepted: a }", MISS_EXCEPTED },
	{ EXCEPT, "common: { comm: sh }, events: [{ user: root }, { user: eve }], expect: { excepted: a }",
	  MISS_ALERTS },
	{ EXCEPT, "event: { comm: sh, user: root }, expect: none", 0 },
	{ PLAIN "    except: [{ id: a, until: 2026-01-01, match: { user: root } }]\n",
	  "event: { comm: sh, user: root }, expect: { excepted: a }", 0 },
	{ PLAIN "    except: [{ id: a, until: 2026-01-01, match: { user: root } }]\n",
	  "event: { comm: sh, user: root, time: 2026-01-02T00:00:00Z }, expect: alert", 0 },

	/* Neither an alert nor none, unless the rule is so severe that it alerts all the same. */
	{ SUFFIX, "event: " CUT ", expect: none", MISS_UNDECIDED },
	{ SUFFIX, "event: " CUT ", expect: alert", MISS_ALERTS },
	{ SUFFIX "    severity: error\n", "event: " CUT ", expect: none", MISS_ALERTS },
	{ SUFFIX "    severity: error\n", "event: " CUT ", expect: alert", 0 },
	{ SUFFIX, "events: [" CUT ", { argv: [x] }], expect: alert", 0 },

	{ THRESHOLD, "events: [{ comm: sh, repeat: 3, every: 5s }], expect: { alerts: 1, at: 10s }", 0 },
	{ THRESHOLD, "events: [{ comm: sh, repeat: 3, every: 5001ms }], expect: none", 0 },
	{ THRESHOLD, "events: [{ comm: sh, repeat: 6 }], expect: { alerts: 2, at: 0s }", 0 },
	{ THRESHOLD, "events: [{ comm: sh, repeat: 6 }], expect: { alerts: 1, at: 1s }",
	  MISS_ALERTS | MISS_AT },
	{ THRESHOLD, "events: [{ comm: sh, repeat: 2, user: a }, { comm: sh, user: b }], expect: none", 0 },
	{ THRESHOLD, "events: [{ comm: sh, repeat: 3, user: a, pid: 7 }], "
		     "expect: { key: { user: a, pid: 7 } }", 0 },
	{ THRESHOLD, "events: [{ comm: sh, repeat: 3, user: a, pid: 7 }], expect: { key: { pid: 8 } }",
	  MISS_KEY },
	{ THRESHOLD, "events: [{ comm: sh, repeat: 3, pid: 7 }], expect: { key: { user: a } }", MISS_KEY },
	/* Whatever the order in which they are written. */
	{ THRESHOLD, "common: { comm: sh }, events: [{ at: 9s }, { at: 1s }, { at: 5s }], expect: { at: 9s }",
	  0 },

	{ THROTTLE, "events: [{ comm: sh, repeat: 5, every: 1s }], expect: { alerts: 1, summaries: 1 }", 0 },
	{ THROTTLE, "events: [{ comm: sh, repeat: 5, every: 1s }], expect: { alerts: 1, summaries: 0 }",
	  MISS_SUMMARIES },
	{ THROTTLE, "event: { comm: sh, user: a }, expect: { alerts: 1, summaries: 0, key: { user: a } }",
	  0 },
	{ THROTTLE, "event: { comm: sh, user: b }, expect: { key: { user: a } }", MISS_KEY },
	{ BOTH, "events: [{ comm: sh, repeat: 9, user: a, tty: x }], expect: { alerts: 1, summaries: 1, "
		"key: { user: a, tty: x } }", 0 },
	{ BOTH, "events: [{ comm: sh, repeat: 9, user: a, tty: x }], expect: none",
	  MISS_ALERTS | MISS_SUMMARIES },

	{ PLAIN, "event: { comm: sh, argv: [a, b] }, expect: { summary: 'r: a b' }", 0 },
	{ PLAIN, "event: { comm: sh, argv: [a, b] }, expect: { summary: '*' }", 0 },
	{ PLAIN, "event: { comm: sh, argv: [a, b] }, expect: { summary: 'r*a*b*' }", 0 },
	{ PLAIN, "event: { comm: sh, argv: [a, aab] }, expect: { summary: 'r*a*ab' }", 0 },
	{ PLAIN, "event: { comm: sh, argv: [a, b] }, expect: { summary: 'r: a' }", MISS_SUMMARY },
	{ PLAIN, "event: { comm: sh, argv: [a, b] }, expect: { summary: '*c*' }", MISS_SUMMARY },
	{ PLAIN, "event: { comm: sh, argv: [a, b] }, expect: { summary: 'r: a b?' }", MISS_SUMMARY },
	{ PLAIN, "event: { comm: ls }, expect: { summary: '*' }", MISS_ALERTS },
	{ PLAIN, "event: { comm: ls }, expect: { summaries: 0 }", 0 },
	{ PLAIN "    route: [a, b]\n", "event: { comm: sh }, expect: { route: [b, a] }", 0 },
	{ PLAIN "    route: [a, b]\n", "event: { comm: sh }, expect: { route: [a] }", MISS_ROUTE },
	{ PLAIN "    route: [a]\n", "event: { comm: sh }, expect: { route: [a, b] }", MISS_ROUTE },
	{ PLAIN, "event: { comm: sh }, expect: { route: [a] }", MISS_ROUTE },
};

static void gives_a_verdict(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(verdicts); i++) {
		struct tried t;

		begin(&t, verdicts[i].rule, verdicts[i].test);
		if (t.misses != verdicts[i].misses)
			fail_msg("%#x instead of %#x: %s%s", t.misses, verdicts[i].misses, verdicts[i].rule,
				 verdicts[i].test);
		end(&t);
	}
}

/* The zero of a test is the year 2000, or the first exec where all of them say when they were. */
static void counts_from_its_zero(void **state)
{
	const struct event *ev;
	struct tried t;

	begin(&t, PLAIN, "event: { comm: sh }, expect: { at: 0s }");
	assert_int_equal(t.misses, 0);
	assert_int_equal(trial_execs(t.trial), 1);
	assert_int_equal(trial_event(t.trial, 0, &ev), 0);
	assert_int_equal(ev->time.value, TRIAL_ZERO_NS);
	end(&t);

	begin(&t, PLAIN, "events: [{ comm: sh, time: 2026-01-01T00:00:09Z }, "
			 "{ time: 2026-01-01T00:00:01Z }], expect: { at: 8s }");
	assert_int_equal(t.misses, 0);
	end(&t);

	begin(&t, PLAIN, "events: [{ comm: sh, time: 2000-01-01T00:00:09Z }, { comm: ls }], "
			 "expect: { at: 9s }");
	assert_int_equal(t.misses, 0);
	end(&t);

	begin(&t, PLAIN, "events: [{ comm: sh, time: 2026-01-01T00:00:00Z, repeat: 3, every: 2s }], "
			 "expect: { alerts: 3, at: 0s }");
	assert_int_equal(t.misses, 0);
	assert_int_equal(trial_event(t.trial, 2, &ev), 0);
	assert_int_equal(ev->time.value % (10 * NS_PER_S), 4 * NS_PER_S);
	end(&t);
}

/* By time, then as they are written. */
static void orders_its_execs(void **state)
{
	/* At 1s pid 2 is written before 3, at 2s pid 4 before 2. */
	static const int64_t pids[] = { 1, 2, 2, 3, 4, 2 };
	struct tried t;

	begin(&t, PLAIN, "events: [{ pid: 4, at: 2s }, { pid: 1 }, { pid: 2, repeat: 3, every: 1s }, "
			 "{ pid: 3, at: 1s }], expect: none");
	assert_int_equal(trial_execs(t.trial), ARRAY_SIZE(pids));
	for (size_t i = 0; i < ARRAY_SIZE(pids); i++) {
		const struct event *ev;

		assert_int_equal(trial_event(t.trial, i, &ev), 0);
		assert_int_equal(ev->pid.value, pids[i]);
	}
	end(&t);
}

static void says_where_it_happened(void **state)
{
	struct tried t;

	begin(&t, THRESHOLD, "common: { comm: sh }, events: [{}, { at: 1s, comm: ls }, { at: 9s }, "
			     "{ at: 11s }, { at: 12s }], expect: alert");
	assert_int_equal(t.got.execs, 5);
	assert_int_equal(t.got.counters.matches, 4);
	assert_int_equal(t.got.first_silent, 1);
	assert_int_equal(t.got.first_alert, 4);
	assert_int_equal(t.got.first_undecided, 5);
	assert_int_equal(t.got.at_ns.value, 12 * NS_PER_S);
	end(&t);

	begin(&t, THRESHOLD, "events: [{ comm: sh, repeat: 5, every: 6s }], expect: alert");
	assert_int_equal(t.misses, MISS_ALERTS);
	assert_int_equal(t.got.first_silent, 5);
	assert_int_equal(t.got.counters.peak, 2);
	assert_int_equal(t.got.counters.peak_ns, 6 * NS_PER_S);
	end(&t);
}

/* A trial may be run with any rule, and each run begins anew. */
static void runs_with_other_rules(void **state)
{
	struct trial_result got;
	struct rule other;
	struct tried t;

	begin(&t, THRESHOLD, "events: [{ comm: sh, repeat: 4, every: 1s }], expect: { alerts: 1, at: 2s }");
	for (int i = 0; i < 3; i++) {
		assert_int_equal(trial_run(t.trial, &t.l.rules->rules[0], false, &got), 0);
		assert_int_equal(trial_misses(&t.l.rules->rules[0].tests[0].expect, &got), 0);
		other = t.l.rules->rules[0];
		other.threshold = NULL;
		assert_int_equal(trial_run(t.trial, &other, false, &got), 0);
		assert_int_equal(got.alerts, 4);
		assert_int_equal(trial_misses(&t.l.rules->rules[0].tests[0].expect, &got),
				 MISS_ALERTS | MISS_AT);
	}
	end(&t);

	begin(&t, EXCEPT, "event: { comm: sh, user: root }, expect: { excepted: a }");
	other = t.l.rules->rules[0];
	other.exceptions++;
	other.n_exceptions--;
	assert_int_equal(trial_run(t.trial, &other, false, &got), 0);
	assert_int_equal(got.exception_uses, 0);
	assert_int_equal(got.alerts, 1);
	end(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(gives_a_verdict),
		cmocka_unit_test(counts_from_its_zero),
		cmocka_unit_test(orders_its_execs),
		cmocka_unit_test(says_where_it_happened),
		cmocka_unit_test(runs_with_other_rules),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
