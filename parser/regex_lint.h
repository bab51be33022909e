/* SPDX-License-Identifier: Apache-2.0 */
/* What can be said of a regex by reading it, without running it; for warnings only. */
#ifndef PARSER_REGEX_LINT_H
#define PARSER_REGEX_LINT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

struct regex_lint {
	bool is_literal;		/* a plain text, perhaps with escaped characters */
	bool has_literal;		/* every match holds some text that is known */
	bool has_nested_repeat;		/* (a+)+ */
	size_t nested_at;		/* byte of the outer quantifier */
};

/* @pattern compiles. What the reader does not understand it takes for harmless. */
struct regex_lint regex_lint(struct str pattern);

#endif
