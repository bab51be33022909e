/* SPDX-License-Identifier: Apache-2.0 */
/* What every match must hold. Only the files of pattern.h use this. */
#ifndef ENGINE_PATTERN_FACTORS_H
#define ENGINE_PATTERN_FACTORS_H

#include "base/arena.h"
#include "engine/pattern.h"
#include "engine/pattern_tree.h"

/* Fills in the factors of @ret, which come into @a, and its lead. 0 or -ENOMEM. */
int factors_of_tree(const struct part *root, struct arena *scratch, struct arena *a, struct pattern *ret);

#endif
