/* SPDX-License-Identifier: Apache-2.0 */
/* The loop that JSON spends its time in, shared by the writer and the reader. */
#ifndef EVENT_JSON_PLAIN_H
#define EVENT_JSON_PLAIN_H

#include <endian.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Bytes of a 64-bit word that are zero have their top bit set in the result. A byte above a zero one may
 * have it too, so only the lowest is exact. */
static inline uint64_t json_zero_bytes(uint64_t x)
{
	return (x - 0x0101010101010101u) & ~x & 0x8080808080808080u;
}

/*
 * How many of the @n bytes at @p come before the first that is a control (C0 or DEL), a quote, a backslash or
 * no ASCII: what may be copied as it is. Eight bytes a step; reads nothing behind p + n.
 */
static inline size_t json_plain(const char *p, size_t n)
{
	const uint64_t each = 0x0101010101010101u, top = 0x80 * each;
	size_t i = 0;

	for (; n - i >= 8; i += 8) {
		uint64_t x, special;

		memcpy(&x, p + i, 8);
		x = le64toh(x);
		special = (x | (x + each) | ((x - 0x20 * each) & ~x)) & top;
		special |= json_zero_bytes(x ^ '"' * each) | json_zero_bytes(x ^ '\\' * each);
		if (special)
			return i + (size_t)__builtin_ctzll(special) / 8;
	}
	for (; i < n; i++) {
		unsigned char c = (unsigned char)p[i];

		if (c < 0x20 || c >= 0x7f || c == '"' || c == '\\')
			break;
	}
	return i;
}

#endif
