/* SPDX-License-Identifier: Apache-2.0 */
/* Times against the C library's calendar, durations at their rounding edges. */
#include "tests/unit/test.h"

#include <inttypes.h>
#include <stdio.h>
#include <time.h>

#include "base/timefmt.h"

static void known_times(void **state)
{
	static const struct {
		const char *text;
		int64_t ns;
	} cases[] = {
		{ "1970-01-01T00:00:00.000000000Z", 0 },
		{ "1969-12-31T23:59:59.999999999Z", -1 },
		{ "2000-02-29T12:34:56.789000000Z", 951827696789000000 },
		{ "2026-11-23T00:00:00.000000001Z", 1795392000000000001 },
		{ "2262-04-11T23:47:16.854775807Z", INT64_MAX },
		{ "1677-09-21T00:12:43.145224192Z", INT64_MIN },
	};
	_cleanup_(buf) struct buf b = BUF_INIT;
	int64_t ns;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		buf_reset(&b);
		time_write(cases[i].ns, &b);
		assert_str(buf_get(&b), cases[i].text);
		assert_true(time_parse(str_of(cases[i].text), &ns));
		assert_true(ns == cases[i].ns);
	}
}

/* Steps of a bit more than five days and a quarter through all years that int64 can hold. */
static void calendar_agrees_with_the_c_library(void **state)
{
	const int64_t step = 456789 * NS_PER_S + 123456789;
	_cleanup_(buf) struct buf b = BUF_INIT;
	char want[64], tail[16];
	int64_t ns = INT64_MIN + NS_PER_S, back;
	struct time_parts parts;
	struct tm tm;

	for (; ns < INT64_MAX - step; ns += step) {
		time_t s = (time_t)(ns / NS_PER_S - (ns % NS_PER_S < 0));

		strftime(want, sizeof(want), "%Y-%m-%dT%H:%M:%S.", gmtime_r(&s, &tm));
		snprintf(tail, sizeof(tail), "%09dZ", (int)(ns - s * NS_PER_S));
		buf_reset(&b);
		time_write(ns, &b);
		if (!str_has_prefix(buf_get(&b), str_of(want)) || !str_has_suffix(buf_get(&b), str_of(tail)))
			fail_msg("%" PRId64 ": got %.*s, want %s%s", ns, STR_ARG(buf_get(&b)), want, tail);
		if (!time_parse(buf_get(&b), &back) || back != ns)
			fail_msg("%.*s does not read back", STR_ARG(buf_get(&b)));
		parts = time_parts_of(ns);
		strftime(want, sizeof(want), "%Y-%m-%d %V %H:%M", &tm);
		buf_reset(&b);
		buf_printf(&b, "%" PRId64 "-%02u-%02u %02u %02u:%02u", parts.year, parts.month, parts.day,
			   parts.week, parts.hour, parts.minute);
		assert_str(buf_get(&b), want);
	}
}

/* Where the year of a week and that of its day differ, and where seconds are rounded down. */
static void parts_at_edges(void **state)
{
	static const struct {
		const char *text;
		struct time_parts parts;
	} cases[] = {
		{ "1970-01-01T00:00:00Z", { 1970, 1, 1, 1, 0, 0 } },
		{ "1969-12-31T23:59:59.999999999Z", { 1969, 12, 31, 1, 23, 59 } },
		{ "2021-01-03T23:59:59Z", { 2021, 1, 3, 53, 23, 59 } },
		{ "2021-01-04T00:00:00Z", { 2021, 1, 4, 1, 0, 0 } },
		{ "2024-12-30T12:30:00Z", { 2024, 12, 30, 1, 12, 30 } },
		{ "2000-02-29T06:07:08Z", { 2000, 2, 29, 9, 6, 7 } },
		{ "2262-04-11T23:47:16.854775807Z", { 2262, 4, 11, 15, 23, 47 } },
		{ "1677-09-21T00:12:43.145224192Z", { 1677, 9, 21, 38, 0, 12 } },
	};
	int64_t ns;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct time_parts got, want = cases[i].parts;

		assert_true(time_parse(str_of(cases[i].text), &ns));
		got = time_parts_of(ns);
		if (got.year != want.year || got.month != want.month || got.day != want.day ||
		    got.week != want.week || got.hour != want.hour || got.minute != want.minute)
			fail_msg("%s: week %u", cases[i].text, got.week);
	}
}

static void other_spellings(void **state)
{
	static const struct {
		const char *text;
		int64_t ns;
	} cases[] = {
		{ "1970-01-01T00:00:01Z", NS_PER_S },
		{ "1970-01-01t00:00:01z", NS_PER_S },
		{ "1970-01-01T00:00:00.5Z", NS_PER_S / 2 },
		{ "1970-01-01T00:00:00.0000000019999Z", 1 },
		{ "1970-01-01T01:00:00+01:00", 0 },
		{ "1969-12-31T18:30:00-05:30", 0 },
		{ "1970-01-01T00:00:00-00:00", 0 },
		{ "2016-12-31T23:59:60Z", 1483228800 * NS_PER_S },
		{ "2017-01-01T00:59:60+01:00", 1483228800 * NS_PER_S },
	};
	int64_t ns;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		ns = -12345;
		if (!time_parse(str_of(cases[i].text), &ns) || ns != cases[i].ns)
			fail_msg("%s: %" PRId64, cases[i].text, ns);
	}
}

static void no_times(void **state)
{
	static const char *const bad[] = {
		"", "2026", "2026-11-23", "2026-11-23T00:00:00", "2026-11-23 00:00:00Z", "2026-11-23T00:00Z",
		"2026-11-23T00:00:00.Z", "2026-11-23T00:00:00Zx", "2026-11-23T24:00:00Z",
		"2026-11-23T00:60:00Z", "2026-11-23T00:00:61Z", "2026-11-23T00:00:60Z",
		"2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z", "2026-02-29T00:00:00Z",
		"2026-04-31T00:00:00Z", "2026-01-00T00:00:00Z", "1900-02-29T00:00:00Z",
		"2026-1-01T00:00:00Z", "+026-01-01T00:00:00Z", "2026-01-01T00:00:00+24:00",
		"2026-01-01T00:00:00+0100", "2026-01-01T00:00:00+01:60", "2026-01-01T00:00:00+01",
		"2262-04-11T23:47:16.854775808Z", "1677-09-21T00:12:43.145224191Z", "9999-12-31T23:59:59Z",
		"0000-01-01T00:00:00Z",
	};
	int64_t untouched = 42;

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		if (time_parse(str_of(bad[i]), &untouched))
			fail_msg("\"%s\" was read", bad[i]);
	assert_false(time_parse(str_of(NULL), &untouched));
	assert_int_equal(untouched, 42);
}

static void days(void **state)
{
	int64_t ns = 0;

	assert_true(day_parse(STR_LIT("2026-11-23"), &ns));
	assert_int_equal(ns, 1795392000 * NS_PER_S);
	assert_true(day_parse(STR_LIT("1969-12-31"), &ns));
	assert_int_equal(ns, -86400 * NS_PER_S);
	assert_true(day_parse(STR_LIT("2024-02-29"), &ns));
	assert_false(day_parse(STR_LIT("2026-02-29"), &ns));
	assert_false(day_parse(STR_LIT("2026-11-23T"), &ns));
	assert_false(day_parse(STR_LIT("2026-11-2"), &ns));
	assert_false(day_parse(STR_LIT("2300-01-01"), &ns));
	assert_false(day_parse(STR_LIT(""), &ns));
}

static void durations_read(void **state)
{
	static const struct {
		const char *text;
		int64_t ns;
	} cases[] = {
		{ "0s", 0 },
		{ "7ns", 7 },
		{ "3us", 3000 },
		{ "250ms", 250000000 },
		{ "1.5s", 1500000000 },
		{ "10m", 600 * NS_PER_S },
		{ "2h", 7200 * NS_PER_S },
		{ "1d", 86400 * NS_PER_S },
		{ "0.000000001s", 1 },
		{ "0.0000000019s", 1 },
		{ "0.1d", 8640 * NS_PER_S },
		{ "1.999ns", 1 },
		{ "9223372036854775807ns", INT64_MAX },
		{ "9223372036.854775807s", INT64_MAX },
	};
	static const char *const bad[] = {
		"", "s", "5", ".5s", "5.s", "-5s", "+5s", "5 s", "5S", "5sec", "5m5s", " 5s", "5s ", "1e3s",
		"5w", "9223372036854775808ns", "9223372036.854775808s", "106752d", "99999999999999999999s",
	};
	int64_t ns;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		ns = -1;
		if (!duration_parse(str_of(cases[i].text), &ns) || ns != cases[i].ns)
			fail_msg("%s: %" PRId64, cases[i].text, ns);
	}
	ns = 42;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		if (duration_parse(str_of(bad[i]), &ns))
			fail_msg("\"%s\" was read", bad[i]);
	assert_false(duration_parse(str_of(NULL), &ns));
	assert_int_equal(ns, 42);
}

static void durations_written(void **state)
{
	static const struct {
		int64_t ns;
		const char *text;
	} cases[] = {
		{ 0, "0ns" },
		{ 1, "1ns" },
		{ 999, "999ns" },
		{ 1000, "1us" },
		{ 1230, "1.23us" },
		{ 1234567, "1.23ms" },
		{ 1235000, "1.24ms" },
		{ 1004999, "1ms" },
		{ 1005000, "1.01ms" },
		{ 12340000, "12.3ms" },
		{ 123400000, "123ms" },
		{ 250000000, "250ms" },
		{ 999499999, "999ms" },
		{ 999500000, "1s" },
		{ 999999, "1ms" },
		{ 59940000000, "59.9s" },
		{ 59950000000, "1m" },
		{ 60 * NS_PER_S, "1m" },
		{ 250 * NS_PER_S, "4m 10s" },
		{ 3599 * NS_PER_S, "59m 59s" },
		{ 3599 * NS_PER_S + NS_PER_S / 2, "1h" },
		{ 3 * 3600 * NS_PER_S + 300 * NS_PER_S, "3h 5m" },
		{ 86399 * NS_PER_S, "1d" },
		{ 50 * 3600 * NS_PER_S, "2d 2h" },
		{ -1500000, "-1.5ms" },
		{ INT64_MAX, "106752d" },
		{ INT64_MIN, "-106752d" },
	};
	_cleanup_(buf) struct buf b = BUF_INIT;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		buf_reset(&b);
		duration_write(cases[i].ns, &b);
		assert_str(buf_get(&b), cases[i].text);
	}
}

static void seconds_written(void **state)
{
	static const struct {
		int64_t ns;
		const char *text;
	} cases[] = {
		{ 0, "0" }, { 1, "0.000000001" }, { 250000000, "0.25" }, { NS_PER_S, "1" },
		{ 600 * NS_PER_S, "600" }, { 1234567890, "1.23456789" }, { -1500000000, "-1.5" },
		{ INT64_MAX, "9223372036.854775807" }, { INT64_MIN, "-9223372036.854775808" },
	};
	_cleanup_(buf) struct buf b = BUF_INIT;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		buf_reset(&b);
		seconds_write(cases[i].ns, &b);
		assert_str(buf_get(&b), cases[i].text);
	}
}

static void durations_written_exactly(void **state)
{
	static const struct {
		int64_t ns;
		const char *text;
	} cases[] = {
		{ 0, "0s" }, { 1, "1ns" }, { 1500, "1500ns" }, { 250000000, "250ms" },
		{ 999999999, "999999999ns" }, { NS_PER_S, "1s" }, { 1500000000, "1.5s" },
		{ NS_PER_S + 1, "1.000000001s" },
		{ 90 * NS_PER_S, "90s" }, { 3600 * NS_PER_S, "1h" }, { 48 * 3600 * NS_PER_S, "48h" },
		{ -5 * NS_PER_S, "-5s" }, { INT64_MAX, "9223372036.854775807s" },
		{ INT64_MIN, "-9223372036.854775808s" },
	};
	_cleanup_(buf) struct buf b = BUF_INIT;
	int64_t ns;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		buf_reset(&b);
		duration_write_exact(cases[i].ns, &b);
		assert_str(buf_get(&b), cases[i].text);
		if (cases[i].ns >= 0) {
			assert_true(duration_parse(buf_get(&b), &ns));
			assert_int_equal(ns, cases[i].ns);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_times),
		cmocka_unit_test(calendar_agrees_with_the_c_library),
		cmocka_unit_test(parts_at_edges),
		cmocka_unit_test(other_spellings),
		cmocka_unit_test(no_times),
		cmocka_unit_test(days),
		cmocka_unit_test(durations_read),
		cmocka_unit_test(durations_written),
		cmocka_unit_test(durations_written_exactly),
		cmocka_unit_test(seconds_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
