/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The books of a run; see report.h. An output that begins to fail is told of at once, and again every minute
 * while it goes on. The alert about it goes to the others only: to itself it would be one more failure to
 * tell of.
 */
#include "cli/report.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/regex.h"
#include "base/text.h"
#include "base/timefmt.h"
#include "cli/costs.h"
#include "event/json.h"

/* Rules whose costs are told: what fits on a screen; what leaves an answer well within what control_ask()
 * takes, ids being of 200 bytes at most. */
#define TEXT_RULES 10
#define JSON_RULES 1000

/* How the account of the capture speaks of a counter. */
enum counter_kind {
	FLOW,			/* what went through */
	LOSS,			/* execs that were not reported, or not wholly: where there are any */
	NOTE,			/* what else happened: where it did */
	DETAIL,			/* for `status` alone */
};

/* Each counter of the capture once: for the account, for the detail of execwatch.loss, and for `status`. */
static const struct {
	const char *name, *text;
	size_t offset;
	enum counter_kind kind;
} counters[] = {
	{ "entries", "entered", offsetof(struct capture_counters, entries), FLOW },
	{ "returns", "returned", offsetof(struct capture_counters, returns), FLOW },
	{ "delivered", "reported", offsetof(struct capture_counters, delivered), FLOW },
	{ "lost_ring", "ring full", offsetof(struct capture_counters, lost_ring), LOSS },
	{ "lost_argv", "no room for a large argv", offsetof(struct capture_counters, lost_argv), LOSS },
	{ "lost_start", "start table full", offsetof(struct capture_counters, lost_start), LOSS },
	{ "missed", "return missed", offsetof(struct capture_counters, missed), LOSS },
	{ "lost_scratch", "scratch in use", offsetof(struct capture_counters, lost_scratch), LOSS },
	{ "malformed", "malformed record", offsetof(struct capture_counters, malformed), LOSS },
	{ "kernel_missed", "not run by the kernel", offsetof(struct capture_counters, kernel_missed), LOSS },
	{ "unaccounted", "unaccounted for", offsetof(struct capture_counters, unaccounted), LOSS },
	{ "argv_cut", "argv cut", offsetof(struct capture_counters, argv_cut), NOTE },
	{ "argv_partial", "argv partly unreadable", offsetof(struct capture_counters, argv_partial), NOTE },
	{ "env_cut", "environment cut", offsetof(struct capture_counters, env_cut), NOTE },
	{ "in_flight", "in flight", offsetof(struct capture_counters, in_flight), NOTE },
	{ "from_kernel", "started by the kernel", offsetof(struct capture_counters, from_kernel), NOTE },
	{ "overdue", "reported without a return", offsetof(struct capture_counters, overdue), NOTE },
	{ "unmatched", "returns without an entry", offsetof(struct capture_counters, unmatched), NOTE },
	{ "execs", "new images seen", offsetof(struct capture_counters, execs), NOTE },
	{ "kernel_missed_returns", "returns not run by the kernel",
	  offsetof(struct capture_counters, kernel_missed_returns), DETAIL },
	{ "image_hits", "images known", offsetof(struct capture_counters, image_hits), DETAIL },
	{ "image_misses", "images not known", offsetof(struct capture_counters, image_misses), DETAIL },
};

/* The same of the engine. */
static const struct {
	const char *name;
	size_t offset;
} engine_rows[] = {
	{ "events", offsetof(struct engine_counters, events) },
	{ "matches", offsetof(struct engine_counters, matches) },
	{ "excepted", offsetof(struct engine_counters, excepted) },
	{ "observed", offsetof(struct engine_counters, observed) },
	{ "undecided", offsetof(struct engine_counters, undecided) },
	{ "counted", offsetof(struct engine_counters, counted) },
	{ "suppressed", offsetof(struct engine_counters, suppressed) },
	{ "alerts", offsetof(struct engine_counters, alerts) },
	{ "summaries", offsetof(struct engine_counters, summaries) },
	{ "evicted", offsetof(struct engine_counters, evicted) },
};

static uint64_t counter(const void *of, size_t offset)
{
	return *(const uint64_t *)((const char *)of + offset);
}

/* "5 entered, 5 returned": the number stands in front of what has happened, behind what is the matter. */
static void add_counters(const struct capture_counters *c, enum counter_kind kind, const char *before,
			 struct buf *b)
{
	for (size_t i = 0; i < ARRAY_SIZE(counters); i++) {
		uint64_t n = counter(c, counters[i].offset);

		if (counters[i].kind != kind || (kind != FLOW && n == 0))
			continue;
		buf_text(b, before);
		before = ", ";
		if (kind == FLOW)
			buf_printf(b, "%" PRIu64 " %s", n, counters[i].text);
		else
			buf_printf(b, "%s %" PRIu64, counters[i].text, n);
	}
}

static void say_capture(const struct capture_counters *c)
{
	char memory[2048];
	struct buf text;

	buf_init_fixed(&text, memory, sizeof(memory));
	add_counters(c, FLOW, "", &text);
	buf_printf(&text, "; lost: %" PRIu64, capture_lost(c));
	add_counters(c, LOSS, ", ", &text);
	add_counters(c, NOTE, "; ", &text);
	log_info("execs: %.*s", STR_ARG(buf_get(&text)));
}

static void add_output(const struct output_counters *c, struct buf *b)
{
	buf_text(b, "output ");
	escape_controls(c->name, b);
	buf_printf(b, " (%s): raised %" PRIu64 " = delivered %" PRIu64 " + failed %" PRIu64
		   " + dropped %" PRIu64 " + pending %" PRIu64,
		   c->type, c->raised, c->delivered, c->failed, c->dropped, c->pending);
	buf_text(b, c->last_error[0] ? "; last error: " : "");
	escape_controls(str_of(c->last_error), b);
}

static void say_output(const struct output_counters *c)
{
	char memory[1024];
	struct buf text;

	buf_init_fixed(&text, memory, sizeof(memory));
	add_output(c, &text);
	log_info("%.*s", STR_ARG(buf_get(&text)));
}

bool report_loss(struct report *r, int64_t now_ns)
{
	struct capture_counters c = capture_counters(session_capture(r->session));
	struct detail detail[ARRAY_SIZE(counters) + 1] = { { "lost", .number = 0 } };
	size_t n_detail = 1;
	uint64_t more;
	char summary[96];

	for (size_t i = 0; i < ARRAY_SIZE(counters); i++) {
		if (counters[i].kind != LOSS)
			continue;
		more = counter(&c, counters[i].offset) - counter(&r->told, counters[i].offset);
		detail[n_detail++] = (struct detail){ counters[i].name, .number = (int64_t)more };
		detail[0].number += (int64_t)more;
	}
	if (detail[0].number == 0)
		return false;
	r->told = c;
	snprintf(summary, sizeof(summary), "%" PRId64 " execs were not reported, or not wholly",
		 detail[0].number);
	engine_raise_self(r->engine, now_ns, "execwatch.loss", SEVERITY_ERROR, str_of(summary), detail,
			  n_detail);
	return true;
}

static void alert_failing(struct report *r, int64_t now_ns, const struct output_counters *c)
{
	const struct detail detail[] = {
		{ "output", .text = c->name },
		{ "failed", .number = (int64_t)c->failed },
		{ "dropped", .number = (int64_t)c->dropped },
		{ "last_error", .text = str_of(c->last_error) },
	};
	char summary[320];

	snprintf(summary, sizeof(summary), "output %.*s does not deliver: %s", STR_ARG(c->name),
		 c->last_error);
	engine_raise_self(r->engine, now_ns, "execwatch.output", SEVERITY_ERROR, str_of(summary), detail,
			  ARRAY_SIZE(detail));
}

/* What the counters of an output say since the last look. True: it began to fail. */
static bool update_health(struct output_health *h, const struct output_counters *c)
{
	uint64_t undelivered = c->failed + c->dropped;
	bool failed = undelivered > h->undelivered, delivered = c->delivered > h->delivered, began;

	began = failed && !h->failing;
	if (!failed && delivered && h->failing)
		log_info("output %.*s delivers again", STR_ARG(c->name));
	h->failing = failed || (h->failing && !delivered);
	h->delivered = c->delivered;
	h->undelivered = undelivered;
	return began;
}

/* False: all are gone. */
static bool check_outputs(struct report *r, int64_t now_ns, bool say)
{
	struct output_counters c[MAX_OUTPUTS];
	size_t n = outputs_counters(r->outputs, c, MAX_OUTPUTS), gone = 0;
	bool began[MAX_OUTPUTS];

	r->n_healthy = 0;
	for (size_t i = 0; i < n; i++) {
		began[i] = update_health(&r->health[i], &c[i]);
		if (began[i] || (say && r->health[i].failing))
			say_output(&c[i]);
		if (!r->health[i].failing)
			r->healthy[r->n_healthy++] = c[i].name;
		gone += c[i].gone;
	}
	for (size_t i = 0; i < n && r->n_healthy; i++)
		if (began[i])
			alert_failing(r, now_ns, &c[i]);
	return n == 0 || gone < n;
}

bool report_tick(struct report *r, int64_t now_ns, int64_t mono_ns)
{
	struct capture_counters c = capture_counters(session_capture(r->session));
	bool say = mono_ns >= r->say_next_ns;

	if (say)
		r->say_next_ns = mono_ns + REPORT_SAY_EVERY_NS;
	if (say && capture_lost(&c))
		say_capture(&c);
	/* The first loss at once, then what came together in a minute. */
	if (mono_ns >= r->tell_loss_next_ns && report_loss(r, now_ns))
		r->tell_loss_next_ns = mono_ns + REPORT_SAY_EVERY_NS;
	return check_outputs(r, now_ns, say);
}

bool report_end(struct report *r)
{
	struct capture_counters capture = capture_counters(session_capture(r->session));
	struct engine_counters engine = engine_counters(r->engine);
	struct output_counters c[MAX_OUTPUTS];
	size_t n = outputs_counters(r->outputs, c, MAX_OUTPUTS);
	uint64_t raised = 0, delivered = 0;

	say_capture(&capture);
	log_info("rules: %" PRIu64 " matches (%" PRIu64 " excepted, %" PRIu64 " observed only, %" PRIu64
		 " undecided, %" PRIu64 " counted, %" PRIu64 " suppressed), %" PRIu64 " alerts",
		 engine.matches, engine.excepted, engine.observed, engine.undecided, engine.counted,
		 engine.suppressed, engine.alerts);
	if (engine.evicted)
		log_info("windows: %" PRIu64 " keys had to go before their time, so that there may be more "
			 "alerts than there should be", engine.evicted);
	for (size_t i = 0; i < n; i++) {
		say_output(&c[i]);
		raised += c[i].raised;
		delivered += c[i].delivered;
	}
	return raised == 0 || delivered > 0;
}

/* What the dearest rules cost; those that nothing gave a reason to look at are not among them. */
static void add_costs(const struct report *r, uint64_t events, struct buf *b)
{
	_cleanup_(free) struct cost_row *rows = NULL;

	if (cost_rows_of(r->engine, r->rules, &rows) < 0) {
		b->error = -ENOMEM;
		return;
	}
	buf_text(b, "dearest rules:  ns/exec  candidates  regex runs\n");
	for (size_t i = 0; i < r->rules->n_rules && i < TEXT_RULES && rows[i].candidates; i++)
		buf_printf(b, "  %21.1f %11" PRIu64 " %11" PRIu64 "  %.*s%s\n", rows[i].ns / (double)events,
			   rows[i].candidates, rows[i].regex_runs, STR_ARG(rows[i].rule->id),
			   rows[i].always ? " (looked at on each exec)" : "");
}

static void write_costs(const struct report *r, uint64_t events, struct json *j)
{
	_cleanup_(free) struct cost_row *rows = NULL;

	if (cost_rows_of(r->engine, r->rules, &rows) < 0) {
		j->b->error = -ENOMEM;
		return;
	}
	json_list(j, "rule_costs");
	for (size_t i = 0; i < r->rules->n_rules && i < JSON_RULES; i++) {
		cost_row_write(j, &rows[i], events);
		json_end_object(j);
	}
	json_end_list(j);
}

/* "2026-11-23T13:05:00Z" */
static void add_second(int64_t ns, struct buf *b)
{
	char text[64];
	struct buf t;

	buf_init_fixed(&t, text, sizeof(text));
	time_write(ns, &t);
	buf_cut(&t, strlen("2026-11-23T13:05:00"));
	buf_str(b, buf_get(&t));
	buf_char(b, 'Z');
}

void report_write_text(const struct report *r, int64_t now_ns, struct buf *b)
{
	struct capture_counters capture = capture_counters(session_capture(r->session));
	struct engine_counters engine = engine_counters(r->engine);
	struct output_counters c[MAX_OUTPUTS];
	size_t n = outputs_counters(r->outputs, c, MAX_OUTPUTS);
	struct str host = session_host(r->session), why = session_why(r->session);

	buf_printf(b, "execwatch " EXECWATCH_VERSION " on %.*s, process %d, since ", STR_ARG(host),
		   (int)getpid());
	add_second(r->since_ns, b);
	buf_text(b, " (");
	duration_write(now_ns > r->since_ns ? now_ns - r->since_ns : 0, b);
	buf_printf(b, ")\nbackend %s%s%.*s\n", capture_backend(session_capture(r->session)),
		   why.len ? ": " : "", STR_ARG(why));
	buf_printf(b, "rules: %zu loaded, %zu skipped, %zu files\n", r->rules->n_rules, r->rules->n_skipped,
		   r->rules->n_files);
	for (size_t i = 0; i < ARRAY_SIZE(engine_rows); i++)
		buf_printf(b, "  %-30s %" PRIu64 "\n", engine_rows[i].name,
			   counter(&engine, engine_rows[i].offset));
	buf_printf(b, "regexes: %s; scanning: %s\n",
		   regex_has_jit() ? "compiled (JIT)" : "interpreted (no JIT)", matcher_simd());
	add_costs(r, engine.events, b);
	buf_printf(b, "execs: %" PRIu64 " lost\n", capture_lost(&capture));
	for (size_t i = 0; i < ARRAY_SIZE(counters); i++)
		buf_printf(b, "  %-30s %" PRIu64 "\n", counters[i].text,
			   counter(&capture, counters[i].offset));
	for (size_t i = 0; i < n; i++) {
		add_output(&c[i], b);
		buf_char(b, '\n');
	}
}

static void write_outputs(const struct report *r, struct json *j)
{
	struct output_counters c[MAX_OUTPUTS];
	size_t n = outputs_counters(r->outputs, c, MAX_OUTPUTS);

	json_list(j, "outputs");
	for (size_t i = 0; i < n; i++) {
		json_object(j, NULL);
		json_str(j, "name", c[i].name);
		json_text(j, "type", c[i].type);
		json_int(j, "raised", (int64_t)c[i].raised);
		json_int(j, "delivered", (int64_t)c[i].delivered);
		json_int(j, "failed", (int64_t)c[i].failed);
		json_int(j, "dropped", (int64_t)c[i].dropped);
		json_int(j, "pending", (int64_t)c[i].pending);
		json_bool(j, "gone", c[i].gone);
		json_text(j, "last_error", c[i].last_error[0] ? c[i].last_error : NULL);
		json_end_object(j);
	}
	json_end_list(j);
}

void report_write_json(const struct report *r, int64_t now_ns, struct buf *b)
{
	struct capture_counters capture = capture_counters(session_capture(r->session));
	struct engine_counters engine = engine_counters(r->engine);
	struct str why = session_why(r->session);
	struct json j = JSON_INIT(b);

	json_object(&j, NULL);
	json_text(&j, "version", EXECWATCH_VERSION);
	json_str(&j, "host", session_host(r->session));
	json_int(&j, "pid", getpid());
	json_time(&j, "since", r->since_ns);
	json_time(&j, "time", now_ns);
	json_text(&j, "backend", capture_backend(session_capture(r->session)));
	json_str(&j, "backend_why", why.len ? why : str_of(NULL));
	json_object(&j, "rules");
	json_int(&j, "loaded", (int64_t)r->rules->n_rules);
	json_int(&j, "skipped", (int64_t)r->rules->n_skipped);
	json_int(&j, "files", (int64_t)r->rules->n_files);
	json_end_object(&j);
	json_object(&j, "capture");
	json_int(&j, "lost", (int64_t)capture_lost(&capture));
	for (size_t i = 0; i < ARRAY_SIZE(counters); i++)
		json_int(&j, counters[i].name, (int64_t)counter(&capture, counters[i].offset));
	json_end_object(&j);
	json_object(&j, "engine");
	for (size_t i = 0; i < ARRAY_SIZE(engine_rows); i++)
		json_int(&j, engine_rows[i].name, (int64_t)counter(&engine, engine_rows[i].offset));
	json_end_object(&j);
	json_bool(&j, "jit", regex_has_jit());
	json_text(&j, "simd", matcher_simd());
	write_costs(r, engine.events, &j);
	write_outputs(r, &j);
	json_end_object(&j);
	buf_char(b, '\n');
}
