/* SPDX-License-Identifier: Apache-2.0 */
/* What the tests of records share. */
#ifndef TESTS_UNIT_RECORD_H
#define TESTS_UNIT_RECORD_H

#include "tests/unit/test.h"

#include <stdlib.h>
#include <string.h>

#include "event/record.h"

/* Reads a copy of @text that is gone when the caller looks at the event. */
static inline int read_copy(struct str text, struct arena *a, struct event *ev, struct record_error *error)
{
	char *copy = malloc(text.len + !text.len);
	int e;

	if (text.len)
		memcpy(copy, text.p, text.len);
	e = record_read((struct str){ copy, text.len }, a, ev, error);
	free(copy);
	return e;
}

#endif
