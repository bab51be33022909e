/* SPDX-License-Identifier: Apache-2.0 */
/* Arrays that grow by doubling. */
#ifndef BASE_GROW_H
#define BASE_GROW_H

#include <stddef.h>

/* Makes room for one more element in *(T **)@array, which has @n of *@cap and was NULL at first. What was
 * there stays, also where there is no memory. 0 or -ENOMEM. */
int grow_array(void *array, size_t n, size_t *cap, size_t element_size);

#endif
