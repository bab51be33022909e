/* SPDX-License-Identifier: Apache-2.0 */
/* Records that go together: words in chunks, what was handed over, images that later execs come from; and
 * calls of which not all was seen. */
#include "tests/unit/test.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bpf/decode.h"
#include "bpf/images.h"
#include "bpf/wire.h"
#include "tests/unit/wire_record.h"

#define SUCCEEDED (WIRE_ENTERED | WIRE_EXECUTED)
#define FAILED (WIRE_ENTERED | WIRE_RETURNED)

struct fixture {
	struct decoder *d;
	struct record *r;
	struct event ev;
};

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	f->d = decoder();
	f->r = record_new();
	f->r->head.flags = SUCCEEDED;
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	decoder_free(f->d);
	free(f->r);
	free(f);
	return 0;
}

static int feed(struct fixture *f)
{
	return decode(f->d, f->r, sizeof(f->r->head) + f->r->len, &f->ev);
}

/* The record of fixture again, without parts. */
static struct wire_exec *again(struct fixture *f, uint32_t flags)
{
	free(f->r);
	f->r = record_new();
	f->r->head.flags = flags;
	return &f->r->head;
}

static int feed_chunk(struct fixture *f, uint16_t slot, uint64_t call, uint32_t offset, struct str bytes)
{
	char record[sizeof(struct wire_chunk) + 64];
	struct wire_chunk chunk = {
		.head = { (uint32_t)(sizeof(chunk) + bytes.len), WIRE_KIND_CHUNK, slot, call },
		.offset = offset,
	};

	assert_true(bytes.len <= 64);
	memcpy(record, &chunk, sizeof(chunk));
	memcpy(record + sizeof(chunk), bytes.p, bytes.len);
	return decode(f->d, record, chunk.head.size, &f->ev);
}

static int feed_given(struct fixture *f, uint16_t slot, uint64_t call, uint32_t len, uint32_t flags)
{
	struct wire_given given = {
		.head = { sizeof(given), WIRE_KIND_GIVEN, slot, call }, .len = len, .flags = flags,
	};

	return decode(f->d, &given, sizeof(given), &f->ev);
}

/* Those of two slots mix; each record takes its own. */
static void test_chunks(void **state)
{
	struct fixture *f = *state;
	struct wire_exec *h = &f->r->head;

	assert_int_equal(feed_chunk(f, 0, 9, 0, STR_LIT("ls\0-")), 0);
	assert_int_equal(feed_chunk(f, 1, 10, 0, STR_LIT("other\0")), 0);
	assert_int_equal(feed_chunk(f, 0, 9, 4, STR_LIT("l\0\0/\0")), 0);
	h->flags |= WIRE_ARGV_KNOWN | WIRE_ARGV_CHUNKED;
	h->argv_len = 9;
	assert_int_equal(feed(f), 1);
	assert_int_equal(f->ev.argv.n, 4);
	assert_str(f->ev.argv.joined, "ls -l  /");
	assert_str(f->ev.argv_state, "complete");

	h->head.slot = 1;
	h->head.call = 10;
	h->argv_len = 6;
	assert_int_equal(feed(f), 1);
	assert_str(f->ev.argv.joined, "other");
}

/* What does not add up is never made into words. */
static void test_chunks_that_lie(void **state)
{
	struct fixture *f = *state;
	struct wire_exec *h = &f->r->head;

	assert_int_equal(feed_chunk(f, 0, 9, 1, STR_LIT("late")), -EBADMSG);
	assert_int_equal(feed_chunk(f, 2, 9, 0, STR_LIT("no slot")), -EBADMSG);
	assert_int_equal(feed_chunk(f, 0, 9, 0, STR_LIT("ls\0")), 0);
	assert_int_equal(feed_chunk(f, 0, 8, 3, STR_LIT("another call's")), -EBADMSG);
	assert_int_equal(feed_chunk(f, 0, 9, 2, STR_LIT("over")), -EBADMSG);

	h->flags |= WIRE_ARGV_KNOWN | WIRE_ARGV_CHUNKED;
	h->argv_len = 4;
	assert_int_equal(feed(f), 1);
	assert_false(f->ev.argv.known);
	assert_str(f->ev.argv_state, "partial");
	h->argv_len = 3;
	h->head.call = 8;
	assert_int_equal(feed(f), 1);
	assert_false(f->ev.argv.known);
	h->head.slot = 7;
	assert_int_equal(feed(f), 1);
	assert_false(f->ev.argv.known);
}

static void test_chunks_over_the_limit(void **state)
{
	struct fixture *f = *state;
	char bytes[64] = "";
	uint32_t at = 0;

	for (; at < MAX_ARGV; at += sizeof(bytes))
		assert_int_equal(feed_chunk(f, 0, 9, at, (struct str){ bytes, sizeof(bytes) }), 0);
	assert_int_equal(feed_chunk(f, 0, 9, at, STR_LIT("x")), -EBADMSG);
	f->r->head.flags |= WIRE_ARGV_KNOWN | WIRE_ARGV_CHUNKED;
	f->r->head.argv_len = MAX_ARGV;
	assert_int_equal(feed(f), 1);
	assert_int_equal(f->ev.argv.n, MAX_ARGV);
	/* The next call begins anew. */
	assert_int_equal(feed_chunk(f, 0, 10, 0, STR_LIT("x")), 0);
}

/* What a script's caller gave comes long before the record, and other calls between them. */
static void test_given(void **state)
{
	struct fixture *f = *state;
	struct wire_exec *h = &f->r->head;

	assert_int_equal(feed_chunk(f, 0, 9, 0, STR_LIT("mine\0a\0")), 0);
	assert_int_equal(feed_given(f, 0, 9, 7, 0), 0);
	assert_int_equal(feed_chunk(f, 0, 10, 0, STR_LIT("theirs\0")), 0);
	assert_int_equal(feed_given(f, 0, 10, 7, WIRE_ARGV_PARTIAL), 0);
	h->flags |= WIRE_GIVEN | WIRE_ARGV_KNOWN;
	ADD(f->r, WIRE_ARGV, "/bin/sh\0./mine\0a\0");
	assert_int_equal(feed(f), 1);
	assert_str(f->ev.given_argv.joined, "mine a");
	assert_str(f->ev.argv.joined, "/bin/sh ./mine a");
	assert_str(f->ev.argv_state, "complete");

	/* None, and none that is known. */
	h = again(f, SUCCEEDED | WIRE_GIVEN_NONE | WIRE_ARGV_KNOWN);
	ADD(f->r, WIRE_ARGV, "\0");
	assert_int_equal(feed(f), 1);
	assert_true(f->ev.given_argv.known);
	assert_int_equal(f->ev.given_argv.n, 0);
	assert_int_equal(f->ev.argv.n, 1);
	h->head.call = 77;
	h->flags = SUCCEEDED | WIRE_GIVEN;
	f->r->len = 0;
	h->part_len[WIRE_ARGV] = 0;
	h->head.size = sizeof(*h);
	assert_int_equal(decoder_lost_given(f->d), 0);
	assert_int_equal(feed(f), 1);
	assert_false(f->ev.given_argv.known);
	assert_int_equal(decoder_lost_given(f->d), 1);

	/* Of a failure what is there instead is not what was handed over. */
	h = again(f, FAILED | WIRE_COMMITTED | WIRE_GIVEN | WIRE_ARGV_KNOWN);
	h->retval = -ENOMEM;
	h->head.call = 78;
	ADD(f->r, WIRE_ARGV, "/bin/sh\0./mine\0");
	assert_int_equal(feed(f), 1);
	assert_false(f->ev.argv.known);
	assert_str(f->ev.argv_state, "partial");
	assert_int_equal(decoder_lost_given(f->d), 2);
}

/* Behind the point of no return argv is what was handed over, as for every failure. */
static void test_given_of_a_failure(void **state)
{
	struct fixture *f = *state;
	struct wire_exec *h = again(f, FAILED | WIRE_COMMITTED | WIRE_GIVEN | WIRE_ARGV_KNOWN);

	assert_int_equal(feed_chunk(f, 1, 9, 0, STR_LIT("mine\0")), 0);
	assert_int_equal(feed_given(f, 1, 9, 5, 0), 0);
	h->retval = -ENOMEM;
	h->argc = 2;
	ADD(f->r, WIRE_ARGV, "/bin/sh\0./mine\0");
	assert_int_equal(feed(f), 1);
	assert_str(f->ev.argv.joined, "mine");
	assert_int_equal(f->ev.argc.value, 1);
	assert_str(f->ev.argv_state, "complete");
	assert_false(f->ev.given_argv.known);
	assert_str(f->ev.stage, "commit");
}

static void test_given_that_lies(void **state)
{
	struct fixture *f = *state;
	struct wire_given given = { .head = { sizeof(given), WIRE_KIND_GIVEN, 0, 9 } };

	assert_int_equal(feed_given(f, 0, 9, 5, 0), -EBADMSG);
	assert_int_equal(feed_chunk(f, 0, 9, 0, STR_LIT("mine\0")), 0);
	assert_int_equal(feed_given(f, 0, 9, 6, 0), -EBADMSG);
	assert_int_equal(feed_given(f, 0, 8, 5, 0), -EBADMSG);
	assert_int_equal(decode(f->d, &given, sizeof(given) - 1, &f->ev), -EBADMSG);
	/* Without any word there is no chunk. */
	assert_int_equal(decode(f->d, &given, sizeof(given), &f->ev), 0);
}

/* Its image is known by the open file, to whatever comes from it. */
static void test_images(void **state)
{
	const struct wire_image shell = { 1, 2, 3 }, other = { 1, 2, 4 }, seeded = { 8, 9, 3 };
	struct fixture *f = *state;
	struct wire_exec *h = &f->r->head;
	struct wire_ancestor ancestors[] = {
		{ .pid = 7, .comm = "sh", .image = shell },
		{ .pid = 6, .comm = "sh", .image = other },
		{ .pid = 1, .comm = "init", .image = seeded },
	};
	uint64_t hits, misses;

	decoder_seed(f->d, &seeded, STR_LIT("/sbin/init"), STR_LIT("init\0"));
	h->flags |= WIRE_EXE_KNOWN | WIRE_ARGV_KNOWN;
	h->image = shell;
	ADD(f->r, WIRE_EXE, "sh\0bin\0");
	ADD(f->r, WIRE_ARGV, "sh\0-c\0x y\0");
	assert_int_equal(feed(f), 1);
	assert_false(str_known(f->ev.caller.exe));

	h = again(f, SUCCEEDED);
	h->caller_image = shell;
	add(f->r, WIRE_ANCESTORS, ancestors, sizeof(ancestors));
	assert_int_equal(feed(f), 1);
	assert_str(f->ev.caller.exe, "/bin/sh");
	assert_str(f->ev.parent.exe, "/bin/sh");
	assert_str(f->ev.parent.argv.joined, "sh -c x y");
	assert_int_equal(f->ev.parent.argv.n, 3);
	assert_false(str_known(f->ev.ancestor[1].exe));
	assert_str(f->ev.ancestor[2].exe, "/sbin/init");
	decoder_image_counts(f->d, &hits, &misses);
	assert_int_equal(hits, 3);
	assert_int_equal(misses, 1);

	/* What is said of an image can be taken back. */
	decoder_seed(f->d, &seeded, (struct str){ 0 }, (struct str){ 0 });
	assert_int_equal(feed(f), 1);
	assert_false(str_known(f->ev.ancestor[2].exe));
	decoder_forget_images(f->d);
	assert_int_equal(feed(f), 1);
	assert_false(str_known(f->ev.caller.exe));
}

/* The words of an image are all of them or none. */
static void test_images_without_words(void **state)
{
	const struct wire_image key = { 1, 2, 3 };
	const struct wire_ancestor parent = { .pid = 7, .image = key };
	_cleanup_(images_free) struct images *im = NULL;
	static char many[IMAGES_MAX_ARGV + 1];
	struct fixture *f = *state;
	struct image image;

	assert_int_equal(images_new(1, &im), 0);
	images_put(im, &key, STR_LIT("/bin/a"), (struct str){ many, IMAGES_MAX_ARGV });
	assert_true(images_get(im, &key, &image));
	assert_int_equal(image.argv.len, IMAGES_MAX_ARGV);
	images_put(im, &key, STR_LIT("/bin/a"), (struct str){ many, sizeof(many) });
	assert_true(images_get(im, &key, &image));
	assert_str(image.exe, "/bin/a");
	assert_false(str_known(image.argv));
	images_learn(im, &key, STR_LIT("/bin/b"));
	assert_true(images_get(im, &key, &image));
	assert_str(image.exe, "/bin/a");
	assert_false(images_get(im, &(struct wire_image){ 0, 0, 0 }, &image));

	f->r->head.flags |= WIRE_EXE_KNOWN | WIRE_ARGV_KNOWN | WIRE_ARGV_CUT;
	f->r->head.image = key;
	ADD(f->r, WIRE_EXE, "a\0");
	ADD(f->r, WIRE_ARGV, "a\0b");
	assert_int_equal(feed(f), 1);
	again(f, SUCCEEDED);
	add(f->r, WIRE_ANCESTORS, &parent, sizeof(parent));
	assert_int_equal(feed(f), 1);
	assert_str(f->ev.parent.exe, "/a");
	assert_false(f->ev.parent.argv.known);
}

/* What was seen of a call decides what is known of it. */
static void test_half_seen(void **state)
{
	struct fixture *f = *state;
	struct wire_exec *h = again(f, WIRE_EXECUTED | WIRE_KERNEL);

	assert_int_equal(feed(f), 1);
	assert_str(f->ev.syscall, "kernel");
	assert_false(str_known(f->ev.abi));
	assert_false(f->ev.duration.known);
	assert_false(str_known(f->ev.caller.comm));
	assert_int_equal(f->ev.retval.value, 0);
	assert_int_equal(f->ev.time.value, 3500 + 5000);

	h->flags = WIRE_EXECUTED;
	assert_int_equal(feed(f), 1);
	assert_false(str_known(f->ev.syscall));
	/* No outcome at all, two of them, and one that contradicts itself. */
	h->flags = WIRE_ENTERED;
	assert_int_equal(feed(f), -EBADMSG);
	h->flags = SUCCEEDED | WIRE_RETURNED;
	assert_int_equal(feed(f), -EBADMSG);
	h->flags = FAILED;
	assert_int_equal(feed(f), -EBADMSG);
	h->flags = WIRE_RETURNED;
	h->retval = -ENOENT;
	assert_int_equal(feed(f), -EBADMSG);
	h->flags = SUCCEEDED;
	assert_int_equal(feed(f), -EBADMSG);
}

static struct wire_start missed_start(void)
{
	return (struct wire_start){
		.head = { .size = sizeof(struct wire_start), .kind = WIRE_KIND_MISSED, .call = 3 },
		.entry_ns = 1000, .start_ns = 120000000, .pid = 42, .tid = 43, .ppid = 7,
		.uid = 1000, .gid = 5, .bits = 64, .syscall = WIRE_EXECVEAT,
		.comm = "sh", .name = "/bin/a", .name_len = 7,
	};
}

static void test_missed(void **state)
{
	struct fixture *f = *state;
	struct wire_start start = missed_start();

	assert_int_equal(decode(f->d, &start, sizeof(start), &f->ev), 1);
	assert_true(f->ev.returned.known && !f->ev.returned.value);
	assert_false(f->ev.retval.known);
	assert_false(f->ev.mono_ns.known);
	assert_str(f->ev.filename, "/bin/a");
	assert_str(f->ev.syscall, "execveat");
	assert_str(f->ev.caller.comm, "sh");
	assert_false(str_known(f->ev.comm));
	assert_str(f->ev.id, "01234567-42-12");
	assert_int_equal(f->ev.tid.value, 43);
	assert_int_equal(f->ev.ppid.value, 7);
	assert_int_equal(f->ev.gid.value, 5);
	assert_int_equal(f->ev.time.value, 6000);
	assert_str(f->ev.argv_state, "partial");

	start.name_len = 0;
	assert_int_equal(decode(f->d, &start, sizeof(start), &f->ev), 1);
	assert_false(str_known(f->ev.filename));
}

static void test_missed_that_lies(void **state)
{
	struct fixture *f = *state;
	struct wire_start good = missed_start(), start;

#define LIE(change)                                                                                         \
	do {                                                                                                \
		start = good;                                                                               \
		change;                                                                                     \
		assert_int_equal(decode(f->d, &start, sizeof(start), &f->ev), -EBADMSG);                     \
	} while (0)
	LIE(start.head.size--);
	LIE(start.bits = 16);
	LIE(start.syscall = 2);
	LIE(start.name_len = WIRE_NAME + 1);
	LIE(start.name_len = 6);
	LIE(start.name[2] = '\0');
	assert_int_equal(decode(f->d, &good, sizeof(good) - 1, &f->ev), -EBADMSG);
#undef LIE
}

/* Who reads a variable that is set twice takes the one or the other. */
static void test_env(void **state)
{
	struct fixture *f = *state;

	f->r->head.flags |= WIRE_ENV_KNOWN | WIRE_ENV_CUT;
	ADD(f->r, WIRE_ENV,
	    "LD_PRELOAD=a\0PYTHONPATH=b\0LD_PRELOAD=c\0PYTHONPATH=d\0BASH_ENV=e\0BASH_ENV=\0");
	assert_int_equal(feed(f), 1);
	assert_int_equal(f->ev.env.n, 3);
	assert_str(f->ev.env.item[0].value, "c");
	assert_str(f->ev.env.item[1].value, "b");
	assert_str(f->ev.env.item[2].value, "");
	assert_str(f->ev.env_state, "cut");
}

/* A cgroup's path is said once in a while. */
static void test_cgroup(void **state)
{
	struct fixture *f = *state;

	f->r->head.flags |= WIRE_CGROUP_KNOWN;
	assert_int_equal(feed(f), 1);
	assert_str(f->ev.cgroup, "/");
	assert_false(str_known(f->ev.unit));
	ADD(f->r, WIRE_CGROUP, "nginx.service\0system.slice\0");
	assert_int_equal(feed(f), 1);
	assert_str(f->ev.cgroup, "/system.slice/nginx.service");
	assert_str(f->ev.unit, "nginx.service");
	assert_false(str_known(f->ev.container_id));

	again(f, SUCCEEDED);
	assert_int_equal(feed(f), 1);
	assert_str(f->ev.cgroup, "/system.slice/nginx.service");
	f->r->head.cgroup.id++;
	assert_int_equal(feed(f), 1);
	assert_false(str_known(f->ev.cgroup));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_chunks),
		TEST(test_chunks_that_lie),
		TEST(test_chunks_over_the_limit),
		TEST(test_given),
		TEST(test_given_of_a_failure),
		TEST(test_given_that_lies),
		TEST(test_images),
		TEST(test_images_without_words),
		TEST(test_half_seen),
		TEST(test_missed),
		TEST(test_missed_that_lies),
		TEST(test_env),
		TEST(test_cgroup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
