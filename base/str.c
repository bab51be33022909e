/* SPDX-License-Identifier: Apache-2.0 */
/* Byte strings; see str.h. The searches are the C library's where it has them: memmem is vectorised. */
#include "base/str.h"

#include <string.h>

struct str str_of(const char *text)
{
	return (struct str){ text, text ? strlen(text) : 0 };
}

static bool bytes_eq_nocase(const char *a, const char *b, size_t len)
{
	for (size_t i = 0; i < len; i++)
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

bool str_contains(struct str s, struct str needle)
{
	if (!s.p || needle.len == 0)
		return s.p != NULL;
	return memmem(s.p, s.len, needle.p, needle.len) != NULL;
}

bool str_contains_nocase(struct str s, struct str needle)
{
	if (!s.p || needle.len == 0)
		return s.p != NULL;
	for (size_t at = 0; at + needle.len <= s.len; at++)
		if (ascii_lower(s.p[at]) == ascii_lower(needle.p[0]) &&
		    bytes_eq_nocase(s.p + at, needle.p, needle.len))
			return true;
	return false;
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
