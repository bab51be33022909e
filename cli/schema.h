/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of `execwatch schema`: what its files share. */
#ifndef CLI_SCHEMA_H
#define CLI_SCHEMA_H

#include "event/field.h"
#include "event/json.h"

/* The property @key, which is what the definition @name says; @help NULL: none. */
void schema_ref(struct json *j, const char *key, const char *name, const char *help);
/* {"type": TYPE}, as the property @key or an element. */
void schema_type(struct json *j, const char *key, const char *type);
/* Texts with this pattern and no other type. */
void schema_pattern(struct json *j, const char *key, const char *pattern);

/* schema_fields.c: the properties of a condition that are fields, as `properties` and `patternProperties`;
 * @keys writes further rows of the former. */
void schema_fields(struct json *j, void (*keys)(struct json *j));
/* The definitions that they need: what stands behind a field of each kind. */
void schema_operands(struct json *j);
/* The definitions of the names of fields: those that have one value at most, and for `same_as`. */
void schema_field_names(struct json *j);
/* The property @key, which is a value of the field: a number, a text, one of an enumeration. */
void schema_value(struct json *j, const char *key, const struct field *f);

/* schema_record.c: the properties of the records in tests, and those by pattern. */
void schema_record_keys(struct json *j);
void schema_record_patterns(struct json *j);

#endif
