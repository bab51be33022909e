/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `include`: the files that a file rests on. They are loaded, with their rules, before anything else of it is
 * read; a file that is being loaded is open, and one that is open and needed again is a cycle. Memory for
 * nodes is therefore needed for at most as many files at once as may include each other in a row.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "parser/checker.h"
#include "parser/codes.h"
#include "parser/read.h"

/* An entry of this length is not repeated in messages. */
#define MAX_SHOWN 80

/* Relative to the directory of the file that includes it; that of standard input is the current one. NULL:
 * out of memory. */
static const char *path_of(struct scope *s, struct str entry)
{
	_cleanup_(buf) struct buf b = BUF_INIT;
	struct str from = s->module->source->path, name = str_basename(from);

	if (!str_has_prefix(entry, STR_LIT("/")))
		buf_add(&b, from.p, from.len - name.len);
	/* By its bare name it would be standard input. */
	if (b.len == 0 && str_eq(entry, STR_LIT("-")))
		buf_text(&b, "./");
	buf_str(&b, entry);
	return b.error ? NULL : arena_str(s->checker->arena, buf_get(&b)).p;
}

/* @lost: there may be rules in it, which are not loaded. */
static int refuse(struct scope *s, const struct node *n, const char *path, const struct refusal *refusal,
		  bool lost)
{
	struct checker *c = s->checker;
	_cleanup_(buf) struct buf message = BUF_INIT;
	struct str text;

	if (n->text.len > MAX_SHOWN)
		buf_printf(&message, "cannot include this: %s", refusal->why);
	else
		buf_printf(&message, "cannot include `%.*s`: %s", STR_ARG(n->text), refusal->why);
	text = buf_get(&message);
	diag_error(c->ds, refusal->code, n->at, "%.*s", STR_ARG(text));
	if (!str_eq(str_of(path), n->text) && strlen(path) <= MAX_SHOWN)
		diag_help(c->ds, "relative to this file, that is `%s`", path);
	if (message.error || (lost && skip_rule(c, (struct str){ NULL, 0 }, n->at, text) < 0))
		return -ENOMEM;
	return -EINVAL;
}

static int cycle(struct scope *s, const struct node *n, const struct file *f)
{
	struct diags *ds = s->checker->ds;

	diag_error(ds, &code_cycle, n->at, "`%s` includes itself", f->path);
	if (f->module != s->module)
		diag_second(ds, f->followed, "the circle begins here");
	return -EINVAL;
}

static int too_deep(struct scope *s, const struct node *n, const struct file *f)
{
	struct refusal refusal = { &code_include, "" };

	snprintf(refusal.why, sizeof(refusal.why), "includes nested more than %d deep", MAX_INCLUDE_DEPTH);
	return refuse(s, n, f->path, &refusal, f->state == FILE_NEW);
}

/* Loads what the entry names; *ret is the module that it has become. */
static int load_entry(struct scope *s, struct file *self, const struct node *n, struct module **ret)
{
	struct checker *c = s->checker;
	struct refusal refusal;
	struct file *f;
	const char *path;
	struct str text;
	int err = read_text(n, "an entry of `include`", c->ds, &text);

	if (err < 0)
		return err;
	path = path_of(s, text);
	if (!path)
		return -ENOMEM;
	err = files_find(c->files, path, &f, &refusal);
	if (err < 0)
		return err == -ENOMEM ? err : refuse(s, n, path, &refusal, true);
	if (f->state == FILE_OPEN)
		return cycle(s, n, f);
	if (f->state == FILE_NEW && c->n_open_files > MAX_INCLUDE_DEPTH)
		return too_deep(s, n, f);
	self->followed = n->at;
	err = loader_read(c->loader, f);
	if (err < 0)
		return err;
	if (f->error < 0) {
		file_refusal(f->error, &refusal);
		return refuse(s, n, path, &refusal, true);
	}
	if (f->module->depth >= MAX_INCLUDE_DEPTH)
		return too_deep(s, n, f);
	*ret = f->module;
	return 0;
}

/* All are loaded before any is seen: while one is, it marks for itself what it has seen. */
int include_read(struct scope *s, struct file *self, const struct node *include)
{
	const struct node *const *entries = include->kind == NODE_LIST ? include->items : &include;
	size_t n = include->kind == NODE_LIST ? include->n : 1;
	struct module **modules = arena_array(s->scratch, n, sizeof(*modules));
	int err = 0, bad = 0;

	if (!modules)
		return -ENOMEM;
	if (include->kind == NODE_MAP)
		err = read_list(include, "`include`", s->checker->ds);
	else if (n == 0 && !include->incomplete)
		err = diag_error(s->checker->ds, &code_empty_list, include->at, "`include` is an empty list");
	for (size_t i = 0; i < n && include->kind != NODE_MAP && err != -ENOMEM; i++) {
		int e = load_entry(s, self, entries[i], &modules[i]);

		err = worse(err, e);
	}
	/* What comes behind a limit would hit it, too. */
	for (size_t i = 0; i < n && err != -ENOMEM && bad == 0; i++) {
		bad = modules[i] ? module_see(s->checker, s->module, modules[i], entries[i]->at) : 0;
		err = worse(err, bad);
	}
	/* What is missing may define any name. */
	if (err < 0 || include->incomplete)
		s->module->lacks_lists = s->module->lacks_macros = true;
	return err;
}
