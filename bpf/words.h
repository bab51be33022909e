/* SPDX-License-Identifier: Apache-2.0 */
/* Memory for the words of an argv, taken at the start: address space that is filled only as far as needed. */
#ifndef BPF_WORDS_H
#define BPF_WORDS_H

#include <stddef.h>

#include "event/event.h"

struct wording {
	char *bytes;
	struct str *word;
	size_t max_bytes;
};

/* 0, -ENOMEM. */
int wording_init(struct wording *w, size_t max_bytes);
void wording_done(struct wording *w);

/*
 * Words that end with a NUL each, as an event has them; where the last lacks it, it was cut. Valid until
 * the memory is used again. Bytes beyond the memory's are left out.
 */
struct words wording_of(struct wording *w, struct str bytes);

#endif
