/* SPDX-License-Identifier: Apache-2.0 */
/* Windows where there is not room for all keys, and where other rules take over. */
#include "tests/unit/window_alerts.h"

#include "engine/window.h"

#define MS INT64_C(1000000)

struct room {
	struct loaded l;
	struct windows *w;
	struct buf owed;
};

static void on_owed(void *ctx, struct owed *o)
{
	struct room *r = ctx;

	buf_printf(&r->owed, "%.*s %lld-%lld %llu %.*s %.*s\n", STR_ARG(o->rule->id),
		   (long long)(o->since_ns / MS), (long long)(o->time_ns / MS),
		   (unsigned long long)o->suppressed, STR_ARG(o->first_id), STR_ARG(o->key->value[0]));
}

static void begin_room(struct room *r, const char *yaml, size_t memory, uint32_t max_keys)
{
	const struct windows_options options = {
		.memory = memory, .max_keys = max_keys, .seed = 1, .owed = on_owed, .ctx = r,
	};

	*r = (struct room){ .owed = BUF_INIT };
	rules_from(&r->l, yaml);
	assert_int_equal(windows_new(r->l.rules, &options, &r->w), 0);
}

static void end_room(struct room *r)
{
	windows_free(r->w);
	buf_done(&r->owed);
	rules_done(&r->l);
}

/* The count of a match; 0 where it fired. */
static uint32_t count(struct room *r, int64_t ms, const char *comm)
{
	struct str host = STR("h");
	struct event ev;
	uint32_t n;

	event_clear(&ev);
	ev.comm = str_of(comm);
	return threshold_take(r->w, 0, host, windows_advance(r->w, host, ms * MS), &ev, &n) ? 0 : n;
}

/* Is it raised? */
static bool pass(struct room *r, int64_t ms, const char *comm, const char *id)
{
	struct str host = STR("h");
	uint16_t number = windows_advance(r->w, host, ms * MS);
	char padded[UUID_TEXT_SIZE] = "";
	struct event ev;

	event_clear(&ev);
	ev.comm = str_of(comm);
	if (!throttle_take(r->w, 0, host, number, &ev))
		return false;
	snprintf(padded, sizeof(padded), "%s", id);
	throttle_begin(r->w, 0, host, number, &ev, padded);
	return true;
}

#define COUNTS                                                                                              \
	"version: 1\nrules:\n"                                                                              \
	"  - { id: r, match: {}, threshold: { count: 10, within: 10s, by: comm } }\n"

static void a_newcomer_inherits_the_smallest_count(void **state)
{
	struct room r;

	begin_room(&r, COUNTS, WINDOW_MEMORY_MIN, 3);
	for (int i = 0; i < 5; i++)
		count(&r, 0, "five");
	for (int i = 0; i < 3; i++)
		count(&r, 0, "three");
	for (int i = 0; i < 4; i++)
		count(&r, 0, "four");
	assert_int_equal(count(&r, 1000, "new"), 4);
	assert_int_equal(windows_evicted(r.w), 1);
	assert_int_equal(count(&r, 1000, "five"), 6);
	/* Of two with the same count the one goes that has been silent for longer. */
	assert_int_equal(count(&r, 1000, "newer"), 5);
	assert_int_equal(count(&r, 1000, "new"), 5);
	assert_int_equal(count(&r, 1000, "five"), 7);
	assert_int_equal(windows_evicted(r.w), 2);
	end_room(&r);
}

/* What was inherited leaves the window as it would have, a sixteenth of the window later at most. */
static void an_inheritance_ends(void **state)
{
	struct room r;

	begin_room(&r, COUNTS, WINDOW_MEMORY_MIN, 1);
	for (int i = 0; i < 3; i++)
		count(&r, 0, "a");
	for (int i = 0; i < 2; i++)
		count(&r, 2000, "a");
	assert_int_equal(count(&r, 4000, "b"), 6);
	assert_int_equal(count(&r, 10000, "b"), 7);
	assert_int_equal(count(&r, 10626, "b"), 5);
	assert_int_equal(count(&r, 12626, "b"), 4);
	assert_int_equal(windows_evicted(r.w), 1);
	/* Nobody is lost who is over. */
	assert_int_equal(count(&r, 30000, "c"), 1);
	assert_int_equal(windows_evicted(r.w), 1);
	end_room(&r);
}

/* However many keys come and go, what they hand down grows no younger: no more of it is there than came. */
static void a_flood_adds_up_to_no_more_than_it_is(void **state)
{
	char comm[16];
	struct room r;
	uint32_t n;

	/* Twenty at a time are in the window, in ten places: each newcomer inherits what two or three had. */
	begin_room(&r, COUNTS, WINDOW_MEMORY_MIN, 10);
	for (int i = 0; i < 1000; i++) {
		snprintf(comm, sizeof(comm), "%d", i);
		n = count(&r, i * 500, comm);
		assert_true(n > 0 && n <= 4);
	}
	assert_true(windows_evicted(r.w) > 900);
	end_room(&r);
}

static void the_oldest_silence_goes(void **state)
{
	struct room r;

	begin_room(&r, "version: 1\nrules:\n  - { id: r, match: {}, throttle: { every: 10s, by: comm } }\n",
		   WINDOW_MEMORY_MIN, 2);
	assert_true(pass(&r, 0, "a", "id-a"));
	assert_true(pass(&r, 1000, "b", "id-b"));
	assert_false(pass(&r, 2000, "a", NULL));
	assert_false(pass(&r, 3000, "a", NULL));
	assert_str(buf_get(&r.owed), "");
	/* With its summary, at once. */
	assert_true(pass(&r, 4000, "c", "id-c"));
	assert_str(buf_get(&r.owed), "r 0-4000 2 id-a a\n");
	buf_reset(&r.owed);
	assert_true(pass(&r, 5000, "a", "id-a2"));
	assert_false(pass(&r, 5000, "c", NULL));
	assert_str(buf_get(&r.owed), "");
	assert_int_equal(windows_evicted(r.w), 2);
	windows_finish(r.w);
	assert_str(buf_get(&r.owed), "r 4000-5000 1 id-c c\n");
	end_room(&r);
}

#define OLD                                                                                                 \
	"version: 1\nrules:\n"                                                                              \
	"  - { id: a-gone, match: {}, throttle: { every: 1m, by: comm } }\n"                                \
	"  - { id: counts, match: {}, threshold: { count: 3, within: 1m, by: comm, distinct: user } }\n"    \
	"  - { id: other, match: {}, threshold: { count: 3, within: 1m } }\n"                               \
	"  - { id: quiet, match: {}, throttle: { every: 1m, by: comm } }\n"                                 \
	"  - { id: quiet-2, match: {}, throttle: { every: 1m, by: comm } }\n"                               \
	"  - { id: times, match: {}, threshold: { count: 20, within: 1m }, throttle: { every: 1h } }\n"
/* Other texts, another order, another window here and there. */
#define NEW                                                                                                 \
	"version: 1\nrules:\n"                                                                              \
	"  - { id: times, match: {}, threshold: { count: 20, within: 1m }, throttle: { every: 2h } }\n"     \
	"  - { id: b-new, match: {}, threshold: { count: 3, within: 1m } }\n"                               \
	"  - { id: quiet, title: T, match: {}, throttle: { by: [comm], every: 60s } }\n"                    \
	"  - { id: quiet-2, match: {}, throttle: { every: 1m, by: user } }\n"                               \
	"  - { id: other, match: {}, threshold: { count: 4, within: 1m } }\n"                               \
	"  - { id: counts, match: {}, threshold: { count: 3, within: 1m, by: comm, distinct: user } }\n"

static void other_rules_take_over(void **state)
{
	char first[37], number[16];
	struct fixture old, new;

	begin_with(&old, OLD, 1, 0);
	begin_with(&new, NEW, 2, 0);
	for (int i = 0; i < 10; i++) {
		snprintf(number, sizeof(number), "%d", i / 9);
		feed(&old, "h", i * 1000, "c", number);
	}
	/* a-gone, quiet, quiet-2: each held nine back; other fired three times. */
	buf_reset(&old.alerts);
	memcpy(first, old.id, sizeof(first));
	engine_adopt(new.engine, old.engine);
	expect_alerts(&old, "summary 9000 a-gone h count=9 suppressed=9 window=9 key.comm=c\n"
			    "summary 9000 quiet-2 h count=9 suppressed=9 window=9 key.comm=c\n");
	expect_alerts(&new, "");
	feed(&new, "h", 10000, "c", "2");
	expect_alerts(&new, "threshold 10000 counts h count=3 window=60 key.comm=c\n"
			    "match 10000 quiet-2 h\n");
	/* The numbering goes on, old and new together without a gap. */
	assert_true(strcmp(first, new.id) < 0);
	assert_true(str_contains(buf_get(&new.json), STR_LIT("\"seq\":10,")));
	for (int i = 11; i < 20; i++)
		feed(&new, "h", i * 1000, "c", NULL);
	/* Twenty with those of the old rules; its throttle is another one and begins anew. */
	assert_true(str_contains(buf_get(&new.alerts),
				 STR_LIT("threshold 19000 times h count=20 window=60\n")));
	buf_reset(&new.alerts);
	engine_tick(new.engine, 60 * NS_PER_S);
	expect_alerts(&new, "summary 60000 quiet h count=19 suppressed=19 window=60 key.comm=c\n");
	engine_finish(old.engine);
	expect_alerts(&old, "");
	end(&old);
	end(&new);
}

/* Less room than before: what does not fit goes as it would have anyway. */
static void less_room_for_more(void **state)
{
	static const char yaml[] =
		"version: 1\nrules:\n"
		"  - { id: c, match: {}, threshold: { count: 1000, within: 1h, by: comm } }\n"
		"  - { id: t, match: {}, throttle: { every: 1h, by: comm } }\n";
	struct fixture old, new;
	char comm[16];

	for (size_t cells = 0; cells < 400; cells += 57) {
		uint64_t held;

		begin_with(&old, yaml, 1, 0);
		begin_with(&new, yaml, 1, cells * 68 + 1);
		for (int i = 0; i < 300; i++) {
			snprintf(comm, sizeof(comm), "%d", i % 100);
			feed(&old, "h", i, comm, NULL);
		}
		engine_adopt(new.engine, old.engine);
		engine_finish(new.engine);
		held = engine_counters(old.engine).summaries + engine_counters(new.engine).summaries;
		assert_int_equal(held, 100);
		end(&old);
		end(&new);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_newcomer_inherits_the_smallest_count),
		cmocka_unit_test(an_inheritance_ends),
		cmocka_unit_test(a_flood_adds_up_to_no_more_than_it_is),
		cmocka_unit_test(the_oldest_silence_goes),
		cmocka_unit_test(other_rules_take_over),
		cmocka_unit_test(less_room_for_more),
	};

	return cmocka_run_group_tests_name("window_room", tests, NULL, NULL);
}
