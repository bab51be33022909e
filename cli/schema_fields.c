/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The fields in the JSON Schema: as keys of conditions, with what may stand behind each.
 *
 * What stands behind a field depends on its type, on whether it has several values, and on its enumeration.
 * Fields that agree in all three are of one kind and share a definition.
 */
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/errnos.h"
#include "cli/schema.h"
#include "parser/keys.h"
#include "parser/operator.h"

#define NAME_SIZE 96

/* The definition of { field: NAME }. */
#define OTHER_FIELD "otherField"

/* ancestors[N].F of ancestors.F, argv[N] of argv, env.NAME of env: that form of @f with @index or @name in
 * it. False: there is none. */
static bool write_form(const struct field *f, const char *index, const char *signed_index, const char *name,
		       char ret[NAME_SIZE])
{
	static const char ancestors[] = "ancestors.";

	if (f->type == FT_MAP)
		snprintf(ret, NAME_SIZE, "%s.%s", f->name, name);
	else if (f->type == FT_WORDS)
		snprintf(ret, NAME_SIZE, "%s[%s]", f->name, signed_index);
	else if (strncmp(f->name, ancestors, sizeof(ancestors) - 1) == 0)
		snprintf(ret, NAME_SIZE, "ancestors[%s].%s", index, f->name + sizeof(ancestors) - 1);
	else
		return false;
	return true;
}

/* The field itself; false: it is never used so. */
static bool plain_ref(const struct field *f, struct field_ref *ret)
{
	return field_ref_parse(str_of(f->name), ret) == 0;
}

/* One of several that it stands for: argv[N], ancestors[N].F, env.NAME. */
static bool single_ref(const struct field *f, struct field_ref *ret)
{
	char spelt[NAME_SIZE];

	return write_form(f, "0", "0", "NAME", spelt) && field_ref_parse(str_of(spelt), ret) == 0;
}

/* The pattern that the names of such single ones have. */
static void single_pattern(const struct field *f, struct buf *b)
{
	char spelt[NAME_SIZE];

	buf_char(b, '^');
	write_form(f, "#", "-", "*", spelt);
	for (const char *p = spelt; *p; p++) {
		switch (*p) {
		case '#': buf_text(b, "(0|[1-9][0-9]?)"); break;
		case '-': buf_text(b, "(0|-?[1-9][0-9]{0,8})"); break;
		case '*': buf_text(b, ".+"); break;
		case '.':
		case '[':
		case ']': buf_char(b, '\\'); /* fall through */
		default: buf_char(b, *p);
		}
	}
	buf_char(b, '$');
}

/* That pattern as a key. */
static void write_single(struct json *j, const struct field *f, const char *name)
{
	char memory[2][2 * NAME_SIZE];
	struct buf pattern, key;

	buf_init_fixed(&pattern, memory[0], sizeof(memory[0]));
	buf_init_fixed(&key, memory[1], sizeof(memory[1]));
	single_pattern(f, &pattern);
	json_escape(buf_get(&pattern), &key);
	buf_char(&key, '\0');
	schema_ref(j, memory[1], name, f->help);
}

static bool same_kind(const struct field_ref *a, const struct field_ref *b)
{
	return a->field->type == b->field->type && a->field->values == b->field->values &&
	       field_ref_is_many(a) == field_ref_is_many(b);
}

/* "operand.text", "operand.int.many", "operand.enum.errno": of an enumeration the first field that has it. */
static void kind_name(const char *prefix, const struct field_ref *ref, char ret[NAME_SIZE])
{
	const struct field *f = ref->field;
	const char *type = f->type == FT_WORDS ? "words" : field_type_name(f->type), *first = "";

	for (size_t i = 0; f->values && i < n_fields && !first[0]; i++)
		if (field_table[i].values == f->values)
			first = field_table[i].name;
	snprintf(ret, NAME_SIZE, "%s.%s%s%s%s", prefix, type, first[0] ? "." : "", first,
		 field_ref_is_many(ref) && f->type != FT_TEXTS ? ".many" : "");
}

void schema_fields(struct json *j, void (*keys)(struct json *j))
{
	char name[NAME_SIZE];
	struct field_ref ref;

	json_object(j, "properties");
	keys(j);
	for (size_t i = 0; i < n_fields; i++) {
		if (!plain_ref(&field_table[i], &ref))
			continue;
		kind_name("operand", &ref, name);
		schema_ref(j, field_table[i].name, name, field_table[i].help);
	}
	json_end_object(j);
	json_object(j, "patternProperties");
	for (size_t i = 0; i < n_fields; i++) {
		if (!single_ref(&field_table[i], &ref))
			continue;
		kind_name("operand", &ref, name);
		write_single(j, &field_table[i], name);
	}
	json_end_object(j);
}

/* A text of an enumeration; what YAML takes for a number or for nothing is the text, too. */
static void write_enumerated(struct json *j, const char *text)
{
	json_text(j, NULL, text);
	if (strspn(text, "0123456789") == strlen(text)) {
		int64_t n = 0;

		for (const char *p = text; *p; p++)
			n = n * 10 + (*p - '0');
		json_int(j, NULL, n);
	}
	if (strcmp(text, "null") == 0) {
		buf_text(j->b, j->comma ? ", null" : "null");
		j->comma = true;
	}
}

void schema_value(struct json *j, const char *key, const struct field *f)
{
	json_object(j, key);
	switch (f->type) {
	case FT_INT:
		json_text(j, "type", "integer");
		break;
	case FT_BOOL:
		json_text(j, "type", "boolean");
		break;
	case FT_DURATION:
		json_text(j, "$ref", "#/definitions/duration");
		break;
	case FT_TIME:
		json_text(j, "$ref", "#/definitions/time");
		break;
	case FT_ENUM:
		json_list(j, "enum");
		for (const char *const *v = f->values; *v; v++)
			write_enumerated(j, *v);
		for (size_t i = 0; f->values == errno_names && errno_alias(i); i++)
			json_text(j, NULL, errno_alias(i));
		json_end_list(j);
		break;
	default:
		json_text(j, "$ref", "#/definitions/text");
	}
	json_end_object(j);
}

/* One of several definitions; those that are NULL are none. */
static void write_one_of(struct json *j, const char *key, const char *help, const char *a, const char *b,
			 const char *c)
{
	const char *const names[] = { a, b, c };

	json_object(j, key);
	if (help)
		json_text(j, "description", help);
	json_list(j, "anyOf");
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (names[i])
			schema_ref(j, NULL, names[i], NULL);
	json_end_list(j);
	json_end_object(j);
}

/* What two fields have to have in common to be compared: "text" of all that are. */
static const char *value_type(const struct field *f)
{
	return f->type & FT_NUMBERS ? field_type_name(f->type) : field_type_name(FT_TEXT);
}

/* The names of one kind's definitions. */
struct kind {
	struct field_ref ref;
	char operand[NAME_SIZE], value[NAME_SIZE], list[NAME_SIZE], other[NAME_SIZE];
};

/* Is the key one whose operand depends on `nocase` beside it? See write_any_case(). */
static bool any_case(const struct kind *k, const char *key)
{
	return k->ref.field->type == FT_ENUM && (strcmp(key, "in") == 0 || strcmp(key, "not") == 0);
}

static void write_described(struct json *j, const char *key, const char *help)
{
	json_object(j, key);
	json_text(j, "description", help);
	json_end_object(j);
}

static void write_operator(struct json *j, const struct kind *k, const struct op_row *op)
{
	switch (op->operand) {
	case OPERAND_VALUES:
		write_one_of(j, op->name, op->help, k->value, k->list, OTHER_FIELD);
		break;
	case OPERAND_TEXTS:
		if (op_takes_field((enum op)(op - op_table)))
			write_one_of(j, op->name, op->help, "texts", OTHER_FIELD, NULL);
		else
			schema_ref(j, op->name, "texts", op->help);
		break;
	case OPERAND_REGEXES:
	case OPERAND_NETWORKS:
		schema_ref(j, op->name, "texts", op->help);
		break;
	case OPERAND_BOUND:
		schema_ref(j, op->name, field_ref_is_number(&k->ref) ? k->value : "decimal", op->help);
		break;
	case OPERAND_PRESENCE:
		schema_ref(j, op->name, "truth", op->help);
		break;
	case OPERAND_OTHER:
		schema_ref(j, op->name, k->other, op->help);
		break;
	}
}

static bool takes(const struct kind *k, enum key_value value)
{
	switch (value) {
	case VALUE_VALUES:
		return field_ref_is_many(&k->ref);
	default:
		return true;
	}
}

static void write_key(struct json *j, const struct kind *k, const struct key_row *row)
{
	if (!takes(k, row->value))
		return;
	switch (row->value) {
	case VALUE_OPERAND:
		if (any_case(k, row->name))
			write_described(j, row->name, row->help);
		else
			schema_ref(j, row->name, k->operand, row->help);
		break;
	case VALUE_VALUES:
		schema_ref(j, row->name, k->list, row->help);
		break;
	case VALUE_TRUTH:
		schema_ref(j, row->name, "truth", row->help);
		break;
	default:
		schema_ref(j, row->name, "flags", row->help);
	}
}

/* What `in` and `not` take of an enumeration: with `nocase` any text, since it may be in capitals. */
static void write_any_case(struct json *j, const struct kind *k)
{
	json_object(j, "if");
	json_list(j, "required");
	json_text(j, NULL, "nocase");
	json_end_list(j);
	json_end_object(j);
	for (int nocase = 1; nocase >= 0; nocase--) {
		json_object(j, nocase ? "then" : "else");
		json_object(j, "properties");
		write_one_of(j, "in", NULL, nocase ? "texts" : k->value, k->list, OTHER_FIELD);
		write_one_of(j, "not", NULL, nocase ? "texts" : k->value, k->operand, NULL);
		json_end_object(j);
		json_end_object(j);
	}
}

/* Does `nocase` change what stands behind that key of a field of numbers? */
static bool reads_number_text(const char *key)
{
	for (int i = 0; i < N_OPERATORS; i++)
		if (strcmp(op_table[i].name, key) == 0)
			return op_table[i].operand == OPERAND_TEXTS || i == OP_IN;
	return false;
}

/* `nocase` and `flags` beside nothing that they change are errors. */
static void write_dependencies(struct json *j, const struct kind *k)
{
	bool number = field_ref_is_number(&k->ref);

	json_object(j, "dependencies");
	json_object(j, "nocase");
	json_list(j, "anyOf");
	for (size_t i = 0; nocase_changes[i]; i++) {
		if (number && !reads_number_text(nocase_changes[i]))
			continue;
		json_object(j, NULL);
		json_list(j, "required");
		json_text(j, NULL, nocase_changes[i]);
		json_end_list(j);
		if (number && strcmp(nocase_changes[i], op_table[OP_IN].name) == 0) {
			json_object(j, "properties");
			schema_ref(j, op_table[OP_IN].name, OTHER_FIELD, NULL);
			json_end_object(j);
		}
		json_end_object(j);
	}
	json_end_list(j);
	json_end_object(j);
	json_list(j, "flags");
	json_text(j, NULL, op_table[OP_RE].name);
	json_end_list(j);
	json_end_object(j);
}

static void write_operators(struct json *j, const struct kind *k)
{
	json_object(j, NULL);
	json_text(j, "type", "object");
	json_object(j, "properties");
	for (int i = 0; i < N_OPERATORS; i++) {
		if (!(op_table[i].types & k->ref.field->type))
			continue;
		if (any_case(k, op_table[i].name))
			write_described(j, op_table[i].name, op_table[i].help);
		else
			write_operator(j, k, &op_table[i]);
	}
	for (size_t i = 0; i < n_keys; i++)
		if (key_table[i].map == MAP_OPERATORS)
			write_key(j, k, &key_table[i]);
	json_end_object(j);
	if (k->ref.field->type == FT_ENUM)
		write_any_case(j, k);
	write_dependencies(j, k);
	json_bool(j, "additionalProperties", false);
	json_int(j, "minProperties", 1);
	json_end_object(j);
}

static void write_kind(struct json *j, const struct field_ref *ref)
{
	struct kind k = { .ref = *ref };

	kind_name("operand", ref, k.operand);
	kind_name("value", ref, k.value);
	kind_name("values", ref, k.list);
	snprintf(k.other, sizeof(k.other), "other.%s", value_type(ref->field));

	schema_value(j, k.value, ref->field);
	json_object(j, k.list);
	json_text(j, "type", "array");
	json_object(j, "items");
	json_list(j, "anyOf");
	schema_ref(j, NULL, k.value, NULL);
	schema_ref(j, NULL, "listName", NULL);
	json_end_list(j);
	json_end_object(j);
	json_int(j, "minItems", 1);
	json_end_object(j);

	json_object(j, k.operand);
	json_list(j, "anyOf");
	schema_ref(j, NULL, k.value, NULL);
	schema_ref(j, NULL, k.list, NULL);
	write_operators(j, &k);
	json_end_list(j);
	json_end_object(j);
}

/* The form number @n of those in which fields are written: each plainly, then each as a single one. False:
 * that field has no such form. */
static bool nth_ref(size_t n, struct field_ref *ret)
{
	return n < n_fields ? plain_ref(&field_table[n], ret) : single_ref(&field_table[n - n_fields], ret);
}

void schema_operands(struct json *j)
{
	for (size_t i = 0; i < 2 * n_fields; i++) {
		struct field_ref ref, before;
		bool told = !nth_ref(i, &ref);

		for (size_t k = 0; k < i && !told; k++)
			told = nth_ref(k, &before) && same_kind(&before, &ref);
		if (!told)
			write_kind(j, &ref);
	}
}

/* The names of the fields that @wanted chooses, as one definition. */
static void write_names(struct json *j, const char *key, const char *type,
			bool (*wanted)(const struct field_ref *ref, const char *type))
{
	struct field_ref ref;

	json_object(j, key);
	json_list(j, "anyOf");
	json_object(j, NULL);
	json_list(j, "enum");
	for (size_t i = 0; i < n_fields; i++)
		if (plain_ref(&field_table[i], &ref) && wanted(&ref, type))
			json_text(j, NULL, field_table[i].name);
	json_end_list(j);
	json_end_object(j);
	for (size_t i = 0; i < n_fields; i++) {
		_cleanup_(buf) struct buf pattern = BUF_INIT;

		if (!single_ref(&field_table[i], &ref) || !wanted(&ref, type))
			continue;
		single_pattern(&field_table[i], &pattern);
		buf_char(&pattern, '\0');
		if (!pattern.error)
			schema_pattern(j, NULL, buf_get(&pattern).p);
	}
	json_end_list(j);
	json_end_object(j);
}

static bool has_one_value(const struct field_ref *ref, const char *type)
{
	return !field_ref_is_many(ref);
}

static bool is_any(const struct field_ref *ref, const char *type)
{
	return true;
}

static bool has_type(const struct field_ref *ref, const char *type)
{
	return strcmp(value_type(ref->field), type) == 0;
}

void schema_field_names(struct json *j)
{
	static const enum field_type types[] = { FT_INT, FT_BOOL, FT_DURATION, FT_TIME, FT_TEXT };
	char key[NAME_SIZE];

	write_names(j, "field", NULL, has_one_value);
	write_names(j, "anyField", NULL, is_any);
	for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
		snprintf(key, sizeof(key), "other.%s", field_type_name(types[i]));
		write_names(j, key, field_type_name(types[i]), has_type);
	}
}
