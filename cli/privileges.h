/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Giving up what a live verb was started with, once it has loaded, attached and opened. What is left are the
 * descriptors that it works with; docs/privileges.md names them and what can be done with them.
 */
#ifndef CLI_PRIVILEGES_H
#define CLI_PRIVILEGES_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/str.h"

/* Who the process becomes. */
struct privileges {
	bool changes_user;		/* false: it was not started as root, and stays who it is */
	uid_t uid;
	gid_t gid;
	struct str name;		/* as configured, borrowed */
	bool is_nobody;			/* instead of that one, who does not exist */
};

/*
 * Whom to become: @user (NUL-terminated, borrowed), or nobody where no such user exists; root alone can.
 * EXIT_FINE, or EXIT_SYSTEM after a sentence on stderr.
 */
int privileges_find(struct str user, struct privileges *ret);

/*
 * Gives up supplementary groups, gid, uid and every capability of every set, and with no_new_privs the way
 * back by programs with a set-uid bit; no longer dumpable, it cannot be traced or robbed of its descriptors
 * by other processes of its user. What cannot be given up is an error: nothing may go on then. The bounding
 * set is the exception where the process was not started as root and has no CAP_SETPCAP: by itself it grants
 * nothing. Who became nobody, or is root all the same, is said on stderr. Capabilities belong to a thread: to
 * be called while there is but one. EXIT_FINE, or EXIT_SYSTEM after a sentence on stderr.
 */
int privileges_drop(const struct privileges *p);

#endif
