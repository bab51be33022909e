/* SPDX-License-Identifier: Apache-2.0 */
/* The configuration file: YAML with the same located errors as rules. Every key has a default that works. */
#ifndef CLI_CONFIG_H
#define CLI_CONFIG_H

#include <stddef.h>
#include <stdint.h>

#include "alerts/outputs.h"
#include "base/arena.h"
#include "base/diag.h"
#include "bpf/capture.h"
#include "event/event.h"
#include "parser/rule.h"

#define CONFIG_DEFAULT_PATH "/etc/execwatch/execwatch.yaml"

struct config {
	struct arena arena;		/* of everything here */
	struct strs rules;		/* absolute or as given relative to the file; NUL-terminated */
	struct output_config *outputs;
	size_t n_outputs;
	struct pairs labels;
	enum backend backend;
	uint64_t max_argv;		/* bytes */
	int64_t return_timeout_ns;
	struct strs env;		/* variables to capture */
	struct str state, user;
	uint64_t window_memory;		/* bytes, for thresholds and throttles */
};

#define CONFIG_INIT { .arena = ARENA_INIT }

/* Defaults, as for a machine without a configuration. */
void config_init(struct config *c);
void config_done(struct config *c);

/*
 * Reads @path into @c, which config_init() made. Errors and warnings are recorded in @ds; @owner: refuse a
 * file that others than root or that user can write (UINT32_MAX: do not look). 0, -EINVAL after errors,
 * -ENOMEM, or -errno where the file cannot be read (recorded too).
 */
int config_read(struct config *c, const char *path, uint32_t owner, struct sources *sources,
		struct diags *ds);

/* The names of the outputs, NULL at the end, in the config's arena; NULL when out of memory. */
const char *const *config_output_names(struct config *c);

/* Adds an output of that type with its defaults and one of its choices set, for `--format`. 0, -ENOENT: no
 * such type, -ENOMEM. */
int config_add_output(struct config *c, const char *name, const char *type, const char *setting,
		      const char *choice);

static inline void config_cleanup(struct config *c)
{
	config_done(c);
}

#endif
