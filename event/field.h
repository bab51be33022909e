/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fields by name: what rules, templates, records and documentation know of an event. The rows are in
 * fields.def; nothing outside this folder knows a member of struct event by its rule name.
 */
#ifndef EVENT_FIELD_H
#define EVENT_FIELD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "event/event.h"

/* Bits, so that operators.def can say which types an operator takes. */
enum field_type {
	FT_INT = 1 << 0,
	FT_BOOL = 1 << 1,
	FT_DURATION = 1 << 2,	/* nanoseconds */
	FT_TIME = 1 << 3,	/* nanoseconds since the epoch */
	FT_TEXT = 1 << 4,
	FT_ENUM = 1 << 5,	/* text out of a closed list */
	FT_WORDS = 1 << 6,	/* a list in records; a text to rules, or a word by its index */
	FT_TEXTS = 1 << 7,	/* several texts, derived */
	FT_MAP = 1 << 8,	/* text by name: env.NAME; never used without one */
};

/* Types whose values are numbers (value.number); the others are text (value.text). */
#define FT_NUMBERS (FT_INT | FT_BOOL | FT_DURATION | FT_TIME)

struct value {
	struct str text;
	int64_t number;
};

enum field_place { PLACE_EVENT, PLACE_ANCESTORS, PLACE_DERIVED };

/* For sets of rows as bits. */
#define FIELDS_MAX 128

struct field {
	const char *name;		/* in rules */
	const char *key;		/* in records, dots are nesting; NULL: derived */
	uint8_t name_len, key_len;	/* of these two */
	enum field_type type;
	enum field_place place;
	uint16_t offset;		/* into struct event, or into struct process */
	/* PLACE_DERIVED, else NULL: the value number @n of the candidates, counted from 0. FALSE with
	 * *ret_end when there are no more, FALSE without it when this one is unknown. */
	bool (*derive)(const struct event *ev, size_t n, struct value *ret, bool *ret_end);
	const char *const *values;	/* of an enumeration, NULL at the end; else NULL */
	const char *help;
};

extern const struct field field_table[];
extern const size_t n_fields;

/* A value of a field of that type as people read it. */
void value_write(enum field_type type, const struct value *v, struct buf *b);

/* A time, which is longest. */
#define VALUE_TEXT_SIZE 48

/* The text that operators of texts see of it: itself, or a number as records have it: decimal, true or false,
 * a duration in nanoseconds, 2026-01-31T12:00:00.000000000Z. May be written to @memory. */
struct str value_as_text(enum field_type type, const struct value *v, char memory[VALUE_TEXT_SIZE]);

/* The row of that rule name (`argv`, `ancestors.comm`, `env`), NULL: none. */
const struct field *field_find(struct str name);

/* The type's name for messages and `fields`: int, bool, duration, time, text, enum, list, map. What rules
 * see: the words of argv are a text. */
const char *field_type_name(enum field_type type);

/* A field as a rule names it: with an index (argv[-1], ancestors[2].comm) or a name (env.HISTFILE). */
struct field_ref {
	const struct field *field;
	bool indexed;
	int32_t index;			/* -1 is the last; of ancestors not negative */
	struct str key;			/* of a MAP; borrowed from the text that was parsed */
};

/*
 * Reads @text. 0; -ENOENT: no such field; -EINVAL: a field that takes no index or name, lacks its name, or
 * an index that is no number in range.
 */
int field_ref_parse(struct str text, struct field_ref *ret);
/* The known field nearest to @text, spelt as a rule would; unknown: none is near. The text is @a's. */
struct str field_ref_nearest(struct str text, struct arena *a);
/* As a rule spells it. */
void field_ref_write(const struct field_ref *ref, struct buf *b);
/* A value of a field of numbers as a rule writes it, exactly: true, 250ms, 2026-01-31T12:00:00Z. */
void field_number_write(const struct field_ref *ref, int64_t number, struct buf *b);

/* May it have several values (arg, name, ancestors.F without an index)? */
bool field_ref_is_many(const struct field_ref *ref);
/* Does it read this event's argv, which may be cut or partial? */
bool field_ref_reads_argv(const struct field_ref *ref);
/* FT_TEXT or a number type: of WORDS, TEXTS, MAP and ENUM values it is text. */
bool field_ref_is_number(const struct field_ref *ref);

/* The names of the stored fields on which the values of a derived one rest, NULL at the end; of a stored one
 * NULL. */
const char *const *field_needs(const struct field *field);

/* What a source of events can make of a field. */
enum fill {
	FILL_NEVER,		/* it is not known, whatever happens */
	FILL_ALWAYS_SAME,	/* it is always known, and always has the same value */
	FILL_MAY_SAME,		/* where it is known, it has the same value */
	FILL_MAY,		/* anything else; the answer in doubt */
};

/*
 * The known values of a field, one a call; a single-valued field has none or one. Texts are borrowed from
 * the event. Allocates nothing.
 *
 *	struct field_cursor c = { 0 };
 *	struct value v;
 *	while (field_next(ref, ev, &c, &v)) ...
 */
struct field_cursor {
	size_t next;
};

bool field_next(const struct field_ref *ref, const struct event *ev, struct field_cursor *c,
		struct value *ret);

#endif
