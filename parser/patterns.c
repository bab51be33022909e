/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The regexes of rules. Large rule sets repeat themselves, so each pattern is compiled once for all files;
 * one that does not compile is remembered, too, so that a list of patterns is not blamed at every use.
 */
#include <errno.h>
#include <stdlib.h>

#include "base/grow.h"
#include "parser/checker.h"
#include "parser/codes.h"

static int bad_regex(struct scope *s, const struct entry *e, const struct node *use,
		     const struct regex_error *error)
{
	struct diags *ds = s->checker->ds;
	size_t skipped = e->node->text.len - e->text.len;

	diag_error(ds, &code_bad_regex, node_place(e->node, error->offset + skipped, 1), "invalid regex: %s",
		   error->message);
	if (error->label[0])
		diag_label(ds, "%s", error->label);
	entry_second(s, e, use);
	if (error->help[0])
		diag_help(ds, "%s", error->help);
	return -EINVAL;
}

static int check_control(struct scope *s, const struct entry *e, const struct node *use)
{
	struct diags *ds = s->checker->ds;
	size_t skipped = e->node->text.len - e->text.len;

	for (size_t i = 0; i < e->text.len; i++) {
		unsigned char c = (unsigned char)e->text.p[i];

		if (c >= 0x20 && c != 0x7f)
			continue;
		diag_error(ds, &code_regex_control, node_place(e->node, i + skipped, 1),
			   "a control byte (0x%02x) in a regex", c);
		entry_second(s, e, use);
		if (e->node->style == SCALAR_DOUBLE_QUOTED)
			diag_help(ds, "use single quotes, where a backslash is itself");
		else
			diag_help(ds, "a tab is written `\\t`, a newline `\\n`");
		return -EINVAL;
	}
	return 0;
}

static bool is_same_place(struct loc a, struct loc b)
{
	return a.source == b.source && a.line == b.line && a.col == b.col;
}

/* One that does not compile is remembered, too. */
static int compile(struct checker *c, struct str pattern, unsigned int flags, struct loc at,
		   struct regex_error *ret_error, struct regex **ret)
{
	struct str text = arena_str(c->arena, pattern);
	struct pattern *p;
	size_t number;
	int err;

	if (!text.p || grow_array(&c->patterns, c->n_patterns, &c->cap_patterns, sizeof(*c->patterns)) < 0)
		return -ENOMEM;
	p = &c->patterns[c->n_patterns];
	*p = (struct pattern){ NULL, at };
	err = regex_new(text, flags, ret_error, &p->regex);
	if (err == -ENOMEM)
		return err;
	if (names_add(&c->pattern_names[flags & REGEX_SIGMA], text, c->n_patterns, &number) == -ENOMEM) {
		regex_free(p->regex);
		return -ENOMEM;
	}
	c->n_patterns++;
	if (err == 0)
		*ret = p->regex;
	return err;
}

static const struct pattern *find_compiled(const struct checker *c, struct str text, unsigned int flags)
{
	size_t number;

	return names_find(&c->pattern_names[flags & REGEX_SIGMA], text, &number) == 0 ? &c->patterns[number] :
											NULL;
}

int pattern_compile(struct checker *c, struct str text, unsigned int flags, struct loc at,
		    struct regex_error *ret_error, struct regex **ret)
{
	const struct pattern *p = find_compiled(c, text, flags);

	if (!p || !p->regex)
		return compile(c, text, flags, at, ret_error, ret);
	*ret = p->regex;
	return 0;
}

/* An error is told once for each place. */
static int read_regex(struct scope *s, struct entry *e, const struct node *use, struct regex **ret)
{
	const struct pattern *p = find_compiled(s->checker, e->text, s->regex_flags);
	struct regex_error error;
	int err;

	if (p && !p->regex && is_same_place(p->at, e->node->at))
		return -EINVAL;
	err = p && p->regex ? 0 : check_control(s, e, use);
	if (err < 0)
		return err;
	err = pattern_compile(s->checker, e->text, s->regex_flags, e->node->at, &error, ret);
	if (err == -EINVAL)
		return bad_regex(s, e, use, &error);
	if (err == 0)
		warn_regex(s, e, *ret);
	return err;
}

int regexes_read(struct scope *s, const char *what, const struct node *n, struct test *t)
{
	struct regex **regexes;
	int err = entries_read(s, n, what);

	if (err < 0)
		return err;
	regexes = arena_array(s->scratch, s->n_entries, sizeof(*regexes));
	if (!regexes)
		return -ENOMEM;
	for (size_t i = 0; i < s->n_entries && err != -ENOMEM; i++) {
		int bad = read_regex(s, s->entries[i], n, &regexes[i]);

		err = worse(err, bad);
	}
	t->form = FORM_REGEXES;
	t->regexes = regexes;
	t->n = (uint32_t)s->n_entries;
	return err;
}
