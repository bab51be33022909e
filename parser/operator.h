/* SPDX-License-Identifier: Apache-2.0 */
/* The operators that a field's map may hold; the rows are in operators.def. */
#ifndef PARSER_OPERATOR_H
#define PARSER_OPERATOR_H

#include "base/str.h"
#include "event/field.h"

#define FT_ANY_TEXT (FT_TEXT | FT_ENUM | FT_WORDS | FT_TEXTS | FT_MAP)
/* No enumeration: none has numbers that mean more or less. */
#define FT_ORDERED (FT_INT | FT_DURATION | FT_TIME | (FT_ANY_TEXT & ~FT_ENUM))
#define FT_ANY (FT_ANY_TEXT | FT_NUMBERS)

/* What stands behind the operator; see operators.def. */
enum operand_kind {
	OPERAND_VALUES,
	OPERAND_BOUND,
	OPERAND_TEXTS,
	OPERAND_REGEXES,
	OPERAND_NETWORKS,
	OPERAND_PRESENCE,
	OPERAND_OTHER,
};

enum op {
#define OPERATOR(id, name, types, operand, help) id,
#include "parser/operators.def"
#undef OPERATOR
	N_OPERATORS
};

struct op_row {
	const char *name;
	unsigned int types;		/* of enum field_type */
	enum operand_kind operand;
	const char *help;
};

/* Does it, beside its own operands, take another field to compare with, as { field: NAME }? */
static inline bool op_takes_field(enum op op)
{
	return op == OP_IN || op == OP_PREFIX || op == OP_SUFFIX || op == OP_CONTAINS;
}

static const struct op_row op_table[N_OPERATORS] = {
#define OPERATOR(id, name, types, operand, help) [id] = { name, types, operand, help },
#include "parser/operators.def"
#undef OPERATOR
};

#endif
