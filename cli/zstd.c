/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Zstandard; see zstd.h. The one file that sees libzstd.
 *
 * libzstd decodes into the output until it meets an error, and then does not say how much it had written. So
 * it is given a block at a time, and what came of each is handed out before the next one is looked at: of a
 * file that is cut or damaged everything before that place is read.
 */
#include "cli/zstd.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <zstd.h>
#include <zstd_errors.h>

/* Of records it leaves a tenth, at a cost that the capture does not notice. */
#define LEVEL 3
/* What the head of a frame begins with, and what a block does (RFC 8878 sections 3.1.1 and 3.1.1.2). */
#define FRAME_HEAD 5
#define BLOCK_HEAD 3

struct zstd_writer {
	FILE *to;
	ZSTD_CCtx *z;
	char *out;
	size_t size;
};

int zstd_writer_new(FILE *to, struct zstd_writer **ret)
{
	_cleanup_(zstd_writer_free) struct zstd_writer *w = calloc(1, sizeof(*w));

	if (!w)
		return -ENOMEM;
	w->to = to;
	w->z = ZSTD_createCCtx();
	w->size = ZSTD_CStreamOutSize();
	w->out = malloc(w->size);
	if (!w->z || !w->out || ZSTD_isError(ZSTD_CCtx_setParameter(w->z, ZSTD_c_compressionLevel, LEVEL)) ||
	    ZSTD_isError(ZSTD_CCtx_setParameter(w->z, ZSTD_c_checksumFlag, 1)))
		return -ENOMEM;
	*ret = TAKE_PTR(w);
	return 0;
}

struct zstd_writer *zstd_writer_free(struct zstd_writer *w)
{
	if (!w)
		return NULL;
	ZSTD_freeCCtx(w->z);
	free(w->out);
	free(w);
	return NULL;
}

/* Memory is all that compressing can lack. */
static int compress(struct zstd_writer *w, struct str bytes, ZSTD_EndDirective how)
{
	ZSTD_inBuffer in = { bytes.p, bytes.len, 0 };
	bool done;

	do {
		ZSTD_outBuffer out = { w->out, w->size, 0 };
		size_t left = ZSTD_compressStream2(w->z, &out, &in, how);

		if (ZSTD_isError(left))
			return -ENOMEM;
		errno = 0;
		if (fwrite(w->out, 1, out.pos, w->to) != out.pos)
			return errno ? -errno : -EIO;
		done = how == ZSTD_e_continue ? in.pos == in.size : left == 0;
	} while (!done);
	errno = 0;
	if (how != ZSTD_e_continue && fflush(w->to) != 0)
		return errno ? -errno : -EIO;
	return 0;
}

int zstd_write(struct zstd_writer *w, struct str bytes)
{
	return compress(w, bytes, ZSTD_e_continue);
}

int zstd_flush(struct zstd_writer *w)
{
	return compress(w, STR_LIT(""), ZSTD_e_flush);
}

int zstd_end(struct zstd_writer *w)
{
	return compress(w, STR_LIT(""), ZSTD_e_end);
}

struct zstd_reader {
	ZSTD_DCtx *z;
	char *in;
	size_t size, start, end;	/* in[start, end) was read and not yet decoded */
	size_t wanted;			/* bytes of the next step */
	bool inside;			/* ... a frame */
	bool is_full;			/* the last step filled its output: there may be more without input */
};

bool zstd_is_magic(struct str begin)
{
	const unsigned char *p = (const unsigned char *)begin.p;
	uint32_t magic;

	if (begin.len < ZSTD_MAGIC_BYTES)
		return false;
	magic = (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
	return magic == ZSTD_MAGICNUMBER || (magic & ZSTD_MAGIC_SKIPPABLE_MASK) == ZSTD_MAGIC_SKIPPABLE_START;
}

int zstd_reader_new(struct str begin, struct zstd_reader **ret)
{
	_cleanup_(zstd_reader_free) struct zstd_reader *r = calloc(1, sizeof(*r));

	if (!r)
		return -ENOMEM;
	r->z = ZSTD_createDCtx();
	r->size = ZSTD_DStreamInSize();
	r->in = malloc(r->size);
	if (!r->z || !r->in ||
	    ZSTD_isError(ZSTD_DCtx_setParameter(r->z, ZSTD_d_windowLogMax, ZSTD_WINDOW_LOG)))
		return -ENOMEM;
	memcpy(r->in, begin.p, begin.len);
	r->end = begin.len;
	r->wanted = FRAME_HEAD;
	*ret = TAKE_PTR(r);
	return 0;
}

struct zstd_reader *zstd_reader_free(struct zstd_reader *r)
{
	if (!r)
		return NULL;
	ZSTD_freeDCtx(r->z);
	free(r->in);
	free(r);
	return NULL;
}

/* More input, where there is none left: 1, 0 at the end of the file. */
static int refill(struct zstd_reader *r, int fd)
{
	ssize_t n;

	do
		n = read(fd, r->in, r->size);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	r->start = 0;
	r->end = (size_t)n;
	return n > 0;
}

static int error_of(size_t code)
{
	switch (ZSTD_getErrorCode(code)) {
	case ZSTD_error_frameParameter_windowTooLarge:
		return -E2BIG;
	case ZSTD_error_memory_allocation:
		return -ENOMEM;
	default:
		return -EBADMSG;
	}
}

/* One step: how many bytes came out of it. libzstd asks for a block and the head of the next one; that one it
 * gets by itself. */
static ssize_t decompress(struct zstd_reader *r, char *to, size_t size)
{
	size_t left = r->end - r->start, given = left < r->wanted ? left : r->wanted, code;
	ZSTD_inBuffer in = { r->in + r->start, given, 0 };
	ZSTD_outBuffer out = { to, size, 0 };

	code = ZSTD_decompressStream(r->z, &out, &in);
	if (ZSTD_isError(code))
		return error_of(code);
	r->start += in.pos;
	r->inside = code != 0;
	r->wanted = code == 0 ? FRAME_HEAD : code > BLOCK_HEAD ? code - BLOCK_HEAD : code;
	r->is_full = code && out.pos == size;
	return (ssize_t)out.pos;
}

ssize_t zstd_read(struct zstd_reader *r, int fd, char *to, size_t size)
{
	ssize_t n;
	int more;

	for (;;) {
		if (r->start == r->end && !r->is_full) {
			more = refill(r, fd);
			if (more < 0)
				return more;
			if (more == 0)
				return r->inside ? -ENODATA : 0;
		}
		n = decompress(r, to, size);
		if (n != 0)
			return n;
	}
}
