/* SPDX-License-Identifier: Apache-2.0 */
/* How often a needle is found, by guess: see frequency.h. */
#include <string.h>

#include "base/cleanup.h"
#include "engine/frequency.h"
#include "engine/plan.h"

/* Of a user, a terminal, a unit: there are few of them on a machine. */
#define SHARE_OF_FEW 0.2f
/* The file name at the end of a text that is more than that. */
#define SHARE_OF_PATH 0.5f

static const char *const programs[] = {
	"comm",	       "exe",	     "filename",    "name",	      "caller.comm",   "caller.exe",
	"parent.comm", "parent.exe", "parent.name", "ancestors.comm", "ancestors.exe", "ancestors.name",
};

static bool is_of_program(const struct field *field)
{
	for (size_t i = 0; i < ARRAY_SIZE(programs); i++)
		if (strcmp(field->name, programs[i]) == 0)
			return true;
	return false;
}

static float share_of_value(const struct field *field)
{
	size_t n = 0;

	while (field->values && field->values[n])
		n++;
	return n > 0 ? 1 / (float)n : SHARE_OF_FEW;
}

float share_of_needle(const struct haystack *haystack, const struct needle *n)
{
	const struct field *field = haystack->ref.field;
	struct str text = needle_text(n);
	float share;

	if (n->place == NEEDLE_NAME)
		return frequency_of_name(str_skip(text, 1));
	if (is_of_program(field)) {
		if (n->place == NEEDLE_WHOLE)
			return frequency_of_name(str_basename(text)) *
			       (memchr(text.p, '/', text.len) ? SHARE_OF_PATH : 1);
		/* A path is little else than the names that are common in lines. */
		share = 4 * frequency_in_line(text);
		return share < 1 ? share : 1;
	}
	if (field->type == FT_WORDS)
		return frequency_in_line(text);
	return n->place == NEEDLE_WHOLE ? share_of_value(field) : frequency_in_line(text);
}
