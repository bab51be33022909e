/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What goes wrong below the nodes.
 *
 * Bytes are looked at before libyaml gets them: of a bad byte it tells only the offset, and it would take
 * U+2028 or a lone CR for line breaks, which neither an editor nor our own line numbers do. Its messages
 * speak of tokens and simple keys; here they become what the author did.
 */
#include "parser/yaml_text.h"

#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "parser/codes.h"
#include "parser/yaml_marks.h"

size_t yaml_bom_length(struct str text)
{
	return str_has_prefix(text, STR_LIT("\xef\xbb\xbf")) ? 3 : 0;
}

/* Characters of @s; a byte that is no UTF-8 is one. */
static uint32_t count_characters(struct str s)
{
	uint32_t n = 0;

	while (s.len > 0) {
		size_t length = utf8_length(s);

		s = str_skip(s, length ? length : 1);
		n++;
	}
	return n;
}

struct loc yaml_place(const struct source *src, size_t from, size_t to)
{
	size_t start = yaml_bom_length(src->text);
	struct loc at = { src, 1, 0, 0 };

	for (size_t i = start; i < from; i++) {
		if (src->text.p[i] == '\n') {
			at.line++;
			start = i + 1;
		}
	}
	if (from < start)
		from = start;
	at.col = 1 + count_characters((struct str){ src->text.p + start, from - start });
	if (to > from && !memchr(src->text.p + from, '\n', to - from))
		at.end_col = at.col + count_characters((struct str){ src->text.p + from, to - from });
	return at;
}

/* What is wrong with a character, and what to write instead. */
struct character_fault {
	const char *message, *help;
};

static const char escape_help[] = "inside double quotes it is written as an escape";

/* The character at the start of @s has @length bytes (0: no UTF-8). False: it is fine. */
static bool is_bad_character(struct str s, size_t length, struct character_fault *ret)
{
	static const struct {
		struct str begin;
		const char *message;
	} rows[] = {
		{ STR("\xe2\x80\xa8"), "Unicode line separator" },
		{ STR("\xe2\x80\xa9"), "Unicode paragraph separator" },
		{ STR("\xef\xbb\xbf"), "byte order mark inside the text" },
		{ STR("\xef\xbf\xbe"), "code point that is no character" },
		{ STR("\xef\xbf\xbf"), "code point that is no character" },
	};
	unsigned char c = (unsigned char)s.p[0];
	bool c1 = length == 2 && c == 0xc2 && (unsigned char)s.p[1] < 0xa0;

	*ret = (struct character_fault){ "control character", escape_help };
	if (c == 0) {
		*ret = (struct character_fault){ "NUL byte", "no text of an exec holds one" };
		return true;
	}
	if (length == 0) {
		*ret = (struct character_fault){ "byte that is not UTF-8", "save the file as UTF-8" };
		return true;
	}
	if (c == '\r') {
		*ret = (struct character_fault){ "carriage return without a newline", "end lines with LF" };
		return !(s.len > 1 && s.p[1] == '\n');
	}
	if ((c < 0x20 && c != '\t' && c != '\n') || c == 0x7f || c1)
		return true;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		if (!str_has_prefix(s, rows[i].begin))
			continue;
		ret->message = rows[i].message;
		return true;
	}
	return false;
}

bool yaml_needs_escape(struct str s)
{
	struct character_fault fault;

	return s.p[0] == '\n' || s.p[0] == '\t' || is_bad_character(s, utf8_length(s), &fault);
}

static bool begins_line(struct str text, size_t offset)
{
	return offset == yaml_bom_length(text) || text.p[offset - 1] == '\n';
}

/* Tags are not accepted, and libyaml holds each of their directives against all before it. */
static void tag_directive(const struct source *src, size_t at, struct diags *ds)
{
	diag_error(ds, &code_needs_quotes, yaml_place(src, at, at + STR_LIT("%TAG").len),
		   "`%%` begins a directive, which rules do not have");
	diag_help(ds, "put the text in single quotes");
}

bool yaml_bad_byte(const struct source *src, size_t from, size_t to, struct diags *ds, size_t *ret_offset)
{
	struct str text = { src->text.p, to };

	for (size_t i = from; i < text.len; ) {
		struct str rest = { text.p + i, text.len - i };
		struct character_fault fault;
		size_t length = yaml_printable_run(rest);

		if (rest.p[0] == '%' && begins_line(text, i) && str_has_prefix(rest, STR_LIT("%TAG"))) {
			tag_directive(src, i, ds);
			*ret_offset = i;
			return true;
		}
		if (length == 0 && (rest.p[0] == '\n' || (rest.p[0] >= 0x20 && rest.p[0] < 0x7f)))
			length = 1;
		i += length;
		if (length > 0)
			continue;
		length = utf8_length(rest);
		if (is_bad_character(rest, length, &fault)) {
			diag_error(ds, &code_bad_byte, yaml_place(src, i, i), "%s (0x%02x)", fault.message,
				   (unsigned char)rest.p[0]);
			diag_help(ds, "%s", fault.help);
			*ret_offset = i;
			return true;
		}
		i += length;
	}
	return false;
}

/* A complaint of libyaml, found by what it says, and our words for it. The first row that fits is taken. */
struct translation {
	const char *problem, *context;		/* substrings; NULL: any */
	char character;				/* at the place; 0: any */
	bool at_context;			/* the fault is where the construct began */
	const struct diag_code *code;
	const char *message, *label, *second, *help;
};

static const struct translation translations[] = {
	{
		.character = '\t',
		.code = &code_tab,
		.message = "a tab where only spaces may stand",
		.label = "a tab",
		.help = "YAML does not allow tabs as indentation; use spaces",
	},
	{
		.problem = "tab character",
		.code = &code_tab,
		.message = "a tab where only spaces may stand",
		.label = "a tab",
		.help = "YAML does not allow tabs as indentation; use spaces",
	},
	{
		.problem = "alphabetic or numeric", .context = "alias",
		.code = &code_needs_quotes, .at_context = true,
		.message = "`*` begins an alias, which rules do not have",
		.help = "put the text in single quotes",
	},
	{
		.problem = "alphabetic or numeric", .context = "anchor",
		.code = &code_needs_quotes, .at_context = true,
		.message = "`&` begins an anchor, which rules do not have",
		.help = "put the text in single quotes",
	},
	{
		.context = "scanning a tag",
		.code = &code_needs_quotes, .at_context = true,
		.message = "`!` begins a tag, which rules do not have",
		.help = "put the text in single quotes",
	},
	{
		.problem = "undefined tag handle",
		.code = &code_needs_quotes,
		.message = "`!` begins a tag, which rules do not have",
		.help = "put the text in single quotes",
	},
	{
		.context = "directive",
		.code = &code_needs_quotes, .at_context = true,
		.message = "`%` begins a directive, which rules do not have",
		.help = "put the text in single quotes",
	},
	{
		.problem = "cannot start any token", .character = '%',
		.code = &code_needs_quotes,
		.message = "a text cannot begin with `%`",
		.help = "put the text in single quotes",
	},
	{
		.problem = "cannot start any token", .character = '@',
		.code = &code_needs_quotes,
		.message = "a text cannot begin with `@`",
		.help = "put the text in single quotes",
	},
	{
		.problem = "cannot start any token", .character = '`',
		.code = &code_needs_quotes,
		.message = "a text cannot begin with a backquote",
		.help = "put the text in single quotes",
	},
	{
		.problem = "cannot start any token",
		.code = &code_needs_quotes,
		.message = "a text cannot begin with this character",
		.help = "put the text in single quotes",
	},
	{
		.problem = "unknown escape character",
		.code = &code_bad_escape,
		.message = "double quotes know no such escape",
		.help = "use single quotes, where a backslash is itself",
	},
	{
		.problem = "hexdecimal",
		.code = &code_bad_escape,
		.message = "the escape lacks hexadecimal digits",
		.help = "\\x takes two digits, \\u four, \\U eight",
	},
	{
		.problem = "Unicode character escape",
		.code = &code_bad_escape,
		.message = "the escape names no character",
	},
	{
		.problem = "unexpected end of stream", .context = "quoted",
		.code = &code_yaml_syntax, .at_context = true,
		.message = "the quote is never closed",
		.label = "it begins here",
	},
	{
		.problem = "unexpected document indicator", .context = "quoted",
		.code = &code_yaml_syntax, .at_context = true,
		.message = "the quote is never closed",
		.label = "it begins here",
	},
	{
		.problem = "expected ':'",
		.code = &code_yaml_syntax, .at_context = true,
		.message = "a line that is no `key: value`",
		.label = "the `:` is missing",
		.help = "if it goes on the text of the line before, indent it further",
	},
	{
		.problem = "mapping values are not allowed",
		.code = &code_yaml_syntax,
		.message = "`: ` cannot stand here",
		.label = "this would begin a value",
		.help = "a text that holds `: ` needs quotes; or the line before lacks its `:`, "
			"or the indentation is wrong",
	},
	{
		.problem = "block sequence entries are not allowed",
		.code = &code_yaml_syntax,
		.message = "`- ` cannot stand here",
		.label = "this would begin a list entry",
		.help = "begin the list on its own line, or put the text in quotes",
	},
	{
		.problem = "mapping keys are not allowed",
		.code = &code_yaml_syntax,
		.message = "`? ` cannot stand here",
		.help = "put the text in single quotes",
	},
	{
		.problem = "expected ',' or ']'",
		.code = &code_yaml_syntax,
		.message = "expected `,` or `]`",
		.second = "the list begins here",
		.help = "a `]` is missing, or a text that holds `,`, `{`, `}`, `[` or `]` needs quotes",
	},
	{
		.problem = "expected ',' or '}'",
		.code = &code_yaml_syntax,
		.message = "expected `,` or `}`",
		.second = "the map begins here",
		.help = "a text that holds `,`, `{`, `}`, `[` or `]` needs quotes inside `{ }` and `[ ]`",
	},
	{
		.problem = "expected '-' indicator",
		.code = &code_yaml_syntax,
		.message = "expected `- `, as in the entries above",
		.second = "the list begins here",
		.help = "all entries of a list have the same indentation",
	},
	{
		.problem = "expected key",
		.code = &code_yaml_syntax,
		.message = "expected a key of the map above",
		.second = "the map begins here",
		.help = "keys of one map have one indentation, and nothing follows a closing quote",
	},
	{
		.problem = "expected node content",
		.code = &code_yaml_syntax,
		.message = "expected a value",
	},
	{
		.problem = "comment or line break", .context = "block scalar",
		.code = &code_yaml_syntax,
		.message = "the text begins on the line after",
		.help = "put a text that begins with `|` or `>` in quotes",
	},
	{
		.problem = "<document start>",
		.code = &code_yaml_syntax,
		.message = "expected the end of the file",
		.help = "all keys of a map have the same indentation",
	},
};

static bool fits(const struct translation *t, struct str text, const struct yaml_problem *p)
{
	if (t->problem && !strstr(p->problem, t->problem))
		return false;
	if (t->context && !(p->context && strstr(p->context, t->context)))
		return false;
	return !t->character || (p->at < text.len && text.p[p->at] == t->character);
}

static const struct translation *translation_of(struct str text, const struct yaml_problem *p)
{
	for (size_t i = 0; i < ARRAY_SIZE(translations); i++)
		if (fits(&translations[i], text, p))
			return &translations[i];
	return NULL;
}

size_t yaml_problem_start(struct str text, const struct yaml_problem *p)
{
	const struct translation *t = translation_of(text, p);

	return t && t->at_context && p->context ? p->context_at : p->at;
}

void yaml_problem_report(const struct source *src, const struct yaml_problem *p, struct diags *ds)
{
	const struct translation *t = translation_of(src->text, p);
	size_t at = yaml_problem_start(src->text, p);

	if (!t) {
		diag_error(ds, &code_yaml_syntax, yaml_place(src, at, at), "invalid YAML: %s", p->problem);
		return;
	}
	diag_error(ds, t->code, yaml_place(src, at, at), "%s", t->message);
	if (t->label)
		diag_label(ds, "%s", t->label);
	if (t->second && p->context)
		diag_second(ds, yaml_place(src, p->context_at, p->context_at), "%s", t->second);
	if (t->help)
		diag_help(ds, "%s", t->help);
}
