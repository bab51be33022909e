/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rules and a record, a NUL between them, through parser, matcher and engine. Nothing may crash, and all that
 * comes out must be the same a second time: a match depends on rules and event alone.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "engine/engine.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/pair.h"

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

	if (size <= MAX_SIZE)
		pair_run(data, size, &options, run_twice);
	return 0;
}
