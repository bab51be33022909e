/* SPDX-License-Identifier: Apache-2.0 */
/* What `test` prints of the tests that it ran: as text, as JUnit XML, as one JSON object. */
#ifndef CLI_TEST_REPORT_H
#define CLI_TEST_REPORT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/diag.h"
#include "parser/rule.h"

struct mutation;

/* A test that was run. The texts of a passed one are unknown. */
struct test_outcome {
	const struct rule_test *test;
	bool passed;
	struct str expected, got;	/* one line each, escaped */
	struct str trace;		/* lines, each with its newline, escaped */
};

/* A rule with what its tests gave, in the order of the file. */
struct rule_outcome {
	const struct rule *rule;
	const struct test_outcome *tests;
	size_t n_tests, n_failed;
};

struct test_run {
	const struct rule_outcome *rules;	/* by id; those without a test, too */
	size_t n_rules;
	size_t n_tests, n_failed;
	const struct diags *diags;
	const struct mutation *mutation;
	bool strict;			/* what its check finds is a failure */
};

void test_report_text(const struct test_run *run, bool colour, struct buf *b);
void test_report_junit(const struct test_run *run, struct buf *b);
void test_report_json(const struct test_run *run, struct buf *b);

#endif
