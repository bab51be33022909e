/* SPDX-License-Identifier: Apache-2.0 */
/* For fuzzers: a place must be one that an editor can go to. Aborts where it is not. */
#ifndef TESTS_FUZZ_PLACES_H
#define TESTS_FUZZ_PLACES_H

#include <stdlib.h>
#include <string.h>

#include "base/diag.h"
#include "base/text.h"
#include "tests/fuzz/fuzz.h"

/* The rest of the source from @at on; aborts where the line or the column is outside of it. */
static inline struct str place_check(struct loc at)
{
	struct str rest = at.source->text;
	const char *end;

	if (str_has_prefix(rest, STR_LIT("\xef\xbb\xbf")))
		rest = str_skip(rest, 3);
	if (at.line == 0)
		return rest;
	for (uint32_t line = 1; line < at.line; line++) {
		end = rest.len ? memchr(rest.p, '\n', rest.len) : NULL;
		CHECK(end);
		rest = str_skip(rest, (size_t)(end - rest.p) + 1);
	}
	CHECK(at.col >= 1);
	for (uint32_t col = 1; col < at.col; col++) {
		size_t length = utf8_length(rest);

		CHECK(rest.len > 0 && rest.p[0] != '\n');
		rest = str_skip(rest, length ? length : 1);
	}
	return rest;
}

static inline void diags_check(struct diags *ds)
{
	struct buf b = BUF_INIT;
	size_t n_errors = 0;

	for (size_t i = 0; i < ds->n; i++) {
		n_errors += ds->items[i].level == DIAG_ERROR;
		place_check(ds->items[i].at);
		if (ds->items[i].second.source)
			place_check(ds->items[i].second);
		CHECK(ds->items[i].message.len > 0);
	}
	CHECK(n_errors == ds->n_errors && n_errors + ds->n_warnings == ds->n);
	diags_sort(ds);
	diags_write_text(ds, true, &b);
	CHECK(b.error == 0);
	buf_done(&b);
}

#endif
