/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Checked rules as the text of native rule files: what was read, from whatever kind of file, in the one
 * language that has all of it.
 */
#ifndef PARSER_NATIVE_WRITE_H
#define PARSER_NATIVE_WRITE_H

#include <stddef.h>

#include "base/buf.h"
#include "parser/rule.h"

/*
 * Appends the rule as an entry of `rules`, below a comment that says where it comes from. Lists and macros
 * are written out; tests are there where they were loaded; mutants that may survive are not, since their
 * paths are those of the text that was read.
 *
 * 0; -ENOTSUP: the language has no way to say it, *ret_why is why (static); -ENOMEM. After errors @b is to be
 * thrown away.
 */
int native_rule_write(const struct rule *rule, struct buf *b, const char **ret_why);

/*
 * Appends a file with the rules @rules[0..n), in canonical form. It is read again before it is given out:
 * @say hears of each rule that cannot be written, or would not load, which is left out, and NULL in the list
 * from then on.
 *
 * 0; -EBADMSG: together they would not load; -EFBIG: the file would be larger than one may be; -ENOMEM. After
 * errors @b is to be thrown away.
 */
int native_rules_write(const struct rule **rules, size_t n,
		       void (*say)(void *ctx, const struct rule *rule, const char *why), void *ctx,
		       struct buf *b);

/* cond_write.c: the same of one condition, as a map in flow style. */
struct cond_writer {
	struct buf *b;
	const char *why;		/* static; set with -ENOTSUP */
};

int cond_write(struct cond_writer *w, const struct cond *c);
/* A text in quotes, in which every character can be written. 0, -ENOTSUP: it is no text of YAML. */
int cond_write_text(struct cond_writer *w, struct str text);

#endif
