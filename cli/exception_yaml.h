/* SPDX-License-Identifier: Apache-2.0 */
/* Exceptions as the text of a rule file, ready to be put under their rule. */
#ifndef CLI_EXCEPTION_YAML_H
#define CLI_EXCEPTION_YAML_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "cli/clusters.h"
#include "parser/rule.h"

/* What stands in front of the first one. */
#define EXCEPTIONS_KEY "    except:\n"
/* How long a proposed exception lasts. */
#define EXCEPTION_DAYS 90

#define EXCEPTION_ID_MAX 48

struct exception_text {
	char id[EXCEPTION_ID_MAX];
	struct str why;			/* one line */
	bool has_until;
	int64_t last_ns;		/* EXCEPTION_DAYS before its last day */
	const struct parts *parts;
};

/* Errors stick to @b. */
void exception_write(const struct exception_text *x, struct buf *b);

/* Ids that are taken: the rule's, and those made so far. Set only the rule. */
struct exception_ids {
	const struct rule *rule;
	char made[64][EXCEPTION_ID_MAX];
	size_t n_made;
};
/* An id by the program. @ret has EXCEPTION_ID_MAX bytes. */
void exception_id(struct exception_ids *ids, const struct parts *parts, char *ret);

/* Does @text, as written above, load as a rule file does, and apply to @ev? */
bool exception_holds(struct str text, const struct event *ev);

#endif
