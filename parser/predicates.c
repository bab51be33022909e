/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `FIELD: OPERAND` to conditions.
 *
 * The operators of one map are tests on one value of the field. `not`, `all` and `set` speak of the field as
 * a whole, so each becomes a condition beside the one with the tests.
 */
#include <errno.h>
#include <string.h>

#include "base/nearest.h"
#include "parser/checker.h"
#include "parser/codes.h"
#include "parser/elsewhere.h"
#include "parser/keys.h"
#include "parser/read.h"

/* One `FIELD: OPERAND` while it is read. */
struct predicate {
	const struct node *key;
	const struct field_ref *field;
	char what[WHAT_SIZE];		/* the field, for messages */
	struct tally *tally;
};

bool is_outcome(const struct field_ref *ref)
{
	static const char *const names[] = { "errno", "retval", "result", "stage" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (strcmp(ref->field->name, names[i]) == 0)
			return true;
	return false;
}

bool cond_reads_outcome(const struct cond *c)
{
	bool reads = c->field && is_outcome(c->field);

	for (size_t i = 0; i < c->n_tests && !reads; i++)
		reads = c->tests[i].form == FORM_FIELD && is_outcome(c->tests[i].other);
	for (size_t i = 0; i < c->n_children && !reads; i++)
		reads = cond_reads_outcome(c->children[i]);
	return reads;
}

static int new_field_cond(struct scope *s, const struct predicate *p, struct loc at, const struct test *tests,
			  size_t n, const struct cond **ret)
{
	const struct cond c = {
		.kind = COND_FIELD, .field = p->field, .tests = tests, .n_tests = (uint16_t)n,
	};

	p->tally->conditions++;
	for (size_t i = 0; i < n; i++)
		p->tally->reads_outcome |= tests[i].form == FORM_FIELD && is_outcome(tests[i].other);
	*ret = intern_cond(&s->checker->intern, &c, &(struct cond_origin){ .at = at });
	return *ret ? 0 : -ENOMEM;
}

/* What stands in the field's map beside the tests, or above them. */
static int new_part(struct scope *s, const struct predicate *p, enum cond_kind kind, struct loc at,
		    const char *key, const struct cond *const *children, size_t n, const struct cond **ret)
{
	const struct cond c = {
		.kind = kind, .field = p->field, .children = children, .n_children = (uint32_t)n,
	};

	*ret = intern_cond(&s->checker->intern, &c, &(struct cond_origin){ .at = at, .key = str_of(key) });
	return *ret ? 0 : -ENOMEM;
}

/* A value or a list: equal to one of it. */
static int read_values(struct scope *s, const struct predicate *p, const struct node *operand, struct loc at,
		       bool nocase, const struct cond **ret)
{
	struct test t = { .op = OP_IN, .nocase = nocase };
	int err = operand_read(s, p->field, p->what, operand, &t);

	return err < 0 ? err : new_field_cond(s, p, at, &t, 1, ret);
}

static int find_operator(struct str name, enum op *ret)
{
	for (int i = 0; i < N_OPERATORS; i++) {
		if (str_is(name, op_table[i].name)) {
			*ret = (enum op)i;
			return 0;
		}
	}
	return -ENOENT;
}

static int unknown_operator(struct scope *s, const struct predicate *p, const struct node *key)
{
	struct nearest nearest = NEAREST_INIT(key->text);
	struct diags *ds = s->checker->ds;
	struct field_ref ref;
	const char *elsewhere = elsewhere_operator(key->text);
	char path[WHAT_SIZE];

	for (int i = 0; i < N_OPERATORS; i++)
		nearest_try(&nearest, str_of(op_table[i].name));
	for (size_t i = 0; i < n_keys; i++)
		if (key_table[i].map == MAP_OPERATORS)
			nearest_try(&nearest, str_of(key_table[i].name));
	diag_error(ds, &code_unknown_operator, key->at, "unknown operator `%.*s`", STR_ARG(key->text));
	snprintf(path, sizeof(path), "%.*s.%.*s", STR_ARG(p->key->text), STR_ARG(key->text));
	if (field_ref_parse(str_of(path), &ref) == 0)
		diag_help(ds, "the field is written `%s`", path);
	else if (elsewhere)
		diag_help(ds, "that is `%s` here", elsewhere);
	else if (key->text.len > 0 && key->text.p[0] >= '0' && key->text.p[0] <= '9')
		diag_help(ds, "`{ }` is a map; a text that holds `{` needs quotes");
	else if (str_known(nearest.best))
		diag_help(ds, "did you mean `%.*s`?", STR_ARG(nearest.best));
	return -EINVAL;
}

static const char *article(const char *type)
{
	return strchr("aeiou", type[0]) ? "an" : "a";
}

static int wrong_operator(struct scope *s, const struct predicate *p, const struct node *key)
{
	const char *type = field_type_name(p->field->field->type);
	_cleanup_(buf) struct buf b = BUF_INIT;
	struct diags *ds = s->checker->ds;

	diag_error(ds, &code_operator_type, key->at, "`%.*s` does not fit %s, which is %s %s",
		   STR_ARG(key->text), p->what, article(type), type);
	for (int i = 0; i < N_OPERATORS; i++)
		if (op_table[i].types & p->field->field->type)
			buf_printf(&b, "%s%s", b.len ? ", " : "", op_table[i].name);
	diag_help(ds, "it takes %.*s and not", STR_ARG(buf_get(&b)));
	return -EINVAL;
}

/* The test for the value number @i alone. */
static int one_of(struct scope *s, const struct test *t, size_t i, struct test *ret)
{
	struct test_origin *origin;

	*ret = test_single(t, i);
	if (!t->origin)
		return 0;
	origin = arena_alloc(s->checker->arena, sizeof(*origin));
	if (!origin)
		return -ENOMEM;
	*origin = *t->origin;
	if (origin->places)
		origin->places += i;
	ret->origin = origin;
	return 0;
}

/* The entries of `all` are one condition each: that some value is equal to it. */
static int read_all(struct scope *s, const struct predicate *p, const struct node *key,
		    const struct node *list, bool nocase, const struct cond **ret)
{
	struct test t = { .op = OP_IN, .nocase = nocase };
	const struct field_ref *ref = p->field;
	struct diags *ds = s->checker->ds;
	const struct cond **children;
	int err;

	if (!field_ref_is_many(ref)) {
		bool argv = ref->field->type == FT_WORDS && !ref->indexed;

		diag_error(ds, &code_operator_type, key->at,
			   "%s has one value, which cannot be `all` of several", p->what);
		if (argv && strcmp(ref->field->name, "argv") == 0)
			diag_help(ds, "its words one by one are `arg`");
		return -EINVAL;
	}
	err = read_list(list, "`all`", ds);
	if (err == 0)
		err = operand_read(s, ref, p->what, list, &t);
	if (err < 0)
		return err;
	children = arena_array(s->scratch, t.n, sizeof(*children));
	if (!children)
		return -ENOMEM;
	for (size_t i = 0; i < t.n; i++) {
		struct test one;

		if (one_of(s, &t, i, &one) < 0 || new_field_cond(s, p, key->at, &one, 1, &children[i]) < 0)
			return -ENOMEM;
	}
	return new_part(s, p, COND_ALL, key->at, "all", children, t.n, ret);
}

static int read_operand(struct scope *s, const struct predicate *p, const struct node *operand, struct loc at,
			bool nocase, const struct cond **ret);

static int read_not(struct scope *s, const struct predicate *p, const struct node *key, const struct node *n,
		    bool nocase, const struct cond **ret)
{
	const struct cond *inner = NULL;
	int err = read_operand(s, p, n, key->at, n->kind != NODE_MAP && nocase, &inner);

	return err < 0 ? err : new_part(s, p, COND_NOT, key->at, "not", &inner, 1, ret);
}

static bool folds_case(struct str key)
{
	for (const char *const *name = nocase_changes; *name; name++)
		if (str_is(key, *name))
			return true;
	return false;
}

/* Does `nocase` change that operator? What stands in a map of its own has its own. Numbers have a case only
 * as texts. */
static bool is_folded(const struct predicate *p, const struct node *key, const struct node *operand)
{
	enum op op;

	if (!folds_case(key->text))
		return false;
	if (!field_ref_is_number(p->field))
		return operand->kind != NODE_MAP || !str_eq(key->text, STR_LIT("not"));
	if (find_operator(key->text, &op) < 0 || op == OP_SAME_AS)
		return false;
	return op != OP_IN || operand->kind == NODE_MAP;
}

/* `nocase`, which changes the operators beside it. */
static int read_nocase(struct scope *s, const struct predicate *p, const struct node *map, bool *ret)
{
	struct diags *ds = s->checker->ds;
	const struct node *n = node_get(map, "nocase");
	bool useful = false, regex = node_get(map, "re") != NULL;
	int err;

	*ret = false;
	if (!n)
		return 0;
	err = read_bool(n, "`nocase`", ds, ret);
	if (err < 0)
		return err;
	for (size_t i = 0; i < map->n; i++)
		useful |= is_folded(p, map->keys[i], map->items[i]);
	if (useful || map->incomplete)
		return 0;
	if (field_ref_is_number(p->field))
		return diag_error(ds, &code_nocase, n->at, "`nocase` does not fit %s, which is no text",
				  p->what);
	diag_error(ds, &code_nocase, n->at, "`nocase` changes nothing here");
	if (regex)
		diag_help(ds, "for a regex begin it with (?i)");
	else
		diag_help(ds, "put it beside the operator that it shall change");
	return -EINVAL;
}

/* `flags: sigma`: the regexes beside it as Sigma's rules expect them. */
static int read_flags(struct scope *s, const struct node *map, unsigned int *ret)
{
	const struct node *n = node_get(map, "flags");
	int choice, err;

	*ret = 0;
	if (!n)
		return 0;
	err = read_choice(n, "`flags`", flag_names, s->checker->ds, &choice);
	if (err < 0)
		return err;
	if (!node_get(map, "re") && !map->incomplete)
		return diag_error(s->checker->ds, &code_regex_flags, n->at,
				  "`flags` changes nothing without `re`");
	*ret = REGEX_SIGMA;
	return 0;
}

/* What the operators of a map become. */
struct parts {
	struct test *tests;
	const struct cond **conds;
	size_t n_tests, n_conds;
	size_t tests_at;		/* the place among conds that is kept for the tests */
	/* What stands beside them and changes them. */
	bool nocase;
	unsigned int regex_flags;
};

static int read_operator(struct scope *s, const struct predicate *p, const struct node *key,
			 const struct node *operand, struct parts *parts)
{
	const struct cond **cond = &parts->conds[parts->n_conds];
	struct test t = { 0 };
	enum op op;
	int err;

	if (str_eq(key->text, STR_LIT("nocase")) || str_eq(key->text, STR_LIT("flags")))
		return 0;
	if (str_eq(key->text, STR_LIT("not"))) {
		err = read_not(s, p, key, operand, parts->nocase, cond);
		parts->n_conds += err == 0;
		return err;
	}
	if (str_eq(key->text, STR_LIT("all"))) {
		err = read_all(s, p, key, operand, parts->nocase, cond);
		parts->n_conds += err == 0;
		return err;
	}
	if (find_operator(key->text, &op) < 0)
		return unknown_operator(s, p, key);
	if (!(op_table[op].types & p->field->field->type))
		return wrong_operator(s, p, key);
	t.op = op;
	t.nocase = parts->nocase && is_folded(p, key, operand);
	s->regex_flags = parts->regex_flags;
	err = operand_read(s, p->field, p->what, operand, &t);
	if (err < 0)
		return err;
	if (op != OP_SET) {
		if (parts->n_tests == 0)
			parts->tests_at = parts->n_conds++;
		parts->tests[parts->n_tests++] = t;
		return 0;
	}
	parts->n_conds++;
	return new_field_cond(s, p, key->at, &t, 1, cond);
}

static int read_operators(struct scope *s, const struct predicate *p, const struct node *map, struct loc at,
			  const struct cond **ret)
{
	struct diags *ds = s->checker->ds;
	struct parts parts = {
		.tests = arena_array(s->scratch, map->n, sizeof(*parts.tests)),
		.conds = arena_array(s->scratch, map->n, sizeof(*parts.conds)),
	};
	int err;

	if (!parts.tests || !parts.conds)
		return -ENOMEM;
	if (map->n == 0 && (map->incomplete || map->faulty))
		return -EINVAL;
	if (map->n == 0)
		return diag_error(ds, &code_empty_value, map->at, "%s has no operator", p->what);
	err = read_nocase(s, p, map, &parts.nocase);
	err = worse(err, read_flags(s, map, &parts.regex_flags));
	for (size_t i = 0; i < map->n && err != -ENOMEM; i++) {
		int bad = read_operator(s, p, map->keys[i], map->items[i], &parts);

		err = worse(err, bad);
	}
	if (err < 0)
		return err;
	if (parts.n_tests > 0 &&
	    new_field_cond(s, p, at, parts.tests, parts.n_tests, &parts.conds[parts.tests_at]) < 0)
		return -ENOMEM;
	/* Only of a map that was left open: what changes operators may stand there without any. */
	if (parts.n_conds == 0)
		return -EINVAL;
	if (parts.n_conds > 1)
		return new_part(s, p, COND_ALL, at, NULL, parts.conds, parts.n_conds, ret);
	*ret = parts.conds[0];
	return 0;
}

static int read_operand(struct scope *s, const struct predicate *p, const struct node *operand, struct loc at,
			bool nocase, const struct cond **ret)
{
	if (operand->kind == NODE_MAP)
		return read_operators(s, p, operand, at, ret);
	return read_values(s, p, operand, at, nocase, ret);
}

/* `parent: { comm: x }` for `parent.comm: x` is a likely slip. */
static int unknown_group(struct scope *s, const struct node *key, const struct node *operand)
{
	struct field_ref ref;
	char path[WHAT_SIZE];

	if (operand->kind != NODE_MAP || operand->n == 0 || intern_field_find(&s->checker->intern, key->text))
		return -ENOENT;
	if (field_find(key->text) || field_ref_parse(key->text, &ref) == 0)
		return -ENOENT;
	snprintf(path, sizeof(path), "%.*s.%.*s", STR_ARG(key->text), STR_ARG(operand->keys[0]->text));
	if (field_ref_parse(str_of(path), &ref) < 0)
		return -ENOENT;
	diag_error(s->checker->ds, &code_unknown_field, key->at, "unknown field `%.*s`", STR_ARG(key->text));
	diag_label(s->checker->ds, "no such field");
	diag_help(s->checker->ds, "fields have one key: `%s: ...`", path);
	return -EINVAL;
}

int predicate_read(struct scope *s, const struct node *key, const struct node *operand, struct tally *tally,
		   const struct cond **ret)
{
	struct predicate p = { .key = key, .tally = tally };
	int err = unknown_group(s, key, operand);

	if (err == -EINVAL)
		return err;
	err = field_read(s, key, &p.field);
	if (err < 0)
		return err;
	name_thing(p.what, "", key->text);
	tally->reads_outcome |= is_outcome(p.field);
	return read_operand(s, &p, operand, key->at, false, ret);
}
