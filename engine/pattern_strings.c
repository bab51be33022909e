/* SPDX-License-Identifier: Apache-2.0 */
/* Sets of texts; see pattern_strings.h. */
#include "engine/pattern_strings.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "base/cleanup.h"
#include "engine/frequency.h"
#include "engine/pattern_set.h"

/* Texts that a set of bytes is taken for; that a join of two sets with several texts may come to. */
#define MAX_OF_SET 4
#define MAX_JOINED 16
#define MAX_LENGTH 128
/* What is left of each of too many. */
#define MAX_PART 4

int strings_of_text(struct str text, bool nocase, struct arena *a, struct strings *ret)
{
	struct literal *l = arena_alloc(a, sizeof(*l));

	if (!l)
		return -ENOMEM;
	*l = (struct literal){ text, nocase };
	*ret = (struct strings){ l, 1 };
	return 0;
}

/* Adds the text of one byte, if it is not there in both cases already. */
static int add_byte(struct literal *list, size_t *n, unsigned char c, const struct byte_set *set,
		    struct arena *a)
{
	unsigned char lower = (unsigned char)ascii_lower((char)c);
	bool is_letter = lower >= 'a' && lower <= 'z';
	bool both = is_letter && byte_set_has(set, lower) && byte_set_has(set, lower - 0x20);
	char byte = (char)(both ? lower : c);

	if (both && c != lower)
		return 0;
	list[*n] = (struct literal){ arena_str(a, (struct str){ &byte, 1 }), both };
	return list[(*n)++].text.p ? 0 : -ENOMEM;
}

int strings_of_set(const struct byte_set *set, struct arena *a, struct strings *ret)
{
	struct literal *list;
	size_t n = 0;
	int r = 0;

	*ret = (struct strings){ NULL, 0 };
	if (set_size(set) > 2 * MAX_OF_SET)
		return 0;
	list = arena_array(a, 2 * MAX_OF_SET, sizeof(*list));
	if (!list)
		return -ENOMEM;
	for (unsigned int c = 0; c < 256 && r == 0; c++)
		if (byte_set_has(set, (unsigned char)c))
			r = add_byte(list, &n, (unsigned char)c, set, a);
	if (n <= MAX_OF_SET)
		*ret = (struct strings){ list, n };
	return r;
}

int strings_or(const struct strings *x, const struct strings *y, struct arena *a, struct strings *ret)
{
	size_t n = x->n > 0 && y->n > 0 ? x->n + y->n : 0;
	struct literal *list;

	if (n == 0 || n > PATTERN_MAX_ALTERNATIVES) {
		*ret = (struct strings){ NULL, 0 };
		return 0;
	}
	list = arena_array(a, n, sizeof(*list));
	if (!list)
		return -ENOMEM;
	memcpy(list, x->list, x->n * sizeof(*list));
	memcpy(list + x->n, y->list, y->n * sizeof(*list));
	*ret = (struct strings){ list, n };
	return 0;
}

/* Adds what is new of the texts of @s, cut to @length bytes. */
static size_t add_parts(const struct strings *s, size_t length, bool at_end, struct literal *list, size_t n)
{
	for (size_t i = 0; i < s->n; i++) {
		struct literal part = s->list[i];
		size_t k;

		if (part.text.len > length) {
			part.text.p += at_end ? part.text.len - length : 0;
			part.text.len = length;
		}
		for (k = 0; k < n; k++)
			if (list[k].nocase == part.nocase && str_eq(list[k].text, part.text))
				break;
		if (k == n)
			list[n++] = part;
	}
	return n;
}

int strings_or_parts(const struct strings *x, const struct strings *y, bool at_end, struct arena *a,
		     struct strings *ret)
{
	struct strings both[] = { *x, *y };
	struct literal *list;
	size_t n;

	if (x->n == 0 || y->n == 0 || x->n + y->n <= PATTERN_MAX_ALTERNATIVES)
		return strings_or(x, y, a, ret);
	list = arena_array(a, x->n + y->n, sizeof(*list));
	if (!list)
		return -ENOMEM;
	for (size_t length = MAX_PART; length > 0; length--) {
		n = add_parts(&both[0], length, at_end, list, 0);
		n = add_parts(&both[1], length, at_end, list, n);
		*ret = (struct strings){ list, n };
		/* Or the next ones are too many again. */
		if (n <= PATTERN_MAX_ALTERNATIVES / 2)
			return 0;
	}
	*ret = (struct strings){ NULL, 0 };
	return 0;
}

/* With regard to case only if both have it: what is said of more texts than need be is still true. */
static int join(const struct literal *x, const struct literal *y, struct arena *a, struct literal *ret)
{
	bool nocase = x->nocase || y->nocase;
	size_t length = x->text.len + y->text.len;
	char *p;

	if (x->text.len == 0 || y->text.len == 0) {
		*ret = x->text.len == 0 ? *y : *x;
		return 0;
	}
	p = arena_alloc(a, length);
	if (!p)
		return -ENOMEM;
	memcpy(p, x->text.p, x->text.len);
	memcpy(p + x->text.len, y->text.p, y->text.len);
	for (size_t i = 0; nocase && i < length; i++)
		p[i] = ascii_lower(p[i]);
	*ret = (struct literal){ { p, length }, nocase };
	return 0;
}

static size_t longest(const struct strings *s)
{
	size_t length = 0;

	for (size_t i = 0; i < s->n; i++)
		if (s->list[i].text.len > length)
			length = s->list[i].text.len;
	return length;
}

int strings_join(const struct strings *x, const struct strings *y, struct arena *a, struct strings *ret)
{
	size_t most = x->n == 1 || y->n == 1 ? PATTERN_MAX_ALTERNATIVES : MAX_JOINED;
	size_t n = x->n * y->n;
	struct literal *list;
	int r;

	if (n == 0 || n > most || longest(x) + longest(y) > MAX_LENGTH) {
		*ret = (struct strings){ NULL, 0 };
		return 0;
	}
	list = arena_array(a, n, sizeof(*list));
	if (!list)
		return -ENOMEM;
	for (size_t i = 0; i < x->n; i++) {
		for (size_t k = 0; k < y->n; k++) {
			r = join(&x->list[i], &y->list[k], a, &list[i * y->n + k]);
			if (r < 0)
				return r;
		}
	}
	*ret = (struct strings){ list, n };
	return 0;
}

size_t strings_shortest(const struct strings *s)
{
	size_t length = s->n > 0 ? SIZE_MAX : 0;

	for (size_t i = 0; i < s->n; i++)
		if (s->list[i].text.len < length)
			length = s->list[i].text.len;
	return length;
}

struct byte_set strings_bytes(const struct strings *s)
{
	struct byte_set set = { { 0 } };

	for (size_t i = 0; i < s->n; i++)
		for (size_t k = 0; k < s->list[i].text.len; k++)
			set_add(&set, set_of_byte((unsigned char)s->list[i].text.p[k], s->list[i].nocase));
	return set;
}

/* Is @small in every text that @large is in? *ret_at is where. */
static bool is_in(const struct literal *small, const struct literal *large, size_t *ret_at)
{
	struct str s = small->text, l = large->text;

	if (large->nocase && !small->nocase)
		return false;
	for (size_t i = 0; i + s.len <= l.len; i++) {
		struct str part = { l.p + i, s.len };

		if (small->nocase ? str_eq_nocase(part, s) : str_eq(part, s)) {
			*ret_at = i;
			return true;
		}
	}
	return false;
}

int strings_reduce(const struct strings *s, struct arena *a, struct strings *ret, size_t *lead)
{
	struct literal *list = arena_array(a, s->n, sizeof(*list)), cut;
	size_t n = 0, at, most = 0;

	if (!list)
		return -ENOMEM;
	for (size_t i = 0; i < s->n; i++) {
		size_t k, kept = 0;

		cut = s->list[i];
		if (cut.text.len > MAX_LENGTH)
			cut.text.len = MAX_LENGTH;
		for (k = 0; k < n; k++)
			if (is_in(&list[k], &cut, &at))
				break;
		if (k < n) {
			most = at > most ? at : most;
			continue;
		}
		for (k = 0; k < n; k++) {
			if (is_in(&cut, &list[k], &at))
				most = at > most ? at : most;
			else
				list[kept++] = list[k];
		}
		list[kept] = cut;
		n = kept + 1;
	}
	/* What is in one that went may be in that at a place of its own: once more for each. */
	if (n < s->n && *lead != SIZE_MAX)
		*lead += most * (s->n - n);
	*ret = (struct strings){ list, n };
	return 0;
}

float literal_share(const struct literal *l)
{
	char lower[MAX_LENGTH];
	size_t n = l->text.len < MAX_LENGTH ? l->text.len : MAX_LENGTH;

	if (l->nocase)
		return frequency_in_line((struct str){ l->text.p, n });
	for (size_t i = 0; i < n; i++)
		lower[i] = ascii_lower(l->text.p[i]);
	return frequency_in_line((struct str){ lower, n });
}

float strings_share(const struct strings *s)
{
	float sum = 0;

	for (size_t i = 0; i < s->n; i++)
		sum += literal_share(&s->list[i]);
	return sum;
}
