/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rule files in their canonical form, one TAP line each: `fmt` takes them, is done after one pass, and the
 * rules mean what they meant.
 *
 *	formatted DIRECTORY...		every *.yaml in each; those in its ../parts may be included
 */
#include <errno.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "parser/format.h"
#include "parser/load.h"
#include "tests/rules/dump.h"
#include "tests/rules/each.h"

/* All but the lines that say where a rule stands: it may have moved. */
static void drop_places(struct str text, struct buf *b)
{
	while (text.len > 0) {
		const char *end = memchr(text.p, '\n', text.len);
		size_t length = end ? (size_t)(end - text.p) + 1 : text.len;

		if (!str_has_prefix(text, STR_LIT("  source: ")))
			buf_add(b, text.p, length);
		text = str_skip(text, length);
	}
}

/* Files that the first may include, as it would name them. */
struct texts {
	struct sources sources;
	struct rule_text item[64];
	size_t n;
};

static void texts_gather(struct texts *t, const char *folder)
{
	char pattern[4096];
	glob_t found;

	*t = (struct texts){ SOURCES_INIT, { { { 0 }, { 0 } } }, 1 };
	snprintf(pattern, sizeof(pattern), "%s/../parts/*.yaml", folder);
	if (glob(pattern, 0, NULL, &found) != 0)
		return;
	for (size_t i = 0; i < found.gl_pathc && t->n < ARRAY_SIZE(t->item); i++) {
		const struct source *src;

		if (sources_read(&t->sources, found.gl_pathv[i], YAML_MAX_BYTES, &src) == 0)
			t->item[t->n++] = (struct rule_text){ src->path, src->text };
	}
	globfree(&found);
}

/* What the rules in @text mean. */
static int meaning(struct texts *t, struct str path, struct str text, struct buf *b)
{
	_cleanup_(sources) struct sources sources = SOURCES_INIT;
	_cleanup_(diags) struct diags ds = DIAGS_INIT;
	_cleanup_(ruleset_free) struct ruleset *rules = NULL;
	_cleanup_(buf) struct buf dump = BUF_INIT;
	struct load_options options = { .now_ns = INT64_MIN, .max_severity = N_SEVERITIES };
	int err;

	t->item[0] = (struct rule_text){ path, text };
	err = rules_load_texts(t->item, t->n, &options, &sources, &ds, &rules);
	if (err < 0)
		return err;
	buf_printf(b, "%zu rules, %zu errors\n", rules->n_rules, ds.n_errors);
	dump_ruleset(rules, &dump);
	drop_places(buf_get(&dump), b);
	return b->error;
}

static int format(struct str path, struct str text, struct buf *b)
{
	_cleanup_(sources) struct sources sources = SOURCES_INIT;
	_cleanup_(diags) struct diags ds = DIAGS_INIT;
	const struct source *src;
	int err = sources_add(&sources, path, text, &src);

	return err < 0 ? err : format_rules(src, &ds, b);
}

/* NULL: all is well. */
static const char *judge(struct texts *t, const struct source *src)
{
	_cleanup_(buf) struct buf once = BUF_INIT, twice = BUF_INIT, before = BUF_INIT, after = BUF_INIT;
	int err = format(src->path, src->text, &once);

	if (err < 0)
		return strerror(-err);
	if (format(src->path, buf_get(&once), &twice) < 0 || !str_eq(buf_get(&once), buf_get(&twice)))
		return "changes again when it is formatted again";
	if (meaning(t, src->path, src->text, &before) < 0 ||
	    meaning(t, src->path, buf_get(&once), &after) < 0)
		return "cannot be loaded";
	return str_eq(buf_get(&before), buf_get(&after)) ? NULL : "means something else";
}

static bool run(const char *folder, const char *name, int number)
{
	_cleanup_(sources) struct sources sources = SOURCES_INIT;
	const struct source *src;
	const char *problem;
	struct texts texts;
	char path[4096];
	int err;

	texts_gather(&texts, folder);
	snprintf(path, sizeof(path), "%s/%s", folder, name);
	err = sources_read(&sources, path, YAML_MAX_BYTES, &src);
	problem = err < 0 ? strerror(-err) : judge(&texts, src);
	sources_done(&texts.sources);
	printf("%s %d - %s%s%s\n", problem ? "not ok" : "ok", number, path, problem ? ": " : "",
	       problem ? problem : "");
	return !problem;
}

int main(int argc, char **argv)
{
	return each_rule_file(argc, argv, run);
}
