/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From paths to a ruleset. Every file is read and checked, whatever was wrong with those before it, so that
 * one run shows all errors; what is good in them makes the ruleset.
 */
#include "parser/load.h"

#include <errno.h>
#include <sha2.h>
#include <stdlib.h>
#include <string.h>

#include "parser/checker.h"
#include "parser/codes.h"
#include "parser/files.h"
#include "parser/sigma.h"

struct loader {
	struct checker checker;
	struct ruleset *rs;
	struct sources *sources;
	struct files files;
	size_t first_diag;		/* what was recorded before is not about rules */
	SHA2_CTX sha;
};

int skip_file(struct checker *c, size_t first)
{
	const struct diags *ds = c->ds;

	for (size_t i = first; i < ds->n; i++)
		if (ds->items[i].level == DIAG_ERROR && ds->items[i].at.line > 0)
			return skip_rule(c, (struct str){ NULL, 0 }, ds->items[i].at, ds->items[i].message);
	return 0;
}

/* One file's text: nodes, then rules. 0 also after errors; -ENOMEM. */
static int load_source(struct loader *l, struct file *f, const struct source *src)
{
	struct arena scratch = ARENA_INIT;
	const struct node *root;
	size_t first = l->checker.ds->n;
	int err, lost = 0;
	bool sigma;

	SHA256Update(&l->sha, (const uint8_t *)src->text.p, src->text.len);
	l->rs->n_files++;
	f->module = module_new(&l->checker, src);
	if (!f->module || sigma_is_file(src, &sigma) < 0)
		return -ENOMEM;
	if (sigma)
		return sigma_file_read(&l->checker, f, src);
	err = yaml_read_packed(src, l->checker.ds, &scratch, "rules", &root);
	if (err == 0 && !root)
		f->module->lacks_lists = f->module->lacks_macros = false;
	if (err != -ENOMEM && root && is_sigma(root)) {
		err = sigma_document_read(&l->checker, f, root, first, err, &scratch);
		arena_done(&scratch);
		return err;
	}
	if (err == -EINVAL && (!root || root->incomplete))
		lost = skip_file(&l->checker, first);
	if (err != -ENOMEM && lost == 0 && root) {
		err = native_read(&l->checker, f, root, &scratch);
		if (err == -EINVAL && !root->incomplete)
			lost = skip_file(&l->checker, first);
	}
	arena_done(&scratch);
	return err == -ENOMEM || lost == -ENOMEM ? -ENOMEM : 0;
}

int loader_read(struct loader *l, struct file *f)
{
	const struct source *src;
	int err;

	if (f->state != FILE_NEW)
		return 0;
	f->state = FILE_OPEN;
	l->checker.n_open_files++;
	f->error = file_read(f, YAML_MAX_BYTES, l->sources, &src);
	err = f->error == 0 ? load_source(l, f, src) : f->error == -ENOMEM ? -ENOMEM : 0;
	l->checker.n_open_files--;
	f->state = FILE_DONE;
	return err;
}

/* What cannot be read is recorded; *ret_error keeps the first reason. */
static int load_file(struct loader *l, struct file *f, int *ret_error)
{
	struct refusal refusal;
	int err = loader_read(l, f);

	if (err < 0 || f->error == 0)
		return err;
	if (*ret_error == 0 && f->error != -EFBIG)
		*ret_error = f->error;
	file_refusal(f->error, &refusal);
	return file_error(l->sources, l->checker.ds, refusal.code, f->path, "%s%s",
			  f->error == -EFBIG ? "" : "cannot read this: ", refusal.why);
}

static bool is_in(struct str text, struct strs list)
{
	for (size_t i = 0; i < list.n; i++)
		if (str_eq(text, list.item[i]))
			return true;
	return false;
}

/* Do the options choose this rule? */
static bool is_wanted(const struct rule *rule, const struct load_options *o)
{
	bool tagged = o->tags.n == 0;

	for (size_t i = 0; i < rule->tags.n && !tagged; i++)
		tagged = is_in(rule->tags.item[i], o->tags);
	return tagged && (o->statuses.n == 0 || is_in(rule_about(rule)->status, o->statuses)) &&
	       (o->ids.n == 0 || is_in(rule->id, o->ids)) &&
	       !is_in(rule->id, o->exclude) && (int)rule->severity <= o->max_severity;
}

static int by_id(const void *a, const void *b)
{
	return str_cmp(((const struct rule *)a)->id, ((const struct rule *)b)->id);
}

/* Files that were not read at all. */
static int skip_unread(struct loader *l)
{
	const struct diags *ds = l->checker.ds;
	int err = 0;

	for (size_t i = l->first_diag; i < ds->n && err == 0; i++)
		if (ds->items[i].at.line == 0)
			err = skip_rule(&l->checker, (struct str){ NULL, 0 }, ds->items[i].at,
					ds->items[i].message);
	return err;
}

/* Moves what the checker has gathered into the ruleset. */
static int finish(struct loader *l)
{
	struct checker *c = &l->checker;
	struct arena *a = &l->rs->arena;
	struct rule *rules = arena_array(a, c->n_rules, sizeof(*rules));
	struct skipped_rule *skipped = arena_array(a, c->n_skipped, sizeof(*skipped));
	size_t n = 0;

	if (!rules || !skipped)
		return -ENOMEM;
	for (size_t i = 0; i < c->n_rules; i++)
		if (is_wanted(&c->rules[i], c->options))
			rules[n++] = c->rules[i];
	if (n > 0)
		qsort(rules, n, sizeof(*rules), by_id);
	if (c->n_skipped > 0)
		memcpy(skipped, c->skipped, c->n_skipped * sizeof(*skipped));
	l->rs->rules = rules;
	l->rs->n_rules = n;
	l->rs->skipped = skipped;
	l->rs->n_skipped = c->n_skipped;
	SHA256End(&l->sha, l->rs->sha256);
	return 0;
}

/* The compiled regexes are the ruleset's, also where loading has failed. */
static int hand_over_regexes(struct loader *l)
{
	struct checker *c = &l->checker;
	struct regex **all = arena_array(&l->rs->arena, c->n_patterns, sizeof(*all));
	size_t n = 0;

	for (size_t i = 0; i < c->n_patterns; i++) {
		if (!all)
			regex_free(c->patterns[i].regex);
		else if (c->patterns[i].regex)
			all[n++] = c->patterns[i].regex;
	}
	if (!all)
		return -ENOMEM;
	l->rs->regexes = all;
	l->rs->n_regexes = n;
	return 0;
}

static int loader_init(struct loader *l, const struct load_options *options, struct sources *sources,
		       struct diags *ds)
{
	*l = (struct loader){
		.checker = { .ds = ds, .options = options, .loader = l, .files = &l->files },
		.sources = sources, .first_diag = ds->n,
		.files = { .check_ownership = options->check_ownership, .owner = options->owner },
	};
	l->checker.last_module = &l->checker.modules;
	l->rs = calloc(1, sizeof(*l->rs));
	if (!l->rs)
		return -ENOMEM;
	l->files.arena = l->checker.arena = l->checker.intern.arena = &l->rs->arena;
	l->checker.intern.with_origins = options->authoring || options->warnings;
	SHA256Init(&l->sha);
	return options->warnings ? regex_scratch_new(&l->checker.scratch) : 0;
}

/* Ends the loading, good or bad (@err), and gives the ruleset where it is good. */
static int loader_done(struct loader *l, int err, struct ruleset **ret)
{
	struct checker *c = &l->checker;
	int handed = l->rs ? hand_over_regexes(l) : 0;

	if (err == 0)
		err = handed;
	if (err == 0)
		warn_unused(c);
	if (err == 0)
		err = skip_unread(l);
	if (err == 0)
		err = finish(l);
	files_done(&l->files);
	modules_done(c);
	for (size_t i = 0; i < ARRAY_SIZE(c->pattern_names); i++)
		names_done(&c->pattern_names[i]);
	names_done(&c->ids);
	names_done(&c->never);
	intern_done(&c->intern);
	free(c->patterns);
	free(c->id_places);
	free(c->rules);
	free(c->skipped);
	regex_scratch_free(c->scratch);
	if (err < 0)
		ruleset_free(l->rs);
	else
		*ret = l->rs;
	return err;
}

typedef int (*table_fn)(struct checker *c, const struct node *root, struct arena *scratch,
			struct sigma_tables *tables);

/* A file of which an error ends the loading: rules would mean something else. */
static int load_table(struct loader *l, const char *path, table_fn read, struct sigma_tables *tables)
{
	_cleanup_(arena) struct arena scratch = ARENA_INIT;
	const struct source *src;
	const struct node *root;
	struct refusal refusal;
	struct file *f;
	int err = files_find(&l->files, path, &f, &refusal);

	if (err == 0) {
		err = file_read(f, YAML_MAX_BYTES, l->sources, &src);
		if (err < 0)
			file_refusal(err, &refusal);
	}
	if (err == -ENOMEM)
		return err;
	if (err < 0)
		return file_error(l->sources, l->checker.ds, refusal.code, path, "cannot read this: %s",
				  refusal.why) < 0 ? -ENOMEM : err;
	SHA256Update(&l->sha, (const uint8_t *)src->text.p, src->text.len);
	err = yaml_read(src, l->checker.ds, &scratch, &root);
	return err < 0 || !root ? err : read(&l->checker, root, &scratch, tables);
}

static int load_tables(struct loader *l)
{
	const struct load_options *o = l->checker.options;
	struct sigma_tables *tables = arena_alloc(l->checker.arena, sizeof(*tables));
	int err = tables ? 0 : -ENOMEM;

	if (err == 0 && o->sigma_mapping)
		err = load_table(l, o->sigma_mapping, sigma_mapping_read, tables);
	if (err == 0 && o->placeholders)
		err = load_table(l, o->placeholders, sigma_placeholders_read, tables);
	l->checker.sigma = tables;
	return err;
}

int rules_load(const char *const *paths, size_t n_paths, const struct load_options *options,
	       struct sources *sources, struct diags *ds, struct ruleset **ret)
{
	struct loader l;
	int err = loader_init(&l, options, sources, ds);

	if (err == 0)
		err = load_tables(&l);
	for (size_t i = 0; i < n_paths && err == 0; i++)
		err = files_add(&l.files, paths[i], sources, ds);
	for (size_t i = 0; i < l.files.n && err == 0; i++)
		err = load_file(&l, l.files.items[i], &l.files.error);
	if (err == 0)
		err = l.files.error;
	return loader_done(&l, err, ret);
}

int rules_load_texts(const struct rule_text *texts, size_t n_texts, const struct load_options *options,
		     struct sources *sources, struct diags *ds, struct ruleset **ret)
{
	struct loader l;
	int err = loader_init(&l, options, sources, ds);

	for (size_t i = 0; i < n_texts && err == 0; i++)
		err = files_add_text(&l.files, texts[i].path, texts[i].text);
	if (err == 0)
		err = load_tables(&l);
	if (err == 0)
		err = loader_read(&l, l.files.items[0]);
	return loader_done(&l, err, ret);
}

int rules_load_text(struct str path, struct str text, const struct load_options *options,
		    struct sources *sources, struct diags *ds, struct ruleset **ret)
{
	return rules_load_texts(&(struct rule_text){ path, text }, 1, options, sources, ds, ret);
}

struct ruleset *ruleset_free(struct ruleset *rs)
{
	if (!rs)
		return NULL;
	for (size_t i = 0; i < rs->n_regexes; i++)
		regex_free(rs->regexes[i]);
	arena_done(&rs->arena);
	free(rs);
	return NULL;
}
