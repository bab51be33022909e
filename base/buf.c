/* SPDX-License-Identifier: Apache-2.0 */
/* Growing and fixed byte buffers; see buf.h. */
#include "base/buf.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void buf_init_fixed(struct buf *b, char *memory, size_t size)
{
	*b = (struct buf){ .p = memory, .cap = size, .fixed = true };
}

void buf_done(struct buf *b)
{
	if (!b->fixed)
		free(b->p);
	*b = (struct buf)BUF_INIT;
}

void buf_reset(struct buf *b)
{
	buf_cut(b, 0);
}

void buf_cut(struct buf *b, size_t len)
{
	b->len = len;
	b->error = 0;
}

/* Room for @n more bytes, or a sticky error. */
static bool buf_room(struct buf *b, size_t n)
{
	size_t cap = b->cap ? b->cap : 256;
	char *p;

	if (b->error)
		return false;
	if (n <= b->cap - b->len)
		return true;
	if (b->fixed) {
		b->error = -ENOBUFS;
		return false;
	}
	while (cap - b->len < n && cap <= SIZE_MAX / 2)
		cap *= 2;
	p = cap - b->len < n ? NULL : realloc(b->p, cap);
	if (!p) {
		b->error = -ENOMEM;
		return false;
	}
	b->p = p;
	b->cap = cap;
	return true;
}

void buf_add(struct buf *b, const void *bytes, size_t n)
{
	if (n == 0 || !buf_room(b, n))
		return;
	memcpy(b->p + b->len, bytes, n);
	b->len += n;
}

void buf_char(struct buf *b, char c)
{
	buf_add(b, &c, 1);
}

void buf_text(struct buf *b, const char *text)
{
	buf_add(b, text, strlen(text));
}

void buf_str(struct buf *b, struct str s)
{
	buf_add(b, s.p, s.len);
}

void buf_int(struct buf *b, int64_t n)
{
	char digits[20], *end = digits + sizeof(digits), *p = end;
	uint64_t rest = n < 0 ? -(uint64_t)n : (uint64_t)n;

	do
		*--p = (char)('0' + rest % 10);
	while (rest /= 10);
	if (n < 0)
		*--p = '-';
	buf_add(b, p, (size_t)(end - p));
}

void buf_printf(struct buf *b, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	buf_vprintf(b, fmt, args);
	va_end(args);
}

/* vsnprintf wants room for a NUL that is not kept, so the text goes through the stack where it is short. A
 * longer one that fits but for its NUL is refused by a fixed buffer. */
void buf_vprintf(struct buf *b, const char *fmt, va_list args)
{
	char small[256];
	va_list again;
	int n;

	va_copy(again, args);
	n = vsnprintf(small, sizeof(small), fmt, args);
	if (n >= (int)sizeof(small)) {
		if (buf_room(b, (size_t)n + 1)) {
			vsnprintf(b->p + b->len, (size_t)n + 1, fmt, again);
			b->len += (size_t)n;
		}
	} else if (n >= 0) {
		buf_add(b, small, (size_t)n);
	} else if (!b->error) {
		b->error = -EINVAL;
	}
	va_end(again);
}
