/* SPDX-License-Identifier: Apache-2.0 */
/* An alert whose event is too large for a queue, made smaller. */
#ifndef ALERTS_REDUCE_H
#define ALERTS_REDUCE_H

#include "engine/alert.h"
#include "event/event.h"

/* Bytes that are kept of each argument vector. */
#define REDUCED_ARGV_BYTES 65536

struct reduced {
	struct alert alert;		/* borrows from the alert that it was made of */
	struct event event;
	struct str cut_word[3];
};

/* False: there is nothing in it that could be cut. */
bool alert_reduce(const struct alert *a, struct reduced *ret);

#endif
