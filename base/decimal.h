/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers in texts that others wrote. */
#ifndef BASE_DECIMAL_H
#define BASE_DECIMAL_H

#include <stdbool.h>

#include "base/str.h"

/* What decimal_parse() may take: in any other text some byte is none of these. */
#define DECIMAL_BYTES "0123456789+-._eEinfatyINFATY \t\n\v\f\r"

/*
 * A decimal number as Python's float() reads it, of ASCII: blanks around it, a sign, digits with single
 * underscores between them, a fraction, an exponent; inf, infinity and nan in either case. Rounded once, and
 * exactly, however long it is; too large is infinite. In any locale. False: the text is no number.
 */
bool decimal_parse(struct str text, double *ret);

#endif
