/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Texts, fields and conditions that are kept once; see intern.h.
 *
 * Two conditions say the same where their members are the same to the byte: texts, fields and children are
 * the same pointers by then.
 */
#include "parser/intern.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"

struct spelt_field {
	struct str spelling;
	struct field_ref ref;
};

/* Does the item say what is sought? */
typedef bool (*same_fn)(const void *item, const void *sought);

static struct intern_slot *slot_of(struct intern_slot *slots, size_t cap, uint64_t hash, same_fn same,
				   const void *sought)
{
	size_t i = hash & (cap - 1);

	while (slots[i].item && !(slots[i].hash == hash && same(slots[i].item, sought)))
		i = (i + 1) & (cap - 1);
	return &slots[i];
}

static bool never(const void *item, const void *sought)
{
	return false;
}

static int grow(struct intern_table *t)
{
	size_t cap = t->cap ? t->cap * 2 : 64;
	struct intern_slot *slots = calloc(cap, sizeof(*slots));

	if (!slots)
		return -ENOMEM;
	for (size_t i = 0; i < t->cap; i++)
		if (t->slots[i].item)
			*slot_of(slots, cap, t->slots[i].hash, never, NULL) = t->slots[i];
	free(t->slots);
	t->slots = slots;
	t->cap = cap;
	return 0;
}

/* Where what is @sought is, or is to be put by put(). NULL: out of memory. */
static struct intern_slot *find(struct intern_table *t, uint64_t hash, same_fn same, const void *sought)
{
	if (t->n * 4 >= t->cap * 3 && grow(t) < 0)
		return NULL;
	return slot_of(t->slots, t->cap, hash, same, sought);
}

static const void *put(struct intern_table *t, struct intern_slot *slot, uint64_t hash, const void *item)
{
	if (item) {
		*slot = (struct intern_slot){ hash, item };
		t->n++;
	}
	return item;
}

static uint64_t hash_text(struct str s)
{
	return hash_bytes(0, s.p, s.len);
}

static bool same_text(const void *item, const void *sought)
{
	return str_eq(*(const struct str *)item, *(const struct str *)sought);
}

const struct str *intern_text(struct intern *in, struct str text)
{
	uint64_t hash = hash_text(text);
	struct intern_slot *slot = find(&in->texts, hash, same_text, &text);
	struct str *copy;

	if (!slot || slot->item)
		return slot ? slot->item : NULL;
	copy = arena_alloc(in->arena, sizeof(*copy) + text.len + 1);
	if (!copy)
		return NULL;
	memcpy(copy + 1, text.p, text.len);
	*copy = (struct str){ (const char *)(copy + 1), text.len };
	return put(&in->texts, slot, hash, copy);
}

static bool same_spelling(const void *item, const void *sought)
{
	return str_eq(((const struct spelt_field *)item)->spelling, *(const struct str *)sought);
}

const struct field_ref *intern_field_find(const struct intern *in, struct str spelling)
{
	const struct spelt_field *f = NULL;

	if (in->fields.n > 0)
		f = slot_of(in->fields.slots, in->fields.cap, hash_text(spelling), same_spelling,
			    &spelling)->item;
	return f ? &f->ref : NULL;
}

const struct field_ref *intern_field(struct intern *in, struct str spelling, const struct field_ref *ref)
{
	uint64_t hash = hash_text(spelling);
	struct intern_slot *slot = find(&in->fields, hash, same_spelling, &spelling);
	struct spelt_field *f;

	if (!slot)
		return NULL;
	if (slot->item)
		return &((const struct spelt_field *)slot->item)->ref;
	f = arena_alloc(in->arena, sizeof(*f));
	if (!f)
		return NULL;
	*f = (struct spelt_field){ arena_str(in->arena, spelling), *ref };
	if (str_known(ref->key))
		f->ref.key = arena_str(in->arena, ref->key);
	if (!f->spelling.p || !f->ref.key.p != !ref->key.p)
		return NULL;
	put(&in->fields, slot, hash, f);
	return &f->ref;
}

static bool same_test(const struct test *a, const struct test *b)
{
	if (a->op != b->op || a->form != b->form || a->nocase != b->nocase || a->n != b->n)
		return false;
	return a->texts == b->texts ||
	       (a->n > 0 && memcmp(a->texts, b->texts, a->n * test_operand_size(a)) == 0);
}

static bool same_cond(const void *item, const void *sought)
{
	const struct cond *a = item, *b = sought;

	if (a->kind != b->kind || a->field != b->field || a->n_tests != b->n_tests ||
	    a->n_children != b->n_children)
		return false;
	for (size_t i = 0; i < a->n_tests; i++)
		if (!same_test(&a->tests[i], &b->tests[i]))
			return false;
	return a->n_children == 0 ||
	       memcmp(a->children, b->children, a->n_children * sizeof(*a->children)) == 0;
}

static uint64_t hash_cond(const struct cond *c)
{
	uint64_t h = hash_word(c->kind, (uintptr_t)c->field);

	for (size_t i = 0; i < c->n_tests; i++) {
		const struct test *t = &c->tests[i];

		h = hash_word(h, (uint64_t)t->op << 1 | t->nocase);
		if (t->form == FORM_FIELD)
			h = hash_word(h, (uintptr_t)t->other);
		else
			h = hash_bytes(h, t->texts, t->n * test_operand_size(t));
	}
	return c->n_children ? hash_bytes(h, c->children, c->n_children * sizeof(*c->children)) : h;
}

/* A copy that lasts; of no bytes NULL. False: out of memory. */
static bool copy_array(struct arena *a, const void *array, size_t n, size_t size, const void **ret)
{
	void *copy = n > 0 ? arena_array(a, n, size) : NULL;

	if (copy)
		memcpy(copy, array, n * size);
	*ret = copy;
	return copy || n == 0;
}

/* @t is a copy of what is to be kept. */
static int keep_operands(struct intern *in, struct test *t)
{
	const void *copy;

	if (t->form == FORM_TEXTS && t->n == 1) {
		t->texts = intern_text(in, t->texts[0]);
		return t->texts ? 0 : -ENOMEM;
	}
	if (t->form == FORM_FIELD)
		return 0;
	if (!copy_array(in->arena, t->texts, t->n, test_operand_size(t), &copy))
		return -ENOMEM;
	t->texts = copy;
	return 0;
}

static const struct cond *copy_cond(struct intern *in, const struct cond *from)
{
	struct cond *c = arena_alloc(in->arena, sizeof(*c));
	struct test *tests;
	const void *array;

	if (!c)
		return NULL;
	*c = *from;
	if (c->n_tests == 0) {
		if (!copy_array(in->arena, from->children, from->n_children, sizeof(*from->children), &array))
			return NULL;
		c->children = array;
		return c;
	}
	tests = arena_array(in->arena, c->n_tests, sizeof(*tests));
	if (!tests)
		return NULL;
	c->tests = tests;
	for (size_t i = 0; i < c->n_tests; i++) {
		tests[i] = from->tests[i];
		if (keep_operands(in, &tests[i]) < 0)
			return NULL;
	}
	return c;
}

const struct cond *intern_cond(struct intern *in, const struct cond *cond, const struct cond_origin *origin)
{
	struct cond with = *cond;
	struct intern_slot *slot;
	const void *copy;
	uint64_t hash;

	if (in->with_origins) {
		if (!copy_array(in->arena, origin, 1, sizeof(*origin), &copy))
			return NULL;
		with.origin = copy;
		return copy_cond(in, &with);
	}
	hash = hash_cond(cond);
	slot = find(&in->conds, hash, same_cond, cond);
	if (!slot || slot->item)
		return slot ? slot->item : NULL;
	return put(&in->conds, slot, hash, copy_cond(in, cond));
}

void intern_done(struct intern *in)
{
	free(in->texts.slots);
	free(in->fields.slots);
	free(in->conds.slots);
}
