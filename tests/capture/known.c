/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which fields a backend fills: every row of the list of fields is looked up in every event of this test, and
 * what came of it is held against what the capture says of itself.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tests/capture/live.h"

void known_ask(struct live *l)
{
	for (size_t i = 0; i < n_fields; i++)
		l->field[i].fill = capture_fills(l->capture, field_table[i].name, &l->field[i].only,
						 &l->field[i].why);
}

/* The first value of a field. */
static bool value_of(const struct field *f, const struct event *ev, struct value *ret)
{
	struct field_ref ref = { .field = f };
	struct field_cursor cursor = { 0 };
	const struct pairs *pairs;

	if (f->type != FT_MAP)
		return field_next(&ref, ev, &cursor, ret);
	/* These are never used without a name. */
	pairs = (const void *)((const char *)ev + f->offset);
	*ret = (struct value){ 0 };
	return pairs->known && pairs->n > 0;
}

static bool is_number(const struct field *f)
{
	return f->type & FT_NUMBERS;
}

static bool is_same(const struct field *f, const struct value *a, const struct value *b)
{
	return is_number(f) ? a->number == b->number : str_eq(a->text, b->text);
}

void known_note(struct live *l, const struct event *ev)
{
	struct value value;

	for (size_t i = 0; i < n_fields; i++) {
		if (!value_of(&field_table[i], ev, &value))
			continue;
		l->field[i].known = true;
		if (l->field[i].fill == FILL_ALWAYS_SAME &&
		    !is_same(&field_table[i], &value, &l->field[i].only))
			l->field[i].differs = true;
	}
}

static void print_fields(const struct live *l, const char *what, enum fill fill)
{
	printf("# %s %s:", l->can->backend, what);
	for (size_t i = 0; i < n_fields; i++) {
		const struct field *f = &field_table[i];

		if (l->field[i].fill != fill)
			continue;
		printf(" %s", f->name);
		if (fill == FILL_ALWAYS_SAME && is_number(f))
			printf("=%" PRId64, l->field[i].only.number);
		else if (fill == FILL_ALWAYS_SAME)
			printf("=%.*s", STR_ARG(l->field[i].only.text));
	}
	printf("\n");
}

/* What this machine does not let be tried: who may not look at the first process does not know its namespaces,
 * and units are made by this test also where there is no systemd. */
static bool is_exempt(const struct live *l, const char *name)
{
	if (strcmp(name, "ns.host") == 0)
		return l->host_ns == -1;
	return strcmp(name, "unit") == 0 && access("/run/systemd/system", F_OK) < 0;
}

void known_check(struct live *l)
{
	live_begin(l);
	print_fields(l, "may fill", FILL_MAY);
	print_fields(l, "fills with one value", FILL_ALWAYS_SAME);
	print_fields(l, "never fills", FILL_NEVER);
	for (size_t i = 0; i < n_fields; i++) {
		const char *name = field_table[i].name;

		if (is_exempt(l, name))
			continue;
		if (l->field[i].fill == FILL_NEVER && l->field[i].known)
			wrong(l, "%s is filled, and was said not to be: %s", name, l->field[i].why);
		if (l->field[i].fill == FILL_MAY && !l->field[i].known)
			wrong(l, "%s may be filled, and never was", name);
		if (l->field[i].differs)
			wrong(l, "%s has another value than the one that it was said to have", name);
	}
	live_verdict(l, "the fields that are filled are those that it says");
}
