/* SPDX-License-Identifier: Apache-2.0 */
/* Which environment variables a run captures: those of the configuration, and those that rules ask for. */
#ifndef CLI_ENV_H
#define CLI_ENV_H

#include "bpf/capture.h"
#include "cli/config.h"
#include "parser/rule.h"

struct env_names {
	struct str item[CAPTURE_MAX_ENV];	/* borrowed from the configuration and the rules */
	size_t n;
};

/* The configuration's names (or the default ones), then those that conditions of @rules name. What is too
 * long or too many for the capture is named on stderr: a rule that needs it cannot hold. */
void env_collect(const struct config *config, const struct ruleset *rules, struct env_names *ret);

#endif
