/* SPDX-License-Identifier: Apache-2.0 */
/* Which native fields those of Sigma stand for. */
#include <errno.h>
#include <string.h>

#include "base/nearest.h"
#include "parser/codes.h"
#include "parser/sigma.h"

#define KEYWORD true
#define NO_KEYWORD false
const struct sigma_field_row sigma_field_table[] = {
#define SIGMA_FIELD(name, native, keyword, help) { name, native, keyword, help },
#include "parser/sigma_fields.def"
#undef SIGMA_FIELD
};
const size_t n_sigma_fields = ARRAY_SIZE(sigma_field_table);

static size_t count_words(const char *text)
{
	size_t n = *text ? 1 : 0;

	for (; *text; text++)
		n += *text == ' ';
	return n;
}

/* Appends the row's native fields, for which there is room. */
static int add_row(struct sigma *g, const struct sigma_field_row *row, struct sigma_field *field)
{
	struct intern *in = &g->s->checker->intern;
	struct field_ref ref;

	for (const char *p = row->native; *p; p += strspn(p, " ")) {
		struct str name = { p, strcspn(p, " ") };
		const struct field_ref *known = intern_field_find(in, name);

		p += name.len;
		if (!known && field_ref_parse(name, &ref) == 0)
			known = intern_field(in, name, &ref);
		if (!known)
			return -ENOMEM;
		field->native[field->n++] = known;
	}
	return 0;
}

static const struct sigma_field *find_mapped(struct sigma *g, struct str name)
{
	const struct sigma_tables *tables = g->s->checker->sigma;

	for (size_t i = 0; tables && i < tables->n_fields; i++)
		if (str_eq(name, tables->fields[i].name))
			return &tables->fields[i];
	return NULL;
}

static void unknown_field(struct sigma *g, struct str name, const struct node *at)
{
	struct nearest nearest = NEAREST_INIT(name);
	const struct sigma_tables *tables = g->s->checker->sigma;
	struct diags *ds = g->s->checker->ds;

	if (!warns(g->s))
		return;
	for (size_t i = 0; i < n_sigma_fields; i++)
		nearest_try(&nearest, str_of(sigma_field_table[i].name));
	for (size_t i = 0; tables && i < tables->n_fields; i++)
		nearest_try(&nearest, tables->fields[i].name);
	diag_warning(ds, &code_sigma_field, node_place(at, 0, name.len), "no exec has a field `%.*s`",
		     STR_ARG(name));
	diag_label(ds, "equals nothing");
	if (str_known(nearest.best))
		diag_help(ds, "did you mean `%.*s`?", STR_ARG(nearest.best));
	else
		diag_help(ds, "`execwatch fields --sigma` lists all; --sigma-mapping adds others");
}

int sigma_field_find(struct sigma *g, struct str name, const struct node *at, struct sigma_field *ret)
{
	const struct sigma_field *mapped = find_mapped(g, name);

	if (mapped) {
		/* Whoever changes it gets a copy. */
		const struct field_ref **native = arena_array(g->s->scratch, mapped->n, sizeof(*native));

		if (!native)
			return -ENOMEM;
		if (mapped->n > 0)
			memcpy(native, mapped->native, mapped->n * sizeof(*native));
		*ret = (struct sigma_field){ name, native, mapped->n };
		return 0;
	}
	*ret = (struct sigma_field){ .name = name };
	for (size_t i = 0; i < n_sigma_fields; i++) {
		const struct sigma_field_row *row = &sigma_field_table[i];

		if (!str_is(name, row->name))
			continue;
		ret->native = arena_array(g->s->scratch, count_words(row->native), sizeof(*ret->native));
		return ret->native ? add_row(g, row, ret) : -ENOMEM;
	}
	unknown_field(g, name, at);
	return 0;
}

int sigma_keyword_field(struct sigma *g, struct sigma_field *ret)
{
	struct sigma_field all = { 0 }, one;
	size_t n = 0;

	for (size_t i = 0; i < n_sigma_fields; i++) {
		const struct sigma_field *mapped = find_mapped(g, str_of(sigma_field_table[i].name));

		if (sigma_field_table[i].keyword)
			n += mapped ? mapped->n : count_words(sigma_field_table[i].native);
	}
	all.native = arena_array(g->s->scratch, n, sizeof(*all.native));
	if (!all.native)
		return -ENOMEM;
	for (size_t i = 0; i < n_sigma_fields; i++) {
		if (!sigma_field_table[i].keyword)
			continue;
		if (sigma_field_find(g, str_of(sigma_field_table[i].name), NULL, &one) < 0)
			return -ENOMEM;
		for (size_t k = 0; k < one.n; k++)
			all.native[all.n++] = one.native[k];
	}
	*ret = all;
	return 0;
}
