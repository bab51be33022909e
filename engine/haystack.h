/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A haystack: a field whose values are searched for needles, with the fastest way to them. The words of an
 * argv (`arg`) are searched where they stand together, in the joined text.
 */
#ifndef ENGINE_HAYSTACK_H
#define ENGINE_HAYSTACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "event/event.h"
#include "event/field.h"

enum haystack_kind {
	HAYSTACK_TEXT,			/* a struct str of the event */
	HAYSTACK_JOINED,			/* the text of a struct words */
	HAYSTACK_VALUES,			/* none, one or several, by field_next() */
};

struct haystack {
	struct field_ref ref;
	enum haystack_kind kind;
	uint16_t offset;		/* into struct event, unless HAYSTACK_VALUES */
	bool reads_argv;		/* of what may be cut or partial only a part is there */
};

/* Can the field be searched at all? Then also the haystack of it: for single words that of all words. */
bool haystack_of(const struct field_ref *ref, struct haystack *ret);
/* Is @ref a list of the words that the haystack has as one text? */
bool haystack_splits(const struct haystack *s, const struct field_ref *ref);

static inline const void *haystack_member(const struct haystack *s, const struct event *ev)
{
	return (const char *)ev + s->offset;
}

/* The only value, of a haystack that is not HAYSTACK_VALUES; unknown: there is none. */
static inline struct str haystack_text(const struct haystack *s, const struct event *ev)
{
	const struct words *words;

	if (s->kind == HAYSTACK_TEXT)
		return *(const struct str *)haystack_member(s, ev);
	words = haystack_member(s, ev);
	return words->known ? words->joined : (struct str){ NULL, 0 };
}

#endif
