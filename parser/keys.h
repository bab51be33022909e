/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The keys that the maps of rule files may hold; the rows are in keys.def. Readers check against them and
 * `execwatch schema` is made of them, so that an editor proposes what a reader takes.
 */
#ifndef PARSER_KEYS_H
#define PARSER_KEYS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/diag.h"
#include "parser/yaml.h"

enum key_map {
	MAP_FILE,
	MAP_DEFAULTS,
	MAP_RULE,
	MAP_EXCEPTION,
	MAP_THRESHOLD,
	MAP_THROTTLE,
	MAP_TEST,
	MAP_STEP,		/* of a test's `events`; the keys of records stand beside these */
	MAP_EXPECT,
	MAP_MUTANT,
	MAP_CONDITION,		/* the fields stand beside these */
	MAP_OTHER,		/* what an operator of texts takes for its operand */
	MAP_OPERATORS,		/* of a field; the operators that take its type stand beside these */
	N_KEY_MAPS
};

enum key_value {
	VALUE_VERSION,		/* 1 */
	VALUE_TEXT,
	VALUE_TEXTS,		/* a text, or a list of texts */
	VALUE_ID,
	VALUE_TRUTH,		/* true or false */
	VALUE_COUNT,		/* an integer from 1 */
	VALUE_NUMBER,		/* an integer from 0 */
	VALUE_DURATION,
	VALUE_DAY,
	VALUE_SEVERITY,
	VALUE_MODE,
	VALUE_STATUS,
	VALUE_FLAGS,		/* of regexes */
	VALUE_FIELD,		/* one value at most */
	VALUE_ANY_FIELD,
	VALUE_FIELDS,		/* a field, or a list of fields */
	VALUE_LISTS,		/* lists of values by name */
	VALUE_MACROS,		/* conditions by name */
	VALUE_DEFAULTS,		/* MAP_DEFAULTS */
	VALUE_RULES,		/* a list of MAP_RULE, and so on */
	VALUE_EXCEPTIONS,
	VALUE_THRESHOLD,
	VALUE_THROTTLE,
	VALUE_OWN_THROTTLE,	/* of a rule: also none */
	VALUE_TESTS,
	VALUE_MUTANTS,
	VALUE_RECORD,		/* an exec record */
	VALUE_STEPS,		/* a list of MAP_STEP */
	VALUE_EXPECT,		/* alert, none or MAP_EXPECT */
	VALUE_KEY,		/* values by field */
	VALUE_CONDITION,
	VALUE_CONDITIONS,	/* a list of conditions */
	VALUE_OPERAND,		/* what stands behind the field itself: a value, a list or a map */
	VALUE_OTHER,		/* MAP_OTHER */
	VALUE_VALUES,		/* a list of values of the field's type */
	N_KEY_VALUES
};

struct key_row {
	enum key_map map;
	const char *name;
	bool required;
	enum key_value value;
	const char *help;
};

/* By map, in the order of keys.def. */
extern const struct key_row key_table[];
extern const size_t n_keys;

/* What VALUE_FLAGS takes; NULL at the end. */
extern const char *const flag_names[];
/* The operators, and the other keys of MAP_OPERATORS, that `nocase` changes: one has to stand beside it. NULL
 * at the end. */
extern const char *const nocase_changes[];

/* An error for each key of @map that it may not have; @what names it in messages. 0 or -EINVAL. */
int keys_known(const struct node *map, const char *what, enum key_map keys, struct diags *ds);
/* ... and for each that it must have and has not; of a map that was not read to its end enough has been
 * said. 0 or -EINVAL. */
int keys_check(const struct node *map, const char *what, enum key_map keys, struct diags *ds);

#endif
