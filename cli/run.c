/* SPDX-License-Identifier: Apache-2.0 */
/* execwatch run: the main job. Execs come from the capture, alerts go to the outputs. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "alerts/outputs.h"
#include "base/log.h"
#include "base/timefmt.h"
#include "cli/clock.h"
#include "cli/config.h"
#include "cli/control.h"
#include "cli/descriptors.h"
#include "cli/env.h"
#include "cli/privileges.h"
#include "cli/report.h"
#include "cli/rules.h"
#include "cli/seed.h"
#include "cli/session.h"
#include "cli/unmet.h"
#include "cli/verb.h"
#include "engine/engine.h"

/* How long outputs may take to empty their queues at the end. */
#define GRACE_NS (5 * NS_PER_S)
/* What rules cost is timed on one exec of so many; how often they are looked at is counted on each. */
#define TIMED_EVERY 64

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
	struct control *control;
	bool ignore_routes;
	struct env_names env;
	struct report report;
};

static void on_event(void *ctx, const struct event *ev)
{
	struct run *run = ctx;

	engine_feed(run->engine, ev);
}

/*
 * Under --format there is one output, whatever the rules' routes say. That an output fails is for the others
 * to tell.
 */
static void on_alert(void *ctx, const struct alert *a)
{
	struct run *run = ctx;
	struct alert routed = *a;
	struct rule rule = *a->rule;

	if (str_eq(rule.id, STR_LIT("execwatch.output")))
		rule.route = (struct strs){ run->report.healthy, run->report.n_healthy };
	else if (run->ignore_routes)
		rule.route = (struct strs){ NULL, 0 };
	routed.rule = &rule;
	outputs_raise(run->outputs, &routed);
}

static bool on_tick(void *ctx, int64_t now_ns, int64_t mono_ns)
{
	struct run *run = ctx;

	engine_tick(run->engine, now_ns);
	control_tick(run->control);
	if (report_tick(&run->report, now_ns, mono_ns))
		return true;
	log_error("nobody reads the alerts any more");
	return false;
}

static void on_control(void *ctx)
{
	control_serve(((struct run *)ctx)->control);
}

static void on_request(void *ctx, enum control_request request, struct buf *to)
{
	struct run *run = ctx;

	switch (request) {
	case CONTROL_STATUS_TEXT:
		report_write_text(&run->report, clock_realtime(), to);
		return;
	case CONTROL_STATUS_JSON:
		report_write_json(&run->report, clock_realtime(), to);
		return;
	}
}

/* The configuration, and what the command line says over it. */
static int configure(const struct run_options *o, struct config *config, struct sources *sources)
{
	int r = load_config(o->config, getuid(), config, sources);

	if (r != EXIT_FINE)
		return r;
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

/* Before the first event: who wrote a rule that cannot hold should not have to find out by its silence. */
static int warn_of_unmet(const struct run *run, const struct config *config, const struct ruleset *rules)
{
	const struct unmet_options known_by = { session_capture(run->session), config, &run->env };
	int r = unmet_warn(rules, &known_by);

	if (r < 0)
		log_error("cannot look at the rules: %s", strerror(-r));
	return r < 0 ? EXIT_SYSTEM : EXIT_FINE;
}

static void greet(const struct run *run, const struct ruleset *rules, const struct config *config)
{
	_cleanup_(buf) struct buf names = BUF_INIT;

	for (size_t i = 0; i < config->n_outputs; i++)
		buf_printf(&names, "%s%.*s", i ? ", " : "", STR_ARG(config->outputs[i].name));
	log_info("%zu rule%s from %zu file%s; alerts go to %.*s; watching by %s, stop with Ctrl-C",
		 rules->n_rules, plural(rules->n_rules), rules->n_files, plural(rules->n_files),
		 STR_ARG(buf_get(&names)),
		 capture_backend(session_capture(run->session)));
}

static int attach(struct run *run, const struct run_options *o, const struct config *config,
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
	int r;

	env_collect(config, rules, &run->env);
	session.env = (struct strs){ run->env.item, run->env.n };
	r = session_open(&session, &run->session);
	if (r != EXIT_FINE)
		return r;
	engine.host = session_host(run->session);
	engine.backend = str_of(capture_backend(session_capture(run->session)));
	engine.window_memory = config->window_memory;
	r = engine_new(rules, &engine, &run->engine);
	if (r == 0)
		r = engine_count_costs(run->engine, clock_monotonic, TIMED_EVERY);
	if (r == 0)
		return EXIT_FINE;
	log_error("cannot build the matcher: %s", strerror(-r));
	return EXIT_SYSTEM;
}

/*
 * Everything that takes privilege is opened, then the privilege is given up, and only then the first thread
 * starts: each has its own.
 */
static int open_and_drop(struct run *run, const struct config *config, const struct privileges *who)
{
	struct outputs_options outputs = {
		.now = clock_realtime, .changes_user = who->changes_user, .uid = who->uid, .gid = who->gid
	};
	struct control_options control = {
		.state = config->state.p, .who = who, .answer = on_request, .ctx = run
	};
	char error[256] = "";
	int r;

	r = outputs_open(config->outputs, config->n_outputs, &outputs, error, sizeof(error), &run->outputs);
	if (r == 0) {
		run->control = control_open(&control);
		r = privileges_drop(who);
		if (r != EXIT_FINE)
			return r;
		run->control = control_listen(run->control);
		session_serve(run->session, control_fd(run->control), on_control, run);
		r = outputs_start(run->outputs, error, sizeof(error));
	}
	if (r == 0)
		return EXIT_FINE;
	log_error("cannot open the outputs: %s", error);
	return EXIT_SYSTEM;
}

/* Joins capture, engine and outputs. */
static int run_open(struct run *run, const struct run_options *o, const struct config *config,
		    const struct ruleset *rules)
{
	struct privileges who;
	int r = descriptors_close_inherited();

	if (r == EXIT_FINE)
		r = privileges_find(config->user, &who);
	if (r == EXIT_FINE)
		r = attach(run, o, config, rules);
	return r == EXIT_FINE ? open_and_drop(run, config, &who) : r;
}

/* From the first event to the account at the end. */
static int watch(struct run *run, const struct ruleset *rules, bool *ret_stuck)
{
	int64_t now_ns = clock_realtime();
	int r;

	run->report = (struct report){
		.session = run->session, .rules = rules, .engine = run->engine, .outputs = run->outputs,
		.since_ns = now_ns, .say_next_ns = clock_monotonic() + REPORT_SAY_EVERY_NS,
	};
	engine_start(run->engine, now_ns);
	r = session_run(run->session);
	run->control = control_free(run->control);
	engine_finish(run->engine);
	report_loss(&run->report, clock_realtime());
	*ret_stuck = !outputs_close(run->outputs, GRACE_NS);
	if (!report_end(&run->report) && r == EXIT_FINE) {
		log_error("there were alerts, and not one was delivered");
		r = EXIT_SYSTEM;
	}
	return r;
}

static int run(const void *opts, const char *const *arg, size_t n_args)
{
	_cleanup_(sources) struct sources sources = SOURCES_INIT;
	_cleanup_(config) struct config config = CONFIG_INIT;
	_cleanup_(ruleset_free) struct ruleset *rules = NULL;
	const struct run_options *o = opts;
	struct rule_load how = { .config = &config, .live = true };
	struct run run = { .ignore_routes = o->format != FORMAT_UNSET };
	bool stuck = false;
	int r;

	if (n_args) {
		log_error("`run` takes no files; rules are named with -r (`%s`)", arg[0]);
		return EXIT_USAGE;
	}
	r = configure(o, &config, &sources);
	how.outputs = run.ignore_routes ? NULL : config_output_names(&config);
	if (r == EXIT_FINE)
		r = load_rules(&o->rules, &how, NULL, &rules);
	if (r == EXIT_FINE)
		r = run_open(&run, o, &config, rules);
	if (r == EXIT_FINE)
		r = warn_of_unmet(&run, &config, rules);
	if (r == EXIT_FINE) {
		greet(&run, rules, &config);
		r = watch(&run, rules, &stuck);
	}
	/* A thread that no signal reaches still uses the outputs: nothing may be freed under it. */
	if (stuck) {
		log_warning("an output is stuck in a system call and is left behind");
		session_free(run.session);
		_exit(r);
	}
	control_free(run.control);
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
		"Needs root (or CAP_BPF and CAP_PERFMON) to start, and gives up all privilege once it\n"
		"watches; the kernel has to be 5.17 or newer, with BTF. Without a configuration the shipped\n"
		"rules are used and alerts go to the terminal.",
	.options = options,
	.options_size = sizeof(struct run_options),
	.init = init,
	.run = run,
};
