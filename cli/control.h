/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The control socket of a run: a unix stream socket in the state directory, by which other processes of this
 * machine ask it something. A request is one line; the answer is "ok LENGTH\n" and that many bytes, or
 * "error TEXT\n"; then the connection is closed.
 *
 * The side that answers never waits: everything is done as far as it goes when session_run() says that
 * something can be. A client that takes its time is thrown out.
 */
#ifndef CLI_CONTROL_H
#define CLI_CONTROL_H

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/str.h"
#include "cli/privileges.h"

struct control;

enum control_request { CONTROL_STATUS_TEXT, CONTROL_STATUS_JSON };

struct control_options {
	const char *state;		/* the state directory; borrowed until control_free() */
	const struct privileges *who;	/* whom the process is about to become; borrowed as long */
	void (*answer)(void *ctx, enum control_request request, struct buf *to);
	void *ctx;
};

/*
 * Before privileges are given up: makes the state directory where it is missing (0750, of the user to
 * become). NULL after a sentence on stderr: the run goes on without a socket.
 */
struct control *control_open(const struct control_options *options);
/* Afterwards: takes the lock in it that says that a run is here, and makes the socket (0660). Returns @c, or
 * NULL after a sentence on stderr, @c is then released. NULL in, NULL out. */
struct control *control_listen(struct control *c);
/* Removes the socket. NULL in, NULL out. */
struct control *control_free(struct control *c);

/* Readable when control_serve() has something to do; -1 of NULL. */
int control_fd(const struct control *c);
void control_serve(struct control *c);
/* Every second. @c may be NULL. */
void control_tick(struct control *c);

/*
 * The other side: asks the run whose state directory is @state and appends its answer to @ret. 0; -ENOENT,
 * -ECONNREFUSED: nobody is there; -ETIMEDOUT: it does not answer; -EBADMSG: that was no answer; or another
 * -errno.
 */
int control_ask(const char *state, enum control_request request, struct buf *ret);
/* Its last step: appends to @ret what follows the head, which has to be as long as that says. 0, -EBADMSG, or
 * -ENOMEM. */
int control_read_answer(struct str whole, struct buf *ret);

DEFINE_CLEANUP(struct control *, control_free)

#endif
