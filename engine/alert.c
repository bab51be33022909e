/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An alert as JSON. Every key that has something to say is there, in one fixed order, what a person looks for
 * first in front; what is not known is left out.
 */
#include "engine/alert.h"

#include "event/json.h"
#include "event/record.h"

const char *const alert_kind_names[] = {
	[ALERT_MATCH] = "match",
	[ALERT_THRESHOLD] = "threshold",
	[ALERT_SUMMARY] = "summary",
	[ALERT_SELF] = "self",
};

static void write_known(struct json *j, const char *key, struct str s)
{
	if (str_known(s))
		json_str(j, key, s);
}

static void write_strs(struct json *j, const char *key, struct strs list)
{
	if (list.n > 0)
		json_strs(j, key, list.item, list.n);
}

static void write_rule(struct json *j, const struct rule *rule)
{
	const struct rule_about *about = rule_about(rule);

	json_object(j, "rule");
	json_str(j, "id", rule->id);
	write_known(j, "title", rule->title);
	json_text(j, "severity", severity_names[rule->severity]);
	json_strs(j, "tags", rule->tags.item, rule->tags.n);
	write_known(j, "author", about->author);
	write_known(j, "source", rule->source);
	write_known(j, "why", about->why);
	write_strs(j, "falsepositives", about->falsepositives);
	write_known(j, "runbook", about->runbook);
	write_strs(j, "references", about->references);
	write_known(j, "status", about->status);
	write_known(j, "version", about->version);
	json_end_object(j);
}

static void write_key(struct json *j, const struct pair *key, size_t n)
{
	json_object(j, "key");
	for (size_t i = 0; i < n; i++)
		json_pair(j, key[i].name, key[i].value);
	json_end_object(j);
}

static void write_detail(struct json *j, const struct detail *detail, size_t n)
{
	json_object(j, "detail");
	for (size_t i = 0; i < n; i++) {
		if (str_known(detail[i].text))
			json_str(j, detail[i].name, detail[i].text);
		else
			json_int(j, detail[i].name, detail[i].number);
	}
	json_end_object(j);
}

void alert_write(const struct alert *a, struct buf *b)
{
	struct json j = JSON_INIT(b);

	json_object(&j, NULL);
	json_text(&j, "id", a->id);
	json_text(&j, "kind", alert_kind_names[a->kind]);
	json_time(&j, "time", a->time_ns);
	write_known(&j, "host", a->host);
	json_int(&j, "seq", (int64_t)a->seq);
	json_text(&j, "fingerprint", a->fingerprint);
	write_rule(&j, a->rule);
	write_known(&j, "ruleset", a->ruleset);
	write_known(&j, "backend", a->backend);
	write_known(&j, "summary", a->summary);
	if (a->undecided)
		json_bool(&j, "undecided", true);
	if (a->kind == ALERT_THRESHOLD || a->kind == ALERT_SUMMARY) {
		json_int(&j, "count", (int64_t)a->count);
		json_seconds(&j, "window_s", a->window_ns);
		write_key(&j, a->key, a->n_key);
	}
	if (a->kind == ALERT_SUMMARY) {
		json_int(&j, "suppressed", (int64_t)a->suppressed);
		write_known(&j, "first_id", a->first_id);
	}
	if (a->kind == ALERT_SELF)
		write_detail(&j, a->detail, a->n_detail);
	if (a->event)
		record_write_json(a->event, &j, "event");
	json_end_object(&j);
}
