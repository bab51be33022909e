/* SPDX-License-Identifier: Apache-2.0 */
/* An alert as JSON, read back by another program's reader. */
#include "tests/unit/test.h"

#include <errno.h>
#include <string.h>

#include <jansson.h>

#include "engine/alert.h"

#define TIME_NS INT64_C(1767323045123456789)		/* 2026-01-02T03:04:05.123456789Z */

static json_t *written(const struct alert *a)
{
	struct buf b = BUF_INIT;
	json_error_t error;
	json_t *root;

	alert_write(a, &b);
	assert_int_equal(b.error, 0);
	assert_null(memchr(b.p, '\n', b.len));
	root = json_loadb(b.p, b.len, JSON_REJECT_DUPLICATES, &error);
	if (!root)
		fail_msg("%s in %.*s", error.text, (int)b.len, b.p);
	buf_done(&b);
	return root;
}

/* "a.b" is key b of key a. */
static const char *text_at(json_t *root, const char *path)
{
	char key[64];
	const char *dot = strchr(path, '.');

	if (!dot)
		return json_string_value(json_object_get(root, path));
	memcpy(key, path, (size_t)(dot - path));
	key[dot - path] = '\0';
	return text_at(json_object_get(root, key), dot + 1);
}

static json_int_t number_at(json_t *object, const char *key)
{
	return json_integer_value(json_object_get(object, key));
}

static void assert_keys(json_t *object, const char *const *want, size_t n)
{
	assert_int_equal(json_object_size(object), n);
	for (size_t i = 0; i < n; i++)
		if (!json_object_get(object, want[i]))
			fail_msg("no key %s", want[i]);
}

static struct alert full_alert(const struct rule *rule, const struct event *ev)
{
	return (struct alert){
		.id = "019b7c3e-0000-7000-8000-000000000000",
		.kind = ALERT_MATCH,
		.time_ns = TIME_NS,
		.host = STR("web1"),
		.seq = 41,
		.fingerprint = "00000000deadbeef",
		.rule = rule,
		.ruleset = STR("ab12"),
		.backend = STR("kprobe"),
		.summary = STR("root ran sh"),
		.event = ev,
		.undecided = true,
	};
}

static void every_key_of_a_match(void **state)
{
	static const char *const keys[] = {
		"id", "kind", "time", "host", "seq", "fingerprint", "rule", "ruleset", "backend", "summary",
		"undecided", "event",
	};
	static const char *const rule_keys[] = {
		"id", "title", "severity", "tags", "author", "source", "why", "falsepositives", "runbook",
		"references", "status", "version",
	};
	const struct str tags[] = { STR("attack.t1059"), STR("x") };
	const struct str references[] = { STR("https://r/") }, harmless[] = { STR("backups"), STR("tests") };
	const struct rule_about about = {
		.why = STR("it is"), .author = STR("me"), .version = STR("3"), .runbook = STR("https://x/"),
		.status = STR("stable"), .references = { references, 1 }, .falsepositives = { harmless, 2 },
	};
	const struct rule rule = {
		.id = STR("web-shell"), .title = STR("A shell"), .about = &about, .tags = { tags, 2 },
		.severity = SEVERITY_CRITICAL, .source = STR("rules/a.yaml:7"),
	};
	struct event ev;
	struct alert a;
	json_t *root, *of_rule;

	event_clear(&ev);
	ev.comm = STR_LIT("sh");
	ev.pid = NUM(42);
	a = full_alert(&rule, &ev);
	root = written(&a);
	assert_keys(root, keys, ARRAY_SIZE(keys));
	assert_string_equal(text_at(root, "id"), a.id);
	assert_string_equal(text_at(root, "kind"), "match");
	assert_string_equal(text_at(root, "time"), "2026-01-02T03:04:05.123456789Z");
	assert_string_equal(text_at(root, "host"), "web1");
	assert_int_equal(number_at(root, "seq"), 41);
	assert_string_equal(text_at(root, "fingerprint"), "00000000deadbeef");
	assert_string_equal(text_at(root, "ruleset"), "ab12");
	assert_string_equal(text_at(root, "backend"), "kprobe");
	assert_string_equal(text_at(root, "summary"), "root ran sh");
	assert_true(json_is_true(json_object_get(root, "undecided")));
	assert_string_equal(text_at(root, "event.comm"), "sh");
	assert_int_equal(number_at(json_object_get(root, "event"), "pid"), 42);

	of_rule = json_object_get(root, "rule");
	assert_keys(of_rule, rule_keys, ARRAY_SIZE(rule_keys));
	assert_string_equal(text_at(root, "rule.id"), "web-shell");
	assert_string_equal(text_at(root, "rule.title"), "A shell");
	assert_string_equal(text_at(root, "rule.severity"), "critical");
	assert_string_equal(text_at(root, "rule.author"), "me");
	assert_string_equal(text_at(root, "rule.source"), "rules/a.yaml:7");
	assert_string_equal(text_at(root, "rule.why"), "it is");
	assert_string_equal(text_at(root, "rule.runbook"), "https://x/");
	assert_string_equal(text_at(root, "rule.version"), "3");
	assert_string_equal(text_at(root, "rule.status"), "stable");
	assert_int_equal(json_array_size(json_object_get(of_rule, "tags")), 2);
	assert_int_equal(json_array_size(json_object_get(of_rule, "references")), 1);
	assert_int_equal(json_array_size(json_object_get(of_rule, "falsepositives")), 2);
	json_decref(root);
}

static void what_is_unknown_is_left_out(void **state)
{
	static const char *const keys[] = {
		"id", "kind", "time", "seq", "fingerprint", "rule", "ruleset", "summary", "event",
	};
	static const char *const rule_keys[] = { "id", "title", "severity", "tags" };
	const struct rule rule = { .id = STR("r"), .title = STR("r"), .severity = SEVERITY_DEBUG };
	struct event ev;
	struct alert a;
	json_t *root;

	event_clear(&ev);
	a = full_alert(&rule, &ev);
	a.host = a.backend = (struct str){ NULL, 0 };
	a.undecided = false;
	root = written(&a);
	assert_keys(root, keys, ARRAY_SIZE(keys));
	assert_keys(json_object_get(root, "rule"), rule_keys, ARRAY_SIZE(rule_keys));
	assert_string_equal(text_at(root, "rule.severity"), "debug");
	json_decref(root);
}

static void about_execwatch_itself(void **state)
{
	static const char *const detail_keys[] = { "output", "dropped" };
	const struct rule rule = { .id = STR("execwatch.output"), .title = STR("t") };
	const struct detail detail[] = {
		{ .name = "output", .text = STR("soc") },
		{ .name = "dropped", .number = INT64_MAX },
	};
	struct alert a = full_alert(&rule, NULL);
	json_t *root;

	a.kind = ALERT_SELF;
	a.detail = detail;
	a.n_detail = ARRAY_SIZE(detail);
	root = written(&a);
	assert_string_equal(text_at(root, "kind"), "self");
	assert_null(json_object_get(root, "event"));
	assert_keys(json_object_get(root, "detail"), detail_keys, ARRAY_SIZE(detail_keys));
	assert_string_equal(text_at(root, "detail.output"), "soc");
	assert_true(number_at(json_object_get(root, "detail"), "dropped") == INT64_MAX);
	json_decref(root);
}

static void of_windows(void **state)
{
	static const char *const keys[] = {
		"id", "kind", "time", "host", "seq", "fingerprint", "rule", "ruleset", "backend", "summary",
		"count", "window_s", "key", "event",
	};
	static const char *const key_keys[] = { "unit", "argv", "argv_b64" };
	const struct pair key[] = {
		{ STR("unit"), STR("a.service") }, { STR("user"), { NULL, 0 } }, { STR("argv"), STR("\xff") },
	};
	const struct rule rule = { .id = STR("r"), .title = STR("r") };
	struct event ev;
	struct alert a;
	json_t *root;

	event_clear(&ev);
	a = full_alert(&rule, &ev);
	a.kind = ALERT_THRESHOLD;
	a.undecided = false;
	a.count = 20;
	a.window_ns = INT64_C(60000000000);
	a.key = key;
	a.n_key = ARRAY_SIZE(key);
	root = written(&a);
	assert_keys(root, keys, ARRAY_SIZE(keys));
	assert_string_equal(text_at(root, "kind"), "threshold");
	assert_int_equal(number_at(root, "count"), 20);
	assert_int_equal(number_at(root, "window_s"), 60);
	assert_keys(json_object_get(root, "key"), key_keys, ARRAY_SIZE(key_keys));
	assert_string_equal(text_at(root, "key.unit"), "a.service");
	json_decref(root);

	a.kind = ALERT_SUMMARY;
	a.window_ns = 1500000000;
	a.suppressed = 20;
	a.first_id = STR_LIT("019b7c3e-0000-7000-8000-000000000001");
	a.n_key = 0;
	root = written(&a);
	assert_int_equal(json_object_size(root), ARRAY_SIZE(keys) + 2);
	assert_string_equal(text_at(root, "kind"), "summary");
	assert_true(json_real_value(json_object_get(root, "window_s")) == 1.5);
	assert_int_equal(number_at(root, "suppressed"), 20);
	assert_string_equal(text_at(root, "first_id"), a.first_id.p);
	assert_int_equal(json_object_size(json_object_get(root, "key")), 0);
	json_decref(root);

	/* Of an alert that was never raised there is no id. */
	a.first_id = (struct str){ NULL, 0 };
	root = written(&a);
	assert_null(json_object_get(root, "first_id"));
	json_decref(root);
}

/* Quotes, controls and bytes that are no UTF-8 neither break the line nor get lost. */
static void hostile_texts(void **state)
{
	const struct rule rule = { .id = STR("r"), .title = STR("say \"hi\"\n"), .severity = SEVERITY_ERROR };
	struct event ev;
	struct alert a;
	json_t *root;

	event_clear(&ev);
	ev.filename = STR_LIT("/tmp/\xff\x1b[2J");
	a = full_alert(&rule, &ev);
	root = written(&a);
	assert_string_equal(text_at(root, "rule.title"), "say \"hi\"\n");
	assert_string_equal(text_at(root, "event.filename"), "/tmp/\xef\xbf\xbd\x1b[2J");
	assert_string_equal(text_at(root, "event.filename_b64"), "L3RtcC//G1sySg==");
	json_decref(root);
}

static void into_too_small_a_buffer(void **state)
{
	const struct rule rule = { .id = STR("r"), .title = STR("r"), .severity = SEVERITY_ERROR };
	struct event ev;
	struct alert a;
	char memory[64];
	struct buf b;

	event_clear(&ev);
	a = full_alert(&rule, &ev);
	buf_init_fixed(&b, memory, sizeof(memory));
	alert_write(&a, &b);
	assert_int_equal(b.error, -ENOBUFS);
	assert_true(b.len <= sizeof(memory));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_key_of_a_match),
		cmocka_unit_test(what_is_unknown_is_left_out),
		cmocka_unit_test(about_execwatch_itself),
		cmocka_unit_test(of_windows),
		cmocka_unit_test(hostile_texts),
		cmocka_unit_test(into_too_small_a_buffer),
	};

	return cmocka_run_group_tests_name("alert", tests, NULL, NULL);
}
