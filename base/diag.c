/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sources, and the recording of diagnostics; see diag.h. How they are printed is in snippet.c.
 *
 * Recording never fails for the caller: a reader that is out of memory still counts what it found, and the
 * command's exit code is right.
 */
#include "base/diag.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"

void sources_done(struct sources *set)
{
	arena_done(&set->arena);
	*set = (struct sources)SOURCES_INIT;
}

int sources_add(struct sources *set, struct str path, struct str text, const struct source **ret)
{
	struct source *s = arena_alloc(&set->arena, sizeof(*s));

	if (!s)
		return -ENOMEM;
	s->path = arena_str(&set->arena, path);
	s->text = arena_str(&set->arena, text);
	if (!s->path.p || !s->text.p)
		return -ENOMEM;
	if (set->last)
		set->last->next = s;
	else
		set->first = s;
	set->last = s;
	*ret = s;
	return 0;
}

/* Everything up to the end, or -EFBIG with more than @limit bytes read. */
static int read_all(int fd, size_t limit, struct buf *b)
{
	char chunk[16384];
	ssize_t n;

	while ((n = read(fd, chunk, sizeof(chunk))) != 0) {
		if (n < 0 && errno != EINTR)
			return -errno;
		if (n > 0)
			buf_add(b, chunk, (size_t)n);
		if (b->error)
			return b->error;
		if (b->len > limit)
			return -EFBIG;
	}
	return 0;
}

int sources_read(struct sources *set, const char *path, size_t limit, const struct source **ret)
{
	_cleanup_(buf) struct buf text = BUF_INIT;
	_cleanup_(close) int opened = -1;
	int fd = STDIN_FILENO, r;

	if (strcmp(path, "-") != 0) {
		opened = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
		if (opened < 0)
			return -errno;
		fd = opened;
	}
	r = read_all(fd, limit, &text);
	if (r < 0)
		return r;
	return sources_add(set, str_of(path), buf_get(&text), ret);
}

void diags_done(struct diags *ds)
{
	free(ds->items);
	arena_done(&ds->arena);
	*ds = (struct diags)DIAGS_INIT;
}

/* The formatted text in the list's arena; empty where there is no memory for it. */
__attribute__((format(printf, 2, 0)))
static struct str text_new(struct diags *ds, const char *fmt, va_list args)
{
	va_list again;
	char *p = NULL;
	int n;

	va_copy(again, args);
	n = vsnprintf(NULL, 0, fmt, args);
	if (n >= 0)
		p = arena_alloc(&ds->arena, (size_t)n + 1);
	if (p)
		vsnprintf(p, (size_t)n + 1, fmt, again);
	else
		ds->out_of_memory = true;
	va_end(again);
	return p ? (struct str){ p, (size_t)n } : STR_LIT("");
}

/* Once one was lost nothing is recorded any more, or its label would go to the one before it. */
static struct diag *diag_new(struct diags *ds)
{
	size_t cap = ds->cap ? ds->cap * 2 : 16;
	struct diag *items;

	if (ds->out_of_memory)
		return NULL;
	if (ds->n == ds->cap) {
		items = reallocarray(ds->items, cap, sizeof(*items));
		if (!items) {
			ds->out_of_memory = true;
			return NULL;
		}
		ds->items = items;
		ds->cap = cap;
	}
	return &ds->items[ds->n++];
}

static struct diag *diag_last(struct diags *ds)
{
	return ds->n > 0 && !ds->out_of_memory ? &ds->items[ds->n - 1] : NULL;
}

__attribute__((format(printf, 5, 0)))
static void diag_record(struct diags *ds, enum diag_level level, const struct diag_code *code,
			struct loc at, const char *fmt, va_list args)
{
	struct diag *d = diag_new(ds);

	if (!d)
		return;
	*d = (struct diag){
		.level = level,
		.code = code,
		.at = at,
		.message = text_new(ds, fmt, args),
		.label = STR(""),
		.second_label = STR(""),
		.help = STR(""),
	};
}

int diag_error(struct diags *ds, const struct diag_code *code, struct loc at, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	diag_record(ds, DIAG_ERROR, code, at, fmt, args);
	va_end(args);
	ds->n_errors++;
	return -EINVAL;
}

void diag_warning(struct diags *ds, const struct diag_code *code, struct loc at, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	diag_record(ds, DIAG_WARNING, code, at, fmt, args);
	va_end(args);
	ds->n_warnings++;
}

void diag_label(struct diags *ds, const char *fmt, ...)
{
	struct diag *d = diag_last(ds);
	va_list args;

	if (!d)
		return;
	va_start(args, fmt);
	d->label = text_new(ds, fmt, args);
	va_end(args);
}

void diag_help(struct diags *ds, const char *fmt, ...)
{
	struct diag *d = diag_last(ds);
	va_list args;

	if (!d)
		return;
	va_start(args, fmt);
	d->help = text_new(ds, fmt, args);
	va_end(args);
}

void diag_second(struct diags *ds, struct loc at, const char *fmt, ...)
{
	struct diag *d = diag_last(ds);
	va_list args;

	if (!d)
		return;
	d->second = at;
	va_start(args, fmt);
	d->second_label = text_new(ds, fmt, args);
	va_end(args);
}

struct sort_key {
	const struct source *source;
	size_t rank, index;		/* of the source's first diagnostic; of this one */
	uint32_t line, col;
};

static int three_way(uintmax_t a, uintmax_t b)
{
	return (a > b) - (a < b);
}

static int by_source(const void *va, const void *vb)
{
	const struct sort_key *a = va, *b = vb;
	int r = three_way((uintptr_t)a->source, (uintptr_t)b->source);

	return r ? r : three_way(a->index, b->index);
}

static int by_place(const void *va, const void *vb)
{
	const struct sort_key *a = va, *b = vb;
	int r = three_way(a->rank, b->rank);

	r = r ? r : three_way(a->line, b->line);
	r = r ? r : three_way(a->col, b->col);
	return r ? r : three_way(a->index, b->index);
}

void diags_sort(struct diags *ds)
{
	_cleanup_(free) struct sort_key *keys = calloc(ds->n, sizeof(*keys));
	_cleanup_(free) struct diag *sorted = reallocarray(NULL, ds->cap, sizeof(*sorted));

	if (!keys || !sorted)
		return;
	for (size_t i = 0; i < ds->n; i++) {
		struct loc at = ds->items[i].at;

		keys[i] = (struct sort_key){ at.source, 0, i, at.line, at.col };
	}
	qsort(keys, ds->n, sizeof(*keys), by_source);
	for (size_t i = 0; i < ds->n; i++) {
		bool same = i > 0 && keys[i].source == keys[i - 1].source;

		keys[i].rank = same ? keys[i - 1].rank : keys[i].index;
	}
	qsort(keys, ds->n, sizeof(*keys), by_place);
	for (size_t i = 0; i < ds->n; i++)
		sorted[i] = ds->items[keys[i].index];
	free(ds->items);
	ds->items = TAKE_PTR(sorted);
}

void loc_write(struct loc at, struct buf *b)
{
	escape_controls(at.source ? at.source->path : STR_LIT("-"), b);
	if (at.line > 0)
		buf_printf(b, ":%u:%u", at.line, at.col);
}
