/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names of user ids, from a passwd file (passwd(5)) read into memory. An event is never kept waiting by a
 * name service: users that only NSS knows (LDAP, systemd's dynamic users) have no name here.
 */
#ifndef BPF_USERS_H
#define BPF_USERS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "base/str.h"

struct users;

/* Reads @path, which must outlive the table. A file that cannot be read gives an empty table. 0, -ENOMEM. */
int users_new(const char *path, struct users **ret);
struct users *users_free(struct users *u);

/*
 * Reads the file again if it has changed; the old table stays where that fails. Names handed out before
 * become invalid. Reads a file: call it between events, not in one. True: the table is a new one.
 */
bool users_refresh(struct users *u);

/* The first name that the file gives @uid, unknown: none. @u may be NULL. Valid until users_refresh(). */
struct str users_name(const struct users *u, uint32_t uid);

DEFINE_CLEANUP(struct users *, users_free)

#endif
