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

/* Appends a native field; those of the table are known. */
static int add_native(struct sigma *g, struct str name, struct sigma_field *field)
{
	struct intern *in = &g->s->checker->intern;
	const struct field_ref *known = intern_field_find(in, name);
	struct field_ref ref;

	if (!known && field_ref_parse(name, &ref) == 0)
		known = intern_field(in, name, &ref);
	if (!known)
		return -ENOMEM;
	field->native[field->n++] = known;
	return 0;
}

static int add_row(struct sigma *g, const struct sigma_field_row *row, struct sigma_field *field)
{
	int err = 0;

	for (const char *p = row->native; *p && err == 0; p += strspn(p, " ")) {
		size_t length = strcspn(p, " ");

		err = add_native(g, (struct str){ p, length }, field);
		p += length;
	}
	return err;
}

static void unknown_field(struct sigma *g, struct str name, const struct node *at)
{
	struct nearest nearest = NEAREST_INIT(name);
	struct diags *ds = g->s->checker->ds;

	if (!warns(g->s))
		return;
	for (size_t i = 0; i < n_sigma_fields; i++)
		nearest_try(&nearest, str_of(sigma_field_table[i].name));
	diag_warning(ds, &code_sigma_field, at->at, "no exec has a field `%.*s`", STR_ARG(name));
	diag_label(ds, "equals nothing");
	if (str_known(nearest.best))
		diag_help(ds, "did you mean `%.*s`?", STR_ARG(nearest.best));
	else
		diag_help(ds, "`execwatch fields --sigma` lists all; --sigma-mapping adds others");
}

int sigma_field_find(struct sigma *g, struct str name, const struct node *at, struct sigma_field *ret)
{
	*ret = (struct sigma_field){ .name = name };
	for (size_t i = 0; i < n_sigma_fields; i++)
		if (str_is(name, sigma_field_table[i].name))
			return add_row(g, &sigma_field_table[i], ret);
	unknown_field(g, name, at);
	return 0;
}

int sigma_keyword_field(struct sigma *g, struct sigma_field *ret)
{
	int err = 0;

	*ret = (struct sigma_field){ 0 };
	for (size_t i = 0; i < n_sigma_fields && err == 0; i++)
		if (sigma_field_table[i].keyword)
			err = add_row(g, &sigma_field_table[i], ret);
	return err;
}
