/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From rule files to a ruleset: finds the files, reads and checks them all, and reports everything that is
 * wrong in one run.
 */
#ifndef PARSER_LOAD_H
#define PARSER_LOAD_H

#include <stdint.h>

#include "base/diag.h"
#include "parser/rule.h"

struct load_options {
	/* For `until`: the day that warnings and errors about exceptions go by; INT64_MIN: say nothing. */
	int64_t now_ns;
	/* Names of the outputs that `route` may name, else there is a warning; NULL: not checked. */
	const char *const *outputs;	/* NULL at the end */
	bool warnings;			/* look for what is good to warn about, too */
	/* Read what only authors need, too: tests, mutants, the places of operands. What is wrong with tests
	 * is an error then, and is not even looked at otherwise: it must not keep a rule from running. */
	bool authoring;
	/* Refuse files that others than root or @owner can write. */
	bool check_ownership;
	uint32_t owner;
	/* Choose among the rules that load; each may be empty. A rule stays if it fits all that are given. */
	struct strs tags, statuses, ids, exclude;
	int max_severity;		/* this severity or worse; N_SEVERITIES: any */
	/* For Sigma rules, NULL: none. A file of `FIELD: native.field`, or a list of these, which adds to
	 * Sigma's fields or changes them; and one of `NAME: value`, or a list, for what `expand` replaces. */
	const char *sigma_mapping, *placeholders;
};

/*
 * Loads every path: a file, a directory (*.yaml and *.yml in it, recursively, in the byte order of their
 * paths, without names that begin with a dot) or "-"; what a file includes is loaded before it. A file that
 * is reached twice, in whatever way, is loaded once. Rules with errors are left out and listed in skipped,
 * and so are files that cannot be included; an exception that is over is an error, but its rule loads.
 * @sources must outlive @ds and the places in the ruleset.
 *
 * 0 with *ret (also when there were errors: look at ds->n_errors), -ENOMEM, -EINVAL where a mapping or the
 * placeholders have an error, or -errno of a path that cannot be read (-EPERM: that others can write), which
 * is recorded in @ds too. All that can be read is checked
 * all the same.
 */
int rules_load(const char *const *paths, size_t n_paths, const struct load_options *options,
	       struct sources *sources, struct diags *ds, struct ruleset **ret);

/* A file in memory. */
struct rule_text {
	struct str path, text;
};

/* The same for the first of the texts (at least one), which may include the others, and no other file. */
int rules_load_texts(const struct rule_text *texts, size_t n_texts, const struct load_options *options,
		     struct sources *sources, struct diags *ds, struct ruleset **ret);
/* The same for one text. */
int rules_load_text(struct str path, struct str text, const struct load_options *options,
		    struct sources *sources, struct diags *ds, struct ruleset **ret);

/* All codes that this room raises, for `check --explain`; NULL: no such code. */
const struct diag_code *diag_code_find(struct str code);

#endif
