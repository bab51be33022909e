/* SPDX-License-Identifier: Apache-2.0 */
/* Exec records in the JSON Schema, as the tests of rules hold them: the keys are the fields' own. */
#include <stdio.h>
#include <string.h>

#include "cli/schema.h"

#define KEY_SIZE 64

/* The value of a field in a record: numbers without a unit, words as a list. */
static void write_stored(struct json *j, const char *key, const struct field *f)
{
	json_object(j, key);
	json_text(j, "description", f->help);
	switch (f->type) {
	case FT_INT:
	case FT_DURATION:
		json_text(j, "type", "integer");
		break;
	case FT_WORDS:
		json_text(j, "type", "array");
		schema_ref(j, "items", "text", NULL);
		break;
	case FT_MAP:
		json_text(j, "type", "object");
		schema_ref(j, "additionalProperties", "text", NULL);
		break;
	default:
		json_list(j, "allOf");
		schema_value(j, NULL, f);
		json_end_list(j);
	}
	json_end_object(j);
}

/* Opens the object @name of records, of which ancestors are several. */
static void open_group(struct json *j, const char *name, bool several)
{
	json_object(j, name);
	if (several) {
		json_text(j, "type", "array");
		json_int(j, "maxItems", EVENT_MAX_ANCESTORS);
		json_object(j, "items");
	}
	json_text(j, "type", "object");
	json_object(j, "properties");
}

static void close_group(struct json *j, bool several)
{
	json_end_object(j);
	json_bool(j, "additionalProperties", false);
	json_end_object(j);
	if (several)
		json_end_object(j);
}

/* The rows of one object stand together in the table. */
void schema_record_keys(struct json *j)
{
	char open[KEY_SIZE] = "";
	bool several = false;

	for (size_t i = 0; i < n_fields; i++) {
		const struct field *f = &field_table[i];
		const char *dot = f->key ? strchr(f->key, '.') : NULL;
		size_t length = dot ? (size_t)(dot - f->key) : 0;

		if (!f->key)
			continue;
		if (open[0] && (strlen(open) != length || strncmp(open, f->key, length) != 0)) {
			close_group(j, several);
			open[0] = '\0';
		}
		if (dot && !open[0]) {
			several = f->place == PLACE_ANCESTORS;
			snprintf(open, sizeof(open), "%.*s", (int)length, f->key);
			open_group(j, open, several);
		}
		write_stored(j, dot ? dot + 1 : f->key, f);
	}
	if (open[0])
		close_group(j, several);
}
