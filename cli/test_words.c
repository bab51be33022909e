/* SPDX-License-Identifier: Apache-2.0 */
/* What to say of a test that failed; see test_words.h. */
#include "cli/test_words.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/text.h"
#include "base/timefmt.h"
#include "cli/rules.h"
#include "engine/explain.h"

/* One text behind what stands there already. */
static void add_part(struct buf *b, const char *separator)
{
	if (b->len)
		buf_text(b, separator);
}

static void write_count(size_t n, const char *what, const char *many, struct buf *b)
{
	add_part(b, ", ");
	buf_printf(b, "%zu %s", n, n == 1 ? what : many);
}

static void write_quoted(const char *name, struct str text, struct buf *b)
{
	add_part(b, "  ");
	buf_printf(b, "%s '", name);
	escape_controls(text, b);
	buf_char(b, '\'');
}

static void write_route(const struct strs *route, struct buf *b)
{
	add_part(b, "  ");
	buf_text(b, "route ");
	for (size_t i = 0; i < route->n; i++) {
		buf_text(b, i ? ", " : "");
		escape_controls(route->item[i], b);
	}
	if (route->n == 0)
		buf_text(b, "all");
}

static void write_key(const struct pair *key, size_t n, struct buf *b)
{
	add_part(b, "  ");
	buf_text(b, "key");
	for (size_t i = 0; i < n; i++) {
		buf_char(b, ' ');
		escape_controls(key[i].name, b);
		buf_char(b, '=');
		escape_controls(str_known(key[i].value) ? key[i].value : STR_LIT("-"), b);
	}
}

static void write_expected_details(const struct expect *x, struct buf *b)
{
	if (x->alerts.known)
		write_count((size_t)x->alerts.value, "alert", "alerts", b);
	else if (x->at_ns.known)
		buf_text(b, "an alert");
	if (x->summaries.known)
		write_count((size_t)x->summaries.value, "summary", "summaries", b);
	if (x->at_ns.known) {
		buf_text(b, x->alerts.value > 1 || x->summaries.known ? ", the first at " : " at ");
		duration_write_exact(x->at_ns.value, b);
	}
	if (x->n_key)
		write_key(x->key, x->n_key, b);
	if (str_known(x->summary))
		write_quoted("summary", x->summary, b);
	if (x->has_route)
		write_route(&x->route, b);
}

static void write_expected(const struct expect *x, struct buf *b)
{
	switch (x->kind) {
	case EXPECT_ALERT:
		buf_text(b, "an alert");
		break;
	case EXPECT_NONE:
		buf_text(b, "no alert");
		break;
	case EXPECT_EXCEPTED:
		buf_text(b, "no alert, excepted by ");
		buf_str(b, x->exception);
		break;
	case EXPECT_DETAILS:
		write_expected_details(x, b);
		break;
	}
}

static void write_got(const struct expect *x, const struct trial_result *got, struct buf *b)
{
	if (got->alerts)
		write_count(got->alerts, "alert", "alerts", b);
	else
		buf_text(b, "no alert");
	if (got->summaries || x->summaries.known)
		write_count(got->summaries, "summary", "summaries", b);
	if (got->counters.undecided)
		buf_printf(b, ", %" PRIu64 " undecided", got->counters.undecided);
	if (got->alerts && x->at_ns.known) {
		buf_text(b, b->len > strlen("1 alert") ? ", the first at " : " at ");
		duration_write_exact(got->at_ns.value, b);
	}
	if (got->alerts && x->n_key)
		write_key(got->key, got->n_key, b);
	if (got->alerts && str_known(x->summary))
		write_quoted("summary", got->summary, b);
	if (got->alerts && x->has_route)
		write_route(got->route, b);
}

/* The exec to explain: the one that is not as it should be. As many as there are execs: none. */
static size_t find_culprit(const struct expect *x, unsigned int misses, const struct trial_result *got)
{
	bool too_few = x->kind == EXPECT_ALERT ||
		       (x->kind == EXPECT_DETAILS && (!x->alerts.known ||
						      (size_t)x->alerts.value > got->alerts));

	if (misses & MISS_UNDECIDED)
		return got->first_undecided;
	if (misses & MISS_ALERTS)
		return too_few ? got->first_silent : got->first_alert;
	return misses & MISS_EXCEPTED ? 0 : got->execs;
}

static void write_execs(const struct trial_result *got, struct buf *b)
{
	if (got->execs == 1)
		return;
	if (got->counters.matches == got->execs)
		buf_printf(b, "all %zu execs match", got->execs);
	else
		buf_printf(b, "%" PRIu64 " of %zu execs match", got->counters.matches, got->execs);
	if (got->counters.excepted)
		buf_printf(b, ", %" PRIu64 " excepted", got->counters.excepted);
	if (got->counters.undecided)
		buf_printf(b, ", %" PRIu64 " undecided", got->counters.undecided);
	buf_char(b, '\n');
}

/* The longest span that is no more than @ns and short to write: whole seconds, else milliseconds. */
static int64_t round_down(int64_t ns)
{
	int64_t unit = ns >= NS_PER_S ? NS_PER_S : ns >= 1000000 ? 1000000 : 1;

	return ns - ns % unit;
}

/* Do the execs of one step have one key? Nothing of them differs but the time. */
static bool is_one_key(const struct key_fields *by)
{
	for (size_t i = 0; i < by->n; i++)
		if (by->item[i].field->type == FT_TIME)
			return false;
	return true;
}

/* What would let the threshold fire, where that is certain: enough execs, all of one step and one key. */
static void write_threshold_hint(const struct threshold *t, const struct rule_test *test,
				 const struct trial_result *got, struct buf *b)
{
	const struct rule_test_step *step = &test->steps[0];
	int64_t needed;

	if (got->execs < t->count) {
		buf_printf(b, "`count: %u` cannot be reached by %zu exec%s\n", t->count, got->execs,
			   plural(got->execs));
		return;
	}
	if (test->n_steps != 1 || t->has_distinct || !is_one_key(&t->by) ||
	    got->counters.matches != got->execs)
		return;
	needed = step->every_ns * (int64_t)(t->count - 1);
	if (needed <= t->within_ns)
		return;
	buf_text(b, "`every: ");
	duration_write_exact(step->every_ns, b);
	buf_printf(b, "` spreads %u execs over ", t->count);
	duration_write_exact(needed, b);
	buf_text(b, "; they fit if `every` <= ");
	duration_write_exact(round_down(t->within_ns / (t->count - 1)), b);
	buf_text(b, " or `within` >= ");
	duration_write_exact(needed, b);
	buf_char(b, '\n');
}

/* How far it came. */
static void write_threshold(const struct threshold *t, const struct rule_test *test,
			    const struct trial_result *got, struct buf *b)
{
	const char *whose = t->has_distinct ? "the distinct" : t->by.n ? "a key's" : "the";

	if (got->counters.peak == 0) {
		buf_text(b, "nothing was counted: the `distinct` field is not known in any exec that "
			 "matches\n");
		return;
	}
	buf_printf(b, "%s count peaked at %u of %u within ", whose, got->counters.peak, t->count);
	duration_write_exact(t->within_ns, b);
	buf_text(b, ", first at ");
	duration_write_exact(got->counters.peak_ns, b);
	buf_char(b, '\n');
	write_threshold_hint(t, test, got, b);
}

/* What the rule's threshold and throttle took. */
static void write_windows(const struct rule *rule, const struct rule_test *test,
			  const struct trial_result *got, struct buf *b)
{
	const struct rule_counters *c = &got->counters;

	if (rule->threshold && got->alerts == 0 && c->matches > 0)
		write_threshold(rule->threshold, test, got, b);
	if (c->suppressed)
		buf_printf(b, "%" PRIu64 " alert%s held back by the throttle\n", c->suppressed,
			   plural(c->suppressed));
}

/* Why the exception that was to apply does not: as a rule of its own, which sees every outcome. */
static int write_exception(const struct rule *rule, struct str id, const struct event *ev, struct buf *b)
{
	for (size_t i = 0; i < rule->n_exceptions; i++) {
		const struct exception *x = &rule->exceptions[i];
		struct rule alone = {
			.id = x->id, .title = x->id, .at = x->at, .source = rule->source,
			.reads_outcome = true, .match = x->match, .vars = rule->vars,
			.summary = rule->summary,
		};

		if (!str_eq(x->id, id))
			continue;
		buf_printf(b, "exception %.*s:\n", STR_ARG(id));
		return explain_trace(&alone, ev, "", b);
	}
	return 0;
}

/* Why it came out so. */
static int write_trace(const struct rule *rule, struct trial *trial, const struct rule_test *test,
		       const struct trial_result *got, struct buf *b)
{
	const struct expect *x = &test->expect;
	size_t culprit = find_culprit(x, trial_misses(x, got), got);
	const struct event *ev;
	int r;

	write_execs(got, b);
	write_windows(rule, test, got, b);
	if (culprit >= got->execs)
		return b->error;
	r = trial_event(trial, culprit, &ev);
	if (r < 0)
		return r;
	if (got->execs > 1)
		buf_printf(b, "exec %zu of %zu:\n", culprit + 1, got->execs);
	r = explain_trace(rule, ev, "", b);
	if (r == 0 && x->kind == EXPECT_EXCEPTED && got->exception_uses == 0)
		r = write_exception(rule, x->exception, ev, b);
	return r;
}

static int keep(struct arena *a, const struct buf *b, struct str *ret)
{
	*ret = arena_str(a, buf_get(b));
	return b->error || !ret->p ? -ENOMEM : 0;
}

int test_words(const struct rule *rule, struct trial *trial, const struct rule_test *test,
	       const struct trial_result *got, struct arena *a, struct test_outcome *ret)
{
	_cleanup_(buf) struct buf text = BUF_INIT;
	int r;

	write_expected(&test->expect, &text);
	r = keep(a, &text, &ret->expected);
	if (r < 0)
		return r;
	buf_reset(&text);
	write_got(&test->expect, got, &text);
	r = keep(a, &text, &ret->got);
	if (r < 0)
		return r;
	buf_reset(&text);
	r = write_trace(rule, trial, test, got, &text);
	return r < 0 ? r : keep(a, &text, &ret->trace);
}
