/* SPDX-License-Identifier: Apache-2.0 */
/* Which rules a verb runs with; see rules.h. */
#include "cli/rules.h"

#include <errno.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "cli/clock.h"
#include "cli/verb.h"

/* After severity_names, whose places are the severities, Sigma's levels; `critical` is the same in both. */
const char *const rule_level_names[] = {
	"emergency", "alert", "critical", "error", "warning", "notice", "info", "debug",
	"high", "medium", "low", "informational", NULL,
};

static const enum severity sigma_levels[] = {
	SEVERITY_ERROR, SEVERITY_WARNING, SEVERITY_NOTICE, SEVERITY_INFO,
};

void rule_options_init(struct rule_options *o)
{
	o->level = RULE_LEVEL_ANY;
}

/* What load_options has for --level. */
static int max_severity(int level)
{
	if (level == RULE_LEVEL_ANY)
		return N_SEVERITIES;
	return level < N_SEVERITIES ? level : (int)sigma_levels[level - N_SEVERITIES];
}

/* A program that runs where it was built finds the rules of its source tree: <tree>/build/execwatch. */
static bool source_tree_rules(char *path, size_t size)
{
	char exe[4096];
	ssize_t n = readlink("/proc/self/exe", exe, sizeof(exe) - 1);
	char *slash;
	int up = 0;

	if (n <= 0)
		return false;
	exe[n] = '\0';
	for (; up < 2 && (slash = strrchr(exe, '/')); up++)
		*slash = '\0';
	if (up < 2)
		return false;
	if ((size_t)snprintf(path, size, "%s/meson.build", exe) >= size || access(path, R_OK) < 0)
		return false;
	return (size_t)snprintf(path, size, "%s/rules", exe) < size && access(path, R_OK) == 0;
}

/* Alerts and messages name files: below the working directory the short name says as much. */
static void make_relative(char *path)
{
	char here[4096];
	size_t n;

	if (!getcwd(here, sizeof(here) - 1))
		return;
	n = strlen(here);
	here[n++] = '/';
	if (strncmp(path, here, n) == 0)
		memmove(path, path + n, strlen(path + n) + 1);
}

void shipped_rules(char *path, size_t size)
{
	const char *set = getenv("EXECWATCH_RULES");

	if (set && *set)
		snprintf(path, size, "%s", set);
	else if (source_tree_rules(path, size))
		make_relative(path);
	else
		snprintf(path, size, "%s/rules", EXECWATCH_DATADIR);
}

void rule_options_apply(const struct rule_options *o, struct rule_choice_storage *storage,
			struct load_options *ret)
{
	ret->tags = option_strs(&o->tags, storage->tags);
	ret->statuses = option_strs(&o->statuses, storage->statuses);
	ret->ids = option_strs(&o->ids, storage->ids);
	ret->exclude = option_strs(&o->exclude, storage->exclude);
	ret->max_severity = max_severity(o->level);
	ret->sigma_mapping = o->sigma_mapping;
	ret->placeholders = o->placeholders;
}

bool use_colour(FILE *to)
{
	const char *no = getenv("NO_COLOR"), *term = getenv("TERM");

	return isatty(fileno(to)) && !(no && *no) && !(term && strcmp(term, "dumb") == 0);
}

const char *plural(size_t n)
{
	return n == 1 ? "" : "s";
}

void print_diags(const struct diags *ds, FILE *to)
{
	_cleanup_(buf) struct buf text = BUF_INIT;

	diags_write_text(ds, use_colour(to), &text);
	fwrite(buf_get(&text).p, 1, text.len, to);
}

int no_rules(int error)
{
	if (error == -EINVAL) {
		log_error("no rules are loaded: the field mapping or the placeholders do not load");
		return EXIT_FINDINGS;
	}
	log_error("cannot load rules: %s", strerror(-error));
	return EXIT_SYSTEM;
}

int load_config(const char *path, uint32_t owner, struct config *config, struct sources *sources)
{
	_cleanup_(diags) struct diags ds = DIAGS_INIT;
	int r = 0;

	config_init(config);
	if (!path && access(CONFIG_DEFAULT_PATH, F_OK) == 0)
		path = CONFIG_DEFAULT_PATH;
	if (path)
		r = config_read(config, path, owner, sources, &ds);
	diags_sort(&ds);
	print_diags(&ds, stderr);
	if (r == 0)
		return EXIT_FINE;
	log_error("not started: the configuration %s does not load", path);
	return r == -EINVAL ? EXIT_FINDINGS : EXIT_SYSTEM;
}

/* Returns how many there are; @shipped where nothing else is named. */
static size_t choose_paths(const struct rule_options *o, const struct config *config, const char *shipped,
			   const char **paths)
{
	size_t n = 0;

	for (size_t i = 0; i < o->rules.n; i++)
		paths[n++] = o->rules.item[i];
	if (n == 0 && config)
		for (size_t i = 0; i < config->rules.n; i++)
			paths[n++] = config->rules.item[i].p;
	if (n == 0)
		paths[n++] = shipped;
	return n;
}

void warn_of_ids(const struct rule_options *o, const struct ruleset *rules)
{
	for (size_t i = 0; i < o->ids.n; i++) {
		bool found = false;

		for (size_t k = 0; k < rules->n_rules && !found; k++)
			found = str_eq(rules->rules[k].id, str_of(o->ids.item[i]));
		if (!found)
			log_warning("no rule has the id `%s` (--id)", o->ids.item[i]);
	}
}

void warn_of_choice(const struct rule_options *o, const struct ruleset *rules)
{
	warn_of_ids(o, rules);
	if (rules->n_rules == 0)
		log_warning("no rules are loaded");
}

/* What bears no id is a rule without one, a file, or the rest of one behind an error in its YAML. */
static void warn_of_skipped(const struct ruleset *rules)
{
	size_t n = rules->n_skipped, unnamed = 0;

	for (size_t i = 0; i < n; i++)
		unnamed += !str_known(rules->skipped[i].id);
	if (n > unnamed)
		log_warning("%zu rule%s did not load and %s skipped", n - unnamed, plural(n - unnamed),
			    n - unnamed == 1 ? "is" : "are");
	if (unnamed)
		log_warning("%zu part%s of rule files did not load and %s skipped", unnamed, plural(unnamed),
			    unnamed == 1 ? "is" : "are");
}

int load_rules(const struct rule_options *o, const struct rule_load *how, struct sources *sources,
	       struct ruleset **ret)
{
	_cleanup_(sources) struct sources own = SOURCES_INIT;
	_cleanup_(diags) struct diags ds = DIAGS_INIT;
	_cleanup_(ruleset_free) struct ruleset *rules = NULL;
	_cleanup_(free) const char **paths = NULL;
	struct rule_choice_storage storage;
	struct load_options options = {
		.now_ns = INT64_MIN,
		.check_ownership = how->live,
		.owner = getuid(),
		.outputs = how->outputs,
		.authoring = how->authoring,
	};
	char shipped[4096];
	size_t n;
	int r;

	paths = calloc(OPTION_LIST_MAX + (how->config ? how->config->rules.n : 0) + 1, sizeof(*paths));
	if (!paths) {
		log_error("out of memory");
		return EXIT_SYSTEM;
	}
	shipped_rules(shipped, sizeof(shipped));
	n = choose_paths(o, how->config, shipped, paths);
	rule_options_apply(o, &storage, &options);
	r = rules_load(paths, n, &options, sources ? sources : &own, &ds, &rules);
	diags_sort(&ds);
	print_diags(&ds, stderr);
	if (r == -EINVAL)
		return no_rules(r);
	if (r < 0) {
		log_error("not started: the rules cannot be read (%s)", strerror(-r));
		return EXIT_SYSTEM;
	}
	if (o->strict && ds.n_errors) {
		log_error("not started: %zu error%s in the rules (--strict)", ds.n_errors,
			  plural(ds.n_errors));
		return EXIT_FINDINGS;
	}
	warn_of_skipped(rules);
	warn_of_choice(o, rules);
	*ret = TAKE_PTR(rules);
	/* What reading took is several times what stays: the system has it back before the long run. */
	sources_done(&own);
	malloc_trim(0);
	return EXIT_FINE;
}

int open_matcher(const struct ruleset *rules, struct matcher **ret, struct match_scratch **ret_scratch)
{
	_cleanup_(matcher_free) struct matcher *matcher = NULL;
	int r = matcher_new(rules, &matcher);

	if (r == 0)
		r = match_scratch_new(matcher, ret_scratch);
	if (r < 0) {
		log_error("cannot build the matcher: %s", strerror(-r));
		return EXIT_SYSTEM;
	}
	*ret = TAKE_PTR(matcher);
	malloc_trim(0);
	return EXIT_FINE;
}
