/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Native rule files in their canonical form: the same keys and values, the same comments, one way to write
 * them. docs/writing-rules.md says which.
 */
#ifndef PARSER_FORMAT_H
#define PARSER_FORMAT_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/diag.h"
#include "parser/yaml.h"

/*
 * Appends the canonical form of @src to @b. Before it is given out it is read again and compared with what
 * was read of @src: keys, values and comments. That rules mean something is not asked.
 *
 * 0; -EINVAL: YAML errors, recorded in @ds; -ENOTSUP: no native rule file (Sigma, a configuration, something
 * else); -EFBIG: the form would be larger than a rule file may be; -EBADMSG: it would not read the same,
 * which is an error of the program, or a key too long to be written; -ENOMEM. After errors @b is to be thrown
 * away.
 */
int format_rules(const struct source *src, struct diags *ds, struct buf *b);

/* The same for the nodes of any YAML text; @root may be NULL. 0, -EFBIG, -EBADMSG, -ENOMEM. */
int format_nodes(const struct source *src, const struct node *root, struct buf *b);

#endif
