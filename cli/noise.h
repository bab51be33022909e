/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the alerts of a rule have in common: the values of some fields that come most often among them. The
 * memory is the same for ten rules and for ten thousand.
 */
#ifndef CLI_NOISE_H
#define CLI_NOISE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "event/event.h"

struct noise;

/* So many of the alerts of a rule, and at least so many, have this value. */
struct noise_value {
	const char *field;
	struct str value;
	uint64_t count;
};

/* 0 or -ENOMEM. */
int noise_new(struct noise **ret);
struct noise *noise_free(struct noise *n);

/* An alert of the rule number @rule. 0 or -ENOMEM. */
int noise_add(struct noise *n, size_t rule, const struct event *ev);

/* The value of each field that most alerts of the rule have, most first: at most @max, returns how many.
 * Borrowed until the next noise_add(). */
size_t noise_top(const struct noise *n, size_t rule, struct noise_value *ret, size_t max);

DEFINE_CLEANUP(struct noise *, noise_free)

#endif
