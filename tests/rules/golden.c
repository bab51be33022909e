/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Golden rule files, one TAP line each.
 *
 *	golden [--update] DIRECTORY	ok/X.yaml loads without a word, and means X.dump;
 *					bad/X.yaml and warn/X.yaml say exactly X.err
 *
 * The day is 2026-11-22, the outputs are `soc` and `log`. That rules have no tests is a warning in
 * untested.yaml alone. With --update the files are written anew: read the difference before it is committed.
 */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/timefmt.h"
#include "parser/load.h"
#include "tests/rules/dump.h"

static const char *const kinds[] = { "ok", "bad", "warn" };

struct golden {
	const char *name;		/* "bad/x" */
	char yaml[512], expected[512];
	struct sources sources;
	struct diags diags;
	struct ruleset *rules;
	struct buf got;
};

/* The exit code that `check` would give must be right, too, beside the text. */
static const char *judge(const struct golden *g, bool ok, bool warn)
{
	if (!g->rules)
		return "not loaded at all";
	if (ok && g->diags.n > 0)
		return "has something to say";
	if (warn && (g->diags.n_errors > 0 || g->diags.n_warnings == 0))
		return "wants warnings and nothing else";
	if (!ok && !warn && g->diags.n_errors == 0)
		return "no error";
	return NULL;
}

/* Hardly a file here has tests, which is said of those alone that are about it. */
static void forget_untested(struct diags *ds)
{
	size_t n = 0;

	for (size_t i = 0; i < ds->n; i++)
		if (strcmp(ds->items[i].code->code, "W0262") != 0)
			ds->items[n++] = ds->items[i];
	ds->n_warnings -= ds->n - n;
	ds->n = n;
}

static int load(struct golden *g)
{
	static const char *const outputs[] = { "soc", "log", NULL };
	struct load_options options = {
		.warnings = true, .authoring = true, .outputs = outputs, .max_severity = N_SEVERITIES
	};
	const char *path = g->yaml;
	int err;

	if (!day_parse(STR_LIT("2026-11-22"), &options.now_ns))
		return -EINVAL;
	err = rules_load(&path, 1, &options, &g->sources, &g->diags, &g->rules);
	if (!strstr(g->yaml, "/untested"))
		forget_untested(&g->diags);
	diags_sort(&g->diags);
	diags_write_text(&g->diags, false, &g->got);
	if (err == 0)
		dump_ruleset(g->rules, &g->got);
	return err;
}

static int compare(const char *path, struct str got)
{
	_cleanup_(sources) struct sources set = SOURCES_INIT;
	const struct source *want;
	int err = sources_read(&set, path, (size_t)1 << 20, &want);

	if (err < 0)
		return err;
	return str_eq(want->text, got) ? 0 : -EINVAL;
}

static int update(const char *path, struct str got)
{
	_cleanup_(fclose) FILE *f = fopen(path, "w");

	if (!f || fwrite(got.p, 1, got.len, f) != got.len)
		return -errno;
	return 0;
}

static void comment(struct str text)
{
	printf("# ");
	for (size_t i = 0; i < text.len; i++) {
		putchar(text.p[i]);
		if (text.p[i] == '\n' && i + 1 < text.len)
			printf("# ");
	}
}

static bool run(const char *kind, const char *name, bool update_it, int number)
{
	bool ok = strcmp(kind, "ok") == 0, warn = strcmp(kind, "warn") == 0;
	struct golden g = { .sources = SOURCES_INIT, .diags = DIAGS_INIT, .got = BUF_INIT };
	const char *problem;
	int err;

	snprintf(g.yaml, sizeof(g.yaml), "%s/%s.yaml", kind, name);
	snprintf(g.expected, sizeof(g.expected), "%s/%s.%s", kind, name, ok ? "dump" : "err");
	err = load(&g);
	problem = err < 0 ? strerror(-err) : judge(&g, ok, warn);
	if (!problem && update_it && update(g.expected, buf_get(&g.got)) < 0)
		problem = "cannot be written";
	if (!problem && compare(g.expected, buf_get(&g.got)) < 0)
		problem = "differs from what is expected";
	printf("%s %d - %s/%s%s%s\n", problem ? "not ok" : "ok", number, kind, name, problem ? ": " : "",
	       problem ? problem : "");
	if (problem)
		comment(buf_get(&g.got));
	ruleset_free(g.rules);
	diags_done(&g.diags);
	sources_done(&g.sources);
	buf_done(&g.got);
	return !problem;
}

static int is_yaml(const struct dirent *entry)
{
	return str_has_suffix(str_of(entry->d_name), STR_LIT(".yaml"));
}

int main(int argc, char **argv)
{
	bool update_them = argc > 1 && strcmp(argv[1], "--update") == 0;
	int number = 0, failed = 0;

	if (argc != 2 + update_them || chdir(argv[1 + update_them]) < 0) {
		fprintf(stderr, "usage: golden [--update] DIRECTORY\n");
		return 2;
	}
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		struct dirent **names;
		int n = scandir(kinds[i], &names, is_yaml, alphasort);

		for (int j = 0; j < n; j++) {
			names[j]->d_name[strlen(names[j]->d_name) - strlen(".yaml")] = '\0';
			failed += !run(kinds[i], names[j]->d_name, update_them, ++number);
			free(names[j]);
		}
		if (n >= 0)
			free(names);
	}
	printf("1..%d\n", number);
	return failed || number == 0;
}
