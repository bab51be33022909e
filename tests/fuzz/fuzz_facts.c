/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bytes as they get into a line of a log, the input's first two bytes being the bound. Whatever they are,
 * they stay one line of UTF-8 within the bound, and reading the line back gives exactly the bytes that it
 * does not say are missing: no two values look the same.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alerts/facts.h"
#include "base/text.h"
#include "tests/fuzz/fuzz.h"

static const struct str mark = STR("…(+");

static char unhex(char c)
{
	return (char)(c <= '9' ? c - '0' : c - 'a' + 10);
}

/* Takes one byte off the front of a text that is escaped for between quotes. */
static char take_byte(struct str *text)
{
	const char *p = text->p;
	bool is_hex = p[0] == '\\' && text->len > 3 && p[1] == 'x';

	*text = str_skip(*text, is_hex ? 4 : p[0] == '\\' ? 2 : 1);
	if (is_hex)
		return (char)(unhex(p[2]) << 4 | unhex(p[3]));
	if (p[0] != '\\')
		return p[0];
	return p[1] == 'n' ? '\n' : p[1] == 't' ? '\t' : p[1];
}

/* Cuts "…(+N bytes)" off the end, if it is there, and returns N. */
static size_t take_mark(struct str *text)
{
	size_t at = text->len;

	if (!str_has_suffix(*text, STR_LIT(" bytes)")))
		return 0;
	while (at > 0 && !str_has_prefix(str_skip(*text, at), mark))
		at--;
	if (!str_has_prefix(str_skip(*text, at), mark))
		return 0;
	text->len = at;
	return strtoul(text->p + at + mark.len, NULL, 10);
}

static void check_cut(struct str s, size_t max)
{
	struct buf b = BUF_INIT;
	struct str shown;
	size_t missing = 0, n = 0;

	text_cut(s, max, true, &b);
	CHECK(!b.error && utf8_valid(buf_get(&b)));
	for (size_t i = 0; i < b.len; i++)
		CHECK((unsigned char)b.p[i] >= ' ' && b.p[i] != 0x7f);
	buf_char(&b, '\0');
	shown = (struct str){ b.p, b.len - 1 };
	if (shown.len > max)
		missing = take_mark(&shown);
	CHECK(shown.len <= max);
	for (; shown.len > 0; n++) {
		CHECK(shown.p[0] != '"' && n < s.len);
		CHECK(take_byte(&shown) == s.p[n]);
	}
	CHECK(n + missing == s.len);
	buf_done(&b);
}

static void check_fact(struct str s, size_t max)
{
	struct buf b = BUF_INIT;
	struct str value;

	fact_str("k", s, max, &b);
	CHECK(str_has_prefix(buf_get(&b), STR_LIT(" k=")));
	value = str_skip(buf_get(&b), 3);
	if (value.len > 0 && value.p[0] == '"')
		CHECK(value.len > 1 && str_has_suffix(value, STR_LIT("\"")));
	else
		CHECK(str_eq(value, s) && !str_contains(s, STR_LIT(" ")) && !str_contains(s, STR_LIT("\"")));
	buf_done(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t max;

	if (size < 2)
		return 0;
	max = (size_t)data[0] << 4 | (data[1] & 15);
	check_cut((struct str){ (const char *)data + 2, size - 2 }, max);
	check_fact((struct str){ (const char *)data + 2, size - 2 }, max);
	return 0;
}
