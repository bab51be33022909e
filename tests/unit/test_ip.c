/* SPDX-License-Identifier: Apache-2.0 */
/* Addresses and networks: what is one, what is none, and what is in what. */
#include "tests/unit/test.h"

#include "base/ip.h"

static void addresses(void **state)
{
	static const char *const good[] = {
		"0.0.0.0", "10.1.2.3", "255.255.255.255", "::", "::1", "1::", "1:2:3:4:5:6:7:8",
		"1:2:3:4:5:6:7::", "::2:3:4:5:6:7:8", "fe80::1%eth0", "::ffff:1.2.3.4", "1:2:3:4:5:6:1.2.3.4",
		"ABCD:ef01::", "::%a b",
	};
	static const char *const bad[] = {
		"", "1", "1.2.3", "1.2.3.4.5", "01.2.3.4", "1.2.3.04", "1.2.3.256", "1.2.3.", ".1.2.3",
		"1.2.3.4 ", " 1.2.3.4", "+1.2.3.4", "0x1.2.3.4", "1.2.3.4%eth0", "1.2.3.4/32", ":", ":::",
		"1:", ":1", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1:2:3:4::5:6:7:8", "1::2::3", "12345::",
		"g::",
		"::1%", "::1%a%b", "::1%a/b", "::1.2.3", "::01.2.3.4", "1.2.3.4::", "[::1]",
		"1111:2222:3333:4444:5555:6666:7777:8888:9999:aaaa:bbbb:cccc",
	};
	struct ip ip = { .bytes = { 42 } };

	for (size_t i = 0; i < ARRAY_SIZE(good); i++)
		if (!ip_parse(str_of(good[i]), &ip))
			fail_msg("`%s` was refused", good[i]);
	ip = (struct ip){ .bytes = { 42 } };
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		if (ip_parse(str_of(bad[i]), &ip))
			fail_msg("`%s` was read", bad[i]);
	assert_false(ip_parse((struct str)STR("1.2.3.4\0"), &ip));
	assert_false(ip_parse(str_of(NULL), &ip));
	assert_int_equal(ip.bytes[0], 42);
}

static void networks(void **state)
{
	static const struct {
		const char *text, *want;
		bool trimmed;
	} rows[] = {
		{ "10.0.0.0/8", "10.0.0.0/8", false }, { "10.1.2.3/8", "10.0.0.0/8", true },
		{ "10.1.2.3", "10.1.2.3/32", false }, { "0.0.0.0/0", "0.0.0.0/0", false },
		{ "10.1.2.3/31", "10.1.2.2/31", true }, { "10.0.0.0/008", "10.0.0.0/8", false },
		{ "10.0.0.0/255.0.0.0", "10.0.0.0/8", false },
		{ "10.0.0.0/0.255.255.255", "10.0.0.0/8", false },
		{ "0.0.0.0/0.0.0.0", "0.0.0.0/0", false },
		{ "1.2.3.4/255.255.255.255", "1.2.3.4/32", false },
		{ "fd00::/8", "fd00::/8", false }, { "fd12::/8", "fd00::/8", true },
		{ "::1", "::1/128", false }, { "::/0", "::/0", false },
		{ "fe80::%eth0/10", "fe80::/10", false }, { "2001:db8::1/127", "2001:db8::/127", true },
	};
	static const char *const bad[] = {
		"", "/8", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/ 8", "10.0.0.0/8/8", "10/8",
		"10.0.0.0/255.0.255.0", "10.0.0.0/255.255.255", "::/129", "::/255.0.0.0", "::/ffff::", "x/8",
		"10.0.0.0/99999999999999999999", "10.0.0.*",
	};
	_cleanup_(buf) struct buf b = BUF_INIT;
	struct ip_network network = { .bits = 77 };

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		if (ip_network_parse(str_of(bad[i]), &network))
			fail_msg("`%s` was read", bad[i]);
	assert_int_equal(network.bits, 77);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		if (!ip_network_parse(str_of(rows[i].text), &network))
			fail_msg("`%s` was refused", rows[i].text);
		assert_int_equal(ip_network_trim(&network), !rows[i].trimmed);
		buf_reset(&b);
		ip_network_write(&network, &b);
		assert_str(buf_get(&b), rows[i].want);
	}
}

static void membership(void **state)
{
	static const struct {
		const char *ip, *network;
		bool in;
	} rows[] = {
		{ "10.255.255.255", "10.0.0.0/8", true }, { "11.0.0.0", "10.0.0.0/8", false },
		{ "1.2.3.4", "0.0.0.0/0", true }, { "192.168.1.127", "192.168.1.0/25", true },
		{ "192.168.1.128", "192.168.1.0/25", false }, { "1.2.3.4", "1.2.3.4", true },
		{ "1.2.3.5", "1.2.3.4", false }, { "::1", "0.0.0.0/0", false }, { "1.2.3.4", "::/0", false },
		{ "::ffff:10.0.0.1", "10.0.0.0/8", false }, { "fdff::1", "fd00::/8", true },
		{ "fe00::1", "fd00::/8", false }, { "2001:db8::1%lo", "2001:db8::/127", true },
		{ "2001:db8::2", "2001:db8::/127", false },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct ip_network network;
		struct ip ip;

		assert_true(ip_parse(str_of(rows[i].ip), &ip));
		assert_true(ip_network_parse(str_of(rows[i].network), &network));
		if (ip_in(&ip, &network) != rows[i].in)
			fail_msg("%s in %s", rows[i].ip, rows[i].network);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses),
		cmocka_unit_test(networks),
		cmocka_unit_test(membership),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
