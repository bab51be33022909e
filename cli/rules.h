/* SPDX-License-Identifier: Apache-2.0 */
/* What every verb that loads rules does alike: which ones, with which choice, and what to say of errors. */
#ifndef CLI_RULES_H
#define CLI_RULES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/diag.h"
#include "cli/config.h"
#include "cli/options.h"
#include "engine/matcher.h"
#include "parser/load.h"

/* The options of such a verb; put RULE_OPTIONS(struct, member) among its rows. */
struct rule_options {
	struct option_list rules, tags, statuses, ids, exclude;
	const char *sigma_mapping, *placeholders;	/* files; NULL: none */
	int level;			/* an index into rule_level_names; RULE_LEVEL_ANY */
	bool strict;
};

/* The severities, and what Sigma calls some of them. */
#define RULE_LEVEL_ANY (-1)
extern const char *const rule_level_names[];	/* NULL at the end */

#define RULE_CHOICE_OPTIONS(type, member)                                                                   \
	{ "tag", 0, OPTION_LIST, offsetof(type, member.tags), "TAG", NULL,                                  \
	  "only rules with this tag (repeatable: any of them)" },                                           \
	{ "level", 0, OPTION_CHOICE, offsetof(type, member.level), "SEVERITY", rule_level_names,            \
	  "only rules of this severity or worse; Sigma's levels are understood" },                          \
	{ "status", 0, OPTION_LIST, offsetof(type, member.statuses), "STATUS", status_names,                \
	  "only rules that say so of themselves: stable, test, ... (repeatable: any of them)" },            \
	{ "id", 0, OPTION_LIST, offsetof(type, member.ids), "ID", NULL,                                     \
	  "only the rule with this id (repeatable)" },                                                      \
	{ "exclude", 0, OPTION_LIST, offsetof(type, member.exclude), "ID", NULL,                            \
	  "not the rule with this id (repeatable)" },                                                       \
	{ "sigma-mapping", 0, OPTION_TEXT, offsetof(type, member.sigma_mapping), "FILE", NULL,              \
	  "what Sigma fields are here, beside `fields --sigma` and before it" },                            \
	{ "placeholders", 0, OPTION_TEXT, offsetof(type, member.placeholders), "FILE", NULL,                \
	  "the values of %placeholders% of Sigma rules" }

#define RULE_OPTIONS(type, member)                                                                          \
	{ "rules", 'r', OPTION_LIST, offsetof(type, member.rules), "PATH", NULL,                            \
	  "rule file or directory (repeatable); default: the configuration's, else the shipped rules" },    \
	RULE_CHOICE_OPTIONS(type, member),                                                                  \
	{ "strict", 0, OPTION_FLAG, offsetof(type, member.strict), NULL, NULL,                              \
	  "do not start when a rule does not load" }

void rule_options_init(struct rule_options *o);

/* The directory of the shipped rules: $EXECWATCH_RULES, the source tree's for a build that is not installed,
 * else the data directory. @path has @size bytes. */
void shipped_rules(char *path, size_t size);

/* The choice among rules that @o makes, for rules_load(); borrows @o and @storage. */
struct rule_choice_storage {
	struct str tags[OPTION_LIST_MAX], statuses[OPTION_LIST_MAX], ids[OPTION_LIST_MAX],
		exclude[OPTION_LIST_MAX];
};
void rule_options_apply(const struct rule_options *o, struct rule_choice_storage *storage,
			struct load_options *ret);

/* Warns where the choice chooses nothing, which is mostly a typing error. */
void warn_of_choice(const struct rule_options *o, const struct ruleset *rules);
/* Of the ids that no rule has alone, for a verb that says itself how many rules there are. */
void warn_of_ids(const struct rule_options *o, const struct ruleset *rules);

/* Prints what was recorded, in colour where @to is a terminal and NO_COLOR is not set. */
void print_diags(const struct diags *ds, FILE *to);
bool use_colour(FILE *to);
/* "s", or nothing for 1. */
const char *plural(size_t n);

/* Says why rules_load() gave no rules, what it has recorded being printed; returns the exit code. */
int no_rules(int error);

/*
 * The configuration of a verb: of @path, where that is NULL the default one if it exists, else every default.
 * Errors are printed to stderr. @owner as config_read() has it. EXIT_FINE, EXIT_FINDINGS after errors in it,
 * or EXIT_SYSTEM. @config is to be released in any case, @sources must outlive it.
 */
int load_config(const char *path, uint32_t owner, struct config *config, struct sources *sources);

/*
 * Loads the rules of a verb that runs them: those of -r, else of the configuration, else the shipped ones.
 * Errors are printed to stderr. EXIT_FINE with *ret, else the exit code: EXIT_FINDINGS where --strict
 * refuses, EXIT_SYSTEM where a path cannot be read. @sources must outlive the ruleset, whose places are in
 * them; NULL: nobody asks for places, and the files' texts are not kept.
 */
struct rule_load {
	const struct config *config;	/* may be NULL */
	const char *const *outputs;	/* that `route` may name, NULL at the end; NULL: not looked at */
	bool authoring;			/* with what only authors need (see load_options) */
	bool live;			/* refuse files that others than root or the user can write */
};

int load_rules(const struct rule_options *o, const struct rule_load *how, struct sources *sources,
	       struct ruleset **ret);

/* A matcher over @rules, which must outlive it, and its scratch. EXIT_FINE, or EXIT_SYSTEM and a message. */
int open_matcher(const struct ruleset *rules, struct matcher **ret, struct match_scratch **ret_scratch);

#endif
