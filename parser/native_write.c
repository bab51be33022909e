/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rules as native text; see native_write.h. Keys stand one below the other, what is behind them in flow
 * style: the formatter makes of it what a person would have written.
 */
#include "parser/native_write.h"

#include <errno.h>
#include <string.h>

#include "base/text.h"
#include "base/timefmt.h"
#include "parser/checker.h"
#include "parser/format.h"
#include "parser/formatter.h"
#include "parser/load.h"
#include "parser/yaml_text.h"

#define ENTRY "  - "
#define KEY "    "

/* Do the lines of @text read well one below the other, and the same? */
static bool is_block(struct str text)
{
	size_t breaks = 0;

	if (!utf8_valid(text) || text.len == 0 || text.p[0] == ' ' || text.p[0] == '\n' ||
	    str_has_suffix(text, STR_LIT("\n\n")))
		return false;
	for (; text.len > 0; text = str_skip(text, utf8_length(text))) {
		breaks += text.p[0] == '\n';
		if (text.p[0] != '\n' && yaml_needs_escape(text))
			return false;
	}
	return breaks > 1;
}

static void write_block(struct cond_writer *w, struct str text)
{
	buf_text(w->b, str_has_suffix(text, STR_LIT("\n")) ? "|\n" : "|-\n");
	while (text.len > 0) {
		const char *end = memchr(text.p, '\n', text.len);
		struct str line = { text.p, end ? (size_t)(end - text.p) : text.len };

		buf_text(w->b, line.len ? KEY "  " : "");
		buf_str(w->b, line);
		buf_char(w->b, '\n');
		text = str_skip(text, line.len + 1);
	}
}

/* A key with a text, where that is known. */
static int write_known(struct cond_writer *w, const char *key, struct str text)
{
	int err;

	if (!str_known(text))
		return 0;
	buf_printf(w->b, KEY "%s: ", key);
	if (is_block(text)) {
		write_block(w, text);
		return 0;
	}
	err = cond_write_text(w, text);
	buf_char(w->b, '\n');
	return err;
}

/* Texts between brackets; @key with what is in front of it. */
static int write_strs(struct cond_writer *w, const char *key, struct strs list)
{
	int err = 0;

	if (list.n == 0)
		return 0;
	buf_printf(w->b, "%s: [", key);
	for (size_t i = 0; i < list.n && err == 0; i++) {
		buf_text(w->b, i ? ", " : "");
		err = cond_write_text(w, list.item[i]);
	}
	buf_char(w->b, ']');
	return err;
}

static int write_list(struct cond_writer *w, const char *key, struct strs list)
{
	int err = write_strs(w, key, list);

	if (list.n > 0)
		buf_char(w->b, '\n');
	return err;
}

static int write_about(struct cond_writer *w, const struct rule *rule)
{
	const struct rule_about *about = rule_about(rule);
	bool titled = !str_eq(rule->title, rule->id);
	const struct {
		const char *key;
		struct str text;
	} texts[] = {
		{ "title", titled ? rule->title : (struct str){ NULL, 0 } }, { "why", about->why },
		{ "author", about->author }, { "version", about->version }, { "status", about->status },
		{ "runbook", about->runbook },
	};
	int err = 0;

	for (size_t i = 0; i < ARRAY_SIZE(texts) && err == 0; i++)
		err = write_known(w, texts[i].key, texts[i].text);
	buf_printf(w->b, KEY "severity: %s\n", severity_names[rule->severity]);
	if (rule->mode != MODE_ALERT)
		buf_printf(w->b, KEY "mode: %s\n", mode_names[rule->mode]);
	if (err == 0)
		err = write_list(w, KEY "tags", rule->tags);
	if (err == 0)
		err = write_list(w, KEY "references", about->references);
	if (err == 0)
		err = write_list(w, KEY "falsepositives", about->falsepositives);
	return err == 0 ? write_list(w, KEY "route", rule->route) : err;
}

/* A rule of failed execs, too, whose condition does not show it has a part that always holds and does. */
static int write_match(struct cond_writer *w, const struct rule *rule)
{
	bool shows = cond_reads_outcome(rule->match);
	int err;

	if (shows && !rule->reads_outcome) {
		w->why = "it reads the outcome, but speaks of successful execs only";
		return -ENOTSUP;
	}
	buf_text(w->b, KEY "match: ");
	if (shows == rule->reads_outcome) {
		err = cond_write(w, rule->match);
		buf_char(w->b, '\n');
		return err;
	}
	buf_text(w->b, "{ any: [{ retval: { set: true } }, { retval: { set: false } }], all: [");
	err = cond_write(w, rule->match);
	buf_text(w->b, "] }\n");
	return err;
}

static int write_exceptions(struct cond_writer *w, const struct rule *rule)
{
	int err = 0;

	if (rule->n_exceptions > 0)
		buf_text(w->b, KEY "except:\n");
	for (size_t i = 0; i < rule->n_exceptions && err == 0; i++) {
		const struct exception *x = &rule->exceptions[i];

		buf_printf(w->b, KEY ENTRY "id: %.*s\n", STR_ARG(x->id));
		if (str_known(x->why)) {
			buf_text(w->b, KEY KEY "why: ");
			err = cond_write_text(w, x->why);
			buf_char(w->b, '\n');
		}
		if (str_known(x->until_day))
			buf_printf(w->b, KEY KEY "until: %.*s\n", STR_ARG(x->until_day));
		buf_text(w->b, KEY KEY "match: ");
		if (err == 0)
			err = cond_write(w, x->match);
		buf_char(w->b, '\n');
	}
	return err;
}

static int write_by(struct cond_writer *w, const struct key_fields *by)
{
	return write_strs(w, ", by", (struct strs){ by->name, by->n });
}

static int write_windows(struct cond_writer *w, const struct rule *rule)
{
	const struct threshold *threshold = rule->threshold;
	_cleanup_(buf) struct buf distinct = BUF_INIT;
	int err = 0;

	if (threshold) {
		buf_printf(w->b, KEY "threshold: { count: %u, within: ", threshold->count);
		duration_write_exact(threshold->within_ns, w->b);
		err = write_by(w, &threshold->by);
		if (threshold->has_distinct && err == 0) {
			field_ref_write(&threshold->distinct, &distinct);
			buf_text(w->b, ", distinct: ");
			err = distinct.error ? -ENOMEM : cond_write_text(w, buf_get(&distinct));
		}
		buf_text(w->b, " }\n");
	}
	if (rule->throttle && err == 0) {
		buf_text(w->b, KEY "throttle: { every: ");
		duration_write_exact(rule->throttle->every_ns, w->b);
		err = write_by(w, &rule->throttle->by);
		buf_text(w->b, " }\n");
	}
	return err;
}

/* Where it is another than that of a rule without one. */
static int write_summary(struct cond_writer *w, const struct rule *rule)
{
	struct str text = template_text(rule->summary);

	return str_eq(text, rule_default_summary) ? 0 : write_known(w, "summary", text);
}

/* The record as it is: JSON is YAML. Its schedule stands in the same map. */
static void write_step(struct cond_writer *w, const struct rule_test_step *step)
{
	struct str rest = str_skip(step->record, 1);
	size_t before;

	buf_char(w->b, '{');
	before = w->b->len;
	if (step->at_ns > 0) {
		buf_text(w->b, " at: ");
		duration_write_exact(step->at_ns, w->b);
		buf_char(w->b, ',');
	}
	if (step->repeat > 1)
		buf_printf(w->b, " repeat: %u,", step->repeat);
	if (step->every_ns > 0 && step->repeat > 1) {
		buf_text(w->b, " every: ");
		duration_write_exact(step->every_ns, w->b);
		buf_char(w->b, ',');
	}
	if (str_eq(rest, STR_LIT("}")) && w->b->len > before)
		w->b->len--;
	buf_str(w->b, rest);
}

static void write_steps(struct cond_writer *w, const struct rule_test *test)
{
	const struct rule_test_step *first = test->steps;
	bool one = test->n_steps == 1 && first->repeat == 1 && first->at_ns == 0;

	buf_text(w->b, one ? "event: " : "events: [");
	for (size_t i = 0; i < test->n_steps; i++) {
		buf_text(w->b, i ? ", " : "");
		write_step(w, &test->steps[i]);
	}
	buf_text(w->b, one ? "\n" : "]\n");
}

static int write_key(struct cond_writer *w, const struct expect *x)
{
	int err = 0;

	buf_text(w->b, ", key: { ");
	for (size_t i = 0; i < x->n_key && err == 0; i++) {
		buf_text(w->b, i ? ", " : "");
		err = cond_write_text(w, x->key[i].name);
		buf_text(w->b, ": ");
		if (err == 0)
			err = cond_write_text(w, x->key[i].value);
	}
	buf_text(w->b, " }");
	return err;
}

static int write_details(struct cond_writer *w, const struct expect *x)
{
	size_t before = w->b->len;
	int err = 0;

	if (x->alerts.known)
		buf_printf(w->b, ", alerts: %lld", (long long)x->alerts.value);
	if (x->summaries.known)
		buf_printf(w->b, ", summaries: %lld", (long long)x->summaries.value);
	if (x->at_ns.known) {
		buf_text(w->b, ", at: ");
		duration_write_exact(x->at_ns.value, w->b);
	}
	if (x->n_key > 0)
		err = write_key(w, x);
	if (str_known(x->summary) && err == 0) {
		buf_text(w->b, ", summary: ");
		err = cond_write_text(w, x->summary);
	}
	if (x->has_route && err == 0)
		err = write_strs(w, ", route", x->route);
	/* The first of them has nothing in front. */
	if (w->b->len > before)
		w->b->p[before] = ' ';
	return err;
}

static int write_expect(struct cond_writer *w, const struct expect *x)
{
	int err = 0;

	buf_text(w->b, KEY KEY "expect: ");
	switch (x->kind) {
	case EXPECT_ALERT:
		buf_text(w->b, "alert\n");
		return 0;
	case EXPECT_NONE:
		buf_text(w->b, "none\n");
		return 0;
	case EXPECT_EXCEPTED:
		buf_printf(w->b, "{ excepted: %.*s }\n", STR_ARG(x->exception));
		return 0;
	case EXPECT_DETAILS:
		buf_char(w->b, '{');
		err = write_details(w, x);
		buf_text(w->b, " }\n");
	}
	return err;
}

static int write_tests(struct cond_writer *w, const struct rule *rule)
{
	int err = 0;

	if (rule->n_tests > 0)
		buf_text(w->b, KEY "tests:\n");
	for (size_t i = 0; i < rule->n_tests && err == 0; i++) {
		const struct rule_test *test = &rule->tests[i];

		buf_text(w->b, KEY ENTRY "name: ");
		err = cond_write_text(w, test->name);
		buf_text(w->b, "\n" KEY KEY);
		write_steps(w, test);
		if (err == 0)
			err = write_expect(w, &test->expect);
	}
	return err;
}

int native_rule_write(const struct rule *rule, struct buf *b, const char **ret_why)
{
	static int (*const parts[])(struct cond_writer *w, const struct rule *rule) = {
		write_about, write_match, write_exceptions, write_windows, write_summary, write_tests,
	};
	struct cond_writer w = { .b = b };
	int err;

	/* A file may have any name, and none may end the line. */
	buf_text(b, "  # From ");
	escape_controls(rule->source, b);
	buf_text(b, ".\n" ENTRY "id: ");
	err = cond_write_text(&w, rule->id);
	buf_char(b, '\n');
	for (size_t i = 0; i < ARRAY_SIZE(parts) && err == 0; i++)
		err = parts[i](&w, rule);
	if (err == -ENOTSUP)
		*ret_why = w.why;
	return err < 0 ? err : b->error ? -ENOMEM : 0;
}

/* What a writer of several rules hands around. */
struct file_writer {
	void (*say)(void *ctx, const struct rule *rule, const char *why);
	void *ctx;
};

/* Loads @text, as the one who gets it will. -EBADMSG: not all of it loads; the message is that of the first
 * error. */
static int load_again(struct str text, size_t n_rules, struct buf *message)
{
	_cleanup_(sources) struct sources sources = SOURCES_INIT;
	_cleanup_(diags) struct diags ds = DIAGS_INIT;
	_cleanup_(ruleset_free) struct ruleset *rules = NULL;
	const struct load_options options = {
		.now_ns = INT64_MIN, .authoring = true, .max_severity = N_SEVERITIES,
	};
	int err = rules_load_text(STR_LIT("converted"), text, &options, &sources, &ds, &rules);

	if (err == -ENOMEM || (err == 0 && ds.n_errors == 0 && rules->n_rules == n_rules))
		return err;
	for (size_t i = 0; i < ds.n && message->len == 0; i++)
		if (ds.items[i].level == DIAG_ERROR)
			buf_str(message, ds.items[i].message);
	return -EBADMSG;
}

/* A file with the rules; those that cannot be written are named, and NULL in the list from then on. *ret_n
 * becomes how many are in it. */
static int write_file(struct file_writer *f, const struct rule **rules, size_t n, struct buf *b,
		      size_t *ret_n)
{
	*ret_n = 0;
	buf_text(b, "version: 1\nrules:\n");
	for (size_t i = 0; i < n; i++) {
		size_t before = b->len;
		const char *why;
		int err = rules[i] ? native_rule_write(rules[i], b, &why) : 0;

		if (err == -ENOMEM)
			return err;
		*ret_n += rules[i] && err == 0;
		if (err == 0)
			continue;
		buf_cut(b, before);
		f->say(f->ctx, rules[i], why);
		rules[i] = NULL;
	}
	if (*ret_n == 0)
		buf_text(b, "  []\n");
	return b->error ? -ENOMEM : 0;
}

/* Names each rule that by itself would not load, and leaves it out from then on. */
static int drop_bad(struct file_writer *f, const struct rule **rules, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		_cleanup_(buf) struct buf text = BUF_INIT, why = BUF_INIT;
		size_t n_written;
		int err = rules[i] ? write_file(f, &rules[i], 1, &text, &n_written) : 0;

		if (err == 0 && rules[i])
			err = load_again(buf_get(&text), n_written, &why);
		if (err == -EBADMSG) {
			buf_char(&why, '\0');
			f->say(f->ctx, rules[i], why.error ? "" : why.p);
			rules[i] = NULL;
		} else if (err < 0) {
			return err;
		}
	}
	return 0;
}

static int format(struct str text, struct buf *b)
{
	_cleanup_(sources) struct sources sources = SOURCES_INIT;
	_cleanup_(diags) struct diags ds = DIAGS_INIT;
	const struct source *src;
	int err = sources_add(&sources, STR_LIT("converted"), text, &src);

	if (err == 0)
		err = format_rules(src, &ds, b);
	return err == -EINVAL || err == -ENOTSUP ? -EBADMSG : err;
}

int native_rules_write(const struct rule **rules, size_t n,
		       void (*say)(void *ctx, const struct rule *rule, const char *why), void *ctx,
		       struct buf *b)
{
	struct file_writer f = { say, ctx };
	_cleanup_(buf) struct buf text = BUF_INIT, why = BUF_INIT;
	size_t n_written;
	int err = write_file(&f, rules, n, &text, &n_written);

	if (err == 0)
		err = load_again(buf_get(&text), n_written, &why);
	if (err == -EBADMSG) {
		err = drop_bad(&f, rules, n);
		buf_reset(&text);
		if (err == 0)
			err = write_file(&f, rules, n, &text, &n_written);
		if (err == 0)
			err = load_again(buf_get(&text), n_written, &why);
	}
	return err < 0 ? err : format(buf_get(&text), b);
}
