/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files line by line, plain and compressed: where lines end, which are too long, and what is read of a file
 * that is cut or damaged. That is all up to there, and then an error.
 */
#include "tests/unit/test.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <zstd.h>

#include "base/buf.h"
#include "cli/lines.h"
#include "cli/zstd.h"
#include "tests/unit/failing_malloc.h"

#define NO_LIMIT ((size_t)64 << 20)

struct file {
	int fd;
	char path[64];
};

static void file_cleanup(struct file *f)
{
	close(f->fd);
}

/* A file without a name that holds @bytes; it has to stay where it is while it is read. */
static struct file file_of(struct str bytes)
{
	struct file f = { .fd = memfd_create("lines", MFD_CLOEXEC) };

	assert_true(f.fd >= 0);
	assert_int_equal(write(f.fd, bytes.p, bytes.len), bytes.len);
	snprintf(f.path, sizeof(f.path), "/proc/self/fd/%d", f.fd);
	return f;
}

/* All lines of @path, each with a '|' behind it, too long ones as '!', into @ret. What ended them. */
static int read_path(const char *path, size_t limit, struct buf *ret)
{
	_cleanup_(lines) struct lines l = { .fd = -1 };
	uint64_t n = 0;
	struct str line;
	int r = lines_open(&l, path, limit);

	if (r < 0)
		return r;
	while ((r = lines_next(&l, &line)) == 1 || r == -EFBIG) {
		assert_int_equal(l.number, ++n);
		if (r == 1)
			buf_str(ret, line);
		buf_char(ret, r == 1 ? '|' : '!');
	}
	assert_int_equal(ret->error, 0);
	return r;
}

static int read_bytes(struct str bytes, size_t limit, struct buf *ret)
{
	_cleanup_(file) struct file f = file_of(bytes);

	return read_path(f.path, limit, ret);
}

static void expect(struct str bytes, size_t limit, int want_end, const char *want)
{
	_cleanup_(buf) struct buf got = BUF_INIT;

	assert_int_equal(read_bytes(bytes, limit, &got), want_end);
	assert_str(buf_get(&got), want);
}

static void test_plain(void **state)
{
	expect(STR_LIT(""), 10, 0, "");
	expect(STR_LIT("\n"), 10, 0, "|");
	expect(STR_LIT("a"), 10, 0, "a|");
	expect(STR_LIT("(\xb5/"), 10, 0, "(\xb5/|");
	expect(STR_LIT("a\n\nb\r\nc"), 10, 0, "a||b\r|c|");
	expect(STR_LIT("123\n1234\n123"), 3, 0, "123|!123|");
	expect(STR_LIT("1234"), 3, 0, "!");
}

/* One byte at a time: it takes four to know what it is. */
static void *write_slowly(void *arg)
{
	static const char text[] = "abc\ndef\n";
	int fd = *(int *)arg;

	for (size_t i = 0; i < sizeof(text) - 1; i++) {
		if (write(fd, text + i, 1) != 1)
			break;
		usleep(1000);
	}
	close(fd);
	return NULL;
}

static void test_pipe(void **state)
{
	_cleanup_(buf) struct buf got = BUF_INIT;
	pthread_t writer;
	char path[64];
	int ends[2];

	assert_int_equal(pipe(ends), 0);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", ends[0]);
	assert_int_equal(pthread_create(&writer, NULL, write_slowly, &ends[1]), 0);
	assert_int_equal(read_path(path, 100, &got), 0);
	pthread_join(writer, NULL);
	close(ends[0]);
	assert_str(buf_get(&got), "abc|def|");
}

static void test_unreadable(void **state)
{
	_cleanup_(buf) struct buf got = BUF_INIT;

	assert_int_equal(read_path("/nonexistent", 100, &got), -ENOENT);
	assert_int_equal(read_path("/proc/self", 100, &got), -EISDIR);
	assert_int_equal(got.len, 0);
}

/* Lines that do not compress to nothing, of @n numbers. */
static void make_lines(size_t n, struct buf *b)
{
	uint32_t x = 1;

	for (size_t i = 0; i < n; i++) {
		x = x * 1664525 + 1013904223;
		buf_printf(b, "{\"seq\": %zu, \"pid\": %u}\n", i, x >> 8);
	}
	assert_int_equal(b->error, 0);
}

/* One more frame at the end of @b. */
static void add_frame(struct str plain, struct buf *b)
{
	size_t max = ZSTD_compressBound(plain.len), n;
	char *p = malloc(max);

	assert_non_null(p);
	n = ZSTD_compress(p, max, plain.p, plain.len, 3);
	assert_false(ZSTD_isError(n));
	buf_add(b, p, n);
	free(p);
}

/* What read_path() makes of these lines. */
static void with_bars(struct str plain, struct buf *ret)
{
	for (size_t i = 0; i < plain.len; i++)
		buf_char(ret, plain.p[i] == '\n' ? '|' : plain.p[i]);
}

static void test_zstd(void **state)
{
	_cleanup_(buf) struct buf plain = BUF_INIT;
	_cleanup_(buf) struct buf packed = BUF_INIT;
	_cleanup_(buf) struct buf want = BUF_INIT;

	/* Several blocks, frames and what is between them. */
	make_lines(20000, &plain);
	with_bars(buf_get(&plain), &want);
	with_bars(buf_get(&plain), &want);
	buf_text(&want, "last|");
	add_frame(buf_get(&plain), &packed);
	add_frame(STR_LIT(""), &packed);
	buf_add(&packed, "\x5a\x2a\x4d\x18\x03\x00\x00\x00xyz", 11);
	add_frame(buf_get(&plain), &packed);
	add_frame(STR_LIT("last"), &packed);
	buf_char(&want, '\0');
	expect(buf_get(&packed), NO_LIMIT, 0, want.p);

	/* Also where it begins with what is skipped; a line may go over frames. */
	buf_reset(&packed);
	buf_add(&packed, "\x50\x2a\x4d\x18\x00\x00\x00\x00", 8);
	add_frame(STR_LIT("one li"), &packed);
	add_frame(STR_LIT("ne\ntoo long\n"), &packed);
	expect(buf_get(&packed), 8, 0, "one line|too long|");
	expect(buf_get(&packed), 7, 0, "!!");
}

/* A megabyte of newlines from some dozens of bytes, and a line that is longer than any may be. */
static void test_bomb(void **state)
{
	_cleanup_(buf) struct buf packed = BUF_INIT;
	_cleanup_(buf) struct buf got = BUF_INIT;
	size_t n = 40 << 20;
	char *plain = malloc(n);

	assert_non_null(plain);
	memset(plain, 'a', n);
	plain[n - 1] = '\n';
	add_frame((struct str){ plain, n }, &packed);
	memset(plain, '\n', 1 << 20);
	add_frame((struct str){ plain, 1 << 20 }, &packed);
	free(plain);
	assert_true(packed.len < 100000);
	assert_int_equal(read_bytes(buf_get(&packed), 1000, &got), 0);
	assert_int_equal(got.len, 1 + (1 << 20));
}

/* Cut anywhere: every line before the cut that its blocks still hold, and only at the end of a frame is it
 * fine. */
static void test_cut(void **state)
{
	_cleanup_(buf) struct buf plain = BUF_INIT;
	_cleanup_(buf) struct buf packed = BUF_INIT;
	_cleanup_(buf) struct buf want = BUF_INIT;
	size_t first;

	make_lines(60, &plain);
	with_bars(buf_get(&plain), &want);
	add_frame(buf_get(&plain), &packed);
	first = packed.len;
	add_frame(buf_get(&plain), &packed);
	for (size_t len = 4; len < packed.len; len++) {
		_cleanup_(buf) struct buf got = BUF_INIT;
		int r = read_bytes((struct str){ packed.p, len }, NO_LIMIT, &got);

		assert_int_equal(r, len == first ? 0 : -ENODATA);
		assert_int_equal(got.len, len < first ? 0 : want.len);
		assert_memory_equal(got.p ? got.p : "", want.p, got.len);
	}
}

/* One bit wrong anywhere: an error, but for the few bits that mean nothing. */
static void test_damaged(void **state)
{
	_cleanup_(buf) struct buf plain = BUF_INIT;
	_cleanup_(buf) struct buf want = BUF_INIT;
	char packed[8192];
	size_t n_damaged = 0, n;
	ZSTD_CCtx *z = ZSTD_createCCtx();

	make_lines(60, &plain);
	ZSTD_CCtx_setParameter(z, ZSTD_c_checksumFlag, 1);
	n = ZSTD_compress2(z, packed, sizeof(packed), plain.p, plain.len);
	assert_false(ZSTD_isError(n));
	ZSTD_freeCCtx(z);
	with_bars(buf_get(&plain), &want);
	for (size_t i = 4; i < n; i++) {
		_cleanup_(buf) struct buf got = BUF_INIT;
		int r;

		packed[i] ^= 0x10;
		r = read_bytes((struct str){ packed, n }, NO_LIMIT, &got);
		packed[i] ^= 0x10;
		if (r == 0)
			assert_true(str_eq(buf_get(&got), buf_get(&want)));
		else
			assert_true(r == -EBADMSG || r == -ENODATA || r == -E2BIG);
		n_damaged += r != 0;
	}
	assert_true(n_damaged > n / 2);
	buf_reset(&want);
	buf_add(&want, packed, n);
	buf_text(&want, "and more");
	buf_reset(&plain);
	assert_int_equal(read_bytes(buf_get(&want), NO_LIMIT, &plain), -EBADMSG);
	assert_true(plain.len > 0);
}

/* The block in front of a damaged one is read to its end, whatever is wrong: its head or its content. */
static void test_blocks_before_damage(void **state)
{
	_cleanup_(buf) struct buf plain = BUF_INIT;
	_cleanup_(buf) struct buf packed = BUF_INIT;
	size_t size, whole = 0;

	/* Two raw blocks, the second of them the last one: RFC 8878 section 3.1.1.2. */
	make_lines(10, &plain);
	size = plain.len;
	buf_add(&packed, "\x28\xb5\x2f\xfd\x00\x58", 6);
	for (unsigned int last = 0; last < 2; last++) {
		uint32_t head = (uint32_t)size << 3 | last;

		buf_add(&packed, &head, 3);
		buf_str(&packed, buf_get(&plain));
	}
	for (size_t i = 6 + 3 + size; i < 6 + 3 + size + 3; i++) {
		_cleanup_(buf) struct buf got = BUF_INIT;
		int r;

		packed.p[i] ^= 0x06;	/* in the first byte: the reserved type */
		r = read_bytes(buf_get(&packed), NO_LIMIT, &got);
		packed.p[i] ^= 0x06;
		assert_true(r == -EBADMSG || r == -ENODATA);
		assert_true(got.len >= size);
		whole++;
	}
	assert_int_equal(whole, 3);
}

static void test_window(void **state)
{
	/* A frame that asks for 256 MiB, of one raw block. */
	static const char large[] = "\x28\xb5\x2f\xfd\x00\x90\x11\x00\x00" "a\n";
	static const char fine[] = "\x28\xb5\x2f\xfd\x00\x88\x11\x00\x00" "a\n";

	expect((struct str){ large, sizeof(large) - 1 }, NO_LIMIT, -E2BIG, "");
	expect((struct str){ fine, sizeof(fine) - 1 }, NO_LIMIT, 0, "a|");
}

/* What the writer flushed can be read when nothing follows; what it ended is complete. */
static void test_writer(void **state)
{
	_cleanup_(buf) struct buf packed = BUF_INIT;
	_cleanup_(zstd_writer_free) struct zstd_writer *w = NULL;
	char *memory = NULL;
	size_t size = 0, before;
	FILE *to = open_memstream(&memory, &size);

	assert_int_equal(zstd_writer_new(to, &w), 0);
	assert_int_equal(zstd_flush(w), 0);
	assert_int_equal(zstd_write(w, STR_LIT("one\n")), 0);
	assert_int_equal(zstd_flush(w), 0);
	before = size;
	assert_int_equal(zstd_flush(w), 0);
	assert_int_equal(size, before);		/* nothing new costs nothing */
	buf_add(&packed, memory, size);
	assert_int_equal(zstd_write(w, STR_LIT("two\n")), 0);
	assert_int_equal(zstd_end(w), 0);
	expect(buf_get(&packed), NO_LIMIT, -ENODATA, "one|");
	expect((struct str){ memory, size }, NO_LIMIT, 0, "one|two|");
	fclose(to);
	free(memory);
}

static void test_writer_fails(void **state)
{
	_cleanup_(zstd_writer_free) struct zstd_writer *w = NULL;
	_cleanup_(buf) struct buf plain = BUF_INIT;
	FILE *full = fopen("/dev/full", "we");
	int r;

	assert_non_null(full);
	assert_int_equal(zstd_writer_new(full, &w), 0);
	assert_int_equal(zstd_write(w, STR_LIT("one\n")), 0);
	assert_int_equal(zstd_flush(w), -ENOSPC);
	assert_int_equal(zstd_end(w), -ENOSPC);
	make_lines(200000, &plain);
	r = zstd_write(w, buf_get(&plain));
	assert_int_equal(r, -ENOSPC);
	fclose(full);
}

static void test_memory(void **state)
{
	_cleanup_(buf) struct buf got = BUF_INIT;
	_cleanup_(buf) struct buf packed = BUF_INIT;
	_cleanup_(file) struct file f = { .fd = -1 };
	struct zstd_writer *w;
	size_t n = 0;
	int r;

	add_frame(STR_LIT("a\n"), &packed);
	f = file_of(buf_get(&packed));
	buf_text(&got, "room for what comes");
	for (;; n++) {
		buf_reset(&got);
		n_allocations = 0;
		failing = n;
		r = read_path(f.path, NO_LIMIT, &got);
		failing = SIZE_MAX;
		if (r == 0)
			break;
		assert_int_equal(r, -ENOMEM);
	}
	assert_int_equal(n, 3);
	for (n = 0;; n++) {
		n_allocations = 0;
		failing = n;
		r = zstd_writer_new(stdout, &w);
		failing = SIZE_MAX;
		if (r == 0)
			break;
		assert_int_equal(r, -ENOMEM);
	}
	zstd_writer_free(w);
	assert_int_equal(n, 2);
}

static void test_errors_have_words(void **state)
{
	assert_non_null(strstr(lines_error(-ENODATA), "ends"));
	assert_non_null(strstr(lines_error(-EBADMSG), "damaged"));
	assert_non_null(strstr(lines_error(-E2BIG), "128 MiB"));
	assert_non_null(strstr(lines_error(-ENOENT), "No such file"));
	assert_int_equal(ZSTD_WINDOW_LOG, 27);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_plain),
		cmocka_unit_test(test_pipe),
		cmocka_unit_test(test_unreadable),
		cmocka_unit_test(test_zstd),
		cmocka_unit_test(test_bomb),
		cmocka_unit_test(test_cut),
		cmocka_unit_test(test_damaged),
		cmocka_unit_test(test_blocks_before_damage),
		cmocka_unit_test(test_window),
		cmocka_unit_test(test_writer),
		cmocka_unit_test(test_writer_fails),
		cmocka_unit_test(test_memory),
		cmocka_unit_test(test_errors_have_words),
	};

	return cmocka_run_group_tests_name("lines", tests, NULL, NULL);
}
