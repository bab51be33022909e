/* SPDX-License-Identifier: Apache-2.0 */
/*
 * UTF-8, base64 and escaping; see text.h.
 *
 * A process chooses its argv byte by byte, so all three are total: every input has a defined answer, and
 * what people see of it can neither move their cursor nor turn the direction of their text.
 */
#include "base/text.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>

static bool is_tail(unsigned char c)
{
	return (c & 0xc0) == 0x80;
}

/* Unicode 15, table 3-7: the second byte's range depends on the first, the others are 80 to BF. */
size_t utf8_length(struct str s)
{
	const unsigned char *p = (const unsigned char *)s.p;
	unsigned char lowest = 0x80, highest = 0xbf;
	size_t len;

	if (s.len == 0)
		return 0;
	if (p[0] < 0x80)
		return 1;
	if (p[0] < 0xc2 || p[0] > 0xf4)
		return 0;
	len = p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;
	if (s.len < len)
		return 0;

	if (p[0] == 0xe0)
		lowest = 0xa0;
	else if (p[0] == 0xed)
		highest = 0x9f;
	else if (p[0] == 0xf0)
		lowest = 0x90;
	else if (p[0] == 0xf4)
		highest = 0x8f;
	if (p[1] < lowest || p[1] > highest)
		return 0;
	for (size_t i = 2; i < len; i++)
		if (!is_tail(p[i]))
			return 0;
	return len;
}

bool utf8_valid(struct str s)
{
	for (size_t len; s.len > 0; s = str_skip(s, len)) {
		len = utf8_length(s);
		if (len == 0)
			return false;
	}
	return true;
}

struct str utf8_cut(struct str s, size_t limit)
{
	if (s.len <= limit)
		return s;
	for (size_t back = 1; back <= 3 && back <= limit; back++)
		if (utf8_length(str_skip(s, limit - back)) > back)
			return (struct str){ s.p, limit - back };
	return (struct str){ s.p, limit };
}

bool utf8_write(unsigned int c, struct buf *b)
{
	char bytes[4];
	size_t n;

	if (c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
		return false;
	if (c < 0x80) {
		bytes[0] = (char)c;
		n = 1;
	} else {
		n = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
		for (size_t i = n - 1; i > 0; i--, c >>= 6)
			bytes[i] = (char)(0x80 | (c & 0x3f));
		bytes[0] = (char)((0xf00 >> n & 0xff) | c);
	}
	buf_add(b, bytes, n);
	return true;
}

static const char base64_alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void base64_write(struct str bytes, struct buf *b)
{
	for (; bytes.len > 0; bytes = str_skip(bytes, 3)) {
		size_t n = bytes.len < 3 ? bytes.len : 3;
		uint32_t group = 0;
		char out[4];

		for (size_t i = 0; i < 3; i++)
			group = group << 8 | (i < n ? (unsigned char)bytes.p[i] : 0);
		for (size_t i = 0; i < 4; i++)
			out[i] = i <= n ? base64_alphabet[group >> (18 - 6 * i) & 63] : '=';
		buf_add(b, out, sizeof(out));
	}
}

/* 0 to 63, or -1. */
static int base64_value(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

/* Four characters give the @n (1 to 3) bytes of @out; the bits that no byte takes must be zero. */
static int base64_group(const char *text, size_t n, char *out)
{
	uint32_t group = 0;

	for (size_t i = 0; i < 4; i++) {
		int value = i <= n ? base64_value(text[i]) : 0;

		if (value < 0)
			return -EINVAL;
		group = group << 6 | (uint32_t)value;
	}
	for (size_t i = 0; i < 3; i++, group <<= 8) {
		if (i < n)
			out[i] = (char)(group >> 16 & 0xff);
		else if (group >> 16 & 0xff)
			return -EINVAL;
	}
	return 0;
}

int base64_read(struct str text, struct arena *a, struct str *ret)
{
	size_t n_groups = text.len / 4, padding = 0;
	char *out;

	if (text.len % 4)
		return -EINVAL;
	if (text.len > 0 && text.p[text.len - 1] == '=')
		padding = text.p[text.len - 2] == '=' ? 2 : 1;
	out = arena_alloc(a, n_groups * 3 + 1);
	if (!out)
		return -ENOMEM;
	for (size_t i = 0; i < n_groups; i++) {
		size_t n = i + 1 == n_groups ? 3 - padding : 3;
		int r = base64_group(text.p + 4 * i, n, out + 3 * i);

		if (r < 0)
			return r;
	}
	*ret = (struct str){ out, n_groups * 3 - padding };
	return 0;
}

/* Of a well-formed character: would it act on a terminal rather than stand in its cell? C0, DEL, C1; line and
 * paragraph separator; the marks, embeddings and isolates that turn the direction of writing. */
static bool is_control(const unsigned char *p, size_t len)
{
	if (len == 1)
		return p[0] < 0x20 || p[0] == 0x7f;
	if (len == 2)
		return (p[0] == 0xc2 && p[1] < 0xa0) || (p[0] == 0xd8 && p[1] == 0x9c);
	if (len == 3 && p[0] == 0xe2 && p[1] == 0x80)
		return p[2] == 0x8e || p[2] == 0x8f || (p[2] >= 0xa8 && p[2] <= 0xae);
	return len == 3 && p[0] == 0xe2 && p[1] == 0x81 && p[2] >= 0xa6 && p[2] <= 0xa9;
}

void escape_controls(struct str s, struct buf *b)
{
	static const char hex[] = "0123456789abcdef";

	while (s.len > 0) {
		const unsigned char *p = (const unsigned char *)s.p;
		size_t len = utf8_length(s), n = len ? len : 1;

		if (len && !is_control(p, len)) {
			buf_add(b, p, len);
		} else if (p[0] == '\n' || p[0] == '\t') {
			buf_text(b, p[0] == '\n' ? "\\n" : "\\t");
		} else {
			for (size_t i = 0; i < n; i++) {
				const char escape[] = { '\\', 'x', hex[p[i] >> 4], hex[p[i] & 15] };

				buf_add(b, escape, sizeof(escape));
			}
		}
		s = str_skip(s, n);
	}
}

void glob_escape(struct str s, struct buf *b)
{
	for (size_t i = 0; i < s.len; i++) {
		if (memchr("*?[\\", s.p[i], 4))
			buf_char(b, '\\');
		buf_char(b, s.p[i]);
	}
}
