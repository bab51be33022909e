/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where the documents of a text begin. A line that begins with `---` is the mark in front of one whatever it
 * stands in, quotes and blocks included, so that no YAML need be read to find it.
 */
#include <string.h>

#include "parser/yaml.h"
#include "parser/yaml_text.h"

/* Of a line: the mark in front of a document, something, or nothing but blanks, a comment or a directive. */
enum line_kind { LINE_NOTHING, LINE_SOMETHING, LINE_MARK };

static enum line_kind line_kind_of(struct str line)
{
	size_t i = 0;

	if (str_has_prefix(line, STR_LIT("---")) && (line.len == 3 || strchr(" \t\r\n", line.p[3])))
		return LINE_MARK;
	while (i < line.len && strchr(" \t\r\n", line.p[i]))
		i++;
	return i == line.len || line.p[i] == '#' || line.p[0] == '%' ? LINE_NOTHING : LINE_SOMETHING;
}

bool yaml_next_part(struct str text, struct yaml_part *part)
{
	size_t bom = yaml_bom_length(text), at = part->to > bom ? part->to : bom;
	uint32_t line = part->line;
	bool begun = false;

	if (at >= text.len)
		return false;
	for (size_t i = part->from; i < at; i++)
		line += text.p[i] == '\n';
	*part = (struct yaml_part){ at, text.len, line };
	while (at < text.len) {
		const char *end = memchr(text.p + at, '\n', text.len - at);
		size_t length = end ? (size_t)(end - text.p) + 1 - at : text.len - at;
		enum line_kind kind = line_kind_of((struct str){ text.p + at, length });

		if (kind == LINE_MARK && begun) {
			part->to = at;
			break;
		}
		begun |= kind != LINE_NOTHING;
		at += length;
	}
	return true;
}
