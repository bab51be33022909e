/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/needle.h"

bool needle_holds(const struct needle *n, struct str value)
{
	struct str text = needle_text(n);

	switch ((enum needle_place)n->place) {
	case NEEDLE_WHOLE:
		return n->nocase ? str_eq_nocase(value, text) : str_eq(value, text);
	case NEEDLE_NAME:
	case NEEDLE_END:
		return n->nocase ? str_has_suffix_nocase(value, text) : str_has_suffix(value, text);
	case NEEDLE_IN:
	case NEEDLE_IN_WORD:
		return n->nocase ? str_contains_nocase(value, text) : str_contains(value, text);
	case NEEDLE_START:
		return n->nocase ? str_has_prefix_nocase(value, text) : str_has_prefix(value, text);
	}
	return false;
}
