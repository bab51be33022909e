/* SPDX-License-Identifier: Apache-2.0 */
/* Prints all that the engine sees of a ruleset but summaries and places. */
#include "tests/rules/dump.h"

#include "base/text.h"
#include "base/timefmt.h"

static void dump_text(struct str s, struct buf *b)
{
	buf_char(b, '"');
	escape_controls(s, b);
	buf_char(b, '"');
}

static void dump_operands(const struct test *t, struct buf *b)
{
	if (t->form == FORM_FIELD) {
		buf_text(b, t->op == OP_SAME_AS ? " " : " field ");
		field_ref_write(t->other, b);
		return;
	}
	for (size_t i = 0; i < t->n; i++) {
		buf_char(b, ' ');
		if (t->op == OP_RE)
			buf_text(b, t->regexes[i] ? "REGEX" : "NULL");
		else if (t->form == FORM_TEXTS)
			dump_text(t->texts[i], b);
		else
			buf_int(b, t->numbers[i]);
	}
}

static void dump_cond(const struct cond *c, int depth, struct buf *b)
{
	static const char *const names[] = {
		[COND_TRUE] = "true", [COND_ALL] = "all", [COND_ANY] = "any",
		[COND_NOT] = "not",   [COND_FIELD] = "",
	};

	buf_printf(b, "%*s%s", 2 * depth, "", names[c->kind]);
	if (c->kind == COND_FIELD) {
		field_ref_write(c->field, b);
		for (size_t i = 0; i < c->n_tests; i++) {
			buf_printf(b, "%s %s%s", i ? " &" : "", op_table[c->tests[i].op].name,
				   c->tests[i].nocase ? "/nocase" : "");
			dump_operands(&c->tests[i], b);
		}
	}
	if (str_known(cond_label(c)))
		buf_printf(b, "  # %.*s", STR_ARG(cond_label(c)));
	buf_char(b, '\n');
	for (size_t i = 0; i < c->n_children; i++)
		dump_cond(c->children[i], depth + 1, b);
}

static void dump_strs(const char *name, struct strs list, struct buf *b)
{
	if (list.n == 0)
		return;
	buf_printf(b, "  %s:", name);
	for (size_t i = 0; i < list.n; i++) {
		buf_char(b, ' ');
		dump_text(list.item[i], b);
	}
	buf_char(b, '\n');
}

static void dump_str(const char *name, struct str s, struct buf *b)
{
	if (!str_known(s))
		return;
	buf_printf(b, "  %s: ", name);
	dump_text(s, b);
	buf_char(b, '\n');
}

static void dump_by(const struct key_fields *by, struct buf *b)
{
	for (size_t i = 0; i < by->n; i++) {
		buf_text(b, i ? " " : " by ");
		field_ref_write(&by->item[i], b);
	}
}

static void dump_windows(const struct rule *r, struct buf *b)
{
	if (r->threshold) {
		buf_printf(b, "  threshold: %u in %lldns", r->threshold->count,
			   (long long)r->threshold->within_ns);
		dump_by(&r->threshold->by, b);
		if (r->threshold->has_distinct) {
			buf_text(b, " distinct ");
			field_ref_write(&r->threshold->distinct, b);
		}
		buf_char(b, '\n');
	}
	if (r->throttle) {
		buf_printf(b, "  throttle: every %lldns", (long long)r->throttle->every_ns);
		dump_by(&r->throttle->by, b);
		buf_char(b, '\n');
	}
	for (size_t i = N_RULE_VARS; i < r->vars->n; i++)
		buf_printf(b, "  variable: %s\n", r->vars->item[i].name);
}

static void dump_expect(const struct expect *x, struct buf *b)
{
	static const char *const kinds[] = {
		[EXPECT_ALERT] = "alert", [EXPECT_NONE] = "none", [EXPECT_EXCEPTED] = "excepted",
		[EXPECT_DETAILS] = "details",
	};

	buf_printf(b, "    expect %s %.*s", kinds[x->kind], STR_ARG(x->exception));
	if (x->alerts.known)
		buf_printf(b, " alerts %lld", (long long)x->alerts.value);
	if (x->summaries.known)
		buf_printf(b, " summaries %lld", (long long)x->summaries.value);
	if (x->at_ns.known)
		buf_printf(b, " at %lldns", (long long)x->at_ns.value);
	for (size_t i = 0; i < x->n_key; i++)
		buf_printf(b, " key %.*s=%.*s", STR_ARG(x->key[i].name), STR_ARG(x->key[i].value));
	if (str_known(x->summary))
		buf_printf(b, " summary '%.*s'", STR_ARG(x->summary));
	for (size_t i = 0; i < x->route.n; i++)
		buf_printf(b, " route %.*s", STR_ARG(x->route.item[i]));
	buf_char(b, '\n');
}

static void dump_test(const struct rule_test *test, struct buf *b)
{
	buf_printf(b, "  test \"%.*s\"\n", STR_ARG(test->name));
	for (size_t i = 0; i < test->n_steps; i++) {
		const struct rule_test_step *step = &test->steps[i];

		buf_printf(b, "    at %lldns %u times every %lldns %.*s\n", (long long)step->at_ns,
			   step->repeat, (long long)step->every_ns, STR_ARG(step->record));
	}
	dump_expect(&test->expect, b);
}

static void dump_rule(const struct rule *r, struct buf *b)
{
	static const char *const modes[] = {
		[MODE_ALERT] = "alert", [MODE_OBSERVE] = "observe", [MODE_OFF] = "off",
	};

	buf_printf(b, "%.*s %s %s%s\n", STR_ARG(r->id), severity_names[r->severity], modes[r->mode],
		   r->reads_outcome ? " any-outcome" : "");
	buf_printf(b, "  source: %.*s\n", STR_ARG(r->source));
	dump_str("title", r->title, b);
	dump_str("why", rule_about(r)->why, b);
	dump_str("author", rule_about(r)->author, b);
	dump_str("version", rule_about(r)->version, b);
	dump_str("runbook", rule_about(r)->runbook, b);
	dump_str("status", rule_about(r)->status, b);
	dump_strs("tags", r->tags, b);
	dump_strs("references", rule_about(r)->references, b);
	dump_strs("falsepositives", rule_about(r)->falsepositives, b);
	dump_strs("route", r->route, b);
	dump_cond(r->match, 1, b);
	for (size_t i = 0; i < r->n_exceptions; i++) {
		const struct exception *x = &r->exceptions[i];

		buf_printf(b, "  except %.*s", STR_ARG(x->id));
		if (x->until_ns != INT64_MAX) {
			buf_text(b, " before ");
			time_write(x->until_ns, b);
		}
		if (str_known(x->why))
			buf_printf(b, " (%.*s)", STR_ARG(x->why));
		buf_char(b, '\n');
		dump_cond(x->match, 2, b);
	}
	dump_windows(r, b);
	for (size_t i = 0; i < r->n_tests; i++)
		dump_test(&r->tests[i], b);
	for (size_t i = 0; i < r->n_mutants; i++)
		buf_printf(b, "  mutant %.*s (%.*s)\n", STR_ARG(r->mutants[i].path),
			   STR_ARG(r->mutants[i].why));
}

void dump_ruleset(const struct ruleset *rs, struct buf *b)
{
	for (size_t i = 0; i < rs->n_rules; i++)
		dump_rule(&rs->rules[i], b);
	for (size_t i = 0; i < rs->n_skipped; i++)
		buf_printf(b, "skipped %.*s %.*s: %.*s\n", STR_ARG(rs->skipped[i].id),
			   STR_ARG(rs->skipped[i].source), STR_ARG(rs->skipped[i].message));
}
