/* SPDX-License-Identifier: Apache-2.0 */
/* An alert's facts as text in one line, for people and for grep: pid=42 user=alice argv="sh -c id". */
#ifndef ALERTS_FACTS_H
#define ALERTS_FACTS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/str.h"
#include "engine/alert.h"

/*
 * @s with control bytes escaped, at most @max bytes of it; "…(+N bytes)" follows where N bytes of @s were
 * left out. Never cuts inside a UTF-8 character or an escape. @quoted: for between double quotes, so `"` and
 * `\` are escaped too.
 */
void text_cut(struct str s, size_t max, bool quoted, struct buf *b);

/* " name=value", nothing for an unknown value; in double quotes unless it is plain and whole. At most about
 * @max bytes of the value. */
void fact_str(const char *name, struct str value, size_t max, struct buf *b);

/* The facts that answer "who and how did it end": pid, user, parent, unit, container, errno, duration; of an
 * alert about execwatch itself its details. Each with a space in front. */
void facts_short(const struct alert *a, struct buf *b);
/* What a line of text can hold in about @max bytes; the whole of an alert is its JSON. argv is last and gets
 * what the others leave. */
void facts_all(const struct alert *a, size_t max, struct buf *b);

#endif
