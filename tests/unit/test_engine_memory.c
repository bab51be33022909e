/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The engine's memory: every allocation that fails while it is built is reported and leaks nothing, and once
 * it is built it makes none. The linker sends the program's malloc and its kin here (--wrap).
 */
#include "tests/unit/rules.h"

#include <errno.h>
#include <stdlib.h>

#include "engine/engine.h"
#include "tests/unit/failing_malloc.h"

static const char rules[] =
	"version: 1\n"
	"lists: { shells: [sh, bash] }\n"
	"rules:\n"
	"  - { id: a, match: { comm: [$shells], argv: { re: '(?i)CURL.*sh$' } },\n"
	"      except: [ { id: x, until: 2026-01-01, match: { user: root } } ] }\n"
	"  - { id: b, severity: error, match: { arg: { glob: '*c[a-z]*', same_as: parent.arg } } }\n"
	"  - { id: c, severity: error, match: { argv: { re: '^(a|a|b?)*c' } } }\n"
	"  - { id: d, match: { any: [ { ancestors.name: nginx }, { duration: { ge: 1s } } ] } }\n"
	"  - { id: e, match: {}, threshold: { count: 3, within: 1h, by: [argv, user], distinct: comm },\n"
	"      throttle: { every: 1s, by: [argv] }, summary: '{{key.argv}} {{count}} {{argv}}' }\n"
	"  - { id: f, match: {}, threshold: { count: 10000, within: 1h } }\n"
	"  - { id: g, match: {}, throttle: { every: 1s, by: [pid] } }\n"
	"  - { id: h, match: {}, throttle: { every: 1s } }\n";

static const char *const records[] = {
	"{\"comm\":\"sh\",\"user\":\"root\",\"argv\":[\"curl x|sh\"],\"time\":\"2026-02-01T00:00:00Z\"}",
	"{\"comm\":\"sh\",\"argv\":[\"sh\",\"abc\"],\"argv_state\":\"cut\",\"parent\":{\"argv\":[\"abc\"]}}",
	"{\"argv\":[\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!c\"]}",
	"{\"ancestors\":[{\"exe\":\"/usr/sbin/nginx\"}],\"duration_ns\":2000000000,\"errno\":\"ENOENT\"}",
	"{\"ancestors\":[{\"exe\":\"/usr/sbin/nginx\"}],\"argv\":[\"x\",\"\"],\"argv_state\":\"partial\"}",
};

static void count(void *ctx, const struct alert *a)
{
	++*(size_t *)ctx;
}

static void failures_while_building(void **state)
{
	size_t n_alerts = 0, n_failed = 0;
	const struct engine_options options = {
		.host = STR("h"), .backend = STR("b"), .raise = count, .ctx = &n_alerts,
	};
	struct engine *engine;
	struct loaded l;
	int r;

	rules_from(&l, rules);
	for (;;) {
		n_allocations = 0;
		failing = n_failed;
		engine = NULL;
		r = engine_new(l.rules, &options, &engine);
		failing = SIZE_MAX;
		if (r == 0)
			break;
		assert_int_equal(r, -ENOMEM);
		assert_null(engine);
		n_failed++;
	}
	assert_true(n_failed >= 5);
	n_allocations = failing = 0;
	assert_int_equal(engine_count_costs(engine, NULL, 0), -ENOMEM);
	failing = SIZE_MAX;
	assert_int_equal(engine_rule_cost(engine, 0).candidates, 0);
	engine_free(engine);
	rules_done(&l);
}

/* Of one record that takes as much memory to read as one may that is kept: all of it is words. */
static void event_of_words(struct event *ev, struct arena *a)
{
	struct buf b = BUF_INIT;

	buf_text(&b, "{\"argv\":[\"\"");
	for (int i = 0; i < 1000; i++)
		buf_text(&b, ",\"\"");
	buf_add(&b, "]}", 3);
	event_from(ev, a, b.p);
	buf_done(&b);
}

/* More keys than there is room for, and summaries of all that one event may have to tell. */
static void feed_many(struct engine *e, struct event *ev)
{
	for (int i = 0; i < 30000; i++) {
		ev->time = NUM(i * INT64_C(10000));
		ev->pid = NUM(i % 2 ? i : -1 - i % 5000);
		engine_feed(e, ev);
	}
}

static int64_t zero(void)
{
	return 0;
}

static void none_per_event(void **state)
{
	size_t n_alerts = 0;
	const struct engine_options options = {
		.host = STR("h"), .backend = STR("b"), .live = true, .raise = count, .ctx = &n_alerts,
		.window_memory = (size_t)4 << 20,
	};
	struct event words;
	struct arena arena = ARENA_INIT;
	struct event ev[ARRAY_SIZE(records)];
	struct engine *engine;
	struct loaded l;

	rules_from(&l, rules);
	for (size_t i = 0; i < ARRAY_SIZE(records); i++)
		event_from(&ev[i], &arena, records[i]);
	event_of_words(&words, &arena);
	assert_int_equal(engine_new(l.rules, &options, &engine), 0);
	assert_int_equal(engine_count_costs(engine, zero, 2), 0);

	n_allocations = 0;
	engine_start(engine, 1);
	for (size_t i = 0; i < ARRAY_SIZE(records); i++)
		engine_feed(engine, &ev[i]);
	feed_many(engine, &words);
	engine_tick(engine, INT64_MAX - 1);
	for (size_t i = 0; i < ARRAY_SIZE(records); i++)
		engine_feed(engine, &ev[i]);
	engine_tick(engine, INT64_MAX);
	engine_finish(engine);
	assert_true(engine_counters(engine).summaries > 1000);
	assert_true(engine_counters(engine).evicted > 1000);
	engine_raise_self(engine, 2, "execwatch.loss", SEVERITY_ERROR, STR_LIT("x"), NULL, 0);
	assert_int_equal(n_allocations, 0);
	assert_true(n_alerts >= 5);
	/* Twice each record. */
	assert_true(engine_rule_cost(engine, 0).candidates >= 2);

	engine_free(engine);
	arena_done(&arena);
	rules_done(&l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(failures_while_building),
		cmocka_unit_test(none_per_event),
	};

	return cmocka_run_group_tests_name("engine_memory", tests, NULL, NULL);
}
