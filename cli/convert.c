/* SPDX-License-Identifier: Apache-2.0 */
/* execwatch convert: rules of whatever kind of file as one native rule file. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "cli/rules.h"
#include "cli/verb.h"
#include "parser/native_write.h"

struct convert_options {
	struct rule_options rules;
};

static const struct cli_option options[] = {
	RULE_CHOICE_OPTIONS(struct convert_options, rules),
	{ 0 },
};

static void init(void *into)
{
	rule_options_init(&((struct convert_options *)into)->rules);
}

static void say(void *ctx, const struct rule *rule, const char *why)
{
	size_t *n_left = ctx;

	log_error("%.*s: rule %.*s cannot be converted: %s", STR_ARG(rule->source), STR_ARG(rule->id), why);
	++*n_left;
}

static int by_place(const void *a, const void *b)
{
	const struct rule *const *l = a, *const *r = b;
	int order = str_cmp((*l)->at.source->path, (*r)->at.source->path);

	if (order)
		return order;
	if ((*l)->at.line != (*r)->at.line)
		return (*l)->at.line < (*r)->at.line ? -1 : 1;
	return (*l)->at.col < (*r)->at.col ? -1 : (*l)->at.col > (*r)->at.col;
}

/* The rules as a file, in the order in which their authors have them. */
static int print(const struct ruleset *rules)
{
	_cleanup_(free) const struct rule **sorted = calloc(rules->n_rules + 1, sizeof(*sorted));
	_cleanup_(buf) struct buf text = BUF_INIT;
	size_t n_left = 0;
	int err = -ENOMEM;

	for (size_t i = 0; sorted && i < rules->n_rules; i++)
		sorted[i] = &rules->rules[i];
	if (sorted && rules->n_rules > 1)
		qsort(sorted, rules->n_rules, sizeof(*sorted), by_place);
	if (sorted)
		err = native_rules_write(sorted, rules->n_rules, say, &n_left, &text);
	if (err == -ENOMEM) {
		log_error("out of memory");
		return EXIT_SYSTEM;
	}
	if (err < 0) {
		log_error("with lists and macros written out the rules are too large for one file");
		return EXIT_FINDINGS;
	}
	fwrite(text.p, 1, text.len, stdout);
	return n_left ? EXIT_FINDINGS : EXIT_FINE;
}

static int convert(const void *opts, const char *const *arg, size_t n_args)
{
	const struct convert_options *o = opts;
	_cleanup_(sources) struct sources sources = SOURCES_INIT;
	_cleanup_(diags) struct diags ds = DIAGS_INIT;
	_cleanup_(ruleset_free) struct ruleset *rules = NULL;
	struct load_options load = { .now_ns = INT64_MIN, .authoring = true };
	struct rule_choice_storage storage;
	int r, code;

	if (n_args == 0) {
		log_error("`convert` needs rule files or directories, or - for standard input");
		return EXIT_USAGE;
	}
	rule_options_apply(&o->rules, &storage, &load);
	r = rules_load(arg, n_args, &load, &sources, &ds, &rules);
	diags_sort(&ds);
	print_diags(&ds, stderr);
	if (!rules)
		return no_rules(r);
	warn_of_choice(&o->rules, rules);
	code = print(rules);
	if (r < 0)
		return EXIT_SYSTEM;
	return code == EXIT_FINE && ds.n_errors ? EXIT_FINDINGS : code;
}

const struct verb verb_convert = {
	.name = "convert",
	.arguments = "[options] PATH...",
	.summary = "print rules of any kind as one native rule file",
	.details = "The rules match the same. Lists and macros are written out, each where it is used. A\n"
		   "rule that the native language cannot say is named and left out.",
	.options = options,
	.options_size = sizeof(struct convert_options),
	.init = init,
	.run = convert,
};
