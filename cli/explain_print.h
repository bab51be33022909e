/* SPDX-License-Identifier: Apache-2.0 */
/* What `explain` prints. */
#ifndef CLI_EXPLAIN_PRINT_H
#define CLI_EXPLAIN_PRINT_H

#include <stdbool.h>

#include "cli/explain_record.h"
#include "engine/explain.h"

/* For people: the event, the rule, a tree of marks. Safe for terminals. Errors stick to @b. */
void explain_print_text(const struct explanation *x, const struct picked_record *record, bool colour,
			struct buf *b);
/* One object; texts as in records, those of values at most 256 bytes. */
void explain_print_json(const struct explanation *x, const struct picked_record *record, struct buf *b);

#endif
