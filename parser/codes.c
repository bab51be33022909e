/* SPDX-License-Identifier: Apache-2.0 */
/* The rows of codes.def as objects, and the way from a code's text to its row. */
#include "parser/codes.h"
#include "parser/load.h"

#define CODE(name, code, explanation) const struct diag_code code_##name = { code, explanation };
#include "parser/codes.def"
#undef CODE

const struct diag_code *const diag_codes[] = {
#define CODE(name, code, explanation) &code_##name,
#include "parser/codes.def"
#undef CODE
	NULL
};

const struct diag_code *diag_code_find(struct str code)
{
	for (const struct diag_code *const *c = diag_codes; *c; c++)
		if (str_eq_nocase(code, str_of((*c)->code)))
			return *c;
	return NULL;
}
