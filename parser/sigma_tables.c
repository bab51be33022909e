/* SPDX-License-Identifier: Apache-2.0 */
/* What a user says of the names in Sigma rules: which native fields a field of Sigma stands for, and which
 * values a placeholder. */
#include <errno.h>

#include "parser/codes.h"
#include "parser/read.h"
#include "parser/sigma.h"

static int read_field(struct scope *s, const struct node *key, const struct node *n, struct sigma_field *ret)
{
	const struct node *const *names = n->kind == NODE_LIST ? n->items : &n;
	size_t n_names = n->kind == NODE_LIST ? n->n : 1;
	struct sigma_field field = {
		.name = arena_str(s->checker->arena, key->text),
		.native = arena_array(s->checker->arena, n_names, sizeof(*field.native)),
	};
	int err = 0;

	if (!field.name.p || !field.native)
		return -ENOMEM;
	for (size_t i = 0; i < n_names && err != -ENOMEM; i++) {
		struct str name;
		int bad = read_text(names[i], "a field of a mapping", s->checker->ds, &name);

		if (bad == 0)
			bad = field_read(s, names[i], &field.native[field.n++]);
		err = worse(err, bad);
	}
	if (err == 0)
		*ret = field;
	return err;
}

int sigma_mapping_read(struct checker *c, const struct node *root, struct arena *scratch,
		       struct sigma_tables *tables)
{
	struct scope s = { .checker = c, .scratch = scratch };
	int err = read_map(root, "a mapping", c->ds);
	struct sigma_field *fields;

	if (err < 0)
		return err;
	fields = arena_array(c->arena, root->n, sizeof(*fields));
	if (!fields)
		return -ENOMEM;
	for (size_t i = 0; i < root->n && err != -ENOMEM; i++) {
		int bad = read_field(&s, root->keys[i], root->items[i], &fields[i]);

		err = worse(err, bad);
	}
	tables->fields = fields;
	tables->n_fields = root->n;
	return err;
}

int sigma_placeholders_read(struct checker *c, const struct node *root, struct arena *scratch,
			    struct sigma_tables *tables)
{
	int err = read_map(root, "a file of placeholders", c->ds);
	struct sigma_placeholder *all;

	if (err < 0)
		return err;
	all = arena_array(c->arena, root->n, sizeof(*all));
	if (!all)
		return -ENOMEM;
	for (size_t i = 0; i < root->n && err != -ENOMEM; i++) {
		char what[WHAT_SIZE];
		int bad;

		name_thing(what, "placeholder ", root->keys[i]->text);
		all[i].name = arena_str(c->arena, root->keys[i]->text);
		bad = all[i].name.p ? read_texts(root->items[i], what, c->arena, c->ds, &all[i].values) :
				      -ENOMEM;
		err = worse(err, bad);
	}
	tables->placeholders = all;
	tables->n_placeholders = root->n;
	tables->has_placeholders = true;
	return err;
}
