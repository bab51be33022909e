/* SPDX-License-Identifier: Apache-2.0 */
/* Words of an argv; see words.h. */
#include "bpf/words.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int wording_init(struct wording *w, size_t max_bytes)
{
	/* Each word has at least its NUL, or is the last. Zeroed memory is address space and no more. */
	*w = (struct wording){ calloc(max_bytes, 1), calloc(max_bytes, sizeof(*w->word)), max_bytes };
	if (w->bytes && w->word)
		return 0;
	wording_done(w);
	return -ENOMEM;
}

void wording_done(struct wording *w)
{
	free(w->bytes);
	free(w->word);
	*w = (struct wording){ 0 };
}

struct words wording_of(struct wording *w, struct str bytes)
{
	size_t n = 0, len = bytes.len < w->max_bytes ? bytes.len : w->max_bytes;
	char *p = w->bytes, *end = w->bytes + len;

	memcpy(w->bytes, bytes.p, len);
	while (p < end) {
		char *nul = memchr(p, '\0', (size_t)(end - p));

		w->word[n++] = (struct str){ p, (size_t)((nul ? nul : end) - p) };
		if (!nul)
			break;
		*nul = ' ';
		p = nul + 1;
	}
	/* The last NUL stands between no two words. */
	if (p == end && len > 0)
		len--;
	return (struct words){ w->word, n, { w->bytes, len }, true };
}
