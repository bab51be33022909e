/* SPDX-License-Identifier: Apache-2.0 */
/* What the parts of the configuration's reader share. */
#ifndef CLI_CONFIG_READ_H
#define CLI_CONFIG_READ_H

#include <errno.h>

#include "cli/config.h"
#include "parser/yaml.h"

/* Keeps the worse of two results: out of memory over an error of the user's over none. */
static inline int worse(int a, int b)
{
	if (a == -ENOMEM || b == -ENOMEM)
		return -ENOMEM;
	return a ? a : b;
}

/* @n is the value of `capture`. 0, -EINVAL after errors, or -ENOMEM. */
int config_read_capture(struct config *c, const struct node *n, struct diags *ds);

#endif
