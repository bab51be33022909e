/* SPDX-License-Identifier: Apache-2.0 */
/* execwatch check: loads rule files and a configuration, and reports everything that is wrong or doubtful. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/nearest.h"
#include "base/timefmt.h"
#include "cli/check.h"
#include "cli/clock.h"
#include "cli/config.h"
#include "cli/rules.h"
#include "cli/verb.h"
#include "event/json.h"
#include "parser/codes.h"
#include "parser/load.h"

struct check_options {
	struct rule_options rules;
	const char *config, *explain, *date;
	int format;
};

enum { FORMAT_TEXT, FORMAT_JSON, FORMAT_SARIF, FORMAT_NAVIGATOR, N_FORMATS };
static const char *const formats[N_FORMATS + 1] = { "text", "json", "sarif", "navigator", NULL };

static const struct cli_option options[] = {
	{ "config", 'c', OPTION_TEXT, offsetof(struct check_options, config), "FILE", NULL,
	  "check this configuration too; without PATH the rules that it names" },
	{ "strict", 0, OPTION_FLAG, offsetof(struct check_options, rules.strict), NULL, NULL,
	  "warnings are findings too" },
	{ "date", 0, OPTION_TEXT, offsetof(struct check_options, date), "DAY", NULL,
	  "the day that `until` of exceptions is held against; default: today" },
	{ "explain", 0, OPTION_TEXT, offsetof(struct check_options, explain), "CODE", NULL,
	  "what an error or warning code means" },
	{ "format", 0, OPTION_CHOICE, offsetof(struct check_options, format), "text|json|sarif|navigator",
	  formats,
	  "text, one JSON object, SARIF 2.1.0 for code hosts, or a layer of the ATT&CK Navigator" },
	RULE_CHOICE_OPTIONS(struct check_options, rules),
	{ 0 },
};

static void init(void *into)
{
	rule_options_init(&((struct check_options *)into)->rules);
}

static int explain(const char *code)
{
	const struct diag_code *found = diag_code_find(str_of(code));
	struct nearest nearest = NEAREST_INIT(str_of(code));

	if (!found) {
		for (const struct diag_code *const *c = diag_codes; *c; c++)
			nearest_try(&nearest, str_of((*c)->code));
		if (str_known(nearest.best))
			log_error("no such code: `%s`; did you mean %.*s?", code, STR_ARG(nearest.best));
		else
			log_error("no such code: `%s`; messages have theirs in brackets, as E0312", code);
		return EXIT_USAGE;
	}
	printf("%s\n\n%s\n", found->code, found->explanation);
	return EXIT_FINE;
}

static void json_place(struct json *j, struct loc at)
{
	if (!at.source)
		return;
	json_str(j, "file", at.source->path);
	if (!at.line)
		return;
	json_int(j, "line", at.line);
	json_int(j, "col", at.col);
	json_int(j, "end_col", at.end_col > at.col ? at.end_col : at.col + 1);
}

static void json_diag(struct json *j, const struct diag *d)
{
	json_object(j, NULL);
	json_text(j, "level", d->level == DIAG_ERROR ? "error" : "warning");
	json_text(j, "code", d->code->code);
	json_place(j, d->at);
	json_str(j, "message", d->message);
	if (d->label.len)
		json_str(j, "label", d->label);
	if (d->help.len)
		json_str(j, "help", d->help);
	if (d->second.source) {
		json_object(j, "second");
		json_place(j, d->second);
		if (d->second_label.len)
			json_str(j, "label", d->second_label);
		json_end_object(j);
	}
	json_end_object(j);
}

/* What several rules were refused for, and how many; the most first. */
struct reason {
	struct str message;
	size_t n;
};

static int by_message(const void *a, const void *b)
{
	return str_cmp(((const struct reason *)a)->message, ((const struct reason *)b)->message);
}

static int by_number(const void *a, const void *b)
{
	const struct reason *x = a, *y = b;

	return x->n != y->n ? (x->n < y->n ? 1 : -1) : by_message(a, b);
}

/* Counts the rules that did not load by what was said of each first: *ret_n reasons, the caller's to free.
 * NULL when out of memory. */
static struct reason *count_reasons(const struct ruleset *rules, size_t *ret_n)
{
	struct reason *all = calloc(rules->n_skipped + 1, sizeof(*all));
	size_t n = 0;

	if (!all)
		return NULL;
	for (size_t i = 0; i < rules->n_skipped; i++)
		all[i] = (struct reason){ rules->skipped[i].message, 1 };
	qsort(all, rules->n_skipped, sizeof(*all), by_message);
	for (size_t i = 0; i < rules->n_skipped; i++) {
		if (n > 0 && str_eq(all[n - 1].message, all[i].message))
			all[n - 1].n++;
		else
			all[n++] = all[i];
	}
	qsort(all, n, sizeof(*all), by_number);
	*ret_n = n;
	return all;
}

static int json_reasons(struct json *j, const struct ruleset *rules)
{
	_cleanup_(free) struct reason *all = NULL;
	size_t n;

	all = count_reasons(rules, &n);
	if (!all)
		return -ENOMEM;
	json_list(j, "reasons");
	for (size_t i = 0; i < n; i++) {
		json_object(j, NULL);
		json_int(j, "rules", (int64_t)all[i].n);
		json_str(j, "message", all[i].message);
		json_end_object(j);
	}
	json_end_list(j);
	return 0;
}

static int print_json(const struct diags *ds, const struct ruleset *rules)
{
	_cleanup_(buf) struct buf text = BUF_INIT;
	struct json j = JSON_INIT(&text);

	json_object(&j, NULL);
	json_int(&j, "files", (int64_t)rules->n_files);
	json_int(&j, "rules", (int64_t)rules->n_rules);
	json_int(&j, "skipped", (int64_t)rules->n_skipped);
	json_int(&j, "errors", (int64_t)ds->n_errors);
	json_int(&j, "warnings", (int64_t)ds->n_warnings);
	if (json_reasons(&j, rules) < 0)
		return -ENOMEM;
	json_list(&j, "diagnostics");
	for (size_t i = 0; i < ds->n; i++)
		json_diag(&j, &ds->items[i]);
	json_end_list(&j);
	json_end_object(&j);
	buf_char(&text, '\n');
	fwrite(buf_get(&text).p, 1, text.len, stdout);
	return text.error;
}

/* Each is told above; of a large set that was made for other machines this is the overview. */
#define MOST_REASONS 10

static int print_text(const struct diags *ds, const struct ruleset *rules)
{
	_cleanup_(free) struct reason *all = NULL;
	size_t n;

	all = count_reasons(rules, &n);
	if (!all)
		return -ENOMEM;
	print_diags(ds, stdout);
	printf("%zu file%s, %zu rule%s loaded, %zu refused, %zu error%s, %zu warning%s\n", rules->n_files,
	       plural(rules->n_files), rules->n_rules, plural(rules->n_rules), rules->n_skipped, ds->n_errors,
	       plural(ds->n_errors), ds->n_warnings, plural(ds->n_warnings));
	for (size_t i = 0; i < n && i < MOST_REASONS && all[i].n > 1; i++)
		printf("%7zu refused: %.*s\n", all[i].n, STR_ARG(all[i].message));
	return 0;
}

static int (*const forms[N_FORMATS])(const struct diags *ds, const struct ruleset *rules) = {
	[FORMAT_TEXT] = print_text,
	[FORMAT_JSON] = print_json,
	[FORMAT_SARIF] = check_print_sarif,
	[FORMAT_NAVIGATOR] = check_print_navigator,
};

/* The rules that the configuration names, in its arena; NULL when out of memory. */
static const char *const *configured_paths(struct config *config)
{
	const char **paths = arena_array(&config->arena, config->rules.n + 1, sizeof(*paths));

	for (size_t i = 0; paths && i < config->rules.n; i++)
		paths[i] = config->rules.item[i].p;
	return paths;
}

static int check_files(const struct check_options *o, const char *const *paths, size_t n_paths,
		       int64_t day_ns)
{
	_cleanup_(sources) struct sources sources = SOURCES_INIT;
	_cleanup_(diags) struct diags ds = DIAGS_INIT;
	_cleanup_(config) struct config config = CONFIG_INIT;
	_cleanup_(ruleset_free) struct ruleset *rules = NULL;
	struct rule_choice_storage storage;
	struct load_options load = { .now_ns = day_ns, .warnings = true, .authoring = true };
	bool unreadable = false;
	int r = 0;

	config_init(&config);
	if (o->config) {
		r = config_read(&config, o->config, UINT32_MAX, &sources, &ds);
		unreadable = r < 0 && r != -EINVAL;
		load.outputs = r == 0 ? config_output_names(&config) : NULL;
	}
	if (n_paths == 0) {
		paths = configured_paths(&config);
		n_paths = config.rules.n;
	}
	rule_options_apply(&o->rules, &storage, &load);
	r = paths ? rules_load(paths, n_paths, &load, &sources, &ds, &rules) : -ENOMEM;
	if (!rules) {
		print_diags(&ds, stderr);
		return no_rules(r);
	}
	diags_sort(&ds);
	warn_of_ids(&o->rules, rules);
	if (rules->n_files == 0 && ds.n_errors == 0)
		log_warning("no rule file is there: their names end in .yaml or .yml");
	/* A layer has no place for what is wrong. */
	if (o->format == FORMAT_NAVIGATOR)
		print_diags(&ds, stderr);
	if (forms[o->format](&ds, rules) < 0) {
		log_error("out of memory");
		return EXIT_SYSTEM;
	}
	if (r < 0 || unreadable)
		return EXIT_SYSTEM;
	return ds.n_errors || (o->rules.strict && ds.n_warnings) ? EXIT_FINDINGS : EXIT_FINE;
}

static int check(const void *opts, const char *const *arg, size_t n_args)
{
	const struct check_options *o = opts;
	int64_t day_ns = clock_realtime();

	if (o->explain)
		return explain(o->explain);
	if (o->date && !day_parse(str_of(o->date), &day_ns)) {
		log_error("--date takes a day such as 2026-11-23, not `%s`", o->date);
		return EXIT_USAGE;
	}
	if (n_args == 0 && !o->config) {
		log_error("`check` needs rule files or directories, or -c CONFIG");
		return EXIT_USAGE;
	}
	return check_files(o, arg, n_args, day_ns);
}

const struct verb verb_check = {
	.name = "check",
	.arguments = "[options] PATH...",
	.summary = "report everything that is wrong with rules and configuration",
	.options = options,
	.options_size = sizeof(struct check_options),
	.init = init,
	.run = check,
};
