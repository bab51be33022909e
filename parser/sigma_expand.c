/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `expand`: %NAME% in a text stands for each of the values that the user gives for NAME, wildcards in them
 * included. A backslash takes the meaning from a percent sign.
 */
#include <errno.h>
#include <string.h>

#include "base/nearest.h"
#include "parser/codes.h"
#include "parser/sigma.h"

/* Texts that one may stand for, and bytes of what is put together to make those of a rule. */
#define MAX_TEXTS ((size_t)10000)
#define MAX_BYTES ((size_t)16 << 20)

/* The length of the name between the percent signs that @s begins with; 0: there is none. */
static size_t name_length(struct str s)
{
	size_t n = 0;

	for (s = str_skip(s, 1); n < s.len; n++) {
		char c = ascii_lower(s.p[n]);

		if (c == '%')
			return n;
		if (c != '_' && !(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9'))
			break;
	}
	return 0;
}

/* @at: of the placeholder in the text of @n. */
static int find(struct sigma *g, const struct node *n, struct str name, size_t at, struct strs *ret)
{
	const struct sigma_tables *tables = g->s->checker->sigma;
	struct nearest nearest = NEAREST_INIT(name);
	struct diags *ds = g->s->checker->ds;

	for (size_t i = 0; tables && i < tables->n_placeholders; i++) {
		if (str_eq(name, tables->placeholders[i].name)) {
			*ret = tables->placeholders[i].values;
			return 0;
		}
		nearest_try(&nearest, tables->placeholders[i].name);
	}
	diag_error(ds, &code_sigma_placeholder, node_place(n, at, name.len + 2),
		   "no value is known for placeholder `%.*s`", STR_ARG(name));
	if (str_known(nearest.best))
		diag_help(ds, "did you mean `%.*s`?", STR_ARG(nearest.best));
	else if (!tables || !tables->has_placeholders)
		diag_help(ds, "--placeholders FILE gives values: `%.*s: [a, b]`", STR_ARG(name));
	return -EINVAL;
}

/* Each of the texts so far, with each of the values behind it. */
static int multiply(struct sigma *g, struct strs values, struct str **texts, size_t *n)
{
	struct str *all;
	size_t count = 0;

	if (values.n > MAX_TEXTS / *n)
		return -E2BIG;
	all = arena_array(g->s->scratch, *n * values.n, sizeof(*all));
	if (!all)
		return -ENOMEM;
	for (size_t i = 0; i < *n; i++) {
		for (size_t k = 0; k < values.n; k++, count++) {
			struct str a = (*texts)[i], b = values.item[k];
			char *p;

			/* Empty ones take space, too. */
			g->n_expanded += sizeof(*all) + a.len + b.len;
			if (g->n_expanded > MAX_BYTES)
				return -E2BIG;
			p = arena_alloc(g->s->scratch, a.len + b.len + 1);
			if (!p)
				return -ENOMEM;
			memcpy(p, a.p, a.len);
			memcpy(p + a.len, b.p, b.len);
			all[count] = (struct str){ p, a.len + b.len };
		}
	}
	*texts = all;
	*n = count;
	return 0;
}

/* The next part of a text, from @s on: a placeholder, whose name it is, or a text that stands for itself. */
static struct str next_part(struct str s, bool *ret_placeholder, size_t *ret_length)
{
	size_t n = s.p[0] == '%' ? name_length(s) : 0;

	*ret_placeholder = n > 0;
	*ret_length = n + 2;
	if (n > 0)
		return (struct str){ s.p + 1, n };
	if (s.p[0] == '\\' && s.len > 1 && s.p[1] == '%')
		return (struct str){ s.p + 1, 1 };
	for (n = 1; n < s.len && s.p[n] != '%' && s.p[n] != '\\'; )
		n++;
	*ret_length = n;
	return (struct str){ s.p, n };
}

int sigma_expand(struct sigma *g, const struct node *n, struct str text, struct str **ret, size_t *ret_n)
{
	struct str *texts = arena_alloc(g->s->scratch, sizeof(*texts));
	size_t n_texts = 1, length;

	if (!texts)
		return -ENOMEM;
	*texts = STR_LIT("");
	for (size_t at = 0; at < text.len; at += length) {
		struct strs values;
		bool placeholder;
		struct str part = next_part(str_skip(text, at), &placeholder, &length);
		int err = 0;

		values = (struct strs){ &part, 1 };
		if (placeholder)
			err = find(g, n, part, at, &values);
		if (err == 0)
			err = multiply(g, values, &texts, &n_texts);
		g->too_big |= err == -E2BIG;
		if (err == -E2BIG)
			return diag_error(g->s->checker->ds, &code_too_big, n->at,
					  "stands for too many texts, or too large ones");
		if (err < 0)
			return err;
	}
	*ret = texts;
	*ret_n = n_texts;
	return 0;
}
