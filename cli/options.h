/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Options of verbs: rows from which parsing, --help and the messages about wrong ones are made. Parsing fills
 * a struct of the verb's own, each row at its offset.
 */
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"
#include "parser/rule.h"

enum option_type {
	OPTION_FLAG,		/* bool */
	OPTION_TEXT,		/* const char *, NULL when not given; of several the last */
	OPTION_LIST,		/* struct option_list, repeatable; of choices where there are any */
	OPTION_CHOICE,		/* int, an index into choices */
	OPTION_COUNT,		/* int64_t, 1 to a billion */
	OPTION_LIMIT,		/* int64_t, 0 to a billion; what 0 means, as a rule no limit, is the verb's */
};

#define OPTION_LIST_MAX 64

struct option_list {
	const char *item[OPTION_LIST_MAX];
	size_t n;
};

struct cli_option {
	const char *name;		/* without the dashes */
	char letter;			/* 0: none */
	enum option_type type;
	size_t offset;
	const char *argument;		/* "PATH"; NULL for a flag */
	const char *const *choices;
	const char *help;
};

struct verb;

/* Reads argv (argv[0] is the verb) into @ret. Returns 0 with the rest in *ret_rest, 1 when --help was asked
 * for and printed, or -EINVAL after a message on stderr. Texts are borrowed from @argv. */
int options_parse(const struct verb *verb, int argc, char **argv, void *ret, const char *const **ret_rest,
		  size_t *ret_n_rest);

void options_print_help(const struct verb *verb);

/* The list as strings that borrow from @list; @storage has OPTION_LIST_MAX places. */
struct strs option_strs(const struct option_list *list, struct str *storage);

#endif
