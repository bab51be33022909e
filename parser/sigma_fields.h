/* SPDX-License-Identifier: Apache-2.0 */
/* The fields that Sigma rules name; the rows are in sigma_fields.def. */
#ifndef PARSER_SIGMA_FIELDS_H
#define PARSER_SIGMA_FIELDS_H

#include <stdbool.h>
#include <stddef.h>

struct sigma_field_row {
	const char *name;
	const char *native;		/* separated by a blank; "": no exec has it */
	bool keyword;			/* values without a field are looked for in it */
	const char *help;
};

extern const struct sigma_field_row sigma_field_table[];
extern const size_t n_sigma_fields;

#endif
