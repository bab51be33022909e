/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What was found in texts that came before: the same parent, the same image, the same command line come
 * again and again. What is kept has a fixed room; newer texts take the place of older ones.
 */
#ifndef ENGINE_TEXT_CACHE_H
#define ENGINE_TEXT_CACHE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/cleanup.h"
#include "base/str.h"
#include "engine/needle.h"

struct text_cache;

/* 0 or -ENOMEM. */
int text_cache_new(struct text_cache **ret);
struct text_cache *text_cache_free(struct text_cache *c);

/* Can a text of that length be kept, and is it worth it? */
bool text_cache_takes(size_t len);
/* Adds what @text was found to hold when it was kept; false: it is not there. */
bool text_cache_recall(struct text_cache *c, unsigned int haystack, struct str text, struct hits *hits);
/* Keeps @text, which was asked for just before, with what @hits has found from number @from on. */
void text_cache_keep(struct text_cache *c, unsigned int haystack, struct str text, const struct hits *hits,
		     size_t from);

DEFINE_CLEANUP(struct text_cache *, text_cache_free)

#endif
