/* SPDX-License-Identifier: Apache-2.0 */
/* What is said of a pattern, asked of a text: for what compares it with PCRE2. */
#ifndef TESTS_UNIT_PATTERNS_H
#define TESTS_UNIT_PATTERNS_H

#include "base/str.h"
#include "engine/pattern.h"

static inline bool sequences_in(const struct pattern *p, struct str text, bool cut)
{
	for (size_t i = 0; i < p->n_sequences; i++)
		if (sequence_in(&p->sequences[i], text, 0, cut))
			return true;
	return false;
}

static inline bool literal_at(const struct literal *l, struct str text, size_t at)
{
	struct str rest = str_skip(text, at);

	return l->nocase ? str_has_prefix_nocase(rest, l->text) : str_has_prefix(rest, l->text);
}

static inline bool literal_in(const struct literal *l, struct str text)
{
	return l->nocase ? str_contains_nocase(text, l->text) : str_contains(text, l->text);
}

/* Of a sequence that is in the text. */
static inline bool rarest_are_in(const struct sequence *s, struct str text)
{
	for (; s; s = s->then)
		if (s->rarest && !literal_in(s->rarest, text))
			return false;
	return true;
}

static inline bool factor_holds(const struct factor *f, struct str text)
{
	size_t row = 0;

	for (size_t i = 0; i < text.len; i++) {
		for (size_t k = 0; k < f->n_literals; k++)
			if (literal_at(&f->literals[k], text, i))
				return true;
		if (f->n_literals > 0)
			continue;
		row = byte_set_has(f->run.set, (unsigned char)text.p[i]) ? row + 1 : 0;
		if (row >= f->run.min)
			return true;
	}
	return false;
}

#endif
