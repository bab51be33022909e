/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which program an image is: path and words by struct wire_image, as execs told them. A process has the
 * image of its last exec, or of the one that the process it was forked from had; since a fork shares the
 * open file that an image is known by, one look-up answers for it, its parent and all that they descend
 * from.
 */
#ifndef BPF_IMAGES_H
#define BPF_IMAGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "base/str.h"
#include "bpf/wire.h"

/* Longer words are not kept: unknown, never cut. */
#define IMAGES_MAX_ARGV ((size_t)16 << 10)

struct images;

struct image {
	struct str exe;
	struct str argv;		/* each word with its NUL; unknown where not all of it was read */
};

/* Who makes images must not know @seed. 0, -ENOMEM. */
int images_new(uint64_t seed, struct images **ret);
struct images *images_free(struct images *im);

/* What an exec made. An unknown @argv is one. */
void images_put(struct images *im, const struct wire_image *key, struct str exe, struct str argv);

/* What is known of it besides the words; changes nothing where there is an entry. */
void images_learn(struct images *im, const struct wire_image *key, struct str exe);

/* False: not known. Borrowed until the next call of any function here. */
bool images_get(struct images *im, const struct wire_image *key, struct image *ret);

/* Everything. */
void images_forget(struct images *im);

/* How many of the images that were asked for were known. */
void images_counts(const struct images *im, uint64_t *ret_hits, uint64_t *ret_misses);

DEFINE_CLEANUP(struct images *, images_free)

#endif
