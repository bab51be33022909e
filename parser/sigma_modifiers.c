/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The keys of a Sigma selection: a field, and modifiers behind it. What a modifier is and which of them go
 * together is here; what they do to values is in sigma_change.c and sigma_match.c.
 */
#include <errno.h>
#include <string.h>

#include "base/nearest.h"
#include "parser/codes.h"
#include "parser/sigma.h"

#define KIND(name, kind) { (name), ROLE_KIND, (kind), 0, 0, NULL }
#define COMPARISON(name, op) { (name), ROLE_KIND, SIGMA_COMPARE, 0, (op), NULL }
#define PART(name) { (name), ROLE_KIND, SIGMA_PART, 0, OP_IN, (name) }
#define CHANGE(name, change) { (name), ROLE_CHANGE, 0, (change), OP_IN, NULL }
#define FLAG(name, letter) { (name), ROLE_FLAG, 0, 0, 0, (letter) }
#define ROLE(name, role) { (name), (role), 0, 0, 0, NULL }

static const struct sigma_modifier modifiers[] = {
	{ "contains", ROLE_CHANGE, 0, CHANGE_CONTAINS, OP_CONTAINS, NULL },
	{ "startswith", ROLE_CHANGE, 0, CHANGE_STARTS, OP_PREFIX, NULL },
	{ "endswith", ROLE_CHANGE, 0, CHANGE_ENDS, OP_SUFFIX, NULL },
	CHANGE("windash", CHANGE_WINDASH), CHANGE("wide", CHANGE_WIDE), CHANGE("utf16le", CHANGE_WIDE),
	CHANGE("utf16be", CHANGE_UTF16BE), CHANGE("utf16", CHANGE_UTF16), CHANGE("base64", CHANGE_BASE64),
	CHANGE("base64offset", CHANGE_BASE64_OFFSET),
	KIND("re", SIGMA_RE), KIND("cidr", SIGMA_CIDR), KIND("exists", SIGMA_EXISTS),
	{ "fieldref", ROLE_KIND, SIGMA_FIELDREF, 0, OP_SAME_AS, NULL },
	COMPARISON("gt", OP_GT), COMPARISON("gte", OP_GE), COMPARISON("lt", OP_LT), COMPARISON("lte", OP_LE),
	PART("minute"), PART("hour"), PART("day"), PART("week"), PART("month"), PART("year"),
	FLAG("i", "i"), FLAG("ignorecase", "i"), FLAG("m", "m"), FLAG("multiline", "m"), FLAG("s", "s"),
	FLAG("dotall", "s"),
	ROLE("all", ROLE_ALL), ROLE("neq", ROLE_NEGATION), ROLE("cased", ROLE_CASED),
	ROLE("expand", ROLE_EXPANSION),
};

static int unknown(struct sigma *g, struct str name, struct loc at)
{
	struct nearest nearest = NEAREST_INIT(name);
	struct diags *ds = g->s->checker->ds;

	for (size_t i = 0; i < ARRAY_SIZE(modifiers); i++)
		nearest_try(&nearest, str_of(modifiers[i].name));
	if (name.len == 0)
		return diag_error(ds, &code_sigma_modifier, at, "a modifier is missing here");
	diag_error(ds, &code_sigma_modifier, at, "unknown modifier `%.*s`", STR_ARG(name));
	if (str_known(nearest.best))
		diag_help(ds, "did you mean `%.*s`?", STR_ARG(nearest.best));
	return -EINVAL;
}

static int unfit(struct sigma *g, const struct sigma_modifier *m, struct loc at, const char *why)
{
	return diag_error(g->s->checker->ds, &code_sigma_modifier_use, at, "`%s` %s", m->name, why);
}

/* Only the parts of a time can be compared, too. */
static int add_kind(struct sigma *g, struct sigma_item *item, const struct sigma_modifier *m, struct loc at,
		    bool first)
{
	bool compares_part = item->part && item->kind == SIGMA_PART && m->kind == SIGMA_COMPARE;

	if (item->n_changes > 0)
		return unfit(g, m, at, "cannot stand behind a modifier that changes texts");
	if (item->kind != SIGMA_PLAIN && !compares_part)
		return unfit(g, m, at, "does not go together with the modifiers before it");
	if (m->kind == SIGMA_RE && !first)
		return unfit(g, m, at, "has to be the first modifier");
	item->kind = m->kind;
	item->kind_name = m->name;
	item->op = m->op;
	if (m->kind == SIGMA_PART)
		item->part = m->text;
	return 0;
}

static int add_change(struct sigma *g, struct sigma_item *item, const struct sigma_modifier *m, struct loc at)
{
	if (item->kind == SIGMA_FIELDREF && item->op == OP_SAME_AS && m->op != OP_IN) {
		item->op = m->op;
		return 0;
	}
	if (item->kind != SIGMA_PLAIN)
		return unfit(g, m, at, "does not go together with the modifiers before it");
	item->changes[item->n_changes++] = m;
	return 0;
}

static int add(struct sigma *g, struct sigma_item *item, const struct sigma_modifier *m, struct loc at,
	       bool first)
{
	switch (m->role) {
	case ROLE_KIND:
		return add_kind(g, item, m, at, first);
	case ROLE_CHANGE:
		return add_change(g, item, m, at);
	case ROLE_FLAG:
		if (item->kind != SIGMA_RE)
			return unfit(g, m, at, "stands behind `re` only");
		if (!strchr(item->flags, m->text[0]))
			strcat(item->flags, m->text);
		return 0;
	case ROLE_ALL:
		item->all = true;
		return 0;
	case ROLE_NEGATION:
		item->negated = true;
		return 0;
	case ROLE_CASED:
		item->cased = true;
		return 0;
	case ROLE_EXPANSION:
		item->expands = true;
		return 0;
	}
	return 0;
}

static int check(struct sigma *g, const struct sigma_item *item)
{
	struct diags *ds = g->s->checker->ds;

	if (item->cased && item->kind == SIGMA_FIELDREF)
		return diag_error(ds, &code_sigma_modifier_use, sigma_modifier_place(item, "cased"),
				  "`cased` does not go together with `fieldref`");
	if (item->expands && item->kind != SIGMA_PLAIN)
		return diag_error(ds, &code_sigma_modifier_use, sigma_modifier_place(item, "expand"),
				  "`expand` is for plain texts");
	if (item->field.len == 0 && item->kind != SIGMA_PLAIN && item->kind != SIGMA_RE)
		return diag_error(ds, &code_sigma_modifier_use, item->key->at,
				  "this modifier needs a field");
	return 0;
}

int sigma_item_parse(struct sigma *g, const struct node *key, struct sigma_item *ret)
{
	struct str text = key->text;
	struct sigma_item item = { .key = key };
	size_t n = 0;
	int err = 0;

	for (size_t at = 0; at <= text.len && err == 0; n++) {
		const char *bar = memchr(text.p + at, '|', text.len - at);
		struct str word = { text.p + at, bar ? (size_t)(bar - text.p) - at : text.len - at };
		struct loc place = n > 0 ? node_place(key, at, word.len) : key->at;
		const struct sigma_modifier *found = NULL;

		at += word.len + 1;
		if (n == 0) {
			item.field = word;
			continue;
		}
		for (size_t i = 0; i < ARRAY_SIZE(modifiers) && !found; i++)
			if (str_is(word, modifiers[i].name))
				found = &modifiers[i];
		if (!found)
			err = unknown(g, word, place);
		else if (n > SIGMA_MAX_MODIFIERS)
			err = unfit(g, found, place, "is one modifier too many");
		else
			err = add(g, &item, found, place, n == 1);
		if (err == 0) {
			item.places[item.n_modifiers] = place;
			item.modifiers[item.n_modifiers++] = found;
		}
	}
	if (err == 0)
		err = check(g, &item);
	if (err == 0)
		*ret = item;
	return err;
}

struct loc sigma_modifier_place(const struct sigma_item *item, const char *name)
{
	for (size_t i = 0; i < item->n_modifiers; i++)
		if (strcmp(item->modifiers[i]->name, name) == 0)
			return item->places[i];
	return item->key->at;
}
