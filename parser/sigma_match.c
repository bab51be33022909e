/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Values of a Sigma item to tests on one native field.
 *
 * Each value becomes pieces, an operator with one operand; pieces that differ in their operands only become
 * one test, since any of a list is what both languages mean by one. What a field can never have is no piece.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/errnos.h"
#include "base/grow.h"
#include "base/ip.h"
#include "parser/codes.h"
#include "parser/sigma_match.h"

int sigma_piece(struct match *m, const struct piece *piece)
{
	int err = grow_array(&m->pieces, m->n, &m->cap, sizeof(*m->pieces));

	if (err < 0)
		return err;
	m->pieces[m->n] = *piece;
	m->pieces[m->n++].at = m->value->node->at;
	return 0;
}

int sigma_unfit(struct match *m, const char *wanted)
{
	return diag_error(m->g->s->checker->ds, &code_sigma_value, m->value->node->at,
			  "`%.*s` is a field of type %s, which takes %s", STR_ARG(m->item->field),
			  field_type_name(m->ref->field->type), wanted);
}

/* The name of a value of an enumeration, as the field has it. */
static int text_of_enum(struct match *m, struct str text)
{
	bool nocase = !m->item->cased;
	int number = m->ref->field->values == errno_names ? errno_number(text) : 0;
	struct str found = { NULL, 0 };

	if (number)
		found = errno_name(number);
	for (const char *const *v = m->ref->field->values; *v && !found.p; v++)
		if (nocase ? str_eq_nocase(text, str_of(*v)) : str_eq(text, str_of(*v)))
			found = str_of(*v);
	if (!found.p)
		return 0;
	return sigma_piece(m, &(struct piece){ .op = OP_IN, .form = FORM_TEXTS, .text = found });
}

/* Has the text, or the glob, what no integer is written with? */
static bool is_in_no_integer(struct str text)
{
	static const char allowed[] = "-0123456789*?[]\\!";

	for (size_t i = 0; i < text.len; i++)
		if (!memchr(allowed, text.p[i], sizeof(allowed) - 1))
			return true;
	return false;
}

int sigma_add_text(struct match *m, enum op op, struct str text)
{
	bool is_number = field_ref_is_number(m->ref);
	enum field_type type = m->ref->field->type;

	/* No field of an exec has one. */
	if (memchr(text.p, '\0', text.len))
		return 0;
	if (op == OP_IN && is_number)
		return sigma_number_text(m, text);
	if (op == OP_IN && type == FT_ENUM)
		return text_of_enum(m, text);
	if (type == FT_INT && is_in_no_integer(text))
		return 0;
	if (is_number && type != FT_INT)
		return sigma_unfit(m, "no part of a text");
	return sigma_piece(m, &(struct piece){
		.op = op, .form = FORM_TEXTS, .text = text, .nocase = !m->item->cased && !is_number,
	});
}

static int invalid_regex(struct match *m, const struct regex_error *error, size_t prefix)
{
	const struct node *n = m->value->node;
	struct diags *ds = m->g->s->checker->ds;
	size_t offset = error->offset > prefix ? error->offset - prefix : 0;

	diag_error(ds, &code_bad_regex, node_place(n, offset, 1), "invalid regex: %s", error->message);
	if (error->label[0])
		diag_label(ds, "%s", error->label);
	if (error->help[0])
		diag_help(ds, "%s", error->help);
	return -EINVAL;
}

int sigma_add_regex(struct match *m, struct str pattern, unsigned int flags, size_t prefix)
{
	struct piece piece = { .op = OP_RE, .form = FORM_REGEXES };
	struct regex_error error;
	int err;

	if (field_ref_is_number(m->ref) && m->ref->field->type != FT_INT)
		return sigma_unfit(m, "no regex");
	err = pattern_compile(m->g->s->checker, pattern, flags, m->value->node->at, &error, &piece.regex);
	if (err == -EINVAL)
		return invalid_regex(m, &error, prefix);
	return err < 0 ? err : sigma_piece(m, &piece);
}

/* Its flags stand in front of it, where both languages have them. */
static int add_regex_of_rule(struct match *m)
{
	_cleanup_(buf) struct buf b = BUF_INIT;
	size_t prefix;

	if (m->item->flags[0])
		buf_printf(&b, "(?%s)", m->item->flags);
	prefix = b.len;
	buf_str(&b, m->value->scalar.text);
	return b.error ? -ENOMEM : sigma_add_regex(m, buf_get(&b), REGEX_SIGMA, prefix);
}

/* A value that is equal to the field, or, without a field, is somewhere in it. */
static int add_plain(struct match *m)
{
	const struct sigma_scalar *v = &m->value->scalar;
	bool keyword = m->item->field.len == 0, is_number = field_ref_is_number(m->ref);
	int err = 0;

	switch (v->type) {
	case SIGMA_NULL:
		return 0;
	case SIGMA_BOOL:
		if (m->ref->field->type == FT_BOOL)
			return sigma_add_number(m, OP_IN, v->truth);
		return is_number ? 0 : sigma_piece(m, &(struct piece){
			.op = OP_IN, .form = FORM_TEXTS, .text = v->text, .nocase = true,
		});
	case SIGMA_INT:
	case SIGMA_FLOAT:
		if (keyword)
			return sigma_piece(m, &(struct piece){
				.op = OP_CONTAINS, .form = FORM_TEXTS, .text = v->text,
			});
		return sigma_number(m);
	case SIGMA_TEXT:
		break;
	}
	for (size_t i = 0; i < m->value->n_texts && err == 0; i++)
		err = sigma_add_pattern(m, &m->value->texts[i]);
	return err;
}

/* The network as the native language writes it. */
static int add_network(struct match *m)
{
	_cleanup_(buf) struct buf b = BUF_INIT;
	struct str text = m->value->scalar.text;
	struct ip_network network;

	if (!ip_network_parse(text, &network) || !ip_network_trim(&network)) {
		diag_error(m->g->s->checker->ds, &code_bad_network, m->value->node->at,
			   "`%.*s` is no IP network", STR_ARG(text));
		diag_help(m->g->s->checker->ds,
			  "as in 10.0.0.0/8 or fe80::/10, with no bits behind the network's");
		return -EINVAL;
	}
	if (field_ref_is_number(m->ref))
		return 0;
	ip_network_write(&network, &b);
	text = arena_str(m->g->s->scratch, buf_get(&b));
	if (b.error || !text.p)
		return -ENOMEM;
	return sigma_piece(m, &(struct piece){ .op = OP_CIDR, .form = FORM_TEXTS, .text = text });
}

/* Durations are other numbers here than in rules, and times other texts. */
static bool has_text_of_its_own(const struct field_ref *ref)
{
	return ref->field->type != FT_DURATION && ref->field->type != FT_TIME;
}

/* The value of another field, whose name this is, or a part of the field that it is. */
static int add_other(struct match *m)
{
	const struct sigma_field *other = &m->value->other;
	int err = 0;

	for (size_t i = 0; i < other->n && err == 0; i++) {
		const struct field_ref *ref = other->native[i];
		bool is_number = field_ref_is_number(m->ref), other_is = field_ref_is_number(ref);
		enum op op = m->item->op;

		m->g->tally.reads_outcome |= is_outcome(ref);
		if (!has_text_of_its_own(m->ref) || !has_text_of_its_own(ref))
			return diag_error(m->g->s->checker->ds, &code_sigma_value, m->value->node->at,
					  "durations and times are compared with no other field");
		if (op == OP_SAME_AS && (is_number || other_is))
			op = OP_IN;
		err = sigma_piece(m, &(struct piece){
			.op = op, .form = FORM_FIELD, .other = ref, .nocase = !is_number || !other_is,
		});
	}
	return err;
}

static int add_value(struct match *m, const struct sigma_value *value)
{
	m->value = value;
	switch (m->item->kind) {
	case SIGMA_RE:
		return add_regex_of_rule(m);
	case SIGMA_CIDR:
		return add_network(m);
	case SIGMA_FIELDREF:
		return add_other(m);
	case SIGMA_COMPARE:
		return sigma_compare(m);
	case SIGMA_PART:
		return sigma_number(m);
	case SIGMA_PLAIN:
	case SIGMA_EXISTS:
		break;
	}
	return add_plain(m);
}

/* May the test have several operands? */
static bool is_any_of(const struct piece *p)
{
	enum operand_kind operand = op_table[p->op].operand;

	return operand != OPERAND_BOUND && operand != OPERAND_PRESENCE && p->form != FORM_FIELD;
}

static bool differs_in_operand_only(const struct piece *a, const struct piece *b)
{
	return a->op == b->op && a->form == b->form && a->nocase == b->nocase;
}

/* Adds the piece's operand to the test's. */
static int add_operand(struct match *m, const struct piece *piece, struct test *t)
{
	const struct str *kept;

	/* The test's own array, which is still being filled. */
	switch (piece->form) {
	case FORM_NUMBERS:
		((int64_t *)t->numbers)[t->n] = piece->number;
		break;
	case FORM_REGEXES:
		((struct regex **)t->regexes)[t->n] = piece->regex;
		break;
	case FORM_TEXTS:
		kept = intern_text(&m->g->s->checker->intern, piece->text);
		if (!kept)
			return -ENOMEM;
		((struct str *)t->texts)[t->n] = *kept;
		break;
	case FORM_FIELD:
		t->other = piece->other;
		return 0;
	}
	t->n++;
	return 0;
}

/* What authors are shown of a test with these places. */
static int add_origin(struct match *m, const struct operand_place *places, struct test *t, struct loc at)
{
	struct checker *c = m->g->s->checker;
	struct operand_place *kept = NULL;
	struct test_origin *origin;

	if (!c->intern.with_origins)
		return 0;
	origin = arena_alloc(c->arena, sizeof(*origin));
	if (c->options->authoring && t->n > 0)
		kept = arena_array(c->arena, t->n, sizeof(*kept));
	if (!origin || (c->options->authoring && t->n > 0 && !kept))
		return -ENOMEM;
	if (kept)
		memcpy(kept, places, t->n * sizeof(*kept));
	*origin = (struct test_origin){ at, kept };
	t->origin = origin;
	return 0;
}

/* One test of all pieces that can be told with this one, which are used up. */
static int merge(struct match *m, size_t first, struct test *ret)
{
	const struct piece *p = &m->pieces[first];
	struct test t = { .op = p->op, .form = p->form, .nocase = p->nocase };
	size_t end = is_any_of(p) ? m->n : first + 1;
	struct operand_place *places = arena_array(m->g->s->scratch, end - first, sizeof(*places));

	t.texts = arena_array(m->g->s->scratch, end - first, sizeof(*t.texts));
	if (!places || !t.texts)
		return -ENOMEM;
	for (size_t i = first; i < end; i++) {
		struct piece *piece = &m->pieces[i];

		if (piece->used || !differs_in_operand_only(p, piece))
			continue;
		piece->used = true;
		places[t.n].at = piece->at;
		if (add_operand(m, piece, &t) < 0)
			return -ENOMEM;
	}
	if (add_origin(m, places, &t, p->at) < 0)
		return -ENOMEM;
	*ret = t;
	return 0;
}

/* Any of the pieces. */
static int join_pieces(struct match *m, struct loc at, const struct cond **ret)
{
	const struct cond **conds = arena_array(m->g->s->scratch, m->n, sizeof(*conds));
	size_t n = 0;

	if (!conds)
		return -ENOMEM;
	for (size_t i = 0; i < m->n; i++) {
		struct test t[2];
		size_t n_tests = 1;

		if (m->pieces[i].used)
			continue;
		if (merge(m, i, &t[0]) < 0)
			return -ENOMEM;
		if (m->pieces[i].equal) {
			t[1] = t[0];
			t[n_tests++].op = OP_LE;
		}
		if (sigma_field_cond(m->g, m->ref, at, t, n_tests, &conds[n++]) < 0)
			return -ENOMEM;
	}
	return sigma_join(m->g, COND_ANY, at, conds, n, ret);
}

static int match_any(struct match *m, const struct sigma_value *values, size_t n, const struct cond **ret)
{
	unsigned int n_bad = 0;
	int err = 0;

	m->n = 0;
	for (size_t i = 0; i < n && err != -ENOMEM && !m->g->too_big && n_bad < SIGMA_MAX_BAD; i++) {
		int bad = add_value(m, &values[i]);

		n_bad += bad < 0;
		err = worse(err, bad);
	}
	return err < 0 ? err : join_pieces(m, values[0].node->at, ret);
}

int sigma_match(struct sigma *g, const struct sigma_item *item, const struct field_ref *ref,
		const struct sigma_value *values, size_t n, const struct cond **ret)
{
	struct match m = { .g = g, .item = item, .ref = ref };
	const struct cond **parts;
	unsigned int n_bad = 0;
	int err = 0;

	if (!item->all || n == 1) {
		err = match_any(&m, values, n, ret);
		free(m.pieces);
		return err;
	}
	parts = arena_array(g->s->scratch, n, sizeof(*parts));
	if (!parts)
		return -ENOMEM;
	for (size_t i = 0; i < n && err != -ENOMEM && !g->too_big && n_bad < SIGMA_MAX_BAD; i++) {
		int bad = match_any(&m, &values[i], 1, &parts[i]);

		n_bad += bad < 0;
		err = worse(err, bad);
	}
	free(m.pieces);
	return err < 0 ? err : sigma_join(g, COND_ALL, item->key->at, parts, n, ret);
}
