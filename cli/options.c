/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Options of verbs; see options.h. getopt_long does the reading, so that everything behaves as people know
 * it: --name=value, -rPATH, options behind arguments, `--` to end them.
 */
#include "cli/options.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/log.h"
#include "base/nearest.h"
#include "cli/verb.h"

#define MAX_OPTIONS 32
/* What getopt_long returns for row i; above every letter. */
#define FIRST_ROW 256
#define HELP (FIRST_ROW + MAX_OPTIONS)

static size_t count_options(const struct verb *verb)
{
	size_t n = 0;

	while (verb->options[n].name)
		n++;
	return n;
}

void options_print_help(const struct verb *verb)
{
	char left[64];

	printf("usage: execwatch %s %s\n\n%s\n", verb->name, verb->arguments, verb->summary);
	if (verb->details)
		printf("\n%s\n", verb->details);
	printf("\noptions:\n");
	for (const struct cli_option *o = verb->options; o->name; o++) {
		snprintf(left, sizeof(left), "%c%c%s--%s%s%s", o->letter ? '-' : ' ',
			 o->letter ? o->letter : ' ', o->letter ? ", " : "  ", o->name,
			 o->argument ? " " : "", o->argument ? o->argument : "");
		printf("  %-34s %s\n", left, o->help);
	}
	printf("  %-34s %s\n", "-h, --help", "show this");
}

static int set_choice(const struct cli_option *o, const char *text, int *ret)
{
	struct nearest nearest = NEAREST_INIT(str_of(text));
	_cleanup_(buf) struct buf all = BUF_INIT;

	for (int i = 0; o->choices[i]; i++) {
		if (strcmp(o->choices[i], text) == 0) {
			*ret = i;
			return 0;
		}
		nearest_try(&nearest, str_of(o->choices[i]));
		buf_printf(&all, "%s%s", i ? "|" : "", o->choices[i]);
	}
	if (str_known(nearest.best))
		log_error("--%s has no `%s`; did you mean `%.*s`?", o->name, text, STR_ARG(nearest.best));
	else
		log_error("--%s has no `%s`; it takes %.*s", o->name, text, STR_ARG(buf_get(&all)));
	return -EINVAL;
}

static int set_count(const struct cli_option *o, const char *text, int64_t *ret)
{
	int least = o->type == OPTION_COUNT;
	char *end;
	long long n;

	errno = 0;
	n = strtoll(text, &end, 10);
	if (errno || end == text || *end || n < least || n > 1000000000) {
		log_error("--%s takes a number from %d to 1000000000, not `%s`", o->name, least, text);
		return -EINVAL;
	}
	*ret = n;
	return 0;
}

static int set_option(const struct cli_option *o, const char *text, char *into)
{
	struct option_list *list;
	int ignored;

	switch (o->type) {
	case OPTION_FLAG:
		*(bool *)into = true;
		return 0;
	case OPTION_TEXT:
		*(const char **)into = text;
		return 0;
	case OPTION_LIST:
		list = (struct option_list *)into;
		if (list->n == OPTION_LIST_MAX) {
			log_error("--%s can be given %d times at most", o->name, OPTION_LIST_MAX);
			return -EINVAL;
		}
		if (o->choices && set_choice(o, text, &ignored) < 0)
			return -EINVAL;
		list->item[list->n++] = text;
		return 0;
	case OPTION_CHOICE:
		return set_choice(o, text, (int *)into);
	case OPTION_COUNT:
	case OPTION_LIMIT:
		return set_count(o, text, (int64_t *)into);
	}
	return -EINVAL;
}

static int complain(const struct verb *verb, char **argv, int got)
{
	const char *word = argv[optind - 1];
	struct nearest nearest;

	if (got == ':') {
		log_error("%s needs a value; see `execwatch %s --help`", word, verb->name);
		return -EINVAL;
	}
	if (optopt && optopt < FIRST_ROW) {
		log_error("`%s` has no option -%c; see `execwatch %s --help`", verb->name, optopt,
			  verb->name);
		return -EINVAL;
	}
	nearest = (struct nearest)NEAREST_INIT(str_skip(str_of(word), 2));
	for (const struct cli_option *o = verb->options; o->name; o++)
		nearest_try(&nearest, str_of(o->name));
	if (str_known(nearest.best))
		log_error("`%s` has no option %s; did you mean --%.*s?", verb->name, word,
			  STR_ARG(nearest.best));
	else
		log_error("`%s` has no option %s; see `execwatch %s --help`", verb->name, word, verb->name);
	return -EINVAL;
}

int options_parse(const struct verb *verb, int argc, char **argv, void *ret, const char *const **ret_rest,
		  size_t *ret_n_rest)
{
	struct option rows[MAX_OPTIONS + 2] = { 0 };
	char letters[2 * MAX_OPTIONS + 3] = ":", *l = letters + 1;
	size_t n = count_options(verb);
	int got, r;

	for (size_t i = 0; i < n; i++) {
		const struct cli_option *o = &verb->options[i];

		rows[i] = (struct option){ o->name, o->argument ? required_argument : no_argument, NULL,
					   FIRST_ROW + (int)i };
		if (o->letter) {
			*l++ = o->letter;
			if (o->argument)
				*l++ = ':';
		}
	}
	rows[n] = (struct option){ "help", no_argument, NULL, HELP };
	*l++ = 'h';
	*l = '\0';

	memset(ret, 0, verb->options_size);
	if (verb->init)
		verb->init(ret);
	opterr = 0;
	while ((got = getopt_long(argc, argv, letters, rows, NULL)) != -1) {
		const struct cli_option *o = NULL;

		if (got == HELP || got == 'h') {
			options_print_help(verb);
			return 1;
		}
		if (got == '?' || got == ':')
			return complain(verb, argv, got);
		for (size_t i = 0; i < n && !o; i++)
			if (got == FIRST_ROW + (int)i ||
			    (verb->options[i].letter && got == verb->options[i].letter))
				o = &verb->options[i];
		if (!o)
			return complain(verb, argv, '?');
		r = set_option(o, optarg, (char *)ret + o->offset);
		if (r < 0)
			return r;
	}
	*ret_rest = (const char *const *)argv + optind;
	*ret_n_rest = (size_t)(argc - optind);
	return 0;
}

struct strs option_strs(const struct option_list *list, struct str *storage)
{
	for (size_t i = 0; i < list->n; i++)
		storage[i] = str_of(list->item[i]);
	return (struct strs){ storage, list->n };
}
