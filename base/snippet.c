/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Diagnostics as rustc prints them:
 *
 *	error[E0005]: duplicate key `severity`
 *	  --> web.yaml:8:5
 *	   |
 *	 7 |     severity: warning
 *	   |     -------- first given here
 *	 8 |     severity: error
 *	   |     ^^^^^^^^ given again here
 *	   |
 *	   = help: delete one of them
 *
 * A place is a line and a column in characters, the text is bytes, and a file may be one line of 16 MiB with
 * a diagnostic in every word. So a source gets an index, a mark each STRIDE bytes, and of a long line only a
 * window around the carets is shown: the cost of a diagnostic does not depend on the size of its file.
 */
#include "base/diag.h"

#include <errno.h>
#include <locale.h>
#include <wchar.h>

#include "base/text.h"

#define STRIDE 1024
#define TAB_WIDTH 4
/* Cells of a source line; with the gutter that stays below 160. A longer line is shown from WINDOW_BEFORE
 * cells in front of its carets on. */
#define WINDOW 140
#define WINDOW_BEFORE 40
/* The character at @offset is the one at line:col. */
struct mark {
	size_t offset;
	uint32_t line, col;
};

struct line_index {
	struct line_index *next;
	const struct source *source;
	struct mark *marks;
	size_t n_marks;
};

struct printer {
	struct buf *out;
	struct arena arena;
	struct line_index *indexes;
	bool colour;
	unsigned int gutter;		/* width of the line numbers */
};

/* How one line of a source is shown. */
struct view {
	size_t start, end;		/* bytes of the text */
	bool cut_start, cut_end;
};

enum style { STYLE_NONE, STYLE_BOLD, STYLE_ERROR, STYLE_WARNING, STYLE_FRAME };

static void style(struct printer *p, enum style style)
{
	static const char *const codes[] = {
		[STYLE_NONE] = "\033[0m",
		[STYLE_BOLD] = "\033[1m",
		[STYLE_ERROR] = "\033[1;31m",
		[STYLE_WARNING] = "\033[1;33m",
		[STYLE_FRAME] = "\033[1;34m",
	};

	if (p->colour)
		buf_text(p->out, codes[style]);
}

/* Bytes of the line break that @s begins with; 0: none. They are YAML 1.1's: line numbers are libyaml's. */
static size_t break_length(struct str s)
{
	if (s.len == 0)
		return 0;
	if (s.p[0] == '\n')
		return 1;
	if (s.p[0] == '\r')
		return s.len > 1 && s.p[1] == '\n' ? 2 : 1;
	if ((unsigned char)s.p[0] < 0x80)
		return 0;
	if (str_has_prefix(s, STR_LIT("\xc2\x85")))
		return 2;
	if (str_has_prefix(s, STR_LIT("\xe2\x80\xa8")) || str_has_prefix(s, STR_LIT("\xe2\x80\xa9")))
		return 3;
	return 0;
}

static size_t char_length(struct str s)
{
	size_t len = utf8_length(s);

	return len ? len : 1;
}

/* Moves @m over one character or line break of @text; false at the end. */
static bool advance(struct str text, struct mark *m)
{
	struct str rest = str_skip(text, m->offset);
	size_t n;

	if (rest.len == 0)
		return false;
	/* Nearly all of any file. */
	if (rest.p[0] >= ' ' && rest.p[0] <= '~') {
		m->offset++;
		m->col++;
		return true;
	}
	n = break_length(rest);
	if (n) {
		m->offset += n;
		m->line++;
		m->col = 1;
	} else {
		m->offset += char_length(rest);
		m->col++;
	}
	return true;
}

static struct line_index *index_new(struct printer *p, const struct source *source)
{
	struct line_index *index = arena_alloc(&p->arena, sizeof(*index));
	struct str text = source->text;
	struct mark m = { 0, 1, 1 };

	if (!index)
		return NULL;
	index->source = source;
	index->marks = arena_array(&p->arena, text.len / STRIDE + 1, sizeof(*index->marks));
	if (!index->marks)
		return NULL;
	/* A byte order mark is no column. */
	if (str_has_prefix(text, STR_LIT("\xef\xbb\xbf")))
		m.offset = 3;
	do
		if (m.offset >= index->n_marks * STRIDE)
			index->marks[index->n_marks++] = m;
	while (advance(text, &m));
	index->next = p->indexes;
	return p->indexes = index;
}

static struct line_index *index_get(struct printer *p, const struct source *source)
{
	for (struct line_index *index = p->indexes; index; index = index->next)
		if (index->source == source)
			return index;
	return index_new(p, source);
}

static bool is_behind(struct mark m, uint32_t line, uint32_t col)
{
	return m.line > line || (m.line == line && m.col > col);
}

/* Where line:col is; the end of the line where that is shorter. */
static size_t index_offset(const struct line_index *index, uint32_t line, uint32_t col)
{
	struct str text = index->source->text;
	size_t low = 0, high = index->n_marks;
	struct mark m, next;

	while (high - low > 1) {
		size_t middle = low + (high - low) / 2;

		if (is_behind(index->marks[middle], line, col))
			high = middle;
		else
			low = middle;
	}
	m = next = index->marks[low];
	while ((m.line < line || m.col < col) && advance(text, &next) && !is_behind(next, line, col))
		m = next;
	return m.offset;
}

/* Cells that a terminal gives to the character that @s begins with: two to one of the Far East, none to an
 * accent that stands above the one before. Where nothing is known of it, one. */
static unsigned int cells_of(struct str s)
{
	mbstate_t state = { 0 };
	wchar_t c;
	int cells = -1;

	if (mbrtowc(&c, s.p, char_length(s), &state) <= 4)
		cells = wcwidth(c);
	return cells < 0 ? 1 : (unsigned int)cells;
}

/* The character at @offset as it is shown; returns its cells. */
static unsigned int show_char(struct str text, size_t offset, struct buf *b)
{
	struct str c = str_skip(text, offset);
	unsigned int cells = 0;
	size_t before = b->len;

	c.len = char_length(c);
	if (c.p[0] == '\t')
		buf_add(b, "    ", TAB_WIDTH);
	else
		escape_controls(c, b);
	for (struct str shown = str_skip(buf_get(b), before); shown.len > 0; ) {
		cells += cells_of(shown);
		shown = str_skip(shown, char_length(shown));
	}
	return cells;
}

/* Cells of the characters from @start to @end. */
static unsigned int width(struct str text, size_t start, size_t end)
{
	char memory[16];
	unsigned int cells = 0;
	struct buf b;

	while (start < end) {
		if (text.p[start] >= ' ' && text.p[start] <= '~') {
			cells++;
			start++;
			continue;
		}
		buf_init_fixed(&b, memory, sizeof(memory));
		cells += show_char(text, start, &b);
		start += char_length(str_skip(text, start));
	}
	return cells;
}

/* For what is shown of a line: a character without a cell takes room there, too. */
static unsigned int room(struct str text, size_t start, size_t end)
{
	unsigned int cells = width(text, start, end);

	return cells ? cells : 1;
}

static size_t char_before(struct str text, size_t offset)
{
	for (size_t back = 4; back > 1; back--)
		if (back <= offset && utf8_length(str_skip(text, offset - back)) == back)
			return offset - back;
	return offset - 1;
}

/* The start of the line that @offset is in, or of the part of it that is at most @cells wide. */
static size_t back_up(struct str text, size_t offset, unsigned int cells, bool *ret_cut)
{
	unsigned int used = 0;

	*ret_cut = false;
	while (offset > 0) {
		size_t before = char_before(text, offset);

		if (break_length(str_skip(text, before)))
			break;
		used += room(text, before, offset);
		if (used > cells) {
			*ret_cut = true;
			break;
		}
		offset = before;
	}
	if (offset == 0 && str_has_prefix(text, STR_LIT("\xef\xbb\xbf")))
		offset = 3;
	return offset;
}

static size_t go_on(struct str text, size_t offset, unsigned int cells, bool *ret_cut)
{
	unsigned int used = 0;

	*ret_cut = false;
	while (offset < text.len && !break_length(str_skip(text, offset))) {
		size_t next = offset + char_length(str_skip(text, offset));

		used += room(text, offset, next);
		if (used > cells) {
			*ret_cut = true;
			break;
		}
		offset = next;
	}
	return offset;
}

/* The whole line around @offset where it fits, else the window in which @offset is not far from the start. */
static struct view view_around(struct str text, size_t offset)
{
	struct view v;

	v.start = back_up(text, offset, WINDOW, &v.cut_start);
	v.end = go_on(text, v.start, WINDOW, &v.cut_end);
	if (!v.cut_start && (!v.cut_end || width(text, v.start, offset) < WINDOW / 2))
		return v;
	v.start = back_up(text, offset, WINDOW_BEFORE, &v.cut_start);
	v.end = go_on(text, v.start, WINDOW, &v.cut_end);
	return v;
}

static void repeat(struct buf *b, char c, unsigned int n)
{
	while (n-- > 0)
		buf_char(b, c);
}

/* "   |", or " 8 |" where @line is not 0. */
static void gutter(struct printer *p, uint32_t line)
{
	style(p, STYLE_FRAME);
	if (line > 0)
		buf_printf(p->out, "%*u |", (int)p->gutter, line);
	else
		buf_printf(p->out, "%*s |", (int)p->gutter, "");
	style(p, STYLE_NONE);
}

/* A place in the text, and how it is marked there. */
struct underline {
	struct str text, label;
	uint32_t line;
	size_t start, end;		/* bytes of the text */
	char c;
	enum style style;
};

static void source_line(struct printer *p, const struct underline *u, struct view v)
{
	gutter(p, u->line);
	if (v.end > v.start)
		buf_char(p->out, ' ');
	if (v.cut_start)
		buf_text(p->out, ELLIPSIS);
	for (size_t at = v.start; at < v.end; at += char_length(str_skip(u->text, at)))
		show_char(u->text, at, p->out);
	if (v.cut_end)
		buf_text(p->out, ELLIPSIS);
	buf_char(p->out, '\n');
}

static void underline(struct printer *p, const struct underline *u, struct view v)
{
	unsigned int cells = width(u->text, u->start, u->end < v.end ? u->end : v.end);

	gutter(p, 0);
	repeat(p->out, ' ', 1 + v.cut_start + width(u->text, v.start, u->start));
	style(p, u->style);
	repeat(p->out, u->c, cells ? cells : 1);
	if (u->label.len > 0) {
		buf_char(p->out, ' ');
		escape_controls(u->label, p->out);
	}
	style(p, STYLE_NONE);
	buf_char(p->out, '\n');
}

/* The source line with @u marked in it; with @other too, where that is in the same view. False: it is not. */
static bool snippet(struct printer *p, const struct underline *u, const struct underline *other)
{
	struct view v = view_around(u->text, u->start);

	source_line(p, u, v);
	underline(p, u, v);
	if (!other || other->line != u->line || other->start < v.start || other->start > v.end)
		return false;
	underline(p, other, v);
	return true;
}

/* Both in one source, in the order of the text. */
static void snippets(struct printer *p, const struct underline *first, const struct underline *second)
{
	const struct underline *upper = second->line < first->line ? second : first;
	const struct underline *lower = upper == first ? second : first;

	if (snippet(p, upper, lower))
		return;
	if (lower->line > upper->line + 1)
		buf_text(p->out, "...\n");
	snippet(p, lower, NULL);
}

static int underline_init(struct printer *p, struct underline *u, struct loc at, struct str label)
{
	struct line_index *index = index_get(p, at.source);
	uint32_t col = at.col ? at.col : 1;

	if (!index)
		return -ENOMEM;
	u->text = at.source->text;
	u->label = label;
	u->line = at.line;
	u->start = index_offset(index, at.line, col);
	u->end = index_offset(index, at.line, at.end_col > col ? at.end_col : col + 1);
	return 0;
}

/* "  --> web.yaml:8:5" */
static void place(struct printer *p, const char *arrow, struct loc at)
{
	style(p, STYLE_FRAME);
	buf_printf(p->out, "%*s%s ", (int)p->gutter, "", arrow);
	style(p, STYLE_NONE);
	loc_write(at, p->out);
	buf_char(p->out, '\n');
}

static void frame(struct printer *p)
{
	gutter(p, 0);
	buf_char(p->out, '\n');
}

/* "   = help: " */
static void note(struct printer *p, const char *kind)
{
	style(p, STYLE_FRAME);
	buf_printf(p->out, "%*s = ", (int)p->gutter, "");
	style(p, STYLE_BOLD);
	buf_text(p->out, kind);
	style(p, STYLE_NONE);
	buf_text(p->out, ": ");
}

static void headline(struct printer *p, const struct diag *d)
{
	bool is_error = d->level == DIAG_ERROR;

	style(p, is_error ? STYLE_ERROR : STYLE_WARNING);
	buf_printf(p->out, "%s[%s]", is_error ? "error" : "warning", d->code->code);
	style(p, STYLE_NONE);
	style(p, STYLE_BOLD);
	buf_text(p->out, ": ");
	escape_controls(d->message, p->out);
	style(p, STYLE_NONE);
	buf_char(p->out, '\n');
}

static bool has_line(struct loc at)
{
	return at.source && at.line > 0;
}

/* Where there is no line to show, what would stand behind its carets. */
static void place_note(struct printer *p, struct loc at, struct str label)
{
	note(p, "note");
	if (at.source) {
		loc_write(at, p->out);
		buf_text(p->out, ": ");
	}
	escape_controls(label, p->out);
	buf_char(p->out, '\n');
}

static int places(struct printer *p, const struct diag *d)
{
	struct underline first = { .c = '^', .style = d->level == DIAG_ERROR ? STYLE_ERROR : STYLE_WARNING };
	struct underline second = { .c = '-', .style = STYLE_FRAME };
	int r = 0;

	if (d->at.source)
		place(p, "-->", d->at);
	if (has_line(d->at))
		r = underline_init(p, &first, d->at, d->label);
	if (r == 0 && has_line(d->second))
		r = underline_init(p, &second, d->second, d->second_label);
	if (r < 0)
		return r;

	if (has_line(d->at)) {
		frame(p);
		if (has_line(d->second) && d->second.source == d->at.source)
			snippets(p, &first, &second);
		else
			snippet(p, &first, NULL);
	}
	if (has_line(d->second) && (d->second.source != d->at.source || !has_line(d->at))) {
		if (has_line(d->at))
			frame(p);
		place(p, ":::", d->second);
		frame(p);
		snippet(p, &second, NULL);
	}
	return 0;
}

static int write_one(struct printer *p, const struct diag *d)
{
	uint32_t highest = d->second.line > d->at.line ? d->second.line : d->at.line;
	bool second_note = d->second.source && d->second.line == 0;
	bool first_note = !has_line(d->at) && d->label.len > 0;
	int r;

	p->gutter = highest < 100 ? 2 : (unsigned int)snprintf(NULL, 0, "%u", highest);
	headline(p, d);
	r = places(p, d);
	if (r < 0)
		return r;
	if ((d->help.len > 0 || second_note) && (has_line(d->at) || has_line(d->second)))
		frame(p);
	if (first_note)
		place_note(p, (struct loc){ NULL, 0, 0, 0 }, d->label);
	if (second_note)
		place_note(p, d->second, d->second_label);
	if (d->help.len > 0) {
		note(p, "help");
		escape_controls(d->help, p->out);
		buf_char(p->out, '\n');
	}
	buf_char(p->out, '\n');
	return 0;
}

void diags_write_text(const struct diags *ds, bool colour, struct buf *b)
{
	struct printer p = { .out = b, .arena = ARENA_INIT, .colour = colour };
	/* Widths are UTF-8's, whatever the user's locale is. Without this one all have one cell. */
	locale_t utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
	locale_t before = uselocale(utf8);
	int r = 0;

	for (size_t i = 0; i < ds->n && r == 0; i++)
		r = write_one(&p, &ds->items[i]);
	if (r < 0)
		b->error = r;
	arena_done(&p.arena);
	uselocale(before);
	if (utf8)
		freelocale(utf8);
}
