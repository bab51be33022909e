/* SPDX-License-Identifier: Apache-2.0 */
/* By length alone. */
#include "engine/frequency.h"

float frequency_in_line(struct str text)
{
	float share = 100;

	for (size_t i = 0; i < text.len; i++)
		share *= 0.04f;
	if (share > 1)
		return 1;
	return share < 1e-9f ? 1e-9f : share;
}

float frequency_of_name(struct str name)
{
	return name.len < 4 ? 0.02f : 0.001f;
}
