/* SPDX-License-Identifier: Apache-2.0 */
/* A verb of the command line: one file, and one row in main.c. */
#ifndef CLI_VERB_H
#define CLI_VERB_H

#include "cli/options.h"

/* What execwatch exits with. */
enum exit_code {
	EXIT_FINE = 0,
	EXIT_FINDINGS = 1,	/* a rule error, a failed test, a bad record; a match is no finding */
	EXIT_USAGE = 2,
	EXIT_SYSTEM = 3,	/* no permission, no file, no kernel support, no memory */
};

struct verb {
	const char *name;
	const char *arguments;		/* for the usage line: "[options] FILE..." */
	const char *summary;		/* one line */
	const char *details;		/* further paragraphs of --help, or NULL */
	const struct cli_option *options;	/* ended by a row without a name */
	size_t options_size;		/* of the struct that the options fill */
	void (*init)(void *options);	/* defaults that are not zero, or NULL */
	/* @arg: what is left of the command line. Returns an enum exit_code. */
	int (*run)(const void *options, const char *const *arg, size_t n_args);
};

extern const struct verb verb_run, verb_check, verb_test, verb_explain, verb_replay, verb_learn, verb_fmt,
	verb_schema, verb_fields, verb_convert, verb_record, verb_bench, verb_status;

#endif
