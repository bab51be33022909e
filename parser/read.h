/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Nodes to values, with the errors that every reader of YAML here would word alike: wrong shape, wrong type,
 * unknown key with the nearest known one. Used for rules and for configurations.
 *
 * Every read_* records its error and returns -EINVAL, or 0 with *ret written, or -ENOMEM.
 */
#ifndef PARSER_READ_H
#define PARSER_READ_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/diag.h"
#include "parser/rule.h"
#include "parser/yaml.h"

/* @what names the thing in messages: "`title`", "an output's `timeout`". */
int read_map(const struct node *n, const char *what, struct diags *ds);
int read_list(const struct node *n, const char *what, struct diags *ds);
/* A scalar; an empty plain one and `~` are errors (write '' for the empty text). */
int read_text(const struct node *n, const char *what, struct diags *ds, struct str *ret);
/* `true` or `false`; the help of others says so. */
int read_bool(const struct node *n, const char *what, struct diags *ds, bool *ret);
int read_int(const struct node *n, const char *what, int64_t min, int64_t max, struct diags *ds,
	     int64_t *ret);
int read_duration(const struct node *n, const char *what, struct diags *ds, int64_t *ret_ns);
/* A number with an optional KiB, MiB, GiB. */
int read_size(const struct node *n, const char *what, struct diags *ds, uint64_t *ret_bytes);
/* One of @names (NULL at the end), its index; the nearest is proposed. */
int read_choice(const struct node *n, const char *what, const char *const *names, struct diags *ds, int *ret);
/* A list of texts, or one text alone. */
int read_texts(const struct node *n, const char *what, struct arena *a, struct diags *ds, struct strs *ret);

/* An error for each key of the map that is not in @known (NULL at the end). @elsewhere (may be NULL) knows
 * what is meant by a key that is another language's; see elsewhere.h. 0 or -EINVAL. */
int read_known_keys(const struct node *map, const char *what, const char *const *known,
		    const char *(*elsewhere)(struct str name), struct diags *ds);

#endif
