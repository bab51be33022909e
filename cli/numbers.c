/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers for people; see numbers.h. */
#include "cli/numbers.h"

#include <inttypes.h>
#include <stddef.h>
#include <string.h>

#include "base/timefmt.h"

void write_grouped(uint64_t n, struct buf *b)
{
	if (n >= 1000) {
		write_grouped(n / 1000, b);
		buf_printf(b, " %03" PRIu64, n % 1000);
	} else {
		buf_printf(b, "%" PRIu64, n);
	}
}

unsigned int percent_of(uint64_t part, uint64_t whole)
{
	return whole ? (unsigned int)((unsigned __int128)part * 100 / whole) : 0;
}

void write_rate(uint64_t n, int64_t ns, struct buf *b)
{
	double rate = (double)n * (double)NS_PER_S / (double)ns;

	if (rate < 1000)
		buf_printf(b, "%.0f/s", rate);
	else if (rate < 1e6)
		buf_printf(b, "%.0fk/s", rate / 1e3);
	else
		buf_printf(b, "%.1fM/s", rate / 1e6);
}

uint64_t round_two(uint64_t n)
{
	uint64_t unit = 1;

	while (n / unit >= 100)
		unit *= 10;
	return (n + unit / 2) / unit * unit;
}

void write_day(int64_t ns, struct buf *b)
{
	size_t start = b->len;

	time_write(ns, b);
	if (!b->error)
		buf_cut(b, start + strlen("2026-11-23"));
}

void write_per_day(uint64_t n, int64_t span_ns, struct buf *b)
{
	double day = 86400.0 * (double)NS_PER_S, rate = (double)n * day / (double)span_ns;

	if (n > 0 && rate < 0.05)
		buf_text(b, "<0.1");
	else if (n == 0 || rate >= 9.95)
		write_grouped((uint64_t)(rate + 0.5), b);
	else
		buf_printf(b, "%.1f", rate);
}
