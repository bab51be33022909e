/* SPDX-License-Identifier: Apache-2.0 */
/* Zstandard (RFC 8878) in both directions, as a stream: recordings are large and say much the same. */
#ifndef CLI_ZSTD_H
#define CLI_ZSTD_H

#include <stdbool.h>
#include <stdio.h>
#include <sys/types.h>

#include "base/cleanup.h"
#include "base/str.h"

struct zstd_writer;

/* Writes to @to, which is borrowed. 0 or -ENOMEM. */
int zstd_writer_new(FILE *to, struct zstd_writer **ret);
struct zstd_writer *zstd_writer_free(struct zstd_writer *w);

/* Each 0 or -errno. */
int zstd_write(struct zstd_writer *w, struct str bytes);
/* What was written so far is in @to and can be read, even when nothing ever follows. */
int zstd_flush(struct zstd_writer *w);
/* The same, and the frame is complete: a reader knows that nothing is missing. */
int zstd_end(struct zstd_writer *w);

struct zstd_reader;

/* How much a file must begin with for zstd_is_magic() to tell. */
#define ZSTD_MAGIC_BYTES 4
bool zstd_is_magic(struct str begin);

/* @begin was read from the file already, at most 64 bytes. 0 or -ENOMEM. */
int zstd_reader_new(struct str begin, struct zstd_reader **ret);
struct zstd_reader *zstd_reader_free(struct zstd_reader *r);

/* The largest window that a frame may ask for, as a power of two: what the zstd program takes without being
 * told more. It bounds the memory that reading needs. */
#define ZSTD_WINDOW_LOG 27

/*
 * Reads compressed bytes from @fd and writes at most @size, which is not 0, plain ones to @to. How many, 0 at
 * the end of the last frame; -ENODATA: the file ends inside a frame; -EBADMSG: that is no zstd, or it is
 * damaged; -E2BIG: a window over the limit; -ENOMEM; or -errno of read(2). What comes before an error is
 * handed out before it.
 */
ssize_t zstd_read(struct zstd_reader *r, int fd, char *to, size_t size);

DEFINE_CLEANUP(struct zstd_writer *, zstd_writer_free)
DEFINE_CLEANUP(struct zstd_reader *, zstd_reader_free)

#endif
