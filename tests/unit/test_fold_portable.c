/* SPDX-License-Identifier: Apache-2.0 */
/* The same where there are no vectors. */
#define FOLD_PORTABLE
#include "tests/unit/test_fold.c"

#ifdef FOLD_VECTORS
#error "this is to be the portable path"
#endif
