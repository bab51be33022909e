/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a run knows of each field, and the sentences about rules that need more; see unmet.h. The capture
 * answers for what it reads from the kernel; variables and labels are the configuration's.
 */
#include "cli/unmet.h"

#include <stdio.h>

#include "base/log.h"
#include "engine/eval.h"
#include "engine/holds.h"

struct knowledge {
	struct unmet_options options;
	const char *why;		/* of the last answer, NULL: nothing is said of it */
};

static bool is_named(const struct field_ref *ref, const char *field)
{
	return str_eq(str_of(ref->field->name), str_of(field));
}

static enum fill ask_capture(struct knowledge *k, const char *field, struct value *ret_only)
{
	return capture_fills(k->options.capture, field, ret_only, &k->why);
}

/* The nearest ancestor is the parent, and known as far as that is. */
static enum fill ask_ancestors(struct knowledge *k, const struct field_ref *ref, struct value *ret_only)
{
	const char *field = ref->field->name;
	char of_parent[32];
	enum fill fill;

	if (ref->indexed && ref->index > 0)
		return ask_capture(k, field, ret_only);
	snprintf(of_parent, sizeof(of_parent), "parent.%s", field + sizeof("ancestors.") - 1);
	fill = ask_capture(k, of_parent, ret_only);
	if (ref->indexed)
		return fill;
	return fill == FILL_NEVER ? ask_capture(k, field, ret_only) : FILL_MAY;
}

/* That a label has another value here is no mistake: it is how a rule is kept to some hosts. */
static enum fill ask_label(struct knowledge *k, struct str name)
{
	const struct pairs *labels = &k->options.config->labels;

	for (size_t i = 0; labels->known && i < labels->n; i++)
		if (str_eq(labels->item[i].name, name))
			return FILL_MAY;
	k->why = "the configuration has no such label";
	return FILL_NEVER;
}

static enum fill ask_env(struct knowledge *k, const struct field_ref *ref, struct value *ret_only)
{
	for (size_t i = 0; i < k->options.env->n; i++)
		if (str_eq(k->options.env->item[i], ref->key))
			return ask_capture(k, ref->field->name, ret_only);
	k->why = "more variables are asked for than can be captured, or its name is too long";
	return FILL_NEVER;
}

static enum fill ask(void *ctx, const struct field_ref *ref, struct value *ret_only)
{
	struct knowledge *k = ctx;

	k->why = NULL;
	if (is_named(ref, "labels"))
		return ask_label(k, ref->key);
	if (is_named(ref, "env"))
		return ask_env(k, ref, ret_only);
	if (ref->field->place == PLACE_ANCESTORS)
		return ask_ancestors(k, ref, ret_only);
	return ask_capture(k, ref->field->name, ret_only);
}

static void write_value(const struct unmet *u, struct buf *b)
{
	if (!field_ref_is_number(u->field))
		buf_str(b, u->only.text);
	else if (u->field->field->type == FT_BOOL)
		buf_text(b, u->only.number ? "true" : "false");
	else
		buf_int(b, u->only.number);
}

static void write_unmet(struct knowledge *k, const struct unmet *u, struct buf *b)
{
	struct value only;

	buf_char(b, '`');
	field_ref_write(u->field, b);
	buf_text(b, u->fill == FILL_NEVER	   ? "` is never known" :
		    u->fill == FILL_ALWAYS_SAME ? "` is always " :
						   "` is never anything but ");
	if (u->fill != FILL_NEVER)
		write_value(u, b);
	if (u->source.field != u->field->field && u->fill == FILL_NEVER) {
		buf_text(b, " since ");
		field_ref_write(&u->source, b);
		buf_text(b, " is not");
	}
	ask(k, &u->source, &only);
	if (k->why)
		buf_printf(b, " (%s)", k->why);
	else
		buf_printf(b, " (backend %s)", capture_backend(k->options.capture));
}

int unmet_warn(const struct ruleset *rules, const struct unmet_options *options)
{
	_cleanup_(regex_scratch_free) struct regex_scratch *scratch = NULL;
	struct knowledge knowledge = { .options = *options };
	const struct fills fills = { ask, &knowledge };
	int r = regex_scratch_new(&scratch);

	for (size_t i = 0; r == 0 && i < rules->n_rules; i++) {
		_cleanup_(buf) struct buf b = BUF_INIT;
		const struct rule *rule = &rules->rules[i];
		struct unmet unmet[UNMET_MAX];
		size_t n;

		if (rule->mode == MODE_OFF)
			continue;
		r = cond_prepare(rule->match, false);
		if (r < 0)
			return r;
		n = cond_unmet(rule->match, &fills, scratch, unmet);
		for (size_t k = 0; k < n; k++) {
			buf_text(&b, k ? ", " : "");
			write_unmet(&knowledge, &unmet[k], &b);
		}
		if (n)
			log_warning("rule %.*s (%.*s) can never hold here: %.*s", STR_ARG(rule->id),
				    STR_ARG(rule->source), STR_ARG(buf_get(&b)));
		r = b.error;
	}
	return r;
}
