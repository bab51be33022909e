/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is said of a pattern, asked of a text. For what compares it with PCRE2: its interpreter, and without
 * its short cuts to where a match can start, which in 10.42 miss matches: of (?:a|.*b){0}c in "-c", of
 * (?=a)(?:bc)?a in "a", and compiled code that of (?: |[ab]|^)a*a in "a".
 */
#ifndef TESTS_UNIT_PATTERNS_H
#define TESTS_UNIT_PATTERNS_H

#include "base/str.h"
#include "engine/pattern.h"

/* In front of a pattern. */
#define PLAINLY "(*NO_START_OPT)"

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
