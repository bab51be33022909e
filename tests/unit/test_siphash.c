/* SPDX-License-Identifier: Apache-2.0 */
/* The vectors of the reference implementation: the key is 00 to 0f, the message 00, 01 ... */
#include "tests/unit/test.h"

#include <string.h>

#include "base/cleanup.h"
#include "base/siphash.h"

static const struct siphash_key key = { UINT64_C(0x0706050403020100), UINT64_C(0x0f0e0d0c0b0a0908) };

static void known_vectors(void **state)
{
	static const struct {
		size_t len;
		uint64_t hash;
	} vectors[] = {
		{ 8, UINT64_C(0x93f5f5799a932462) },
		{ 15, UINT64_C(0xa129ca6149be45e5) },
		{ 16, UINT64_C(0x3f2acc7f57c29bdb) },
		{ 63, UINT64_C(0x958a324ceb064572) },
	};
	char message[64];

	for (size_t i = 0; i < sizeof(message); i++)
		message[i] = (char)i;
	for (size_t i = 0; i < ARRAY_SIZE(vectors); i++)
		assert_true(siphash(&key, UINT64_C(0x0706050403020100),
				    (struct str){ message + 8, vectors[i].len - 8 }) == vectors[i].hash);
}

/* Two lists of texts are never the same bytes. */
static void chains(void **state)
{
	uint64_t ab_c = siphash(&key, siphash(&key, 0, STR_LIT("ab")), STR_LIT("c"));
	uint64_t a_bc = siphash(&key, siphash(&key, 0, STR_LIT("a")), STR_LIT("bc"));
	const struct siphash_key other = { key.a, key.b + 1 };

	assert_true(ab_c != a_bc);
	assert_true(siphash(&key, 0, STR_LIT("")) == siphash(&key, 0, (struct str){ NULL, 0 }));
	assert_true(siphash(&key, 0, STR_LIT("a")) != siphash(&other, 0, STR_LIT("a")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_vectors),
		cmocka_unit_test(chains),
	};

	return cmocka_run_group_tests_name("siphash", tests, NULL, NULL);
}
