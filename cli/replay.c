/* SPDX-License-Identifier: Apache-2.0 */
/*
 * execwatch replay: the rules over recorded execs, by the same engine as `run`. What it prints is either what
 * `run` would have printed, or what that comes to: a summary, also against other rules.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "alerts/output.h"
#include "base/log.h"
#include "base/timefmt.h"
#include "cli/backtest.h"
#include "cli/clock.h"
#include "cli/config.h"
#include "cli/numbers.h"
#include "cli/records.h"
#include "cli/rules.h"
#include "cli/summary.h"
#include "cli/verb.h"
#include "engine/engine.h"
#include "event/json.h"

struct replay_options {
	struct rule_options rules;
	const char *against;
	int format, show;
	bool fail_on_new;
};

enum { FORMAT_TEXT, FORMAT_JSONL, FORMAT_MATCHES, FORMAT_SUMMARY, FORMAT_SUMMARY_JSON, FORMAT_UNSET };
static const char *const formats[] = { "text", "jsonl", "matches", "summary", "summary-json", NULL };

/* Bits of 1 << enum difference. */
enum { SHOW_EXAMPLES, SHOW_NEW = 1 << DIFF_NEW, SHOW_GONE = 1 << DIFF_GONE, SHOW_ALL };
static const char *const shows[] = { "examples", "new", "gone", "all", NULL };

static const struct cli_option options[] = {
	RULE_OPTIONS(struct replay_options, rules),
	{ "format", 0, OPTION_CHOICE, offsetof(struct replay_options, format),
	  "text|jsonl|matches|summary[-json]", formats,
	  "alerts as text or JSON, {seq, rule} of each rule that holds, or what all of it comes to" },
	{ "against", 0, OPTION_TEXT, offsetof(struct replay_options, against), "PATH", NULL,
	  "the old rules: the summary says which alerts those of -r add and remove" },
	{ "show", 0, OPTION_CHOICE, offsetof(struct replay_options, show), "examples|new|gone|all", shows,
	  "with --against: list every alert that is new (+), gone (-), or both, before the summary" },
	{ "fail-on-new", 0, OPTION_FLAG, offsetof(struct replay_options, fail_on_new), NULL, NULL,
	  "with --against: exit 1 if there are new alerts" },
	{ 0 },
};

static void init(void *into)
{
	struct replay_options *o = into;

	rule_options_init(&o->rules);
	o->format = FORMAT_UNSET;
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

/* The lines of --show. */
struct shower {
	int show;
	bool json;
	struct buf text;
};

static void show_alert(void *ctx, enum difference d, const struct rule *rule, const struct told_alert *alert)
{
	struct shower *s = ctx;

	if (!(s->show & 1 << d))
		return;
	buf_reset(&s->text);
	if (s->json)
		summary_write_alert_json(d, rule, alert, &s->text);
	else
		summary_write_alert_text(d, rule, alert, &s->text);
	fwrite(buf_get(&s->text).p, 1, s->text.len, stdout);
}

/* Where the rules are from. */
static void write_paths(const struct option_list *paths, struct buf *b)
{
	for (size_t i = 0; i < paths->n; i++) {
		buf_text(b, i ? ", " : "");
		buf_text(b, paths->item[i]);
	}
	buf_text(b, paths->n ? " (-r)" : "the shipped ones");
}

/* How fast it went differs each time: for people who watch, not for what is compared with the last time. */
static void tell_rate(uint64_t n_records, int64_t elapsed_ns)
{
	char memory[64];
	struct buf b;

	if (!isatty(STDERR_FILENO))
		return;
	buf_init_fixed(&b, memory, sizeof(memory));
	duration_write(elapsed_ns, &b);
	buf_text(&b, ", ");
	write_rate(n_records, elapsed_ns, &b);
	log_info("read in %.*s", STR_ARG(buf_get(&b)));
}

static int print_summary(const struct replay_options *o, const struct backtest *test, struct records *records,
			 int64_t elapsed_ns)
{
	_cleanup_(buf) struct buf paths = BUF_INIT, old = BUF_INIT, text = BUF_INIT;
	struct summary summary = {
		.test = test, .n_files = records->n_files, .n_bad = records->n_bad,
		.elapsed_ns = elapsed_ns > 0 ? elapsed_ns : 1,
	};

	write_paths(&o->rules.rules, &paths);
	buf_printf(&old, "%s (--against)", o->against ? o->against : "");
	summary.rules = buf_get(&paths);
	summary.old = buf_get(&old);
	if (o->format == FORMAT_SUMMARY_JSON)
		summary_write_json(&summary, &text);
	else
		summary_write_text(&summary, &text);
	if (paths.error || old.error || text.error || test->error) {
		log_error("the summary is not whole: %s", strerror(ENOMEM));
		return EXIT_SYSTEM;
	}
	if (o->format == FORMAT_SUMMARY && o->show != SHOW_EXAMPLES)
		putchar('\n');
	fwrite(buf_get(&text).p, 1, text.len, stdout);
	tell_rate(records->n_read, summary.elapsed_ns);
	return o->fail_on_new && backtest_differences(test, DIFF_NEW) ? EXIT_FINDINGS : EXIT_FINE;
}

static int summarize(const struct replay_options *o, const struct ruleset *rules, const struct ruleset *old,
		     struct records *records)
{
	_cleanup_(backtest) struct backtest test;
	struct shower shower = { o->show, o->format == FORMAT_SUMMARY_JSON, BUF_INIT };
	int64_t started_ns = clock_monotonic();
	int r = backtest_init(&test, rules, old);

	if (r < 0) {
		log_error("cannot build the matcher: %s", strerror(-r));
		return EXIT_SYSTEM;
	}
	if (o->show != SHOW_EXAMPLES) {
		test.show = show_alert;
		test.ctx = &shower;
	}
	backtest_run(&test, records);
	r = print_summary(o, &test, records, clock_monotonic() - started_ns);
	buf_done(&shower.text);
	return r;
}

/* The old rules, by the same choice among them as the new ones. */
static int load_old(const struct replay_options *o, struct ruleset **ret)
{
	struct rule_options old = o->rules;

	old.rules = (struct option_list){ .item = { o->against }, .n = 1 };
	return load_rules(&old, &(struct rule_load){ 0 }, NULL, ret);
}

static int check_options(struct replay_options *o, size_t n_args)
{
	bool summary;

	if (n_args == 0) {
		log_error("`replay` needs files of exec records (`-` is standard input)");
		return EXIT_USAGE;
	}
	if (o->format == FORMAT_UNSET)
		o->format = o->against ? FORMAT_SUMMARY : FORMAT_TEXT;
	summary = o->format == FORMAT_SUMMARY || o->format == FORMAT_SUMMARY_JSON;
	if (o->against && !summary) {
		log_error("--against makes a summary: --format summary or summary-json");
		return EXIT_USAGE;
	}
	if (!o->against && (o->show != SHOW_EXAMPLES || o->fail_on_new)) {
		log_error("--%s needs --against PATH", o->fail_on_new ? "fail-on-new" : "show");
		return EXIT_USAGE;
	}
	return EXIT_FINE;
}

/* A line on standard error must not run through what the same terminal shows of standard output. */
static bool may_show_progress(const struct replay_options *o)
{
	bool is_silent = o->format >= FORMAT_SUMMARY && o->show == SHOW_EXAMPLES;

	return is_silent || !isatty(STDOUT_FILENO);
}

static int replay(const void *opts, const char *const *arg, size_t n_args)
{
	_cleanup_(ruleset_free) struct ruleset *rules = NULL, *old = NULL;
	_cleanup_(records) struct records records;
	struct replay_options o = *(const struct replay_options *)opts;
	struct progress progress;
	int r;

	records_open(&records, arg, n_args);
	r = check_options(&o, n_args);
	if (r == EXIT_FINE)
		r = load_rules(&o.rules, &(struct rule_load){ 0 }, NULL, &rules);
	if (r == EXIT_FINE && o.against)
		r = load_old(&o, &old);
	if (r != EXIT_FINE)
		return r;
	if (may_show_progress(&o)) {
		progress_open(&progress, STDERR_FILENO, arg, n_args, clock_monotonic());
		records.progress = &progress;
	}
	if (o.format == FORMAT_MATCHES)
		r = print_matches(rules, &records);
	else if (o.format == FORMAT_TEXT || o.format == FORMAT_JSONL)
		r = print_alerts(rules, o.format, &records);
	else
		r = summarize(&o, rules, old, &records);
	if (r == EXIT_FINE)
		r = records_exit_code(&records);
	if (r == EXIT_FINE && (rules->n_skipped || (old && old->n_skipped)))
		r = EXIT_FINDINGS;
	return r;
}

const struct verb verb_replay = {
	.name = "replay",
	.arguments = "[options] FILE...",
	.summary = "apply rules to recorded execs",
	.details = "A summary says what each rule would have done: matches; what an exception, a threshold\n"
		   "(counted) or a throttle kept back; alerts; alerts and summaries a day; what it costs.",
	.options = options,
	.options_size = sizeof(struct replay_options),
	.init = init,
	.run = replay,
};
