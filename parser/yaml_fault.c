/* SPDX-License-Identifier: Apache-2.0 */
/* Wording of faults. */
#include "parser/yaml_fault.h"

#include "parser/codes.h"

void yaml_fault_report(const struct yaml_fault *f, struct diags *ds)
{
	static const struct {
		const struct diag_code *code;
		const char *message, *help;
	} texts[] = {
		[FAULT_ANCHOR] = { &code_yaml_feature, "anchors are not accepted",
				   "put a text that begins with `&` in quotes" },
		[FAULT_ALIAS] = { &code_yaml_feature, "aliases are not accepted",
				  "put a text that begins with `*` in quotes" },
		[FAULT_TAG] = { &code_yaml_feature, "tags are not accepted",
				"put a text that begins with `!` in quotes" },
		[FAULT_MERGE] = { &code_yaml_feature, "merge keys are not accepted", "write the keys out" },
		[FAULT_KEY] = { &code_key_shape, "a key must be a text", "a list is written `[a, b]`" },
		[FAULT_NUL] = { &code_bad_byte, "NUL byte", "no text of an exec holds one" },
		[FAULT_DOCUMENT] = { &code_second_document, "a second document", "use a file for each" },
		[FAULT_DEPTH] = { &code_too_large, "lists and maps nested more than 32 deep", "" },
		[FAULT_NODES] = { &code_too_large, "more than 2000000 values", "split the file" },
	};

	if (f->kind == FAULT_DUPLICATE) {
		diag_error(ds, &code_duplicate_key, f->at, "duplicate key `%.*s`", STR_ARG(f->text));
		diag_label(ds, "given again here");
		diag_second(ds, f->second, "first given here");
		return;
	}
	diag_error(ds, texts[f->kind].code, f->at, "%s", texts[f->kind].message);
	if (texts[f->kind].help[0])
		diag_help(ds, "%s", texts[f->kind].help);
}
