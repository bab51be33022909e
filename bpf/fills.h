/* SPDX-License-Identifier: Apache-2.0 */
/* Which fields can have a value in live events, by backend and host. */
#ifndef BPF_FILLS_H
#define BPF_FILLS_H

#include <stdbool.h>

#include "base/cleanup.h"
#include "bpf/backend.h"
#include "event/field.h"

/* What it depends on. */
struct fill_facts {
	enum backend backend;
	bool see_given;			/* what a script's caller gave is seen */
	bool has_audit;			/* the kernel keeps login uids */
	bool knows_host;		/* which mount namespace is the host's */
};

/* Of the stored row of fields.def with that name. *ret_only is set where there is one value, *ret_why for
 * FILL_NEVER: a clause that a user can act on, static. */
enum fill fills(const struct fill_facts *facts, const char *field_name, struct value *ret_only,
		const char **ret_why);

#endif
