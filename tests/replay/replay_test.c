/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Golden matches. A case is a folder with rules.yaml, events.jsonl and expected.matches, one line for each
 * rule that holds and is not excepted: {"seq": 17, "rule": "ID"}.
 *
 *	replay_test FOLDER		compares; prints the first line that differs
 *	replay_test --update FOLDER	writes expected.matches anew, for a person to read before it is kept
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/diag.h"
#include "engine/matcher.h"
#include "event/record.h"
#include "parser/load.h"

#define MAX_FILE ((size_t)1 << 20)

struct replay {
	struct matcher *matcher;
	struct match_scratch *scratch;
	struct arena arena;
	struct buf out;
};

static int read_text(struct sources *sources, const char *folder, const char *name, struct str *ret)
{
	const struct source *source;
	char path[4096];
	int r;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	r = sources_read(sources, path, MAX_FILE, &source);
	if (r < 0) {
		fprintf(stderr, "%s: %s\n", path, strerror(-r));
		return r;
	}
	*ret = source->text;
	return 0;
}

static int replay_line(struct replay *rp, struct str line, int64_t number)
{
	const struct match *matches;
	struct record_error error;
	struct event ev;
	size_t n;

	arena_reset(&rp->arena);
	if (record_read(line, &rp->arena, &ev, &error) != 0) {
		fprintf(stderr, "events.jsonl:%" PRId64 ":%zu: %s\n", number + 1, error.offset + 1,
			error.message);
		return -EINVAL;
	}
	n = matcher_run(rp->matcher, &ev, rp->scratch, &matches);
	for (size_t i = 0; i < n; i++)
		if (matches[i].outcome == TRUTH_YES && !matches[i].exception)
			buf_printf(&rp->out, "{\"seq\": %" PRId64 ", \"rule\": \"%.*s\"}\n",
				   ev.seq.known ? ev.seq.value : number, STR_ARG(matches[i].rule->id));
	return 0;
}

/* The next line of *rest, without its end, which must be there. False: none. */
static bool take_line(struct str *rest, struct str *ret)
{
	const char *end = rest->len ? memchr(rest->p, '\n', rest->len) : NULL;

	if (!end)
		return false;
	*ret = (struct str){ rest->p, (size_t)(end - rest->p) };
	*rest = str_skip(*rest, ret->len + 1);
	return true;
}

static int replay_events(struct replay *rp, struct str events)
{
	struct str line;
	int r;

	for (int64_t number = 0; take_line(&events, &line); number++) {
		r = replay_line(rp, line, number);
		if (r < 0)
			return r;
	}
	if (events.len) {
		fprintf(stderr, "the last line of events.jsonl has no end\n");
		return -EINVAL;
	}
	return rp->out.error;
}

static int compare(struct str got, struct str want)
{
	struct str g = { NULL, 0 }, w = { NULL, 0 };

	for (int line = 1; got.len || want.len; line++) {
		if (!take_line(&got, &g))
			g = STR_LIT("(nothing)");
		if (!take_line(&want, &w))
			w = STR_LIT("(nothing)");
		if (!str_eq(g, w)) {
			fprintf(stderr, "expected.matches:%d: got %.*s, want %.*s\n", line, STR_ARG(g),
				STR_ARG(w));
			return 1;
		}
		if (str_eq(w, STR_LIT("(nothing)")))
			return 1;
	}
	return 0;
}

static int write_expected(const char *folder, struct str text)
{
	char path[4096];
	FILE *f;

	snprintf(path, sizeof(path), "%s/expected.matches", folder);
	f = fopen(path, "w");
	if (!f || fwrite(text.p, 1, text.len, f) != text.len || fclose(f) != 0) {
		fprintf(stderr, "%s: %s\n", path, strerror(errno));
		return 1;
	}
	return 0;
}

static int load(const char *folder, struct sources *sources, struct ruleset **ret)
{
	const struct load_options options = { .now_ns = INT64_MIN, .max_severity = N_SEVERITIES };
	struct diags ds = DIAGS_INIT;
	struct buf text = BUF_INIT;
	char path[4096];
	const char *paths[] = { path };
	int r;

	snprintf(path, sizeof(path), "%s/rules.yaml", folder);
	r = rules_load(paths, 1, &options, sources, &ds, ret);
	if (ds.n_errors > 0) {
		diags_write_text(&ds, false, &text);
		fprintf(stderr, "%.*s", STR_ARG(buf_get(&text)));
		r = -EINVAL;
	}
	buf_done(&text);
	diags_done(&ds);
	return r;
}

static int run(const char *folder, bool update)
{
	struct replay rp = { .arena = ARENA_INIT, .out = BUF_INIT };
	struct sources sources = SOURCES_INIT;
	struct ruleset *rules = NULL;
	struct str events, expected;
	int r = 1;

	if (load(folder, &sources, &rules) < 0 || read_text(&sources, folder, "events.jsonl", &events) < 0 ||
	    matcher_new(rules, &rp.matcher) < 0 || match_scratch_new(rp.matcher, &rp.scratch) < 0 ||
	    replay_events(&rp, events) < 0)
		goto out;
	if (update)
		r = write_expected(folder, buf_get(&rp.out));
	else if (read_text(&sources, folder, "expected.matches", &expected) == 0)
		r = compare(buf_get(&rp.out), expected);
out:
	match_scratch_free(rp.scratch);
	matcher_free(rp.matcher);
	arena_done(&rp.arena);
	buf_done(&rp.out);
	ruleset_free(rules);
	sources_done(&sources);
	return r;
}

int main(int argc, char **argv)
{
	bool update = argc > 2 && strcmp(argv[1], "--update") == 0;

	if (argc != 2 + update) {
		fprintf(stderr, "usage: %s [--update] FOLDER\n", argv[0]);
		return 2;
	}
	return run(argv[1 + update], update);
}
