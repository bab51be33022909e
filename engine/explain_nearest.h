/* SPDX-License-Identifier: Apache-2.0 */
/* What the files behind explain.h share; not for others. */
#ifndef ENGINE_EXPLAIN_NEAREST_H
#define ENGINE_EXPLAIN_NEAREST_H

#include <stdint.h>

#include "engine/explain.h"

/* The closeness of what holds once case does not count. */
#define EXPLAIN_NOCASE 1000

static inline uint64_t explain_distance(int64_t a, int64_t b)
{
	return a > b ? (uint64_t)a - (uint64_t)b : (uint64_t)b - (uint64_t)a;
}

/* Fills in the changes of @x, whose nodes are complete. 0 or -ENOMEM. */
int explain_find_changes(struct explanation *x, struct regex_scratch *scratch, struct arena *a);

/* Puts @c, whose tests, value and operand are set, into words. 0 or -ENOMEM. */
int explain_say_change(const struct explanation *x, struct regex_scratch *scratch, struct arena *a,
		       struct explain_change *c);

/* A value in full for a rule file where that is possible, else what escape_controls() makes of it; at most
 * some hundred bytes. */
void explain_write_value(const struct field_ref *ref, const struct value *v, struct buf *b);
/* The same without quotes, @limit bytes of it and an ellipsis where there are more; @end: the last ones. */
void explain_write_shown(const struct field_ref *ref, const struct value *v, size_t limit, bool end,
			 struct buf *b);
/* The field as a rule spells it. */
void explain_write_field(const struct field_ref *ref, struct buf *b);
/* Operand @i of @t as an author would write it. */
void explain_write_operand(const struct field_ref *ref, const struct test *t, size_t i, struct buf *b);

#endif
