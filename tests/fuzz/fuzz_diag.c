/* SPDX-License-Identifier: Apache-2.0 */
/* Diagnostics at any place of any text: two lines of numbers, then the text. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/diag.h"
#include "base/text.h"
#include "tests/fuzz/fuzz.h"

struct input {
	uint8_t line, second_line;
	uint16_t col, end_col, second_col;
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct diag_code code = { "E0001", "" };
	_cleanup_(sources) struct sources sources = SOURCES_INIT;
	_cleanup_(diags) struct diags diags = DIAGS_INIT;
	_cleanup_(buf) struct buf b = BUF_INIT;
	const struct source *s;
	struct input in;
	struct str out;

	if (size < sizeof(in))
		return 0;
	memcpy(&in, data, sizeof(in));
	if (sources_add(&sources, STR_LIT("x"),
			(struct str){ (const char *)data + sizeof(in), size - sizeof(in) }, &s) < 0)
		return 0;
	diag_error(&diags, &code, (struct loc){ s, in.line, in.col, in.end_col }, "m");
	diag_second(&diags, (struct loc){ s, in.second_line, in.second_col, 0 }, "s");
	diag_warning(&diags, &code, (struct loc){ s, in.second_line, in.col, in.end_col }, "w");
	diag_label(&diags, "l");
	diags_sort(&diags);
	diags_write_text(&diags, false, &b);
	out = buf_get(&b);

	/* Lines of harmless text, none of them long however long the source's line is. */
	CHECK(b.error == 0 && utf8_valid(out));
	for (size_t i = 0, start = 0; i < out.len; i++) {
		CHECK(out.p[i] == '\n' || (unsigned char)out.p[i] >= 0x20);
		if (out.p[i] == '\n')
			start = i + 1;
		CHECK(i + 1 - start < 4 * 160);
	}
	return 0;
}
