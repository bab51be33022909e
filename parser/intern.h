/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What rules have in common, kept once: large rule sets name the same fields, texts and conditions thousands
 * of times.
 */
#ifndef PARSER_INTERN_H
#define PARSER_INTERN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "parser/rule.h"

/* An open hash table, at most three quarters full: what is larger is not in the cache. */
struct intern_table {
	struct intern_slot {
		uint64_t hash;
		const void *item;	/* NULL: free */
	} *slots;
	size_t n, cap;
};

struct intern {
	struct arena *arena;		/* of all that is kept */
	/* Conditions have origins, so that no two are the same. Else those that say the same are one. */
	bool with_origins;
	struct intern_table texts, fields, conds;
};

/* All that return a pointer: NULL when out of memory. */

/* A copy, with a NUL behind it. */
const struct str *intern_text(struct intern *in, struct str text);

/* The field that is spelt so, where intern_field() was told; NULL: it was not. */
const struct field_ref *intern_field_find(const struct intern *in, struct str spelling);
const struct field_ref *intern_field(struct intern *in, struct str spelling, const struct field_ref *ref);

/* A copy of @cond, of the array of its children or tests, and of the arrays of what the tests compare with;
 * texts, fields and the origins of tests must have been kept before. @origin is copied, with_origins. */
const struct cond *intern_cond(struct intern *in, const struct cond *cond, const struct cond_origin *origin);

void intern_done(struct intern *in);

#endif
