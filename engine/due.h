/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Silences by the time at which they end, equal times by the order in which they began: a leftist heap
 * (Crane, 1972) within the cells themselves, so that it needs no memory. Each operation takes O(log n).
 */
#ifndef ENGINE_DUE_H
#define ENGINE_DUE_H

#include <stdint.h>

#include "engine/cells.h"

/* @root: the silence that ends first; 0: there is none. */
void due_insert(struct cells *c, uint32_t *root, uint32_t id);
void due_remove(struct cells *c, uint32_t *root, uint32_t id);

#endif
