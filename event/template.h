/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Templates over fields: "{{user}} ran {{argv|trunc:160}}".
 *
 * {{FIELD}} is a field as a rule names it, or a variable that the caller knows (title, count, key.user).
 * Filters follow after `|`: trunc:N (bytes, never inside a UTF-8 character, `…` behind what was cut),
 * join:'S' (between several values; a comma and a space otherwise), json (as a JSON string, quotes
 * included), default:'S' (instead of `-`); their order does not matter. A quoted S ends at the next quote.
 * An unknown value is `-`. Control bytes of values are escaped, so that a value can neither start a line nor
 * steer a terminal. Braces that open no value are themselves; there is no way to write a literal `{{`.
 */
#ifndef EVENT_TEMPLATE_H
#define EVENT_TEMPLATE_H

#include <stddef.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/str.h"
#include "event/event.h"

struct template;

struct template_error {
	size_t offset;			/* byte of the text, from 0 */
	size_t length;			/* bytes at fault, at least 1 */
	char message[160];
	char help[120];			/* may be empty */
};

/* What a caller offers beside the fields. */
struct template_vars {
	const struct template_var {
		const char *name;
		struct str value;	/* unknown: printed as `-` */
	} *item;
	size_t n;
};

/* The names of @vars (NULL: none) count, before those of fields; their values do not yet. The template is
 * @a's and borrows @text. 0, -EINVAL with *ret_error filled, -ENOMEM. */
int template_parse(struct str text, const struct template_vars *vars, struct arena *a,
		   struct template_error *ret_error, const struct template **ret);

/* What was parsed. */
struct str template_text(const struct template *t);

/* Appends to @b. @vars has the same names in the same order as at parsing. Allocates nothing itself. */
void template_render(const struct template *t, const struct event *ev, const struct template_vars *vars,
		     struct buf *b);

#endif
