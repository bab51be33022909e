/* SPDX-License-Identifier: Apache-2.0 */
/* The forms of `test`; see test_report.h. */
#include "cli/test_report.h"

#include <string.h>

#include "base/text.h"
#include "cli/mutation.h"
#include "cli/rules.h"
#include "event/json.h"

/* Columns of the text form: of the ids, of a failed test's name, of a whole line of ids. */
#define MAX_ID_COLUMNS 40
#define NAME_COLUMNS 46
#define LINE_COLUMNS 108

#define INDENT "      "

static void pad(struct buf *b, size_t written, size_t columns)
{
	for (; written < columns; written++)
		buf_char(b, ' ');
}

static size_t id_columns(const struct test_run *run)
{
	size_t columns = 0;

	for (size_t i = 0; i < run->n_rules; i++)
		if (run->rules[i].n_tests && run->rules[i].rule->id.len > columns)
			columns = run->rules[i].rule->id.len;
	return columns < MAX_ID_COLUMNS ? columns : MAX_ID_COLUMNS;
}

static void text_failure(const struct test_outcome *t, struct buf *b)
{
	size_t begin;

	buf_text(b, INDENT);
	begin = b->len;
	escape_controls(t->test->name, b);
	pad(b, b->len - begin, NAME_COLUMNS);
	buf_char(b, ' ');
	loc_write(t->test->at, b);
	buf_printf(b, "\n" INDENT "  expected  %.*s\n", STR_ARG(t->expected));
	buf_printf(b, INDENT "  got       %.*s\n", STR_ARG(t->got));
	for (struct str rest = t->trace; rest.len > 0; ) {
		const char *end = memchr(rest.p, '\n', rest.len);
		size_t n = end ? (size_t)(end - rest.p) : rest.len;

		buf_printf(b, INDENT "  %s", rest.p == t->trace.p ? "trace     " : "          ");
		buf_add(b, rest.p, n);
		buf_char(b, '\n');
		rest = str_skip(rest, n + 1);
	}
}

static void text_rule(const struct rule_outcome *r, size_t columns, bool colour, struct buf *b)
{
	const char *on = !colour ? "" : r->n_failed ? "\033[1;31m" : "\033[32m";

	buf_printf(b, "%s%s%s  ", on, r->n_failed ? "FAIL" : "PASS", colour ? "\033[0m" : "");
	buf_str(b, r->rule->id);
	pad(b, r->rule->id.len, columns);
	if (r->n_failed)
		buf_printf(b, "  %zu of %zu test%s\n", r->n_failed, r->n_tests, plural(r->n_tests));
	else
		buf_printf(b, "  %zu test%s\n", r->n_tests, plural(r->n_tests));
	for (size_t i = 0; i < r->n_tests; i++)
		if (!r->tests[i].passed)
			text_failure(&r->tests[i], b);
}

static size_t count_untested(const struct test_run *run)
{
	size_t n = 0;

	for (size_t i = 0; i < run->n_rules; i++)
		n += run->rules[i].n_tests == 0;
	return n;
}

/* The rules that no test speaks of, in lines of bounded length. */
static void text_untested(const struct test_run *run, struct buf *b)
{
	size_t n = count_untested(run), column = 0;

	if (n == 0)
		return;
	buf_printf(b, "%zu rule%s without a %stest:\n", n, plural(n),
		   run->diags->n_errors ? "valid " : "");
	for (size_t i = 0; i < run->n_rules; i++) {
		struct str id = run->rules[i].rule->id;

		if (run->rules[i].n_tests)
			continue;
		if (column > 0 && column + 1 + id.len + 1 > LINE_COLUMNS) {
			buf_char(b, '\n');
			column = 0;
		}
		buf_text(b, column ? " " : "  ");
		buf_str(b, id);
		column += (column ? 1 : 2) + id.len;
		if (--n > 0) {
			buf_char(b, ',');
			column++;
		}
	}
	buf_char(b, '\n');
}

/* "2 of 31 mutants survived, 1 more with a reason". */
static void text_mutation(const struct mutation *m, struct buf *b)
{
	if (m->n_mutants == 0)
		return;
	buf_printf(b, "; mutation check: %zu of %zu mutant%s survived", m->n_survived, m->n_mutants,
		   plural(m->n_mutants));
	if (m->n_kept)
		buf_printf(b, ", %zu%s with a reason", m->n_kept, m->n_survived ? " more" : "");
}

static void write_stale(const struct stale_keep *k, struct buf *b)
{
	buf_char(b, '`');
	escape_controls(k->kept->path, b);
	if (k->noticed) {
		buf_text(b, "` fails a test and needs no reason");
		return;
	}
	buf_text(b, "` is no mutant of the rule");
	if (str_known(k->nearest))
		buf_printf(b, "; did you mean `%.*s`?", STR_ARG(k->nearest));
}

/* What the check has not looked at, and which bounds it keeps. */
static void write_left(const struct mutation *m, struct buf *b)
{
	buf_printf(b,
		   "%zu mutant%s of %zu rule%s not tried: beyond %d of a rule, or in a list of more than %d",
		   m->n_left, plural(m->n_left), m->n_cut, plural(m->n_cut), MUTANTS_MAX,
		   MUTANT_VALUES_MAX);
}

/* What the check found, a line each. */
static void text_mutants(const struct mutation *m, struct buf *b)
{
	for (size_t i = 0; i < m->n_survivors; i++) {
		const struct survivor *s = &m->survivors[i];

		if (s->kept)
			continue;
		buf_printf(b, "  survived  %.*s: ", STR_ARG(s->rule->id));
		mutant_write(s->mutant, b);
		buf_text(b, " fails no test   ");
		loc_write(s->mutant->at, b);
		buf_char(b, '\n');
	}
	for (size_t i = 0; i < m->n_stale; i++) {
		buf_printf(b, "  stale     %.*s: ", STR_ARG(m->stale[i].rule->id));
		write_stale(&m->stale[i], b);
		buf_text(b, "   ");
		loc_write(m->stale[i].kept->at, b);
		buf_char(b, '\n');
	}
	if (m->n_unchecked)
		buf_printf(b, "no mutation check of %zu rule%s whose tests fail\n", m->n_unchecked,
			   plural(m->n_unchecked));
	if (m->n_left) {
		write_left(m, b);
		buf_char(b, '\n');
	}
}

void test_report_text(const struct test_run *run, bool colour, struct buf *b)
{
	size_t columns = id_columns(run);

	for (size_t i = 0; i < run->n_rules; i++)
		if (run->rules[i].n_tests)
			text_rule(&run->rules[i], columns, colour, b);
	if (b->len)
		buf_char(b, '\n');
	buf_printf(b, "%zu rule%s, %zu test%s: %zu passed, %zu failed", run->n_rules, plural(run->n_rules),
		   run->n_tests, plural(run->n_tests), run->n_tests - run->n_failed, run->n_failed);
	if (run->diags->n_errors)
		buf_printf(b, "; %zu error%s in the rules", run->diags->n_errors,
			   plural(run->diags->n_errors));
	text_mutation(run->mutation, b);
	buf_char(b, '\n');
	text_mutants(run->mutation, b);
	text_untested(run, b);
}

/* Text of XML 1.0: what it cannot hold, even as a reference, is shown as an escape or as U+FFFD. */
static void xml_text(struct str s, struct buf *b)
{
	while (s.len) {
		size_t n = utf8_length(s);
		struct str c = { s.p, n ? n : 1 };

		if (c.p[0] == '<')
			buf_text(b, "&lt;");
		else if (c.p[0] == '>')
			buf_text(b, "&gt;");
		else if (c.p[0] == '&')
			buf_text(b, "&amp;");
		else if (c.p[0] == '"')
			buf_text(b, "&quot;");
		else if (str_eq(c, STR_LIT("\xef\xbf\xbe")) || str_eq(c, STR_LIT("\xef\xbf\xbf")))
			buf_text(b, "\xef\xbf\xbd");
		else if (c.p[0] == '\n')
			buf_char(b, '\n');
		else
			escape_controls(c, b);
		s = str_skip(s, c.len);
	}
}

/* In a value a newline would be read as a blank. */
static void xml_value(const char *name, struct str s, struct buf *b)
{
	_cleanup_(buf) struct buf line = BUF_INIT;

	escape_controls(s, &line);
	buf_printf(b, " %s=\"", name);
	xml_text(buf_get(&line), b);
	buf_char(b, '"');
	if (line.error)
		b->error = line.error;
}

static void xml_count(const char *name, size_t n, struct buf *b)
{
	buf_printf(b, " %s=\"%zu\"", name, n);
}

static void xml_place(struct loc at, struct buf *b)
{
	xml_value("file", at.source->path, b);
	xml_count("line", at.line, b);
}

static void junit_test(const struct rule *rule, const struct test_outcome *t, struct buf *b)
{
	buf_text(b, "    <testcase");
	xml_value("classname", rule->id, b);
	xml_value("name", t->test->name, b);
	xml_place(t->test->at, b);
	if (t->passed) {
		buf_text(b, "/>\n");
		return;
	}
	buf_text(b, ">\n      <failure type=\"expectation\" message=\"expected ");
	xml_text(t->expected, b);
	buf_text(b, ", got ");
	xml_text(t->got, b);
	buf_text(b, "\">");
	xml_text(t->trace, b);
	buf_text(b, "</failure>\n    </testcase>\n");
}

static void junit_rule(const struct rule_outcome *r, struct buf *b)
{
	buf_text(b, "  <testsuite");
	xml_value("name", r->rule->id, b);
	xml_count("tests", r->n_tests, b);
	xml_count("failures", r->n_failed, b);
	buf_text(b, " errors=\"0\">\n");
	for (size_t i = 0; i < r->n_tests; i++)
		junit_test(r->rule, &r->tests[i], b);
	buf_text(b, "  </testsuite>\n");
}

/* What is wrong with the files: a reader that shows tests alone must not show a green bar. */
static void junit_errors(const struct diags *ds, struct buf *b)
{
	buf_text(b, "  <testsuite name=\"rule files\"");
	xml_count("tests", ds->n_errors, b);
	buf_text(b, " failures=\"0\"");
	xml_count("errors", ds->n_errors, b);
	buf_text(b, ">\n");
	for (size_t i = 0; i < ds->n; i++) {
		const struct diag *d = &ds->items[i];
		_cleanup_(buf) struct buf place = BUF_INIT;

		if (d->level != DIAG_ERROR)
			continue;
		loc_write(d->at, &place);
		buf_text(b, "    <testcase classname=\"rule files\"");
		xml_value("name", buf_get(&place), b);
		xml_place(d->at, b);
		buf_text(b, ">\n      <error");
		xml_value("type", str_of(d->code->code), b);
		xml_value("message", d->message, b);
		buf_text(b, "/>\n    </testcase>\n");
		if (place.error)
			b->error = place.error;
	}
	buf_text(b, "  </testsuite>\n");
}

static void junit_mutant(const struct rule *rule, struct str path, struct loc at, struct str message,
			 struct buf *b)
{
	buf_text(b, "    <testcase");
	xml_value("classname", rule->id, b);
	xml_value("name", path, b);
	xml_place(at, b);
	buf_text(b, ">\n      <failure type=\"mutant\"");
	xml_value("message", message, b);
	buf_text(b, "/>\n    </testcase>\n");
}

/* The mutants that nobody has tried: one test that was skipped. */
static void junit_left(const struct mutation *m, struct buf *b)
{
	_cleanup_(buf) struct buf message = BUF_INIT;

	write_left(m, &message);
	buf_text(b, "    <testcase classname=\"mutation check\" name=\"all mutants\">\n      <skipped");
	xml_value("message", buf_get(&message), b);
	buf_text(b, "/>\n    </testcase>\n");
	if (message.error)
		b->error = message.error;
}

/* Where it counts as a failure. */
static void junit_mutation(const struct mutation *m, struct buf *b)
{
	_cleanup_(buf) struct buf message = BUF_INIT;
	size_t findings = m->n_survived + m->n_stale;

	buf_text(b, "  <testsuite name=\"mutation check\"");
	xml_count("tests", findings + (m->n_left > 0), b);
	xml_count("failures", findings, b);
	buf_text(b, " errors=\"0\"");
	if (m->n_left)
		xml_count("skipped", 1, b);
	buf_text(b, ">\n");
	for (size_t i = 0; i < m->n_survivors; i++) {
		const struct survivor *s = &m->survivors[i];

		if (s->kept)
			continue;
		buf_reset(&message);
		mutant_write(s->mutant, &message);
		buf_text(&message, " fails no test");
		junit_mutant(s->rule, s->mutant->path, s->mutant->at, buf_get(&message), b);
	}
	for (size_t i = 0; i < m->n_stale; i++) {
		const struct kept_mutant *kept = m->stale[i].kept;

		buf_reset(&message);
		write_stale(&m->stale[i], &message);
		junit_mutant(m->stale[i].rule, kept->path, kept->at, buf_get(&message), b);
	}
	if (m->n_left)
		junit_left(m, b);
	buf_text(b, "  </testsuite>\n");
	if (message.error)
		b->error = message.error;
}

void test_report_junit(const struct test_run *run, struct buf *b)
{
	const struct mutation *m = run->mutation;
	size_t findings = run->strict ? m->n_survived + m->n_stale : 0;
	size_t skipped = run->strict && m->n_left > 0;

	buf_text(b, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"execwatch test\"");
	xml_count("tests", run->n_tests + run->diags->n_errors + findings + skipped, b);
	xml_count("failures", run->n_failed + findings, b);
	xml_count("errors", run->diags->n_errors, b);
	buf_text(b, ">\n");
	if (run->diags->n_errors)
		junit_errors(run->diags, b);
	for (size_t i = 0; i < run->n_rules; i++)
		if (run->rules[i].n_tests)
			junit_rule(&run->rules[i], b);
	if (findings || skipped)
		junit_mutation(m, b);
	buf_text(b, "</testsuites>\n");
}

static void json_place(struct json *j, struct loc at)
{
	json_str(j, "file", at.source->path);
	json_int(j, "line", at.line);
	json_int(j, "col", at.col);
}

static void json_test(struct json *j, const struct rule *rule, const struct test_outcome *t)
{
	json_object(j, NULL);
	json_str(j, "rule", rule->id);
	json_str(j, "test", t->test->name);
	json_place(j, t->test->at);
	json_bool(j, "passed", t->passed);
	json_str(j, "expected", t->expected);
	json_str(j, "got", t->got);
	json_str(j, "trace", t->trace);
	json_end_object(j);
}

static void json_survivor(struct json *j, const struct survivor *s)
{
	_cleanup_(buf) struct buf text = BUF_INIT;

	mutant_write(s->mutant, &text);
	json_object(j, NULL);
	json_str(j, "rule", s->rule->id);
	json_str(j, "mutant", s->mutant->path);
	json_str(j, "text", buf_get(&text));
	if (s->kept)
		json_str(j, "why", s->kept->why);
	json_place(j, s->mutant->at);
	json_end_object(j);
}

static void json_mutation(struct json *j, const struct mutation *m)
{
	json_object(j, "mutation");
	json_int(j, "mutants", (int64_t)m->n_mutants);
	json_int(j, "survived", (int64_t)m->n_survived);
	json_int(j, "kept", (int64_t)m->n_kept);
	json_int(j, "unchecked", (int64_t)m->n_unchecked);
	json_int(j, "left_out", (int64_t)m->n_left);
	json_list(j, "survivors");
	for (size_t i = 0; i < m->n_survivors; i++)
		json_survivor(j, &m->survivors[i]);
	json_end_list(j);
	json_list(j, "stale");
	for (size_t i = 0; i < m->n_stale; i++) {
		json_object(j, NULL);
		json_str(j, "rule", m->stale[i].rule->id);
		json_str(j, "mutant", m->stale[i].kept->path);
		json_bool(j, "noticed", m->stale[i].noticed);
		json_place(j, m->stale[i].kept->at);
		json_end_object(j);
	}
	json_end_list(j);
	json_end_object(j);
}

void test_report_json(const struct test_run *run, struct buf *b)
{
	struct json j = JSON_INIT(b);

	json_object(&j, NULL);
	json_int(&j, "rules", (int64_t)run->n_rules);
	json_int(&j, "tests", (int64_t)run->n_tests);
	json_int(&j, "passed", (int64_t)(run->n_tests - run->n_failed));
	json_int(&j, "failed", (int64_t)run->n_failed);
	json_int(&j, "errors", (int64_t)run->diags->n_errors);
	json_list(&j, "untested");
	for (size_t i = 0; i < run->n_rules; i++)
		if (run->rules[i].n_tests == 0)
			json_str(&j, NULL, run->rules[i].rule->id);
	json_end_list(&j);
	json_list(&j, "results");
	for (size_t i = 0; i < run->n_rules; i++)
		for (size_t k = 0; k < run->rules[i].n_tests; k++)
			json_test(&j, run->rules[i].rule, &run->rules[i].tests[k]);
	json_end_list(&j);
	json_mutation(&j, run->mutation);
	json_end_object(&j);
	buf_char(b, '\n');
}
