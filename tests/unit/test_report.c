/* SPDX-License-Identifier: Apache-2.0 */
/*
 * When losses and failing outputs become alerts, and that an alert's numbers add up; what `status` says of
 * the rules. The counters are this test's: the linker sends here what asks the capture and the outputs for
 * theirs (--wrap).
 */
#include "tests/unit/rules.h"

#include <stdint.h>

#include "cli/report.h"

#define SECOND NS_PER_S
#define MINUTE (60 * SECOND)
/* The clocks at the start; a machine may have been booted a moment ago. */
#define WALL (INT64_C(1800000000) * SECOND)
#define BOOT (2 * SECOND)

static struct capture_counters captured;
static struct output_counters output;

const struct capture *__wrap_session_capture(const struct session *s);
struct str __wrap_session_host(const struct session *s);
struct str __wrap_session_why(const struct session *s);
const char *__wrap_capture_backend(const struct capture *c);
struct capture_counters __wrap_capture_counters(const struct capture *c);
size_t __wrap_outputs_counters(struct outputs *o, struct output_counters *ret, size_t max);

const struct capture *__wrap_session_capture(const struct session *s)
{
	return NULL;
}

struct str __wrap_session_host(const struct session *s)
{
	return STR_LIT("h");
}

struct str __wrap_session_why(const struct session *s)
{
	return STR_LIT("");
}

const char *__wrap_capture_backend(const struct capture *c)
{
	return "b";
}

struct capture_counters __wrap_capture_counters(const struct capture *c)
{
	return captured;
}

size_t __wrap_outputs_counters(struct outputs *o, struct output_counters *ret, size_t max)
{
	ret[0] = output;
	ret[1] = (struct output_counters){ .name = STR_LIT("other"), .type = "file" };
	return 2;
}

/* What was raised so far, and of the last one its time, the number `lost` and the sum of the others. */
struct raised {
	size_t losses, failures;
	int64_t time_ns, lost, kinds;
};

static void on_alert(void *ctx, const struct alert *a)
{
	struct raised *raised = ctx;

	raised->time_ns = a->time_ns;
	if (str_eq(a->rule->id, STR_LIT("execwatch.output"))) {
		raised->failures++;
		return;
	}
	assert_true(str_eq(a->rule->id, STR_LIT("execwatch.loss")));
	raised->losses++;
	raised->lost = raised->kinds = 0;
	for (size_t i = 0; i < a->n_detail; i++) {
		if (strcmp(a->detail[i].name, "lost") == 0)
			raised->lost = a->detail[i].number;
		else
			raised->kinds += a->detail[i].number;
	}
}

struct fixture {
	struct loaded rules;
	struct engine *engine;
	struct raised raised;
	struct report report;
};

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	const struct engine_options options = {
		.host = STR("h"), .backend = STR("b"), .raise = on_alert, .ctx = &f->raised,
	};

	rules_from(&f->rules, "version: 1\nrules: [ { id: never, match: { comm: never } } ]\n");
	assert_int_equal(engine_new(f->rules.rules, &options, &f->engine), 0);
	f->report = (struct report){ .engine = f->engine, .say_next_ns = BOOT + REPORT_SAY_EVERY_NS };
	captured = (struct capture_counters){ 0 };
	output = (struct output_counters){ .name = STR_LIT("dead"), .type = "webhook" };
	*state = f;
	return 0;
}

static void teardown_rules(struct fixture *f)
{
	engine_free(f->engine);
	rules_done(&f->rules);
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	teardown_rules(f);
	free(f);
	return 0;
}

/* @after the start by the monotonic clock, with the wall clock @set forward by that much. */
static void tick(struct fixture *f, int64_t after, int64_t set)
{
	assert_true(report_tick(&f->report, WALL + after + set, BOOT + after));
}

static void nothing_lost(void **state)
{
	struct fixture *f = *state;

	for (int i = 0; i < 200; i++)
		tick(f, i * SECOND, 0);
	assert_false(report_loss(&f->report, WALL));
	assert_int_equal(f->raised.losses + f->raised.failures, 0);
}

static void first_at_once_then_by_the_minute(void **state)
{
	struct fixture *f = *state;

	tick(f, 0, 0);
	captured.lost_ring = 5;
	tick(f, SECOND, 0);
	assert_int_equal(f->raised.losses, 1);
	assert_int_equal(f->raised.lost, 5);
	assert_int_equal(f->raised.time_ns, WALL + SECOND);

	captured.lost_ring = 7;
	captured.missed = 1;
	for (int64_t i = 2; i <= 60; i++)
		tick(f, i * SECOND, 0);
	assert_int_equal(f->raised.losses, 1);
	tick(f, 61 * SECOND, 0);
	assert_int_equal(f->raised.losses, 2);
	assert_int_equal(f->raised.lost, 3);
	assert_int_equal(f->raised.kinds, 3);
	for (int64_t i = 62; i < 200; i++)
		tick(f, i * SECOND, 0);
	assert_int_equal(f->raised.losses, 2);

	/* After a minute in which there was none, again at once. */
	captured.malformed = 1;
	tick(f, 200 * SECOND, 0);
	assert_int_equal(f->raised.losses, 3);
	assert_int_equal(f->raised.lost, 1);
}

/* What a run does at its end. */
static void the_end_waits_for_no_minute(void **state)
{
	struct fixture *f = *state;

	captured.lost_ring = 5;
	tick(f, 0, 0);
	captured.lost_ring = 6;
	tick(f, SECOND, 0);
	assert_int_equal(f->raised.losses, 1);
	assert_true(report_loss(&f->report, WALL + 2 * SECOND));
	assert_int_equal(f->raised.losses, 2);
	assert_int_equal(f->raised.lost, 1);
	assert_false(report_loss(&f->report, WALL + 2 * SECOND));
}

static void a_clock_set_back(void **state)
{
	struct fixture *f = *state;
	const int64_t day = -1440 * MINUTE;

	captured.lost_ring = 1;
	tick(f, 0, 0);
	captured.lost_ring = 2;
	tick(f, MINUTE, day);
	assert_int_equal(f->raised.losses, 2);
	assert_int_equal(f->raised.time_ns, WALL + MINUTE + day);
	/* And set forward it makes no minute of a second. */
	captured.lost_ring = 3;
	tick(f, MINUTE + SECOND, MINUTE);
	assert_int_equal(f->raised.losses, 2);
}

/* Whatever counter of the capture is a loss has a name in the alert, and no other has. */
static void kinds_add_up(void **state)
{
	struct fixture *f = *state;
	uint64_t *each = (uint64_t *)&captured;
	size_t n = sizeof(captured) / sizeof(*each), n_kinds = 0;
	uint64_t before = 0;

	for (size_t i = 0; i < n; i++) {
		each[i] += i + 1;
		f->raised.lost = f->raised.kinds = 0;
		tick(f, (int64_t)i * MINUTE, 0);
		assert_int_equal(f->raised.lost, capture_lost(&captured) - before);
		assert_int_equal(f->raised.kinds, f->raised.lost);
		n_kinds += f->raised.lost > 0;
		before = capture_lost(&captured);
	}
	assert_int_equal(f->raised.losses, n_kinds);

	/* All of them at once. */
	for (size_t i = 0; i < n; i++)
		each[i] += 1000;
	tick(f, (int64_t)n * MINUTE, 0);
	assert_int_equal(f->raised.lost, 1000 * n_kinds);
	assert_int_equal(f->raised.kinds, 1000 * n_kinds);
}

static void failing_output(void **state)
{
	struct fixture *f = *state;

	output.raised = output.failed = 1;
	tick(f, 0, 0);
	assert_int_equal(f->raised.failures, 1);
	assert_int_equal(f->report.n_healthy, 1);
	assert_true(str_eq(f->report.healthy[0], STR_LIT("other")));
	output.raised = output.failed = 2;
	tick(f, MINUTE, 0);
	assert_int_equal(f->raised.failures, 1);
	/* It delivers, and fails anew. */
	output.raised = 3;
	output.delivered = 1;
	tick(f, 2 * MINUTE, 0);
	assert_int_equal(f->report.n_healthy, 2);
	output.raised = 4;
	output.dropped = 1;
	tick(f, 3 * MINUTE, 0);
	assert_int_equal(f->raised.failures, 2);
	output.gone = true;
	tick(f, 4 * MINUTE, 0);
}

static int64_t clock_reads;

static int64_t counting_clock(void)
{
	return clock_reads++;
}

/* Feeds @n execs of @comm to an engine over @yaml that counts, and writes what `status` says of it. */
static void status_of(struct fixture *f, const char *yaml, const char *comm, size_t n,
		      void (*write)(const struct report *r, int64_t now_ns, struct buf *b), struct buf *ret)
{
	const struct engine_options options = {
		.host = STR("h"), .backend = STR("b"), .raise = on_alert, .ctx = &f->raised,
	};
	struct event ev;

	teardown_rules(f);
	rules_from(&f->rules, yaml);
	assert_int_equal(engine_new(f->rules.rules, &options, &f->engine), 0);
	clock_reads = 0;
	assert_int_equal(engine_count_costs(f->engine, counting_clock, 1), 0);
	f->report.engine = f->engine;
	f->report.rules = f->rules.rules;
	event_clear(&ev);
	ev.comm = str_of(comm);
	for (size_t i = 0; i < n; i++)
		engine_feed(f->engine, &ev);
	write(&f->report, WALL, ret);
	assert_int_equal(ret->error, 0);
}

static size_t occurrences(const struct buf *b, const char *of)
{
	size_t n = 0;

	for (size_t i = 0; i + strlen(of) <= b->len; i++)
		n += memcmp(b->p + i, of, strlen(of)) == 0;
	return n;
}

static void dearest_for_people(void **state)
{
	_cleanup_(buf) struct buf b = BUF_INIT;

	status_of(*state, "version: 1\n"
			  "rules:\n"
			  "  - { id: never, match: { comm: other } }\n"
			  "  - { id: slow, match: { duration: { ge: 1s } } }\n"
			  "  - { id: shell, mode: observe, match: { comm: sh } }\n",
		  "sh", 20, report_write_text, &b);
	assert_int_equal(occurrences(&b, "          20           0  shell\n"), 1);
	assert_int_equal(occurrences(&b, "          20           0  slow (looked at on each exec)\n"), 1);
	/* Nothing gave a reason to look at it. */
	assert_int_equal(occurrences(&b, "never"), 0);
	assert_int_equal(occurrences(&b, matcher_simd()), 1);
}

static void before_the_first_exec(void **state)
{
	_cleanup_(buf) struct buf text = BUF_INIT;
	_cleanup_(buf) struct buf json = BUF_INIT;
	const char *yaml = "version: 1\nrules: [ { id: slow, match: { duration: { ge: 1s } } } ]\n";

	status_of(*state, yaml, "sh", 0, report_write_text, &text);
	assert_int_equal(occurrences(&text, "slow"), 0);
	status_of(*state, yaml, "sh", 0, report_write_json, &json);
	assert_int_equal(occurrences(&json, "{\"rule\":\"slow\",\"candidates\":0,\"always\":true,"), 1);
	assert_int_equal(occurrences(&json, "\"ns_per_event\":0.00"), 1);
	assert_int_equal(occurrences(&json, "nan"), 0);
}

/* However many rules there are, and however long their ids, an answer is one that `status` takes. */
static void answers_are_bounded(void **state)
{
	_cleanup_(buf) struct buf yaml = BUF_INIT;
	_cleanup_(buf) struct buf b = BUF_INIT;

	buf_text(&yaml, "version: 1\nrules:\n");
	for (int i = 0; i < 1100; i++)
		buf_printf(&yaml, "  - { id: r%0199d, mode: observe, match: { comm: sh } }\n", i);
	buf_char(&yaml, '\0');
	assert_int_equal(yaml.error, 0);
	status_of(*state, yaml.p, "sh", 1, report_write_json, &b);
	assert_int_equal(occurrences(&b, "{\"rule\":\"r"), 1000);
	assert_int_equal(occurrences(&b, "\"candidates\":1,"), 1000);
	assert_true(b.len < (size_t)1 << 20);
	buf_reset(&b);
	status_of(*state, yaml.p, "sh", 1, report_write_text, &b);
	assert_int_equal(occurrences(&b, "  r0"), 10);
}

#define REPORT_TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		REPORT_TEST(nothing_lost),
		REPORT_TEST(first_at_once_then_by_the_minute),
		REPORT_TEST(the_end_waits_for_no_minute),
		REPORT_TEST(a_clock_set_back),
		REPORT_TEST(kinds_add_up),
		REPORT_TEST(failing_output),
		REPORT_TEST(dearest_for_people),
		REPORT_TEST(before_the_first_exec),
		REPORT_TEST(answers_are_bounded),
	};

	return cmocka_run_group_tests_name("report", tests, NULL, NULL);
}
