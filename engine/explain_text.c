/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What was found out, in words: conditions, values, remarks, the trace of a failed test. Nothing here is
 * longer for a longer argv or list: of a value there are its first bytes (of one whose end matters its last),
 * of a list its first entries, with how much there is in all.
 */
#include "engine/explain.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/text.h"
#include "base/timefmt.h"
#include "engine/explain_nearest.h"

/* Bytes of a value in a column, of one that is to be copied, of an operand; operands of a list. */
#define SHOWN_BYTES 60
#define COPIED_BYTES 160
#define OPERAND_BYTES 60
#define LIST_OPERANDS 6
/* Lines of a trace. */
#define TRACE_LINES 8

const char *const explain_verdicts[N_EXPLAIN_VERDICTS] = {
	[EXPLAIN_OFF] = "OFF",
	[EXPLAIN_NOT_ADDRESSED] = "NO MATCH (a failed exec)",
	[EXPLAIN_NO_MATCH] = "NO MATCH",
	[EXPLAIN_UNDECIDED] = "UNDECIDED",
	[EXPLAIN_EXCEPTED] = "EXCEPTED",
	[EXPLAIN_MATCH] = "MATCH",
};

const char *const explain_marks[3] = { [TRUTH_NO] = "✗", [TRUTH_YES] = "✓", [TRUTH_UNDECIDED] = "?" };

/* At most @limit bytes of @s, in whole characters. */
static void write_text(struct str s, size_t limit, bool end, struct buf *b)
{
	if (s.len <= limit) {
		escape_controls(s, b);
		return;
	}
	if (end) {
		struct str part = str_skip(s, s.len - limit);

		while (part.len > limit - 3 && ((unsigned char)part.p[0] & 0xc0) == 0x80)
			part = str_skip(part, 1);
		buf_text(b, ELLIPSIS);
		escape_controls(part, b);
	} else {
		escape_controls(utf8_cut(s, limit), b);
		buf_text(b, ELLIPSIS);
	}
	buf_printf(b, " (%zu bytes)", s.len);
}

void explain_write_shown(const struct field_ref *ref, const struct value *v, size_t limit, bool end,
			 struct buf *b)
{
	if (field_ref_is_number(ref))
		field_number_write(ref, v->number, b);
	else
		write_text(v->text, limit, end, b);
}

/* Does YAML read @s as that text wherever a value may stand, without quotes? */
static bool is_plain(struct str s)
{
	if (s.len == 0 || s.p[0] == '-' || s.p[0] == '=' || str_eq(s, STR_LIT("~")))
		return false;
	for (size_t i = 0; i < s.len; i++) {
		char c = s.p[i];
		bool letter = (ascii_lower(c) >= 'a' && ascii_lower(c) <= 'z') || (c >= '0' && c <= '9');

		if (!letter && !memchr("./_-+=~", c, 7))
			return false;
	}
	return true;
}

/* In a list it would stand for a list of that name. */
static bool names_list(struct str s)
{
	bool name = s.len > 1 && s.p[0] == '$' && !(s.p[1] >= '0' && s.p[1] <= '9');

	for (size_t i = 1; i < s.len && name; i++)
		name = (ascii_lower(s.p[i]) >= 'a' && ascii_lower(s.p[i]) <= 'z') ||
		       (s.p[i] >= '0' && s.p[i] <= '9') || memchr("_-.", s.p[i], 3);
	return name;
}

void explain_write_value(const struct field_ref *ref, const struct value *v, struct buf *b)
{
	struct str s = v->text;
	bool printable = true;

	if (field_ref_is_number(ref)) {
		field_number_write(ref, v->number, b);
		return;
	}
	for (size_t i = 0; i < s.len && i < COPIED_BYTES; i++)
		printable &= (unsigned char)s.p[i] >= 0x20 && s.p[i] != 0x7f;
	if (s.len > COPIED_BYTES || !printable || !utf8_valid(s) || is_plain(s)) {
		write_text(s, COPIED_BYTES, false, b);
		return;
	}
	buf_char(b, '\'');
	if (names_list(s))
		buf_char(b, '$');
	for (size_t i = 0; i < s.len; i++) {
		size_t n = utf8_length(str_skip(s, i));

		if (s.p[i] == '\'')
			buf_char(b, '\'');
		escape_controls((struct str){ s.p + i, n }, b);
		i += n - 1;
	}
	buf_char(b, '\'');
}

void explain_write_operand(const struct field_ref *ref, const struct test *t, size_t i, struct buf *b)
{
	if (t->form == FORM_FIELD)
		field_ref_write(t->other, b);
	else if (t->op == OP_SET)
		buf_text(b, t->numbers[0] ? "true" : "false");
	else if (t->form == FORM_NUMBERS)
		field_number_write(ref, t->numbers[i], b);
	else
		write_text(test_operand_text(t, i), OPERAND_BYTES, t->op == OP_SUFFIX, b);
}

static void write_test(const struct field_ref *ref, const struct test *t, struct buf *b)
{
	size_t n = t->form == FORM_FIELD || t->op == OP_SET ? 1 : t->n;

	buf_text(b, t->op == OP_IN && n == 1 ? "=" : op_table[t->op].name);
	buf_text(b, t->form == FORM_FIELD && t->op != OP_SAME_AS ? " field " : " ");
	if (n == 1) {
		explain_write_operand(ref, t, 0, b);
	} else {
		buf_char(b, '[');
		for (size_t i = 0; i < n && i < LIST_OPERANDS; i++) {
			buf_text(b, i ? ", " : "");
			explain_write_operand(ref, t, i, b);
		}
		if (n > LIST_OPERANDS)
			buf_printf(b, ", " ELLIPSIS " %zu more", n - LIST_OPERANDS);
		buf_char(b, ']');
	}
	if (t->nocase)
		buf_text(b, " (nocase)");
}

/* A field's name may end with what the author chose: env.NAME. */
void explain_write_field(const struct field_ref *ref, struct buf *b)
{
	char memory[256];
	struct buf name;

	buf_init_fixed(&name, memory, sizeof(memory));
	field_ref_write(ref, &name);
	escape_controls(buf_get(&name), b);
	if (name.error)
		buf_text(b, ELLIPSIS);
}

static const char *group_name(const struct cond *c)
{
	switch (c->kind) {
	case COND_ALL:
		return "all";
	case COND_ANY:
		return "any";
	case COND_NOT:
		return str_eq(cond_key(c), STR_LIT("none")) ? "none" : "not";
	case COND_TRUE:
		return "every exec";
	case COND_FIELD:
		break;
	}
	return "";
}

void explain_write_condition(const struct explain_node *n, struct buf *b)
{
	const struct cond *c = n->cond;
	bool labelled = str_known(cond_label(c)) && !n->test;

	if (n->test) {
		write_test(c->field, n->test, b);
		return;
	}
	if (labelled) {
		buf_text(b, "macro ");
		escape_controls(cond_label(c), b);
		buf_text(b, c->kind == COND_FIELD ? ": " : " (");
	}
	if (c->kind != COND_FIELD && c->field) {
		explain_write_field(c->field, b);
		buf_char(b, ' ');
	}
	if (c->kind != COND_FIELD) {
		buf_text(b, group_name(c));
	} else {
		explain_write_field(c->field, b);
		buf_char(b, ' ');
		if (c->n_tests == 1)
			write_test(c->field, &c->tests[0], b);
		else
			buf_text(b, field_ref_is_many(c->field) ? "(one value for all)" : "(all)");
	}
	if (labelled && c->kind != COND_FIELD)
		buf_char(b, ')');
}

static bool looks_at_end(const struct explain_node *n)
{
	const struct test *t = n->test ? n->test : &n->cond->tests[0];

	return (n->test || n->cond->n_tests == 1) && t->op == OP_SUFFIX;
}

void explain_write_values(const struct explain_node *n, const struct event *ev, struct buf *b)
{
	size_t kept = n->n_values < EXPLAIN_VALUES ? n->n_values : EXPLAIN_VALUES;

	if (n->cond->kind != COND_FIELD || n->test)
		return;
	for (size_t i = 0; i < kept; i++) {
		buf_text(b, i ? ", " : "");
		if (!field_ref_is_number(n->cond->field) && n->values[i].text.len == 0)
			buf_text(b, "''");
		explain_write_shown(n->cond->field, &n->values[i], SHOWN_BYTES, looks_at_end(n), b);
	}
	if (n->n_values > kept)
		buf_printf(b, ", " ELLIPSIS " %zu more", n->n_values - kept);
	if (n->n_values == 0 && !n->hidden)
		buf_text(b, "not known");
	if (n->hidden || (n->n_values > 0 && n->state != TEXT_WHOLE)) {
		buf_text(b, n->n_values ? " (" : "(");
		buf_text(b, event_argv_state(ev) == ARGV_PARTIAL ? "words are missing" : "cut");
		buf_char(b, ')');
	}
}

static void write_key(const struct explanation *x, const struct key_fields *by, struct buf *b)
{
	buf_text(b, by->n ? "; its key is" : "; there is one key for all");
	for (size_t i = 0; i < by->n; i++) {
		struct field_cursor c = { 0 };
		struct value v;

		buf_text(b, i ? ", " : " ");
		explain_write_field(&by->item[i], b);
		buf_char(b, '=');
		if (field_next(&by->item[i], x->event, &c, &v))
			explain_write_shown(&by->item[i], &v, SHOWN_BYTES, false, b);
		else
			buf_char(b, '-');
	}
	buf_char(b, '\n');
}

static void remark_on_windows(const struct explanation *x, struct buf *b)
{
	const struct threshold *threshold = x->rule->threshold;
	const struct throttle *throttle = x->rule->throttle;

	if (threshold) {
		buf_printf(b, "the threshold asks for %" PRIu32 " such matches", threshold->count);
		if (threshold->has_distinct) {
			buf_text(b, " with different values of ");
			explain_write_field(&threshold->distinct, b);
		}
		buf_text(b, " within ");
		duration_write_exact(threshold->within_ns, b);
		buf_text(b, threshold->count > 1 ? ", and one exec cannot tell" : "");
		write_key(x, &threshold->by, b);
	}
	if (throttle) {
		buf_text(b, "the throttle lets the first alert of a key through, then one summary each ");
		duration_write_exact(throttle->every_ns, b);
		write_key(x, &throttle->by, b);
	}
}

static void remark_on_exceptions(const struct explanation *x, struct buf *b)
{
	if (x->expired) {
		buf_text(b, "exception ");
		escape_controls(x->expired->exception->id, b);
		buf_text(b, " would apply, but ended with ");
		escape_controls(x->expired->exception->until_day, b);
		buf_char(b, '\n');
	}
	if (!x->excepted_by)
		return;
	buf_text(b, "exception ");
	escape_controls(x->excepted_by->exception->id, b);
	buf_text(b, x->verdict == EXPLAIN_EXCEPTED ? " applies and keeps the rule quiet" :
						     " would apply and keep the rule quiet if it matched");
	if (str_known(x->excepted_by->exception->why)) {
		buf_text(b, ": ");
		write_text(x->excepted_by->exception->why, COPIED_BYTES, false, b);
	}
	buf_char(b, '\n');
}

void explain_write_remarks(const struct explanation *x, struct buf *b)
{
	const struct rule *rule = x->rule;

	if (rule->mode == MODE_OFF)
		buf_text(b, "the rule has mode off: it is checked and never matched\n");
	if (rule->mode == MODE_OBSERVE)
		buf_text(b, "the rule has mode observe: matches are counted, no output gets them\n");
	if (!rule->reads_outcome && event_failed(x->event)) {
		buf_text(b, "this exec failed");
		if (str_known(x->event->err)) {
			buf_text(b, " (");
			write_text(x->event->err, SHOWN_BYTES, false, b);
			buf_char(b, ')');
		}
		buf_text(b, ", and the rule speaks of successful execs alone, since its match reads neither "
			 "errno, retval, result nor stage\n"
			 "add `result: failed` to its match for failed execs, `result: [ok, failed]` for "
			 "both");
		buf_text(b, x->match->outcome == TRUTH_YES ? "; all else of it holds\n" : "\n");
	}
	if (x->verdict == EXPLAIN_UNDECIDED)
		buf_text(b, rule->severity <= SEVERITY_ERROR ?
			    "undecided: at this severity it alerts all the same, marked so\n" :
			    "undecided: at this severity it is counted and does not alert\n");
	remark_on_exceptions(x, b);
	remark_on_windows(x, b);
}

/* What a single change brings about. */
static const char *consequence(const struct explanation *x, bool sure)
{
	if (x->n_needed > 1)
		return "";
	if (x->verdict == EXPLAIN_OFF || x->verdict == EXPLAIN_NOT_ADDRESSED)
		return " is needed as well";
	return sure ? " would match" : " alone would not do";
}

void explain_write_nearest(const struct explanation *x, struct buf *b)
{
	if (x->n_needed == 0)
		return;
	if (x->n_needed == EXPLAIN_NEVER) {
		buf_text(b, "no change of single conditions makes it match\n");
		return;
	}
	buf_printf(b, "%zu condition%s; ", x->n_needed, x->n_needed == 1 ? "" : "s");
	for (size_t i = 0; i < x->n_changes; i++) {
		const struct explain_change *c = &x->changes[i];

		if (i > 0)
			buf_text(b, x->n_needed == 1 ? "or " : "and ");
		buf_str(b, c->what);
		buf_text(b, consequence(x, c->sure));
		buf_text(b, c->why.len ? "; " : "");
		buf_str(b, c->why);
		buf_char(b, '\n');
	}
	if (x->n_needed > 1 && x->n_needed > x->n_changes)
		buf_printf(b, "and %zu more\n", x->n_needed - x->n_changes);
}

void explain_write_indented(const char *first, const char *others, struct str text, struct buf *b)
{
	while (text.len > 0) {
		const char *end = memchr(text.p, '\n', text.len);
		size_t n = end ? (size_t)(end - text.p) : text.len;

		buf_text(b, first);
		buf_add(b, text.p, n);
		buf_char(b, '\n');
		text = str_skip(text, n + 1);
		first = others;
	}
}

struct trace {
	const struct explanation *x;
	const char *indent;
	struct buf *b;
	size_t n_lines, n_left_out;
};

static void trace_leaf(struct trace *t, const struct explain_node *n)
{
	if (t->n_lines >= TRACE_LINES) {
		t->n_left_out++;
		return;
	}
	t->n_lines++;
	buf_printf(t->b, "%s%s ", t->indent, explain_marks[n->outcome]);
	explain_write_condition(n, t->b);
	buf_text(t->b, "   ");
	explain_write_values(n, t->x->event, t->b);
	if (cond_at(n->cond).source) {
		buf_text(t->b, "   ");
		loc_write(cond_at(n->cond), t->b);
	}
	buf_char(t->b, '\n');
}

/* The predicates on which it hangs that @n is as it is: of an AND that fails those that fail. */
static void trace_node(struct trace *t, const struct explain_node *n)
{
	enum cond_kind kind = n->cond->kind;

	if (kind == COND_FIELD) {
		trace_leaf(t, n);
		return;
	}
	for (size_t i = 0; i < n->n_children; i++)
		if (kind == COND_NOT || n->children[i].outcome == n->outcome)
			trace_node(t, &n->children[i]);
}

static void write_trace(const struct explanation *x, const char *indent, struct buf *b)
{
	_cleanup_(buf) struct buf text = BUF_INIT;
	struct trace t = { .x = x, .indent = indent, .b = b };

	buf_printf(b, "%s%s\n", indent, explain_verdicts[x->verdict]);
	if (x->verdict == EXPLAIN_EXCEPTED)
		trace_node(&t, x->excepted_by->match);
	else if (x->verdict != EXPLAIN_OFF && x->verdict != EXPLAIN_NOT_ADDRESSED)
		trace_node(&t, x->match);
	if (t.n_left_out)
		buf_printf(b, "%s" ELLIPSIS " %zu more\n", indent, t.n_left_out);
	explain_write_remarks(x, &text);
	explain_write_indented(indent, indent, buf_get(&text), b);
	if (x->n_needed > 0)
		buf_printf(b, "%snearest miss: ", indent);
	buf_reset(&text);
	explain_write_nearest(x, &text);
	explain_write_indented("", indent, buf_get(&text), b);
	if (text.error && !b->error)
		b->error = text.error;
}

int explain_trace(const struct rule *rule, const struct event *ev, const char *indent, struct buf *b)
{
	_cleanup_(regex_scratch_free) struct regex_scratch *scratch = NULL;
	_cleanup_(arena) struct arena a = ARENA_INIT;
	struct explanation x;
	int r = regex_scratch_new(&scratch);

	if (r == 0)
		r = explain(rule, ev, scratch, &a, &x);
	if (r < 0)
		return r;
	write_trace(&x, indent, b);
	return b->error;
}
