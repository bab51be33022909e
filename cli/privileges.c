/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Giving up privilege; see privileges.h. libcap-ng does it, in the order that works (the groups while there
 * is a capability to set them, the uid last). What matters is how it is in the end, so that is read back from
 * the kernel and not believed.
 */
#include "cli/privileges.h"

#include <cap-ng.h>
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "cli/verb.h"

#define NOBODY 65534
#define MAX_ENTRY ((size_t)1 << 20)

/* The passwd entry of @name. 0, -ENOENT: there is none, or -errno. */
static int find_user(const char *name, struct privileges *ret)
{
	_cleanup_(free) char *memory = NULL;
	struct passwd entry, *found = NULL;
	int r = ERANGE;

	for (size_t size = 4096; r == ERANGE && size <= MAX_ENTRY; size *= 4) {
		free(memory);
		memory = malloc(size);
		if (!memory)
			return -ENOMEM;
		r = getpwnam_r(name, &entry, memory, size, &found);
	}
	if (!found)
		return r == 0 || r == ESRCH ? -ENOENT : -r;
	ret->uid = entry.pw_uid;
	ret->gid = entry.pw_gid;
	return 0;
}

int privileges_find(struct str user, struct privileges *ret)
{
	struct privileges p = { .changes_user = geteuid() == 0, .name = user };
	int r;

	if (!p.changes_user) {
		p.uid = geteuid();
		p.gid = getegid();
		*ret = p;
		return EXIT_FINE;
	}
	r = find_user(user.p, &p);
	if (r == -ENOENT) {
		p.is_nobody = true;
		p.uid = NOBODY;
		p.gid = NOBODY;
		r = 0;
	}
	if (r < 0) {
		log_error("cannot look up the user %.*s: %s", STR_ARG(user), strerror(-r));
		return EXIT_SYSTEM;
	}
	*ret = p;
	return EXIT_FINE;
}

static bool drop_capabilities(void)
{
	bool can_bound;

	if (capng_get_caps_process() < 0)
		return false;
	can_bound = capng_have_capability(CAPNG_EFFECTIVE, CAP_SETPCAP);
	capng_clear(CAPNG_SELECT_ALL);
	return (!can_bound || capng_apply(CAPNG_SELECT_BOUNDS) == 0) &&
	       capng_apply(CAPNG_SELECT_AMBIENT) == 0 && capng_apply(CAPNG_SELECT_CAPS) == 0;
}

static bool change_user(const struct privileges *p)
{
	const capng_flags_t flags = CAPNG_DROP_SUPP_GRP | CAPNG_CLEAR_BOUNDING | CAPNG_CLEAR_AMBIENT;

	capng_clear(CAPNG_SELECT_ALL);
	return capng_change_id((int)p->uid, (int)p->gid, flags) == 0;
}

/* The first thing that was not given up; NULL: none. */
static const char *what_is_left(const struct privileges *p)
{
	uid_t uid[3];
	gid_t gid[3];

	if (getresuid(&uid[0], &uid[1], &uid[2]) < 0 || getresgid(&gid[0], &gid[1], &gid[2]) < 0)
		return "an unknown user id";
	for (int i = 0; p->changes_user && i < 3; i++)
		if (uid[i] != p->uid || gid[i] != p->gid)
			return "the user or group id";
	if (p->changes_user && getgroups(0, NULL) != 0)
		return "supplementary groups";
	if (capng_get_caps_process() < 0 || capng_have_capabilities(CAPNG_SELECT_CAPS) != CAPNG_NONE ||
	    capng_have_capabilities(CAPNG_SELECT_AMBIENT) != CAPNG_NONE)
		return "capabilities";
	if (p->changes_user && capng_have_capabilities(CAPNG_SELECT_BOUNDS) != CAPNG_NONE)
		return "the bounding set";
	if (prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1)
		return "new privileges";
	if (prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) != 0)
		return "access by others of its user";
	return NULL;
}

int privileges_drop(const struct privileges *p)
{
	const char *left;

	if (p->changes_user && !change_user(p)) {
		log_error("not started: cannot become the user %.*s; as root it takes CAP_SETUID, CAP_SETGID "
			  "and CAP_SETPCAP", STR_ARG(p->is_nobody ? STR_LIT("nobody") : p->name));
		return EXIT_SYSTEM;
	}
	if (!p->changes_user && !drop_capabilities()) {
		log_error("not started: cannot give up capabilities");
		return EXIT_SYSTEM;
	}
	/* What changed its user is not dumpable, unless the machine's fs.suid_dumpable says otherwise; what
	 * has not is, and its descriptors can be taken out of it. */
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0) {
		log_error("not started: cannot set no_new_privs, or give up being dumpable: %m");
		return EXIT_SYSTEM;
	}
	left = what_is_left(p);
	if (left) {
		log_error("not started: %s could not be given up", left);
		return EXIT_SYSTEM;
	}
	if (p->is_nobody)
		log_info("there is no user %.*s, so it goes on as nobody", STR_ARG(p->name));
	if (p->changes_user && p->uid == 0)
		log_warning("the user %.*s is root: capabilities are given up, but not root's files",
			    STR_ARG(p->name));
	return EXIT_FINE;
}
