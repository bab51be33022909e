/* SPDX-License-Identifier: Apache-2.0 */
/* Wire records built by hand, and what the decoder makes of them; then each way in which one can lie. */
#include "tests/unit/test.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "bpf/decode.h"
#include "bpf/wire.h"
#include "tests/unit/wire_record.h"

struct fixture {
	struct decoder *d;
	struct record *r;
	char *copy;			/* what the event may borrow from */
	struct event ev;
	bool as_it_is;			/* the flags are not completed */
};

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	f->d = decoder();
	f->r = record_new();
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	decoder_free(f->d);
	free(f->copy);
	free(f->r);
	free(f);
	return 0;
}

/* From memory exactly as large as the record, so that a sanitizer sees a read behind it, and not aligned. */
static int decode_record(struct fixture *f, struct decoder *d)
{
	size_t size = sizeof(f->r->head) + f->r->len;
	struct wire_exec head = f->r->head;

	/* Entry and outcome were seen, unless a test is about that. */
	if (!f->as_it_is)
		head.flags |= WIRE_ENTERED | (head.retval ? WIRE_RETURNED : WIRE_EXECUTED);
	free(f->copy);
	f->copy = malloc(size + 1);
	assert_non_null(f->copy);
	memcpy(f->copy + 1, &head, sizeof(head));
	memcpy(f->copy + 1 + sizeof(f->r->head), f->r->tail, f->r->len);
	return decode(d, f->copy + 1, size, &f->ev);
}

static struct event *decoded(struct fixture *f)
{
	assert_int_equal(decode_record(f, f->d), 1);
	return &f->ev;
}

static void refused(struct fixture *f)
{
	assert_int_equal(decode_record(f, f->d), -EBADMSG);
}

static void test_success(void **state)
{
	struct fixture *f = *state;
	struct wire_exec *h = &f->r->head;
	struct wire_ancestor ancestors[] = {
		{ .start_ns = 50000000, .pid = 7, .comm = "nginx" },
		{ .start_ns = 0, .pid = 1, .comm = "0123456789abcdef" },
	};
	struct event *ev;

	h->flags = WIRE_EXE_KNOWN | WIRE_CWD_KNOWN | WIRE_PARENT_EXE_KNOWN | WIRE_ARGV_KNOWN |
		   WIRE_FILE_KNOWN | WIRE_COMMITTED | WIRE_TRACED;
	h->ino = 12;
	h->dev = 8 << 20 | 300;
	h->mode = 0104755;
	h->nlink = 1;
	h->ns_mnt_ino = 77;
	h->ns_pid_ino = 78;
	memcpy(h->tty, "pts12", 5);
	add(f->r, WIRE_ANCESTORS, ancestors, sizeof(ancestors));
	ADD(f->r, WIRE_FILENAME, "./nc\0");
	ADD(f->r, WIRE_EXE, "nc\0bin\0usr\0");
	ADD(f->r, WIRE_CWD, "");
	ADD(f->r, WIRE_PARENT_EXE, "nginx\0sbin\0");
	ADD(f->r, WIRE_ARGV, "nc\0-e\0\0/bin/sh\0");
	ev = decoded(f);

	assert_str(ev->host, "web1");
	assert_int_equal(ev->time.value, 6000);
	assert_int_equal(ev->mono_ns.value, 3500);
	assert_int_equal(ev->duration.value, 2500);
	assert_str(ev->syscall, "execve");
	assert_str(ev->abi, "64");
	assert_str(ev->filename, "./nc");
	assert_str(ev->exe, "/usr/bin/nc");
	assert_str(ev->cwd, "/");
	assert_true(ev->exe_memfd.known && !ev->exe_memfd.value);
	assert_true(ev->exe_deleted.known && !ev->exe_deleted.value);
	assert_int_equal(ev->file_ino.value, 12);
	assert_int_equal(ev->file_dev.value, makedev(8, 300));
	assert_str(ev->file_mode, "4755");
	assert_str(ev->comm, "nc");
	assert_str(ev->caller.comm, "0123456789abcdef");
	assert_false(str_known(ev->caller.exe));
	assert_str(ev->id, "01234567-42-12");
	assert_int_equal(ev->pid.value, 42);
	assert_int_equal(ev->tid.value, 43);
	assert_int_equal(ev->uid.value, 1000);
	assert_int_equal(ev->euid.value, 0);
	assert_int_equal(ev->egid.value, 5);
	assert_false(ev->login_uid.known);
	assert_str(ev->tty, "pts/12");
	assert_int_equal(ev->traced.value, 1);
	assert_int_equal(ev->ns_host.value, 1);
	assert_true(ev->retval.known && ev->retval.value == 0);
	assert_false(str_known(ev->err));

	assert_int_equal(ev->argv.n, 4);
	assert_str(ev->argv.item[2], "");
	assert_str(ev->argv.item[3], "/bin/sh");
	assert_str(ev->argv.joined, "nc -e  /bin/sh");
	assert_str(ev->argv_state, "complete");
	assert_int_equal(ev->argc.value, 4);
	assert_int_equal(ev->argv_bytes.value, 15);

	assert_int_equal(ev->n_ancestors, 2);
	assert_str(ev->parent.comm, "nginx");
	assert_str(ev->parent.id, "01234567-7-5");
	assert_str(ev->parent.exe, "/sbin/nginx");
	assert_str(ev->ancestor[0].exe, "/sbin/nginx");
	assert_str(ev->ancestor[1].comm, "0123456789abcdef");
}

static void test_failure(void **state)
{
	struct fixture *f = *state;
	struct event *ev;

	f->r->head.retval = -ENOENT;
	f->r->head.bits = 32;
	f->r->head.flags = WIRE_EXE_KNOWN | WIRE_ARGV_KNOWN | WIRE_FILE_KNOWN;
	f->r->head.argc = 0;
	f->r->head.argv_bytes = 0;
	ADD(f->r, WIRE_FILENAME, "\0");
	ADD(f->r, WIRE_EXE, "sh\0bin\0");
	ev = decoded(f);
	assert_str(ev->abi, "32");
	assert_str(ev->filename, "");
	assert_str(ev->err, "ENOENT");
	assert_int_equal(ev->retval.value, -2);
	assert_str(ev->caller.exe, "/bin/sh");
	assert_false(str_known(ev->exe));
	assert_false(ev->file_ino.known);
	assert_true(ev->argv.known);
	assert_int_equal(ev->argv.n, 0);
	assert_str(ev->argv.joined, "");
	assert_false(str_known(ev->stage));
}

/* Behind the point of no return neither the caller's image nor its argv are there any more. */
static void test_failure_after_commit(void **state)
{
	struct fixture *f = *state;
	struct event *ev;

	f->r->head.retval = -ENOMEM;
	f->r->head.flags = WIRE_EXE_KNOWN | WIRE_COMMITTED | WIRE_ARGV_PARTIAL;
	ADD(f->r, WIRE_EXE, "bad\0");
	ev = decoded(f);
	assert_str(ev->stage, "commit");
	assert_false(str_known(ev->exe));
	assert_false(str_known(ev->caller.exe));
	assert_false(str_known(ev->filename));
	assert_false(ev->argv.known);
	assert_str(ev->argv_state, "partial");
}

static void test_stage(void **state)
{
	static const struct {
		int retval;
		uint32_t flags;
		const char *want;
	} cases[] = {
		{ -ENOENT, 0, NULL },
		{ -ENOENT, WIRE_SEES_OPENING, "open" },
		{ -ENOENT, WIRE_SEES_OPENING | WIRE_OPENED, "load" },
		{ -E2BIG, WIRE_SEES_OPENING, NULL },
		{ -E2BIG, WIRE_SEES_OPENING | WIRE_OPENED, "load" },
		{ -EINVAL, WIRE_SEES_OPENING | WIRE_OPENED | WIRE_COMMITTED, "commit" },
		{ 0, WIRE_SEES_OPENING | WIRE_OPENED | WIRE_COMMITTED, NULL },
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		f->r->head.retval = cases[i].retval;
		f->r->head.flags = cases[i].flags;
		assert_str(decoded(f)->stage, cases[i].want);
	}
}

static void test_clock_set(void **state)
{
	struct fixture *f = *state;
	int64_t before = decoded(f)->time.value;

	decoder_set_epoch(f->d, 5000 + 3600);
	assert_int_equal(decoded(f)->time.value, before + 3600);
}

static void test_argv_states(void **state)
{
	static char many[WIRE_INLINE_ARGV];
	struct fixture *f = *state;
	struct event *ev;

	f->r->head.flags = WIRE_ARGV_KNOWN | WIRE_ARGV_CUT;
	f->r->head.argc = 9;
	f->r->head.argv_bytes = 70000;
	ADD(f->r, WIRE_ARGV, "a\0\nb\377\0cu");
	ev = decoded(f);
	assert_str(ev->argv_state, "cut");
	assert_int_equal(ev->argv.n, 3);
	assert_str(ev->argv.item[1], "\nb\377");
	assert_str(ev->argv.item[2], "cu");
	assert_str(ev->argv.joined, "a \nb\377 cu");
	assert_int_equal(ev->argc.value, 9);
	assert_int_equal(ev->argv_bytes.value, 70000);

	f->r->len = 0;
	f->r->head.flags = WIRE_ARGV_KNOWN | WIRE_ARGV_PARTIAL;
	f->r->head.argc = f->r->head.argv_bytes = WIRE_UNKNOWN;
	ADD(f->r, WIRE_ARGV, "a\0\0");
	ev = decoded(f);
	assert_str(ev->argv_state, "partial");
	assert_int_equal(ev->argv.n, 2);
	assert_false(ev->argv_bytes.known);

	/* As many words as there can be. */
	f->r->len = 0;
	f->r->head.flags = WIRE_ARGV_KNOWN;
	add(f->r, WIRE_ARGV, many, sizeof(many));
	ev = decoded(f);
	assert_int_equal(ev->argv.n, sizeof(many));
	assert_int_equal(ev->argv.joined.len, sizeof(many) - 1);
	assert_str(ev->argv.item[sizeof(many) - 1], "");
}

static void test_descriptor_paths(void **state)
{
	static const struct {
		const char *kernel, *want;
	} cases[] = {
		{ "/dev/fd/3", "" },
		{ "/dev/fd/12/bin/ls", "bin/ls" },
		{ "/dev/fd/3/", "" },
		{ "/elsewhere", "/elsewhere" },
	};
	struct fixture *f = *state;

	f->r->head.syscall = WIRE_EXECVEAT;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		f->r->len = 0;
		f->r->head.flags = WIRE_FD_PATH;
		add(f->r, WIRE_FILENAME, cases[i].kernel, strlen(cases[i].kernel) + 1);
		assert_str(decoded(f)->filename, cases[i].want);
		assert_str(f->ev.syscall, "execveat");
		/* Without the kernel's word for it the same text is what the caller said. */
		f->r->head.flags = 0;
		assert_str(decoded(f)->filename, cases[i].kernel);
	}
}

static void test_memfd_and_deleted(void **state)
{
	struct fixture *f = *state;
	struct event *ev;

	f->r->head.flags = WIRE_EXE_KNOWN | WIRE_EXE_DETACHED | WIRE_FILE_KNOWN;
	ADD(f->r, WIRE_EXE, "memfd:a/b\0");
	ev = decoded(f);
	assert_str(ev->exe, "/memfd:a/b");
	assert_int_equal(ev->exe_memfd.value, 1);
	assert_int_equal(ev->exe_deleted.value, 0);

	/* A file of that name in a folder is no memfd. */
	f->r->head.flags &= ~(uint32_t)WIRE_EXE_DETACHED;
	ev = decoded(f);
	assert_int_equal(ev->exe_memfd.value, 0);
	assert_int_equal(ev->exe_deleted.value, 1);
}

static void test_text_of_fixed_size(void **state)
{
	struct fixture *f = *state;
	struct event *ev;

	memcpy(f->r->head.tty, "ttyS0", 5);
	f->r->head.login_uid = 1000;
	f->r->head.audit_session = 3;
	ev = decoded(f);
	assert_str(ev->tty, "ttyS0");
	assert_int_equal(ev->login_uid.value, 1000);
	assert_int_equal(ev->audit_session.value, 3);
	assert_false(ev->ns_host.known);

	memset(f->r->head.tty, 'x', sizeof(f->r->head.tty));
	memset(f->r->head.comm, 0, sizeof(f->r->head.comm));
	ev = decoded(f);
	assert_str(ev->tty, "xxxxxxxxxxxxxxxx");
	assert_str(ev->comm, "");

	memset(f->r->head.tty, 0, sizeof(f->r->head.tty));
	assert_false(str_known(decoded(f)->tty));
}

static void test_env(void **state)
{
	struct fixture *f = *state;
	struct event *ev = decoded(f);

	assert_false(ev->env.known);
	f->r->head.flags = WIRE_ENV_KNOWN;
	ev = decoded(f);
	assert_true(ev->env.known);
	assert_int_equal(ev->env.n, 0);
	ADD(f->r, WIRE_ENV, "HISTFILE=\0A=b=c\0broken\0A=again\0");
	ev = decoded(f);
	assert_int_equal(ev->env.n, 2);
	assert_str(ev->env.item[0].name, "HISTFILE");
	assert_str(ev->env.item[0].value, "");
	assert_str(ev->env.item[1].name, "A");
	assert_str(ev->env.item[1].value, "b=c");
	assert_str(ev->env_state, "complete");

	f->r->head.part_len[WIRE_ENV]--;
	f->r->head.head.size--;
	f->r->len--;
	refused(f);
}

static void test_descriptors(void **state)
{
	static const struct {
		uint32_t mode, major, minor;
		const char *want;
	} cases[] = {
		{ 0, 0, 0, "closed" },
		{ S_IFIFO | 0600, 0, 0, "pipe" },
		{ S_IFSOCK | 0777, 0, 0, "socket" },
		{ S_IFREG | 0644, 0, 0, "file" },
		{ S_IFDIR | 0755, 0, 0, "other" },
		{ S_IFCHR | 0666, 1, 3, "null" },
		{ S_IFCHR | 0666, 1, 5, "other" },
		{ S_IFCHR | 0620, 136, 9, "tty" },
		{ S_IFCHR | 0620, 4, 64, "tty" },
		{ S_IFCHR | 0666, 5, 2, "other" },
		{ WIRE_UNKNOWN, 0, 0, NULL },
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		f->r->head.fd[1].mode = cases[i].mode;
		f->r->head.fd[1].rdev = cases[i].major << 20 | cases[i].minor;
		assert_str(decoded(f)->fd_out, cases[i].want);
		assert_str(f->ev.fd_in, "closed");
	}
}

/* Each field of the head that could mislead, one at a time. */
static void test_refuses_lies(void **state)
{
	struct fixture *f = *state;
	struct wire_exec *h = &f->r->head, good;

	h->flags = WIRE_ARGV_KNOWN | WIRE_EXE_KNOWN;
	ADD(f->r, WIRE_FILENAME, "/bin/a\0");
	ADD(f->r, WIRE_EXE, "a\0bin\0");
	ADD(f->r, WIRE_ARGV, "a\0");
	good = *h;
	decoded(f);

#define LIE(change) do { *h = good; change; refused(f); } while (0)
	LIE(h->head.size++);
	LIE(h->head.size--);
	LIE(h->head.kind = 4);
	LIE(h->syscall = 2);
	LIE(h->bits = 33);
	LIE(h->retval = 1);
	LIE(h->seen_ns = h->entry_ns - 1);
	LIE(h->seen_ns = UINT64_MAX);
	LIE(h->part_len[WIRE_ARGV]--);
	LIE(h->part_len[WIRE_ARGV]++);
	LIE(h->part_len[WIRE_ARGV] = UINT32_MAX);
	LIE(h->part_len[WIRE_ANCESTORS] = sizeof(struct wire_ancestor) * 17);
	LIE((h->part_len[WIRE_ANCESTORS] = 7, h->part_len[WIRE_FILENAME] = 0));
	LIE(h->flags = WIRE_EXE_KNOWN);
	LIE(h->flags = WIRE_ARGV_KNOWN);
	/* The NUL is in the wrong place: behind the middle of a name, or not at the end. */
	LIE((h->part_len[WIRE_FILENAME]--, h->part_len[WIRE_EXE]++));
	LIE((h->part_len[WIRE_FILENAME] += 2, h->part_len[WIRE_EXE] -= 2));
	LIE((h->part_len[WIRE_EXE]--, h->part_len[WIRE_ARGV]++));
#undef LIE
	*h = good;
	decoded(f);
}

static void test_refuses_what_is_short(void **state)
{
	struct fixture *f = *state;
	char *short_record;

	for (size_t size = 0; size < sizeof(f->r->head); size += 7) {
		short_record = malloc(size ? size : 1);
		assert_non_null(short_record);
		memcpy(short_record, &f->r->head, size);
		assert_int_equal(decode(f->d, short_record, size, &f->ev), -EBADMSG);
		free(short_record);
	}
}

static void test_refuses_parts_too_long(void **state)
{
	static char zeros[WIRE_INLINE_ARGV + 1];
	struct fixture *f = *state;

	f->r->head.flags = WIRE_ARGV_KNOWN;
	add(f->r, WIRE_ARGV, zeros, sizeof(zeros));
	refused(f);
}

/* Names come with the options; test_users is about where from. */
static void test_user_name(void **state)
{
	struct fixture *f = *state;
	_cleanup_(users_free) struct users *users = NULL;
	_cleanup_(decoder_free) struct decoder *d = NULL;
	struct decode_options options = { .slots = 1, .max_argv = MAX_ARGV };

	assert_int_equal(users_new("/etc/passwd", &users), 0);
	options.users = users;
	assert_int_equal(decoder_new(&options, &d), 0);
	f->r->head.uid = 0;
	f->r->head.login_uid = 0;
	assert_int_equal(decode_record(f, d), 1);
	assert_str(f->ev.user, "root");
	assert_str(f->ev.login, "root");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_success),
		TEST(test_failure),
		TEST(test_failure_after_commit),
		TEST(test_stage),
		TEST(test_clock_set),
		TEST(test_argv_states),
		TEST(test_descriptor_paths),
		TEST(test_memfd_and_deleted),
		TEST(test_text_of_fixed_size),
		TEST(test_env),
		TEST(test_descriptors),
		TEST(test_refuses_lies),
		TEST(test_refuses_what_is_short),
		TEST(test_refuses_parts_too_long),
		TEST(test_user_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
