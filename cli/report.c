/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The books of a run; see report.h. An output that begins to fail is told of at once, and again every minute
 * while it goes on. The alert about it goes to the others only: to itself it would be one more failure to
 * tell of.
 */
#include "cli/report.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/log.h"
#include "base/timefmt.h"

#define SAY_EVERY_NS (60 * NS_PER_S)

/* Each kind of loss, for people and in the detail of execwatch.loss. */
static const struct {
	const char *name, *text;
	size_t offset;
} losses[] = {
	{ "lost_ring", "ring full", offsetof(struct capture_counters, lost_ring) },
	{ "lost_argv", "no room for a large argv", offsetof(struct capture_counters, lost_argv) },
	{ "lost_start", "start table full", offsetof(struct capture_counters, lost_start) },
	{ "missed", "return missed", offsetof(struct capture_counters, missed) },
	{ "lost_scratch", "scratch in use", offsetof(struct capture_counters, lost_scratch) },
	{ "malformed", "malformed record", offsetof(struct capture_counters, malformed) },
	{ "kernel_missed", "not run by the kernel", offsetof(struct capture_counters, kernel_missed) },
	{ "unaccounted", "unaccounted for", offsetof(struct capture_counters, unaccounted) },
};

static uint64_t loss_of(const struct capture_counters *c, size_t kind)
{
	return *(const uint64_t *)((const char *)c + losses[kind].offset);
}

static void say_capture(const struct capture_counters *c)
{
	char memory[1024];
	struct buf text;

	buf_init_fixed(&text, memory, sizeof(memory));
	buf_printf(&text,
		   "execs: %" PRIu64 " entered, %" PRIu64 " returned, %" PRIu64 " reported; lost: %" PRIu64,
		   c->entries, c->returns, c->delivered, capture_lost(c));
	for (size_t i = 0; i < ARRAY_SIZE(losses); i++)
		if (loss_of(c, i))
			buf_printf(&text, ", %s %" PRIu64, losses[i].text, loss_of(c, i));
	buf_printf(&text, "; argv cut %" PRIu64 ", partly unreadable %" PRIu64, c->argv_cut, c->argv_partial);
	if (c->in_flight)
		buf_printf(&text, "; in flight %" PRIu64, c->in_flight);
	if (c->from_kernel)
		buf_printf(&text, "; started by the kernel %" PRIu64, c->from_kernel);
	if (c->overdue)
		buf_printf(&text, "; reported without a return %" PRIu64, c->overdue);
	buf_printf(&text, "; returns without an entry %" PRIu64 ", new images seen %" PRIu64, c->unmatched,
		   c->execs);
	log_info("%.*s", STR_ARG(buf_get(&text)));
}

static void say_output(const struct output_counters *c)
{
	log_info("output %.*s (%s): raised %" PRIu64 " = delivered %" PRIu64 " + failed %" PRIu64
		 " + dropped %" PRIu64 " + pending %" PRIu64 "%s%s",
		 STR_ARG(c->name), c->type, c->raised, c->delivered, c->failed, c->dropped, c->pending,
		 c->last_error[0] ? "; last error: " : "", c->last_error);
}

void report_loss(struct report *r, int64_t now_ns)
{
	struct capture_counters c = capture_counters(session_capture(r->session));
	uint64_t lost = capture_lost(&c), more = lost - r->lost;
	struct detail detail[ARRAY_SIZE(losses) + 1] = { { "lost", .number = (int64_t)more } };
	char summary[96];

	if (more == 0)
		return;
	r->lost = lost;
	r->loss_said_ns = now_ns;
	for (size_t i = 0; i < ARRAY_SIZE(losses); i++)
		detail[i + 1] = (struct detail){ losses[i].name, .number = (int64_t)loss_of(&c, i) };
	snprintf(summary, sizeof(summary), "%" PRIu64 " execs were not reported, or not wholly", more);
	engine_raise_self(r->engine, now_ns, "execwatch.loss", SEVERITY_ERROR, str_of(summary), detail,
			  ARRAY_SIZE(detail));
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

bool report_tick(struct report *r, int64_t now_ns)
{
	struct capture_counters c = capture_counters(session_capture(r->session));
	bool say = now_ns - r->said_ns >= SAY_EVERY_NS;

	if (say)
		r->said_ns = now_ns;
	if (say && capture_lost(&c))
		say_capture(&c);
	/* The first loss at once, then what came together in a minute. */
	if (now_ns - r->loss_said_ns >= SAY_EVERY_NS)
		report_loss(r, now_ns);
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
		 " undecided), %" PRIu64 " alerts",
		 engine.matches, engine.excepted, engine.observed, engine.undecided, engine.alerts);
	for (size_t i = 0; i < n; i++) {
		say_output(&c[i]);
		raised += c[i].raised;
		delivered += c[i].delivered;
	}
	return raised == 0 || delivered > 0;
}
