/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a cgroup's path says: the systemd unit, and the container. A path is a claim and no more: whoever
 * owns a cgroup names those below it, so that a container or a user's session can pass for another
 * container, though not for another unit of the system. Only forms that container engines make are known
 * here; what looks merely similar has no name.
 */
#ifndef BPF_CGROUP_H
#define BPF_CGROUP_H

#include "base/str.h"

/* Unknown where there is none. All but the runtime, which is a literal, is borrowed from the path. */
struct cgroup_names {
	/* The system's unit, also for what a user's manager started below its own. */
	struct str unit;
	/* Of the innermost container: the engine's id where it gives one, otherwise the container's name, in
	 * which systemd writes "-" as "\x2d". */
	struct str container_id;
	/* docker, containerd, cri-o, podman, lxc, libvirt-lxc, systemd-nspawn; kubernetes and ecs where the
	 * path tells only who ordered the container, not who made it. */
	struct str container_runtime;
};

/* Of a path as /proc/PID/cgroup shows it, of either version of cgroups. Any bytes will do. */
struct cgroup_names cgroup_names(struct str path);

#endif
