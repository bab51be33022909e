/* SPDX-License-Identifier: Apache-2.0 */
/* From events to alerts: what is raised, how it is numbered, and what the engine says itself. */
#include "tests/unit/rules.h"

#include <stdlib.h>

#include "base/text.h"
#include "engine/engine.h"
#include "engine/stamp.h"

#define MAX_ALERTS 64

/* What a test looks at of an alert, which is gone after the call. */
struct raised {
	char id[UUID_TEXT_SIZE], fingerprint[17];
	char rule[64], title[64], host[64], detail[512];
	char *summary;
	enum alert_kind kind;
	enum severity severity;
	int64_t time_ns;
	uint64_t seq;
	bool undecided, has_event;
};

struct fixture {
	struct loaded l;
	struct arena arena;
	struct engine *engine;
	struct raised alert[MAX_ALERTS];
	size_t n;
};

static void keep(void *ctx, const struct alert *a)
{
	struct fixture *f = ctx;
	struct raised *r = &f->alert[f->n++];
	char text[512];

	assert_true(f->n <= MAX_ALERTS);
	memcpy(r->id, a->id, sizeof(r->id));
	memcpy(r->fingerprint, a->fingerprint, sizeof(r->fingerprint));
	snprintf(r->rule, sizeof(r->rule), "%.*s", STR_ARG(a->rule->id));
	snprintf(r->title, sizeof(r->title), "%.*s", STR_ARG(a->rule->title));
	snprintf(r->host, sizeof(r->host), "%.*s", STR_ARG(a->host));
	r->summary = strndup(a->summary.p, a->summary.len);
	r->kind = a->kind;
	r->severity = a->rule->severity;
	r->time_ns = a->time_ns;
	r->seq = a->seq;
	r->undecided = a->undecided;
	r->has_event = a->event != NULL;
	r->detail[0] = '\0';
	for (size_t i = 0; i < a->n_detail; i++) {
		const struct detail *d = &a->detail[i];

		if (str_known(d->text))
			snprintf(text, sizeof(text), "%s=%.*s ", d->name, STR_ARG(d->text));
		else
			snprintf(text, sizeof(text), "%s=%lld ", d->name, (long long)d->number);
		assert_true(strlen(r->detail) + strlen(text) < sizeof(r->detail));
		strcat(r->detail, text);
	}
	assert_str(a->ruleset, f->l.rules->sha256);
	assert_str(a->backend, "test");
}

static void begin_with(struct fixture *f, const char *yaml, bool live, uint64_t seed)
{
	struct engine_options options = {
		.host = STR("here"),
		.backend = STR("test"),
		.seed = seed,
		.live = live,
		.raise = keep,
		.ctx = f,
	};

	*f = (struct fixture){ .arena = ARENA_INIT };
	rules_try(&f->l, yaml);
	assert_int_equal(engine_new(f->l.rules, &options, &f->engine), 0);
}

static void begin(struct fixture *f, const char *yaml)
{
	begin_with(f, yaml, true, 1);
	assert_int_equal(f->l.diags.n_errors, 0);
}

static void end(struct fixture *f)
{
	for (size_t i = 0; i < f->n; i++)
		free(f->alert[i].summary);
	engine_free(f->engine);
	arena_done(&f->arena);
	rules_done(&f->l);
}

static void feed(struct fixture *f, const char *record)
{
	struct event ev;

	arena_reset(&f->arena);
	event_from(&ev, &f->arena, record);
	engine_feed(f->engine, &ev);
}

#define ONE_RULE                                                                                            \
	"version: 1\nrules:\n"                                                                              \
	"  - { id: r, title: A shell, severity: critical, match: { comm: sh },\n"                           \
	"      summary: '{{title}}/{{id}}/{{severity}}: {{argv}}' }\n"

static void a_match_becomes_an_alert(void **state)
{
	struct engine_counters counters;
	struct fixture f;

	begin(&f, ONE_RULE);
	engine_start(f.engine, 5);
	feed(&f, "{\"time\":\"1970-01-01T00:00:02Z\",\"host\":\"web1\",\"comm\":\"sh\","
		 "\"argv\":[\"sh\",\"a\\nb\"]}");
	feed(&f, "{\"comm\":\"bash\"}");
	assert_int_equal(f.n, 1);
	assert_int_equal(f.alert[0].kind, ALERT_MATCH);
	assert_string_equal(f.alert[0].rule, "r");
	assert_string_equal(f.alert[0].host, "web1");
	assert_int_equal(f.alert[0].time_ns, 2000000000);
	assert_true(f.alert[0].has_event);
	assert_false(f.alert[0].undecided);
	assert_string_equal(f.alert[0].summary, "A shell/r/critical: sh a\\nb");
	counters = engine_counters(f.engine);
	assert_int_equal(counters.events, 2);
	assert_int_equal(counters.matches, 1);
	assert_int_equal(counters.alerts, 1);
	end(&f);
}

/* Without a time or a host of its own: the latest time seen, the host that was given. */
static void an_event_that_says_little(void **state)
{
	struct fixture f;

	begin(&f, ONE_RULE);
	engine_tick(f.engine, 7000);
	feed(&f, "{\"comm\":\"sh\"}");
	feed(&f, "{\"time\":\"1970-01-01T00:00:01Z\",\"duration_ns\":500,\"comm\":\"sh\"}");
	feed(&f, "{\"comm\":\"sh\"}");
	assert_int_equal(f.alert[0].time_ns, 7000);
	assert_string_equal(f.alert[0].host, "here");
	assert_int_equal(f.alert[1].time_ns, 1000000000);
	assert_int_equal(f.alert[2].time_ns, 1000000500);
	end(&f);
}

static void observed_and_excepted(void **state)
{
	struct engine_counters counters;
	struct fixture f;

	begin(&f, "version: 1\nrules:\n"
		  "  - { id: a, mode: observe, match: { comm: sh } }\n"
		  "  - { id: b, match: { comm: sh }, except: [ { id: x, match: { user: root } } ] }\n"
		  "  - { id: c, mode: 'off', match: { comm: sh } }\n");
	feed(&f, "{\"comm\":\"sh\",\"user\":\"root\"}");
	assert_int_equal(f.n, 0);
	counters = engine_counters(f.engine);
	assert_int_equal(counters.matches, 1);
	assert_int_equal(counters.observed, 1);
	assert_int_equal(counters.excepted, 1);
	assert_int_equal(counters.alerts, 0);
	end(&f);
}

static void fingerprints_and_numbers(void **state)
{
	struct fixture f;

	begin(&f, "version: 1\nrules:\n"
		  "  - { id: a, match: { comm: sh } }\n"
		  "  - { id: b, match: { comm: sh } }\n");
	feed(&f, "{\"comm\":\"sh\",\"host\":\"h1\"}");
	feed(&f, "{\"comm\":\"sh\",\"host\":\"h1\",\"user\":\"x\"}");
	feed(&f, "{\"comm\":\"sh\",\"host\":\"h2\"}");
	assert_int_equal(f.n, 6);
	/* Of rule and host: the same trouble, the same print; known, so that it stays what it is. */
	assert_string_equal(f.alert[0].fingerprint, f.alert[2].fingerprint);
	assert_string_not_equal(f.alert[0].fingerprint, f.alert[1].fingerprint);
	assert_string_not_equal(f.alert[0].fingerprint, f.alert[4].fingerprint);
	assert_string_equal(f.alert[0].fingerprint, "0e01c7470dd3b447");
	/* Each host counts by itself. */
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(f.alert[i].seq, i + 1);
	assert_int_equal(f.alert[4].seq, 1);
	assert_int_equal(f.alert[5].seq, 2);
	end(&f);
}

static void more_hosts_than_places(void **state)
{
	static struct stamps stamps;
	const struct rule rule = { .id = STR("r") };
	struct alert a = { .rule = &rule };
	char host[32];

	stamps_init(&stamps, 1);
	for (int round = 1; round <= 2; round++) {
		for (int i = 0; i < STAMP_MAX_HOSTS + 2; i++) {
			snprintf(host, sizeof(host), "host%d", i);
			a.host = str_of(host);
			stamps_put(&stamps, &a, (struct str){ NULL, 0 }, NULL, 0);
			if (i < STAMP_MAX_HOSTS)
				assert_int_equal(a.seq, round);
			else
				assert_int_equal(a.seq, (round - 1) * 2 + i - STAMP_MAX_HOSTS + 1);
		}
	}
}

static void ids_are_ordered_and_of_version_7(void **state)
{
	static const int64_t times[] = { 0, -5, 1000000, 999999999, 5, 1767323045123456789, 7, INT64_MAX };
	struct uuid_source source;
	char last[UUID_TEXT_SIZE] = "", id[UUID_TEXT_SIZE];

	uuid_source_init(&source, 42);
	for (size_t i = 0; i < ARRAY_SIZE(times); i++) {
		for (int n = 0; n < 2000; n++) {
			uuid_next(&source, times[i], id);
			assert_int_equal(strlen(id), 36);
			assert_true(id[8] == '-' && id[13] == '-' && id[18] == '-' && id[23] == '-');
			assert_int_equal(id[14], '7');
			assert_non_null(strchr("89ab", id[19]));
			assert_true(strcmp(last, id) < 0);
			memcpy(last, id, sizeof(id));
		}
	}
	/* The time of 2026-01-02T03:04:05.123Z in hex. */
	uuid_source_init(&source, 42);
	uuid_next(&source, 1767323045123456789, id);
	assert_memory_equal(id, "019b7ca9-8d03", 13);
	uuid_source_init(&source, 43);
	uuid_next(&source, 1767323045123456789, last);
	assert_string_not_equal(id, last);
}

/* The random bits are used up: the next id is in the next millisecond. */
static void ids_that_run_out(void **state)
{
	struct uuid_source source = { .random = 1, .ms = 16, .high = 0xfff, .low = (UINT64_C(1) << 62) - 1 };
	char id[UUID_TEXT_SIZE];

	uuid_next(&source, 16000000, id);
	assert_memory_equal(id, "00000000-0011-7", 15);
	source = (struct uuid_source){ .random = 1, .ms = 16, .high = 0xffe, .low = (UINT64_C(1) << 62) - 1 };
	uuid_next(&source, 16000000, id);
	assert_memory_equal(id, "00000000-0010-7fff-8", 20);
}

#define CUT(more) "{\"argv\":[\"x\"],\"argv_state\":\"cut\"" more "}"

static void undecided_rules(void **state)
{
	struct engine_counters counters;
	struct fixture f;

	begin(&f, "version: 1\nrules:\n"
		  "  - { id: bad, severity: error, match: { argv: { suffix: z } } }\n"
		  "  - { id: mild, severity: warning, match: { argv: { suffix: z } } }\n");
	feed(&f, CUT(",\"time\":\"1970-01-01T00:00:01Z\""));
	assert_int_equal(f.n, 3);
	assert_string_equal(f.alert[0].rule, "execwatch.undecided");
	assert_int_equal(f.alert[0].kind, ALERT_SELF);
	assert_false(f.alert[0].has_event);
	assert_string_equal(f.alert[0].detail, "rule=bad source=test.yaml:3 undecided=1 ");
	assert_string_equal(f.alert[1].rule, "bad");
	assert_true(f.alert[1].undecided);
	assert_string_equal(f.alert[2].rule, "execwatch.undecided");
	assert_string_equal(f.alert[2].detail, "rule=mild source=test.yaml:4 undecided=1 ");
	assert_string_not_equal(f.alert[0].fingerprint, f.alert[2].fingerprint);

	/* Once in ten minutes for each rule, by the time of the events. */
	feed(&f, CUT(",\"time\":\"1970-01-01T00:10:00.999999999Z\""));
	assert_int_equal(f.n, 4);
	assert_string_equal(f.alert[3].rule, "bad");
	feed(&f, CUT(",\"time\":\"1970-01-01T00:10:01Z\""));
	assert_int_equal(f.n, 7);
	assert_string_equal(f.alert[4].detail, "rule=bad source=test.yaml:3 undecided=3 ");

	counters = engine_counters(f.engine);
	assert_int_equal(counters.undecided, 6);
	assert_int_equal(counters.matches, 0);
	assert_int_equal(counters.alerts, 7);
	end(&f);
}

static void an_exception_that_has_expired(void **state)
{
	static const char yaml[] =
		"version: 1\nrules:\n"
		"  - id: r\n"
		"    match: { comm: sh }\n"
		"    except: [ { id: x, until: 2026-03-01, match: { user: root } } ]\n";
	static const char record[] = "{\"comm\":\"sh\",\"user\":\"root\",\"time\":\"2026-03-02T00:00:00Z\"}";
	struct fixture f;

	begin(&f, yaml);
	feed(&f, record);
	feed(&f, record);
	assert_int_equal(f.n, 3);
	assert_string_equal(f.alert[0].rule, "execwatch.exception_expired");
	assert_int_equal(f.alert[0].severity, SEVERITY_WARNING);
	assert_string_equal(f.alert[0].detail, "rule=r exception=x until=2026-03-01 ");
	assert_string_equal(f.alert[0].summary, "An exception has expired: x of r");
	assert_string_equal(f.alert[1].rule, "r");
	assert_string_equal(f.alert[2].rule, "r");
	end(&f);

	begin_with(&f, yaml, false, 1);
	feed(&f, record);
	assert_int_equal(f.n, 1);
	assert_string_equal(f.alert[0].rule, "r");
	end(&f);
}

/* New rules say it again only of what is new in them. */
static void an_expiry_is_said_once(void **state)
{
	static const char yaml[] =
		"version: 1\nrules:\n"
		"  - id: r\n"
		"    match: { comm: sh }\n"
		"    except: [ { id: a, until: %s, match: { user: root } } ]\n";
	static const char record[] = "{\"comm\":\"sh\",\"user\":\"root\",\"time\":\"2026-03-02T00:00:00Z\"}";
	static const char *const days[] = { "2026-03-01", "2026-03-01", "2026-02-28" };
	struct fixture f[ARRAY_SIZE(days)];
	char text[512];

	for (size_t i = 0; i < ARRAY_SIZE(days); i++) {
		snprintf(text, sizeof(text), yaml, days[i]);
		begin(&f[i], text);
		if (i > 0)
			engine_adopt(f[i].engine, f[i - 1].engine);
		feed(&f[i], record);
		feed(&f[i], record);
	}
	assert_int_equal(f[0].n, 3);
	assert_int_equal(f[1].n, 2);
	assert_int_equal(f[2].n, 3);
	for (size_t i = 0; i < ARRAY_SIZE(days); i++)
		end(&f[i]);
}

static void rules_that_did_not_load(void **state)
{
	static const char yaml[] =
		"version: 1\nrules:\n"
		"  - { id: good, match: { comm: sh } }\n"
		"  - { id: bad, match: { comn: sh } }\n";
	struct fixture f;

	begin_with(&f, yaml, true, 1);
	assert_int_equal(f.n, 0);
	engine_start(f.engine, 99);
	assert_int_equal(f.n, 1);
	assert_string_equal(f.alert[0].rule, "execwatch.rule_skipped");
	assert_int_equal(f.alert[0].severity, SEVERITY_WARNING);
	assert_int_equal(f.alert[0].time_ns, 99);
	assert_string_equal(f.alert[0].summary, "A rule did not load: bad");
	assert_non_null(strstr(f.alert[0].detail, "source=test.yaml:4 message="));
	assert_non_null(strstr(f.alert[0].detail, "comn"));
	assert_non_null(strstr(f.alert[0].detail, "rule=bad"));
	end(&f);

	begin_with(&f, yaml, false, 1);
	engine_start(f.engine, 99);
	assert_int_equal(f.n, 0);
	end(&f);
}

static void alerts_of_others_about_execwatch(void **state)
{
	const struct detail detail[] = { { .name = "lost", .number = 3 } };
	struct fixture f;

	begin(&f, ONE_RULE);
	engine_raise_self(f.engine, 12, "execwatch.loss", SEVERITY_CRITICAL, STR_LIT("3 execs\n"), detail, 1);
	engine_raise_self(f.engine, 13, "execwatch.other", SEVERITY_INFO, STR_LIT(""), NULL, 0);
	assert_int_equal(f.n, 2);
	assert_int_equal(f.alert[0].kind, ALERT_SELF);
	assert_string_equal(f.alert[0].title, "Execs were lost");
	assert_int_equal(f.alert[0].severity, SEVERITY_CRITICAL);
	assert_string_equal(f.alert[0].summary, "3 execs\\n");
	assert_string_equal(f.alert[0].detail, "lost=3 ");
	assert_string_equal(f.alert[0].host, "here");
	assert_int_equal(f.alert[0].time_ns, 12);
	assert_string_equal(f.alert[1].title, "execwatch.other");
	assert_int_equal(f.alert[1].seq, 2);
	end(&f);
}

/* However long the words, a summary ends, and with a whole character. */
static void long_summaries(void **state)
{
	static const char *const chars[] = { "a", "\xc3\xa4", "\xe2\x82\xac", "\xf0\x9f\x99\x82" };
	struct fixture f;

	begin(&f, "version: 1\nrules:\n  - { id: r, match: { comm: sh }, summary: \"x {{arg|join:''}}\" }\n");
	for (size_t c = 0; c < ARRAY_SIZE(chars); c++) {
		struct buf record = BUF_INIT;
		struct str summary;

		buf_text(&record, "{\"comm\":\"sh\",\"argv\":[\"\"");
		for (int i = 0; i < 20000; i++)
			buf_printf(&record, ",\"%s\"", chars[c]);
		buf_add(&record, "]}", 3);
		feed(&f, record.p);
		buf_done(&record);

		summary = str_of(f.alert[c].summary);
		assert_true(summary.len > 16000 && summary.len <= 16384);
		assert_true(utf8_valid(summary));
		assert_true(str_has_suffix(summary, STR_LIT("\xe2\x80\xa6")));
	}
	end(&f);
}

/* The same rules, events and seed give the same alerts to the last byte. */
static void runs_repeat(void **state)
{
	struct fixture f[3];

	for (size_t i = 0; i < ARRAY_SIZE(f); i++) {
		begin_with(&f[i], ONE_RULE, true, i == 2 ? 9 : 1);
		feed(&f[i], "{\"comm\":\"sh\"}");
		feed(&f[i], "{\"comm\":\"sh\",\"time\":\"2026-03-02T00:00:00Z\"}");
	}
	for (size_t i = 0; i < 2; i++) {
		assert_string_equal(f[0].alert[i].id, f[1].alert[i].id);
		assert_string_not_equal(f[0].alert[i].id, f[2].alert[i].id);
		assert_string_equal(f[0].alert[i].fingerprint, f[2].alert[i].fingerprint);
	}
	for (size_t i = 0; i < ARRAY_SIZE(f); i++)
		end(&f[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_match_becomes_an_alert),
		cmocka_unit_test(an_event_that_says_little),
		cmocka_unit_test(observed_and_excepted),
		cmocka_unit_test(fingerprints_and_numbers),
		cmocka_unit_test(more_hosts_than_places),
		cmocka_unit_test(ids_are_ordered_and_of_version_7),
		cmocka_unit_test(ids_that_run_out),
		cmocka_unit_test(undecided_rules),
		cmocka_unit_test(an_exception_that_has_expired),
		cmocka_unit_test(an_expiry_is_said_once),
		cmocka_unit_test(rules_that_did_not_load),
		cmocka_unit_test(alerts_of_others_about_execwatch),
		cmocka_unit_test(long_summaries),
		cmocka_unit_test(runs_repeat),
	};

	return cmocka_run_group_tests_name("engine", tests, NULL, NULL);
}
