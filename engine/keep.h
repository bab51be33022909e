/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An event that outlives its call, as the text of a record of bounded size. What is too large is cut in
 * steps: the words first (argv_state says so), then all that callers choose the length of.
 */
#ifndef ENGINE_KEEP_H
#define ENGINE_KEEP_H

#include "base/arena.h"
#include "base/buf.h"
#include "event/event.h"

/* Bytes of one kept event. */
#define KEPT_SIZE 4096
/* What an arena must have had room for, so that reading one allocates nothing. */
#define KEPT_ARENA_SIZE ((size_t)256 << 10)

/* Into a fixed buffer of KEPT_SIZE; left empty where even the least does not fit. */
void event_keep(const struct event *ev, struct buf *b);
/* Back; all unknown where @text is. The event is @a's, which is reset. */
void event_kept(struct str text, struct arena *a, struct event *ret);

#endif
