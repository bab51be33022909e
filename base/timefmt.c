/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Times and durations as text; see timefmt.h. The C library's calendar functions follow the locale and TZ,
 * keep static state and stop at seconds, so the two conversions that are needed are here.
 */
#include "base/timefmt.h"

#include <stddef.h>

#include "base/cleanup.h"

#define S_PER_DAY INT64_C(86400)

struct calendar {
	int64_t year;
	unsigned int month, day;	/* from 1 */
};

static bool is_leap(int64_t year)
{
	return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static unsigned int month_length(int64_t year, unsigned int month)
{
	static const unsigned char lengths[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };

	return lengths[month - 1] + (month == 2 && is_leap(year));
}

/* Days from the year 0 (which is a leap year) to the first of January of @year, @year not negative. */
static int64_t days_before(int64_t year)
{
	return year * 365 + (year + 3) / 4 - (year + 99) / 100 + (year + 399) / 400;
}

/* Days since 1970-01-01 of a day that exists. */
static int64_t days_of(struct calendar c)
{
	int64_t days = days_before(c.year) - days_before(1970) + c.day - 1;

	for (unsigned int month = 1; month < c.month; month++)
		days += month_length(c.year, month);
	return days;
}

/* What int64 nanoseconds can hold lies between 1677 and 2262. */
static struct calendar calendar_of(int64_t days)
{
	struct calendar c = { 1970 + days / 366, 1, 1 };

	if (days < 0)
		c.year = 1969 + days / 365;
	while (days_of((struct calendar){ c.year + 1, 1, 1 }) <= days)
		c.year++;
	days -= days_of(c);
	for (; days >= month_length(c.year, c.month); c.month++)
		days -= month_length(c.year, c.month);
	c.day = (unsigned int)days + 1;
	return c;
}

/* A week is its Thursday's: of the year that has most of it. 1970-01-01 was one. */
static unsigned int week_of(int64_t days)
{
	int64_t weekday = ((days + 3) % 7 + 7) % 7, thursday = days - weekday + 3;
	struct calendar first = { calendar_of(thursday).year, 1, 1 };

	return (unsigned int)((thursday - days_of(first)) / 7 + 1);
}

struct time_parts time_parts_of(int64_t ns)
{
	int64_t seconds = ns / NS_PER_S - (ns % NS_PER_S < 0);
	int64_t rest = (seconds % S_PER_DAY + S_PER_DAY) % S_PER_DAY, days = (seconds - rest) / S_PER_DAY;
	struct calendar c = calendar_of(days);

	return (struct time_parts){
		.year = c.year,
		.month = c.month,
		.day = c.day,
		.week = week_of(days),
		.hour = (unsigned int)(rest / 3600),
		.minute = (unsigned int)(rest / 60 % 60),
	};
}

/* Division that rounds down, so that the rest is never negative. */
static int64_t floor_div(int64_t a, int64_t b, int64_t *ret_rest)
{
	int64_t rest = a % b;

	*ret_rest = rest < 0 ? rest + b : rest;
	return a / b - (rest < 0);
}

void time_write(int64_t ns, struct buf *b)
{
	int64_t rest, second, seconds = floor_div(ns, NS_PER_S, &rest);
	struct calendar c = calendar_of(floor_div(seconds, S_PER_DAY, &second));

	buf_printf(b, "%04d-%02u-%02uT%02d:%02d:%02d.%09dZ", (int)c.year, c.month, c.day,
		   (int)(second / 3600), (int)(second / 60 % 60), (int)(second % 60), (int)rest);
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Takes exactly @n digits off @text. */
static bool take_digits(struct str *text, size_t n, unsigned int *ret)
{
	unsigned int value = 0;

	if (text->len < n)
		return false;
	for (size_t i = 0; i < n; i++) {
		if (!is_digit(text->p[i]))
			return false;
		value = value * 10 + (unsigned int)(text->p[i] - '0');
	}
	*text = str_skip(*text, n);
	*ret = value;
	return true;
}

/* Takes @c, which must be a lower-case letter or no letter, in either case. */
static bool take_char(struct str *text, char c)
{
	if (text->len == 0 || ascii_lower(text->p[0]) != c)
		return false;
	*text = str_skip(*text, 1);
	return true;
}

/* "2026-11-23" as days since the epoch. */
static bool take_day(struct str *text, int64_t *ret_days)
{
	unsigned int year, month, day;

	if (!take_digits(text, 4, &year) || !take_char(text, '-') || !take_digits(text, 2, &month) ||
	    !take_char(text, '-') || !take_digits(text, 2, &day))
		return false;
	if (month < 1 || month > 12 || day < 1 || day > month_length(year, month))
		return false;
	*ret_days = days_of((struct calendar){ year, month, day });
	return true;
}

/* ".123" as nanoseconds; nothing where there is no point. */
static bool take_fraction(struct str *text, int64_t *ret_ns)
{
	int64_t ns = 0, unit = NS_PER_S / 10;

	if (take_char(text, '.')) {
		if (text->len == 0 || !is_digit(text->p[0]))
			return false;
		for (; text->len > 0 && is_digit(text->p[0]); *text = str_skip(*text, 1), unit /= 10)
			ns += (text->p[0] - '0') * unit;
	}
	*ret_ns = ns;
	return true;
}

/* "Z" or "+01:00", in seconds east of Greenwich. */
static bool take_offset(struct str *text, int64_t *ret)
{
	unsigned int hours, minutes;
	bool west;

	if (take_char(text, 'z')) {
		*ret = 0;
		return true;
	}
	west = take_char(text, '-');
	if (!west && !take_char(text, '+'))
		return false;
	if (!take_digits(text, 2, &hours) || !take_char(text, ':') || !take_digits(text, 2, &minutes) ||
	    hours > 23 || minutes > 59)
		return false;
	*ret = (int64_t)(hours * 3600 + minutes * 60) * (west ? -1 : 1);
	return true;
}

/* @rest is 0 to NS_PER_S - 1. Below zero the product alone may leave the range where the sum does not. */
static bool ns_of(int64_t seconds, int64_t rest, int64_t *ret_ns)
{
	int64_t ns;

	if (seconds < 0) {
		seconds++;
		rest -= NS_PER_S;
	}
	if (__builtin_mul_overflow(seconds, NS_PER_S, &ns) || __builtin_add_overflow(ns, rest, &ns))
		return false;
	*ret_ns = ns;
	return true;
}

bool time_parse(struct str text, int64_t *ret_ns)
{
	unsigned int hour, minute, second;
	int64_t days, rest, offset, seconds;

	if (!take_day(&text, &days) || !take_char(&text, 't') || !take_digits(&text, 2, &hour) ||
	    !take_char(&text, ':') || !take_digits(&text, 2, &minute) || !take_char(&text, ':') ||
	    !take_digits(&text, 2, &second) || !take_fraction(&text, &rest) ||
	    !take_offset(&text, &offset) || text.len > 0)
		return false;
	if (hour > 23 || minute > 59 || second > 60)
		return false;
	seconds = days * S_PER_DAY + hour * 3600 + minute * 60 + second - offset;
	/* A leap second ends a day of UTC; here, as in the kernel, it is the first second of the next. */
	if (second == 60 && seconds % S_PER_DAY != 0)
		return false;
	return ns_of(seconds, rest, ret_ns);
}

bool day_parse(struct str text, int64_t *ret_ns)
{
	int64_t days;

	return take_day(&text, &days) && text.len == 0 && ns_of(days * S_PER_DAY, 0, ret_ns);
}

static const struct unit {
	const char *name;
	int64_t ns;
} units[] = {
	{ "ns", 1 },
	{ "us", 1000 },
	{ "ms", 1000 * 1000 },
	{ "s", NS_PER_S },
	{ "m", 60 * NS_PER_S },
	{ "h", 3600 * NS_PER_S },
	{ "d", S_PER_DAY * NS_PER_S },
};

static const struct unit *unit_find(struct str name)
{
	for (size_t i = 0; i < ARRAY_SIZE(units); i++)
		if (str_eq(name, str_of(units[i].name)))
			return &units[i];
	return NULL;
}

static size_t count_digits(struct str text)
{
	size_t n = 0;

	while (n < text.len && is_digit(text.p[n]))
		n++;
	return n;
}

bool duration_parse(struct str text, int64_t *ret_ns)
{
	struct str whole = { text.p, count_digits(text) }, fraction = { text.p, 0 };
	const struct unit *unit;
	int64_t ns = 0, part = 0;

	if (whole.len == 0)
		return false;
	text = str_skip(text, whole.len);
	if (take_char(&text, '.')) {
		fraction = (struct str){ text.p, count_digits(text) };
		if (fraction.len == 0)
			return false;
		text = str_skip(text, fraction.len);
	}
	unit = unit_find(text);
	if (!unit)
		return false;

	for (size_t i = 0; i < whole.len; i++)
		if (__builtin_mul_overflow(ns, 10, &ns) || __builtin_add_overflow(ns, whole.p[i] - '0', &ns))
			return false;
	/* From the last digit to the first: rounding down at each step rounds the whole down once. */
	for (size_t i = fraction.len; i > 0; i--)
		part = ((fraction.p[i - 1] - '0') * unit->ns + part) / 10;
	if (__builtin_mul_overflow(ns, unit->ns, &ns) || __builtin_add_overflow(ns, part, &ns))
		return false;
	*ret_ns = ns;
	return true;
}

/* @ns in units of @unit, rounded to three digits without zeros at the end. False: 1000 or more. */
static bool write_three(uint64_t ns, uint64_t unit, const char *name, struct buf *b)
{
	uint64_t step = ns >= 100 * unit ? unit : ns >= 10 * unit ? unit / 10 : unit / 100, hundredths;

	if (step == 0)
		step = 1;
	ns = (ns + step / 2) / step * step;
	if (ns >= 1000 * unit)
		return false;
	hundredths = ns % unit * 100 / unit;
	buf_int(b, (int64_t)(ns / unit));
	if (hundredths % 10)
		buf_printf(b, ".%02u", (unsigned int)hundredths);
	else if (hundredths)
		buf_printf(b, ".%u", (unsigned int)hundredths / 10);
	buf_text(b, name);
	return true;
}

/* @n of a unit, and what is left of the next smaller one. */
static void write_pair(uint64_t n, uint64_t ratio, char unit, char smaller, struct buf *b)
{
	buf_int(b, (int64_t)(n / ratio));
	buf_char(b, unit);
	if (n % ratio) {
		buf_char(b, ' ');
		buf_int(b, (int64_t)(n % ratio));
		buf_char(b, smaller);
	}
}

void duration_write(int64_t duration, struct buf *b)
{
	const uint64_t second = (uint64_t)NS_PER_S, minute = 60 * second, hour = 60 * minute;
	uint64_t ns = duration < 0 ? -(uint64_t)duration : (uint64_t)duration;

	if (duration < 0)
		buf_char(b, '-');
	for (size_t i = 0; i < 3; i++)
		if (ns < second && write_three(ns, (uint64_t)units[i].ns, units[i].name, b))
			return;
	/* Bounds a rounding step below the unit, so that nothing is written as 60s, 60m or 24h. */
	if (ns < minute - second / 20)
		write_three(ns, second, "s", b);
	else if (ns < hour - second / 2)
		write_pair((ns + second / 2) / second, 60, 'm', 's', b);
	else if (ns < 24 * hour - minute / 2)
		write_pair((ns + minute / 2) / minute, 60, 'h', 'm', b);
	else
		write_pair((ns + hour / 2) / hour, 24, 'd', 'h', b);
}

void seconds_write(int64_t ns, struct buf *b)
{
	uint64_t rest = ns < 0 ? 0 - (uint64_t)ns : (uint64_t)ns;
	int digits = 9;

	if (ns < 0)
		buf_char(b, '-');
	buf_int(b, (int64_t)(rest / NS_PER_S));
	rest %= NS_PER_S;
	if (rest == 0)
		return;
	for (; rest % 10 == 0; rest /= 10)
		digits--;
	buf_printf(b, ".%0*llu", digits, (unsigned long long)rest);
}

/* The largest unit up to hours that takes no fraction; above a second, one that does is easier to read than
 * nine digits of nanoseconds. */
void duration_write_exact(int64_t ns, struct buf *b)
{
	size_t i = ARRAY_SIZE(units) - 2;

	if (ns % NS_PER_S != 0 && (ns > NS_PER_S || ns < -NS_PER_S)) {
		seconds_write(ns, b);
		buf_char(b, 's');
		return;
	}
	while (ns == 0 ? units[i].ns != NS_PER_S : ns % units[i].ns != 0)
		i--;
	buf_int(b, ns / units[i].ns);
	buf_text(b, units[i].name);
}
