// SPDX-License-Identifier: Apache-2.0
/*
 * Executes a command with exactly some capabilities, as a user:
 *
 *	withcaps CAP[,CAP…]|none UID COMMAND [WORD…]
 *
 * The others are gone for good, also for what root gets by an exec (capabilities(7)).
 */
#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

static const struct {
	const char *name;
	int number;
} names[] = {
	{ "none", -1 },
	{ "bpf", CAP_BPF },
	{ "perfmon", CAP_PERFMON },
	{ "sys_admin", CAP_SYS_ADMIN },
	{ "setuid", CAP_SETUID },
	{ "setgid", CAP_SETGID },
	{ "setpcap", CAP_SETPCAP },
	{ "dac_override", CAP_DAC_OVERRIDE },
	{ "dac_read_search", CAP_DAC_READ_SEARCH },
};

static void die(const char *what)
{
	perror(what);
	exit(EXIT_FAILURE);
}

static uint64_t read_set(char *list)
{
	uint64_t set = 0;

	for (char *name = strtok(list, ","); name; name = strtok(NULL, ",")) {
		size_t i = 0;

		while (i < sizeof(names) / sizeof(names[0]) && strcmp(names[i].name, name) != 0)
			i++;
		if (i == sizeof(names) / sizeof(names[0])) {
			errno = EINVAL;
			die(name);
		}
		if (names[i].number >= 0)
			set |= UINT64_C(1) << names[i].number;
	}
	return set;
}

static void set_caps(uint64_t set)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2];

	for (int i = 0; i < 2; i++)
		data[i].permitted = data[i].effective = data[i].inheritable = (uint32_t)(set >> (32 * i));
	if (syscall(SYS_capset, &header, data) < 0)
		die("capset");
}

int main(int argc, char **argv)
{
	if (argc < 4)
		return EXIT_FAILURE;

	uint64_t set = read_set(argv[1]);
	uid_t uid = (uid_t)atoi(argv[2]);

	for (int cap = 0; prctl(PR_CAPBSET_READ, cap, 0, 0, 0) >= 0; cap++)
		if (!(set >> cap & 1) && prctl(PR_CAPBSET_DROP, cap, 0, 0, 0) < 0)
			die("bounding set");
	if (prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) < 0 || setgroups(0, NULL) < 0 ||
	    setresgid(uid, uid, uid) < 0 || setresuid(uid, uid, uid) < 0)
		die("user");
	set_caps(set);
	for (int cap = 0; cap < 64; cap++)
		if (set >> cap & 1 && prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, cap, 0, 0) < 0)
			die("ambient set");
	execvp(argv[3], argv + 3);
	die(argv[3]);
}
