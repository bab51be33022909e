/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One execve, as everything here sees it.
 *
 * A member that is not known says so itself: num.known, str.p != NULL, words.known. Nothing is ever made up
 * for an unknown one. An event is made by its source (the wire decoder, the record reader), which owns all
 * memory behind it, and is borrowed by everybody else for one call.
 *
 * The meaning of each member is in fields.def, beside its name.
 */
#ifndef EVENT_EVENT_H
#define EVENT_EVENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

/* Integers, booleans (0, 1), durations and times (nanoseconds). */
struct num {
	int64_t value;
	bool known;
};

#define NUM(v) ((struct num){ (v), true })

/*
 * An argument vector. The words are slices of one text, in which one space stands between two words: so
 * `joined`, which rules call argv, costs nothing. Known and empty: n == 0, joined "" (not NULL).
 */
struct words {
	const struct str *item;
	size_t n;
	struct str joined;
	bool known;
};

struct pair {
	struct str name, value;
};

/* Environment variables, labels. In the order of their source; names are unique. */
struct pairs {
	const struct pair *item;
	size_t n;
	bool known;
};

/* A process by name: the parent, the ancestors, the image that made the call. */
struct process {
	struct str id, comm, exe;
	struct num pid;
	struct words argv;		/* the parent's only */
};

/* The nearest ancestors that an event holds; further ones are dropped. */
#define EVENT_MAX_ANCESTORS 64

struct event {
	struct num seq, time, mono_ns, duration;
	struct str host, boot;
	struct pairs labels;

	struct str syscall, abi;
	struct str filename, exe;
	struct num exe_memfd, exe_deleted;
	struct num file_ino, file_dev, file_uid, file_gid, file_nlink;
	struct str file_mode;

	struct words argv, given_argv;
	struct num argc, argv_bytes;
	struct str argv_state;

	struct str comm;
	struct process caller;		/* comm and exe */

	struct str id;
	struct num pid, tid, ppid, pgid, sid, ns_pid;
	struct num uid, gid, euid, egid;
	struct str user;
	struct num login_uid, audit_session;
	struct str login;
	struct str cwd, tty;
	struct str fd_in, fd_out, fd_err;
	struct num traced;

	struct num retval, returned;
	struct str err;			/* the rule field errno, which is a macro of the C library */
	struct str stage;

	/* parent and ancestor[0] are the same process; event_complete() makes them agree. */
	struct process parent;
	struct process ancestor[EVENT_MAX_ANCESTORS];
	size_t n_ancestors;

	struct str cgroup, unit;
	struct str container_id, container_runtime;
	struct num ns_pid_ino, ns_mnt_ino, ns_host;
	struct pairs env;
	struct str env_state;
};

/* Everything unknown, and no ancestors. */
void event_clear(struct event *ev);

/* A further ancestor, all of it unknown; NULL: there are as many as an event holds. */
struct process *event_add_ancestor(struct event *ev);

/*
 * Fills in what follows from the rest, for a source that has set what it knows: retval from errno and the
 * reverse, argc and argv_bytes from a complete argv, parent and ancestor[0] from each other. A value that is
 * there is never changed. Call it once, before the event is handed on.
 */
void event_complete(struct event *ev);

/* result: successful unless retval says otherwise or the return was not seen. */
bool event_failed(const struct event *ev);	/* retval is known and not 0 */
bool event_return_missed(const struct event *ev);	/* returned is known and false */

/* Is argv whole (`complete`, or not said)? Where not, a predicate over it may be undecided. */
enum argv_state { ARGV_COMPLETE, ARGV_CUT, ARGV_PARTIAL };
enum argv_state event_argv_state(const struct event *ev);

#endif
