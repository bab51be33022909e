/* SPDX-License-Identifier: Apache-2.0 */
/* The variables of an environment; see environ.h. */
#include "bpf/environ.h"

#include <string.h>

#include "base/cleanup.h"

/* Of a variable that is set twice the loader and shells go by the last, getenv(3) and so the others by the
 * first (ld.so(8), variables.c of bash, getenv.c of glibc). */
static bool counts_last(struct str name)
{
	static const struct str names[] = {
		STR("GLIBC_TUNABLES"), STR("BASH_ENV"), STR("ENV"), STR("PROMPT_COMMAND"), STR("HISTFILE"),
		STR("HISTSIZE"),
	};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (str_eq(name, names[i]))
			return true;
	return str_has_prefix(name, STR_LIT("LD_"));
}

struct pairs environ_of(struct str part, struct pair *memory, size_t max)
{
	size_t n = 0, seen;

	while (part.len > 0) {
		struct str variable = { part.p, strnlen(part.p, part.len) };
		const char *equals = memchr(variable.p, '=', variable.len);
		struct pair pair;

		part = str_skip(part, variable.len + 1);
		if (!equals)
			continue;
		pair.name = (struct str){ variable.p, (size_t)(equals - variable.p) };
		pair.value = str_skip(variable, pair.name.len + 1);
		for (seen = 0; seen < n && !str_eq(memory[seen].name, pair.name); seen++)
			;
		if (seen == n && n < max)
			memory[n++] = pair;
		else if (seen < n && counts_last(pair.name))
			memory[seen] = pair;
	}
	return (struct pairs){ memory, n, true };
}
