/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rule files converted to what they are already, one TAP line each: all rules are written, what is written
 * loads, says the same of itself, and its conditions are the very ones that the loader has.
 *
 *	converted DIRECTORY...		every *.yaml in each; those in its ../parts may be included
 */
#include <errno.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "parser/load.h"
#include "parser/native_write.h"
#include "parser/yaml.h"
#include "tests/rules/dump.h"
#include "tests/rules/each.h"

#define PREFIX "converted."

/* Files that may include each other: what was converted, its source, and the parts. */
struct texts {
	struct sources sources;
	struct rule_text item[64];
	size_t n;
};

static int texts_gather(struct texts *t, const char *folder, const char *name)
{
	char pattern[4096];
	const struct source *src;
	glob_t found;
	int err;

	*t = (struct texts){ SOURCES_INIT, { { { 0 }, { 0 } } }, 2 };
	snprintf(pattern, sizeof(pattern), "%s/%s", folder, name);
	err = sources_read(&t->sources, pattern, YAML_MAX_BYTES, &src);
	if (err < 0)
		return err;
	t->item[1] = (struct rule_text){ src->path, src->text };
	snprintf(pattern, sizeof(pattern), "%s/../parts/*.yaml", folder);
	if (glob(pattern, 0, NULL, &found) != 0)
		return 0;
	for (size_t i = 0; i < found.gl_pathc && t->n < ARRAY_SIZE(t->item); i++)
		if (sources_read(&t->sources, found.gl_pathv[i], YAML_MAX_BYTES, &src) == 0)
			t->item[t->n++] = (struct rule_text){ src->path, src->text };
	globfree(&found);
	return 0;
}

struct loaded {
	struct sources sources;
	struct diags diags;
	struct ruleset *rules;
};

static void loaded_cleanup(struct loaded *l)
{
	ruleset_free(l->rules);
	diags_done(&l->diags);
	sources_done(&l->sources);
}

static int load(const struct texts *t, size_t first, bool authoring, struct loaded *ret)
{
	struct load_options options = {
		.now_ns = INT64_MIN, .max_severity = N_SEVERITIES, .authoring = authoring,
	};

	*ret = (struct loaded){ SOURCES_INIT, DIAGS_INIT, NULL };
	return rules_load_texts(t->item + first, t->n - first, &options, &ret->sources, &ret->diags,
				&ret->rules);
}

static void count(void *ctx, const struct rule *rule, const char *why)
{
	printf("# %.*s: %s\n", STR_ARG(rule->id), why);
	++*(size_t *)ctx;
}

/* All rules of the file and of what it includes. @prefix: to stand beside their sources. */
static int convert(const struct ruleset *rules, bool prefix, struct arena *a, struct buf *b)
{
	struct rule *copies = arena_array(a, rules->n_rules + 1, sizeof(*copies));
	const struct rule **list = arena_array(a, rules->n_rules + 1, sizeof(*list));
	size_t n_left = 0;
	int err;

	if (!copies || !list)
		return -ENOMEM;
	for (size_t i = 0; i < rules->n_rules; i++) {
		_cleanup_(buf) struct buf id = BUF_INIT;

		copies[i] = rules->rules[i];
		buf_text(&id, prefix ? PREFIX : "");
		buf_str(&id, copies[i].id);
		copies[i].id = arena_str(a, buf_get(&id));
		list[i] = &copies[i];
	}
	err = native_rules_write(list, rules->n_rules, count, &n_left, b);
	return err == 0 && n_left > 0 ? -ENOTSUP : err;
}

static struct str line_of(struct str text)
{
	const char *end = text.len ? memchr(text.p, '\n', text.len) : NULL;

	return (struct str){ text.p, end ? (size_t)(end - text.p) : text.len };
}

/* Prints the first line that differs. */
static bool same_text(struct str a, struct str b)
{
	while (a.len > 0 || b.len > 0) {
		struct str left = line_of(a), right = line_of(b);

		if (!str_eq(left, right)) {
			printf("# %.*s\n# %.*s\n", STR_ARG(left), STR_ARG(right));
			return false;
		}
		a = str_skip(a, left.len + 1);
		b = str_skip(b, right.len + 1);
	}
	return true;
}

/* What rules say and do but for where they stand; of rules that were loaded for authors, whose macros have
 * names, their tests alone. */
static void meaning(const struct ruleset *rules, bool authoring, struct buf *b)
{
	_cleanup_(buf) struct buf dump = BUF_INIT;
	struct str rest;

	dump_ruleset(rules, &dump);
	for (rest = buf_get(&dump); rest.len > 0;) {
		struct str line = line_of(rest);
		bool test = str_has_prefix(line, STR_LIT("  test ")) ||
			    str_has_prefix(line, STR_LIT("    at ")) ||
			    str_has_prefix(line, STR_LIT("    expect"));

		rest = str_skip(rest, line.len + 1);
		if (authoring ? !test : str_has_prefix(line, STR_LIT("  source: ")))
			continue;
		buf_str(b, line);
		buf_char(b, '\n');
	}
}

static const struct rule *find(const struct ruleset *rules, struct str id)
{
	for (size_t i = 0; i < rules->n_rules; i++)
		if (str_eq(rules->rules[i].id, id))
			return &rules->rules[i];
	return NULL;
}

/* Has each rule that begins with the prefix the conditions of the one without it? */
static bool same_conditions(const struct ruleset *rules)
{
	for (size_t i = 0; i < rules->n_rules; i++) {
		const struct rule *copy = &rules->rules[i], *rule;
		bool same;

		if (!str_has_prefix(copy->id, STR_LIT(PREFIX)))
			continue;
		rule = find(rules, str_skip(copy->id, strlen(PREFIX)));
		same = rule && rule->match == copy->match && rule->n_exceptions == copy->n_exceptions &&
		       rule->reads_outcome == copy->reads_outcome;
		for (size_t k = 0; same && k < rule->n_exceptions; k++)
			same = rule->exceptions[k].match == copy->exceptions[k].match;
		if (!same) {
			printf("# %.*s\n", STR_ARG(copy->id));
			return false;
		}
	}
	return true;
}

/* Do what was converted and its source say the same? */
static bool same_meaning(const struct texts *t, bool authoring)
{
	_cleanup_(loaded) struct loaded before = { .rules = NULL }, after = { .rules = NULL };
	_cleanup_(buf) struct buf said = BUF_INIT, says = BUF_INIT;

	if (load(t, 1, authoring, &before) < 0 || load(t, 0, authoring, &after) < 0 ||
	    after.diags.n_errors > 0)
		return false;
	meaning(before.rules, authoring, &said);
	meaning(after.rules, authoring, &says);
	return same_text(buf_get(&said), buf_get(&says));
}

/* NULL: all is well. */
static const char *judge(struct texts *t, const char *name)
{
	_cleanup_(loaded) struct loaded before = { .rules = NULL }, both = { .rules = NULL };
	_cleanup_(buf) struct buf plain = BUF_INIT, beside = BUF_INIT, head = BUF_INIT, path = BUF_INIT;
	_cleanup_(arena) struct arena arena = ARENA_INIT;

	if (load(t, 1, true, &before) < 0 || before.diags.n_errors > 0)
		return "cannot be loaded";
	if (convert(before.rules, false, &arena, &plain) < 0 ||
	    convert(before.rules, true, &arena, &beside) < 0)
		return "cannot be converted";
	buf_str(&path, t->item[1].path);
	buf_text(&path, ".converted");
	t->item[0] = (struct rule_text){ buf_get(&path), buf_get(&plain) };
	if (!same_meaning(t, false) || !same_meaning(t, true))
		return "is converted to what does not load, or says something else";

	buf_printf(&head, "version: 1\ninclude: ['%s']\n", name);
	buf_str(&head, str_skip(buf_get(&beside), strlen("version: 1\n")));
	t->item[0].text = buf_get(&head);
	if (load(t, 0, false, &both) < 0 || both.diags.n_errors > 0 ||
	    both.rules->n_rules != 2 * before.rules->n_rules)
		return "does not load beside what is converted of it";
	return same_conditions(both.rules) ? NULL : "has other conditions";
}

static bool run(const char *folder, const char *name, int number)
{
	const char *problem;
	struct texts texts;
	int err = texts_gather(&texts, folder, name);

	problem = err < 0 ? strerror(-err) : judge(&texts, name);
	sources_done(&texts.sources);
	printf("%s %d - %s/%s%s%s\n", problem ? "not ok" : "ok", number, folder, name, problem ? ": " : "",
	       problem ? problem : "");
	return !problem;
}

int main(int argc, char **argv)
{
	return each_rule_file(argc, argv, run);
}
