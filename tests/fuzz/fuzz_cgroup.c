/* SPDX-License-Identifier: Apache-2.0 */
/* A cgroup's path of any bytes: what is found in it is part of a component, and never half of the facts. */
#include <stdlib.h>
#include <string.h>

#include "bpf/cgroup.h"
#include "tests/fuzz/fuzz.h"

static void check_part(struct str part, struct str path)
{
	if (!str_known(part))
		return;
	CHECK(part.len > 0 && part.p >= path.p && part.p + part.len <= path.p + path.len);
	CHECK(!memchr(part.p, '/', part.len));
}

static void check_same(const struct cgroup_names *a, struct cgroup_names b)
{
	CHECK(str_eq(a->unit, b.unit) && str_eq(a->container_id, b.container_id) &&
	      str_eq(a->container_runtime, b.container_runtime));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str path = { size ? (const char *)data : "", size };
	struct cgroup_names names = cgroup_names(path);
	char *more = malloc(size + 2);

	check_part(names.unit, path);
	check_part(names.container_id, path);
	CHECK(str_known(names.container_id) == str_known(names.container_runtime));
	CHECK(names.unit.len < 256);

	/* Slashes at either end say nothing. */
	CHECK(more);
	more[0] = more[size + 1] = '/';
	if (size)
		memcpy(more + 1, data, size);
	check_same(&names, cgroup_names((struct str){ more, size + 2 }));
	free(more);
	return 0;
}
