/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which mutants a rule has. Its windows and its exceptions as a whole are here, its conditions in
 * mutant_conditions.c, what they compare with in mutant_values.c.
 */
#include "engine/mutant.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/grow.h"
#include "base/text.h"
#include "base/timefmt.h"
#include "engine/mutant_walk.h"

/* The largest `count` of a threshold. */
#define COUNT_MAX 10000

size_t walk_enter(struct walk *w, const char *fmt, ...)
{
	size_t before = w->path.len;
	va_list args;

	va_start(args, fmt);
	buf_vprintf(&w->path, fmt, args);
	va_end(args);
	if (w->path.error)
		w->error = -ENOMEM;
	return before;
}

size_t walk_enter_field(struct walk *w, const struct field_ref *field)
{
	size_t before = walk_enter(w, ".");

	field_ref_write(field, &w->path);
	if (w->path.error)
		w->error = -ENOMEM;
	return before;
}

static struct str keep_text(struct walk *w, struct str text)
{
	_cleanup_(buf) struct buf b = BUF_INIT;
	struct str kept = { NULL, 0 };

	escape_controls(text, &b);
	if (!b.error)
		kept = arena_str(w->arena, buf_get(&b));
	if (!kept.p)
		w->error = -ENOMEM;
	return kept;
}

void walk_add(struct walk *w, const char *verb, struct mutant m)
{
	if (w->n == MUTANTS_MAX) {
		w->n_left++;
		buf_reset(&w->what);
	}
	if (w->n == MUTANTS_MAX || walk_is_over(w))
		return;
	w->error = grow_array(&w->items, w->n, &w->cap, sizeof(*w->items));
	if (w->error < 0)
		return;
	if (w->what.error) {
		w->error = -ENOMEM;
		return;
	}
	m.path = keep_text(w, buf_get(&w->path));
	m.verb = verb;
	m.what = keep_text(w, buf_get(&w->what));
	buf_reset(&w->what);
	if (m.change != MUTANT_WINDOW) {
		m.threshold = w->rule->threshold;
		m.throttle = w->rule->throttle;
	}
	w->items[w->n++] = m;
}

static void walk_exception(struct walk *w, size_t i)
{
	const struct exception *x = &w->rule->exceptions[i];
	size_t before = walk_enter(w, "except.%.*s", STR_ARG(x->id));

	mutant_describe(x->match, &w->what);
	walk_add(w, "dropping",
		 (struct mutant){ .change = MUTANT_DROP_EXCEPTION, .first = i, .at = x->at });
	walk_enter(w, ".match");
	walk_map(w, x->match, true);
	buf_cut(&w->path, before);
}

static void add_window(struct walk *w, const char *verb, struct loc at, const struct threshold *threshold,
		       const struct throttle *throttle)
{
	walk_add(w, verb,
		 (struct mutant){ .change = MUTANT_WINDOW, .threshold = threshold, .throttle = throttle,
				  .at = at });
}

static struct key_fields without(struct walk *w, struct key_fields by, size_t i)
{
	struct field_ref *item = arena_array(w->arena, by.n, sizeof(*item));
	struct str *name = arena_array(w->arena, by.n, sizeof(*name));

	if (!item || !name) {
		w->error = -ENOMEM;
		return by;
	}
	by.n--;
	for (size_t k = 0; k < by.n; k++) {
		item[k] = by.item[k + (k >= i)];
		name[k] = by.name[k + (k >= i)];
	}
	by.item = item;
	by.name = name;
	return by;
}

static struct threshold *own_threshold(struct walk *w)
{
	struct threshold *t = arena_alloc(w->arena, sizeof(*t));

	if (t)
		*t = *w->rule->threshold;
	else
		w->error = -ENOMEM;
	return t;
}

static void shift_count(struct walk *w, const struct threshold *t, int by)
{
	struct threshold *own = own_threshold(w);
	size_t before;

	if (!own || t->count + (uint32_t)by < 1 || t->count + (uint32_t)by > COUNT_MAX)
		return;
	own->count += (uint32_t)by;
	before = walk_enter(w, ".count%+d", by);
	buf_printf(&w->what, "%u in place of %u", own->count, t->count);
	add_window(w, "shifting", t->at, own, w->rule->throttle);
	buf_cut(&w->path, before);
}

/* The unit in which people would move a time by one: the largest of which it is several. */
static int64_t step_of(int64_t ns)
{
	static const int64_t units[] = {
		NS_PER_S * 3600, NS_PER_S * 60, NS_PER_S, NS_PER_S / 1000, NS_PER_S / 1000000,
	};

	for (size_t i = 0; i < ARRAY_SIZE(units); i++)
		if (ns > units[i] && ns % units[i] == 0)
			return units[i];
	return 1;
}

static void shift_within(struct walk *w, const struct threshold *t, int by)
{
	struct threshold *own = own_threshold(w);
	size_t before;

	if (!own || __builtin_add_overflow(t->within_ns, by * step_of(t->within_ns), &own->within_ns) ||
	    own->within_ns < 1)
		return;
	before = walk_enter(w, ".within%+d", by);
	duration_write_exact(own->within_ns, &w->what);
	buf_text(&w->what, " in place of ");
	duration_write_exact(t->within_ns, &w->what);
	add_window(w, "shifting", t->at, own, w->rule->throttle);
	buf_cut(&w->path, before);
}

static void walk_threshold(struct walk *w, const struct threshold *t)
{
	size_t before = walk_enter(w, "threshold"), inside = w->path.len;
	struct threshold *own;

	shift_count(w, t, 1);
	shift_count(w, t, -1);
	shift_within(w, t, 1);
	shift_within(w, t, -1);
	own = t->has_distinct ? own_threshold(w) : NULL;
	if (own) {
		own->has_distinct = false;
		walk_enter(w, ".distinct");
		field_ref_write(&t->distinct, &w->what);
		add_window(w, "dropping", t->at, own, w->rule->throttle);
		buf_cut(&w->path, inside);
	}
	for (size_t i = 0; i < t->by.n && !walk_is_over(w); i++) {
		own = own_threshold(w);
		if (!own)
			break;
		own->by = without(w, t->by, i);
		walk_enter(w, ".by");
		walk_enter_field(w, &t->by.item[i]);
		add_window(w, "dropping", t->at, own, w->rule->throttle);
		buf_cut(&w->path, inside);
	}
	buf_cut(&w->path, before);
}

static void walk_throttle(struct walk *w, const struct throttle *t)
{
	size_t before = walk_enter(w, "throttle"), inside = w->path.len;

	add_window(w, "dropping", t->at, w->rule->threshold, NULL);
	for (size_t i = 0; i < t->by.n && !walk_is_over(w); i++) {
		struct throttle *own = arena_alloc(w->arena, sizeof(*own));

		if (!own) {
			w->error = -ENOMEM;
			break;
		}
		*own = *t;
		own->by = without(w, t->by, i);
		walk_enter(w, ".by");
		walk_enter_field(w, &t->by.item[i]);
		add_window(w, "dropping", t->at, w->rule->threshold, own);
		buf_cut(&w->path, inside);
	}
	buf_cut(&w->path, before);
}

static int by_path(const void *a, const void *b)
{
	const struct mutant *x = *(const struct mutant *const *)a, *y = *(const struct mutant *const *)b;
	int order = str_cmp(x->path, y->path);

	return order ? order : x < y ? -1 : x > y;
}

/* Names that hold dots can make two paths look alike: the second becomes PATH#2. */
static void tell_apart(struct walk *w)
{
	_cleanup_(free) struct mutant **sorted = calloc(w->n + 1, sizeof(*sorted));
	size_t first = 0;

	if (!sorted) {
		w->error = -ENOMEM;
		return;
	}
	for (size_t i = 0; i < w->n; i++)
		sorted[i] = &w->items[i];
	qsort(sorted, w->n, sizeof(*sorted), by_path);
	for (size_t i = 1; i < w->n && !walk_is_over(w); i++) {
		_cleanup_(buf) struct buf b = BUF_INIT;

		if (!str_eq(sorted[i]->path, sorted[first]->path)) {
			first = i;
			continue;
		}
		buf_printf(&b, "%.*s#%zu", STR_ARG(sorted[i]->path), i - first + 1);
		sorted[i]->path = keep_text(w, buf_get(&b));
	}
}

static void walk_rule(struct walk *w)
{
	const struct rule *rule = w->rule;

	walk_enter(w, "match");
	walk_map(w, rule->match, true);
	buf_cut(&w->path, 0);
	for (size_t i = 0; i < rule->n_exceptions && !walk_is_over(w); i++)
		walk_exception(w, i);
	if (rule->threshold)
		walk_threshold(w, rule->threshold);
	if (rule->throttle)
		walk_throttle(w, rule->throttle);
	if (w->error == 0)
		tell_apart(w);
}

int mutants_find(const struct rule *rule, struct arena *a, struct mutants *ret)
{
	struct walk w = { .arena = a, .rule = rule, .path = BUF_INIT, .what = BUF_INIT };
	struct mutant *items = NULL;

	walk_rule(&w);
	if (w.error == 0) {
		items = arena_array(a, w.n, sizeof(*items));
		if (!items)
			w.error = -ENOMEM;
	}
	if (w.error == 0) {
		if (w.n > 0)
			memcpy(items, w.items, w.n * sizeof(*items));
		*ret = (struct mutants){ items, w.n, w.n_left };
	}
	buf_done(&w.path);
	buf_done(&w.what);
	free(w.items);
	free(w.macros);
	free(w.slots);
	return w.error;
}
