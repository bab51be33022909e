/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers for people, with no more digits than they have to say. */
#ifndef CLI_NUMBERS_H
#define CLI_NUMBERS_H

#include <stdint.h>

#include "base/buf.h"

/* "18 402 113" */
void write_grouped(uint64_t n, struct buf *b);

/* How many of a hundred @part of @whole is, rounded down: 100 only where it is all of it. */
unsigned int percent_of(uint64_t part, uint64_t whole);

/* "446k/s": @n in @ns, which is above 0; two or three digits. */
void write_rate(uint64_t n, int64_t ns, struct buf *b);

/* @n rounded to two digits: a measured time has no more. */
uint64_t round_two(uint64_t n);

/* "2026-11-23", of nanoseconds since the epoch. */
void write_day(int64_t ns, struct buf *b);

/* How many of @n in @span_ns, which is above 0, come on one day: "33", "0.9", "<0.1", "0". */
void write_per_day(uint64_t n, int64_t span_ns, struct buf *b);

#endif
