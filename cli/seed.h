/* SPDX-License-Identifier: Apache-2.0 */
/* A number that nobody on the machine can guess. */
#ifndef CLI_SEED_H
#define CLI_SEED_H

#include <stdint.h>

uint64_t random_seed(void);

#endif
