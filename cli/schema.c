/* SPDX-License-Identifier: Apache-2.0 */
/*
 * execwatch schema: the JSON Schema of native rule files, by which editors complete, explain and underline.
 *
 * It is made of the lists that the readers check against: the keys (parser/keys.def), the fields with their
 * types and enumerations, the operators that each type takes, the severities and modes. What a schema cannot
 * say is left to `check`: whether a name is known, a regex valid, an id taken.
 *
 * Draft 7, since that is what editors' YAML servers implement. They read YAML 1.2, where `777` is a number
 * and `true` a boolean; here the place of a scalar decides what it is, so a text may look like either.
 */
#include "cli/schema.h"

#include <stdio.h>

#include "base/log.h"
#include "cli/verb.h"
#include "parser/keys.h"
#include "parser/rule.h"

/* parser/lists.c: is_name(); parser/rules.c: id_read(). */
#define NAME_PATTERN "^[A-Za-z_][A-Za-z0-9_.-]{0,199}$"
#define ID_PATTERN "^[a-z0-9._-]{1,200}$"

static const struct cli_option options[] = { { 0 } };

void schema_type(struct json *j, const char *key, const char *type)
{
	json_object(j, key);
	json_text(j, "type", type);
	json_end_object(j);
}

/* Beside a $ref draft 7 ignores everything, so a description needs the detour. */
void schema_ref(struct json *j, const char *key, const char *name, const char *help)
{
	char path[96];

	snprintf(path, sizeof(path), "#/definitions/%s", name);
	json_object(j, key);
	if (help) {
		json_text(j, "description", help);
		json_list(j, "allOf");
		json_object(j, NULL);
	}
	json_text(j, "$ref", path);
	if (help) {
		json_end_object(j);
		json_end_list(j);
	}
	json_end_object(j);
}

/* A list of at least one of what the definition @name says; @once: each a single time. */
static void write_list_of(struct json *j, const char *key, const char *name, bool once)
{
	json_object(j, key);
	json_text(j, "type", "array");
	schema_ref(j, "items", name, NULL);
	json_int(j, "minItems", 1);
	if (once)
		json_bool(j, "uniqueItems", true);
	json_end_object(j);
}

void schema_pattern(struct json *j, const char *key, const char *pattern)
{
	json_object(j, key);
	json_text(j, "type", "string");
	json_text(j, "pattern", pattern);
	json_end_object(j);
}

/* What stands behind a key: its definition's name, and what that definition is of. */
static const struct {
	const char *name;
	enum { ITSELF, LIST, MAP } form;
	enum key_map map;
} values[N_KEY_VALUES] = {
	[VALUE_VERSION] = { "version", ITSELF, 0 },
	[VALUE_TEXT] = { "text", ITSELF, 0 },
	[VALUE_TEXTS] = { "texts", ITSELF, 0 },
	[VALUE_ID] = { "id", ITSELF, 0 },
	[VALUE_TRUTH] = { "truth", ITSELF, 0 },
	[VALUE_COUNT] = { "count", ITSELF, 0 },
	[VALUE_NUMBER] = { "number", ITSELF, 0 },
	[VALUE_DURATION] = { "duration", ITSELF, 0 },
	[VALUE_DAY] = { "day", ITSELF, 0 },
	[VALUE_SEVERITY] = { "severity", ITSELF, 0 },
	[VALUE_MODE] = { "mode", ITSELF, 0 },
	[VALUE_STATUS] = { "status", ITSELF, 0 },
	[VALUE_FLAGS] = { "flags", ITSELF, 0 },
	[VALUE_FIELD] = { "field", ITSELF, 0 },
	[VALUE_FIELDS] = { "fields", ITSELF, 0 },
	[VALUE_LISTS] = { "lists", ITSELF, 0 },
	[VALUE_MACROS] = { "macros", ITSELF, 0 },
	[VALUE_DEFAULTS] = { "defaults", MAP, MAP_DEFAULTS },
	[VALUE_RULES] = { "rules", LIST, MAP_RULE },
	[VALUE_EXCEPTIONS] = { "exceptions", LIST, MAP_EXCEPTION },
	[VALUE_THRESHOLD] = { "threshold", MAP, MAP_THRESHOLD },
	[VALUE_THROTTLE] = { "throttle", MAP, MAP_THROTTLE },
	[VALUE_OWN_THROTTLE] = { "ownThrottle", ITSELF, 0 },
	[VALUE_TESTS] = { "tests", LIST, MAP_TEST },
	[VALUE_MUTANTS] = { "mutants", LIST, MAP_MUTANT },
	[VALUE_RECORD] = { "record", ITSELF, 0 },
	[VALUE_STEPS] = { "steps", LIST, MAP_STEP },
	[VALUE_EXPECT] = { "expect", MAP, MAP_EXPECT },
	[VALUE_KEY] = { "key", ITSELF, 0 },
	[VALUE_ANY_FIELD] = { "anyField", ITSELF, 0 },
	[VALUE_OTHER] = { "otherField", MAP, MAP_OTHER },
	[VALUE_CONDITION] = { "condition", ITSELF, 0 },
	[VALUE_CONDITIONS] = { "conditions", ITSELF, 0 },
	/* The values of MAP_OPERATORS depend on the field; schema_fields.c has them. */
};

static void write_keys(struct json *j, enum key_map map)
{
	for (size_t i = 0; i < n_keys; i++)
		if (key_table[i].map == map)
			schema_ref(j, key_table[i].name, values[key_table[i].value].name, key_table[i].help);
}

static void write_required(struct json *j, enum key_map map)
{
	bool any = false;

	for (size_t i = 0; i < n_keys; i++) {
		if (key_table[i].map != map || !key_table[i].required)
			continue;
		if (!any)
			json_list(j, "required");
		any = true;
		json_text(j, NULL, key_table[i].name);
	}
	if (any)
		json_end_list(j);
}

/* A choice of two keys, of which a map has one. */
static void write_either(struct json *j, const char *a, const char *b)
{
	const char *const keys[] = { a, b };

	json_list(j, "oneOf");
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		json_object(j, NULL);
		json_list(j, "required");
		json_text(j, NULL, keys[i]);
		json_end_list(j);
		json_end_object(j);
	}
	json_end_list(j);
}

/* A key that stands alone, or not without another. */
static void write_dependency(struct json *j, enum key_map map)
{
	json_object(j, "dependencies");
	if (map == MAP_EXPECT) {
		json_object(j, "excepted");
		json_int(j, "maxProperties", 1);
		json_end_object(j);
	} else {
		json_list(j, "every");
		json_text(j, NULL, "repeat");
		json_end_list(j);
	}
	json_end_object(j);
}

/* Which keys of a map go with which. */
static void write_company(struct json *j, enum key_map map)
{
	if (map == MAP_TEST)
		write_either(j, "event", "events");
	if (map == MAP_EXPECT)
		json_int(j, "minProperties", 1);
	if (map == MAP_EXPECT || map == MAP_STEP)
		write_dependency(j, map);
}

static void write_record_patterns(struct json *j)
{
	json_object(j, "patternProperties");
	schema_record_patterns(j);
	json_end_object(j);
}

/* The members of a map's schema, without its braces. */
static void write_map(struct json *j, enum key_map map)
{
	json_text(j, "type", "object");
	json_object(j, "properties");
	write_keys(j, map);
	if (map == MAP_STEP)
		schema_record_keys(j);
	json_end_object(j);
	if (map == MAP_STEP)
		write_record_patterns(j);
	write_required(j, map);
	write_company(j, map);
	json_bool(j, "additionalProperties", false);
}

static void write_names(struct json *j, const char *key, const char *const *names)
{
	json_object(j, key);
	json_list(j, "enum");
	for (; *names; names++)
		json_text(j, NULL, *names);
	json_end_list(j);
	json_end_object(j);
}

static void write_integer(struct json *j, const char *key, int64_t min)
{
	json_object(j, key);
	json_text(j, "type", "integer");
	json_int(j, "minimum", min);
	json_end_object(j);
}

static void write_scalar_types(struct json *j)
{
	json_list(j, "type");
	json_text(j, NULL, "string");
	json_text(j, NULL, "number");
	json_text(j, NULL, "boolean");
	json_end_list(j);
}

/* One @name, or a list of them; @once: each a single time. */
static void write_one_or_more(struct json *j, const char *key, const char *name, bool once)
{
	json_object(j, key);
	json_list(j, "anyOf");
	schema_ref(j, NULL, name, NULL);
	write_list_of(j, NULL, name, once);
	json_end_list(j);
	json_end_object(j);
}

static void write_scalars(struct json *j)
{
	schema_type(j, "decimal", "number");
	json_object(j, "version");
	json_int(j, "const", 1);
	json_end_object(j);
	json_object(j, "text");
	write_scalar_types(j);
	json_end_object(j);
	write_one_or_more(j, "texts", "text", false);
	json_object(j, "id");
	write_scalar_types(j);
	json_text(j, "pattern", ID_PATTERN);
	json_end_object(j);
	schema_type(j, "truth", "boolean");
	write_integer(j, "count", 1);
	write_integer(j, "number", 0);
	schema_pattern(j, "duration", "^[0-9]+(\\.[0-9]+)?(ns|us|ms|s|m|h|d)$");
	schema_pattern(j, "day", "^[0-9]{4}-[0-9]{2}-[0-9]{2}$");
	schema_pattern(j, "time", "^[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(\\.[0-9]+)?"
				  "([Zz]|[+-][0-9]{2}:[0-9]{2})$");
	write_names(j, "severity", severity_names);
	write_names(j, "mode", mode_names);
	write_names(j, "status", status_names);
	write_names(j, "flags", flag_names);
	write_one_or_more(j, "fields", "field", true);
	/* An entry of a list that stands for a named one. */
	schema_pattern(j, "listName", "^\\$[A-Za-z_][A-Za-z0-9_.-]*$");
}

/* Things by name: @name is what each is. */
static void write_named(struct json *j, const char *key, const char *name)
{
	json_object(j, key);
	json_text(j, "type", "object");
	json_object(j, "patternProperties");
	schema_ref(j, NAME_PATTERN, name, NULL);
	json_end_object(j);
	json_bool(j, "additionalProperties", false);
	json_end_object(j);
}

static void write_condition_keys(struct json *j)
{
	write_keys(j, MAP_CONDITION);
}

static void write_conditions(struct json *j)
{
	json_object(j, "condition");
	json_text(j, "type", "object");
	schema_fields(j, write_condition_keys);
	json_bool(j, "additionalProperties", false);
	json_end_object(j);
	write_list_of(j, "conditions", "condition", false);
	write_list_of(j, "list", "text", false);
	write_named(j, "lists", "list");
	write_named(j, "macros", "condition");
}

static void write_tests(struct json *j)
{
	json_object(j, "record");
	json_text(j, "type", "object");
	json_object(j, "properties");
	schema_record_keys(j);
	json_end_object(j);
	write_record_patterns(j);
	json_bool(j, "additionalProperties", false);
	json_end_object(j);

	json_object(j, "key");
	json_text(j, "type", "object");
	schema_ref(j, "propertyNames", "field", NULL);
	schema_ref(j, "additionalProperties", "text", NULL);
	json_end_object(j);
}

static void write_own_throttle(struct json *j)
{
	json_object(j, "ownThrottle");
	json_list(j, "anyOf");
	schema_ref(j, NULL, "throttle", NULL);
	json_object(j, NULL);
	json_text(j, "const", "none");
	json_end_object(j);
	json_end_list(j);
	json_end_object(j);
}

static void write_expect(struct json *j)
{
	json_list(j, "anyOf");
	json_object(j, NULL);
	json_list(j, "enum");
	json_text(j, NULL, "alert");
	json_text(j, NULL, "none");
	json_end_list(j);
	json_end_object(j);
	json_object(j, NULL);
	write_map(j, MAP_EXPECT);
	json_end_object(j);
	json_end_list(j);
}

static void write_maps(struct json *j)
{
	for (size_t i = 0; i < N_KEY_VALUES; i++) {
		if (!values[i].name || values[i].form == ITSELF)
			continue;
		json_object(j, values[i].name);
		if (values[i].form == LIST) {
			json_text(j, "type", "array");
			if (i == VALUE_STEPS)
				json_int(j, "minItems", 1);
			json_object(j, "items");
		}
		if (i == VALUE_EXPECT)
			write_expect(j);
		else
			write_map(j, values[i].map);
		if (values[i].form == LIST)
			json_end_object(j);
		json_end_object(j);
	}
}

static void write_schema(struct json *j)
{
	json_object(j, NULL);
	json_text(j, "$schema", "http://json-schema.org/draft-07/schema#");
	json_text(j, "title", "execwatch rule file");
	json_text(j, "description", "Rules over execs, version 1 of the language");
	write_map(j, MAP_FILE);
	json_object(j, "definitions");
	write_scalars(j);
	write_maps(j);
	write_own_throttle(j);
	write_conditions(j);
	write_tests(j);
	schema_field_names(j);
	schema_operands(j);
	json_end_object(j);
	json_end_object(j);
}

static int schema(const void *opts, const char *const *arg, size_t n_args)
{
	_cleanup_(buf) struct buf text = BUF_INIT;
	struct json j = JSON_INIT(&text);

	if (n_args) {
		log_error("`schema` takes no arguments (`%s`)", arg[0]);
		return EXIT_USAGE;
	}
	write_schema(&j);
	buf_char(&text, '\n');
	if (text.error) {
		log_error("out of memory");
		return EXIT_SYSTEM;
	}
	fwrite(buf_get(&text).p, 1, text.len, stdout);
	return EXIT_FINE;
}

const struct verb verb_schema = {
	.name = "schema",
	.arguments = "[options]",
	.summary = "print the JSON Schema of rule files, for editors",
	.details = "Editors with a YAML language server use it where a rule file begins with\n"
		   "  # yaml-language-server: $schema=rules.schema.json\n"
		   "after `execwatch schema > rules.schema.json` beside it.",
	.options = options,
	.options_size = 1,	/* none */
	.run = schema,
};
