/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The requirements are those of the kernel: CAP_BPF and CAP_PERFMON since 5.8 (capabilities(7)), before and
 * beside them CAP_SYS_ADMIN; types for relocation in /sys/kernel/btf; no lockdown=confidentiality, which
 * takes the helpers that read memory away (kernel_lockdown(7)). perf_event_paranoid 3 is Debian's, and
 * wants CAP_SYS_ADMIN for every perf event, which probes are.
 */
#include "bpf/support.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"

static bool has_capability(unsigned int capability)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = { 0 };

	if (syscall(SYS_capget, &header, data) < 0)
		return false;
	return data[CAP_TO_INDEX(capability)].effective & CAP_TO_MASK(capability);
}

/* A small file of /proc or /sys; "" where there is none. */
static void read_text(const char *path, char *ret, size_t size)
{
	_cleanup_(close) int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, ret, size - 1);

	ret[n < 0 ? 0 : n] = '\0';
}

bool support_has_cgroup_v1(void)
{
	_cleanup_(fclose) FILE *f = fopen("/proc/self/cgroup", "re");
	char line[256];

	/* A line for each tree, "0:" for that of the second version (cgroups(7)). */
	while (f && fgets(line, sizeof(line), f))
		if (line[0] >= '1' && line[0] <= '9')
			return true;
	return false;
}

int support_bpf(struct buf *why)
{
	char lockdown[128];

	if (!has_capability(CAP_SYS_ADMIN) && !(has_capability(CAP_BPF) && has_capability(CAP_PERFMON))) {
		buf_text(why, "no privilege to load BPF programs; start it as root, "
			      "or with CAP_BPF and CAP_PERFMON");
		return -EPERM;
	}
	/* No command is made of nothing; that is found out where there is the call. */
	if (syscall(SYS_bpf, 0, NULL, 0) < 0 && errno == ENOSYS) {
		buf_text(why, "the kernel has no bpf(2); use one built with CONFIG_BPF_SYSCALL");
		return -EOPNOTSUPP;
	}
	if (access("/sys/kernel/btf/vmlinux", R_OK) < 0) {
		buf_text(why, "the kernel does not describe its types in /sys/kernel/btf/vmlinux; "
			      "use one built with CONFIG_DEBUG_INFO_BTF, and mount /sys");
		return -EOPNOTSUPP;
	}
	read_text("/sys/kernel/security/lockdown", lockdown, sizeof(lockdown));
	if (strstr(lockdown, "[confidentiality]")) {
		buf_text(why, "the kernel is locked down (lockdown=confidentiality), so that no BPF program "
			      "may read memory; boot it with lockdown=integrity or none");
		return -EPERM;
	}
	return 0;
}

int support_perf_events(struct buf *why)
{
	char paranoid[16];
	int level;

	read_text("/proc/sys/kernel/perf_event_paranoid", paranoid, sizeof(paranoid));
	level = atoi(paranoid);
	if (level < 3 || has_capability(CAP_SYS_ADMIN))
		return 0;
	buf_printf(why, "kernel.perf_event_paranoid is %d, which keeps probes and tracepoints for "
			"CAP_SYS_ADMIN; start it as root, or set it to 2", level);
	return -EPERM;
}

int support_kprobes(struct buf *why)
{
	if (access("/sys/bus/event_source/devices/kprobe/type", F_OK) < 0) {
		buf_text(why, "the kernel has no kprobes (CONFIG_KPROBE_EVENTS)");
		return -EOPNOTSUPP;
	}
	return support_perf_events(why);
}
