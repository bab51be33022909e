/* SPDX-License-Identifier: Apache-2.0 */
/* What the tests of outputs share: an alert to send, and settings by name. */
#ifndef TESTS_UNIT_ALERTS_H
#define TESTS_UNIT_ALERTS_H

#include <string.h>

#include "alerts/output.h"
#include "base/timefmt.h"
#include "event/event.h"
#include "tests/unit/test.h"

#define SAMPLE_ID "0193571c-9f00-7000-8000-000000000001"

/* An alert with all that it points to. It must not be moved. */
struct sample {
	struct alert alert;
	struct rule rule;
	struct rule_about about;
	struct event event;
	struct str word[3];
};

/* A shell under nginx, at 2026-11-23T13:05:09.123456789Z. */
static inline void sample_init(struct sample *s)
{
	memset(s, 0, sizeof(*s));
	s->rule = (struct rule){
		.id = STR("web-shell"), .title = STR("Shell started by a web server"),
		.about = &s->about,
		.severity = SEVERITY_CRITICAL, .source = STR("rules/web.yaml:12"),
	};
	s->about.why = STR_LIT("The usual first step after an upload.");
	event_clear(&s->event);
	s->event.pid = NUM(42);
	s->event.uid = NUM(33);
	s->event.user = STR_LIT("www-data");
	s->event.comm = STR_LIT("sh");
	s->event.exe = STR_LIT("/usr/bin/dash");
	s->event.filename = STR_LIT("/bin/sh");
	s->event.parent.comm = STR_LIT("nginx");
	s->event.parent.pid = NUM(812);
	s->event.duration = NUM(1230000);
	s->event.retval = NUM(0);
	s->word[0] = STR_LIT("sh");
	s->word[1] = STR_LIT("-c");
	s->word[2] = STR_LIT("id");
	s->event.argv = (struct words){ s->word, 3, STR("sh -c id"), true };
	s->alert = (struct alert){
		.id = SAMPLE_ID, .kind = ALERT_MATCH,
		.time_ns = INT64_C(1795439109) * NS_PER_S + 123456789,
		.host = STR("web-1"), .seq = 7, .fingerprint = "00000000000000ff",
		.rule = &s->rule, .backend = STR("kprobe"),
		.summary = STR("www-data ran sh -c id under nginx[812]"), .event = &s->event,
	};
}

/* The settings row of that name. */
static inline void *setting_at(const struct output_type *type, void *self, const char *name,
			       enum setting_type want)
{
	for (const struct setting *s = type->settings; s->name; s++)
		if (strcmp(s->name, name) == 0) {
			assert_int_equal(s->type, want);
			return (char *)self + s->offset;
		}
	fail_msg("%s has no setting %s", type->type, name);
	return NULL;
}

static inline void set_text(const struct output_type *type, void *self, const char *name, const char *text)
{
	*(struct str *)setting_at(type, self, name, SETTING_TEXT) = str_of(text);
}

static inline void set_path(const struct output_type *type, void *self, const char *name, const char *text)
{
	*(struct str *)setting_at(type, self, name, SETTING_PATH) = str_of(text);
}

static inline void set_choice(const struct output_type *type, void *self, const char *name,
			      const char *choice)
{
	int *into = setting_at(type, self, name, SETTING_CHOICE);

	for (const struct setting *s = type->settings; s->name; s++)
		for (int i = 0; strcmp(s->name, name) == 0 && s->choices[i]; i++)
			if (strcmp(s->choices[i], choice) == 0) {
				*into = i;
				return;
			}
	fail_msg("%s: %s is no choice of %s", type->type, choice, name);
}

/* Zeroed and with its defaults; free() it. */
static inline void *output_new(const struct output_type *type)
{
	void *self = calloc(1, type->size);

	assert_non_null(self);
	if (type->init)
		type->init(self);
	return self;
}

static inline enum sent render_and_send(const struct output_type *type, void *self, const struct alert *a,
					char *error, size_t size)
{
	static const atomic_bool never;
	_cleanup_(buf) struct buf b = BUF_INIT;

	error[0] = '\0';
	type->render(self, a, &b);
	assert_int_equal(b.error, 0);
	return type->send(self, buf_get(&b), &never, error, size);
}

#endif
