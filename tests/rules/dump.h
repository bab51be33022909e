/* SPDX-License-Identifier: Apache-2.0 */
/* Checked rules as text, one meaning one text: goldens show when a rule begins to mean something else. */
#ifndef TESTS_RULES_DUMP_H
#define TESTS_RULES_DUMP_H

#include "base/buf.h"
#include "parser/rule.h"

void dump_ruleset(const struct ruleset *rs, struct buf *b);

#endif
