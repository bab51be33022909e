/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The engine: what becomes of a match. All memory is there before the first event: a state for each rule,
 * the windows, and one text that every summary is rendered into, since only one alert exists at a time.
 */
#include "engine/engine.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "engine/engine_state.h"
#include "engine/keep.h"

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
		e->states[i].excepted = arena_array(&e->arena, n, sizeof(uint64_t));
		if (!e->states[i].expired_said || !e->states[i].excepted)
			return -ENOMEM;
	}
	return 0;
}

static void raise_owed(void *ctx, struct owed *o);

static int init_windows(struct engine *e)
{
	const struct windows_options options = {
		.memory = e->options.window_memory ? e->options.window_memory : WINDOW_MEMORY,
		.max_keys = WINDOW_MAX_KEYS,
		.seed = e->options.seed,
		.owed = raise_owed,
		.ctx = e,
	};

	/* One block that is large enough once and for all. */
	if (!arena_alloc(&e->kept_arena, KEPT_ARENA_SIZE))
		return -ENOMEM;
	arena_reset(&e->kept_arena);
	return windows_new(e->rules, &options, &e->windows);
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
		r = init_windows(e);
	if (r == 0 && options->plain)
		r = plain_new(rules, &e->plain);
	if (r == 0 && !options->plain)
		r = matcher_new(rules, &e->matcher);
	if (r == 0 && !options->plain)
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
		free(e->costs);
		matcher_free(e->matcher);
		plain_free(e->plain);
		windows_free(e->windows);
		arena_done(&e->kept_arena);
		arena_done(&e->arena);
	}
	free(e);
	return NULL;
}

void engine_raise(struct engine *e, struct alert *a, struct str about, const struct alert_key *key)
{
	a->ruleset = str_of(e->rules->sha256);
	a->backend = e->options.backend;
	stamps_put(&e->stamps, a, about, key ? key->pair : NULL, key ? key->n : 0);
	e->counters.alerts++;
	e->options.raise(e->options.ctx, a);
}

static void set_pairs(struct alert_key *key, const struct key_fields *by)
{
	key->n = by->n;
	for (size_t i = 0; i < by->n; i++)
		key->pair[i] = (struct pair){ by->name[i], key->values.value[i] };
}

static void make_key(struct alert_key *key, const struct key_fields *by, const struct alert *a)
{
	key_values(by, a->host, a->event, &key->values);
	set_pairs(key, by);
}

/* What a throttle held back. With mode observe nobody hears of it, but the next silence begins just so. */
static void raise_owed(void *ctx, struct owed *o)
{
	struct engine *e = ctx;
	struct alert_key key = { .values = *o->key };
	struct alert a = {
		.kind = ALERT_SUMMARY,
		.time_ns = o->time_ns,
		.host = key.values.host,
		.rule = o->rule,
		.event = &e->kept,
		.count = o->suppressed,
		.window_ns = o->time_ns - o->since_ns,
		.key = key.pair,
		.suppressed = o->suppressed,
		.first_id = o->first_id,
	};

	state_of(e, o->rule)->counters.summaries++;
	if (o->rule->mode == MODE_OBSERVE)
		return;
	e->counters.summaries++;
	set_pairs(&key, &o->rule->throttle->by);
	a.n_key = key.n;
	event_kept(o->record, &e->kept_arena, &e->kept);
	a.summary = summary_render(&e->summary, &a);
	engine_raise(e, &a, (struct str){ NULL, 0 }, &key);
	memcpy(o->id, a.id, sizeof(o->id));
}

/* False: the match is counted, and there are not enough yet. */
static bool pass_threshold(struct engine *e, struct alert *a, uint16_t host)
{
	size_t rule = (size_t)(a->rule - e->rules->rules);
	struct rule_counters *c = &e->states[rule].counters;
	uint32_t count;
	bool enough = threshold_take(e->windows, rule, a->host, host, a->event, &count);

	if (count > c->peak) {
		c->peak = count;
		c->peak_ns = a->time_ns;
	}
	if (!enough) {
		e->counters.counted++;
		c->counted++;
		return false;
	}
	a->kind = ALERT_THRESHOLD;
	a->count = count;
	a->window_ns = a->rule->threshold->within_ns;
	return true;
}

/* False: held back. */
static bool pass_throttle(struct engine *e, const struct alert *a, uint16_t host)
{
	size_t rule = (size_t)(a->rule - e->rules->rules);

	if (throttle_take(e->windows, rule, a->host, host, a->event))
		return true;
	e->counters.suppressed++;
	e->states[rule].counters.suppressed++;
	return false;
}

/* Raises what passed, or counts it where the rule is only observed. The fingerprint is that of the
 * summaries to come, where there may be some. */
static void raise_match(struct engine *e, struct alert *a)
{
	struct rule_counters *c = &state_of(e, a->rule)->counters;
	struct alert_key shown, key;

	if (a->rule->mode == MODE_OBSERVE) {
		e->counters.observed++;
		c->observed += !a->undecided;
		return;
	}
	key.n = shown.n = 0;
	if (a->rule->threshold)
		make_key(&key, &a->rule->threshold->by, a);
	if (a->kind == ALERT_THRESHOLD) {
		make_key(&shown, &a->rule->threshold->by, a);
		a->key = shown.pair;
		a->n_key = shown.n;
	}
	if (a->rule->throttle)
		make_key(&key, &a->rule->throttle->by, a);
	a->summary = summary_render(&e->summary, a);
	c->alerts += !a->undecided;
	engine_raise(e, a, (struct str){ NULL, 0 }, &key);
}

static void take_decided(struct engine *e, struct alert *a, uint16_t host)
{
	const struct rule *rule = a->rule;
	size_t number = (size_t)(rule - e->rules->rules);

	e->counters.matches++;
	e->states[number].counters.matches++;
	if (rule->threshold && !pass_threshold(e, a, host))
		return;
	if (rule->throttle && !pass_throttle(e, a, host))
		return;
	raise_match(e, a);
	if (rule->throttle)
		throttle_begin(e->windows, number, a->host, host, a->event, a->id);
}

static void take_match(struct engine *e, const struct event *ev, const struct match *m, uint16_t host)
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
		engine_say_expired(e, ev, m);
	if (m->exception) {
		e->counters.excepted++;
		state_of(e, m->rule)->counters.excepted++;
		state_of(e, m->rule)->excepted[m->exception - m->rule->exceptions]++;
		return;
	}
	if (!a.undecided) {
		take_decided(e, &a, host);
		return;
	}
	engine_count_undecided(e, ev, m->rule);
	if (m->rule->severity <= SEVERITY_ERROR)
		raise_match(e, &a);
}

/* When the exec was over, as far as that is known; INT64_MIN: not at all. */
static int64_t end_of(const struct event *ev)
{
	int64_t end_ns;

	if (!ev->time.known)
		return INT64_MIN;
	if (!ev->duration.known || __builtin_add_overflow(ev->time.value, ev->duration.value, &end_ns))
		return ev->time.value;
	return end_ns > ev->time.value ? end_ns : ev->time.value;
}

void engine_feed(struct engine *e, const struct event *ev)
{
	const struct match *matches;
	uint16_t host;
	size_t n;

	engine_advance(e, end_of(ev));
	e->counters.events++;
	host = windows_advance(e->windows, host_of(e, ev), end_of(ev));
	n = e->plain ? plain_run(e->plain, ev, &matches) :
		       matcher_run(e->matcher, ev, e->scratch, &matches);
	for (size_t i = 0; i < n; i++)
		take_match(e, ev, &matches[i], host);
}

void engine_tick(struct engine *e, int64_t now_ns)
{
	engine_advance(e, now_ns);
	windows_tick(e->windows, now_ns);
}

void engine_finish(struct engine *e)
{
	windows_finish(e->windows);
}

/* What has been said once of a rule that is in both. */
static void adopt_said(struct engine *e, size_t i, const struct engine *old, size_t j)
{
	const struct rule *rule = &e->rules->rules[i], *was = &old->rules->rules[j];

	e->states[i].undecided_said_ns = old->states[j].undecided_said_ns;
	for (size_t x = 0; x < rule->n_exceptions; x++)
		for (size_t y = 0; y < was->n_exceptions; y++)
			if (str_eq(rule->exceptions[x].id, was->exceptions[y].id) &&
			    rule->exceptions[x].until_ns == was->exceptions[y].until_ns)
				e->states[i].expired_said[x] = old->states[j].expired_said[y];
}

void engine_adopt(struct engine *e, struct engine *old)
{
	size_t j = 0;

	engine_advance(e, old->now_ns);
	windows_adopt(e->windows, old->windows);
	windows_finish(old->windows);
	e->stamps = old->stamps;
	for (size_t i = 0; i < e->rules->n_rules; i++) {
		struct str id = e->rules->rules[i].id;

		while (j < old->rules->n_rules && str_cmp(old->rules->rules[j].id, id) < 0)
			j++;
		if (j < old->rules->n_rules && str_eq(old->rules->rules[j].id, id))
			adopt_said(e, i, old, j);
	}
}

struct engine_counters engine_counters(const struct engine *e)
{
	struct engine_counters counters = e->counters;

	counters.evicted = windows_evicted(e->windows);
	return counters;
}

struct rule_counters engine_rule_counters(const struct engine *e, size_t rule)
{
	return e->states[rule].counters;
}

int engine_count_costs(struct engine *e, clock_fn clock, unsigned int every)
{
	if (!e->costs)
		e->costs = calloc(e->rules->n_rules + 1, sizeof(*e->costs));
	if (!e->costs)
		return -ENOMEM;
	match_scratch_count(e->scratch, e->costs, clock, every);
	return 0;
}

struct rule_cost engine_rule_cost(const struct engine *e, size_t rule)
{
	return e->costs ? e->costs[rule] : (struct rule_cost){ 0 };
}

bool engine_asks_always(const struct engine *e, size_t rule)
{
	return matcher_asks_always(e->matcher, &e->rules->rules[rule]);
}

uint64_t engine_excepted(const struct engine *e, size_t rule, size_t exception)
{
	return e->states[rule].excepted[exception];
}
