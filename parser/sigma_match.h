/* SPDX-License-Identifier: Apache-2.0 */
/* Values of a Sigma item on their way to the tests on one native field. */
#ifndef PARSER_SIGMA_MATCH_H
#define PARSER_SIGMA_MATCH_H

#include "parser/sigma.h"

/* An operator with one operand. */
struct piece {
	enum op op;
	enum operand_form form;
	bool nocase;
	bool equal;			/* of OP_GE: OP_LE, too */
	bool used;			/* it is part of a test */
	struct str text;
	int64_t number;
	struct regex *regex;
	const struct field_ref *other;
	struct loc at;			/* the value that it is of */
};

struct match {
	struct sigma *g;
	const struct sigma_item *item;
	const struct field_ref *ref;
	const struct sigma_value *value;	/* the one that is being read */
	struct piece *pieces;
	size_t n, cap;
};

/* sigma_match.c; 0, -EINVAL after an error was recorded, -ENOMEM. Texts live as long as the nodes. */
int sigma_piece(struct match *m, const struct piece *piece);
int sigma_add_text(struct match *m, enum op op, struct str text);
/* @prefix: bytes of the pattern that are not the rule's. */
int sigma_add_regex(struct match *m, struct str pattern, unsigned int flags, size_t prefix);

/* The field does not take such a value; @wanted: what it takes. -EINVAL. */
int sigma_unfit(struct match *m, const char *wanted);

/* sigma_number.c */
int sigma_add_number(struct match *m, enum op op, int64_t number);
/* The value, a number, is a bound, or what the field is equal to. */
int sigma_compare(struct match *m);
int sigma_number(struct match *m);
/* A text that is all of what a field of numbers shows. */
int sigma_number_text(struct match *m, struct str text);

/* sigma_pattern.c: a text with wildcards. */
int sigma_add_pattern(struct match *m, const struct tokens *t);

#endif
