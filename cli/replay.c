/* SPDX-License-Identifier: Apache-2.0 */
/* execwatch replay: the rules over recorded execs, by the same engine as `run`. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "alerts/output.h"
#include "base/log.h"
#include "cli/config.h"
#include "cli/records.h"
#include "cli/rules.h"
#include "cli/verb.h"
#include "engine/engine.h"
#include "event/json.h"

struct replay_options {
	struct rule_options rules;
	int format;
};

enum { FORMAT_TEXT, FORMAT_JSONL, FORMAT_MATCHES };
static const char *const formats[] = { "text", "jsonl", "matches", NULL };

static const struct cli_option options[] = {
	RULE_OPTIONS(struct replay_options, rules),
	{ "format", 0, OPTION_CHOICE, offsetof(struct replay_options, format), "text|jsonl|matches", formats,
	  "alerts as text or JSON, or {seq, rule} of each rule that holds" },
	{ 0 },
};

static void init(void *into)
{
	rule_options_init(&((struct replay_options *)into)->rules);
}

struct printer {
	const struct output_config *output;
	struct buf text;
	int error;		/* of an alert that was not printed */
};

static void print_alert(void *ctx, const struct alert *a)
{
	struct printer *p = ctx;

	buf_reset(&p->text);
	p->output->type->render(p->output->self, a, &p->text);
	if (p->text.error)
		p->error = p->text.error;
	fwrite(buf_get(&p->text).p, 1, p->text.len, stdout);
}

/* Alerts, as the stdout output of `run` writes them. */
static int print_alerts(const struct ruleset *rules, int format, struct records *records)
{
	_cleanup_(config) struct config config = CONFIG_INIT;
	_cleanup_(engine_free) struct engine *engine = NULL;
	struct printer printer = { .text = BUF_INIT };
	struct engine_options eo = {
		.host = STR("-"), .backend = STR("replay"), .raise = print_alert, .ctx = &printer
	};
	struct event ev;
	int r;

	config_init(&config);
	r = config_add_output(&config, "stdout", "stdout", "format", formats[format]);
	if (r == 0)
		r = engine_new(rules, &eo, &engine);
	if (r < 0) {
		log_error("cannot build the matcher: %s", strerror(-r));
		return EXIT_SYSTEM;
	}
	printer.output = &config.outputs[0];
	engine_start(engine, 0);
	while (!ferror(stdout) && records_next(records, &ev))
		engine_feed(engine, &ev);
	engine_finish(engine);
	buf_done(&printer.text);
	if (printer.error) {
		log_error("alerts were not printed: %s", strerror(-printer.error));
		return EXIT_SYSTEM;
	}
	return EXIT_FINE;
}

/* What holds and is not excepted, whatever comes after the matcher. */
static int print_matches(const struct ruleset *rules, struct records *records)
{
	_cleanup_(matcher_free) struct matcher *matcher = NULL;
	_cleanup_(match_scratch_free) struct match_scratch *scratch = NULL;
	_cleanup_(buf) struct buf text = BUF_INIT;
	const struct match *matches;
	struct event ev;
	size_t n;
	int r;

	r = open_matcher(rules, &matcher, &scratch);
	if (r != EXIT_FINE)
		return r;
	while (!ferror(stdout) && !text.error && records_next(records, &ev)) {
		n = matcher_run(matcher, &ev, scratch, &matches);
		for (size_t i = 0; i < n; i++) {
			if (matches[i].outcome != TRUTH_YES || matches[i].exception)
				continue;
			buf_reset(&text);
			buf_printf(&text, "{\"seq\": %" PRId64 ", \"rule\": \"", ev.seq.value);
			json_escape(matches[i].rule->id, &text);
			buf_text(&text, "\"}\n");
			fwrite(buf_get(&text).p, 1, text.len, stdout);
		}
	}
	if (text.error) {
		log_error("matches were not printed: %s", strerror(-text.error));
		return EXIT_SYSTEM;
	}
	return EXIT_FINE;
}

static int replay(const void *opts, const char *const *arg, size_t n_args)
{
	_cleanup_(sources) struct sources sources = SOURCES_INIT;
	_cleanup_(ruleset_free) struct ruleset *rules = NULL;
	_cleanup_(records) struct records records;
	const struct replay_options *o = opts;
	int r;

	records_open(&records, arg, n_args);
	if (n_args == 0) {
		log_error("`replay` needs files of exec records (`-` is standard input)");
		return EXIT_USAGE;
	}
	r = load_rules(&o->rules, &(struct rule_load){ 0 }, &sources, &rules);
	if (r != EXIT_FINE)
		return r;
	r = o->format == FORMAT_MATCHES ? print_matches(rules, &records)
					: print_alerts(rules, o->format, &records);
	if (r == EXIT_FINE)
		r = records_exit_code(&records);
	if (r == EXIT_FINE && rules->n_skipped)
		r = EXIT_FINDINGS;
	return r;
}

const struct verb verb_replay = {
	.name = "replay",
	.arguments = "[options] FILE...",
	.summary = "apply rules to recorded execs",
	.options = options,
	.options_size = sizeof(struct replay_options),
	.init = init,
	.run = replay,
};
