/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading one value of a record, by the type of its field; see record_value.h. Strings are decoded into one
 * block as long as the text; the words of a list with one space between them, which is the text that rules
 * call argv.
 */
#include "event/record_value.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/errnos.h"
#include "base/nearest.h"
#include "base/text.h"
#include "base/timefmt.h"

int record_fail(struct record_reader *r, const char *at, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(r->error->message, sizeof(r->error->message), fmt, args);
	va_end(args);
	r->error->offset = (size_t)(at - r->json.start);
	r->failed = true;
	return -EINVAL;
}

int record_fail_type(struct record_reader *r, struct str key, const char *what)
{
	enum json_kind kind = json_peek(&r->json);

	/* Where there is no value at all, JSON's own complaint says more. */
	if (kind == JSON_NOTHING)
		return json_skip(&r->json, 0);
	return record_fail(r, r->json.p, "`%.*s` takes %s, not %s", STR_ARG(key), what, json_kind_name(kind));
}

static int fail_type(struct record_reader *r, const struct field *field, const char *what)
{
	return record_fail_type(r, (struct str){ field->key, field->key_len }, what);
}

/* A string outlives the text only in the arena. */
static struct str keep(struct record_reader *r, struct str s)
{
	if (s.p >= r->json.start && s.p < r->json.end) {
		memcpy(r->json.out, s.p, s.len);
		s.p = r->json.out;
		r->json.out += s.len;
	}
	return s;
}

/* What a text, and an element of a list or an object of texts, is not. */
static const char *what_it_takes(const struct field *field)
{
	return field->type == FT_WORDS ? "a list of strings" :
	       field->type == FT_MAP ? "an object of strings" : "a string";
}

static int read_text(struct record_reader *r, const struct field *field, struct str *ret)
{
	if (json_peek(&r->json) != JSON_STRING)
		return fail_type(r, field, what_it_takes(field));
	return json_read_string(&r->json, ret);
}

static int read_base64(struct record_reader *r, const struct field *field, struct str *ret)
{
	const char *at;
	struct str text;
	int e;

	if (json_peek(&r->json) != JSON_STRING)
		return fail_type(r, field, "base64 in a string");
	at = r->json.p;
	e = json_read_word(&r->json, &text);
	if (e)
		return e;
	e = base64_read(text, r->arena, ret);
	return e == -EINVAL ? record_fail(r, at, "the exact bytes of `%s` are no base64", field->key) : e;
}

static int read_number(struct record_reader *r, const struct field *field, int64_t *ret)
{
	const char *at;
	struct str text;
	bool b;
	int e;

	switch (json_peek(&r->json)) {
	case JSON_BOOL:
		if (field->type != FT_BOOL)
			break;
		e = json_read_bool(&r->json, &b);
		if (!e)
			*ret = b;
		return e;
	case JSON_NUMBER:
		if (field->type != FT_INT && field->type != FT_DURATION)
			break;
		at = r->json.p;
		e = json_read_int(&r->json, ret);
		return e ? record_fail(r, at, "`%s` takes an integer, not %s", field->key, r->json.error) : 0;
	case JSON_STRING:
		if (field->type != FT_TIME)
			break;
		at = r->json.p;
		e = json_read_word(&r->json, &text);
		if (!e && !time_parse(text, ret))
			e = record_fail(r, at, "`%s` takes an RFC 3339 time like 2026-01-31T23:59:59Z",
					field->key);
		return e;
	default:
		break;
	}
	return fail_type(r, field, field->type == FT_BOOL ? "true or false" :
				   field->type == FT_TIME ? "an RFC 3339 time in a string" : "an integer");
}

/* Other names for an errno that has one, then the list. */
static struct str find_value(const struct field *field, struct str text, struct nearest *nearest)
{
	if (field->values == errno_names && errno_number(text))
		return errno_name(errno_number(text));
	for (size_t i = 0; field->values[i]; i++) {
		struct str value = str_of(field->values[i]);

		if (str_eq(value, text))
			return value;
		nearest_try(nearest, value);
	}
	return (struct str){ NULL, 0 };
}

static int read_enum(struct record_reader *r, const struct field *field, struct str *ret)
{
	struct nearest nearest;
	struct str text, value;
	const char *at;
	char memory[128];
	struct buf shown;
	int e;

	if (json_peek(&r->json) != JSON_STRING)
		return fail_type(r, field, "a string");
	at = r->json.p;
	e = json_read_word(&r->json, &text);
	if (e)
		return e;
	nearest = (struct nearest)NEAREST_INIT(text);
	value = find_value(field, text, &nearest);
	if (str_known(value)) {
		*ret = value;
		return 0;
	}

	buf_init_fixed(&shown, memory, sizeof(memory));
	if (text.len <= sizeof(memory) / 4)
		escape_controls(text, &shown);
	if (!str_known(nearest.best))
		return record_fail(r, at, "`%s` has no value `%.*s`", field->key, STR_ARG(buf_get(&shown)));
	return record_fail(r, at, "`%s` has no value `%.*s`; did you mean `%.*s`?", field->key,
		    STR_ARG(buf_get(&shown)), STR_ARG(nearest.best));
}

/* An array with room for one more element of @size behind its @n: the same, or a copy (the old one stays with
 * the arena). NULL: out of memory. */
static void *grow(struct arena *a, void *array, size_t n, size_t *cap, size_t size)
{
	void *copy;

	if (n < *cap)
		return array;
	*cap = *cap ? *cap * 2 : 16;
	copy = arena_array(a, *cap, size);
	if (copy && n)
		memcpy(copy, array, n * size);
	return copy;
}

static int read_words(struct record_reader *r, const struct field *field, struct words *ret)
{
	struct str *item = NULL;
	size_t n = 0, cap = 0;
	bool inside = false;
	char *begin = r->json.out;
	int e;

	if (json_peek(&r->json) != JSON_LIST)
		return fail_type(r, field, what_it_takes(field));
	while (!(e = json_next_item(&r->json, &inside)) && inside) {
		if (n > 0)
			*r->json.out++ = ' ';
		item = grow(r->arena, item, n, &cap, sizeof(*item));
		if (!item)
			return -ENOMEM;
		e = read_text(r, field, &item[n++]);
		if (e)
			return e;
	}
	if (e)
		return e;
	*ret = (struct words){ item, n, { begin, (size_t)(r->json.out - begin) }, true };
	return 0;
}

static bool read_position(struct str digits, size_t *ret)
{
	size_t n = 0;

	if (digits.len == 0 || digits.len > 9 || (digits.len > 1 && digits.p[0] == '0'))
		return false;
	for (size_t i = 0; i < digits.len; i++) {
		if (digits.p[i] < '0' || digits.p[i] > '9')
			return false;
		n = n * 10 + (size_t)(digits.p[i] - '0');
	}
	*ret = n;
	return true;
}

/* The words laid out anew, since the exact ones differ in length. */
static int join_words(struct record_reader *r, struct str *item, size_t n, struct words *ret)
{
	size_t size = n;
	char *text, *p;

	for (size_t i = 0; i < n; i++)
		size += item[i].len;
	text = p = arena_alloc(r->arena, size);
	if (!text)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++) {
		if (i > 0)
			*p++ = ' ';
		memcpy(p, item[i].p, item[i].len);
		item[i].p = p;
		p += item[i].len;
	}
	*ret = (struct words){ item, n, { text, (size_t)(p - text) }, true };
	return 0;
}

struct exact_word {
	size_t at;
	struct str bytes;
};

/* Reads {"2": "BASE64"}. */
static int read_exact_words(struct record_reader *r, const struct field *field, struct exact_word **ret,
			    size_t *ret_n)
{
	struct exact_word *exact = NULL;
	size_t n = 0, cap = 0;
	bool inside = false;
	struct str key;
	int e;

	if (json_peek(&r->json) != JSON_OBJECT)
		return record_fail(r, r->json.p, "`%s_b64` takes an object of index to base64", field->key);
	while (!(e = json_next_key(&r->json, &inside, &key)) && inside) {
		exact = grow(r->arena, exact, n, &cap, sizeof(*exact));
		if (!exact)
			return -ENOMEM;
		if (!read_position(key, &exact[n].at))
			return record_fail(r, r->json.p, "a key of `%s_b64` is the index of a word",
					   field->key);
		e = read_base64(r, field, &exact[n++].bytes);
		if (e)
			return e;
	}
	*ret = exact;
	*ret_n = n;
	return e;
}

/* Words that were given exactly replace those of the plain list; without one they are the list. */
static int apply_exact_words(struct record_reader *r, const struct field *field, struct words *words)
{
	const char *at = r->json.p;
	struct exact_word *exact = NULL;
	size_t n_exact = 0, n;
	struct str *item;
	int e;

	e = read_exact_words(r, field, &exact, &n_exact);
	if (e || n_exact == 0)
		return e;
	n = words->known ? words->n : n_exact;
	item = arena_array(r->arena, n, sizeof(*item));
	if (!item)
		return -ENOMEM;
	if (words->n)
		memcpy(item, words->item, n * sizeof(*item));
	for (size_t i = 0; i < n_exact; i++)
		if (exact[i].at < n)
			item[exact[i].at].p = NULL;
	for (size_t i = 0; i < n_exact; i++) {
		if (exact[i].at >= n || str_known(item[exact[i].at]))
			return record_fail(r, at, "word %zu of `%s_b64` is given twice or not in the list",
					   exact[i].at, field->key);
		item[exact[i].at] = exact[i].bytes;
	}
	return join_words(r, item, n, words);
}

/* Is @plain what a writer makes of @exact, which has bytes that are no UTF-8? */
static bool is_plain_of(struct str plain, struct str exact)
{
	bool valid = true;

	while (exact.len && plain.len) {
		size_t n = utf8_length(exact);
		struct str want = n ? (struct str){ exact.p, n } : STR_LIT("\xef\xbf\xbd");

		if (!str_has_prefix(plain, want))
			return false;
		valid &= n > 0;
		plain = str_skip(plain, want.len);
		exact = str_skip(exact, n ? n : 1);
	}
	return !valid && exact.len == 0 && plain.len == 0;
}

static struct pair *find_pair(struct pair *item, size_t n, struct str name)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq(item[i].name, name))
			return &item[i];
	return NULL;
}

/*
 * FOO_b64 beside FOO is the exact value of FOO only where a writer would have made FOO of it; else it is a
 * variable of that name.
 */
static int apply_exact_pairs(struct record_reader *r, struct pair *item, size_t *n)
{
	const struct str suffix = STR("_b64");
	size_t kept = 0;

	for (size_t i = 0; i < *n; i++) {
		struct str name = item[i].name, exact;
		struct pair *plain;
		int e;

		if (!str_has_suffix(name, suffix))
			continue;
		name.len -= suffix.len;
		plain = find_pair(item, *n, name);
		if (!plain)
			continue;
		e = base64_read(item[i].value, r->arena, &exact);
		if (e == -ENOMEM)
			return e;
		if (!e && is_plain_of(plain->value, exact)) {
			plain->value = exact;
			item[i].name.p = NULL;
		}
	}
	for (size_t i = 0; i < *n; i++)
		if (str_known(item[i].name))
			item[kept++] = item[i];
	*n = kept;
	return 0;
}

static int read_pairs(struct record_reader *r, const struct field *field, struct pairs *ret)
{
	struct pair *item = NULL;
	size_t n = 0, cap = 0;
	bool inside = false;
	struct str key;
	int e;

	if (json_peek(&r->json) != JSON_OBJECT)
		return fail_type(r, field, what_it_takes(field));
	while (!(e = json_next_key(&r->json, &inside, &key)) && inside) {
		if (find_pair(item, n, key))
			return record_fail(r, r->json.p, "a name in `%s` is given twice", field->key);
		if (n == RECORD_MAX_PAIRS)
			return record_fail(r, r->json.p, "`%s` has more than %d names", field->key,
					   RECORD_MAX_PAIRS);
		item = grow(r->arena, item, n, &cap, sizeof(*item));
		if (!item)
			return -ENOMEM;
		key = keep(r, key);
		if (json_peek(&r->json) == JSON_NULL) {
			e = json_skip(&r->json, 0);
		} else {
			e = read_text(r, field, &item[n].value);
			item[n++].name = key;
		}
		if (e)
			return e;
	}
	if (!e)
		e = apply_exact_pairs(r, item, &n);
	if (!e)
		*ret = (struct pairs){ item, n, true };
	return e;
}

int record_read_value(struct record_reader *r, const struct field *field, char *base)
{
	void *member = base + field->offset;
	struct num *num = member;
	int e;

	switch (field->type) {
	case FT_INT:
	case FT_BOOL:
	case FT_DURATION:
	case FT_TIME:
		e = read_number(r, field, &num->value);
		num->known = e == 0;
		return e;
	case FT_TEXT:
		return read_text(r, field, member);
	case FT_ENUM:
		return read_enum(r, field, member);
	case FT_WORDS:
		return read_words(r, field, member);
	case FT_MAP:
		return read_pairs(r, field, member);
	case FT_TEXTS:
		break;
	}
	return -EINVAL;
}

int record_read_exact(struct record_reader *r, const struct field *field, char *base)
{
	void *member = base + field->offset;

	return field->type == FT_WORDS ? apply_exact_words(r, field, member) : read_base64(r, field, member);
}
