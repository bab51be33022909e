/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which fields a backend fills: every row of the list of fields is looked up in every event of this test,
 * and what came of it is held against what the capture says of itself.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tests/capture/live.h"

/* What is derived follows from the others. */
static bool is_asked(const struct field *f)
{
	return f->place != PLACE_DERIVED;
}

void known_ask(struct live *l)
{
	for (size_t i = 0; i < n_fields; i++)
		if (is_asked(&field_table[i]))
			l->field[i].fill = capture_fills(l->capture, field_table[i].name, &l->field[i].only,
							 &l->field[i].why);
}

static bool is_number(const struct field *f)
{
	return f->type & FT_NUMBERS;
}

static bool is_same(const struct field *f, const struct value *a, const struct value *b)
{
	return is_number(f) ? a->number == b->number : str_eq(a->text, b->text);
}

static bool has_one_value(enum fill fill)
{
	return fill == FILL_MAY_SAME || fill == FILL_ALWAYS_SAME;
}

/* All values of field number @i in an event. */
static void note(struct live *l, size_t i, const struct event *ev)
{
	struct field_ref ref = { .field = &field_table[i] };
	struct field_cursor cursor = { 0 };
	struct value value;
	bool known = false;

	while (field_next(&ref, ev, &cursor, &value)) {
		known = true;
		if (has_one_value(l->field[i].fill) && !is_same(ref.field, &value, &l->field[i].only))
			l->field[i].differs = true;
	}
	if (known)
		l->field[i].known = true;
	else
		l->field[i].was_unknown = true;
}

void known_note(struct live *l, const struct event *ev)
{
	for (size_t i = 0; i < n_fields; i++) {
		const struct field *f = &field_table[i];
		const struct pairs *pairs;

		if (!is_asked(f))
			continue;
		if (f->type != FT_MAP) {
			note(l, i, ev);
			continue;
		}
		/* These are never used without a name. */
		pairs = (const void *)((const char *)ev + f->offset);
		l->field[i].known = l->field[i].known || pairs->n > 0;
	}
}

static void print_fields(const struct live *l, const char *what, enum fill fill)
{
	printf("# %s %s:", l->can->backend, what);
	for (size_t i = 0; i < n_fields; i++) {
		const struct field *f = &field_table[i];

		if (!is_asked(f) || l->field[i].fill != fill)
			continue;
		printf(" %s", f->name);
		if (has_one_value(fill) && is_number(f))
			printf("=%" PRId64, l->field[i].only.number);
		else if (has_one_value(fill))
			printf("=%.*s", STR_ARG(l->field[i].only.text));
	}
	printf("\n");
}

/* The kernel is made to start something only where that disturbs nobody. */
static bool is_out_of_reach(const struct live *l, const struct value *only)
{
	return !l->own_machine && str_eq(only->text, STR_LIT("kernel"));
}

static void check(struct live *l, size_t i)
{
	const char *name = field_table[i].name;

	switch (l->field[i].fill) {
	case FILL_NEVER:
		if (l->field[i].known)
			wrong(l, "%s is filled, and was said not to be: %s", name, l->field[i].why);
		if (!l->field[i].why || !*l->field[i].why)
			wrong(l, "%s is never filled, and it is not said why", name);
		break;
	case FILL_MAY:
		if (!l->field[i].known)
			wrong(l, "%s may be filled, and never was", name);
		break;
	case FILL_ALWAYS_SAME:
		if (l->field[i].was_unknown)
			wrong(l, "%s is not always filled", name);
		break;
	case FILL_MAY_SAME:
		if (!l->field[i].known && !is_out_of_reach(l, &l->field[i].only))
			wrong(l, "%s may be filled with one value, and never was", name);
		break;
	}
	if (l->field[i].differs)
		wrong(l, "%s has another value than the one that it was said to have", name);
}

void known_check(struct live *l)
{
	live_begin(l);
	print_fields(l, "may fill", FILL_MAY);
	print_fields(l, "may fill with one value", FILL_MAY_SAME);
	print_fields(l, "always fills with one value", FILL_ALWAYS_SAME);
	print_fields(l, "never fills", FILL_NEVER);
	for (size_t i = 0; i < n_fields; i++)
		if (is_asked(&field_table[i]))
			check(l, i);
	live_verdict(l, "the fields that are filled are those that it says");
}
