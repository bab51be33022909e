/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The exceptions of a rule. One that is over is an error of `check` and nothing else: the rule loads, and
 * goes on without it.
 */
#include <errno.h>
#include <string.h>

#include "base/timefmt.h"
#include "parser/checker.h"
#include "parser/codes.h"
#include "parser/keys.h"
#include "parser/read.h"

#define NS_PER_DAY (NS_PER_S * 86400)
#define WARNING_DAYS 14

/* Days since the epoch, also before it. */
static int64_t day_of(int64_t ns)
{
	return ns / NS_PER_DAY - (ns % NS_PER_DAY < 0);
}

static int read_until(struct scope *s, const struct node *n, struct exception *x)
{
	struct diags *ds = s->checker->ds;
	struct str text;
	int64_t day;
	int err = read_text(n, "`until`", ds, &text);

	if (err < 0)
		return err;
	if (!day_parse(text, &day)) {
		diag_error(ds, &code_wrong_type, n->at, "`until` takes a day, not `%.*s`", STR_ARG(text));
		diag_help(ds, "as in 2027-03-01");
		return -EINVAL;
	}
	x->until_at = n->at;
	x->until_day = arena_str(s->checker->arena, text);
	if (!x->until_day.p)
		return -ENOMEM;
	if (__builtin_add_overflow(day, NS_PER_DAY, &x->until_ns))
		x->until_ns = INT64_MAX;
	return 0;
}

/* Is it over, or soon? */
static void check_until(struct scope *s, const struct exception *x)
{
	int64_t now = s->checker->options->now_ns, last, today, days;
	struct diags *ds = s->checker->ds;

	if (x->until_ns == INT64_MAX || now == INT64_MIN)
		return;
	last = day_of(x->until_ns) - 1;
	today = day_of(now);
	days = today - last;
	if (days > 0) {
		diag_error(ds, &code_expired, x->until_at, "exception `%.*s` expired on %.*s", STR_ARG(x->id),
			   STR_ARG(x->until_day));
		diag_label(ds, "%lld day%s ago", (long long)days, days == 1 ? "" : "s");
		diag_help(ds, "renew it or delete the exception");
	} else if (days >= -WARNING_DAYS && warns(s)) {
		diag_warning(ds, &code_expires_soon, x->until_at, "exception `%.*s` ends on %.*s",
			     STR_ARG(x->id), STR_ARG(x->until_day));
		if (days == 0)
			diag_label(ds, "today");
		else
			diag_label(ds, "in %lld day%s", (long long)-days, days == -1 ? "" : "s");
	}
}

static int read_exception(struct scope *s, const struct node *map, const struct rule *rule, size_t size,
			  struct exception *x)
{
	const struct node *n;
	struct tally tally = { 0 };
	int err = read_map(map, "an exception", s->checker->ds), bad = 0;

	if (err < 0)
		return err;
	*x = (struct exception){ .at = map->at, .until_ns = INT64_MAX };
	err = keys_check(map, "an exception", MAP_EXCEPTION, s->checker->ds);
	n = node_get(map, "id");
	bad = n ? id_read(s, n, "an exception's `id`", &x->id) : -EINVAL;
	err = worse(err, bad);
	if (n)
		x->at = n->at;
	bad = text_read(s, map, "why", &x->why);
	err = worse(err, bad);
	n = node_get(map, "until");
	bad = n ? read_until(s, n, x) : 0;
	err = worse(err, bad);
	n = node_get(map, "match");
	bad = n ? condition_read(s, n, "an exception's `match`", &tally, &x->match) : -EINVAL;
	err = worse(err, bad);
	if (err == 0)
		check_until(s, x);
	if (err == 0 && rule->match)
		warn_exception(s, rule, x, tally.conditions * size);
	return err;
}

/* Their ids are unique within the rule. */
static int check_ids(struct scope *s, const struct exception *x, size_t n)
{
	_cleanup_(names) struct names ids = NAMES_INIT;
	int err = 0;

	for (size_t i = 0; i < n; i++) {
		size_t other;

		switch (str_known(x[i].id) ? names_add(&ids, x[i].id, i, &other) : 0) {
		case -EEXIST:
			err = diag_error(s->checker->ds, &code_duplicate_id, x[i].at,
					 "two exceptions `%.*s` in one rule", STR_ARG(x[i].id));
			diag_second(s->checker->ds, x[other].at, "the first one");
			break;
		case -ENOMEM:
			return -ENOMEM;
		}
	}
	return err;
}

int exceptions_read(struct scope *s, const struct node *n, struct rule *rule, size_t size)
{
	struct exception *x;
	int err = read_list(n, "`except`", s->checker->ds), bad;

	if (err < 0)
		return err;
	x = arena_array(s->checker->arena, n->n, sizeof(*x));
	if (!x)
		return -ENOMEM;
	for (size_t i = 0; i < n->n && err != -ENOMEM; i++) {
		bad = read_exception(s, n->items[i], rule, size, &x[i]);
		err = worse(err, bad);
	}
	bad = check_ids(s, x, n->n);
	rule->exceptions = x;
	rule->n_exceptions = n->n;
	return worse(err, bad);
}
