/* SPDX-License-Identifier: Apache-2.0 */
/* An engine whose alerts become lines of text, for tests of windows. */
#ifndef TESTS_UNIT_WINDOW_ALERTS_H
#define TESTS_UNIT_WINDOW_ALERTS_H

#include "tests/unit/rules.h"

#include "base/text.h"
#include "base/timefmt.h"
#include "engine/engine.h"

struct fixture {
	struct loaded l;
	struct arena arena;
	struct engine *engine;
	struct buf alerts;		/* a line each, see write_alert() */
	size_t n;
	/* Of the last one. */
	char id[37], first_id[37], fingerprint[17];
	char summary[256];
	struct buf json;
};

/* "KIND TIME RULE HOST count=N suppressed=N window=S key.FIELD=VALUE ...", times in milliseconds. */
static inline void write_alert(const struct alert *a, struct buf *b)
{
	buf_printf(b, "%s %lld %.*s %.*s", alert_kind_names[a->kind], (long long)(a->time_ns / 1000000),
		   STR_ARG(a->rule->id), STR_ARG(a->host));
	if (a->count)
		buf_printf(b, " count=%llu", (unsigned long long)a->count);
	if (a->suppressed)
		buf_printf(b, " suppressed=%llu", (unsigned long long)a->suppressed);
	if (a->window_ns) {
		buf_text(b, " window=");
		seconds_write(a->window_ns, b);
	}
	for (size_t i = 0; i < a->n_key; i++)
		buf_printf(b, " key.%.*s=%.*s", STR_ARG(a->key[i].name),
			   STR_ARG(str_known(a->key[i].value) ? a->key[i].value : STR_LIT("?")));
	buf_char(b, '\n');
}

static inline void keep_alert(void *ctx, const struct alert *a)
{
	struct fixture *f = ctx;

	write_alert(a, &f->alerts);
	memcpy(f->id, a->id, sizeof(f->id));
	snprintf(f->first_id, sizeof(f->first_id), "%.*s", STR_ARG(a->first_id));
	memcpy(f->fingerprint, a->fingerprint, sizeof(f->fingerprint));
	snprintf(f->summary, sizeof(f->summary), "%.*s", STR_ARG(a->summary));
	buf_reset(&f->json);
	alert_write(a, &f->json);
	f->n++;
}

static inline void begin_with(struct fixture *f, const char *yaml, uint64_t seed, size_t memory)
{
	struct engine_options options = {
		.host = STR("here"),
		.backend = STR("test"),
		.seed = seed,
		.window_memory = memory,
		.raise = keep_alert,
		.ctx = f,
	};

	*f = (struct fixture){ .arena = ARENA_INIT, .alerts = BUF_INIT, .json = BUF_INIT };
	rules_from(&f->l, yaml);
	assert_int_equal(engine_new(f->l.rules, &options, &f->engine), 0);
}

static inline void begin(struct fixture *f, const char *yaml)
{
	begin_with(f, yaml, 1, 0);
}

static inline void end(struct fixture *f)
{
	engine_free(f->engine);
	buf_done(&f->alerts);
	buf_done(&f->json);
	arena_done(&f->arena);
	rules_done(&f->l);
}

/* An exec at a time in milliseconds; host, comm and user may be NULL: not known. */
static inline void feed(struct fixture *f, const char *host, int64_t ms, const char *comm, const char *user)
{
	struct event ev;

	event_clear(&ev);
	ev.time = NUM(ms * 1000000);
	ev.host = str_of(host);
	ev.comm = str_of(comm);
	ev.user = str_of(user);
	engine_feed(f->engine, &ev);
}

/* What was raised since the last look. */
static inline void expect_alerts(struct fixture *f, const char *want)
{
	assert_str(buf_get(&f->alerts), want);
	buf_reset(&f->alerts);
}

#endif
