/* SPDX-License-Identifier: Apache-2.0 */
/* Values as text: quoting, escaping, and cutting to the byte. */
#include "tests/unit/test.h"

#include <string.h>

#include "alerts/facts.h"
#include "base/text.h"
#include "tests/unit/alerts.h"

static void test_quoting(void **state)
{
	static const struct { struct str value; const char *want; } cases[] = {
		{ STR("abc"), " k=abc" },
		{ STR("/usr/bin/x-1.2_3:4,5"), " k=/usr/bin/x-1.2_3:4,5" },
		{ STR(""), " k=\"\"" },
		{ STR("a b"), " k=\"a b\"" },
		{ STR("a=b"), " k=\"a=b\"" },
		{ STR("say \"hi\""), " k=\"say \\\"hi\\\"\"" },
		{ STR("back\\slash"), " k=\"back\\\\slash\"" },
		{ STR("ä"), " k=\"ä\"" },
		{ STR("a\nb"), " k=\"a\\nb\"" },
		{ STR("a\0b"), " k=\"a\\x00b\"" },
		{ { NULL, 0 }, "" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_(buf) struct buf b = BUF_INIT;

		fact_str("k", cases[i].value, 100, &b);
		assert_str(buf_get(&b), cases[i].want);
	}
}

static void test_cut(void **state)
{
	static const struct { struct str s; size_t max; bool quoted; const char *want; } cases[] = {
		{ STR("abcdef"), 6, false, "abcdef" },
		{ STR("abcdef"), 5, false, "abcde…(+1 bytes)" },
		{ STR("abcdef"), 0, false, "…(+6 bytes)" },
		{ STR(""), 0, false, "" },
		{ STR("aä"), 3, false, "aä" },
		{ STR("aä"), 2, false, "a…(+2 bytes)" },
		{ STR("a\001b"), 4, false, "a…(+2 bytes)" },
		{ STR("a\001b"), 5, false, "a\\x01…(+1 bytes)" },
		{ STR("\"\""), 3, true, "\\\"…(+1 bytes)" },
		{ STR("\"\""), 2, false, "\"\"" },
		{ STR("\xff\xff"), 7, false, "\\xff…(+1 bytes)" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_(buf) struct buf b = BUF_INIT;

		text_cut(cases[i].s, cases[i].max, cases[i].quoted, &b);
		assert_str(buf_get(&b), cases[i].want);
	}
}

/* For every byte, and every pair with a second byte: one line, valid UTF-8, as escape_controls() has it. */
static void test_every_byte(void **state)
{
	for (int first = 0; first < 256; first++)
		for (int second = 0; second < 256; second++) {
			char bytes[2] = { (char)first, (char)second };
			struct str s = { bytes, 2 };
			_cleanup_(buf) struct buf got = BUF_INIT;
			_cleanup_(buf) struct buf want = BUF_INIT;

			text_cut(s, 100, false, &got);
			escape_controls(s, &want);
			assert_true(str_eq(buf_get(&got), buf_get(&want)));
			assert_true(utf8_valid(buf_get(&got)));
			assert_null(memchr(got.p, '\n', got.len));
		}
}

/* What an alert is known by elsewhere stands in its line of text, too. */
static void test_identity(void **state)
{
	static const struct str tags[] = { STR("attack.t1505.003"), STR("web") };
	_cleanup_(buf) struct buf b = BUF_INIT;
	struct sample s;

	sample_init(&s);
	s.rule.tags = (struct strs){ tags, 2 };
	s.event.ppid = NUM(812);
	s.event.gid = NUM(33);
	facts_all(&s.alert, 1000, &b);
	assert_true(str_contains(buf_get(&b), STR_LIT(" seq=7 fingerprint=00000000000000ff ")));
	assert_true(str_contains(buf_get(&b), STR_LIT(" tags=attack.t1505.003,web ")));
	assert_true(str_contains(buf_get(&b), STR_LIT(" pid=42 ppid=812 uid=33 gid=33 ")));
}

static void test_windows(void **state)
{
	const struct pair key[] = { { STR("unit"), STR("a b") }, { STR("user"), { NULL, 0 } } };
	_cleanup_(buf) struct buf b = BUF_INIT;
	struct sample s;

	sample_init(&s);
	s.alert.kind = ALERT_THRESHOLD;
	s.alert.count = 20;
	s.alert.window_ns = NS_PER_S / 4;
	s.alert.key = key;
	s.alert.n_key = ARRAY_SIZE(key);
	facts_short(&s.alert, &b);
	assert_true(str_has_prefix(buf_get(&b), STR_LIT(" count=20 window_s=0.25 key.unit=\"a b\" pid=42 ")));
	buf_reset(&b);
	s.alert.kind = ALERT_SUMMARY;
	s.alert.count = s.alert.suppressed = 3;
	s.alert.first_id = STR_LIT("id");
	facts_all(&s.alert, 1000, &b);
	assert_true(str_contains(buf_get(&b),
				 STR_LIT(" suppressed=3 window_s=0.25 key.unit=\"a b\" first_id=id ")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_quoting),
		cmocka_unit_test(test_cut),
		cmocka_unit_test(test_every_byte),
		cmocka_unit_test(test_identity),
		cmocka_unit_test(test_windows),
	};

	return cmocka_run_group_tests_name("facts", tests, NULL, NULL);
}
