/* SPDX-License-Identifier: Apache-2.0 */
/* Arrays that grow by doubling; see grow.h. */
#include "base/grow.h"

#include <errno.h>
#include <stdlib.h>

int grow_array(void *array, size_t n, size_t *cap, size_t element_size)
{
	void **p = array, *grown;
	size_t wanted = *cap ? *cap * 2 : 16;

	if (n < *cap)
		return 0;
	grown = reallocarray(*p, wanted, element_size);
	if (!grown)
		return -ENOMEM;
	*p = grown;
	*cap = wanted;
	return 0;
}
