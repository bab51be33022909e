/* SPDX-License-Identifier: Apache-2.0 */
/* Keys; see key.h. Each text is hashed behind a mark that says whether it is known at all. */
#include "engine/key.h"

#include <string.h>

#include "base/text.h"
#include "event/field.h"

#define DIGITS 16

static bool value_of(const struct field_ref *ref, const struct event *ev, struct value *ret)
{
	struct field_cursor c = { 0 };

	return field_next(ref, ev, &c, ret);
}

static uint64_t hash_known(const struct siphash_key *secret, uint64_t first, struct str s)
{
	uint64_t hash = siphash(secret, first, str_known(s) ? STR_LIT("+") : STR_LIT("-"));

	return str_known(s) ? siphash(secret, hash, s) : hash;
}

bool key_hash_value(const struct siphash_key *secret, uint64_t first, const struct field_ref *ref,
		    const struct event *ev, uint64_t *ret)
{
	struct str text = { NULL, 0 };
	struct value v;
	bool known = value_of(ref, ev, &v);

	if (known && field_ref_is_number(ref))
		text = (struct str){ (const char *)&v.number, sizeof(v.number) };
	else if (known)
		text = v.text;
	*ret = hash_known(secret, first, text);
	return known;
}

uint64_t key_hash(const struct siphash_key *secret, uint64_t salt, const struct key_fields *by,
		  struct str host, const struct event *ev)
{
	uint64_t hash = hash_known(secret, salt, host);

	for (size_t i = 0; i < by->n; i++)
		key_hash_value(secret, hash, &by->item[i], ev, &hash);
	return hash;
}

/* @s, or what stands for it where it is longer than @size. */
static struct str bounded(struct str s, char *memory, size_t size)
{
	static const struct siphash_key no_secret = { 0, 0 };
	size_t n = size - DIGITS - strlen(ELLIPSIS) - 1;
	struct buf b;

	buf_init_fixed(&b, memory, size);
	if (s.len <= size) {
		buf_str(&b, s);
		return buf_get(&b);
	}
	buf_str(&b, utf8_cut(s, n));
	buf_text(&b, ELLIPSIS);
	buf_printf(&b, "%016llx", (unsigned long long)siphash(&no_secret, 0, s));
	return buf_get(&b);
}

static struct str shown(const struct field_ref *ref, const struct event *ev, char *memory, size_t size)
{
	struct str none = { NULL, 0 };
	struct value v;
	struct buf b;

	if (!value_of(ref, ev, &v))
		return none;
	if (!field_ref_is_number(ref))
		return bounded(v.text, memory, size);
	buf_init_fixed(&b, memory, size);
	value_write(ref->field->type, &v, &b);
	return buf_get(&b);
}

void key_values(const struct key_fields *by, struct str host, const struct event *ev,
		struct key_values *ret)
{
	ret->host = host;
	if (str_known(host))
		ret->host = bounded(host, ret->host_memory, sizeof(ret->host_memory));
	for (size_t i = 0; i < by->n; i++)
		ret->value[i] = shown(&by->item[i], ev, ret->memory[i], sizeof(ret->memory[i]));
}

/* A mark, the length in two bytes, the text. */
static void write_one(struct str s, struct buf *b)
{
	buf_char(b, str_known(s) ? '+' : '-');
	buf_char(b, (char)(s.len & 0xff));
	buf_char(b, (char)(s.len >> 8));
	buf_str(b, s);
}

void key_values_write(const struct key_values *k, size_t n, struct buf *b)
{
	write_one(k->host, b);
	for (size_t i = 0; i < n; i++)
		write_one(k->value[i], b);
}

/* Takes one text off @text, copied to @memory. */
static struct str read_one(struct str *text, char *memory)
{
	bool known = text->p[0] == '+';
	size_t len = (unsigned char)text->p[1] | (size_t)(unsigned char)text->p[2] << 8;
	struct str s = { NULL, 0 };

	if (known) {
		s = (struct str){ memory, len };
		memcpy(memory, text->p + 3, s.len);
	}
	*text = str_skip(*text, 3 + s.len);
	return s;
}

void key_values_read(struct str text, size_t n, struct key_values *ret)
{
	ret->host = read_one(&text, ret->host_memory);
	for (size_t i = 0; i < n; i++)
		ret->value[i] = read_one(&text, ret->memory[i]);
}
