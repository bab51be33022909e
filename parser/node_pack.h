/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Nodes in a few bytes each, for what is read later: of a file of ten thousand rules, one rule at a time is
 * worth its nodes.
 */
#ifndef PARSER_NODE_PACK_H
#define PARSER_NODE_PACK_H

#include "base/arena.h"
#include "base/buf.h"
#include "parser/yaml.h"

/* Writes all that @n holds to @b, in which errors stick. */
void node_pack(const struct node *n, struct buf *b);

/* What was packed, as nodes of @a; @packed has the place of the root. NULL: out of memory. */
const struct node *node_unpack(const struct node *packed, struct arena *a);

#endif
