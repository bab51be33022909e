/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Can a condition hold at all, given what the source of events knows of each field? A rule on what nobody
 * captures looks like protection and is none; its author has to be told, at the start and not after the
 * incident.
 */
#ifndef ENGINE_HOLDS_H
#define ENGINE_HOLDS_H

#include "base/regex.h"
#include "event/field.h"
#include "parser/rule.h"

/* What the source makes of a stored field; of one that always is the same, the value. */
struct fills {
	enum fill (*ask)(void *ctx, const struct field_ref *ref, struct value *ret_only);
	void *ctx;
};

/* A field that keeps a condition from holding. */
struct unmet {
	const struct field_ref *field;	/* as the author named it; borrowed from the condition */
	struct field_ref source;	/* the stored field it rests on: itself, unless it is derived */
	enum fill fill;			/* of `field`; not FILL_MAY */
	struct value only;		/* unless FILL_NEVER */
};

#define UNMET_MAX 4

/*
 * The fields without which @c is never true, in the author's order, each once: of a choice those of all its
 * branches (the first UNMET_MAX), else the first. 0: it may be true, or it is false whatever the source
 * knows. Conditions that contradict each other are not looked for. Of a
 * prepared condition; allocates nothing.
 */
size_t cond_unmet(const struct cond *c, const struct fills *fills, struct regex_scratch *scratch,
		  struct unmet ret[UNMET_MAX]);

#endif
