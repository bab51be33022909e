/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The record of an exec, taken apart. Lengths, NULs and what contradicts itself are checked here, so that
 * the parts can be read without fear.
 */
#ifndef BPF_PARTS_H
#define BPF_PARTS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"
#include "bpf/wire.h"

/* The texts are the record's. */
struct parts {
	struct wire_exec head;
	const char *comm, *caller_comm;
	struct str part[WIRE_PARTS];
	struct str argv;		/* from the record or from its chunks; unknown where it is */
};

/* @record needs no alignment. False: it is no such record. Leaves argv unknown. */
bool parts_take(const char *record, size_t size, struct parts *ret);

/* Does it end with its only NUL? So does nothing. */
bool parts_is_text(struct str s);

#endif
