/* SPDX-License-Identifier: Apache-2.0 */
/* What goes wrong below the nodes: bytes that are no YAML text, and libyaml's complaints in plain words. */
#ifndef PARSER_YAML_TEXT_H
#define PARSER_YAML_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/diag.h"
#include "base/str.h"

/* Length of the byte order mark that @text begins with; columns do not count it. */
size_t yaml_bom_length(struct str text);

/* The place of the bytes @from to @to of the source; to == from: one caret. */
struct loc yaml_place(const struct source *src, size_t from, size_t to);

/* The first byte from @from on and before @to that YAML, or this project, does not accept is recorded as an
 * error, or the first directive for tags. True: there is one, at *ret_offset. */
bool yaml_bad_byte(const struct source *src, size_t from, size_t to, struct diags *ds, size_t *ret_offset);

/* Must the character that @s begins with be written as an escape, in double quotes, to stay on one line and
 * to be seen? */
bool yaml_needs_escape(struct str s);

/* What libyaml says, places in bytes. @context is where the construct began in which it stumbled. */
struct yaml_problem {
	const char *problem, *context;	/* context may be NULL */
	size_t at, context_at;
};

/* Byte from which on the text cannot be used. */
size_t yaml_problem_start(struct str text, const struct yaml_problem *p);
void yaml_problem_report(const struct source *src, const struct yaml_problem *p, struct diags *ds);

#endif
