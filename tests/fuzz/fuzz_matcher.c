/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rules and a record, a NUL between them: the matcher must give the answer of the plain one, of the record,
 * of what is left when its argv is cut, of it with texts exchanged, and of the record over again, all with
 * one scratch.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/pair.h"
#include "tests/matcher/agree.h"

/* Longer inputs only take longer. */
#define MAX_SIZE 16384

static void differ(void *ctx, const struct event *ev, const struct difference *d)
{
	struct buf b = BUF_INIT;

	difference_write(d, &b);
	record_write(ev, &b);
	fprintf(stderr, "%.*s\n", STR_ARG(buf_get(&b)));
	buf_done(&b);
}

/* The first half of the words, the last of them cut in two. @ev has some. */
static struct words first_half(const struct event *ev)
{
	size_t n = (ev->argv.n + 1) / 2;
	struct str *items = malloc(n * sizeof(*items)), *last;

	CHECK(items);
	memcpy(items, ev->argv.item, n * sizeof(*items));
	last = &items[n - 1];
	last->len = (last->len + 1) / 2;
	return (struct words){
		items, n, { ev->argv.joined.p, (size_t)(last->p + last->len - ev->argv.joined.p) }, true
	};
}

static void run_cut(struct engines *e, const struct event *ev)
{
	const struct event *whole = event_argv_state(ev) == ARGV_COMPLETE ? ev : NULL;
	struct event seen = *ev;

	if (!ev->argv.known || ev->argv.n == 0)
		return;
	seen.argv = first_half(ev);
	seen.argv_bytes.known = false;
	seen.argv_state = STR_LIT("cut");
	CHECK(engines_compare(e, &seen, whole, differ, NULL) == 0);
	seen.argv_state = STR_LIT("partial");
	seen.argc.known = false;
	CHECK(engines_compare(e, &seen, whole, differ, NULL) == 0);
	free((void *)(uintptr_t)seen.argv.item);
}

static void run(const struct ruleset *rules, const struct event *ev)
{
	struct event other = *ev;
	struct engines engines;

	CHECK(engines_new(rules, &engines) == 0);
	CHECK(engines_compare(&engines, ev, NULL, differ, NULL) == 0);
	run_cut(&engines, ev);
	other.comm = ev->filename;
	other.exe = ev->parent.exe;
	other.argv = ev->parent.argv;
	other.parent.argv = ev->argv;
	other.retval.known = !ev->retval.known;
	CHECK(engines_compare(&engines, &other, NULL, differ, NULL) == 0);
	CHECK(engines_compare(&engines, ev, NULL, differ, NULL) == 0);
	engines_done(&engines);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct load_options options = { .now_ns = INT64_MIN, .max_severity = N_SEVERITIES };

	if (size <= MAX_SIZE)
		pair_run(data, size, &options, run);
	return 0;
}
