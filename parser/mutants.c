/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `mutants:` of a rule: the mutants that may survive its tests, and why. Which mutants there are the engine
 * knows, so whether a path names one is said where the tests are run.
 */
#include <errno.h>

#include "parser/checker.h"
#include "parser/codes.h"
#include "parser/keys.h"
#include "parser/read.h"

/* A text without which the entry means nothing. */
static int read_needed(struct scope *s, const struct node *map, const char *key, struct str *ret)
{
	const struct node *n = node_get(map, key);
	int err = n ? text_read(s, map, key, ret) : -EINVAL;

	if (err == 0 && ret->len == 0)
		err = diag_error(s->checker->ds, &code_empty_value, n->at, "`%s` is empty", key);
	return err;
}

static int read_kept(struct scope *s, const struct node *map, struct kept_mutant *m)
{
	int err = read_map(map, "a kept mutant", s->checker->ds), bad;

	if (err < 0) {
		if (map->kind == NODE_SCALAR && !map->incomplete)
			diag_help(s->checker->ds, "as in `{ keep: match.user, why: ... }`");
		return err;
	}
	*m = (struct kept_mutant){ .at = map->at };
	err = keys_check(map, "a kept mutant", MAP_MUTANT, s->checker->ds);
	bad = read_needed(s, map, "keep", &m->path);
	err = worse(err, bad);
	if (bad == 0)
		m->at = node_get(map, "keep")->at;
	bad = read_needed(s, map, "why", &m->why);
	return worse(err, bad);
}

int mutants_read(struct scope *s, const struct node *map, struct rule *rule)
{
	const struct node *list = node_get(map, "mutants");
	struct kept_mutant *mutants;
	int err;

	if (!list || !s->checker->options->authoring)
		return 0;
	err = read_list(list, "`mutants`", s->checker->ds);
	if (err < 0)
		return err;
	mutants = arena_array(s->checker->arena, list->n, sizeof(*mutants));
	if (!mutants)
		return -ENOMEM;
	for (size_t i = 0; i < list->n && err != -ENOMEM; i++) {
		int bad = read_kept(s, list->items[i], &mutants[i]);

		err = worse(err, bad);
	}
	rule->mutants = mutants;
	rule->n_mutants = list->n;
	return err;
}
