/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How often a text is to be expected in the execs of an ordinary machine. Estimates: they decide what the
 * matcher looks for first and so how fast it is, never what it finds.
 */
#ifndef ENGINE_FREQUENCY_H
#define ENGINE_FREQUENCY_H

#include "base/str.h"

/* The share of command lines in which @text, in lower case, is; 0 to 1, never 0. */
float frequency_in_line(struct str text);
/* The share of execs whose program has this file name (no path), in lower case; 0 to 1, never 0. */
float frequency_of_name(struct str name);

#endif
