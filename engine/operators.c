/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The operators: a function for each that takes one text and one operand, a table of them, and one loop that
 * makes "any of" of a list. Numbers have no states and need only a switch, but for what looks at their text.
 *
 * Texts that are not all there are the delicate part. Whoever hides a word of argv must not thereby satisfy
 * or escape a rule, so a yes or a no is given only where no continuation could change it.
 */
#include "engine/operators.h"

#include <string.h>

#include "base/decimal.h"
#include "base/ip.h"

typedef enum truth (*text_test_fn)(struct str text, struct str operand, bool nocase, enum text_state state);

static bool same_byte(char a, char b, bool nocase)
{
	return nocase ? ascii_lower(a) == ascii_lower(b) : a == b;
}

static bool has_prefix(struct str s, struct str prefix, bool nocase)
{
	return nocase ? str_has_prefix_nocase(s, prefix) : str_has_prefix(s, prefix);
}

/* Are all bytes of @part in @whole, in their order? */
static bool holds_in_order(struct str whole, struct str part, bool nocase)
{
	size_t found = 0;

	for (size_t i = 0; i < whole.len && found < part.len; i++)
		found += same_byte(whole.p[i], part.p[found], nocase);
	return found == part.len;
}

static enum truth text_equals(struct str text, struct str operand, bool nocase, enum text_state state)
{
	switch (state) {
	case TEXT_WHOLE:
		break;
	case TEXT_CUT:
		return has_prefix(operand, text, nocase) ? TRUTH_UNDECIDED : TRUTH_NO;
	case TEXT_PARTIAL:
		return holds_in_order(operand, text, nocase) ? TRUTH_UNDECIDED : TRUTH_NO;
	}
	return truth_of(nocase ? str_eq_nocase(text, operand) : str_eq(text, operand));
}

static enum truth text_has_prefix(struct str text, struct str operand, bool nocase, enum text_state state)
{
	if (operand.len == 0)
		return TRUTH_YES;
	if (state == TEXT_PARTIAL)
		return TRUTH_UNDECIDED;
	if (state == TEXT_CUT && text.len < operand.len)
		return has_prefix(operand, text, nocase) ? TRUTH_UNDECIDED : TRUTH_NO;
	return truth_of(has_prefix(text, operand, nocase));
}

static enum truth text_has_suffix(struct str text, struct str operand, bool nocase, enum text_state state)
{
	if (operand.len == 0)
		return TRUTH_YES;
	if (state != TEXT_WHOLE)
		return TRUTH_UNDECIDED;
	return truth_of(nocase ? str_has_suffix_nocase(text, operand) : str_has_suffix(text, operand));
}

static enum truth text_contains(struct str text, struct str operand, bool nocase, enum text_state state)
{
	bool found = nocase ? str_contains_nocase(text, operand) : str_contains(text, operand);

	/* The words to the left and right of a space need not be neighbours. */
	if (found && (state != TEXT_PARTIAL || !str_contains(operand, STR_LIT(" "))))
		return TRUTH_YES;
	return state == TEXT_WHOLE ? TRUTH_NO : TRUTH_UNDECIDED;
}

static enum truth text_fits_glob(struct str text, struct str operand, bool nocase, enum text_state state)
{
	switch (state) {
	case TEXT_WHOLE:
		break;
	case TEXT_CUT:
		return glob_matches_cut(operand, text, nocase);
	case TEXT_PARTIAL:
		for (size_t i = 0; i < operand.len; i++)
			if (operand.p[i] != '*')
				return TRUTH_UNDECIDED;
		return operand.len > 0 ? TRUTH_YES : TRUTH_UNDECIDED;
	}
	return truth_of(glob_matches(operand, text, nocase));
}

/* Is each byte one of @set, up to the first that is @end? */
static bool holds_only(struct str text, const char *set, char end)
{
	for (size_t i = 0; i < text.len && text.p[i] != end; i++)
		if (text.p[i] == '\0' || !strchr(set, text.p[i]))
			return false;
	return true;
}

static enum truth text_in_network(struct str text, struct str operand, bool nocase, enum text_state state)
{
	struct ip_network network;
	struct ip ip;

	/* Behind a `%` any byte may stand; what is missing from a partial text may be one. */
	if (state == TEXT_CUT)
		return holds_only(text, "0123456789abcdefABCDEF.:", '%') ? TRUTH_UNDECIDED : TRUTH_NO;
	if (state == TEXT_PARTIAL)
		return TRUTH_UNDECIDED;
	return truth_of(ip_parse(text, &ip) && ip_network_parse(operand, &network) && ip_in(&ip, &network));
}

static const text_test_fn text_tests[N_OPERATORS] = {
	[OP_IN] = text_equals,
	[OP_PREFIX] = text_has_prefix,
	[OP_SUFFIX] = text_has_suffix,
	[OP_CONTAINS] = text_contains,
	[OP_GLOB] = text_fits_glob,
	[OP_CIDR] = text_in_network,
};

static enum truth test_regexes(const struct test *t, struct str text, enum text_state state,
			       struct regex_scratch *scratch)
{
	enum truth found = TRUTH_NO;

	if (state == TEXT_PARTIAL)
		return TRUTH_UNDECIDED;
	for (size_t i = 0; i < t->n && found != TRUTH_YES; i++)
		found = truth_or(found, regex_search(t->regexes[i], text, state == TEXT_CUT, scratch));
	return found;
}

static enum truth test_texts(const struct test *t, struct str text, enum text_state state)
{
	text_test_fn holds = text_tests[t->op];
	enum truth found = TRUTH_NO;

	for (size_t i = 0; i < t->n && found != TRUTH_YES; i++)
		found = truth_or(found, holds(text, t->texts[i], t->nocase, state));
	return found;
}

static bool is_in(const struct test *t, int64_t number)
{
	for (size_t i = 0; i < t->n; i++)
		if (number == t->numbers[i])
			return true;
	return false;
}

static bool test_number(const struct test *t, int64_t number)
{
	switch (t->op) {
	case OP_IN:
		return is_in(t, number);
	case OP_GE:
		return number >= t->numbers[0];
	case OP_GT:
		return number > t->numbers[0];
	case OP_LE:
		return number <= t->numbers[0];
	case OP_LT:
		return number < t->numbers[0];
	default:
		return false;	/* the loader lets no other operator near a number */
	}
}

/* A text that has to be a number. */
static enum truth test_decimal(const struct test *t, struct str text, enum text_state state)
{
	double number, bound;

	if (state != TEXT_WHOLE)
		return holds_only(text, DECIMAL_BYTES, '\0') ? TRUTH_UNDECIDED : TRUTH_NO;
	if (!decimal_parse(text, &number) || !decimal_parse(t->texts[0], &bound))
		return TRUTH_NO;
	switch (t->op) {
	case OP_GE:
		return truth_of(number >= bound);
	case OP_GT:
		return truth_of(number > bound);
	case OP_LE:
		return truth_of(number <= bound);
	case OP_LT:
		return truth_of(number < bound);
	default:
		return TRUTH_NO;
	}
}

enum truth test_value(const struct test *t, enum field_type type, const struct value *v,
		      enum text_state state, struct regex_scratch *scratch)
{
	char memory[VALUE_TEXT_SIZE];
	struct str text;

	if (t->form == FORM_NUMBERS)
		return truth_of(test_number(t, v->number));
	text = type & FT_NUMBERS ? value_as_text(type, v, memory) : v->text;
	if (text_tests[t->op])
		return test_texts(t, text, state);
	if (t->op == OP_RE)
		return test_regexes(t, text, state, scratch);
	return op_table[t->op].operand == OPERAND_BOUND ? test_decimal(t, text, state) : TRUTH_NO;
}

static enum truth texts_equal(bool nocase, struct seen_text a, struct seen_text b)
{
	if (b.state == TEXT_WHOLE)
		return text_equals(a.text, b.text, nocase, a.state);
	if (a.state == TEXT_WHOLE)
		return text_equals(b.text, a.text, nocase, b.state);
	if (a.state == TEXT_CUT && b.state == TEXT_CUT)
		return has_prefix(a.text, b.text, nocase) || has_prefix(b.text, a.text, nocase) ?
			       TRUTH_UNDECIDED : TRUTH_NO;
	return TRUTH_UNDECIDED;
}

enum truth texts_compare(enum op op, bool nocase, struct seen_text text, struct seen_text operand)
{
	enum truth truth;

	if (op == OP_IN || op == OP_SAME_AS)
		return texts_equal(nocase, text, operand);
	if (operand.state == TEXT_WHOLE)
		return text_tests[op](text.text, operand.text, nocase, text.state);
	if (operand.state == TEXT_PARTIAL)
		return TRUTH_UNDECIDED;
	/* What is not found of a part is not found of all of it. */
	truth = text_tests[op == OP_PREFIX ? OP_PREFIX : OP_CONTAINS](text.text, operand.text, nocase,
								      text.state);
	return truth == TRUTH_NO ? TRUTH_NO : TRUTH_UNDECIDED;
}

bool asks_for_absence(const struct cond *c)
{
	for (size_t i = 0; i < c->n_tests; i++)
		if (c->tests[i].op == OP_SET && c->tests[i].numbers[0] == 0)
			return true;
	return false;
}
