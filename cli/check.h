/* SPDX-License-Identifier: Apache-2.0 */
/* The forms in which `check` prints what it found; each a file, which it writes to standard output.
 * 0 or -ENOMEM. */
#ifndef CLI_CHECK_H
#define CLI_CHECK_H

#include "base/diag.h"
#include "parser/rule.h"

int check_print_sarif(const struct diags *ds, const struct ruleset *rules);
int check_print_navigator(const struct diags *ds, const struct ruleset *rules);

#endif
