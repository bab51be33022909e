/* SPDX-License-Identifier: Apache-2.0 */
/* What to say of a test that failed: what it wanted, what it got, and why. */
#ifndef CLI_TEST_WORDS_H
#define CLI_TEST_WORDS_H

#include "base/arena.h"
#include "cli/test_report.h"
#include "engine/trial.h"

/* Fills the texts of @ret, in @a. @got: of a run of @trial, which was the last one. 0 or -ENOMEM. */
int test_words(const struct rule *rule, struct trial *trial, const struct rule_test *test,
	       const struct trial_result *got, struct arena *a, struct test_outcome *ret);

#endif
