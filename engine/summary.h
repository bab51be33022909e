/* SPDX-License-Identifier: Apache-2.0 */
/* The one line that an alert says, out of its rule's template. */
#ifndef ENGINE_SUMMARY_H
#define ENGINE_SUMMARY_H

#include "engine/alert.h"

/* Longest summary, in bytes. */
#define SUMMARY_SIZE 16384

/* The memory of one summary, which is valid until the next one. */
struct summary {
	char text[SUMMARY_SIZE];
};

/* Of an alert that is complete but for it, with an event. */
struct str summary_render(struct summary *s, const struct alert *a);
/* @text as it is, with control bytes escaped. */
struct str summary_plain(struct summary *s, struct str text);

#endif
