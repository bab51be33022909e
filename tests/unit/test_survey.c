/* SPDX-License-Identifier: Apache-2.0 */
/* What a recording covers: times in any order, hosts, jumps of seq, the longest silence. */
#include "tests/unit/test.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/timefmt.h"
#include "cli/survey.h"
#include "tests/unit/failing_malloc.h"

/* @seq -1: none of its own; @second -1: no time. */
static void add(struct survey *s, size_t file, const char *host, int64_t seq, int64_t second)
{
	struct event ev;

	event_clear(&ev);
	ev.host = str_of(host);
	ev.seq = NUM(seq < 0 ? 0 : seq);
	if (second >= 0)
		ev.time = NUM(second * NS_PER_S);
	survey_add(s, &ev, seq >= 0, file);
}

static void test_times(void **state)
{
	_cleanup_(survey) struct survey s;

	assert_int_equal(survey_init(&s), 0);
	assert_int_equal(survey_span(&s), 0);
	add(&s, 1, "a", -1, -1);
	assert_int_equal(survey_span(&s), 0);
	add(&s, 1, "a", -1, 100);
	add(&s, 1, "a", -1, 40);
	add(&s, 1, "a", -1, 130);
	/* Older than what came before: no silence goes before it. */
	add(&s, 2, "a", -1, 10);
	add(&s, 2, "a", -1, 120);
	assert_int_equal(s.records, 6);
	assert_int_equal(s.untimed, 1);
	assert_int_equal(s.first_ns, 10 * NS_PER_S);
	assert_int_equal(s.last_ns, 130 * NS_PER_S);
	assert_int_equal(survey_span(&s), 120 * NS_PER_S);
	assert_int_equal(s.silence_ns, 30 * NS_PER_S);
	assert_int_equal(s.silence_from_ns, 100 * NS_PER_S);
}

static void test_far_apart(void **state)
{
	_cleanup_(survey) struct survey s;
	struct event ev;

	assert_int_equal(survey_init(&s), 0);
	event_clear(&ev);
	ev.seq = NUM(INT64_MIN);
	ev.time = NUM(INT64_MIN);
	survey_add(&s, &ev, true, 1);
	ev.seq = NUM(INT64_MAX);
	ev.time = NUM(INT64_MAX);
	survey_add(&s, &ev, true, 1);
	assert_int_equal(survey_span(&s), 0);
	assert_int_equal(s.silence_ns, 0);
	assert_int_equal(s.gaps, 0);
}

static void test_gaps(void **state)
{
	_cleanup_(survey) struct survey s;

	assert_int_equal(survey_init(&s), 0);
	add(&s, 1, "a", 5, -1);
	add(&s, 1, "b", 100, -1);
	add(&s, 1, "a", 6, -1);
	add(&s, 1, "b", 101, -1);
	assert_int_equal(s.gaps, 0);
	add(&s, 1, "a", 10, -1);
	assert_int_equal(s.gaps, 1);
	assert_int_equal(s.missing, 3);
	/* Another recording behind it, and one without numbers. */
	add(&s, 1, "a", 0, -1);
	add(&s, 1, "a", -1, -1);
	add(&s, 1, "a", 70, -1);
	/* The next file begins where it likes. */
	add(&s, 2, "a", 90, -1);
	assert_int_equal(s.gaps, 1);
	add(&s, 2, "a", 92, -1);
	assert_int_equal(s.gaps, 2);
	assert_int_equal(s.missing, 4);
	assert_int_equal(s.numbered, 9);
}

static void test_hosts(void **state)
{
	_cleanup_(survey) struct survey s;
	char host[16];
	bool more;

	assert_int_equal(survey_init(&s), 0);
	add(&s, 1, NULL, 0, -1);
	assert_int_equal(survey_hosts(&s, &more), 0);
	add(&s, 1, "a", 1, -1);
	add(&s, 1, "a", 2, -1);
	add(&s, 1, "b", 3, -1);
	assert_int_equal(survey_hosts(&s, &more), 2);
	assert_false(more);
	for (int i = 0; i < SURVEY_HOSTS; i++) {
		snprintf(host, sizeof(host), "h%d", i);
		add(&s, 1, host, 3, -1);
	}
	assert_true(survey_hosts(&s, &more) >= SURVEY_HOSTS - 1);
	assert_true(more);
}

static void test_no_memory(void **state)
{
	struct survey s;

	for (size_t i = 0; i < 5; i++) {
		n_allocations = 0;
		failing = i;
		assert_int_equal(survey_init(&s), -ENOMEM);
		survey_done(&s);
	}
	failing = SIZE_MAX;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_times),
		cmocka_unit_test(test_far_apart),
		cmocka_unit_test(test_gaps),
		cmocka_unit_test(test_hosts),
		cmocka_unit_test(test_no_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
