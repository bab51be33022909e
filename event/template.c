/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Templates; see template.h. A template is a list of parts, each a literal or a value with its filters.
 *
 * A value is written piece by piece straight into the buffer: the cut counts raw bytes as they go by and the
 * escaping comes last, so that no copy is needed and nothing is cut inside an escape.
 */
#include "event/template.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/nearest.h"
#include "base/text.h"
#include "event/field.h"
#include "event/json.h"

struct part {
	struct part *next;
	struct str literal;		/* known: only this */
	struct field_ref ref;		/* ref.field NULL: a variable */
	size_t var;
	size_t limit;			/* trunc; SIZE_MAX: none */
	struct str separator, fallback;
	bool json;
};

struct template {
	struct str text;
	struct part *first;
};

struct parser {
	struct str text;
	size_t at;
	const struct template_vars *vars;
	struct arena *arena;
	struct template_error *error;
};

/* How many bytes of @s fit into @room without cutting a UTF-8 character; what is none may be cut anywhere. */
static size_t cut_at(struct str s, size_t room)
{
	if (s.len <= room)
		return s.len;
	for (size_t back = 1; back <= 3 && back <= room; back++)
		if (utf8_length(str_skip(s, room - back)) > back)
			return room - back;
	return room;
}

/* Messages quote what the author wrote, and must not steer the terminal that shows them. */
static void hide_controls(char *message)
{
	for (; *message; message++)
		if ((unsigned char)*message < 0x20 || *message == 0x7f)
			*message = '?';
}

/* The bytes from @from up to @to are at fault. */
__attribute__((format(printf, 4, 5)))
static int fail(struct parser *p, size_t from, size_t to, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(p->error->message, sizeof(p->error->message), fmt, args);
	va_end(args);
	hide_controls(p->error->message);
	p->error->offset = from;
	p->error->length = to > from ? to - from : 1;
	p->error->help[0] = 0;
	return -EINVAL;
}

__attribute__((format(printf, 2, 3)))
static void help(struct parser *p, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(p->error->help, sizeof(p->error->help), fmt, args);
	va_end(args);
	hide_controls(p->error->help);
}

static bool looking_at(const struct parser *p, const char *token)
{
	return str_has_prefix(str_skip(p->text, p->at), str_of(token));
}

static void skip_spaces(struct parser *p)
{
	while (looking_at(p, " "))
		p->at++;
}

/* Up to a space, `|`, the closing braces, or a byte of @stop. */
static struct str take_word(struct parser *p, const char *stop)
{
	size_t from = p->at;

	while (p->at < p->text.len && !strchr(stop, p->text.p[p->at]) && !looking_at(p, " ") &&
	       !looking_at(p, "|") && !looking_at(p, "}}"))
		p->at++;
	return (struct str){ p->text.p + from, p->at - from };
}

static int fail_unknown(struct parser *p, struct str name)
{
	size_t from = (size_t)(name.p - p->text.p);
	struct nearest var = NEAREST_INIT(name);
	struct str field, best;
	int e = fail(p, from, from + name.len, "no field `%.*s`", (int)cut_at(name, 64), name.p);

	for (size_t i = 0; i < p->vars->n; i++)
		nearest_try(&var, str_of(p->vars->item[i].name));
	field = field_ref_nearest(name, p->arena);
	best = str_known(var.best) ? var.best : field;
	if (str_known(best))
		help(p, "did you mean `%.*s`?", STR_ARG(best));
	return e;
}

static int parse_name(struct parser *p, struct part *part)
{
	struct str name;
	size_t from;
	int e;

	skip_spaces(p);
	from = p->at;
	name = take_word(p, "");
	if (name.len == 0)
		return fail(p, from, from, "a field name belongs here");
	for (size_t i = 0; i < p->vars->n; i++)
		if (str_eq(str_of(p->vars->item[i].name), name)) {
			part->var = i;
			return 0;
		}
	e = field_ref_parse(name, &part->ref);
	if (e == -ENOENT)
		return fail_unknown(p, name);
	if (e)
		return fail(p, from, p->at,
			    "a field without its name (env.NAME), or with an index that it does not take");
	return 0;
}

/* 'TEXT', which ends at the next quote: there is no escape for one. */
static int parse_quoted(struct parser *p, struct str filter, struct str *ret)
{
	size_t from = p->at;
	const char *end;

	if (!looking_at(p, ":'"))
		return fail(p, from, from, "`%.*s` takes a text in single quotes: %.*s:'TEXT'",
			    STR_ARG(filter), STR_ARG(filter));
	p->at += 2;
	end = memchr(p->text.p + p->at, '\'', p->text.len - p->at);
	if (!end)
		return fail(p, from + 1, p->text.len, "a quote that is not closed");
	*ret = (struct str){ p->text.p + p->at, (size_t)(end - p->text.p) - p->at };
	p->at += ret->len + 1;
	return 0;
}

static int parse_limit(struct parser *p, size_t *ret)
{
	size_t from = p->at, n = 0;

	if (looking_at(p, ":"))
		p->at++;
	for (; p->at < p->text.len && p->text.p[p->at] >= '0' && p->text.p[p->at] <= '9'; p->at++)
		if (n < 1000000000)
			n = n * 10 + (size_t)(p->text.p[p->at] - '0');
	if (n == 0)
		return fail(p, from, p->at, "`trunc` takes a number of bytes: trunc:N");
	*ret = n;
	return 0;
}

static int parse_filter(struct parser *p, struct part *part)
{
	static const char *const names[] = { "trunc", "join", "json", "default" };
	struct nearest nearest;
	struct str name;
	size_t from;
	int e;

	skip_spaces(p);
	from = p->at;
	name = take_word(p, ":");
	if (str_eq(name, STR_LIT("trunc")))
		return parse_limit(p, &part->limit);
	if (str_eq(name, STR_LIT("join")))
		return parse_quoted(p, name, &part->separator);
	if (str_eq(name, STR_LIT("default")))
		return parse_quoted(p, name, &part->fallback);
	if (str_eq(name, STR_LIT("json"))) {
		part->json = true;
		return 0;
	}

	nearest = (struct nearest)NEAREST_INIT(name);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		nearest_try(&nearest, str_of(names[i]));
	e = fail(p, from, p->at, "no filter `%.*s`; there are trunc:N, join:'S', json, default:'S'",
		 (int)cut_at(name, 32), name.p);
	if (str_known(nearest.best))
		help(p, "did you mean `%.*s`?", STR_ARG(nearest.best));
	return e;
}

/* Behind "{{" up to behind "}}". */
static int parse_value(struct parser *p, struct part *part)
{
	size_t open = p->at - 2;
	int e;

	part->limit = SIZE_MAX;
	part->separator = STR_LIT(", ");
	part->fallback = STR_LIT("-");
	if (!str_contains(str_skip(p->text, p->at), STR_LIT("}}")))
		return fail(p, open, p->text.len, "`{{` without `}}`");
	e = parse_name(p, part);
	while (!e) {
		skip_spaces(p);
		if (looking_at(p, "}}")) {
			p->at += 2;
			return 0;
		}
		if (p->at == p->text.len)
			return fail(p, open, p->at, "`{{` without `}}`");
		if (!looking_at(p, "|"))
			return fail(p, p->at, p->at + 1, "`|` or `}}` belongs here");
		p->at++;
		e = parse_filter(p, part);
	}
	return e;
}

int template_parse(struct str text, const struct template_vars *vars, struct arena *a,
		   struct template_error *ret_error, const struct template **ret)
{
	static const struct template_vars none = { NULL, 0 };
	struct parser p = { .text = text, .vars = vars ? vars : &none, .arena = a, .error = ret_error };
	struct template *t = arena_alloc(a, sizeof(*t));
	struct part **link = t ? &t->first : NULL;

	if (!t)
		return -ENOMEM;
	t->text = text;
	while (p.at < text.len) {
		struct str rest = str_skip(text, p.at);
		const char *open = memmem(rest.p, rest.len, "{{", 2);
		struct part *part = arena_alloc(a, sizeof(*part));
		int e = 0;

		if (!part)
			return -ENOMEM;
		if (open == rest.p) {
			p.at += 2;
			e = parse_value(&p, part);
		} else {
			part->literal = (struct str){ rest.p, open ? (size_t)(open - rest.p) : rest.len };
			p.at += part->literal.len;
		}
		if (e)
			return e;
		*link = part;
		link = &part->next;
	}
	*ret = t;
	return 0;
}

struct str template_text(const struct template *t)
{
	return t->text;
}

/* A value being written. */
struct output {
	const struct part *part;
	struct buf *b;
	size_t room;			/* raw bytes until the cut */
	bool cut;
};

static void write_piece(struct output *o, struct str s)
{
	size_t n = cut_at(s, o->room);

	if (o->cut)
		return;
	o->cut = n < s.len;
	o->room -= n;
	s.len = n;
	if (o->part->json)
		json_escape(s, o->b);
	else
		escape_controls(s, o->b);
	if (o->cut)
		buf_text(o->b, "…");
}

static void write_value(struct output *o, const struct value *v)
{
	char memory[48];
	struct buf text;

	if (!field_ref_is_number(&o->part->ref)) {
		write_piece(o, v->text);
		return;
	}
	buf_init_fixed(&text, memory, sizeof(memory));
	value_write(o->part->ref.field->type, v, &text);
	write_piece(o, buf_get(&text));
}

/* False: nothing of it is known. */
static bool write_field(struct output *o, const struct event *ev)
{
	struct field_cursor c = { 0 };
	bool known = false;
	struct value v;

	while (!o->cut && field_next(&o->part->ref, ev, &c, &v)) {
		if (known)
			write_piece(o, o->part->separator);
		write_value(o, &v);
		known = true;
	}
	return known;
}

static void render_value(const struct part *part, const struct event *ev, const struct template_vars *vars,
			 struct buf *b)
{
	struct output o = { .part = part, .b = b, .room = part->limit };
	bool known;

	if (part->json)
		buf_char(b, '"');
	if (part->ref.field) {
		known = write_field(&o, ev);
	} else {
		known = str_known(vars->item[part->var].value);
		if (known)
			write_piece(&o, vars->item[part->var].value);
	}
	if (!known) {
		o.room = SIZE_MAX;
		write_piece(&o, part->fallback);
	}
	if (part->json)
		buf_char(b, '"');
}

void template_render(const struct template *t, const struct event *ev, const struct template_vars *vars,
		     struct buf *b)
{
	for (const struct part *part = t->first; part; part = part->next) {
		if (str_known(part->literal))
			buf_str(b, part->literal);
		else
			render_value(part, ev, vars, b);
	}
}
