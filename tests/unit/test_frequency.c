/* SPDX-License-Identifier: Apache-2.0 */
/* Estimates of how usual texts and names are: clear cases in order, and no text above one inside it. */
#include "tests/unit/test.h"

#include <string.h>

#include "engine/frequency.h"

static float in_line(const char *text)
{
	return frequency_in_line(str_of(text));
}

static void assert_share(float share)
{
	if (!(share > 0 && share <= 1))
		fail_msg("%g is no share", (double)share);
}

static void assert_no_more_usual(struct str text, struct str inside)
{
	float whole = frequency_in_line(text), part = frequency_in_line(inside);

	assert_share(whole);
	if (whole > part)
		fail_msg("\"%.*s\" %g is above \"%.*s\" %g", STR_ARG(text), (double)whole, STR_ARG(inside),
			 (double)part);
}

static void usual_above_rare(void **state)
{
	static const char *const usual[] = {
		"-c", " -e", "http", "/bin/", ".sh", "/usr/", "/usr/bin/", "echo", "--", ".py", "/tmp/",
		"bash",
	};
	static const char *const rare[] = {
		"mimikatz", "/etc/shadow", "xoxb-", "set-itemproperty", "-----begin", "\x01\x02\x03",
		"jndi:ldap",
	};

	for (size_t i = 0; i < sizeof(usual) / sizeof(usual[0]); i++)
		for (size_t j = 0; j < sizeof(rare) / sizeof(rare[0]); j++)
			if (in_line(usual[i]) < 10 * in_line(rare[j]))
				fail_msg("\"%s\" is not ten times as usual as \"%s\"", usual[i], rare[j]);
}

static void single_bytes(void **state)
{
	assert_true(in_line("e") > 0.5);
	assert_true(in_line("e") > in_line("q"));
	assert_true(in_line("/") > in_line("|"));
	assert_true(in_line("\n") < 0.1);
	assert_true(in_line("\xff") < 0.1);
	/* One digit is rarer than any of them. */
	assert_true(in_line("7") < in_line("e"));
	for (unsigned int byte = 0; byte < 256; byte++) {
		char c = (char)byte;

		assert_share(frequency_in_line((struct str){ &c, 1 }));
	}
}

static void empty_text_is_everywhere(void **state)
{
	assert_true(frequency_in_line(STR_LIT("")) == 1);
	assert_true(frequency_in_line((struct str){ NULL, 0 }) == 1);
}

/* All that the tables can tell of three bytes, for one byte of each class and one of none. */
static void three_bytes_no_more_usual_than_two(void **state)
{
	static const struct str bytes = STR("abcdefghijklmnopqrstuvwxyz0 /-._=:,'($*|\\\xff");
	char text[3];

	for (size_t i = 0; i < bytes.len; i++)
		for (size_t j = 0; j < bytes.len; j++) {
			text[0] = bytes.p[i];
			text[1] = bytes.p[j];
			assert_no_more_usual((struct str){ text, 2 }, (struct str){ text, 1 });
			assert_no_more_usual((struct str){ text, 2 }, (struct str){ text + 1, 1 });
			for (size_t k = 0; k < bytes.len; k++) {
				text[2] = bytes.p[k];
				assert_no_more_usual((struct str){ text, 3 }, (struct str){ text, 2 });
				assert_no_more_usual((struct str){ text, 3 }, (struct str){ text + 1, 2 });
			}
		}
}

static void assert_monotone(struct str text)
{
	for (; text.len; text = str_skip(text, 1)) {
		assert_no_more_usual(text, str_skip(text, 1));
		for (size_t end = text.len; end > 0; end--)
			assert_no_more_usual((struct str){ text.p, end }, (struct str){ text.p, end - 1 });
	}
}

/* Words and what they are made of, in all orders that a small generator comes to. */
static void texts_no_more_usual_than_their_parts(void **state)
{
	static const char *const parts[] = {
		"/usr/bin/", "python3", " ", "-c", "sh -c ", "x86_64-linux-gnu", "64 -", "\n", "\xc3\xa9",
		"system", "z", "/dev/null", "0", "--", "\"", "version", "\\", "=",
	};
	uint32_t state_of = 1;

	for (int round = 0; round < 2000; round++) {
		char text[96];
		size_t len = 0;

		for (int i = 0; i < 4; i++) {
			const char *part;

			state_of = state_of * 1664525 + 1013904223;
			part = parts[(state_of >> 16) % (sizeof(parts) / sizeof(parts[0]))];
			memcpy(text + len, part, strlen(part));
			len += strlen(part);
		}
		assert_monotone((struct str){ text, len });
	}
}

static void long_texts(void **state)
{
	char text[5000];

	memset(text, 'q', sizeof(text));
	assert_share(frequency_in_line((struct str){ text, sizeof(text) }));
	assert_no_more_usual((struct str){ text, sizeof(text) }, (struct str){ text, 10 });
	memset(text, 0, sizeof(text));
	assert_share(frequency_in_line((struct str){ text, sizeof(text) }));
}

static void names(void **state)
{
	static const char *const hot[] = {
		"as", "bash", "cat", "cc1", "gcc", "git", "grep", "ld", "ls", "make", "python3", "rm", "sed",
		"sh", "expr", "xargs",
	};
	float other = frequency_of_name(STR_LIT("mimikatz"));

	assert_share(other);
	assert_true(other < 0.001);
	for (size_t i = 0; i < sizeof(hot) / sizeof(hot[0]); i++) {
		float share = frequency_of_name(str_of(hot[i]));

		assert_share(share);
		if (share < 10 * other)
			fail_msg("%s is not hot: %g", hot[i], (double)share);
	}
	/* Whole names only. */
	assert_true(frequency_of_name(STR_LIT("bas")) == other);
	assert_true(frequency_of_name(STR_LIT("/bin/sh")) == other);
	assert_true(frequency_of_name(STR_LIT("")) == other);
	assert_true(frequency_of_name(STR_LIT("\xff")) == other);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(usual_above_rare),
		cmocka_unit_test(single_bytes),
		cmocka_unit_test(empty_text_is_everywhere),
		cmocka_unit_test(three_bytes_no_more_usual_than_two),
		cmocka_unit_test(texts_no_more_usual_than_their_parts),
		cmocka_unit_test(long_texts),
		cmocka_unit_test(names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
