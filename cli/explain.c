/* SPDX-License-Identifier: Apache-2.0 */
/* execwatch explain: why a rule matches an exec or does not, condition by condition. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/nearest.h"
#include "cli/explain_print.h"
#include "cli/explain_record.h"
#include "cli/rules.h"
#include "cli/verb.h"
#include "engine/explain.h"

struct explain_options {
	struct rule_options rules;
	const char *event, *seq;
	int64_t line;
	int format;
};

enum { FORMAT_TEXT, FORMAT_JSON };
static const char *const formats[] = { "text", "json", NULL };

static const struct cli_option options[] = {
	{ "event", 'e', OPTION_TEXT, offsetof(struct explain_options, event), "FILE", NULL,
	  "file of exec records (`-` is standard input); the first is explained" },
	{ "seq", 0, OPTION_TEXT, offsetof(struct explain_options, seq), "N", NULL,
	  "the record with this seq instead (without one it is the line, from 0)" },
	{ "line", 0, OPTION_COUNT, offsetof(struct explain_options, line), "N", NULL,
	  "the record in this line instead" },
	{ "format", 0, OPTION_CHOICE, offsetof(struct explain_options, format), "text|json", formats,
	  "text, or one JSON object" },
	RULE_OPTIONS(struct explain_options, rules),
	{ 0 },
};

static void init(void *into)
{
	rule_options_init(&((struct explain_options *)into)->rules);
}

/* The errors of a rule that did not load have been printed with all others. */
static int no_such_rule(const struct ruleset *rules, struct str id)
{
	struct nearest nearest = NEAREST_INIT(id);

	for (size_t i = 0; i < rules->n_skipped; i++)
		if (str_eq(rules->skipped[i].id, id)) {
			log_error("rule %.*s (%.*s) did not load: %.*s", STR_ARG(id),
				  STR_ARG(rules->skipped[i].source), STR_ARG(rules->skipped[i].message));
			return EXIT_FINDINGS;
		}
	for (size_t i = 0; i < rules->n_rules; i++)
		nearest_try(&nearest, rules->rules[i].id);
	for (size_t i = 0; i < rules->n_skipped; i++)
		nearest_try(&nearest, rules->skipped[i].id);
	if (str_known(nearest.best))
		log_error("no rule has the id `%.*s`; did you mean `%.*s`?", STR_ARG(id),
			  STR_ARG(nearest.best));
	else
		log_error("none of %zu rule%s has the id `%.*s`; -r names the rules to look among",
			  rules->n_rules, plural(rules->n_rules), STR_ARG(id));
	return EXIT_USAGE;
}

static const struct rule *find_rule(const struct ruleset *rules, struct str id)
{
	for (size_t i = 0; i < rules->n_rules; i++)
		if (str_eq(rules->rules[i].id, id))
			return &rules->rules[i];
	return NULL;
}

/* An alert, or what some other program wrote, reads as a record that knows next to nothing. */
static void warn_of_record(const struct picked_record *record)
{
	const struct event *ev = &record->event;

	if (!str_known(ev->filename) && !str_known(ev->exe) && !str_known(ev->comm) && !ev->argv.known)
		log_warning("%s:%" PRIu64 ": the record knows neither filename, exe, comm nor argv; of an "
			    "alert it is the member `event` (jq -c .event)", record->path, record->line);
}

static int print(const struct explain_options *o, const struct rule *rule,
		 const struct picked_record *record)
{
	_cleanup_(regex_scratch_free) struct regex_scratch *scratch = NULL;
	_cleanup_(arena) struct arena a = ARENA_INIT;
	_cleanup_(buf) struct buf text = BUF_INIT;
	struct explanation x;
	int r = regex_scratch_new(&scratch);

	if (r == 0)
		r = explain(rule, &record->event, scratch, &a, &x);
	if (r == 0) {
		if (o->format == FORMAT_JSON)
			explain_print_json(&x, record, &text);
		else
			explain_print_text(&x, record, use_colour(stdout), &text);
		r = text.error;
	}
	if (r < 0) {
		log_error("cannot explain the rule: %s", strerror(-r));
		return EXIT_SYSTEM;
	}
	fwrite(buf_get(&text).p, 1, text.len, stdout);
	return EXIT_FINE;
}

/* False after a message. */
static bool read_choice(const struct explain_options *o, struct record_choice *ret)
{
	char *end = NULL;

	*ret = (struct record_choice){ .line = o->line };
	if (o->seq && o->line) {
		log_error("--seq and --line exclude each other");
		return false;
	}
	if (!o->seq)
		return true;
	errno = 0;
	ret->seq = NUM(strtoll(o->seq, &end, 10));
	if (errno || end == o->seq || *end) {
		log_error("--seq takes a number, not `%s`", o->seq);
		return false;
	}
	return true;
}

static int explain_rule(const void *opts, const char *const *arg, size_t n_args)
{
	_cleanup_(sources) struct sources sources = SOURCES_INIT;
	_cleanup_(ruleset_free) struct ruleset *rules = NULL;
	_cleanup_(picked_record) struct picked_record record = { .line = 0 };
	const struct explain_options *o = opts;
	struct record_choice choice;
	const struct rule *rule;
	int r, printed;

	if (n_args != 1 || !o->event) {
		log_error("`explain` needs the id of one rule, and --event FILE (`-` is standard input)");
		return EXIT_USAGE;
	}
	if (!read_choice(o, &choice))
		return EXIT_USAGE;
	r = load_rules(&o->rules, &(struct rule_load){ .authoring = true }, &sources, &rules);
	if (r != EXIT_FINE)
		return r;
	rule = find_rule(rules, str_of(arg[0]));
	if (!rule)
		return no_such_rule(rules, str_of(arg[0]));
	r = record_pick(o->event, &choice, &record);
	if (r == EXIT_SYSTEM || !record.line)
		return r;
	warn_of_record(&record);
	printed = print(o, rule, &record);
	return printed == EXIT_FINE ? r : printed;
}

const struct verb verb_explain = {
	.name = "explain",
	.arguments = "[options] RULE --event FILE",
	.summary = "why a rule matches an exec or does not",
	.details = "Shows each condition with its outcome and the values that it saw, and the nearest miss.\n"
		   "A file of records has one in each line; a record may also be spread as jq prints it.",
	.options = options,
	.options_size = sizeof(struct explain_options),
	.init = init,
	.run = explain_rule,
};
