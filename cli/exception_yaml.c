/* SPDX-License-Identifier: Apache-2.0 */
/* Exceptions as YAML; see exception_yaml.h. */
#include "cli/exception_yaml.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "base/timefmt.h"
#include "cli/numbers.h"
#include "engine/eval.h"
#include "parser/load.h"

#define NS_PER_DAY (NS_PER_S * 86400)

/* A byte order mark, or one of the two that are no characters: YAML allows them as escapes alone. */
static bool is_no_character(struct str c)
{
	return str_eq(c, STR_LIT("\xef\xbb\xbf")) || str_eq(c, STR_LIT("\xef\xbf\xbe")) ||
	       str_eq(c, STR_LIT("\xef\xbf\xbf"));
}

static unsigned int code_point(struct str c)
{
	const unsigned char *p = (const unsigned char *)c.p;

	switch (c.len) {
	case 1: return p[0];
	case 2: return (p[0] & 0x1fu) << 6 | (p[1] & 0x3fu);
	default: return (p[0] & 0x0fu) << 12 | (p[1] & 0x3fu) << 6 | (p[2] & 0x3fu);
	}
}

/* Controls, and what turns the order of reading, are escapes; what is written as itself shows itself. */
static void write_character(struct str c, struct buf *b)
{
	char shown[16];
	struct buf escaped;

	if (c.p[0] == '"' || c.p[0] == '\\') {
		buf_char(b, '\\');
		buf_str(b, c);
		return;
	}
	buf_init_fixed(&escaped, shown, sizeof(shown));
	escape_controls(c, &escaped);
	if (str_eq(buf_get(&escaped), c) && !is_no_character(c))
		buf_str(b, c);
	else
		buf_printf(b, c.len == 1 ? "\\x%02x" : "\\u%04x", code_point(c));
}

/* In double quotes, where every character can be written. @s is UTF-8. */
static void write_quoted(struct str s, struct buf *b)
{
	buf_char(b, '"');
	while (s.len) {
		size_t n = utf8_length(s);

		write_character((struct str){ s.p, n ? n : 1 }, b);
		s = str_skip(s, n ? n : 1);
	}
	buf_char(b, '"');
}

void exception_write(const struct exception_text *x, struct buf *b)
{
	int64_t until_ns;

	buf_printf(b, "      - id: %s\n        why: ", x->id);
	write_quoted(x->why, b);
	buf_char(b, '\n');
	if (x->has_until && !__builtin_add_overflow(x->last_ns, EXCEPTION_DAYS * NS_PER_DAY, &until_ns)) {
		buf_text(b, "        until: ");
		write_day(until_ns, b);
		buf_char(b, '\n');
	}
	buf_text(b, "        match:\n");
	for (size_t i = 0; i < N_PARTS; i++) {
		struct str value = x->parts->value[i];

		if (!str_known(value))
			continue;
		buf_printf(b, "          %s: ", part_names[i]);
		if (i == PART_UID || i == PART_NS_HOST)
			buf_str(b, value);
		else
			write_quoted(value, b);
		buf_char(b, '\n');
	}
}

static bool is_taken(const struct exception_ids *ids, const char *id)
{
	for (size_t i = 0; i < ids->rule->n_exceptions; i++)
		if (str_eq(ids->rule->exceptions[i].id, str_of(id)))
			return true;
	for (size_t i = 0; i < ids->n_made; i++)
		if (strcmp(ids->made[i], id) == 0)
			return true;
	return false;
}

void exception_id(struct exception_ids *ids, const struct parts *parts, char *ret)
{
	const struct str *v = parts->value;
	struct str name = str_basename(str_known(v[PART_EXE]) ? v[PART_EXE] : v[PART_FILENAME]);
	char base[EXCEPTION_ID_MAX - 12];
	size_t len = 0;

	for (size_t i = 0; i < name.len && len < sizeof(base) - 1; i++) {
		char c = ascii_lower(name.p[i]);
		bool fits = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_';

		/* Several that do not fit are one dash, and none leads. */
		if (fits)
			base[len++] = c;
		else if (len > 0 && base[len - 1] != '-')
			base[len++] = '-';
	}
	base[len] = '\0';
	snprintf(ret, EXCEPTION_ID_MAX, "%s", len ? base : "learned");
	for (unsigned int n = 2; is_taken(ids, ret); n++)
		snprintf(ret, EXCEPTION_ID_MAX, "%s-%u", len ? base : "learned", n);
	if (ids->n_made < ARRAY_SIZE(ids->made))
		memcpy(ids->made[ids->n_made++], ret, EXCEPTION_ID_MAX);
}

/* The exception of a rule that holds for every exec. */
static const struct exception *load(struct str text, struct sources *sources, struct diags *ds,
				    struct ruleset **ret)
{
	static const char head[] = "version: 1\nrules:\n  - id: learned\n    match: {}\n" EXCEPTIONS_KEY;
	const struct load_options options = { .now_ns = INT64_MIN, .max_severity = N_SEVERITIES };
	_cleanup_(buf) struct buf file = BUF_INIT;

	buf_text(&file, head);
	buf_str(&file, text);
	if (file.error ||
	    rules_load_text(STR_LIT("proposed"), buf_get(&file), &options, sources, ds, ret) < 0 ||
	    ds->n_errors || (*ret)->n_rules != 1 || (*ret)->rules[0].n_exceptions != 1)
		return NULL;
	return &(*ret)->rules[0].exceptions[0];
}

bool exception_holds(struct str text, const struct event *ev)
{
	_cleanup_(sources) struct sources sources = SOURCES_INIT;
	_cleanup_(diags) struct diags ds = DIAGS_INIT;
	_cleanup_(ruleset_free) struct ruleset *rules = NULL;
	_cleanup_(regex_scratch_free) struct regex_scratch *scratch = NULL;
	const struct exception *x = load(text, &sources, &ds, &rules);

	return x && regex_scratch_new(&scratch) == 0 && cond_prepare(x->match, false) == 0 &&
	       cond_eval(x->match, ev, scratch) == TRUTH_YES;
}
