/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files from anywhere as lines. A plain one is what its lines say, put together again; of a compressed one
 * libzstd, asked for all of it at once, has the same bytes, and where it has an error, so have we.
 */
#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <zstd.h>

#include "base/buf.h"
#include "cli/lines.h"
#include "cli/zstd.h"
#include "tests/fuzz/fuzz.h"

#define LIMIT ((size_t)1 << 16)
/* Some bytes may become gigabytes: what is beyond is not looked at. */
#define ENOUGH ((size_t)4 << 20)

/* False: it is larger than ENOUGH. */
static bool read_lines(const char *path, struct buf *ret, bool *ret_too_long, int *ret_end)
{
	struct lines l;
	struct str line;
	uint64_t n = 0;
	bool whole = true;
	int r;

	*ret_too_long = false;
	CHECK(lines_open(&l, path, LIMIT) == 0);
	while ((r = lines_next(&l, &line)) == 1 || r == -EFBIG) {
		CHECK(l.number == ++n);
		CHECK(l.cap <= 4 * LIMIT + (1 << 20));
		if (r == -EFBIG) {
			*ret_too_long = true;
		} else {
			CHECK(line.len <= LIMIT && (!line.len || !memchr(line.p, '\n', line.len)));
			buf_str(ret, line);
			buf_char(ret, '\n');
		}
		whole = ret->len <= ENOUGH && n <= ENOUGH && !*ret_too_long;
		if (!whole)
			break;
	}
	CHECK(!ret->error);
	lines_close(&l);
	*ret_end = r;
	return whole;
}

/* All of it, with nothing but libzstd. False: that is damaged, cut, or larger than ENOUGH. */
static bool decompress(const uint8_t *data, size_t size, struct buf *ret)
{
	static char out[1 << 17];
	ZSTD_DCtx *z = ZSTD_createDCtx();
	ZSTD_inBuffer in = { data, size, 0 };
	size_t code = 0;
	bool full = false;

	ZSTD_DCtx_setParameter(z, ZSTD_d_windowLogMax, ZSTD_WINDOW_LOG);
	while ((in.pos < size || (full && code)) && !ZSTD_isError(code) && ret->len <= ENOUGH) {
		ZSTD_outBuffer o = { out, sizeof(out), 0 };

		code = ZSTD_decompressStream(z, &o, &in);
		if (!ZSTD_isError(code))
			buf_add(ret, out, o.pos);
		full = o.pos == sizeof(out);
	}
	ZSTD_freeDCtx(z);
	CHECK(!ret->error);
	return code == 0;
}

static void check_same(struct str got, struct str plain)
{
	bool unended = plain.len && plain.p[plain.len - 1] != '\n';

	CHECK(got.len == plain.len + unended);
	CHECK(plain.len == 0 || memcmp(got.p, plain.p, plain.len) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf got = BUF_INIT, plain = BUF_INIT;
	bool too_long, whole;
	char path[64];
	int fd, end;

	if (!data)
		return 0;
	fd = memfd_create("lines", MFD_CLOEXEC);
	CHECK(fd >= 0 && write(fd, data, size) == (ssize_t)size);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	whole = read_lines(path, &got, &too_long, &end);
	if (!zstd_is_magic((struct str){ (const char *)data, size })) {
		CHECK(!whole || end == 0);
		if (whole)
			check_same(buf_get(&got), (struct str){ (const char *)data, size });
	} else if (whole) {
		CHECK(end == 0 || end == -ENODATA || end == -EBADMSG || end == -E2BIG || end == -ENOMEM);
		if (decompress(data, size, &plain)) {
			CHECK(end == 0);
			check_same(buf_get(&got), buf_get(&plain));
		} else {
			CHECK(end != 0 || plain.len > ENOUGH);
		}
	}
	buf_done(&got);
	buf_done(&plain);
	close(fd);
	return 0;
}
