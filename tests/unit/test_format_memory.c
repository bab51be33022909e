/* SPDX-License-Identifier: Apache-2.0 */
/* Formatting with each allocation failing in turn: it says -ENOMEM, and never that half a file is one. */
#include <errno.h>
#include <stdlib.h>

#include "parser/format.h"
#include "tests/unit/failing_malloc.h"
#include "tests/unit/test.h"

static const char text[] =
	"# licence\n"
	"version: 1\n"
	"lists: { a: [x,\n y], b: [ # why\n z] }\n"
	"rules:\n"
	"- title: t # of t\n"
	"  id: a\n"
	"  why: >-\n    one\n    two\n"
	"  match: { comm: [aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa, bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb,"
	"                  cccccccccccccccccccccccccccccccccccccccc, \"d\"] }\n"
	"  # end\n";

static int format(struct buf *b)
{
	_cleanup_(sources) struct sources sources = SOURCES_INIT;
	_cleanup_(diags) struct diags ds = DIAGS_INIT;
	const struct source *src;
	int err = sources_add(&sources, STR_LIT("t.yaml"), (struct str)STR(text), &src);

	return err < 0 ? err : format_rules(src, &ds, b);
}

static void test_each_allocation(void **state)
{
	_cleanup_(buf) struct buf whole = BUF_INIT;
	size_t n_reported = 0;

	assert_int_equal(format(&whole), 0);
	for (size_t n = 0; ; n++) {
		_cleanup_(buf) struct buf b = BUF_INIT;
		int err;

		n_allocations = n_failures = 0;
		failing = n;
		err = format(&b);
		failing = SIZE_MAX;
		assert_int_equal(err, n_failures ? -ENOMEM : 0);
		n_reported += n_failures;
		if (n_failures == 0) {
			assert_true(str_eq(buf_get(&b), buf_get(&whole)));
			break;
		}
	}
	assert_true(n_reported > 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_allocation),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
