/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/haystack.h"

/* The field of all words of which @field gives them one by one; NULL: it does not. */
static const struct field *words_of(const struct field *field)
{
	const char *const *needs = field->type == FT_TEXTS ? field_needs(field) : NULL;
	const struct field *words = needs && !needs[1] ? field_find(str_of(needs[0])) : NULL;

	return words && words->type == FT_WORDS ? words : NULL;
}

bool haystack_splits(const struct haystack *s, const struct field_ref *ref)
{
	return s->ref.field != ref->field;
}

bool haystack_of(const struct field_ref *ref, struct haystack *ret)
{
	struct haystack s = { .ref = *ref, .kind = HAYSTACK_VALUES };
	const struct field *field = words_of(ref->field);

	if (field_ref_is_number(ref))
		return false;
	if (field)
		s.ref = (struct field_ref){ .field = field };
	field = s.ref.field;
	if (field->place == PLACE_EVENT && field->type == FT_WORDS && !s.ref.indexed)
		s.kind = HAYSTACK_JOINED;
	else if (field->place == PLACE_EVENT && (field->type == FT_TEXT || field->type == FT_ENUM))
		s.kind = HAYSTACK_TEXT;
	s.offset = field->offset;
	s.reads_argv = field_ref_reads_argv(&s.ref);
	*ret = s;
	return true;
}
