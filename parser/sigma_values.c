/* SPDX-License-Identifier: Apache-2.0 */
/* The values of an item of a Sigma selection: read, told apart by what YAML takes them for, and changed by
 * the modifiers in their order. */
#include <errno.h>
#include <string.h>

#include "parser/codes.h"
#include "parser/sigma.h"

static const char *type_name(const struct sigma_scalar *v)
{
	switch (v->type) {
	case SIGMA_NULL:
		return "null";
	case SIGMA_BOOL:
		return "a boolean";
	case SIGMA_INT:
	case SIGMA_FLOAT:
		return "a number";
	case SIGMA_TEXT:
		break;
	}
	return "a text";
}

static int wrong_type(struct sigma *g, const struct sigma_value *v, const char *modifier, const char *wanted)
{
	struct diags *ds = g->s->checker->ds;

	diag_error(ds, &code_sigma_value, v->node->at, "`%s` takes %s, and this is %s", modifier, wanted,
		   type_name(&v->scalar));
	if (strcmp(wanted, "a text") == 0 && v->scalar.type != SIGMA_NULL)
		diag_help(ds, "a text is put in quotes: '%.*s'", STR_ARG(v->node->text));
	return -EINVAL;
}

static bool is_number(const struct sigma_scalar *v)
{
	return v->type == SIGMA_INT || v->type == SIGMA_FLOAT;
}

/* Has the value a type that the item can do with? */
static int check_type(struct sigma *g, const struct sigma_item *item, const struct sigma_value *v)
{
	enum sigma_type type = v->scalar.type;

	switch (item->kind) {
	case SIGMA_PLAIN:
		if (item->n_changes > 0 && type != SIGMA_TEXT)
			return wrong_type(g, v, item->changes[0]->name, "a text");
		if (item->expands && type != SIGMA_TEXT)
			return wrong_type(g, v, "expand", "a text");
		if (item->field.len == 0 && (type == SIGMA_NULL || type == SIGMA_BOOL))
			return diag_error(g->s->checker->ds, &code_sigma_value, v->node->at,
					  "a value without a field is a text or a number, and this is %s",
					  type_name(&v->scalar));
		return 0;
	case SIGMA_RE:
		return type != SIGMA_NULL ? 0 : wrong_type(g, v, item->kind_name, "a regex");
	case SIGMA_CIDR:
		return type == SIGMA_TEXT ? 0 : wrong_type(g, v, item->kind_name, "a text");
	case SIGMA_FIELDREF:
		return type == SIGMA_TEXT ? 0 : wrong_type(g, v, item->kind_name, "the name of a field");
	case SIGMA_COMPARE:
	case SIGMA_PART:
		return is_number(&v->scalar) ? 0 : wrong_type(g, v, item->kind_name, "a number");
	case SIGMA_EXISTS:
		return type == SIGMA_BOOL ? 0 : wrong_type(g, v, item->kind_name, "true or false");
	}
	return 0;
}

/* The texts that the value is of, wildcards told from bytes. */
static int read_texts(struct sigma *g, const struct sigma_item *item, struct sigma_value *value)
{
	struct str *texts = &value->scalar.text;
	int err = 0;

	value->n_texts = 1;
	if (item->expands)
		err = sigma_expand(g, value->node, value->scalar.text, &texts, &value->n_texts);
	if (err < 0)
		return err;
	value->texts = arena_array(g->s->scratch, value->n_texts, sizeof(*value->texts));
	if (!value->texts)
		return -ENOMEM;
	for (size_t i = 0; i < value->n_texts && err == 0; i++)
		err = sigma_tokenise(g, texts[i], &value->texts[i]);
	g->s->checker->n_values += value->n_texts - 1;
	return err;
}

/* A value without a field is looked for in all of a field. */
static const struct sigma_modifier anywhere = {
	"contains", ROLE_CHANGE, 0, CHANGE_CONTAINS, OP_CONTAINS, NULL
};

static int read_value(struct sigma *g, const struct sigma_item *item, const struct node *n,
		      struct sigma_value *ret)
{
	int err;

	if (n->kind != NODE_SCALAR)
		return diag_error(g->s->checker->ds, &code_sigma_value, n->at, "a value is no %s",
				  n->kind == NODE_MAP ? "map" : "list");
	if (n->incomplete)
		return -EINVAL;
	*ret = (struct sigma_value){ .node = n };
	g->value = n;
	err = sigma_scalar_read(g, n, &ret->scalar);
	if (err == 0)
		err = check_type(g, item, ret);
	if (err == 0 && item->kind == SIGMA_FIELDREF)
		return sigma_field_find(g, ret->scalar.text, n, &ret->other);
	if (err < 0 || ret->scalar.type != SIGMA_TEXT || item->kind == SIGMA_RE)
		return err;
	err = read_texts(g, item, ret);
	for (size_t i = 0; i < item->n_changes && err == 0; i++)
		err = sigma_change(g, item, item->changes[i], ret);
	if (err == 0 && item->field.len == 0)
		err = sigma_change(g, item, &anywhere, ret);
	return err;
}

int sigma_values_read(struct sigma *g, const struct sigma_item *item, const struct node *n,
		      struct sigma_value **ret, size_t *ret_n)
{
	const struct node *const *nodes = n->kind == NODE_LIST ? n->items : &n;
	size_t n_nodes = n->kind == NODE_LIST ? n->n : 1;
	struct sigma_value *values = arena_array(g->s->scratch, n_nodes, sizeof(*values));
	unsigned int n_bad = 0;
	int err = 0;

	if (!values)
		return -ENOMEM;
	if (g->too_big)
		return -EINVAL;
	if (n_nodes == 0)
		return n->incomplete ? -EINVAL :
		       diag_error(g->s->checker->ds, &code_empty_list, n->at, "a list without values");
	for (size_t i = 0; i < n_nodes && err != -ENOMEM && !g->too_big && n_bad < SIGMA_MAX_BAD; i++) {
		int bad = read_value(g, item, nodes[i], &values[i]);

		n_bad += bad < 0;
		err = worse(err, bad);
	}
	if (err < 0)
		return err;
	g->s->checker->n_values += n_nodes;
	if (g->s->checker->n_values > MAX_VALUES)
		return diag_error(g->s->checker->ds, &code_too_big, n->at, "too many values in all");
	*ret = values;
	*ret_n = n_nodes;
	return 0;
}
