/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The files that the scenarios execute. Programs are written byte for byte, so that one can be made that no
 * linker would make, and so that starting one costs next to nothing.
 */
#include "tests/capture/files.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/cleanup.h"

#define ORDINARY 0x400000
/* What no process can have, as is found out when it is mapped and the old image is gone already. */
#if defined(__x86_64__)
#define BEYOND 0x7ffffffff000
#define MACHINE EM_X86_64
#define EXIT_CODE { 0xb8, 60, 0, 0, 0, 0x31, 0xff, 0x0f, 0x05 }
#elif defined(__aarch64__)
#define BEYOND (UINT64_C(1) << 52)
#define MACHINE EM_AARCH64
#define EXIT_CODE { 0xa8, 0x0b, 0x80, 0xd2, 0, 0, 0x80, 0xd2, 0x01, 0, 0, 0xd4 }
#endif

struct program {
	Elf64_Ehdr head;
	Elf64_Phdr segment[2];
	unsigned char code[16];		/* exit(0) */
	char interpreter[32];
};

static void make_program(uint64_t address, const char *interpreter, struct program *p)
{
	static const unsigned char code[] = EXIT_CODE;

	*p = (struct program){
		.head = {
			.e_ident = { ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64, ELFDATA2LSB,
				     EV_CURRENT },
			.e_type = ET_EXEC, .e_machine = MACHINE, .e_version = EV_CURRENT,
			.e_entry = address + offsetof(struct program, code),
			.e_phoff = offsetof(struct program, segment), .e_ehsize = sizeof(p->head),
			.e_phentsize = sizeof(p->segment[0]), .e_phnum = interpreter ? 2 : 1,
		},
		.segment = {
			{ .p_type = PT_LOAD, .p_flags = PF_R | PF_X, .p_vaddr = address,
			  .p_filesz = sizeof(*p), .p_memsz = sizeof(*p), .p_align = 4096 },
			{ .p_type = PT_INTERP, .p_flags = PF_R,
			  .p_offset = offsetof(struct program, interpreter) },
		},
	};
	memcpy(p->code, code, sizeof(code));
	if (interpreter) {
		strcpy(p->interpreter, interpreter);
		p->segment[1].p_filesz = strlen(interpreter) + 1;
	}
}

static int write_program(int fd, uint64_t address, const char *interpreter)
{
	struct program p;

	make_program(address, interpreter, &p);
	return write(fd, &p, sizeof(p)) == sizeof(p) ? 0 : -EIO;
}

int files_write_program(int fd)
{
	return write_program(fd, ORDINARY, NULL);
}

static const struct file {
	const char *name;
	mode_t mode;
	const char *text;		/* NULL: a program */
	uint64_t address;
	const char *interpreter;
} files[] = {
	{ "good", 0755, NULL, ORDINARY, NULL },
	{ "gone", 0755, NULL, ORDINARY, NULL },
	{ "busy", 0755, NULL, ORDINARY, NULL },
	{ "private", 0700, NULL, ORDINARY, NULL },
	{ "setuid", 04755, NULL, ORDINARY, NULL },
	{ "capable", 0755, NULL, ORDINARY, NULL },
	{ "beyond", 0755, NULL, BEYOND, NULL },
	{ "no-loader", 0755, NULL, ORDINARY, "/nonexistent/loader" },
	{ "bad-loader", 0755, NULL, ORDINARY, "./text" },
	{ "text", 0755, "text, and enough of it that it could be the head of a program of 64 bytes\n", 0,
	  NULL },
	{ "empty", 0755, "", 0, NULL },
	{ "denied", 0644, "text\n", 0, NULL },
	{ "script", 0755, "#!/bin/sh -e\nexit 0\n", 0, NULL },
	{ "inner", 0755, "#!./good  one two \n", 0, NULL },
	{ "outer", 0755, "#!./inner three\n", 0, NULL },
	{ "no-interpreter", 0755, "#!/nonexistent/sh\n", 0, NULL },
};

static int make_file(const struct file *f)
{
	_cleanup_(close) int fd = open(f->name, O_WRONLY | O_CREAT | O_CLOEXEC, 0700);
	int r;

	if (fd < 0)
		return -errno;
	if (f->text)
		r = write(fd, f->text, strlen(f->text)) < 0 ? -errno : 0;
	else
		r = write_program(fd, f->address, f->interpreter);
	if (r < 0)
		return r;
	return fchmod(fd, f->mode) < 0 ? -errno : 0;
}

/* Wants a capability that whoever starts it may be without: then it is not started at all. */
static int make_capable(const char *name)
{
	struct vfs_cap_data caps = {
		.magic_etc = VFS_CAP_REVISION_2 | VFS_CAP_FLAGS_EFFECTIVE,
		.data[0].permitted = CAP_TO_MASK(CAP_NET_RAW),
	};

	return setxattr(name, "security.capability", &caps, sizeof(caps), 0) < 0 ? -errno : 0;
}

static int copy_file(const char *from_name, const char *to_name)
{
	_cleanup_(close) int from = open(from_name, O_RDONLY | O_CLOEXEC);
	_cleanup_(close) int to = open(to_name, O_WRONLY | O_CREAT | O_CLOEXEC, 0755);
	char bytes[16384];
	ssize_t n = 0;

	while (from >= 0 && to >= 0 && (n = read(from, bytes, sizeof(bytes))) > 0)
		if (write(to, bytes, (size_t)n) != n)
			return -EIO;
	return from < 0 || to < 0 || n < 0 ? -errno : 0;
}

int files_make(const char *programs)
{
	char path[4096];
	int r = 0;

	for (size_t i = 0; r == 0 && i < ARRAY_SIZE(files); i++)
		r = make_file(&files[i]);
	if (r == 0)
		r = make_capable("capable");
	snprintf(path, sizeof(path), "%s/hop32", programs);
	if (r == 0)
		r = copy_file(path, "hop32");
	if (r == 0 && (symlink("good", "link") < 0 || symlink("loop", "loop") < 0 ||
		       mkdir("mount", 0755) < 0))
		r = -errno;
	return r;
}

void files_remove(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(files); i++)
		unlink(files[i].name);
	unlink("hop32");
	unlink("link");
	unlink("loop");
	rmdir("mount");
}

/* Where the hierarchy of version 2 is mounted, and the group below it. */
static int cgroup_path(const char *name, const char *file, char *ret, size_t size)
{
	_cleanup_(fclose) FILE *mounts = fopen("/proc/self/mounts", "re");
	char line[4096], place[2048], type[32];

	while (mounts && fgets(line, sizeof(line), mounts)) {
		if (sscanf(line, "%*s %2047s %31s", place, type) != 2 || strcmp(type, "cgroup2") != 0)
			continue;
		snprintf(ret, size, "%s/%s%s", place, name, file);
		return 0;
	}
	return -ENOENT;
}

int files_make_cgroup(const char *name)
{
	char path[4096];
	int r = cgroup_path(name, "", path, sizeof(path));

	if (r < 0)
		return r;
	return mkdir(path, 0755) < 0 && errno != EEXIST ? -errno : 0;
}

void files_remove_cgroup(const char *name)
{
	char path[4096];

	if (cgroup_path(name, "", path, sizeof(path)) == 0)
		rmdir(path);
}

int files_join_cgroup(const char *name)
{
	char path[4096];
	int r = cgroup_path(name, "/cgroup.procs", path, sizeof(path));
	_cleanup_(close) int fd = r < 0 ? -1 : open(path, O_WRONLY | O_CLOEXEC);

	return fd < 0 || write(fd, "0", 1) != 1 ? -errno : 0;
}
