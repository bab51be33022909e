/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Restricted Damerau-Levenshtein distance (optimal string alignment): insertions, deletions, substitutions,
 * and swaps of two neighbours, which is what people mistype. Three rows of the usual table are enough.
 */
#include "base/nearest.h"

/* The longest word looked at: longer ones are no names, and a bound keeps the rows on the stack. */
#define MAX_WORD 64

static unsigned int least(unsigned int a, unsigned int b)
{
	return a < b ? a : b;
}

/* Both at most MAX_WORD bytes. */
static unsigned int distance(struct str a, struct str b)
{
	unsigned int rows[3][MAX_WORD + 1], *before = rows[0], *above = rows[1], *row = rows[2];

	for (unsigned int j = 0; j <= b.len; j++)
		above[j] = j;
	for (size_t i = 1; i <= a.len; i++) {
		unsigned int *oldest = before;
		char ca = ascii_lower(a.p[i - 1]);

		row[0] = (unsigned int)i;
		for (size_t j = 1; j <= b.len; j++) {
			char cb = ascii_lower(b.p[j - 1]);

			row[j] = least(above[j], row[j - 1]) + 1;
			row[j] = least(row[j], above[j - 1] + (ca != cb));
			if (i > 1 && j > 1 && ca == ascii_lower(b.p[j - 2]) && cb == ascii_lower(a.p[i - 2]))
				row[j] = least(row[j], before[j - 2] + 1);
		}
		before = above;
		above = row;
		row = oldest;
	}
	return above[b.len];
}

void nearest_try(struct nearest *n, struct str candidate)
{
	size_t len = n->word.len, apart;
	unsigned int limit, d;

	if (!str_known(n->word) || !str_known(candidate) || len > MAX_WORD || candidate.len > MAX_WORD)
		return;
	limit = len < 6 ? 1 : (unsigned int)(len / 3);
	apart = len > candidate.len ? len - candidate.len : candidate.len - len;
	if (apart > limit)
		return;
	d = distance(n->word, candidate);
	/* As many changes as letters would propose a word that shares nothing. */
	if (d > limit || (d > 0 && d >= len) || (str_known(n->best) && d >= n->distance))
		return;
	n->best = candidate;
	n->distance = d;
}
