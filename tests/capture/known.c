/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which fields a backend fills: every row of the list of fields is looked up in every event of this test.
 */
#include <stdio.h>

#include "tests/capture/live.h"

static bool is_known(const struct field *f, const struct event *ev)
{
	struct field_ref ref = { .field = f };
	struct field_cursor cursor = { 0 };
	struct value value;

	/* These are never used without a name. */
	if (f->type == FT_MAP) {
		const struct pairs *pairs = (const void *)((const char *)ev + f->offset);

		return pairs->known && pairs->n > 0;
	}
	return field_next(&ref, ev, &cursor, &value);
}

void known_note(struct live *l, const struct event *ev)
{
	for (size_t i = 0; i < n_fields; i++)
		l->known[i] = l->known[i] || is_known(&field_table[i], ev);
}

void known_print(const struct live *l)
{
	printf("# %s never fills:", l->can->backend);
	for (size_t i = 0; i < n_fields; i++)
		if (!l->known[i])
			printf(" %s", field_table[i].name);
	printf("\n");
}
