/* SPDX-License-Identifier: Apache-2.0 */
/* The file output: appending, rotation, full disks, and what it refuses to open. */
#include "tests/unit/test.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "tests/unit/alerts.h"

struct place {
	char folder[64], path[96];
	void *self;
	struct sample sample;
	struct outputs_options options;
	char error[256];
};

static int setup(void **state)
{
	struct place *p = calloc(1, sizeof(*p));

	strcpy(p->folder, "/tmp/execwatch-file.XXXXXX");
	if (!mkdtemp(p->folder))
		return -1;
	snprintf(p->path, sizeof(p->path), "%s/alerts.jsonl", p->folder);
	p->self = output_new(&output_file);
	set_path(&output_file, p->self, "path", p->path);
	sample_init(&p->sample);
	*state = p;
	return 0;
}

static int teardown(void **state)
{
	struct place *p = *state;
	char other[128];

	snprintf(other, sizeof(other), "%s.1", p->path);
	unlink(other);
	unlink(p->path);
	rmdir(p->folder);
	free(p->self);
	free(p);
	return 0;
}

static void open_output(struct place *p)
{
	if (output_file.open(p->self, &p->options, p->error, sizeof(p->error)) != 0)
		fail_msg("%s", p->error);
}

static enum sent send_sample(struct place *p)
{
	return render_and_send(&output_file, p->self, &p->sample.alert, p->error, sizeof(p->error));
}

static struct buf read_path(const char *path)
{
	struct buf b = BUF_INIT;
	char piece[4096];
	FILE *f = fopen(path, "re");
	size_t n;

	assert_non_null(f);
	while ((n = fread(piece, 1, sizeof(piece), f)) > 0)
		buf_add(&b, piece, n);
	fclose(f);
	return b;
}

/* The file holds @head and then the sample's line @n times, and nothing else. */
static void assert_holds(const char *path, const char *head, size_t n, const struct alert *a)
{
	_cleanup_(buf) struct buf want = BUF_INIT;
	_cleanup_(buf) struct buf got = read_path(path);

	buf_text(&want, head);
	for (size_t i = 0; i < n; i++) {
		alert_write(a, &want);
		buf_char(&want, '\n');
	}
	assert_int_equal(got.len, want.len);
	assert_memory_equal(got.p, want.p, want.len);
}

static void test_append(void **state)
{
	struct place *p = *state;
	struct stat st;
	mode_t before = umask(0);

	open_output(p);
	umask(before);
	assert_int_equal(send_sample(p), SENT);
	assert_int_equal(send_sample(p), SENT);
	output_file.close(p->self);
	open_output(p);
	assert_int_equal(send_sample(p), SENT);
	output_file.close(p->self);
	assert_holds(p->path, "", 3, &p->sample.alert);
	assert_int_equal(stat(p->path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0640);
}

static void test_rotation(void **state)
{
	struct place *p = *state;
	char rotated[128];

	snprintf(rotated, sizeof(rotated), "%s.1", p->path);
	open_output(p);
	assert_int_equal(send_sample(p), SENT);
	assert_int_equal(rename(p->path, rotated), 0);
	assert_int_equal(send_sample(p), SENT);
	assert_int_equal(send_sample(p), SENT);
	assert_holds(rotated, "", 1, &p->sample.alert);
	assert_holds(p->path, "", 2, &p->sample.alert);

	assert_int_equal(unlink(p->path), 0);
	assert_int_equal(send_sample(p), SENT);
	assert_holds(p->path, "", 1, &p->sample.alert);

	assert_int_equal(truncate(p->path, 0), 0);	/* copytruncate */
	assert_int_equal(send_sample(p), SENT);
	assert_holds(p->path, "", 1, &p->sample.alert);
	output_file.close(p->self);
}

/* The folder goes away and comes back: what cannot be written meanwhile fails, then it goes on. */
static void test_folder_gone(void **state)
{
	struct place *p = *state;

	open_output(p);
	assert_int_equal(unlink(p->path), 0);
	assert_int_equal(rmdir(p->folder), 0);
	assert_int_equal(send_sample(p), SEND_FAILED);
	assert_non_null(strstr(p->error, "No such file"));
	assert_int_equal(mkdir(p->folder, 0700), 0);
	assert_int_equal(send_sample(p), SENT);
	assert_holds(p->path, "", 1, &p->sample.alert);
	output_file.close(p->self);
}

/* A folder that is not there yet does not keep a run from starting. */
static void test_folder_later(void **state)
{
	struct place *p = *state;

	assert_int_equal(rmdir(p->folder), 0);
	open_output(p);
	assert_int_equal(send_sample(p), SEND_FAILED);
	assert_int_equal(mkdir(p->folder, 0700), 0);
	assert_int_equal(send_sample(p), SENT);
	assert_holds(p->path, "", 1, &p->sample.alert);
	output_file.close(p->self);
}

/* RLIMIT_FSIZE cuts a write short and then refuses, as a full disk does. */
static void test_full(void **state)
{
	struct place *p = *state;
	struct rlimit before, small;
	_cleanup_(buf) struct buf line = BUF_INIT;

	signal(SIGXFSZ, SIG_IGN);
	alert_write(&p->sample.alert, &line);
	open_output(p);
	assert_int_equal(send_sample(p), SENT);

	getrlimit(RLIMIT_FSIZE, &before);
	small = before;
	small.rlim_cur = line.len + 1 + line.len / 2;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	assert_int_equal(send_sample(p), SEND_FAILED);
	assert_int_equal(send_sample(p), SEND_FAILED);
	setrlimit(RLIMIT_FSIZE, &before);
	assert_non_null(strstr(p->error, "File too large"));
	assert_holds(p->path, "", 1, &p->sample.alert);

	assert_int_equal(send_sample(p), SENT);
	assert_holds(p->path, "", 2, &p->sample.alert);
	output_file.close(p->self);
}

/* A line that a killed writer left unfinished spoils only itself. */
static void test_torn_line(void **state)
{
	struct place *p = *state;
	FILE *f = fopen(p->path, "w");

	fputs("{\"id\": \"0193", f);
	fclose(f);
	open_output(p);
	assert_int_equal(send_sample(p), SENT);
	output_file.close(p->self);
	assert_holds(p->path, "{\"id\": \"0193\n", 1, &p->sample.alert);
}

/* What the rest of the test is done as: a user without any privilege. Only for root. */
static void become(uid_t uid)
{
	assert_int_equal(setresgid(-1, uid, -1), 0);
	assert_int_equal(setresuid(-1, uid, -1), 0);
}

static void become_root(void)
{
	assert_int_equal(setresuid(-1, 0, -1), 0);
	assert_int_equal(setresgid(-1, 0, -1), 0);
}

#define SOME_USER 65534

/* Root opens, another user writes: what was made for it can be rotated where the folder is its own. */
static void test_given_away(void **state)
{
	struct place *p = *state;
	char rotated[128];
	struct stat st;

	if (geteuid() != 0)
		skip();
	snprintf(rotated, sizeof(rotated), "%s.1", p->path);
	p->options = (struct outputs_options){ .changes_user = true, .uid = SOME_USER, .gid = SOME_USER };
	assert_int_equal(chown(p->folder, SOME_USER, SOME_USER), 0);
	open_output(p);
	assert_int_equal(stat(p->path, &st), 0);
	assert_int_equal(st.st_uid, SOME_USER);
	assert_int_equal(st.st_gid, SOME_USER);

	become(SOME_USER);
	assert_int_equal(send_sample(p), SENT);
	assert_int_equal(rename(p->path, rotated), 0);
	assert_int_equal(send_sample(p), SENT);
	output_file.close(p->self);
	become_root();
	assert_holds(rotated, "", 1, &p->sample.alert);
	assert_holds(p->path, "", 1, &p->sample.alert);
}

/* What was there stays whose it was. */
static void test_not_given_away(void **state)
{
	struct place *p = *state;
	struct stat st;

	if (geteuid() != 0)
		skip();
	fclose(fopen(p->path, "w"));
	p->options = (struct outputs_options){ .changes_user = true, .uid = SOME_USER, .gid = SOME_USER };
	open_output(p);
	output_file.close(p->self);
	assert_int_equal(stat(p->path, &st), 0);
	assert_int_equal(st.st_uid, 0);
}

/* In a folder that is not the user's, what is open goes on; a rotation ends it, and the error says why. */
static void test_folder_of_root(void **state)
{
	struct place *p = *state;
	char rotated[128];

	if (geteuid() != 0)
		skip();
	snprintf(rotated, sizeof(rotated), "%s.1", p->path);
	p->options = (struct outputs_options){ .changes_user = true, .uid = SOME_USER, .gid = SOME_USER };
	open_output(p);
	become(SOME_USER);			/* who may not even look into the folder */
	assert_int_equal(send_sample(p), SENT);
	become_root();
	assert_int_equal(truncate(p->path, 0), 0);
	become(SOME_USER);
	assert_int_equal(send_sample(p), SENT);
	become_root();
	assert_holds(p->path, "", 1, &p->sample.alert);

	assert_int_equal(chmod(p->folder, 0755), 0);
	assert_int_equal(rename(p->path, rotated), 0);
	become(SOME_USER);
	assert_int_equal(send_sample(p), SEND_FAILED);
	assert_non_null(strstr(p->error, "copytruncate"));
	become_root();
	assert_int_equal(unlink(rotated), 0);
	assert_int_equal(chmod(p->folder, 0700), 0);
	become(SOME_USER);
	assert_int_equal(send_sample(p), SEND_FAILED);	/* a file without a name keeps nothing */
	become_root();
	output_file.close(p->self);
}

static void expect_refusal(struct place *p, const char *why)
{
	assert_true(output_file.open(p->self, &p->options, p->error, sizeof(p->error)) < 0);
	if (!strstr(p->error, why))
		fail_msg("%s", p->error);
}

static void test_refusals(void **state)
{
	struct place *p = *state;
	char other[128];

	snprintf(other, sizeof(other), "%s.1", p->path);
	assert_int_equal(symlink(other, p->path), 0);
	expect_refusal(p, "it is a symbolic link");
	assert_int_equal(access(other, F_OK), -1);
	unlink(p->path);

	assert_int_equal(mkfifo(p->path, 0600), 0);
	expect_refusal(p, "it is no regular file");	/* and does not wait for a reader */
	unlink(p->path);

	assert_int_equal(mkdir(p->path, 0700), 0);
	expect_refusal(p, "Is a directory");
	rmdir(p->path);
}

static void test_check(void **state)
{
	struct place *p = *state;

	assert_int_equal(output_file.check(p->self, p->error, sizeof(p->error), NULL, 0), 0);
	set_path(&output_file, p->self, "path", "");
	assert_int_equal(output_file.check(p->self, p->error, sizeof(p->error), NULL, 0), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_append, setup, teardown),
		cmocka_unit_test_setup_teardown(test_rotation, setup, teardown),
		cmocka_unit_test_setup_teardown(test_folder_gone, setup, teardown),
		cmocka_unit_test_setup_teardown(test_folder_later, setup, teardown),
		cmocka_unit_test_setup_teardown(test_full, setup, teardown),
		cmocka_unit_test_setup_teardown(test_torn_line, setup, teardown),
		cmocka_unit_test_setup_teardown(test_given_away, setup, teardown),
		cmocka_unit_test_setup_teardown(test_not_given_away, setup, teardown),
		cmocka_unit_test_setup_teardown(test_folder_of_root, setup, teardown),
		cmocka_unit_test_setup_teardown(test_refusals, setup, teardown),
		cmocka_unit_test_setup_teardown(test_check, setup, teardown),
	};

	return cmocka_run_group_tests_name("file", tests, NULL, NULL);
}
