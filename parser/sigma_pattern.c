/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Texts with wildcards to the operators that say the same and cost the least: most are a text at the start or
 * the end of a field, or anywhere in it. A `*` in the midst makes a glob. A `?` is one character, for which
 * globs have nothing, as they know bytes alone, and so it makes a regex; many dashes, too.
 */
#include <errno.h>

#include "base/text.h"
#include "parser/codes.h"
#include "parser/sigma_match.h"

/* A text with up to so many dashes that may be others is written out: five texts for one of them. */
#define MAX_DASHES 2

static const char *const dashes[] = { "-", "/", "\xe2\x80\x93", "\xe2\x80\x94", "\xe2\x80\x95" };

/* One well-formed character of UTF-8 (Unicode 15, table 3-7), taken whole, else one byte. */
static const char one_character[] =
	"(?>[\\x00-\\x7f]|[\\xc2-\\xdf][\\x80-\\xbf]|\\xe0[\\xa0-\\xbf][\\x80-\\xbf]"
	"|[\\xe1-\\xec\\xee\\xef][\\x80-\\xbf]{2}|\\xed[\\x80-\\x9f][\\x80-\\xbf]"
	"|\\xf0[\\x90-\\xbf][\\x80-\\xbf]{2}|[\\xf1-\\xf3][\\x80-\\xbf]{3}"
	"|\\xf4[\\x80-\\x8f][\\x80-\\xbf]{2}|[\\x80-\\xff])";

static size_t count(const struct tokens *t, uint16_t token)
{
	size_t n = 0;

	for (size_t i = 0; i < t->n; i++)
		n += t->t[i] == token;
	return n;
}

static bool is_wildcard(uint16_t token)
{
	return token == TOKEN_ANY || token == TOKEN_ONE;
}

static void literal_write(uint16_t token, struct buf *b)
{
	char c = (char)token, low = ascii_lower(c);

	if (token < 0x20 || token == 0x7f)
		buf_printf(b, "\\x%02x", token);
	else if (token >= 0x80 || (low >= 'a' && low <= 'z') || (c >= '0' && c <= '9'))
		buf_char(b, c);
	else
		buf_printf(b, "\\%c", c);
}

/* A run of wildcards: so many characters, and then whatever there is. In this order no character can be taken
 * for several by beginning in its midst. */
static size_t run_write(const struct tokens *t, size_t from, struct buf *b)
{
	size_t ones = 0, i = from;
	bool any = false;

	for (; i < t->n && is_wildcard(t->t[i]); i++) {
		any |= t->t[i] == TOKEN_ANY;
		ones += t->t[i] == TOKEN_ONE;
	}
	if (from == 0 && ones > 0)
		buf_text(b, "\\A");
	if (ones > 0)
		buf_text(b, one_character);
	if (ones > 1)
		buf_printf(b, "{%zu}", ones);
	if (any && i < t->n && (from > 0 || ones > 0))
		buf_text(b, ".*");
	if (!any && i == t->n)
		buf_text(b, "\\z");
	return i;
}

static int add_regex(struct match *m, const struct tokens *t)
{
	_cleanup_(buf) struct buf b = BUF_INIT;

	if (!m->item->cased)
		buf_text(&b, "(?i)");
	if (t->n > 0 && !is_wildcard(t->t[0]))
		buf_text(&b, "\\A");
	for (size_t i = 0; i < t->n && b.len <= REGEX_MAX_PATTERN; ) {
		if (is_wildcard(t->t[i])) {
			i = run_write(t, i, &b);
			continue;
		}
		if (t->t[i] == TOKEN_DASH)
			buf_text(&b, "(?:[\\-\\/]|\\xe2\\x80[\\x93-\\x95])");
		else
			literal_write(t->t[i], &b);
		if (++i == t->n)
			buf_text(&b, "\\z");
	}
	if (!b.error && b.len > REGEX_MAX_PATTERN)
		return diag_error(m->g->s->checker->ds, &code_too_big, m->value->node->at,
				  "too many wildcards, or too long a text with them");
	return b.error ? -ENOMEM : sigma_add_regex(m, buf_get(&b), 0, b.len);
}

static int add_glob(struct match *m, const struct tokens *t)
{
	_cleanup_(buf) struct buf b = BUF_INIT;
	struct str text;

	for (size_t i = 0; i < t->n; i++) {
		char byte = (char)t->t[i];

		if (t->t[i] == TOKEN_ANY)
			buf_char(&b, '*');
		else
			glob_escape((struct str){ &byte, 1 }, &b);
	}
	text = arena_str(m->g->s->scratch, buf_get(&b));
	return b.error || !text.p ? -ENOMEM : sigma_add_text(m, OP_GLOB, text);
}

/* Each dash in turn in the place of the first one. */
static int add_dashes(struct match *m, const struct tokens *t)
{
	size_t at = 0;
	int err = 0;

	while (t->t[at] != TOKEN_DASH)
		at++;
	for (size_t i = 0; i < ARRAY_SIZE(dashes) && err == 0; i++) {
		uint16_t *with;
		size_t n = 0;

		m->g->value = m->value->node;
		err = sigma_tokens_new(m->g, t->n + 3, &with);
		if (err < 0)
			return err;
		for (size_t k = 0; k < at; k++)
			with[n++] = t->t[k];
		for (const char *c = dashes[i]; *c; c++)
			with[n++] = (unsigned char)*c;
		for (size_t k = at + 1; k < t->n; k++)
			with[n++] = t->t[k];
		err = sigma_add_pattern(m, &(struct tokens){ with, n });
	}
	return err;
}

/* Wildcards at the ends say where in a field the text is. -ENOENT: there are others. */
static int add_placed(struct match *m, struct tokens t)
{
	bool before = false, behind = false;
	struct str text;

	for (; t.n > 0 && t.t[0] == TOKEN_ANY; before = true)
		t = (struct tokens){ t.t + 1, t.n - 1 };
	for (; t.n > 0 && t.t[t.n - 1] == TOKEN_ANY; behind = true)
		t.n--;
	if (t.n == 0 && before)
		return sigma_piece(m, &(struct piece){ .op = OP_SET, .form = FORM_NUMBERS, .number = 1 });
	if (!sigma_is_plain(&t))
		return -ENOENT;
	text = sigma_bytes(m->g, &t);
	if (!text.p)
		return -ENOMEM;
	if (before && behind)
		return sigma_add_text(m, OP_CONTAINS, text);
	return sigma_add_text(m, before ? OP_SUFFIX : behind ? OP_PREFIX : OP_IN, text);
}

int sigma_add_pattern(struct match *m, const struct tokens *t)
{
	size_t n_dashes = count(t, TOKEN_DASH);
	int err;

	if (n_dashes > 0 && n_dashes <= MAX_DASHES)
		return add_dashes(m, t);
	err = add_placed(m, *t);
	if (err != -ENOENT)
		return err;
	return n_dashes > 0 || count(t, TOKEN_ONE) > 0 ? add_regex(m, t) : add_glob(m, t);
}
