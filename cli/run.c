/* SPDX-License-Identifier: Apache-2.0 */
/* execwatch run: the main job. Execs come from the capture, alerts go to the outputs. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "alerts/outputs.h"
#include "base/log.h"
#include "base/timefmt.h"
#include "cli/clock.h"
#include "cli/config.h"
#include "cli/rules.h"
#include "cli/session.h"
#include "cli/verb.h"
#include "engine/engine.h"

#define MAX_OUTPUTS 64
/* How often losses are said, and how long outputs may take to empty their queues at the end. */
#define REPORT_EVERY_NS (60 * NS_PER_S)
#define GRACE_NS (5 * NS_PER_S)

struct run_options {
	struct rule_options rules;
	const char *config;
	int backend, format;
};

enum { FORMAT_TEXT, FORMAT_JSONL, FORMAT_UNSET };
static const char *const formats[] = { "text", "jsonl", NULL };

static const struct cli_option options[] = {
	{ "config", 'c', OPTION_TEXT, offsetof(struct run_options, config), "FILE", NULL,
	  "configuration; default " CONFIG_DEFAULT_PATH " where it exists" },
	RULE_OPTIONS(struct run_options, rules),
	{ "backend", 0, OPTION_CHOICE, offsetof(struct run_options, backend), "BACKEND", backend_names,
	  "how to watch; default: the configuration's, or the best that the kernel lets attach" },
	{ "format", 0, OPTION_CHOICE, offsetof(struct run_options, format), "text|jsonl", formats,
	  "alerts to standard output in this form, instead of the configured outputs" },
	{ 0 },
};

static void init(void *into)
{
	struct run_options *o = into;

	rule_options_init(&o->rules);
	o->backend = -1;
	o->format = FORMAT_UNSET;
}

/* A run while it goes on. */
struct run {
	struct engine *engine;
	struct outputs *outputs;
	struct session *session;
	bool ignore_routes;
	int64_t reported_ns;
	uint64_t reported_lost;
	uint64_t reported_undelivered[MAX_OUTPUTS];
};

static void on_event(void *ctx, const struct event *ev)
{
	struct run *run = ctx;

	engine_feed(run->engine, ev);
}

/* Under --format there is one output, whatever the rules' routes say. */
static void on_alert(void *ctx, const struct alert *a)
{
	struct run *run = ctx;
	struct alert everywhere = *a;
	struct rule rule = *a->rule;

	if (!run->ignore_routes) {
		outputs_raise(run->outputs, a);
		return;
	}
	rule.route = (struct strs){ NULL, 0 };
	everywhere.rule = &rule;
	outputs_raise(run->outputs, &everywhere);
}

/* Each kind of loss, for people and in the detail of execwatch.loss. */
static const struct {
	const char *name, *text;
	size_t offset;
} losses[] = {
	{ "lost_ring", "ring full", offsetof(struct capture_counters, lost_ring) },
	{ "lost_start", "start table full", offsetof(struct capture_counters, lost_start) },
	{ "lost_return", "return missed", offsetof(struct capture_counters, lost_return) },
	{ "lost_scratch", "scratch in use", offsetof(struct capture_counters, lost_scratch) },
	{ "malformed", "malformed record", offsetof(struct capture_counters, malformed) },
};

static uint64_t loss_of(const struct capture_counters *c, size_t kind)
{
	return *(const uint64_t *)((const char *)c + losses[kind].offset);
}

static void report_capture(const struct capture_counters *c)
{
	_cleanup_(buf) struct buf text = BUF_INIT;

	buf_printf(&text,
		   "execs: %" PRIu64 " entered, %" PRIu64 " returned, %" PRIu64 " reported; lost: %" PRIu64,
		   c->entries, c->returns, c->delivered, capture_lost(c));
	for (size_t i = 0; i < ARRAY_SIZE(losses); i++)
		if (loss_of(c, i))
			buf_printf(&text, ", %s %" PRIu64, losses[i].text, loss_of(c, i));
	buf_printf(&text,
		   "; argv cut %" PRIu64 ", partly unreadable %" PRIu64 "; returns without an entry %" PRIu64,
		   c->argv_cut, c->argv_partial, c->unmatched);
	log_info("%.*s", STR_ARG(buf_get(&text)));
}

static void report_outputs(const struct output_counters *c, size_t n)
{
	for (size_t i = 0; i < n; i++)
		log_info("output %.*s (%s): raised %" PRIu64 " = delivered %" PRIu64 " + failed %" PRIu64
			 " + dropped %" PRIu64 " + pending %" PRIu64 "%s%s",
			 STR_ARG(c[i].name), c[i].type, c[i].raised, c[i].delivered, c[i].failed,
			 c[i].dropped, c[i].pending, c[i].last_error[0] ? "; last error: " : "",
			 c[i].last_error);
}

/* Execs that were lost since the last time, as words to the operator and as an alert. */
static void report_loss(struct run *run, int64_t now_ns)
{
	struct capture_counters c = capture_counters(session_capture(run->session));
	uint64_t lost = capture_lost(&c), more = lost - run->reported_lost;
	struct detail detail[ARRAY_SIZE(losses) + 1] = { { "lost", .number = (int64_t)more } };
	char summary[96];

	if (more == 0)
		return;
	run->reported_lost = lost;
	for (size_t i = 0; i < ARRAY_SIZE(losses); i++)
		detail[i + 1] = (struct detail){ losses[i].name, .number = (int64_t)loss_of(&c, i) };
	report_capture(&c);
	snprintf(summary, sizeof(summary), "%" PRIu64 " execs were not reported", more);
	engine_raise_self(run->engine, now_ns, "execwatch.loss", SEVERITY_ERROR, str_of(summary), detail,
			  ARRAY_SIZE(detail));
}

/* Alerts that an output could not deliver since the last time: the other outputs get to know. */
static void report_undelivered(struct run *run, int64_t now_ns)
{
	struct output_counters c[MAX_OUTPUTS];
	size_t n = outputs_counters(run->outputs, c, MAX_OUTPUTS);

	for (size_t i = 0; i < n; i++) {
		uint64_t undelivered = c[i].failed + c[i].dropped,
			 more = undelivered - run->reported_undelivered[i];
		const struct detail detail[] = {
			{ "output", .text = c[i].name },
			{ "failed", .number = (int64_t)c[i].failed },
			{ "dropped", .number = (int64_t)c[i].dropped },
			{ "last_error", .text = str_of(c[i].last_error) },
		};
		char summary[192];

		if (more == 0)
			continue;
		run->reported_undelivered[i] = undelivered;
		report_outputs(&c[i], 1);
		snprintf(summary, sizeof(summary), "output %.*s did not deliver %" PRIu64 " alerts",
			 STR_ARG(c[i].name), more);
		engine_raise_self(run->engine, now_ns, "execwatch.output", SEVERITY_ERROR, str_of(summary),
				  detail, ARRAY_SIZE(detail));
	}
}

static void on_tick(void *ctx, int64_t now_ns)
{
	struct run *run = ctx;

	engine_tick(run->engine, now_ns);
	if (now_ns - run->reported_ns < REPORT_EVERY_NS)
		return;
	run->reported_ns = now_ns;
	report_loss(run, now_ns);
	report_undelivered(run, now_ns);
}

/* The whole account, at the end. */
static void report_end(struct run *run)
{
	struct capture_counters capture = capture_counters(session_capture(run->session));
	struct engine_counters engine = engine_counters(run->engine);
	struct output_counters c[MAX_OUTPUTS];

	report_capture(&capture);
	log_info("rules: %" PRIu64 " matches (%" PRIu64 " excepted, %" PRIu64 " observed only, %" PRIu64
		 " undecided), %" PRIu64 " alerts",
		 engine.matches, engine.excepted, engine.observed, engine.undecided, engine.alerts);
	report_outputs(c, outputs_counters(run->outputs, c, MAX_OUTPUTS));
}

/* The configuration, and what the command line says over it. */
static int configure(const struct run_options *o, struct config *config, struct sources *sources)
{
	_cleanup_(diags) struct diags ds = DIAGS_INIT;
	const char *path = o->config;
	int r = 0;

	config_init(config);
	if (!path && access(CONFIG_DEFAULT_PATH, F_OK) == 0)
		path = CONFIG_DEFAULT_PATH;
	if (path)
		r = config_read(config, path, getuid(), sources, &ds);
	diags_sort(&ds);
	print_diags(&ds, stderr);
	if (r < 0) {
		log_error("not started: the configuration %s does not load", path);
		return r == -EINVAL ? EXIT_FINDINGS : EXIT_SYSTEM;
	}
	if (o->format != FORMAT_UNSET)
		config->n_outputs = 0;
	if (config->n_outputs == 0)
		r = config_add_output(config, "stdout", "stdout", "format",
				      formats[o->format == FORMAT_UNSET ? FORMAT_TEXT : o->format]);
	if (r < 0 || config->n_outputs > MAX_OUTPUTS) {
		log_error(r < 0 ? "out of memory" : "more than %d outputs", MAX_OUTPUTS);
		return EXIT_SYSTEM;
	}
	return EXIT_FINE;
}

static void greet(const struct run *run, const struct ruleset *rules, const struct config *config)
{
	_cleanup_(buf) struct buf names = BUF_INIT;

	for (size_t i = 0; i < config->n_outputs; i++)
		buf_printf(&names, "%s%.*s", i ? ", " : "", STR_ARG(config->outputs[i].name));
	log_info("%zu rules from %zu files; alerts go to %.*s; watching by %s, stop with Ctrl-C",
		 rules->n_rules, rules->n_files, STR_ARG(buf_get(&names)),
		 capture_backend(session_capture(run->session)));
}

static uint64_t random_seed(void)
{
	uint64_t seed = 0;

	if (getrandom(&seed, sizeof(seed), 0) != sizeof(seed))
		seed = (uint64_t)clock_realtime() ^ (uint64_t)getpid() << 32;
	return seed;
}

/* Attaches, and joins capture, engine and outputs. Signals are blocked before the first thread starts. */
static int run_open(struct run *run, const struct run_options *o, const struct config *config,
		    const struct ruleset *rules)
{
	struct session_options session = {
		.config = config,
		.backend = o->backend >= 0 ? (enum backend)o->backend : config->backend,
		.event = on_event,
		.tick = on_tick,
		.ctx = run,
	};
	struct engine_options engine = { .seed = random_seed(), .live = true, .raise = on_alert, .ctx = run };
	struct outputs_options outputs = { .now = clock_realtime };
	char error[256] = "";
	int r;

	r = session_open(&session, &run->session);
	if (r != EXIT_FINE)
		return r;
	engine.host = session_host(run->session);
	engine.backend = str_of(capture_backend(session_capture(run->session)));
	r = engine_new(rules, &engine, &run->engine);
	if (r < 0) {
		log_error("cannot build the matcher: %s", strerror(-r));
		return EXIT_SYSTEM;
	}
	r = outputs_open(config->outputs, config->n_outputs, &outputs, error, sizeof(error), &run->outputs);
	if (r < 0) {
		log_error("cannot open the outputs: %s", error);
		return EXIT_SYSTEM;
	}
	return EXIT_FINE;
}

static int run(const void *opts, const char *const *arg, size_t n_args)
{
	_cleanup_(sources) struct sources sources = SOURCES_INIT;
	_cleanup_(config) struct config config = CONFIG_INIT;
	_cleanup_(ruleset_free) struct ruleset *rules = NULL;
	const struct run_options *o = opts;
	struct run run = { .ignore_routes = o->format != FORMAT_UNSET };
	bool stuck = false;
	int r;

	if (n_args) {
		log_error("`run` takes no files; rules are named with -r (`%s`)", arg[0]);
		return EXIT_USAGE;
	}
	r = configure(o, &config, &sources);
	if (r == EXIT_FINE)
		r = load_rules(&o->rules, &config, true, &sources, &rules);
	if (r == EXIT_FINE)
		r = run_open(&run, o, &config, rules);
	if (r == EXIT_FINE) {
		run.reported_ns = clock_realtime();
		greet(&run, rules, &config);
		engine_start(run.engine, run.reported_ns);
		r = session_run(run.session);
		report_loss(&run, clock_realtime());
		stuck = !outputs_close(run.outputs, GRACE_NS);
		report_end(&run);
	}
	/* A thread that no signal reaches still uses the outputs: nothing may be freed under it. */
	if (stuck) {
		log_warning("an output is stuck in a system call and is left behind");
		session_free(run.session);
		_exit(r);
	}
	outputs_free(run.outputs);
	engine_free(run.engine);
	session_free(run.session);
	return r;
}

const struct verb verb_run = {
	.name = "run",
	.arguments = "[options]",
	.summary = "watch live and alert",
	.details =
		"Needs root (or CAP_BPF and CAP_PERFMON) and a kernel from 5.17 on with BTF. Without a\n"
		"configuration the shipped rules are used and alerts go to the terminal.",
	.options = options,
	.options_size = sizeof(struct run_options),
	.init = init,
	.run = run,
};
