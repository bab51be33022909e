/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fields by name; see field.h. The table is fields.def read twice: once to hold each row against the C type
 * of its member, once for the rows themselves.
 *
 * Names are looked up by a plain scan over the rows: the length settles nearly all of them, so that a lookup
 * costs less than the YAML scalar that it came from.
 */
#include "event/field.h"

#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/errnos.h"
#include "base/nearest.h"
#include "base/timefmt.h"
#include "event/derive.h"

static const char *const syscall_values[] = { "execve", "execveat", "kernel", NULL };
static const char *const abi_values[] = { "64", "32", NULL };
static const char *const argv_state_values[] = { "complete", "cut", "partial", NULL };
static const char *const env_state_values[] = { "complete", "cut", NULL };
static const char *const fd_values[] = { "tty", "pipe", "socket", "file", "null", "closed", "other", NULL };
static const char *const stage_values[] = { "open", "load", "commit", NULL };

/* A row whose member is of another C type than its type column says does not compile. */
struct derived;
#define C_TYPE_INT struct num
#define C_TYPE_BOOL struct num
#define C_TYPE_DURATION struct num
#define C_TYPE_TIME struct num
#define C_TYPE_TEXT struct str
#define C_TYPE_ENUM struct str
#define C_TYPE_WORDS struct words
#define C_TYPE_TEXTS struct derived
#define C_TYPE_MAP struct pairs

#define AT(member) typeof(((struct event *)NULL)->member)
#define ANCESTOR(member) typeof(((struct process *)NULL)->member)
#define DERIVED(function) struct derived
#define FIELD(name, key, type, place, values, help)                                                         \
	_Static_assert(__builtin_types_compatible_p(C_TYPE_##type, place) ||                                \
			       __builtin_types_compatible_p(struct derived, place),                         \
		       "type and member of field " name " differ");
#include "event/fields.def"
#undef AT
#undef ANCESTOR
#undef DERIVED
#undef FIELD

/* The length of a literal; 0 of NULL. */
#define LENGTH(literal) (uint8_t) _Generic((literal), void *: 0, default: sizeof(literal) - 1)
_Static_assert(LENGTH("seq") == 3 && LENGTH(NULL) == 0, "with and without -Wwrite-strings");

#define AT(member) PLACE_EVENT, offsetof(struct event, member), NULL
#define ANCESTOR(member) PLACE_ANCESTORS, offsetof(struct process, member), NULL
#define DERIVED(function) PLACE_DERIVED, 0, function
#define FIELD(name, key, type, place, values, help)                                                         \
	{ name, key, LENGTH(name), LENGTH(key), FT_##type, place, values, help },
const struct field field_table[] = {
#include "event/fields.def"
};
#undef AT
#undef ANCESTOR
#undef DERIVED
#undef FIELD

const size_t n_fields = ARRAY_SIZE(field_table);
_Static_assert(ARRAY_SIZE(field_table) <= FIELDS_MAX, "raise FIELDS_MAX");

const struct field *field_find(struct str name)
{
	for (size_t i = 0; i < n_fields; i++)
		if (field_table[i].name_len == name.len &&
		    memcmp(field_table[i].name, name.p, name.len) == 0)
			return &field_table[i];
	return NULL;
}

const char *field_type_name(enum field_type type)
{
	switch (type) {
	case FT_INT: return "int";
	case FT_BOOL: return "bool";
	case FT_DURATION: return "duration";
	case FT_TIME: return "time";
	case FT_TEXT: return "text";
	case FT_ENUM: return "enum";
	case FT_WORDS: return "text";
	case FT_TEXTS: return "list";
	case FT_MAP: return "map";
	}
	return "?";
}

void value_write(enum field_type type, const struct value *v, struct buf *b)
{
	switch (type) {
	case FT_INT: buf_int(b, v->number); break;
	case FT_BOOL: buf_text(b, v->number ? "true" : "false"); break;
	case FT_DURATION: duration_write(v->number, b); break;
	case FT_TIME: time_write(v->number, b); break;
	default: buf_str(b, v->text); break;
	}
}

struct str value_as_text(enum field_type type, const struct value *v, char memory[VALUE_TEXT_SIZE])
{
	struct buf b;

	if (!(type & FT_NUMBERS))
		return v->text;
	buf_init_fixed(&b, memory, VALUE_TEXT_SIZE);
	value_write(type == FT_DURATION ? FT_INT : type, v, &b);
	return buf_get(&b);
}

static bool is_of_ancestors(const struct field *field)
{
	return field->place == PLACE_ANCESTORS || field->derive == derive_ancestors_name;
}

/* Only as a person writes it: no leading zero, no plus, no -0. */
static bool read_index(struct str digits, int32_t *ret)
{
	bool negative = str_has_prefix(digits, STR_LIT("-"));
	int32_t n = 0;

	digits = str_skip(digits, negative);
	if (digits.len == 0 || digits.len > 9 || (digits.p[0] == '0' && (digits.len > 1 || negative)))
		return false;
	for (size_t i = 0; i < digits.len; i++) {
		if (digits.p[i] < '0' || digits.p[i] > '9')
			return false;
		n = n * 10 + (digits.p[i] - '0');
	}
	*ret = negative ? -n : n;
	return true;
}

/* A text as its parts: "ancestors[2].comm" is name "ancestors.comm" and index "2". */
struct spelling {
	char memory[64];
	struct str name;
	struct str index;		/* unknown: none */
};

/* False where nothing that is so written can be a field. */
static bool split(struct str text, struct spelling *ret)
{
	const char *open = text.len ? memchr(text.p, '[', text.len) : NULL;
	const char *close = open ? memchr(open, ']', text.len - (size_t)(open - text.p)) : NULL;
	struct str head, tail;

	ret->name = text;
	ret->index = (struct str){ NULL, 0 };
	if (!open)
		return true;
	if (!close)
		return false;
	head = (struct str){ text.p, (size_t)(open - text.p) };
	tail = str_skip(text, (size_t)(close - text.p) + 1);
	if (head.len + tail.len > sizeof(ret->memory) || (tail.len && tail.p[0] != '.'))
		return false;
	memcpy(ret->memory, head.p, head.len);
	memcpy(ret->memory + head.len, tail.p, tail.len);
	ret->name = (struct str){ ret->memory, head.len + tail.len };
	ret->index = (struct str){ open + 1, (size_t)(close - open) - 1 };
	return true;
}

/* "env.NAME": the part before the first dot; the whole where there is none. */
static struct str before_dot(struct str text)
{
	const char *dot = text.len ? memchr(text.p, '.', text.len) : NULL;

	return dot ? (struct str){ text.p, (size_t)(dot - text.p) } : text;
}

/* Does @field take that index? Fills @ref with it. */
static bool read_index_of(const struct field *field, struct str digits, struct field_ref *ref)
{
	bool of_ancestors = is_of_ancestors(field);
	int32_t index;

	if ((!of_ancestors && field->type != FT_WORDS) || !read_index(digits, &index))
		return false;
	if (of_ancestors && (index < 0 || index >= EVENT_MAX_ANCESTORS))
		return false;
	ref->index = index;
	ref->indexed = true;
	return true;
}

int field_ref_parse(struct str text, struct field_ref *ret)
{
	struct field_ref ref = { .field = field_find(before_dot(text)) };
	struct spelling spelt;

	/* First, since a NAME may hold dots and brackets. */
	if (ref.field && ref.field->type == FT_MAP) {
		ref.key = str_skip(text, ref.field->name_len + (size_t)1);
		if (ref.key.len == 0)
			return -EINVAL;
		*ret = ref;
		return 0;
	}

	if (!split(text, &spelt))
		return -ENOENT;
	ref.field = field_find(spelt.name);
	if (!ref.field)
		return -ENOENT;
	if (str_known(spelt.index)) {
		/* It stands behind what it counts: ancestors[0].comm, but parent.argv[0]. */
		bool behind_dot = memchr(text.p, '.', (size_t)(spelt.index.p - text.p)) != NULL;
		bool at_end = spelt.index.p + spelt.index.len + 1 == text.p + text.len;

		if (is_of_ancestors(ref.field) ? behind_dot : !at_end)
			return -EINVAL;
		if (!read_index_of(ref.field, spelt.index, &ref))
			return -EINVAL;
	}
	*ret = ref;
	return 0;
}

struct str field_ref_nearest(struct str text, struct arena *a)
{
	struct field_ref ref = { .field = NULL };
	struct nearest name, map = NEAREST_INIT(before_dot(text));
	struct str rest = str_skip(text, map.word.len + 1);
	struct spelling spelt;
	struct buf b;
	size_t room;
	char *memory;

	if (!split(text, &spelt))
		spelt = (struct spelling){ .name = text };
	name = (struct nearest)NEAREST_INIT(spelt.name);
	for (size_t i = 0; i < n_fields; i++) {
		const struct field *field = &field_table[i];

		nearest_try(field->type == FT_MAP ? &map : &name,
			    (struct str){ field->name, field->name_len });
	}

	if (rest.len && str_known(map.best) && (!str_known(name.best) || map.distance < name.distance)) {
		ref.field = field_find(map.best);
		ref.key = rest;
	} else if (str_known(name.best)) {
		ref.field = field_find(name.best);
		if (str_known(spelt.index))
			read_index_of(ref.field, spelt.index, &ref);
	} else {
		return (struct str){ NULL, 0 };
	}

	room = text.len + sizeof(spelt.memory);
	memory = arena_alloc(a, room);
	if (!memory)
		return (struct str){ NULL, 0 };
	buf_init_fixed(&b, memory, room);
	field_ref_write(&ref, &b);
	return buf_get(&b);
}

void field_number_write(const struct field_ref *ref, int64_t number, struct buf *b)
{
	switch (ref->field->type) {
	case FT_BOOL:
		buf_text(b, number ? "true" : "false");
		break;
	case FT_DURATION:
		duration_write_exact(number, b);
		break;
	case FT_TIME:
		time_write(number, b);
		break;
	default:
		buf_int(b, number);
	}
}

void field_ref_write(const struct field_ref *ref, struct buf *b)
{
	struct str name = { ref->field->name, ref->field->name_len };
	struct str head = is_of_ancestors(ref->field) ? before_dot(name) : name;

	buf_str(b, head);
	if (ref->indexed) {
		buf_char(b, '[');
		buf_int(b, ref->index);
		buf_char(b, ']');
	}
	buf_str(b, str_skip(name, head.len));
	if (str_known(ref->key)) {
		buf_char(b, '.');
		buf_str(b, ref->key);
	}
}

bool field_ref_is_many(const struct field_ref *ref)
{
	return ref->field->type == FT_TEXTS || (ref->field->place == PLACE_ANCESTORS && !ref->indexed);
}

/* `name` reads argv only for a busybox applet: too little to doubt it wherever argv is cut. */
bool field_ref_reads_argv(const struct field_ref *ref)
{
	const struct field *field = ref->field;

	if (field->place == PLACE_DERIVED)
		return field->derive == derive_arg;
	return field->type == FT_WORDS && (field->offset == offsetof(struct event, argv) ||
					   field->offset == offsetof(struct event, given_argv));
}

bool field_ref_is_number(const struct field_ref *ref)
{
	return ref->field->type & FT_NUMBERS;
}

/* argv adds an applet to the names where one of them is there already. */
static const struct {
	bool (*derive)(const struct event *ev, size_t n, struct value *ret, bool *ret_end);
	const char *needs[4];
} derivations[] = {
	{ derive_arg, { "argv" } },
	{ derive_parent_arg, { "parent.argv" } },
	{ derive_result, { "retval", "returned" } },
	{ derive_minute, { "time" } },
	{ derive_hour, { "time" } },
	{ derive_day, { "time" } },
	{ derive_week, { "time" } },
	{ derive_month, { "time" } },
	{ derive_year, { "time" } },
	{ derive_name, { "comm", "exe", "filename" } },
	{ derive_parent_name, { "parent.comm", "parent.exe" } },
	{ derive_ancestors_name, { "ancestors.comm", "ancestors.exe" } },
};

const char *const *field_needs(const struct field *field)
{
	for (size_t i = 0; field->derive && i < ARRAY_SIZE(derivations); i++)
		if (derivations[i].derive == field->derive)
			return derivations[i].needs;
	return NULL;
}

static bool word_at(const struct words *words, const struct field_ref *ref, struct value *ret)
{
	int64_t at = ref->index;

	if (!ref->indexed) {
		ret->text = words->joined;
		return words->known;
	}
	if (at < 0)
		at += (int64_t)words->n;
	if (!words->known || at < 0 || (uint64_t)at >= words->n)
		return false;
	ret->text = words->item[at];
	return true;
}

static bool pair_value(const struct pairs *pairs, struct str name, struct value *ret)
{
	for (size_t i = 0; pairs->known && i < pairs->n; i++)
		if (str_eq(pairs->item[i].name, name)) {
			ret->text = pairs->item[i].value;
			return str_known(ret->text);
		}
	return false;
}

/* The value of a stored field in the struct event or struct process at @base. */
static bool stored_value(const struct field_ref *ref, const void *base, struct value *ret)
{
	const void *member = (const char *)base + ref->field->offset;

	switch (ref->field->type) {
	case FT_INT:
	case FT_BOOL:
	case FT_DURATION:
	case FT_TIME:
		ret->number = ((const struct num *)member)->value;
		return ((const struct num *)member)->known;
	case FT_TEXT:
	case FT_ENUM:
		ret->text = *(const struct str *)member;
		return str_known(ret->text);
	case FT_WORDS:
		return word_at(member, ref, ret);
	case FT_MAP:
		return pair_value(member, ref->key, ret);
	case FT_TEXTS:
		break;
	}
	return false;
}

static bool next_of_ancestors(const struct field_ref *ref, const struct event *ev, struct field_cursor *c,
			      struct value *ret)
{
	size_t end = ev->n_ancestors, at;

	if (ref->indexed) {
		at = (size_t)ref->index;
		return c->next++ == 0 && at < end && stored_value(ref, &ev->ancestor[at], ret);
	}
	while (c->next < end)
		if (stored_value(ref, &ev->ancestor[c->next++], ret))
			return true;
	return false;
}

static bool next_derived(const struct field_ref *ref, const struct event *ev, struct field_cursor *c,
			 struct value *ret)
{
	size_t first = ref->indexed ? (size_t)ref->index * NAMES_PER_ANCESTOR : 0;
	size_t end = ref->indexed ? NAMES_PER_ANCESTOR : SIZE_MAX;
	bool at_end = false;

	while (!at_end && c->next < end)
		if (ref->field->derive(ev, first + c->next++, ret, &at_end))
			return true;
	return false;
}

bool field_next(const struct field_ref *ref, const struct event *ev, struct field_cursor *c,
		struct value *ret)
{
	switch (ref->field->place) {
	case PLACE_EVENT:
		return c->next++ == 0 && stored_value(ref, ev, ret);
	case PLACE_ANCESTORS:
		return next_of_ancestors(ref, ev, c, ret);
	case PLACE_DERIVED:
		return next_derived(ref, ev, c, ret);
	}
	return false;
}
