/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Nodes to values.
 *
 * The schema decides what a scalar is, never its looks: `no` is a word where a text is expected, and an error
 * that proposes `false` where a boolean is. Quotes make a text of anything.
 */
#include "parser/read.h"

#include <errno.h>
#include <string.h>

#include "base/nearest.h"
#include "base/timefmt.h"
#include "parser/codes.h"

static const char *kind_name(enum node_kind kind)
{
	return kind == NODE_SCALAR ? "a text" : kind == NODE_LIST ? "a list" : "a map";
}

/* Plain and empty, or `~`: nothing was written. */
static bool is_nothing(const struct node *n)
{
	return n->kind == NODE_SCALAR && n->style == SCALAR_PLAIN &&
	       (n->text.len == 0 || str_eq(n->text, STR_LIT("~")));
}

static int nothing_there(const struct node *n, const char *what, struct diags *ds)
{
	return diag_error(ds, &code_empty_value, n->at, "%s has no value", what);
}

static int wrong_shape(const struct node *n, const char *what, const char *wanted, struct diags *ds)
{
	if (n->incomplete && n->kind == NODE_SCALAR)
		return -EINVAL;
	if (is_nothing(n))
		return nothing_there(n, what, ds);
	return diag_error(ds, &code_wrong_shape, n->at, "%s takes %s, not %s", what, wanted,
			  kind_name(n->kind));
}

int read_map(const struct node *n, const char *what, struct diags *ds)
{
	return n->kind == NODE_MAP ? 0 : wrong_shape(n, what, "a map", ds);
}

int read_list(const struct node *n, const char *what, struct diags *ds)
{
	int err = n->kind == NODE_LIST ? 0 : wrong_shape(n, what, "a list", ds);

	if (n->kind == NODE_MAP)
		diag_help(ds, "each entry of a list begins with `- `, or the list stands in `[ ]`");
	return err;
}

/* A scalar that says something. @wanted is for the message: "a text", "true or false". */
static int read_scalar(const struct node *n, const char *what, const char *wanted, struct diags *ds)
{
	if (n->kind != NODE_SCALAR || n->incomplete)
		return wrong_shape(n, what, wanted, ds);
	if (is_nothing(n)) {
		nothing_there(n, what, ds);
		diag_help(ds, "the empty text is written ''");
		return -EINVAL;
	}
	return 0;
}

static int wrong_type(const struct node *n, const char *what, const char *wanted, struct diags *ds)
{
	if (n->style != SCALAR_PLAIN && n->text.len <= 60)
		return diag_error(ds, &code_wrong_type, n->at, "%s takes %s, not the text `%.*s`", what,
				  wanted, STR_ARG(n->text));
	if (n->text.len > 60)
		return diag_error(ds, &code_wrong_type, n->at, "%s takes %s", what, wanted);
	return diag_error(ds, &code_wrong_type, n->at, "%s takes %s, not `%.*s`", what, wanted,
			  STR_ARG(n->text));
}

int read_text(const struct node *n, const char *what, struct diags *ds, struct str *ret)
{
	int err = read_scalar(n, what, "a text", ds);

	if (err < 0)
		return err;
	*ret = n->text;
	return 0;
}

int read_bool(const struct node *n, const char *what, struct diags *ds, bool *ret)
{
	static const char *const words[][2] = {
		{ "yes", "true" }, { "on", "true" }, { "1", "true" }, { "true", "true" }, { "no", "false" },
		{ "off", "false" }, { "0", "false" }, { "false", "false" },
	};
	int err = read_scalar(n, what, "true or false", ds);

	if (err < 0)
		return err;
	if (n->style == SCALAR_PLAIN && str_eq(n->text, STR_LIT("true"))) {
		*ret = true;
		return 0;
	}
	if (n->style == SCALAR_PLAIN && str_eq(n->text, STR_LIT("false"))) {
		*ret = false;
		return 0;
	}
	wrong_type(n, what, "true or false", ds);
	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (str_eq_nocase(n->text, str_of(words[i][0])))
			diag_help(ds, "write `%s`, without quotes", words[i][1]);
	return -EINVAL;
}

/* Decimal digits with an optional sign. 0, -EINVAL: no number, -ERANGE: too large for int64_t. */
static int parse_int(struct str text, int64_t *ret)
{
	bool negative = text.len > 0 && text.p[0] == '-', overflow = false;
	int64_t n = 0;
	size_t i = negative || (text.len > 0 && text.p[0] == '+') ? 1 : 0;

	if (i == text.len)
		return -EINVAL;
	for (; i < text.len; i++) {
		int digit = text.p[i] - '0';

		if (digit < 0 || digit > 9)
			return -EINVAL;
		overflow |= __builtin_mul_overflow(n, 10, &n);
		overflow |= __builtin_sub_overflow(n, digit, &n);
	}
	if (!negative)
		overflow |= __builtin_sub_overflow(0, n, &n);
	if (overflow)
		return -ERANGE;
	*ret = n;
	return 0;
}

static int out_of_range(const struct node *n, const char *what, int64_t min, int64_t max, struct diags *ds)
{
	if (min == INT64_MIN && max == INT64_MAX)
		return diag_error(ds, &code_out_of_range, n->at, "%s takes a 64-bit integer", what);
	if (max == INT64_MAX)
		return diag_error(ds, &code_out_of_range, n->at, "%s takes an integer of at least %lld", what,
				  (long long)min);
	return diag_error(ds, &code_out_of_range, n->at, "%s takes an integer from %lld to %lld", what,
			  (long long)min, (long long)max);
}

int read_int(const struct node *n, const char *what, int64_t min, int64_t max, struct diags *ds, int64_t *ret)
{
	int err = read_scalar(n, what, "an integer", ds);
	int64_t number;

	if (err < 0)
		return err;
	err = parse_int(n->text, &number);
	if (err == 0 && n->style != SCALAR_PLAIN) {
		diag_error(ds, &code_wrong_type, n->at, "%s takes an integer, not a text", what);
		diag_help(ds, "write it without quotes");
		return -EINVAL;
	}
	if (err == -EINVAL)
		return wrong_type(n, what, "an integer", ds);
	if (err == -ERANGE || number < min || number > max)
		return out_of_range(n, what, min, max, ds);
	*ret = number;
	return 0;
}

int read_duration(const struct node *n, const char *what, struct diags *ds, int64_t *ret_ns)
{
	int err = read_scalar(n, what, "a duration", ds);
	int64_t number;

	if (err < 0)
		return err;
	if (duration_parse(n->text, ret_ns))
		return 0;
	wrong_type(n, what, "a duration", ds);
	if (parse_int(n->text, &number) == 0)
		diag_help(ds, "a unit is missing: `%.*sms`, `%.*ss`", STR_ARG(n->text), STR_ARG(n->text));
	else
		diag_help(ds, "a number directly followed by ns, us, ms, s, m or h");
	return -EINVAL;
}

int read_size(const struct node *n, const char *what, struct diags *ds, uint64_t *ret_bytes)
{
	static const struct {
		struct str name;
		int shift;
	} units[] = { { STR("KiB"), 10 }, { STR("MiB"), 20 }, { STR("GiB"), 30 }, { STR(""), 0 } };
	int err = read_scalar(n, what, "a size", ds);
	struct str digits;
	int64_t number;
	size_t i = 0;

	if (err < 0)
		return err;
	digits = n->text;
	while (!str_has_suffix(digits, units[i].name))
		i++;
	digits.len -= units[i].name.len;
	while (digits.len > 0 && digits.p[digits.len - 1] == ' ')
		digits.len--;
	err = parse_int(digits, &number);
	if (err == -EINVAL || n->style != SCALAR_PLAIN) {
		wrong_type(n, what, "a size", ds);
		diag_help(ds, "a number of bytes, or one with KiB, MiB or GiB behind it");
		return -EINVAL;
	}
	if (err == -ERANGE || number < 0 || number > INT64_MAX >> units[i].shift)
		return diag_error(ds, &code_out_of_range, n->at, "%s is no possible size", what);
	*ret_bytes = (uint64_t)number << units[i].shift;
	return 0;
}

int read_choice(const struct node *n, const char *what, const char *const *names, struct diags *ds, int *ret)
{
	struct nearest nearest;
	size_t n_names = 0;
	int err = read_scalar(n, what, "a word", ds);

	if (err < 0)
		return err;
	nearest = (struct nearest)NEAREST_INIT(n->text);
	for (; names[n_names]; n_names++) {
		if (str_is(n->text, names[n_names])) {
			*ret = (int)n_names;
			return 0;
		}
		nearest_try(&nearest, str_of(names[n_names]));
	}
	diag_error(ds, &code_unknown_value, n->at, "%s cannot be `%.*s`", what, STR_ARG(n->text));
	if (str_known(nearest.best)) {
		diag_help(ds, "did you mean `%.*s`?", STR_ARG(nearest.best));
	} else if (n_names <= 12) {
		_cleanup_(buf) struct buf b = BUF_INIT;

		for (size_t i = 0; i < n_names; i++)
			buf_printf(&b, "%s%s", i == 0 ? "" : i + 1 == n_names ? " or " : ", ", names[i]);
		diag_help(ds, "one of %.*s", STR_ARG(buf_get(&b)));
	}
	return -EINVAL;
}

int read_texts(const struct node *n, const char *what, struct arena *a, struct diags *ds, struct strs *ret)
{
	const struct node *const *items = n->kind == NODE_LIST ? n->items : &n;
	size_t count = n->kind == NODE_LIST ? n->n : 1;
	struct str *texts;
	int err = 0;

	if (n->kind == NODE_MAP)
		return wrong_shape(n, what, "a text or a list of texts", ds);
	if (count == 0)
		return diag_error(ds, &code_empty_list, n->at, "%s is an empty list", what);
	texts = arena_array(a, count, sizeof(*texts));
	if (!texts)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++) {
		struct str text;
		int e = read_text(items[i], what, ds, &text);

		if (e == 0) {
			texts[i] = arena_str(a, text);
			if (!texts[i].p)
				return -ENOMEM;
		} else {
			err = e;
		}
	}
	if (err < 0)
		return err;
	*ret = (struct strs){ texts, count };
	return 0;
}

int read_known_keys(const struct node *map, const char *what, const char *const *known,
		    const char *(*elsewhere)(struct str name), struct diags *ds)
{
	int err = 0;

	for (size_t i = 0; i < map->n; i++) {
		struct nearest nearest = NEAREST_INIT(map->keys[i]->text);
		const char *const *k = known;

		while (*k && !str_is(map->keys[i]->text, *k))
			k++;
		if (*k)
			continue;
		for (k = known; *k; k++)
			nearest_try(&nearest, str_of(*k));
		err = diag_error(ds, &code_unknown_key, map->keys[i]->at, "unknown key `%.*s` in %s",
				 STR_ARG(map->keys[i]->text), what);
		if (elsewhere && elsewhere(map->keys[i]->text))
			diag_help(ds, "that is `%s` here", elsewhere(map->keys[i]->text));
		else if (str_known(nearest.best))
			diag_help(ds, "did you mean `%.*s`?", STR_ARG(nearest.best));
	}
	return err;
}
