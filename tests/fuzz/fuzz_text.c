/* SPDX-License-Identifier: Apache-2.0 */
/* Text in and out: what is read and written again is the same, what is escaped is harmless. */
#include <stdint.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/cleanup.h"
#include "base/text.h"
#include "base/timefmt.h"
#include "tests/fuzz/fuzz.h"

static void check_base64(struct str bytes, struct arena *a)
{
	_cleanup_(buf) struct buf b = BUF_INIT;
	struct str back;

	base64_write(bytes, &b);
	CHECK(base64_read(buf_get(&b), a, &back) == 0 && str_eq(back, bytes));
	/* There is one spelling of what can be read. */
	if (base64_read(bytes, a, &back) == 0) {
		buf_reset(&b);
		base64_write(back, &b);
		CHECK(str_eq(buf_get(&b), bytes));
	}
}

static void check_escapes(struct str bytes)
{
	_cleanup_(buf) struct buf b = BUF_INIT, again = BUF_INIT;

	escape_controls(bytes, &b);
	CHECK(utf8_valid(buf_get(&b)));
	for (size_t i = 0; i < b.len; i++)
		CHECK((unsigned char)b.p[i] >= 0x20 && b.p[i] != 0x7f);
	escape_controls(buf_get(&b), &again);
	CHECK(str_eq(buf_get(&again), buf_get(&b)));
}

static void check_times(struct str text)
{
	_cleanup_(buf) struct buf b = BUF_INIT;
	int64_t ns, back;

	if (time_parse(text, &ns)) {
		time_write(ns, &b);
		CHECK(b.len == 30 && time_parse(buf_get(&b), &back) && back == ns);
	}
	if (day_parse(text, &ns))
		CHECK(ns % (86400 * NS_PER_S) == 0);
	if (duration_parse(text, &ns)) {
		CHECK(ns >= 0);
		buf_reset(&b);
		duration_write(ns, &b);
		CHECK(b.len >= 2);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_(arena) struct arena a = ARENA_INIT;
	struct str text = { size ? (const char *)data : "", size };

	check_base64(text, &a);
	check_escapes(text);
	check_times(text);
	return 0;
}
