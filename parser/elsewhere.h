/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What authors who know Falco, Sigma or another language write by habit, for the help of an error. Each
 * returns the word for it here, or NULL.
 */
#ifndef PARSER_ELSEWHERE_H
#define PARSER_ELSEWHERE_H

#include "base/str.h"

/* For a field; also for a key that joins conditions. */
const char *elsewhere_field(struct str name);
const char *elsewhere_operator(struct str name);
/* For a key of a rule. */
const char *elsewhere_rule_key(struct str name);

#endif
