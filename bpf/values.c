/* SPDX-License-Identifier: Apache-2.0 */
/* Single values; see values.h. */
#include "bpf/values.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"

/* As in field 22 of /proc/PID/stat: ticks of 1/100 s (USER_HZ) since boot. */
#define NS_PER_TICK 10000000u

struct str value_text(const char *p, size_t size)
{
	return (struct str){ p, strnlen(p, size) };
}

struct str value_path(struct str names, char *memory)
{
	char *to = memory;

	while (names.len > 0) {
		const char *before = memrchr(names.p, '\0', names.len - 1);
		const char *name = before ? before + 1 : names.p;
		size_t len = (size_t)(names.p + names.len - 1 - name);

		*to++ = '/';
		memcpy(to, name, len);
		to += len;
		names.len = (size_t)(name - names.p);
	}
	if (to == memory)
		*to++ = '/';
	return (struct str){ memory, (size_t)(to - memory) };
}

/* By hand, since there is an id for each ancestor of each exec, and printf takes ten times as long. */
static char *put_text(char *to, const char *text)
{
	size_t n = strlen(text);

	memcpy(to, text, n);
	return to + n;
}

static char *put_number(char *to, uint64_t number)
{
	char digits[20], *p = digits + sizeof(digits);

	do
		*--p = (char)('0' + number % 10);
	while (number /= 10);
	*to++ = '-';
	memcpy(to, p, (size_t)(digits + sizeof(digits) - p));
	return to + (digits + sizeof(digits) - p);
}

struct str value_id(const char *boot, uint32_t pid, uint64_t start_ns, char *memory)
{
	char *end = put_number(put_text(memory, boot), pid);

	end = put_number(end, start_ns / NS_PER_TICK);
	return (struct str){ memory, (size_t)(end - memory) };
}

/* The kernel's "pts0" is /dev/pts/0; the other terminals are named as their files. */
struct str value_tty(const char *name, char *memory)
{
	struct str s = value_text(name, WIRE_TTY);
	int n;

	if (s.len == 0)
		return (struct str){ 0 };
	if (s.len > 3 && str_has_prefix(s, STR_LIT("pts")) && s.p[3] >= '0' && s.p[3] <= '9')
		n = snprintf(memory, VALUES_TTY_ROOM, "pts/%.*s", (int)s.len - 3, s.p + 3);
	else
		n = snprintf(memory, VALUES_TTY_ROOM, "%.*s", (int)s.len, s.p);
	return (struct str){ memory, (size_t)n };
}

static const char *tty_or_other(uint32_t rdev)
{
	/* Documentation/admin-guide/devices.txt: consoles, serial ports, pseudo terminals (made by 5:2). */
	static const uint32_t majors[] = { 4, 5, 136, 137, 138, 139, 140, 141, 142, 143, 166, 188, 204, 229 };

	for (size_t i = 0; i < ARRAY_SIZE(majors); i++)
		if (rdev >> 20 == majors[i] && rdev != (5 << 20 | 2))
			return "tty";
	return "other";
}

struct str value_fd(const struct wire_fd *fd)
{
	if (fd->mode == WIRE_UNKNOWN)
		return (struct str){ 0 };
	if (fd->mode == 0)
		return STR_LIT("closed");
	if (S_ISFIFO(fd->mode))
		return STR_LIT("pipe");
	if (S_ISSOCK(fd->mode))
		return STR_LIT("socket");
	if (S_ISREG(fd->mode))
		return STR_LIT("file");
	if (!S_ISCHR(fd->mode))
		return STR_LIT("other");
	return fd->rdev == (1 << 20 | 3) ? STR_LIT("null") : str_of(tty_or_other(fd->rdev));
}
