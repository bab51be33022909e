/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Words that come in chunks: each slot's are gathered in the order in which they come, until the record
 * that they belong to takes them, or the word that they are what a call handed over; those are kept, by
 * call, until its record comes. All memory is taken at the start, as address space that is filled only as
 * far as needed.
 */
#ifndef BPF_PIECES_H
#define BPF_PIECES_H

#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "base/str.h"
#include "bpf/wire.h"

struct pieces;

/* @max_bytes: of one call's words; beyond them is -EBADMSG. Who makes calls must not know @seed. 0,
 * -ENOMEM. */
int pieces_new(size_t slots, size_t max_bytes, uint64_t seed, struct pieces **ret);
struct pieces *pieces_free(struct pieces *p);

/* One chunk with its head, whose size is that of @record. 0; -EBADMSG: it is not the next one. */
int pieces_add(struct pieces *p, const char *record, size_t size);

/* The slot's chunks are what a call handed over. 0; -EBADMSG: they are not. */
int pieces_keep_given(struct pieces *p, const char *record, size_t size);

/* The @len bytes that the slot gathered for the call, until its next pieces_add(). Unknown: it did not. */
struct str pieces_words(const struct pieces *p, const struct wire_head *head, uint32_t len);

/* What the call handed over and the flags of that, until the next pieces_keep_given(). Unknown: nothing. */
struct str pieces_given(struct pieces *p, uint64_t call, uint32_t *ret_flags);

DEFINE_CLEANUP(struct pieces *, pieces_free)

#endif
