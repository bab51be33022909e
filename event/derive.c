/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What follows from the members of an event: single words, names, the outcome, the parts of its time. Nothing
 * is kept; each value is worked out when it is asked for.
 */
#include "event/derive.h"

#include "base/cleanup.h"
#include "base/timefmt.h"

const char *const result_values[] = { "ok", "failed", NULL };

static bool derive_words(const struct words *words, size_t n, struct value *ret, bool *ret_end)
{
	*ret_end = !words->known || n >= words->n;
	if (*ret_end)
		return false;
	ret->text = words->item[n];
	return true;
}

bool derive_arg(const struct event *ev, size_t n, struct value *ret, bool *ret_end)
{
	return derive_words(&ev->argv, n, ret, ret_end);
}

bool derive_parent_arg(const struct event *ev, size_t n, struct value *ret, bool *ret_end)
{
	return derive_words(&ev->parent.argv, n, ret, ret_end);
}

bool derive_result(const struct event *ev, size_t n, struct value *ret, bool *ret_end)
{
	*ret_end = n > 0;
	if (n > 0 || event_return_missed(ev))
		return false;
	ret->text = str_of(result_values[event_failed(ev)]);
	return true;
}

static bool is_multicall(struct str name)
{
	return str_eq(name, STR_LIT("busybox")) || str_eq(name, STR_LIT("toybox"));
}

/* As BusyBox's main() finds it: a name that begins with its own says that the applet is the next word; the
 * dash of a login shell does not count. */
static struct str applet_name(const struct words *argv)
{
	struct str name = { NULL, 0 };

	if (!argv->known || argv->n == 0)
		return name;
	name = str_basename(argv->item[0]);
	if (str_has_prefix(name, STR_LIT("busybox")) || str_has_prefix(name, STR_LIT("toybox")))
		return argv->n > 1 ? str_basename(argv->item[1]) : (struct str){ NULL, 0 };
	return str_has_prefix(name, STR_LIT("-")) ? str_skip(name, 1) : name;
}

/* Value @n of the names @known[0..n_known) and the applet; what an earlier one said is not said again. */
static bool derive_names(const struct str *known, size_t n_known, const struct words *argv, size_t n,
			 struct value *ret, bool *ret_end)
{
	bool multicall = false;
	struct str name;

	*ret_end = n > n_known;
	if (*ret_end)
		return false;
	for (size_t i = 0; i < n_known; i++)
		multicall |= is_multicall(known[i]);
	if (n == n_known && !multicall)
		return false;
	name = n == n_known ? applet_name(argv) : known[n];
	for (size_t i = 0; i < n; i++)
		if (str_eq(known[i], name))
			return false;
	ret->text = name;
	return str_known(name);
}

bool derive_name(const struct event *ev, size_t n, struct value *ret, bool *ret_end)
{
	bool succeeded = !event_failed(ev) && !event_return_missed(ev);
	const struct str known[] = {
		succeeded ? ev->comm : (struct str){ NULL, 0 },
		str_basename(ev->exe),
		str_basename(ev->filename),
	};

	return derive_names(known, ARRAY_SIZE(known), &ev->argv, n, ret, ret_end);
}

bool derive_parent_name(const struct event *ev, size_t n, struct value *ret, bool *ret_end)
{
	const struct str known[] = { ev->parent.comm, str_basename(ev->parent.exe) };

	return derive_names(known, ARRAY_SIZE(known), &ev->parent.argv, n, ret, ret_end);
}

bool derive_ancestors_name(const struct event *ev, size_t n, struct value *ret, bool *ret_end)
{
	const struct process *p;
	struct str base;

	*ret_end = n / NAMES_PER_ANCESTOR >= ev->n_ancestors;
	if (*ret_end)
		return false;
	p = &ev->ancestor[n / NAMES_PER_ANCESTOR];
	base = str_basename(p->exe);
	ret->text = n % NAMES_PER_ANCESTOR == 0 ? p->comm : base;
	return str_known(ret->text) && (n % NAMES_PER_ANCESTOR == 0 || !str_eq(p->comm, base));
}

/* The parts of `time`: each a function, for the list to name. */
#define DERIVE_PART(part)                                                                                   \
	bool derive_##part(const struct event *ev, size_t n, struct value *ret, bool *ret_end)              \
	{                                                                                                   \
		*ret_end = n > 0 || !ev->time.known;                                                        \
		if (!*ret_end)                                                                              \
			ret->number = time_parts_of(ev->time.value).part;                                   \
		return !*ret_end;                                                                           \
	}

DERIVE_PART(minute)
DERIVE_PART(hour)
DERIVE_PART(day)
DERIVE_PART(week)
DERIVE_PART(month)
DERIVE_PART(year)
