/* SPDX-License-Identifier: Apache-2.0 */
/* What every unit test includes: cmocka with the headers that it wants in front, and asserts on strings. */
#ifndef TESTS_UNIT_TEST_H
#define TESTS_UNIT_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "base/str.h"

/* Both must be known and hold the same bytes; prints both otherwise. */
#define assert_str(got, want)                                                                               \
	do {                                                                                                \
		struct str got_ = (got), want_ = str_of(want);                                              \
		if (!str_eq(got_, want_))                                                                   \
			fail_msg("got \"%.*s\", want \"%.*s\"", STR_ARG(got_), STR_ARG(want_));             \
	} while (0)

#endif
