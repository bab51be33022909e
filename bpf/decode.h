/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Wire records (wire.h) to events. Knows nothing of BPF, and trusts no length and no index of a record.
 */
#ifndef BPF_DECODE_H
#define BPF_DECODE_H

#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "bpf/users.h"
#include "bpf/wire.h"
#include "event/event.h"

struct decoder;

/* All of it is borrowed until decoder_free(). */
struct decode_options {
	struct str host, boot;
	struct pairs labels;
	int64_t epoch_offset_ns;	/* makes a time since the epoch of a CLOCK_MONOTONIC one */
	uint32_t host_mnt_ns;		/* inode number of the host's mount namespace; 0: not known */
	const struct users *users;	/* NULL: no names */
	size_t slots;			/* that records may name */
	size_t max_argv;		/* bytes of argv beyond which it is cut */
	uint64_t seed;			/* that nobody on the machine can guess */
};

/* Allocates all memory that events will need. 0, -ENOMEM. */
int decoder_new(const struct decode_options *options, struct decoder **ret);
struct decoder *decoder_free(struct decoder *d);

/* The clock was set, or the machine slept, during which CLOCK_MONOTONIC stands still. */
void decoder_set_epoch(struct decoder *d, int64_t epoch_offset_ns);

/* What a process that was there before has for an image. An unknown @argv is one. */
void decoder_seed(struct decoder *d, const struct wire_image *image, struct str exe, struct str argv);

/* Records were lost, and with them what some image is now: none is known any more. */
void decoder_forget_images(struct decoder *d);

/* How often what a call had handed over was displaced by others before its record came. */
uint64_t decoder_lost_given(const struct decoder *d);

/* How often the image of a caller, a parent or an ancestor was known. */
void decoder_image_counts(const struct decoder *d, uint64_t *ret_hits, uint64_t *ret_misses);

/*
 * Decodes the @size bytes of one record, which needs no alignment. 1: an event, which borrows from @d and
 * from @record until either is used again. 0: a part of one to come. -EBADMSG: it contradicts itself, or
 * what came before it.
 */
int decode(struct decoder *d, const void *record, size_t size, struct event *ret);

DEFINE_CLEANUP(struct decoder *, decoder_free)

#endif
