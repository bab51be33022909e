/* SPDX-License-Identifier: Apache-2.0 */
/* Alerts about execwatch itself. */
#include <string.h>

#include "base/timefmt.h"
#include "engine/engine_state.h"

/* How long one rule's execwatch.undecided stays silent. */
#define UNDECIDED_PAUSE_NS (600 * NS_PER_S)

/* THE list of alerts about execwatch itself. */
enum self { SELF_LOSS, SELF_UNDECIDED, SELF_RULE_SKIPPED, SELF_EXCEPTION_EXPIRED, SELF_OUTPUT };

static const struct rule self_rules[] = {
	[SELF_LOSS] = { .id = STR("execwatch.loss"), .title = STR("Execs were lost"),
			.severity = SEVERITY_ERROR },
	[SELF_UNDECIDED] = { .id = STR("execwatch.undecided"), .title = STR("A rule could not be decided"),
			     .severity = SEVERITY_WARNING },
	[SELF_RULE_SKIPPED] = { .id = STR("execwatch.rule_skipped"), .title = STR("A rule did not load"),
				.severity = SEVERITY_WARNING },
	[SELF_EXCEPTION_EXPIRED] = { .id = STR("execwatch.exception_expired"),
				     .title = STR("An exception has expired"), .severity = SEVERITY_WARNING },
	[SELF_OUTPUT] = { .id = STR("execwatch.output"), .title = STR("An output does not deliver"),
			  .severity = SEVERITY_ERROR },
};

static void raise_self(struct engine *e, const struct rule *rule, struct str host, int64_t now_ns,
		       struct str summary, const struct detail *detail, size_t n_detail)
{
	struct alert a = { .kind = ALERT_SELF, .time_ns = now_ns, .host = host, .rule = rule };
	struct str about = { NULL, 0 };

	a.summary = summary_plain(&e->summary, summary);
	a.detail = detail;
	a.n_detail = n_detail;
	for (size_t i = 0; i < n_detail && !str_known(about); i++)
		about = detail[i].text;
	engine_raise(e, &a, about, NULL);
}

/* With "TITLE: ABOUT" as summary. */
static void raise_self_about(struct engine *e, enum self self, struct str host, int64_t now_ns,
			     struct str about, const struct detail *detail, size_t n_detail)
{
	char memory[512];
	struct buf b;

	buf_init_fixed(&b, memory, sizeof(memory));
	buf_str(&b, self_rules[self].title);
	buf_text(&b, ": ");
	buf_str(&b, about);
	raise_self(e, &self_rules[self], host, now_ns, buf_get(&b), detail, n_detail);
}

void engine_raise_self(struct engine *e, int64_t now_ns, const char *id, enum severity severity,
		       struct str summary, const struct detail *detail, size_t n_detail)
{
	struct rule rule = { .id = str_of(id), .title = str_of(id) };

	for (size_t i = 0; i < ARRAY_SIZE(self_rules); i++)
		if (str_eq(self_rules[i].id, rule.id))
			rule = self_rules[i];
	rule.severity = severity;
	engine_advance(e, now_ns);
	raise_self(e, &rule, e->options.host, now_ns, summary, detail, n_detail);
}

void engine_start(struct engine *e, int64_t now_ns)
{
	engine_advance(e, now_ns);
	if (!e->options.live)
		return;
	for (size_t i = 0; i < e->rules->n_skipped; i++) {
		const struct skipped_rule *skipped = &e->rules->skipped[i];
		const struct detail detail[] = {
			{ .name = "source", .text = skipped->source },
			{ .name = "message", .text = skipped->message },
			{ .name = "rule", .text = skipped->id },
		};
		size_t n = ARRAY_SIZE(detail) - !str_known(skipped->id);

		raise_self_about(e, SELF_RULE_SKIPPED, e->options.host, now_ns,
				 str_known(skipped->id) ? skipped->id : skipped->source, detail, n);
	}
}

void engine_say_expired(struct engine *e, const struct event *ev, const struct match *m)
{
	const struct exception *x = m->expired;
	bool *said = &state_of(e, m->rule)->expired_said[x - m->rule->exceptions];
	char memory[512];
	struct buf about;
	const struct detail detail[] = {
		{ .name = "rule", .text = m->rule->id },
		{ .name = "exception", .text = x->id },
		{ .name = "until", .text = x->until_day },
	};

	if (*said)
		return;
	*said = true;
	buf_init_fixed(&about, memory, sizeof(memory));
	buf_str(&about, x->id);
	buf_text(&about, " of ");
	buf_str(&about, m->rule->id);
	raise_self_about(e, SELF_EXCEPTION_EXPIRED, host_of(e, ev), time_of(e, ev), buf_get(&about), detail,
			 ARRAY_SIZE(detail));
}

static void say_undecided(struct engine *e, const struct event *ev, const struct rule *rule)
{
	const struct detail detail[] = {
		{ .name = "rule", .text = rule->id },
		{ .name = "source", .text = rule->source },
		{ .name = "undecided", .number = (int64_t)state_of(e, rule)->counters.undecided },
	};

	raise_self_about(e, SELF_UNDECIDED, host_of(e, ev), time_of(e, ev), rule->id, detail,
			 ARRAY_SIZE(detail));
}

void engine_count_undecided(struct engine *e, const struct event *ev, const struct rule *rule)
{
	struct rule_state *state = state_of(e, rule);

	e->counters.undecided++;
	state->counters.undecided++;
	if (state->undecided_said_ns != INT64_MIN &&
	    e->now_ns - state->undecided_said_ns < UNDECIDED_PAUSE_NS)
		return;
	state->undecided_said_ns = e->now_ns;
	say_undecided(e, ev, rule);
}
