/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A meter for PCRE2, which does not tell how much work a search was: its callouts, at every place of a
 * pattern behind which it may go on in more than one way, or read on for longer than a pattern is long. Only
 * regex.c uses this.
 */
#ifndef BASE_REGEX_METER_H
#define BASE_REGEX_METER_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/str.h"

/* The number of a callout says how many times so many bytes are read behind it without another one. */
#define METER_READ_AHEAD 16
/* At most; PCRE2 gives 255 to its own (PCRE2_AUTO_CALLOUT). */
#define METER_MAX_NUMBER 253

/*
 * Writes the pattern, which PCRE2 takes, with callouts in it. What is optional at its start is left out, so
 * that a match may begin later, at a place where the pattern itself matches, too. False: it has something
 * that is not understood here, or memory is short (@b's error). Then what is in @b is of no use.
 */
bool regex_meter(struct str pattern, struct buf *b);

#endif
