/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sigma rules (https://sigmahq.io/sigma-specification, version 2.1): what a document is, and what its rule
 * says of itself. What becomes of it is the same checked rule as of a native file's, so that nothing behind
 * this room knows of Sigma:
 *
 *	sigma_detection.c	selections: maps and lists of items
 *	sigma_modifiers.c	the key of an item: a field and its modifiers
 *	sigma_fields.c		which native fields that is
 *	sigma_values.c		the values of an item; sigma_scalar.c, sigma_tokens.c and sigma_change.c
 *	sigma_match.c		values to tests on a native field, with sigma_pattern.c for wildcards and
 *				sigma_number.c for numbers
 *	sigma_expression.c	the condition over the selections
 *
 * What a rule says is checked strictly, and what cannot be done is refused with its place and its name: a
 * rule that loads means what it says. What it says of itself is handed on as it is.
 */
#include "parser/sigma.h"

#include <errno.h>
#include <string.h>

#include "base/grow.h"
#include "parser/codes.h"
#include "parser/read.h"

bool is_sigma(const struct node *root)
{
	static const char *const keys[] = { "detection", "logsource", "correlation", "filter", "action" };

	if (node_get(root, "detection") && node_get(root, "logsource"))
		return true;
	/* In a native file one of them is a key that should not be there. */
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		if (node_get(root, keys[i]) && !node_get(root, "version"))
			return true;
	return false;
}

/* What stands under @key; null is as if nothing did. */
static const struct node *given(const struct node *map, const char *key)
{
	const struct node *n = node_get(map, key);

	return n && !sigma_is_null(n) ? n : NULL;
}

static bool is_text(const struct node *n)
{
	return n && n->kind == NODE_SCALAR && (n->text.len > 0 || n->style != SCALAR_PLAIN);
}

/* A text that is only handed on, without line breaks at its end; unknown where there is none. */
static int text_of(struct sigma *g, const struct node *root, const char *key, struct str *ret)
{
	const struct node *n = node_get(root, key);
	struct str text;

	if (!is_text(n))
		return 0;
	text = n->text;
	while (text.len > 0 && text.p[text.len - 1] == '\n')
		text.len--;
	*ret = arena_str(g->s->checker->arena, text);
	return ret->p ? 0 : -ENOMEM;
}

/* The same of a list, or of a text alone. */
static int texts_of(struct sigma *g, const struct node *root, const char *key, struct strs *ret)
{
	const struct node *n = node_get(root, key);
	const struct node *const *items = n && n->kind == NODE_LIST ? n->items : &n;
	size_t n_items = !n || n->kind == NODE_MAP ? 0 : n->kind == NODE_LIST ? n->n : 1, kept = 0;
	struct str *texts = arena_array(g->s->checker->arena, n_items, sizeof(*texts));

	if (!texts)
		return -ENOMEM;
	for (size_t i = 0; i < n_items; i++) {
		if (!is_text(items[i]))
			continue;
		texts[kept] = arena_str(g->s->checker->arena, items[i]->text);
		if (!texts[kept++].p)
			return -ENOMEM;
	}
	if (kept > 0)
		*ret = (struct strs){ texts, kept };
	return 0;
}

/* Some rules have a list of authors. */
static int read_author(struct sigma *g, const struct node *root, struct str *ret)
{
	_cleanup_(buf) struct buf b = BUF_INIT;
	struct strs authors = { 0 };

	if (texts_of(g, root, "author", &authors) < 0)
		return -ENOMEM;
	if (authors.n == 0)
		return 0;
	for (size_t i = 0; i < authors.n; i++)
		buf_printf(&b, "%s%.*s", i > 0 ? ", " : "", STR_ARG(authors.item[i]));
	*ret = arena_str(g->s->checker->arena, buf_get(&b));
	return b.error || !ret->p ? -ENOMEM : 0;
}

/* A status that the specification does not have is none. */
static struct str status_of(const struct node *root)
{
	const struct node *n = node_get(root, "status");

	for (size_t i = 0; is_text(n) && status_names[i]; i++)
		if (str_eq_nocase(n->text, str_of(status_names[i])))
			return str_of(status_names[i]);
	return (struct str){ NULL, 0 };
}

static int read_about(struct sigma *g, const struct node *root, struct rule *rule)
{
	struct rule_about *about = arena_alloc(g->s->checker->arena, sizeof(*about));

	if (!about || text_of(g, root, "title", &rule->title) < 0 ||
	    texts_of(g, root, "tags", &rule->tags) < 0 ||
	    text_of(g, root, "description", &about->why) < 0 || read_author(g, root, &about->author) < 0 ||
	    texts_of(g, root, "references", &about->references) < 0 ||
	    texts_of(g, root, "falsepositives", &about->falsepositives) < 0)
		return -ENOMEM;
	about->status = status_of(root);
	rule->about = about;
	return 0;
}

static int read_level(struct sigma *g, const struct node *root, struct rule *rule)
{
	static const char *const names[] = { "critical", "high", "medium", "low", "informational", NULL };
	static const enum severity severities[] = {
		SEVERITY_CRITICAL, SEVERITY_ERROR, SEVERITY_WARNING, SEVERITY_NOTICE, SEVERITY_INFO
	};
	const struct node *n = given(root, "level");
	int number, err;

	if (!n)
		return 0;
	for (size_t i = 0; is_text(n) && names[i]; i++) {
		if (str_eq_nocase(n->text, str_of(names[i]))) {
			rule->severity = severities[i];
			return 0;
		}
	}
	err = read_choice(n, "`level`", names, g->s->checker->ds, &number);
	if (err == 0)
		rule->severity = severities[number];
	return err;
}

static bool may_be_in_id(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
}

/* Of a rule without an id: the name of its file, and the number of its document but for the first. */
static int make_id(struct sigma *g, unsigned int number, struct str *ret)
{
	struct str name = str_basename(g->s->module->source->path);
	_cleanup_(buf) struct buf b = BUF_INIT;
	const char *dot = memrchr(name.p, '.', name.len);

	if (dot && dot > name.p)
		name.len = (size_t)(dot - name.p);
	for (size_t i = 0; i < name.len && i < MAX_ID - 20; i++) {
		char c = ascii_lower(name.p[i]);

		buf_char(&b, may_be_in_id(c) ? c : '-');
	}
	if (number > 1)
		buf_printf(&b, ".%u", number);
	*ret = arena_str(g->s->checker->arena, buf_get(&b));
	return b.error || !ret->p ? -ENOMEM : 0;
}

/* Files of one name may lie in several folders. */
static int claim_made_id(struct sigma *g, unsigned int number, struct rule *rule)
{
	int err = make_id(g, number, &rule->id);

	if (err < 0)
		return err;
	err = claim_id(g->s, rule);
	if (err == -EINVAL)
		diag_help(g->s->checker->ds, "a rule without an `id` has its file's name; give it an `id`");
	return err;
}

static int read_id(struct sigma *g, const struct node *root, unsigned int number, struct rule *rule)
{
	const struct node *n = given(root, "id");
	char *lower;
	int err;

	if (!n)
		return claim_made_id(g, number, rule);
	rule->at = n->at;
	lower = arena_alloc(g->s->scratch, n->text.len + 1);
	if (!lower)
		return -ENOMEM;
	for (size_t i = 0; i < n->text.len; i++)
		lower[i] = ascii_lower(n->text.p[i]);
	if (n->kind == NODE_SCALAR) {
		struct node copy = *n;

		/* A UUID means the same in either case. */
		copy.text.p = lower;
		err = id_read(g->s, &copy, "a rule's `id`", &rule->id);
	} else {
		err = id_read(g->s, n, "a rule's `id`", &rule->id);
	}
	return err < 0 ? err : claim_id(g->s, rule);
}

static int other_source(struct sigma *g, const struct node *n, const char *key)
{
	struct diags *ds = g->s->checker->ds;

	if (n->kind == NODE_SCALAR)
		diag_error(ds, &code_sigma_logsource, n->at, "a rule about another log source: %s `%.*s`",
			   key, STR_ARG(n->text));
	else
		diag_error(ds, &code_sigma_logsource, n->at, "a log source without a category");
	diag_help(ds, "execwatch sees execs: category `process_creation`, product `linux`");
	return -EINVAL;
}

static int check_source(struct sigma *g, const struct node *root)
{
	static const struct {
		const char *key, *what, *value;		/* NULL: any */
	} wanted[] = {
		{ "service", "`service`", NULL }, { "category", "`category`", "process_creation" },
		{ "product", "`product`", "linux" },
	};
	const struct node *source = required(g->s, root, "a Sigma rule", "logsource"), *service;
	int err = source ? read_map(source, "`logsource`", g->s->checker->ds) : -EINVAL;

	if (err < 0)
		return err;
	/* Which product is what tells most rules apart. */
	for (size_t i = ARRAY_SIZE(wanted); i-- > 0; ) {
		const struct node *n = given(source, wanted[i].key);
		struct str text;

		if (!n)
			continue;
		err = read_text(n, wanted[i].what, g->s->checker->ds, &text);
		if (err < 0)
			return err;
		if (wanted[i].value && !str_is(text, wanted[i].value))
			return other_source(g, n, wanted[i].key);
	}
	if (given(source, "category"))
		return 0;
	service = given(source, "service");
	return service ? other_source(g, service, "service") : other_source(g, source, "category");
}

static int check_taxonomy(struct sigma *g, const struct node *root)
{
	const struct node *n = given(root, "taxonomy");
	struct diags *ds = g->s->checker->ds;
	struct str text;
	int err = n ? read_text(n, "`taxonomy`", ds, &text) : 0;

	if (!n || err < 0 || str_eq_nocase(text, STR_LIT("sigma")) || g->s->checker->options->sigma_mapping)
		return err;
	diag_error(ds, &code_sigma_taxonomy, n->at, "a rule with the fields of another taxonomy: `%.*s`",
		   STR_ARG(text));
	diag_help(ds, "--sigma-mapping FILE says what they are here");
	return -EINVAL;
}

/* Selections that have an error leave no condition; each is looked at, and all that is wrong is said. */
static int read_selections(struct sigma *g, const struct node *detection)
{
	struct sigma_selection *all = arena_array(g->s->scratch, detection->n, sizeof(*all));
	int err = 0;

	if (!all)
		return -ENOMEM;
	for (size_t i = 0; i < detection->n && err != -ENOMEM; i++) {
		struct sigma_selection *selection = &all[g->n_selections];
		const struct node *key = detection->keys[i];
		size_t number;
		int bad;

		if (str_is(key->text, "timeframe") && warns(g->s))
			diag_warning(g->s->checker->ds, &code_sigma_timeframe, key->at,
				     "a timeframe without an aggregation changes nothing");
		if (str_is(key->text, "condition") || str_is(key->text, "timeframe"))
			continue;
		if (names_add(&g->names, key->text, g->n_selections, &number) == -ENOMEM)
			return -ENOMEM;
		g->tally = (struct tally){ 0 };
		selection->key = key;
		bad = sigma_detection_read(g, detection->items[i], &selection->cond);
		if (bad < 0)
			selection->cond = NULL;
		selection->tally = g->tally;
		g->n_selections++;
		err = worse(err, bad);
	}
	g->selections = all;
	g->tally = (struct tally){ 0 };
	return err;
}

static int read_detection(struct sigma *g, const struct node *root, struct rule *rule)
{
	const struct node *detection = required(g->s, root, "a Sigma rule", "detection"), *condition;
	int err = detection ? read_map(detection, "`detection`", g->s->checker->ds) : -EINVAL, bad;

	if (err < 0)
		return err;
	err = read_selections(g, detection);
	if (err == -ENOMEM)
		return err;
	condition = required(g->s, detection, "`detection`", "condition");
	bad = condition ? sigma_expression_read(g, condition, &rule->match) : -EINVAL;
	rule->reads_outcome = g->tally.reads_outcome;
	if (err == 0 && bad == 0) {
		warn_never(g->s, rule->match);
		if (sigma_is_never(rule->match) && warns(g->s))
			diag_warning(g->s->checker->ds, &code_never, condition->at,
				     "the rule asks for what no exec has");
	}
	return worse(err, bad);
}

/* Documents that are no rules by themselves. */
static int check_kind(struct sigma *g, const struct node *root)
{
	static const struct {
		const char *key, *name;
	} kinds[] = {
		{ "correlation", "correlations" }, { "filter", "filters" },
		{ "action", "collections with `action`" },
	};

	for (size_t k = 0; k < root->n; k++)
		for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
			if (str_is(root->keys[k]->text, kinds[i].key))
				return diag_error(g->s->checker->ds, &code_sigma_kind, root->keys[k]->at,
						  "%s are not supported", kinds[i].name);
	return 0;
}

static int read_rule(struct sigma *g, const struct node *root, unsigned int number, struct rule *rule)
{
	int err, bad;

	*rule = (struct rule){
		.at = root->at, .severity = SEVERITY_WARNING, .mode = MODE_ALERT,
		.vars = &rule_template_vars,
	};
	/* Of what is open enough has been said. */
	if (root->kind != NODE_MAP && root->incomplete)
		return -EINVAL;
	err = read_map(root, "a Sigma rule", g->s->checker->ds);
	if (err < 0)
		return err;
	/* Also of what is refused, so that it can be named. */
	err = read_id(g, root, number, rule);
	bad = err == -ENOMEM ? err : check_kind(g, root);
	if (bad == 0)
		bad = check_source(g, root);
	if (bad == 0)
		bad = check_taxonomy(g, root);
	if (bad < 0)
		return bad;
	if (err != -ENOMEM) {
		bad = read_about(g, root, rule);
		err = worse(err, bad);
	}
	if (err != -ENOMEM) {
		bad = read_level(g, root, rule);
		err = worse(err, bad);
	}
	if (err != -ENOMEM) {
		bad = read_detection(g, root, rule);
		err = worse(err, bad);
	}
	if (err == 0 && (root->incomplete || root->faulty))
		err = -EINVAL;
	return err;
}

int sigma_read(struct checker *c, struct file *f, const struct node *root, const struct sigma_place *place,
	       struct arena *scratch)
{
	struct scope s = { .checker = c, .scratch = scratch, .module = f->module };
	struct sigma g = { .s = &s };
	struct rule rule;
	int err = read_rule(&g, root, place->number, &rule);

	names_done(&g.names);
	f->module->lacks_lists = f->module->lacks_macros = false;
	f->module->has_rules = true;
	return foreign_rule_add(&s, root, place->next, place->first, err, &rule);
}
