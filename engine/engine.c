/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The engine: what becomes of a match. All memory is there before the first event: a state for each rule, and
 * one text that every summary is rendered into, since only one alert exists at a time.
 */
#include "engine/engine.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/text.h"
#include "base/timefmt.h"
#include "engine/stamp.h"
#include "event/template.h"

/* Longest summary, in bytes. */
#define SUMMARY_SIZE 16384
#define ELLIPSIS "\xe2\x80\xa6"

/* How long one rule's execwatch.undecided stays silent. */
#define UNDECIDED_PAUSE_NS (600 * NS_PER_S)

/* What the engine remembers of a rule. */
struct rule_state {
	uint64_t n_undecided;
	int64_t undecided_said_ns;	/* INT64_MIN: never */
	bool *expired_said;		/* by exception */
};

struct engine {
	const struct ruleset *rules;
	struct engine_options options;	/* its texts are the arena's */
	struct arena arena;
	struct matcher *matcher;
	struct match_scratch *scratch;
	struct rule_state *states;	/* by rule */
	struct stamps stamps;
	struct engine_counters counters;
	int64_t now_ns;			/* the latest time seen */
	char summary[SUMMARY_SIZE];
};

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

static int init_states(struct engine *e)
{
	const struct ruleset *rules = e->rules;

	e->states = arena_array(&e->arena, rules->n_rules, sizeof(*e->states));
	if (!e->states)
		return -ENOMEM;
	for (size_t i = 0; i < rules->n_rules; i++) {
		size_t n = rules->rules[i].n_exceptions;

		e->states[i].undecided_said_ns = INT64_MIN;
		e->states[i].expired_said = arena_array(&e->arena, n, sizeof(bool));
		if (!e->states[i].expired_said)
			return -ENOMEM;
	}
	return 0;
}

int engine_new(const struct ruleset *rules, const struct engine_options *options, struct engine **ret)
{
	_cleanup_(engine_free) struct engine *e = calloc(1, sizeof(*e));
	int r;

	if (!e)
		return -ENOMEM;
	e->rules = rules;
	e->options = *options;
	e->options.host = arena_str(&e->arena, options->host);
	e->options.backend = arena_str(&e->arena, options->backend);
	if (str_known(e->options.host) != str_known(options->host) ||
	    str_known(e->options.backend) != str_known(options->backend))
		return -ENOMEM;
	stamps_init(&e->stamps, options->seed);

	r = init_states(e);
	if (r == 0)
		r = matcher_new(rules, &e->matcher);
	if (r == 0)
		r = match_scratch_new(e->matcher, &e->scratch);
	if (r < 0)
		return r;
	*ret = TAKE_PTR(e);
	return 0;
}

struct engine *engine_free(struct engine *e)
{
	if (e) {
		match_scratch_free(e->scratch);
		matcher_free(e->matcher);
		arena_done(&e->arena);
	}
	free(e);
	return NULL;
}

static void advance(struct engine *e, int64_t now_ns)
{
	if (now_ns > e->now_ns)
		e->now_ns = now_ns;
}

/* Over the engine's one text, with room left for the ellipsis. */
static struct buf summary_begin(struct engine *e)
{
	struct buf b;

	buf_init_fixed(&b, e->summary, sizeof(e->summary) - strlen(ELLIPSIS));
	return b;
}

/* Where not everything went in, what did ends with a whole character and an ellipsis. */
static struct str summary_end(struct buf *b)
{
	size_t len = b->len;

	if (b->error) {
		for (size_t back = 1; back <= 3 && back <= b->len; back++) {
			struct str tail = { b->p + b->len - back, back };

			if ((unsigned char)tail.p[0] >= 0xc0 && utf8_length(tail) == 0)
				len = b->len - back;
		}
		buf_cut(b, len);
		b->cap += strlen(ELLIPSIS);
		buf_text(b, ELLIPSIS);
	}
	return buf_get(b);
}

static struct str match_summary(struct engine *e, const struct rule *rule, const struct event *ev)
{
	struct template_var items[RULE_MAX_VARS] = { { NULL, { NULL, 0 } } };
	const struct template_vars vars = { items, rule->vars->n };
	struct buf b = summary_begin(e);

	items[RULE_VAR_TITLE].value = rule->title;
	items[RULE_VAR_ID].value = rule->id;
	items[RULE_VAR_SEVERITY].value = str_of(severity_names[rule->severity]);
	template_render(rule->summary, ev, &vars, &b);
	return summary_end(&b);
}

static void raise_alert(struct engine *e, struct alert *a, struct str key)
{
	a->ruleset = str_of(e->rules->sha256);
	a->backend = e->options.backend;
	stamps_put(&e->stamps, a, key);
	e->counters.alerts++;
	e->options.raise(e->options.ctx, a);
}

static void raise_self(struct engine *e, const struct rule *rule, struct str host, int64_t now_ns,
		       struct str summary, const struct detail *detail, size_t n_detail)
{
	struct buf b = summary_begin(e);
	struct alert a = { .kind = ALERT_SELF, .time_ns = now_ns, .host = host, .rule = rule };
	struct str key = { NULL, 0 };

	escape_controls(summary, &b);
	a.summary = summary_end(&b);
	a.detail = detail;
	a.n_detail = n_detail;
	for (size_t i = 0; i < n_detail && !str_known(key); i++)
		key = detail[i].text;
	raise_alert(e, &a, key);
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
	advance(e, now_ns);
	raise_self(e, &rule, e->options.host, now_ns, summary, detail, n_detail);
}

void engine_start(struct engine *e, int64_t now_ns)
{
	advance(e, now_ns);
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

/* Where and when an event's alerts are. */
static struct str host_of(const struct engine *e, const struct event *ev)
{
	return str_known(ev->host) ? ev->host : e->options.host;
}

static int64_t time_of(const struct engine *e, const struct event *ev)
{
	return ev->time.known ? ev->time.value : e->now_ns;
}

static struct rule_state *state_of(struct engine *e, const struct rule *rule)
{
	return &e->states[rule - e->rules->rules];
}

static void say_expired(struct engine *e, const struct event *ev, const struct match *m)
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
		{ .name = "undecided", .number = (int64_t)state_of(e, rule)->n_undecided },
	};

	raise_self_about(e, SELF_UNDECIDED, host_of(e, ev), time_of(e, ev), rule->id, detail,
			 ARRAY_SIZE(detail));
}

static void count_undecided(struct engine *e, const struct event *ev, const struct rule *rule)
{
	struct rule_state *state = state_of(e, rule);

	e->counters.undecided++;
	state->n_undecided++;
	if (state->undecided_said_ns != INT64_MIN &&
	    e->now_ns - state->undecided_said_ns < UNDECIDED_PAUSE_NS)
		return;
	state->undecided_said_ns = e->now_ns;
	say_undecided(e, ev, rule);
}

static void take_match(struct engine *e, const struct event *ev, const struct match *m)
{
	struct alert a = {
		.kind = ALERT_MATCH,
		.time_ns = time_of(e, ev),
		.host = host_of(e, ev),
		.rule = m->rule,
		.event = ev,
		.undecided = m->outcome == TRUTH_UNDECIDED,
	};

	if (m->expired && e->options.live)
		say_expired(e, ev, m);
	if (m->exception) {
		e->counters.excepted++;
		return;
	}
	if (a.undecided) {
		count_undecided(e, ev, m->rule);
		if (m->rule->severity > SEVERITY_ERROR)
			return;
	} else {
		e->counters.matches++;
	}
	if (m->rule->mode == MODE_OBSERVE) {
		e->counters.observed++;
		return;
	}
	a.summary = match_summary(e, m->rule, ev);
	raise_alert(e, &a, (struct str){ NULL, 0 });
}

void engine_feed(struct engine *e, const struct event *ev)
{
	const struct match *matches;
	int64_t end_ns;
	size_t n;

	if (ev->time.known)
		advance(e, ev->time.value);
	if (ev->time.known && ev->duration.known &&
	    !__builtin_add_overflow(ev->time.value, ev->duration.value, &end_ns))
		advance(e, end_ns);
	e->counters.events++;
	n = matcher_run(e->matcher, ev, e->scratch, &matches);
	for (size_t i = 0; i < n; i++)
		take_match(e, ev, &matches[i]);
}

void engine_tick(struct engine *e, int64_t now_ns)
{
	advance(e, now_ns);
}

struct engine_counters engine_counters(const struct engine *e)
{
	return e->counters;
}
