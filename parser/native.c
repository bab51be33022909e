/* SPDX-License-Identifier: Apache-2.0 */
/* A native rule file: what stands at its outermost level, and what kind of file it is at all. */
#include <errno.h>
#include <stdlib.h>

#include "parser/checker.h"
#include "parser/codes.h"
#include "parser/keys.h"
#include "parser/read.h"

/* Is this a file of the kind that is read here? */
static int check_kind(struct scope *s, const struct node *root)
{
	struct diags *ds = s->checker->ds;
	const struct node *version;
	int64_t number;
	int err;

	if (root->kind != NODE_MAP) {
		diag_error(ds, &code_not_rules, root->at, "this is no rule file");
		diag_help(ds, "a rule file begins with `version: 1`");
		return -EINVAL;
	}
	version = node_get(root, "version");
	if (!version) {
		if (root->incomplete)
			return 0;
		diag_error(ds, &code_not_rules, root->at, "no `version: 1`: this is no rule file");
		diag_help(ds, "a rule file begins with `version: 1`");
		/* With rules in it, it is meant to be one: the rest is checked, too. */
		return node_get(root, "rules") ? 0 : -EINVAL;
	}
	err = read_int(version, "`version`", INT64_MIN, INT64_MAX, ds, &number);
	if (err < 0)
		return err;
	if (number != 1)
		return diag_error(ds, &code_unknown_version, version->at,
				  "version %lld of the rule language is unknown", (long long)number);
	return 0;
}

static int read_defaults(struct scope *s, const struct node *map, struct defaults *d)
{
	struct diags *ds = s->checker->ds;
	int err = read_map(map, "`defaults`", ds), n = (int)d->severity;
	const struct node *node;

	if (err < 0)
		return err;
	err = keys_check(map, "`defaults`", MAP_DEFAULTS, ds);
	node = node_get(map, "severity");
	if (node)
		err = worse(err, read_choice(node, "`severity`", severity_names, ds, &n));
	d->severity = (enum severity)n;
	n = (int)d->mode;
	node = node_get(map, "mode");
	if (node)
		err = worse(err, read_choice(node, "`mode`", mode_names, ds, &n));
	d->mode = (enum rule_mode)n;
	node = node_get(map, "tags");
	if (node)
		err = worse(err, tags_read(s, node, &d->tags));
	node = node_get(map, "route");
	if (node)
		err = worse(err, route_read(s, node, &d->route));
	node = node_get(map, "throttle");
	if (node)
		err = worse(err, throttle_read(s, node, &d->throttle));
	return err;
}

/* What the file defines, and what it includes; all of it, whatever is wrong with a part. */
static int read_definitions(struct scope *s, struct file *f, const struct node *root)
{
	const struct node *include = node_get(root, "include");
	const struct node *lists = node_get(root, "lists"), *macros = node_get(root, "macros");
	int err = include ? include_read(s, f, include) : 0;

	if (lists && err != -ENOMEM)
		err = worse(err, lists_declare(s, lists));
	if (macros && err != -ENOMEM)
		err = worse(err, macros_declare(s, macros));
	if (err != -ENOMEM)
		err = worse(err, views_fill(s));
	if (err != -ENOMEM)
		err = worse(err, lists_read(s));
	if (err != -ENOMEM)
		err = worse(err, macros_read(s));
	return err;
}

static int read_file(struct scope *s, struct file *f, const struct node *root)
{
	struct defaults defaults = { .severity = SEVERITY_WARNING, .mode = MODE_ALERT };
	const struct node *own = node_get(root, "defaults"), *rules = node_get(root, "rules");
	int err;

	/* Without `version` it is no rule file, which has been said. */
	err = keys_known(root, "a rule file", MAP_FILE, s->checker->ds);
	err = worse(err, read_definitions(s, f, root));
	if (own && err != -ENOMEM)
		err = worse(err, read_defaults(s, own, &defaults));
	if (rules && err != -ENOMEM)
		err = worse(err, rules_read(s, rules, &defaults));
	s->module->has_rules = rules;
	return err;
}

int native_read(struct checker *c, struct file *f, const struct node *root, struct arena *scratch)
{
	struct scope s = { .checker = c, .scratch = scratch, .module = f->module };
	int err = check_kind(&s, root);

	if (err < 0)
		return err;
	s.module->incomplete = root->incomplete;
	s.module->lacks_lists = root->incomplete && !node_get(root, "lists");
	s.module->lacks_macros = root->incomplete && !node_get(root, "macros");
	err = read_file(&s, f, root);
	views_done(&s);
	free(s.entries);
	free(s.places);
	return err == -ENOMEM ? err : 0;
}
