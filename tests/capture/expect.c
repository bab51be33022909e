/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an event must say: everything that the row of the scenario and the child's own truth hold, where the
 * backend can tell it. What it cannot tell must not be said.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/capture/live.h"

enum duty { MUST, MAY, MUST_NOT };

struct check {
	struct live *live;
	const struct scenario *call;	/* the row of this event */
	enum duty duty;			/* of what only a whole system call tells */
};

static bool is_by_kernel(const struct scenario *s)
{
	return s->syscall && strcmp(s->syscall, "kernel") == 0;
}

static bool is_of_32(const struct scenario *s)
{
	return s->changes_abi || (s->abi && strcmp(s->abi, "32") == 0);
}

static bool can_see(const struct live *l, const struct scenario *s)
{
	return s->retval == 0 || (l->can->failures && (l->can->calls_of_32 || !is_of_32(s)));
}

unsigned int expect_how_many(const struct live *l)
{
	unsigned int n = 0;

	for (size_t i = 0; i < l->n_calls; i++)
		n += can_see(l, &l->scenario[i]);
	return n;
}

static enum duty call_duty(const struct live *l, const struct scenario *s)
{
	if (!l->can->calls || is_by_kernel(s))
		return MUST_NOT;
	return is_of_32(s) && !l->can->calls_of_32 ? MAY : MUST;
}

/* --- Values ------------------------------------------------------------------------------------------- */

static void want_num(struct live *l, const char *field, struct num got, int64_t want)
{
	if (!got.known)
		wrong(l, "%s is not known, want %" PRId64, field, want);
	else if (got.value != want)
		wrong(l, "%s is %" PRId64 ", want %" PRId64, field, got.value, want);
}

/* @want -1: must not be known. */
static void want_id(struct live *l, const char *field, struct num got, int64_t want)
{
	if (want != -1)
		want_num(l, field, got, want);
	else if (got.known)
		wrong(l, "%s is %" PRId64 ", and unset", field, got.value);
}

static void say_str(struct live *l, const char *field, struct str got, const char *want)
{
	wrong(l, "%s is %.*s, want %s", field, STR_ARG(str_known(got) ? got : STR_LIT("(unknown)")),
	      want ? want : "(unknown)");
}

/* @want NULL: must not be known. */
static void want_str(struct live *l, const char *field, struct str got, const char *want)
{
	if (!str_eq(got, str_of(want)))
		say_str(l, field, got, want);
}

static void want_str_by(struct live *l, enum duty duty, const char *field, struct str got, const char *want)
{
	if (duty == MUST || (duty == MAY && str_known(got)))
		want_str(l, field, got, want);
	else if (str_known(got))
		say_str(l, field, got, NULL);
}

/* A path of the file system, as this test sees it. */
static void want_path_by(struct live *l, enum duty duty, const char *field, struct str got,
			 const char *want)
{
	char path[sizeof(l->root) + 2 * PATH_MAX];

	snprintf(path, sizeof(path), "%s%s", l->root, want);
	want_str_by(l, duty, field, got, path);
}

static void want_path(struct live *l, const char *field, struct str got, const char *want)
{
	want_path_by(l, MUST, field, got, want);
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

/* --- Words -------------------------------------------------------------------------------------------- */

/* Nothing of it may be wrong: each word is one that was handed over, or a beginning of it. */
static void check_part(struct live *l, const struct scenario *s, const struct event *ev)
{
	if (ev->argv.known && ev->argv.n > s->n_argv)
		wrong(l, "a part of argv has %zu words, of %zu", ev->argv.n, s->n_argv);
	for (size_t i = 0; i < ev->argv.n && i < s->n_argv; i++)
		if (!str_has_prefix(s->argv[i], ev->argv.item[i]))
			wrong(l, "argv[%zu] is %.*s, and should be a part of %.40s", i,
			      STR_ARG(ev->argv.item[i]), s->argv[i].p);
	if (ev->argc.known && ev->argv.known && ev->argv.n == s->n_argv)
		want_num(l, "argc", ev->argc, (int64_t)s->n_argv);
}

/* Does the backend see an exec just before the caller's memory goes? */
static bool sees_commit(const struct live *l)
{
	return l->can->given == ALWAYS || (l->can->given == FROM_6_10 && l->new_kernel);
}

/* What failed later than that has its words on a new stack, and only who saw it knows how many they are. */
static bool may_be_partial(const struct live *l, const struct scenario *s)
{
	return s->may_be_partial || (s->stage && strcmp(s->stage, "commit") == 0 && !sees_commit(l));
}

static void check_argv(struct live *l, const struct scenario *s, const struct event *ev)
{
	size_t bytes = 0, n = ev->argv.n;

	if (may_be_partial(l, s) && str_eq(ev->argv_state, STR_LIT("partial"))) {
		check_part(l, s, ev);
		return;
	}
	want_str(l, "argv_state", ev->argv_state, s->argv_state ? s->argv_state : "complete");
	if (s->argv_state == NULL && (!ev->argv.known || n != s->n_argv))
		wrong(l, "argv has %zu words, want %zu", n, s->n_argv);
	for (size_t i = 0; i < s->n_argv; i++) {
		struct str want = s->argv[i];

		bytes += want.len + 1;
		if (i >= n)
			continue;
		/* The last word of a cut argv is a beginning of what was handed over. */
		if (s->cut && i == n - 1 ? !str_has_prefix(want, ev->argv.item[i])
					 : !str_eq(want, ev->argv.item[i]))
			wrong(l, "argv[%zu] differs: %zu bytes, want %zu", i, ev->argv.item[i].len,
			      want.len);
	}
	if (s->argv_state && n == 0) {
		if (ev->argv.known || ev->argc.known)
			wrong(l, "argv is known, and could not be read");
		return;
	}
	want_num(l, "argc", ev->argc, (int64_t)s->n_argv);
	if (!s->argv_state || s->cut)
		want_num(l, "argv_bytes", ev->argv_bytes, (int64_t)bytes);
	if (s->cut && (ev->argv.joined.len + 4096 < l->limit || ev->argv.joined.len > l->limit))
		wrong(l, "%zu bytes of argv, the limit being %" PRIu64, ev->argv.joined.len, l->limit);
}

static void check_given(struct live *l, const struct scenario *s, const struct event *ev)
{
	const struct words *given = &ev->given_argv;

	if (!s->given_differs || s->retval != 0 || !sees_commit(l)) {
		if (given->known)
			wrong(l, "given_argv is %.*s, and should not be known", STR_ARG(given->joined));
		return;
	}
	if (!given->known || given->n != s->n_given) {
		wrong(l, "given_argv has %zu words, want %zu%s", given->n, s->n_given,
		      given->known ? "" : "; it is not known");
		return;
	}
	for (size_t i = 0; i < s->n_given; i++)
		if (!str_eq(given->item[i], s->given[i]))
			wrong(l, "given_argv[%zu] is %.*s, want %s", i, STR_ARG(given->item[i]),
			      s->given[i].p);
}

/* The two variables that are reported, each once, and not the others. */
static void check_env(struct live *l, const struct scenario *s, const struct event *ev)
{
	const struct pair *item;

	if (s->retval != 0 || is_by_kernel(s)) {
		if (ev->env.n > 0)
			wrong(l, "env is known, and nobody handed it over");
		return;
	}
	if (s->without_env) {
		if (!ev->env.known || ev->env.n > 0)
			wrong(l, "env has %zu variables, want none", ev->env.n);
		return;
	}
	want_str(l, "env_state", ev->env_state, s->cuts_env ? "cut" : "complete");
	if (ev->env.n != 3u + s->cuts_env) {
		wrong(l, "env has %zu variables, want %u", ev->env.n, 3u + s->cuts_env);
		return;
	}
	item = ev->env.item + s->cuts_env;
	want_str(l, "env name", item[0].name, "HISTFILE");
	want_str(l, "env value", item[0].value, "");
	want_str(l, "env name", item[1].name, "SUDO_USER");
	want_str(l, "env value", item[1].value, "ann");
	want_str(l, "env name", item[2].name, "BASH_ENV");
	want_str(l, "env value", item[2].value, "two");
}

/* --- The call, the image, the process ----------------------------------------------------------------- */

static void check_times(struct check *c, const struct event *ev)
{
	struct live *l = c->live;
	int64_t took = ev->duration.known ? ev->duration.value : 0;

	if (c->duty == MUST && !ev->duration.known)
		wrong(l, "duration is not known");
	if (c->duty == MUST_NOT && ev->duration.known)
		wrong(l, "duration is known, and cannot be");
	if (ev->duration.known && ev->duration.value <= 0)
		wrong(l, "duration is %" PRId64, ev->duration.value);
	/* Where the return was not seen, it may be the entry, and how long it took still not be known. */
	if (ev->duration.known)
		want_num(l, "time", ev->time, ev->mono_ns.value - took + l->epoch_offset_ns);
	else if (!ev->time.known || ev->time.value < l->before_ns + l->epoch_offset_ns ||
		 ev->time.value > ev->mono_ns.value + l->epoch_offset_ns)
		wrong(l, "time is %" PRId64, ev->time.value);
	if (!ev->mono_ns.known || ev->mono_ns.value - took < l->before_ns || ev->mono_ns.value > live_now())
		wrong(l, "from %" PRId64 " for %" PRId64 " ns is not when it ran", ev->mono_ns.value, took);
}

static void check_call(struct check *c, const struct event *ev)
{
	const struct scenario *s = c->call;
	struct live *l = c->live;

	if (is_by_kernel(s)) {
		want_str(l, "syscall", ev->syscall, "kernel");
	} else {
		want_str_by(l, c->duty, "syscall", ev->syscall, s->syscall ? s->syscall : "execve");
		want_str_by(l, c->duty, "abi", ev->abi, s->abi ? s->abi : "64");
	}
	want_str(l, "filename", ev->filename, s->filename);
	want_num(l, "retval", ev->retval, s->retval);
	if (ev->returned.known && !ev->returned.value)
		wrong(l, "the return was missed");
	want_str_by(l, l->can->stages ? MUST : MAY, "stage", ev->stage, s->retval ? s->stage : NULL);
	check_times(c, ev);
}

static void check_file(struct live *l, const char *path, const struct event *ev)
{
	char mode[8];
	struct stat st;

	if (stat(path, &st) < 0)
		return;
	snprintf(mode, sizeof(mode), "%04o", st.st_mode & 07777);
	want_num(l, "file.ino", ev->file_ino, (int64_t)st.st_ino);
	want_num(l, "file.dev", ev->file_dev, (int64_t)st.st_dev);
	want_num(l, "file.nlink", ev->file_nlink, (int64_t)st.st_nlink);
	want_num(l, "file.uid", ev->file_uid, st.st_uid);
	want_num(l, "file.gid", ev->file_gid, st.st_gid);
	want_str(l, "file.mode", ev->file_mode, mode);
}

static void check_image(struct live *l, const struct scenario *s, const struct event *ev)
{
	char here[PATH_MAX], path[2 * PATH_MAX];

	if (s->retval != 0) {
		/* Past the point of no return it is the new one. */
		if (!s->comm)
			want_str(l, "exe", ev->exe, NULL);
		return;
	}
	want_num(l, "exe_memfd", ev->exe_memfd, s->memfd);
	want_num(l, "exe_deleted", ev->exe_deleted, s->deleted);
	if (s->memfd) {
		want_str(l, "exe", ev->exe, s->exe);
		return;
	}
	if (!getcwd(here, sizeof(here)))
		abort();
	if (s->exe[0] == '/')
		snprintf(path, sizeof(path), "%s", s->exe);
	else
		snprintf(path, sizeof(path), "%s/%s", here, s->exe);
	/* /bin may be a link. Of a private mount this is no file here. */
	if (!s->deleted && realpath(path, here))
		snprintf(path, sizeof(path), "%s", here);
	want_path(l, "exe", ev->exe, path);
	if (!s->deleted)
		check_file(l, path, ev);
}

static void check_caller(struct check *c, const struct event *ev)
{
	const struct scenario *s = c->call;
	struct live *l = c->live;
	char path[2 * PATH_MAX];

	if (!s->caller)
		snprintf(path, sizeof(path), "%s", l->self);
	else
		snprintf(path, sizeof(path), "%s/%s", l->truth->cwd, s->caller);
	want_str_by(l, c->duty, "caller.comm", ev->caller.comm, s->caller ? s->caller : "caller");
	want_path_by(l, c->duty, "caller.exe", ev->caller.exe, path);
	if (s->comm)
		want_str(l, "comm", ev->comm, s->comm);
	else if (s->retval != 0)
		want_str(l, "comm", ev->comm, s->caller ? s->caller : "caller");
}

static void check_ids(struct check *c, const struct event *ev)
{
	const struct truth *t = c->live->truth;
	const struct scenario *s = c->call;
	struct live *l = c->live;

	want_num(l, "pid", ev->pid, t->pid ? t->pid : l->child);
	if (ev->tid.known && (s->thread ? ev->tid.value == l->child : ev->tid.value != ev->pid.value))
		wrong(l, "tid is %" PRId64, ev->tid.value);
	if (!ev->tid.known && c->duty == MUST)
		wrong(l, "tid is not known");
	want_num(l, "ppid", ev->ppid, t->ppid ? t->ppid : getpid());
	want_num(l, "pgid", ev->pgid, t->pgid ? t->pgid : getpgrp());
	want_num(l, "sid", ev->sid, t->sid ? t->sid : getsid(0));
	want_num(l, "ns_pid", ev->ns_pid, t->ns_pid);
	want_num(l, "uid", ev->uid, t->uid);
	want_num(l, "gid", ev->gid, t->gid);
	want_num(l, "euid", ev->euid, s->euid_root ? 0 : t->euid);
	want_num(l, "egid", ev->egid, t->egid);
	want_str(l, "user", ev->user, t->uid == 0 ? "root" : "nobody");
	want_id(l, "login_uid", ev->login_uid, t->login_uid);
	want_id(l, "audit_session", ev->audit_session, t->audit_session);
	if (t->login_uid == NOBODY)
		want_str(l, "login", ev->login, "nobody");
	if (!str_has_prefix(ev->id, STR_LIT("00112233-")) || str_eq(ev->id, ev->parent.id))
		wrong(l, "id is %.*s", STR_ARG(ev->id));
}

static void check_place(struct check *c, const struct event *ev)
{
	const struct truth *t = c->live->truth;
	struct live *l = c->live;

	want_path(l, "cwd", ev->cwd, t->cwd);
	want_str(l, "tty", ev->tty, t->tty[0] ? t->tty : NULL);
	want_str(l, "fd.in", ev->fd_in, t->fd[0]);
	want_str(l, "fd.out", ev->fd_out, t->fd[1]);
	want_str(l, "fd.err", ev->fd_err, t->fd[2]);
	want_num(l, "traced", ev->traced, c->call->traced);
	want_num(l, "ns.pid", ev->ns_pid_ino, t->ns_pid_ino);
	want_num(l, "ns.mnt", ev->ns_mnt_ino, t->ns_mnt_ino);
	/* Not everybody may look at the first process. */
	if (l->host_ns != -1)
		want_num(l, "ns.host", ev->ns_host, t->ns_mnt_ino == l->host_ns);
	if (c->call->other_ns && ev->ns_host.known && ev->ns_host.value)
		wrong(l, "ns.host is said of another namespace");
	if (t->cgroup[0])
		want_str(l, "cgroup", ev->cgroup, t->cgroup);
	/* This test itself may run in a unit, or in a container. */
	if (!c->call->unit && strcmp(t->cgroup, "/") != 0)
		return;
	want_str(l, "unit", ev->unit, c->call->unit);
	want_str(l, "container.id", ev->container_id, c->call->container);
	want_str(l, "container.runtime", ev->container_runtime, c->call->container ? "docker" : NULL);
}

/* This test is the parent; of a namespace's first process the grandparent. */
static void check_ancestors(struct live *l, const struct event *ev)
{
	char id[80];

	if (ev->parent.pid.known && ev->parent.pid.value != getpid()) {
		want_str(l, "parent.comm", ev->parent.comm, "caller");
		if (ev->n_ancestors < 2 || ev->ancestor[1].pid.value != getpid())
			wrong(l, "ancestors[1] is not this test");
		return;
	}
	want_num(l, "parent.pid", ev->parent.pid, getpid());
	want_str(l, "parent.comm", ev->parent.comm, "live");
	want_path(l, "parent.exe", ev->parent.exe, l->self);
	snprintf(id, sizeof(id), "00112233-%d-%s", getpid(), l->start_ticks);
	want_str(l, "parent.id", ev->parent.id, id);
	want_str(l, "parent.argv", ev->parent.argv.joined, l->cmdline);
	if (ev->n_ancestors < 2 || ev->ancestor[1].pid.value != getppid()) {
		wrong(l, "ancestors[1] is not the parent's parent");
		return;
	}
	want_str(l, "ancestors[1].exe", ev->ancestor[1].exe, l->grandparent_exe);
}

static const struct scenario *call_of(struct live *l, const struct event *ev)
{
	size_t i, fallback = l->n_calls;

	for (i = 0; i < l->n_calls; i++) {
		const struct scenario *s = &l->scenario[i];

		if (l->seen[i] || !can_see(l, s))
			continue;
		if (fallback == l->n_calls)
			fallback = i;
		if (str_eq(ev->filename, str_of(s->filename)) && ev->retval.value == s->retval &&
		    ev->argv.n == s->n_argv)
			break;
	}
	i = i < l->n_calls ? i : fallback;
	if (i == l->n_calls)
		return NULL;
	l->seen[i] = true;
	return &l->scenario[i];
}

void expect_event(struct live *l, const struct event *ev)
{
	const struct scenario *s = call_of(l, ev);
	struct check c = { .live = l, .call = s };

	if (!s) {
		wrong(l, "an event too many: %.*s gave %" PRId64, STR_ARG(ev->filename), ev->retval.value);
		return;
	}
	c.duty = call_duty(l, s);
	if (!s->name)
		printf("# then %s\n", s->filename);
	learn_root(l, ev->parent.exe);
	check_call(&c, ev);
	check_argv(l, s, ev);
	check_given(l, s, ev);
	check_image(l, s, ev);
	check_env(l, s, ev);
	check_caller(&c, ev);
	if (is_by_kernel(s)) {
		if (!str_eq(ev->parent.comm, STR_LIT("kthreadd")) &&
		    !str_has_prefix(ev->parent.comm, STR_LIT("kworker/")))
			wrong(l, "parent.comm is %.*s, and no thread of the kernel",
			      STR_ARG(ev->parent.comm));
		want_num(l, "uid", ev->uid, 0);
		return;
	}
	check_ids(&c, ev);
	check_place(&c, ev);
	check_ancestors(l, ev);
}
