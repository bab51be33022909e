/* SPDX-License-Identifier: Apache-2.0 */
/* The modifiers of Sigma that change texts: where in a field they stand, and how they are encoded. */
#include <errno.h>
#include <string.h>

#include "base/text.h"
#include "parser/codes.h"
#include "parser/sigma.h"

static int from_bytes(struct sigma *g, struct str bytes, struct tokens *ret)
{
	uint16_t *t;
	int err = sigma_tokens_new(g, bytes.len, &t);

	if (err < 0)
		return err;
	for (size_t i = 0; i < bytes.len; i++)
		t[i] = (unsigned char)bytes.p[i];
	*ret = (struct tokens){ t, bytes.len };
	return 0;
}

/* `*` in front of the text, behind it, or both. */
static int wrap(struct sigma *g, bool before, bool behind, struct tokens *text)
{
	size_t n = 0;
	uint16_t *t;
	int err = sigma_tokens_new(g, text->n + 2, &t);

	if (err < 0)
		return err;
	if (before)
		t[n++] = TOKEN_ANY;
	for (size_t i = 0; i < text->n; i++)
		t[n++] = text->t[i];
	if (behind)
		t[n++] = TOKEN_ANY;
	*text = (struct tokens){ t, n };
	return 0;
}

/* Does the byte belong to a word? @lead: the first byte of the character that it is part of, or NULL. All
 * characters but those of ASCII are letters here, except for what Unicode calls general punctuation. */
static bool is_word(uint16_t token, const uint16_t *lead, const uint16_t *end)
{
	if (token >= 0x80)
		return token <= UINT8_MAX &&
		       !(lead && lead + 2 < end && lead[0] == 0xe2 && (lead[1] == 0x80 || lead[1] == 0x81));
	return (token >= '0' && token <= '9') || token == '_' ||
	       (ascii_lower((char)token) >= 'a' && ascii_lower((char)token) <= 'z');
}

/* A - or / that begins a word stands for any dash. */
static int windash(struct sigma *g, struct tokens *text)
{
	const uint16_t *from = text->t, *end = from + text->n;
	uint16_t *t;
	int err = sigma_tokens_new(g, text->n, &t);

	if (err < 0)
		return err;
	for (size_t i = 0; i < text->n; i++) {
		bool begins = i == 0 || !is_word(from[i - 1], i >= 3 ? from + i - 3 : NULL, end);

		t[i] = from[i];
		if ((from[i] == '-' || from[i] == '/') && begins && i + 1 < text->n &&
		    is_word(from[i + 1], from + i + 1, end))
			t[i] = TOKEN_DASH;
	}
	text->t = t;
	return 0;
}

/* The character that @s begins with; a byte that is no UTF-8 is its own number. */
static uint32_t code_point(struct str s, size_t *ret_length)
{
	size_t length = utf8_length(s);
	uint32_t c = (unsigned char)s.p[0];

	*ret_length = length > 0 ? length : 1;
	if (length > 1)
		c &= 0x7fU >> length;
	for (size_t i = 1; i < length; i++)
		c = c << 6 | ((unsigned char)s.p[i] & 0x3f);
	return c;
}

static void unit_write(uint32_t unit, bool big, struct buf *b)
{
	buf_char(b, (char)(big ? unit >> 8 : unit & 0xff));
	buf_char(b, (char)(big ? unit & 0xff : unit >> 8));
}

static void utf16_write(struct str text, bool big, struct buf *b)
{
	for (size_t length; text.len > 0; text = str_skip(text, length)) {
		uint32_t c = code_point(text, &length);

		if (c >= 0x10000) {
			unit_write(0xd800 + ((c - 0x10000) >> 10), big, b);
			c = 0xdc00 + ((c - 0x10000) & 0x3ff);
		}
		unit_write(c, big, b);
	}
}

/* What of its base64 does not depend on what stands around the text, which begins @offset bytes behind the
 * start of a group of three. */
static void base64_part_write(struct str bytes, size_t offset, struct buf *b)
{
	static const size_t first[] = { 0, 2, 3 }, last[] = { 0, 3, 2 };
	_cleanup_(buf) struct buf plain = BUF_INIT, coded = BUF_INIT;
	size_t end;

	buf_add(&plain, "  ", offset);
	buf_str(&plain, bytes);
	base64_write(buf_get(&plain), &coded);
	end = last[plain.len % 3] < coded.len ? coded.len - last[plain.len % 3] : 0;
	if (first[offset] < end)
		buf_add(b, coded.p + first[offset], end - first[offset]);
	if (plain.error || coded.error)
		b->error = -ENOMEM;
}

static int encode(struct sigma *g, enum sigma_change change, struct str bytes, size_t offset,
		  struct tokens *ret)
{
	_cleanup_(buf) struct buf b = BUF_INIT;

	switch (change) {
	case CHANGE_UTF16:
		buf_text(&b, "\xff\xfe");
		utf16_write(bytes, false, &b);
		break;
	case CHANGE_WIDE:
		utf16_write(bytes, false, &b);
		break;
	case CHANGE_UTF16BE:
		utf16_write(bytes, true, &b);
		break;
	case CHANGE_BASE64:
		base64_write(bytes, &b);
		break;
	default:
		base64_part_write(bytes, offset, &b);
	}
	return b.error ? -ENOMEM : from_bytes(g, buf_get(&b), ret);
}

static int takes_no_wildcards(struct sigma *g, const struct sigma_item *item, const struct sigma_modifier *m,
			      const struct sigma_value *value)
{
	diag_error(g->s->checker->ds, &code_sigma_value, value->node->at, "`%s` takes no wildcards", m->name);
	diag_second(g->s->checker->ds, sigma_modifier_place(item, m->name), "it stands here");
	return -EINVAL;
}

static int encode_value(struct sigma *g, const struct sigma_item *item, const struct sigma_modifier *m,
			struct sigma_value *value)
{
	size_t n = m->change == CHANGE_BASE64_OFFSET ? 3 : 1;
	struct tokens *texts = arena_array(g->s->scratch, n * value->n_texts, sizeof(*texts));

	if (!texts)
		return -ENOMEM;
	for (size_t i = 0; i < value->n_texts; i++) {
		struct str bytes;
		int err = 0;

		if (!sigma_is_plain(&value->texts[i]))
			return takes_no_wildcards(g, item, m, value);
		bytes = sigma_bytes(g, &value->texts[i]);
		if (!bytes.p)
			return -ENOMEM;
		for (size_t k = 0; k < n && err == 0; k++)
			err = encode(g, m->change, bytes, k, &texts[i * n + k]);
		if (err < 0)
			return err;
	}
	value->texts = texts;
	value->n_texts *= n;
	value->several |= n > 1;
	return 0;
}

int sigma_change(struct sigma *g, const struct sigma_item *item, const struct sigma_modifier *m,
		 struct sigma_value *value)
{
	bool wraps = m->change <= CHANGE_ENDS;
	int err = 0;

	if (value->several && !wraps)
		return diag_error(g->s->checker->ds, &code_sigma_modifier_use,
				  sigma_modifier_place(item, m->name),
				  "`%s` cannot stand behind what makes several texts of one", m->name);
	if (!wraps && m->change != CHANGE_WINDASH)
		return encode_value(g, item, m, value);
	for (size_t i = 0; i < value->n_texts && err == 0; i++)
		err = wraps ? wrap(g, m->change != CHANGE_STARTS, m->change != CHANGE_ENDS, &value->texts[i])
			    : windash(g, &value->texts[i]);
	value->several |= m->change == CHANGE_WINDASH;
	return err;
}
