/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Byte strings; see str.h. The searches are the C library's where it has them: memmem is vectorised. For
 * those that fold case it has none; they go by the compiler's blocks of bytes, whatever the machine makes of
 * them.
 */
#include "base/str.h"

#include <stdint.h>
#include <string.h>

#define BLOCK 16
typedef uint8_t block __attribute__((vector_size(BLOCK)));

static block load(const char *p)
{
	block b;

	memcpy(&b, p, sizeof(b));
	return b;
}

static bool any(block b)
{
	uint64_t half[2];

	memcpy(half, &b, sizeof(b));
	return half[0] | half[1];
}

/* A to Z in lower case. */
static block lower(block b)
{
	return b | ((block)(b - 'A' < 26) & 0x20);
}

struct str str_of(const char *text)
{
	return (struct str){ text, text ? strlen(text) : 0 };
}

static bool bytes_eq_nocase(const char *a, const char *b, size_t len)
{
	size_t i = 0;

	for (; len - i >= BLOCK; i += BLOCK)
		if (any(lower(load(a + i)) ^ lower(load(b + i))))
			return false;
	for (; i < len; i++)
		if (ascii_lower(a[i]) != ascii_lower(b[i]))
			return false;
	return true;
}

/* memcmp must not be handed NULL, even for no bytes. */
static bool bytes_eq(const char *a, const char *b, size_t len)
{
	return len == 0 || memcmp(a, b, len) == 0;
}

bool str_eq(struct str a, struct str b)
{
	return a.len == b.len && !a.p == !b.p && bytes_eq(a.p, b.p, a.len);
}

bool str_eq_nocase(struct str a, struct str b)
{
	return a.len == b.len && !a.p == !b.p && bytes_eq_nocase(a.p, b.p, a.len);
}

int str_cmp(struct str a, struct str b)
{
	size_t common = a.len < b.len ? a.len : b.len;
	int r = common ? memcmp(a.p, b.p, common) : 0;

	if (r)
		return r;
	return a.len < b.len ? -1 : a.len > b.len;
}

bool str_has_prefix(struct str s, struct str prefix)
{
	return s.p && s.len >= prefix.len && bytes_eq(s.p, prefix.p, prefix.len);
}

bool str_has_prefix_nocase(struct str s, struct str prefix)
{
	return s.p && s.len >= prefix.len && bytes_eq_nocase(s.p, prefix.p, prefix.len);
}

bool str_has_suffix(struct str s, struct str suffix)
{
	return s.p && s.len >= suffix.len && bytes_eq(s.p + s.len - suffix.len, suffix.p, suffix.len);
}

bool str_has_suffix_nocase(struct str s, struct str suffix)
{
	return s.p && s.len >= suffix.len &&
	       bytes_eq_nocase(s.p + s.len - suffix.len, suffix.p, suffix.len);
}

size_t str_find(struct str s, struct str needle, size_t from)
{
	const char *found;

	if (!s.p || from > s.len || needle.len == 0)
		return s.p && from <= s.len ? from : SIZE_MAX;
	found = memmem(s.p + from, s.len - from, needle.p, needle.len);
	return found ? (size_t)(found - s.p) : SIZE_MAX;
}

bool str_contains(struct str s, struct str needle)
{
	return str_find(s, needle, 0) != SIZE_MAX;
}

/* A byte in either case: one that equals @byte with the bits of @fold set. */
struct either {
	uint8_t byte, fold;
};

static struct either either_case(char c)
{
	uint8_t folded = (uint8_t)ascii_lower(c);

	return (struct either){ folded, folded >= 'a' && folded <= 'z' ? 0x20 : 0 };
}

/* The byte at @at is the needle's first, and the one at its other end its last. */
static bool may_begin_at(const char *at, size_t to_last, struct either first, struct either last)
{
	return ((uint8_t)at[0] | first.fold) == first.byte &&
	       ((uint8_t)at[to_last] | last.fold) == last.byte;
}

/*
 * The needle's first and last byte are looked for at once, in a block of places; only where both are is the
 * rest compared.
 */
size_t str_find_nocase(struct str s, struct str needle, size_t from)
{
	struct either first, last;
	size_t at = from, n_places, to_last;

	if (!s.p || from > s.len || needle.len == 0 || needle.len > s.len - from)
		return s.p && from <= s.len && needle.len == 0 ? from : SIZE_MAX;
	to_last = needle.len - 1;
	first = either_case(needle.p[0]);
	last = either_case(needle.p[to_last]);
	n_places = s.len - to_last;
	while (at < n_places) {
		size_t end = n_places;

		if (n_places - at >= BLOCK) {
			block a = (load(s.p + at) | first.fold) ^ first.byte;
			block b = (load(s.p + at + to_last) | last.fold) ^ last.byte;

			end = at + BLOCK;
			if (!any((block)((a | b) == 0))) {
				at = end;
				continue;
			}
		}
		for (; at < end; at++)
			if (may_begin_at(s.p + at, to_last, first, last) &&
			    bytes_eq_nocase(s.p + at, needle.p, needle.len))
				return at;
	}
	return SIZE_MAX;
}

bool str_contains_nocase(struct str s, struct str needle)
{
	return str_find_nocase(s, needle, 0) != SIZE_MAX;
}

struct str str_basename(struct str path)
{
	const char *slash = path.len ? memrchr(path.p, '/', path.len) : NULL;

	return slash ? str_skip(path, (size_t)(slash - path.p) + 1) : path;
}

struct str str_skip(struct str s, size_t from)
{
	if (from > s.len)
		from = s.len;
	return (struct str){ s.p ? s.p + from : NULL, s.len - from };
}
