/* SPDX-License-Identifier: Apache-2.0 */
/* Rules that can never hold in this run, for want of a field that nobody fills: named before it starts. */
#ifndef CLI_UNMET_H
#define CLI_UNMET_H

#include "bpf/capture.h"
#include "cli/config.h"
#include "cli/env.h"
#include "parser/rule.h"

struct unmet_options {
	const struct capture *capture;
	const struct config *config;
	const struct env_names *env;	/* that the capture was opened with */
};

/* A warning on stderr for each such rule whose mode is not off. 0, -ENOMEM. */
int unmet_warn(const struct ruleset *rules, const struct unmet_options *options);

#endif
