/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Windows against a model that keeps everything and searches it from end to end: the same alerts, one by one,
 * for random rules and streams of execs on two hosts, out of order and with ticks in between. And where keys
 * have to go: nothing is missing.
 */
#include "tests/unit/window_alerts.h"

#include "engine/window.h"

#define N_HOSTS 2
#define N_KEYS 8
#define N_VALUES 6
#define N_STEPS 3000
#define MS INT64_C(1000000)

static uint64_t random_state;

static uint32_t draw(uint32_t n)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return (uint32_t)(random_state >> 32) % n;
}

/* A rule drawn at random. */
struct spec {
	bool threshold, distinct, throttle;
	uint32_t count;
	int64_t within, every;
	bool threshold_by, throttle_by;
};

/* Key and value 0 are unknown. */
struct model {
	struct spec spec;
	int64_t now[N_HOSTS];
	struct model_match {
		int64_t ns;
		unsigned int value;
	} match[N_HOSTS][N_KEYS][N_STEPS];
	size_t n[N_HOSTS][N_KEYS];
	struct silence {
		bool active;
		int64_t since, order;
		uint64_t suppressed;
	} silence[N_HOSTS][N_KEYS];
	int64_t order;
	struct buf alerts;
};

static const char *const hosts[N_HOSTS] = { "h", "g" };

static void text_of(unsigned int n, const char *unknown, char *text, size_t size)
{
	snprintf(text, size, "%u", n);
	if (n == 0)
		snprintf(text, size, "%s", unknown);
}

static void say(struct model *m, const char *kind, int64_t ns, int host, uint64_t count, uint64_t suppressed,
		int64_t window, bool by, unsigned int key)
{
	char text[16];

	buf_printf(&m->alerts, "%s %lld r %s", kind, (long long)(ns / MS), hosts[host]);
	if (count)
		buf_printf(&m->alerts, " count=%llu", (unsigned long long)count);
	if (suppressed)
		buf_printf(&m->alerts, " suppressed=%llu", (unsigned long long)suppressed);
	if (window) {
		buf_text(&m->alerts, " window=");
		seconds_write(window, &m->alerts);
	}
	text_of(key, "?", text, sizeof(text));
	if (by)
		buf_printf(&m->alerts, " key.comm=%s", text);
	buf_char(&m->alerts, '\n');
}

/* The summary of a silence, if it has one; it is then a new one that begins at @ns. */
static void sum_up(struct model *m, int host, unsigned int key, int64_t ns)
{
	struct silence *s = &m->silence[host][key];

	s->active = s->suppressed > 0;
	if (!s->active)
		return;
	say(m, "summary", ns, host, s->suppressed, s->suppressed, ns - s->since, m->spec.throttle_by, key);
	*s = (struct silence){ .active = true, .since = ns, .order = m->order++ };
}

/* The silence of that host which ends first; -1: there is none. */
static int first_silence(const struct model *m, int host)
{
	int best = -1;

	for (int i = 0; i < N_KEYS; i++) {
		const struct silence *s = &m->silence[host][i];
		const struct silence *b = best < 0 ? NULL : &m->silence[host][best];

		if (s->active && (!b || s->since < b->since || (s->since == b->since && s->order < b->order)))
			best = i;
	}
	return best;
}

static void model_advance(struct model *m, int host, int64_t ns)
{
	int first;

	if (ns > m->now[host])
		m->now[host] = ns;
	while ((first = first_silence(m, host)) >= 0) {
		int64_t due = m->silence[host][first].since + m->spec.every;

		if (due > m->now[host])
			return;
		sum_up(m, host, (unsigned int)first, due);
	}
}

static void model_finish(struct model *m)
{
	int first;

	for (int host = 0; host < N_HOSTS; host++)
		while ((first = first_silence(m, host)) >= 0) {
			sum_up(m, host, (unsigned int)first, m->now[host]);
			m->silence[host][first].active = false;
		}
}

/* 0: not enough; else the count. */
static uint64_t model_count(struct model *m, int host, unsigned int key, unsigned int value)
{
	struct model_match *match = m->match[host][key];
	size_t *n = &m->n[host][key], kept = 0;

	if (m->spec.distinct && value == 0)
		return 0;
	for (size_t i = 0; i < *n; i++)
		if (m->now[host] - match[i].ns <= m->spec.within &&
		    !(m->spec.distinct && match[i].value == value))
			match[kept++] = match[i];
	match[kept++] = (struct model_match){ m->now[host], value };
	*n = kept >= m->spec.count ? 0 : kept;
	return *n ? 0 : kept;
}

static void model_match(struct model *m, int host, int64_t time, unsigned int key, unsigned int value)
{
	unsigned int by = m->spec.threshold_by ? key : 0, quiet = m->spec.throttle_by ? key : 0;
	struct silence *s = &m->silence[host][quiet];
	uint64_t count = 0;

	if (m->spec.threshold) {
		count = model_count(m, host, by, value);
		if (!count)
			return;
	}
	if (m->spec.throttle && s->active) {
		s->suppressed++;
		return;
	}
	say(m, m->spec.threshold ? "threshold" : "match", time, host, count, 0,
	    m->spec.threshold ? m->spec.within : 0, m->spec.threshold && m->spec.threshold_by, by);
	if (m->spec.throttle)
		*s = (struct silence){ .active = true, .since = m->now[host], .order = m->order++ };
}

static void draw_spec(struct spec *s, struct buf *yaml)
{
	*s = (struct spec){
		.threshold = draw(4) > 0, .throttle = draw(4) > 0, .distinct = draw(2),
		.count = 1 + draw(draw(2) ? 30 : 4), .within = (1 + draw(5000)) * MS,
		.every = (1 + draw(5000)) * MS, .threshold_by = draw(4) > 0, .throttle_by = draw(4) > 0,
	};
	buf_text(yaml, "version: 1\nrules:\n  - id: r\n    match: {}\n");
	if (s->threshold)
		buf_printf(yaml, "    threshold: { count: %u, within: %lldms%s%s }\n", s->count,
			   (long long)(s->within / MS), s->threshold_by ? ", by: comm" : "",
			   s->distinct ? ", distinct: user" : "");
	if (s->throttle)
		buf_printf(yaml, "    throttle: { every: %lldms%s }\n", (long long)(s->every / MS),
			   s->throttle_by ? ", by: [comm]" : "");
	buf_char(yaml, '\0');
}

/* An exec for both. Time goes forward by fits and starts, and some execs come late. */
static void step(struct fixture *f, struct model *m, int64_t *clock)
{
	unsigned int key = draw(N_KEYS), value = draw(N_VALUES);
	int host = (int)draw(N_HOSTS);
	char comm[16], user[16];
	struct event ev;
	int64_t time;

	clock[host] += draw(20) ? draw(400) * MS : draw(20000) * MS;
	time = clock[host] - (draw(3) ? 0 : draw(3000) * MS);
	if (time < 0)
		time = 0;
	text_of(key, "", comm, sizeof(comm));
	text_of(value, "", user, sizeof(user));
	event_clear(&ev);
	ev.host = str_of(hosts[host]);
	ev.time = NUM(time);
	if (draw(2))
		ev.duration = NUM(draw(300) * MS);
	ev.comm = str_of(key ? comm : NULL);
	ev.user = str_of(value ? user : NULL);
	engine_feed(f->engine, &ev);
	model_advance(m, host, time + (ev.duration.known ? ev.duration.value : 0));
	model_match(m, host, time, key, value);
}

static void one_stream(uint64_t seed, size_t *n_alerts)
{
	static struct model m;
	struct buf yaml = BUF_INIT;
	int64_t clock[N_HOSTS] = { 0, 50000 * MS };
	struct fixture f;

	random_state = seed * UINT64_C(0x9e3779b97f4a7c15) + 1;
	m = (struct model){ .alerts = BUF_INIT };
	draw_spec(&m.spec, &yaml);
	begin_with(&f, yaml.p, seed, (size_t)4 << 20);
	for (int i = 0; i < N_STEPS; i++)
		step(&f, &m, clock);
	for (int host = 0; host < N_HOSTS; host++) {
		m.now[host] += 20000 * MS;
		model_advance(&m, host, 0);
		feed(&f, hosts[host], m.now[host] / MS, NULL, NULL);
		model_match(&m, host, m.now[host], 0, 0);
	}
	if (!str_eq(buf_get(&f.alerts), buf_get(&m.alerts)))
		fail_msg("seed %llu: got\n%.*s\nwant\n%.*s\n%s", (unsigned long long)seed,
			 STR_ARG(buf_get(&f.alerts)), STR_ARG(buf_get(&m.alerts)), yaml.p);
	buf_reset(&f.alerts);
	buf_reset(&m.alerts);
	/* In the order of hosts, which is that of their hashed names. */
	model_finish(&m);
	engine_finish(f.engine);
	assert_int_equal(f.alerts.len, m.alerts.len);
	*n_alerts += f.n;
	buf_done(&m.alerts);
	buf_done(&yaml);
	end(&f);
}

static void as_the_model_has_it(void **state)
{
	size_t n_alerts = 0;

	for (uint64_t seed = 1; seed <= 80; seed++)
		one_stream(seed, &n_alerts);
	assert_true(n_alerts > 1000);
}

/* Keys beyond what there is room for: what is told of each, and what should be. */
#define N_CROWD 400

static const char no_id[UUID_TEXT_SIZE];

struct crowd {
	struct loaded l;
	struct windows *w;
	uint64_t summaries, summed;
};

static void on_owed(void *ctx, struct owed *o)
{
	struct crowd *c = ctx;

	assert_true(o->suppressed > 0);
	assert_true(o->time_ns >= o->since_ns);
	assert_true(str_known(o->key->host) && str_known(o->key->value[0]));
	assert_true(str_known(o->record));
	c->summaries++;
	c->summed += o->suppressed;
}

static void begin_crowd(struct crowd *c, const char *yaml, uint64_t seed, size_t memory, uint32_t max_keys)
{
	const struct windows_options options = {
		.memory = memory, .max_keys = max_keys, .seed = seed, .owed = on_owed, .ctx = c,
	};

	*c = (struct crowd){ .w = NULL };
	rules_from(&c->l, yaml);
	assert_int_equal(windows_new(c->l.rules, &options, &c->w), 0);
}

static void end_crowd(struct crowd *c)
{
	windows_free(c->w);
	rules_done(&c->l);
}

/* Few keys come often, many now and then. */
static unsigned int draw_key(void)
{
	return draw(3) ? draw(8) : draw(N_CROWD);
}

/* For every key and at every time: no fewer alerts than with room for all. */
static void no_alert_is_missing(uint64_t seed, size_t memory, uint32_t max_keys, bool distinct)
{
	static struct model m;
	static unsigned int got[N_HOSTS][N_CROWD], want[N_HOSTS][N_CROWD];
	static struct model_match match[N_HOSTS][N_CROWD][64];
	static size_t n[N_HOSTS][N_CROWD];
	char yaml[256], comm[16], user[16];
	int64_t clock[N_HOSTS] = { 0 };
	struct event ev;
	struct crowd c;
	uint32_t count, peak;

	random_state = seed * UINT64_C(0x9e3779b97f4a7c15) + 1;
	m.spec = (struct spec){ .count = 2 + draw(8), .within = (1 + draw(20000)) * MS };
	snprintf(yaml, sizeof(yaml),
		 "version: 1\nrules:\n  - id: r\n    match: {}\n"
		 "    threshold: { count: %u, within: %lldms, by: comm%s }\n",
		 m.spec.count, (long long)(m.spec.within / MS), distinct ? ", distinct: user" : "");
	begin_crowd(&c, yaml, seed, memory, max_keys);
	memset(got, 0, sizeof(got));
	memset(want, 0, sizeof(want));
	memset(n, 0, sizeof(n));
	for (int i = 0; i < 20000; i++) {
		unsigned int key = draw_key(), value = 1 + draw(12);
		int host = draw(8) == 0;
		struct model_match *of = match[host][key];
		size_t kept = 0;

		clock[host] += draw(100) ? draw(20) * MS : draw(30000) * MS;
		text_of(key, "0", comm, sizeof(comm));
		text_of(value, "0", user, sizeof(user));
		event_clear(&ev);
		ev.comm = str_of(comm);
		ev.user = str_of(user);
		count = windows_advance(c.w, str_of(hosts[host]), clock[host]);
		got[host][key] += threshold_take(c.w, 0, str_of(hosts[host]), (uint16_t)count, &ev, &peak);
		for (size_t k = 0; k < n[host][key]; k++)
			if (clock[host] - of[k].ns <= m.spec.within && !(distinct && of[k].value == value))
				of[kept++] = of[k];
		of[kept++] = (struct model_match){ clock[host], value };
		n[host][key] = kept >= m.spec.count ? 0 : kept;
		want[host][key] += n[host][key] == 0;
		if (got[host][key] < want[host][key])
			fail_msg("seed %llu: at step %d key %u has %u alerts, not %u",
				 (unsigned long long)seed, i, key, got[host][key], want[host][key]);
	}
	assert_true(windows_evicted(c.w) > 0);
	end_crowd(&c);
}

static void a_crowd_of_counts(void **state)
{
	for (uint64_t seed = 1; seed <= 20; seed++) {
		no_alert_is_missing(seed, (size_t)4 << 20, 1 + (uint32_t)seed * 2, seed % 2);
		no_alert_is_missing(seed, 68 * (20 + seed), WINDOW_MAX_KEYS, seed % 2);
	}
	/* With no memory at all every match alerts. */
	no_alert_is_missing(1, 68 * 3, WINDOW_MAX_KEYS, true);
}

/* Every alert is raised, or summed up in one summary. */
static void a_crowd_of_silences(void **state)
{
	char comm[16];
	struct event ev;
	struct crowd c;

	for (uint64_t seed = 1; seed <= 20; seed++) {
		int64_t clock[N_HOSTS] = { 0 };
		uint64_t raised = 0, n = 0;

		random_state = seed * UINT64_C(0x9e3779b97f4a7c15) + 1;
		begin_crowd(&c, "version: 1\nrules:\n"
				"  - { id: r, match: {}, throttle: { every: 5s, by: [comm] } }\n"
				"  - { id: s, match: {}, throttle: { every: 7s, by: [comm, user] } }\n",
			    seed, seed % 2 ? 68 * 100 : (size_t)4 << 20, seed % 2 ? WINDOW_MAX_KEYS : 10);
		for (int i = 0; i < 20000; i++) {
			int host = (int)draw(N_HOSTS), rule = (int)draw(2);
			uint16_t number;

			clock[host] += draw(100) ? draw(20) * MS : draw(30000) * MS;
			text_of(draw_key(), "0", comm, sizeof(comm));
			event_clear(&ev);
			ev.comm = str_of(comm);
			number = windows_advance(c.w, str_of(hosts[host]), clock[host]);
			n++;
			if (!throttle_take(c.w, (size_t)rule, str_of(hosts[host]), number, &ev))
				continue;
			raised++;
			throttle_begin(c.w, (size_t)rule, str_of(hosts[host]), number, &ev, no_id);
		}
		windows_finish(c.w);
		assert_true(raised + c.summed == n);
		assert_true(c.summaries > 0);
		assert_true(windows_evicted(c.w) > 0);
		end_crowd(&c);
	}
}

/* A flood of one rule's keys takes nothing from another's. */
static void a_flood_takes_from_itself(void **state)
{
	char comm[16];
	struct event ev;
	struct crowd c;
	uint32_t count;
	bool fired = false;

	begin_crowd(&c, "version: 1\nrules:\n"
			"  - { id: flood, match: {}, throttle: { every: 1h, by: [comm] } }\n"
			"  - { id: quiet, match: {}, threshold: { count: 5, within: 1h } }\n",
		    1, 68 * 1000, WINDOW_MAX_KEYS);
	event_clear(&ev);
	for (int i = 0; i < 50000; i++) {
		uint16_t number = windows_advance(c.w, STR_LIT("h"), i * MS);

		snprintf(comm, sizeof(comm), "%d", i);
		ev.comm = str_of(comm);
		if (i % 10000 == 0) {
			fired = threshold_take(c.w, 1, STR_LIT("h"), number, &ev, &count);
			assert_int_equal(count, 1 + i / 10000);
		}
		assert_true(throttle_take(c.w, 0, STR_LIT("h"), number, &ev));
		throttle_begin(c.w, 0, STR_LIT("h"), number, &ev, no_id);
	}
	assert_true(fired);
	end_crowd(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(as_the_model_has_it),
		cmocka_unit_test(a_crowd_of_counts),
		cmocka_unit_test(a_crowd_of_silences),
		cmocka_unit_test(a_flood_takes_from_itself),
	};

	return cmocka_run_group_tests_name("window_random", tests, NULL, NULL);
}
