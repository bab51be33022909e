/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Texts of Sigma rules as tokens: which bytes are meant, and where wildcards stand. A backslash takes the
 * meaning from `*`, `?` and itself; in front of anything else it is a backslash.
 */
#include <errno.h>
#include <string.h>

#include "parser/codes.h"
#include "parser/sigma.h"

/* Of a rule, whatever its modifiers make of its values. */
#define MAX_TOKENS ((size_t)16 << 20)

int sigma_tokens_new(struct sigma *g, size_t n, uint16_t **ret)
{
	g->n_tokens += n;
	g->too_big |= g->n_tokens > MAX_TOKENS;
	if (g->too_big)
		return diag_error(g->s->checker->ds, &code_too_big, g->value->at,
				  "the texts of the rule are larger than 16 MiB with this one");
	*ret = arena_array(g->s->scratch, n, sizeof(**ret));
	return *ret ? 0 : -ENOMEM;
}

int sigma_tokenise(struct sigma *g, struct str text, struct tokens *ret)
{
	size_t n = 0;
	uint16_t *t;
	int err = sigma_tokens_new(g, text.len, &t);

	if (err < 0)
		return err;
	for (size_t i = 0; i < text.len; i++) {
		char c = text.p[i];

		if (c == '\\' && i + 1 < text.len && memchr("*?\\", text.p[i + 1], 3))
			t[n++] = (unsigned char)text.p[++i];
		else
			t[n++] = c == '*' ? TOKEN_ANY : c == '?' ? TOKEN_ONE : (unsigned char)c;
	}
	*ret = (struct tokens){ t, n };
	return 0;
}

bool sigma_is_plain(const struct tokens *t)
{
	for (size_t i = 0; i < t->n; i++)
		if (t->t[i] > UINT8_MAX)
			return false;
	return true;
}

struct str sigma_bytes(struct sigma *g, const struct tokens *t)
{
	char *p = arena_alloc(g->s->scratch, t->n + 1);

	for (size_t i = 0; p && i < t->n; i++)
		p[i] = (char)t->t[i];
	return (struct str){ p, p ? t->n : 0 };
}
