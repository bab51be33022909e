/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rules and a record, a NUL between them: what is explained must be what the matcher says, in a few lines
 * that do nothing to a terminal.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "engine/explain.h"
#include "engine/matcher.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/pair.h"

/* Longer inputs only take longer. */
#define MAX_SIZE 16384
/* Twenty lines of some values and operands each, every byte of them escaped. */
#define MAX_TRACE 65536

static const struct match *find(const struct match *matches, size_t n, const struct rule *rule)
{
	for (size_t i = 0; i < n; i++)
		if (matches[i].rule == rule)
			return &matches[i];
	return NULL;
}

static void check(const struct explanation *x, const struct match *m)
{
	if ((m != NULL) != (x->verdict >= EXPLAIN_UNDECIDED))
		abort();
	if (!m)
		return;
	if (m->outcome != x->match->outcome ||
	    m->exception != (x->excepted_by ? x->excepted_by->exception : NULL) ||
	    m->expired != (x->expired ? x->expired->exception : NULL))
		abort();
}

static void check_trace(const struct rule *rule, const struct event *ev)
{
	struct buf b = BUF_INIT;

	if (explain_trace(rule, ev, "  ", &b) < 0 || b.len > MAX_TRACE)
		abort();
	for (size_t i = 0; i < b.len; i++)
		if (((unsigned char)b.p[i] < 0x20 && b.p[i] != '\n') || b.p[i] == 0x7f)
			abort();
	buf_done(&b);
}

static void run(const struct ruleset *rules, const struct event *ev)
{
	_cleanup_(matcher_free) struct matcher *matcher = NULL;
	_cleanup_(match_scratch_free) struct match_scratch *scratch = NULL;
	_cleanup_(regex_scratch_free) struct regex_scratch *regex = NULL;
	_cleanup_(arena) struct arena a = ARENA_INIT;
	const struct match *matches;
	size_t n;

	if (matcher_new(rules, &matcher) < 0 || match_scratch_new(matcher, &scratch) < 0 ||
	    regex_scratch_new(&regex) < 0)
		abort();
	n = matcher_run(matcher, ev, scratch, &matches);
	for (size_t i = 0; i < rules->n_rules; i++) {
		struct explanation x;

		if (explain(&rules->rules[i], ev, regex, &a, &x) < 0)
			abort();
		check(&x, find(matches, n, &rules->rules[i]));
		check_trace(&rules->rules[i], ev);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct load_options options = {
		.now_ns = INT64_MIN, .max_severity = N_SEVERITIES, .authoring = true
	};

	if (size <= MAX_SIZE)
		pair_run(data, size, &options, run);
	return 0;
}
