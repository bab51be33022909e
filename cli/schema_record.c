/* SPDX-License-Identifier: Apache-2.0 */
/* Exec records in the JSON Schema, as the tests of rules hold them: the keys are the fields' own. */
#include <stdio.h>
#include <string.h>

#include "cli/schema.h"

#define KEY_SIZE 64

/* The value of a field in the record of a test: words are a list, a duration has a unit. */
static void write_stored(struct json *j, const char *key, const struct field *f)
{
	json_object(j, key);
	json_text(j, "description", f->help);
	if (f->type == FT_WORDS) {
		json_text(j, "type", "array");
		schema_ref(j, "items", "text", NULL);
	} else if (f->type == FT_MAP) {
		json_text(j, "type", "object");
		schema_ref(j, "additionalProperties", "text", NULL);
	} else {
		json_list(j, "allOf");
		schema_value(j, NULL, f);
		json_end_list(j);
	}
	json_end_object(j);
}

/* As a record has it, and as rules name it: a duration is `duration_ns` there and `duration` here. */
static void write_both(struct json *j, const char *key, const char *name, const struct field *f)
{
	write_stored(j, name, f);
	if (strcmp(key, name) == 0)
		return;
	json_object(j, key);
	json_text(j, "description", f->help);
	json_text(j, "type", "integer");
	json_int(j, "minimum", 0);
	json_end_object(j);
}

/* The object @name of records, of which ancestors are several: the rows with that name in front of a dot. */
static void write_group(struct json *j, const char *name, size_t length, bool several)
{
	char key[KEY_SIZE];

	snprintf(key, sizeof(key), "%.*s", (int)length, name);
	json_object(j, key);
	if (several) {
		json_text(j, "type", "array");
		json_int(j, "maxItems", EVENT_MAX_ANCESTORS);
		json_object(j, "items");
	}
	json_text(j, "type", "object");
	json_object(j, "properties");
	for (size_t i = 0; i < n_fields; i++) {
		const struct field *f = &field_table[i];

		if (f->key && strncmp(f->key, name, length) == 0 && f->key[length] == '.')
			write_stored(j, f->key + length + 1, f);
	}
	json_end_object(j);
	json_bool(j, "additionalProperties", false);
	json_end_object(j);
	if (several)
		json_end_object(j);
}

/* Does the row before @i belong to the same object, so that it has been written? */
static bool in_group_before(size_t i, size_t length)
{
	const struct field *f = &field_table[i];

	for (size_t k = 0; k < i; k++)
		if (field_table[k].key && strncmp(field_table[k].key, f->key, length + 1) == 0)
			return true;
	return false;
}

void schema_record_keys(struct json *j)
{
	for (size_t i = 0; i < n_fields; i++) {
		const struct field *f = &field_table[i];
		const char *dot = f->key ? strchr(f->key, '.') : NULL;
		size_t length = dot ? (size_t)(dot - f->key) : 0;
		bool ancestor = f->place == PLACE_ANCESTORS;

		if (dot && !in_group_before(i, length))
			write_group(j, f->key, length, ancestor);
		if (f->key && !ancestor)
			write_both(j, f->key, f->name, f);
	}
}

void schema_record_patterns(struct json *j)
{
	char pattern[KEY_SIZE];

	for (size_t i = 0; i < n_fields; i++) {
		if (field_table[i].type != FT_MAP)
			continue;
		snprintf(pattern, sizeof(pattern), "^%s[.].+$", field_table[i].key);
		schema_ref(j, pattern, "text", field_table[i].help);
	}
}
