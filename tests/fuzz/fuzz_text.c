/* SPDX-License-Identifier: Apache-2.0 */
/* Text in and out: what is read and written again is the same, what is escaped is harmless. */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/cleanup.h"
#include "base/decimal.h"
#include "base/ip.h"
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

/* What a number is made of, and that it is read back as it is written. */
static void check_decimals(struct str text)
{
	char shown[32];
	double number, back;

	if (!decimal_parse(text, &number))
		return;
	for (size_t i = 0; i < text.len; i++)
		CHECK(strchr(DECIMAL_BYTES, text.p[i]));
	snprintf(shown, sizeof(shown), "%.17g", number);
	CHECK(decimal_parse(str_of(shown), &back) && (back == number || (isnan(back) && isnan(number))));
}

static void check_networks(struct str text)
{
	_cleanup_(buf) struct buf b = BUF_INIT;
	struct ip_network network, back;
	struct ip ip;

	if (ip_parse(text, &ip))
		CHECK(ip_network_parse(text, &network) && ip_in(&ip, &network));
	if (!ip_network_parse(text, &network))
		return;
	CHECK(ip_in(&network.address, &network));
	ip_network_trim(&network);
	ip_network_write(&network, &b);
	CHECK(ip_network_parse(buf_get(&b), &back) && ip_network_trim(&back) && back.bits == network.bits);
	CHECK(ip_in(&back.address, &network) && back.address.is_v6 == network.address.is_v6);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_(arena) struct arena a = ARENA_INIT;
	struct str text = { size ? (const char *)data : "", size };

	check_base64(text, &a);
	check_escapes(text);
	check_times(text);
	check_decimals(text);
	check_networks(text);
	return 0;
}
