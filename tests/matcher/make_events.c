/* SPDX-License-Identifier: Apache-2.0 */
/* Events: a few rules are aimed at, the rest is out of the pool. */
#include "tests/matcher/make.h"

#include <stdlib.h>
#include <string.h>

#define MAX_WORDS 48

enum list { LIST_ARGV, LIST_GIVEN, LIST_PARENT, N_LISTS };

/* An event while it is made. */
struct draft {
	const struct maker *m;
	struct random *r;
	struct arena *a;
	struct event *ev;
	struct str words[N_LISTS][MAX_WORDS];
	size_t n[N_LISTS];
	bool known[N_LISTS];
	struct pair env[4], labels[4];
	size_t n_env, n_labels;
};

static void *room(struct arena *a, size_t n, size_t size)
{
	void *p = arena_array(a, n + 1, size);

	if (!p)
		abort();
	return p;
}

static struct str random_text(struct draft *d)
{
	_cleanup_(buf) struct buf b = BUF_INIT;

	if (chance(d->r, 3))
		return text_copy(d->a, STR_LIT(""));
	line_write(d->m, d->r, 1 + pick(d->r, 3), &b);
	return text_copy(d->a, buf_get(&b));
}

static struct str path_text(struct draft *d, struct str name)
{
	static const char *const folders[] = { "/usr/bin/", "/", "/bin/", "/tmp/", "", "/usr/bin/sh/", "./" };
	_cleanup_(buf) struct buf b = BUF_INIT;

	buf_text(&b, folders[pick(d->r, ARRAY_SIZE(folders))]);
	buf_str(&b, name);
	return text_copy(d->a, buf_get(&b));
}

static void add_word(struct draft *d, enum list list, struct str s)
{
	d->known[list] = true;
	if (d->n[list] < MAX_WORDS)
		d->words[list][d->n[list]++] = s;
}

/* A text of several words, which may be apart or one. */
static void add_words(struct draft *d, enum list list, struct str s)
{
	const char *space;

	if (chance(d->r, 30))
		d->n[list] = 0;
	while (chance(d->r, 70) && (space = memchr(s.p, ' ', s.len))) {
		add_word(d, list, (struct str){ s.p, (size_t)(space - s.p) });
		s = str_skip(s, (size_t)(space - s.p) + 1);
	}
	add_word(d, list, s);
}

static void put_word(struct draft *d, enum list list, int32_t index, struct str s)
{
	size_t needed = index < 0 ? (size_t)-index : (size_t)index + 1;

	while (d->n[list] < needed)
		add_word(d, list, random_text(d));
	d->words[list][index < 0 ? d->n[list] - needed : (size_t)index] = s;
}

static struct process *ancestor(struct draft *d, size_t n)
{
	while (d->ev->n_ancestors <= n)
		event_add_ancestor(d->ev);
	return &d->ev->ancestor[n];
}

/* For a field of texts that others make up. */
static void put_derived(struct draft *d, const struct field_ref *ref, struct str s)
{
	const char *name = ref->field->name;
	struct process *p = &d->ev->parent;
	size_t kind = pick(d->r, 4);

	if (strcmp(name, "arg") == 0) {
		add_word(d, LIST_ARGV, s);
	} else if (strcmp(name, "parent.arg") == 0) {
		add_word(d, LIST_PARENT, s);
	} else if (strcmp(name, "name") == 0) {
		if (kind == 0)
			d->ev->comm = s;
		else if (kind == 1)
			d->ev->exe = path_text(d, s);
		else
			d->ev->filename = path_text(d, s);
		if (kind == 3) {
			d->ev->comm = text_copy(d->a, STR_LIT("busybox"));
			s = path_text(d, s);
			put_word(d, LIST_ARGV, (int32_t)pick(d->r, 2), s);
		}
	} else if (strcmp(name, "ancestors.name") == 0 || strcmp(name, "parent.name") == 0) {
		if (name[0] == 'a')
			p = ancestor(d, ref->indexed ? (size_t)ref->index : pick(d->r, 4));
		if (kind < 2)
			p->comm = s;
		else
			p->exe = path_text(d, s);
	} else if (strcmp(name, "result") == 0) {
		d->ev->retval = NUM(str_eq(s, STR_LIT("ok")) ? 0 : -13);
	}
}

static void put_pair(struct pair *pairs, size_t *n, struct str name, struct str value)
{
	for (size_t i = 0; i < *n; i++)
		if (str_eq(pairs[i].name, name)) {
			pairs[i].value = value;
			return;
		}
	pairs[(*n)++] = (struct pair){ name, value };
}

static void put_text(struct draft *d, const struct field_ref *ref, struct str s)
{
	const struct field *f = ref->field;
	char *base = (char *)d->ev;
	enum list list = f->offset == offsetof(struct event, argv) ? LIST_ARGV :
			 f->offset == offsetof(struct event, given_argv) ? LIST_GIVEN : LIST_PARENT;

	if (f->place == PLACE_DERIVED)
		put_derived(d, ref, s);
	else if (f->type == FT_WORDS && ref->indexed)
		put_word(d, list, ref->index, s);
	else if (f->type == FT_WORDS)
		add_words(d, list, s);
	else if (f->type == FT_MAP && f->offset == offsetof(struct event, env))
		put_pair(d->env, &d->n_env, ref->key, s);
	else if (f->type == FT_MAP)
		put_pair(d->labels, &d->n_labels, ref->key, s);
	else if (f->place == PLACE_ANCESTORS)
		*(struct str *)((char *)ancestor(d, ref->indexed ? (size_t)ref->index : pick(d->r, 4)) +
				f->offset) = s;
	else
		*(struct str *)(base + f->offset) = s;
}

/* A time of which @f, a part of it, may well be the number; the others are of 2026. */
static void put_part(struct draft *d, const struct field *f, int64_t number)
{
	static const struct {
		const char *name;
		int64_t seconds, first;
	} parts[] = {
		{ "time.minute", 60, 0 }, { "time.hour", 3600, 0 }, { "time.day", 86400, 1 },
		{ "time.week", 604800, 1 }, { "time.month", 2678400, 1 }, { "time.year", 31557600, 2026 },
	};
	const int64_t start = 1767225600;
	int64_t offset;

	for (size_t i = 0; i < ARRAY_SIZE(parts); i++)
		if (strcmp(f->name, parts[i].name) == 0 &&
		    !__builtin_sub_overflow(number, parts[i].first, &offset) &&
		    !__builtin_mul_overflow(offset, parts[i].seconds, &offset) &&
		    !__builtin_add_overflow(offset, start, &offset) &&
		    !__builtin_mul_overflow(offset, INT64_C(1000000000), &offset))
			d->ev->time = NUM(offset);
}

static void put_number(struct draft *d, const struct field_ref *ref, int64_t number)
{
	const struct field *f = ref->field;
	void *base = d->ev;

	if (f->place == PLACE_DERIVED) {
		put_part(d, f, number);
		return;
	}
	if (f->place == PLACE_ANCESTORS)
		base = ancestor(d, ref->indexed ? (size_t)ref->index : pick(d->r, 4));
	*(struct num *)((char *)base + f->offset) = NUM(number);
}

/* The text, one that is nearly it, or both. */
static struct str near_text(struct draft *d, struct str s)
{
	_cleanup_(buf) struct buf b = BUF_INIT;

	near_write(d->r, s, &b);
	return text_copy(d->a, buf_get(&b));
}

static void aim(struct draft *d, size_t owner)
{
	for (size_t i = 0; i < d->m->n_hints; i++) {
		const struct hint *h = &d->m->hints[i];

		if (h->owner != owner || chance(d->r, 10))
			continue;
		if (str_known(h->text))
			put_text(d, h->field, near_text(d, h->text));
		else
			put_number(d, h->field, h->number);
	}
}

/* What most events have. */
static void put_ordinary(struct draft *d)
{
	struct event *ev = d->ev;
	size_t n = pick(d->r, 6);

	if (chance(d->r, 85))
		ev->comm = random_text(d);
	if (chance(d->r, 80))
		ev->exe = chance(d->r, 50) ? path_text(d, pool_any(d->m, d->r)) : random_text(d);
	if (chance(d->r, 60))
		ev->filename = chance(d->r, 50) && str_known(ev->exe) ? text_copy(d->a, ev->exe) :
									 path_text(d, pool_any(d->m, d->r));
	if (chance(d->r, 90))
		for (d->known[LIST_ARGV] = true; n > 0; n--)
			add_word(d, LIST_ARGV, random_text(d));
	if (chance(d->r, 60))
		add_word(d, LIST_PARENT, random_text(d));
	if (chance(d->r, 60))
		ev->parent.comm = random_text(d);
	if (chance(d->r, 60))
		ev->parent.exe = path_text(d, pool_any(d->m, d->r));
	for (n = pick(d->r, 4); n > 0; n--)
		ancestor(d, n)->comm = random_text(d);
	if (chance(d->r, 50))
		ev->uid = NUM((int64_t)pick(d->r, 4));
	if (chance(d->r, 50))
		ev->euid = NUM((int64_t)pick(d->r, 4));
	if (chance(d->r, 20))
		ev->cwd = path_text(d, pool_any(d->m, d->r));
	if (chance(d->r, 20))
		ev->user = random_text(d);
	if (chance(d->r, 10))
		put_pair(d->env, &d->n_env, STR_LIT("A"), random_text(d));
}

/* When, and how it went. */
static void put_outcome(struct draft *d)
{
	static const int64_t errnos[] = { -2, -13, -1, -8, 0 };
	const int64_t day = INT64_C(86400000000000);
	struct event *ev = d->ev;

	if (!ev->time.known && chance(d->r, 80)) {
		ev->time = NUM(INT64_C(1767225600000000000) + (int64_t)pick(d->r, 7) * day);
		ev->time.value += (int64_t)pick(d->r, 3) - 1;
		ev->time.value += chance(d->r, 50) ? day / 2 : 0;
	}
	if (chance(d->r, 4))
		ev->returned = NUM(0);
	if (ev->returned.known && !ev->returned.value) {
		ev->retval.known = ev->duration.known = false;
		ev->err = ev->stage = (struct str){ NULL, 0 };
		return;
	}
	if (str_known(ev->err))
		ev->retval.known = false;
	else if (chance(d->r, 15))
		ev->retval = NUM(errnos[pick(d->r, ARRAY_SIZE(errnos))]);
	if (ev->retval.known && ev->retval.value > 0)
		ev->retval.known = false;
}

/* The words in one text, as every source makes them. */
static struct words join(struct arena *a, const struct str *items, size_t n)
{
	_cleanup_(buf) struct buf b = BUF_INIT;
	struct str *slices = room(a, n, sizeof(*slices)), text;
	size_t at = 0;

	for (size_t i = 0; i < n; i++) {
		if (i)
			buf_char(&b, ' ');
		buf_str(&b, items[i]);
	}
	text = text_copy(a, buf_get(&b));
	for (size_t i = 0; i < n; i++) {
		slices[i] = (struct str){ text.p + at, items[i].len };
		at += items[i].len + 1;
	}
	return (struct words){ slices, n, text, true };
}

static void put_long(struct draft *d)
{
	_cleanup_(buf) struct buf b = BUF_INIT;
	struct str s;

	long_write(d->m, d->r, &b);
	s = text_copy(d->a, buf_get(&b));
	switch (pick(d->r, 8)) {
	case 0:
		d->ev->exe = s;
		break;
	case 1:
		add_word(d, LIST_PARENT, s);
		break;
	case 2:
		put_pair(d->env, &d->n_env, STR_LIT("A"), s);
		break;
	default:
		if (chance(d->r, 50))
			d->n[LIST_ARGV] = 0;
		put_word(d, LIST_ARGV, (int32_t)pick(d->r, 4), s);
		break;
	}
}

static struct pairs pairs_of(struct draft *d, const struct pair *items, size_t n)
{
	struct pair *copy = room(d->a, n, sizeof(*copy));

	memcpy(copy, items, n * sizeof(*copy));
	return (struct pairs){ copy, n, n > 0 };
}

void event_make(const struct maker *m, uint64_t seed, struct arena *a, struct event *whole)
{
	struct random r = { seed };
	struct draft d = { .m = m, .r = &r, .a = a, .ev = whole };

	event_clear(whole);
	if (chance(&r, 97))
		put_ordinary(&d);
	for (size_t n = pick(&r, 6); n > 0 && m->n_rules > 0; n--)
		aim(&d, pick(&r, m->n_rules));
	if (m->n_macros > 0 && chance(&r, 40))
		aim(&d, m->n_rules + pick(&r, m->n_macros));
	if (chance(&r, 8))
		put_long(&d);
	put_outcome(&d);
	if (d.known[LIST_ARGV])
		whole->argv = join(a, d.words[LIST_ARGV], d.n[LIST_ARGV]);
	if (d.known[LIST_GIVEN])
		whole->given_argv = join(a, d.words[LIST_GIVEN], d.n[LIST_GIVEN]);
	if (d.known[LIST_PARENT])
		whole->parent.argv = join(a, d.words[LIST_PARENT], d.n[LIST_PARENT]);
	whole->env = pairs_of(&d, d.env, d.n_env);
	whole->labels = pairs_of(&d, d.labels, d.n_labels);
	whole->argv_state = chance(&r, 30) ? STR_LIT("complete") : (struct str){ NULL, 0 };
	whole->argc.known = whole->argv_bytes.known = false;
	event_complete(whole);
}

void event_hide(struct random *r, const struct event *whole, struct arena *a, struct event *seen)
{
	bool cut = chance(r, 50), leave_out = chance(r, 50);
	struct str *items = room(a, whole->argv.n, sizeof(*items));
	size_t n = 0;

	*seen = *whole;
	seen->argv_state = cut ? STR_LIT("cut") : STR_LIT("partial");
	for (size_t i = 0; i < whole->argv.n; i++) {
		bool readable = cut || chance(r, 66);

		if (!readable && leave_out)
			continue;
		items[n] = whole->argv.item[i];
		if (!readable)
			items[n].len = pick(r, items[n].len + 1);
		n++;
	}
	if (cut && n > 0)
		n -= pick(r, n + 1);
	if (cut && n > 0)
		items[n - 1].len -= chance(r, 50) ? pick(r, items[n - 1].len + 1) : 0;
	if (whole->argv.known)
		seen->argv = join(a, items, n);
	if (chance(r, 50))
		seen->argc.known = false;
	seen->argv_bytes.known = false;
}

/* What would fulfil a condition of argv; unknown: there is none at hand. */
static struct str hint_of_argv(const struct maker *m, struct random *r)
{
	for (size_t tries = 0; tries < 8 && m->n_hints > 0; tries++) {
		const struct hint *h = &m->hints[pick(r, m->n_hints)];

		if (str_known(h->text) && h->field->field->type == FT_WORDS && !h->field->indexed)
			return h->text;
	}
	return (struct str){ NULL, 0 };
}

void event_go_on(const struct maker *m, struct random *r, struct event *ev, struct arena *a,
		 struct event *whole)
{
	struct str *items = room(a, ev->argv.n + 2, sizeof(*items)), text = hint_of_argv(m, r);
	_cleanup_(buf) struct buf b = BUF_INIT;
	size_t n = ev->argv.n;

	memcpy(items, ev->argv.item, n * sizeof(*items));
	if (str_known(text))
		items[n++] = text;
	ev->argv = join(a, items, n);
	line_write(m, r, 1, &b);
	if (n > 0 && chance(r, 50)) {
		_cleanup_(buf) struct buf last = BUF_INIT;

		buf_str(&last, items[n - 1]);
		buf_char(&last, "ab01 /-\n"[pick(r, 8)]);
		items[n - 1] = text_copy(a, buf_get(&last));
	}
	if (n == 0 || chance(r, 50))
		items[n++] = text_copy(a, buf_get(&b));
	*whole = *ev;
	whole->argv = join(a, items, n);
	whole->argc.known = whole->argv_bytes.known = false;
	event_complete(whole);
	ev->argv_state = STR_LIT("cut");
	ev->argc = whole->argc;
	ev->argc.known = chance(r, 70);
	ev->argv_bytes.known = false;
}

void event_confuse(struct random *r, struct event *ev)
{
	ev->argv_state = chance(r, 50) ? STR_LIT("cut") : STR_LIT("partial");
	if (chance(r, 30))
		ev->argv = (struct words){ NULL, 0, { NULL, 0 }, false };
	if (chance(r, 30))
		ev->given_argv = (struct words){ NULL, 0, { NULL, 0 }, false };
	ev->argc = NUM((int64_t)pick(r, 4));
	ev->argc.known = chance(r, 80);
	ev->argv_bytes.known = chance(r, 50);
}

/* The bytes behind a text that event_make() made. */
static void disturb(struct random *r, struct str s)
{
	char *p = (char *)(uintptr_t)s.p;
	size_t i = pick(r, s.len), k = pick(r, s.len);
	char c = p[i];

	switch (pick(r, 4)) {
	case 0:
		p[i] = p[k];
		p[k] = c;
		break;
	case 1:
		p[i] ^= 0x20;
		break;
	case 2:
		p[i] ^= (char)(1U << pick(r, 8));
		break;
	default:
		/* Two neighbouring words of the machine, which a weak hash would not tell apart. */
		if (s.len < 16)
			break;
		i = pick(r, s.len / 8 - 1) * 8;
		for (size_t b = i; b < i + 8; b++) {
			c = p[b];
			p[b] = p[b + 8];
			p[b + 8] = c;
		}
		break;
	}
}

static size_t add_texts(const struct words *words, struct str *ret, size_t n)
{
	for (size_t i = 0; words->known && i < words->n; i++)
		ret[n++] = words->item[i];
	return n;
}

void event_disturb(struct random *r, struct event *ev)
{
	const struct str fields[] = {
		ev->comm, ev->exe, ev->filename, ev->parent.comm, ev->parent.exe, ev->cwd,
	};
	struct str texts[ARRAY_SIZE(fields) + 2 * MAX_WORDS];
	size_t n = 0, i;

	for (i = 0; i < ARRAY_SIZE(fields); i++)
		texts[n++] = fields[i];
	n = add_texts(&ev->argv, texts, n);
	n = add_texts(&ev->parent.argv, texts, n);
	for (size_t tries = 0; tries < 8; tries++) {
		i = pick(r, n);
		if (texts[i].len == 0)
			continue;
		disturb(r, texts[i]);
		return;
	}
}
