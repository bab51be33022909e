/* SPDX-License-Identifier: Apache-2.0 */
/* Fuzzers of rules and a record, a NUL between them. */
#ifndef TESTS_FUZZ_PAIR_H
#define TESTS_FUZZ_PAIR_H

#include <string.h>

#include "base/arena.h"
#include "base/diag.h"
#include "event/record.h"
#include "parser/load.h"

/* Calls @run where both can be read. */
static inline void pair_run(const uint8_t *data, size_t size, const struct load_options *options,
			    void (*run)(const struct ruleset *rules, const struct event *ev))
{
	const uint8_t *middle = size ? memchr(data, '\0', size) : NULL;
	struct sources sources = SOURCES_INIT;
	struct diags ds = DIAGS_INIT;
	struct arena arena = ARENA_INIT;
	struct ruleset *rules = NULL;
	struct record_error error;
	struct str yaml, record;
	struct event ev;

	if (!middle)
		return;
	yaml = (struct str){ (const char *)data, (size_t)(middle - data) };
	record = (struct str){ (const char *)middle + 1, size - yaml.len - 1 };
	if (record_read(record, &arena, &ev, &error) == 0 &&
	    rules_load_text(STR_LIT("fuzz.yaml"), yaml, options, &sources, &ds, &rules) == 0)
		run(rules, &ev);
	ruleset_free(rules);
	diags_done(&ds);
	sources_done(&sources);
	arena_done(&arena);
}

#endif
