/* SPDX-License-Identifier: Apache-2.0 */
/* What to say of a test that failed; see test_words.h. */
#include "cli/test_words.h"

#include <errno.h>

#include "base/text.h"
#include "base/timefmt.h"
#include "cli/rules.h"
#include "engine/explain.h"

/* "38s", "0.25s": exactly, since a test fails by a nanosecond. */
static void write_span(int64_t ns, struct buf *b)
{
	char digits[16];
	size_t n;

	if (ns < 0)
		buf_char(b, '-');
	buf_int(b, ns / NS_PER_S < 0 ? -(ns / NS_PER_S) : ns / NS_PER_S);
	n = (size_t)snprintf(digits, sizeof(digits), ".%09d", (int)(ns % NS_PER_S < 0 ? -(ns % NS_PER_S)
										      : ns % NS_PER_S));
	while (n > 0 && digits[n - 1] == '0')
		n--;
	if (n > 1)
		buf_add(b, digits, n);
	buf_char(b, 's');
}

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

static void write_expected_details(const struct expect *x, struct buf *b)
{
	if (x->alerts.known)
		write_count((size_t)x->alerts.value, "alert", "alerts", b);
	else if (x->at_ns.known)
		buf_text(b, "an alert");
	if (x->summaries.known)
		write_count((size_t)x->summaries.value, "summary", "summaries", b);
	if (x->at_ns.known) {
		buf_text(b, x->alerts.known && x->alerts.value > 1 ? ", the first at " : " at ");
		write_span(x->at_ns.value, b);
	}
	for (size_t i = 0; i < x->n_key; i++) {
		add_part(b, i ? " " : "  key ");
		escape_controls(x->key[i].name, b);
		buf_char(b, '=');
		escape_controls(x->key[i].value, b);
	}
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
	if (got->alerts && x->at_ns.known) {
		buf_text(b, got->alerts > 1 ? ", the first at " : " at ");
		write_span(got->at_ns.value, b);
	}
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
	if (got->matches == got->execs)
		buf_printf(b, "all %zu execs match", got->execs);
	else
		buf_printf(b, "%zu of %zu execs match", got->matches, got->execs);
	if (got->excepted)
		buf_printf(b, ", %zu excepted", got->excepted);
	if (got->undecided)
		buf_printf(b, ", %zu undecided", got->undecided);
	buf_char(b, '\n');
}

/* Why it came out so. */
static int write_trace(const struct rule *rule, struct trial *trial, const struct expect *x,
		       const struct trial_result *got, struct buf *b)
{
	size_t culprit = find_culprit(x, trial_misses(x, got), got);
	const struct event *ev;
	int r;

	write_execs(got, b);
	if (culprit >= got->execs)
		return b->error;
	r = trial_event(trial, culprit, &ev);
	if (r < 0)
		return r;
	if (got->execs > 1)
		buf_printf(b, "exec %zu of %zu:\n", culprit + 1, got->execs);
	return explain_trace(rule, ev, "", b);
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
	r = write_trace(rule, trial, &test->expect, got, &text);
	return r < 0 ? r : keep(a, &text, &ret->trace);
}
