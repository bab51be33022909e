/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Execs of known commands on this machine, each compared field by field with what the capture says of it.
 *
 *	live BACKEND
 *
 * Each scenario of scenarios.c runs in a child of its own, which makes one call of execve or execveat; events
 * of other processes are passed over. Prints TAP; where nothing can be attached, that all of it is skipped.
 */
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <poll.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "bpf/capture.h"
#include "tests/capture/scenarios.h"

#define MANY 1000
#define PATIENCE_S 30			/* for events that do not come at all */

struct live {
	const struct scenario *scenario;	/* the one that runs; NULL: MANY execs are counted */
	pid_t child;
	int64_t before_ns, epoch_offset_ns;
	unsigned int events, wrong, numbered;
	const struct capture *capture;
	const char *backend;
	char self[4096], cwd[4096], start_ticks[32];
	char root[4096];		/* of this test where it is in a chroot; paths are the namespace's */
};

static int64_t now_ns(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return t.tv_sec * INT64_C(1000000000) + t.tv_nsec;
}

__attribute__((format(printf, 2, 3))) static void wrong(struct live *l, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	printf("# ");
	vprintf(fmt, args);
	printf("\n");
	va_end(args);
	l->wrong++;
}

static void want_num(struct live *l, const char *field, struct num got, int64_t want)
{
	if (!got.known)
		wrong(l, "%s is not known, want %" PRId64, field, want);
	else if (got.value != want)
		wrong(l, "%s is %" PRId64 ", want %" PRId64, field, got.value, want);
}

/* @want NULL: must not be known. */
static void want_str(struct live *l, const char *field, struct str got, const char *want)
{
	if (!str_eq(got, str_of(want)))
		wrong(l, "%s is %.*s, want %s", field, STR_ARG(str_known(got) ? got : STR_LIT("(unknown)")),
		      want ? want : "(unknown)");
}

/* A path of the file system, as this test sees it. */
static void want_path(struct live *l, const char *field, struct str got, const char *want)
{
	char path[2 * PATH_MAX];

	snprintf(path, sizeof(path), "%s%s", l->root, want);
	want_str(l, field, got, path);
}

/* In a chroot nothing but an event tells where it lies. What the first one says must then hold for all; and
 * a folder that is there from here, too, is no chroot's. */
static void learn_root(struct live *l, struct str parent_exe)
{
	struct str self = str_of(l->self);

	if (l->root[0] || !str_has_suffix(parent_exe, self))
		return;
	snprintf(l->root, sizeof(l->root), "%.*s", (int)(parent_exe.len - self.len), parent_exe.p);
	if (access(l->root, F_OK) == 0)
		l->root[0] = '\0';
}

static void check_argv(struct live *l, const struct event *ev)
{
	const struct scenario *s = l->scenario;
	size_t bytes = 0, n = ev->argv.n;

	want_str(l, "argv_state", ev->argv_state, s->argv_state ? s->argv_state : "complete");
	if (s->argv_state == NULL && n != s->n_argv)
		wrong(l, "argv has %zu words, want %zu", n, s->n_argv);
	for (size_t i = 0; i < s->n_argv; i++) {
		struct str want = s->argv[i];

		bytes += want.len + 1;
		if (i >= n)
			continue;
		/* The last word of a cut argv is a beginning of what was handed over. */
		if (s->cut && i == n - 1 ? !str_has_prefix(want, ev->argv.item[i])
					 : !str_eq(want, ev->argv.item[i]))
			wrong(l, "argv[%zu] differs: %zu bytes, want %zu", i, ev->argv.item[i].len, want.len);
	}
	if (n == 0) {
		if (ev->argv.known || ev->argc.known)
			wrong(l, "argv is known, and could not be read");
		return;
	}
	want_num(l, "argc", ev->argc, (int64_t)s->n_argv);
	if (!s->argv_state || s->cut)
		want_num(l, "argv_bytes", ev->argv_bytes, (int64_t)bytes);
	if (s->cut && ev->argv.joined.len < CAPTURE_MAX_ARGV - 4096)
		wrong(l, "only %zu bytes of argv", ev->argv.joined.len);
}

static void check_image(struct live *l, const struct event *ev)
{
	const struct scenario *s = l->scenario;
	char mode[8], resolved[PATH_MAX];
	struct stat st;

	if (s->retval != 0) {
		want_str(l, "exe", ev->exe, NULL);
		want_path(l, "caller.exe", ev->caller.exe, l->self);
		return;
	}
	if (s->memfd)
		want_str(l, "exe", ev->exe, s->exe);
	else
		want_path(l, "exe", ev->exe, realpath(s->exe, resolved) ? resolved : s->exe);
	want_num(l, "exe_memfd", ev->exe_memfd, s->memfd);
	want_num(l, "exe_deleted", ev->exe_deleted, s->deleted);
	if (s->memfd || s->deleted || stat(s->exe, &st) < 0)
		return;
	snprintf(mode, sizeof(mode), "%04o", st.st_mode & 07777);
	want_num(l, "file.ino", ev->file_ino, (int64_t)st.st_ino);
	want_num(l, "file.dev", ev->file_dev, (int64_t)st.st_dev);
	want_num(l, "file.nlink", ev->file_nlink, (int64_t)st.st_nlink);
	want_num(l, "file.uid", ev->file_uid, st.st_uid);
	want_num(l, "file.gid", ev->file_gid, st.st_gid);
	want_str(l, "file.mode", ev->file_mode, mode);
}

/* The two variables that are reported, each once, and not the others. */
static void check_env(struct live *l, const struct event *ev)
{
	if (l->scenario->retval != 0) {
		if (ev->env.known)
			wrong(l, "env is known of a failed call");
		return;
	}
	if (ev->env.n != 2) {
		wrong(l, "env has %zu variables, want 2", ev->env.n);
		return;
	}
	want_str(l, "env name", ev->env.item[0].name, "HISTFILE");
	want_str(l, "env value", ev->env.item[0].value, "");
	want_str(l, "env name", ev->env.item[1].name, "SUDO_USER");
	want_str(l, "env value", ev->env.item[1].value, "ann");
}

static void check_process(struct live *l, const struct event *ev)
{
	const struct scenario *s = l->scenario;
	char id[80];

	want_num(l, "pid", ev->pid, l->child);
	if (s->thread ? ev->tid.value == l->child : ev->tid.value != l->child)
		wrong(l, "tid is %" PRId64, ev->tid.value);
	want_num(l, "ppid", ev->ppid, getpid());
	want_num(l, "pgid", ev->pgid, getpgrp());
	want_num(l, "sid", ev->sid, getsid(0));
	want_num(l, "uid", ev->uid, getuid());
	want_num(l, "gid", ev->gid, getgid());
	want_num(l, "euid", ev->euid, geteuid());
	want_num(l, "egid", ev->egid, getegid());
	want_str(l, "user", ev->user, "root");
	want_path(l, "cwd", ev->cwd, l->cwd);
	want_str(l, "caller.comm", ev->caller.comm, "caller");
	/* Of an exec by descriptor the name differs between kernels. */
	if (s->retval != 0 || s->comm)
		want_str(l, "comm", ev->comm, s->comm ? s->comm : "caller");
	want_str(l, "parent.comm", ev->parent.comm, "live");
	want_path(l, "parent.exe", ev->parent.exe, l->self);
	want_num(l, "parent.pid", ev->parent.pid, getpid());
	snprintf(id, sizeof(id), "00112233-%d-%s", getpid(), l->start_ticks);
	want_str(l, "parent.id", ev->parent.id, id);
	if (ev->n_ancestors < 2 || ev->ancestor[1].pid.value != getppid())
		wrong(l, "ancestors[1] is not the parent's parent");
	if (!str_has_prefix(ev->id, STR_LIT("00112233-")) || str_eq(ev->id, ev->parent.id))
		wrong(l, "id is %.*s", STR_ARG(ev->id));
}

static void check_call(struct live *l, const struct event *ev)
{
	const struct scenario *s = l->scenario;

	want_str(l, "syscall", ev->syscall, s->syscall ? s->syscall : "execve");
	want_str(l, "abi", ev->abi, s->abi ? s->abi : "64");
	want_str(l, "filename", ev->filename, s->filename);
	want_num(l, "retval", ev->retval, s->retval);
	want_str(l, "stage", ev->stage, strcmp(l->backend, "kprobe") == 0 ? s->stage : NULL);
	want_num(l, "time", ev->time, ev->mono_ns.value - ev->duration.value + l->epoch_offset_ns);
	if (ev->duration.value <= 0 || ev->mono_ns.value - ev->duration.value < l->before_ns ||
	    ev->mono_ns.value > now_ns(CLOCK_MONOTONIC))
		wrong(l, "from %" PRId64 " for %" PRId64 " ns is not when it ran", ev->mono_ns.value,
		      ev->duration.value);
}

/*
 * The values of a field, of ancestors those beyond the parent, are what capture_fills() says of it. Without
 * systemd a unit is what somebody named like one.
 */
static void check_fill(struct live *l, const struct event *ev, const struct field *field)
{
	bool of_ancestors = field->place == PLACE_ANCESTORS;
	struct field_ref ref = { .field = field, .indexed = of_ancestors, .index = of_ancestors ? 1 : 0 };
	const char *why = "";
	struct value only, got;
	enum fill fill = capture_fills(l->capture, field->name, &only, &why);
	bool is_one = fill == FILL_ALWAYS_SAME || fill == FILL_MAY_SAME;

	if (fill == FILL_NEVER && (!why || !*why))
		wrong(l, "%s is never known, and no reason is given", field->name);
	do {
		struct field_cursor cursor = { 0 };

		if (!field_next(&ref, ev, &cursor, &got)) {
			if (fill == FILL_ALWAYS_SAME)
				wrong(l, "%s is not known, and always should be", field->name);
		} else if (fill == FILL_NEVER && strcmp(field->name, "unit") != 0) {
			wrong(l, "%s is known, and never should be", field->name);
		} else if (is_one && (field_ref_is_number(&ref) ? got.number != only.number :
									    !str_eq(got.text, only.text))) {
			wrong(l, "%s has another value than its only one", field->name);
		}
	} while (of_ancestors && ++ref.index < (int32_t)ev->n_ancestors);
}

static void check_fills(struct live *l, const struct event *ev)
{
	for (size_t i = 0; i < n_fields; i++)
		if (field_table[i].place != PLACE_DERIVED && field_table[i].type != FT_MAP)
			check_fill(l, ev, &field_table[i]);
}

static void on_event(void *ctx, const struct event *ev)
{
	struct live *l = ctx;

	check_fills(l, ev);
	if (!ev->ppid.known || ev->ppid.value != getpid())
		return;
	l->events++;
	if (!l->scenario)
		return;
	check_call(l, ev);
	learn_root(l, ev->parent.exe);
	check_argv(l, ev);
	check_image(l, ev);
	check_process(l, ev);
	check_env(l, ev);
	want_str(l, "fd.in", ev->fd_in, "null");
}

static void verdict(struct live *l, const char *name)
{
	printf("%sok %u - %s\n", l->wrong ? "not " : "", ++l->numbered, name);
	fflush(stdout);
}

/* Until @n events came, and then for what may be there besides. */
static void wait_for(struct live *l, struct capture *c, unsigned int n)
{
	time_t end = time(NULL) + PATIENCE_S;

	while (l->events < n && time(NULL) < end) {
		struct pollfd fd = { .fd = capture_fd(c), .events = POLLIN };

		poll(&fd, 1, 1000);
		capture_consume(c);
	}
	capture_consume(c);
	if (l->events != n)
		wrong(l, "%u events, want %u", l->events, n);
}

static unsigned int run_scenario(struct live *l, struct capture *c, const struct scenario *s)
{
	l->scenario = s;
	l->events = l->wrong = 0;
	l->before_ns = now_ns(CLOCK_MONOTONIC);
	fflush(stdout);
	l->child = fork();
	if (l->child == 0) {
		s->run(s);
		_exit(0);
	}
	waitpid(l->child, NULL, 0);
	wait_for(l, c, 1);
	verdict(l, s->name);
	return l->wrong > 0;
}

/* As fast as one process can. */
static unsigned int run_many(struct live *l, struct capture *c)
{
	char *argv[] = { (char *)"true", NULL };

	l->scenario = NULL;
	l->events = l->wrong = 0;
	for (int i = 0; i < MANY; i++) {
		pid_t child;

		if (posix_spawn(&child, "/bin/true", NULL, NULL, argv, NULL) == 0)
			waitpid(child, NULL, 0);
	}
	wait_for(l, c, MANY);
	verdict(l, "1000 execs are 1000 events");
	return l->wrong > 0;
}

static unsigned int check_counters(struct live *l, struct capture *c)
{
	struct capture_counters k = capture_counters(c);

	l->wrong = 0;
	if (capture_lost(&k))
		wrong(l, "%" PRIu64 " losses", capture_lost(&k));
	if (k.entries < MANY || k.returns < MANY || k.execs < MANY || k.delivered < MANY)
		wrong(l, "%" PRIu64 " entries, %" PRIu64 " returns, %" PRIu64 " execs, %" PRIu64 " delivered",
		      k.entries, k.returns, k.execs, k.delivered);
	/* The two cut scenarios; of those with bad pointers two. Others may have made more. */
	if (k.argv_cut < 2 || k.argv_partial < 2)
		wrong(l, "%" PRIu64 " cut, %" PRIu64 " partial", k.argv_cut, k.argv_partial);
	verdict(l, "the counters agree");
	return l->wrong > 0;
}

/* Field 22 of /proc/self/stat; the second one, the name, ends with the last parenthesis. */
static void read_start(char *ret, size_t size)
{
	_cleanup_(fclose) FILE *f = fopen("/proc/self/stat", "re");
	char line[1024] = "", *p;

	if (!f || !fgets(line, sizeof(line), f) || !(p = strrchr(line, ')')))
		return;
	p++;
	for (int field = 3; field <= 22; field++) {
		char *next = strchr(p + 1, ' ');

		if (field == 22)
			snprintf(ret, size, "%.*s", next ? (int)(next - p - 1) : 0, p + 1);
		p = next ? next : p;
	}
}

static int backend_of(const char *name)
{
	for (int i = 0; backend_names[i]; i++)
		if (strcmp(backend_names[i], name) == 0)
			return i;
	return -1;
}

int main(int argc, char **argv)
{
	struct live l = { .epoch_offset_ns = now_ns(CLOCK_REALTIME) - now_ns(CLOCK_MONOTONIC) };
	int backend = argc == 2 ? backend_of(argv[1]) : -1, r;
	struct capture_options options = {
		.backend = (enum backend)backend, .epoch_offset_ns = l.epoch_offset_ns, .host = STR("host"),
		.boot = STR("00112233-4455-6677-8899-aabbccddeeff"), .event = on_event, .ctx = &l,
	};
	_cleanup_(capture_free) struct capture *c = NULL;
	_cleanup_(buf) struct buf why = BUF_INIT;
	unsigned int failed = 0;

	if (backend < 0) {
		fprintf(stderr, "usage: live BACKEND\n");
		return 2;
	}
	if (readlink("/proc/self/exe", l.self, sizeof(l.self) - 1) < 0)
		return 2;
	read_start(l.start_ticks, sizeof(l.start_ticks));

	r = capture_open(&options, &why, &c);
	if (r == -EPERM || r == -EOPNOTSUPP) {
		printf("1..0 # SKIP %.*s\n", STR_ARG(buf_get(&why)));
		return 0;
	}
	if (r < 0) {
		printf("1..1\nnot ok 1 - attach: %.*s\n", STR_ARG(buf_get(&why)));
		return 1;
	}
	l.backend = capture_backend(c);
	l.capture = c;
	printf("1..%zu\n# by %s\n", n_scenarios + 2, l.backend);
	if (!freopen("/dev/null", "r", stdin) || scenarios_prepare() < 0 || !getcwd(l.cwd, sizeof(l.cwd)))
		return 2;
	for (size_t i = 0; i < n_scenarios; i++)
		failed += run_scenario(&l, c, scenarios_get(i));
	failed += run_many(&l, c);
	failed += check_counters(&l, c);
	scenarios_clean();
	return failed ? 1 : 0;
}
