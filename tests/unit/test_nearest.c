/* SPDX-License-Identifier: Apache-2.0 */
/* What is proposed for a misspelt word, and what is too far off to be. */
#include "tests/unit/test.h"

#include <string.h>

#include "base/nearest.h"

static struct str nearest_of(const char *word, const char *const *known)
{
	struct nearest n = NEAREST_INIT(str_of(word));

	for (; *known; known++)
		nearest_try(&n, str_of(*known));
	return n.best;
}

static const char *const fields[] = {
	"comm", "exe", "argv", "arg", "parent.comm", "parent.exe", "ancestors.comm", "duration", "errno",
	"uid", "euid", "x", NULL,
};

static void misspelt(void **state)
{
	assert_str(nearest_of("parrent.comm", fields), "parent.comm");
	assert_str(nearest_of("durration", fields), "duration");
	assert_str(nearest_of("durtaion", fields), "duration");
	assert_str(nearest_of("COMM", fields), "comm");
	assert_str(nearest_of("Parent.Exe", fields), "parent.exe");
	assert_str(nearest_of("com", fields), "comm");
	assert_str(nearest_of("cmom", fields), "comm");
	assert_str(nearest_of("ancestor.com", fields), "ancestors.comm");
}

static void too_far(void **state)
{
	assert_false(str_known(nearest_of("zzz", fields)));
	assert_false(str_known(nearest_of("process.name", fields)));
	assert_false(str_known(nearest_of("commxxx", fields)));	/* three off; a third of seven is two */
	assert_false(str_known(nearest_of("", fields)));
	assert_false(str_known(nearest_of("y", fields)));
	assert_false(str_known(nearest_of(NULL, fields)));
}

static void the_first_of_equals_wins(void **state)
{
	static const char *const known[] = { "bat", "cat", "rat", NULL };

	assert_str(nearest_of("xat", known), "bat");
	assert_str(nearest_of("cat", known), "cat");
	assert_str(nearest_of("rta", known), "rat");
}

static void distances(void **state)
{
	static const struct {
		const char *word, *candidate;
		unsigned int distance;
	} cases[] = {
		{ "abcdefghi", "abcdefghi", 0 },
		{ "abcdefghi", "ABCDEFGHI", 0 },
		{ "abcdefghi", "abcdefgh", 1 },
		{ "abcdefghi", "abcdefghij", 1 },
		{ "abcdefghi", "abXdefghi", 1 },
		{ "abcdefghi", "acbdefghi", 1 },
		{ "abcdefghi", "acbdegfhi", 2 },
		{ "abcdefghi", "bcdefghi", 1 },
		{ "abcdefghi", "XXcdefghY", 3 },
		/* Restricted: a swapped pair is not touched again, so this is 3 and not 2. */
		{ "ca4567890", "abc4567890", 3 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct nearest n = NEAREST_INIT(str_of(cases[i].word));

		nearest_try(&n, str_of(cases[i].candidate));
		assert_str(n.best, cases[i].candidate);
		assert_int_equal(n.distance, cases[i].distance);
	}
}

static void long_words_are_not_measured(void **state)
{
	static const char sixty_four[] = "0123456789012345678901234567890123456789012345678901234567890123";
	char longer[66] = { 0 };
	struct nearest n = NEAREST_INIT(str_of(sixty_four));

	memset(longer, 'a', 65);
	nearest_try(&n, str_of(longer));
	assert_false(str_known(n.best));
	nearest_try(&n, str_of(sixty_four));
	assert_str(n.best, sixty_four);
	n = (struct nearest)NEAREST_INIT(str_of(longer));
	nearest_try(&n, str_of(longer));
	assert_false(str_known(n.best));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(misspelt),
		cmocka_unit_test(too_far),
		cmocka_unit_test(the_first_of_equals_wins),
		cmocka_unit_test(distances),
		cmocka_unit_test(long_words_are_not_measured),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
