/* SPDX-License-Identifier: Apache-2.0 */
/* Times and durations as text. Nothing here reads a clock. */
#ifndef BASE_TIMEFMT_H
#define BASE_TIMEFMT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/str.h"

#define NS_PER_S INT64_C(1000000000)

/* A time as calendars and clocks in UTC have it. */
struct time_parts {
	int64_t year;
	unsigned int month, day;	/* from 1 */
	unsigned int week;		/* ISO 8601: that of the year's first Thursday is 1 */
	unsigned int hour, minute;
};

/* @ns since the epoch. */
struct time_parts time_parts_of(int64_t ns);

/* RFC 3339 in UTC with nine digits of a second: "2026-01-01T00:00:00.000000000Z". @ns since the epoch. */
void time_write(int64_t ns, struct buf *b);
/* RFC 3339, any offset, 0 to 9 digits of a second (more are cut). False: no such time, or out of int64. */
bool time_parse(struct str text, int64_t *ret_ns);
/* "2026-11-23", the first nanosecond of that day in UTC. */
bool day_parse(struct str text, int64_t *ret_ns);
/* A number directly followed by ns, us, ms, s, m, h or d: "250ms", "1.5s". Not negative. */
bool duration_parse(struct str text, int64_t *ret_ns);
/* As a decimal number of seconds: "60", "0.25". */
void seconds_write(int64_t ns, struct buf *b);
/* In the unit that keeps it short, three digits at most: "1.23ms", "4m 10s". */
void duration_write(int64_t ns, struct buf *b);
/* Exactly, as duration_parse() reads it: "90s", "250ms", "1.5s". */
void duration_write_exact(int64_t ns, struct buf *b);

#endif
