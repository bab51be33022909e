/* SPDX-License-Identifier: Apache-2.0 */
/* libyaml's marks count characters; where they are in the text. */
#ifndef PARSER_YAML_MARKS_H
#define PARSER_YAML_MARKS_H

#include <stddef.h>

#include "base/str.h"

/* Follows the marks, which come in the order of the text, nearly. The character number @index is the byte
 * @byte, and each of the next @run characters is one byte. All zeros is a valid start. */
struct yaml_marks {
	size_t index, byte, run;
};

/* The byte at which the character number @index of @text begins; its length where there is none. */
size_t yaml_byte(struct yaml_marks *m, struct str text, size_t index);

/* The length of a run of printable ASCII that @s begins with, as far as eight bytes at once tell. */
size_t yaml_printable_run(struct str s);

#endif
