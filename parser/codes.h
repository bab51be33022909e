/* SPDX-License-Identifier: Apache-2.0 */
/* The diagnostic codes of codes.def: `code_unknown_field` and so on. */
#ifndef PARSER_CODES_H
#define PARSER_CODES_H

#include "base/diag.h"

/* The end of an explanation: a rule's keys or a whole file, with the error and without it. */
#define EXAMPLE(wrong, right) "\n\nWrong:\n\n" wrong "\n\nRight:\n\n" right

#define CODE(name, code, explanation) extern const struct diag_code code_##name;
#include "parser/codes.def"
#undef CODE

/* All, in the order of codes.def; NULL at the end. */
extern const struct diag_code *const diag_codes[];

#endif
