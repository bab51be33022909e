/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An alert: that a rule held, or something that execwatch has to say of itself. It lives on the engine's
 * stack for one call; whoever keeps it writes it out (alert_write).
 */
#ifndef ENGINE_ALERT_H
#define ENGINE_ALERT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/str.h"
#include "event/event.h"
#include "parser/rule.h"

enum alert_kind { ALERT_MATCH, ALERT_THRESHOLD, ALERT_SUMMARY, ALERT_SELF };

/* One fact of an alert about execwatch itself. */
struct detail {
	const char *name;
	struct str text;	/* known: a text; else the number */
	int64_t number;
};

struct alert {
	char id[37];			/* UUIDv7 (RFC 9562), fixed when raised */
	enum alert_kind kind;
	int64_t time_ns;		/* of the exec, or of the finding; of a summary, when it was due */
	struct str host;
	uint64_t seq;			/* counts this host's alerts from 1, without gaps */
	char fingerprint[17];		/* 64 bits in hex, of rule, host and key */
	/* The rule; of ALERT_SELF only id, title, severity and route are set. */
	const struct rule *rule;
	struct str ruleset;		/* sha256 in hex */
	struct str backend;
	struct str summary;		/* one line, control bytes escaped */
	/* Of a threshold or summary the last one, of a summary as far as it was kept (keep.h). NULL: none
	 * (ALERT_SELF). */
	const struct event *event;
	bool undecided;
	/* ALERT_THRESHOLD: the matches, or different values, in the window when there were enough.
	 * ALERT_SUMMARY: the alerts that it stands for, none of which was raised. */
	uint64_t count;
	int64_t window_ns;		/* ... the rule's `within`; how long they were held back */
	const struct pair *key;		/* ... the fields under `by`, as texts; an unknown value: not known */
	size_t n_key;
	uint64_t suppressed;		/* ALERT_SUMMARY: as count */
	struct str first_id;		/* ... of the alert that was raised before them; unknown: none */
	const struct detail *detail;	/* of ALERT_SELF */
	size_t n_detail;
};

extern const char *const alert_kind_names[];	/* by enum alert_kind */

/* The alert as one JSON object, without a newline. */
void alert_write(const struct alert *a, struct buf *b);

/* Receives an alert, which is valid during the call only. Must not block and must not allocate. */
typedef void (*alert_fn)(void *ctx, const struct alert *a);

#endif
