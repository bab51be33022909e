/* SPDX-License-Identifier: Apache-2.0 */
/* Rules and events out of text, for tests of what comes behind the parser. */
#ifndef TESTS_UNIT_RULES_H
#define TESTS_UNIT_RULES_H

#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/diag.h"
#include "event/record.h"
#include "parser/load.h"
#include "tests/unit/test.h"

struct loaded {
	struct sources sources;
	struct diags diags;
	struct ruleset *rules;
};

/* Rules that may have errors; whoever has them is in rules->skipped. */
static inline void rules_try(struct loaded *l, const char *yaml)
{
	const struct load_options options = {
		.now_ns = INT64_MIN, .max_severity = N_SEVERITIES, .authoring = true
	};

	*l = (struct loaded){ SOURCES_INIT, DIAGS_INIT, NULL };
	assert_int_equal(rules_load_text(STR_LIT("test.yaml"), str_of(yaml), &options, &l->sources, &l->diags,
					 &l->rules), 0);
}

static inline void rules_from(struct loaded *l, const char *yaml)
{
	struct buf b = BUF_INIT;

	rules_try(l, yaml);
	if (l->diags.n_errors == 0)
		return;
	diags_write_text(&l->diags, false, &b);
	fail_msg("%.*s\n%s", STR_ARG(buf_get(&b)), yaml);
}

static inline void rules_done(struct loaded *l)
{
	ruleset_free(l->rules);
	diags_done(&l->diags);
	sources_done(&l->sources);
}

/* The event is @a's. */
static inline void event_from(struct event *ret, struct arena *a, const char *json)
{
	struct record_error error;

	if (record_read(str_of(json), a, ret, &error) != 0)
		fail_msg("%s at byte %zu of %s", error.message, error.offset, json);
}

#endif
