/* SPDX-License-Identifier: Apache-2.0 */
/* Thresholds and throttles through the engine: what is raised when, and what it says. */
#include "tests/unit/window_alerts.h"

#define RULE(more) "version: 1\nrules:\n  - { id: r, match: { }, " more " }\n"

static void a_threshold_fires_and_starts_anew(void **state)
{
	struct rule_counters c;
	struct fixture f;

	begin(&f, RULE("threshold: { count: 3, within: 10s }"));
	feed(&f, "h", 0, "a", NULL);
	feed(&f, "h", 4000, "b", NULL);
	expect_alerts(&f, "");
	/* Newest minus oldest is within, to the nanosecond. */
	feed(&f, "h", 10000, "c", NULL);
	expect_alerts(&f, "threshold 10000 r h count=3 window=10\n");
	feed(&f, "h", 10001, "d", NULL);
	feed(&f, "h", 11000, "e", NULL);
	expect_alerts(&f, "");
	feed(&f, "h", 20001, "f", NULL);
	expect_alerts(&f, "threshold 20001 r h count=3 window=10\n");

	feed(&f, "h", 30000, "a", NULL);
	feed(&f, "h", 35000, "b", NULL);
	feed(&f, "h", 40001, "c", NULL);
	expect_alerts(&f, "");
	c = engine_rule_counters(f.engine, 0);
	assert_int_equal(c.matches, 9);
	assert_int_equal(c.counted, 7);
	assert_int_equal(c.alerts, 2);
	assert_int_equal(c.peak, 3);
	assert_int_equal(c.peak_ns, 10 * NS_PER_S);
	end(&f);
}

static void a_threshold_of_one(void **state)
{
	struct fixture f;

	begin(&f, RULE("threshold: { count: 1, within: 1ns, by: comm }"));
	feed(&f, "h", 0, "a", NULL);
	feed(&f, "h", 0, "a", NULL);
	expect_alerts(&f, "threshold 0 r h count=1 window=0.000000001 key.comm=a\n"
			  "threshold 0 r h count=1 window=0.000000001 key.comm=a\n");
	end(&f);
}

/* An unknown value is a key of its own, and the host is always part of it. */
static void keys(void **state)
{
	struct fixture f;

	begin(&f, RULE("threshold: { count: 2, within: 10s, by: [comm, user] }"));
	feed(&f, "h", 0, "a", "u");
	feed(&f, "h", 0, "a", NULL);
	feed(&f, "h", 0, "a", "");
	feed(&f, "g", 0, "a", "u");
	feed(&f, NULL, 0, "a", "u");
	feed(&f, "h", 0, "", "au");
	expect_alerts(&f, "");
	feed(&f, "h", 1, "a", "");
	feed(&f, NULL, 1, "a", "u");
	feed(&f, "h", 1, "a", NULL);
	expect_alerts(&f, "threshold 1 r h count=2 window=10 key.comm=a key.user=\n"
			  "threshold 1 r here count=2 window=10 key.comm=a key.user=u\n"
			  "threshold 1 r h count=2 window=10 key.comm=a key.user=?\n");
	end(&f);
}

static void different_values(void **state)
{
	struct rule_counters c;
	struct fixture f;

	begin(&f, RULE("threshold: { count: 3, within: 10s, by: comm, distinct: user }"));
	feed(&f, "h", 0, "a", "u1");
	feed(&f, "h", 1000, "a", "u2");
	/* An unknown value does not count, one that is there already only lasts longer. */
	feed(&f, "h", 2000, "a", NULL);
	feed(&f, "h", 9000, "a", "u1");
	feed(&f, "h", 11001, "a", "u3");
	expect_alerts(&f, "");
	assert_int_equal(engine_rule_counters(f.engine, 0).peak, 2);
	feed(&f, "h", 19000, "a", "u4");
	expect_alerts(&f, "threshold 19000 r h count=3 window=10 key.comm=a\n");
	c = engine_rule_counters(f.engine, 0);
	assert_int_equal(c.counted, 5);
	/* A value that fired counts again. */
	feed(&f, "h", 19000, "a", "u4");
	feed(&f, "h", 19000, "a", "u1");
	feed(&f, "h", 19000, "a", "u3");
	expect_alerts(&f, "threshold 19000 r h count=3 window=10 key.comm=a\n");
	end(&f);
}

/* Time is the latest end of an exec on that host; a record that comes late counts as of then. */
static void clocks(void **state)
{
	struct fixture f;
	struct event ev;

	begin(&f, RULE("threshold: { count: 2, within: 10s }"));
	event_clear(&ev);
	ev.host = str_of("h");
	ev.time = NUM(0);
	ev.duration = NUM(20 * NS_PER_S);
	engine_feed(f.engine, &ev);
	feed(&f, "g", 0, "a", NULL);
	feed(&f, "h", 30000, "a", NULL);
	expect_alerts(&f, "threshold 30000 r h count=2 window=10\n");
	feed(&f, "h", 50000, "a", NULL);
	feed(&f, "h", 1000, "a", NULL);
	expect_alerts(&f, "threshold 1000 r h count=2 window=10\n");
	feed(&f, "g", 10000, "a", NULL);
	expect_alerts(&f, "threshold 10000 r g count=2 window=10\n");

	/* Without a time of its own, at the latest. */
	ev.time.known = ev.duration.known = false;
	engine_feed(f.engine, &ev);
	engine_feed(f.engine, &ev);
	expect_alerts(&f, "threshold 50000 r h count=2 window=10\n");
	/* A duration that no clock can hold is none. */
	ev.time = NUM(60 * NS_PER_S);
	ev.duration = NUM(INT64_MAX);
	engine_feed(f.engine, &ev);
	feed(&f, "h", 60001, "a", NULL);
	expect_alerts(&f, "threshold 60001 r h count=2 window=10\n");
	end(&f);
}

static void a_throttle_sums_up(void **state)
{
	char first[37], print[17];
	struct rule_counters c;
	struct fixture f;

	begin(&f, RULE("throttle: { by: comm, every: 10s }"));
	feed(&f, "h", 0, "a", NULL);
	expect_alerts(&f, "match 0 r h\n");
	memcpy(first, f.id, sizeof(first));
	memcpy(print, f.fingerprint, sizeof(print));
	feed(&f, "h", 1000, "a", NULL);
	feed(&f, "h", 2000, "b", NULL);
	feed(&f, "h", 9999, "a", NULL);
	expect_alerts(&f, "match 2000 r h\n");
	assert_string_not_equal(f.fingerprint, print);
	/* The summary is of the time at which it was due. */
	engine_tick(f.engine, 11 * NS_PER_S);
	expect_alerts(&f, "summary 10000 r h count=2 suppressed=2 window=10 key.comm=a\n");
	assert_string_equal(f.first_id, first);
	engine_tick(f.engine, 19 * NS_PER_S);
	expect_alerts(&f, "");
	/* It began a silence of its own, from then on. */
	feed(&f, "h", 19500, "a", NULL);
	expect_alerts(&f, "");
	engine_tick(f.engine, 20 * NS_PER_S);
	expect_alerts(&f, "summary 20000 r h count=1 suppressed=1 window=10 key.comm=a\n");
	assert_string_equal(f.fingerprint, print);
	/* Nothing was held back: the next one comes at once. */
	feed(&f, "h", 30000, "a", NULL);
	expect_alerts(&f, "match 30000 r h\n");
	assert_string_equal(f.fingerprint, print);

	feed(&f, "h", 31000, "a", NULL);
	engine_finish(f.engine);
	expect_alerts(&f, "summary 31000 r h count=1 suppressed=1 window=1 key.comm=a\n");
	engine_finish(f.engine);
	expect_alerts(&f, "");
	c = engine_rule_counters(f.engine, 0);
	assert_int_equal(c.matches, 7);
	assert_int_equal(c.alerts, 3);
	assert_int_equal(c.suppressed, 4);
	assert_int_equal(c.summaries, 3);
	assert_int_equal(engine_counters(f.engine).alerts, 6);
	assert_int_equal(engine_counters(f.engine).summaries, 3);
	end(&f);
}

/* The id of a summary is the first of what it is followed by. */
static void summaries_follow_each_other(void **state)
{
	char first[37];
	struct fixture f;

	begin(&f, RULE("throttle: { every: 10s }"));
	feed(&f, "h", 0, "a", NULL);
	feed(&f, "h", 1000, "a", NULL);
	engine_tick(f.engine, 10 * NS_PER_S);
	memcpy(first, f.id, sizeof(first));
	feed(&f, "h", 11000, "a", NULL);
	/* Long after two silences have ended. */
	feed(&f, "h", 99000, "a", NULL);
	expect_alerts(&f, "match 0 r h\nsummary 10000 r h count=1 suppressed=1 window=10\n"
			  "summary 20000 r h count=1 suppressed=1 window=10\nmatch 99000 r h\n");
	assert_string_equal(f.first_id, "");
	feed(&f, "h", 99001, "a", NULL);
	engine_finish(f.engine);
	assert_string_not_equal(f.first_id, first);
	end(&f);
}

/* A throttle holds back what its threshold lets through. */
static void a_throttle_behind_a_threshold(void **state)
{
	struct rule_counters c;
	struct fixture f;

	begin(&f, RULE("threshold: { count: 2, within: 10s, by: [comm] },\n"
		       "throttle: { by: user, every: 1m },\n"
		       "summary: '{{count}}/{{window_s}}/{{key.comm}}/{{key.user}}'"));
	for (int i = 0; i < 7; i++)
		feed(&f, "h", i * 1000, "a", "u");
	engine_finish(f.engine);
	expect_alerts(&f, "threshold 1000 r h count=2 window=10 key.comm=a\n"
			  "summary 6000 r h count=2 suppressed=2 window=5 key.user=u\n");
	c = engine_rule_counters(f.engine, 0);
	assert_int_equal(c.matches, 7);
	assert_int_equal(c.counted, 4);
	assert_int_equal(c.alerts, 1);
	assert_int_equal(c.suppressed, 2);
	end(&f);
}

static void what_summaries_say(void **state)
{
	struct fixture f;

	begin(&f, RULE("threshold: { count: 2, within: 1500ms, by: [comm] },\n"
		       "throttle: { by: user, every: 1m },\n"
		       "summary: '{{count}} {{window_s}} {{key.comm}} {{key.user}} "
		       "{{key.comm|trunc:3|json}}'"));
	feed(&f, "h", 0, "abcdef", "u");
	feed(&f, "h", 0, "abcdef", "u");
	assert_string_equal(f.summary, "2 1.5 abcdef - \"abc\xe2\x80\xa6\"");
	for (int i = 0; i < 6; i++)
		feed(&f, "h", 4250, "abcdef", "u");
	engine_finish(f.engine);
	assert_string_equal(f.summary, "3 4.25 - u \"-\"");
	assert_true(str_contains(buf_get(&f.json),
				 STR_LIT("\"count\":3,\"window_s\":4.25,\"key\":{\"user\":\"u\"},"
					 "\"suppressed\":3,\"first_id\":\"")));
	end(&f);

	begin(&f, RULE("throttle: { by: user, every: 1m }, summary: '{{count}} {{window_s}} {{key.user}}'"));
	feed(&f, "h", 0, "abcdef", "u");
	assert_string_equal(f.summary, "- - -");
	end(&f);
}

/* As alerts in every way but that nobody gets them. */
static void observed_rules(void **state)
{
	struct engine_counters all;
	struct rule_counters c;
	struct fixture f;

	begin(&f, RULE("mode: observe, threshold: { count: 2, within: 10s }, throttle: { every: 1m }"));
	for (int i = 0; i < 10; i++)
		feed(&f, "h", i * 1000, "a", NULL);
	engine_finish(f.engine);
	expect_alerts(&f, "");
	c = engine_rule_counters(f.engine, 0);
	all = engine_counters(f.engine);
	assert_int_equal(c.matches, 10);
	assert_int_equal(c.counted, 5);
	assert_int_equal(c.observed, 1);
	assert_int_equal(c.suppressed, 4);
	assert_int_equal(c.summaries, 1);
	assert_int_equal(c.alerts, 0);
	assert_int_equal(all.summaries, 0);
	assert_int_equal(all.alerts, 0);
	assert_int_equal(all.observed, 1);
	end(&f);
}

/* What is not decided alerts by itself and is not counted. */
static void undecided_matches(void **state)
{
	struct rule_counters c;
	struct fixture f;
	struct event ev;

	begin(&f, "version: 1\nrules:\n"
		  "  - { id: r, severity: error, match: { argv: { suffix: z } },\n"
		  "      threshold: { count: 2, within: 10s }, throttle: { every: 10s } }\n");
	for (int i = 0; i < 3; i++) {
		arena_reset(&f.arena);
		event_from(&ev, &f.arena, "{\"argv\":[\"x\"],\"argv_state\":\"cut\"}");
		engine_feed(f.engine, &ev);
	}
	expect_alerts(&f, "self 0 execwatch.undecided here\n"
			  "match 0 r here\nmatch 0 r here\nmatch 0 r here\n");
	c = engine_rule_counters(f.engine, 0);
	assert_int_equal(c.undecided, 3);
	assert_int_equal(c.matches, 0);
	assert_int_equal(c.alerts, 0);
	end(&f);
}

static void excepted_matches(void **state)
{
	struct fixture f;

	begin(&f, RULE("threshold: { count: 2, within: 10s }, except: [ { id: x, match: { user: root } },\n"
		       "{ id: y, match: { comm: b } } ]"));
	feed(&f, "h", 0, "a", "root");
	feed(&f, "h", 0, "b", "root");
	feed(&f, "h", 0, "b", "u");
	feed(&f, "h", 0, "a", "u");
	expect_alerts(&f, "");
	assert_int_equal(engine_rule_counters(f.engine, 0).excepted, 3);
	assert_int_equal(engine_excepted(f.engine, 0, 0), 2);
	assert_int_equal(engine_excepted(f.engine, 0, 1), 1);
	end(&f);
}

/* More silences than one event ends: the others follow, none is lost, and the times stay right. */
static void many_ends_at_once(void **state)
{
	char comm[16];
	struct fixture f;
	size_t n = 0;

	begin(&f, RULE("throttle: { by: comm, every: 10s }"));
	for (int round = 0; round < 2; round++)
		for (int i = 0; i < 200; i++) {
			snprintf(comm, sizeof(comm), "c%d", i);
			feed(&f, "h", i, comm, NULL);
		}
	assert_int_equal(f.n, 200);
	feed(&f, "h", 50000, "c199", NULL);
	/* Of c199 too, before its alert. */
	assert_true(f.n > 200 && f.n < 300);
	for (n = f.n; n < 401; n = f.n)
		feed(&f, "h", 50000, "c199", NULL);
	assert_int_equal(f.n, 401);
	buf_reset(&f.alerts);
	engine_finish(f.engine);
	assert_int_equal(f.n, 402);
	end(&f);
}

static void many_hosts(void **state)
{
	char host[16];
	struct fixture f;

	begin(&f, RULE("threshold: { count: 2, within: 10s }, throttle: { every: 1m }"));
	for (int round = 0; round < 4; round++)
		for (int i = 0; i < 1500; i++) {
			snprintf(host, sizeof(host), "h%d", i);
			feed(&f, host, i, "a", NULL);
		}
	assert_int_equal(f.n, 1500);
	engine_tick(f.engine, 100 * NS_PER_S);
	while (f.n < 3000)
		engine_tick(f.engine, 100 * NS_PER_S);
	assert_int_equal(f.n, 3000);
	end(&f);
}

/* Values that are longer than what is shown stay different, and are shown as such. */
static void long_values(void **state)
{
	struct fixture f;
	char a[1000], b[1000];
	const char *last;

	memset(a, 'x', sizeof(a));
	memset(b, 'x', sizeof(b));
	memcpy(a + 900, "\xc3\xa4", 3);
	memcpy(b + 900, "\xc3\xb6", 3);
	begin(&f, RULE("threshold: { count: 2, within: 10s, by: [user] },\n"
		       "throttle: { by: [user], every: 1m }"));
	for (int i = 0; i < 4; i++) {
		feed(&f, "h", i, "c", a);
		feed(&f, "h", i, "c", b);
	}
	engine_finish(f.engine);
	assert_int_equal(f.n, 4);
	assert_true(utf8_valid(buf_get(&f.alerts)));
	buf_char(&f.alerts, '\0');
	last = strrchr(f.alerts.p, '=');
	assert_true(strlen(last) < 210);
	assert_non_null(strstr(last, "xxxx\xe2\x80\xa6"));
	/* Each twice, of its alert and of its summary, and never the other's. */
	for (const char *line = f.alerts.p; line && *line; line = strchr(line, '\n') + 1) {
		const char *key = strstr(line, "key.user=");
		size_t len = strcspn(key, "\n"), same = 0;

		for (const char *p = f.alerts.p; (p = memmem(p, strlen(p), key, len)); p += len)
			same++;
		assert_int_equal(same, 2);
	}
	end(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_threshold_fires_and_starts_anew),
		cmocka_unit_test(a_threshold_of_one),
		cmocka_unit_test(keys),
		cmocka_unit_test(different_values),
		cmocka_unit_test(clocks),
		cmocka_unit_test(a_throttle_sums_up),
		cmocka_unit_test(summaries_follow_each_other),
		cmocka_unit_test(a_throttle_behind_a_threshold),
		cmocka_unit_test(what_summaries_say),
		cmocka_unit_test(observed_rules),
		cmocka_unit_test(undecided_matches),
		cmocka_unit_test(excepted_matches),
		cmocka_unit_test(many_ends_at_once),
		cmocka_unit_test(many_hosts),
		cmocka_unit_test(long_values),
	};

	return cmocka_run_group_tests_name("window", tests, NULL, NULL);
}
