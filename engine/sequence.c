/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Finding a sequence. From each occurrence of the literal the rest is read once, without a choice; of a
 * block that others follow the first match is the best, since it ends first.
 */
#include <string.h>

#include "base/cleanup.h"
#include "engine/pattern.h"

/* The first at or after @p; @end: there is none. */
static const char *find_byte(const char *p, const char *end, char c)
{
	const char *found = p < end ? memchr(p, c, (size_t)(end - p)) : NULL;

	return found ? found : end;
}

static bool equal_nocase(const char *p, struct str lower)
{
	for (size_t i = 0; i < lower.len; i++)
		if (ascii_lower(p[i]) != lower.p[i])
			return false;
	return true;
}

static bool literal_at(const struct literal *l, const char *p)
{
	return l->nocase ? equal_nocase(p, l->text) : memcmp(p, l->text.p, l->text.len) == 0;
}

/* The place of the byte that is likely to be the rarest in a text. */
static size_t rarest(struct str text)
{
	static const char common[] = " etaoinsr/lc-dumpf.hg1b20vy";
	const char *found;
	size_t best = 0, best_rank = 0, rank;

	for (size_t i = 0; i < text.len; i++) {
		found = memchr(common, text.p[i], sizeof(common) - 1);
		rank = found ? (size_t)(found - common) : sizeof(common);
		if (rank > best_rank) {
			best = i;
			best_rank = rank;
		}
	}
	return best;
}

/* A search for one occurrence of a literal after the other. In any case it goes by one of its bytes, in
 * either case: where both were found last is kept, or the rarer would be looked for to the end again and
 * again. */
struct search {
	const struct literal *literal;
	const char *end;
	const char *low, *up; /* the next of either, NULL at first */
	size_t at; /* of the byte within the literal */
};

/* @from leaves room for the literal. */
static const char *search_nocase(struct search *s, const char *from)
{
	struct str text = s->literal->text;
	const char *last, *p;
	char lower, upper;

	if (!s->low)
		s->at = rarest(text);
	lower = text.p[s->at];
	upper = lower >= 'a' && lower <= 'z' ? (char)(lower - 0x20) : lower;
	last = s->end - (text.len - s->at) + 1;
	for (p = from + s->at;; p++) {
		if (!s->low || s->low < p)
			s->low = find_byte(p, last, lower);
		if (!s->up || s->up < p)
			s->up = upper == lower ? last : find_byte(p, last, upper);
		p = s->low < s->up ? s->low : s->up;
		if (p >= last)
			return NULL;
		if (equal_nocase(p - s->at, text))
			return p - s->at;
	}
}

/* The first occurrence at @from, which never goes back, or later; NULL: none. */
static const char *search_next(struct search *s, const char *from)
{
	const struct literal *l = s->literal;

	if (l->text.len > (size_t)(s->end - from))
		return NULL;
	if (literal_at(l, from))
		return from;
	if (l->nocase)
		return search_nocase(s, from);
	return memmem(from, (size_t)(s->end - from), l->text.p, l->text.len);
}

/* Behind the run that begins at @p and goes on to @end at most; NULL: too short. */
static const char *run_after(const struct run *run, const char *p, const char *end)
{
	size_t room = (size_t)(end - p), most = run->max < room ? run->max : room, n = 0;

	while (n < most && byte_set_has(run->set, (unsigned char)p[n]))
		n++;
	return n < run->min ? NULL : p + n;
}

/* The same backward, from @p to @start at most. */
static const char *run_before(const struct run *run, const char *p, const char *start)
{
	size_t room = (size_t)(p - start), most = run->max < room ? run->max : room, n = 0;

	while (n < most && byte_set_has(run->set, (unsigned char)p[-1 - (ptrdiff_t)n]))
		n++;
	return n < run->min ? NULL : p - n;
}

/* How far the runs can go; SIZE_MAX: without an end. */
static size_t most_of(const struct run *runs, size_t n)
{
	size_t sum = 0;

	for (size_t i = 0; i < n; i++) {
		if (runs[i].max == RUN_NO_END)
			return SIZE_MAX;
		sum += runs[i].max;
	}
	return sum;
}

/* Is what stands around the literal at @p as it must be? The end of it all, or NULL. */
static const char *check_around(const struct sequence *s, const char *p, const char *start, const char *end)
{
	const char *before = p, *after = p + s->literal.text.len;

	for (size_t i = 0; i < s->n_after && after; i++)
		after = run_after(&s->after[i], after, end);
	if (!after || (s->at_end && after < end))
		return NULL;
	for (size_t i = 0; i < s->n_before && before; i++)
		before = run_before(&s->before[i], before, start);
	if (!before || (s->at_start && before > start))
		return NULL;
	return after;
}

/* Behind the first match of @s alone that has its literal at @from or later, and all of it between @start
 * and @end; NULL: none. */
static const char *find_one(const struct sequence *s, const char *start, const char *from, const char *end)
{
	size_t most_before = s->at_start ? most_of(s->before, s->n_before) : SIZE_MAX;
	size_t most_after = s->at_end ? most_of(s->after, s->n_after) : SIZE_MAX;
	struct search search = { .literal = &s->literal, .end = end };
	const char *p = from, *found;

	if (most_after != SIZE_MAX && (size_t)(end - p) > most_after + s->literal.text.len)
		p = end - most_after - s->literal.text.len;
	for (;; p++) {
		p = search_next(&search, p);
		if (!p || (size_t)(p - start) > most_before)
			return NULL;
		found = check_around(s, p, start, end);
		if (found)
			return found;
	}
}

bool sequence_in(const struct sequence *s, struct str text, size_t from, bool cut)
{
	const char *start = text.p, *end, *p;

	/* Also if it is unknown. */
	if (from >= text.len)
		return false;
	end = text.p + text.len;
	for (p = text.p + from; s && p; s = s->then) {
		if (s->at_end && cut)
			return false;
		p = find_one(s, start, p, end);
		start = p;
	}
	return p;
}
