/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading JSON; see json_read.h. Strings are most of what a record is made of, so they are copied in runs;
 * what is rare (escapes, characters beyond ASCII) goes one at a time.
 */
#include "event/json_read.h"

#include <errno.h>
#include <string.h>

#include "base/text.h"
#include "event/json_plain.h"

void json_reader_init(struct json_reader *r, struct str text, char *memory)
{
	*r = (struct json_reader){ .start = text.p, .p = text.p, .end = text.p + text.len, .out = memory };
}

int json_fail(struct json_reader *r, const char *at, const char *message)
{
	if (!r->error) {
		r->error = message;
		r->error_offset = (size_t)(at - r->start);
	}
	return -EINVAL;
}

/* The next byte that is no white space, 0 at the end; a NUL in the text is no token either. */
static inline char next_byte(struct json_reader *r)
{
	while (r->p < r->end && (*r->p == ' ' || *r->p == '\t' || *r->p == '\n' || *r->p == '\r'))
		r->p++;
	return r->p < r->end ? *r->p : 0;
}

enum json_kind json_peek(struct json_reader *r)
{
	switch (next_byte(r)) {
	case '{': return JSON_OBJECT;
	case '[': return JSON_LIST;
	case '"': return JSON_STRING;
	case 't': case 'f': return JSON_BOOL;
	case 'n': return JSON_NULL;
	case '-': case '0' ... '9': return JSON_NUMBER;
	}
	return JSON_NOTHING;
}

const char *json_kind_name(enum json_kind kind)
{
	switch (kind) {
	case JSON_OBJECT: return "an object";
	case JSON_LIST: return "a list";
	case JSON_STRING: return "a string";
	case JSON_NUMBER: return "a number";
	case JSON_BOOL: return "true or false";
	case JSON_NULL: return "null";
	case JSON_NOTHING: break;
	}
	return "nothing";
}

/* Where a value should be and is none. */
static int fail_value(struct json_reader *r)
{
	return json_fail(r, r->p, r->p == r->end ? "the record ends in the middle" : "no JSON value");
}

/* Four hex digits; false where there are not. */
static bool read_hex(struct json_reader *r, unsigned int *ret)
{
	unsigned int n = 0;

	if (r->end - r->p < 4)
		return false;
	for (int i = 0; i < 4; i++) {
		char c = ascii_lower(r->p[i]);

		if (c >= '0' && c <= '9')
			n = n << 4 | (unsigned int)(c - '0');
		else if (c >= 'a' && c <= 'f')
			n = n << 4 | (unsigned int)(c - 'a' + 10);
		else
			return false;
	}
	r->p += 4;
	*ret = n;
	return true;
}

/* What follows \u: one UTF-16 unit or a pair of them. @at is the backslash. */
static int read_unicode(struct json_reader *r, const char *at)
{
	unsigned int c, low;
	struct buf b;

	if (!read_hex(r, &c))
		return json_fail(r, at, "\\u without four hex digits");
	if (c >= 0xd800 && c <= 0xdbff) {
		if (r->end - r->p < 2 || r->p[0] != '\\' || r->p[1] != 'u')
			return json_fail(r, at, "half of a surrogate pair");
		r->p += 2;
		if (!read_hex(r, &low) || low < 0xdc00 || low > 0xdfff)
			return json_fail(r, at, "half of a surrogate pair");
		c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
	}
	/* Six bytes of text or twelve: room for at most four. */
	buf_init_fixed(&b, r->out, 4);
	if (!utf8_write(c, &b))
		return json_fail(r, at, "half of a surrogate pair");
	r->out += b.len;
	return 0;
}

static int read_escape(struct json_reader *r)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	const char *at = r->p++, *found;

	if (r->p == r->end)
		return fail_value(r);
	if (*r->p == 'u') {
		r->p++;
		return read_unicode(r, at);
	}
	found = memchr(from, *r->p, sizeof(from) - 1);
	if (!found)
		return json_fail(r, at, "an unknown escape in a string");
	*r->out++ = to[found - from];
	r->p++;
	return 0;
}

/* The byte that ended a run: an escape, a character beyond ASCII, DEL, or an error. */
static int read_special(struct json_reader *r)
{
	unsigned char c = (unsigned char)*r->p;
	size_t n = 1;

	if (c == '\\')
		return read_escape(r);
	if (c < 0x20)
		return json_fail(r, r->p, "a control byte in a string; JSON wants it escaped");
	if (c >= 0x80)
		n = utf8_length((struct str){ r->p, (size_t)(r->end - r->p) });
	if (n == 0)
		return json_fail(r, r->p, "a byte that is no UTF-8; exact bytes go into a _b64 key");
	memcpy(r->out, r->p, n);
	r->out += n;
	r->p += n;
	return 0;
}

static int read_string(struct json_reader *r, bool borrow, struct str *ret)
{
	const char *begin = r->out;
	size_t n;
	int e;

	if (next_byte(r) != '"')
		return fail_value(r);
	r->p++;
	for (;;) {
		n = json_plain(r->p, (size_t)(r->end - r->p));
		if (borrow && r->out == begin && r->p + n < r->end && r->p[n] == '"') {
			*ret = (struct str){ r->p, n };
			r->p += n + 1;
			return 0;
		}
		memcpy(r->out, r->p, n);
		r->out += n;
		r->p += n;
		if (r->p == r->end)
			return fail_value(r);
		if (*r->p == '"')
			break;
		e = read_special(r);
		if (e)
			return e;
	}
	r->p++;
	*ret = (struct str){ begin, (size_t)(r->out - begin) };
	return 0;
}

int json_read_string(struct json_reader *r, struct str *ret)
{
	return read_string(r, false, ret);
}

int json_read_word(struct json_reader *r, struct str *ret)
{
	return read_string(r, true, ret);
}

static const char *skip_digits(const char *p, const char *end)
{
	while (p < end && *p >= '0' && *p <= '9')
		p++;
	return p;
}

/* Only the grammar; *ret_integer: neither fraction nor exponent. */
static int skip_number(struct json_reader *r, bool *ret_integer)
{
	const char *p = r->p, *digits;
	bool integer = true;

	p += p < r->end && *p == '-';
	digits = p;
	p = skip_digits(p, r->end);
	if (p == digits)
		return json_fail(r, r->p, "a number without digits");
	if (*digits == '0' && p - digits > 1)
		return json_fail(r, r->p, "a number with a leading zero");
	if (p < r->end && *p == '.') {
		integer = false;
		digits = ++p;
		p = skip_digits(p, r->end);
		if (p == digits)
			return json_fail(r, r->p, "a number without digits behind the point");
	}
	if (p < r->end && (*p == 'e' || *p == 'E')) {
		integer = false;
		p++;
		p += p < r->end && (*p == '+' || *p == '-');
		digits = p;
		p = skip_digits(p, r->end);
		if (p == digits)
			return json_fail(r, r->p, "a number without digits in its exponent");
	}
	r->p = p;
	*ret_integer = integer;
	return 0;
}

int json_read_int(struct json_reader *r, int64_t *ret)
{
	const char *at;
	int64_t n = 0;
	bool integer, negative;
	int e;

	if (json_peek(r) != JSON_NUMBER)
		return fail_value(r);
	at = r->p;
	negative = *at == '-';
	e = skip_number(r, &integer);
	if (e)
		return e;
	if (!integer)
		return json_fail(r, at, "a number with a fraction or an exponent");
	/* Towards the negative, where there is one more. */
	for (const char *p = at + negative; p < r->p; p++)
		if (__builtin_mul_overflow(n, 10, &n) || __builtin_sub_overflow(n, *p - '0', &n))
			return json_fail(r, at, "a number beyond 64 bits");
	if (!negative && __builtin_sub_overflow(0, n, &n))
		return json_fail(r, at, "a number beyond 64 bits");
	*ret = n;
	return 0;
}

static bool take_literal(struct json_reader *r, struct str literal)
{
	if (!str_has_prefix((struct str){ r->p, (size_t)(r->end - r->p) }, literal))
		return false;
	r->p += literal.len;
	return true;
}

int json_read_bool(struct json_reader *r, bool *ret)
{
	bool b;

	next_byte(r);
	b = take_literal(r, STR_LIT("true"));
	if (!b && !take_literal(r, STR_LIT("false")))
		return fail_value(r);
	*ret = b;
	return 0;
}

static int skip_container(struct json_reader *r, enum json_kind kind, unsigned int depth)
{
	char *out = r->out;
	bool inside = false;
	struct str key;
	int e;

	if (depth == 0)
		return json_fail(r, r->p, "lists and objects are nested too deeply");
	for (;;) {
		e = kind == JSON_OBJECT ? json_next_key(r, &inside, &key) : json_next_item(r, &inside);
		r->out = out;
		if (e || !inside)
			return e;
		e = json_skip(r, depth - 1);
		if (e)
			return e;
	}
}

/* What was decoded on the way is dropped: the text may be read again. */
static int skip_string(struct json_reader *r)
{
	char *out = r->out;
	struct str text;
	int e = json_read_word(r, &text);

	r->out = out;
	return e;
}

int json_skip(struct json_reader *r, unsigned int depth)
{
	enum json_kind kind = json_peek(r);
	bool b;

	switch (kind) {
	case JSON_OBJECT:
	case JSON_LIST:
		return skip_container(r, kind, depth);
	case JSON_STRING:
		return skip_string(r);
	case JSON_NUMBER:
		return skip_number(r, &b);
	case JSON_BOOL:
		return json_read_bool(r, &b);
	case JSON_NULL:
		return take_literal(r, STR_LIT("null")) ? 0 : fail_value(r);
	case JSON_NOTHING:
		break;
	}
	return fail_value(r);
}

/* In front of an element, or behind the last one (then *inside becomes false). */
static int next_element(struct json_reader *r, char open, char close, bool *inside)
{
	char c = next_byte(r);

	if (*inside) {
		*inside = c != close;
		if (c != close && c != ',')
			return json_fail(r, r->p, r->p == r->end ? "the record ends in the middle" :
							 "a comma is missing");
		r->p++;
		return 0;
	}
	if (c != open)
		return fail_value(r);
	r->p++;
	*inside = next_byte(r) != close;
	r->p += !*inside;
	return 0;
}

int json_next_item(struct json_reader *r, bool *inside)
{
	return next_element(r, '[', ']', inside);
}

int json_next_key(struct json_reader *r, bool *inside, struct str *ret_key)
{
	int e = next_element(r, '{', '}', inside);

	if (e || !*inside)
		return e;
	if (next_byte(r) != '"')
		return json_fail(r, r->p, r->p == r->end ? "the record ends in the middle" :
						 "a key in double quotes belongs here");
	e = read_string(r, true, ret_key);
	if (e)
		return e;
	if (next_byte(r) != ':')
		return json_fail(r, r->p, "a colon is missing behind a key");
	r->p++;
	return 0;
}

int json_read_end(struct json_reader *r)
{
	return next_byte(r) || r->p < r->end ? json_fail(r, r->p, "something stands behind the record") : 0;
}
