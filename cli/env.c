/* SPDX-License-Identifier: Apache-2.0 */
/* Which environment variables a run captures; see env.h. */
#include "cli/env.h"

#include "base/log.h"

static bool holds(const struct env_names *names, struct str name)
{
	for (size_t i = 0; i < names->n; i++)
		if (str_eq(names->item[i], name))
			return true;
	return false;
}

static void add(struct env_names *names, struct str name, const struct rule *rule)
{
	if (holds(names, name))
		return;
	if (names->n < CAPTURE_MAX_ENV && name.len <= CAPTURE_ENV_NAME)
		names->item[names->n++] = name;
	else
		log_warning("rule %.*s: the environment variable %.*s cannot be captured: at most %d can, "
			    "of at most %d bytes each",
			    STR_ARG(rule->id), STR_ARG(name), CAPTURE_MAX_ENV, CAPTURE_ENV_NAME);
}

static void add_ref(struct env_names *names, const struct field_ref *ref, const struct rule *rule)
{
	if (ref->field && ref->field->type == FT_MAP && str_eq(str_of(ref->field->name), STR_LIT("env")))
		add(names, ref->key, rule);
}

/* Conditions are nested at most as deep as YAML is. */
static void add_condition(struct env_names *names, const struct cond *c, const struct rule *rule)
{
	if (c->kind == COND_FIELD)
		add_ref(names, c->field, rule);
	for (size_t i = 0; c->kind == COND_FIELD && i < c->n_tests; i++)
		if (c->tests[i].form == FORM_FIELD)
			add_ref(names, c->tests[i].other, rule);
	for (size_t i = 0; i < c->n_children; i++)
		add_condition(names, c->children[i], rule);
}

void env_collect(const struct config *config, const struct ruleset *rules, struct env_names *ret)
{
	const struct str *configured = config->env.item ? config->env.item : capture_default_env;
	size_t n = config->env.item ? config->env.n : capture_n_default_env;

	ret->n = 0;
	for (size_t i = 0; i < n && ret->n < CAPTURE_MAX_ENV; i++)
		if (!holds(ret, configured[i]))
			ret->item[ret->n++] = configured[i];
	for (size_t i = 0; i < rules->n_rules; i++) {
		const struct rule *rule = &rules->rules[i];

		add_condition(ret, rule->match, rule);
		for (size_t k = 0; k < rule->n_exceptions; k++)
			add_condition(ret, rule->exceptions[k].match, rule);
	}
}
