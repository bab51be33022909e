/* SPDX-License-Identifier: Apache-2.0 */
/* The variables of an environment, each once. */
#ifndef BPF_ENVIRON_H
#define BPF_ENVIRON_H

#include <stddef.h>

#include "event/event.h"

/* Of "NAME=VALUE", each with its NUL; what has no `=` is no variable. The names and values are borrowed from
 * @part, the pairs are in @memory, which has room for @max. */
struct pairs environ_of(struct str part, struct pair *memory, size_t max);

#endif
