/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The functions that fields.def names for fields that no record stores; see field.derive in field.h. Not for
 * other rooms.
 */
#ifndef EVENT_DERIVE_H
#define EVENT_DERIVE_H

#include "event/field.h"

/* Candidates of derive_ancestors_name() for each ancestor: its comm, the file name of its exe. */
#define NAMES_PER_ANCESTOR 2

/* The values of `result`: of a success, of a failure; NULL at the end. */
extern const char *const result_values[];

bool derive_arg(const struct event *ev, size_t n, struct value *ret, bool *ret_end);
bool derive_parent_arg(const struct event *ev, size_t n, struct value *ret, bool *ret_end);
bool derive_result(const struct event *ev, size_t n, struct value *ret, bool *ret_end);
bool derive_name(const struct event *ev, size_t n, struct value *ret, bool *ret_end);
bool derive_parent_name(const struct event *ev, size_t n, struct value *ret, bool *ret_end);
bool derive_ancestors_name(const struct event *ev, size_t n, struct value *ret, bool *ret_end);
bool derive_minute(const struct event *ev, size_t n, struct value *ret, bool *ret_end);
bool derive_hour(const struct event *ev, size_t n, struct value *ret, bool *ret_end);
bool derive_day(const struct event *ev, size_t n, struct value *ret, bool *ret_end);
bool derive_week(const struct event *ev, size_t n, struct value *ret, bool *ret_end);
bool derive_month(const struct event *ev, size_t n, struct value *ret, bool *ret_end);
bool derive_year(const struct event *ev, size_t n, struct value *ret, bool *ret_end);

#endif
