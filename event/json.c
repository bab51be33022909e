/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writing JSON; see json.h. Everything goes straight into the buffer, whose errors stick, so nothing here can
 * fail by itself.
 *
 * Beside what RFC 8259 section 7 asks for, DEL and the C1 controls are escaped: a line that reaches a
 * terminal holds nothing that it obeys.
 */
#include "event/json.h"

#include <string.h>

#include "base/text.h"
#include "base/timefmt.h"
#include "event/json_plain.h"

#define REPLACEMENT "\xef\xbf\xbd"

static void escape_control(unsigned int c, struct buf *b)
{
	static const char hex[] = "0123456789abcdef";
	char text[6] = { '\\', 'u', '0', '0', hex[c >> 4 & 15], hex[c & 15] };

	switch (c) {
	case '"': buf_add(b, "\\\"", 2); break;
	case '\\': buf_add(b, "\\\\", 2); break;
	case '\b': buf_add(b, "\\b", 2); break;
	case '\f': buf_add(b, "\\f", 2); break;
	case '\n': buf_add(b, "\\n", 2); break;
	case '\r': buf_add(b, "\\r", 2); break;
	case '\t': buf_add(b, "\\t", 2); break;
	default: buf_add(b, text, sizeof(text));
	}
}

/* False: there were bytes that are no UTF-8. */
static bool escape(struct str s, struct buf *b)
{
	bool valid = true;

	while (s.len) {
		size_t n = json_plain(s.p, s.len);
		unsigned char c;

		buf_add(b, s.p, n);
		s = str_skip(s, n);
		if (s.len == 0)
			break;
		c = (unsigned char)s.p[0];
		n = 1;
		if (c < 0x80) {
			escape_control(c, b);
		} else if ((n = utf8_length(s)) == 0) {
			buf_text(b, REPLACEMENT);
			valid = false;
			n = 1;
		} else if (c == 0xc2 && (unsigned char)s.p[1] < 0xa0) {
			escape_control((unsigned char)s.p[1], b);
		} else {
			buf_add(b, s.p, n);
		}
		s = str_skip(s, n);
	}
	return valid;
}

void json_escape(struct str s, struct buf *b)
{
	escape(s, b);
}

static void comma(struct json *j)
{
	if (j->comma)
		buf_char(j->b, ',');
	j->comma = true;
}

/* What stands in front of a value: comma and key. Keys of ours need no escaping. */
static void before(struct json *j, const char *key)
{
	comma(j);
	if (key) {
		buf_char(j->b, '"');
		buf_text(j->b, key);
		buf_add(j->b, "\":", 2);
	}
}

static bool quoted(struct json *j, struct str s)
{
	bool valid;

	buf_char(j->b, '"');
	valid = escape(s, j->b);
	buf_char(j->b, '"');
	return valid;
}

static void quoted_base64(struct json *j, struct str s)
{
	buf_char(j->b, '"');
	base64_write(s, j->b);
	buf_char(j->b, '"');
}

void json_object(struct json *j, const char *key)
{
	before(j, key);
	buf_char(j->b, '{');
	j->comma = false;
}

void json_end_object(struct json *j)
{
	buf_char(j->b, '}');
	j->comma = true;
}

void json_list(struct json *j, const char *key)
{
	before(j, key);
	buf_char(j->b, '[');
	j->comma = false;
}

void json_end_list(struct json *j)
{
	buf_char(j->b, ']');
	j->comma = true;
}

void json_int(struct json *j, const char *key, int64_t n)
{
	before(j, key);
	buf_int(j->b, n);
}

void json_decimal(struct json *j, const char *key, double n)
{
	before(j, key);
	buf_printf(j->b, "%.2f", n);
}

void json_bool(struct json *j, const char *key, bool b)
{
	before(j, key);
	buf_text(j->b, b ? "true" : "false");
}

void json_seconds(struct json *j, const char *key, int64_t ns)
{
	before(j, key);
	seconds_write(ns, j->b);
}

void json_time(struct json *j, const char *key, int64_t ns)
{
	char memory[64];
	struct buf text;

	buf_init_fixed(&text, memory, sizeof(memory));
	time_write(ns, &text);
	json_str(j, key, buf_get(&text));
}

void json_str(struct json *j, const char *key, struct str s)
{
	if (!str_known(s) && key)
		return;
	before(j, key);
	if (quoted(j, s) || !key)
		return;
	buf_add(j->b, ",\"", 2);
	buf_text(j->b, key);
	buf_text(j->b, "_b64\":");
	quoted_base64(j, s);
}

void json_text(struct json *j, const char *key, const char *text)
{
	json_str(j, key, str_of(text));
}

void json_strs(struct json *j, const char *key, const struct str *items, size_t n)
{
	bool valid = true;

	json_list(j, key);
	for (size_t i = 0; i < n; i++) {
		comma(j);
		valid &= quoted(j, items[i]);
	}
	json_end_list(j);
	if (valid || !key)
		return;

	buf_add(j->b, ",\"", 2);
	buf_text(j->b, key);
	buf_text(j->b, "_b64\":{");
	j->comma = false;
	for (size_t i = 0; i < n; i++) {
		if (utf8_valid(items[i]))
			continue;
		comma(j);
		buf_char(j->b, '"');
		buf_int(j->b, (int64_t)i);
		buf_add(j->b, "\":", 2);
		quoted_base64(j, items[i]);
	}
	json_end_object(j);
}

void json_pair(struct json *j, struct str key, struct str value)
{
	if (!str_known(value))
		return;
	comma(j);
	quoted(j, key);
	buf_char(j->b, ':');
	if (quoted(j, value))
		return;
	buf_add(j->b, ",\"", 2);
	escape(key, j->b);
	buf_text(j->b, "_b64\":");
	quoted_base64(j, value);
}
