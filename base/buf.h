/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A byte buffer to write into: one that grows, for the command line, or one over memory of a fixed size, for
 * the event path, where nothing may be allocated.
 *
 * Errors stick: a writer adds everything it has and asks once, at the end, whether it all went in. After an
 * error the buffer holds what fitted before; nothing more is added.
 */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

struct buf {
	char *p;		/* len bytes are valid; no terminator */
	size_t len, cap;
	bool fixed;		/* p is the caller's and stays where it is */
	int error;		/* 0, -ENOMEM (growing), -ENOBUFS (fixed), or -EINVAL of printf itself */
};

/* An empty growing buffer; release with buf_done(). */
#define BUF_INIT { NULL, 0, 0, false, 0 }

/* Borrows @memory until the last use of the buffer. */
void buf_init_fixed(struct buf *b, char *memory, size_t size);
void buf_done(struct buf *b);
/* Empties the buffer and forgets its error; keeps the memory. */
void buf_reset(struct buf *b);
/* Cuts back to @len bytes, which must not be more than there are, and forgets the error. */
void buf_cut(struct buf *b, size_t len);

void buf_add(struct buf *b, const void *bytes, size_t n);
void buf_char(struct buf *b, char c);
void buf_text(struct buf *b, const char *text);
void buf_str(struct buf *b, struct str s);
void buf_int(struct buf *b, int64_t n);
/* A text of 256 bytes and more must leave one byte free in a fixed buffer. */
__attribute__((format(printf, 2, 3))) void buf_printf(struct buf *b, const char *fmt, ...);
__attribute__((format(printf, 2, 0))) void buf_vprintf(struct buf *b, const char *fmt, va_list args);

/* Borrowed until the next call on the buffer. */
static inline struct str buf_get(const struct buf *b)
{
	return (struct str){ b->p ? b->p : "", b->len };
}

static inline void buf_cleanup(struct buf *b)
{
	buf_done(b);
}

#endif
