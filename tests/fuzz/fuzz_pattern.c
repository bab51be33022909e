/* SPDX-License-Identifier: Apache-2.0 */
/* What is read from a pattern, against PCRE2 on a text: a flag byte, the pattern up to a NUL, the text. */
#include <stdint.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/regex.h"
#include "tests/fuzz/fuzz.h"
#include "tests/unit/patterns.h"

/* NULL: no regex. Borrows @pattern. */
static struct regex *compiled(struct str pattern, unsigned int flags)
{
	struct regex_error error;
	struct regex *re = NULL;

	if (regex_new(pattern, flags, &error, &re) < 0 || regex_prepare(re, false) < 0)
		return regex_free(re);
	return re;
}

static void check_exact(const struct pattern *p, const struct regex *re, struct str text, enum truth want,
			struct regex_scratch *s)
{
	struct str part = { text.p, text.len / 2 };
	bool found = sequences_in(p, part, true);

	CHECK(sequences_in(p, text, false) == (want == TRUTH_YES));
	CHECK(!found || want == TRUTH_YES);
	CHECK(found || regex_search(re, part, true, s) != TRUTH_YES);
	for (size_t i = 0; i < p->n_sequences; i++)
		CHECK(!sequence_in(&p->sequences[i], text, 0, false) ||
		      rarest_are_in(&p->sequences[i], text));
}

static void check_match(const struct pattern *p, struct str text)
{
	CHECK(text.len >= p->min_length);
	for (size_t i = 0; i < p->n_factors; i++)
		CHECK(factor_holds(&p->factors[i], text));
}

/* A match begins near one of the literals. */
static void check_lead(const struct pattern *p, const struct regex *re, struct str text,
		       struct regex_scratch *s)
{
	const struct factor *f = p->factors;

	if (p->n_factors == 0 || f->n_literals == 0 || p->lead == SIZE_MAX)
		return;
	for (size_t i = 0; i < text.len; i++)
		for (size_t k = 0; k < f->n_literals; k++)
			if (literal_at(&f->literals[k], text, i) &&
			    regex_search_between(re, text, i > p->lead ? i - p->lead : 0, i, s))
				return;
	CHECK(false);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_(regex_free) struct regex *re = NULL;
	_cleanup_(regex_scratch_free) struct regex_scratch *s = NULL;
	_cleanup_(arena) struct arena arena = ARENA_INIT;
	const uint8_t *end = size > 0 ? memchr(data + 1, '\0', size - 1) : NULL;
	unsigned int flags = size > 0 ? data[0] & REGEX_SIGMA : 0;
	struct str pattern, text;
	struct pattern p;
	enum truth want;

	if (!end)
		return 0;
	pattern = (struct str){ (const char *)data + 1, (size_t)(end - data) - 1 };
	text = (struct str){ (const char *)end + 1, size - pattern.len - 2 };
	re = compiled(pattern, flags);
	if (!re || regex_scratch_new(&s) < 0 || pattern_read(pattern, flags, &arena, &p) < 0)
		return 0;

	want = regex_search(re, text, false, s);
	if (want == TRUTH_UNDECIDED)
		return 0;
	if (p.n_sequences > 0)
		check_exact(&p, re, text, want, s);
	if (want == TRUTH_YES) {
		check_match(&p, text);
		check_lead(&p, re, text, s);
	}
	return 0;
}
