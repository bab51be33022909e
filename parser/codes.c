/* SPDX-License-Identifier: Apache-2.0 */
/* The rows of codes.def as objects, and the way from a code's text to its row. */
#include "parser/codes.h"
#include "base/cleanup.h"
#include "parser/load.h"

#define CODE(name, code, explanation) const struct diag_code code_##name = { code, explanation };
#include "parser/codes.def"
#undef CODE

const struct diag_code *diag_code_find(struct str code)
{
	static const struct diag_code *const all[] = {
#define CODE(name, code, explanation) &code_##name,
#include "parser/codes.def"
#undef CODE
	};

	for (size_t i = 0; i < ARRAY_SIZE(all); i++)
		if (str_eq_nocase(code, str_of(all[i]->code)))
			return all[i];
	return NULL;
}
