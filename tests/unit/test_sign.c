/* SPDX-License-Identifier: Apache-2.0 */
/* Signatures against the vector of Standard Webhooks' own tests. */
#include "tests/unit/test.h"

#include <errno.h>
#include <string.h>

#include "alerts/sign.h"

static void test_standard_webhooks(void **state)
{
	static const struct str secrets[] = {
		STR("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"),
		STR(" \twhsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\r\n"),
	};

	for (size_t i = 0; i < ARRAY_SIZE(secrets); i++) {
		_cleanup_(buf) struct buf b = BUF_INIT;
		struct sign_key key = { 0 };

		assert_int_equal(sign_key_read(secrets[i], &key), 0);
		assert_int_equal(key.len, 24);
		sign_write(&key, STR_LIT("msg_p5jXN8AQM9LWM0D4loKWxJek"), 1614265330,
			   STR_LIT("{\"test\": 2432232314}"), &b);
		assert_str(buf_get(&b), "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
	}
}

/* The text that is signed is "id.time.body"; each part counts. */
static void test_each_part_counts(void **state)
{
	_cleanup_(buf) struct buf a = BUF_INIT;
	_cleanup_(buf) struct buf b = BUF_INIT;
	struct sign_key key = { .bytes = "0123456789012345678901234567", .len = 28 }, other = key;

	other.bytes[27] ^= 1;
	sign_write(&key, STR_LIT("id"), 1, STR_LIT("body"), &a);
	sign_write(&key, STR_LIT("id"), 1, STR_LIT("body"), &b);
	assert_true(str_eq(buf_get(&a), buf_get(&b)));
	for (int i = 0; i < 4; i++) {
		buf_reset(&b);
		sign_write(i == 0 ? &other : &key, i == 1 ? STR_LIT("ie") : STR_LIT("id"), i == 2 ? 2 : 1,
			   i == 3 ? STR_LIT("bodz") : STR_LIT("body"), &b);
		assert_false(str_eq(buf_get(&a), buf_get(&b)));
	}
}

static void test_bad_secrets(void **state)
{
	static const struct str bad[] = {
		STR(""), STR("whsec_"), STR("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"),
		STR("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLa"),		/* 22 bytes and a bit */
		STR("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLQ=="),		/* 22 bytes */
		STR("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2La*aSw"),
		STR("whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
		    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"),			/* 66 bytes */
	};
	struct sign_key key = { .len = 7 };

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_int_equal(sign_key_read(bad[i], &key), -EINVAL);
	assert_int_equal(key.len, 7);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_standard_webhooks),
		cmocka_unit_test(test_each_part_counts),
		cmocka_unit_test(test_bad_secrets),
	};

	return cmocka_run_group_tests_name("sign", tests, NULL, NULL);
}
