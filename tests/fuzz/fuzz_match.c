/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rules and a record, a NUL between them, through parser, matcher and engine. Nothing may crash, and all that
 * comes out must be the same a second time: a match depends on rules and event alone.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/diag.h"
#include "engine/engine.h"
#include "event/record.h"
#include "parser/load.h"
#include "tests/fuzz/fuzz.h"

/* Longer inputs only take longer. */
#define MAX_SIZE 16384

static void append(void *ctx, const struct alert *a)
{
	struct buf *b = ctx;

	alert_write(a, b);
	buf_char(b, '\n');
}

static void run(const struct ruleset *rules, const struct event *ev, struct buf *alerts)
{
	const struct engine_options options = {
		.host = STR("h"),
		.backend = STR("fuzz"),
		.seed = 1,
		.live = true,
		.raise = append,
		.ctx = alerts,
	};
	struct engine *engine;

	if (engine_new(rules, &options, &engine) < 0)
		abort();
	engine_start(engine, 1);
	for (int i = 0; i < 2; i++)
		engine_feed(engine, ev);
	engine_tick(engine, INT64_MAX);
	engine_feed(engine, ev);
	engine_finish(engine);
	engine_free(engine);
}

static void run_twice(const struct ruleset *rules, const struct event *ev)
{
	struct buf first = BUF_INIT, second = BUF_INIT;

	run(rules, ev, &first);
	run(rules, ev, &second);
	if (first.error || second.error || !str_eq(buf_get(&first), buf_get(&second)))
		abort();
	buf_done(&first);
	buf_done(&second);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct load_options options = { .now_ns = INT64_MIN, .max_severity = N_SEVERITIES };
	const uint8_t *middle = size ? memchr(data, '\0', size) : NULL;
	struct sources sources = SOURCES_INIT;
	struct diags ds = DIAGS_INIT;
	struct arena arena = ARENA_INIT;
	struct ruleset *rules = NULL;
	struct record_error error;
	struct str yaml, record;
	struct event ev;

	if (!middle || size > MAX_SIZE)
		return 0;
	yaml = (struct str){ (const char *)data, (size_t)(middle - data) };
	record = (struct str){ (const char *)middle + 1, size - yaml.len - 1 };
	if (record_read(record, &arena, &ev, &error) == 0 &&
	    rules_load_text(STR_LIT("fuzz.yaml"), yaml, &options, &sources, &ds, &rules) == 0)
		run_twice(rules, &ev);
	ruleset_free(rules);
	arena_done(&arena);
	diags_done(&ds);
	sources_done(&sources);
	return 0;
}
