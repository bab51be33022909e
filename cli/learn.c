/* SPDX-License-Identifier: Apache-2.0 */
/*
 * execwatch learn: proposes exceptions for what a rule matches most in recorded execs. They are printed for a
 * person to read, and no file is changed. Each has been read back as a rule file would be, and held against
 * what it was made of.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/nearest.h"
#include "base/text.h"
#include "base/timefmt.h"
#include "cli/clock.h"
#include "cli/clusters.h"
#include "cli/exception_yaml.h"
#include "cli/numbers.h"
#include "cli/records.h"
#include "cli/rules.h"
#include "cli/verb.h"

#define DEFAULT_TOP 5
#define DEFAULT_MIN_SHARE 5
/* What came once need not come again. */
#define MIN_MATCHES 2

struct learn_options {
	struct rule_options rules;
	int64_t top, min_share;
};

static const struct cli_option options[] = {
	RULE_OPTIONS(struct learn_options, rules),
	{ "top", 0, OPTION_COUNT, offsetof(struct learn_options, top), "N", NULL,
	  "at most so many exceptions; default 5" },
	{ "min-share", 0, OPTION_COUNT, offsetof(struct learn_options, min_share), "PERCENT", NULL,
	  "each silences at least so many matches in a hundred; default 5" },
	{ 0 },
};

static void init(void *into)
{
	struct learn_options *o = into;

	rule_options_init(&o->rules);
	o->top = DEFAULT_TOP;
	o->min_share = DEFAULT_MIN_SHARE;
}

/* The rule of that id that runs; NULL after a message. */
static const struct rule *find_rule(const struct ruleset *rules, const char *id)
{
	struct nearest nearest = NEAREST_INIT(str_of(id));

	for (size_t i = 0; i < rules->n_rules; i++) {
		if (str_eq(rules->rules[i].id, str_of(id)) && rules->rules[i].mode == MODE_OFF) {
			log_error("the rule `%s` is off: it matches nothing", id);
			return NULL;
		}
		if (str_eq(rules->rules[i].id, str_of(id)))
			return &rules->rules[i];
		nearest_try(&nearest, rules->rules[i].id);
	}
	if (str_known(nearest.best))
		log_error("no rule `%s`; did you mean `%.*s`?", id, STR_ARG(nearest.best));
	else
		log_error("no rule `%s`; `learn` takes the id of a rule, then files", id);
	return NULL;
}

/* What was read, beside the matches. */
struct reading {
	bool timed;
	int64_t last_ns;
};

static int collect(const struct rule *rule, struct records *records, struct clusters *clusters,
		   struct reading *ret)
{
	const struct ruleset alone = { .rules = rule, .n_rules = 1 };
	_cleanup_(matcher_free) struct matcher *matcher = NULL;
	_cleanup_(match_scratch_free) struct match_scratch *scratch = NULL;
	const struct match *match;
	struct event ev;
	int r = open_matcher(&alone, &matcher, &scratch);

	*ret = (struct reading){ .timed = false };
	while (r == EXIT_FINE && records_next(records, &ev)) {
		if (ev.time.known && (!ret->timed || ev.time.value > ret->last_ns))
			*ret = (struct reading){ true, ev.time.value };
		if (matcher_run(matcher, &ev, scratch, &match) == 0 || match->outcome != TRUTH_YES ||
		    match->exception)
			continue;
		if (clusters_add(clusters, &ev) < 0) {
			log_error("out of memory");
			r = EXIT_SYSTEM;
		}
	}
	return r;
}

/* "1 204 of 1 340 matches (89 %), 2026-11-15 to 2026-11-22" */
static void write_why(const struct proposal *p, uint64_t matches, struct buf *b)
{
	if (p->at_least)
		buf_text(b, "at least ");
	write_grouped(p->matches, b);
	buf_text(b, " of ");
	write_grouped(matches, b);
	buf_printf(b, " match%s (%u %%)", matches == 1 ? "" : "es", percent_of(p->matches, matches));
	if (p->timed) {
		buf_text(b, ", ");
		write_day(p->first_ns, b);
		buf_text(b, " to ");
		write_day(p->last_ns, b);
	}
}

static void write_head(const struct rule *rule, uint64_t matches, uint64_t silenced, struct buf *b)
{
	buf_text(b, "# Proposed for the rule ");
	buf_str(b, rule->id);
	buf_text(b, " (");
	buf_str(b, rule->source);
	buf_text(b, "): ");
	write_grouped(silenced, b);
	buf_text(b, " of its ");
	write_grouped(matches, b);
	buf_printf(b, " match%s in these records would be silent.\n", matches == 1 ? "" : "es");
	if (silenced == matches)
		buf_text(b, "# That is all of them: maybe it is the rule that should change.\n");
	buf_text(b, "# Nobody is told of what an exception covers: keep what you know, and say why.\n");
	if (rule->n_exceptions)
		buf_text(b, "# The rule has an `except` already: add to it.\n");
}

static int print_proposals(const struct learn_options *o, const struct rule *rule, struct clusters *clusters,
			   const struct reading *reading)
{
	_cleanup_(buf) struct buf head = BUF_INIT, body = BUF_INIT;
	uint64_t matches = clusters_matches(clusters), silenced = 0;
	uint64_t min_matches = (matches * (uint64_t)o->min_share + 99) / 100;
	struct exception_ids ids = { .rule = rule };
	struct proposal p;
	size_t n = 0;

	if (min_matches < MIN_MATCHES)
		min_matches = MIN_MATCHES;
	while (n < (size_t)o->top && clusters_propose(clusters, min_matches, &p)) {
		_cleanup_(buf) struct buf why = BUF_INIT, block = BUF_INIT;
		struct exception_text text = { .parts = &p.parts, .has_until = reading->timed,
					       .last_ns = reading->last_ns };

		write_why(&p, matches, &why);
		text.why = buf_get(&why);
		exception_id(&ids, &p.parts, text.id);
		exception_write(&text, &block);
		if (why.error || block.error || !exception_holds(buf_get(&block), &p.sample)) {
			log_error("an exception for %.*s cannot be written", STR_ARG(rule->id));
			return EXIT_SYSTEM;
		}
		buf_str(&body, buf_get(&block));
		silenced += p.matches;
		n++;
	}
	if (n == 0) {
		log_warning("nothing to propose: of %" PRIu64 " match%s no kind makes up %" PRIu64
			    " (--min-share %" PRId64 ")", matches, matches == 1 ? "" : "es", min_matches,
			    o->min_share);
		return EXIT_FINE;
	}
	write_head(rule, matches, silenced, &head);
	buf_text(&head, EXCEPTIONS_KEY);
	if (head.error || body.error) {
		log_error("out of memory");
		return EXIT_SYSTEM;
	}
	fwrite(buf_get(&head).p, 1, head.len, stdout);
	fwrite(buf_get(&body).p, 1, body.len, stdout);
	return EXIT_FINE;
}

static int learn_rule(const struct learn_options *o, const struct rule *rule, struct records *records)
{
	_cleanup_(clusters_free) struct clusters *clusters = NULL;
	struct reading reading;
	int r;

	if (clusters_new(&clusters) < 0) {
		log_error("out of memory");
		return EXIT_SYSTEM;
	}
	r = collect(rule, records, clusters, &reading);
	if (r == EXIT_FINE && clusters_matches(clusters) == 0)
		log_warning("nothing to propose: %.*s matches nothing here that is not excepted",
			    STR_ARG(rule->id));
	else if (r == EXIT_FINE)
		r = print_proposals(o, rule, clusters, &reading);
	return r;
}

static int learn(const void *opts, const char *const *arg, size_t n_args)
{
	_cleanup_(ruleset_free) struct ruleset *rules = NULL;
	_cleanup_(records) struct records records;
	const struct learn_options *o = opts;
	const struct rule *rule;
	struct progress progress;
	int r;

	records_open(&records, arg + 1, n_args ? n_args - 1 : 0);
	if (n_args < 2) {
		log_error("`learn` needs a rule, and files of exec records (`-` is standard input)");
		return EXIT_USAGE;
	}
	if (o->min_share > 100) {
		log_error("--min-share takes a number from 1 to 100");
		return EXIT_USAGE;
	}
	r = load_rules(&o->rules, &(struct rule_load){ 0 }, NULL, &rules);
	if (r != EXIT_FINE)
		return r;
	rule = find_rule(rules, arg[0]);
	if (!rule)
		return EXIT_USAGE;
	progress_open(&progress, STDERR_FILENO, arg + 1, n_args - 1, clock_monotonic());
	records.progress = &progress;
	r = learn_rule(o, rule, &records);
	return r == EXIT_FINE ? records_exit_code(&records) : r;
}

const struct verb verb_learn = {
	.name = "learn",
	.arguments = "[options] RULE FILE...",
	.summary = "propose exceptions for what a rule matches most",
	.details = "Prints YAML to be read and put into the rule; changes nothing. The exceptions end 90\n"
		   "days after the last record.",
	.options = options,
	.options_size = sizeof(struct learn_options),
	.init = init,
	.run = learn,
};
