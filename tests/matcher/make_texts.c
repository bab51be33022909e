/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The texts of events: out of the pool, or next to what would fulfil a condition, where a search that is
 * wrong by one byte goes wrong. Now and then one is long, with such texts where a search that goes in steps
 * would have its seams.
 */
#include "tests/matcher/make.h"

#include <string.h>

struct str pool_any(const struct maker *m, struct random *r)
{
	return m->pool[pick(r, m->n_pool)];
}

static void flip(struct random *r, struct buf *b, size_t from)
{
	unsigned int percent = chance(r, 50) ? 100 : 50;

	for (size_t i = from; i < b->len; i++)
		if (is_letter(b->p[i]) && chance(r, percent))
			b->p[i] ^= 0x20;
}

/* A text of the pool, or nearly one. */
static void piece_write(const struct maker *m, struct random *r, struct buf *b)
{
	struct str s = pool_any(m, r);
	size_t from = b->len, at = pick(r, s.len);

	buf_str(b, s);
	switch (pick(r, 12)) {
	case 0:
		flip(r, b, from);
		break;
	case 1:
		b->p[from + at] ^= (char)(1U << pick(r, 8));
		break;
	case 2:
		buf_cut(b, from + at);
		break;
	case 3:
		buf_str(b, s);
		break;
	}
}

void line_write(const struct maker *m, struct random *r, size_t n, struct buf *b)
{
	while (n-- > 0) {
		piece_write(m, r, b);
		if (chance(r, 50))
			junk_write(r, b);
	}
}

/* The text with one thing changed. */
static void miss_write(struct random *r, struct str s, struct buf *b)
{
	size_t from = b->len, at = pick(r, s.len + 1), n = 1 + (chance(r, 30) ? pick(r, 4) : 0);
	struct str head = { s.p, at };

	switch (pick(r, 8)) {
	case 0:
		buf_str(b, s);
		flip(r, b, from);
		break;
	case 1:
		buf_str(b, head);
		buf_str(b, str_skip(s, at + n));
		break;
	case 2:
		buf_str(b, head);
		buf_char(b, s.p[at ? at - 1 : 0]);
		buf_str(b, str_skip(s, at));
		break;
	case 3:
		buf_str(b, head);
		junk_write(r, b);
		buf_str(b, str_skip(s, at));
		break;
	case 4:
		buf_str(b, s);
		buf_char(b, s.p[pick(r, s.len)]);
		break;
	case 5:
		buf_char(b, s.p[pick(r, s.len)]);
		buf_str(b, s);
		break;
	case 6:
		buf_str(b, s);
		b->p[from + (at ? at - 1 : 0)] = "a0 /-Z"[pick(r, 6)];
		break;
	default:
		buf_str(b, chance(r, 50) ? head : str_skip(s, at));
		break;
	}
}

void near_write(struct random *r, struct str s, struct buf *b)
{
	size_t kind = s.len > 0 ? pick(r, 100) : 0;

	if (kind < 50) {
		buf_str(b, s);
		return;
	}
	for (size_t n = kind < 70 ? 1 : 1 + pick(r, 4); n > 0; n--) {
		if (chance(r, 70))
			miss_write(r, s, b);
		else
			buf_str(b, s);
		if (chance(r, 40))
			buf_char(b, " a/;-0"[pick(r, 6)]);
	}
	if (kind >= 85)
		buf_str(b, s);
}

/* Texts of the pool over and around the places at which a text may be taken apart. */
static void plant(const struct maker *m, struct random *r, struct buf *b)
{
	static const size_t seams[] = { 64, 256, 512, 1024, 1024, 4096, 8192, 65536 };

	for (size_t n = 1 + pick(r, 16); n > 0; n--) {
		size_t seam = seams[pick(r, ARRAY_SIZE(seams))], at, back;
		struct str s = pool_any(m, r);

		if (m->n_hints > 0 && chance(r, 50))
			s = m->hints[pick(r, m->n_hints)].text;
		if (!str_known(s) || b->len < seam + s.len + 2)
			continue;
		at = seam * (1 + pick(r, b->len / seam)) + 1;
		back = pick(r, s.len + 3);
		at -= back < at ? back : at;
		if (chance(r, 15))
			at = chance(r, 50) ? 0 : b->len - s.len;
		if (at + s.len <= b->len)
			memcpy(b->p + at, s.p, s.len);
	}
}

void long_write(const struct maker *m, struct random *r, struct buf *b)
{
	static const size_t lengths[] = { 250, 500, 1000, 1100, 2000, 2200, 4096, 9000 };
	size_t len = lengths[pick(r, ARRAY_SIZE(lengths))], period;

	len += pick(r, 64);
	if (chance(r, 3))
		len = 65536 + pick(r, 5000);
	if (chance(r, 40))
		line_write(m, r, 6, b);
	else
		junk_write(r, b);
	if (b->len == 0)
		buf_char(b, 'x');
	period = b->len;
	while (b->len < len)
		buf_char(b, b->p[b->len - period]);
	plant(m, r, b);
}
