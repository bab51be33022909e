/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The techniques that rules are for, as a layer of the ATT&CK Navigator (format 4.5): a technique's score is
 * the number of rules with its tag, its comment their ids. Rules that are off watch for nothing and do not
 * count.
 *
 * A layer without a tactic shows a technique under each that it belongs to. A tactic is given where the tags
 * leave no doubt: each rule of the technique names it, no other technique and no other tactic.
 */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/check.h"
#include "event/json.h"
#include "parser/attack.h"

#define LOWEST "#cfe8f7"
#define HIGHEST "#1f6fa8"

/* One tag of one rule. Texts are the rule's. */
struct mention {
	struct str technique, rule;
	struct str tactic;		/* unknown: in doubt */
};

struct mentions {
	struct mention *item;
	size_t n;
};

static int compare(const void *a, const void *b)
{
	const struct mention *x = a, *y = b;
	int order = str_cmp(x->technique, y->technique);

	return order ? order : str_cmp(x->rule, y->rule);
}

/* Is the rule's tag number @n one that it has before? */
static bool named_before(const struct rule *rule, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq(rule->tags.item[i], rule->tags.item[n]))
			return true;
	return false;
}

/* The one tactic of a rule with one technique; else unknown. */
static struct str only_tactic(const struct rule *rule)
{
	struct str tactic = { NULL, 0 }, name;
	size_t techniques = 0, tactics = 0;

	for (size_t i = 0; i < rule->tags.n; i++) {
		enum attack_kind kind = attack_tag(rule->tags.item[i], &name);

		if (named_before(rule, i))
			continue;
		techniques += kind == ATTACK_TECHNIQUE;
		tactics += kind == ATTACK_TACTIC;
		if (kind == ATTACK_TACTIC)
			tactic = name;
	}
	return techniques == 1 && tactics == 1 ? tactic : str_of(NULL);
}

/* Sorted; .item NULL when out of memory. */
static struct mentions collect(const struct ruleset *rules)
{
	struct mentions all = { NULL, 0 };
	size_t room = 1;
	struct str name;

	for (size_t i = 0; i < rules->n_rules; i++)
		room += rules->rules[i].tags.n;
	all.item = calloc(room, sizeof(*all.item));
	for (size_t i = 0; i < rules->n_rules && all.item; i++) {
		const struct rule *rule = &rules->rules[i];

		for (size_t k = 0; k < rule->tags.n && rule->mode != MODE_OFF; k++) {
			bool technique = attack_tag(rule->tags.item[k], &name) == ATTACK_TECHNIQUE;

			if (technique && !named_before(rule, k))
				all.item[all.n++] = (struct mention){ name, rule->id, only_tactic(rule) };
		}
	}
	if (all.item)
		qsort(all.item, all.n, sizeof(*all.item), compare);
	return all;
}

/* How many mentions from @first on are of its technique. */
static size_t count_same(const struct mentions *all, size_t first)
{
	size_t n = 1;

	while (first + n < all->n && str_eq(all->item[first + n].technique, all->item[first].technique))
		n++;
	return n;
}

static void write_technique(struct json *j, const struct mention *m, size_t n)
{
	_cleanup_(buf) struct buf id = BUF_INIT, comment = BUF_INIT;
	struct str tactic = m[0].tactic;

	for (size_t i = 0; i < m[0].technique.len; i++)
		buf_char(&id, (char)toupper((unsigned char)m[0].technique.p[i]));
	for (size_t i = 0; i < n; i++) {
		buf_text(&comment, i ? ", " : "");
		buf_str(&comment, m[i].rule);
		if (!str_eq(m[i].tactic, tactic))
			tactic = str_of(NULL);
	}
	json_object(j, NULL);
	json_str(j, "techniqueID", buf_get(&id));
	json_str(j, "tactic", tactic);
	json_int(j, "score", (int64_t)n);
	json_str(j, "comment", buf_get(&comment));
	json_end_object(j);
}

/* Returns the highest score. */
static size_t write_techniques(struct json *j, const struct mentions *all)
{
	size_t highest = 0, n;

	json_list(j, "techniques");
	for (size_t i = 0; i < all->n; i += n) {
		n = count_same(all, i);
		write_technique(j, &all->item[i], n);
		if (n > highest)
			highest = n;
	}
	json_end_list(j);
	return highest;
}

static void write_colours(struct json *j, size_t highest)
{
	static const char *const colours[] = { LOWEST, HIGHEST };
	static const char *const labels[] = { "one rule", "most rules" };

	json_object(j, "gradient");
	json_list(j, "colors");
	for (size_t i = 0; i < ARRAY_SIZE(colours); i++)
		json_text(j, NULL, colours[i]);
	json_end_list(j);
	json_int(j, "minValue", 1);
	/* The format wants it above the minimum. */
	json_int(j, "maxValue", highest > 2 ? (int64_t)highest : 2);
	json_end_object(j);
	json_list(j, "legendItems");
	for (size_t i = 0; i < ARRAY_SIZE(colours); i++) {
		json_object(j, NULL);
		json_text(j, "label", labels[i]);
		json_text(j, "color", colours[i]);
		json_end_object(j);
	}
	json_end_list(j);
}

int check_print_navigator(const struct diags *ds, const struct ruleset *rules)
{
	_cleanup_(buf) struct buf b = BUF_INIT;
	struct json j = JSON_INIT(&b);
	struct mentions all = collect(rules);
	size_t highest;

	if (!all.item)
		return -ENOMEM;
	json_object(&j, NULL);
	json_text(&j, "name", "execwatch rules");
	json_object(&j, "versions");
	json_text(&j, "attack", "17");
	json_text(&j, "navigator", "5.1.0");
	json_text(&j, "layer", "4.5");
	json_end_object(&j);
	json_text(&j, "domain", "enterprise-attack");
	json_text(&j, "description", "The score is the number of rules, the comment names them");
	json_object(&j, "layout");
	json_text(&j, "layout", "side");
	json_text(&j, "expandedSubtechniques", "annotated");
	json_end_object(&j);
	highest = write_techniques(&j, &all);
	write_colours(&j, highest);
	json_end_object(&j);
	buf_char(&b, '\n');
	fwrite(buf_get(&b).p, 1, b.len, stdout);
	free(all.item);
	return b.error;
}
