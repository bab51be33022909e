/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The images of the processes that were there before the capture: whose child execs is then known from the
 * first event on. This is the one place that reads other processes' files in /proc, once, at the start.
 */
#ifndef BPF_SEED_H
#define BPF_SEED_H

#include "base/str.h"
#include "bpf/wire.h"

/*
 * Hands each image to @found with its path and its words (unknown where they cannot be read), borrowed for
 * the call; with an unknown path to take back what was said of an image. The number of processes, or -errno
 * where the kernel does not list them: then they become known as events name them.
 */
int seed_images(void (*found)(void *ctx, const struct wire_image *image, struct str exe, struct str argv),
		void *ctx);

#endif
