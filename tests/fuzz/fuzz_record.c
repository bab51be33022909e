/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Records from anywhere. What we read, jansson reads too; an object that jansson reads, whose known keys hold
 * what their fields take, we read; and what was read is written and read again without a change.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/errnos.h"
#include "base/timefmt.h"
#include "event/field.h"
#include "event/record.h"

/* jansson has a json_object() too, which is not called here. */
#define json_object jansson_object
#include <jansson.h>
#undef json_object
#include "tests/fuzz/fuzz.h"

static bool all_strings(const json_t *value, bool null_is_fine)
{
	const char *key;
	json_t *item;
	size_t i;

	json_array_foreach(value, i, item)
		if (!json_is_string(item))
			return false;
	json_object_foreach((json_t *)value, key, item)
		if (!json_is_string(item) && !(null_is_fine && json_is_null(item)))
			return false;
	return true;
}

static bool takes(const struct field *field, const json_t *value)
{
	struct str text = { NULL, 0 };
	int64_t ns;

	if (json_is_string(value))
		text = (struct str){ json_string_value(value), json_string_length(value) };
	switch (field->type) {
	case FT_INT: case FT_DURATION:
		return json_is_integer(value);
	case FT_BOOL:
		return json_is_boolean(value);
	case FT_TIME:
		return str_known(text) && time_parse(text, &ns);
	case FT_TEXT:
		return str_known(text);
	case FT_ENUM:
		for (size_t i = 0; field->values[i]; i++)
			if (str_eq(str_of(field->values[i]), text))
				return true;
		return field->values == errno_names && errno_number(text) != 0;
	case FT_WORDS:
		return json_is_array(value) && all_strings(value, false);
	case FT_MAP:
		return json_is_object(value) && json_object_size(value) <= 1024 && all_strings(value, true);
	case FT_TEXTS:
		break;
	}
	return false;
}

static unsigned int depth(const json_t *value)
{
	unsigned int deepest = 0, d;
	const char *key;
	json_t *item;
	size_t i;

	json_array_foreach(value, i, item)
		if ((d = depth(item)) > deepest)
			deepest = d;
	json_object_foreach((json_t *)value, key, item)
		if ((d = depth(item)) > deepest)
			deepest = d;
	return json_is_array(value) || json_is_object(value) ? deepest + 1 : 0;
}

static bool all_take(const json_t *object, const char *prefix);

/* The value of one key: of no field of ours, of one that takes it, or of several (an object). */
static bool key_takes(const char *key, const json_t *value)
{
	size_t len = strlen(key);
	json_t *item;
	size_t i;

	if (len > 4 && strcmp(key + len - 4, "_b64") == 0)
		return false;		/* valid only in company; the round trip looks at those */
	if (json_is_null(value))
		return true;
	for (size_t k = 0; k < n_fields; k++) {
		const struct field *field = &field_table[k];

		if (!field->key)
			continue;
		if (strcmp(field->key, key) == 0)
			return takes(field, value);
		if (strncmp(field->key, key, len) != 0 || field->key[len] != '.')
			continue;
		if (field->place != PLACE_ANCESTORS)
			return json_is_object(value) && all_take(value, key);
		json_array_foreach(value, i, item)
			if (!json_is_object(item) || !all_take(item, key))
				return false;
		return json_is_array(value);
	}
	return depth(value) <= RECORD_MAX_DEPTH;
}

static bool all_take(const json_t *object, const char *prefix)
{
	const char *key;
	json_t *value;
	char path[64];

	json_object_foreach((json_t *)object, key, value) {
		int len = snprintf(path, sizeof(path), "%s%s%s", prefix, *prefix ? "." : "", key);

		/* Neither a dot in a key nor a long key is a field's, whatever it looks like as a path. */
		if (strchr(key, '.') || (size_t)len >= sizeof(path)) {
			if (depth(value) > RECORD_MAX_DEPTH || strstr(key, "_b64"))
				return false;
			continue;
		}
		if (!key_takes(path, value))
			return false;
	}
	return true;
}

static void check_against_jansson(struct str text, bool accepted)
{
	json_error_t error;
	json_t *root;

	root = json_loadb(text.p, text.len, JSON_ALLOW_NUL, &error);
	if (accepted && !root) {
		enum json_error_code code = json_error_code(&error);

		/* Skipped numbers may be huge, and keys may hold \u0000. */
		CHECK(code == json_error_numeric_overflow || code == json_error_null_byte_in_key);
	}
	json_decref(root);
	/* jansson overlooks a NUL behind a number. */
	if (accepted || (text.len && memchr(text.p, 0, text.len)))
		return;
	root = json_loadb(text.p, text.len, JSON_ALLOW_NUL | JSON_REJECT_DUPLICATES, &error);
	CHECK(!json_is_object(root) || !all_take(root, ""));
	json_decref(root);
}

static void check_words(const struct words *w)
{
	const char *p = w->joined.p;

	if (!w->known)
		return;
	CHECK(p != NULL);
	for (size_t i = 0; i < w->n; i++) {
		CHECK(i == 0 || *p++ == ' ');
		CHECK(w->item[i].p == p);
		p += w->item[i].len;
	}
	CHECK(p == w->joined.p + w->joined.len);
}

/* Every value can be asked for, and every byte of it be read. */
static void check_fields(const struct event *ev)
{
	volatile unsigned int sum = 0;	/* so that no read is left out */

	for (size_t i = 0; i < n_fields; i++) {
		struct field_ref ref = { .field = &field_table[i], .key = STR("A") };
		struct field_cursor c = { 0 };
		struct value v;

		while (field_next(&ref, ev, &c, &v))
			for (size_t k = 0; !field_ref_is_number(&ref) && k < v.text.len; k++)
				sum += (unsigned char)v.text.p[k];
	(void)sum;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str text = { (const char *)data, size };
	struct arena a = ARENA_INIT, again = ARENA_INIT;
	struct buf first = BUF_INIT, second = BUF_INIT;
	struct record_error error;
	static struct event ev, got;
	int e;

	if (!data)
		return 0;
	e = record_read(text, &a, &ev, &error);
	if (e) {
		CHECK(e == -EINVAL);
		CHECK(error.offset <= size && error.message[0]);
	}
	check_against_jansson(text, e == 0);
	if (!e) {
		check_words(&ev.argv);
		check_words(&ev.given_argv);
		check_words(&ev.parent.argv);
		check_fields(&ev);
		record_write(&ev, &first);
		CHECK(record_read(buf_get(&first), &again, &got, &error) == 0);
		record_write(&got, &second);
		CHECK(!first.error && !second.error && str_eq(buf_get(&first), buf_get(&second)));
	}
	buf_done(&first);
	buf_done(&second);
	arena_done(&a);
	arena_done(&again);
	return 0;
}
