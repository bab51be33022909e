/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One record of a test over what is common to all of them; see test_record.h. What comes out is written by
 * the writer of records and read back by their reader: a test says of an exec what a recording could.
 */
#include <errno.h>
#include <stdlib.h>

#include "base/errnos.h"
#include "base/grow.h"
#include "event/record.h"
#include "parser/codes.h"
#include "parser/test_record.h"

/* All records of a ruleset's tests, in bytes: `common` stands in every one of its test. */
#define MAX_RECORDS ((size_t)64 << 20)

void record_writer_done(struct record_writer *w)
{
	free(w->pairs);
	buf_done(&w->text);
	arena_done(&w->arena);
}

/* Two maps while one is laid over the other, and what they become. */
struct merge {
	struct scope *s;
	struct record_writer *w;
	const struct record_leaves *common, *own;
	size_t next_common, next_own;
};

/* The next value, in the order of the table; of two that are the same the own. NULL: the end. */
static const struct record_leaf *next_leaf(struct merge *m)
{
	const struct record_leaf *c = m->next_common < m->common->n ? &m->common->item[m->next_common] : NULL;
	const struct record_leaf *o = m->next_own < m->own->n ? &m->own->item[m->next_own] : NULL;

	if (c && o && record_leaf_same(c, o)) {
		m->next_common++;
		m->next_own++;
		return o;
	}
	if (!c || (o && record_leaf_compare(o, c) < 0)) {
		m->next_own += o != NULL;
		return o;
	}
	m->next_common++;
	return c;
}

/* Where the value of that field was given; of both maps the own. */
static struct loc place_of(const struct merge *m, const char *name)
{
	const struct record_leaves *maps[] = { m->own, m->common };
	const struct field *field = field_find(str_of(name));

	for (size_t k = 0; k < ARRAY_SIZE(maps); k++)
		for (size_t i = 0; i < maps[k]->n; i++)
			if (maps[k]->item[i].field == field)
				return maps[k]->item[i].at;
	return (struct loc){ NULL, 0, 0, 0 };
}

static int contradiction(const struct merge *m, const char *name, const char *other)
{
	struct diags *ds = m->s->checker->ds;

	diag_error(ds, &code_contradiction, place_of(m, name), "`%s` contradicts `%s`", name, other);
	diag_second(ds, place_of(m, other), "given here");
	return -EINVAL;
}

/* The parent is the nearest ancestor. */
static int other_parent(const struct merge *m, const char *name)
{
	struct diags *ds = m->s->checker->ds;

	diag_error(ds, &code_contradiction, place_of(m, name),
		   "`%s` is another than the first ancestor's, who is the parent", name);
	diag_second(ds, place_of(m, "ancestors.id"), "the ancestors");
	return -EINVAL;
}

static bool differ(struct str a, struct str b)
{
	return str_known(a) && str_known(b) && !str_eq(a, b);
}

/* What cannot be said of one exec. */
static int check_sense(const struct merge *m)
{
	const struct event *ev = &m->w->event;
	const struct process *parent = &ev->parent, *nearest = &ev->ancestor[0];
	int err = 0;

	if (ev->retval.known && str_known(ev->err) && ev->retval.value != -errno_number(ev->err))
		err = contradiction(m, "errno", "retval");
	if (event_return_missed(ev)) {
		if (ev->retval.known)
			err = contradiction(m, "retval", "returned");
		if (str_known(ev->err))
			err = contradiction(m, "errno", "returned");
		if (ev->duration.known)
			err = contradiction(m, "duration", "returned");
		if (str_known(ev->stage))
			err = contradiction(m, "stage", "returned");
	}
	if (ev->n_ancestors == 0)
		return err;
	if (differ(parent->comm, nearest->comm))
		err = other_parent(m, "parent.comm");
	if (differ(parent->exe, nearest->exe))
		err = other_parent(m, "parent.exe");
	if (differ(parent->id, nearest->id))
		err = other_parent(m, "parent.id");
	if (parent->pid.known && nearest->pid.known && parent->pid.value != nearest->pid.value)
		err = other_parent(m, "parent.pid");
	return err;
}

/* One more NAME of a MAP: behind the others, as long as the array may still move. */
static int put_pair(struct record_writer *w, const struct record_leaf *leaf, struct pairs *pairs, size_t *n)
{
	if (grow_array(&w->pairs, *n, &w->cap_pairs, sizeof(*w->pairs)) < 0)
		return -ENOMEM;
	w->pairs[(*n)++] = (struct pair){ leaf->name, leaf->text };
	pairs->n++;
	pairs->known = true;
	return 0;
}

static void put_value(struct event *ev, const struct record_leaf *leaf)
{
	void *member = (char *)ev + leaf->field->offset;

	if (leaf->field->place == PLACE_ANCESTORS) {
		for (size_t i = 0; i < leaf->n_ancestors; i++)
			ev->ancestor[i] = leaf->ancestors[i];
		ev->n_ancestors = leaf->n_ancestors;
	} else if (leaf->field->type & FT_NUMBERS) {
		*(struct num *)member = NUM(leaf->number);
	} else if (leaf->field->type == FT_WORDS) {
		*(struct words *)member = leaf->words;
	} else {
		*(struct str *)member = leaf->text;
	}
}

static int fill_event(struct merge *m)
{
	struct event *ev = &m->w->event;
	const struct record_leaf *leaf;
	size_t n_pairs = 0, first = 0;
	struct pairs *maps[] = { &ev->labels, &ev->env };

	event_clear(ev);
	while ((leaf = next_leaf(m))) {
		if (leaf->field->type != FT_MAP)
			put_value(ev, leaf);
		else if (put_pair(m->w, leaf, (struct pairs *)((char *)ev + leaf->field->offset),
				  &n_pairs) < 0)
			return -ENOMEM;
	}
	/* The array has stopped moving. */
	for (size_t i = 0; i < ARRAY_SIZE(maps); i++) {
		if (maps[i]->n > 0)
			maps[i]->item = m->w->pairs + first;
		first += maps[i]->n;
	}
	return 0;
}

/* As the reader of records takes it, or not: it has bounds of its own. */
static int read_back(struct merge *m, struct loc at)
{
	struct record_error error;
	int err;

	arena_reset(&m->w->arena);
	err = record_read(buf_get(&m->w->text), &m->w->arena, &m->w->event, &error);
	if (err == -EINVAL)
		return diag_error(m->s->checker->ds, &code_too_big, at, "this is no record: %s",
				  error.message);
	return err;
}

int record_leaves_write(struct scope *s, struct record_writer *w, const struct record_leaves *common,
			const struct record_leaves *own, struct loc at, struct str *ret)
{
	struct merge m = { .s = s, .w = w, .common = common, .own = own };
	struct checker *c = s->checker;
	int err = fill_event(&m);

	if (err == 0)
		err = check_sense(&m);
	if (err < 0)
		return err;
	buf_reset(&w->text);
	record_write(&w->event, &w->text);
	if (w->text.error)
		return -ENOMEM;
	if (w->text.len > MAX_RECORDS - c->n_record_bytes)
		return diag_error(c->ds, &code_too_big, at,
				  "the records of all tests are more than %zu MiB", MAX_RECORDS >> 20);
	c->n_record_bytes += w->text.len;
	err = read_back(&m, at);
	if (err < 0)
		return err;
	*ret = arena_str(c->arena, buf_get(&w->text));
	return ret->p ? 0 : -ENOMEM;
}
