/* SPDX-License-Identifier: Apache-2.0 */
/* From characters to bytes; see yaml_marks.h. Most of a rule file is ASCII, where the one is the other. */
#include "parser/yaml_marks.h"

#include <stdint.h>
#include <string.h>

/* So far is looked ahead for ASCII. */
#define LONGEST_RUN 1024

size_t yaml_printable_run(struct str s)
{
	const uint64_t each = UINT64_C(0x0101010101010101), high = each << 7;
	size_t n = 0;

	for (; s.len - n >= sizeof(each); n += sizeof(each)) {
		uint64_t word;

		memcpy(&word, s.p + n, sizeof(word));
		/* A byte below 0x20 borrows, 0x7f carries, any other from there on is marked itself. */
		if ((word | (word - each * 0x20) | (word + each)) & high)
			break;
	}
	return n;
}

/* Character by character to @index, or to the end of the text. */
static void move_to(struct yaml_marks *m, struct str text, size_t index)
{
	while (m->index < index && m->byte < text.len) {
		do
			m->byte++;
		while (m->byte < text.len && (text.p[m->byte] & 0xc0) == 0x80);
		m->index++;
	}
	while (m->index > index && m->byte > 0) {
		do
			m->byte--;
		while (m->byte > 0 && (text.p[m->byte] & 0xc0) == 0x80);
		m->index--;
	}
}

size_t yaml_byte(struct yaml_marks *m, struct str text, size_t index)
{
	struct str rest;

	if (index >= m->index && index - m->index <= m->run)
		return m->byte + (index - m->index);
	if (index > m->index) {
		m->byte += m->run;
		m->index += m->run;
	}
	move_to(m, text, index);
	rest = str_skip(text, m->byte);
	if (rest.len > LONGEST_RUN)
		rest.len = LONGEST_RUN;
	m->run = yaml_printable_run(rest);
	return m->byte;
}
