/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What `explain` prints: a header of two lines, the tree in three columns, what there is to say beside it.
 *
 * A mark is the outcome of a condition by itself; `·` stands before one that the matcher would not have come
 * to, since those before it had settled the whole.
 */
#include "cli/explain_print.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/timefmt.h"
#include "event/json.h"

/* Widest that the first two columns get; what is longer moves its row only. */
#define MAX_CONDITION 80
#define MAX_VALUES 60
#define JSON_BYTES 256
#define COMMAND_BYTES 120
#define PARENTS 6

enum style { STYLE_NONE, STYLE_GOOD, STYLE_BAD, STYLE_DOUBT, STYLE_FAINT, STYLE_BOLD };

struct row {
	unsigned int depth;
	enum style style;
	const char *mark;
	struct str condition, values, place;
};

struct printer {
	const struct explanation *x;
	struct buf *b;
	bool colour;
	struct arena arena;
	struct row *rows;
	size_t n, cap;
	size_t widths[2];		/* of conditions with their depth, and of values */
	bool all_looked_at;		/* the matcher has not even begun: nothing is told apart */
};

static void style(const struct printer *p, enum style style)
{
	static const char *const codes[] = {
		[STYLE_NONE] = "\033[0m",     [STYLE_GOOD] = "\033[32m", [STYLE_BAD] = "\033[31m",
		[STYLE_DOUBT] = "\033[33m",   [STYLE_FAINT] = "\033[2m", [STYLE_BOLD] = "\033[1m",
	};

	if (p->colour)
		buf_text(p->b, codes[style]);
}

/* Characters, which is near enough to cells. */
static size_t width(struct str s)
{
	size_t n = 0;

	for (size_t i = 0; i < s.len; i++)
		n += ((unsigned char)s.p[i] & 0xc0) != 0x80;
	return n;
}

static void widen(size_t *to, size_t width, size_t most)
{
	if (width > *to && width <= most)
		*to = width;
}

static struct str kept(struct printer *p, const struct buf *text)
{
	struct str s = arena_str(&p->arena, buf_get(text));

	if ((text->error || !s.p) && !p->b->error)
		p->b->error = -ENOMEM;
	return s.p ? s : (struct str)STR("");
}

static struct row *new_row(struct printer *p)
{
	size_t cap = p->cap ? 2 * p->cap : 64;
	struct row *grown;

	if (p->n == p->cap) {
		grown = reallocarray(p->rows, cap, sizeof(*grown));
		if (!grown) {
			p->b->error = -ENOMEM;
			return NULL;
		}
		p->rows = grown;
		p->cap = cap;
	}
	return &p->rows[p->n++];
}

static enum style style_of(enum truth outcome)
{
	if (outcome == TRUTH_UNDECIDED)
		return STYLE_DOUBT;
	return outcome == TRUTH_YES ? STYLE_GOOD : STYLE_BAD;
}

static void add_row(struct printer *p, const struct explain_node *n, unsigned int depth)
{
	static const char *const would[] = {
		[TRUTH_NO] = "would not hold", [TRUTH_YES] = "would hold",
		[TRUTH_UNDECIDED] = "would be undecided",
	};
	_cleanup_(buf) struct buf text = BUF_INIT;
	bool skipped = !n->looked_at && !p->all_looked_at;
	struct row *row = new_row(p);

	if (!row)
		return;
	*row = (struct row){ .depth = depth, .mark = skipped ? "·" : explain_marks[n->outcome],
			     .style = skipped ? STYLE_FAINT : style_of(n->outcome) };
	explain_write_condition(n, &text);
	row->condition = kept(p, &text);
	buf_reset(&text);
	explain_write_values(n, p->x->event, &text);
	if (skipped)
		buf_printf(&text, "%s(%s)", text.len ? " " : "", would[n->outcome]);
	row->values = kept(p, &text);
	buf_reset(&text);
	if (n->test)
		loc_write(test_at(n->test), &text);
	else if (cond_at(n->cond).source)
		loc_write(cond_at(n->cond), &text);
	row->place = kept(p, &text);
	widen(&p->widths[0], 4 * (size_t)depth + width(row->condition), MAX_CONDITION);
	widen(&p->widths[1], width(row->values), MAX_VALUES);
}

/* What `none` holds is an OR that nobody wrote, a rule's match an AND: their parts stand for them. */
static bool is_written(const struct explain_node *n)
{
	return n->test || n->cond->kind == COND_FIELD || n->cond->kind == COND_TRUE ||
	       str_known(cond_key(n->cond)) || str_known(cond_label(n->cond)) || n->cond->field;
}

static void add_tree(struct printer *p, const struct explain_node *n, unsigned int depth, bool stands_alone)
{
	if (!stands_alone || is_written(n))
		add_row(p, n, depth++);
	for (size_t i = 0; i < n->n_children; i++)
		add_tree(p, &n->children[i], depth,
			 n->cond->kind == COND_NOT && str_eq(cond_key(n->cond), STR_LIT("none")));
}

static void pad(struct printer *p, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++)
		buf_char(p->b, ' ');
}

static void print_tree(struct printer *p, const struct explain_node *n, const char *indent)
{
	p->n = p->widths[0] = p->widths[1] = 0;
	p->all_looked_at = !n->looked_at;
	add_tree(p, n, 0, true);
	for (size_t i = 0; i < p->n; i++) {
		const struct row *row = &p->rows[i];
		size_t left = 4 * (size_t)row->depth + width(row->condition);

		buf_text(p->b, indent);
		pad(p, 0, 4 * (size_t)row->depth);
		style(p, row->style);
		buf_text(p->b, row->mark);
		style(p, row->style == STYLE_FAINT ? STYLE_FAINT : STYLE_NONE);
		buf_char(p->b, ' ');
		buf_str(p->b, row->condition);
		if (row->values.len || row->place.len) {
			pad(p, left, p->widths[0]);
			buf_text(p->b, "   ");
			buf_str(p->b, row->values);
		}
		if (row->place.len) {
			pad(p, width(row->values), p->widths[1]);
			buf_text(p->b, "   ");
			style(p, STYLE_FAINT);
			buf_str(p->b, row->place);
		}
		style(p, STYLE_NONE);
		buf_char(p->b, '\n');
	}
}

static void print_shown(struct buf *b, struct str s, size_t limit)
{
	struct str part = utf8_cut(s, limit);

	escape_controls(part, b);
	if (part.len < s.len)
		buf_printf(b, "… (%zu bytes)", s.len);
}

static void print_event(struct printer *p, const struct picked_record *r)
{
	const struct event *ev = &r->event;
	struct buf *b = p->b;

	buf_text(b, "event  ");
	escape_controls(str_of(r->path), b);
	buf_printf(b, ":%" PRIu64, r->line);
	if (r->n_records > 1)
		buf_printf(b, " (one of %" PRIu64 " records)", r->n_records);
	if (ev->time.known) {
		buf_text(b, "  ");
		time_write(ev->time.value, b);
	}
	if (ev->pid.known)
		buf_printf(b, "  pid %" PRId64, ev->pid.value);
	if (str_known(ev->user)) {
		buf_text(b, "  ");
		print_shown(b, ev->user, COMMAND_BYTES);
	}
	if (ev->argv.known || str_known(ev->filename)) {
		buf_text(b, "  ");
		print_shown(b, ev->argv.known ? ev->argv.joined : ev->filename, COMMAND_BYTES);
	}
	for (size_t i = 0; i < ev->n_ancestors && i < PARENTS; i++) {
		buf_text(b, i ? " < " : "  parents: ");
		print_shown(b, str_known(ev->ancestor[i].comm) ? ev->ancestor[i].comm : STR_LIT("-"), 64);
		if (ev->ancestor[i].pid.known)
			buf_printf(b, "[%" PRId64 "]", ev->ancestor[i].pid.value);
	}
	buf_text(b, ev->n_ancestors > PARENTS ? " < …\n" : "\n");
}

static void print_rule(struct printer *p)
{
	static const enum style styles[N_EXPLAIN_VERDICTS] = {
		[EXPLAIN_OFF] = STYLE_DOUBT,	  [EXPLAIN_NOT_ADDRESSED] = STYLE_BAD,
		[EXPLAIN_NO_MATCH] = STYLE_BAD,	  [EXPLAIN_UNDECIDED] = STYLE_DOUBT,
		[EXPLAIN_EXCEPTED] = STYLE_DOUBT, [EXPLAIN_MATCH] = STYLE_GOOD,
	};

	buf_text(p->b, "rule   ");
	style(p, STYLE_BOLD);
	escape_controls(p->x->rule->id, p->b);
	style(p, STYLE_NONE);
	buf_text(p->b, "  ");
	loc_write(p->x->rule->at, p->b);
	buf_text(p->b, "  ");
	style(p, styles[p->x->verdict]);
	buf_text(p->b, explain_verdicts[p->x->verdict]);
	if (p->x->verdict == EXPLAIN_EXCEPTED) {
		buf_text(p->b, " by ");
		escape_controls(p->x->excepted_by->exception->id, p->b);
	}
	style(p, STYLE_NONE);
	buf_text(p->b, "\n\n");
}

/* Their trees where the rule comes to them. */
static void print_exceptions(struct printer *p)
{
	bool matches = p->x->match->looked_at && p->x->match->outcome != TRUTH_NO;

	for (size_t i = 0; i < p->x->rule->n_exceptions; i++) {
		const struct explain_exception *e = &p->x->exceptions[i];
		bool holds = e->match->outcome == TRUTH_YES;

		buf_text(p->b, "\nexception ");
		escape_controls(e->exception->id, p->b);
		buf_text(p->b, "  ");
		loc_write(e->exception->at, p->b);
		buf_text(p->b, "  ");
		if (e->expired && holds)
			buf_text(p->b, "has ended, would apply otherwise\n");
		else if (e->match->outcome == TRUTH_UNDECIDED)
			buf_text(p->b, "undecided, which does not apply\n");
		else if (matches)
			buf_text(p->b, holds ? "applies\n" : "does not apply\n");
		else
			buf_text(p->b, holds ? "would apply\n" : "would not apply\n");
		if (matches)
			print_tree(p, e->match, "  ");
	}
}

void explain_print_text(const struct explanation *x, const struct picked_record *record, bool colour,
			struct buf *b)
{
	_cleanup_(buf) struct buf nearest = BUF_INIT, remarks = BUF_INIT;
	struct printer p = { .x = x, .b = b, .colour = colour };

	print_event(&p, record);
	print_rule(&p);
	print_tree(&p, x->match, "  ");
	print_exceptions(&p);
	explain_write_remarks(x, &remarks);
	explain_write_nearest(x, &nearest);
	if (remarks.len || nearest.len)
		buf_char(b, '\n');
	explain_write_indented("note: ", "note: ", buf_get(&remarks), b);
	explain_write_indented("nearest miss: ", "              ", buf_get(&nearest), b);
	if ((remarks.error || nearest.error) && !b->error)
		b->error = remarks.error ? remarks.error : nearest.error;
	free(p.rows);
	arena_done(&p.arena);
}

static void json_place(struct json *j, const char *key, struct loc at)
{
	if (!at.source)
		return;
	json_object(j, key);
	json_str(j, "file", at.source->path);
	json_int(j, "line", at.line);
	json_int(j, "col", at.col);
	json_end_object(j);
}

static void json_values(struct json *j, const struct explain_node *n)
{
	size_t kept = n->n_values < EXPLAIN_VALUES ? n->n_values : EXPLAIN_VALUES;
	struct str texts[EXPLAIN_VALUES];

	if (n->cond->kind != COND_FIELD || n->test)
		return;
	json_text(j, "field", n->cond->field->field->name);
	json_int(j, "known_values", (int64_t)n->n_values);
	if (n->hidden || (n->n_values && n->state != TEXT_WHOLE))
		json_bool(j, "cut", true);
	if (field_ref_is_number(n->cond->field)) {
		json_list(j, "values");
		for (size_t i = 0; i < kept; i++)
			json_int(j, NULL, n->values[i].number);
		json_end_list(j);
		return;
	}
	for (size_t i = 0; i < kept; i++) {
		texts[i] = n->values[i].text;
		if (texts[i].len > JSON_BYTES)
			texts[i].len = JSON_BYTES;
	}
	json_strs(j, "values", texts, kept);
}

static const char *const outcomes[] = {
	[TRUTH_NO] = "no", [TRUTH_YES] = "yes", [TRUTH_UNDECIDED] = "undecided",
};

static void json_node(struct json *j, const char *key, const struct explain_node *n)
{
	_cleanup_(buf) struct buf text = BUF_INIT;

	json_object(j, key);
	explain_write_condition(n, &text);
	json_str(j, "condition", buf_get(&text));
	json_text(j, "outcome", outcomes[n->outcome]);
	json_bool(j, "looked_at", n->looked_at);
	json_place(j, "at", n->test ? test_at(n->test) : cond_at(n->cond));
	json_values(j, n);
	if (n->n_children) {
		json_list(j, "parts");
		for (size_t i = 0; i < n->n_children; i++)
			json_node(j, NULL, &n->children[i]);
		json_end_list(j);
	}
	json_end_object(j);
	if (text.error && !j->b->error)
		j->b->error = text.error;
}

static void json_lines(struct json *j, const char *key, struct str text)
{
	json_list(j, key);
	while (text.len > 0) {
		const char *end = memchr(text.p, '\n', text.len);
		size_t n = end ? (size_t)(end - text.p) : text.len;

		json_str(j, NULL, (struct str){ text.p, n });
		text = str_skip(text, n + 1);
	}
	json_end_list(j);
}

static void json_nearest(struct json *j, const struct explanation *x)
{
	json_object(j, "nearest_miss");
	if (x->n_needed != EXPLAIN_NEVER)
		json_int(j, "conditions", (int64_t)x->n_needed);
	json_list(j, "changes");
	for (size_t i = 0; i < x->n_changes; i++) {
		json_object(j, NULL);
		json_str(j, "change", x->changes[i].what);
		if (x->changes[i].why.len)
			json_str(j, "why", x->changes[i].why);
		json_place(j, "at", x->changes[i].at);
		if (x->n_needed == 1)
			json_bool(j, "matches", x->match->looked_at && x->changes[i].sure);
		json_end_object(j);
	}
	json_end_list(j);
	json_end_object(j);
}

void explain_print_json(const struct explanation *x, const struct picked_record *record, struct buf *b)
{
	static const char *const verdicts[N_EXPLAIN_VERDICTS] = {
		[EXPLAIN_OFF] = "off",		   [EXPLAIN_NOT_ADDRESSED] = "not_addressed",
		[EXPLAIN_NO_MATCH] = "no_match",   [EXPLAIN_UNDECIDED] = "undecided",
		[EXPLAIN_EXCEPTED] = "excepted",   [EXPLAIN_MATCH] = "match",
	};
	_cleanup_(buf) struct buf remarks = BUF_INIT;
	struct json j = JSON_INIT(b);

	json_object(&j, NULL);
	json_str(&j, "rule", x->rule->id);
	json_place(&j, "at", x->rule->at);
	json_object(&j, "record");
	json_text(&j, "file", record->path);
	json_int(&j, "line", (int64_t)record->line);
	json_int(&j, "seq", x->event->seq.value);
	json_int(&j, "records", (int64_t)record->n_records);
	json_end_object(&j);
	json_text(&j, "verdict", verdicts[x->verdict]);
	json_node(&j, "match", x->match);
	json_list(&j, "exceptions");
	for (size_t i = 0; i < x->rule->n_exceptions; i++) {
		const struct explain_exception *e = &x->exceptions[i];

		json_object(&j, NULL);
		json_str(&j, "id", e->exception->id);
		json_place(&j, "at", e->exception->at);
		json_bool(&j, "applies", e->match->outcome == TRUTH_YES && !e->expired);
		json_bool(&j, "expired", e->expired);
		json_node(&j, "match", e->match);
		json_end_object(&j);
	}
	json_end_list(&j);
	explain_write_remarks(x, &remarks);
	json_lines(&j, "remarks", buf_get(&remarks));
	if (x->n_needed > 0)
		json_nearest(&j, x);
	json_end_object(&j);
	buf_char(b, '\n');
	if (remarks.error && !b->error)
		b->error = remarks.error;
}
