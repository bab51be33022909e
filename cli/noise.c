/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What alerts have in common; see noise.h. One table of heavy hitters serves all rules: what makes most
 * alerts makes most of its texts, and stays.
 */
#include "cli/noise.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/heavy.h"
#include "event/field.h"

#define PLACES 32768
/* A longer value is no name for anything. */
#define MAX_VALUE 200

/* In the order of what tells most. */
static const char *const fields[] = {
	"exe", "filename", "argv", "parent.exe", "parent.comm", "user", "unit", "container.id", "errno",
	"host",
};
#define N_FIELDS ARRAY_SIZE(fields)
#define FILENAME 1

/* How a text of the table begins. */
struct head {
	uint32_t rule;
	uint8_t field;
} __attribute__((packed));

struct noise {
	struct heavy *values;
	struct field_ref ref[N_FIELDS];
};

int noise_new(struct noise **ret)
{
	_cleanup_(noise_free) struct noise *n = calloc(1, sizeof(*n));
	int r = n ? heavy_new(PLACES, &n->values) : -ENOMEM;

	for (size_t i = 0; r == 0 && i < N_FIELDS; i++)
		r = field_ref_parse(str_of(fields[i]), &n->ref[i]);
	if (r == 0)
		*ret = TAKE_PTR(n);
	return r;
}

struct noise *noise_free(struct noise *n)
{
	if (n)
		heavy_free(n->values);
	free(n);
	return NULL;
}

int noise_add(struct noise *n, size_t rule, const struct event *ev)
{
	int r = 0;

	for (uint8_t i = 0; r == 0 && i < N_FIELDS; i++) {
		const struct head head = { (uint32_t)rule, i };
		char memory[sizeof(head) + MAX_VALUE];
		struct field_cursor cursor = { 0 };
		struct value v;
		size_t place;
		bool is_new;

		/* The same twice, but of a failure, which has no exe. */
		if (i == FILENAME && str_known(ev->exe))
			continue;
		if (!field_next(&n->ref[i], ev, &cursor, &v) || v.text.len > MAX_VALUE)
			continue;
		memcpy(memory, &head, sizeof(head));
		if (v.text.len)
			memcpy(memory + sizeof(head), v.text.p, v.text.len);
		r = heavy_add(n->values, (struct str){ memory, sizeof(head) + v.text.len }, &place, &is_new);
	}
	return r;
}

/* The most frequent value of each field. */
static void find_best(const struct noise *n, size_t rule, struct noise_value *best)
{
	for (size_t i = 0; i < heavy_count(n->values); i++) {
		struct heavy_item item = heavy_get(n->values, i);
		struct noise_value *b;
		struct head head;

		memcpy(&head, item.text.p, sizeof(head));
		b = &best[head.field];
		if (head.rule == rule && item.count - item.error > b->count)
			*b = (struct noise_value){ fields[head.field], str_skip(item.text, sizeof(head)),
						   item.count - item.error };
	}
}

size_t noise_top(const struct noise *n, size_t rule, struct noise_value *ret, size_t max)
{
	struct noise_value best[N_FIELDS] = { { 0 } };
	size_t n_ret = 0;

	find_best(n, rule, best);
	while (n_ret < max) {
		struct noise_value *most = &best[0];

		for (size_t i = 1; i < N_FIELDS; i++)
			if (best[i].count > most->count)
				most = &best[i];
		if (most->count == 0)
			break;
		ret[n_ret++] = *most;
		most->count = 0;
	}
	return n_ret;
}
